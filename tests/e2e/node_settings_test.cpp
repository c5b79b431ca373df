#include "core/media/bench/measured.h"
#include "core/media/bench/paced_publisher.h"
#include "tests/support/cluster_fixture.h"
#include "tests/support/srt_caller.h"
#include "tests/support/stream_record.h"

#include <QTest>

#include <sys/epoll.h>

#include <array>
#include <deque>
#include <memory>

using namespace headgate;
using namespace headgate::test;

namespace {

// A publisher whose messages are numbered, and viewers who look at the numbers. A key frame comes every two seconds.
class NumberedShow
{
public:
    struct Viewer
    {
        bench::LoadClient client;
        std::uint64_t first = 0;  // number of the first picture
        std::uint64_t newest = 0;
        std::uint64_t newestKey = 0;
        bool hasBegunWithKey = false;
    };

    NumberedShow() : m_epoll(::epoll_create1(EPOLL_CLOEXEC)), m_period(bench::testStream(300)), m_publisher(m_period) {}

    void publish(const QString& address) { start(m_publisher.client(), address, bench::LoadClient::Role::Publish, 0); }

    Viewer& watch(const QString& address)
    {
        Viewer& viewer = *m_viewers.emplace_back(std::make_unique<Viewer>());
        start(viewer.client, address, bench::LoadClient::Role::View, m_viewers.size());
        return viewer;
    }

    bool isPublished() const { return m_publisher.sent() > 0; }

    // Goes on until `isDone`, for a minute at most.
    template <typename Condition>
    bool run(Condition isDone)
    {
        const std::uint64_t end = bench::nowNs() + 60'000'000'000;
        while (!isDone() && bench::nowNs() < end)
            turn();
        return isDone();
    }

private:
    void start(bench::LoadClient& client, const QString& address, bench::LoadClient::Role role, std::uint64_t tag)
    {
        const auto url = bench::parseStreamUrl(("rtmp://" + address + "/live/show1").toStdString());
        if (url)
            client.start(*url, role, m_epoll.fd(), tag);
    }

    void turn()
    {
        std::array<epoll_event, 16> events;
        const int count = ::epoll_wait(m_epoll.fd(), events.data(), static_cast<int>(events.size()), 5);
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            const std::uint64_t tag = event.data.u64;
            Viewer* const viewer = tag == 0 ? nullptr : m_viewers[tag - 1].get();
            bench::LoadClient& client = viewer ? viewer->client : m_publisher.client();
            client.handleEvent(event.events, m_epoll.fd(), tag, [viewer](const bench::SeenMessage& message) {
                if (viewer && message.type == 9)
                    see(*viewer, message);
            });
        }
        m_publisher.sendDue(bench::nowNs());
    }

    static void see(Viewer& viewer, const bench::SeenMessage& message)
    {
        const bool isKey = message.head[0] == 0x17;
        ByteReader reader(message.head);
        reader.take(bench::stampOffset);
        if (reader.u32() != bench::stampMark)
            return;
        const std::uint64_t number = static_cast<std::uint64_t>(reader.u32()) << 32 | reader.u32();
        if (viewer.first == 0) {
            viewer.first = number;
            viewer.hasBegunWithKey = isKey;
        }
        viewer.newest = number;
        if (isKey)
            viewer.newestKey = number;
    }

    Socket m_epoll;
    std::vector<bench::StreamMessage> m_period;
    bench::PacedPublisher m_publisher;
    std::deque<std::unique_ptr<Viewer>> m_viewers;
};

}  // namespace

// What a node group says of its nodes' way to serve, seen by viewers.
class NodeSettingsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void latencyIsObeyedAtOnceAndOverARestart();
    void srtAndHlsAreAsTheGroupSays();

private:
    bool setMedia(const QJsonObject& media);
    bool setLatency(const QString& word) { return setMedia({{"mergeWindow", 0}, {"latency", word}}); }
    // How many messages before the newest one a viewer begins who comes in the middle of a group of pictures; negative
    // if it begins with a later one.
    std::optional<qint64> messagesBehind();

    Cluster m_cluster;
    NumberedShow m_show;
    NumberedShow::Viewer* m_reference = nullptr;
    QString m_edge;
};

bool NodeSettingsTest::setMedia(const QJsonObject& media)
{
    const QString target = "/api/v1/node-groups/nodegroup-1";
    QJsonObject group = m_cluster.call("GET", target).object()["group"].toObject();
    group["media"] = media;
    return m_cluster.call("PUT", target, QJsonDocument(group).toJson()).status == 200;
}

std::optional<qint64> NodeSettingsTest::messagesBehind()
{
    // Of 146 messages a group has.
    const auto isAmidst = [this] {
        const std::uint64_t passed = m_reference->newest - m_reference->newestKey;
        return m_reference->newestKey > 0 && passed > 60 && passed < 90;
    };
    if (!m_show.run(isAmidst))
        return std::nullopt;
    const std::uint64_t newest = m_reference->newest;
    const NumberedShow::Viewer& viewer = m_show.watch(m_edge);
    if (!m_show.run([&] { return viewer.first > 0; }) || !viewer.hasBegunWithKey)
        return std::nullopt;
    return static_cast<qint64>(newest) - static_cast<qint64>(viewer.first);
}

void NodeSettingsTest::latencyIsObeyedAtOnceAndOverARestart()
{
    QVERIFY2(m_cluster.start() && m_cluster.logIn(), m_cluster.report());
    QVERIFY(m_cluster.createNodeGroup(Cluster::document("aws_node_group.json")));
    QVERIFY2(m_cluster.waitInService("nodegroup-1", 2), m_cluster.report());
    m_show.publish(m_cluster.publishAddress("nodegroup-1", "live/show1"));
    QVERIFY(m_show.run([this] { return m_show.isPublished(); }));
    QVERIFY(m_show.run([this] {
        m_edge = m_cluster.subscribeAddress("nodegroup-1", "live/show1");
        return !m_edge.isEmpty();
    }));
    m_reference = &m_show.watch(m_edge);
    QVERIFY(messagesBehind() > 50);
    QVERIFY(setLatency("low"));
    // It is on its way to the node.
    std::optional<qint64> behind;
    for (int i = 0; i < 10 && (!behind || *behind > 0); ++i)
        behind = messagesBehind();
    QVERIFY(behind && *behind < 0);
    m_cluster.killControlPlane();
    QVERIFY(m_cluster.startAgain());
    QVERIFY(m_cluster.waitInService("nodegroup-1", 2));
    QVERIFY(messagesBehind() < 0);
    QVERIFY(setLatency("normal"));
    for (int i = 0; i < 10 && behind && *behind < 0; ++i)
        behind = messagesBehind();
    QVERIFY(behind && *behind > 50);
}

// Those who are there keep what was agreed on.
void NodeSettingsTest::srtAndHlsAreAsTheGroupSays()
{
    const auto latency = [origin = m_cluster.publishAddress("nodegroup-1", "live/srt")] {
        SrtCaller caller;
        return caller.call(origin, 8890, "publish/live/srt") == 0 ? caller.peerLatency() : -1;
    };
    QVERIFY(waitUntil([&] { return latency() == 120; }, 20'000));
    QVERIFY(setMedia({{"srtLatencyMs", 750}, {"hlsWindowSeconds", 6}}));
    QVERIFY(waitUntil([&] { return latency() == 750; }, 20'000));

    QVERIFY(makeSource(m_cluster.path("source.flv"), 60));
    Child publisher;
    const QString origin = m_cluster.publishAddress("nodegroup-1", "live/hls");
    publisher.start("ffmpeg", publishFileArguments(m_cluster.path("source.flv"), "rtmp://" + origin + "/live/hls"),
                    m_cluster.path("publisher.log"));
    QVERIFY2(waitUntil([&] { return !m_cluster.stream("live/hls").isEmpty(); }, 30'000), m_cluster.report());
    const QString edge = m_cluster.subscribeAddress("nodegroup-1", "live/hls");
    const QString folder = "http://" + edge + ":5080/live/";
    QByteArray playlist;
    const auto name = [](const QByteArray& text) {
        for (const QByteArray& line : text.split('\n')) {
            if (!line.isEmpty() && !line.startsWith('#'))
                return QString::fromUtf8(line.trimmed());
        }
        return QString();
    };
    const QString media = name(callHttp("GET", folder + "hls.m3u8").body);
    QVERIFY(!media.isEmpty());
    const QString url = media.startsWith('/') ? "http://" + edge + ":5080" + media : folder + media;
    const auto isSliding = [&] {
        playlist = callHttp("GET", url).body;
        return playlist.contains("#EXT-X-MEDIA-SEQUENCE:") && !playlist.contains("#EXT-X-MEDIA-SEQUENCE:0\n");
    };
    QVERIFY2(waitUntil(isSliding, 50'000), playlist);
    double seconds = 0;
    for (const QByteArray& line : playlist.split('\n')) {
        if (line.startsWith("#EXTINF:"))
            seconds += line.mid(8, line.indexOf(',') - 8).toDouble();
    }
    QVERIFY2(seconds > 2 && seconds < 12, playlist);

    QVERIFY(setMedia({}));
    QVERIFY(waitUntil([&] { return latency() == 120; }, 20'000));
}

QTEST_GUILESS_MAIN(NodeSettingsTest)
#include "node_settings_test.moc"
