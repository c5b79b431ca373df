#include "ui/pages/plan_form.h"

#include "ui/format.h"
#include "ui/shell/theme.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/notice.h"

#include <QVBoxLayout>

namespace headgate {

PlanForm::PlanForm(QWidget* parent) : QWidget(parent)
{
    m_column = new QVBoxLayout(this);
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(4);
    m_general = new Notice;
    m_general->hide();
    m_column->addWidget(m_general);
}

void PlanForm::addSection(const QString& title)
{
    m_column->addSpacing(10);
    m_column->addWidget(new TextLabel(title, TextRole::Section));
}

void PlanForm::addField(const QString& label, QWidget* field, const std::string& pointer)
{
    if (!label.isEmpty())
        m_column->addWidget(new TextLabel(label, TextRole::Small, TextTone::Secondary));
    m_column->addWidget(field);
    addMessage(m_column, field, pointer);
    m_column->addSpacing(4);
}

void PlanForm::addMessage(QVBoxLayout* column, QWidget* field, const std::string& pointer)
{
    auto* message = new TextLabel({}, TextRole::Small, TextTone::Critical);
    message->setWordWrap(true);
    message->setObjectName(format::text("error" + pointer));
    message->hide();
    column->addWidget(message);
    m_slots[pointer] = {field, message};
}

void PlanForm::showErrors(const std::vector<Error>& errors)
{
    std::map<std::string, QStringList> texts;
    for (const Error& error : errors) {
        std::string pointer = error.pointer;
        while (!pointer.empty() && !m_slots.contains(pointer))
            pointer.erase(pointer.rfind('/') == std::string::npos ? 0 : pointer.rfind('/'));
        const QString remedy = format::text(error.remedy);
        texts[pointer] << (remedy.isEmpty() ? format::text(error.message)
                                            : format::text(error.message) + QLatin1Char(' ') + remedy);
    }
    for (const auto& [pointer, slot] : m_slots) {
        const QString text = texts[pointer].join(QLatin1Char('\n'));
        setBad(slot.field, text);
        slot.message->setText(text);
        slot.message->setVisible(!text.isEmpty());
    }
    m_general->setVisible(texts.contains({}));
    if (texts.contains({}))
        m_general->setContent(Status::Critical, tr("This cannot be applied"), texts[{}].join(QLatin1Char('\n')));
}

}  // namespace headgate
