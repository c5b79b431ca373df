#include "core/media/flv/track_format.h"
#include "core/media/rtp/rtcp.h"
#include "core/media/webrtc/layer_choice.h"
#include "core/media/webrtc/media_receiver.h"
#include "core/media/webrtc/playable.h"
#include "core/media/webrtc/published_layers.h"
#include "core/media/webrtc/sent_track.h"
#include "tests/media/support/relay_cluster.h"
#include "tests/media/support/whep_viewer.h"

#include <QTest>

#include <algorithm>
#include <utility>

using namespace headgate;
using namespace headgate::tests;
using namespace headgate::webrtc;

namespace {

constexpr MonotonicTime start{Duration(100'000)};

// As Chromium offers three encodings, but for codecs and extensions that do not matter here.
std::string offerOf(const std::string& layers, const std::string& extensions)
{
    return "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=ice-ufrag:abcd\r\n"
           "a=ice-pwd:0123456789abcdefghijklmn\r\na=fingerprint:sha-256 "
           "AB:CD:EF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:aa:bb:cc\r\n"
           "a=setup:actpass\r\nm=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=mid:0\r\na=sendonly\r\n"
           "a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\na=rtcp-fb:96 transport-cc\r\n"
           "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n" +
           extensions + "a=rid:h send\r\na=rid:m send\r\na=rid:l send\r\na=rid:x send\r\n" + layers;
}
constexpr const char* sequenceExtension =
    "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n";
constexpr const char* ridExtensions = "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"
                                      "a=extmap:11 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n";

Bytes vp8Key(int width, int height)
{
    Bytes frame{0x10, 0, 0, 0x9D, 0x01, 0x2A};
    for (const int length : {width, height}) {
        appendU8(frame, static_cast<std::uint32_t>(length & 0xFF));
        appendU8(frame, static_cast<std::uint32_t>(length >> 8));
    }
    return frame;
}

SharedFrame vp8Body(std::uint32_t timestampMs, int first, const Bytes& content)
{
    Bytes body{static_cast<std::uint8_t>(first), 'v', 'p', '0', '8'};
    appendView(body, content);
    return makeFrame(FrameKind::Video, timestampMs, std::move(body));
}

// One layer of a publisher, as an assembler gives it.
struct Source
{
    int width = 0;
    int height = 0;
    std::size_t size = 100;

    SharedFrame header() const { return vp8Body(0, 0x90, {0, 0, 0x82, 2, 2, 2, 0, 0}); }
    SharedFrame picture(std::uint32_t timestampMs, bool isKey) const
    {
        Bytes content = isKey ? vp8Key(width, height) : Bytes{0x11, 0, 0};
        content.resize(std::max(content.size(), size), static_cast<std::uint8_t>(timestampMs / 40));
        return vp8Body(timestampMs, isKey ? 0x93 : 0xA3, content);
    }
};
constexpr Source high{640, 360, 400}, middle{320, 180, 200}, low{160, 90, 100};

// What became of them, as "0k 3 " for a key frame of the stream's own and another picture of layer 3.
std::string told(const std::vector<SharedFrame>& frames)
{
    std::string text;
    for (const SharedFrame& frame : frames)
        text += std::to_string(frame->layer()) + (frame->isEssential() ? "c" : frame->isTrackStart() ? "k" : "") + " ";
    return text;
}

Layers layersOf(std::initializer_list<std::int64_t> bits)
{
    Layers layers;
    std::size_t i = 0;
    for (const std::int64_t each : bits)
        layers.at(i++) = {each > 0, each};
    return layers;
}

// Takes layers or does not.
class Taker : public Subscriber
{
public:
    explicit Taker(bool takes) : m_takes(takes) {}
    Kind kind() const override { return Kind::Viewer; }
    bool takesLayers() const override { return m_takes; }
    void deliver(const SharedFrame& frame) override { frames.push_back(frame); }
    void streamEnded() override { hasEnded = true; }
    std::size_t waitingBytes() const override { return 0; }
    Duration waitingTime() const override { return Duration(0); }
    std::size_t dropWaiting() override { return 0; }
    bool has(int layer) const
    {
        return std::ranges::any_of(
            frames, [layer](const SharedFrame& frame) { return frame->layer() == layer && !frame->isEssential(); });
    }

    std::vector<SharedFrame> frames;
    bool hasEnded = false;

private:
    bool m_takes;
};

struct LayeredPublisher : Publisher
{
    void replaced() override {}
    void keyFrameWanted(int layer) override { ++asked.at(static_cast<std::size_t>(layer)); }
    std::array<int, mostLayers + 1> asked{};
};

}  // namespace

class SimulcastTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void offersAreAnswered_data()
    {
        QTest::addColumn<QString>("layers");
        QTest::addColumn<QString>("extensions");
        QTest::addColumn<QString>("answer");
        const QString all = QString(sequenceExtension) + ridExtensions;
        QTest::newRow("three") << "a=simulcast:send h;m;l\r\n" << all << "a=simulcast:recv h;m;l\r\n";
        QTest::newRow("two") << "a=simulcast:send l;h\r\n" << all << "a=simulcast:recv l;h\r\n";
        QTest::newRow("too many") << "a=simulcast:send h;m;l;x\r\n" << all << "a=simulcast:recv h;m;l\r\n";
        QTest::newRow("alternatives and pauses") << "a=simulcast:recv x send h,x;~m\r\n"
                                                 << all << "a=simulcast:recv h;m\r\n";
        QTest::newRow("one") << "a=simulcast:send h\r\n" << all << "";
        QTest::newRow("the same twice") << "a=simulcast:send h;h\r\n" << all << "";
        QTest::newRow("no names") << "a=simulcast:send ;;é;a b\r\n" << all << "";
        QTest::newRow("packets do not tell") << "a=simulcast:send h;m;l\r\n" << QString(sequenceExtension) << "";
    }

    void offersAreAnswered()
    {
        QFETCH(QString, layers);
        QFETCH(QString, extensions);
        QFETCH(QString, answer);
        const auto offer = readDescription(offerOf(layers.toStdString(), extensions.toStdString()));
        QVERIFY(offer);
        const auto answers = answerPublisher(*offer);
        QVERIFY(answers);
        const QString sdp = QString::fromStdString(writeAnswer(*offer, *answers, {{"u", "p"}, offer->fingerprint}));
        QCOMPARE(sdp.contains("a=simulcast:"), !answer.isEmpty());
        QVERIFY2(sdp.contains(answer), qPrintable(sdp));
        QCOMPARE(sdp.contains(ridExtensions), !answer.isEmpty());
        QCOMPARE(sdp.count("a=rid:"), answer.isEmpty() ? 0 : answer.count(';') + 1);
        QVERIFY(sdp.contains("a=fmtp:97 apt=96"));
        QVERIFY(readDescription(sdp.toStdString()));
    }

    // Each layer has its own SSRC, which its first packets name; repairs have another one, which does the same.
    void packetsFindTheirLayers()
    {
        const auto offer =
            readDescription(offerOf("a=simulcast:send h;m;l\r\n", std::string(sequenceExtension) + ridExtensions));
        const auto answers = answerPublisher(*offer);
        std::vector<SharedFrame> frames;
        std::string wishes;
        MediaReceiver receiver({[&frames](const SharedFrame& frame) { frames.push_back(frame); },
                                [&wishes](const Bytes& packet) {
                                    readRtcp(packet, [&wishes](const RtcpFeedback& feedback) {
                                        wishes += std::to_string(feedback.ssrc) + (feedback.wantsKeyFrame     ? "k "
                                                                                   : feedback.missing.empty() ? " "
                                                                                                              : "m ");
                                    });
                                }},
                               Duration(2000));
        receiver.expect(answers->front(), true);
        receiver.start(start);
        MonotonicTime now = start;
        const auto packet = [&](std::uint32_t ssrc, int type, int extension, char rid, Bytes payload,
                                std::uint16_t sequence) {
            Bytes bytes(rtpHeaderSize);
            writeRtpHeader(bytes, {true, static_cast<std::uint8_t>(type), sequence, sequence * 3600u, ssrc});
            if (extension != 0) {
                bytes[0] |= 0x10;
                appendView(bytes, Bytes{0xBE, 0xDE, 0, 1, static_cast<std::uint8_t>(extension << 4),
                                        static_cast<std::uint8_t>(rid), 0, 0});
            }
            appendView(bytes, payload);
            receiver.rtpReceived(bytes, now);
        };
        const auto vp8 = [](const Bytes& frame) {
            Bytes payload{0x10};
            appendView(payload, frame);
            return payload;
        };
        packet(11, 96, 10, 'h', vp8(vp8Key(640, 360)), 1);
        packet(13, 96, 10, 'l', vp8(vp8Key(160, 90)), 1);
        packet(99, 96, 0, 0, vp8(vp8Key(320, 180)), 1);     // nobody knows whose
        packet(99, 96, 10, 'q', vp8(vp8Key(320, 180)), 1);  // nobody agreed on it
        QCOMPARE(told(frames), std::string("0c 0k 3c 3k "));
        frames.clear();
        packet(11, 96, 0, 0, vp8({0x11, 0, 0}), 2);
        packet(13, 96, 0, 0, vp8({0x11, 0, 0}), 3);  // 2 is missing
        wishes.clear();
        now += Duration(20);
        receiver.look(now);
        QVERIFY2(wishes.find("13m ") != std::string::npos && wishes.find("11m") == std::string::npos, wishes.c_str());
        QCOMPARE(told(frames), std::string("0 "));
        Bytes repair{0, 2};
        appendView(repair, vp8({0x11, 0, 0}));
        packet(23, 97, 11, 'l', repair, 1);
        QCOMPARE(told(frames), std::string("0 3 3 "));
        wishes.clear();
        now += Duration(400);
        receiver.askForKeyFrame(now, PublishedLayers::numberOf(2));
        receiver.askForKeyFrame(now);
        QCOMPARE(wishes, std::string("13k 11k "));
    }

    void theBestThatLivesIsTheStreamsOwn()
    {
        PublishedLayers layers(3);
        std::vector<SharedFrame> frames;
        MonotonicTime now = start;
        std::uint32_t ms = 0;
        const std::array<Source, 3> sources{high, middle, low};
        const auto take = [&](std::size_t layer, const SharedFrame& frame) {
            layers.take(layer, frame, now, [&](SharedFrame each) { frames.push_back(std::move(each)); });
        };
        // Pictures of those, for that long; the first of each is a key frame if that is said.
        const auto play = [&](std::initializer_list<std::size_t> which, int pictures, bool isKey = false) {
            frames.clear();
            for (int i = 0; i < pictures; ++i, ms += 40, now += Duration(40)) {
                for (const std::size_t layer : which)
                    take(layer, sources.at(layer).picture(ms, isKey && i == 0));
            }
            return told(frames);
        };
        for (std::size_t layer = 0; layer < 3; ++layer)
            take(layer, sources.at(layer).header());
        // Browsers begin with the smallest one.
        QCOMPARE(play({2}, 2, true), std::string("0c 0k 0 "));
        QCOMPARE(play({0, 2}, 1, true), std::string("0c 0k 3c 3k "));
        QCOMPARE(play({0, 1, 2}, 2, true), std::string("0k 2c 2k 3k 0 2 3 "));
        QCOMPARE(layers.leading(), std::size_t(0));
        // The uplink is weak: after a second the next one takes its place at a key frame, and remains a layer.
        play({1, 2}, 24);
        QCOMPARE(layers.wanted(now), std::size_t(0));
        play({1, 2}, 3);
        QCOMPARE(layers.wanted(now), std::size_t(1));
        QCOMPARE(play({1, 2}, 1), std::string("2 3 "));
        QCOMPARE(play({1, 2}, 2, true), std::string("0c 0k 2k 3k 0 2 3 "));
        // It comes back, and is believed when it stays.
        play({0, 1, 2}, 20, true);
        QCOMPARE(layers.leading(), std::size_t(1));
        play({0, 1, 2}, 35);
        QCOMPARE(layers.wanted(now), std::size_t(0));
        QCOMPARE(play({0, 1, 2}, 2, true), std::string("0c 0k 2k 3k 0 2 3 "));
        // All stand still: nobody is better.
        now += Duration(5000);
        QCOMPARE(layers.wanted(now), std::size_t(0));
    }

    void layersArePicturesAsOthers()
    {
        const SharedFrame h264 = keyFrame(40);
        const SharedFrame vp8 = high.picture(40, true);
        for (const SharedFrame& frame : {h264, vp8}) {
            const SharedFrame layer = asLayer(*frame, 2);
            QCOMPARE(layer->layer(), 2);
            QCOMPARE(layer->timestampMs(), 40u);
            QVERIFY(layer->isTrackStart() && !layer->isKeyFrame() && !layer->isEssential());
            QVERIFY(rtpPayloadsOf(*layer) == rtpPayloadsOf(*frame));
        }
        QVERIFY(sizeOfKeyFrame(vp8->body()) == (PictureSize{640, 360}));
        const SharedFrame header = asLayer(*videoHeader(), 1);
        QVERIFY(header->isSequenceHeader() && header->layer() == 1);
        QVERIFY(rtpPayloadsOf(*header) == rtpPayloadsOf(*videoHeader()));
        QVERIFY(formatOfVideoHeader(header->body()) == formatOfVideoHeader(videoHeader()->body()));
        QVERIFY(!asLayer(*interFrame(80), 3)->isTrackStart());
    }

    void metersTellWhatLivesAndWhatItNeeds()
    {
        LayerMeter meter;
        MonotonicTime now = start;
        for (int i = 0; i < 100; ++i, now += Duration(40)) {
            meter.add(0, 5000, now);
            if (i < 50)
                meter.add(2, 500, now);
        }
        QVERIFY(meter.hasLayers());
        const Layers layers = meter.look(now);
        QVERIFY2(std::abs(layers[0].bitsPerSecond - 1'000'000) < 60'000,
                 std::to_string(layers[0].bitsPerSecond).c_str());
        QVERIFY(!layers[1].isLive && !layers[2].isLive && !layers[3].isLive);
        meter.measure(*high.picture(0, true));
        meter.measure(*asLayer(*videoHeader(), 2));
        QCOMPARE(meter.look(now)[0].area, 640 * 360);
        QCOMPARE(meter.look(now)[2].area, 640 * 360);
        // Where nothing moves nobody stands still.
        QVERIFY(meter.look(now + Duration(60'000))[0].isLive);
    }

    void choicesFollowTheNetwork()
    {
        const Layers layers = layersOf({2'000'000, 0, 500'000, 100'000});
        LayerChoice choice;
        MonotonicTime now = start;
        LayerChoice::Network network;
        network.canBeFilled = true;
        network.otherBits = 50'000;
        int current = 0;
        const auto look = [&](Duration time) {
            LayerChoice::Decision decision;
            for (Duration passed{0}; passed < time; passed += Duration(50), now += Duration(50)) {
                decision = choice.look(layers, current, network, now);
                current = decision.layer;
            }
            return decision;
        };
        look(Duration(1000));
        QCOMPARE(current, 0);
        // A limit alone is no reason, while nothing waits for it.
        network.limit = 1'500'000;
        look(Duration(1000));
        QCOMPARE(current, 0);
        network.waiting = Duration(200);
        look(Duration(50));
        QCOMPARE(current, 2);
        network.limit = 200'000;
        look(Duration(50));
        QCOMPARE(current, 3);
        network.limit = 90'000;  // too little even for that
        look(Duration(1000));
        QCOMPARE(current, 3);
        // A limit that is far enough tells by itself that there is room.
        network.waiting = Duration(0);
        network.limit = 500'000;
        look(Duration(10'000));
        QCOMPARE(current, 3);
        network.limit = 700'000;
        look(Duration(50));
        QCOMPARE(current, 2);
        // Where none is known it is found out, more and more.
        network.limit.reset();
        look(LayerChoice::leastPatience - Duration(100));
        QCOMPARE(look(Duration(200)).layer, 2);
        const std::int64_t first = look(Duration(50)).fillBits;
        QVERIFY(first > 0);
        QVERIFY(look(Duration(500)).fillBits > first);
        network.queueing = Duration(100);
        QCOMPARE(look(Duration(50)).fillBits, std::int64_t(0));
        network.queueing = Duration(0);
        QCOMPARE(look(LayerChoice::leastPatience * 2 - Duration(100)).fillBits, std::int64_t(0));
        QCOMPARE(current, 2);
        look(Duration(6000));
        QCOMPARE(current, 0);
        // It was too much all the same.
        network.limit = 1'500'000;
        network.waiting = Duration(200);
        look(Duration(50));
        QCOMPARE(current, 2);
        network.limit.reset();
        network.waiting = Duration(0);
        QCOMPARE(look(LayerChoice::leastPatience * 4 - Duration(100)).fillBits, std::int64_t(0));
        look(Duration(8000));
        QCOMPARE(current, 0);
    }

    void standingStillIsLeft_data()
    {
        QTest::addColumn<QVector<int>>("bits");
        QTest::addColumn<int>("next");
        QTest::newRow("one that needs less") << QVector<int>{2'000'000, 0, 0, 100'000} << 3;
        QTest::newRow("the stream's own came down to it") << QVector<int>{500'000, 0, 0, 100'000} << 0;
        QTest::newRow("only better ones") << QVector<int>{2'000'000, 900'000, 0, 0} << 1;
        QTest::newRow("nothing lives") << QVector<int>{0, 0, 0, 0} << 2;
    }

    void standingStillIsLeft()
    {
        QFETCH(QVector<int>, bits);
        QFETCH(int, next);
        LayerChoice choice;
        choice.look(layersOf({2'000'000, 0, 500'000, 100'000}), 2, {}, start);
        const Layers layers = layersOf({bits[0], bits[1], bits[2], bits[3]});
        QCOMPARE(choice.look(layers, 2, {}, start + Duration(100)).layer, next);
    }

    void placesAreCountedFromTheBest()
    {
        const Layers layers = layersOf({2'000'000, 100'000, 0, 500'000});
        QCOMPARE(layerAt(layers, 0), 0);
        QCOMPARE(layerAt(layers, 1), 3);
        QCOMPARE(layerAt(layers, 2), 1);
        QCOMPARE(layerAt(layers, 9), 1);
        // The largest is the best, also while it needs less than another one.
        Layers sized = layers;
        sized[0].area = 640 * 360;
        sized[1].area = 320 * 180;
        sized[3].area = 160 * 90;
        QCOMPARE(layerAt(sized, 1), 1);
        QCOMPARE(layerAt(sized, 2), 3);
        QCOMPARE(layerAt({}, 1), 0);
    }

    // Only who chooses gets them, each from its key frame on, and late ones too.
    void layersGoToWhoTakesThem()
    {
        Stream stream({"live", "show"}, StreamSource{true, {}, {}, 1}, start);
        Taker player(false), viewer(true), late(true);
        stream.subscribe(player);
        stream.subscribe(viewer);
        MonotonicTime now = start;
        const auto push = [&](const SharedFrame& frame) { stream.push(frame, now += Duration(1)); };
        push(high.header());
        push(asLayer(*low.header(), 3));
        push(high.picture(0, true));
        push(asLayer(*low.picture(0, false), 3));
        push(asLayer(*low.picture(40, true), 3));
        push(high.picture(40, false));
        push(asLayer(*low.picture(39, false), 3));
        QCOMPARE(told(player.frames), std::string("0c 0k 0 "));
        QCOMPARE(told(viewer.frames), std::string("0c 3c 0k 3k 0 3 "));
        QCOMPARE(viewer.frames.back()->timestampMs(), 39u);
        stream.subscribe(late);
        push(asLayer(*low.picture(80, false), 3));
        push(asLayer(*low.picture(120, true), 3));
        QCOMPARE(told(late.frames), std::string("0c 3c 0k 0 3k "));
        const StreamReport report = stream.report(now);
        QVERIFY2(report.bitsPerSecond > 0 && report.bitsPerSecond < 8 * 2 * 900,
                 std::to_string(report.bitsPerSecond).c_str());
        // Another publisher goes on: its layers begin anew.
        viewer.frames.clear();
        stream.restart(StreamSource{true, {}, {}, 2}, SourceTime::StartsAnew, now);
        push(asLayer(*low.picture(0, false), 3));
        push(high.picture(0, true));
        push(asLayer(*low.picture(40, false), 3));
        push(asLayer(*low.picture(80, true), 3));
        QCOMPARE(told(viewer.frames), std::string("0k 3k "));
        QCOMPARE(static_cast<int>(viewer.frames[1]->timestampMs() - viewer.frames[0]->timestampMs()), 80);
        for (Taker* const each : {&player, &viewer, &late})
            stream.unsubscribe(*each);
    }

    // A node that pulls gets them while somebody there chooses, and asks for key frames of each.
    void layersGoThroughRelaysWhileTheyAreWanted_data()
    {
        QTest::addColumn<int>("loops");
        QTest::newRow("one loop") << 1;
        QTest::newRow("another loop") << 2;
    }

    void layersGoThroughRelaysWhileTheyAreWanted()
    {
        QFETCH(int, loops);
        LayeredPublisher publisher;
        RelayCluster cluster({loops, {}, 0});
        const std::unique_ptr<MediaNode> middle = cluster.open(RelayCluster::between);
        cluster.assign(*middle, cluster.parent(*cluster.origin, "origin"));
        cluster.assign(*cluster.edge, cluster.parent(*middle, "middle"));
        const auto admitted =
            cluster.origin->gate().admitPublisher({"live/show", "", "127.0.0.1:1"}, publisher, cluster.loop.now());
        QVERIFY(admitted);
        Stream& stream = **admitted;
        stream.push(high.header(), cluster.loop.now());
        stream.push(asLayer(*low.header(), 3), cluster.loop.now());
        std::uint32_t ms = 0;
        const auto play = [&] {
            for (const bool isKey : {true, false}) {
                stream.push(high.picture(ms, isKey), cluster.loop.now());
                stream.push(asLayer(*low.picture(ms, isKey), 3), cluster.loop.now());
                ms += 40;
            }
        };
        play();
        const auto fetched = cluster.edge->relay().fetch(RelayCluster::key);
        QVERIFY(fetched);
        Taker viewer(true);
        (*fetched)->subscribe(viewer);
        QVERIFY(cluster.wait([&] { return viewer.has(0); }));
        for (int i = 0; i < 5; ++i) {
            play();
            turnFor(cluster.loop, Duration(20));
        }
        QVERIFY(!viewer.has(3));
        QVERIFY(cluster.wait([&] {
            cluster.edge->gate().wantLayers(RelayCluster::key, cluster.loop.now());
            play();
            return viewer.has(3);
        }));
        const auto first = std::ranges::find_if(
            viewer.frames, [](const SharedFrame& frame) { return frame->layer() == 3 && !frame->isEssential(); });
        QVERIFY((*first)->isTrackStart());
        const auto header = std::ranges::find_if(
            viewer.frames, [](const SharedFrame& frame) { return frame->layer() == 3 && frame->isSequenceHeader(); });
        QVERIFY(header != viewer.frames.end());
        cluster.edge->gate().wantKeyFrame(RelayCluster::key, cluster.loop.now(), 3);
        QVERIFY(cluster.wait([&] { return publisher.asked[3] == 1; }));
        QCOMPARE(publisher.asked[0], 0);
        // Nobody said so for longer than that.
        turnFor(cluster.loop, Stream::layersTime + Duration(500));
        viewer.frames.clear();
        for (int i = 0; i < 5; ++i) {
            play();
            turnFor(cluster.loop, Duration(20));
        }
        QVERIFY(cluster.wait([&] { return viewer.has(0); }));
        QVERIFY(!viewer.has(3));
        (*fetched)->unsubscribe(viewer);
        cluster.edge.reset();
        cluster.origin->gate().dismissPublisher(stream, SessionGate::Departure::Finished, cluster.loop.now());
    }

    // The numbers of packets go on from one layer to the other, and so do their times.
    void viewersMayFixTheLayer()
    {
        LayeredPublisher publisher;
        RelayCluster cluster({2, {}, 0});
        MediaNodeOptions options = cluster.options({true, true});
        options.webrtcPort = 0;
        const auto node = cluster.openWith(options);
        const auto admitted =
            node->gate().admitPublisher({"live/show", "", "127.0.0.1:1"}, publisher, cluster.loop.now());
        QVERIFY(admitted);
        Stream& stream = **admitted;
        stream.push(high.header(), cluster.loop.now());
        stream.push(asLayer(*low.header(), 3), cluster.loop.now());
        std::uint32_t ms = 0;
        Timer timer(cluster.loop);
        timer.startRepeating(Duration(20), [&] {
            const bool isKey = std::exchange(publisher.asked[3], 0) > 0;
            stream.push(high.picture(ms, ms == 0), cluster.loop.now());
            stream.push(asLayer(*low.picture(ms, isKey || ms % 1000 == 0), 3), cluster.loop.now());
            ms += 20;
        });
        WhepViewer viewer(cluster.loop, node->endpoints());
        viewer.post("live/show?layer=x", viewer.offer());
        QVERIFY(cluster.wait([&] { return viewer.isAnswered; }));
        QCOMPARE(viewer.status(), 400);
        viewer.post("live/show?layer=1", viewer.offer());
        QVERIFY(cluster.wait([&] { return viewer.isAnswered; }));
        QVERIFY2(viewer.status() == 201, viewer.reply.c_str());
        viewer.check();
        QVERIFY(cluster.wait([&] { return viewer.checksAnswered == 1; }));
        viewer.shakeHands();
        const auto isLow = [](const WhepViewer::Packet& packet) { return packet.payload.size() < 150; };
        QVERIFY(cluster.wait([&] { return std::ranges::count_if(viewer.packets, isLow) > 20; }));
        const auto first = std::ranges::find_if(viewer.packets, isLow);
        QVERIFY(first != viewer.packets.begin());
        QVERIFY2((first->payload[1] & 1) == 0, "a layer begins with a key frame");
        for (auto packet = std::next(viewer.packets.begin()); packet != viewer.packets.end(); ++packet) {
            const auto before = std::prev(packet);
            QCOMPARE(packet->header.sequence, static_cast<std::uint16_t>(before->header.sequence + 1));
            const auto step = static_cast<std::int32_t>(packet->header.timestamp - before->header.timestamp);
            QVERIFY2(step > 0 && step < 90 * 200, std::to_string(step).c_str());
            QVERIFY(packet < first || isLow(*packet));
        }
        timer.stop();
        node->gate().dismissPublisher(stream, SessionGate::Departure::Finished, cluster.loop.now());
    }

    void fillersHaveTheNumbersOfRepairs()
    {
        SentTrack track({7, 96, videoClockRate, 3, 8, 97}, true);
        std::array<std::uint8_t, 1500> room{};
        QVERIFY(track.canFill());
        const std::size_t size = track.writeFiller(40, room);
        const auto packet = readRtp(ByteView(room).first(size), 3);
        QVERIFY(packet && packet->payload.empty() && packet->transportSequence);
        QCOMPARE(packet->header.ssrc, 8u);
        QCOMPARE(int(packet->header.payloadType), 97);
        QCOMPARE(track.packets(), 0u);
    }
};

QTEST_GUILESS_MAIN(SimulcastTest)
#include "simulcast_test.moc"
