#include "tests/media/support/certificate.h"
#include "tests/media/support/fake_control_plane.h"
#include "tests/media/support/frames.h"
#include "tests/media/support/loop_wait.h"
#include "tests/media/support/rtmp_clients.h"
#include "tests/support/cluster_fixture.h"

#include <QCoreApplication>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <chrono>

using namespace headgate;
using headgate::test::Child;
using headgate::test::Cluster;
using namespace headgate::tests;

namespace {

const StreamKey key{"live", "show"};

// A loopback address of this process's own.
QString ownAddress(int number)
{
    const qint64 pid = QCoreApplication::applicationPid();
    return QStringLiteral("127.%1.%2.%3").arg(100 + pid / 256 % 100).arg(pid % 256).arg(20 + number);
}

std::uint64_t clockMs()
{
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

// A real headgate-node whose control plane is the test.
class OrderedNode
{
public:
    OrderedNode(EventLoop& loop, int number) : control(loop, 0), m_loop(loop), m_address(ownAddress(number)) {}

    bool start(const QString& capabilities, const QStringList& more = {})
    {
        QFile credential(m_dir.filePath("credential"));
        if (!credential.open(QIODevice::WriteOnly) || credential.write("proof") < 0)
            return false;
        credential.close();
        const QStringList arguments{"--address",         m_address,
                                    "--node-id",         id(),
                                    "--control",         QString::fromStdString(toText(control.address())),
                                    "--credential-file", credential.fileName(),
                                    "--capabilities",    capabilities};
        m_process.start(Cluster::program("headgate-node"), arguments + more, m_dir.filePath("node.log"));
        if (!waitFor(m_loop, [this] { return !control.hellos.empty() && control.isConnected(); }))
            return false;
        control.send(node_protocol::Welcome{1, "token"});
        control.send(node_protocol::SetAccess{});
        return waitFor(m_loop, [this] { return !control.heartbeats.empty(); });
    }

    QString id() const { return "node-at-" + m_address; }
    QString address() const { return m_address; }
    NodeEndpoints endpoints() const { return control.hellos.back().endpoints; }
    QString log() const { return m_process.log(); }
    node_protocol::Parent asParent() const
    {
        const NodeEndpoints at = endpoints();
        return {NodeId(id().toStdString()), at.address, at.rtmpPort, "token", at.rtmpsPort};
    }
    // Of what is published here under the name, as it reports; 0 if nothing is.
    std::uint64_t epochOf(const StreamKey& stream) const
    {
        for (const StreamReport& report : control.heartbeats.back().streams) {
            if (report.key == stream && report.isPublishedHere)
                return report.epoch;
        }
        return 0;
    }

    FakeControlPlane control;

private:
    EventLoop& m_loop;
    QString m_address;
    QTemporaryDir m_dir;
    Child m_process;
};

// Sends frames of its own: a key frame each ten of 40 ms.
struct Source
{
    Source(EventLoop& loop, const OrderedNode& at, const StreamKey& stream = key)
        : publisher(loop, at.endpoints(), stream.scope, stream.name)
    {}
    void send(int count)
    {
        if (sent == 0)
            publisher.send(videoHeader());
        for (int i = 0; i < count; ++i, ++sent) {
            const auto time = static_cast<std::uint32_t>(sent * 40);
            publisher.send(sent % 10 == 0 ? keyFrame(time) : interFrame(time));
        }
    }

    RtmpPublisher publisher;
    int sent = 0;
};

}  // namespace

// Real nodes, told by the test what a control plane seldom has to tell them.
class OrderedNodesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aNameMovesToANodeWhoseClockIsBehind();
    void aParentThatCannotProveItselfIsLeftForTheOther();

private:
    bool wait(const std::function<bool()>& condition) { return waitFor(m_loop, condition, Duration(30'000)); }
    void assign(OrderedNode& edge, const OrderedNode& primary, std::uint64_t epoch, const OrderedNode* backup = nullptr)
    {
        node_protocol::StreamParents parents{key, primary.asParent(), {}, epoch};
        if (backup != nullptr)
            parents.backup = backup->asParent();
        edge.control.send(node_protocol::AssignParents{{parents}});
    }

    EventLoop m_loop;
};

void OrderedNodesTest::aNameMovesToANodeWhoseClockIsBehind()
{
    OrderedNode ahead(m_loop, 1);
    OrderedNode behind(m_loop, 2);
    OrderedNode edge(m_loop, 3);
    QVERIFY2(ahead.start("publish"), qPrintable(ahead.log()));
    QVERIFY2(behind.start("publish"), qPrintable(behind.log()));
    QVERIFY2(edge.start("subscribe"), qPrintable(edge.log()));

    // One node counts from an hour ahead. The clock of the other one alone would give its publishers older epochs.
    constexpr std::uint64_t hour = 3'600'000;
    ahead.control.send(node_protocol::SetEpoch{clockMs() + hour});
    turnFor(m_loop, Duration(300));
    Source first(m_loop, ahead);
    QVERIFY(wait([&] { return ahead.epochOf(key) != 0; }));
    const std::uint64_t firstEpoch = ahead.epochOf(key);
    const StreamKey unordered{"live", "unordered"};
    Source other(m_loop, behind, unordered);
    QVERIFY(wait([&] { return behind.epochOf(unordered) != 0; }));
    QVERIFY(behind.epochOf(unordered) + hour / 2 < firstEpoch);

    first.send(5);
    assign(edge, ahead, firstEpoch);
    RtmpViewer viewer(m_loop, edge.endpoints(), "live", "show");
    const auto pictures = [&] { return viewer.timestamps(FrameKind::Video).size(); };
    QVERIFY(wait([&] { return pictures() == 5; }));

    // The name moves.
    behind.control.send(node_protocol::SetEpoch{firstEpoch + hour / 6});
    first.publisher.close();
    Source second(m_loop, behind);
    QVERIFY(wait([&] { return behind.epochOf(key) != 0; }));
    const std::uint64_t secondEpoch = behind.epochOf(key);
    QVERIFY(secondEpoch > firstEpoch);
    second.send(5);
    assign(edge, behind, secondEpoch);
    QVERIFY(wait([&] { return pictures() == 10; }));
    QVERIFY2(edge.log().contains("pulled from rtmp://" + behind.address() + ":1935"), qPrintable(edge.log()));

    // Somebody takes it again where it was. Neither a table of before nor one that promises too much brings that.
    Source third(m_loop, ahead);
    QVERIFY(wait([&] { return ahead.epochOf(key) > firstEpoch; }));
    QVERIFY(ahead.epochOf(key) < secondEpoch);
    third.send(5);
    assign(edge, ahead, ahead.epochOf(key));
    turnFor(m_loop, Duration(1000));
    assign(edge, ahead, secondEpoch + 1, &behind);
    QVERIFY(wait([&] { return edge.log().contains(ahead.address() + ":1935 has an older publisher's"); }));
    third.send(5);
    second.send(5);
    QVERIFY(wait([&] { return pictures() == 15; }));
    turnFor(m_loop, Duration(500));
    QCOMPARE(pictures(), std::size_t{15});
    const auto times = viewer.timestamps(FrameKind::Video);
    QVERIFY(std::is_sorted(times.begin(), times.end()));
    QVERIFY(!viewer.end);
}

void OrderedNodesTest::aParentThatCannotProveItselfIsLeftForTheOther()
{
    const Certificate trusted("IP:" + ownAddress(2));
    const Certificate other("IP:" + ownAddress(1));
    const auto showing = [](const Certificate& certificate) {
        return QStringList{"--tls-certificate", QString::fromStdString(certificate.files.certificate), "--tls-key",
                           QString::fromStdString(certificate.files.key)};
    };
    OrderedNode stranger(m_loop, 1);
    OrderedNode origin(m_loop, 2);
    OrderedNode edge(m_loop, 3);
    QVERIFY2(stranger.start("", showing(other)), qPrintable(stranger.log()));
    QVERIFY2(origin.start("publish", showing(trusted)), qPrintable(origin.log()));
    QVERIFY2(edge.start("subscribe", {"--tls-authorities", QString::fromStdString(trusted.files.certificate)}),
             qPrintable(edge.log()));
    Source source(m_loop, origin);
    QVERIFY(wait([&] { return origin.epochOf(key) != 0; }));
    source.send(5);
    assign(stranger, origin, origin.epochOf(key));
    assign(edge, stranger, origin.epochOf(key), &origin);
    RtmpViewer viewer(m_loop, edge.endpoints(), "live", "show");
    QVERIFY(wait([&] { return viewer.timestamps(FrameKind::Video).size() == 5; }));
    const QString refusal =
        "the pull from rtmps://" + stranger.address() + ":1936 ended: TLS: the certificate is not trusted";
    QVERIFY2(edge.log().contains(refusal), qPrintable(edge.log()));
    QVERIFY2(edge.log().contains("pulled from rtmps://" + origin.address() + ":1936"), qPrintable(edge.log()));
    QVERIFY2(!stranger.log().contains("pulls"), qPrintable(stranger.log()));
}

QTEST_GUILESS_MAIN(OrderedNodesTest)
#include "ordered_nodes_test.moc"
