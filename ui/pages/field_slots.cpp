#include "ui/pages/field_slots.h"

#include "ui/format.h"
#include "ui/widgets/labels.h"

#include <QVBoxLayout>

namespace headgate {

void FieldSlots::addField(QVBoxLayout* column, const std::string& pointer, const QString& label, QWidget* field)
{
    column->addWidget(new TextLabel(label, TextRole::SmallStrong, TextTone::Secondary));
    column->addWidget(field);
    field->setAccessibleName(label);
    addMessage(column, pointer, field);
}

void FieldSlots::addMessage(QVBoxLayout* column, const std::string& pointer, QWidget* field)
{
    auto* message = new TextLabel({}, TextRole::Small, TextTone::Critical);
    message->setWordWrap(true);
    message->hide();
    column->addWidget(message);
    m_slots[pointer] = {field, message};
}

void FieldSlots::addSharing(const std::string& pointer, QWidget* field, const std::string& message)
{
    m_slots[pointer] = {field, m_slots.at(message).message};
}

void FieldSlots::drop(const std::string& prefix)
{
    std::erase_if(m_slots, [&](const auto& one) { return one.first.starts_with(prefix); });
}

const FieldSlots::Slot* FieldSlots::find(const std::string& pointer) const
{
    for (std::string at = pointer; at.starts_with('/'); at.resize(at.rfind('/'))) {
        if (const auto found = m_slots.find(at); found != m_slots.end())
            return &found->second;
    }
    return nullptr;
}

void FieldSlots::show(const std::vector<Error>& faults)
{
    std::map<const Slot*, QStringList> fields;
    std::map<TextLabel*, QStringList> messages;
    for (const Error& fault : faults) {
        const Slot* slot = find(fault.pointer);
        if (!slot)
            continue;
        const QString line = format::errorLine(fault);
        fields[slot] << line;
        messages[slot->message] << line;
    }
    for (const auto& [pointer, slot] : m_slots) {
        if (slot.field)
            setBad(slot.field, fields[&slot].join(QLatin1Char('\n')));
        const QString text = messages[slot.message].join(QLatin1Char('\n'));
        slot.message->setText(text);
        slot.message->setVisible(!text.isEmpty());
    }
}

void FieldSlots::focusFirst(const std::vector<Error>& faults) const
{
    for (const Error& fault : faults) {
        const Slot* slot = find(fault.pointer);
        if (slot && slot->field) {
            slot->field->setFocus();
            return;
        }
    }
}

}  // namespace headgate
