#include "core/media/net/tcp_listener.h"
#include "tests/media/support/relay_cluster.h"

#include <QTest>

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

using namespace headgate;
using namespace headgate::tests;

namespace {

// What is written to standard output meanwhile.
class Output
{
public:
    Output() : m_standard(::dup(STDOUT_FILENO)), m_file(::memfd_create("output", MFD_CLOEXEC))
    {
        std::fflush(stdout);
        ::dup2(m_file.fd(), STDOUT_FILENO);
    }
    ~Output()
    {
        std::fflush(stdout);
        ::dup2(m_standard.fd(), STDOUT_FILENO);
    }
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    int count(std::string_view text) const
    {
        std::string all(static_cast<std::size_t>(::lseek(m_file.fd(), 0, SEEK_END)), ' ');
        all.resize(static_cast<std::size_t>(std::max<ssize_t>(::pread(m_file.fd(), all.data(), all.size(), 0), 0)));
        int found = 0;
        for (std::size_t at = all.find(text); at != std::string::npos; at = all.find(text, at + 1))
            ++found;
        return found;
    }

private:
    Socket m_standard;
    Socket m_file;
};

// Its edge tells what it does.
struct Cluster : RelayCluster
{
    Cluster() : RelayCluster(LoopOptions{})
    {
        edge = std::move(*MediaNode::open(loop, telling, options({false, true}), [](std::string_view) {}));
    }
    bool hasAll(const RtmpViewer& viewer)
    {
        return wait([&] { return viewer.timestamps(FrameKind::Video) == sentTimes(0); });
    }

    Log telling{LogLevel::Info};
};

}  // namespace

// Parents that fail again and again.
class RelayFailingTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aParentThatFailsIsToldOfOnce()
    {
        Cluster cluster;
        cluster.assign(*cluster.edge, {NodeId("dead"), "127.0.0.1", 1, Cluster::token});
        QVERIFY(cluster.startPublisher());
        cluster.sendFrames(5);
        const auto output = std::make_unique<Output>();
        RtmpViewer viewer(cluster.loop, cluster.edge->endpoints(), "live", "show");
        turnFor(cluster.loop, Duration(1000));
        QCOMPARE(output->count("the pull from rtmp://127.0.0.1:1 ended"), 1);

        const auto origin = cluster.parent(*cluster.origin, "origin");
        cluster.assign(*cluster.edge, origin);
        QVERIFY(cluster.hasAll(viewer));
        // The next failures are news, and so is the end of them.
        cluster.origin.reset();
        turnFor(cluster.loop, Duration(1000));
        const std::string ended = "the pull from rtmp://127.0.0.1:" + std::to_string(origin.rtmpPort) + " ended";
        QCOMPARE(output->count(ended + ": Connection refused"), 1);
        cluster.origin = cluster.open({true, false}, origin.rtmpPort);
        QVERIFY(cluster.comeBack());
        cluster.sendFrames(5);
        QVERIFY(cluster.wait([&] { return viewer.timestamps(FrameKind::Video).size() == 10; }));
        QCOMPARE(output->count("pulled from rtmp://127.0.0.1:" + std::to_string(origin.rtmpPort)), 2);
        cluster.edge.reset();
    }

    void anotherParentThatFailsIsTriedLessAndLess()
    {
        Cluster cluster;
        int calls = 0;
        TcpListener failing(cluster.loop, std::move(*listenOn({"127.0.0.1", 0, {}})), [&calls](Socket) { ++calls; });
        cluster.assign(*cluster.edge, cluster.parent(*cluster.origin, "origin"),
                       node_protocol::Parent{NodeId("failing"), "127.0.0.1", failing.address().port, Cluster::token});
        QVERIFY(cluster.startPublisher());
        cluster.sendFrames(5);
        const auto output = std::make_unique<Output>();
        RtmpViewer viewer(cluster.loop, cluster.edge->endpoints(), "live", "show");
        QVERIFY(cluster.hasAll(viewer));
        // Nothing comes any more.
        QVERIFY(cluster.wait([&] { return calls > 0; }));
        turnFor(cluster.loop, Duration(3000));
        QVERIFY2(calls <= 8, std::to_string(calls).c_str());
        QCOMPARE(output->count("the other parent is tried"), 1);
        cluster.sendFrames(5);
        QVERIFY(cluster.hasAll(viewer));
        cluster.edge.reset();
    }

    void whatIsHeldOfMetadataAloneIsBounded()
    {
        Cluster cluster;
        cluster.assign(*cluster.edge, cluster.parent(*cluster.origin, "origin"));
        QVERIFY(cluster.startPublisher());
        cluster.sendFrames(5);
        RtmpViewer viewer(cluster.loop, cluster.edge->endpoints(), "live", "show");
        QVERIFY(cluster.hasAll(viewer));
        const auto talkative = cluster.open({true, false});
        const auto origin = std::move(cluster.publisher);
        QVERIFY(cluster.startPublisher(*talkative));
        cluster.assign(*cluster.edge, cluster.parent(*talkative, "talkative"),
                       cluster.parent(*cluster.origin, "origin"));
        Bytes body = metadata()->body();
        body.resize(1024 * 1024);
        for (int i = 0; i < 40; ++i) {
            cluster.publisher->send(makeFrame(FrameKind::Script, 0, body));
            turnFor(cluster.loop, Duration(20));
        }
        QVERIFY(cluster.wait([&] {
            return cluster.edge->hub().find(Cluster::key)->source().address == Cluster::rtmpAddress(*talkative);
        }));
        cluster.edge.reset();
    }
};

QTEST_GUILESS_MAIN(RelayFailingTest)
#include "relay_failing_test.moc"
