#include "core/api/call_meter.h"
#include "core/api/public_access.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace std::chrono_literals;

class CallMeterTest : public QObject
{
    Q_OBJECT

private:
    std::chrono::steady_clock::time_point m_start{1000s};

private Q_SLOTS:
    void aClientMayCallSoOftenAtOnceAndThenAtItsRate()
    {
        CallMeter meter({10, 3}, 1);
        for (int i = 0; i < 3; ++i)
            QVERIFY(!meter.count(7, m_start));
        QCOMPARE(meter.count(7, m_start), std::optional(100ms));
        QCOMPARE(meter.count(7, m_start + 60ms), std::optional(40ms));
        QVERIFY(!meter.count(7, m_start + 100ms));
        QVERIFY(meter.count(7, m_start + 100ms));
        QVERIFY(!meter.count(8, m_start));
    }

    void aRestGivesNoMoreThanTheFirstCalls()
    {
        CallMeter meter({10, 3}, 1);
        QVERIFY(!meter.count(7, m_start));
        int allowed = 0;
        for (int i = 0; i < 10; ++i)
            allowed += meter.count(7, m_start + 24h) ? 0 : 1;
        QCOMPARE(allowed, 3);
    }

    void withoutARateNobodyIsCounted()
    {
        CallMeter meter({0, 0}, 1);
        for (int i = 0; i < 1000; ++i)
            QVERIFY(!meter.count(7, m_start));
    }

    void aCrowdOfClientsMakesRoomForItself()
    {
        CallMeter meter({1, 1}, 1);
        QVERIFY(!meter.count(7, m_start + 1h));
        for (std::uint64_t client = 100; client < 300'000; ++client)
            QVERIFY(!meter.count(client, m_start));
        // He has most to wait for of all in his row.
        QVERIFY(meter.count(7, m_start + 1h));
    }

    void addressesOfNetworksThatNobodyReachesAreNotTold_data()
    {
        QTest::addColumn<QString>("address");
        QTest::addColumn<bool>("isTold");
        for (const char* address : {"10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.1.1",
                                    "100.64.0.1", "127.0.0.1", "127.77.0.1", "0.0.0.0", "::1", "::", "fd00::1",
                                    "fc00::1", "fe80::1", "::ffff:10.0.0.1", "", "node.example"})
            QTest::newRow(address) << address << false;
        for (const char* address : {"203.0.113.7", "172.32.0.1", "172.15.0.1", "192.169.0.1", "100.128.0.1", "11.0.0.1",
                                    "2001:db8::1", "2a00:1450::1"})
            QTest::newRow(address) << address << true;
    }

    void addressesOfNetworksThatNobodyReachesAreNotTold()
    {
        QFETCH(QString, address);
        QFETCH(bool, isTold);
        QCOMPARE(PublicAccess(Listening::Network).isTold(address.toStdString()), isTold);
    }

    void thisMachineIsToldWhatIsOnIt()
    {
        const PublicAccess access(Listening::ThisMachine);
        QVERIFY(access.isTold("127.77.0.1"));
        QVERIFY(!access.isTold("192.168.0.1"));
    }

    void groupsSayWhetherTheyAreForEverybody()
    {
        NodeGroup group;
        QVERIFY(PublicAccess(Listening::ThisMachine).isRouted(&group));
        QVERIFY(PublicAccess(Listening::ThisMachine).isRouted(nullptr));
        QVERIFY(!PublicAccess(Listening::Network).isRouted(&group));
        QVERIFY(!PublicAccess(Listening::Network).isRouted(nullptr));
        for (const Listening listening : {Listening::ThisMachine, Listening::Network}) {
            group.publicRouting = PublicRouting::On;
            QVERIFY(PublicAccess(listening).isRouted(&group));
            group.publicRouting = PublicRouting::Off;
            QVERIFY(!PublicAccess(listening).isRouted(&group));
        }
    }
};

QTEST_GUILESS_MAIN(CallMeterTest)
#include "call_meter_test.moc"
