#include "core/api/http_server.h"
#include "core/wire/native_codec.h"
#include "tests/plane/api_fixture.h"
#include "tests/plane/dialect_documents.h"
#include "tests/support/groups.h"

#include <QTest>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

using namespace headgate;
using namespace headgate::test;

namespace {

const std::string whep = "/as/v1/proxy/whep/live/show1";
const std::string whip = "/as/v1/proxy/whip/live/show2";
const Fields offer = {{"Content-Type", "application/sdp"}};

// The HTTP port of a node: opens session "s1" for every POST.
class NodePort
{
public:
    NodePort()
    {
        http::Service service;
        service.route = [this](const http::Request& request) {
            const std::lock_guard lock(m_mutex);
            m_asked.push_back(request);
            http::Response response;
            response.status = request.method == http::Method::Post ? 201 : hasForgotten ? 404 : 204;
            if (isFull && request.method == http::Method::Post)
                return http::Response{503, "text/plain", "No place is left.\n", {}};
            if (request.method == http::Method::Post)
                response.headers = {{"Location", "/webrtc/s1"}, {"ETag", "\"e1\""}};
            if (request.method == http::Method::Options)
                response.headers = {{"Link", "<stun:s>; rel=\"ice-server\""}, {"Link", "<turn:t>; rel=\"ice-server\""}};
            response.body = request.method == http::Method::Post ? "v=0" : "";
            return response;
        };
        service.refuse = [](int status, const std::string&, const std::string&) {
            return http::Response{status, {}, {}, {}};
        };
        m_server = std::move(*http::Server::start({}, std::move(service)));
    }

    std::uint16_t port() const { return m_server->port(); }
    std::atomic<bool> hasForgotten = false;  // its session
    std::atomic<bool> isFull = false;

    std::vector<http::Request> asked() const
    {
        const std::lock_guard lock(m_mutex);
        return m_asked;
    }
    // Without the questions whether a session is still there.
    std::vector<http::Request> told() const
    {
        std::vector<http::Request> all = asked();
        std::erase_if(all, [](const auto& each) { return each.method == http::Method::Patch && each.body.empty(); });
        return all;
    }
    bool wasTold(http::Method method) const
    {
        return std::ranges::any_of(told(), [method](const auto& each) { return each.method == method; });
    }

private:
    mutable std::mutex m_mutex;
    std::vector<http::Request> m_asked;
    std::unique_ptr<http::Server> m_server;
};

// An older client.
class Talker
{
public:
    Talker(std::uint16_t port, const std::string& target, const Fields& fields = {}) : m_connection(port)
    {
        m_connection.send(requestText("GET", target, webSocketFields(fields)));
        opened = m_connection.read();
    }

    void say(const nlohmann::json& message) { m_connection.sendFrame(message.dump()); }
    void sayText(std::string_view text) { m_connection.sendFrame(text); }

    // Discarded if the connection has ended.
    nlohmann::json hear() { return nlohmann::json::parse(m_connection.readFrame(), nullptr, false); }
    // The code of a status, the number of an error, or all of another message.
    std::string heard()
    {
        const nlohmann::json message = hear();
        if (!message.is_object())
            return "closed";
        const nlohmann::json data = message.value("data", nlohmann::json::object());
        return data.value("type", "") == "status"  ? data.value("code", "")
               : data.value("type", "") == "error" ? std::to_string(data.value("status", 0))
                                                   : message.dump();
    }

    Answer opened;

private:
    RawConnection m_connection;
};

nlohmann::json description(const char* name, const char* type)
{
    return {{name, "show1"}, {"requestId", "r1"}, {"data", {{"sdp", {{"type", type}, {"sdp", "their sdp"}}}}}};
}

nlohmann::json candidate(const nlohmann::json& content)
{
    return {{"handleCandidate", "show1"}, {"requestId", "r1"}, {"data", {{"candidate", content}}}};
}

const nlohmann::json requestOffer = {{"requestOffer", "show1"}, {"requestId", "r1"}, {"transport", "udp"}};
const std::string watching = "/as/v1/proxy/ws/subscribe/live/show1?id=r1&nodeGroup=eu-live";
const std::string connected = "NetConnection.Connect.Success";
const std::string closed = "NetConnection.Connect.Closed";
const std::string negotiated = "NetConnection.ICE.TrickleCompleted";
const std::string theirOffer = R"({"data":{"sdp":{"sdp":"v=0","type":"offer"}}})";

}  // namespace

// WHIP and WHEP through the control plane, to one origin that takes publishers and viewers.
class ApiSignallingTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_node = std::make_unique<NodePort>();
        m_api = std::make_unique<ApiFixture>(m_options, [this, port = m_node->port()](Snapshot& snapshot) {
            NodeStatus node;
            node.node.id = NodeId("n1");
            node.node.pool = PoolKey{NodeGroupName("eu-live"), "eu-west-1", "origin"};
            node.node.imageName = "standard";
            node.node.state = NodeState::InService;
            node.node.endpoints = {m_isPrivate ? "10.1.2.3" : "127.0.0.1", 1935, port, 0, 0, 0, 8189};
            node.limits = m_isFull ? NodeLimits{1, 1, 1} : NodeLimits{1000, 1'000'000'000, 100};
            node.load.publishers = node.load.subscribers = m_isFull ? 1 : 0;
            node.lastHeard = snapshot.takenAt;
            StreamStatus stream;
            stream.nodeGroup = NodeGroupName("eu-live");
            stream.origin = node.node.id;
            stream.ingest.key = {"live", "show1"};
            stream.ingest.isPublishedHere = true;
            if (!m_isGone)
                snapshot.nodes = {node};
            if (!m_isDark)
                snapshot.streams = {stream};
        });
        QVERIFY(m_api->isUp() && m_api->addAccount("admin") && m_api->signIn());
        NodeGroup group = testing::makeGroup();
        group.name = NodeGroupName("eu-live");
        for (Role& role : group.roles)
            role.capabilities = {Capability::Publish, Capability::Subscribe};
        for (Subgroup& subgroup : group.subgroups) {
            subgroup.name = "eu-west-1";
            for (ScaleRule& rule : subgroup.rules)
                rule.min = 0;
        }
        m_group = native::toJson(group);
        const Answer made = m_api->as("POST", "/api/v1/node-groups", m_group.dump());
        QVERIFY2(made.status == 201, made.body.c_str());
    }
    void cleanup()
    {
        m_api.reset();
        m_node.reset();
        m_isFull = m_isPrivate = m_isGone = m_isDark = false;
        m_options = {};
    }

    void optionsChooseANodeAndPreflightsDoNot()
    {
        const Answer chosen = open("OPTIONS", whep + "?requestId=subscriber-1&nodeGroup=eu-live");
        QCOMPARE(chosen.status, 204);
        QCOMPARE(chosen.field("session-host"), std::string("127.0.0.1"));
        const Answer preflight =
            open("OPTIONS", whep, {}, {{"Origin", "http://localhost:3000"}, {"Access-Control-Request-Method", "POST"}});
        QVERIFY(preflight.status == 204 && preflight.field("session-host").empty());
        QVERIFY(isError(open("OPTIONS", "/as/v1/proxy/whep/live/none?nodeGroup=eu-live"), 404));
        QVERIFY(isError(open("OPTIONS", "/as/v1/proxy/whip/live/show1?nodeGroup=eu-live"), 409));
        QVERIFY(m_node->asked().empty());
    }

    // The node knows who may be told, so it is asked, once the group has any.
    void optionsTellOfTheIceServersOfTheGroup()
    {
        m_group["iceServers"] = nlohmann::json::parse(R"([{"url": "turn:t", "credential": "rest", "secret": "hush"}])");
        QCOMPARE(m_api->as("PUT", "/api/v1/node-groups/eu-live", m_group.dump(), {{"If-Match", "*"}}).status, 200);
        const Fields token = {{"Authorization", "Bearer of-the-stream"}};
        const Answer chosen = open("OPTIONS", whep + "?nodeGroup=eu-live&username=u", {}, token);
        QCOMPARE(chosen.status, 204);
        QCOMPARE(chosen.field("session-host"), std::string("127.0.0.1"));
        QCOMPARE(chosen.field("link"), std::string("<stun:s>; rel=\"ice-server\", <turn:t>; rel=\"ice-server\""));
        const auto asked = m_node->asked();
        QVERIFY(asked.size() == 1 && asked[0].method == http::Method::Options && asked[0].path == "/whep/live/show1" &&
                asked[0].query == "username=u" && asked[0].authorization == "Bearer of-the-stream");
        QCOMPARE(open("OPTIONS", whep, {}, {{"Origin", "http://localhost"}, {"Access-Control-Request-Method", "POST"}})
                     .status,
                 204);
        QCOMPARE(m_node->asked().size(), std::size_t(1));
        m_node.reset();
        QCOMPARE(open("OPTIONS", whep).field("session-host"), std::string("127.0.0.1"));
    }

    void aSessionIsOpenedChangedAndEndedAtItsNode()
    {
        const Answer opened = open("POST", whep + "?nodeGroup=eu-live&requestId=r1&host=127.0.0.1", "offer", offer);
        QCOMPARE(opened.status, 201);
        QCOMPARE(opened.body, std::string("v=0"));
        QCOMPARE(opened.field("etag"), std::string("\"e1\""));
        QCOMPARE(opened.field("session-host"), std::string("127.0.0.1"));
        const std::string session = opened.field("location");
        QCOMPARE(session, whep + "/s1?host=127.0.0.1");
        const Fields trickle = {{"Content-Type", "application/trickle-ice-sdpfrag"}, {"If-Match", "\"e1\""}};
        QCOMPARE(open("PATCH", session, "candidates", trickle).status, 204);
        // As SDKs do, which keep the path alone and add what they know.
        QCOMPARE(open("DELETE", whep + "/s1?requestId=r1&host=127.0.0.1").status, 204);
        const auto asked = m_node->asked();
        QCOMPARE(asked.size(), std::size_t(3));
        QVERIFY(asked[0].path == "/whep/live/show1" && asked[0].query == "requestId=r1" && asked[0].body == "offer" &&
                asked[0].contentType == "application/sdp");
        QVERIFY(asked[1].method == http::Method::Patch && asked[1].path == "/webrtc/s1" &&
                asked[1].ifMatch == "\"e1\"" && asked[1].body == "candidates");
        QVERIFY(asked[2].method == http::Method::Delete && asked[2].path == "/webrtc/s1");
    }

    void sessionsThatWentThroughAreListedAndEnded()
    {
        const std::string list = "/as/v1/admin/rtcproxy";
        QCOMPARE(open("POST", whep, "offer", offer).status, 201);
        const nlohmann::json shown = m_api->as("GET", list).json();
        QCOMPARE(shown.size(), std::size_t(1));
        const std::string id = shown.begin().key();
        const nlohmann::json& session = shown.front();
        QVERIFY2(id != "s1" && session["sessionId"] == id && session["streamGuid"] == "live/show1" &&
                     session["status"] == "CONNECTED" && session["timestamp"].is_number_integer(),
                 shown.dump().c_str());
        QCOMPARE(m_node->asked().back().path, std::string("/webrtc/s1"));
        QCOMPARE(m_api->as("DELETE", list + "/" + id).status, 200);
        QVERIFY(m_node->asked().back().method == http::Method::Delete && m_node->asked().back().path == "/webrtc/s1");
        QVERIFY(m_api->as("GET", list).json() == nlohmann::json::object());
        QVERIFY(isError(m_api->as("DELETE", list + "/" + id), 404));
        // By the name of the stream; what the client or the node ended is not there any more.
        QCOMPARE(open("POST", whip, "offer", offer).status, 201);
        QCOMPARE(m_api->as("DELETE", list + "/live/show2").status, 200);
        QCOMPARE(open("POST", whep, "offer", offer).status, 201);
        QCOMPARE(open("DELETE", whep + "/s1?host=127.0.0.1").status, 204);
        QVERIFY(m_api->as("GET", list).json() == nlohmann::json::object());
        for (int i = 0; i < 40; ++i)
            QCOMPARE(open("POST", whep, "offer", offer).status, 201);
        m_node->hasForgotten = true;
        QVERIFY(isError(m_api->as("DELETE", list + "/live/show1"), 404));
        QVERIFY(m_api->as("GET", list).json() == nlohmann::json::object());
    }

    void publishersOfferOverAWebSocket()
    {
        m_isDark = true;  // nobody else publishes
        QTRY_VERIFY(open("OPTIONS", "/as/v1/proxy/whip/live/show1").status == 204);
        Talker client(m_api->port(), "/as/v1/proxy/ws/publish/live/show1?id=p1&nodeGroup=eu-live&token=t",
                      {{"Sec-WebSocket-Protocol", "json"}, {"Authorization", "Bearer of-the-stream"}});
        QCOMPARE(client.opened.status, 101);
        QCOMPARE(client.opened.field("sec-websocket-protocol"), std::string("json"));
        QCOMPARE(client.heard(), connected);
        client.say({{"isAvailable", "show1"}, {"type", "webrtc"}, {"bundle", true}});
        QCOMPARE(client.heard(), std::string(R"({"isAvailable":false})"));
        client.say(candidate({{"candidate", "candidate:1 1 udp 9 10.0.0.1 9 typ host"}, {"sdpMid", "0"}}));
        client.say({{"publish", "live/show1"}, {"mode", "live"}});
        client.say(description("handleOffer", "offer"));
        QCOMPARE(client.heard(), std::string(R"({"data":{"sdp":{"sdp":"v=0","type":"answer"}}})"));
        QCOMPARE(client.heard(), negotiated);
        QCOMPARE(client.heard(), std::string("NetStream.Publish.Start"));
        QTRY_COMPARE(m_node->told().size(), std::size_t(2));
        const auto told = m_node->told();
        QVERIFY(told[0].method == http::Method::Post && told[0].path == "/whip/live/show1" &&
                told[0].query == "id=p1&token=t" && told[0].body == "their sdp" &&
                told[0].contentType == "application/sdp" && told[0].authorization == "Bearer of-the-stream");
        QVERIFY(told[1].path == "/webrtc/s1" && told[1].contentType == "application/trickle-ice-sdpfrag" &&
                told[1].body == "a=mid:0\r\na=candidate:1 1 udp 9 10.0.0.1 9 typ host\r\n");
        client.say({{"unpublish", "show1"}});
        QCOMPARE(client.heard(), std::string("NetStream.Unpublish.Success"));
        QCOMPARE(client.heard(), std::string("closed"));
        QTRY_VERIFY(m_node->wasTold(http::Method::Delete));
    }

    void viewersAnswerOverAWebSocketUntilTheyAreEnded()
    {
        Talker client(m_api->port(), watching);
        QVERIFY(client.opened.status == 101 && client.opened.field("sec-websocket-protocol").empty());
        QCOMPARE(client.heard(), connected);
        client.say({{"isAvailable", "show1"}});
        QCOMPARE(client.heard(), std::string(R"({"isAvailable":true})"));
        client.say(requestOffer);
        QCOMPARE(client.heard(), theirOffer);
        client.say(candidate({{"candidate", ""}, {"type", "candidate"}}));
        client.say(description("handleAnswer", "answer"));
        QCOMPARE(client.heard(), negotiated);
        client.say({{"subscribe", "show1"}, {"requestId", "r1"}});
        QCOMPARE(client.heard(), std::string("NetStream.Play.Start"));
        QCOMPARE(client.hear().value("type", ""), std::string("metadata"));
        QTRY_COMPARE(m_node->told().size(), std::size_t(3));
        const auto told = m_node->told();
        QVERIFY(told[0].path == "/whep/live/show1" && told[0].body.empty() && told[0].contentType.empty());
        QVERIFY(told[1].path == "/webrtc/s1" && told[1].contentType == "application/sdp" &&
                told[1].body == "their sdp");
        QCOMPARE(told[2].body, std::string("a=end-of-candidates\r\n"));
        const nlohmann::json shown = m_api->as("GET", "/as/v1/admin/rtcproxy").json();
        QVERIFY2(shown.size() == 1 && shown.front()["streamGuid"] == "live/show1", shown.dump().c_str());
        QCOMPARE(m_api->as("DELETE", "/as/v1/admin/rtcproxy/" + shown.begin().key()).status, 200);
        QCOMPARE(client.heard(), closed);
        QCOMPARE(client.heard(), std::string("closed"));
        QVERIFY(m_api->as("GET", "/as/v1/admin/rtcproxy").json() == nlohmann::json::object());
        QCOMPARE(std::ranges::count(m_node->told(), http::Method::Delete, &http::Request::method), 1);
    }

    void whatEndsAtItsNodeEndsItsWebSocket_data()
    {
        QTest::addColumn<int>("way");
        QTest::newRow("the session") << 0;
        QTest::newRow("the node") << 1;
    }
    void whatEndsAtItsNodeEndsItsWebSocket()
    {
        QFETCH(const int, way);
        Talker client(m_api->port(), watching);
        QCOMPARE(client.heard(), connected);
        client.say(requestOffer);
        QCOMPARE(client.heard(), theirOffer);
        m_isDark = true;
        QCOMPARE(client.heard(), std::string(R"({"data":{"status":"NetStream.Play.UnpublishNotify"}})"));
        (way == 0 ? m_node->hasForgotten : m_isGone) = true;
        QCOMPARE(client.heard(), closed);
        QCOMPARE(client.heard(), std::string("closed"));
        QVERIFY(!m_node->wasTold(http::Method::Delete));
    }

    void whoLeavesEndsItsSessionAndWhoStopsLeavesItAlone()
    {
        const auto watch = [this] {
            auto client = std::make_unique<Talker>(m_api->port(), watching);
            client->say(requestOffer);
            return client->heard() == connected && client->heard() == theirOffer ? std::move(client) : nullptr;
        };
        auto client = watch();
        QVERIFY(client);
        m_api->restart();
        QCOMPARE(client->heard(), std::string("closed"));
        QVERIFY(!m_node->wasTold(http::Method::Delete));
        client = watch();
        QVERIFY(client);
        client.reset();
        QTRY_VERIFY(m_node->wasTold(http::Method::Delete));
        QTRY_VERIFY(m_api->as("GET", "/as/v1/admin/rtcproxy").json() == nlohmann::json::object());
    }

    void whatIsNotUnderstoodIsRefusedInTheSameWords()
    {
        Talker client(m_api->port(), watching);
        QCOMPARE(client.heard(), connected);
        for (const char* text :
             {"", "hello", "[]", "{}", "null", R"({"isAvailable":true})", R"({"isAvailable":"other"})",
              R"({"ping":"show1"})", R"({"handleCandidate":"show1"})",
              R"({"handleCandidate":"show1","data":{"candidate":{"candidate":"a=ice-ufrag:x"}}})",
              R"({"handleCandidate":"show1","data":{"candidate":{"candidate":"candidate:1\r\na=ice-ufrag:x"}}})"}) {
            client.sayText(text);
            const std::string said = client.heard();
            QVERIFY2(said == "400", (std::string(text) + ": " + said).c_str());
        }
        client.say(description("handleOffer", "offer"));
        QCOMPARE(client.heard(), std::string("409"));
        client.say(description("handleAnswer", "answer"));
        QCOMPARE(client.heard(), std::string("409"));
        for (int i = 0; i < 17; ++i)
            client.say(candidate({{"candidate", "candidate:" + std::string(1000, 'x')}}));
        QCOMPARE(client.heard(), std::string("503"));
        QVERIFY(m_node->asked().empty());
        m_node->isFull = true;
        client.say(requestOffer);
        const nlohmann::json refused = client.hear();
        QVERIFY2(refused["data"]["status"] == 503 && refused["data"]["message"] == "No place is left.",
                 refused.dump().c_str());
        m_node->isFull = false;
        client.say(requestOffer);
        QCOMPARE(client.heard(), theirOffer);
        client.say(requestOffer);
        QCOMPARE(client.heard(), std::string("409"));
        client.say(description("handleAnswer", "offer"));
        QCOMPARE(client.heard(), std::string("400"));
        client.sayText(std::string(70'000, ' '));
        QCOMPARE(client.heard(), std::string("closed"));
        QTRY_VERIFY(m_node->wasTold(http::Method::Delete));
    }

    void whoSaysTooMuchIsLeft()
    {
        Talker client(m_api->port(), watching);
        QCOMPARE(client.heard(), connected);
        // However many seconds it takes.
        for (int i = 0; i < 10'000; ++i)
            client.say({{"isAvailable", "show1"}});
        std::string last, before;
        while (last != "closed")
            before = std::exchange(last, client.heard());
        QVERIFY2(before == "503" || before.starts_with("{\"isAvailable"), before.c_str());
    }

    void whoMayNotSignalGetsNoWebSocket()
    {
        const auto statusOf = [this](const std::string& target, const Fields& fields = {}) {
            return Talker(m_api->port(), target, fields).opened.status;
        };
        const Answer plain = open("GET", watching);
        QVERIFY(isError(plain, 426) && plain.field("upgrade") == "websocket");
        QCOMPARE(statusOf("/as/v1/proxy/ws/subscribe/live/show1?nodeGroup=none"), 404);
        QCOMPARE(statusOf("/as/v1/proxy/ws/subscribe/show1?nodeGroup=eu-live"), 400);
        QCOMPARE(statusOf(watching + "&host=203.0.113.7"), 403);
        QCOMPARE(statusOf(watching, {{"Origin", "http://elsewhere.example"}}), 403);
        QVERIFY(isError(open("GET", "/as/v1/proxy/ws/listen/live/show1"), 501));
        QVERIFY(isError(open("POST", watching), 405));
        QCOMPARE(statusOf(watching + "&host=127.0.0.1", {{"Origin", "http://localhost:3000"}}), 101);
        m_group["publicRouting"] = "off";
        QCOMPARE(m_api->as("PUT", "/api/v1/node-groups/eu-live", m_group.dump(), {{"If-Match", "*"}}).status, 200);
        QCOMPARE(statusOf(watching), 401);
        QCOMPARE(statusOf(watching + "&host=127.0.0.1"), 401);
        QCOMPARE(statusOf(watching, {{"Authorization", "Bearer " + m_api->token()}}), 101);
        QVERIFY(m_node->asked().empty());
    }

    void placesAreLimitedAndWhoIsSilentLosesHis()
    {
        cleanup();
        m_options.limits.dialogues = 1;
        m_options.limits.idleTimeout = std::chrono::seconds(2);
        init();
        {
            Talker first(m_api->port(), watching);
            QCOMPARE(first.heard(), connected);
            QCOMPARE(Talker(m_api->port(), watching).opened.status, 503);
            QCOMPARE(first.heard(), std::string("408"));
            QCOMPARE(first.heard(), std::string("closed"));
        }
        QTRY_COMPARE(Talker(m_api->port(), watching).opened.status, 101);
    }

    void whoSkipsOptionsIsGivenANodeAndItsAddress()
    {
        const Answer opened = open("POST", whip, "offer", offer);
        QCOMPARE(opened.status, 201);
        QCOMPARE(opened.field("location"), whip + "/s1?host=127.0.0.1");
        QCOMPARE(m_node->asked().front().path, std::string("/whip/live/show2"));
    }

    void onlyNodesOfTheClusterAreReached()
    {
        for (const char* host : {"203.0.113.7", "localhost", "127.0.0.1:1", "127.0.0.1:x", "127.0.0.1:99999", ""})
            QVERIFY2(isError(open("POST", whep + "?host=" + host, "offer", offer), 403), host);
        QVERIFY(isError(open("DELETE", whep + "/s1"), 400));
        QVERIFY(isError(open("DELETE", whep + "/a%2Fb?host=127.0.0.1"), 400));
        QVERIFY(isError(open("GET", whep), 405));
        QVERIFY(m_node->asked().empty());
    }

    void theTokenOfTheStreamReachesTheNodeAndOursDoesNot()
    {
        Fields withToken = offer;
        withToken.emplace_back("Authorization", "Bearer of-the-stream");
        QCOMPARE(open("POST", whep + "?token=t", "offer", withToken).status, 201);
        QCOMPARE(m_api->as("POST", whep, "offer", offer).status, 201);
        const auto asked = m_node->asked();
        QCOMPARE(asked[0].authorization, std::string("Bearer of-the-stream"));
        QCOMPARE(asked[0].query, std::string("token=t"));
        QVERIFY(asked[1].authorization.empty());
    }

    void aGroupThatIsNotForEverybodyWantsOurs()
    {
        m_group["publicRouting"] = "off";
        QCOMPARE(m_api->as("PUT", "/api/v1/node-groups/eu-live", m_group.dump(), {{"If-Match", "*"}}).status, 200);
        QVERIFY(isError(open("POST", whep, "offer", offer), 401));
        QVERIFY(isError(open("DELETE", whep + "/s1?host=127.0.0.1"), 401));
        QVERIFY(m_node->asked().empty());
        QCOMPARE(m_api->as("POST", whep, "offer", offer).status, 201);
    }

    void whoFindsNoPlaceIsToldWhenToComeBack()
    {
        m_isFull = true;
        QTRY_COMPARE(open("OPTIONS", whep).status, 503);
        const Answer refused = open("POST", whep, "offer", offer);
        QVERIFY(isError(refused, 503) && std::stoi("0" + refused.field("retry-after")) >= 1);
        QVERIFY(m_node->asked().empty());
    }

    void privateAddressesAreForThoseWithAToken()
    {
        m_isPrivate = true;
        QTRY_COMPARE(m_api->as("OPTIONS", whep).field("session-host"), std::string("10.1.2.3"));
        const Answer chosen = open("OPTIONS", whep);
        QVERIFY(chosen.status == 503 && chosen.field("session-host").empty());
        QVERIFY(isError(open("POST", whep + "?host=10.1.2.3", "offer", offer), 403));
    }

private:
    Answer open(const std::string& method, const std::string& target, const std::string& body = {},
                const Fields& fields = {})
    {
        return call(m_api->port(), method, target, fields, body);
    }

    std::unique_ptr<NodePort> m_node;
    std::unique_ptr<ApiFixture> m_api;
    nlohmann::json m_group;
    std::atomic<bool> m_isFull = false;  // read by the thread of the engine
    std::atomic<bool> m_isPrivate = false;
    std::atomic<bool> m_isGone = false;
    std::atomic<bool> m_isDark = false;
    ApiOptions m_options;
};

QTEST_GUILESS_MAIN(ApiSignallingTest)
#include "api_signalling_test.moc"
