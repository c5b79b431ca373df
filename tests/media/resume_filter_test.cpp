#include "core/media/relay/resume_filter.h"
#include "tests/media/support/frames.h"

#include <QTest>

#include <vector>

using namespace headgate;
using namespace headgate::tests;

namespace {

// What the filter lets through of these.
std::vector<std::uint32_t> take(ResumeFilter& filter, const std::vector<SharedFrame>& frames)
{
    std::vector<std::uint32_t> times;
    for (const SharedFrame& frame : frames) {
        if (const SharedFrame taken = filter.take(frame))
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

using Times = std::vector<std::uint32_t>;
constexpr auto sameSource = ResumeFilter::Continuation::SameSource;

}  // namespace

class ResumeFilterTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatWasTakenIsLeftOut()
    {
        ResumeFilter filter;
        QCOMPARE(take(filter, {videoHeader(), keyFrame(0), audioFrame(7), interFrame(40)}), (Times{0, 0, 7, 40}));
        filter.startPull(sameSource);
        QCOMPARE(take(filter, {videoHeader(), keyFrame(0), audioFrame(7), interFrame(40), audioFrame(47)}), Times{47});
        QCOMPARE(take(filter, {interFrame(80)}), Times{80});
    }

    void ofFramesOfOneTimeThoseAfterTheLastAreTaken()
    {
        ResumeFilter filter;
        take(filter, {keyFrameAt(0, 1), interFrameAt(40, 2), interFrameAt(40, 3)});
        filter.startPull(sameSource);
        const std::vector<SharedFrame> again{keyFrameAt(0, 1), interFrameAt(40, 2), interFrameAt(40, 3),
                                             interFrameAt(40, 4), interFrameAt(80, 5)};
        QCOMPARE(take(filter, again), (Times{40, 80}));
    }

    void aParentWithAnotherClockIsPutIntoTheTimeOfTheFirst()
    {
        ResumeFilter filter;
        take(filter, {keyFrameAt(9'000, 1), interFrameAt(9'040, 2)});
        filter.startPull(sameSource);
        const SharedFrame key = keyFrameAt(100, 1);
        QVERIFY(filter.isLastKeyFrame(*key));
        QCOMPARE(take(filter, {key, interFrameAt(140, 2), interFrameAt(180, 3), audioFrame(190)}),
                 (Times{9'080, 9'090}));
        filter.startPull(sameSource);
        QCOMPARE(take(filter, {keyFrameAt(9'000, 1), interFrameAt(9'080, 3), interFrameAt(9'120, 4)}), Times{9'120});
    }

    void theNumberWrapsAround()
    {
        ResumeFilter filter;
        take(filter, {keyFrame(4'294'967'250u), interFrame(4'294'967'290u), interFrame(34)});
        filter.startPull(sameSource);
        QVERIFY(!filter.isNewer(*interFrame(4'294'967'290u)));
        QCOMPARE(take(filter, {keyFrame(4'294'967'250u), interFrame(4'294'967'290u), interFrame(34), interFrame(74)}),
                 Times{74});
    }

    void ofAnotherPublisherNothingIsKnown()
    {
        ResumeFilter filter;
        take(filter, {videoHeader(), keyFrame(5'000)});
        filter.startPull(ResumeFilter::Continuation::NewSource);
        QVERIFY(!filter.hasKeyFrame());
        QCOMPARE(take(filter, {videoHeader(), keyFrame(0), interFrame(40)}), (Times{0, 0, 40}));
    }
};

QTEST_GUILESS_MAIN(ResumeFilterTest)
#include "resume_filter_test.moc"
