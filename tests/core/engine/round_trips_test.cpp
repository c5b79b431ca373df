#include "core/engine/round_trips.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace std::chrono_literals;

class RoundTripsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theFirstSamplesCountAlikeAndLaterOnesFadeByHalfInTenMinutes()
    {
        const TimePoint start = fromEpochMs(1'800'000'000'000);
        NetworkRoundTrips trips;
        QVERIFY(trips.isEmpty() && !trips.milliseconds("us-east"));
        trips.observe("us-east", 10'000, start);
        QCOMPARE(trips.milliseconds("us-east").value(), 10);
        trips.observe("us-east", 30'000, start);
        QCOMPARE(trips.milliseconds("us-east").value(), 20);
        for (int i = 0; i < 2000; ++i)
            trips.observe("us-east", 20'000, start);
        trips.observe("us-east", 60'000, start + 600s);
        QCOMPARE(trips.milliseconds("us-east").value(), 40);
        trips.observe("us-east", 20'000, start + 1200s);
        QCOMPARE(trips.milliseconds("us-east").value(), 30);
        trips.observe("us-east", 90'000, start + 100h);
        QCOMPARE(trips.milliseconds("us-east").value(), 90);
        trips.observe("us-east", 20'000, start);  // the clock was set back
        QCOMPARE(trips.milliseconds("us-east").value(), 90);
        QVERIFY(!trips.milliseconds("europe-west"));
    }

    void aNetworkKeepsTheRegionsThatWereHeardLast()
    {
        const TimePoint start = fromEpochMs(1'800'000'000'000);
        NetworkRoundTrips trips;
        for (int i = 0; i < 20; ++i)
            trips.observe("region-" + std::to_string(i), 1000 * i, start + i * 1s);
        QVERIFY(!trips.milliseconds("region-3"));
        QCOMPARE(trips.milliseconds("region-4").value(), 4);
        QCOMPARE(trips.milliseconds("region-19").value(), 19);
    }

    void theNumberOfNetworksIsBounded()
    {
        RoundTrips trips;
        const auto count = static_cast<std::uint64_t>(RoundTrips::mostNetworks);
        for (std::uint64_t network = 1; network <= 3 * count; ++network) {
            trips.of(network).usualRegion = "r";
            trips.of(7).usualRegion = "seven";
        }
        QCOMPARE(trips.find(7)->usualRegion, std::string("seven"));
        std::uint64_t kept = 0;
        for (std::uint64_t network = 1; network <= 3 * count; ++network)
            kept += trips.find(network) ? 1 : 0;
        QVERIFY(kept >= count / 2 && kept <= count);
        QVERIFY(trips.find(3 * count) && !trips.find(8));
    }
};

QTEST_GUILESS_MAIN(RoundTripsTest)
#include "round_trips_test.moc"
