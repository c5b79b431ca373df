#include "core/media/hub/timeline.h"
#include "tests/media/support/frames.h"

#include <QTest>

using namespace headgate;
using namespace headgate::tests;

namespace {

const MonotonicTime begin{std::chrono::hours(1)};

}  // namespace

class TimelineTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void oneSourceKeepsItsTime()
    {
        Timeline timeline;
        for (const std::uint32_t time : {7000u, 7040u, 100u, 4'294'967'290u, 5u}) {
            const SharedFrame frame = keyFrame(time);
            QVERIFY(timeline.place(frame, begin) == frame);
        }
    }

    void anotherSourceGoesOnWithWhatPassed()
    {
        Timeline timeline;
        timeline.place(keyFrame(10'000), begin);
        timeline.place(audioFrame(10'020), begin);
        timeline.startSource();
        const MonotonicTime later = begin + Duration(1500);
        QCOMPARE(timeline.place(videoHeader(), later)->timestampMs(), 10'020u);
        QCOMPARE(timeline.place(keyFrame(90'000), later)->timestampMs(), 11'520u);
        QCOMPARE(timeline.place(audioFrame(89'980), later)->timestampMs(), 11'520u);  // not before the picture
        QCOMPARE(timeline.place(interFrame(90'040), later)->timestampMs(), 11'560u);
        QVERIFY(timeline.place(keyFrame(90'080), later)->isKeyFrame());
    }

    void aThirdSourceGoesOnAfterTheSecond()
    {
        Timeline timeline;
        timeline.place(keyFrame(1000), begin);
        timeline.startSource();
        QCOMPARE(timeline.place(keyFrame(0), begin)->timestampMs(), 1001u);
        timeline.startSource();
        QCOMPARE(timeline.place(keyFrame(500), begin + Duration(9))->timestampMs(), 1010u);
    }

    void aJumpOfAPublisherIsNoJumpOfTheStream()
    {
        Timeline timeline;
        const auto place = [&](const SharedFrame& frame, MonotonicTime now) {
            return timeline.place(frame, now, Timeline::Clock::MayJump)->timestampMs();
        };
        QCOMPARE(place(keyFrame(50'000), begin), 50'000u);
        QCOMPARE(place(audioFrame(49'990), begin), 49'990u);
        const MonotonicTime later = begin + Duration(40);
        // Back to zero; some sound of the time before comes later than the first picture after it.
        QCOMPARE(place(interFrame(0), later), 50'040u);
        QCOMPARE(place(audioFrame(50'011), later), 50'011u);
        QCOMPARE(place(interFrame(40), later + Duration(40)), 50'080u);
        QCOMPARE(place(audioFrame(2), later + Duration(40)), 50'042u);
        QCOMPARE(place(videoHeader(), later + Duration(40)), 50'040u);
        // And an hour ahead.
        QCOMPARE(place(interFrame(3'600'000), later + Duration(80)), 50'120u);
        QCOMPARE(place(audioFrame(3'599'990), later + Duration(80)), 50'110u);
    }

    void aPauseIsNoJump()
    {
        Timeline timeline;
        const auto place = [&](const SharedFrame& frame, MonotonicTime now) {
            return timeline.place(frame, now, Timeline::Clock::MayJump)->timestampMs();
        };
        QCOMPARE(place(keyFrame(1'000), begin), 1'000u);
        QCOMPARE(place(interFrame(60'900), begin + Duration(60'000)), 60'900u);  // a minute without a picture
        QCOMPARE(place(interFrame(69'000), begin + Duration(60'000)), 69'000u);  // what was late comes in one go
        QCOMPARE(place(interFrame(68'500), begin + Duration(60'000)), 69'000u);  // never back
        QCOMPARE(place(audioFrame(60'000), begin + Duration(60'000)), 60'000u);  // sound begins late
    }

    void aClockThatEndsAt31BitsGoesOn()
    {
        Timeline timeline;
        const auto place = [&](std::uint32_t time, MonotonicTime now) {
            return timeline.place(keyFrame(time), now, Timeline::Clock::MayJump)->timestampMs();
        };
        QCOMPARE(place(0x7FFF'FFF0u, begin), 0x7FFF'FFF0u);
        QCOMPARE(place(0x18u, begin + Duration(25)), 0x8000'0018u);  // exactly, whatever passed
        QCOMPARE(place(0x40u, begin + Duration(80)), 0x8000'0040u);
    }

    void theNumberWrapsAround()
    {
        Timeline timeline;
        timeline.place(keyFrame(4'294'967'290u), begin);
        QCOMPARE(timeline.place(keyFrame(4), begin, Timeline::Clock::MayJump)->timestampMs(), 4u);
        timeline.startSource();
        QCOMPARE(timeline.place(keyFrame(90), begin + Duration(10))->timestampMs(), 14u);
    }

    void anotherSourceGoesOnAcrossTheWrap()
    {
        Timeline timeline;
        timeline.place(keyFrame(4'294'967'290u), begin);
        timeline.startSource();
        QCOMPARE(timeline.place(keyFrame(0), begin + Duration(10))->timestampMs(), 4u);
        QCOMPARE(timeline.place(interFrame(40), begin + Duration(50))->timestampMs(), 44u);
    }

    void aFirstSourceIsNoOther()
    {
        Timeline timeline;
        timeline.startSource();
        QCOMPARE(timeline.place(keyFrame(123), begin)->timestampMs(), 123u);
    }
};

QTEST_GUILESS_MAIN(TimelineTest)
#include "timeline_test.moc"
