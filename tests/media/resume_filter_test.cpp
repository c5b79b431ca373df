#include "core/media/relay/resume_filter.h"
#include "tests/media/support/frames.h"

#include <QTest>

#include <vector>

using namespace headgate;
using namespace headgate::tests;

namespace {

MonotonicTime at(int milliseconds)
{
    return MonotonicTime() + Duration(milliseconds);
}

// What the filter lets through of these.
std::vector<std::uint32_t> take(ResumeFilter& filter, const std::vector<SharedFrame>& frames, int nowMs = 0)
{
    std::vector<std::uint32_t> times;
    for (const SharedFrame& frame : frames) {
        if (const SharedFrame taken = filter.take(frame, at(nowMs)))
            times.push_back(taken->timestampMs());
    }
    return times;
}

SharedFrame keyFrameAt(std::uint32_t timestampMs, std::uint8_t content)
{
    return makeFrame(FrameKind::Video, timestampMs, {0x17, 1, 0, 0, 0, content});
}

SharedFrame interFrameAt(std::uint32_t timestampMs, std::uint8_t content)
{
    return makeFrame(FrameKind::Video, timestampMs, {0x27, 1, 0, 0, 0, content});
}

// A picture that does not move, a key frame each 400 ms.
std::vector<SharedFrame> stillFrames(std::uint32_t fromMs, std::uint32_t toMs, std::uint32_t clockMs = 0)
{
    std::vector<SharedFrame> frames;
    for (std::uint32_t time = fromMs; time <= toMs; time += 40)
        frames.push_back(time % 400 == 0 ? keyFrameAt(time + clockMs, 1) : interFrameAt(time + clockMs, 2));
    return frames;
}

using Times = std::vector<std::uint32_t>;

}  // namespace

class ResumeFilterTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatWasTakenIsLeftOut()
    {
        ResumeFilter filter;
        QCOMPARE(take(filter, {videoHeader(), keyFrame(0), audioFrame(7), interFrame(40)}), (Times{0, 0, 7, 40}));
        filter.startPull({});
        QCOMPARE(take(filter, {videoHeader(), keyFrame(0), audioFrame(7), interFrame(40), audioFrame(47)}), Times{47});
        QCOMPARE(take(filter, {interFrame(80)}), Times{80});
    }

    void timesMayBeAsFarApartAsTheyCan()
    {
        constexpr std::uint32_t farthest = 0x7FFF'FFFF;
        ResumeFilter filter;
        take(filter, {keyFrameAt(0, 1), interFrameAt(farthest, 2)});
        const auto place = filter.placeOf({keyFrameAt(farthest, 1), interFrameAt(farthest, 2)}, at(0), at(5000));
        QVERIFY(place && place->shiftMs == 0 - farthest);
        filter.startPull({});
        take(filter, {keyFrameAt(0x8000'0000, 1)}, 5000);
        QCOMPARE(filter.shiftMs(), 0x8000'0000);
    }

    void ofFramesOfOneTimeThoseAfterTheLastAreTaken()
    {
        ResumeFilter filter;
        take(filter, {keyFrameAt(0, 1), interFrameAt(40, 2), interFrameAt(40, 3)});
        filter.startPull({});
        const std::vector<SharedFrame> again{keyFrameAt(0, 1), interFrameAt(40, 2), interFrameAt(40, 3),
                                             interFrameAt(40, 4), interFrameAt(80, 5)};
        QCOMPARE(take(filter, again), (Times{40, 80}));
    }

    void aParentWithAnotherClockIsPutIntoTheTimeOfTheFirst()
    {
        ResumeFilter filter;
        take(filter, {keyFrameAt(8'000, 7), keyFrameAt(9'000, 1), interFrameAt(9'040, 2)});
        filter.startPull({});
        const SharedFrame key = keyFrameAt(100, 1);
        const auto place = filter.placeOf({key}, at(0), at(0));
        QVERIFY(place && place->isSure);
        QCOMPARE(place->shiftMs, 8'900u);
        QCOMPARE(take(filter, {key, interFrameAt(140, 2), interFrameAt(180, 3), audioFrame(190)}),
                 (Times{9'080, 9'090}));
        filter.startPull({});
        QCOMPARE(take(filter, {keyFrameAt(9'000, 1), interFrameAt(9'080, 3), interFrameAt(9'120, 4)}), Times{9'120});
    }

    void theNumberWrapsAround()
    {
        ResumeFilter filter;
        take(filter, {keyFrame(4'294'967'250u), interFrame(4'294'967'290u), interFrame(34)});
        filter.startPull({});
        QVERIFY(!filter.isNewer(*interFrame(4'294'967'290u), 0));
        QCOMPARE(take(filter, {keyFrame(4'294'967'250u), interFrame(4'294'967'290u), interFrame(34), interFrame(74)}),
                 Times{74});
    }

    void ofAnotherPublisherNothingIsKnown()
    {
        ResumeFilter filter;
        take(filter, {videoHeader(), keyFrame(5'000)});
        filter.startSource(0);
        QVERIFY(!filter.hasKeyFrame());
        QCOMPARE(take(filter, {videoHeader(), keyFrame(0), interFrame(40)}), (Times{0, 0, 40}));
        filter.startSource(1'000);
        QCOMPARE(take(filter, {keyFrame(0), interFrame(40)}), (Times{1'000, 1'040}));
    }

    void ofPicturesThatDoNotMoveTheTimeTells()
    {
        ResumeFilter filter;
        take(filter, stillFrames(0, 1'000), 1'000);
        const auto place = filter.placeOf(stillFrames(400, 1'040), at(1'000), at(1'010));
        QVERIFY(place && place->isSure);
        QCOMPARE(place->shiftMs, 0u);
        filter.startPull({});
        QCOMPARE(take(filter, stillFrames(800, 1'080), 1'080), (Times{1'040, 1'080}));
        filter.startPull({});  // the next group has begun meanwhile, or the new parent is late
        QCOMPARE(take(filter, stillFrames(1'200, 1'240), 1'240), (Times{1'200, 1'240}));
        filter.startPull({});
        QCOMPARE(take(filter, stillFrames(800, 1'280), 1'300), Times{1'280});
    }

    void ofPicturesThatDoNotMoveAndTimesThatDifferTheNewestTells()
    {
        ResumeFilter filter;
        constexpr std::uint32_t clock = 77'013;
        take(filter, stillFrames(0, 1'000), 1'000);
        const auto held = stillFrames(400, 1'040, clock);
        QVERIFY(!filter.placeOf(held, at(900), at(1'010))->isSure);  // more of the cache may be on its way
        const auto place = filter.placeOf(held, at(500), at(1'010));
        QVERIFY(place && place->isSure);
        filter.startPull(place->shiftMs);
        QCOMPARE(take(filter, held, 1'010), Times{1'040});
        // A key frame that has just come is not one that came a while ago.
        QCOMPARE(take(filter, stillFrames(1'080, 1'160, clock), 1'160), (Times{1'080, 1'120, 1'160}));
        QVERIFY(!filter.placeOf(stillFrames(1'200, 1'240, clock), at(500), at(1'160))->isSure);
    }

    void timesThatDifferByNoWholeRepetitionAreOfAnotherClock()
    {
        ResumeFilter filter;
        take(filter, stillFrames(0, 1'000), 1'000);
        const auto held = stillFrames(400, 1'040, 150);
        const auto place = filter.placeOf(held, at(500), at(1'010));
        QVERIFY(place && place->isSure);
        filter.startPull(place->shiftMs);
        QCOMPARE(take(filter, held, 1'010), Times{1'040});
    }

    void afterALossPicturesThatDoNotMoveGoOnWhereTheyShouldBe()
    {
        ResumeFilter filter;
        take(filter, stillFrames(0, 800), 800);
        take(filter, stillFrames(840, 1'000), 1'000);
        filter.startPull({});
        QCOMPARE(take(filter, stillFrames(800, 1'040, 77'013), 1'040), Times{1'040});
        filter.startPull({});
        QCOMPARE(take(filter, stillFrames(1'200, 1'240, 99'013), 1'250), (Times{1'200, 1'240}));
    }

    void keyFramesThatAreTheSameInTurnRepeat()
    {
        ResumeFilter filter;
        take(filter, {keyFrameAt(0, 1), keyFrameAt(400, 2), keyFrameAt(800, 1), keyFrameAt(1'200, 2)}, 1'200);
        filter.startPull({});
        QCOMPARE(take(filter, {keyFrameAt(1'600, 1), keyFrameAt(2'000, 2)}, 2'000), (Times{1'600, 2'000}));
        QVERIFY(!filter.placeOf({keyFrameAt(2'400, 1), keyFrameAt(2'800, 2)}, at(2'000), at(2'900)));
    }
};

QTEST_GUILESS_MAIN(ResumeFilterTest)
#include "resume_filter_test.moc"
