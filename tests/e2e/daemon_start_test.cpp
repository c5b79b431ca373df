#include "tests/support/cluster_fixture.h"

#include <QRegularExpression>
#include <QTest>

using namespace headgate::test;

class DaemonStartTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void secondDaemonOnTheSameDataIsRefused();
    void addressOutsideLoopbackIsRefused();
    void readablePasswordFileIsRefused();
    void setupTokenMakesTheFirstAccountOnce();
    void terminationEndsNodesOnlyWhenAsked();

private:
    static ToolOutput run(const QStringList& arguments)
    {
        return runTool(Cluster::program("headgated"), arguments, 20'000);
    }
};

void DaemonStartTest::secondDaemonOnTheSameDataIsRefused()
{
    Cluster cluster;
    QVERIFY2(cluster.start(), cluster.report());
    const ToolOutput second = run({"--data-dir", cluster.dataDir(), "--listen", "127.0.0.1:0"});
    QVERIFY(second.exitCode == 1);
    const QByteArray said = second.standardOutput + second.standardError;
    QVERIFY2(said.contains(cluster.dataDir().toUtf8()), said);
    QCOMPARE(cluster.call("GET", "/as/v1/admin/healthz").status, 200);
}

void DaemonStartTest::addressOutsideLoopbackIsRefused()
{
    const QTemporaryDir dir;
    for (const char* address : {"0.0.0.0:5080", "192.0.2.1:5080", "[::]:5080"}) {
        const ToolOutput refused = run({"--data-dir", dir.filePath("data"), "--listen", address});
        QVERIFY2(refused.exitCode == 1 || refused.exitCode == 2, address);
        const QByteArray said = refused.standardOutput + refused.standardError;
        QVERIFY2(said.contains("Add --tls"), said);
    }
}

void DaemonStartTest::readablePasswordFileIsRefused()
{
    const QTemporaryDir dir;
    QFile file(dir.filePath("password"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("a rather long password\n");
    file.close();
    QVERIFY(file.setPermissions(QFileDevice::ReadOwner | QFileDevice::ReadGroup | QFileDevice::ReadOther));
    const ToolOutput refused = run({"--data-dir", dir.filePath("data"), "--listen", "127.0.0.1:0",
                                    "--admin-password-file", dir.filePath("password")});
    QCOMPARE(refused.exitCode, 1);
}

void DaemonStartTest::setupTokenMakesTheFirstAccountOnce()
{
    const QTemporaryDir dir("/tmp/hg-e2e-XXXXXX");
    const quint16 port = freePort();
    Child daemon;
    daemon.start(Cluster::program("headgated"),
                 {"--data-dir", dir.filePath("data"), "--listen", QStringLiteral("127.0.0.1:%1").arg(port)},
                 dir.filePath("log"));
    static const QRegularExpression tokenForm("\\b[0-9a-f]{32}\\b");
    QRegularExpressionMatch token;
    QVERIFY2(waitUntil([&] { return (token = tokenForm.match(daemon.log())).hasMatch(); }, 20'000),
             qPrintable(daemon.log()));

    const auto setUp = [&](const QString& tokenText, const QString& user) {
        const QJsonObject body{{"token", tokenText}, {"username", user}, {"password", "a rather long password"}};
        return callHttp("POST", QStringLiteral("http://127.0.0.1:%1/api/v1/setup").arg(port),
                        QJsonDocument(body).toJson())
            .status;
    };
    QVERIFY(waitUntil([&] { return setUp(QString(32, '0'), "mallory") != 0; }, 20'000));
    QCOMPARE(setUp(QString(32, '0'), "mallory"), 401);
    QCOMPARE(setUp(token.captured(), "admin"), 201);
    QCOMPARE(setUp(token.captured(), "mallory"), 404);
    daemon.terminate();
    QVERIFY(daemon.waitForEnd(20'000));
    QCOMPARE(daemon.exitCode(), 0);

    // The account stays, so no further token is shown.
    const ToolOutput secondStart = runTool(
        "timeout", {"3", Cluster::program("headgated"), "--data-dir", dir.filePath("data"), "--listen", "127.0.0.1:0"});
    QVERIFY2(!tokenForm.match(QString::fromUtf8(secondStart.standardOutput)).hasMatch(), secondStart.standardOutput);
}

void DaemonStartTest::terminationEndsNodesOnlyWhenAsked()
{
    Cluster cluster;
    QVERIFY2(cluster.start(), cluster.report());
    QVERIFY(cluster.logIn());
    QVERIFY(cluster.createNodeGroup(Cluster::document("aws_node_group.json")));
    QVERIFY2(cluster.waitInService("nodegroup-1", 2), cluster.report());
    const auto nodes = cluster.nodes();
    QVERIFY(cluster.stopControlPlane());
    QVERIFY(waitUntil([&] { return !isAlive(nodes[0].pid) && !isAlive(nodes[1].pid); }, 20'000));
}

QTEST_GUILESS_MAIN(DaemonStartTest)
#include "daemon_start_test.moc"
