#include "core/plan/posix_zone.h"
#include "tests/support/zones.h"

#include <QtCore/QTimeZone>
#include <QtTest/QTest>

using namespace headgate;
using namespace headgate::testing;
using Kind = LocalMapping::Kind;

class ZoneRulesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void localTimesMapToInstants_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("wall");
        QTest::addColumn<QByteArray>("first");
        QTest::addColumn<QByteArray>("second");
        const auto row = [](const char* name, const char* wall, const char* first, const char* second) {
            QTest::newRow((std::string(name) + " " + wall).c_str())
                << QByteArray(name) << QByteArray(wall) << QByteArray(first) << QByteArray(second);
        };
        row("UTC", "2026-03-08T02:30", "2026-03-08T02:30", "2026-03-08T02:30");
        row("America/New_York", "2026-03-08T02:30", "2026-03-08T07:30", "2026-03-08T07:00");
        row("America/New_York", "2026-11-01T01:15", "2026-11-01T05:15", "2026-11-01T06:15");
        row("America/New_York", "2100-07-04T12:00", "2100-07-04T16:00", "2100-07-04T16:00");
        row("Europe/Berlin", "2199-07-04T12:00", "2199-07-04T10:00", "2199-07-04T10:00");
        row("Europe/Berlin", "2050-03-27T02:30", "2050-03-27T01:30", "2050-03-27T01:00");
        row("Asia/Kathmandu", "2026-01-01T05:45", "2026-01-01T00:00", "2026-01-01T00:00");
        // half an hour of daylight saving
        row("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45", "2026-10-03T15:30");
        row("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45", "2026-04-04T15:15");
        row("Australia/Lord_Howe", "2060-01-01T12:00", "2060-01-01T01:00", "2060-01-01T01:00");
        // the day that Samoa left out
        row("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T22:00", "2011-12-30T10:00");
        row("Pacific/Apia", "2011-12-31T00:00", "2011-12-30T10:00", "2011-12-30T10:00");
        // one hour back during Ramadan
        row("Africa/Casablanca", "2026-02-15T02:30", "2026-02-15T01:30", "2026-02-15T02:30");
        row("Africa/Casablanca", "2050-07-01T12:00", "2050-07-01T11:00", "2050-07-01T11:00");
        // daylight saving that is negative in the file
        row("Europe/Dublin", "2045-07-01T12:00", "2045-07-01T11:00", "2045-07-01T11:00");
    }

    void localTimesMapToInstants()
    {
        QFETCH(QByteArray, name);
        QFETCH(QByteArray, wall);
        QFETCH(QByteArray, first);
        QFETCH(QByteArray, second);
        const LocalMapping mapping = zone(name.toStdString()).map(local(wall.toStdString()));
        QCOMPARE(toText(mapping.first, {}), toText(utc(first.toStdString()), {}));
        QCOMPARE(toText(mapping.second, {}), toText(utc(second.toStdString()), {}));
        QCOMPARE(mapping.kind, first == second ? Kind::Unique : first > second ? Kind::Gap : Kind::Overlap);
    }

    // An independent reader of the same files, over all of them.
    void offsetsAreThoseOfQt()
    {
        int zones = 0;
        for (const QByteArray& id : QTimeZone::availableTimeZoneIds()) {
            const auto rules = loadZone(id.toStdString());
            if (!rules || id.startsWith("UTC"))
                continue;
            ++zones;
            const QTimeZone theirs(id);
            const Instant end = utc("2036-01-01T00:00");
            for (Instant t = utc("1990-01-01T00:00"); t < end; t += std::chrono::hours(24 * 23 + 7)) {
                const auto time = QDateTime::fromSecsSinceEpoch(t.time_since_epoch().count(), Qt::UTC);
                if (rules->offsetAt(t).count() != theirs.offsetFromUtc(time))
                    QFAIL((id + " at " + toText(t, {}).c_str()).constData());
            }
        }
        QVERIFY(zones > 300);
    }

    // The mapping is the inverse of toLocal: an instant is among the (one or two) of its own time on the wall.
    void mappingLeadsBack()
    {
        for (const char* name : {"America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu",
                                 "Africa/Casablanca", "Europe/Berlin", "America/Sao_Paulo"}) {
            const ZoneRules rules = zone(name);
            for (const auto& transition : rules.transitions()) {
                for (int minutes = -200; minutes <= 200; minutes += 5) {
                    const Instant t = transition.at + std::chrono::minutes(minutes);
                    const LocalMapping mapping = rules.map(rules.toLocal(t));
                    QVERIFY2(mapping.first == t || mapping.second == t, name);
                    QVERIFY(mapping.kind != Kind::Gap && mapping.first <= mapping.second);
                    QCOMPARE(rules.toLocal(mapping.second), rules.toLocal(t));
                }
            }
        }
    }

    void damagedFilesAreRefused()
    {
        std::ifstream file("/usr/share/zoneinfo/Europe/Berlin", std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(file), {}};
        QVERIFY(ZoneRules::fromTzif("Berlin", bytes));
        for (std::size_t size = 0; size < bytes.size(); ++size)
            QVERIFY2(!ZoneRules::fromTzif("Berlin", bytes.substr(0, size)), std::to_string(size).c_str());
        std::string old = bytes;
        old[4] = 0;
        QVERIFY(!ZoneRules::fromTzif("Berlin", old));
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            std::string changed = bytes;
            changed[i] = static_cast<char>(changed[i] ^ 0x81);
            (void)ZoneRules::fromTzif("Berlin", changed);  // any answer, no harm
        }
    }

    void standingRulesAreRead_data()
    {
        QTest::addColumn<QByteArray>("rule");
        QTest::addColumn<QByteArray>("transitions");
        const auto row = [](const char* rule, const char* transitions) {
            QTest::newRow(rule) << QByteArray(rule) << QByteArray(transitions);
        };
        row("CET-1CEST,M3.5.0,M10.5.0/3", "2040-03-25T01:00:00Z 7200 2040-10-28T01:00:00Z 3600 ");
        row("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2040-03-31T15:00:00Z 37800 2040-10-06T15:30:00Z 39600 ");
        row("IST-1GMT0,M10.5.0,M3.5.0/1", "2040-03-25T01:00:00Z 3600 2040-10-28T01:00:00Z 0 ");
        row("EET-2EEST,M3.4.4/50,M10.4.4/50", "2040-03-24T00:00:00Z 10800 2040-10-26T23:00:00Z 7200 ");
        row("XXX0YYY,J60,300/-1", "2040-03-01T02:00:00Z 3600 2040-10-26T22:00:00Z 0 ");
        row("<+01>-1", "");
        row("A1", "bad");
        row("CET-1CEST", "bad");
        row("CET-1CEST,M13.5.0,M10.5.0", "bad");
        row("CET-1CEST,M3.5.0,M10.5.0,", "bad");
        row("<+01-1", "bad");
    }

    void standingRulesAreRead()
    {
        QFETCH(QByteArray, rule);
        QFETCH(QByteArray, transitions);
        const auto zone = expandPosixZone(rule.toStdString(), 2040, 2040);
        std::string text = zone ? "" : "bad";
        for (const auto& each : zone.value_or(PosixZone()).transitions)
            text += toText(each.at, {}) + " " + std::to_string(each.offset.count()) + " ";
        QCOMPARE(QByteArray::fromStdString(text), transitions);
    }

    // RFC 8536 section 3.3.1 has this example.
    void daylightSavingMayLastAllYear()
    {
        const auto zone = expandPosixZone("EST5EDT,0/0,J365/25", 2040, 2049).value();
        const ZoneRules rules("always", seconds(0), zone.transitions);
        for (Instant t = utc("2040-01-01T05:00"); t < utc("2050-01-01T05:00"); t += std::chrono::hours(1))
            QCOMPARE(rules.offsetAt(t), seconds(-4 * 3600));
    }
};

QTEST_GUILESS_MAIN(ZoneRulesTest)
#include "zone_rules_test.moc"
