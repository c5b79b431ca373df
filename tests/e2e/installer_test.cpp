#include "tests/support/cluster_fixture.h"
#include "tests/support/stream_record.h"

#include <QFile>
#include <QMap>
#include <QTest>
#include <QUrl>

using namespace headgate::test;

// What the Terraform installers and the published clients of Stream Manager 2.0 do, in their order, with an unmodified
// AWS document.
class InstallerTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void cleanupTestCase();

    void groupOfAnAwsDocumentComesInService();
    void publishedStreamIsSeenOverBothProtocols();
    void customersFormsAnswerTheSame();
    void everyFormOfLoginAnswersBothNames();
    void unknownNamesAreNotFound();
    void whatIsIdleTellsForHowLong();
    void whatWasRecordedIsListedAndPlays();
    void unmappedPlatformNamesWhatExists();
    void deletedGroupIsGoneWithItsNodes();

private:
    void checkProbe(const QString& url);

    std::unique_ptr<Cluster> m_cluster;
    Child m_publisher;
    QString m_originAddress;
};

void InstallerTest::initTestCase()
{
    m_cluster = std::make_unique<Cluster>();
    QVERIFY2(m_cluster->start(), m_cluster->report());
}

void InstallerTest::cleanup()
{
    if (QTest::currentTestFailed())
        qInfo().noquote() << m_cluster->report();
}

void InstallerTest::cleanupTestCase()
{
    m_publisher.kill();
    m_cluster.reset();
}

void InstallerTest::groupOfAnAwsDocumentComesInService()
{
    QCOMPARE(m_cluster->call("GET", "/as/v1/admin/healthz").status, 200);
    QCOMPARE(m_cluster->call("GET", "/as/v1/admin/nodegroup").status, 401);
    QVERIFY(m_cluster->logIn());
    const HttpAnswer created =
        m_cluster->call("POST", "/as/v1/admin/nodegroup", Cluster::document("aws_node_group.json"));
    QVERIFY2(created.status == 200, created.body);
    QCOMPARE(m_cluster->call("POST", "/as/v1/admin/nodegroup", Cluster::document("aws_node_group.json")).status, 409);

    QVERIFY(m_cluster->waitInService("nodegroup-1", 2));
    const QJsonArray nodes = m_cluster->call("GET", "/as/v1/admin/nodegroup/status/nodegroup-1").array();
    QStringList roles;
    QMap<QString, QJsonValue> ids;
    QMap<QString, QJsonArray> parents;
    for (const QJsonValue node : nodes) {
        QVERIFY(!node["scalingEvent"]["nodeId"].toString().isEmpty());
        QCOMPARE(node["nodeEvent"]["nodeId"], node["scalingEvent"]["nodeId"]);
        QVERIFY(node["nodeEvent"]["publicIp"].toString().startsWith("127."));
        QVERIFY(node["nodeEvent"]["privateIp"].toString().startsWith("127."));
        roles << node["nodeEvent"]["nodeRoleName"].toString();
        ids[roles.last()] = node["nodeEvent"]["nodeId"];
        parents[roles.last()] = node["nodeEvent"]["parents"].toArray();
    }
    QCOMPARE(parents["edge"], QJsonArray{ids["origin"]});
    QCOMPARE(parents["origin"], QJsonArray());
    const QJsonObject first = nodes[0]["nodeEvent"].toObject();
    const QByteArray health = "http%3A%2F%2F" + first["publicIp"].toString().toUtf8() + "%3A5080%2Fhealth";
    QCOMPARE(m_cluster->call("GET", "/as/v1/proxy/forward/?target=" + health).body, QByteArray("ok\n"));
    const QByteArray toNode =
        "/as/v1/proxy/forward/?digestAction=provision.create&nodegroup=nodegroup-1&target=" + health;
    QCOMPARE(m_cluster->call("GET", toNode).body, QByteArray("ok\n"));
    QCOMPARE(callHttp("GET", m_cluster->url() + toNode).status, 401);
    for (const QByteArray& wrong : {QByteArray("nodegroup-1").prepend("x"), QByteArray()})
        QCOMPARE(
            m_cluster->call("GET", QByteArray(toNode).replace("nodegroup=nodegroup-1", "nodegroup=" + wrong)).status,
            404);
    const QByteArray noAction = QByteArray(toNode).replace("provision.create", "a%26b");
    QCOMPARE(m_cluster->call("GET", noAction).status, 400);
    roles.sort();
    QCOMPARE(roles, (QStringList{"edge", "origin"}));

    QCOMPARE(m_cluster->call("GET", "/as/v1/admin/nodegroup").array(), (QJsonArray{"nodegroup-1"}));
    const QJsonObject group = m_cluster->call("GET", "/as/v1/admin/nodegroup/nodegroup-1").object();
    QCOMPARE(group["name"].toString(), "nodegroup-1");
    QCOMPARE(group["cloudPlatform"].toString(), "AWS");
}

void InstallerTest::checkProbe(const QString& url)
{
    const auto probe = runTool(
        "ffprobe", {"-v", "error", "-read_intervals", "%+4", "-show_streams", "-show_packets", "-of", "json", url});
    QVERIFY2(probe.exitCode == 0, probe.standardError);
    const QJsonObject seen = QJsonDocument::fromJson(probe.standardOutput).object();
    QMap<QString, QString> codecs;
    const QJsonArray streams = seen["streams"].toArray();
    for (const QJsonValue stream : streams)
        codecs[stream["codec_type"].toString()] = stream["codec_name"].toString();
    QCOMPARE(codecs["video"], "h264");
    QCOMPARE(codecs["audio"], "aac");

    QMap<QString, qint64> last;
    QMap<QString, int> count;
    const QJsonArray packets = seen["packets"].toArray();
    for (const QJsonValue packet : packets) {
        const QString type = packet["codec_type"].toString();
        const qint64 time = packet["dts"].toInteger();
        QVERIFY2(!last.contains(type) || time > last[type], qPrintable(type + QString::number(time)));
        // A viewer starts at a picture that needs no other.
        QVERIFY(type != "video" || last.contains(type) || packet["flags"].toString().startsWith('K'));
        last[type] = time;
        ++count[type];
    }
    QVERIFY2(count["video"] >= 50, qPrintable(QString::number(count["video"])));
    QVERIFY2(count["audio"] >= 50, qPrintable(QString::number(count["audio"])));
}

void InstallerTest::publishedStreamIsSeenOverBothProtocols()
{
    QCOMPARE(m_cluster->call("GET", "/as/v1/streams/stream/nodegroup-1/subscribe/live/show1").status, 404);
    const HttpAnswer publish = m_cluster->call("GET", "/as/v1/streams/stream/nodegroup-1/publish/live/show1");
    QVERIFY2(publish.status == 200, publish.body);
    QCOMPARE(publish.array().size(), 1);
    const QJsonObject origin = publish.array().first().toObject();
    QCOMPARE(origin["streamGuid"].toString(), "live/show1");
    QCOMPARE(origin["nodeRole"].toString(), "origin");
    QCOMPARE(origin["subGroup"].toString(), "us-east-1");
    QCOMPARE(origin["nodeState"].toString(), "INSERVICE");
    QCOMPARE(origin.keys(),
             (QStringList{"nodeRole", "nodeState", "serverAddress", "streamGuid", "subGroup", "subscribers"}));
    m_originAddress = origin["serverAddress"].toString();
    m_publisher.start("ffmpeg", publishArguments("rtmp://" + m_originAddress + "/live/show1"),
                      m_cluster->path("publisher.log"));

    const QString edge = m_cluster->waitForSubscribeAddress("nodegroup-1", "live/show1");
    QVERIFY2(!edge.isEmpty(), qPrintable(m_publisher.log()));
    QVERIFY(edge != m_originAddress);
    checkProbe("rtmp://" + edge + "/live/show1");
    checkProbe("http://" + edge + ":5080/live/show1.flv");

    const QJsonArray live = m_cluster->call("GET", "/as/v1/streams/stream/nodegroup-1").array();
    QCOMPARE(live.size(), 1);
    QCOMPARE(live.first()["streamGuid"].toString(), "live/show1");
    QCOMPARE(live.first()["serverAddress"].toString(), m_originAddress);

    const QJsonObject ingest = m_cluster->stream("live/show1")["ingest"].toObject();
    QCOMPARE(ingest["videoCodec"].toString(), "H.264");
    QCOMPARE(ingest["audioCodec"].toString(), "AAC");
    QCOMPARE(ingest["width"].toInt(), 320);
    QCOMPARE(ingest["height"].toInt(), 180);
    QVERIFY(ingest["bitsPerSecond"].toInteger() > 0);
    QVERIFY(ingest["framesPerSecond"].toDouble() > 0);
}

void InstallerTest::customersFormsAnswerTheSame()
{
    const QJsonObject publish = m_cluster->call("GET", "/as/v1/streams/live/another/publish").object();
    QCOMPARE(publish["serverAddress"].toString(), m_originAddress);
    QCOMPARE(publish["scope"].toString(), "live");
    QCOMPARE(publish["name"].toString(), "another");
    QCOMPARE(publish["port"].toInt(), 1935);
    QCOMPARE(publish["protocol"].toString(), "rtmp");

    const QJsonObject subscribe = m_cluster->call("GET", "/as/v1/streams/live/show1/subscribe").object();
    QCOMPARE(subscribe["serverAddress"].toString(), m_cluster->subscribeAddress("default", "live/show1"));
    QCOMPARE(subscribe["port"].toInt(), 1935);
    QCOMPARE(subscribe["protocol"].toString(), "rtmp");

    const HttpAnswer streams = m_cluster->call("GET", "/as/v1/streams");
    QCOMPARE(streams.status, 200);
    QVERIFY(streams.body.contains("show1"));
    const HttpAnswer groups = m_cluster->call("GET", "/as/v1/nodegroups");
    QCOMPARE(groups.status, 200);
    QVERIFY(groups.body.contains("nodegroup-1"));
    QCOMPARE(m_cluster->call("GET", "/as/v1/nodegroups/nodegroup-1").status, 200);
}

void InstallerTest::everyFormOfLoginAnswersBothNames()
{
    const QByteArray body =
        QJsonDocument(QJsonObject{{"username", "admin"}, {"password", m_cluster->adminPassword()}}).toJson();
    const HttpAnswer answer = m_cluster->call("POST", "/as/v1/auth/login", body);
    QCOMPARE(answer.status, 200);
    const QJsonObject token = answer.object();
    QVERIFY(!token["accessToken"].toString().isEmpty());
    QCOMPARE(token["accessToken"], token["token"]);
    QCOMPARE(token["tokenType"].toString(), "Bearer");
    QVERIFY(token["expiresIn"].toInt() > 0);
    const QByteArray wrong = QJsonDocument(QJsonObject{{"username", "admin"}, {"password", "wrong"}}).toJson();
    QCOMPARE(m_cluster->call("POST", "/as/v1/auth/login", wrong).status, 401);
}

void InstallerTest::unknownNamesAreNotFound()
{
    const HttpAnswer stream = m_cluster->call("GET", "/as/v1/streams/stream/nodegroup-1/subscribe/live/nobody");
    QCOMPARE(stream.status, 404);
    const QJsonObject error = stream.object();
    for (const char* member : {"error", "errorMessage", "message"})
        QVERIFY2(!error[QLatin1String(member)].toString().isEmpty(), member);
    QCOMPARE(m_cluster->call("GET", "/as/v1/streams/stream/nowhere/publish/live/x").status, 404);
    QCOMPARE(m_cluster->call("GET", "/as/v1/admin/nodegroup/nowhere").status, 404);
}

void InstallerTest::whatIsIdleTellsForHowLong()
{
    const QString idle = "/as/v1/admin/nodegroup/nodegroup-1/idle";
    QCOMPARE(m_cluster->call("GET", idle).object()["lastPubSubMs"].toInteger(), 0);
    m_publisher.kill();
    QVERIFY(
        waitUntil([&] { return m_cluster->call("GET", idle).object()["lastPubSubMs"].toInteger() > 1000; }, 30'000));
    const QString node = m_cluster->nodes("edge").front().id;
    const QString move =
        "/as/v1/admin/nodegroup/nodegroup-1/" + node + "/manualscale?currentState=INSERVICE&desiredState=";
    QCOMPARE(m_cluster->call("PUT", move + "SOFT_SUNSET").status, 400);
    QJsonObject group = m_cluster->call("GET", "/as/v1/admin/nodegroup/nodegroup-1").object();
    QJsonObject roles = group["roles"].toObject();
    QJsonObject edge = roles["edge"].toObject();
    edge["lifecycle"] = "MANUAL";
    roles["edge"] = edge;
    group["roles"] = roles;
    QCOMPARE(m_cluster->call("PUT", "/as/v1/admin/nodegroup", QJsonDocument(group).toJson()).status, 200);
    QCOMPARE(m_cluster->call("PUT", move + "SOFT_SUNSET").status, 200);
    QVERIFY(waitUntil([&] { return m_cluster->node(node).id.isEmpty(); }, 30'000));
    QVERIFY(m_cluster->waitInService("nodegroup-1", 2));
}

void InstallerTest::whatWasRecordedIsListedAndPlays()
{
    const QByteArray stream = R"({"streamGuid": "live/kept", "cloudParams": {"fileStorageName": "/cup/2027"}})";
    const QByteArray provision = R"([{"provisionGuid": "live/kept", "streams": [)" + stream + "]}]";
    QCOMPARE(m_cluster->call("POST", "/as/v1/streams/provision/nodegroup-1", provision).status, 201);
    QCOMPARE(m_cluster->publishAddress("nodegroup-1", "live/kept"), m_originAddress);
    const QString file = m_cluster->path("kept.flv");
    QVERIFY(makeSource(file, 4));
    const auto listed = [&](const QString& what) {
        const QByteArray target = QUrl::toPercentEncoding("http://" + m_originAddress + ":5080/live/" + what);
        return m_cluster->call("GET", "/as/v1/proxy/forward/?target=" + target).object();
    };
    const auto playlists = [&] { return listed("playlists?useCloud=false")["playlists"].toArray(); };
    // The node may not have been told of the provision yet.
    for (int attempt = 0; attempt < 5 && playlists().isEmpty(); ++attempt) {
        runTool("ffmpeg", {"-v", "error", "-re", "-i", file, "-c", "copy", "-f", "flv",
                           "rtmp://" + m_originAddress + "/live/kept"});
        waitUntil([&] { return !playlists().isEmpty(); }, 5'000);
    }
    const QJsonArray found = playlists(), files = listed("mediafiles?useCloud=false")["mediafiles"].toArray();
    QVERIFY(!found.isEmpty() && files.size() == found.size());
    QVERIFY(found[0]["name"].toString().contains("live-kept") && files[0]["name"].toString().endsWith(".mp4"));
    // Where it is to go in a store, had the group one.
    const QString id = found[0]["name"].toString().chopped(5);
    QFile manifest(m_cluster->dataDir() + "/recordings/nodegroup-1/" + id + "/manifest.json");
    QVERIFY2(manifest.open(QIODevice::ReadOnly), manifest.fileName().toUtf8());
    QCOMPARE(QJsonDocument::fromJson(manifest.readAll()).object()["folder"].toString(), QString("cup/2027"));
    for (const QString& url : {found[0]["url"].toString(), files[0]["url"].toString()}) {
        const ToolOutput probe = runTool("ffprobe", {"-v", "error", "-count_packets", "-select_streams", "v",
                                                     "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", url});
        QVERIFY2(probe.standardOutput.split('\n').first().toInt() > 50,
                 url.toUtf8() + probe.standardOutput + probe.standardError);
    }
    // The same file, from the command line.
    QFile token(m_cluster->path("token"));
    QVERIFY(token.open(QIODevice::WriteOnly) && token.write(m_cluster->token() + "\n") > 0);
    token.close();
    const QString saved = m_cluster->path("saved.mp4"), direct = m_cluster->path("direct.mp4");
    const QStringList signedIn{"--server", m_cluster->url(), "--token-file", token.fileName()};
    const ToolOutput fetched =
        runTool(Cluster::program("headgatectl"), QStringList{"download", "nodegroup-1/" + id, "-o", saved} + signedIn);
    QVERIFY2(fetched.exitCode == 0 && fetched.standardOutput == saved.toUtf8() + "\n", fetched.standardError);
    QCOMPARE(runTool("curl", {"-sSf", "-o", direct, files[0]["url"].toString()}).exitCode, 0);
    QFile one(saved), other(direct);
    QVERIFY(one.open(QIODevice::ReadOnly) && other.open(QIODevice::ReadOnly) && one.size() > 10'000);
    QVERIFY(one.readAll() == other.readAll());
    const ToolOutput none = runTool(Cluster::program("headgatectl"), QStringList{"download", "none"} + signedIn);
    QVERIFY2(none.exitCode == 1 && none.standardError.contains("There is no recording"), none.standardError);
    QCOMPARE(listed("playlists?useCloud=true")["playlists"].toArray().size(), 0);
    QCOMPARE(m_cluster->call("DELETE", "/as/v1/streams/provision/nodegroup-1/live/kept").status, 200);
}

void InstallerTest::unmappedPlatformNamesWhatExists()
{
    const QByteArray document =
        Cluster::document("aws_node_group.json").replace("\"AWS\"", "\"AZURE\"").replace("nodegroup-1", "nodegroup-2");
    const HttpAnswer answer = m_cluster->call("POST", "/as/v1/admin/nodegroup", document);
    QCOMPARE(answer.status, 400);
    for (const char* platform : {"LOCAL", "AWS", "OCI"})
        QVERIFY2(answer.body.contains(platform), answer.body);
}

void InstallerTest::deletedGroupIsGoneWithItsNodes()
{
    const auto nodes = m_cluster->nodes();
    QCOMPARE(nodes.size(), std::size_t(2));
    const HttpAnswer answer = m_cluster->call("DELETE", "/as/v1/admin/nodegroup/nodegroup-1");
    QVERIFY2(answer.status == 200, answer.body);
    QVERIFY(waitUntil([&] { return !isAlive(nodes[0].pid) && !isAlive(nodes[1].pid); }, 30'000));
    QCOMPARE(m_cluster->call("GET", "/as/v1/admin/nodegroup").array(), QJsonArray());
}

QTEST_GUILESS_MAIN(InstallerTest)
#include "installer_test.moc"
