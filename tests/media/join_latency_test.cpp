#include "core/media/hub/loop_group.h"
#include "tests/media/support/frames.h"

#include <QTest>

using namespace headgate;
using namespace headgate::tests;

namespace {

class Joiner final : public Subscriber
{
public:
    explicit Joiner(Kind kind = Kind::Viewer) : m_kind(kind) {}

    Kind kind() const override { return m_kind; }
    void deliver(const SharedFrame& frame) override { times.push_back(frame->isEssential() ? -1 : time(*frame)); }
    void streamEnded() override {}
    std::size_t waitingBytes() const override { return 0; }
    Duration waitingTime() const override { return {}; }
    std::size_t dropWaiting() override { return 0; }

    // -1 for what only tells how to decode.
    std::vector<std::int64_t> times;

private:
    static std::int64_t time(const MediaFrame& frame) { return frame.timestampMs(); }

    Kind m_kind;
};

// A key frame at `keyMs`, then pictures each 40 ms for so long.
void pushGroup(Stream& stream, std::uint32_t keyMs, std::uint32_t lengthMs)
{
    const auto push = [&](const SharedFrame& frame) {
        stream.push(frame, MonotonicTime() + Duration(frame->timestampMs()));
    };
    push(keyFrame(keyMs));
    for (std::uint32_t passed = 40; passed <= lengthMs; passed += 40)
        push(interFrame(keyMs + passed));
}

}  // namespace

class JoinLatencyTest : public QObject
{
    Q_OBJECT

private:
    std::vector<std::int64_t> joined(JoinLatency latency, std::uint32_t groupMs,
                                     Subscriber::Kind kind = Subscriber::Kind::Viewer)
    {
        Stream stream({"live", "show"}, {}, {});
        stream.push(videoHeader(), {});
        pushGroup(stream, 1000, groupMs);
        Joiner joiner(kind);
        stream.subscribe(joiner, latency);
        stream.push(interFrame(1000 + groupMs + 40), {});
        stream.push(keyFrame(1000 + groupMs + 80), {});
        stream.unsubscribe(joiner);
        return joiner.times;
    }

private Q_SLOTS:
    void aViewerBeginsWithTheNewestGroupOfPictures()
    {
        const auto times = joined(JoinLatency::Normal, 2000);
        QCOMPARE(times.size(), std::size_t(1 + 51 + 2));
        QCOMPARE(times[1], std::int64_t(1000));
    }

    void withLowLatencyAnOldGroupIsLeftOut()
    {
        QCOMPARE(joined(JoinLatency::Low, 2000), (std::vector<std::int64_t>{-1, 3080}));
        QCOMPARE(joined(JoinLatency::Low, 520), (std::vector<std::int64_t>{-1, 1600}));
    }

    void withLowLatencyAYoungGroupIsTaken()
    {
        QCOMPARE(joined(JoinLatency::Low, 480), joined(JoinLatency::Normal, 480));
        QCOMPARE(joined(JoinLatency::Low, 480)[1], std::int64_t(1000));
    }

    // It has viewers of its own.
    void aChildGetsTheWholeGroupAlways()
    {
        QCOMPARE(joined(JoinLatency::Low, 2000, Subscriber::Kind::Child),
                 joined(JoinLatency::Normal, 2000, Subscriber::Kind::Child));
    }

    void theAgeOfAGroupHoldsOverTheWrapAround()
    {
        GopCache cache;
        QCOMPARE(cache.span(), Duration(0));
        cache.add(keyFrame(0xFFFFFF00));
        cache.add(interFrame(0x100));
        QCOMPARE(cache.span(), Duration(0x200));
        cache.add(audioFrame(0xFFFFFE00));
        QCOMPARE(cache.span(), Duration(0));
    }

    void settingsReachEveryLoop()
    {
        EventLoop loop;
        LoopGroup group(loop, LoopOptions{3, Duration(0), 8});
        group.apply({{250}, JoinLatency::Low});
        QCOMPARE(loop.mergeWindow(), Duration(250));
        std::atomic<int> obedient = 0;
        group.forEachHost([&](SessionHost& host) {
            obedient += host.joinLatency() == JoinLatency::Low && host.loop().mergeWindow() == Duration(250) ? 1 : 0;
        });
        for (int turn = 0; turn < 500 && obedient < 3; ++turn)
            loop.runOnce(Duration(10));
        QCOMPARE(obedient.load(), 3);
    }
};

QTEST_GUILESS_MAIN(JoinLatencyTest)
#include "join_latency_test.moc"
