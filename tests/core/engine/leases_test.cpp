#include "core/engine/leases.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace std::chrono_literals;

namespace {

const TimePoint start = fromEpochMs(1'800'000'000'000);

}  // namespace

class LeasesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void growthOfTheReportsKeepsPromises()
    {
        Leases leases;
        leases.onReport(5, start);
        for (const auto after : {0s, 0s, 1s})
            leases.issue(1000, start + after);
        QCOMPARE(leases.sessions(), 3);
        QCOMPARE(leases.bitsPerSecond(), std::int64_t(3000));
        leases.onReport(6, start + 1s);
        QCOMPARE(leases.sessions(), 2);
        leases.onReport(4, start + 2s);
        QCOMPARE(leases.sessions(), 2);
        leases.onReport(9, start + 3s);
        QCOMPARE(leases.sessions(), 0);
        QCOMPARE(leases.bitsPerSecond(), std::int64_t(0));
    }

    void aReportThatWasMadeLongEnoughAfterThePromiseEndsIt()
    {
        Leases leases;
        leases.issue(0, start);
        leases.issue(0, start + 3s);
        leases.onReport(0, start + 4s);
        QCOMPARE(leases.sessions(), 2);
        leases.onReport(0, start + 5s);
        QCOMPARE(leases.sessions(), 1);
        leases.onReport(0, start + 8s);
        QCOMPARE(leases.sessions(), 0);
    }

    void whoShowsATokenIsTakenToComeFirst()
    {
        Leases leases;
        leases.issue(10, start, Standing::Tokenless);
        leases.issue(10, start);
        leases.issue(10, start, Standing::Tokenless);
        QCOMPARE(leases.tokenlessSessions(), 2);
        leases.onReport(1, start);
        QCOMPARE(leases.tokenlessSessions(), 2);
        leases.onReport(2, start);
        QCOMPARE(leases.tokenlessSessions(), 1);
        QCOMPARE(leases.tokenlessBitsPerSecond(), std::int64_t(10));
        leases.onReport(2, start + 5s);
        QCOMPARE(leases.tokenlessSessions(), 0);
        QCOMPARE(leases.tokenlessBitsPerSecond(), std::int64_t(0));
    }

    void whoComesIsNotTakenForWhoAskedBeforeWithoutAToken()
    {
        Leases leases;
        leases.issue(10, start, Standing::Tokenless);
        leases.issue(10, start + 2s);
        leases.onReport(1, start + 3s);
        QCOMPARE(leases.sessions(), 1);
        QCOMPARE(leases.tokenlessSessions(), 1);
        leases.onReport(2, start + 3s);
        QCOMPARE(leases.sessions(), 0);
    }

    void timeAloneEndsNone()
    {
        Leases leases;
        for (int i = 0; i < 1000; ++i) {
            leases.issue(1, start + i * 1s);
            leases.onReport(0, start);
        }
        QCOMPARE(leases.sessions(), 1000);
        leases.onReport(0, start + 1004s);
        QCOMPARE(leases.sessions(), 0);
        QCOMPARE(leases.bitsPerSecond(), std::int64_t(0));
    }
};

QTEST_GUILESS_MAIN(LeasesTest)
#include "leases_test.moc"
