#include "core/plan/cron_recurrence.h"
#include "core/plan/recurrence.h"
#include "tests/support/plans.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace headgate::testing;

class CronRecurrenceTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void cronExpressionsBecomeRecurrences_data()
    {
        QTest::addColumn<QByteArray>("cron");
        QTest::addColumn<QByteArray>("rule");
        const auto row = [](const char* cron, const char* rule) {
            QTest::newRow(cron) << QByteArray(cron) << QByteArray(rule);
        };
        row("0 0 0 ? * * *", "FREQ=DAILY");
        row("0 0 0 ? * SAT *", "FREQ=WEEKLY;BYDAY=SA");
        row("0 30 20 ? * MON-FRI", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR");
        row("0 0 12 ? 6,7 SUN *", "FREQ=DAILY;BYMONTH=6,7;BYDAY=SU");
        row("0 0 12 1,15 * ? *", "FREQ=MONTHLY;BYMONTHDAY=1,15");
        row("0 0 12 24-26 12 ? *", "FREQ=MONTHLY;BYMONTH=12;BYMONTHDAY=24,25,26");
        row("0 0 12 L * ? *", "FREQ=MONTHLY;BYMONTHDAY=-1");
        row("0 0 12 L-2 * ? *", "FREQ=MONTHLY;BYMONTHDAY=-3");
        row("0 0 12 ? * 6L *", "FREQ=MONTHLY;BYDAY=-1FR");
        row("0 0 12 ? 11 5#4 *", "FREQ=MONTHLY;BYMONTH=11;BYDAY=4TH");
        row("0 0 9,18 ? * * *", "");
        row("0 0/5 9 ? * * *", "");
        row("0 0 12 15W * ? *", "");
        row("0 0 12 ? * SAT 2026-2028", "");
        row("0 0 12 31 2 ? *", "");
    }

    void cronExpressionsBecomeRecurrences()
    {
        QFETCH(QByteArray, cron);
        QFETCH(QByteArray, rule);
        const auto found = recurrenceOf(CronExpression::parse(cron.toStdString()).value());
        QCOMPARE(QByteArray::fromStdString(found ? toText(found->rule) : ""), rule);
    }

    void recurrencesBecomeCronExpressions_data()
    {
        QTest::addColumn<QByteArray>("rule");
        QTest::addColumn<QByteArray>("cron");
        const auto row = [](const char* rule, const char* cron) {
            QTest::newRow(rule) << QByteArray(rule) << QByteArray(cron);
        };
        row("", "30 15 20 25 6 ? 2026");
        row("FREQ=DAILY", "30 15 20 ? * * *");
        row("FREQ=WEEKLY", "30 15 20 ? * 5 *");
        row("FREQ=WEEKLY;BYDAY=MO,SU", "30 15 20 ? * 1,2 *");
        row("FREQ=MONTHLY", "30 15 20 25 * ? *");
        row("FREQ=MONTHLY;BYMONTHDAY=-1", "30 15 20 L * ? *");
        row("FREQ=MONTHLY;BYDAY=-1FR", "30 15 20 ? * 6L *");
        row("FREQ=YEARLY", "30 15 20 25 6 ? *");
        row("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", "30 15 20 ? 11 5#4 *");
        row("FREQ=WEEKLY;INTERVAL=2", "");
        row("FREQ=DAILY;COUNT=3", "");
        row("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "");
    }

    void recurrencesBecomeCronExpressions()
    {
        QFETCH(QByteArray, rule);
        QFETCH(QByteArray, cron);
        CalendarTiming timing;
        timing.start = local("2026-06-25T20:15:30");
        if (!rule.isEmpty())
            timing.rule = recurrenceFromText(rule.toStdString()).value();
        const auto found = cronOf(timing);
        QCOMPARE(QByteArray::fromStdString(found ? found->text() : ""), cron);
        timing.removedStarts = {timing.start};
        QVERIFY(!cronOf(timing));
    }
};

QTEST_GUILESS_MAIN(CronRecurrenceTest)
#include "cron_recurrence_test.moc"
