#include "core/plane/seal.h"
#include "core/storage/recording_folder.h"
#include "tests/plane/api_fixture.h"
#include "tests/plane/dialect_documents.h"

#include <QDir>
#include <QTest>

#include <functional>
#include <map>
#include <mutex>

using namespace headgate;
using namespace headgate::test;

namespace {

const std::string socialPusher = "http%3A%2F%2F203.0.113.7%3A5080%2Fsocialpusher%2Fapi";
const std::string restreamer = "http%3A%2F%2F203.0.113.7%3A5080%2Flive%2Frestream";
const std::string provisions = "/as/v1/streams/provision/eu-live";

json pushOf(const std::string& target = "rtmp://host.example/app/secretkey", const std::string& name = "show1")
{
    return {{"guid", "any"}, {"level", 1}, {"context", "live"}, {"name", name}, {"parameters", {{"destURI", target}}}};
}

std::string bodyOf(json pushes)
{
    return json{{"provisions", std::move(pushes)}}.dump();
}

// What nodes would tell of jobs, by the id of each.
struct RehearsedJob
{
    JobState state = JobState::Waiting;
    std::string node = "n1";
    std::string reason = {};
};

NodeStatus nodeAt(const std::string& id, const std::string& group, const std::string& address)
{
    NodeStatus node;
    node.node.id = NodeId(id);
    node.node.pool = {NodeGroupName(group), "us-east-1", "edge"};
    node.node.state = NodeState::InService;
    node.node.endpoints.address = address;
    node.lastHeard = fromEpochMs(1);
    return node;
}

}  // namespace

// What clients of Stream Manager ask nodes for, and the control plane does: forwards to social media, restreamers,
// lists of recordings; with a real store and engine, and nodes that are only in the snapshot.
class ApiServletsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_jobs.clear();
        m_edgeAddress = "203.0.113.7";
        m_api = std::make_unique<ApiFixture>(ApiOptions{}, [this](Snapshot& snapshot) { rehearse(snapshot); });
        QVERIFY(m_api->isUp() && m_api->addAccount("admin") && m_api->signIn());
        for (const char* name : {"eu-live", "us-live"})
            QCOMPARE(m_api->as("POST", "/as/v1/admin/nodegroup", emptyDocument(name).dump()).status, 200);
    }
    void cleanup() { m_api.reset(); }

    void aPushIsStoredAndDistributedOnce()
    {
        const Answer made = forward("provision.create", bodyOf({pushOf()}));
        QCOMPARE(made.status, 200);
        const json shown = made.json()["provisions"][0];
        QVERIFY2(shown["guid"] == "any" && shown["level"] == 1 && shown["state"] == "WAIT", made.body.c_str());
        QVERIFY(shown["parameters"]["destURI"] == "rtmp://host.example/app/********");
        QCOMPARE(m_api->host().provisions()->size(), std::size_t(1));
        const StoredProvision stored = m_api->host().provisions()->front();
        QVERIFY(stored.distributedAt && stored.provision.guid == shown["provisionGuid"] && stored.updatedBy == "admin");
        QVERIFY(stored.provision.document.find("secretkey") == std::string::npos);
        QVERIFY(withOpenSecrets(stored.provision.document, m_api->host().derivedKey("seal")).find("secretkey") !=
                std::string::npos);

        // Again, in each of the ways in which clients write it.
        for (const std::string& query :
             {"digestAction=provision.create&nodegroup=eu-live&target=" + socialPusher,
              "digestAction=provision.create&target=" + socialPusher + "%2F",
              std::string("target=") + socialPusher + "%3Faction%3Dprovision.create%26timestamp%3D1%26signature%3Dx",
              std::string("digestAction=provision.create&target=http%253A%252F%252F203.0.113.7%253A5080%252F"
                          "socialpusher%252Fapi")}) {
            const Answer again = m_api->as("POST", "/as/v1/proxy/forward/?" + query, bodyOf({pushOf()}));
            QVERIFY2(again.status == 200 && again.json()["provisions"][0]["provisionGuid"] == stored.provision.guid,
                     (query + again.body).c_str());
        }
        QVERIFY(m_api->host().provisions()->front() == stored);

        const Answer more = forward("provision.create", bodyOf({pushOf(), pushOf("rtmps://other.example/a/b")}));
        QVERIFY(more.status == 200 && more.json()["provisions"].size() == 2);
        QCOMPARE(m_api->host().provisions()->size(), std::size_t(2));
        for (const char* action : {"provision.list", "list"})
            QVERIFY(forward(action).json()["provisions"].size() == 2);
        QVERIFY(m_api->as("GET", "/as/v1/proxy/forward/?digestAction=list&target=" + socialPusher).status == 200);
        QVERIFY(m_api->as("GET", provisions).body.find("secretkey") == std::string::npos);

        for (const char* state : {"DELETED", "ABSENT"}) {
            const Answer gone = forward("provision.delete", bodyOf({pushOf()}));
            QVERIFY2(gone.status == 200 && gone.json()["provisions"][0]["state"] == state, gone.body.c_str());
        }
        QCOMPARE(m_api->host().provisions()->size(), std::size_t(1));
        const auto audit = m_api->host().readAudit({0, 50, "provision"});
        for (const AuditRecord& record : *audit)
            QVERIFY((record.sentence + record.before + record.after).find("secretkey") == std::string::npos);
    }

    // Nodes tell their control plane more than others, and are reached at addresses that others do not know.
    void withoutATokenNodesAreAskedOnlyWhatTheyTellEverybody()
    {
        const std::string forward = "/as/v1/proxy/forward/?target=http%3A%2F%2F";
        for (const char* path : {"metrics", "%256Detrics", "metrics%3Fa", "metrics%23a", "cluster"})
            QVERIFY2(isError(call(m_api->port(), "GET", forward + "203.0.113.7%3A5080%2F" + path), 401), path);
        const std::string hidden = forward + "10.0.0.7%3A5080%2Flive%2Fmediafiles";
        QVERIFY(isError(call(m_api->port(), "GET", hidden), 403));
        QCOMPARE(m_api->as("GET", hidden).status, 200);
    }

    void onlyWhoMayChangeProvisionsMayPush()
    {
        const std::string path = "/as/v1/proxy/forward/?digestAction=provision.create&target=" + socialPusher;
        QVERIFY(isError(call(m_api->port(), "POST", path, {}, bodyOf({pushOf()})), 401));
        QVERIFY(
            isError(call(m_api->port(), "GET", "/as/v1/proxy/forward/?digestAction=list&target=" + socialPusher), 401));
        QVERIFY(isError(call(m_api->port(), "POST", path, {{"Authorization", "Bearer x"}}, bodyOf({pushOf()})), 401));
        const json deployment{{"name", "us"}, {"nodeGroups", {"us-live"}}};
        QCOMPARE(m_api->as("POST", "/api/v1/deployments", deployment.dump()).status, 201);
        QVERIFY(m_api->addAccount("viewer", AccountRole::Viewer) && m_api->addAccount("proxy", AccountRole::Operator));
        QVERIFY(m_api->addAccount("us", AccountRole::Operator, {"us"}));
        QVERIFY(m_api->signIn("viewer"));
        QVERIFY(isError(forward("provision.create", bodyOf({pushOf()})), 403));
        QVERIFY(isError(forward("provision.delete", bodyOf({pushOf()})), 403));
        QCOMPARE(forward("provision.list").status, 200);
        // Nodes of others are none.
        QVERIFY(m_api->signIn("us"));
        QVERIFY(isError(forward("provision.create", bodyOf({pushOf()})), 403));
        QVERIFY(m_api->host().provisions()->empty());
        QVERIFY(m_api->signIn("proxy"));
        QCOMPARE(forward("provision.create", bodyOf({pushOf()})).status, 200);
    }

    void wrongCallsHaveTheErrorsOfTheDialect()
    {
        const std::string good = bodyOf({pushOf()});
        for (const std::string& body : {std::string(), std::string("{"), std::string("[]"), bodyOf(json::array()),
                                        bodyOf({pushOf("http://host/app/key")}), bodyOf({pushOf(), 1})})
            QVERIFY2(isError(forward("provision.create", body), 400), body.c_str());
        for (const char* action : {"", "provision.start", "provision.create%20", "x"})
            QVERIFY2(isError(forward(action, good), 400), action);
        QVERIFY(isError(forward("provision.update", good), 501));
        const std::string path = "/as/v1/proxy/forward/?target=";
        QVERIFY(isError(m_api->as("POST", path + socialPusher, good), 400));
        QVERIFY(isError(m_api->as("PUT", path + socialPusher + "&digestAction=provision.create", good), 405));
        QVERIFY(isError(m_api->as("GET", path + socialPusher + "&digestAction=provision.delete"), 405));
        for (const char* group : {"us-live", "none", "default", ""})
            QVERIFY2(isError(m_api->as("POST",
                                       path + socialPusher + "&digestAction=provision.create&nodegroup=" + group, good),
                             404),
                     group);
        QVERIFY(isError(
            m_api->as("POST", path + socialPusher + "%3Faction%3Dprovision.delete&digestAction=provision.create", good),
            400));
        // Neither other machines nor other ports.
        for (const char* target : {"http%3A%2F%2F198.51.100.1%3A5080%2Fsocialpusher%2Fapi",
                                   "http%3A%2F%2F203.0.113.7%3A5081%2Fsocialpusher%2Fapi"})
            QVERIFY(isError(m_api->as("POST", path + target + "&digestAction=provision.create", good), 403));
        QVERIFY(m_api->host().provisions()->empty());
        // The only group is called so, too.
        QCOMPARE(m_api->as("DELETE", "/as/v1/admin/nodegroup/us-live").status, 200);
        QCOMPARE(
            m_api->as("POST", path + socialPusher + "&digestAction=provision.create&nodegroup=default", good).status,
            200);
    }

    void restreamersAreProvisions()
    {
        const auto camera = [](const std::string& action, const std::string& host = "192.0.2.1") {
            return json{{"guid", "live/door"},
                        {"context", "live"},
                        {"name", "door"},
                        {"level", 0},
                        {"parameters", {{"type", "ipcam"}, {"action", action}, {"host", host}, {"port", 554}}}};
        };
        const auto ask = [&](const std::string& action, const json& body) {
            return m_api->as("POST",
                             "/as/v1/proxy/forward/?nodegroup=eu-live&digestAction=" + action + "&target=" + restreamer,
                             body.dump());
        };
        const Answer made = ask("create", camera("create"));
        QVERIFY2(made.status == 200 && made.json()["guid"] == "live/door" && made.json()["state"] == "WAIT",
                 made.body.c_str());
        QCOMPARE(ask("create", camera("create")).status, 200);
        QVERIFY(isError(ask("create", camera("create", "192.0.2.2")), 409));
        QVERIFY(m_api->as("GET", provisions + "/live/door").json()["streams"][0]["camParams"]["properties"]["type"] ==
                "ipcam");
        QVERIFY(ask("list", camera("list")).json()["endpoints"].size() == 1);
        // The action is named twice, and the same.
        QVERIFY(isError(ask("create", camera("kill")), 400));
        QVERIFY(isError(ask("provision.create", camera("create")), 400));
        QVERIFY(isError(ask("update", camera("update")), 501));
        for (const char* state : {"DELETED", "ABSENT"})
            QVERIFY(ask("kill", camera("kill")).json()["state"] == state);
        QVERIFY(m_api->host().provisions()->empty());
    }

    void publishersOfJobsAreToldWhereTheyRun()
    {
        QCOMPARE(m_api->as("POST", provisions, provisionOf("live/in", {{"type", "rtmp"}, {"rtmpUri", "rtmp://h/a/b"}}))
                     .status,
                 201);
        const std::string publish = "/as/v1/streams/stream/eu-live/publish/live/in?restream=true";
        // One that nobody can run: said after some seconds, and it stays distributed.
        auto distributed =
            std::async(std::launch::async, [&] { return m_api->as("POST", provisions + "/distribute/live/in"); });
        QVERIFY(isError(m_api->as("GET", publish), 404));
        QVERIFY(isError(distributed.get(), 422));
        QVERIFY(m_api->host().provisions()->front().distributedAt);
        set("live/in", {});
        for (int i = 0; i < 3; ++i) {
            const Answer told = m_api->as("GET", publish);
            QVERIFY2(told.status == 200 && told.json()[0]["serverAddress"] == "203.0.113.7", told.body.c_str());
            QVERIFY(told.json()[0]["streamGuid"] == "live/in" && told.json()[0]["state"] == "WAIT");
        }
        QVERIFY(m_api->as("POST", provisions + "/distribute/live/in").json()[0]["serverAddress"] == "203.0.113.7");
        QVERIFY(isError(m_api->as("POST", provisions + "/distribute/live/in?capabilities=SUBSCRIBE"), 422));
        QVERIFY(isError(m_api->as("GET", "/as/v1/streams/stream/eu-live/publish/live/none?restream=true"), 404));
        QVERIFY(isError(m_api->as("GET", publish + "x"), 400));
        // Nobody who shows no token is told of a private network.
        QCOMPARE(call(m_api->port(), "GET", publish).status, 200);
        set("live/in", {JobState::Live, "n2", {}});
        QVERIFY(isError(call(m_api->port(), "GET", publish), 404));
        QVERIFY(m_api->as("GET", publish).json()[0]["serverAddress"] == "10.0.0.7");
    }

    void jobsAreStartedByThoseWhoAskForThem()
    {
        QCOMPARE(m_api->as("POST", provisions, provisionOf("live/in", {{"type", "rtmp"}, {"rtmpUri", "rtmp://h/a/b"}}))
                     .status,
                 201);
        call(m_api->port(), "GET", "/as/v1/streams/stream/eu-live/publish/live/in");
        QTest::qWait(500);
        QVERIFY(!m_api->host().provisions()->front().distributedAt);
    }

    void whoAsksAtOnceWaitsForWhatBecomesOfIt()
    {
        const json properties{{"type", "rtmp-push"}, {"rtmpUri", "rtmp://h/a/secretkey"}, {"immediate", "true"}};
        QCOMPARE(m_api->as("POST", provisions, provisionOf("live/out", properties)).status, 201);
        const std::string distribute = provisions + "/distribute/live/out";
        set("live/out", {JobState::Waiting, "n1", "It connects."});
        const auto answerAfter = [&](const RehearsedJob& end) {
            auto answer = std::async(std::launch::async, [&] { return m_api->as("POST", distribute); });
            // It waits, and nobody else does.
            const bool isWaiting = answer.wait_for(std::chrono::milliseconds(1500)) == std::future_status::timeout;
            const bool isServed = m_api->as("GET", provisions).status == 200;
            set("live/out", end);
            const Answer told = answer.get();
            return isWaiting && isServed ? told : Answer();
        };
        const Answer live = answerAfter({JobState::Live, "n1", {}});
        QVERIFY2(live.status == 200 && live.json()[0]["state"] == "LIVE", live.body.c_str());
        set("live/out", {JobState::Waiting, "n1", "It connects."});
        const Answer failed = answerAfter({JobState::Failed, "n1", "Connection refused."});
        QVERIFY(isError(failed, 502));
        QVERIFY(failed.body.find("Connection refused.") != std::string::npos);
        QVERIFY(isError(m_api->as("GET", "/as/v1/streams/stream/eu-live/publish/live/out?restream=true"), 502));
    }

    void theStateOfAProvisionIsThatOfItsJobs()
    {
        QCOMPARE(m_api->as("POST", provisions, provisionOf("live/in", {{"type", "rtmp"}, {"rtmpUri", "rtmp://h/a/b"}}))
                     .status,
                 201);
        const auto state = [&] { return m_api->as("GET", provisions + "/live/in?status=true").json()[0]; };
        QVERIFY(!state().contains("state"));
        m_api->as("POST", "/api/v1/provisions/eu-live%2Flive%2Fin/distribute");
        QVERIFY(state()["state"] == "WAIT" && !state().contains("serverAddress"));
        for (const auto& [job, word] : {std::pair(JobState::Waiting, "WAIT"), std::pair(JobState::Live, "LIVE"),
                                        std::pair(JobState::Retrying, "ERROR"), std::pair(JobState::Failed, "ERROR")}) {
            set("live/in", {job, "n1", "why"});
            const json told = state();
            QVERIFY2(told["state"] == word && told["reason"] == "why" && told["serverAddress"] == "203.0.113.7",
                     told.dump().c_str());
        }
        const json nodes = m_api->as("GET", "/as/v1/admin/nodegroup/status/eu-live").json();
        QCOMPARE(nodes.size(), std::size_t(2));
        for (const json& node : nodes)
            QVERIFY(node["nodeEvent"]["restreamerCount"] == (node["nodeEvent"]["nodeId"] == "n1" ? 1 : 0));
    }

    void recordingsAreListedByApplicationAndGroup()
    {
        add("eu-live", "live/show1", 1);
        add("eu-live", "live/room/show2", 2);
        add("eu-live", "other/show1", 3);
        add("us-live", "live/show1", 4);
        const auto list = [&](const std::string& rest, bool isKnown = true) {
            const std::string path = "/as/v1/proxy/forward/?target=http%3A%2F%2F203.0.113.7%3A5080%2F" + rest;
            return isKnown ? m_api->as("GET", path) : call(m_api->port(), "GET", path);
        };
        const json live = list("live%2Fplaylists%3FuseCloud%3Dfalse").json()["playlists"];
        QCOMPARE(live.size(), std::size_t(2));
        for (const json& one : live) {
            const std::string url = one["url"];
            QVERIFY(url.starts_with("http://203.0.113.7:5080/vod/live/") && url.ends_with("/index.m3u8"));
            QVERIFY(one["name"].get<std::string>().ends_with(".m3u8") && one["lastModified"].is_number());
        }
        QCOMPARE(list("live%2Froom%2Fplaylists").json()["playlists"].size(), std::size_t(1));
        QVERIFY(list("live%2Fplaylists%3FuseCloud%3Dtrue").json() == json({{"playlists", json::array()}}));
        QVERIFY(list("live%2Fmediafiles").json()["mediafiles"].is_array());
        QVERIFY(isError(list("live%2Fplaylists%3FuseCloud%3Dperhaps"), 400));
        QVERIFY(isError(
            m_api->as("POST", "/as/v1/proxy/forward/?target=http%3A%2F%2F203.0.113.7%3A5080%2Flive%2Fplaylists"), 405));
        // Whoever is told of streams without a token is told of them, but of no private network.
        QCOMPARE(list("live%2Fplaylists", false).json()["playlists"].size(), std::size_t(2));
        {
            const std::lock_guard lock(m_mutex);
            m_edgeAddress = "10.0.0.8";
        }
        QVERIFY(becomesTrue(
            [&] { return m_api->as("GET", "/api/v1/nodes/n1").body.find("10.0.0.8") != std::string::npos; }));
        const std::string path = "/as/v1/proxy/forward/?target=http%3A%2F%2F10.0.0.8%3A5080%2Flive%2Fplaylists";
        QCOMPARE(m_api->as("GET", path).json()["playlists"].size(), std::size_t(2));
        QVERIFY(isError(call(m_api->port(), "GET", path), 403));
        QCOMPARE(m_api->as("PATCH", "/api/v1/node-groups/eu-live", R"({"publicRouting": "off"})").status, 200);
        QVERIFY(isError(call(m_api->port(), "GET", path), 401));
    }

    void deletedRecordingsStandInTheTrail()
    {
        const std::string id = add("eu-live", "live/show1", 1);
        const std::string path = "/api/v1/recordings/eu-live%2F";
        QCOMPARE(m_api->as("DELETE", path + id).status, 200);
        QCOMPARE(m_api->as("DELETE", path + id).status, 404);
        QCOMPARE(m_api->as("DELETE", path + "..").status, 404);
        const auto trail = m_api->host().readAudit({0, 10, "recording/eu-live/" + id});
        QCOMPARE(trail->size(), std::size_t(3));
        QVERIFY(trail->back().verb == "recording.delete" && trail->back().actor == "admin");
        QVERIFY(!trail->back().requestId.isEmpty());
        QCOMPARE(trail->front().verb, std::string("recording.keep"));
        // The chain goes on with what the engine does itself.
        QCOMPARE(m_api->as("DELETE", "/as/v1/admin/nodegroup/us-live").status, 200);
        const json verdict = m_api->as("GET", "/api/v1/audit/verify").json();
        QVERIFY2(verdict.value("reason", "").empty(), verdict.dump().c_str());
    }

private:
    void rehearse(Snapshot& snapshot)
    {
        const std::lock_guard lock(m_mutex);
        if (!snapshot.findNodeGroup(NodeGroupName("eu-live")))
            return;
        snapshot.nodes = {nodeAt("n1", "eu-live", m_edgeAddress), nodeAt("n2", "eu-live", "10.0.0.7")};
        for (JobStatus& job : snapshot.jobs) {
            if (const auto told = m_jobs.find(job.report.id); told != m_jobs.end()) {
                job.node = NodeId(told->second.node);
                job.report.state = told->second.state;
                job.report.reason = told->second.reason;
            }
        }
    }

    // Until a snapshot shows it.
    void set(const std::string& id, const RehearsedJob& job)
    {
        {
            const std::lock_guard lock(m_mutex);
            m_jobs[id] = job;
        }
        QVERIFY(becomesTrue([&] {
            const SnapshotPtr snapshot = m_api->host().snapshot();
            return std::ranges::any_of(snapshot->jobs, [&](const JobStatus& one) {
                return one.report.id == id && one.node.value == job.node && one.report.state == job.state;
            });
        }));
    }

    Answer forward(const std::string& action, const std::string& body = {})
    {
        return m_api->as("POST", "/as/v1/proxy/forward/?digestAction=" + action + "&target=" + socialPusher, body);
    }

    static std::string provisionOf(const std::string& guid, const json& properties)
    {
        return json::array({{{"provisionGuid", guid},
                             {"streams", {{{"streamGuid", guid}, {"camParams", {{"properties", properties}}}}}}}})
            .dump();
    }

    std::string add(const char* group, const char* stream, int second)
    {
        const std::string folder = recording_folder::ofGroup(m_api->host().options().dataDir, NodeGroupName(group));
        RecordingManifest manifest;
        manifest.stream = *StreamKey::parse(stream);
        manifest.epoch = static_cast<std::uint64_t>(second);
        manifest.startedAt = fromEpochMs(1'795'000'000'000 + second * 1000);
        manifest.id = recordingIdOf(manifest.stream, manifest.epoch, NodeId("n"), manifest.startedAt, 1);
        manifest.isComplete = true;
        manifest.segments = {{"000000.mp4", Duration(2000), 1000, 100, manifest.startedAt, false, {}}};
        QDir().mkpath(QString::fromStdString(folder + "/" + manifest.id));
        static_cast<void>(recording_folder::writeManifest(folder, manifest));
        return manifest.id;
    }

    std::mutex m_mutex;
    std::map<std::string, RehearsedJob> m_jobs;  // guarded by m_mutex
    std::string m_edgeAddress;                   // guarded by m_mutex
    std::unique_ptr<ApiFixture> m_api;
};

QTEST_GUILESS_MAIN(ApiServletsTest)
#include "api_servlets_test.moc"
