#include "core/wire/job_document.h"
#include "tests/support/groups.h"
#include "tests/support/scripted_world.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

namespace {

const NodeGroupName group("eu-live");

// moc cannot read some raw strings.
std::string quoted(std::string text)
{
    std::ranges::replace(text, '\'', '"');
    return text;
}

std::string documentOf(const std::string& stream, const std::string& properties)
{
    return quoted("{'streams':[{'streamGuid':'" + stream + "','camParams':{'properties':" + properties + "}}]}");
}

Provision jobOf(const std::string& guid, const std::string& type = "rtmp", const std::string& capability = "PUBLISH")
{
    return {guid, {{"live", "show"}}, {capability}, documentOf("live/show", "{'type':'" + type + "'}")};
}

Result<JobOrders> ordersOf(const std::string& properties)
{
    return jobsOf("live/job", documentOf("live/show", properties)).at(0).orders;
}

}  // namespace

// Which node runs which job, and what a provision asks of it.
class JobPlacesTest : public QObject
{
    Q_OBJECT

private:
    static ScriptedWorld worldWith(const GroupShape& shape, const std::vector<Provision>& jobs)
    {
        ScriptedWorld world;
        const bool isThere = world.submit(CreateNodeGroup{makeGroup(shape)}).has_value();
        world.elapse(5s);
        const bool isPut = world.submit(PutProvisions{group, jobs, PutMode::Create}).has_value();
        for (const Provision& job : jobs) {
            if (!isThere || !isPut || !world.submit(DistributeProvision{{group, job.guid}}))
                qFatal("the world was refused");
        }
        return world;
    }

    static std::vector<NodeId> holders(const ScriptedWorld& world, const std::string& guid)
    {
        std::vector<NodeId> nodes;
        for (const auto& [id, node] : world.nodes) {
            if (std::ranges::count(node.jobs.provisions, guid) > 0)
                nodes.push_back(id);
        }
        return nodes;
    }

    static JobStatus statusOf(ScriptedWorld& world, const std::string& id)
    {
        const auto snapshot = world.engine().snapshot(world.now());
        const auto job = std::ranges::find(snapshot->jobs, id, [](const JobStatus& s) { return s.report.id; });
        return job == snapshot->jobs.end() ? JobStatus() : *job;
    }

private Q_SLOTS:
    void eachJobHasOneNodeAndTheyAreSpread()
    {
        std::vector<Provision> jobs;
        for (int i = 0; i < 6; ++i)
            jobs.push_back(jobOf("live/job" + std::to_string(i)));
        ScriptedWorld world = worldWith({.origins = 3}, jobs);
        world.elapse(3s);
        std::map<NodeId, int> counts;
        for (const Provision& job : jobs) {
            QCOMPARE(holders(world, job.guid).size(), std::size_t{1});
            const NodeId node = holders(world, job.guid).front();
            QCOMPARE(world.nodes.at(node).launch.role.name, std::string("origin"));
            QCOMPARE(statusOf(world, job.guid).node, node);
            QCOMPARE(statusOf(world, job.guid).report.state, JobState::Live);
            ++counts[node];
        }
        QCOMPARE(counts.size(), std::size_t{3});
        for (const auto& [node, count] : counts)
            QCOMPARE(count, 2);
        // Renewed, by newer heartbeats.
        const node_protocol::SetJobs before = world.nodes.at(counts.begin()->first).jobs;
        world.elapse(5s);
        const node_protocol::SetJobs after = world.nodes.at(counts.begin()->first).jobs;
        QVERIFY(after.grant > before.grant && after.heartbeat >= before.heartbeat + 4);
        QCOMPARE(after.provisions, before.provisions);
    }

    void theJobsOfADeadNodeMoveAtOnceAndThoseOfASilentOneWhenItsLeaseIsOver()
    {
        ScriptedWorld world = worldWith({.origins = 3}, {jobOf("live/job")});
        world.elapse(3s);
        const NodeId first = holders(world, "live/job").at(0);
        world.kill(first);
        world.elapse(1s);
        const NodeId second = holders(world, "live/job").at(0);
        QVERIFY(second != first);

        world.nodes.at(second).isSilent = true;
        // It may go on for 6 s; whoever follows waits for 11 s after it was heard.
        world.elapse(10s);
        QCOMPARE(holders(world, "live/job"), std::vector<NodeId>{second});
        world.elapse(2s);
        const auto now = holders(world, "live/job");
        QVERIFY(std::ranges::any_of(now, [&](const NodeId& id) { return id != second; }));
    }

    void aDrainedNodeGivesItsJobsBackBeforeAnotherGetsThem()
    {
        ScriptedWorld world = worldWith({.origins = 2}, {jobOf("live/job")});
        world.elapse(3s);
        const NodeId first = holders(world, "live/job").at(0);
        QVERIFY(world.submit(DrainNode{first}));
        for (int i = 0; i < 40; ++i) {
            QVERIFY(holders(world, "live/job").size() <= 1);
            world.elapse(50ms);
        }
        QVERIFY(!holders(world, "live/job").empty() && holders(world, "live/job").front() != first);
    }

    void whoRunsAJobKeepsItWhenTheControlPlaneStartsAgain()
    {
        ScriptedWorld world = worldWith({.origins = 3}, {jobOf("live/job"), jobOf("live/other")});
        world.elapse(20s);
        const auto first = holders(world, "live/job"), other = holders(world, "live/other");
        world.restartEngine(3s);
        world.elapse(1s);
        QCOMPARE(statusOf(world, "live/job").node, first.front());
        world.elapse(20s);
        QCOMPARE(holders(world, "live/job"), first);
        QCOMPARE(holders(world, "live/other"), other);
        // And one that nobody runs any more is not waited for longer than a lease.
        world.restartEngine(1s);
        world.kill(first.front());
        world.elapse(9s);
        QVERIFY(holders(world, "live/job").empty());
        world.elapse(3s);
        QCOMPARE(holders(world, "live/job").size(), std::size_t{1});
    }

    void aPushGoesWhereItsStreamIsAndOneForEdgesToAnEdge()
    {
        ScriptedWorld world =
            worldWith({.origins = 2}, {jobOf("live/push", "rtmp-push"), jobOf("live/wide", "srt-push", "SUBSCRIBE")});
        world.elapse(3s);
        QCOMPARE(world.nodes.at(holders(world, "live/wide").at(0)).launch.role.name, std::string("edge"));
        const NodeId first = holders(world, "live/push").at(0);
        const auto elsewhere = std::ranges::find_if(world.nodes, [&](const auto& node) {
            return node.first != first && node.second.launch.role.name == "origin";
        });
        world.publish(elsewhere->first, "live/show");
        world.elapse(4s);
        QCOMPARE(holders(world, "live/push"), std::vector<NodeId>{elsewhere->first});
    }

    void whatIsDeletedOrNotDistributedRunsNowhere()
    {
        ScriptedWorld world = worldWith({.origins = 2}, {jobOf("live/job")});
        QVERIFY(world.submit(PutProvisions{group, {jobOf("live/stored")}, PutMode::Create}));
        world.elapse(3s);
        QVERIFY(holders(world, "live/stored").empty());
        QCOMPARE(statusOf(world, "live/stored").report.state, JobState::Ended);
        QVERIFY(world.submit(DeleteProvision{{group, "live/job"}}));
        world.elapse(2s);
        QVERIFY(holders(world, "live/job").empty());
        QVERIFY(statusOf(world, "live/job").report.id.empty());
        QCOMPARE(world.stepsNotIdempotent, 0);
    }

    // --- What a provision says. ---

    void ordersAreReadInTheWordsOfStreamManager()
    {
        const auto push = ordersOf("{'type':'rtmp-push','rtmpUri':'rtmp://host/app/key','attempts':'3','delayS':5}");
        QVERIFY2(push, push ? "" : push.error().message.c_str());
        QCOMPARE(push->kind, JobKind::Push);
        QCOMPARE(push->url, std::string("rtmp://host/app/key"));
        QCOMPARE(push->attempts, 3);
        QCOMPARE(push->delaySeconds, 5);
        const auto listener =
            ordersOf("{'type':'srt','ip':'0.0.0.0','port':'9000','latency':200,'passphrase':'0123456789'}");
        QVERIFY(listener && listener->isListening && listener->waitSeconds == 120 && listener->latencyMs == 200);
        QCOMPARE(listener->url, std::string("srt://:9000"));
        const auto camera = ordersOf("{'type':'ipcam','host':'cam.example','remoteContextPath':'/axis',"
                                     "'remoteStreamName':'media.amp'}");
        QVERIFY(camera && camera->waitSeconds == 60);
        QCOMPARE(camera->url, std::string("rtsp://cam.example:554/axis/media.amp"));
        const auto files = ordersOf("{'type':'file','files':'a.mp4, b/c.mp4,d.mp4','loop':'true','index':'1'}");
        QVERIFY(files && files->isLooped);
        QCOMPARE(files->files, (std::vector<std::string>{"b/c.mp4", "d.mp4", "a.mp4"}));
        const auto group = ordersOf("{'type':'mpegts','cast':'multicast','ip':'239.1.2.3','port':5000,'audio':false}");
        QVERIFY(group && !group->hasAudio && group->url == "udp://239.1.2.3:5000");
        const auto persistent = ordersOf("{'type':'hls','hlsUri':'https://h/x.m3u8','attempts':2,'persist':true}");
        QCOMPARE(persistent->attempts, 0);
        for (const auto& orders : {push, listener, camera, files, group}) {
            JobOrders sent = *orders;
            sent.attempts = sent.delaySeconds = 0;  // what the program has no use for
            QCOMPARE(*jobOrdersFromJson(toJson(sent)), sent);
        }
    }

    void wrongOrdersAreToldWhereTheyStand_data()
    {
        QTest::addColumn<QString>("properties");
        QTest::addColumn<QString>("member");
        QTest::newRow("file scheme") << "{'type':'rtmp','rtmpUri':'file:///etc/passwd'}"
                                     << "rtmpUri";
        QTest::newRow("blank") << "{'type':'rtmp','rtmpUri':'rtmp://h/a playpath=x'}"
                               << "rtmpUri";
        QTest::newRow("concat") << "{'type':'hls','hlsUri':'concat:/etc/passwd'}"
                                << "hlsUri";
        QTest::newRow("path up") << "{'type':'file','files':'a.mp4,../b.mp4'}"
                                 << "files";
        QTest::newRow("absolute") << "{'type':'file','files':'/etc/passwd'}"
                                  << "files";
        QTest::newRow("port") << "{'type':'srt','port':70000}"
                              << "port";
        QTest::newRow("no port") << "{'type':'srt'}"
                                 << "port";
        QTest::newRow("host") << "{'type':'mpegts','ip':'a?b','port':1}"
                              << "ip";
        QTest::newRow("nothing") << "{'type':'file','files':'a','audio':'0','video':false}"
                                 << "video";
        QTest::newRow("short") << "{'type':'srt','port':1,'passphrase':'short'}"
                               << "passphrase";
    }
    void wrongOrdersAreToldWhereTheyStand()
    {
        QFETCH(QString, properties);
        QFETCH(QString, member);
        const auto checked = checkJobs(documentOf("live/show", properties.toStdString()));
        QVERIFY(!checked);
        QCOMPARE(checked.error().pointer, "/streams/0/camParams/properties/" + member.toStdString());
        QVERIFY(!ordersOf(properties.toStdString()));
    }

    void whatIsNotOfferedIsNoMistakeOfTheDocument()
    {
        const std::string document = documentOf("live/show", "{'type':'zixi'}");
        QVERIFY(checkJobs(document));
        QCOMPARE(jobsOf("g", document).at(0).orders.error().code, ErrorCode::Unsupported);
        QVERIFY(jobsOf("g", "[]").empty() && jobsOf("g", "{").empty() &&
                jobsOf("g", quoted("{'streams':[3]}")).empty());
    }
};

QTEST_GUILESS_MAIN(JobPlacesTest)
#include "job_places_test.moc"
