#include "core/media/preview/playout_clock.h"

#include <QTest>

using namespace headgate;
using namespace std::chrono_literals;

class PlayoutClockTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void firstPacketIsDueAfterTheBuffer();
    void cachedPicturesOfTheFirstBurstAreLate();
    void latePacketMovesNothing();
    void slowerPathIsLearntWithinTwoWindows();
    void jumpInTimeStartsAnew();

private:
    const PlayoutClock::Instant m_start{1000s};
};

void PlayoutClockTest::firstPacketIsDueAfterTheBuffer()
{
    PlayoutClock clock(150ms);
    QVERIFY(!clock.isRunning());
    clock.packetArrived(70s, m_start);
    QVERIFY(clock.isRunning());
    QCOMPARE((clock.dueAt(70s) - m_start) / 1ms, 150);
    QCOMPARE((clock.dueAt(71s) - m_start) / 1ms, 1150);
}

void PlayoutClockTest::cachedPicturesOfTheFirstBurstAreLate()
{
    PlayoutClock clock(150ms);
    for (int i = 0; i <= 60; ++i)
        clock.packetArrived(10s + i * 33ms, m_start);
    QCOMPARE((clock.dueAt(10s + 60 * 33ms) - m_start) / 1ms, 150);
    QVERIFY(clock.dueAt(10s) < m_start - 1s);
}

void PlayoutClockTest::latePacketMovesNothing()
{
    PlayoutClock clock(100ms);
    clock.packetArrived(1s, m_start);
    const auto before = clock.dueAt(2s);
    clock.packetArrived(1040ms, m_start + 400ms);
    QVERIFY(clock.dueAt(2s) == before);
    QVERIFY(clock.newest() == PlayoutClock::MediaTime(1040ms));
}

void PlayoutClockTest::slowerPathIsLearntWithinTwoWindows()
{
    PlayoutClock clock(100ms);
    clock.packetArrived(0s, m_start);
    for (int i = 1; i <= 130; ++i)
        clock.packetArrived(i * 100ms, m_start + 500ms + i * 100ms);
    QCOMPARE((clock.dueAt(13s) - m_start) / 1ms, 13'600);
}

void PlayoutClockTest::jumpInTimeStartsAnew()
{
    PlayoutClock clock(100ms);
    clock.packetArrived(3600s, m_start);
    clock.packetArrived(0s, m_start + 1s);
    QCOMPARE((clock.dueAt(0s) - m_start) / 1ms, 1100);
    QVERIFY(clock.newest() == PlayoutClock::MediaTime(0s));
}

QTEST_GUILESS_MAIN(PlayoutClockTest)
#include "playout_clock_test.moc"
