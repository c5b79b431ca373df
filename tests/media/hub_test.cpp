#include "core/media/hub/session_gate.h"
#include "tests/media/support/frames.h"

#include <QTest>

using namespace headgate;
using namespace headgate::tests;

namespace {

class Receiver final : public Subscriber
{
public:
    explicit Receiver(Kind kind = Kind::Viewer) : m_kind(kind) {}

    std::vector<SharedFrame> frames;
    std::size_t waiting = 0;
    Duration waitingSince{0};
    int drops = 0;
    std::size_t dropped = 0;  // what a drop answers
    int restarts = 0;
    bool isOver = false;

    Kind kind() const override { return m_kind; }
    void deliver(const SharedFrame& frame) override { frames.push_back(frame); }
    void streamEnded() override { isOver = true; }
    void streamRestarted() override { ++restarts; }
    std::size_t waitingBytes() const override { return waiting; }
    Duration waitingTime() const override { return waitingSince; }
    std::size_t dropWaiting() override
    {
        ++drops;
        waiting = 0;
        return dropped;
    }

private:
    Kind m_kind;
};

class SomePublisher final : public Publisher
{
public:
    int replacements = 0;
    void replaced() override { ++replacements; }
};

constexpr MonotonicTime begin{};
const StreamKey key{"live", "show"};

void pushAll(Stream& stream, const std::vector<SharedFrame>& frames)
{
    for (const SharedFrame& frame : frames)
        stream.push(frame, begin + Duration(frame->timestampMs()));
}

}  // namespace

class HubTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aNodesStreamsFitIntoAHeartbeat()
    {
        const std::string longest(128, 'n');
        std::string scope = longest;
        for (int segment = 2; segment < 8; ++segment)
            scope += "/" + longest;
        Hub hub;
        node_protocol::Heartbeat heartbeat;
        for (std::size_t i = 0; i < Hub::mostStreams; ++i) {
            std::string name = std::to_string(i);
            name.resize(128, 'n');
            const auto stream =
                hub.open({scope, name}, StreamSource{true, "[" + std::string(39, 'f') + "]:65535", "rtmp", i}, begin);
            QVERIFY(stream.has_value());
            heartbeat.streams.push_back((*stream)->report(begin));
        }
        const auto refused = hub.open(key, {}, begin);
        QCOMPARE(refused.error().code, ErrorCode::ResourceExhausted);
        QVERIFY(hub.find(key) == nullptr);
        node_protocol::FrameReader reader;
        QVERIFY(reader.append(node_protocol::frame(node_protocol::encode(heartbeat))).has_value());
        const auto received = node_protocol::decodeFromNode(reader.next().value_or(""));
        QVERIFY2(received.has_value(), received ? "" : received.error().message.c_str());
        QVERIFY(std::get<node_protocol::Heartbeat>(*received).streams == heartbeat.streams);
        hub.end(*hub.streams().begin()->second);
        QVERIFY(hub.open(key, {}, begin).has_value());
    }

    void aLateJoinerStartsAtTheLastKeyFrame()
    {
        Stream stream(key, {}, begin);
        const SharedFrame lastKey = keyFrame(2000);
        const SharedFrame after = interFrame(2040);
        const SharedFrame sound = audioFrame(2050);
        const SharedFrame meta = metadata();
        const SharedFrame video = videoHeader();
        const SharedFrame audio = audioHeader();
        pushAll(stream, {meta, video, audio, keyFrame(0), audioFrame(10), interFrame(40), lastKey, after, sound});
        Receiver receiver;
        stream.subscribe(receiver);
        QVERIFY((receiver.frames == std::vector<SharedFrame>{meta, video, audio, lastKey, after, sound}));
        const SharedFrame next = interFrame(2080);
        stream.push(next, begin);
        QVERIFY(receiver.frames.back() == next);
        stream.unsubscribe(receiver);
    }

    void whoJoinsBeforeTheFirstKeyFrameWaitsForIt()
    {
        Stream stream(key, {}, begin);
        pushAll(stream, {videoHeader(), interFrame(0)});
        Receiver receiver;
        stream.subscribe(receiver);
        pushAll(stream, {interFrame(40), audioFrame(50), keyFrame(80), audioFrame(90)});
        QCOMPARE(receiver.frames.size(), std::size_t{3});
        QCOMPARE(receiver.frames[1]->timestampMs(), 80u);
        stream.unsubscribe(receiver);
    }

    void aStreamOfSoundAloneStartsAtOnce()
    {
        Stream stream(key, {}, begin);
        pushAll(stream, {audioHeader(), audioFrame(0)});
        Receiver receiver;
        stream.subscribe(receiver);
        pushAll(stream, {audioFrame(20)});
        QCOMPARE(receiver.frames.size(), std::size_t{2});
        stream.unsubscribe(receiver);
    }

    void aSlowViewerSkipsToTheNextKeyFrameAndOthersDoNot()
    {
        Stream stream(key, {}, begin);
        pushAll(stream, {videoHeader(), keyFrame(0)});
        Receiver slow;
        Receiver quick;
        stream.subscribe(slow);
        stream.subscribe(quick);
        slow.waiting = Stream::mostWaitingBytes + 1;
        pushAll(stream, {interFrame(40), interFrame(80), audioFrame(90), keyFrame(2000), interFrame(2040)});
        QCOMPARE(slow.drops, 1);
        QCOMPARE(slow.frames.size(), std::size_t{4});
        QCOMPARE(slow.frames[2]->timestampMs(), 2000u);
        QCOMPARE(quick.frames.size(), std::size_t{7});
        QCOMPARE(stream.skips(), std::uint64_t{1});
        slow.waitingSince = Stream::longestWaitingTime + Duration(1);
        pushAll(stream, {interFrame(2080)});
        QCOMPARE(slow.drops, 2);
        stream.unsubscribe(slow);
        stream.unsubscribe(quick);
    }

    void aLargeStartIsNoReasonToSkip()
    {
        constexpr std::size_t startBytes = 10 * 1024 * 1024;
        Stream stream(key, {}, begin);
        pushAll(stream, {videoHeader(), keyFrame(0, startBytes)});
        Receiver joiner;
        joiner.waiting = startBytes;
        stream.subscribe(joiner);
        // Everything of the start still waits, and so it does a little longer than others may.
        joiner.waitingSince = Duration(100);
        stream.push(interFrame(100), begin + Duration(100));
        joiner.waiting = startBytes + Stream::mostWaitingBytes;
        joiner.waitingSince = Stream::longestStartTime;
        stream.push(interFrame(140), begin + Stream::longestStartTime);
        QCOMPARE(joiner.drops, 0);
        QCOMPARE(joiner.frames.size(), std::size_t{4});
        joiner.waiting += 1;
        stream.push(interFrame(180), begin + Stream::longestStartTime);
        QCOMPARE(joiner.drops, 1);
        stream.unsubscribe(joiner);
    }

    void whoTakesNothingOfTheStartSkipsInTheEnd()
    {
        Stream stream(key, {}, begin);
        pushAll(stream, {videoHeader(), keyFrame(0)});
        Receiver joiner;
        joiner.waiting = 1000;
        stream.subscribe(joiner);
        joiner.waitingSince = Stream::longestStartTime + Duration(1);
        stream.push(interFrame(40), begin + joiner.waitingSince);
        QCOMPARE(joiner.drops, 1);
        stream.unsubscribe(joiner);
    }

    void afterTheStartTheBoundsAreThoseOfAll()
    {
        constexpr std::size_t startBytes = 10 * 1024 * 1024;
        Stream stream(key, {}, begin);
        pushAll(stream, {videoHeader(), keyFrame(0, startBytes)});
        Receiver joiner;
        joiner.waiting = startBytes;
        stream.subscribe(joiner);
        joiner.waitingSince = Duration(100);
        stream.push(interFrame(100), begin + Duration(100));
        // The oldest is now younger than the start.
        joiner.waiting = Stream::mostWaitingBytes;
        joiner.waitingSince = Duration(500);
        stream.push(interFrame(2000), begin + Duration(2000));
        QCOMPARE(joiner.drops, 0);
        joiner.waiting = Stream::mostWaitingBytes + 1;
        stream.push(interFrame(2040), begin + Duration(2040));
        QCOMPARE(joiner.drops, 1);
        stream.unsubscribe(joiner);
    }

    void figuresAreThoseOfTheFrames()
    {
        Stream stream(key, {true, "1.2.3.4:5", "rtmp", 7}, begin);
        pushAll(stream, {metadata(), videoHeader(), audioHeader()});
        for (std::uint32_t time = 0; time < 4000; time += 40)
            stream.push(time % 1000 == 0 ? keyFrame(time, 995) : interFrame(time, 995), begin + Duration(time));
        Receiver viewer;
        Receiver child(Subscriber::Kind::Child);
        stream.subscribe(viewer);
        stream.subscribe(child);
        const StreamReport report = stream.report(begin + Duration(3990));
        QCOMPARE(report.videoCodec, std::string("H.264"));
        QCOMPARE(report.audioCodec, std::string("AAC"));
        QCOMPARE(report.width, 640);
        QCOMPARE(report.height, 360);
        QCOMPARE(report.framesPerSecond, 25.0);
        QCOMPARE(report.keyFrameIntervalMs, 1000);
        QCOMPARE(report.sinceLastFrameMs, 30);
        QVERIFY(std::abs(report.bitsPerSecond - 200'000) < 8'000);
        QCOMPARE(report.viewers, 1);
        QCOMPARE(report.children, 1);
        QCOMPARE(report.epoch, std::uint64_t{7});
        QVERIFY(report.isPublishedHere);
        stream.end();
        QVERIFY(viewer.isOver && child.isOver);
    }

    void aNameIsTakenUntilItsStreamEnds()
    {
        Hub hub;
        const auto first = hub.open(key, {true, {}, {}, 1}, begin);
        QVERIFY(first.has_value());
        QVERIFY(hub.open(key, {}, begin).error().code == ErrorCode::AlreadyExists);
        QCOMPARE(hub.publisherCount(), 1);
        Receiver receiver;
        (*first)->subscribe(receiver);
        QCOMPARE(hub.subscriberCount(Subscriber::Kind::Viewer), 1);
        hub.end(**first);
        QVERIFY(receiver.isOver);
        QVERIFY(hub.find(key) == nullptr);
        QVERIFY(hub.open(key, {}, begin).has_value());
    }

    void aLateJoinerGetsTheConfigurationsOfAllTracks()
    {
        const auto body = [](std::uint32_t time, Bytes bytes) {
            return makeFrame(FrameKind::Video, time, std::move(bytes));
        };
        Stream stream(key, {}, begin);
        const SharedFrame first = body(0, {0x96, 0x00, 'h', 'v', 'c', '1', 0, 1});
        const SharedFrame second = body(0, {0x96, 0x00, 'h', 'v', 'c', '1', 1, 2});
        const SharedFrame colours = body(0, {0x94, 'h', 'v', 'c', '1', 2});
        const SharedFrame secondAgain = body(0, {0x96, 0x00, 'h', 'v', 'c', '1', 1, 3});
        const SharedFrame keyOfFirst = body(40, {0x96, 0x03, 'h', 'v', 'c', '1', 0, 9});
        const SharedFrame keyOfSecond = body(40, {0x96, 0x03, 'h', 'v', 'c', '1', 1, 9});
        pushAll(stream, {first, second, colours, secondAgain, keyOfFirst, keyOfSecond});
        Receiver receiver;
        stream.subscribe(receiver);
        const std::vector<SharedFrame> expected{first, secondAgain, colours, keyOfFirst, keyOfSecond};
        QVERIFY(receiver.frames == expected);
        for (std::uint8_t track = 2; track < 200; ++track)
            stream.push(body(80, {0x96, 0x00, 'h', 'v', 'c', '1', track, 1}), begin);
        QVERIFY(stream.cache().forJoiner().size() <= 3 + GopCache::mostExtras);
    }

    void theGateKeepsToRolePolicyAndToken()
    {
        using node_protocol::SessionPolicy;
        Hub hub;
        SomePublisher somebody;
        SessionGate origin(hub, {true, false});
        QVERIFY(origin.admitViewer("live/show").error().code == ErrorCode::PermissionDenied);
        QVERIFY(origin.admitPublisher({"live/..", "", "p"}, somebody, begin).error().code ==
                ErrorCode::InvalidArgument);
        QVERIFY(origin.admitPublisher({"live/show", "", "p"}, somebody, begin).has_value());
        QVERIFY(origin.admitPublisher({"live/show", "", "q"}, somebody, begin).error().code ==
                ErrorCode::AlreadyExists);
        QVERIFY(origin.admitChild("live/show", "").error().code == ErrorCode::PermissionDenied);
        origin.setPullToken("one");
        origin.setPullToken("two");
        QVERIFY(origin.admitChild("live/show", "one").has_value());
        QVERIFY(origin.admitChild("live/show", "two").has_value());
        QVERIFY(!origin.admitChild("live/show", "other").has_value());
        QVERIFY(origin.admitChild("live/none", "two").error().code == ErrorCode::NotFound);
        origin.setPolicy(SessionPolicy::Drain);
        QVERIFY(origin.admitPublisher({"live/other", "", "p"}, somebody, begin).error().code == ErrorCode::Unavailable);
        QVERIFY(origin.admitChild("live/show", "two").has_value());
        origin.setPolicy(SessionPolicy::Seal);
        QVERIFY(!origin.isSealed());
        origin.setPolicy(SessionPolicy::Serve);
        QVERIFY(!origin.isDraining());
        origin.setPolicy(SessionPolicy::Seal);
        hub.end(*hub.find({"live", "show"}));
        QVERIFY(origin.isSealed());
        origin.setPolicy(SessionPolicy::Serve);
        QVERIFY(origin.isSealed());
        SessionGate edge(hub, {false, true});
        QVERIFY(edge.admitPublisher({"live/show", "", "p"}, somebody, begin).error().code ==
                ErrorCode::PermissionDenied);
        QVERIFY(edge.admitViewer("live/show").error().code == ErrorCode::NotFound);
    }

    void aQuietPublisherIsReplacedAndItsSubscribersStay()
    {
        Hub hub;
        SessionGate gate(hub, {true, true});
        SomePublisher first;
        SomePublisher second;
        Stream& stream = **gate.admitPublisher({"live/show", "", "p"}, first, begin);
        const std::uint64_t epoch = stream.source().epoch;
        stream.push(videoHeader(), begin);
        stream.push(keyFrame(5000), begin);
        Receiver viewer;
        stream.subscribe(viewer);
        const MonotonicTime early = begin + Duration(1999);
        QVERIFY(gate.admitPublisher({"live/show", "", "q"}, second, early).error().code == ErrorCode::AlreadyExists);
        QCOMPARE(first.replacements, 0);
        const MonotonicTime later = begin + Duration(2000);
        QVERIFY(gate.admitPublisher({"live/show", "", "q"}, second, later) == &stream);
        QCOMPARE(first.replacements, 1);
        QVERIFY(stream.source().epoch > epoch);
        QCOMPARE(viewer.restarts, 1);
        QVERIFY(!stream.cache().hasAnything());
        const std::size_t before = viewer.frames.size();
        stream.push(videoHeader(), later);
        stream.push(interFrame(40), later);  // of no use without its key frame
        stream.push(keyFrame(80), later);
        stream.push(interFrame(120), later);
        QCOMPARE(viewer.frames.size(), before + 3);
        QVERIFY(viewer.frames[before]->isSequenceHeader());
        QVERIFY(viewer.frames[before + 1]->isKeyFrame());
        QCOMPARE(viewer.frames[before + 1]->timestampMs(), 7000u);
        QCOMPARE(viewer.frames[before + 2]->timestampMs(), 7040u);
        stream.unsubscribe(viewer);
        gate.dismissPublisher(stream, SessionGate::Departure::Lost, later);
        QVERIFY(hub.streams().empty());  // nobody waits for it
    }

    void aHeldNameIsTakenWithTheSameCredentialOnly()
    {
        Hub hub;
        SessionGate gate(hub, {true, true});
        SomePublisher publisher;
        Receiver viewer;
        Stream* stream = *gate.admitPublisher({"live/show", "key=one", "p"}, publisher, begin);
        stream->subscribe(viewer);
        stream->push(keyFrame(0), begin);
        const MonotonicTime quiet = begin + SessionGate::quietTime;
        const auto refusal = [&](const char* credential, MonotonicTime now) {
            const auto admitted = gate.admitPublisher({"live/show", credential, "q"}, publisher, now);
            return admitted ? ErrorCode::Internal : admitted.error().code;
        };
        QVERIFY(refusal("key=one", begin) == ErrorCode::AlreadyExists);
        QVERIFY(refusal("key=two", quiet) == ErrorCode::PermissionDenied);
        QVERIFY(refusal("", quiet) == ErrorCode::PermissionDenied);
        QCOMPARE(publisher.replacements, 0);
        gate.dismissPublisher(*stream, SessionGate::Departure::Lost, quiet);
        QVERIFY(refusal("key=two", quiet) == ErrorCode::PermissionDenied);
        QVERIFY(gate.admitPublisher({"live/show", "key=one", "p"}, publisher, quiet) == stream);
        gate.dismissPublisher(*stream, SessionGate::Departure::Finished, quiet);
        QVERIFY(gate.admitPublisher({"live/show", "key=two", "q"}, publisher, quiet).has_value());
    }

    void epochsAreCountedFromWhatTheControlPlaneTold()
    {
        Hub hub;
        SessionGate gate(hub, {true, true});
        SomePublisher publisher;
        gate.setEpoch(1'000, begin);
        const Stream& stream = **gate.admitPublisher({"live/show", "", "p"}, publisher, begin + Duration(50));
        QCOMPARE(stream.source().epoch, std::uint64_t{1'050});
        gate.setEpoch(500, begin);  // of a control plane whose clock was set back
        QVERIFY(gate.admitPublisher({"live/show", "", "p"}, publisher, begin + Duration(2'050)).has_value());
        QCOMPARE(stream.source().epoch, std::uint64_t{2'550});
        gate.setEpoch(500, begin + Duration(2'050));
        QVERIFY(gate.admitPublisher({"live/show", "", "p"}, publisher, begin + Duration(4'050)).has_value());
        QCOMPARE(stream.source().epoch, std::uint64_t{2'551});
    }

    void aLostPublisherIsWaitedForAndNoLonger()
    {
        using enum SessionGate::Departure;
        Hub hub;
        SessionGate gate(hub, {true, true});
        SomePublisher publisher;
        Receiver viewer;
        Stream* stream = *gate.admitPublisher({"live/show", "", "p"}, publisher, begin);
        stream->subscribe(viewer);
        const std::uint64_t revision = hub.revision();
        gate.dismissPublisher(*stream, Lost, begin);
        QVERIFY(hub.revision() > revision);
        QCOMPARE(hub.publisherCount(), 0);
        QVERIFY(!stream->report(begin).isPublishedHere);
        gate.endAbandoned(begin + SessionGate::graceTime);
        QVERIFY(gate.admitPublisher({"live/show", "", "p"}, publisher, begin + SessionGate::graceTime) == stream);
        QCOMPARE(hub.publisherCount(), 1);
        gate.endAbandoned(begin + 10 * SessionGate::graceTime);
        QVERIFY(!viewer.isOver);
        gate.dismissPublisher(*stream, Lost, begin);
        gate.endAbandoned(begin + SessionGate::graceTime + Duration(1));
        QVERIFY(viewer.isOver);
        QVERIFY(hub.streams().empty());
        stream = *gate.admitPublisher({"live/show", "", "p"}, publisher, begin);
        Receiver other;
        stream->subscribe(other);
        gate.dismissPublisher(*stream, Finished, begin);
        QVERIFY(other.isOver);
    }
};

QTEST_GUILESS_MAIN(HubTest)
#include "hub_test.moc"
