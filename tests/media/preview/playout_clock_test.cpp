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
    void whatCameLateIsMadeGoodByPlayingFaster();
    void moreThanTwoSecondsAreNotWaitedFor();
    void skippingEndsTheLag();
    void slowerPathTakesTheLagOver();

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

void PlayoutClockTest::whatCameLateIsMadeGoodByPlayingFaster()
{
    PlayoutClock clock(100ms);
    clock.packetArrived(0s, m_start);
    clock.waitFor(0s, m_start);
    QVERIFY(clock.dueAt(0s) == m_start + 100ms);
    // What was due after 1.1 s comes after 2.1 s, and all that followed it with it.
    const PlayoutClock::Instant resumed = m_start + 2100ms;
    for (const auto time : {1000ms, 1040ms, 1080ms}) {
        clock.packetArrived(time, resumed);
        clock.waitFor(time, resumed);
    }
    QCOMPARE(std::chrono::round<std::chrono::milliseconds>(clock.dueAt(1000ms) - resumed).count(), 0);
    QCOMPARE(std::chrono::round<std::chrono::milliseconds>(clock.dueAt(1105ms) - resumed).count(), 100);
    QCOMPARE(std::chrono::round<std::chrono::milliseconds>(clock.dueAt(2050ms) - resumed).count(), 1000);
    QCOMPARE(clock.speedAt(resumed + 19s), PlayoutClock::catchUpSpeed);
    // A second takes 20 s; from then on it is on time.
    QCOMPARE(clock.speedAt(resumed + 21s), 1.0);
    QVERIFY(clock.dueAt(22s) == m_start + 22'100ms);
    QVERIFY(clock.dueAt(30s) == m_start + 30'100ms);
}

void PlayoutClockTest::moreThanTwoSecondsAreNotWaitedFor()
{
    PlayoutClock clock(100ms);
    clock.packetArrived(0s, m_start);
    const PlayoutClock::Instant resumed = m_start + 4100ms;
    clock.packetArrived(1s, resumed);
    clock.waitFor(1s, resumed);
    QVERIFY(clock.dueAt(1s) < resumed - 900ms);
    QCOMPARE(std::chrono::round<std::chrono::milliseconds>(clock.dueAt(2s) - resumed).count(), 0);
}

void PlayoutClockTest::skippingEndsTheLag()
{
    PlayoutClock clock(100ms);
    clock.packetArrived(0s, m_start);
    const PlayoutClock::Instant resumed = m_start + 2600ms;
    clock.packetArrived(1s, resumed);
    clock.waitFor(1s, resumed);
    clock.skipTo(2s, resumed);
    QCOMPARE(std::chrono::round<std::chrono::milliseconds>(clock.dueAt(2s) - resumed).count(), 0);
    clock.skipTo(1s, resumed);  // behind it already
    QCOMPARE(std::chrono::round<std::chrono::milliseconds>(clock.dueAt(2s) - resumed).count(), 0);
    clock.skipTo(4s, resumed);  // not before its time
    QVERIFY(clock.dueAt(4s) == m_start + 4100ms);
}

void PlayoutClockTest::slowerPathTakesTheLagOver()
{
    PlayoutClock clock(100ms);
    clock.packetArrived(0s, m_start);
    auto shownBefore = clock.dueAt(0s);
    for (int i = 1; i <= 300; ++i) {
        const auto time = i * 100ms;
        clock.packetArrived(time, m_start + 600ms + time);
        clock.waitFor(time, m_start + 600ms + time);
        const auto shown = clock.dueAt(time);
        // Nothing is left out, and but for the first late one nothing waits, or for no longer than the buffer.
        const auto step = shown - shownBefore;
        QVERIFY2(step >= 95ms && (step <= 205ms || i == 1), qPrintable(QString::number(step / 1ms)));
        shownBefore = shown;
    }
    QCOMPARE(clock.speedAt(m_start + 31s), 1.0);
    QCOMPARE((clock.dueAt(30s) - m_start) / 1ms, 30'700);
}

QTEST_GUILESS_MAIN(PlayoutClockTest)
#include "playout_clock_test.moc"
