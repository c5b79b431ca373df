#include "tests/support/cluster_fixture.h"
#include "tests/support/lone_node.h"
#include "tests/support/stream_record.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonObject>
#include <QTest>
#include <QUrl>

using namespace headgate::test;

namespace {

constexpr const char* guardedGroup = R"({
  "name": "small", "cloudPlatform": "LOCAL", "access": {"kind": "digest-token", "digestSecret": "whisper"},
  "images": [{"name": "node", "image": "node-0.1"}],
  "roles": [{"name": "edge", "imageName": "node", "parentRoleName": "origin", "capabilities": ["subscribe"]},
            {"name": "origin", "imageName": "node", "capabilities": ["publish"]}],
  "subgroups": [{"name": "here", "cloudProperties": "region=us-east",
                 "rules": [{"roleName": "edge", "min": 1, "max": 1}, {"roleName": "origin", "min": 2, "max": 2}]}]})";

constexpr int patienceMs = 60'000;

}  // namespace

// Sources and pushes in a real, guarded group: each kind of source from a real sender, a dead target beside a live one,
// nodes and control planes that die.
class JobsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void eachKindOfSourceArrives_data();
    void eachKindOfSourceArrives();
    void filesArriveFrameByFrame();
    void aDeadTargetDisturbsNoOther();
    void socialMediaAreReachedThroughTheProxy();
    void whatAJobIsGivenStaysSecret();
    void jobsStopAndStartAgain();
    void theJobsOfADeadNodeGoOnElsewhere();
    void withoutAControlPlaneJobsEnd();

private:
    // Stored and distributed.
    bool order(const QString& guid, const QString& stream, const QJsonObject& properties,
               const QJsonArray& capabilities = {})
    {
        const QJsonObject entry{{"streamGuid", stream}, {"camParams", QJsonObject{{"properties", properties}}}};
        QJsonObject provision{{"provisionGuid", guid}, {"streams", QJsonArray{entry}}};
        if (!capabilities.isEmpty())
            provision["capabilities"] = capabilities;
        const QJsonObject sent{{"nodeGroup", "small"}, {"provision", provision}};
        return m_cluster.call("POST", "/api/v1/provisions", QJsonDocument(sent).toJson()).status == 201 &&
               m_cluster.call("POST", provisionPath(guid) + "/distribute").status == 200;
    }
    static QString provisionPath(const QString& guid)
    {
        return "/api/v1/provisions/small%2F" + QString(guid).replace('/', "%2F");
    }
    QJsonObject job(const QString& guid)
    {
        const QJsonArray jobs = m_cluster.call("GET", "/api/v1/jobs?id=" + guid).object()["jobs"].toArray();
        return jobs.isEmpty() ? QJsonObject() : jobs[0].toObject();
    }
    QString stateOf(const QString& guid) { return job(guid)["report"].toObject()["state"].toString(); }
    bool waitForState(const QString& guid, const QString& state)
    {
        return waitUntil([&] { return stateOf(guid) == state; }, patienceMs);
    }
    QByteArray told(const QString& guid) { return QJsonDocument(job(guid)).toJson() + m_cluster.report(); }
    QStringList sendArguments(const QStringList& output) const
    {
        return QStringList{"-v", "error", "-re", "-stream_loop", "-1", "-i", m_file, "-c", "copy"} + output;
    }
    static int remuxProcesses(const Cluster& cluster)
    {
        int count = 0;
        const QStringList processes = QDir("/proc").entryList({"[0-9]*"}, QDir::Dirs);
        for (const QString& process : processes) {
            QFile environment("/proc/" + process + "/exe");
            const QString parent = parentOf(process);
            QFile line("/proc/" + parent + "/cmdline");
            if (QFile::symLinkTarget(environment.fileName()).endsWith("/headgate-remux") &&
                line.open(QIODevice::ReadOnly) && line.readAll().contains(cluster.dataDir().toUtf8()))
                ++count;
        }
        return count;
    }
    static QString parentOf(const QString& process)
    {
        QFile file("/proc/" + process + "/stat");
        if (!file.open(QIODevice::ReadOnly))
            return {};
        const QByteArray text = file.readAll();
        return text.mid(text.lastIndexOf(')') + 2).split(' ').value(1);
    }

    Cluster m_cluster;
    LoneNode m_elsewhere;
    Child m_sender;
    QString m_file;
};

void JobsTest::initTestCase()
{
    QVERIFY2(m_cluster.start() && m_cluster.logIn(), m_cluster.report());
    QCOMPARE(m_cluster.call("POST", "/api/v1/node-groups", guardedGroup).status, 201);
    QVERIFY2(m_elsewhere.start({"--rtsp-port", "8554"}), m_elsewhere.log().toUtf8());
    m_file = m_cluster.path("source.flv");
    QVERIFY(makeSource(m_file, 8));
    m_sender.start("ffmpeg", sendArguments({"-f", "flv", m_elsewhere.rtmp("live/camera")}),
                   m_cluster.path("sender.log"));
    QVERIFY2(m_cluster.waitInService("small", 3), m_cluster.report());
}

void JobsTest::eachKindOfSourceArrives_data()
{
    QTest::addColumn<QJsonObject>("properties");
    QTest::addColumn<QStringList>("sender");  // what ffmpeg writes to; empty: it is there already
    const QString there = m_elsewhere.address();
    QTest::newRow("rtmp") << QJsonObject{{"type", "rtmp"}, {"rtmpUri", m_elsewhere.rtmp("live/camera")}}
                          << QStringList();
    for (const QString transport : {"tcp", "udp"})
        QTest::addRow("rtsp %s", qPrintable(transport))
            << QJsonObject{{"type", "rtsp"},
                           {"rtspUri", "rtsp://" + there + ":8554/live/camera"},
                           {"transport", transport}}
            << QStringList();
    QTest::newRow("camera") << QJsonObject{{"type", "ipcam"},
                                           {"host", there},
                                           {"port", "8554"},
                                           {"remoteContextPath", "live"},
                                           {"remoteStreamName", "camera"}}
                            << QStringList();
    QTest::newRow("hls") << QJsonObject{{"type", "hls"}, {"hlsUri", "http://" + there + ":5080/live/camera.m3u8"}}
                         << QStringList();
    QTest::newRow("srt caller")
        << QJsonObject{{"type", "srt"}, {"srtUri", "srt://" + there + ":28890"}, {"passphrase", "a good secret"}}
        << QStringList{"-f", "mpegts", "srt://" + there + ":28890?mode=listener&passphrase=a good secret"};
    QTest::newRow("srt listener") << QJsonObject{{"type", "srt"}, {"ip", there}, {"port", 28891}}
                                  << QStringList{"-f", "mpegts", "srt://" + there + ":28891"};
    QTest::newRow("udp") << QJsonObject{{"type", "mpegts"}, {"cast", "unicast"}, {"ip", there}, {"port", 28892}}
                         << QStringList{"-f", "mpegts", "udp://" + there + ":28892?pkt_size=1316"};
    QTest::newRow("multicast") << QJsonObject{{"type", "mpegts"},
                                              {"cast", "multicast"},
                                              {"ip", "239.77.8.9"},
                                              {"port", 28893},
                                              {"interface", "127.0.0.1"}}
                               << QStringList{"-f", "mpegts",
                                              "udp://239.77.8.9:28893?pkt_size=1316&localaddr=127.0.0.1"};
}

void JobsTest::eachKindOfSourceArrives()
{
    QFETCH(QJsonObject, properties);
    QFETCH(QStringList, sender);
    const QString guid = "live/in-" + QString(QTest::currentDataTag()).replace(' ', '-');
    QVERIFY2(order(guid, guid, properties), m_cluster.report());
    // A caller that finds nobody ends, so it comes again.
    Child program;
    const auto isLive = [&] {
        if (!sender.isEmpty() && !program.isRunning())
            program.start("ffmpeg", sendArguments(sender), m_cluster.path("sender.log"));
        const QJsonObject ingest = m_cluster.stream(guid)["ingest"].toObject();
        return stateOf(guid) == "live" && ingest["videoCodec"] == "H.264" && ingest["audioCodec"] == "AAC";
    };
    QVERIFY2(waitUntil(isLive, patienceMs), told(guid));
    QCOMPARE(m_cluster.call("DELETE", provisionPath(guid)).status, 200);
    QVERIFY2(waitUntil([&] { return m_cluster.stream(guid).isEmpty(); }, patienceMs), m_cluster.report());
}

void JobsTest::filesArriveFrameByFrame()
{
    const QString folder = m_cluster.dataDir() + "/files";
    QVERIFY(QDir().mkpath(folder + "/shows") && QFile::copy(m_file, folder + "/shows/one.flv"));
    QVERIFY(QFile::link("/etc/hostname", folder + "/link.flv"));
    QVERIFY(order("live/outside", "live/outside", {{"type", "file"}, {"files", "link.flv"}}));
    QVERIFY2(waitForState("live/outside", "failed"), told("live/outside"));

    // Sent on to where anybody may watch.
    QVERIFY(order("live/onward", "live/file", {{"type", "rtmp-push"}, {"rtmpUri", m_elsewhere.rtmp("out/file")}}));
    QVERIFY(order("live/file", "live/file", {{"type", "file"}, {"files", "shows/one.flv"}, {"loop", true}}));
    QVERIFY2(waitForState("live/onward", "live"), told("live/onward"));
    const ToolOutput whole = runTool("ffprobe", recordArguments(m_file));
    Child reader;
    reader.start("ffprobe", recordArguments(m_elsewhere.http("out/file")), m_cluster.path("read.txt"));
    QVERIFY2(waitUntil([&] { return parseRecord(reader.log().toUtf8()).video.size() > 60; }, 60'000),
             reader.log().toUtf8());
    reader.kill();
    const auto hashesOf = [](const QList<FrameMark>& marks) {
        QList<FrameMark> hashes = marks;
        for (FrameMark& mark : hashes)
            mark.time = 0;
        return hashes;
    };
    const StreamRecord sent = parseRecord(whole.standardOutput), read = parseRecord(reader.log().toUtf8());
    QVERIFY2(read.video.size() > 50, reader.log().toUtf8());
    // It may have begun anew meanwhile.
    const QList<FrameMark> video = hashesOf(sent.video), audio = hashesOf(sent.audio);
    QVERIFY2(placeIn(video + video, hashesOf(read.video)) >= 0, firstDifference(video + video, hashesOf(read.video)));
    QVERIFY2(placeIn(audio + audio, hashesOf(read.audio)) >= 0, firstDifference(audio + audio, hashesOf(read.audio)));
}

void JobsTest::aDeadTargetDisturbsNoOther()
{
    QVERIFY(order("live/pull", "live/show", {{"type", "rtmp"}, {"rtmpUri", m_elsewhere.rtmp("live/camera")}}));
    QVERIFY(order("live/push", "live/show", {{"type", "rtmp-push"}, {"rtmpUri", m_elsewhere.rtmp("out/targetkey88")}}));
    QVERIFY(order(
        "live/wide", "live/show",
        {{"type", "srt-push"}, {"srtUri", "srt://" + m_elsewhere.address() + ":28894"}, {"passphrase", "passkey0099"}},
        {"SUBSCRIBE"}));
    QVERIFY(order("live/dead", "live/show",
                  {{"type", "rtmp-push"},
                   {"rtmpUri", "rtmp://" + m_elsewhere.address() + ":1/out/targetkey88"},
                   {"attempts", "2"},
                   {"delayS", 1}}));
    Child receiver;
    const QString file = m_cluster.path("pushed.ts");
    receiver.start("ffmpeg",
                   {"-v", "error", "-i",
                    "srt://" + m_elsewhere.address() + ":28894?mode=listener&passphrase=passkey0099", "-c", "copy",
                    file},
                   m_cluster.path("receiver.log"));
    QVERIFY2(waitForState("live/push", "live"), told("live/push"));
    QVERIFY2(waitForState("live/dead", "failed"), told("live/dead"));
    QVERIFY2(job("live/dead")["report"].toObject()["reason"].toString().contains("Connection refused"),
             told("live/dead"));
    QVERIFY2(waitUntil([&] { return QFile(file).size() > 100'000; }, patienceMs), told("live/wide"));
    QCOMPARE(m_cluster.node(job("live/wide")["node"].toString()).role, QString("edge"));
    QCOMPARE(stateOf("live/push"), QString("live"));
    const ToolOutput seen = runTool("ffprobe", {"-v", "error", "-show_entries", "stream=codec_name", "-of", "csv",
                                                m_elsewhere.rtmp("out/targetkey88")});
    QCOMPARE(seen.standardOutput, QByteArray("stream,h264\nstream,aac\n"));
}

// As the clients of Stream Manager do it: where is the stream, sign in as the proxy, forward to its node.
void JobsTest::socialMediaAreReachedThroughTheProxy()
{
    const QJsonArray places = m_cluster.call("GET", "/as/v1/streams/stream/small/stream/live/show").array();
    QVERIFY2(!places.isEmpty(), m_cluster.report());
    const QByteArray target =
        QUrl::toPercentEncoding("http://" + places[0]["serverAddress"].toString() + ":5080/socialpusher/api");
    const auto push = [&](const QString& key) {
        return QJsonObject{{"guid", "any"},
                           {"level", 1},
                           {"context", "live"},
                           {"name", "show"},
                           {"parameters", QJsonObject{{"destURI", "rtmp://" + m_elsewhere.address() + key}}}};
    };
    const auto ask = [&](const QByteArray& action, const QJsonArray& pushes = {}) {
        return m_cluster.call(
            "POST", "/as/v1/proxy/forward/?nodegroup=default&digestAction=" + action + "&target=" + target,
            pushes.isEmpty() ? QByteArray() : QJsonDocument(QJsonObject{{"provisions", pushes}}).toJson());
    };
    // A server that is no part of this project, a node, and an address where nobody is.
    Child server;
    const QString file = m_cluster.path("social.flv");
    server.start("ffmpeg",
                 {"-v", "error", "-listen", "1", "-i", "rtmp://" + m_elsewhere.address() + ":19350/app/socialkey1",
                  "-c", "copy", file},
                 m_cluster.path("social.log"));
    const QJsonArray all{push(":19350/app/socialkey1"), push("/out/socialkey2"), push(":1/out/socialkey3")};
    for (int i = 0; i < 2; ++i) {
        const HttpAnswer made = ask("provision.create", all);
        QVERIFY2(made.status == 200 && !made.body.contains("socialkey"), made.body);
    }
    const auto statesOf = [&] {
        QStringList states;
        const HttpAnswer listed = ask("provision.list");
        for (const QJsonValue one : listed.object()["provisions"].toArray())
            states << one["state"].toString();
        states.sort();
        return states;
    };
    QVERIFY2(waitUntil(
                 [&] {
                     return statesOf() == QStringList({"ERROR", "LIVE", "LIVE"});
                 },
                 patienceMs),
             ask("provision.list").body + m_cluster.report() + server.log().toUtf8());
    QVERIFY2(waitUntil([&] { return QFile(file).size() > 100'000; }, patienceMs), server.log().toUtf8());
    const ToolOutput seen = runTool("ffprobe", {"-v", "error", "-show_entries", "stream=codec_name", "-of", "csv",
                                                m_elsewhere.rtmp("out/socialkey2")});
    QCOMPARE(seen.standardOutput, QByteArray("stream,h264\nstream,aac\n"));
    int restreamers = 0;
    for (const QJsonValue node : m_cluster.call("GET", "/as/v1/admin/nodegroup/status/small").array())
        restreamers += node["nodeEvent"]["restreamerCount"].toInt();
    QVERIFY(restreamers >= 5);

    // Who waits for what becomes of it is told; a stream stays where it is pulled.
    const auto restream = [&](const QString& guid, const QJsonObject& properties) {
        const QJsonObject entry{{"streamGuid", guid}, {"camParams", QJsonObject{{"properties", properties}}}};
        const QJsonArray sent{QJsonObject{{"provisionGuid", guid}, {"streams", QJsonArray{entry}}}};
        if (m_cluster.call("POST", "/as/v1/streams/provision/small", QJsonDocument(sent).toJson()).status != 201)
            return HttpAnswer();
        return m_cluster.call("GET", "/as/v1/streams/stream/small/publish/" + guid + "?restream=true");
    };
    const HttpAnswer pulled =
        restream("live/again", {{"type", "rtmp"}, {"rtmpUri", m_elsewhere.rtmp("live/camera")}, {"immediate", "true"}});
    QVERIFY2(pulled.status == 200 && pulled.array().first()["state"] == "LIVE", pulled.body + m_cluster.report());
    QVERIFY(waitUntil([&] { return !m_cluster.stream("live/again").isEmpty(); }, patienceMs));
    QCOMPARE(m_cluster.call("GET", "/as/v1/streams/stream/small/stream/live/again").array().first()["serverAddress"],
             pulled.array().first()["serverAddress"]);
    const HttpAnswer refused =
        restream("live/never",
                 {{"type", "rtmp"}, {"rtmpUri", "rtmp://" + m_elsewhere.address() + ":1/x/y"}, {"immediate", true}});
    QVERIFY2(refused.status == 502 && refused.object()["errorMessage"].toString().contains("refused"), refused.body);

    QCOMPARE(ask("provision.delete", all).status, 200);
    QVERIFY2(server.waitForEnd(int(patienceMs)), server.log().toUtf8());
    QCOMPARE(ask("provision.list").object()["provisions"].toArray().size(), 0);
    for (const QString& guid : {QStringLiteral("live/again"), QStringLiteral("live/never")})
        QCOMPARE(m_cluster.call("DELETE", "/as/v1/streams/provision/small/" + guid.toUtf8()).status, 200);
    QCOMPARE(stateOf("live/push"), QString("live"));
}

void JobsTest::whatAJobIsGivenStaysSecret()
{
    const QStringList processes = QDir("/proc").entryList({"[0-9]*"}, QDir::Dirs);
    int looked = 0;
    for (const QString& process : processes) {
        if (!QFile::symLinkTarget("/proc/" + process + "/exe").contains("/headgate-"))
            continue;
        for (const char* part : {"/cmdline", "/environ"}) {
            QFile file("/proc/" + process + part);
            const QByteArray text = file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
            QVERIFY2(!text.contains("targetkey88") && !text.contains("passkey0099"), text);
            ++looked;
        }
    }
    QVERIFY(looked > 6);
    const QByteArray shown = m_cluster.call("GET", "/api/v1/jobs").body +
                             m_cluster.call("GET", "/api/v1/provisions").body + m_cluster.report();
    QVERIFY(shown.contains("/out/********"));
    QVERIFY(!shown.contains("targetkey88") && !shown.contains("passkey0099"));
}

void JobsTest::jobsStopAndStartAgain()
{
    QCOMPARE(m_cluster.call("POST", provisionPath("live/push") + "/withdraw").status, 200);
    QVERIFY2(waitForState("live/push", "ended"), told("live/push"));
    QVERIFY(job("live/push")["node"].toString().isEmpty());
    QCOMPARE(m_cluster.call("POST", provisionPath("live/push") + "/distribute").status, 200);
    QVERIFY2(waitForState("live/push", "live"), told("live/push"));
}

void JobsTest::theJobsOfADeadNodeGoOnElsewhere()
{
    const QString first = job("live/pull")["node"].toString();
    killProcess(m_cluster.node(first).pid);
    const auto haveMoved = [&] {
        for (const char* guid : {"live/pull", "live/push"}) {
            const QString node = job(guid)["node"].toString();
            if (node.isEmpty() || node == first || stateOf(guid) != "live")
                return false;
        }
        return true;
    };
    QVERIFY2(waitUntil(haveMoved, patienceMs), told("live/pull"));
}

void JobsTest::withoutAControlPlaneJobsEnd()
{
    QVERIFY(remuxProcesses(m_cluster) >= 3);
    m_cluster.killControlPlane();
    QVERIFY(waitUntil([&] { return remuxProcesses(m_cluster) == 0; }, patienceMs));
    QVERIFY(m_cluster.startAgain());
    QVERIFY2(waitForState("live/push", "live"), told("live/push"));
}

QTEST_GUILESS_MAIN(JobsTest)
#include "jobs_test.moc"
