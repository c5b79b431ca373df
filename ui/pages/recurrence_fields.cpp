#include "ui/pages/recurrence_fields.h"

#include "core/plan/recurrence.h"
#include "ui/format.h"
#include "ui/pages/plan_fields.h"
#include "ui/pages/spin_box.h"
#include "ui/shell/theme.h"
#include "ui/widgets/labels.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <algorithm>

namespace headgate {

namespace {

constexpr int mostInterval = 1000;
constexpr int mostCount = 10'000;

enum MonthDay
{
    SameDay,
    SameWeekday,
    LastWeekday,
    LastDay,
    Other
};

enum End
{
    Never,
    OnDay,
    AfterCount
};

std::chrono::weekday weekdayOf(LocalTime start)
{
    return std::chrono::weekday(dayOf(start));
}

int dayOfMonth(LocalTime start)
{
    return static_cast<int>(static_cast<unsigned>(std::chrono::year_month_day(dayOf(start)).day()));
}

int ordinalOf(LocalTime start)
{
    return (dayOfMonth(start) - 1) / 7 + 1;
}

QString weekdayName(std::chrono::weekday day, QLocale::FormatType type)
{
    return QLocale(QLocale::English).dayName(static_cast<int>(day.iso_encoding()), type);
}

MonthDay monthDayOf(const RecurrenceRule& rule)
{
    if (rule.byDay.empty() && rule.byMonthDay.empty())
        return SameDay;
    if (rule.byDay.empty() && rule.byMonthDay.size() == 1)
        return rule.byMonthDay.front() == -1 ? LastDay : rule.byMonthDay.front() > 0 ? SameDay : Other;
    if (rule.byMonthDay.empty() && rule.byDay.size() == 1 && rule.byDay.front().ordinal != 0)
        return rule.byDay.front().ordinal == -1 ? LastWeekday : SameWeekday;
    return Other;
}

LocalDay lastDayOf(const Until& until)
{
    if (const auto* day = std::get_if<LocalDay>(&until))
        return *day;
    if (const auto* time = std::get_if<LocalTime>(&until))
        return dayOf(*time);
    return dayOf(LocalTime(std::get<Instant>(until).time_since_epoch()));
}

}  // namespace

RecurrenceFields::RecurrenceFields(std::optional<RecurrenceRule> rule, LocalTime start, QWidget* parent)
    : QWidget(parent), m_rule(std::move(rule)), m_start(start)
{
    build();
    showRule();
    connect(m_frequency, &QComboBox::currentIndexChanged, this, [this] {
        chooseDefaults();
        showRule();
        Q_EMIT edited();
    });
    for (QPushButton* day : m_weekdays)
        connect(day, &QPushButton::toggled, this, &RecurrenceFields::takeFields);
    for (QSpinBox* spin : {m_interval, m_count})
        connect(spin, &QSpinBox::valueChanged, this, &RecurrenceFields::takeFields);
    for (QComboBox* box : {m_monthDay, m_end})
        connect(box, &QComboBox::currentIndexChanged, this, &RecurrenceFields::takeFields);
    connect(m_until, &QDateTimeEdit::dateTimeChanged, this, &RecurrenceFields::takeFields);
    connect(m_text, &QLineEdit::textEdited, this, &RecurrenceFields::takeText);
}

void RecurrenceFields::build()
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(6);
    m_frequency = new QComboBox;
    m_frequency->setAccessibleName(tr("Repeat"));
    m_frequency->setObjectName(QStringLiteral("field/repeat"));
    m_frequency->addItems({tr("Once"), tr("Daily"), tr("Weekly"), tr("Monthly"), tr("Yearly")});
    m_interval = makeSpinBox(1, mostInterval, 1, tr("Every so many"));
    m_interval->setObjectName(QStringLiteral("field/interval"));
    m_interval->setPrefix(tr("every "));
    auto* first = new QHBoxLayout;
    first->setSpacing(8);
    first->addWidget(m_frequency, 1);
    first->addWidget(m_interval, 1);
    column->addLayout(first);
    m_weekdayRow = new QWidget;
    auto* days = new QHBoxLayout(m_weekdayRow);
    days->setContentsMargins(0, 0, 0, 0);
    days->setSpacing(4);
    for (unsigned i = 0; i < 7; ++i) {
        const std::chrono::weekday day(i + 1);
        auto* button = makeButton(weekdayName(day, QLocale::ShortFormat).left(2), ButtonKind::Chip);
        button->setAccessibleName(weekdayName(day, QLocale::LongFormat));
        button->setObjectName(QStringLiteral("weekday/") + QString::number(i + 1));
        button->setMinimumWidth(0);
        m_weekdays[i] = button;
        days->addWidget(button, 1);
    }
    column->addWidget(m_weekdayRow);
    m_monthDay = new QComboBox;
    m_monthDay->setAccessibleName(tr("Day of the month"));
    m_monthDay->setObjectName(QStringLiteral("field/monthDay"));
    column->addWidget(m_monthDay);
    m_end = new QComboBox;
    m_end->setAccessibleName(tr("End of the recurrence"));
    m_end->setObjectName(QStringLiteral("field/recurrenceEnd"));
    m_end->addItems({tr("Never ends"), tr("Last on"), tr("So many times")});
    m_count = makeSpinBox(1, mostCount, 10, tr("Times"));
    m_count->setObjectName(QStringLiteral("field/count"));
    m_until = makeMomentField(m_start + std::chrono::days(90), tr("Last day"));
    m_until->setDisplayFormat(QStringLiteral("ddd d MMM yyyy"));
    m_until->setObjectName(QStringLiteral("field/until"));
    auto* ends = new QHBoxLayout;
    ends->setSpacing(8);
    ends->addWidget(m_end, 1);
    ends->addWidget(m_count, 1);
    ends->addWidget(m_until, 1);
    column->addLayout(ends);
    m_text = new QLineEdit;
    m_text->setAccessibleName(tr("Recurrence rule"));
    m_text->setObjectName(QStringLiteral("field/rule"));
    m_text->setPlaceholderText(QStringLiteral("FREQ=WEEKLY;BYDAY=SA"));
    m_text->setFont(textFont(TextRole::Mono));
    column->addWidget(m_text);
}

QWidget* RecurrenceFields::textField() const
{
    return m_text;
}

// A rule of another frequency begins with the days of the start.
void RecurrenceFields::chooseDefaults()
{
    const int index = m_frequency->currentIndex();
    if (index == 0) {
        m_rule.reset();
        return;
    }
    RecurrenceRule fresh;
    fresh.frequency = static_cast<Frequency>(index - 1);
    if (fresh.frequency == Frequency::Weekly)
        fresh.byDay = {{0, weekdayOf(m_start)}};
    if (m_rule) {
        fresh.count = m_rule->count;
        fresh.until = m_rule->until;
    }
    m_rule = fresh;
}

void RecurrenceFields::takeFields()
{
    if (m_rule)
        m_rule = fromFields();
    showRule();
    Q_EMIT edited();
}

// What the fields do not show stays.
RecurrenceRule RecurrenceFields::fromFields() const
{
    RecurrenceRule rule = *m_rule;
    rule.interval = m_interval->value();
    if (rule.frequency == Frequency::Weekly) {
        rule.byDay.clear();
        for (unsigned i = 0; i < 7; ++i) {
            if (m_weekdays[i]->isChecked())
                rule.byDay.push_back({0, std::chrono::weekday(i + 1)});
        }
    }
    const int chosen = m_monthDay->currentData().toInt();
    if (rule.frequency == Frequency::Monthly && chosen != Other && chosen != monthDayOf(rule)) {
        rule.byDay.clear();
        rule.byMonthDay.clear();
        rule.bySetPosition.clear();
        if (chosen == SameWeekday)
            rule.byDay = {{ordinalOf(m_start), weekdayOf(m_start)}};
        else if (chosen == LastWeekday)
            rule.byDay = {{-1, weekdayOf(m_start)}};
        else if (chosen == LastDay)
            rule.byMonthDay = {-1};
    }
    rule.count.reset();
    if (m_end->currentIndex() == AfterCount)
        rule.count = m_count->value();
    if (m_end->currentIndex() != OnDay)
        rule.until.reset();
    else if (!rule.until || lastDayOf(*rule.until) != dayOf(momentOf(*m_until)))
        rule.until = dayOf(momentOf(*m_until));
    return rule;
}

void RecurrenceFields::takeText()
{
    m_problem.clear();
    const std::string text = format::utf8(m_text->text().trimmed());
    if (text.empty()) {
        m_rule.reset();
    } else if (auto rule = recurrenceFromText(text)) {
        m_rule = std::move(*rule);
    } else {
        m_problem = format::errorLine(rule.error());
    }
    if (m_problem.isEmpty())
        showRule();
    Q_EMIT edited();
}

void RecurrenceFields::showRule()
{
    const QList<QWidget*> children = findChildren<QWidget*>();
    std::vector<std::unique_ptr<QSignalBlocker>> quiet;
    for (QWidget* child : children)
        quiet.push_back(std::make_unique<QSignalBlocker>(child));
    m_frequency->setCurrentIndex(m_rule ? static_cast<int>(m_rule->frequency) + 1 : 0);
    const RecurrenceRule rule = m_rule.value_or(RecurrenceRule{});
    const bool isMonthly = m_rule && rule.frequency == Frequency::Monthly;
    m_interval->setVisible(m_rule.has_value());
    m_interval->setValue(rule.interval);
    m_weekdayRow->setVisible(m_rule && rule.frequency == Frequency::Weekly);
    for (unsigned i = 0; i < 7; ++i)
        m_weekdays[i]->setChecked(std::ranges::count(rule.byDay, std::chrono::weekday(i + 1), &NthWeekday::day) > 0);
    m_monthDay->setVisible(isMonthly);
    m_monthDay->clear();
    const QString name = weekdayName(weekdayOf(m_start), QLocale::LongFormat);
    m_monthDay->addItem(tr("on day %1").arg(dayOfMonth(m_start)), SameDay);
    m_monthDay->addItem(tr("on %1 number %2").arg(name).arg(ordinalOf(m_start)), SameWeekday);
    m_monthDay->addItem(tr("on the last %1").arg(name), LastWeekday);
    m_monthDay->addItem(tr("on the last day"), LastDay);
    if (isMonthly && monthDayOf(rule) == Other)
        m_monthDay->addItem(tr("as the rule says"), Other);
    m_monthDay->setCurrentIndex(m_monthDay->findData(monthDayOf(rule)));
    m_end->setVisible(m_rule.has_value());
    m_end->setCurrentIndex(rule.count ? AfterCount : rule.until ? OnDay : Never);
    m_count->setVisible(m_rule && rule.count);
    m_until->setVisible(m_rule && rule.until);
    if (rule.count)
        m_count->setValue(*rule.count);
    if (rule.until)
        setMoment(*m_until, LocalTime(lastDayOf(*rule.until)));
    if (const QString text = m_rule ? format::text(toText(*m_rule)) : QString(); text != m_text->text())
        m_text->setText(text);
}

}  // namespace headgate
