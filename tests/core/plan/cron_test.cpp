#include "core/domain/cron.h"
#include "tests/support/zones.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace headgate::testing;

class CronTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void expressionsComeDue_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char* text, const char* from, const char* expected) {
            QTest::newRow(text) << QByteArray(text) << QByteArray(from) << QByteArray(expected);
        };
        row("0 0 0 ? * SAT *", "2026-11-20T12:00", "2026-11-21T00:00:00 2026-11-28T00:00:00");
        row("0 0 12 ? * SAT *", "2026-11-21T12:00", "2026-11-21T12:00:00 2026-11-28T12:00:00");
        row("0 0 0 ? * 7 *", "2026-11-20T12:00", "2026-11-21T00:00:00 2026-11-28T00:00:00");
        row("30 15 10 15 * ?", "2026-11-21T00:00", "2026-12-15T10:15:30 2027-01-15T10:15:30");
        row("0 0/20 8-9 ? * MON-FRI", "2026-11-20T09:30", "2026-11-20T09:40:00 2026-11-23T08:00:00");
        row("0 5,50 */12 * 1 ? 2027-2028", "2026-11-20T09:30", "2027-01-01T00:05:00 2027-01-01T00:50:00");
        row("0 0 22 ? * FRI-MON", "2026-11-23T23:00", "2026-11-27T22:00:00 2026-11-28T22:00:00");
        row("0 0 6 L * ?", "2027-02-01T00:00", "2027-02-28T06:00:00 2027-03-31T06:00:00");
        row("0 0 6 L-2 * ?", "2027-02-01T00:00", "2027-02-26T06:00:00 2027-03-29T06:00:00");
        row("0 0 6 15W * ?", "2026-08-01T00:00", "2026-08-14T06:00:00 2026-09-15T06:00:00");
        row("0 0 6 1W * ?", "2026-08-01T00:00", "2026-08-03T06:00:00 2026-09-01T06:00:00");
        row("0 0 6 LW * ?", "2026-10-01T00:00", "2026-10-30T06:00:00 2026-11-30T06:00:00");
        row("0 0 6 ? * 6L", "2026-11-01T00:00", "2026-11-27T06:00:00 2026-12-25T06:00:00");
        row("0 0 6 ? * 2#5", "2026-11-01T00:00", "2026-11-30T06:00:00 2027-03-29T06:00:00");
        row("0 0 6 ? * sun,2#1", "2026-11-02T00:00", "2026-11-02T06:00:00 2026-11-08T06:00:00");
        row("0 0 6 29 FEB ?", "2026-01-01T00:00", "2028-02-29T06:00:00 2032-02-29T06:00:00");
        row("0 0 6 30 FEB ?", "2026-01-01T00:00", "");
        row("0 0 6 1 1 ? 2026", "2026-01-01T00:00", "2026-01-01T06:00:00");
    }

    void expressionsComeDue()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, expected);
        const auto cron = CronExpression::parse(text.toStdString());
        QVERIFY2(cron, cron ? "" : cron.error().message.c_str());
        std::string found;
        auto next = cron->atOrAfter(local(from.toStdString()));
        for (int i = 0; i < 2 && next; ++i, next = cron->atOrAfter(*next + seconds(1))) {
            found += (found.empty() ? "" : " ") + toText(*next);
            QVERIFY(cron->atOrBefore(*next) == next);
        }
        QCOMPARE(QByteArray::fromStdString(found), expected);
    }

    // Forwards and backwards, by the minute, say the same as the definition.
    void searchingFindsEveryMinute()
    {
        for (const char* text : {"7 */13 3,4,20 ? * TUE,3#2 *", "59 59 23 L * ?", "0 0 0 1 * ?", "0 * * * * ?"}) {
            const auto cron = CronExpression::parse(text).value();
            std::optional<LocalTime> last = cron.atOrBefore(local("2026-11-01T00:00"));
            for (LocalTime t = local("2026-11-01T00:00"); t < local("2026-12-03T00:00"); t += seconds(60)) {
                const auto next = cron.atOrAfter(t);
                const bool isDueNow = next && *next < t + seconds(60);
                QVERIFY(cron.atOrBefore(t + seconds(59)) == (isDueNow ? next : last));
                if (isDueNow)
                    last = next;
            }
        }
    }

    void nonsenseIsRefusedByItsField_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("word");
        const auto row = [](const char* text, const char* word) {
            QTest::newRow(text) << QByteArray(text) << QByteArray(word);
        };
        row("", "0 fields");
        row("0 0 12 * *", "5 fields");
        row("0 0 12 ? * SAT * *", "8 fields");
        row("* 0 12 ? * SAT *", "seconds");
        row("60 0 12 ? * SAT *", "seconds");
        row("0 60 12 ? * SAT *", "minutes");
        row("0 0 24 ? * SAT *", "hours");
        row("0 0 1-x ? * SAT *", "hours");
        row("0 0 1/0 ? * SAT *", "hours");
        row("0 0 1 32 * ? *", "day of month");
        row("0 0 1 0W * ? *", "day of month");
        row("0 0 1 1 13 ? *", "month");
        row("0 0 1 ? * 8 *", "day of week");
        row("0 0 1 ? * 2#6 *", "day of week");
        row("0 0 1 ? * SAT 1969", "year");
        row("0 0 1 * * SAT *", "days");
        row("0 0 1 ? * ? *", "days");
        row("0 0 1,, ? * SAT *", "hours");
    }

    void nonsenseIsRefusedByItsField()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, word);
        const auto cron = CronExpression::parse(text.toStdString());
        QVERIFY(!cron);
        QVERIFY2(QByteArray::fromStdString(cron.error().message).contains(word), cron.error().message.c_str());
    }
};

QTEST_GUILESS_MAIN(CronTest)
#include "cron_test.moc"
