#include "core/media/agent/media_node.h"
#include "core/media/rtp/picture_assembler.h"
#include "core/media/rtp/received_packet.h"
#include "core/media/rtp/rtcp.h"
#include "core/media/webrtc/send_estimate.h"
#include "core/media/webrtc/sent_track.h"
#include "tests/media/support/frames.h"
#include "tests/media/support/loop_wait.h"
#include "tests/media/support/rtmp_clients.h"
#include "tests/media/support/whep_viewer.h"
#include "tests/support/impaired_udp.h"

#include <QTest>

#include <algorithm>

using namespace headgate;
using namespace headgate::test;
using namespace headgate::tests;
using namespace headgate::webrtc;

namespace {

constexpr Duration picturePeriod{40};
constexpr std::uint32_t groupMs = 2000;

// One NAL unit; a key frame every two seconds, and whenever one is asked for.
SharedFrame pictureAt(std::uint32_t timestampMs, std::size_t size, bool isKey)
{
    Bytes body{static_cast<std::uint8_t>(isKey ? 0x17 : 0x27), 1, 0, 0, 0};
    appendU32(body, static_cast<std::uint32_t>(size));
    appendU8(body, isKey ? 0x65 : 0x41);
    body.resize(body.size() + size - 1, static_cast<std::uint8_t>(timestampMs));
    return makeFrame(FrameKind::Video, timestampMs, std::move(body));
}

// How regularly pictures come.
class Rhythm
{
public:
    void picture()
    {
        const auto now = std::chrono::steady_clock::now();
        if (m_count++ > 0)
            m_longest = std::max(m_longest, std::chrono::duration_cast<Duration>(now - m_last));
        m_last = now;
    }
    void restart() { *this = {}; }
    int count() const { return m_count; }
    // The longest time without one, up to now.
    Duration longest() const
    {
        return std::max(m_longest, std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - m_last));
    }

private:
    int m_count = 0;
    Duration m_longest{0};
    std::chrono::steady_clock::time_point m_last = std::chrono::steady_clock::now();
};

// A peer that does what browsers do where packets get lost.
class Peer
{
public:
    Peer(EventLoop& loop, const NodeEndpoints& node, const ImpairedUdp& network)
        : link(loop, node), m_loop(loop), m_checks(loop)
    {
        link.port = network.port();
    }

    bool connect(const std::string& kind, const std::string& direction)
    {
        link.call("POST", "/" + kind + "/live/show", "Content-Type: application/sdp\r\n", link.fullOffer(direction));
        if (!waitFor(m_loop, [this] { return link.isAnswered; }) || link.status() != 201)
            return false;
        m_checks.startRepeating(Duration(200), [this] { link.insist(); });
        return waitFor(
            m_loop, [this] { return link.isConnected(); }, Duration(30'000));
    }
    std::uint32_t answered(const std::string& after) const
    {
        const std::size_t at = link.reply.find(after);
        return at == std::string::npos ? 0
                                       : static_cast<std::uint32_t>(std::stoul(link.reply.substr(at + after.size())));
    }

    WhepViewer link;

protected:
    EventLoop& m_loop;

private:
    Timer m_checks;
};

// Watches: asks for what is missing, and tells when packets came.
class Watcher : public Peer
{
public:
    Watcher(EventLoop& loop, const NodeEndpoints& node, const ImpairedUdp& network)
        : Peer(loop, node, network), m_look(loop)
    {
        link.onRtp = [this](ByteView packet) { take(packet); };
        m_look.startRepeating(Duration(20), [this] { look(); });
    }

    Rhythm pictures;
    int repairs = 0;
    Duration longestWay{0};  // of a picture; its timestamps begin anywhere, so it is that above the shortest

private:
    void take(ByteView bytes)
    {
        const auto packet = readRtp(bytes, 3);
        if (!packet || packet->payload.empty())
            return;
        const auto now = m_loop.now();
        if (packet->transportSequence)
            m_arrivals.add(*packet->transportSequence,
                           std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()) %
                               1'000'000'000);
        RtpHeader header = packet->header;
        ByteView payload = packet->payload;
        if (header.payloadType == 103) {
            ++repairs;
            header.sequence = static_cast<std::uint16_t>(payload[0] << 8 | payload[1]);
            payload = payload.subspan(2);
        } else {
            m_ssrc = header.ssrc;
        }
        m_packets.add(header, payload, now);
        assemble();
    }
    void assemble()
    {
        while (const auto packet = m_packets.next(m_loop.now())) {
            const auto picture = m_assembler.add(*packet);
            if (!picture)
                continue;
            pictures.picture();
            const auto ms = std::chrono::duration_cast<Duration>(m_loop.now().time_since_epoch());
            const Duration way = ms - Duration(picture->timestamp / 90);
            m_shortestWay = std::min(m_shortestWay, way);
            longestWay = std::max(longestWay, way - m_shortestWay);
        }
    }
    void look()
    {
        assemble();
        if (!link.isConnected() || m_ssrc == 0)
            return;
        const auto missing = m_packets.missing(m_loop.now());
        Bytes wish;
        if (!missing.empty())
            appendNack(wish, m_ssrc, missing);
        if (m_assembler.needsKeyFrame() && ++m_spoiltLooks % 10 == 1)
            appendPictureLoss(wish, m_ssrc);
        if (!wish.empty())
            link.sendRtcp(wish);
        const Bytes arrivals = m_arrivals.take(m_ssrc);
        if (!arrivals.empty())
            link.sendRtcp(arrivals);
    }

    Timer m_look;
    ReorderBuffer m_packets{ReorderBuffer::Repair::Asked};
    PictureAssembler m_assembler;
    ArrivalReport m_arrivals;
    std::uint32_t m_ssrc = 0;
    int m_spoiltLooks = 0;
    Duration m_shortestWay = Duration::max();
};

// Publishes: sends again what is asked for, and a key frame when one is.
class Sender : public Peer
{
public:
    Sender(EventLoop& loop, const NodeEndpoints& node, const ImpairedUdp& network) : Peer(loop, node, network)
    {
        link.onRtcp = [this](ByteView packet) {
            readRtcp(packet, [this](const RtcpFeedback& feedback) { take(feedback); });
        };
    }

    void send(const SharedFrame& header, const SharedFrame& frame)
    {
        const std::uint32_t ms = frame->timestampMs();
        if (frame->isKeyFrame())
            sendPayloads(header->encoded(WireForm::RtpPayloads, &rtpPayloadsOf), ms, false);
        sendPayloads(frame->encoded(WireForm::RtpPayloads, &rtpPayloadsOf), ms, true);
    }

    bool isKeyFrameWanted = false;
    int told = 0;  // packets that feedback spoke of
    int sent = 0;
    int repairs = 0;

private:
    void sendPayloads(const SharedBytes& payloads, std::uint32_t ms, bool endsPicture)
    {
        for (std::size_t at = 0; at < payloads->size();) {
            const std::size_t next = payloadAt(*payloads, at).next;
            const std::size_t size =
                m_track.write({payloads, at, ms, endsPicture && next == payloads->size()}, m_loop.now(), m_room);
            finish(size);
            at = next;
        }
    }
    void finish(std::size_t size)
    {
        SentTrack::stamp(m_room, m_estimate.packetSent(size, m_loop.now()));
        link.sendRtp(Bytes(m_room.begin(), m_room.begin() + static_cast<std::ptrdiff_t>(size)));
        ++sent;
    }
    void take(const RtcpFeedback& feedback)
    {
        isKeyFrameWanted = isKeyFrameWanted || feedback.wantsKeyFrame;
        told += static_cast<int>(feedback.arrivals.size());
        for (const std::uint16_t sequence : feedback.missing) {
            const std::size_t size = m_track.writeAgain(sequence, m_loop.now(), m_room);
            if (size == 0)
                continue;
            finish(size);
            ++repairs;
        }
    }

    SentTrack m_track{{77, 102, videoClockRate, 3, 78, 103}, true};
    SendEstimate m_estimate;
    std::array<std::uint8_t, 1500> m_room{};
};

// What another protocol would get of a stream.
class Counter : public Subscriber
{
public:
    Kind kind() const override { return Kind::Viewer; }
    void deliver(const SharedFrame& frame) override
    {
        if (frame->kind() == FrameKind::Video && !frame->isEssential())
            pictures.picture();
    }
    void streamEnded() override {}
    std::size_t waitingBytes() const override { return 0; }
    Duration waitingTime() const override { return Duration(0); }
    std::size_t dropWaiting() override { return 0; }

    Rhythm pictures;
};

struct Impaired
{
    explicit Impaired(std::uint64_t seed) : node(openNode()), network("127.0.0.1", node->endpoints().webrtcPort, seed)
    {}

    std::unique_ptr<MediaNode> openNode()
    {
        MediaNodeOptions options;
        options.endpoints.address = "127.0.0.1";
        options.endpoints.rtmpPort = 0;
        options.endpoints.httpPort = 0;
        options.webrtcPort = 0;
        options.capabilities = {true, true};
        options.loops.count = 1;
        return std::move(*MediaNode::open(loop, log, options, [](std::string_view) {}));
    }
    void impairBothWays(const Impairment& how) { network.set(how, how); }

    // Calls `send` for each picture, in time. How many that were: a busy machine sends fewer.
    int play(Duration time, const std::function<void(std::uint32_t ms)>& send)
    {
        int sent = 0;
        Timer timer(loop);
        timer.startRepeating(picturePeriod, [&] {
            send(ms);
            ms += static_cast<std::uint32_t>(picturePeriod.count());
            ++sent;
        });
        turnFor(loop, time);
        return sent;
    }

    EventLoop loop;
    Log log{LogLevel::Error};
    std::unique_ptr<MediaNode> node;
    ImpairedUdp network;
    std::uint32_t ms = 0;
};

constexpr Impairment lossy{.lossPercent = 5, .reorderedPercent = 3, .delayMs = 70, .jitterMs = 60};

void tell(const char* what, const Rhythm& rhythm, int sent)
{
    qInfo("%s: %d of %d pictures, the longest wait %lld ms", what, rhythm.count(), sent,
          static_cast<long long>(rhythm.longest().count()));
}

}  // namespace

class WebrtcLossTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // HEADGATE_LOSS_RUNS=12 makes so many of each, with draws of their own: for figures.
    void viewersGoOnOverABadNetwork()
    {
        repeat([this](std::uint64_t run) { watch(7 + run); });
    }
    void publishersGoOnOverABadNetwork()
    {
        repeat([this](std::uint64_t run) { publish(11 + run); });
    }

    void slowViewersSkipToKeyFrames();

private:
    static void repeat(const std::function<void(std::uint64_t run)>& test)
    {
        const int runs = std::max(1, qEnvironmentVariableIntValue("HEADGATE_LOSS_RUNS"));
        for (int run = 0; run < runs && !QTest::currentTestFailed(); ++run)
            test(static_cast<std::uint64_t>(run));
    }

    void watch(std::uint64_t seed)
    {
        Impaired test(seed);
        RtmpPublisher publisher(test.loop, test.node->endpoints(), "live", "show");
        QVERIFY(waitFor(test.loop, [&] { return publisher.isPublishing(); }));
        for (const SharedFrame& frame : {metadata(), videoHeader()})
            publisher.send(frame);
        const auto send = [&](std::uint32_t ms) { publisher.send(pictureAt(ms, 6000, ms % groupMs == 0)); };
        test.play(Duration(500), send);
        Watcher viewer(test.loop, test.node->endpoints(), test.network);
        test.impairBothWays(lossy);
        QVERIFY2(viewer.connect("whep", "recvonly"), viewer.link.reply.c_str());
        test.play(Duration(2500), send);
        viewer.pictures.restart();
        int sent = test.play(Duration(8000), send);
        tell("WHEP at 5 % loss, 70 to 130 ms each way", viewer.pictures, sent);
        QVERIFY(viewer.repairs > 0);
        QVERIFY2(viewer.pictures.count() >= sent * 6 / 10, QByteArray::number(viewer.pictures.count()));
        // Behind another address of its router.
        viewer.pictures.restart();
        test.network.rebind();
        sent = test.play(Duration(4000), send);
        tell("WHEP after a change of its address", viewer.pictures, sent);
        // By now who did not connect would be gone.
        QCOMPARE(test.node->hub().find(StreamKey{"live", "show"})->count(Subscriber::Kind::Viewer), 1);
        QVERIFY2(viewer.pictures.count() >= sent * 3 / 10, QByteArray::number(viewer.pictures.count()));
    }

    void publish(std::uint64_t seed)
    {
        Impaired test(seed);
        Sender publisher(test.loop, test.node->endpoints(), test.network);
        test.impairBothWays(lossy);
        QVERIFY2(publisher.connect("whip", "sendonly"), publisher.link.reply.c_str());
        const SharedFrame header = videoHeader();
        const auto send = [&](std::uint32_t ms) {
            publisher.send(header, pictureAt(ms, 6000, ms == 0 || std::exchange(publisher.isKeyFrameWanted, false)));
        };
        test.play(Duration(1500), send);
        Stream* const stream = test.node->hub().find(StreamKey{"live", "show"});
        QVERIFY(stream != nullptr);
        Counter counter;
        stream->subscribe(counter);
        counter.pictures.restart();
        int sent = test.play(Duration(8000), send);
        tell("WHIP at 5 % loss, 70 to 130 ms each way", counter.pictures, sent);
        QVERIFY(publisher.repairs > 0);
        QVERIFY2(counter.pictures.count() >= sent * 6 / 10, QByteArray::number(counter.pictures.count()));
        QVERIFY2(publisher.told > publisher.sent / 2, QByteArray::number(publisher.told));
        counter.pictures.restart();
        test.network.rebind();
        sent = test.play(Duration(4000), send);
        tell("WHIP after a change of its address", counter.pictures, sent);
        QVERIFY2(counter.pictures.count() >= sent * 3 / 10, QByteArray::number(counter.pictures.count()));
        stream->unsubscribe(counter);
    }
};

// Half as fast as the stream: what comes is whole and of now, and the line is not kept full.
void WebrtcLossTest::slowViewersSkipToKeyFrames()
{
    Impaired test(13);
    RtmpPublisher publisher(test.loop, test.node->endpoints(), "live", "show");
    QVERIFY(waitFor(test.loop, [&] { return publisher.isPublishing(); }));
    for (const SharedFrame& frame : {metadata(), videoHeader()})
        publisher.send(frame);
    const auto send = [&](std::uint32_t ms) { publisher.send(pictureAt(ms, 10'000, ms % groupMs == 0)); };
    test.play(Duration(500), send);
    Watcher viewer(test.loop, test.node->endpoints(), test.network);
    test.network.set({.delayMs = 20}, {.delayMs = 20, .kilobitsPerSecond = 1000, .mostQueueMs = 600});
    QVERIFY2(viewer.connect("whep", "recvonly"), viewer.link.reply.c_str());
    test.play(Duration(6000), send);
    viewer.pictures.restart();
    viewer.longestWay = Duration(0);
    const std::uint64_t lost = test.network.lost();
    const int sent = test.play(Duration(10'000), send);
    tell("WHEP of 2 Mbit/s over 1 Mbit/s", viewer.pictures, sent);
    qInfo("lost at the line: %llu packets; a picture was %lld ms late at most",
          static_cast<unsigned long long>(test.network.lost() - lost),
          static_cast<long long>(viewer.longestWay.count()));
    QVERIFY2(viewer.pictures.count() >= sent / 8, QByteArray::number(viewer.pictures.count()));
    StreamViewer told;
    test.node->loops().forEachHost([&told](SessionHost& host) {
        host.forEach([&told](Session& session) {
            if (const auto viewing = session.viewing(StreamKey{"live", "show"}))
                told = *viewing;
        });
    });
    QVERIFY(told.skips > 0);
}

QTEST_GUILESS_MAIN(WebrtcLossTest)
#include "webrtc_loss_test.moc"
