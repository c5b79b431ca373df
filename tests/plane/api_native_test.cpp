#include "core/wire/native_codec.h"
#include "tests/plane/api_fixture.h"
#include "tests/support/groups.h"

#include <QTest>

using namespace headgate;
using namespace headgate::test;
using nlohmann::json;

namespace {

// A group that starts no node.
NodeGroup emptyGroup(const std::string& name)
{
    NodeGroup group = testing::makeGroup();
    group.name = NodeGroupName(name);
    for (Subgroup& subgroup : group.subgroups) {
        for (ScaleRule& rule : subgroup.rules)
            rule.min = 0;
    }
    return group;
}

// Of a whole night: long lists.
void addManyStreams(Snapshot& snapshot)
{
    NodeStatus node;
    node.node.id = NodeId("node1");
    node.node.pool = PoolKey{NodeGroupName("eu-live"), "eu-west-1", "origin"};
    node.node.state = NodeState::InService;
    node.node.endpoints.address = "198.18.0.1";
    snapshot.nodes = {node};
    snapshot.streams.clear();
    for (int i = 0; i < 20'000; ++i) {
        StreamStatus stream;
        stream.nodeGroup = NodeGroupName("eu-live");
        stream.origin = node.node.id;
        stream.ingest.key = {"live", "s" + std::to_string(100'000 + i)};
        stream.ingest.isPublishedHere = true;
        snapshot.streams.push_back(stream);
    }
}

std::string documentOf(const NodeGroup& group)
{
    return native::write(native::toJson(group));
}

bool isProblem(const Answer& answer, int status, const std::string& word)
{
    const json body = answer.json();
    return answer.status == status && answer.field("content-type") == "application/problem+json" &&
           body["status"] == status && body["type"] == "https://headgate.dev/problems/" + word &&
           body["detail"].is_string() && body["requestId"] == answer.field("x-request-id");
}

}  // namespace

class ApiNativeTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_api = std::make_unique<ApiFixture>();
        QVERIFY(m_api->isUp() && m_api->addAccount("admin") && m_api->signIn());
    }
    void cleanup() { m_api.reset(); }

    // Lists that are made on the thread that answers would all be sent before what was asked for after them.
    void aLongListHoldsUpNobody()
    {
        m_api = std::make_unique<ApiFixture>(ApiOptions{}, addManyStreams);
        QVERIFY(m_api->addAccount("admin") && m_api->signIn());
        QCOMPARE(m_api->as("POST", "/api/v1/node-groups", documentOf(emptyGroup("eu-live"))).status, 201);
        RawConnection other(m_api->port());
        std::vector<std::unique_ptr<RawConnection>> clients;
        for (int i = 0; i < 8; ++i)
            clients.push_back(std::make_unique<RawConnection>(m_api->port()));
        const Fields token{{"Authorization", "Bearer " + m_api->token()}};
        const std::string ofDialect = "/as/v1/streams/stream/eu-live";
        for (const auto& [path, fields] : {std::pair(std::string("/api/v1/streams"), token),
                                           {ofDialect, token},
                                           {ofDialect, Fields{}},
                                           {"/api/v1/snapshot", token},
                                           {"/metrics", {}}}) {
            // Everybody is known to the server before it counts who came first.
            for (const auto& client : clients) {
                client->send(requestText("GET", "/api/v1/health"));
                QCOMPARE(client->read().status, 200);
            }
            for (const auto& client : clients)
                client->send(requestText("GET", path, fields));
            // What is answered in one turn of the loop may leave in any order; the third is of a later turn.
            for (int i = 0; i < 3; ++i) {
                other.send(requestText("GET", "/api/v1/health"));
                QCOMPARE(other.read().status, 200);
            }
            QVERIFY2(clients.back()->isSilent(), path.c_str());
            for (const auto& client : clients)
                QCOMPARE(client->read().status, 200);
        }
    }

    void namesInPathsAreUtf8()
    {
        for (const char* path : {"/api/v1/node-groups/%FF", "/api/v1/nodes/a%C3", "/api/v1/node-images/%ED%A0%80"}) {
            const Answer answer = m_api->as("GET", path);
            QVERIFY2(isProblem(answer, 400, "invalid-argument"), path);
            QVERIFY(answer.json()["detail"] == "The name in the path is no UTF-8.");
        }
        QVERIFY(isProblem(m_api->as("GET", "/api/v1/node-groups/%C3%A4"), 404, "not-found"));
    }

    void aNodeGroupIsMadeReadChangedAndDeleted()
    {
        NodeGroup group = emptyGroup("eu-live");
        const Answer made = m_api->as("POST", "/api/v1/node-groups", documentOf(group));
        QCOMPARE(made.status, 201);
        QCOMPARE(made.field("location"), std::string("/api/v1/node-groups/eu-live"));
        QCOMPARE(made.field("etag"), std::string("\"1\""));
        QVERIFY(isProblem(m_api->as("POST", "/api/v1/node-groups", documentOf(group)), 409, "already-exists"));
        const Answer read = m_api->as("GET", "/api/v1/node-groups/eu-live");
        QCOMPARE(read.field("etag"), std::string("\"1\""));
        QVERIFY(*native::nodeGroupFromJson(read.json()["group"]) == group);
        group.description = "changed";
        const Answer changed =
            m_api->as("PUT", "/api/v1/node-groups/eu-live", documentOf(group), {{"If-Match", "\"1\""}});
        QCOMPARE(changed.status, 200);
        QCOMPARE(changed.field("etag"), std::string("\"2\""));
        QVERIFY(changed.json()["changes"].size() == 1);
        QCOMPARE(m_api->as("GET", "/api/v1/node-groups").json()["nodeGroups"].size(), std::size_t(1));
        const Answer deleted = m_api->as("DELETE", "/api/v1/node-groups/eu-live");
        QCOMPARE(deleted.status, 200);
        QCOMPARE(deleted.field("etag"), std::string());
        QVERIFY(isProblem(m_api->as("GET", "/api/v1/node-groups/eu-live"), 404, "not-found"));
        QVERIFY(isProblem(m_api->as("DELETE", "/api/v1/node-groups/eu-live"), 404, "not-found"));
    }

    void objectsHaveIdsAndMakers()
    {
        QCOMPARE(m_api->as("POST", "/api/v1/node-groups", documentOf(emptyGroup("eu-live"))).status, 201);
        QCOMPARE(m_api->as("PUT", "/api/v1/regions/home", R"({"title":"Home","latitude":1,"longitude":2})").status,
                 200);
        const json limit{{"name", "quota"}, {"scope", {{"nodeGroup", "eu-live"}}}, {"nodes", 100}};
        QCOMPARE(m_api->as("POST", "/api/v1/limits", limit.dump()).status, 201);
        const json cup{{"name", "cup"}, {"nodeGroups", {"eu-live"}}};
        QCOMPARE(m_api->as("POST", "/api/v1/deployments", cup.dump()).status, 201);
        QCOMPARE(m_api->as("PUT", "/api/v1/node-images/node-1", "{}").status, 200);
        for (const auto& [list, member, name] :
             {std::tuple("node-groups", "nodeGroups", "eu-live"), std::tuple("regions", "regions", "home"),
              std::tuple("limits", "limits", "quota"), std::tuple("deployments", "deployments", "cup"),
              std::tuple("node-images", "nodeImages", "node-1"), std::tuple("users", "users", "admin")}) {
            const std::string path = std::string("/api/v1/") + list;
            const json one = m_api->as("GET", path + "/" + name).json();
            const std::string uid = one["uid"];
            QVERIFY2(uid.size() == 20, list);
            QVERIFY2(one["createdBy"] == (std::string(list) == "users" ? "setup" : "admin"), list);
            QVERIFY2(one["createdAt"].is_string(), list);
            QVERIFY2(m_api->as("GET", path + "/uid:" + uid).json() == one, list);
            const json found = m_api->as("GET", path + "?uid=" + uid).json();
            QVERIFY2(found["total"] == 1 && found[member][0] == one, list);
        }
        const json builtIn = m_api->as("GET", "/api/v1/regions/europe-central").json();
        QVERIFY(builtIn["uid"] == "" && builtIn["createdAt"].is_null());
        const std::string group = "/api/v1/node-groups/uid:" +
                                  m_api->as("GET", "/api/v1/node-groups/eu-live").json()["uid"].get<std::string>();
        QCOMPARE(m_api->as("PATCH", group, R"({"description":"by its id"})").status, 200);
        QVERIFY(m_api->as("GET", group).json()["group"]["description"] == "by its id");
        QCOMPARE(m_api->as("DELETE", "/api/v1/node-groups/eu-live").status, 200);
        QCOMPARE(m_api->as("POST", "/api/v1/node-groups", documentOf(emptyGroup("eu-live"))).status, 201);
        QVERIFY(isProblem(m_api->as("GET", group), 404, "not-found"));
    }

    void listsComeInPages()
    {
        const json all = m_api->as("GET", "/api/v1/regions").json();
        QCOMPARE(all["total"].get<std::size_t>(), all["regions"].size());
        QVERIFY(all["regions"].size() >= 10 && !all.contains("nextCursor"));
        json joined = json::array();
        std::string cursor;
        do {
            const json page = m_api->as("GET", "/api/v1/regions?limit=4&sort=-title&cursor=" + cursor).json();
            QVERIFY(page["regions"].size() <= 4 && page.contains("defaultRegion"));
            joined.insert(joined.end(), page["regions"].begin(), page["regions"].end());
            cursor = page.value("nextCursor", "");
        } while (!cursor.empty());
        QVERIFY(joined == m_api->as("GET", "/api/v1/regions?sort=-title").json()["regions"]);
        const std::string name = joined[0]["region"]["name"];
        QCOMPARE(m_api->as("GET", "/api/v1/regions?name=" + name).json()["total"].get<int>(), 1);
        for (const char* wrong : {"/api/v1/regions?limit=0", "/api/v1/nodes?sort=colour", "/api/v1/streams?colour=red",
                                  "/api/v1/schedules?cursor=x"})
            QVERIFY2(isProblem(m_api->as("GET", wrong), 400, "invalid-argument"), wrong);
    }

    void anOutdatedWriteIsRefused()
    {
        const NodeGroup group = emptyGroup("eu-live");
        m_api->as("POST", "/api/v1/node-groups", documentOf(group));
        const auto put = [&](const std::string& ifMatch) {
            return m_api->as("PUT", "/api/v1/node-groups/eu-live", documentOf(group), {{"If-Match", ifMatch}});
        };
        QVERIFY(isProblem(put("\"7\""), 412, "version-mismatch"));
        QVERIFY(isProblem(put("W/\"1\""), 412, "version-mismatch"));
        QVERIFY(isProblem(put("one"), 400, "invalid-argument"));
        QCOMPARE(put("*").status, 200);
        QVERIFY(isProblem(m_api->as("DELETE", "/api/v1/node-groups/eu-live", {}, {{"If-Match", "\"99\""}}), 412,
                          "version-mismatch"));
        QCOMPARE(m_api->as("GET", "/api/v1/node-groups/eu-live").status, 200);
    }

    void aDryRunTellsAndChangesNothing()
    {
        NodeGroup group = emptyGroup("eu-live");
        const Answer creation = m_api->as("POST", "/api/v1/node-groups?dryRun=true", documentOf(group));
        QCOMPARE(creation.status, 200);
        QVERIFY(creation.json()["isDryRun"] == true);
        QVERIFY(m_api->as("GET", "/api/v1/node-groups").json()["nodeGroups"].empty());
        m_api->as("POST", "/api/v1/node-groups", documentOf(group));
        group.description = "other";
        const Answer change = m_api->as("PUT", "/api/v1/node-groups/eu-live?dryRun=true", documentOf(group));
        QVERIFY(change.json()["changes"][0]["pointer"] == "/description");
        QCOMPARE(m_api->as("DELETE", "/api/v1/node-groups/eu-live?dryRun=true").status, 200);
        const json after = m_api->as("GET", "/api/v1/node-groups/eu-live").json();
        QVERIFY(after["version"] == 1 && after["group"]["description"] != "other");
        QVERIFY(isProblem(m_api->as("DELETE", "/api/v1/node-groups/eu-live?dryRun=maybe"), 400, "invalid-argument"));
    }

    void problemsPointToTheField()
    {
        NodeGroup group = emptyGroup("eu-live");
        group.subgroups.at(0).rules.at(0).max = 5000;
        const auto post = [&](const std::string& body) { return m_api->as("POST", "/api/v1/node-groups", body); };
        const Answer tooMany = post(documentOf(group));
        QVERIFY(isProblem(tooMany, 400, "invalid-argument"));
        QVERIFY(tooMany.json()["pointer"].get<std::string>().ends_with("/rules/0/max"));
        json document = native::toJson(emptyGroup("eu-live"));
        document["surprise"] = 1;
        QVERIFY(post(document.dump()).json()["pointer"] == "/surprise");
        QVERIFY(isProblem(post("{\"name\":"), 400, "invalid-argument"));
        QVERIFY(isProblem(post(""), 400, "invalid-argument"));
        QVERIFY(isProblem(post(std::string(100'000, '[')), 400, "invalid-argument"));
        const Answer renamed = m_api->as("PUT", "/api/v1/node-groups/other", documentOf(emptyGroup("eu-live")));
        QVERIFY(renamed.json()["pointer"] == "/name");
        QVERIFY(
            isProblem(m_api->as("PUT", "/api/v1/node-groups/none", documentOf(emptyGroup("none"))), 404, "not-found"));
    }

    void pathsMethodsAndTypesAreHeldTo()
    {
        QVERIFY(isProblem(m_api->as("GET", "/api/v1/nothing"), 404, "not-found"));
        QVERIFY(isProblem(m_api->as("GET", "/"), 404, "not-found"));
        const Answer wrong = m_api->as("POST", "/api/v1/node-groups/eu-live");
        QCOMPARE(wrong.status, 405);
        QCOMPARE(wrong.field("allow"), std::string("GET, PUT, PATCH, DELETE"));
        QCOMPARE(m_api->as("POST", "/api/v1/node-groups", "a=b", {{"Content-Type", "text/plain"}}).status, 415);
        QCOMPARE(m_api->as("GET", "/api/v1/nodes", {}, {{"Accept", "text/html"}}).status, 406);
        QCOMPARE(m_api->as("GET", "/api/v1/nodes", {}, {{"Accept", "text/html, */*;q=0.1"}}).status, 200);
        QCOMPARE(m_api->as("HEAD", "/api/v1/nodes").status, 200);
        QCOMPARE(m_api->as("GET", "/api/v1/events").status, 426);
        QVERIFY(isProblem(m_api->as("GET", "/api/v1/nodes/nosuch"), 404, "not-found"));
        QVERIFY(isProblem(m_api->as("POST", "/api/v1/nodes/nosuch/drain"), 404, "not-found"));
        QVERIFY(isProblem(m_api->as("POST", "/api/v1/nodes/nosuch/stop?mode=gently"), 400, "invalid-argument"));
        QVERIFY(isProblem(m_api->as("GET", "/api/v1/routes/publish?nodeGroup=x&stream=a"), 400, "invalid-argument"));
        QVERIFY(isProblem(m_api->as("GET", "/api/v1/routes/publish?nodeGroup=x&stream=a/b"), 404, "not-found"));
        QVERIFY(isProblem(m_api->as("GET", "/api/v1/routes/subscribe?nodeGroup=x&stream=a/b&endpoints=0"), 400,
                          "invalid-argument"));
        QVERIFY(isProblem(m_api->as("GET", "/api/v1/audit?limit=1001"), 400, "invalid-argument"));
        QVERIFY(isProblem(m_api->as("GET", "/api/v1/metrics?scope=moon"), 400, "invalid-argument"));
        QVERIFY(isProblem(m_api->as("GET", "/api/v1/metrics?from=yesterday"), 400, "invalid-argument"));
    }

    void auditAndMetricsAreRead()
    {
        const Fields named{{"X-Request-Id", "my-request.1"}};
        m_api->as("POST", "/api/v1/node-groups", documentOf(emptyGroup("eu-live")), named);
        const json records = m_api->as("GET", "/api/v1/audit?text=EU-LIVE").json()["records"];
        QCOMPARE(records.size(), std::size_t(1));
        QVERIFY(records[0]["actor"] == "admin" && records[0]["requestId"] == "my-request.1");
        QCOMPARE(m_api->as("GET", "/api/v1/audit?limit=1").json()["records"].size(), std::size_t(1));
        QVERIFY(m_api->as("GET", "/api/v1/metrics?scope=cluster").json()["series"].is_array());
        QVERIFY(m_api->as("GET", "/api/v1/streams").json()["streams"].empty());
    }

    void requestIdsAreTakenOrMade()
    {
        const auto idFor = [&](const std::string& id) {
            return m_api->as("GET", "/api/v1/nodes", {}, {{"X-Request-Id", id}}).field("x-request-id");
        };
        QCOMPARE(idFor("abc-1"), std::string("abc-1"));
        QVERIFY(idFor("has space") != "has space");
        QVERIFY(idFor(std::string(65, 'a')).size() < 65);
        QVERIFY(!idFor("").empty());
    }

    void foreignNamesAndOriginsAreKeptOut()
    {
        const auto statusFor = [&](const std::string& host) {
            return m_api->as("GET", "/api/v1/nodes", {}, {{"Host", host}}).status;
        };
        for (const char* host : {"localhost", "localhost:80", "127.0.0.1:5080", "127.8.9.1", "[::1]:5080"})
            QCOMPARE(statusFor(host), 200);
        for (const char* host :
             {"evil.example", "127.0.0.1.evil.example", "127.evil", "localhost.evil", "[::2]", "10.0.0.1"})
            QCOMPARE(statusFor(host), 421);
        const auto originFor = [&](const std::string& origin) {
            return m_api->as("GET", "/api/v1/nodes", {}, {{"Origin", origin}}).field("access-control-allow-origin");
        };
        QCOMPARE(originFor("http://localhost:8080"), std::string("http://localhost:8080"));
        for (const char* origin : {"https://evil.example", "null", "http://127.0.0.1.evil.example"})
            QCOMPARE(originFor(origin), std::string());
        const Fields preflight{{"Origin", "http://localhost"}, {"Access-Control-Request-Method", "PUT"}};
        const Answer allowed = call(m_api->port(), "OPTIONS", "/as/v1/auth/login", preflight);
        QCOMPARE(allowed.status, 204);
        QCOMPARE(allowed.field("access-control-allow-credentials"), std::string("true"));
        QVERIFY(allowed.field("access-control-allow-methods").find("PUT") != std::string::npos);
        QVERIFY(allowed.field("access-control-allow-headers").find("Authorization") != std::string::npos);
        const Fields foreign =
            webSocketFields({{"Origin", "https://evil.example"}, {"Authorization", "Bearer " + m_api->token()}});
        QCOMPARE(call(m_api->port(), "GET", "/api/v1/events", foreign).status, 403);
    }

    void theEventStreamBeginsWhole_thenTellsWhatChanges()
    {
        RawConnection reader(m_api->port());
        reader.send(
            requestText("GET", "/api/v1/events", webSocketFields({{"Authorization", "Bearer " + m_api->token()}})));
        QCOMPARE(reader.read().status, 101);
        const json first = json::parse(reader.readFrame());
        QVERIFY(first["type"] == "snapshot");
        Result<Snapshot> known = native::snapshotFromJson(first["snapshot"]);
        QVERIFY(known);
        m_api->as("POST", "/api/v1/node-groups", documentOf(emptyGroup("eu-live")));
        for (int i = 0; i < 20 && known->nodeGroups.empty(); ++i) {
            const json event = json::parse(reader.readFrame());
            QVERIFY(event["type"] == "change");
            known = native::applyChange(*known, event["change"]);
            QVERIFY(known);
        }
        QCOMPARE(known->nodeGroups.size(), std::size_t(1));
        m_api->stopServer();
        QVERIFY(becomesTrue([&] { return reader.readFrame().empty(); }));
    }

    void anEventStreamGoesOnWhereItEnded()
    {
        const auto open = [this](Fields fields) {
            auto reader = std::make_unique<RawConnection>(m_api->port());
            fields.emplace_back("Accept", "text/event-stream");
            fields.emplace_back("Authorization", "Bearer " + m_api->token());
            reader->send(requestText("GET", "/api/v1/events", fields));
            return reader->read().status == 200 ? std::move(reader) : nullptr;
        };
        const auto next = [](RawConnection& reader) {
            const std::string event = reader.readUntil("\n\n");
            const auto line = event.find("\ndata: ");
            json message = json::parse(event.substr(line + 7), nullptr, false);
            message["id"] = event.substr(4, line - 4);
            return message;
        };
        const auto first = open({});
        QVERIFY(first);
        const json whole = next(*first);
        QVERIFY(whole["type"] == "snapshot" && whole["id"] == whole["position"]);
        const json change = next(*first);
        QVERIFY(change["type"] == "change" && change["id"] != whole["id"]);
        const auto second = open({{"Last-Event-ID", whole["id"]}});
        QVERIFY(second);
        const json again = next(*second);
        QVERIFY(again["type"] == "change" && again["id"] == change["id"]);
        for (const char* unknown : {"deadbeef-1", "1", "-", "x"}) {
            const auto stranger = open({{"Last-Event-ID", unknown}});
            QVERIFY(stranger);
            QVERIFY2(next(*stranger)["type"] == "snapshot", unknown);
        }
        QCOMPARE(call(m_api->port(), "GET", "/api/v1/events", {{"Accept", "text/event-stream"}}).status, 401);
    }

    void whatIsAskedOfAStreamIsChecked()
    {
        const std::string stream = "nodeGroup=eu-live&stream=live/show1";
        for (const std::string& path : {"details?" + stream, "thumbnail?" + stream})
            QVERIFY(isProblem(m_api->as("GET", "/api/v1/streams/" + path), 404, "not-found"));
        for (const std::string& path :
             {std::string("details?nodeGroup=g"), "details?" + stream + "&viewerLimit=1001",
              "details?" + stream + "&viewerOffset=-1", "details?" + stream + "&viewerLimit=x",
              std::string("thumbnail?nodeGroup=g&stream=.."), "thumbnail?" + stream + "&width=15",
              "thumbnail?" + stream + "&width=641", "thumbnail?" + stream + "&width=99999999999999999999"})
            QVERIFY2(isProblem(m_api->as("GET", "/api/v1/streams/" + path), 400, "invalid-argument"), path.c_str());
        for (const char* query : {"node=n&stream=live/show1", "node=n&stream=live/show1&viewer=0",
                                  "node=n&stream=live/show1&viewer=-1", "node=n&stream=live&viewer=1"})
            QVERIFY(isProblem(m_api->as("POST", std::string("/api/v1/streams/disconnect?") + query), 400,
                              "invalid-argument"));
        QVERIFY(isProblem(m_api->as("POST", "/api/v1/streams/disconnect?node=n&stream=live/show1&viewer=1"), 404,
                          "not-found"));
    }

    void listeningBeyondLoopbackIsRefused()
    {
        ApiOptions options;
        options.port = 0;
        for (const char* address : {"0.0.0.0", "192.168.1.4", "::", "example.com"}) {
            options.listenAddress = address;
            const auto started = ApiServer::start(options, m_api->host());
            QVERIFY(!started);
            QCOMPARE(started.error().code, ErrorCode::InvalidArgument);
        }
        options.listenAddress = "::1";
        QVERIFY(ApiServer::start(options, m_api->host()));
        options.listenAddress = "127.0.0.1";
        options.port = m_api->port();
        QCOMPARE(ApiServer::start(options, m_api->host()).error().code, ErrorCode::Unavailable);
    }

private:
    std::unique_ptr<ApiFixture> m_api;
};

QTEST_GUILESS_MAIN(ApiNativeTest)
#include "api_native_test.moc"
