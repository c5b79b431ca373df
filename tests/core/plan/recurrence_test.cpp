#include "core/base/random.h"
#include "core/plan/plan_text.h"
#include "core/plan/recurrence.h"

#include <QtCore/QProcess>
#include <QtTest/QTest>

#include <algorithm>

using namespace headgate;

namespace {

LocalDay day(const char* text)
{
    return *basicDay(text);
}

std::string days(const std::string& rule, const char* start, int most)
{
    const auto parsed = recurrenceFromText(rule);
    if (!parsed)
        return parsed.error().message;
    RecurrenceDays walk(*parsed, day(start), day(start));
    std::string text;
    int left = std::min(most, parsed->count.value_or(most));
    for (auto next = walk.next(); next && left > 0; next = walk.next(), --left) {
        if (parsed->until && *next > std::get<LocalDay>(*parsed->until))
            break;
        text += (text.empty() ? "" : " ") + basicText(*next);
    }
    return text;
}

template <typename T>
T oneOf(Random& random, std::initializer_list<T> values)
{
    return *(values.begin() + random.below(values.size()));
}

std::string list(Random& random, std::initializer_list<const char*> values)
{
    std::vector<std::string> chosen;
    for (std::uint64_t i = 0, size = 1 + random.below(3); i < size; ++i) {
        const std::string value = oneOf(random, values);
        if (std::ranges::count(chosen, value) == 0)
            chosen.push_back(value);
    }
    std::string text;
    for (const std::string& value : chosen)
        text += (text.empty() ? "" : ",") + value;
    return text;
}

bool chance(Random& random, std::uint64_t percent)
{
    return random.below(100) < percent;
}

std::string randomRule(Random& random)
{
    const std::string frequency = oneOf(random, {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"});
    const bool isLong = frequency == "MONTHLY" || frequency == "YEARLY";
    std::string text = "FREQ=" + frequency;
    bool hasSet = false;
    if (chance(random, 50))
        text += ";INTERVAL=" + std::to_string(1 + random.below(6));
    if (chance(random, 35)) {
        text += ";BYMONTH=" + list(random, {"1", "2", "3", "6", "9", "11", "12"});
        hasSet = true;
    }
    if (frequency != "WEEKLY" && chance(random, 35)) {
        text += ";BYMONTHDAY=" + list(random, {"1", "13", "15", "28", "29", "30", "31", "-1", "-2", "-15", "-31"});
        hasSet = true;
    }
    if (chance(random, 50)) {
        text += ";BYDAY=" + (isLong && chance(random, 50) ? list(random, {"1MO", "-1FR", "2SU", "-2TU", "5SA", "3WE"})
                                                          : list(random, {"MO", "TU", "WE", "FR", "SA", "SU"}));
        hasSet = true;
    }
    if (hasSet && chance(random, 25))
        text += ";BYSETPOS=" + list(random, {"1", "2", "-1", "-2", "3"});
    if (chance(random, 40))
        text += ";WKST=" + std::string(oneOf(random, {"MO", "SU", "WE", "SA"}));
    // A few with a number instead, of those that surely have so many.
    if (!hasSet && chance(random, 50))
        return text + ";COUNT=" + std::to_string(1 + random.below(20));
    return text + ";UNTIL=" + std::to_string(2031 + random.below(9)) + oneOf(random, {"0101", "0630", "1231"});
}

// dateutil looks for the next day of a rule up to the year 9999, which takes long where there is none.
bool hasDaysAfterItsEnd(const std::string& rule, LocalDay start)
{
    const auto parsed = recurrenceFromText(rule).value();
    return parsed.count ||
           RecurrenceDays(parsed, start, day("20400101")).next().value_or(endOfPlanning) < day("20600101");
}

// dateutil counts BYSETPOS in the first week from the start, RFC 5545 from the beginning of that week.
LocalDay startFor(const std::string& rule, LocalDay start)
{
    const auto parsed = recurrenceFromText(rule).value();
    const bool isCounted = parsed.frequency == Frequency::Weekly && !parsed.bySetPosition.empty();
    return isCounted ? start - (std::chrono::weekday(start) - parsed.weekStart) : start;
}

}  // namespace

class RecurrenceTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theDaysOfKnownRules_data()
    {
        QTest::addColumn<QByteArray>("rule");
        QTest::addColumn<QByteArray>("start");
        QTest::addColumn<QByteArray>("expected");
        const auto row = [](const char* name, const char* rule, const char* start, const char* expected) {
            QTest::newRow(name) << QByteArray(rule) << QByteArray(start) << QByteArray(expected);
        };
        row("leap days only", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "20240229", "20240229 20280229 20320229");
        row("31 skips short months", "FREQ=MONTHLY;BYMONTHDAY=31", "20260101", "20260131 20260331 20260531");
        row("-1 is the last day", "FREQ=MONTHLY;BYMONTHDAY=-1", "20260115", "20260131 20260228 20260331");
        row("weeks from Monday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO;COUNT=4", "19970805",
            "19970805 19970810 19970819");
        row("weeks from Sunday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU;COUNT=4", "19970805",
            "19970805 19970817 19970819");
        row("start that does not match", "FREQ=WEEKLY;BYDAY=MO", "20261121", "20261123 20261130 20261207");
        row("last working day", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "20260101",
            "20260130 20260227 20260331");
        row("US election day", "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "19961105",
            "19961105 20001107 20041102");
    }

    void theDaysOfKnownRules()
    {
        QFETCH(QByteArray, rule);
        QFETCH(QByteArray, start);
        QFETCH(QByteArray, expected);
        QCOMPARE(QByteArray::fromStdString(days(rule.toStdString(), start.constData(), 3)), expected);
    }

    void randomRulesAreAsDateutilSeesThem()
    {
        constexpr int most = 40;
        Random random(20260308);
        QByteArray questions;
        QByteArrayList expected;
        QByteArrayList rules;
        while (rules.size() < 2200) {
            const std::string rule = randomRule(random);
            const LocalDay start = startFor(rule, day("20200101") + std::chrono::days(random.below(4000)));
            if (!hasDaysAfterItsEnd(rule, start))
                continue;
            rules << QByteArray::fromStdString(basicText(start) + "\t" + rule);
            questions += rules.back() + "\t" + QByteArray::number(most) + "\n";
            expected << QByteArray::fromStdString(days(rule, basicText(start).c_str(), most));
        }
        QProcess python;
        python.start("/usr/bin/python3",
                     {qEnvironmentVariable("HEADGATE_SOURCE_DIR") + "/tests/core/plan/expand_rules.py"});
        python.write(questions);
        python.closeWriteChannel();
        QVERIFY2(python.waitForFinished(100'000), qPrintable(python.errorString()));
        QVERIFY2(python.exitCode() == 0, python.readAllStandardError());
        const QByteArrayList answers = python.readAllStandardOutput().split('\n');
        QCOMPARE(answers.size(), expected.size() + 1);
        int withDays = 0;
        for (int i = 0; i < expected.size(); ++i) {
            if (answers[i] != expected[i])
                QFAIL((rules[i] + "\n ours   " + expected[i] + "\n theirs " + answers[i]).constData());
            withDays += expected[i].isEmpty() ? 0 : 1;
        }
        QVERIFY(withDays > 1500);
    }

    void walkingFromALaterDayGivesTheSameDays()
    {
        Random random(7);
        for (int i = 0; i < 300; ++i) {
            const auto rule = recurrenceFromText(randomRule(random));
            QVERIFY(rule);
            const LocalDay start = day("20200101") + std::chrono::days(random.below(2000));
            const LocalDay from = start + std::chrono::days(random.below(5000));
            RecurrenceDays all(*rule, start, start), later(*rule, start, from);
            for (int n = 0; n < 5; ++n) {
                const auto expected = later.next();
                auto found = all.next();
                while (found && *found < from)
                    found = all.next();
                QVERIFY2(found == expected, toText(*rule).c_str());
            }
        }
    }

    void aRuleIsWrittenAsItWasRead()
    {
        Random random(9);
        for (int i = 0; i < 500; ++i) {
            const auto rule = recurrenceFromText(randomRule(random));
            QVERIFY(rule);
            QCOMPARE(recurrenceFromText(toText(*rule)), rule);
        }
    }

    void nonsenseIsRefusedByItsPart_data()
    {
        QTest::addColumn<QByteArray>("rule");
        QTest::addColumn<QByteArray>("part");
        const auto row = [](const char* rule, const char* part) {
            QTest::newRow(rule) << QByteArray(rule) << QByteArray(part);
        };
        row("", "no part");
        row("INTERVAL=2", "FREQ");
        row("FREQ=SECONDLY", "FREQ=SECONDLY");
        row("FREQ=DAILY;INTERVAL=0", "INTERVAL=0");
        row("FREQ=DAILY;INTERVAL=99999999999999999999", "INTERVAL");
        row("FREQ=DAILY;COUNT=-1", "COUNT=-1");
        row("FREQ=DAILY;COUNT=3;UNTIL=20270101", "COUNT and UNTIL");
        row("FREQ=DAILY;UNTIL=20270230", "UNTIL");
        row("FREQ=DAILY;UNTIL=20270201T250000Z", "UNTIL");
        row("FREQ=DAILY;BYDAY=1MO", "BYDAY");
        row("FREQ=MONTHLY;BYDAY=XX", "BYDAY=XX");
        row("FREQ=MONTHLY;BYDAY=54MO", "BYDAY=54MO");
        row("FREQ=WEEKLY;BYMONTHDAY=3", "BYMONTHDAY");
        row("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY=32");
        row("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY=0");
        row("FREQ=YEARLY;BYMONTH=13", "BYMONTH=13");
        row("FREQ=YEARLY;BYWEEKNO=20", "BYWEEKNO");
        row("FREQ=DAILY;BYHOUR=3", "BYHOUR");
        row("FREQ=MONTHLY;BYSETPOS=1", "BYSETPOS");
        row("FREQ=DAILY;FREQ=WEEKLY", "twice");
        row("FREQ=DAILY;;", "no part");
    }

    void longListsAreRefused_data()
    {
        QTest::addColumn<QByteArray>("rule");
        QTest::addColumn<QByteArray>("part");
        for (const char* each : {"BYDAY=53SU", "BYMONTHDAY=30", "BYMONTH=2", "BYSETPOS=1"}) {
            const QByteArray value = QByteArray(each).split('=').back(), name = QByteArray(each).split('=').front();
            QTest::newRow(each) << "FREQ=YEARLY;" + QByteArray(each) + ("," + value).repeated(366) << name + "=";
        }
    }

    void longListsAreRefused()
    {
        QFETCH(QByteArray, rule);
        QFETCH(QByteArray, part);
        const auto parsed = recurrenceFromText(rule.toStdString());
        QVERIFY(!parsed);
        QVERIFY2(parsed.error().message.starts_with(part.toStdString()), parsed.error().message.c_str());
        QVERIFY(parsed.error().message.size() < 200);
    }

    void nonsenseIsRefusedByItsPart()
    {
        QFETCH(QByteArray, rule);
        QFETCH(QByteArray, part);
        const auto parsed = recurrenceFromText(rule.toStdString());
        QVERIFY(!parsed);
        QCOMPARE(parsed.error().code, ErrorCode::InvalidArgument);
        QVERIFY2(QByteArray::fromStdString(parsed.error().message).contains(part), parsed.error().message.c_str());
    }
};

QTEST_GUILESS_MAIN(RecurrenceTest)
#include "recurrence_test.moc"
