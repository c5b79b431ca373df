#include "core/base/random.h"
#include "core/media/agent/media_node.h"
#include "core/media/flv/tag_body.h"
#include "core/media/rtp/opus_body.h"
#include "tests/media/support/frames.h"
#include "tests/media/support/loop_rows.h"
#include "tests/media/support/loop_wait.h"
#include "tests/media/support/rtmp_clients.h"

#include <QTest>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

using namespace headgate;
using namespace headgate::tests;

namespace {

// A connection that says what a test wants and keeps what it hears; it may stop reading.
class RawClient final : public ConnectionOwner
{
public:
    RawClient(EventLoop& loop, const std::string& host, std::uint16_t port)
        : connection(loop, *connectTo(SocketAddress{host, port, {}}), Connection::Origin::Outgoing, *this)
    {}
    void say(std::string_view text)
    {
        const ByteView view = viewOf(text);
        connection.send(Bytes(view.begin(), view.end()));
    }

    std::string heard;
    bool hasEnded = false;
    Connection connection;

private:
    void bytesReceived(ByteView bytes) override { heard += textOf(bytes); }
    void connectionEnded(std::string_view) override { hasEnded = true; }
};

// A connection from another address than the others; the system takes any of 127.0.0.0/8.
Socket connectFrom(const std::string& host, const NodeEndpoints& server)
{
    Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_in from{};
    sockaddr_in to{};
    from.sin_family = to.sin_family = AF_INET;
    to.sin_port = htons(server.rtmpPort);
    ::inet_pton(AF_INET, host.c_str(), &from.sin_addr);
    ::inet_pton(AF_INET, server.address.c_str(), &to.sin_addr);
    ::bind(socket.fd(), reinterpret_cast<const sockaddr*>(&from), sizeof from);
    ::connect(socket.fd(), reinterpret_cast<const sockaddr*>(&to), sizeof to);
    return socket;
}

// Asks for a stream over HTTP/1.0 with a bounded receive buffer and reads only when told.
class SleepyViewer
{
public:
    SleepyViewer(EventLoop& loop, const NodeEndpoints& server, const std::string& path)
        : m_socket(std::move(*connectTo(SocketAddress{server.address, server.httpPort, {}})))
    {
        const int small = 64 * 1024;
        ::setsockopt(m_socket.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        const std::string request = "GET /" + path + " HTTP/1.0\r\n\r\n";
        waitFor(loop, [&] {
            return ::send(m_socket.fd(), request.data(), request.size(), MSG_NOSIGNAL) ==
                   static_cast<ssize_t>(request.size());
        });
    }

    void read()
    {
        std::array<std::uint8_t, 65'536> buffer{};
        for (;;) {
            const ssize_t size = ::recv(m_socket.fd(), buffer.data(), buffer.size(), MSG_DONTWAIT);
            if (size <= 0)
                break;
            add(ByteView(buffer.data(), static_cast<std::size_t>(size)));
        }
        while (auto tag = m_reader.next())
            tags.push_back(std::move(*tag));
    }

    std::vector<FlvTag> tags;

private:
    void add(ByteView bytes)
    {
        if (!m_isPastHead) {
            m_head += textOf(bytes);
            const std::size_t end = m_head.find("\r\n\r\n");
            m_isPastHead = end != std::string::npos;
            bytes = m_isPastHead ? viewOf(m_head).subspan(end + 4) : ByteView();
        }
        QVERIFY(m_reader.append(bytes).has_value());
    }

    Socket m_socket;
    std::string m_head;
    bool m_isPastHead = false;
    FlvReader m_reader;
};

struct Fixture
{
    explicit Fixture(std::size_t mostSessions = 50)
    {
        MediaNodeOptions options;
        options.endpoints = NodeEndpoints{"127.0.0.1", 0, 0};
        options.capabilities = NodeCapabilities{true, true};
        options.mostSessions = mostSessions;
        options.loops = loopsOfRow();
        node = std::move(*MediaNode::open(loop, log, options, [](std::string_view) {}));
    }
    bool wait(const std::function<bool()>& condition) { return waitFor(loop, condition); }
    bool startPublisher()
    {
        publisher = std::make_unique<RtmpPublisher>(loop, node->endpoints(), "live", "show");
        return wait([this] { return publisher->isPublishing(); });
    }
    std::string ask(std::string_view request)
    {
        RawClient client(loop, "127.0.0.1", node->endpoints().httpPort);
        client.say(request);
        wait([&] { return client.hasEnded; });
        return client.heard;
    }
    // Whether a publisher and a viewer are still served.
    bool isServing()
    {
        RtmpPublisher other(loop, node->endpoints(), "live", "other");
        if (!wait([&] { return other.isPublishing(); }))
            return false;
        other.send(keyFrame(0));
        RtmpViewer viewer(loop, node->endpoints(), "live", "other");
        return wait([&] { return !viewer.frames.empty(); });
    }

    EventLoop loop;
    Log log{LogLevel::Error};
    std::unique_ptr<MediaNode> node;
    std::unique_ptr<RtmpPublisher> publisher;
};

std::string webSocketRequest(const std::string& version, const std::string& key)
{
    return "GET /live/show.flv HTTP/1.1\r\nHost: x\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
           "Sec-WebSocket-Version: " +
           version + "\r\nSec-WebSocket-Key: " + key + "\r\n\r\n";
}

// A whole conversation up to media, as bytes that can be broken.
Bytes conversation()
{
    using namespace rtmp;
    Bytes bytes(1 + 1536 + 1536, 7);
    bytes[0] = 3;
    ChunkWriter writer;
    writer.append(bytes, 3, makeCommand({"connect", 1, {Amf0::Object{{{"app", "live"}}}}}, 0));
    writer.append(bytes, 3, makeCommand({"createStream", 2, {Amf0::Null{}}}, 0));
    writer.append(bytes, 3, makeCommand({"publish", 3, {Amf0::Null{}, "broken", "live"}}, 1));
    for (const SharedFrame& frame : {metadata(), videoHeader(), audioHeader(), keyFrame(0), interFrame(40)})
        writer.append(bytes, 6,
                      {static_cast<MessageType>(tagTypeOf(frame->kind())), 1, frame->timestampMs(), frame->body()});
    return bytes;
}

}  // namespace

class ServerTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { addLoopRows(); }

    void httpAnswersAreClear()
    {
        Fixture fixture;
        QVERIFY(fixture.ask("GET /health HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
        QVERIFY(fixture.ask("GET /live/none.flv HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404 "));
        QVERIFY(fixture.ask("GET /other HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 404 "));
        QVERIFY(fixture.ask("GET /nothing.flv HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400 "));
        QVERIFY(fixture.ask("POST /live/show.flv HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405 "));
        QVERIFY(fixture.ask("nonsense\r\n\r\n").starts_with("HTTP/1.1 400 "));
        QVERIFY(fixture.ask("GET /" + std::string(20'000, 'a')).starts_with("HTTP/1.1 431 "));
        const std::string options = fixture.ask("OPTIONS /live/show.flv HTTP/1.1\r\n\r\n");
        QVERIFY(options.find("Access-Control-Allow-Origin: *\r\n") != std::string::npos);
        fixture.node->gate().setPolicy(node_protocol::SessionPolicy::Drain);
        QVERIFY(fixture.ask("GET /live/show.flv HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 503 "));
    }

    void httpViewersGetWholeTagsInChunks()
    {
        Fixture fixture;
        QVERIFY(fixture.startPublisher());
        RawClient client(fixture.loop, "127.0.0.1", fixture.node->endpoints().httpPort);
        fixture.publisher->send(keyFrame(0));
        client.say("GET /live/show.flv HTTP/1.1\r\nHost: x\r\n\r\n");
        QVERIFY(fixture.wait([&] { return client.heard.find("FLV\x01") != std::string::npos; }));
        fixture.publisher->finish();
        QVERIFY(fixture.wait([&] { return client.hasEnded; }));
        QVERIFY(client.heard.find("Transfer-Encoding: chunked") != std::string::npos);
        QVERIFY(client.heard.find("0000000d\r\nFLV") != std::string::npos);
        QVERIFY(client.heard.ends_with("\r\n0\r\n\r\n"));
        const std::string head = fixture.ask("HEAD /health HTTP/1.1\r\n\r\n");
        QVERIFY(head.ends_with("\r\n\r\n"));
    }

    void webSocketViewersGetTheSameTags()
    {
        Fixture fixture;
        QVERIFY(fixture.startPublisher());
        fixture.publisher->send(keyFrame(0));
        RawClient client(fixture.loop, "127.0.0.1", fixture.node->endpoints().httpPort);
        client.say(webSocketRequest("13", "dGhlIHNhbXBsZSBub25jZQ=="));
        // The head of the file, then the tag of 11 + 105 + 4 bytes, each a binary message.
        const std::string start = std::string("\r\n\r\n\x82\x0D") + "FLV\x01\x05";
        QVERIFY(fixture.wait([&] { return client.heard.find("\x82\x78\x09") != std::string::npos; }));
        QVERIFY(client.heard.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
        QVERIFY(client.heard.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") != std::string::npos);
        QVERIFY(client.heard.find(start) != std::string::npos);
        client.say(std::string_view("\x89\x82\0\0\0\0hi", 8));
        QVERIFY(fixture.wait([&] { return client.heard.ends_with("\x8A\x02hi"); }));
        client.say(std::string_view("\x88\x80\0\0\0\0", 6));
        QVERIFY(fixture.wait([&] { return client.hasEnded; }));
        QVERIFY(client.heard.ends_with("\x88\x02\x03\xE8"));
        QVERIFY(fixture.wait([&] { return fixture.node->hub().subscriberCount(Subscriber::Kind::Viewer) == 0; }));
    }

    void webSocketsEndWithAReason()
    {
        Fixture fixture;
        QVERIFY(fixture.startPublisher());
        fixture.publisher->send(keyFrame(0));
        RawClient rude(fixture.loop, "127.0.0.1", fixture.node->endpoints().httpPort);
        RawClient polite(fixture.loop, "127.0.0.1", fixture.node->endpoints().httpPort);
        for (RawClient* client : {&rude, &polite})
            client->say(webSocketRequest("13", "dGhlIHNhbXBsZSBub25jZQ=="));
        QVERIFY(fixture.wait([&] { return !rude.heard.empty() && !polite.heard.empty(); }));
        rude.say(std::string_view("\x89\x02hi", 4));  // not masked
        QVERIFY(fixture.wait([&] { return rude.hasEnded; }));
        QVERIFY(rude.heard.ends_with("\x88\x02\x03\xEA"));
        fixture.publisher->finish();
        QVERIFY(fixture.wait([&] { return polite.hasEnded; }));
        QVERIFY(polite.heard.ends_with("\x88\x02\x03\xE8"));
        QVERIFY(fixture.ask(webSocketRequest("8", "dGhlIHNhbXBsZSBub25jZQ==")).starts_with("HTTP/1.1 426 "));
        QVERIFY(fixture.ask(webSocketRequest("13", "guess")).starts_with("HTTP/1.1 400 "));
        QVERIFY(fixture.ask(webSocketRequest("13", "dGhlIHNhbXBsZSBub25jZQ==")).starts_with("HTTP/1.1 404 "));
    }

    void aSleepingViewerHoldsNobodyAndWakesAtAKeyFrame()
    {
        Fixture fixture;
        QVERIFY(fixture.startPublisher());
        fixture.publisher->send(videoHeader());
        fixture.publisher->send(keyFrame(0));
        SleepyViewer sleeper(fixture.loop, fixture.node->endpoints(), "live/show.flv");
        RtmpViewer awake(fixture.loop, fixture.node->endpoints(), "live", "show");
        QVERIFY(fixture.wait([&] {
            return !awake.frames.empty() && fixture.node->hub().subscriberCount(Subscriber::Kind::Viewer) == 2;
        }));
        constexpr std::size_t frameBytes = 200'000;
        constexpr std::uint32_t count = 60;  // 12 MB: three times the bound
        for (std::uint32_t i = 1; i <= count; ++i) {
            fixture.publisher->send(i % 10 == 0 ? keyFrame(i * 40, frameBytes) : interFrame(i * 40, frameBytes));
            QVERIFY(fixture.wait([&] { return awake.timestamps(FrameKind::Video).size() == i + 1; }));
        }
        Stream& stream = *fixture.node->hub().find({"live", "show"});
        QVERIFY(fixture.wait([&] { return stream.skips() >= 1; }));
        // From here the sleeper reads again and must see whole tags, a gap, and a key frame after it.
        std::uint32_t next = count + 1;
        QVERIFY(fixture.wait([&] {
            sleeper.read();
            fixture.publisher->send(next % 10 == 0 ? keyFrame(next * 40) : interFrame(next * 40));
            ++next;
            const auto& tags = sleeper.tags;
            return !tags.empty() && tags.back().timestampMs > count * 40;
        }));
        const auto& tags = sleeper.tags;
        int gaps = 0;
        for (std::size_t i = 2; i < tags.size(); ++i) {
            const std::uint32_t step = tags[i].timestampMs - tags[i - 1].timestampMs;
            gaps += step > 40 ? 1 : 0;
            QVERIFY(step <= 40 || tags[i].body[0] == 0x17);
        }
        QVERIFY(gaps >= 1);
    }

    void brokenRtmpIsSurvived()
    {
        Fixture fixture;
        const Bytes whole = conversation();
        for (std::uint64_t seed = 1; seed <= 300; ++seed) {
            Random random(seed);
            Bytes bytes = whole;
            const std::size_t interesting = seed % 3 == 0 ? 0 : 1 + 2 * 1536;
            for (std::uint64_t flips = random.below(8); flips > 0; --flips)
                bytes[interesting + random.below(bytes.size() - interesting)] ^=
                    static_cast<std::uint8_t>(1u << random.below(8));
            bytes.resize(random.below(4) == 0 ? random.below(bytes.size()) : bytes.size());
            RawClient client(fixture.loop, "127.0.0.1", fixture.node->endpoints().rtmpPort);
            client.connection.send(std::move(bytes));
            fixture.loop.runOnce(Duration(1));
            fixture.loop.runOnce(Duration(1));
            fixture.loop.runOnce(Duration(1));
        }
        QVERIFY(fixture.wait([&] { return fixture.node->hub().streams().empty(); }));
        QVERIFY(fixture.isServing());
    }

    void whatFollowsARefusalIsNotObeyed()
    {
        using namespace rtmp;
        Fixture fixture;
        Bytes bytes(1 + 1536 + 1536, 7);
        bytes[0] = 3;
        ChunkWriter writer;
        writer.append(bytes, 3, makeCommand({"connect", 1, {Amf0::Object{{{"app", "live"}}}}}, 0));
        writer.append(bytes, 3, makeCommand({"play", 2, {Amf0::Null{}, "none"}}, 1));
        writer.append(bytes, 3, makeCommand({"publish", 3, {Amf0::Null{}, "show", "live"}}, 1));
        const std::uint64_t before = fixture.node->hub().revision();
        RawClient client(fixture.loop, "127.0.0.1", fixture.node->endpoints().rtmpPort);
        client.connection.send(std::move(bytes));
        QVERIFY(fixture.wait([&] { return client.hasEnded; }));
        QVERIFY(client.heard.find("NetStream.Play.StreamNotFound") != std::string::npos);
        QVERIFY(client.heard.find("NetStream.Publish") == std::string::npos);
        QCOMPARE(fixture.node->hub().revision(), before);
    }

    void oneByteAtATimeIsServed()
    {
        Fixture fixture;
        RawClient client(fixture.loop, "127.0.0.1", fixture.node->endpoints().rtmpPort);
        const Bytes whole = conversation();
        for (const std::uint8_t byte : whole) {
            client.connection.send(Bytes{byte});
            fixture.loop.runOnce(Duration(0));
        }
        QVERIFY(fixture.wait([&] {
            Stream* const stream = fixture.node->hub().find({"live", "broken"});
            return stream != nullptr && stream->cache().forJoiner().size() == 5;
        }));
    }

    void connectionsAreBounded()
    {
        Fixture fixture;
        std::vector<std::unique_ptr<RawClient>> clients;
        for (int i = 0; i < 60; ++i)
            clients.push_back(
                std::make_unique<RawClient>(fixture.loop, "127.0.0.1", fixture.node->endpoints().rtmpPort));
        const auto ended = [&] {
            return std::count_if(clients.begin(), clients.end(), [](const auto& c) { return c->hasEnded; });
        };
        QVERIFY(fixture.wait([&] { return ended() == 10; }));
        clients.clear();
        turnFor(fixture.loop, Duration(100));
        QVERIFY(fixture.isServing());
    }

    void oneAddressDoesNotTakeThePlacesOfTheOthers()
    {
        constexpr int most = 100;
        Fixture fixture(3 * most);
        QVERIFY(fixture.startPublisher());
        fixture.publisher->send(keyFrame(0));
        const NodeEndpoints at = fixture.node->endpoints();
        std::vector<std::unique_ptr<RtmpViewer>> viewers;
        const auto arePlaying = [&] {
            return std::ranges::all_of(viewers, [](const auto& viewer) { return !viewer->frames.empty(); });
        };
        // Those who watch do not count, nor those who came and went.
        for (int i = 0; i < most / 2; ++i) {
            viewers.push_back(std::make_unique<RtmpViewer>(fixture.loop, at, "live", "show"));
            RawClient(fixture.loop, "127.0.0.1", at.rtmpPort);
        }
        QVERIFY(fixture.wait(arePlaying));
        std::vector<std::unique_ptr<RawClient>> silent;
        for (int i = 0; i < most + 10; ++i)
            silent.push_back(
                std::make_unique<RawClient>(fixture.loop, "127.0.0.1", i % 2 == 0 ? at.rtmpPort : at.httpPort));
        const auto ended = [&] {
            return std::ranges::count_if(silent, [](const auto& client) { return client->hasEnded; });
        };
        QVERIFY(fixture.wait([&] { return ended() == 10; }));
        const std::size_t before = fixture.node->loops().sessionCount();
        const Socket other = connectFrom("127.0.0.77", at);
        QVERIFY(fixture.wait([&] { return fixture.node->loops().sessionCount() == before + 1; }));
        silent.erase(silent.begin());
        QVERIFY(fixture.wait([&] { return fixture.node->loops().sessionCount() == before; }));
        viewers.push_back(std::make_unique<RtmpViewer>(fixture.loop, at, "live", "show"));
        QVERIFY(fixture.wait(arePlaying));
    }

    void anAddressOfVersionSixCountsWithItsNeighbours()
    {
        QCOMPARE(networkOf("127.0.0.1"), std::string("127.0.0.1"));
        QCOMPARE(networkOf("2001:db8:1:2::1"), std::string("2001:db8:1:2::"));
        QCOMPARE(networkOf("2001:db8:1:2:ffff:ffff:ffff:ffff"), std::string("2001:db8:1:2::"));
        QCOMPARE(networkOf("2001:db8:1:3::1"), std::string("2001:db8:1:3::"));
        QVERIFY(networkOf("::ffff:192.0.2.1") != networkOf("::ffff:192.0.2.2"));
    }

    void playersThatCanAreAskedToReconnect()
    {
        Fixture fixture;
        QVERIFY(fixture.startPublisher());
        fixture.publisher->send(keyFrame(0));
        const NodeEndpoints at = fixture.node->endpoints();
        EnhancedPlayer able(fixture.loop, at, {{{"capsEx", 3.0}, {"fourCcList", Amf0::StrictArray{{Amf0("hvc1")}}}}});
        EnhancedPlayer other(fixture.loop, at, {{{"capsEx", 2.0}}});
        EnhancedPlayer plain(fixture.loop, at, {});
        const auto has = [](const EnhancedPlayer& player, const char* code) {
            return std::count(player.codes.begin(), player.codes.end(), code) > 0;
        };
        QVERIFY(fixture.wait([&] {
            return has(able, "NetStream.Play.Start") && has(other, "NetStream.Play.Start") &&
                   has(plain, "NetStream.Play.Start");
        }));
        QVERIFY(able.answer["capsEx"].number() == 15.0);
        QVERIFY(able.answer["videoFourCcInfoMap"]["*"].number() == 4.0);
        QVERIFY(plain.answer["capsEx"] == Amf0());
        node_protocol::SetPolicy wish{node_protocol::SessionPolicy::Drain};
        fixture.node->drain().obey(wish);
        turnFor(fixture.loop, Duration(50));
        QVERIFY(!has(able, "NetConnection.Connect.ReconnectRequest"));  // there is nowhere to go
        wish.alternates = {{"127.0.0.9", 19350}};
        fixture.node->drain().obey(wish);
        QVERIFY(fixture.wait([&] { return has(able, "NetConnection.Connect.ReconnectRequest"); }));
        QCOMPARE(able.reconnectUrl, std::string("rtmp://127.0.0.9:19350/live"));
        turnFor(fixture.loop, Duration(50));
        QVERIFY(!has(other, "NetConnection.Connect.ReconnectRequest"));
        QVERIFY(!has(plain, "NetConnection.Connect.ReconnectRequest"));
    }

    // Who says that he knows it gets it as it is, the others get AAC, who joins in the middle as well; and it is made
    // only as long as somebody needs it.
    void opusIsAacForPlayersThatDoNotKnowIt()
    {
        Fixture fixture;
        QVERIFY(fixture.startPublisher());
        const Bytes silence{0xF8, 0xFF, 0xFE};
        std::uint32_t ms = 0;
        const auto send = [&](int frames) {
            for (int i = 0; i < frames; ++i, ms += 20) {
                if (ms % 1000 == 0)
                    fixture.publisher->send(keyFrame(ms));
                fixture.publisher->send(opusFrame(OpusPacket::CodedFrames, ms, silence));
            }
        };
        fixture.publisher->send(opusHeader(0));
        send(40);
        const NodeEndpoints at = fixture.node->endpoints();
        Stream& stream = *fixture.node->hub().find(StreamKey{"live", "show"});
        QVERIFY(fixture.wait([&] { return stream.cache().audioHeader() && stream.cache().span() > Duration(700); }));
        const auto codecOf = [](const SharedFrame& frame) { return describeAudioBody(frame->body()).codec; };
        const auto countOf = [&](const std::vector<SharedFrame>& frames, std::string_view codec) {
            return std::ranges::count_if(frames, [&](const SharedFrame& frame) {
                return frame->kind() == FrameKind::Audio && codecOf(frame) == codec;
            });
        };
        EnhancedPlayer lister(fixture.loop, at, {{{"fourCcList", Amf0::StrictArray{{Amf0("Opus")}}}}});
        EnhancedPlayer mapper(fixture.loop, at,
                              {{{"audioFourCcInfoMap", Amf0::Object{{{"*", 1.0}}}}, {"capsEx", 1.0}}});
        EnhancedPlayer other(fixture.loop, at, {{{"fourCcList", Amf0::StrictArray{{Amf0("hvc1")}}}}});
        auto viewer = std::make_unique<RtmpViewer>(fixture.loop, at, "live", "show");
        RtmpViewer asker(fixture.loop, at, "live", "show?audio=opus");
        QVERIFY(
            fixture.wait([&] { return countOf(viewer->frames, "AAC") > 20 && countOf(asker.frames, "Opus") > 20; }));
        send(100);
        QVERIFY(fixture.wait([&] {
            return countOf(viewer->frames, "AAC") > 100 && countOf(other.frames, "AAC") > 100 &&
                   countOf(lister.frames, "Opus") > 100 && countOf(mapper.frames, "Opus") > 100 &&
                   countOf(asker.frames, "Opus") > 100;
        }));
        QCOMPARE(countOf(viewer->frames, "Opus"), 0);
        QCOMPARE(countOf(other.frames, "Opus"), 0);
        for (const EnhancedPlayer* const able : {&lister, &mapper})
            QCOMPARE(countOf(able->frames, "AAC"), 0);
        // AAC-LC at 48 kHz with two channels (ISO 14496-3, 1.6.2.1), and 1024 samples a frame from the first one on.
        const auto header = std::ranges::find_if(viewer->frames, [](const SharedFrame& frame) {
            return frame->kind() == FrameKind::Audio && frame->isSequenceHeader() && frame->body()[0] == 0xAF;
        });
        QVERIFY(header != viewer->frames.end());
        QVERIFY((*header)->body()[2] == 0x11 && (*header)->body()[3] == 0x90);
        const auto times = viewer->timestamps(FrameKind::Audio);
        for (std::size_t i = 0; i < times.size(); ++i)
            QCOMPARE(times[i], static_cast<std::uint32_t>(i * 1024 * 1000 / 48'000));
        QCOMPARE(stream.count(Subscriber::Kind::Viewer), 5);
        viewer.reset();
        QVERIFY(fixture.wait([&] { return stream.count(Subscriber::Kind::Viewer) == 4; }));
    }

    void aDrainsDeadlineEndsWhoeverIsLeft()
    {
        Fixture fixture;
        QVERIFY(fixture.startPublisher());
        fixture.publisher->send(keyFrame(0));
        RtmpViewer viewer(fixture.loop, fixture.node->endpoints(), "live", "show");
        RawClient http(fixture.loop, "127.0.0.1", fixture.node->endpoints().httpPort);
        http.say("GET /live/show.flv HTTP/1.1\r\n\r\n");
        QVERIFY(fixture.wait([&] { return !viewer.frames.empty() && http.heard.size() > 200; }));
        constexpr auto draining = node_protocol::SessionPolicy::Drain;
        fixture.node->drain().obey({draining, Duration(100), {}});
        fixture.node->drain().obey({draining, {}, {}});  // taken back
        turnFor(fixture.loop, Duration(300));
        QVERIFY(!viewer.end && !http.hasEnded && !fixture.publisher->hasEnded());
        fixture.node->drain().obey({draining, Duration(100), {}});
        QVERIFY(fixture.wait([&] { return viewer.end && http.hasEnded && fixture.publisher->hasEnded(); }));
        QVERIFY(fixture.wait([&] { return fixture.node->loops().sessionCount() == 0; }));
    }

    void veryLongNamesAreRefused()
    {
        Fixture fixture;
        RtmpPublisher publisher(fixture.loop, fixture.node->endpoints(), "live", std::string(10'000, 'n'));
        QVERIFY(fixture.wait([&] { return publisher.code() == "NetStream.Publish.BadName"; }));
        QVERIFY(publisher.description().find("longer than 128") != std::string::npos);
    }

    void namesMayHaveManyPartsAndQueries()
    {
        Fixture fixture;
        RtmpPublisher publisher(fixture.loop, fixture.node->endpoints(), "live/room1?key=1", "hall/show?token=2");
        QVERIFY(fixture.wait([&] { return publisher.isPublishing(); }));
        QVERIFY(fixture.node->hub().find({"live/room1/hall", "show"}) != nullptr);
    }
};

QTEST_GUILESS_MAIN(ServerTest)
#include "server_test.moc"
