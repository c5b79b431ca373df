#include "core/media/bench/load_client.h"
#include "core/media/bench/measured.h"
#include "core/media/test_publisher/test_publisher.h"
#include "tests/support/cluster_fixture.h"
#include "tests/support/player_record.h"
#include "tests/support/relay_documents.h"
#include "tests/support/stream_record.h"

#include <QTest>

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <deque>

using namespace headgate;
using namespace headgate::test;

namespace {

const QString group = QStringLiteral("nodegroup-1");

QJsonObject ruleFor(QJsonObject rule, const QString& role, const char* nodes)
{
    rule["nodeRoleName"] = role;
    rule["min"] = nodes;
    return rule;
}

// Two origins, two relays and two edges.
QByteArray twoOfEach()
{
    QJsonObject document = QJsonDocument::fromJson(Cluster::document("aws_node_group.json")).object();
    document["roles"] = withRelays(document["roles"].toObject());
    QJsonObject subgroups = document["groups"].toObject();
    QJsonObject subgroup = subgroups["us-east-1"].toObject();
    QJsonObject rules = subgroup["rulesByRole"].toObject();
    for (const QString role : {"origin", "relay", "edge"})
        rules[role] = ruleFor(rules[role == "relay" ? "edge" : role].toObject(), role, "2");
    subgroup["rulesByRole"] = rules;
    subgroups["us-east-1"] = subgroup;
    document["groups"] = subgroups;
    return QJsonDocument(document).toJson();
}

void sendSignal(qint64 pid, int signal)
{
    ::kill(static_cast<pid_t>(pid), signal);
}

// A process that stands still until the end of the scope at the latest.
class Frozen
{
public:
    explicit Frozen(qint64 pid) : m_pid(pid) { sendSignal(pid, SIGSTOP); }
    ~Frozen() { thaw(); }
    Frozen(const Frozen&) = delete;
    Frozen& operator=(const Frozen&) = delete;

    void thaw() { sendSignal(m_pid, SIGCONT); }

private:
    qint64 m_pid;
};

// Many viewers over RTMP who do not look at what they get.
class ManyViewers
{
public:
    explicit ManyViewers(std::size_t count) : m_viewers(count), m_epoll(::epoll_create1(0)) {}
    ~ManyViewers() { ::close(m_epoll); }

    std::size_t count() const { return m_viewers.size(); }
    std::size_t served() const
    {
        return static_cast<std::size_t>(std::ranges::count_if(m_viewers, [](const Viewer& v) { return v.bytes > 0; }));
    }

    // Those who have no connection go where `address` says.
    template <typename Address>
    void joinAll(Address address)
    {
        for (std::size_t i = 0; i < m_viewers.size(); ++i) {
            Viewer& viewer = m_viewers[i];
            const auto state = viewer.client.state();
            if (state != bench::LoadClient::State::Idle && state != bench::LoadClient::State::Failed)
                continue;
            const QString host = address();
            if (host.isEmpty())
                return;
            viewer = {};
            const auto url = bench::parseStreamUrl("rtmp://" + host.toStdString() + "/live/show1");
            viewer.client.start(url.value(), bench::LoadClient::Role::View, m_epoll, i);
        }
    }

    void turn()
    {
        std::array<epoll_event, 64> events{};
        const int ready = ::epoll_wait(m_epoll, events.data(), static_cast<int>(events.size()), 20);
        for (int i = 0; i < ready; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            Viewer& viewer = m_viewers[event.data.u64];
            viewer.client.handleEvent(event.events, m_epoll, event.data.u64,
                                      [&](const bench::SeenMessage&) { viewer.bytes = viewer.client.bytes(); });
            if (viewer.client.state() == bench::LoadClient::State::Failed)
                viewer.bytes = 0;
        }
    }

private:
    struct Viewer
    {
        bench::LoadClient client;
        std::uint64_t bytes = 0;  // when the last message came
    };

    std::deque<Viewer> m_viewers;
    int m_epoll;
};

// The built-in publisher, and what it told.
class Publication
{
public:
    Publication(const QString& host, const QString& otherHost, const QString& stream)
        : m_publisher(options(host, otherHost, stream), {.onStarted =
                                                             [this] {
                                                                 m_startedAt = toEpochMs(wallClock());
                                                                 ++m_starts;
                                                             },
                                                         .onFailed = {},
                                                         .onStatistics = {}})
    {}

    static TimePoint wallClock() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

    int starts() const { return m_starts; }
    TimePoint startedAt() const { return TimePoint(Duration(m_startedAt)); }

private:
    static TestPublisherOptions options(const QString& host, const QString& otherHost, const QString& stream)
    {
        TestPublisherOptions made;
        made.url = ("rtmp://" + host + "/" + stream).toStdString();
        if (!otherHost.isEmpty())
            made.otherUrl = ("rtmp://" + otherHost + "/" + stream).toStdString();
        made.width = 320;
        made.height = 180;
        made.framesPerSecond = 15;
        made.keyFrameInterval = Duration(1000);
        return made;
    }

    std::atomic<int> m_starts = 0;
    std::atomic<std::int64_t> m_startedAt = 0;
    TestPublisher m_publisher;
};

// One that looks at the pictures of a stream on one edge.
struct Watcher
{
    PlayerRecord seen;
    StreamPlayer player{{.maxWidth = 320, .maxHeight = 180}, seen.callbacks()};

    Watcher(const QString& edge, const QString& stream)
    {
        player.start(("http://" + edge + ":5080/" + stream + ".flv").toStdString());
    }

    bool hasPictureOf(TimePoint from) const
    {
        const auto stamps = seen.liveStamps();
        return !stamps.empty() && stamps.back().drawnAt && *stamps.back().drawnAt >= from;
    }

    // Once a picture drawn then or later came, all others are.
    bool staysWith(TimePoint from) const
    {
        const auto stamps = seen.liveStamps();
        const auto isNew = [&](const PictureStamps& s) { return s.drawnAt && *s.drawnAt >= from; };
        return std::ranges::all_of(std::ranges::find_if(stamps, isNew), stamps.end(), isNew);
    }
};

}  // namespace

// Nodes that die, freeze, or are not needed any more, while streams are published and watched. What is measured is
// printed; limits leave room for a busy machine.
class FailoverTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void cleanupTestCase();

    void viewersOfAKilledEdgeAreServedAgain();
    void aFrozenOriginIsLeftByItsPublisherAndNeverHeardAgain();
    void aKilledRelayIsGoneAroundWithoutAControlPlane();
    void scaleInCutsNobodyWhoPublishes();

private:
    std::vector<ClusterNode> inService(const QString& role);
    QString originOf(const QString& stream);
    QString originBeside(const QString& address);
    bool waitForAll(const QString& role, std::size_t count);
    std::deque<Watcher> watchOnAllEdges(const QString& stream);

    std::unique_ptr<Cluster> m_cluster;
    std::unique_ptr<Publication> m_publication;
};

void FailoverTest::initTestCase()
{
    m_cluster = std::make_unique<Cluster>();
    QVERIFY2(m_cluster->start(), m_cluster->report());
    QVERIFY(m_cluster->logIn());
    QVERIFY(m_cluster->createNodeGroup(twoOfEach()));
    QVERIFY2(m_cluster->waitInService(group, 6), m_cluster->report());
    const QString origin = m_cluster->publishAddress(group, "live/show1");
    m_publication = std::make_unique<Publication>(origin, originBeside(origin), "live/show1");
    QVERIFY2(!m_cluster->waitForSubscribeAddress(group, "live/show1").isEmpty(), m_cluster->report());
}

void FailoverTest::cleanup()
{
    if (QTest::currentTestFailed() && m_cluster)
        qInfo().noquote() << m_cluster->report();
}

void FailoverTest::cleanupTestCase()
{
    m_publication.reset();
    m_cluster.reset();
}

std::vector<ClusterNode> FailoverTest::inService(const QString& role)
{
    std::vector<ClusterNode> nodes = m_cluster->nodes(role);
    std::erase_if(nodes, [](const ClusterNode& n) { return n.state != "INSERVICE" || n.health != "healthy"; });
    return nodes;
}

QString FailoverTest::originOf(const QString& stream)
{
    const QJsonObject status = m_cluster->stream(stream);
    return status["origin"].toString();
}

QString FailoverTest::originBeside(const QString& address)
{
    for (const ClusterNode& origin : inService("origin")) {
        if (origin.address != address)
            return origin.address;
    }
    return {};
}

bool FailoverTest::waitForAll(const QString& role, std::size_t count)
{
    return waitUntil([&] { return inService(role).size() == count; }, 60'000);
}

std::deque<Watcher> FailoverTest::watchOnAllEdges(const QString& stream)
{
    std::deque<Watcher> watchers;
    for (const ClusterNode& edge : inService("edge"))
        watchers.emplace_back(edge.address, stream);
    return watchers;
}

void FailoverTest::viewersOfAKilledEdgeAreServedAgain()
{
    ManyViewers viewers(50);
    const ClusterNode edge = inService("edge").front();
    viewers.joinAll([&] { return edge.address; });
    const auto areServed = [&] {
        viewers.turn();
        return viewers.served() == viewers.count();
    };
    QVERIFY(waitUntil(areServed, 30'000));

    killProcess(edge.pid);
    QElapsedTimer timer;
    timer.start();
    QVERIFY(waitUntil(
        [&] {
            viewers.turn();
            return viewers.served() == 0;
        },
        10'000));
    qint64 firstMs = -1;
    QVERIFY(waitUntil(
        [&] {
            viewers.joinAll([&] { return m_cluster->subscribeAddress(group, "live/show1"); });
            viewers.turn();
            if (firstMs < 0 && viewers.served() > 0)
                firstMs = timer.elapsed();
            return viewers.served() == viewers.count();
        },
        20'000));
    qInfo() << "The first of 50 viewers of a killed edge was served again after" << firstMs << "ms, the last after"
            << timer.elapsed() << "ms.";
    QVERIFY(waitForAll("edge", 2));
}

void FailoverTest::aFrozenOriginIsLeftByItsPublisherAndNeverHeardAgain()
{
    const auto origins = inService("origin");
    const auto isPublishing = [&](const ClusterNode& node) { return originOf("live/show1") == node.id; };
    const auto origin = std::ranges::find_if(origins, isPublishing);
    QVERIFY(origin != origins.end());
    // Beside it somebody publishes who goes on once the origin does, and does not know that it was replaced.
    Child stubborn;
    stubborn.start("ffmpeg", publishArguments("rtmp://" + origin->address + "/live/show2"),
                   m_cluster->path("stubborn.log"));
    QVERIFY(!m_cluster->waitForSubscribeAddress(group, "live/show2").isEmpty());
    std::deque<Watcher> watchers = watchOnAllEdges("live/show1");
    std::deque<Watcher> others = watchOnAllEdges("live/show2");
    const auto all = [](std::deque<Watcher>& who, auto is) { return std::all_of(who.begin(), who.end(), is); };
    const auto hasPictures = [](const Watcher& watcher) { return watcher.seen.liveStamps().size() > 5; };
    QVERIFY2(waitUntil([&] { return all(watchers, hasPictures) && all(others, hasPictures); }, 40'000),
             m_cluster->report());

    Frozen frozen(origin->pid);
    QElapsedTimer timer;
    timer.start();
    const Publication successor(originBeside(origin->address), {}, "live/show2");
    QVERIFY(waitUntil([&] { return m_publication->starts() == 2; }, 20'000));
    const qint64 movedMs = timer.elapsed();
    const TimePoint moved = m_publication->startedAt();
    QVERIFY2(waitUntil([&] { return all(watchers, [&](const Watcher& w) { return w.hasPictureOf(moved); }); }, 20'000),
             m_cluster->report());
    qInfo() << "The publisher of a frozen origin moved after" << movedMs << "ms; all edges had its picture back after"
            << timer.elapsed() << "ms.";
    QVERIFY(waitUntil([&] { return all(others, [](const Watcher& w) { return w.hasPictureOf({}); }); }, 20'000));

    frozen.thaw();
    QVERIFY(waitUntil([&] { return m_cluster->node(origin->id).health == "healthy"; }, 20'000));
    QTest::qWait(5'000);
    QVERIFY(stubborn.isRunning());
    const TimePoint now = Publication::wallClock() - std::chrono::seconds(3);
    for (std::deque<Watcher>* who : {&watchers, &others}) {
        QVERIFY(all(*who, [&](const Watcher& w) { return w.hasPictureOf(now); }));
        QVERIFY(all(*who, [&](const Watcher& w) { return w.staysWith(who == &others ? TimePoint() : moved); }));
    }
    QCOMPARE(m_publication->starts(), 2);
    QVERIFY(originOf("live/show2") != origin->id);
}

void FailoverTest::aKilledRelayIsGoneAroundWithoutAControlPlane()
{
    QVERIFY(waitForAll("relay", 2));
    std::deque<Watcher> watchers = watchOnAllEdges("live/show1");
    ClusterNode inUse;
    QVERIFY(waitUntil(
        [&] {
            for (const ClusterNode& relay : inService("relay")) {
                if (relay.children > 0)
                    inUse = relay;
            }
            return !inUse.id.isEmpty();
        },
        20'000));
    const auto haveFresh = [&](TimePoint from) {
        return waitUntil(
            [&] { return std::ranges::all_of(watchers, [&](const Watcher& w) { return w.hasPictureOf(from); }); },
            20'000);
    };
    QVERIFY(haveFresh(Publication::wallClock()));

    Frozen controlPlane(m_cluster->daemon().pid());
    killProcess(inUse.pid);
    QElapsedTimer timer;
    timer.start();
    QVERIFY(haveFresh(Publication::wallClock() + std::chrono::milliseconds(200)));
    qInfo() << "Without a control plane all edges had the picture back" << timer.elapsed()
            << "ms after their relay was killed.";
    controlPlane.thaw();
    QVERIFY(waitForAll("relay", 2));
}

void FailoverTest::scaleInCutsNobodyWhoPublishes()
{
    QVERIFY(waitForAll("origin", 2));
    const auto origins = inService("origin");
    std::deque<Publication> publications;
    for (const ClusterNode& origin : origins)
        publications.emplace_back(origin.address, QString(), "live/on-" + origin.id);
    const auto publishes = [&](const ClusterNode& origin) { return originOf("live/on-" + origin.id) == origin.id; };
    QVERIFY(waitUntil([&] { return std::ranges::all_of(origins, publishes); }, 20'000));

    const QString target = "/api/v1/node-groups/" + group;
    QJsonObject document = m_cluster->call("GET", target).object()["group"].toObject();
    QJsonArray subgroups = document["subgroups"].toArray();
    QJsonObject subgroup = subgroups[0].toObject();
    QJsonArray rules = subgroup["rules"].toArray();
    for (QJsonValueRef value : rules) {
        QJsonObject rule = value.toObject();
        if (rule["roleName"] == "origin")
            rule["min"] = rule["max"] = 1;
        value = rule;
    }
    subgroup["rules"] = rules;
    subgroups[0] = subgroup;
    document["subgroups"] = subgroups;
    const HttpAnswer answer = m_cluster->call("PUT", target, QJsonDocument(document).toJson());
    QVERIFY2(answer.status == 200, answer.body);

    const auto leaving = [&]() -> std::size_t {
        for (std::size_t i = 0; i < origins.size(); ++i) {
            if (m_cluster->node(origins[i].id).state != "INSERVICE")
                return i;
        }
        return origins.size();
    };
    QVERIFY(waitUntil([&] { return leaving() < origins.size(); }, 20'000));
    const std::size_t left = leaving();
    QTest::qWait(8'000);
    QCOMPARE(m_cluster->node(origins[left].id).state, "SOFT_SUNSET");
    QVERIFY(std::ranges::all_of(origins, publishes));
    for (const Publication& publication : publications)
        QCOMPARE(publication.starts(), 1);
}

QTEST_GUILESS_MAIN(FailoverTest)
#include "failover_test.moc"
