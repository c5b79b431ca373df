#include "tests/support/cluster_fixture.h"
#include "tests/support/stream_record.h"

#include <QTest>

using namespace headgate::test;

class CommandLineTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void cleanupTestCase();

    void nothingIsTellableWithoutLogin();
    void loginKeepsATokenThatOnlyTheOwnerReads();
    void dryRunOfApplyChangesNothing();
    void applyMakesAGroupOfAnAwsDocument();
    void nodesAreListed();
    void testPictureIsPublishedUntilItsEnd();
    void exportedGroupAppliesWithoutAChange();
    void editedGroupIsReplaced();
    void drainAndUndrainActOnANode();
    void auditTellsWhoDidWhat();
    void deleteEndsTheNodes();
    void unreachableServerIsExitStatusThree();

private:
    ToolOutput run(QStringList arguments, const QString& server = {})
    {
        arguments << "--server" << (server.isEmpty() ? m_cluster->url() : server) << "--token-file"
                  << m_cluster->path("token");
        return runTool(Cluster::program("headgatectl"), arguments);
    }
    QJsonDocument json(const QStringList& arguments)
    {
        return QJsonDocument::fromJson(run(arguments + QStringList{"-o", "json"}).standardOutput);
    }
    QByteArray exported() { return run({"export", "node-group", "nodegroup-1"}).standardOutput; }
    QString write(const QString& name, const QByteArray& bytes)
    {
        QFile file(m_cluster->path(name));
        if (file.open(QIODevice::WriteOnly))
            file.write(bytes);
        return file.fileName();
    }

    std::unique_ptr<Cluster> m_cluster;
};

void CommandLineTest::initTestCase()
{
    m_cluster = std::make_unique<Cluster>();
    QVERIFY2(m_cluster->start(), m_cluster->report());
    QVERIFY(m_cluster->logIn());
}

void CommandLineTest::cleanup()
{
    if (QTest::currentTestFailed())
        qInfo().noquote() << m_cluster->report();
}

void CommandLineTest::cleanupTestCase()
{
    m_cluster.reset();
}

void CommandLineTest::nothingIsTellableWithoutLogin()
{
    QCOMPARE(run({"get", "nodes"}).exitCode, 4);
}

void CommandLineTest::loginKeepsATokenThatOnlyTheOwnerReads()
{
    const QString wrong = write("wrong", "not the password\n");
    QVERIFY(run({"login", "-u", "admin", "-p", wrong}).exitCode != 0);
    const ToolOutput login = run({"login", "-u", "admin", "-p", m_cluster->passwordFile()});
    QVERIFY2(login.exitCode == 0, login.standardError);
    const auto permissions = QFile(m_cluster->path("token")).permissions();
    QVERIFY(!(permissions & (QFileDevice::ReadGroup | QFileDevice::ReadOther)));
    QVERIFY(!login.standardOutput.contains(m_cluster->adminPassword().toUtf8()));
}

void CommandLineTest::dryRunOfApplyChangesNothing()
{
    const QString file = write("group.json", Cluster::document("aws_node_group.json"));
    const ToolOutput dry = run({"apply", "-f", file, "--dry-run"});
    QVERIFY2(dry.exitCode == 0, dry.standardError);
    QCOMPARE(m_cluster->call("GET", "/as/v1/admin/nodegroup").array().size(), 0);
}

void CommandLineTest::applyMakesAGroupOfAnAwsDocument()
{
    const ToolOutput applied = run({"apply", "-f", m_cluster->path("group.json")});
    QVERIFY2(applied.exitCode == 0, applied.standardError);
    QVERIFY(m_cluster->waitInService("nodegroup-1", 2));
}

void CommandLineTest::nodesAreListed()
{
    const ToolOutput table = run({"get", "nodes"});
    QCOMPARE(table.exitCode, 0);
    for (const ClusterNode& node : m_cluster->nodes())
        QVERIFY2(table.standardOutput.contains(node.id.toUtf8()), table.standardOutput);
    const QJsonDocument document = json({"get", "nodes"});
    QVERIFY(!document.isNull());
    QVERIFY(document.toJson().contains(m_cluster->nodes().front().id.toUtf8()));
    QVERIFY(run({"get", "node-groups"}).standardOutput.contains("nodegroup-1"));
}

void CommandLineTest::testPictureIsPublishedUntilItsEnd()
{
    Child publisher;
    publisher.start(Cluster::program("headgatectl"),
                    {"publish-test", "live/test", "--duration", "12", "--server", m_cluster->url(), "--token-file",
                     m_cluster->path("token")},
                    m_cluster->path("publish-test.log"));
    const QString edge = m_cluster->waitForSubscribeAddress("nodegroup-1", "live/test");
    QVERIFY2(!edge.isEmpty(), qPrintable(publisher.log()));
    const auto seen = runTool("ffprobe", {"-v", "error", "-show_entries", "stream=codec_name,width,height", "-of",
                                          "csv=p=0", "http://" + edge + ":5080/live/test.flv"});
    QVERIFY2(seen.standardOutput.contains("h264,1280,720") && seen.standardOutput.contains("aac"),
             seen.standardOutput + seen.standardError);
    QVERIFY(run({"get", "streams"}).standardOutput.contains("live/test"));
    QVERIFY2(publisher.waitForEnd(40'000), qPrintable(publisher.log()));
    QCOMPARE(publisher.exitCode(), 0);
}

void CommandLineTest::exportedGroupAppliesWithoutAChange()
{
    const QByteArray before = exported();
    QVERIFY(QJsonDocument::fromJson(before).isObject());
    QVERIFY2(!before.contains("not-to-be-kept"), before);
    const auto nodes = m_cluster->nodes();
    const ToolOutput applied = run({"apply", "-f", write("exported.json", before)});
    QVERIFY2(applied.exitCode == 0, applied.standardError);
    QCOMPARE(exported(), before);
    QVERIFY(m_cluster->nodes().size() == nodes.size());
}

void CommandLineTest::editedGroupIsReplaced()
{
    const QByteArray edited =
        exported().replace("This is a node group for Red5 Pro nodes", "Origins and edges of the east");
    const ToolOutput applied = run({"apply", "-f", write("edited.json", edited)});
    QVERIFY2(applied.exitCode == 0, applied.standardError);
    QVERIFY(exported().contains("Origins and edges of the east"));
    const ToolOutput stale = run({"apply", "-f", write("stale.json", edited + " "), "--if-match", "999"});
    QCOMPARE(stale.exitCode, 1);

    const ToolOutput broken = run({"apply", "-f", write("broken.json", "{\"name\": \"x\", }")});
    QVERIFY(broken.exitCode == 1 || broken.exitCode == 2);
    QVERIFY(!broken.standardError.isEmpty());
}

void CommandLineTest::drainAndUndrainActOnANode()
{
    const QString origin = m_cluster->nodes("origin").front().id;
    // A publisher keeps it from being sealed between the two.
    Child publisher;
    publisher.start("ffmpeg", publishArguments("rtmp://" + m_cluster->nodes("origin").front().address + "/live/show1"),
                    m_cluster->path("publisher.log"));
    QVERIFY(!m_cluster->waitForSubscribeAddress("nodegroup-1", "live/show1").isEmpty());
    QCOMPARE(run({"drain", origin}).exitCode, 0);
    QVERIFY(waitUntil([&] { return m_cluster->node(origin).state == "SOFT_SUNSET"; }, 10'000));
    QCOMPARE(run({"stop", origin}).exitCode, 1);
    QCOMPARE(run({"undrain", origin}).exitCode, 0);
    QVERIFY(waitUntil([&] { return m_cluster->node(origin).state == "INSERVICE"; }, 10'000));
    QCOMPARE(run({"drain", "nosuchnode"}).exitCode, 1);
}

void CommandLineTest::auditTellsWhoDidWhat()
{
    const QByteArray audit = run({"get", "audit"}).standardOutput;
    QVERIFY2(audit.contains("admin") && audit.contains("nodegroup-1"), audit);
}

void CommandLineTest::deleteEndsTheNodes()
{
    const auto nodes = m_cluster->nodes();
    const ToolOutput deleted = run({"delete", "node-group", "nodegroup-1", "--yes"});
    QVERIFY2(deleted.exitCode == 0, deleted.standardError);
    for (const ClusterNode& node : nodes)
        QVERIFY(waitUntil([&] { return !isAlive(node.pid); }, 30'000));
}

void CommandLineTest::unreachableServerIsExitStatusThree()
{
    const ToolOutput answer = run({"get", "nodes"}, QStringLiteral("http://127.0.0.1:%1").arg(freePort()));
    QCOMPARE(answer.exitCode, 3);
    QVERIFY(!answer.standardError.isEmpty());
}

QTEST_GUILESS_MAIN(CommandLineTest)
#include "command_line_test.moc"
