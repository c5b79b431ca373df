#include "core/api/http_server.h"
#include "core/wire/native_codec.h"
#include "tests/plane/api_fixture.h"
#include "tests/plane/dialect_documents.h"
#include "tests/support/groups.h"

#include <QTest>

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

    std::vector<http::Request> asked() const
    {
        const std::lock_guard lock(m_mutex);
        return m_asked;
    }

private:
    mutable std::mutex m_mutex;
    std::vector<http::Request> m_asked;
    std::unique_ptr<http::Server> m_server;
};

}  // namespace

// WHIP and WHEP through the control plane, to one origin that takes publishers and viewers.
class ApiSignallingTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_node = std::make_unique<NodePort>();
        m_api = std::make_unique<ApiFixture>(ApiOptions{}, [this, port = m_node->port()](Snapshot& snapshot) {
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
            snapshot.nodes = {node};
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
        m_isFull = m_isPrivate = false;
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

    void webSocketsAreRefusedWithWhatToTakeInstead()
    {
        for (const char* way : {"subscribe", "publish"}) {
            const Answer refused = open("GET", std::string("/as/v1/proxy/ws/") + way + "/live/show1?id=1");
            QVERIFY2(isError(refused, 501) && refused.body.find("WHEP") != std::string::npos, refused.body.c_str());
        }
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
};

QTEST_GUILESS_MAIN(ApiSignallingTest)
#include "api_signalling_test.moc"
