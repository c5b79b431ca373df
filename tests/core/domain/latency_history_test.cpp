#include "core/domain/latency_history.h"

#include <QTest>

using namespace headgate;
using std::chrono::seconds;

namespace {

constexpr TimePoint start = fromEpochMs(1'800'000'000'000);

}  // namespace

class LatencyHistoryTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void nothingIsKnownBeforeAPicture()
    {
        const LatencyHistory history;
        QCOMPARE(history.state(), LatencyState::Unknown);
        QVERIFY(history.figures() == LatencyFigures{});
        QCOMPARE(history.secondBySecond().size(), std::size_t{300});
    }

    void figuresAreThoseOfTheSamples()
    {
        LatencyHistory history;
        for (int i = 1; i <= 100; ++i)
            history.add(start + Duration(i), Duration(101 - i));
        QCOMPARE(history.state(), LatencyState::Measured);
        QVERIFY((history.figures() ==
                 LatencyFigures{Duration(1), Duration(1), Duration(50), Duration(95), Duration(100), 100}));
    }

    void oneSampleIsEveryFigure()
    {
        LatencyHistory history;
        history.add(start, Duration(7));
        QVERIFY(
            (history.figures() == LatencyFigures{Duration(7), Duration(7), Duration(7), Duration(7), Duration(7), 1}));
    }

    void olderThanFiveMinutesIsForgotten()
    {
        LatencyHistory history;
        history.add(start, Duration(900));
        history.add(start + LatencyHistory::span - Duration(1), Duration(20));
        QCOMPARE(history.figures().most, Duration(900));
        history.add(start + LatencyHistory::span, Duration(30));
        QCOMPARE(history.figures().most, Duration(30));
        QCOMPARE(history.figures().pictures, std::size_t{2});
    }

    void whatCannotBeTrueIsNoFigure()
    {
        LatencyHistory history;
        history.add(start, Duration(-1));
        QCOMPARE(history.state(), LatencyState::ClocksDiffer);
        history.add(start, LatencyHistory::longest + Duration(1));
        QCOMPARE(history.state(), LatencyState::ClocksDiffer);
        QCOMPARE(history.figures().pictures, std::size_t{0});
        history.add(start, Duration(0));
        history.add(start, LatencyHistory::longest);
        QCOMPARE(history.state(), LatencyState::Measured);
        QCOMPARE(history.figures().pictures, std::size_t{2});
    }

    void missingStampsAreToldAfterAMoment()
    {
        LatencyHistory history;
        history.add(start, std::nullopt);
        QCOMPARE(history.state(), LatencyState::NoStamp);
        history.add(start + seconds(1), Duration(40));
        history.add(start + seconds(2), std::nullopt);
        QCOMPARE(history.state(), LatencyState::Measured);
        history.add(start + seconds(3), std::nullopt);
        QCOMPARE(history.state(), LatencyState::NoStamp);
    }

    void eachSecondHasItsMedian()
    {
        LatencyHistory history;
        for (const int ms : {10, 90, 30})
            history.add(start, Duration(ms));
        history.add(start + seconds(2), Duration(50));
        const auto medians = history.secondBySecond();
        QCOMPARE(medians.size(), std::size_t{300});
        QCOMPARE(medians[299].value(), Duration(50));
        QVERIFY(!medians[297]);
        QCOMPARE(medians[298].value(), Duration(30));
    }

    void clockThatWasPutBackStartsAnew()
    {
        LatencyHistory history;
        history.add(start, Duration(10));
        history.add(start - seconds(60), Duration(20));
        QCOMPARE(history.figures().pictures, std::size_t{1});
        QCOMPARE(history.figures().now, Duration(20));
    }
};

QTEST_GUILESS_MAIN(LatencyHistoryTest)
#include "latency_history_test.moc"
