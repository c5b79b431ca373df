#include "ui/pages/plan_schedule_form.h"

#include "core/domain/snapshot.h"
#include "core/plan/plan_text.h"
#include "ui/format.h"
#include "ui/models/plan_words.h"
#include "ui/pages/occurrence_fields.h"
#include "ui/pages/plan_fields.h"
#include "ui/pages/recurrence_fields.h"
#include "ui/pages/spin_box.h"
#include "ui/shell/theme.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/segmented.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace headgate {

namespace {

constexpr int mostDays = 366;
constexpr int listPx = 54;
constexpr seconds firstLength = std::chrono::hours(2);

QString linesOf(const std::vector<LocalTime>& times)
{
    QStringList lines;
    for (const LocalTime time : times)
        lines << format::text(toText(time));
    return lines.join(QLatin1Char('\n'));
}

// One time a line; a blank may stand for the T.
Result<std::vector<LocalTime>> timesOf(const QPlainTextEdit& field)
{
    std::vector<LocalTime> times;
    const QStringList lines = field.toPlainText().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
    for (const QString& line : lines) {
        const QString text = line.trimmed().replace(QLatin1Char(' '), QLatin1Char('T'));
        if (text.isEmpty())
            continue;
        const auto time = localTimeFromText(format::utf8(text));
        if (!time)
            return tl::unexpected(time.error());
        times.push_back(*time);
    }
    std::ranges::sort(times);
    return times;
}

QPlainTextEdit* makeTimeList(const std::vector<LocalTime>& times, const QString& name, const char* objectName)
{
    auto* list = new QPlainTextEdit(linesOf(times));
    list->setAccessibleName(name);
    list->setObjectName(QString::fromLatin1(objectName));
    list->setTabChangesFocus(true);
    list->setFixedHeight(scaled(listPx));
    list->setFont(textFont(TextRole::Mono));
    return list;
}

CalendarTiming calendarOf(const Timing& timing, TimePoint now)
{
    if (const auto* calendar = std::get_if<CalendarTiming>(&timing))
        return *calendar;
    CalendarTiming fresh;
    fresh.zone = std::get<CronTiming>(timing).zone;
    fresh.start = LocalTime(std::chrono::ceil<std::chrono::hours>(now).time_since_epoch());
    fresh.end = ExactEnd{firstLength};
    return fresh;
}

CronTiming cronOf(const Timing& timing)
{
    if (const auto* cron = std::get_if<CronTiming>(&timing))
        return *cron;
    CronTiming fresh;
    fresh.cron = *CronExpression::parse("0 0 20 ? * SAT");
    fresh.duration = firstLength;
    return fresh;
}

QVBoxLayout* bareColumn(QWidget* widget)
{
    auto* column = new QVBoxLayout(widget);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    return column;
}

TextLabel* label(const QString& text)
{
    return new TextLabel(text, TextRole::Small, TextTone::Secondary);
}

}  // namespace

PlanScheduleForm::PlanScheduleForm(const Schedule& schedule, const PlanFormContext& context, QWidget* parent)
    : PlanForm(parent), m_schedule(schedule)
{
    m_name = new QLineEdit(format::text(schedule.name));
    m_name->setAccessibleName(tr("Name"));
    m_name->setObjectName(QStringLiteral("field/name"));
    addField(tr("Name"), m_name, "/name");
    m_isEnabled = new QCheckBox(tr("It is followed"));
    m_isEnabled->setChecked(schedule.isEnabled);
    column()->addWidget(m_isEnabled);
    addSection(tr("Where"));
    m_scope = new ScopeFields(context.snapshot, schedule.scope);
    addField({}, m_scope, "/scope");
    addSection(tr("What"));
    m_effect = new EffectFields(schedule.effect);
    addField({}, m_effect, "/effect");
    addMessage(column(), m_effect->minField(), "/effect/min");
    addMessage(column(), m_effect->maxField(), "/effect/max");
    addMessage(column(), m_effect->expectedFields()->viewersField(), "/effect/viewers");
    addSection(tr("When"));
    m_kind = new Segmented({tr("Calendar"), tr("Cron")}, tr("When, by"));
    m_kind->setObjectName(QStringLiteral("timingKind"));
    m_kind->setCurrentIndex(static_cast<int>(schedule.timing.index()));
    column()->addWidget(m_kind);
    const CalendarTiming calendar = calendarOf(schedule.timing, context.snapshot.takenAt);
    m_calendarPart = buildCalendar(calendar);
    m_cronPart = buildCron(cronOf(schedule.timing));
    column()->addWidget(m_calendarPart);
    column()->addWidget(m_cronPart);
    const auto* cron = std::get_if<CronTiming>(&schedule.timing);
    m_zone = makeZoneField(format::text(cron ? cron->zone : calendar.zone), tr("Time zone"));
    m_zone->setObjectName(QStringLiteral("field/zone"));
    addField(tr("Time zone"), m_zone, "/timing/zone");
    m_dst = new QComboBox;
    m_dst->setAccessibleName(tr("When the clocks change"));
    m_dst->setObjectName(QStringLiteral("field/dst"));
    m_dst->addItems(
        {tr("Cover: early start, late end"), tr("As calendars do (RFC 5545)"), tr("Skip what has no start")});
    m_dst->setCurrentIndex(static_cast<int>(cron ? cron->dst : calendar.dst));
    addField(tr("When the clocks change"), m_dst, "/timing/dst");
    buildExceptions(calendar, context);
    showTiming();
    connect(m_name, &QLineEdit::textChanged, this, &PlanForm::edited);
    connect(m_isEnabled, &QCheckBox::toggled, this, &PlanForm::edited);
    connect(m_scope, &ScopeFields::edited, this, &PlanForm::edited);
    connect(m_effect, &EffectFields::edited, this, &PlanForm::edited);
    connect(m_zone, &QComboBox::currentTextChanged, this, &PlanForm::edited);
    connect(m_dst, &QComboBox::currentIndexChanged, this, &PlanForm::edited);
    connect(m_kind, &Segmented::currentChanged, this, [this] {
        showTiming();
        Q_EMIT edited();
    });
}

QWidget* PlanScheduleForm::buildCalendar(const CalendarTiming& timing)
{
    auto* part = new QWidget;
    QVBoxLayout* rows = bareColumn(part);
    m_start = makeMomentField(timing.start, tr("Starts"));
    m_start->setObjectName(QStringLiteral("field/start"));
    rows->addWidget(label(tr("Starts")));
    rows->addWidget(m_start);
    addMessage(rows, m_start, "/timing/start");
    buildEnd(rows, timing);
    m_recurrence = new RecurrenceFields(timing.rule, timing.start);
    rows->addWidget(label(tr("Repeats")));
    rows->addWidget(m_recurrence);
    addMessage(rows, m_recurrence->textField(), "/timing/rule");
    connect(m_start, &QDateTimeEdit::dateTimeChanged, this, [this] {
        m_recurrence->setStart(momentOf(*m_start));
        Q_EMIT edited();
    });
    connect(m_recurrence, &RecurrenceFields::edited, this, &PlanForm::edited);
    return part;
}

void PlanScheduleForm::buildEnd(QVBoxLayout* rows, const CalendarTiming& timing)
{
    const auto* wall = std::get_if<WallEnd>(&timing.end);
    const auto* exact = std::get_if<ExactEnd>(&timing.end);
    m_endKind = new QComboBox;
    m_endKind->setAccessibleName(tr("Ends"));
    m_endKind->setObjectName(QStringLiteral("field/endKind"));
    m_endKind->addItems({tr("at a time"), tr("after")});
    m_endKind->setCurrentIndex(static_cast<int>(timing.end.index()));
    const seconds clock = wall ? wall->clock : timeOfDay(timing.start + firstLength);
    // 24:00 is the midnight after the day before.
    m_endClock = makeMomentField(LocalTime(clock % seconds(86'400)), tr("Ends at"));
    m_endClock->setDisplayFormat(clock.count() % 60 == 0 ? QStringLiteral("HH:mm") : QStringLiteral("HH:mm:ss"));
    m_endClock->setObjectName(QStringLiteral("field/endClock"));
    const int day = wall ? wall->dayOffset + (clock >= seconds(86'400) ? 1 : 0) : 0;
    m_endDays = makeSpinBox(0, mostDays, day, tr("Days later"));
    m_endDays->setObjectName(QStringLiteral("field/endDays"));
    m_endDays->setSuffix(tr(" days later"));
    m_endDays->setSpecialValueText(tr("same day"));
    m_lasts = new DurationField(exact ? exact->duration : firstLength, tr("Lasts"));
    auto* row = new QHBoxLayout;
    row->setSpacing(8);
    row->addWidget(m_endKind);
    row->addWidget(m_endClock, 1);
    row->addWidget(m_endDays, 1);
    row->addWidget(m_lasts, 2);
    rows->addWidget(label(tr("Ends")));
    rows->addLayout(row);
    addMessage(rows, m_endClock, "/timing/end");
    showEnd();
    connect(m_endKind, &QComboBox::currentIndexChanged, this, [this] {
        showEnd();
        Q_EMIT edited();
    });
    connect(m_endClock, &QDateTimeEdit::dateTimeChanged, this, &PlanForm::edited);
    connect(m_endDays, &QSpinBox::valueChanged, this, &PlanForm::edited);
    connect(m_lasts, &DurationField::edited, this, &PlanForm::edited);
}

QWidget* PlanScheduleForm::buildCron(const CronTiming& timing)
{
    auto* part = new QWidget;
    QVBoxLayout* rows = bareColumn(part);
    m_cron = new QLineEdit(format::text(timing.cron.text()));
    m_cron->setAccessibleName(tr("Cron expression"));
    m_cron->setObjectName(QStringLiteral("field/cron"));
    m_cron->setFont(textFont(TextRole::Mono));
    rows->addWidget(label(tr("Seconds, minutes, hours, day of month, month, day of week, year")));
    rows->addWidget(m_cron);
    addMessage(rows, m_cron, "/timing/cron");
    m_cronWords = new TextLabel({}, TextRole::Small, TextTone::Secondary);
    m_cronWords->setWordWrap(true);
    m_cronWords->setObjectName(QStringLiteral("cronWords"));
    rows->addWidget(m_cronWords);
    m_cronLasts = new DurationField(timing.duration, tr("Lasts"));
    rows->addWidget(label(tr("Lasts")));
    rows->addWidget(m_cronLasts);
    addMessage(rows, m_cronLasts, "/timing/durationS");
    showCronWords();
    connect(m_cron, &QLineEdit::textChanged, this, [this] {
        showCronWords();
        Q_EMIT edited();
    });
    connect(m_cronLasts, &DurationField::edited, this, &PlanForm::edited);
    return part;
}

void PlanScheduleForm::buildExceptions(const CalendarTiming& timing, const PlanFormContext& context)
{
    m_exceptionPart = new QWidget;
    QVBoxLayout* rows = bareColumn(m_exceptionPart);
    rows->addSpacing(10);
    rows->addWidget(new TextLabel(tr("Exceptions"), TextRole::Section));
    m_removed = makeTimeList(timing.removedStarts, tr("Windows that are left out"), "field/removedStarts");
    m_extra = makeTimeList(timing.extraStarts, tr("Windows besides"), "field/extraStarts");
    rows->addWidget(label(tr("Left out: starts, one a line")));
    rows->addWidget(m_removed);
    addMessage(rows, m_removed, "/timing/removedStarts");
    rows->addWidget(label(tr("Besides: starts, one a line")));
    rows->addWidget(m_extra);
    addMessage(rows, m_extra, "/timing/extraStarts");
    rows->addWidget(label(tr("Windows that differ")));
    m_occurrenceColumn = bareColumn(new QWidget(m_exceptionPart));
    rows->addWidget(m_occurrenceColumn->parentWidget());
    addMessage(rows, m_occurrenceColumn->parentWidget(), "/changes");
    for (const OccurrenceChange& change : m_schedule.changes)
        addOccurrence(change);
    auto* add = makeButton(tr("Change one window"), ButtonKind::Normal, QStringLiteral("plus"));
    add->setObjectName(QStringLiteral("addOccurrence"));
    rows->addWidget(add, 0, Qt::AlignLeft);
    connect(add, &QPushButton::clicked, this, [this] { changeOccurrence(momentOf(*m_start)); });
    if (!context.document.exclusions.empty())
        rows->addWidget(label(tr("No window starts on days of")));
    for (const ExclusionSet& set : context.document.exclusions) {
        auto* box = new QCheckBox(format::text(set.name));
        box->setChecked(std::ranges::count(m_schedule.exclusions, set.name) > 0);
        rows->addWidget(box);
        connect(box, &QCheckBox::toggled, this, &PlanForm::edited);
        m_exclusions.push_back(box);
    }
    column()->addWidget(m_exceptionPart);
    connect(m_removed, &QPlainTextEdit::textChanged, this, &PlanForm::edited);
    connect(m_extra, &QPlainTextEdit::textChanged, this, &PlanForm::edited);
}

OccurrenceFields* PlanScheduleForm::addOccurrence(const OccurrenceChange& change)
{
    auto* fields = new OccurrenceFields(change, usualLength());
    m_occurrences.push_back(fields);
    m_occurrenceColumn->addWidget(fields);
    connect(fields, &OccurrenceFields::edited, this, &PlanForm::edited);
    connect(fields, &OccurrenceFields::removalRequested, this, [this, fields] {
        std::erase(m_occurrences, fields);
        fields->hide();
        fields->deleteLater();
        Q_EMIT edited();
    });
    return fields;
}

QWidget* PlanScheduleForm::changeOccurrence(LocalTime occurrence)
{
    const auto known = std::ranges::find(m_occurrences, occurrence,
                                         [](const OccurrenceFields* fields) { return fields->value().occurrence; });
    if (known != m_occurrences.end())
        return *known;
    OccurrenceFields* fields = addOccurrence({occurrence, {}, {}, {}});
    Q_EMIT edited();
    return fields;
}

seconds PlanScheduleForm::usualLength() const
{
    const WindowEnd end = chosenEnd();
    if (const auto* exact = std::get_if<ExactEnd>(&end))
        return exact->duration;
    const auto& wall = std::get<WallEnd>(end);
    return std::chrono::days(wall.dayOffset) + wall.clock - timeOfDay(momentOf(*m_start));
}

void PlanScheduleForm::showTiming()
{
    const bool isCalendar = m_kind->currentIndex() == 0;
    m_calendarPart->setVisible(isCalendar);
    m_exceptionPart->setVisible(isCalendar);
    m_cronPart->setVisible(!isCalendar);
}

void PlanScheduleForm::showEnd()
{
    const bool isWall = m_endKind->currentIndex() == 0;
    m_endClock->setVisible(isWall);
    m_endDays->setVisible(isWall);
    m_lasts->setVisible(!isWall);
}

void PlanScheduleForm::showCronWords()
{
    const auto cron = CronExpression::parse(format::utf8(m_cron->text()));
    m_cronWords->setText(cron ? words::cron(*cron) : QString());
    m_cronWords->setVisible(cron.has_value());
}

WindowEnd PlanScheduleForm::chosenEnd() const
{
    if (m_endKind->currentIndex() != 0)
        return ExactEnd{m_lasts->value()};
    const WallEnd chosen{timeOfDay(momentOf(*m_endClock)), m_endDays->value()};
    const auto* calendar = std::get_if<CalendarTiming>(&m_schedule.timing);
    const auto* saved = calendar ? std::get_if<WallEnd>(&calendar->end) : nullptr;
    // 24:00 stays 24:00.
    const bool isMidnight = saved && saved->clock == seconds(86'400) && chosen == WallEnd{{}, saved->dayOffset + 1};
    return isMidnight ? *saved : chosen;
}

CalendarTiming PlanScheduleForm::calendar() const
{
    CalendarTiming timing;
    timing.zone = format::utf8(m_zone->currentText().trimmed());
    timing.dst = static_cast<DstPolicy>(m_dst->currentIndex());
    timing.start = momentOf(*m_start);
    timing.end = chosenEnd();
    timing.rule = m_recurrence->value();
    timing.removedStarts = timesOf(*m_removed).value_or(std::vector<LocalTime>());
    timing.extraStarts = timesOf(*m_extra).value_or(std::vector<LocalTime>());
    return timing;
}

CronTiming PlanScheduleForm::cron() const
{
    CronTiming timing;
    timing.zone = format::utf8(m_zone->currentText().trimmed());
    timing.dst = static_cast<DstPolicy>(m_dst->currentIndex());
    if (auto expression = CronExpression::parse(format::utf8(m_cron->text())))
        timing.cron = std::move(*expression);
    timing.duration = m_cronLasts->value();
    return timing;
}

PlanItem PlanScheduleForm::item() const
{
    Schedule schedule = m_schedule;
    schedule.name = format::utf8(m_name->text().trimmed());
    schedule.isEnabled = m_isEnabled->isChecked();
    schedule.scope = m_scope->value();
    schedule.effect = m_effect->value();
    schedule.changes.clear();
    schedule.exclusions.clear();
    if (m_kind->currentIndex() != 0) {
        schedule.timing = cron();
        return schedule;
    }
    schedule.timing = calendar();
    for (const OccurrenceFields* fields : m_occurrences)
        schedule.changes.push_back(fields->value());
    for (const QCheckBox* box : m_exclusions) {
        if (box->isChecked())
            schedule.exclusions.push_back(format::utf8(box->text()));
    }
    return schedule;
}

std::vector<Error> PlanScheduleForm::problems() const
{
    std::vector<Error> found;
    const auto add = [&](Error error, const char* pointer) {
        error.pointer = pointer;
        found.push_back(std::move(error));
    };
    if (m_kind->currentIndex() != 0) {
        if (const auto parsed = CronExpression::parse(format::utf8(m_cron->text())); !parsed)
            add(parsed.error(), "/timing/cron");
        return found;
    }
    if (!m_recurrence->problem().isEmpty())
        add({ErrorCode::InvalidArgument, format::utf8(m_recurrence->problem()), {}, {}}, "/timing/rule");
    if (const auto times = timesOf(*m_removed); !times)
        add(times.error(), "/timing/removedStarts");
    if (const auto times = timesOf(*m_extra); !times)
        add(times.error(), "/timing/extraStarts");
    return found;
}

}  // namespace headgate
