#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"
#include "core/wire/plan_export.h"
#include "core/wire/plan_import.h"
#include "tests/support/random_plan.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace headgate::testing;

namespace {

constexpr int plans = 60;

ExportOptions exportOptions()
{
    return {loadZone, utc("2026-06-01T12:00"), utc("2026-06-01T00:00"), utc("2026-07-01T00:00")};
}

// What is left of a plan that was written and read again.
Result<PlanDocument> again(const PlanDocument& document, PlanFormat format)
{
    return exportPlan(document, format, exportOptions()).and_then([](const PlanExport& made) {
        return planDocumentFromText(made.text, {loadZone});
    });
}

std::string text(const PlanDocument& document)
{
    return native::toJson(document).dump(1);
}

std::string firstDifference(const PlanDocument& a, const PlanDocument& b)
{
    const std::string left = text(a), right = text(b);
    const auto at = std::ranges::mismatch(left, right).in1 - left.begin();
    const auto from = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, at - 300));
    return left.substr(from, 400) + "\n--- is now\n" + right.substr(std::min(from, right.size()), 400);
}

}  // namespace

class PlanRoundTripTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void completeFilesComeBackEqual_data()
    {
        QTest::addColumn<int>("format");
        QTest::newRow("native") << static_cast<int>(PlanFormat::Native);
        QTest::newRow("calendar") << static_cast<int>(PlanFormat::Calendar);
    }

    void completeFilesComeBackEqual()
    {
        QFETCH(int, format);
        for (int seed = 1; seed <= plans; ++seed) {
            const PlanDocument document = RandomPlan(static_cast<std::uint64_t>(seed)).document();
            const auto read = again(document, static_cast<PlanFormat>(format));
            QVERIFY2(read, read ? "" : (std::to_string(seed) + read.error().message + read.error().pointer).c_str());
            QVERIFY2(*read == document, (std::to_string(seed) + "\n" + firstDifference(document, *read)).c_str());
        }
    }

    void manyOverlaysComeBack()
    {
        RandomPlan random(1);
        PlanDocument document = random.document();
        while (document.overlays.size() < 1000)
            document.overlays.push_back(random.overlay());
        for (const PlanFormat format : {PlanFormat::Native, PlanFormat::Calendar}) {
            const auto read = again(document, format);
            QVERIFY2(read, read ? "" : (read.error().message + read.error().pointer).c_str());
            QVERIFY(*read == document);
        }
    }

    void streamManagerFilesComeBackEqual()
    {
        for (int seed = 1; seed <= plans; ++seed) {
            const PlanDocument document = RandomPlan(static_cast<std::uint64_t>(seed)).streamManagerDocument();
            std::vector<std::string> notes;
            const auto json = stream_manager::toJson(document, notes);
            QVERIFY(std::ranges::all_of(notes, [](const std::string& note) {
                return note.find("takes its times as UTC") != std::string::npos;
            }));
            const auto read = planDocumentFromText(native::write(json), {loadZone});
            QVERIFY2(read, read ? "" : (std::to_string(seed) + read.error().message + read.error().pointer).c_str());
            QVERIFY2(*read == document, (std::to_string(seed) + "\n" + firstDifference(document, *read)).c_str());
            QVERIFY(stream_manager::toJson(*read, notes) == json);
        }
    }

    void whatACalendarProgramChangesIsTaken()
    {
        PlanDocument document;
        Schedule weekdays = dailySchedule("weekdays", "20:00:00", 2, ActiveEffect{2, 8});
        std::get<CalendarTiming>(weekdays.timing).rule =
            recurrenceFromText("FREQ=WEEKLY;BYDAY=TH;UNTIL=20261231").value();
        document.schedules = {weekdays};
        document.overlays = {overlay("cup", "2026-06-01T20:00", "2026-06-01T22:00", 200, FloorBounds{6})};
        std::string calendar = exportPlan(document, PlanFormat::Calendar, exportOptions())->text;
        const auto replace = [&](const std::string& from, const std::string& to) {
            const auto at = calendar.find(from);
            QVERIFY2(at != std::string::npos, calendar.c_str());
            calendar.replace(at, from.size(), to);
        };
        replace("DTSTART:20260101T200000Z", "DTSTART:20260101T190000Z");
        replace("SUMMARY:cup", "SUMMARY:Cup final");
        replace("DTEND:20260601T220000Z", "DTEND:20260601T223000Z");
        const auto read = planDocumentFromText(calendar, {loadZone});
        QVERIFY2(read, read ? "" : (read.error().message + read.error().pointer).c_str());
        QVERIFY(std::get<CalendarTiming>(read->schedules[0].timing).start == local("2026-01-01T19:00:00"));
        QVERIFY(read->schedules[0].effect == weekdays.effect);
        QVERIFY(std::get<CalendarTiming>(read->schedules[0].timing).dst == DstPolicy::Cover);
        QCOMPARE(read->overlays[0].name, std::string("Cup final"));
        QVERIFY(read->overlays[0].to == utc("2026-06-01T22:30") && read->overlays[0].from == utc("2026-06-01T20:00"));
        QVERIFY(read->overlays[0].op == OverlayOperator(FloorBounds{6}));
    }
};

QTEST_GUILESS_MAIN(PlanRoundTripTest)
#include "plan_round_trip_test.moc"
