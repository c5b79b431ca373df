#include "core/base/random.h"
#include "core/wire/node_protocol.h"

#include <QtTest/QTest>

#include <algorithm>

using namespace headgate;
using namespace headgate::node_protocol;

namespace {

// JSON with ' for ".
std::string quoted(std::string text)
{
    std::replace(text.begin(), text.end(), '\'', '"');
    return text;
}

StreamReport sampleReport()
{
    StreamReport report;
    report.key = StreamKey{"live/room1", "show1"};
    report.isPublishedHere = true;
    report.publisherAddress = "127.0.0.1:40000";
    report.protocol = "rtmp";
    report.epoch = 0xFFFFFFFFFFFFFFFFull;
    report.viewers = 7;
    report.children = 2;
    report.bitsPerSecond = 4'500'000'000;
    report.videoCodec = "H.264";
    report.audioCodec = "AAC";
    report.width = 1280;
    report.height = 720;
    report.framesPerSecond = 29.97;
    report.keyFrameIntervalMs = 2000;
    report.sinceLastFrameMs = 33;
    report.jitterMs = 1.5;
    report.startedAt = fromEpochMs(1'800'000'000'123);
    return report;
}

StreamDetails sampleDetails()
{
    StreamDetails details;
    details.report = sampleReport();
    details.tracks = {{TrackKind::Video, 0, "H.264", "High 4.0", 1280, 720, 25, 25, 50, 2000, true, 0, 0, 4'000'000},
                      {TrackKind::Audio, 1, "AAC", "LC", 0, 0, 0, 0, 0, 0, false, 48'000, 2, 128'000}};
    details.timing = {1.25, -12.5, 3, 4, 500};
    details.viewerCount = 7;
    details.viewers = {{17, ViewerKind::Viewer, "http-flv", "127.0.0.1:40001", fromEpochMs(1'800'000'000'123),
                        4'000'000, 1250, 100'000, 20'000, 0.25, 2},
                       {18, ViewerKind::Child, "rtmp", "[::1]:40002", fromEpochMs(1'800'000'000'456)}};
    return details;
}

std::vector<FromNode> messagesFromNode()
{
    Hello hello;
    hello.node = NodeId("aB3xYz0123");
    hello.credential = "secret \"quoted\" \\ text";
    hello.incarnation = 1'800'000'000'123;
    hello.processId = 4711;
    hello.softwareVersion = "0.1.0";
    hello.endpoints = {"127.77.0.1", 1935, 5080};
    Heartbeat heartbeat;
    heartbeat.sequence = 99;
    heartbeat.load = {12.5, 1'000'000'000, 1, 7, 2, 4'500'000'000, 31'500'000'000};
    heartbeat.streams = {sampleReport(), sampleReport()};
    heartbeat.streams[1].key.name = "show2";
    heartbeat.isDraining = true;
    heartbeat.isSealed = true;
    const auto gone = fail(ErrorCode::NotFound, "The stream is not live.", "Choose another.");
    return {hello,
            heartbeat,
            Heartbeat{},
            StreamAnswer{1, sampleDetails()},
            StreamAnswer{2, gone},
            ThumbnailAnswer{3, Thumbnail{"7-40-320", std::string("\xff\xd8\x00\x01", 4)}},
            ThumbnailAnswer{4, Thumbnail{"7-40-320", ""}},
            ThumbnailAnswer{5, gone}};
}

std::vector<ToNode> messagesToNode()
{
    StreamParents parents{StreamKey{"live", "show1"}, {NodeId("origin0001"), "127.77.0.1", 1935, "token"}, {}, 7};
    StreamParents withBackup = parents;
    withBackup.stream.name = "show2";
    withBackup.backup = Parent{NodeId("relay00001"), "::1", 19350, "", 19360};
    return {Welcome{1, "token"},
            Refused{"The credential does not hold."},
            SetPolicy{SessionPolicy::Serve},
            SetPolicy{SessionPolicy::Drain},
            SetPolicy{SessionPolicy::Seal},
            SetPolicy{SessionPolicy::Drain, Duration(60'000), {{"127.77.0.2", 1935}, {"::1", 19350, 19360}}},
            SetEpoch{1'800'000'000'123},
            SetMedia{},
            SetMedia{{{250}, JoinLatency::Low, 500, 60}},
            SetAccess{},
            SetRecording{},
            SetRecording{
                {true, RecordingFormat::Flv, 4, 1 << 30, 24, S3Settings{"https://s:9000", "eu", "b", "p/", "k", "s"}}},
            SetAccess{{AccessKind::Jwt,
                       {"https://a/validate", "https://a/invalidate", 2000},
                       "secret",
                       {JwtAlgorithm::Hs256, "", "other"},
                       {"https://a/hook", "third", {WebhookCategory::Publish, WebhookCategory::WebSocket}}}},
            SetIce{},
            SetIce{{{"stun:s", IceCredential::None, {}, {}},
                    {"turn:t?transport=udp", IceCredential::Static, "u", "p"},
                    {"turns:t", IceCredential::Rest, {}, "secret"}}},
            SetLimits{},
            SetLimits{2000},
            AssignParents{},
            AssignParents{{parents, withBackup}},
            SetEdges{},
            SetEdges{{{"127.77.0.2", 1935}, {"::1", 19350}}},
            SetProvisions{},
            SetProvisions{{{"live/test", R"({"streams":[]})"}}},
            SetJobs{},
            SetJobs{1'790'000'000'001, 17, {"live/push", "live/pull"}},
            Stop{"The group was deleted."},
            AskStream{1, {"live", "show1"}, 100, 1000, 17},
            AskThumbnail{2, {"live", "show1"}, 640, "7-40-320"},
            EndSession{17, "disconnected by admin"}};
}

}  // namespace

class NodeProtocolTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyMessageComesBackAsItWas()
    {
        for (const FromNode& message : messagesFromNode()) {
            const auto back = decodeFromNode(encode(message));
            QVERIFY2(back.has_value(), back ? "" : back.error().pointer.c_str());
            QVERIFY(*back == message);
        }
        for (const ToNode& message : messagesToNode()) {
            const auto back = decodeToNode(encode(message));
            QVERIFY2(back.has_value(), back ? "" : back.error().pointer.c_str());
            QVERIFY(*back == message);
        }
    }

    void unknownMembersAreIgnored()
    {
        const auto back = decodeToNode(quoted("{'type':'setPolicy','policy':'drain','later':{'a':[1,2]}}"));
        QVERIFY(back.has_value());
        QVERIFY((*back == ToNode(SetPolicy{SessionPolicy::Drain})));
    }

    void textThatIsNoUtf8IsSentWithReplacements()
    {
        Stop stop{"bad \xff byte"};
        const auto back = decodeToNode(encode(ToNode(stop)));
        QVERIFY(back.has_value());
        QVERIFY(std::get<Stop>(*back).reason.starts_with("bad "));
    }

    void malformedMessagesAreRefusedWithTheirPlace_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QByteArray>("pointer");
        const auto row = [](const char* name, const std::string& json, const char* pointer) {
            QTest::newRow(name) << QByteArray::fromStdString(json) << QByteArray(pointer);
        };
        row("empty", "", "");
        row("no JSON", "hello", "");
        row("cut short", quoted("{'type':'heartbeat'"), "");
        row("no object", "[1,2]", "");
        row("no type", "{}", "/type");
        row("type is a number", quoted("{'type':7}"), "/type");
        row("type of the other side", quoted("{'type':'welcome'}"), "/type");
        row("unknown type", quoted("{'type':'dance'}"), "/type");
        row("hello without node", quoted("{'type':'hello','protocolVersion':1,'credential':'x'}"), "/node");
        row("node is a list", quoted("{'type':'hello','protocolVersion':1,'credential':'x','node':[]}"), "/node");
        row("port 0",
            quoted("{'type':'hello','protocolVersion':1,'credential':'x','node':'n','endpoints':{'rtmpPort':0}}"),
            "/endpoints/rtmpPort");
        row("port 65536",
            quoted("{'type':'hello','protocolVersion':1,'credential':'x','node':'n','endpoints':{'httpPort':65536}}"),
            "/endpoints/httpPort");
        row("load is no object", quoted("{'type':'heartbeat','load':3}"), "/load");
        row("negative viewers", quoted("{'type':'heartbeat','load':{'subscribers':-1}}"), "/load/subscribers");
        row("half a viewer", quoted("{'type':'heartbeat','load':{'subscribers':0.5}}"), "/load/subscribers");
        row("too many viewers", quoted("{'type':'heartbeat','load':{'subscribers':2147483648}}"), "/load/subscribers");
        row("number too large", quoted("{'type':'heartbeat','load':{'memoryBytes':9223372036854775808}}"),
            "/load/memoryBytes");
        row("negative rate", quoted("{'type':'heartbeat','load':{'cpuPercent':-0.5}}"), "/load/cpuPercent");
        row("streams is no list", quoted("{'type':'heartbeat','streams':{}}"), "/streams");
        row("stream is no object", quoted("{'type':'heartbeat','streams':[1]}"), "/streams/0");
        row("stream without name", quoted("{'type':'heartbeat','streams':[{}]}"), "/streams/0/stream");
        row("stream of one part", quoted("{'type':'heartbeat','streams':[{'stream':'live'}]}"), "/streams/0/stream");
        row("second stream is bad",
            quoted("{'type':'heartbeat','streams':[{'stream':'a/b'},{'stream':'a/b','epoch':'1'}]}"),
            "/streams/1/epoch");
        row("answer without number", quoted("{'type':'streamAnswer','details':{}}"), "/question");
        row("answer without details", quoted("{'type':'streamAnswer','question':1}"), "/details");
        row("viewer is no object",
            quoted("{'type':'streamAnswer','question':1,'details':{'report':{'stream':'a/b'},'viewers':[7]}}"),
            "/details/viewers/0");
        row("no instant",
            quoted("{'type':'streamAnswer','question':1,'details':{'report':{'stream':'a/"
                   "b'},'viewers':[{'connectedAt':'now'}]}}"),
            "/details/viewers/0/connectedAt");
        row("no picture", quoted("{'type':'thumbnailAnswer','question':1,'picture':{'jpeg':'a~=='}}"), "/picture/jpeg");
        row("picture too large",
            quoted("{'type':'thumbnailAnswer','question':1,'picture':{'jpeg':'") + std::string(1024 * 1024 + 4, 'A') +
                "\"}}",
            "/picture/jpeg");
        row("flag is a number", quoted("{'type':'heartbeat','isSealed':1}"), "/isSealed");
    }

    void malformedMessagesAreRefusedWithTheirPlace()
    {
        QFETCH(QByteArray, json);
        QFETCH(QByteArray, pointer);
        const auto back = decodeFromNode(json.toStdString());
        QVERIFY(!back.has_value());
        QCOMPARE(back.error().code, ErrorCode::InvalidArgument);
        QCOMPARE(QByteArray::fromStdString(back.error().pointer), pointer);
    }

    void malformedOrdersAreRefused()
    {
        for (const std::string& json :
             {quoted("{'type':'setPolicy'}"), quoted("{'type':'setPolicy','policy':'sing'}"),
              quoted("{'type':'setPolicy','policy':'drain','endSessionsInMs':-1}"),
              quoted("{'type':'setPolicy','policy':'drain','alternates':[{'rtmpPort':1}]}"),
              quoted("{'type':'setEpoch'}"), quoted("{'type':'assignParents'}"),
              quoted("{'type':'assignParents','streams':[{'stream':'a/b'}]}"),
              quoted("{'type':'assignParents','streams':[{'stream':'a/b','primary':{'node':'n'}}]}"),
              quoted("{'type':'assignParents','streams':[{'stream':'a/b','primary':{'address':'::1'},'backup':7}]}"),
              quoted("{'type':'askStream','question':1,'stream':'a/b','viewerLimit':1001}"),
              quoted("{'type':'askStream','question':1}"), quoted("{'type':'askThumbnail','stream':'a/b'}"),
              quoted("{'type':'askThumbnail','question':1,'stream':'a/b','width':641}"),
              quoted("{'type':'askThumbnail','question':1,'stream':'a/b','width':15}"), quoted("{'type':'endSession'}"),
              quoted("{'type':'welcome'}"), quoted("{'type':'stop','reason':{}}"), quoted("{'type':'hello'}")})
            QVERIFY2(!decodeToNode(json).has_value(), json.c_str());
    }

    void deepNestingAndLongMessagesAreRefused()
    {
        const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
        QVERIFY(!decodeFromNode(quoted("{'type':'heartbeat','x':") + deep + "}").has_value());
        QVERIFY(!decodeFromNode(deep).has_value());
        QVERIFY(!decodeFromNode(quoted("{'type':'") + std::string(maxMessageBytes, 'x') + "\"}").has_value());
        QVERIFY(!decodeToNode(quoted("{'type':'stop','reason':'") + std::string(1025, 'x') + "\"}").has_value());
    }

    void damagedMessagesNeverBreakTheReader()
    {
        Random random(11);
        const std::vector<FromNode> messages = messagesFromNode();
        for (int round = 0; round < 5000; ++round) {
            std::string json = encode(messages[random.below(messages.size())]);
            for (std::uint64_t damage = random.below(4) + 1; damage > 0; --damage)
                json[random.below(json.size())] = static_cast<char>(random.below(256));
            if (const auto back = decodeFromNode(json)) {
                const auto again = decodeFromNode(encode(*back));
                QVERIFY(again.has_value());
            }
        }
    }

    void framesComeOutWholeHoweverTheyAreCut()
    {
        Random random(5);
        std::vector<std::string> sent;
        std::string bytes;
        for (int i = 0; i < 200; ++i) {
            sent.push_back(std::string(random.below(2000), static_cast<char>('a' + i % 26)));
            bytes += frame(sent.back());
        }
        FrameReader reader;
        std::vector<std::string> received;
        for (std::size_t at = 0; at < bytes.size();) {
            const std::size_t length = std::min<std::size_t>(random.below(3000) + 1, bytes.size() - at);
            QVERIFY(reader.append(std::string_view(bytes).substr(at, length)).has_value());
            at += length;
            while (auto message = reader.next())
                received.push_back(std::move(*message));
        }
        QVERIFY(received == sent);
        QVERIFY(!reader.next());
    }

    void byteByByteIsEnough()
    {
        FrameReader reader;
        const std::string bytes = frame("{}");
        QCOMPARE(bytes, std::string("\0\0\0\2{}", 6));
        for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
            QVERIFY(reader.append(bytes.substr(i, 1)).has_value());
            QVERIFY(!reader.next());
        }
        QVERIFY(reader.append(bytes.substr(bytes.size() - 1)).has_value());
        QCOMPARE(reader.next().value_or("none"), std::string("{}"));
    }

    void anAnnouncedLengthAboveTheLimitIsRefused()
    {
        FrameReader longest;
        QVERIFY(longest.append(std::string("\x00\x40\x00\x00", 4)).has_value());
        FrameReader tooLong;
        const auto refused = tooLong.append(std::string("\x00\x40\x00\x01", 4));
        QVERIFY(!refused.has_value());
        QCOMPARE(refused.error().code, ErrorCode::ResourceExhausted);
        QVERIFY(!tooLong.next());
        FrameReader behindAnother;
        QVERIFY(!behindAnother.append(frame("{}") + "\xff\xff\xff\xff").has_value());
    }
};

QTEST_GUILESS_MAIN(NodeProtocolTest)
#include "node_protocol_test.moc"
