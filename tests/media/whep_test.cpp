#include "core/media/agent/media_node.h"
#include "core/media/rtp/received_packet.h"
#include "core/media/rtp/rtcp.h"
#include "tests/media/support/frames.h"
#include "tests/media/support/http_service.h"
#include "tests/media/support/loop_wait.h"
#include "tests/media/support/rtmp_clients.h"
#include "tests/media/support/whep_viewer.h"

#include <QTest>

#include <algorithm>
#include <cstring>
#include <utility>

using namespace headgate;
using namespace headgate::tests;

namespace {

// A picture of one NAL unit, whose bytes tell which one it is.
SharedFrame picture(std::uint32_t timestampMs, std::size_t size, std::uint8_t compositionMs = 0)
{
    const bool isKey = timestampMs % 400 == 0;
    Bytes body{static_cast<std::uint8_t>(isKey ? 0x17 : 0x27), 1, 0, 0, compositionMs};
    appendU32(body, static_cast<std::uint32_t>(size));
    appendU8(body, isKey ? 0x65 : 0x41);
    for (std::size_t i = 1; i < size; ++i)
        appendU8(body, timestampMs / 40 + static_cast<std::uint32_t>(i));
    return makeFrame(FrameKind::Video, timestampMs, std::move(body));
}

// What the packets of one timestamp carry, put together again (RFC 6184, 5.6 and 5.8).
Bytes unitOf(const std::vector<WhepViewer::Packet>& packets, std::uint32_t timestamp)
{
    Bytes unit;
    for (const auto& packet : packets) {
        if (packet.header.timestamp != timestamp || (packet.payload[0] & 31) == 24)
            continue;
        if ((packet.payload[0] & 31) != 28)
            return packet.payload;
        if ((packet.payload[1] & 0x80) != 0)
            unit.push_back(static_cast<std::uint8_t>((packet.payload[0] & 0xE0) | (packet.payload[1] & 31)));
        unit.insert(unit.end(), packet.payload.begin() + 2, packet.payload.end());
    }
    return unit;
}

std::string ufragIn(const std::string& reply)
{
    const std::size_t at = reply.find("a=ice-ufrag:") + 12;
    return reply.substr(at, reply.find("\r\n", at) - at);
}

struct Fixture
{
    explicit Fixture(int loops = 1, const std::string& address = "127.0.0.1", std::vector<std::string> announced = {})
    {
        MediaNodeOptions options;
        options.endpoints.address = address;
        options.announced = std::move(announced);
        options.endpoints.rtmpPort = 0;
        options.endpoints.httpPort = 0;
        options.webrtcPort = 0;
        options.capabilities = {true, true};
        options.loops.count = loops;
        options.loops.mostAhead = 0;
        node = std::move(*MediaNode::open(loop, log, options, [](std::string_view) {}));
    }

    bool wait(const std::function<bool()>& condition) { return waitFor(loop, condition); }
    bool publish()
    {
        publisher = std::make_unique<RtmpPublisher>(loop, node->endpoints(), "live", "show");
        if (!wait([this] { return publisher->isPublishing(); }))
            return false;
        for (const SharedFrame& frame : {metadata(), videoHeader(), audioHeader()})
            publisher->send(frame);
        return true;
    }
    // Ten pictures are a group.
    void sendPictures(int count, std::size_t size = 3000)
    {
        for (int i = 0; i < count; ++i, sentMs += 40)
            publisher->send(picture(sentMs, size));
    }
    bool connect(WhepViewer& viewer)
    {
        viewer.post("live/show", viewer.offer());
        if (!wait([&] { return viewer.isAnswered; }) || viewer.status() != 201)
            return false;
        viewer.check();
        if (!wait([&] { return viewer.checksAnswered == 1; }))
            return false;
        viewer.shakeHands();
        return wait([&] { return viewer.isConnected(); });
    }

    EventLoop loop;
    Log log{LogLevel::Error};
    std::unique_ptr<MediaNode> node;
    std::unique_ptr<RtmpPublisher> publisher;
    std::uint32_t sentMs = 0;
};

}  // namespace

class WhepTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void viewerGetsTheGroupAtOnceAndThenWhatComes_data()
    {
        QTest::addColumn<int>("loops");
        QTest::newRow("one loop") << 1;
        QTest::newRow("another loop") << 2;
    }

    void viewerGetsTheGroupAtOnceAndThenWhatComes()
    {
        QFETCH(int, loops);
        Fixture fixture(loops);
        QVERIFY(fixture.publish());
        fixture.sendPictures(8);
        WhepViewer viewer(fixture.loop, fixture.node->endpoints());
        QVERIFY2(fixture.connect(viewer), viewer.reply.c_str());
        QVERIFY(viewer.field("Location").starts_with("/webrtc/"));
        QVERIFY(viewer.field("ETag").starts_with("\""));
        // A parameter packet, and three pieces of each picture.
        QVERIFY(fixture.wait([&] { return viewer.packets.size() == 25; }));
        Stream* const stream = fixture.node->hub().find(StreamKey{"live", "show"});
        QCOMPARE(stream->count(Subscriber::Kind::Viewer), 1);
        fixture.sendPictures(8);
        QVERIFY(fixture.wait([&] { return viewer.packets.size() == 25 + 25; }));
        const std::uint32_t newest = viewer.packets.back().header.timestamp;
        for (std::size_t i = 1; i < viewer.packets.size(); ++i)
            QCOMPARE(viewer.packets[i].header.sequence,
                     static_cast<std::uint16_t>(viewer.packets[0].header.sequence + i));
        // The group in quick motion, the others in their time.
        QCOMPARE(viewer.packets[1].header.timestamp, newest - 8 * 40 * 90 - 7 * 90);
        for (int i = 0; i < 16; ++i) {
            const int back = i < 8 ? 8 * 40 + 7 - i : (15 - i) * 40;
            const Bytes unit = unitOf(viewer.packets, newest - static_cast<std::uint32_t>(back * 90));
            const SharedFrame sent = picture(static_cast<std::uint32_t>(i * 40), 3000);
            QVERIFY2(unit == Bytes(sent->body().begin() + 9, sent->body().end()), std::to_string(i).c_str());
        }
        QVERIFY(viewer.packets.back().header.isMarked);
        QCOMPARE(int(viewer.packets.back().header.payloadType), 102);
    }

    void whoCanSendNoUdpWatchesOverTcp_data() { viewerGetsTheGroupAtOnceAndThenWhatComes_data(); }

    void whoCanSendNoUdpWatchesOverTcp()
    {
        QFETCH(int, loops);
        Fixture fixture(loops);
        QVERIFY(fixture.publish());
        fixture.sendPictures(8);
        WhepViewer viewer(fixture.loop, fixture.node->endpoints());
        viewer.useTcp();
        QVERIFY2(fixture.connect(viewer), viewer.reply.c_str());
        const std::string port = std::to_string(fixture.node->endpoints().webrtcPort);
        QVERIFY2(viewer.reply.find(" tcp 1526726655 127.0.0.1 " + port + " typ host tcptype passive\r\n") !=
                     std::string::npos,
                 viewer.reply.c_str());
        QVERIFY(fixture.wait([&] { return viewer.packets.size() == 25; }));
        fixture.sendPictures(8);
        QVERIFY(fixture.wait([&] { return viewer.packets.size() == 25 + 25; }));
        const SharedFrame last = picture(15 * 40, 3000);
        QVERIFY(unitOf(viewer.packets, viewer.packets.back().header.timestamp) ==
                Bytes(last->body().begin() + 9, last->body().end()));
        // Over UDP as well, as soon as that works.
        viewer.useUdp();
        viewer.check();
        QVERIFY(fixture.wait([&] { return viewer.checksAnswered == 2; }));
        fixture.sendPictures(4);
        QVERIFY(fixture.wait([&] { return viewer.packets.size() == 50 + 12; }));
    }

    void addressesOfBothKindsAreReached()
    {
        Fixture fixture(1, "::1");
        QVERIFY(fixture.publish());
        fixture.sendPictures(8);
        WhepViewer viewer(fixture.loop, fixture.node->endpoints());
        QVERIFY2(fixture.connect(viewer), viewer.reply.c_str());
        QVERIFY(fixture.wait([&] { return viewer.packets.size() == 25; }));
    }

    void whatIsAnnouncedIsToldAndNeverTheWildcard()
    {
        const auto candidates = [](const std::vector<std::string>& announced) {
            Fixture fixture(1, "0.0.0.0", announced);
            NodeEndpoints at = fixture.node->endpoints();
            at.address = "127.0.0.1";
            fixture.publisher = std::make_unique<RtmpPublisher>(fixture.loop, at, "live", "show");
            fixture.wait([&] { return fixture.publisher->isPublishing(); });
            for (const SharedFrame& frame : {videoHeader(), audioHeader()})
                fixture.publisher->send(frame);
            fixture.sendPictures(5);
            WhepViewer viewer(fixture.loop, at);
            viewer.post("live/show", viewer.offer());
            fixture.wait([&] { return viewer.isAnswered; });
            return viewer.reply;
        };
        const std::string told = candidates({"203.0.113.5", "2001:db8::5"});
        for (const char* const wanted : {" udp 2130706431 203.0.113.5 ", " udp 2130706175 2001:db8::5 "})
            QVERIFY2(told.find(wanted) != std::string::npos, told.c_str());
        const std::string own = candidates({});
        QVERIFY2(own.find("a=end-of-candidates") != std::string::npos, own.c_str());
        for (const char* const wrong : {" 2130706431 0.0.0.0 ", " 2130706431 127.0.0.1 "})
            QVERIFY2(own.find(wrong) == std::string::npos, own.c_str());
        EventLoop loop;
        for (const char* const wrong : {"0.0.0.0", "::", "host.example", ""})
            QVERIFY(!webrtc::UdpPort::open(loop, SocketAddress{"127.0.0.1", 0, {}}, {wrong}));
    }

    // Nobody makes this node send more than he sent, unless he knows the password of a session.
    void strangersGetNothingAndStayForNoTime()
    {
        Fixture fixture;
        WhepViewer stranger(fixture.loop, fixture.node->endpoints());
        for (const std::size_t size : {1u, 20u, 100u, 1200u}) {
            for (int first = 0; first < 256; first += 5)
                stranger.send(Bytes(size, static_cast<std::uint8_t>(first)));
        }
        stranger.send(WhepViewer::checkRequest("nobody", "another password"));
        turnFor(fixture.loop, Duration(200));
        QCOMPARE(stranger.datagrams, 0);
        WhepViewer overTcp(fixture.loop, fixture.node->endpoints());
        overTcp.useTcp();
        overTcp.send(WhepViewer::checkRequest("nobody", "another password"));
        turnFor(fixture.loop, Duration(200));
        QVERIFY(overTcp.isTcpOpen());
        overTcp.send(Bytes(3000));  // longer than any packet
        QVERIFY(fixture.wait([&] { return !overTcp.isTcpOpen(); }));
        QCOMPARE(overTcp.datagrams, 0);
    }

    void whatIsMissedIsSentAgain()
    {
        Fixture fixture;
        QVERIFY(fixture.publish());
        fixture.sendPictures(5);
        WhepViewer viewer(fixture.loop, fixture.node->endpoints());
        QVERIFY2(fixture.connect(viewer), viewer.reply.c_str());
        QVERIFY(fixture.wait([&] { return viewer.packets.size() == 16; }));
        turnFor(fixture.loop, Duration(20));
        // The second to the fourth, of which the last two as bits, and one that was never sent.
        Bytes nack{0x81, 205, 0, 4, 0, 0, 0, 1};
        const auto& header = viewer.packets[1].header;
        appendU32(nack, header.ssrc);
        appendU16(nack, header.sequence);
        appendU16(nack, 3);
        appendU16(nack, header.sequence + 5000u);
        appendU16(nack, 0);
        const auto wanted = [&header](int times) {
            std::vector<std::uint16_t> all;
            for (int i = 0; i < 3 * times; ++i)
                all.push_back(static_cast<std::uint16_t>(header.sequence + i % 3));
            return all;
        };
        viewer.sequences.clear();
        viewer.sendRtcp(nack);
        viewer.sendRtcp(nack);  // at once: not again so soon
        QVERIFY(fixture.wait([&] { return viewer.sequences.size() >= 3; }));
        turnFor(fixture.loop, Duration(30));
        QCOMPARE(viewer.sequences, wanted(1));
        viewer.sendRtcp(nack);
        QVERIFY(fixture.wait([&] { return viewer.sequences.size() >= 6; }));
        QCOMPARE(viewer.sequences, wanted(2));
    }

    void anotherCertificateThanTheOfferNamesGetsNothing()
    {
        Fixture fixture;
        QVERIFY(fixture.publish());
        fixture.sendPictures(5);
        WhepViewer viewer(fixture.loop, fixture.node->endpoints());
        std::string wrong = "sha-256 00";
        for (int i = 0; i < 31; ++i)
            wrong += ":00";
        viewer.post("live/show", viewer.offer(wrong));
        QVERIFY(fixture.wait([&] { return viewer.isAnswered; }));
        QCOMPARE(viewer.status(), 201);
        viewer.check();
        QVERIFY(fixture.wait([&] { return viewer.checksAnswered == 1; }));
        viewer.shakeHands();
        Stream* const stream = fixture.node->hub().find(StreamKey{"live", "show"});
        QVERIFY(fixture.wait([&] { return stream->count(Subscriber::Kind::Viewer) == 0; }));
        turnFor(fixture.loop, Duration(100));
        QCOMPARE(viewer.packets.size(), std::size_t(0));
    }

    // What a forged sender's address would get, whatever it says, also of the session of another.
    void whoKnowsNoPasswordGetsNoAnswer_data()
    {
        QTest::addColumn<bool>("isTcp");
        QTest::newRow("UDP") << false;
        QTest::newRow("TCP") << true;
    }

    void whoKnowsNoPasswordGetsNoAnswer()
    {
        QFETCH(bool, isTcp);
        Fixture fixture;
        QVERIFY(fixture.publish());
        fixture.sendPictures(5);
        WhepViewer player(fixture.loop, fixture.node->endpoints());
        QVERIFY2(fixture.connect(player), player.reply.c_str());
        QVERIFY(fixture.wait([&] { return player.packets.size() == 16; }));
        WhepViewer stranger(fixture.loop, fixture.node->endpoints());
        stranger.post("live/show", stranger.offer());
        QVERIFY(fixture.wait([&] { return stranger.isAnswered; }));
        QCOMPARE(stranger.status(), 201);
        if (isTcp)
            stranger.useTcp();
        stranger.shakeHands();  // before any check
        const Bytes plain{0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
        stranger.send(plain);
        for (const std::string& ufrag : {ufragIn(stranger.reply), ufragIn(player.reply), std::string("nobody")}) {
            const Bytes wrong = WhepViewer::checkRequest(ufrag, "another password");
            stranger.send(wrong);
            // The same without a signature: what is left is the name and the fingerprint.
            Bytes unsignedOne(wrong.begin(), wrong.end() - 32);
            unsignedOne[3] = static_cast<std::uint8_t>(unsignedOne.size() - 20 + 8);
            const std::uint32_t crc = webrtc::crc32Of(unsignedOne) ^ 0x5354554E;
            appendU32(unsignedOne, 0x80280004);
            appendU32(unsignedOne, crc);
            stranger.send(unsignedOne);
        }
        // What the player could say.
        const RtpHeader& known = player.packets.back().header;
        Bytes wishes;
        appendReceiverReport(wishes, {known.ssrc});
        appendNack(wishes, known.ssrc, {known.sequence});
        appendPictureLoss(wishes, known.ssrc);
        appendReceiverBitrate(wishes, known.ssrc, 1'000'000);
        appendBye(wishes, {1});
        Bytes media(1200, 7);
        writeRtpHeader(media, known);
        for (const Bytes& packet : {wishes, media}) {
            stranger.send(packet);
            Bytes asProtected = packet;
            asProtected.resize(packet.size() + 20);
            stranger.send(asProtected);
        }
        turnFor(fixture.loop, Duration(300));
        QCOMPARE(stranger.datagrams, 0);
        fixture.sendPictures(5);
        QVERIFY(fixture.wait([&] { return player.packets.size() == 31; }));
        QCOMPARE(player.sequences.size(), std::size_t(31));
        QCOMPARE(stranger.datagrams, 0);
    }

    void wishesAreRefusedWithTheirReason()
    {
        Fixture fixture;
        WhepViewer viewer(fixture.loop, fixture.node->endpoints());
        const auto refusal = [&](const std::string& path, const std::string& sdp) {
            viewer.post(path, sdp);
            return fixture.wait([&] { return viewer.isAnswered; }) ? viewer.status() : 0;
        };
        QCOMPARE(refusal("live/show", viewer.offer()), 404);
        QCOMPARE(refusal("live/show", "v=0\r\n"), 400);
        QVERIFY(fixture.publish());
        fixture.sendPictures(5);
        std::string withoutH264 = viewer.offer();
        withoutH264.replace(withoutH264.find("H264"), 4, "H265");
        withoutH264.replace(withoutH264.find("opus"), 4, "ilbc");
        QCOMPARE(refusal("live/show", withoutH264), 406);
        viewer.call("POST", "/whep/live/show", "Content-Type: text/plain\r\n", viewer.offer());
        QVERIFY(fixture.wait([&] { return viewer.isAnswered; }));
        QCOMPARE(viewer.status(), 415);
        fixture.publisher->send(picture(fixture.sentMs, 3000, 40));
        turnFor(fixture.loop, Duration(100));
        QCOMPARE(refusal("live/show", viewer.offer()), 406);
        QVERIFY2(viewer.reply.find("B-frames") != std::string::npos, viewer.reply.c_str());
        Stream* const stream = fixture.node->hub().find(StreamKey{"live", "show"});
        QCOMPARE(stream->count(Subscriber::Kind::Viewer), 0);
    }

    void tokensAreAskedForAsOfOthers()
    {
        Fixture fixture;
        QVERIFY(fixture.publish());
        fixture.sendPictures(5);
        HttpService service(fixture.loop);
        service.answer = [](const HttpService::Call& call) {
            const bool isGood = call.json().value("token", "") == "good";
            return HttpService::reply(200, isGood ? R"({"result":true})" : R"({"result":false})");
        };
        AccessSettings settings;
        settings.kind = AccessKind::RoundTrip;
        settings.roundTrip = {service.url("/validate"), service.url("/invalidate"), 5000};
        fixture.node->access().apply(settings);
        WhepViewer viewer(fixture.loop, fixture.node->endpoints());
        const auto statusWith = [&](const std::string& fields) {
            viewer.post("live/show", viewer.offer(), fields);
            return fixture.wait([&] { return viewer.isAnswered; }) ? viewer.status() : 0;
        };
        const int without = statusWith("");
        QVERIFY2(without == 401 || without == 403, viewer.reply.c_str());
        QCOMPARE(statusWith("Authorization: Bearer wrong\r\n"), 403);
        QCOMPARE(statusWith("Authorization: Bearer good\r\n"), 201);
    }

    void whoMayBeginASessionIsToldOfTheIceServers()
    {
        Fixture fixture;
        QVERIFY(fixture.publish());
        fixture.sendPictures(5);
        WhepViewer viewer(fixture.loop, fixture.node->endpoints());
        const auto links = [&](const std::string& method, const std::string& path, const std::string& fields = {}) {
            viewer.call(method, path, "Content-Type: application/sdp\r\n" + fields,
                        method == "POST" ? viewer.offer() : std::string());
            int count = fixture.wait([&] { return viewer.isAnswered; }) ? 0 : -1;
            for (std::size_t at = 0; (at = viewer.reply.find("\r\nLink: <", at)) != std::string::npos; ++at)
                ++count;
            return count;
        };
        const std::string whep = "/whep/live/show";
        QCOMPARE(links("OPTIONS", whep) + links("POST", whep), 0);
        fixture.node->signalling()->setIceServers(
            {{"stun:s", IceCredential::None, {}, {}}, {"turn:t", IceCredential::Rest, {}, "hush"}});
        QCOMPARE(links("OPTIONS", whep), 2);
        QVERIFY(viewer.reply.find("hush") == std::string::npos);
        QCOMPARE(viewer.field("Access-Control-Expose-Headers"), std::string("Link"));
        QCOMPARE(links("OPTIONS", "/whip/live/other"), 2);
        QCOMPARE(links("POST", whep), 2);
        QVERIFY(viewer.field("Access-Control-Expose-Headers").find("Link") != std::string::npos);
        QCOMPARE(links("OPTIONS", whep, "Access-Control-Request-Method: POST\r\n"), 0);
        // A service is asked about sessions alone; who is not known is told of what needs no credential.
        HttpService service(fixture.loop);
        AccessSettings settings;
        settings.kind = AccessKind::RoundTrip;
        settings.roundTrip = {service.url("/validate"), service.url("/invalidate"), 5000};
        fixture.node->access().apply(settings);
        QCOMPARE(links("OPTIONS", whep, "Authorization: Bearer good\r\n"), 1);
        QVERIFY(viewer.reply.find("Link: <stun:") != std::string::npos);
        QCOMPARE(viewer.status(), 204);
        QCOMPARE(service.calls.size(), std::size_t(0));
        QCOMPARE(links("POST", whep, "Authorization: Bearer good\r\n"), 2);
    }

    void sessionIsChangedAndEndedByItsAddress()
    {
        Fixture fixture;
        QVERIFY(fixture.publish());
        fixture.sendPictures(5);
        WhepViewer viewer(fixture.loop, fixture.node->endpoints());
        QVERIFY2(fixture.connect(viewer), viewer.reply.c_str());
        const std::string session = viewer.field("Location");
        const std::string tag = viewer.field("ETag");
        const auto status = [&](const std::string& method, const std::string& fields, const std::string& body) {
            viewer.call(method, session, fields, body);
            return fixture.wait([&] { return viewer.isAnswered; }) ? viewer.status() : 0;
        };
        const std::string type = "Content-Type: application/trickle-ice-sdpfrag\r\n";
        const std::string candidate = "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdefghijklmn\r\n"
                                      "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n";
        QCOMPARE(status("PATCH", type + "If-Match: " + tag + "\r\n", candidate), 204);
        QCOMPARE(status("PATCH", type + "If-Match: \"other\"\r\n", candidate), 412);
        QCOMPARE(status("PATCH", "Content-Type: text/plain\r\n", candidate), 415);
        QCOMPARE(
            status("PATCH", type + "If-Match: *\r\n", "a=ice-ufrag:efgh\r\na=ice-pwd:0123456789abcdefghijklmn\r\n"),
            200);
        QVERIFY(viewer.field("ETag") != tag);
        QCOMPARE(status("DELETE", "", ""), 200);
        Stream* const stream = fixture.node->hub().find(StreamKey{"live", "show"});
        QVERIFY(fixture.wait([&] { return stream->count(Subscriber::Kind::Viewer) == 0; }));
        QCOMPARE(status("DELETE", "", ""), 404);
    }

    // As older Stream Manager clients have it.
    void whoPostsNothingIsOfferedTheStreamAndAnswers()
    {
        Fixture fixture;
        QVERIFY(fixture.publish());
        fixture.sendPictures(5);
        WhepViewer viewer(fixture.loop, fixture.node->endpoints());
        viewer.call("POST", "/whep/live/show");
        QVERIFY(fixture.wait([&] { return viewer.isAnswered; }));
        QVERIFY2(viewer.status() == 201, viewer.reply.c_str());
        const std::string offered = viewer.reply;
        const std::string session = viewer.field("Location");
        for (const char* const said : {"a=setup:actpass\r\n", "a=rtpmap:96 H264/90000\r\n", "a=fmtp:97 apt=96\r\n",
                                       "a=rtpmap:111 opus/48000/2\r\n", "a=sendonly\r\n", "a=ice-lite\r\n"})
            QVERIFY2(offered.find(said) != std::string::npos, offered.c_str());
        // Nobody has answered yet, so nobody is answered.
        viewer.check();
        turnFor(fixture.loop, Duration(100));
        QCOMPARE(viewer.checksAnswered, 0);
        const auto patched = [&](const std::string& body) {
            viewer.call("PATCH", session, "Content-Type: application/sdp\r\n", body);
            return fixture.wait([&] { return viewer.isAnswered; }) ? viewer.status() : 0;
        };
        std::string answer = viewer.fullOffer("recvonly");
        for (const auto& [from, to] : {std::pair{"102", "96"}, {"103", "97"}, {"actpass", "active"}}) {
            for (std::size_t at = 0; (at = answer.find(from, at)) != std::string::npos;)
                answer.replace(at, std::strlen(from), to);
        }
        std::string passive = answer;
        passive.replace(passive.find("active"), 6, "passive");
        QCOMPARE(patched("v=0\r\n"), 400);
        QCOMPARE(patched(passive), 400);
        QCOMPARE(patched(answer), 204);
        QCOMPARE(patched(answer), 409);
        viewer.reply = offered;
        viewer.check();
        QVERIFY(fixture.wait([&] { return viewer.checksAnswered == 1; }));
        viewer.shakeHands();
        QVERIFY(fixture.wait([&] { return viewer.packets.size() == 16; }));
        QCOMPARE(int(viewer.packets.back().header.payloadType), 96);
        const std::string ssrc = "a=ssrc:" + std::to_string(viewer.packets.back().header.ssrc) + " cname";
        QVERIFY2(offered.find(ssrc) != std::string::npos, offered.c_str());
        QCOMPARE(patched(answer), 409);
        // Whoever made the offer himself is not asked for an answer, and nobody offers to publish for others.
        WhepViewer other(fixture.loop, fixture.node->endpoints());
        QVERIFY(fixture.connect(other));
        other.call("PATCH", other.field("Location"), "Content-Type: application/sdp\r\n", answer);
        QVERIFY(fixture.wait([&] { return other.isAnswered; }));
        QCOMPARE(other.status(), 409);
        other.call("POST", "/whip/live/other");
        QVERIFY(fixture.wait([&] { return other.isAnswered; }));
        QCOMPARE(other.status(), 415);
    }

    // What went to where it was is sent again at once, and what went out a moment before, but not what it told of long
    // ago.
    void whatWentToTheOldAddressIsSentToTheNewOne()
    {
        Fixture fixture;
        QVERIFY(fixture.publish());
        fixture.sendPictures(5);
        WhepViewer viewer(fixture.loop, fixture.node->endpoints());
        viewer.post("live/show", viewer.fullOffer("recvonly"));
        QVERIFY(fixture.wait([&] { return viewer.isAnswered; }));
        viewer.check();
        QVERIFY(fixture.wait([&] { return viewer.checksAnswered == 1; }));
        viewer.shakeHands();
        ArrivalReport arrivals;
        std::vector<std::uint16_t> repaired;
        std::size_t came = 0;
        viewer.onRtp = [&](ByteView bytes) {
            const auto packet = readRtp(bytes, 3);
            arrivals.add(packet->transportSequence.value_or(0), std::chrono::milliseconds(came));
            ++came;
            if (packet->header.payloadType == 103)
                repaired.push_back(static_cast<std::uint16_t>(packet->payload[0] << 8 | packet->payload[1]));
        };
        // Parameter sets and five pictures of three packets each; one more; both are told of.
        QVERIFY(fixture.wait([&] { return came == 16; }));
        turnFor(fixture.loop, Duration(500));
        const std::uint16_t last = viewer.sequences.back();
        fixture.sendPictures(1);
        QVERIFY(fixture.wait([&] { return came == 19; }));
        viewer.sendRtcp(arrivals.take(1));
        turnFor(fixture.loop, Duration(100));
        // These are not seen.
        fixture.sendPictures(2);
        QVERIFY(fixture.wait([&] { return came == 25; }));
        turnFor(fixture.loop, Duration(20));
        viewer.rebind();
        viewer.check();
        QVERIFY(fixture.wait([&] { return repaired.size() >= 9; }));
        turnFor(fixture.loop, Duration(100));
        QCOMPARE(repaired.size(), std::size_t(9));
        for (std::size_t i = 0; i < repaired.size(); ++i)
            QCOMPARE(repaired[i], static_cast<std::uint16_t>(last + 1 + i));
    }

    void packetsFollowAViewerToAnotherAddress()
    {
        Fixture fixture;
        QVERIFY(fixture.publish());
        fixture.sendPictures(5);
        WhepViewer viewer(fixture.loop, fixture.node->endpoints());
        QVERIFY2(fixture.connect(viewer), viewer.reply.c_str());
        QVERIFY(fixture.wait([&] { return viewer.packets.size() == 16; }));
        viewer.rebind();
        viewer.check();
        QVERIFY(fixture.wait([&] { return viewer.checksAnswered == 2; }));
        fixture.sendPictures(5);
        QVERIFY(fixture.wait([&] { return viewer.packets.size() == 31; }));
    }
};

QTEST_GUILESS_MAIN(WhepTest)
#include "whep_test.moc"
