#include "tests/media/support/fake_control_plane.h"
#include "tests/media/support/loop_wait.h"
#include "tests/support/cluster_fixture.h"
#include "tests/support/stream_record.h"

#include <QCoreApplication>
#include <QTest>

using namespace headgate;
using namespace headgate::test;
using headgate::tests::waitFor;

// A node that no control plane talks to, or none any more. Sixty seconds in the product; shorter here.
class OrphanTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void idleNodeEndsByItself();
    void nodeWithAPublisherKeepsServing();

private:
    void startNode(Child& node, const QString& control);

    std::unique_ptr<QTemporaryDir> m_dir;
    QString m_address;
};

void OrphanTest::init()
{
    m_dir = std::make_unique<QTemporaryDir>("/tmp/hg-e2e-XXXXXX");
    const qint64 pid = QCoreApplication::applicationPid();
    m_address = QStringLiteral("127.%1.%2.9").arg(100 + pid / 256 % 100).arg(pid % 256);
    QFile credential(m_dir->filePath("credential"));
    QVERIFY(credential.open(QIODevice::WriteOnly));
    credential.write("a credential that nobody asks for\n");
    credential.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
}

void OrphanTest::startNode(Child& node, const QString& control)
{
    node.start(Cluster::program("headgate-node"),
               {"--node-id", "abcdefghij", "--credential-file", m_dir->filePath("credential"), "--control", control,
                "--address", m_address, "--role", "all", "--capabilities", "publish,subscribe", "--data-dir",
                m_dir->path(), "--orphan-seconds", "3"},
               m_dir->filePath("node.log"));
    QVERIFY(node.isRunning());
}

void OrphanTest::idleNodeEndsByItself()
{
    Child node;
    startNode(node, "unix:" + m_dir->filePath("nobody.sock"));
    QVERIFY2(node.waitForEnd(30'000), qPrintable(node.log()));
    QCOMPARE(node.exitCode(), 0);
}

void OrphanTest::nodeWithAPublisherKeepsServing()
{
    EventLoop loop;
    auto control = std::make_unique<headgate::tests::FakeControlPlane>(loop, 0);
    Child node;
    startNode(node, QString::fromStdString(toText(control->address())));
    QVERIFY(waitFor(loop, [&] { return !control->hellos.empty() && control->isConnected(); }));
    control->send(node_protocol::Welcome{1, "token"});
    control->send(node_protocol::SetAccess{});
    QVERIFY(waitFor(loop, [&] { return !control->heartbeats.empty(); }));
    Child publisher;
    QVERIFY(waitUntil(
        [&] {
            if (!publisher.isRunning())
                publisher.start("ffmpeg", publishArguments("rtmp://" + m_address + "/live/show1"),
                                m_dir->filePath("publisher.log"));
            return !publisher.waitForEnd(1500);
        },
        20'000));
    control.reset();
    QTest::qWait(6000);
    QVERIFY2(node.isRunning(), qPrintable(node.log()));
    const auto seen = runTool("ffprobe", {"-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0",
                                          "http://" + m_address + ":5080/live/show1.flv"});
    QVERIFY2(seen.standardOutput.contains("h264"), seen.standardError);
    publisher.kill();
    QVERIFY2(node.waitForEnd(30'000), qPrintable(node.log()));
}

QTEST_GUILESS_MAIN(OrphanTest)
#include "orphan_test.moc"
