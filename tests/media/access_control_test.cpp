#include "core/base/digest.h"
#include "core/media/agent/media_node.h"
#include "core/wire/compact_jws.h"
#include "tests/media/support/frames.h"
#include "tests/media/support/http_service.h"
#include "tests/media/support/loop_wait.h"
#include "tests/media/support/rtmp_clients.h"

#include <QTest>

#include <algorithm>
#include <chrono>

using namespace headgate;
using namespace headgate::tests;

namespace {

// Says one HTTP request and keeps the answer.
class HttpAsker final : public ConnectionOwner
{
public:
    HttpAsker(EventLoop& loop, const NodeEndpoints& server, const std::string& target, const std::string& fields = {})
        : connection(loop, *connectTo(SocketAddress{server.address, server.httpPort, {}}), Connection::Origin::Outgoing,
                     *this)
    {
        const std::string text = "GET " + target + " HTTP/1.1\r\nHost: node\r\n" + fields + "\r\n";
        const ByteView view = viewOf(text);
        connection.send(Bytes(view.begin(), view.end()));
    }

    std::string status() const { return heard.substr(0, std::min(heard.find("\r\n"), heard.size())); }

    std::string heard;
    Connection connection;

private:
    void bytesReceived(ByteView bytes) override { heard += textOf(bytes); }
    void connectionEnded(std::string_view) override {}
};

constexpr const char* upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nUser-Agent: player/1\r\n";

struct Fixture
{
    Fixture() : service(loop)
    {
        MediaNodeOptions options;
        options.endpoints = NodeEndpoints{"127.0.0.1", 0, 0};
        options.id = NodeId("node000001");
        options.capabilities = {true, true};
        node = std::move(*MediaNode::open(loop, log, options, [](std::string_view) {}));
    }

    AccessSettings roundTrip(int timeoutMs = 5000)
    {
        AccessSettings settings;
        settings.kind = AccessKind::RoundTrip;
        settings.roundTrip = {service.url("/validate"), service.url("/invalidate"), timeoutMs};
        return settings;
    }
    AccessSettings webhooks(const std::string& secret = {})
    {
        AccessSettings settings;
        settings.webhooks = {service.url("/hook"), secret, {}};
        return settings;
    }

    bool wait(const std::function<bool()>& condition) { return waitFor(loop, condition); }
    std::unique_ptr<RtmpPublisher> publisher(const std::string& name, const std::string& application = "live")
    {
        return std::make_unique<RtmpPublisher>(loop, node->endpoints(), application, name);
    }
    bool isRefused(RtmpPublisher& publisher)
    {
        return wait([&] { return publisher.code() == "NetStream.Publish.BadName"; });
    }

    EventLoop loop;
    Log log{LogLevel::Error};
    HttpService service;
    std::unique_ptr<MediaNode> node;
};

std::string digestToken(const std::string& payload)
{
    return payload + ":" + toHex(sha256(payload + ":secret"));
}

}  // namespace

class AccessControlTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theServiceIsAskedAndToldOfTheEnd()
    {
        Fixture fixture;
        fixture.node->access().apply(fixture.roundTrip());
        const auto publisher = fixture.publisher("show?token=t%2B1", "live?username=ann&password=p%26w");
        QVERIFY(fixture.wait([&] { return publisher->isPublishing(); }));
        const nlohmann::json asked{{"username", "ann"},
                                   {"password", "p&w"},
                                   {"token", "t+1"},
                                   {"type", "publisher"},
                                   {"streamID", "live/show"}};
        QCOMPARE(fixture.service.calls.size(), std::size_t(1));
        QVERIFY(fixture.service.calls[0].head.starts_with("POST /validate HTTP/1.1\r\n"));
        QCOMPARE(fixture.service.calls[0].header("Content-Type"), std::string("application/json"));
        QVERIFY(fixture.service.calls[0].json() == asked);
        publisher->finish();
        QVERIFY(fixture.wait([&] { return fixture.service.calls.size() == 2; }));
        QVERIFY(fixture.service.calls[1].head.starts_with("POST /invalidate HTTP/1.1\r\n"));
        QVERIFY(fixture.service.calls[1].json() == asked);
    }

    void whatTheServiceDoesNotGrantIsRefused_data()
    {
        QTest::addColumn<QString>("reply");
        QTest::addColumn<QString>("status");
        const auto row = [](const char* name, const std::string& reply, const char* status) {
            QTest::newRow(name) << QString::fromStdString(reply) << QString("HTTP/1.1 %1").arg(status);
        };
        const std::string yes = R"({"result":true})";
        row("no", HttpService::reply(200, R"({"result":false})"), "403 Forbidden");
        row("401", HttpService::reply(401, yes), "403 Forbidden");
        row("500", HttpService::reply(500, yes), "503 Service Unavailable");
        row("201", HttpService::reply(201, yes), "503 Service Unavailable");
        row("redirect", HttpService::reply(302, yes, "Location: /yes\r\n"), "503 Service Unavailable");
        row("garbage", HttpService::reply(200, "{\"result\":tru"), "503 Service Unavailable");
        row("a text", HttpService::reply(200, R"({"result":"true"})"), "503 Service Unavailable");
        row("twice", HttpService::reply(200, R"({"result":true,"result":false})"), "503 Service Unavailable");
        row("an array", HttpService::reply(200, "[true]"), "503 Service Unavailable");
        row("too long", HttpService::reply(200, std::string(70000, ' ') + yes), "503 Service Unavailable");
        row("silence", "", "503 Service Unavailable");
        row("no HTTP", "SSH-2.0\r\n\r\n", "503 Service Unavailable");
    }
    void whatTheServiceDoesNotGrantIsRefused()
    {
        QFETCH(QString, reply);
        QFETCH(QString, status);
        Fixture fixture;
        const auto live = fixture.publisher("show");
        QVERIFY(fixture.wait([&] { return live->isPublishing(); }));
        live->send(videoHeader());
        live->send(keyFrame(0));
        fixture.node->access().apply(fixture.roundTrip(1000));
        fixture.service.answer = [text = reply.toStdString()](const auto&) { return text; };
        HttpAsker asker(fixture.loop, fixture.node->endpoints(), "/live/show.flv?token=t");
        QVERIFY(fixture.wait([&] { return !asker.heard.empty(); }));
        QCOMPARE(QString::fromStdString(asker.status()), status);
        const auto publisher = fixture.publisher("other");
        QVERIFY(fixture.isRefused(*publisher));
        QVERIFY(live->isPublishing() && !live->hasEnded());
        QVERIFY(std::none_of(fixture.service.calls.begin(), fixture.service.calls.end(),
                             [](const auto& call) { return call.head.starts_with("POST /invalidate"); }));
    }

    void aServiceThatIsDownOrUnprovenLetsNobodyIn()
    {
        Fixture fixture;
        AccessSettings settings = fixture.roundTrip();
        for (const char* scheme : {"http", "https"}) {
            // Nobody listens at port 1, and at the other one nobody speaks TLS.
            const std::string port = scheme == std::string("http") ? "1" : std::to_string(fixture.service.port());
            settings.roundTrip.validateUrl = std::string(scheme) + "://127.0.0.1:" + port + "/";
            settings.roundTrip.timeoutMs = 1000;
            fixture.node->access().apply(settings);
            const auto publisher = fixture.publisher("show");
            QVERIFY(fixture.isRefused(*publisher));
            QCOMPARE(publisher->description(),
                     std::string("The service that decides who may come in did not answer as it should. Try again in "
                                 "a few seconds."));
        }
        QCOMPARE(fixture.node->access().figures().undecided, std::uint64_t(2));
    }

    void aServiceThatIsSilentLetsNobodyIn()
    {
        Fixture fixture;
        fixture.node->access().apply(fixture.roundTrip(200));
        fixture.service.answer = [](const auto&) { return std::string(); };
        const auto publisher = fixture.publisher("show");
        QVERIFY(fixture.isRefused(*publisher));
        RtmpViewer viewer(fixture.loop, fixture.node->endpoints(), "live", "show");
        QVERIFY(fixture.wait([&] { return viewer.end.has_value(); }));
        QVERIFY(!viewer.hasStarted);
        QCOMPARE(fixture.service.calls.size(), std::size_t(2));
        QCOMPARE(fixture.node->access().figures().undecided, std::uint64_t(2));
        // Who came too early is asked about again.
        fixture.service.answer = [](const auto&) { return HttpService::reply(200, R"({"result":true})"); };
        const auto later = fixture.publisher("show");
        QVERIFY(fixture.wait([&] { return later->isPublishing(); }));
    }

    void manyMayAskAtTheSameTimeAndNobodyWaitsForAnother()
    {
        Fixture fixture;
        fixture.node->access().apply(fixture.roundTrip(10'000));
        fixture.service.answer = [](const HttpService::Call& call) {
            const bool isSlow = call.json().value("username", "") == "slow";
            return isSlow ? std::string() : HttpService::reply(200, R"({"result":true})");
        };
        std::vector<std::unique_ptr<RtmpPublisher>> slow;
        for (int i = 0; i < 50; ++i)
            slow.push_back(fixture.publisher("slow" + std::to_string(i) + "?username=slow"));
        QVERIFY(fixture.wait([&] { return fixture.service.calls.size() == 50; }));
        const auto quick = fixture.publisher("quick");
        QVERIFY(fixture.wait([&] { return quick->isPublishing(); }));
        QVERIFY(std::all_of(slow.begin(), slow.end(), [](const auto& each) { return each->code().empty(); }));
        // Who leaves meanwhile is forgotten.
        slow.clear();
        QVERIFY(fixture.wait([&] { return fixture.node->loops().sessionCount() == 1; }));
    }

    void whatComesBeforeTheAnswerIsKept()
    {
        Fixture fixture;
        fixture.node->access().apply(fixture.roundTrip());
        int asked = 0;
        fixture.service.answer = [&](const auto&) {
            return ++asked == 1 ? std::string() : HttpService::reply(200, R"({"result":true})");
        };
        const auto waiting = fixture.publisher("never");
        QVERIFY(fixture.wait([&] { return asked == 1; }));
        waiting->finish();
        waiting->close();
        const auto publisher = fixture.publisher("show");
        QVERIFY(fixture.wait([&] { return publisher->isPublishing(); }));
        QCOMPARE(fixture.node->hub().publisherCount(), 1);
    }

    void digestTokensOpenTheirStreamOverEveryProtocol()
    {
        Fixture fixture;
        AccessSettings settings;
        settings.kind = AccessKind::DigestToken;
        settings.digestSecret = "secret";
        fixture.node->access().apply(settings);
        const std::string end = ":live:4000000000";
        const std::string viewerToken = digestToken("show:bob:viewer:k=v" + end);
        const auto publisher = fixture.publisher("show?token=" + digestToken("show:ann:streamer:k=v" + end));
        QVERIFY(fixture.wait([&] { return publisher->isPublishing(); }));
        publisher->send(videoHeader());
        publisher->send(keyFrame(0));

        const auto byViewerToken = fixture.publisher("show?token=" + viewerToken);
        QVERIFY(fixture.isRefused(*byViewerToken));
        const auto statusOf = [&](const std::string& target, const std::string& fields) {
            HttpAsker asker(fixture.loop, fixture.node->endpoints(), target, fields);
            (void)fixture.wait([&] { return !asker.heard.empty(); });
            return asker.status();
        };
        QCOMPARE(statusOf("/live/show.flv", ""), std::string("HTTP/1.1 401 Unauthorized"));
        QCOMPARE(statusOf("/live/other.flv?token=" + viewerToken, ""), std::string("HTTP/1.1 403 Forbidden"));
        QCOMPARE(statusOf("/live/show.m3u8", ""), std::string("HTTP/1.1 401 Unauthorized"));
        QCOMPARE(statusOf("/live/other.m3u8?token=" + viewerToken, ""), std::string("HTTP/1.1 403 Forbidden"));
        QCOMPARE(statusOf("/live/show.flv?token=" + viewerToken, ""), std::string("HTTP/1.1 200 OK"));
        QCOMPARE(statusOf("/live/show.flv", "Authorization: Bearer " + viewerToken + "\r\n"),
                 std::string("HTTP/1.1 200 OK"));
        QCOMPARE(statusOf("/live/show.flv?token=" + viewerToken, upgrade),
                 std::string("HTTP/1.1 101 Switching Protocols"));
        RtmpViewer viewer(fixture.loop, fixture.node->endpoints(), "live", "show?token=" + viewerToken);
        RtmpViewer stranger(fixture.loop, fixture.node->endpoints(), "live", "show");
        QVERIFY(fixture.wait([&] { return viewer.hasStarted && stranger.end.has_value(); }));
        QVERIFY(!stranger.hasStarted);
    }

    void aNameIsHeldForItsUserWhoseTokenChanges()
    {
        Fixture fixture;
        AccessSettings settings;
        settings.kind = AccessKind::DigestToken;
        settings.digestSecret = "secret";
        fixture.node->access().apply(settings);
        auto first = fixture.publisher("show?token=" + digestToken("show:ann:streamer::live:4000000000"));
        QVERIFY(fixture.wait([&] { return first->isPublishing(); }));
        first->send(videoHeader());
        first->send(keyFrame(0));
        RtmpViewer viewer(fixture.loop, fixture.node->endpoints(), "live",
                          "show?token=" + digestToken("show:bob:viewer::live:4000000000"));
        QVERIFY(fixture.wait([&] { return viewer.hasStarted; }));
        first->close();
        QVERIFY(fixture.wait([&] {
            const Stream* stream = fixture.node->hub().find({"live", "show"});
            return stream != nullptr && stream->abandonedAt().has_value();
        }));
        const auto stranger = fixture.publisher("show?token=" + digestToken("show:eve:streamer::live:4000000000"));
        QVERIFY(fixture.isRefused(*stranger));
        const auto second = fixture.publisher("show?token=" + digestToken("show:ann:streamer:n=2:live:4000000000"));
        QVERIFY(fixture.wait([&] { return second->isPublishing(); }));
        QVERIFY(!viewer.end);
    }

    void webhooksComeInOrderAndSigned()
    {
        Fixture fixture;
        fixture.node->access().apply(fixture.webhooks("whisper"));
        const auto publisher = fixture.publisher("show?username=ann");
        QVERIFY(fixture.wait([&] { return publisher->isPublishing(); }));
        publisher->send(videoHeader());
        publisher->send(keyFrame(0));
        QVERIFY(fixture.wait([&] { return fixture.service.calls.size() == 2; }));
        {
            HttpAsker player(fixture.loop, fixture.node->endpoints(), "/live/show.flv", upgrade);
            QVERIFY(fixture.wait([&] { return fixture.service.calls.size() == 4; }));
        }
        QVERIFY(fixture.wait([&] { return fixture.service.calls.size() == 6; }));
        publisher->finish();
        QVERIFY(fixture.wait([&] { return fixture.service.calls.size() == 8; }));
        const std::vector<std::string> expected{"connection-connect", "stream-published",     "websocket-connect",
                                                "stream-subscribed",  "stream-unsubscribed",  "websocket-disconnect",
                                                "stream-unpublished", "connection-disconnect"};
        QVERIFY(fixture.service.events() == expected);
        const auto published = fixture.service.calls[1].json();
        QCOMPARE(published["guid"].get<std::string>(), std::string("live/show"));
        QCOMPARE(published["username"].get<std::string>(), std::string("ann"));
        QCOMPARE(published["clusterNodeType"].get<std::string>(), std::string("TYPE_OFF"));
        QCOMPARE(published["nodePublicIp"].get<std::string>(), std::string("127.0.0.1"));
        QCOMPARE(published["value"].get<std::string>(), std::string("rtmp"));
        QVERIFY(published["timestamp"].get<std::int64_t>() > 1'500'000'000'000);
        const auto connected = fixture.service.calls[2].json();
        QCOMPARE(connected["userAgent"].get<std::string>(), std::string("player/1"));
        QVERIFY(connected["guid"] == fixture.service.calls[5].json()["guid"] && connected["guid"] != "live/show");
        for (const HttpService::Call& call : fixture.service.calls) {
            const std::string signature = call.header("X-Headgate-Signature");
            const std::size_t comma = signature.find(",v1=");
            QVERIFY(signature.starts_with("t=") && comma != std::string::npos);
            const std::string seconds = signature.substr(2, comma - 2);
            QCOMPARE(signature.substr(comma + 4), toHex(hmacSha256("whisper", seconds + "." + call.body)));
        }
    }

    void webhooksWaitForAReceiverThatIsDown()
    {
        Fixture fixture;
        fixture.node->access().apply(fixture.webhooks());
        bool isUp = false;
        fixture.service.answer = [&](const auto&) { return HttpService::reply(isUp ? 204 : 503, ""); };
        const auto publisher = fixture.publisher("show");
        QVERIFY(fixture.wait([&] { return fixture.service.calls.size() >= 2; }));
        const std::string first = fixture.service.calls[0].header("X-Headgate-Delivery");
        QCOMPARE(fixture.service.calls[1].header("X-Headgate-Delivery"), first);
        publisher->finish();
        QVERIFY(fixture.wait([&] { return fixture.node->hub().publisherCount() == 0; }));
        isUp = true;
        fixture.service.calls.clear();
        QVERIFY(fixture.wait([&] { return fixture.node->access().figures().calls.delivered == 4; }));
        const std::vector<std::string> expected{"connection-connect", "stream-published", "stream-unpublished",
                                                "connection-disconnect"};
        QVERIFY(fixture.service.events() == expected);
        QCOMPARE(fixture.node->access().figures().calls.waiting, std::size_t(0));
        QCOMPARE(fixture.node->access().figures().calls.dropped, std::uint64_t(0));
    }

    void webhooksAreToldAgainToWhoSaysNothing()
    {
        Fixture fixture;
        fixture.node->access().apply(fixture.webhooks());
        fixture.service.answer = [&](const auto&) {
            return fixture.service.calls.size() == 1 ? std::string() : HttpService::reply(204, "");
        };
        const auto publisher = fixture.publisher("show");
        QVERIFY(fixture.wait([&] { return fixture.node->access().figures().calls.delivered == 2; }));
        QVERIFY(publisher->isPublishing());
        QVERIFY(fixture.service.events() ==
                std::vector<std::string>({"connection-connect", "connection-connect", "stream-published"}));
        QCOMPARE(fixture.node->access().figures().calls.failures, std::uint64_t(1));
    }

    void aNodeThatEndsTellsOfItsSessions()
    {
        Fixture fixture;
        fixture.node->access().apply(fixture.webhooks());
        const auto publisher = fixture.publisher("show");
        QVERIFY(fixture.wait([&] { return publisher->isPublishing(); }));
        publisher->send(videoHeader());
        publisher->send(keyFrame(0));
        RtmpViewer viewer(fixture.loop, fixture.node->endpoints(), "live", "show");
        QVERIFY(fixture.wait([&] { return viewer.hasStarted; }));
        bool isDone = false;
        fixture.node->farewell().begin([&] { isDone = true; }, Duration(15'000));
        QVERIFY(!isDone);
        QVERIFY(fixture.wait([&] { return isDone; }));
        const std::vector<std::string> events = fixture.service.events();
        QCOMPARE(events.size(), std::size_t(8));
        for (const char* event : {"stream-unpublished", "stream-unsubscribed"})
            QCOMPARE(std::ranges::count(events, event), 1);
        QCOMPARE(std::ranges::count(events, "connection-disconnect"), 2);
        QCOMPARE(fixture.node->access().figures().calls.waiting, std::size_t(0));
    }

    void aNodeThatEndsDoesNotWaitForADeadReceiver()
    {
        Fixture fixture;
        fixture.node->access().apply(fixture.webhooks());
        fixture.service.answer = [](const auto&) { return HttpService::reply(503, ""); };
        const auto publisher = fixture.publisher("show");
        QVERIFY(fixture.wait([&] { return publisher->isPublishing(); }));
        bool isDone = false;
        fixture.node->farewell().begin([&] { isDone = true; }, Duration(300));
        QVERIFY(fixture.wait([&] { return isDone; }));
        QVERIFY(fixture.node->access().figures().calls.waiting > 0);
    }

    void aNodeThatNobodyListensToEndsAtOnce()
    {
        Fixture fixture;
        bool isDone = false;
        fixture.node->farewell().begin([&] { isDone = true; });
        QVERIFY(isDone);
    }

    void mutedCategoriesAreNotTold()
    {
        Fixture fixture;
        AccessSettings settings = fixture.webhooks();
        settings.webhooks.muted = {WebhookCategory::Connect, WebhookCategory::Subscribe};
        fixture.node->access().apply(settings);
        const auto publisher = fixture.publisher("show");
        QVERIFY(fixture.wait([&] { return publisher->isPublishing(); }));
        publisher->send(videoHeader());
        publisher->send(keyFrame(0));
        {
            RtmpViewer viewer(fixture.loop, fixture.node->endpoints(), "live", "show");
            QVERIFY(fixture.wait([&] { return viewer.hasStarted; }));
        }
        publisher->finish();
        QVERIFY(fixture.wait([&] { return fixture.node->access().figures().calls.delivered == 2; }));
        QVERIFY((fixture.service.events() == std::vector<std::string>{"stream-published", "stream-unpublished"}));
        QCOMPARE(fixture.node->access().figures().calls.waiting, std::size_t(0));
    }

    void aSessionThatIsRefusedIsNotTold()
    {
        Fixture fixture;
        AccessSettings settings = fixture.roundTrip();
        settings.webhooks = fixture.webhooks().webhooks;
        fixture.node->access().apply(settings);
        RtmpViewer viewer(fixture.loop, fixture.node->endpoints(), "live", "nothing");
        QVERIFY(fixture.wait([&] { return viewer.end.has_value() && fixture.service.calls.size() == 2; }));
        QVERIFY(fixture.service.calls[0].head.starts_with("POST /validate"));
        QVERIFY(fixture.service.calls[1].head.starts_with("POST /invalidate"));
    }

    void oneSessionAtATimeUsesATokenThatSaysSo()
    {
        Fixture fixture;
        const auto publisher = fixture.publisher("show");
        QVERIFY(fixture.wait([&] { return publisher->isPublishing(); }));
        publisher->send(videoHeader());
        publisher->send(keyFrame(0));
        AccessSettings settings;
        settings.kind = AccessKind::Jwt;
        settings.jwt = {JwtAlgorithm::Hs256, {}, "shared"};
        fixture.node->access().apply(settings);
        // {"alg":"HS256"} . {"exp":4000000000,"role":"viewer","session":"seat1","stream":"live/show"}
        const std::string text = "eyJhbGciOiJIUzI1NiJ9."
                                 "eyJleHAiOjQwMDAwMDAwMDAsInJvbGUiOiJ2aWV3ZXIiLCJzZXNzaW9uIjoic2VhdDEiLCJzdHJlYW0iOiJs"
                                 "aXZlL3Nob3cifQ";
        const std::string name = "show?token=" + text + "." + base64UrlEncoded(hmacSha256("shared", text));
        auto first = std::make_unique<RtmpViewer>(fixture.loop, fixture.node->endpoints(), "live", name);
        QVERIFY(fixture.wait([&] { return first->hasStarted; }));
        RtmpViewer second(fixture.loop, fixture.node->endpoints(), "live", name);
        QVERIFY(fixture.wait([&] { return second.end.has_value(); }));
        first.reset();
        QVERIFY(fixture.wait([&] { return fixture.node->loops().sessionCount() == 1; }));
        RtmpViewer third(fixture.loop, fixture.node->endpoints(), "live", name);
        QVERIFY(fixture.wait([&] { return third.hasStarted; }));
    }
};

QTEST_GUILESS_MAIN(AccessControlTest)
#include "access_control_test.moc"
