#include "tests/support/cluster_fixture.h"
#include "tests/support/stream_record.h"

#include <QSet>
#include <QTest>

#include <algorithm>

using namespace headgate::test;

// A deployment of two regions from its file to its restart, all by headgatectl. The tests go on from one another.
class DeploymentClusterTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void cleanupTestCase();

    void regionsAreAddedAndChosen();
    void fileOfADeploymentStartsNodesInItsRegions();
    void anotherImageReplacesNodesAndCutsNoPublisher();
    void itIsUndone();
    void stoppedDeploymentWaitsForThePublisher();
    void startAndRestartGiveItNewNodes();

private:
    ToolOutput run(QStringList arguments)
    {
        arguments << "--server" << m_cluster->url() << "--token-file" << m_cluster->path("token");
        return runTool(Cluster::program("headgatectl"), arguments);
    }
    QJsonObject json(const QStringList& arguments)
    {
        return QJsonDocument::fromJson(run(arguments + QStringList{"-o", "json"}).standardOutput).object();
    }
    QString write(const QString& name, const QJsonObject& document)
    {
        QFile file(m_cluster->path(name));
        if (file.open(QIODevice::WriteOnly))
            file.write(QJsonDocument(document).toJson());
        return file.fileName();
    }
    QJsonObject deployment() { return json({"get", "deployment", "cup"}); }
    bool becomes(const QString& state)
    {
        return waitUntil([&] { return deployment()["state"].toString() == state; }, 40'000);
    }
    bool waits(const char* text) { return QJsonDocument(deployment()["waitsFor"].toArray()).toJson().contains(text); }
    bool applyImage(const QString& image);
    // Of all nodes that are in service.
    QStringList images();
    QSet<QString> ids();
    bool isPublished()
    {
        return m_publisher.isRunning() &&
               m_cluster->stream("live/show1")["ingest"].toObject()["startedAt"] == m_publishedSince;
    }

    std::unique_ptr<Cluster> m_cluster;
    Child m_publisher;
    ClusterNode m_origin;  // of the publisher
    QJsonValue m_publishedSince;
};

namespace {

QJsonObject rule(const QString& role)
{
    return {{"roleName", role}, {"min", 1}, {"max", 2}, {"increment", 1}};
}

QJsonObject region(const QString& name)
{
    return {{"name", name.left(16)},
            {"cloudProperties", "region=" + name},
            {"rules", QJsonArray{rule("edge"), rule("origin")}}};
}

QJsonObject nodeGroup()
{
    return {
        {"name", "cup"},
        {"cloudPlatform", "LOCAL"},
        {"images", QJsonArray{QJsonObject{{"name", "node"}, {"image", "node-1"}}}},
        {"roles",
         QJsonArray{QJsonObject{{"name", "edge"},
                                {"imageName", "node"},
                                {"parentRoleName", "origin"},
                                {"capabilities", QJsonArray{"subscribe"}}},
                    QJsonObject{{"name", "origin"}, {"imageName", "node"}, {"capabilities", QJsonArray{"publish"}}}}},
        {"subgroups", QJsonArray{region("europe-central"), region("stadium")}}};
}

}  // namespace

bool DeploymentClusterTest::applyImage(const QString& image)
{
    QJsonObject group = QJsonDocument::fromJson(run({"export", "node-group", "cup"}).standardOutput).object();
    QJsonObject node = group["images"][0].toObject();
    node["image"] = image;
    group["images"] = QJsonArray{node};
    const ToolOutput done = run({"apply", "-f", write("group.json", group)});
    return done.exitCode == 0 && done.standardOutput.contains("is replaced");
}

QStringList DeploymentClusterTest::images()
{
    QStringList images;
    for (const QJsonValue& each : json({"get", "nodes"})["nodes"].toArray()) {
        if (each["node"]["state"] == QLatin1String("INSERVICE"))
            images << each["node"]["launchedImage"].toString();
    }
    return images;
}

QSet<QString> DeploymentClusterTest::ids()
{
    QSet<QString> ids;
    for (const ClusterNode& node : m_cluster->nodes())
        ids.insert(node.id);
    return ids;
}

void DeploymentClusterTest::initTestCase()
{
    m_cluster = std::make_unique<Cluster>();
    QVERIFY2(m_cluster->start() && m_cluster->logIn(), m_cluster->report());
    const ToolOutput done = run({"login", "--user", "admin", "--password-file", m_cluster->passwordFile()});
    QVERIFY2(done.exitCode == 0, done.standardError);
}

void DeploymentClusterTest::cleanup()
{
    if (QTest::currentTestFailed())
        qInfo().noquote() << m_cluster->report() << deployment() << json({"get", "node-group", "cup"});
}

void DeploymentClusterTest::cleanupTestCase()
{
    m_publisher.kill();
    m_cluster.reset();
}

void DeploymentClusterTest::regionsAreAddedAndChosen()
{
    const QString file =
        write("stadium.json", {{"name", "stadium"}, {"title", "The stadium"}, {"latitude", 48.2}, {"longitude", 11.6}});
    QVERIFY(run({"apply", "-f", file, "--dry-run"}).standardOutput.contains("would be put"));
    QCOMPARE(run({"get", "region", "stadium"}).exitCode, 1);
    QCOMPARE(run({"apply", "-f", file}).exitCode, 0);
    QCOMPARE(run({"set", "default-region", "nowhere"}).exitCode, 1);
    QCOMPARE(run({"set", "default-region", "stadium"}).exitCode, 0);
    QCOMPARE(json({"get", "regions"})["defaultRegion"].toString(), "stadium");
    QCOMPARE(run({"delete", "region", "stadium", "--yes"}).exitCode, 1);
}

void DeploymentClusterTest::fileOfADeploymentStartsNodesInItsRegions()
{
    const QString file = write("cup.json", {{"name", "cup"},
                                            {"description", "The final"},
                                            {"content", QJsonObject{{"nodeGroups", QJsonArray{nodeGroup()}}}}});
    const ToolOutput tried = run({"apply", "-f", file, "--dry-run"});
    QVERIFY2(tried.standardOutput.contains("cup would be created"), tried.standardError);
    QCOMPARE(run({"get", "deployment", "cup"}).exitCode, 1);
    const ToolOutput done = run({"apply", "-f", file});
    QVERIFY2(done.exitCode == 0, done.standardError);
    // Local nodes may be ready before anybody looks.
    const QJsonObject first = deployment();
    const bool isReady = first["state"].toString() == "active";
    QVERIFY2(isReady || first["state"].toString() == "starting", qPrintable(first["state"].toString()));
    QCOMPARE(first["waitsFor"].toArray().isEmpty(), isReady);
    QVERIFY(becomes("active"));
    QVERIFY(deployment()["waitsFor"].toArray().isEmpty());
    QStringList places;
    for (const QJsonValue& each : json({"get", "nodes"})["nodes"].toArray())
        places << each["node"]["region"].toString() + " " + each["node"]["pool"]["role"].toString() + " " +
                      each["node"]["state"].toString();
    places.sort();
    QCOMPARE(places, QStringList({"europe-central edge INSERVICE", "europe-central origin INSERVICE",
                                  "stadium edge INSERVICE", "stadium origin INSERVICE"}));
}

void DeploymentClusterTest::anotherImageReplacesNodesAndCutsNoPublisher()
{
    const auto origins = m_cluster->nodes("origin");
    QVERIFY(!origins.empty());
    m_origin = origins.front();
    m_publisher.start("ffmpeg", publishArguments("rtmp://" + m_origin.address + "/live/show1"),
                      m_cluster->path("publisher.log"));
    QVERIFY(waitUntil([&] { return !m_cluster->stream("live/show1").isEmpty(); }, 20'000));
    m_publishedSince = m_cluster->stream("live/show1")["ingest"].toObject()["startedAt"];
    const QSet<QString> before = ids();
    QVERIFY(applyImage("node-2"));
    // How far it is, as soon as the engine has looked.
    QVERIFY(waitUntil(
        [&] {
            return run({"get", "node-group", "cup"}).standardOutput.contains("to be replaced");
        },
        10'000));
    const QStringList all(4, "node-2");
    QVERIFY(waitUntil([&] { return images() == all; }, 60'000));
    QVERIFY(isPublished());
    QCOMPARE(m_cluster->node(m_origin.id).state, "SOFT_SUNSET");
    QVERIFY(waitUntil([&] { return (ids() & before) == QSet<QString>{m_origin.id}; }, 20'000));
    QVERIFY(run({"get", "node-group", "cup"}).standardOutput.contains("1 publisher"));
}

void DeploymentClusterTest::itIsUndone()
{
    QVERIFY(applyImage("node-1"));
    const QStringList all(4, "node-1");
    QVERIFY(waitUntil([&] { return images() == all; }, 60'000));
    // The origin that had not left is taken back.
    QCOMPARE(m_cluster->node(m_origin.id).state, "INSERVICE");
    QVERIFY(waitUntil([&] { return ids().size() == 4; }, 20'000));
    QVERIFY(isPublished());
    QVERIFY(becomes("active"));
}

void DeploymentClusterTest::stoppedDeploymentWaitsForThePublisher()
{
    QVERIFY(run({"stop", "deployment", "cup", "--dry-run"}).standardOutput.contains("would be stopped"));
    QCOMPARE(deployment()["state"].toString(), "active");
    QCOMPARE(run({"stop", "deployment", "cup"}).exitCode, 0);
    QCOMPARE(deployment()["state"].toString(), "stopping");
    QVERIFY(waitUntil([&] { return ids() == QSet<QString>{m_origin.id}; }, 30'000));
    QVERIFY(waits("1 publisher in"));
    QVERIFY(isPublished());
    m_publisher.terminate();
    QVERIFY(m_publisher.waitForEnd(10'000));
    QVERIFY(becomes("stopped"));
    QVERIFY(waitUntil([&] { return ids().isEmpty() && !isAlive(m_origin.pid); }, 20'000));
}

void DeploymentClusterTest::startAndRestartGiveItNewNodes()
{
    QCOMPARE(run({"start", "deployment", "cup"}).exitCode, 0);
    QVERIFY(becomes("active"));
    const QSet<QString> before = ids();
    QCOMPARE(before.size(), 4);
    QCOMPARE(run({"restart", "deployment", "cup"}).exitCode, 0);
    QVERIFY(waitUntil([&] { return ids().size() == 4 && !ids().intersects(before); }, 60'000));
    QVERIFY(becomes("active"));
    QCOMPARE(run({"delete", "deployment", "cup", "--yes"}).exitCode, 1);
}

QTEST_GUILESS_MAIN(DeploymentClusterTest)
#include "deployment_cluster_test.moc"
