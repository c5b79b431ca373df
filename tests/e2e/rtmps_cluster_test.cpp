#include "tests/support/cluster_fixture.h"
#include "tests/support/stream_record.h"

#include <QTest>

using namespace headgate;
using namespace headgate::test;

namespace {

// The nodes of a control plane that was given a certificate speak RTMPS, say so, and go on to when they are adopted.
// Given authorities, they pull from each other that way as well.
class RtmpsClusterTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void aStreamGoesInAndOutOverTls();
    void adoptedNodesKeepTheirPort();
    void filesThatCannotServeAreToldAtTheStart();

private:
    QJsonObject endpointsOf(const QString& id);
    QString logOf(const QString& id) const;
    QStringList certificateArguments() const
    {
        return {"--platform-map",
                "AWS=LOCAL",
                "--node-certificate",
                m_folder.filePath("certificate.pem"),
                "--node-key",
                m_folder.filePath("key.pem"),
                "--node-authorities",
                m_folder.filePath("certificate.pem"),
                "--node-certificate-name",
                "localhost"};
    }

    QTemporaryDir m_folder;
    Cluster m_cluster;
};

void RtmpsClusterTest::initTestCase()
{
    const auto made =
        runTool("openssl", {"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                            "2", "-subj", "/CN=localhost", "-out", m_folder.filePath("certificate.pem"), "-keyout",
                            m_folder.filePath("key.pem")});
    QVERIFY2(made.exitCode == 0, made.standardError);
    QVERIFY2(m_cluster.start(certificateArguments()), m_cluster.report());
    QVERIFY(m_cluster.logIn());
    QVERIFY(m_cluster.createNodeGroup(Cluster::document("aws_node_group.json")));
    QVERIFY2(m_cluster.waitInService("nodegroup-1", 2), m_cluster.report());
}

void RtmpsClusterTest::cleanup()
{
    if (QTest::currentTestFailed())
        qInfo().noquote() << m_cluster.report();
}

QJsonObject RtmpsClusterTest::endpointsOf(const QString& id)
{
    for (const QJsonValue& status : m_cluster.snapshot()["nodes"].toArray()) {
        const QJsonObject node = status["node"].toObject();
        if (node["id"].toString() == id)
            return node["endpoints"].toObject();
    }
    return {};
}

QString RtmpsClusterTest::logOf(const QString& id) const
{
    QFile file(m_cluster.dataDir() + "/nodes/" + id + "/node.log");
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

void RtmpsClusterTest::aStreamGoesInAndOutOverTls()
{
    const ClusterNode origin = m_cluster.nodes("origin").front();
    const ClusterNode edge = m_cluster.nodes("edge").front();
    QCOMPARE(endpointsOf(origin.id)["rtmpsPort"].toInt(), 1936);
    QCOMPARE(endpointsOf(edge.id)["rtmpsPort"].toInt(), 1936);
    QCOMPARE(endpointsOf(edge.id)["httpsPort"].toInt(), 5443);
    Child publisher;
    publisher.start("ffmpeg", publishArguments("rtmps://" + origin.address + ":1936/live/show1"),
                    m_cluster.path("publisher.log"));
    QVERIFY2(!m_cluster.waitForSubscribeAddress("nodegroup-1", "live/show1").isEmpty(), qPrintable(publisher.log()));
    const auto seen = runTool("ffprobe", {"-v", "error", "-rw_timeout", "8000000", "-show_entries", "stream=codec_name",
                                          "-of", "csv=p=0", "rtmps://" + edge.address + ":1936/live/show1"});
    QVERIFY2(seen.standardOutput.contains("h264"), seen.standardError);
    const auto playlist =
        runTool("curl", {"-sS", "--cacert", m_folder.filePath("certificate.pem"), "--connect-to",
                         "localhost:5443:" + edge.address + ":5443", "https://localhost:5443/live/show1.m3u8"});
    QVERIFY2(playlist.standardOutput.startsWith("#EXTM3U"), playlist.standardError + playlist.standardOutput);
    const QString log = logOf(edge.id);
    QVERIFY2(log.contains("live/show1: pulled from rtmps://" + origin.address + ":1936"), qPrintable(log));
}

void RtmpsClusterTest::adoptedNodesKeepTheirPort()
{
    const QString edge = m_cluster.nodes("edge").front().id;
    m_cluster.killControlPlane();
    QVERIFY2(m_cluster.startAgain(), m_cluster.report());
    QVERIFY(m_cluster.logIn());
    QVERIFY2(m_cluster.waitInService("nodegroup-1", 2), m_cluster.report());
    QCOMPARE(endpointsOf(edge)["rtmpsPort"].toInt(), 1936);
    QCOMPARE(endpointsOf(edge)["httpsPort"].toInt(), 5443);
}

void RtmpsClusterTest::filesThatCannotServeAreToldAtTheStart()
{
    const QString program = Cluster::program("headgated");
    const QString dataDir = m_folder.filePath("data");
    const auto alone = runTool(program, {"--data-dir", dataDir, "--node-key", m_folder.filePath("key.pem")});
    QCOMPARE(alone.exitCode, 2);
    QVERIFY2(alone.standardError.contains("go together"), alone.standardError);
    const auto untold = runTool(program, {"--data-dir", dataDir, "--node-authorities", m_folder.filePath("key.pem")});
    QCOMPARE(untold.exitCode, 2);
    QVERIFY2(untold.standardError.contains("needs a --node-certificate"), untold.standardError);
    const auto missing = runTool(program, {"--data-dir", dataDir, "--node-certificate", "/nowhere/c.pem", "--node-key",
                                           m_folder.filePath("key.pem")});
    QVERIFY(missing.exitCode != 0);
    QVERIFY2(missing.standardError.contains("/nowhere/c.pem cannot be read"), missing.standardError);
}

}  // namespace

QTEST_GUILESS_MAIN(RtmpsClusterTest)
#include "rtmps_cluster_test.moc"
