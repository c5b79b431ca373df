#include "core/plan/plan_rules.h"
#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"
#include "tests/support/plans.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace headgate::testing;

namespace {

const char* const written = R"({
  "schedules": [
    {"id": "weekdays", "name": "Weekdays", "scope": {"nodeGroup": "live", "role": "edge"},
     "timing": {"zone": "Europe/Berlin", "start": "2026-01-05T22:00:00", "end": {"at": "06:00", "dayOffset": 1},
                "rule": "FREQ=WEEKLY;BYDAY=MO,TU;UNTIL=20271231T225959Z", "dst": "rfc5545",
                "extraStarts": ["2026-02-01T22:00:00"], "removedStarts": ["2026-01-06T22:00:00"]},
     "effect": {"kind": "active", "min": 2, "max": 8}, "isEnabled": true, "exclusions": ["holidays"],
     "changes": [{"occurrence": "2026-01-12T22:00:00", "start": "2026-01-12T20:00:00", "end": {"durationS": 3600},
                  "effect": {"kind": "expected", "viewers": 9000, "rampS": 60, "tailS": 0}}]},
    {"id": "cron", "scope": {"nodeGroup": "live"}, "isEnabled": false, "effect": {"kind": "inactive"},
     "timing": {"zone": "UTC", "cron": "0 0 0 ? * SAT *", "durationS": 86400, "dst": "cover"}}
  ],
  "overlays": [
    {"id": "final", "name": "Cup final", "scope": {"nodeGroup": "live"}, "from": "2026-06-26T18:00:00Z",
     "to": "2026-06-26T22:00:00Z", "displayZone": "Europe/Berlin", "priority": 200,
     "op": {"kind": "floor", "nodes": 6}, "reason": "final", "author": "ann"}
  ],
  "exclusions": [{"name": "holidays", "events": [{"summary": "New Year", "timing":
    {"start": "2026-01-01T00:00:00", "end": {"durationS": 86400}, "rule": "FREQ=YEARLY", "dst": "cover"}}]}],
  "limits": [{"name": "licence", "scope": {"nodeGroup": "live"}, "nodes": 20}]
})";

Result<PlanDocument> read(const std::string& text)
{
    return native::planDocumentFromJson(native::parse(text).value());
}

}  // namespace

class PlanCodecTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aNativeDocumentIsWrittenAsItWasRead()
    {
        const auto document = read(written);
        QVERIFY2(document, document ? "" : (document.error().message + document.error().pointer).c_str());
        QVERIFY(validate(*document, loadZone).empty());
        QVERIFY(native::toJson(*document) == native::parse(written).value());
    }

    void everyOperatorIsWrittenAsItWasRead()
    {
        PlanDocument document;
        int number = 0;
        for (const OverlayOperator& op :
             {OverlayOperator(ReplaceBounds{1, 2}), OverlayOperator(Activate{{}, 3}), OverlayOperator(Activate{}),
              OverlayOperator(ShiftBounds{-1, 20}), OverlayOperator(FloorBounds{4}), OverlayOperator(CeilBounds{5}),
              OverlayOperator(ExpectedEffect{10, seconds(1), seconds(2)}), OverlayOperator(Deactivate{true})})
            document.overlays.push_back(
                overlay(std::to_string(++number), "2026-06-01T20:00", "2026-06-01T22:00", 7, op));
        const auto again = native::planDocumentFromJson(native::toJson(document));
        QVERIFY(again);
        QVERIFY(*again == document);
    }

    void whatIsWrongIsNamed_data()
    {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<QByteArray>("pointer");
        QTest::addColumn<int>("line");
        const auto row = [](const char* from, const char* to, const char* pointer, int line) {
            QTest::newRow(to) << QByteArray(from) << QByteArray(to) << QByteArray(pointer) << line;
        };
        row("FREQ=WEEKLY;BYDAY=MO,TU", "FREQ=OFTEN;BYDAY=MO", "/schedules/0/timing/rule", 5);
        row("2026-01-05T22:00:00", "2026-02-30T22:00:00", "/schedules/0/timing/start", 4);
        row("\"at\": \"06:00\"", "\"at\": \"25:00\"", "/schedules/0/timing/end/at", 4);
        row("\"at\": \"06:00\", ", "\"durationS\": 5, \"at\": \"06:00\", ", "/schedules/0/timing/end", 4);
        row("\"rfc5545\"", "\"never\"", "/schedules/0/timing/dst", 5);
        row("2026-02-01T22:00:00", "tomorrow", "/schedules/0/timing/extraStarts/0", 6);
        row("\"min\": 2", "\"min\": \"2\"", "/schedules/0/effect/min", 7);
        row("\"min\": 2", "\"mim\": 2", "/schedules/0/effect/mim", 7);
        row("2026-01-12T20:00:00", "20:00", "/schedules/0/changes/0/start", 8);
        row("0 0 0 ? * SAT *", "0 0 0 ? * QQQ *", "/schedules/1/timing/cron", 11);
        row("2026-06-26T22:00:00Z", "2026-06-26T22:00:00", "/overlays/0/to", 15);
        row("\"floor\", \"nodes\": 6", "\"roof\", \"nodes\": 6", "/overlays/0/op/kind", 16);
        row("\"nodes\": 20", "\"nodes\": 1e9", "/limits/0/nodes", 20);
    }

    void whatIsWrongIsNamed()
    {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(QByteArray, pointer);
        QFETCH(int, line);
        const std::string text = QByteArray(written).replace(from, to).toStdString();
        const auto document = read(text);
        QVERIFY(!document);
        QCOMPARE(QByteArray::fromStdString(document.error().pointer), pointer);
        QCOMPARE(lineOfPointer(text, document.error().pointer), line);
    }

    void streamManagerDocumentsAreRead()
    {
        const auto json = native::parse(R"([{"name": "live", "cloudPlatform": "LOCAL", "groups": {},
            "schedules": {"sat": {"startAt": "0 0 0 ? * SAT *", "durationS": "86400"}}},
            {"name": "weekend", "baseNodeGroupName": "live", "cloudPlatform": "LOCAL", "schedules":
             {"w": {"name": "w", "startAt": "0 0 20 ? * SUN *", "durationS": 3600, "timeZone": "Europe/Berlin"}}}])");
        const auto document = stream_manager::planDocumentFromJson(json.value());
        QVERIFY2(document, document ? "" : document.error().message.c_str());
        QCOMPARE(document->nodeGroups.size(), std::size_t(1));
        QCOMPARE(document->schedules[0].id, std::string("live/sat"));
        QCOMPARE(document->configurations[0].base.value, std::string("live"));
        QCOMPARE(document->configurations[0].openings[0].timing.zone, std::string("Europe/Berlin"));
        QVERIFY(validate(*document, loadZone).empty());
    }

    void wrongStreamManagerDocumentsAreRefused_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("pointer");
        QTest::newRow("no window") << QByteArray(R"({"name": "a", "baseNodeGroupName": "b", "cloudPlatform": "X"})")
                                   << QByteArray("/schedules");
        QTest::newRow("cron") << QByteArray(
                                     R"({"name": "a", "schedules": {"s": {"startAt": "noon", "durationS": 60}}})")
                              << QByteArray("/schedules/s/startAt");
        QTest::newRow("short")
            << QByteArray(R"({"name": "a", "schedules": {"s": {"startAt": "0 0 0 ? * SAT *", "durationS": 59}}})")
            << QByteArray("/schedules/s/durationS");
    }

    void wrongStreamManagerDocumentsAreRefused()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, pointer);
        const auto document = stream_manager::planDocumentFromJson(native::parse(text.toStdString()).value());
        QVERIFY(!document);
        QCOMPARE(QByteArray::fromStdString(document.error().pointer), pointer);
    }

    void aPreviewSaysBothTimes()
    {
        const auto plan = compiled(read(written).value());
        const auto preview = plan.preview(utc("2026-06-26T00:00"), utc("2026-06-27T00:00"));
        const auto json = native::toJson(preview, zone("Europe/Berlin"));
        const auto& last = json["segments"].back();
        QCOMPARE(last["end"].get<std::string>(), std::string("2026-06-27T02:00:00+02:00"));
        QCOMPARE(last["endLocal"].get<std::string>(), std::string("2026-06-27T02:00:00"));
        QCOMPARE(last["zone"].get<std::string>(), std::string("Europe/Berlin"));
        QVERIFY(!json["conflicts"].empty());
    }
};

QTEST_GUILESS_MAIN(PlanCodecTest)
#include "plan_codec_test.moc"
