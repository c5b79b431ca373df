#include "core/plan/plan_merge.h"
#include "core/plan/plan_rules.h"
#include "core/plane/zone_files.h"
#include "tests/support/console_app.h"
#include "tests/support/sample_plan.h"
#include "ui/models/plan_outlook.h"
#include "ui/pages/overlay_form.h"
#include "ui/pages/plan_schedule_form.h"
#include "ui/widgets/segmented.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDateTimeEdit>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTest>

using namespace headgate;
using namespace headgate::test;
using std::chrono::hours;

// The forms of schedules and overlays: what they are given comes back unchanged, and each field says what it should.
class PlanFormsTest : public QObject
{
    Q_OBJECT

    ConsoleApp m_app;
    SnapshotPtr m_snapshot = plannedCluster();
    PlanDocument m_document = toDocument(samplePlan(), *m_snapshot);
    std::unique_ptr<PlanForm> m_form;

    template <class Field>
    Field* field(const char* name) const
    {
        auto* found = m_form->findChild<Field*>(QLatin1String("field/") + QLatin1String(name));
        if (!found)
            qFatal("There is no field %s", name);
        return found;
    }

    Schedule edit(const Schedule& schedule)
    {
        m_form = std::make_unique<PlanScheduleForm>(schedule, PlanFormContext{*m_snapshot, m_document});
        return saved();
    }
    Schedule saved() const { return std::get<Schedule>(m_form->item()); }
    CalendarTiming calendar() const { return std::get<CalendarTiming>(saved().timing); }

    void edit(const Overlay& overlay)
    {
        m_form = std::make_unique<OverlayForm>(overlay, PlanFormContext{*m_snapshot, m_document}, loadZoneFile);
    }
    Overlay savedOverlay() const { return std::get<Overlay>(m_form->item()); }

    std::string rule() const { return calendar().rule ? toText(*calendar().rule) : std::string(); }

    static std::string canonical(const char* text) { return toText(recurrenceFromText(text).value()); }

    void setTime(const char* name, const char* time)
    {
        field<QDateTimeEdit>(name)->setDateTime(
            QDateTime::fromString(QLatin1String(time) + QLatin1Char('Z'), Qt::ISODate).toUTC());
    }

private Q_SLOTS:
    void everyScheduleComesBackUnchanged()
    {
        for (const Schedule& schedule : m_document.schedules)
            QVERIFY(edit(schedule) == schedule);
        Schedule all = m_document.schedules.front();
        auto& timing = std::get<CalendarTiming>(all.timing);
        timing.end = WallEnd{hours(24), 0};
        timing.rule = recurrenceFromText("FREQ=MONTHLY;BYDAY=MO,TU,WE;BYSETPOS=-1;UNTIL=20281231T200000Z").value();
        timing.removedStarts = {localTimeFromText("2027-07-07T16:00:00").value()};
        timing.extraStarts = {localTimeFromText("2027-07-08T16:30:15").value()};
        timing.dst = DstPolicy::Rfc5545;
        all.changes = {
            {localTimeFromText("2027-07-10T16:00:00").value(), {}, WallEnd{hours(20), 0}, ActiveEffect{9, 9}}};
        all.effect = ExpectedEffect{11'400, hours(1), std::chrono::minutes(30)};
        all.isEnabled = false;
        QVERIFY(edit(all) == all);
        all.timing =
            CronTiming{"Europe/Berlin", CronExpression::parse("0 30 19 ? * SAT *").value(), hours(3), DstPolicy::Skip};
        all.changes.clear();
        all.exclusions.clear();
        QVERIFY(edit(all) == all);
    }

    void weekdaysMakeTheRule()
    {
        Schedule once = m_document.schedules.front();
        std::get<CalendarTiming>(once.timing).rule.reset();
        edit(once);
        field<QComboBox>("repeat")->setCurrentIndex(2);
        QCOMPARE(rule(), canonical("FREQ=WEEKLY;BYDAY=SA"));
        m_form->findChild<QPushButton*>(QStringLiteral("weekday/3"))->setChecked(true);
        field<QSpinBox>("interval")->setValue(2);
        QCOMPARE(rule(), canonical("FREQ=WEEKLY;INTERVAL=2;BYDAY=WE,SA"));
        QCOMPARE(field<QLineEdit>("rule")->text().toStdString(), rule());
        field<QComboBox>("recurrenceEnd")->setCurrentIndex(2);
        field<QSpinBox>("count")->setValue(12);
        QCOMPARE(rule(), canonical("FREQ=WEEKLY;INTERVAL=2;COUNT=12;BYDAY=WE,SA"));
        field<QComboBox>("recurrenceEnd")->setCurrentIndex(1);
        setTime("until", "2027-12-31T00:00:00");
        QVERIFY(!calendar().rule->count);
        QCOMPARE(std::get<LocalDay>(*calendar().rule->until), dayOf(localTimeFromText("2027-12-31T00:00:00").value()));
        field<QComboBox>("repeat")->setCurrentIndex(0);
        QVERIFY(!calendar().rule);
    }

    void daysOfTheMonth()
    {
        edit(m_document.schedules.front());
        setTime("start", "2027-06-16T20:00:00");
        field<QComboBox>("repeat")->setCurrentIndex(3);
        const auto chosen = [this](int index) {
            field<QComboBox>("monthDay")->setCurrentIndex(index);
            return rule();
        };
        QCOMPARE(chosen(1), canonical("FREQ=MONTHLY;BYDAY=3WE"));
        QCOMPARE(chosen(2), canonical("FREQ=MONTHLY;BYDAY=-1WE"));
        QCOMPARE(chosen(3), canonical("FREQ=MONTHLY;BYMONTHDAY=-1"));
        QCOMPARE(chosen(0), canonical("FREQ=MONTHLY"));
    }

    void theRuleCanBeTyped()
    {
        edit(m_document.schedules.front());
        auto* text = field<QLineEdit>("rule");
        text->setText(QStringLiteral("FREQ=YEARLY;BYMONTH=6;BYDAY=-1SU"));
        Q_EMIT text->textEdited(text->text());
        QCOMPARE(field<QComboBox>("repeat")->currentIndex(), 4);
        QCOMPARE(rule(), canonical("FREQ=YEARLY;BYDAY=-1SU;BYMONTH=6"));
        text->setText(QStringLiteral("FREQ=SOMETIMES"));
        Q_EMIT text->textEdited(text->text());
        const std::vector<Error> problems = m_form->problems();
        QCOMPARE(problems.size(), std::size_t{1});
        QCOMPARE(problems[0].pointer, std::string("/timing/rule"));
    }

    void endsOnTheWallOrAfterATime()
    {
        edit(m_document.schedules.front());
        field<QComboBox>("endKind")->setCurrentIndex(0);
        setTime("endClock", "1970-01-01T02:30:00");
        field<QSpinBox>("endDays")->setValue(1);
        QVERIFY(calendar().end == WindowEnd(WallEnd{hours(2) + std::chrono::minutes(30), 1}));
        field<QComboBox>("endKind")->setCurrentIndex(1);
        QVERIFY(calendar().end == WindowEnd(ExactEnd{hours(10)}));
    }

    void exceptionsAndHolidays()
    {
        edit(m_document.schedules.front());
        auto* form = static_cast<PlanScheduleForm*>(m_form.get());
        field<QPlainTextEdit>("removedStarts")->setPlainText(QStringLiteral("2027-07-07 16:00\n"));
        QCOMPARE(calendar().removedStarts.size(), std::size_t{1});
        field<QPlainTextEdit>("extraStarts")->setPlainText(QStringLiteral("2027-07-08 18:00\n"));
        QCOMPARE(toText(calendar().extraStarts.at(0)), std::string("2027-07-08T18:00:00"));
        field<QPlainTextEdit>("removedStarts")->setPlainText(QStringLiteral("tomorrow"));
        QCOMPARE(m_form->problems().at(0).pointer, std::string("/timing/removedStarts"));
        form->changeOccurrence(localTimeFromText("2027-07-10T16:00:00").value());
        auto* effect = field<QCheckBox>("occurrenceEffect");
        effect->setChecked(true);
        QCOMPARE(saved().changes.size(), std::size_t{1});
        QVERIFY(saved().changes[0].effect.has_value());
        QVERIFY(!saved().changes[0].start.has_value());
        QCOMPARE(saved().exclusions, std::vector<std::string>{"holidays"});
    }

    void cronHasItsMeaningBelow()
    {
        edit(m_document.schedules.front());
        m_form->findChild<Segmented*>(QStringLiteral("timingKind"))->setCurrentIndex(1);
        field<QLineEdit>("cron")->setText(QStringLiteral("0 0 9 ? * MON-FRI"));
        QCOMPARE(m_form->findChild<QLabel*>(QStringLiteral("cronWords"))->text(), QString("at 09:00 on Mon to Fri"));
        QCOMPARE(std::get<CronTiming>(saved().timing).cron.text(), std::string("0 0 9 ? * MON-FRI"));
        QVERIFY(saved().exclusions.empty());
        field<QLineEdit>("cron")->setText(QStringLiteral("0 0 9 * * MON"));
        QCOMPARE(m_form->problems().at(0).pointer, std::string("/timing/cron"));
    }

    void effectsOfSchedules()
    {
        edit(m_document.schedules.front());
        field<QSpinBox>("effect/min")->setValue(7);
        QVERIFY(saved().effect == ScheduleEffect(ActiveEffect{7, 8}));
        field<QComboBox>("effect")->setCurrentIndex(1);
        QVERIFY(saved().effect == ScheduleEffect(InactiveEffect{}));
        field<QComboBox>("effect")->setCurrentIndex(2);
        field<QSpinBox>("viewers")->setValue(5000);
        QCOMPARE(std::get<ExpectedEffect>(saved().effect).viewers, 5000);
    }

    void scopesFollowTheGroup()
    {
        edit(m_document.schedules.front());
        field<QComboBox>("scope/subgroup")->setCurrentIndex(1);
        QCOMPARE(saved().scope, (PlanScope{NodeGroupName("eu-live"), "eu-central-1", "edge"}));
        field<QComboBox>("scope/nodeGroup")->setCurrentIndex(1);
        QCOMPARE(saved().scope, (PlanScope{NodeGroupName("us-live"), "", ""}));
        QCOMPARE(field<QComboBox>("scope/subgroup")->count(), 2);
    }

    void everyOverlayComesBackUnchanged()
    {
        Overlay overlay = m_document.overlays.front();
        for (const OverlayOperator& op :
             std::vector<OverlayOperator>{ReplaceBounds{2, 5}, Activate{3, std::nullopt}, ShiftBounds{-2, 0},
                                          ShiftBounds{0, 20}, ShiftBounds{1, 10}, FloorBounds{4},
                                          ExpectedEffect{900, hours(1), {}}, CeilBounds{6}, Deactivate{true}}) {
            overlay.op = op;
            edit(overlay);
            QVERIFY(savedOverlay() == overlay);
        }
    }

    // The second 02:30 stays the second one.
    void timesThatComeTwiceStayWhatTheyWere()
    {
        Overlay overlay = m_document.overlays.front();
        overlay.from = instant("2027-10-31T01:30:00Z");
        overlay.to = instant("2027-10-31T05:00:00Z");
        edit(overlay);
        QCOMPARE(savedOverlay().from, overlay.from);
        setTime("to", "2027-10-31T07:00:00");
        QCOMPARE(savedOverlay().from, overlay.from);
        QCOMPARE(savedOverlay().to, instant("2027-10-31T06:00:00Z"));
    }

    void theZoneChangesWhatIsShownAndNotWhatIsMeant()
    {
        const Overlay overlay = m_document.overlays.front();
        edit(overlay);
        field<QComboBox>("displayZone")->setCurrentText(QStringLiteral("America/New_York"));
        QCOMPARE(savedOverlay().from, overlay.from);
        QCOMPARE(field<QDateTimeEdit>("from")->dateTime().time(), QTime(14, 15));
        setTime("from", "2027-06-26T15:00:00");
        QCOMPARE(savedOverlay().from, instant("2027-06-26T19:00:00Z"));
    }

    void errorsGoToTheNearestField()
    {
        Overlay overlay = m_document.overlays.front();
        overlay.priority = 1000;
        edit(overlay);
        m_form->showErrors({{ErrorCode::InvalidArgument, "Wrong.", "", "/scope/subgroup"},
                            {ErrorCode::InvalidArgument, "Late.", "", "/to"}});
        const auto text = [this](const char* name) { return m_form->findChild<QLabel*>(QLatin1String(name))->text(); };
        QCOMPARE(text("error/scope"), QString("Wrong."));
        QCOMPARE(text("error/to"), QString("Late."));
        QVERIFY(field<QDateTimeEdit>("to")->property("bad").toBool());
        m_form->showErrors({});
        QVERIFY(!field<QDateTimeEdit>("to")->property("bad").toBool());
    }

    void forecastsTellWindowsChangesAndErrors()
    {
        const CompiledPlansPtr plans = compilePlans(m_document, *m_snapshot, loadZoneFile);
        Schedule schedule = m_document.schedules.front();
        const auto found = forecast(*plans, *m_snapshot, keyOf(PlanItem(schedule)), schedule, loadZoneFile);
        QVERIFY(found.errors.empty());
        QVERIFY(found.changes.empty());
        QCOMPARE(found.windows.size(), std::size_t{10});
        // The third of July is in the exclusion set.
        QCOMPARE(std::ranges::count(found.windows, true, &ItemWindow::isExcluded), 1);
        const auto gone = forecast(*plans, *m_snapshot, keyOf(PlanItem(schedule)), std::nullopt, loadZoneFile);
        QVERIFY(!gone.changes.empty());
        QVERIFY(gone.windows.empty());
        std::get<CalendarTiming>(schedule.timing).zone = "Europe/Nowhere";
        const auto wrong = forecast(*plans, *m_snapshot, keyOf(PlanItem(schedule)), schedule, loadZoneFile);
        QCOMPARE(wrong.errors.at(0).pointer, std::string("/timing/zone"));
    }
};

QTEST_MAIN(PlanFormsTest)
#include "plan_forms_test.moc"
