#include "ui/widgets/filter_bar.h"

#include "ui/format.h"
#include "ui/shell/icon.h"
#include "ui/widgets/labels.h"

#include <QAction>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>

#include <algorithm>

namespace headgate {

namespace {

// Esc clears the text; Esc in an empty field is the page's.
class FilterField : public QLineEdit
{
protected:
    void keyPressEvent(QKeyEvent* event) override
    {
        if (event->key() == Qt::Key_Escape && !text().isEmpty()) {
            clear();
            return;
        }
        QLineEdit::keyPressEvent(event);
    }
};

}  // namespace

FilterBar::FilterBar(const QString& placeholder, const QString& accessibleName, QWidget* parent) : QWidget(parent)
{
    m_row = new QHBoxLayout(this);
    m_row->setContentsMargins(20, 0, 20, 12);
    m_row->setSpacing(8);
    m_field = new FilterField;
    m_field->setProperty("lead", true);
    m_field->setPlaceholderText(placeholder);
    m_field->setAccessibleName(accessibleName);
    m_field->setClearButtonEnabled(false);
    m_field->setMinimumWidth(scaled(140));
    m_field->setMaximumWidth(scaled(320));
    m_field->addAction(themedIcon("search"), QLineEdit::LeadingPosition);
    m_row->addWidget(m_field, 4);
    m_row->addStretch(1);
    m_count = new TextLabel({}, TextRole::Small, TextTone::Secondary);
    m_row->addWidget(m_count);
    connect(m_field, &QLineEdit::textChanged, this, &FilterBar::changed);
}

void FilterBar::addToggle(const QString& facet, const QString& label)
{
    QPushButton* button = makeButton(label, ButtonKind::Chip);
    m_row->insertWidget(m_row->count() - 2, button);
    m_toggles.push_back({facet, button});
    connect(button, &QPushButton::toggled, this, &FilterBar::changed);
}

void FilterBar::setToggleLabel(const QString& facet, const QString& label)
{
    for (const Toggle& toggle : m_toggles) {
        if (toggle.facet != facet)
            continue;
        toggle.button->setText(label);
        toggle.button->setAccessibleName(label);
    }
}

void FilterBar::addChoice(const QString& kind, const QString& anyLabel)
{
    QPushButton* button = makeButton(anyLabel, ButtonKind::Chip, "chevron-down");
    button->setLayoutDirection(Qt::RightToLeft);
    button->setCheckable(true);
    auto* menu = new QMenu(button);
    menu->setAccessibleName(anyLabel);
    connect(button, &QPushButton::clicked, this, [this, kind, button, menu] {
        if (Choice* choice = findChoice(kind))
            button->setChecked(!choice->value.isEmpty());
        menu->popup(button->mapToGlobal(QPoint(0, button->height() + 2)));
    });
    m_row->insertWidget(m_row->count() - 2, button);
    m_choices.push_back({kind, anyLabel, {}, button});
    setChoiceValues(kind, {});
}

FilterBar::Choice* FilterBar::findChoice(const QString& kind)
{
    const auto found =
        std::find_if(m_choices.begin(), m_choices.end(), [&](const Choice& choice) { return choice.kind == kind; });
    return found == m_choices.end() ? nullptr : &*found;
}

void FilterBar::setChoiceValues(const QString& kind, const QStringList& values)
{
    Choice* choice = findChoice(kind);
    if (choice == nullptr)
        return;
    auto* menu = choice->button->findChild<QMenu*>();
    QStringList present;
    for (const QAction* action : menu->actions())
        if (!action->data().toString().isEmpty())
            present << action->data().toString();
    if (present == values && !menu->actions().isEmpty())
        return;
    menu->clear();
    menu->addAction(choice->anyLabel, this, [this, kind] { choose(kind, {}); });
    for (const QString& value : values)
        menu->addAction(value, this, [this, kind, value] { choose(kind, value); })->setData(value);
}

void FilterBar::choose(const QString& kind, const QString& value)
{
    Choice* choice = findChoice(kind);
    if (choice == nullptr)
        return;
    choice->value = value;
    choice->button->setText(value.isEmpty() ? choice->anyLabel : value);
    choice->button->setAccessibleName(choice->button->text());
    choice->button->setChecked(!value.isEmpty());
    Q_EMIT changed();
}

void FilterBar::setCount(int shown, int total)
{
    m_count->setText(shown == total ? format::count(total) : format::ofCount(shown, total));
}

QString FilterBar::text() const
{
    return m_field->text();
}

QStringList FilterBar::facets() const
{
    QStringList all;
    for (const Toggle& toggle : m_toggles)
        if (toggle.button->isChecked())
            all << toggle.facet;
    for (const Choice& choice : m_choices)
        if (!choice.value.isEmpty())
            all << choice.kind + ':' + choice.value;
    return all;
}

void FilterBar::setText(const QString& text)
{
    m_field->setText(text);
}

void FilterBar::clearAll()
{
    {
        const QSignalBlocker blocker(this);
        m_field->clear();
        for (const Toggle& toggle : m_toggles)
            toggle.button->setChecked(false);
        for (const Choice& choice : std::vector<Choice>(m_choices))
            choose(choice.kind, {});
    }
    Q_EMIT changed();
}

void FilterBar::focusField()
{
    m_field->setFocus(Qt::ShortcutFocusReason);
    m_field->selectAll();
}

}  // namespace headgate
