#pragma once

#include "tests/support/cluster_fixture.h"
#include "tests/support/stream_record.h"

#include <algorithm>
#include <array>

namespace headgate::test {

// One viewer over each protocol watches a prepared file while the control plane is killed, is dead for a while and
// comes back: what they get must be the file, frame by frame, and the nodes must be the same processes.
class Outage
{
public:
    explicit Outage(int deadSeconds) : m_deadSeconds(deadSeconds) {}

    // The first thing that was not as it should be; empty if all was.
    QByteArray run()
    {
        for (const auto step : {&Outage::prepare, &Outage::play, &Outage::outlive, &Outage::compare}) {
            if (const QByteArray problem = (this->*step)(); !problem.isEmpty())
                return problem + "\n" + m_cluster.report();
        }
        return {};
    }

private:
    static constexpr int playedBeforeSeconds = 8;
    static constexpr int playedAfterSeconds = 12;

    QByteArray prepare()
    {
        const int length = m_deadSeconds + playedBeforeSeconds + playedAfterSeconds + 60;
        if (!makeSource(m_cluster.path("source.flv"), length))
            return "the source could not be made";
        if (!m_cluster.start() || !m_cluster.logIn())
            return "headgated did not start";
        if (!m_cluster.createNodeGroup(Cluster::document("aws_node_group.json")) ||
            !m_cluster.waitInService("nodegroup-1", 2))
            return "the nodes did not come in service";
        return {};
    }

    QByteArray play()
    {
        const QString origin = m_cluster.publishAddress("nodegroup-1", "live/show1");
        m_publisher.start("ffmpeg",
                          publishFileArguments(m_cluster.path("source.flv"), "rtmp://" + origin + "/live/show1"),
                          m_cluster.path("publisher.log"));
        const QString edge = m_cluster.waitForSubscribeAddress("nodegroup-1", "live/show1");
        if (edge.isEmpty())
            return "the stream did not go live: " + m_publisher.log().toUtf8();
        m_viewers[0].start("ffprobe", recordArguments("rtmp://" + edge + "/live/show1"), m_cluster.path("rtmp.txt"));
        m_viewers[1].start("ffprobe", recordArguments("http://" + edge + ":5080/live/show1.flv"),
                           m_cluster.path("flv.txt"));
        for (Child& viewer : m_viewers) {
            if (!waitUntil([&] { return framesOf(viewer) >= playedBeforeSeconds * 25; }, 60'000))
                return "a viewer got no picture: " + viewer.log().right(2000).toUtf8();
        }
        m_nodesBefore = m_cluster.nodes();
        return {};
    }

    QByteArray outlive()
    {
        m_cluster.killControlPlane();
        const qsizetype before = framesOf(m_viewers[0]);
        QTest::qWait(m_deadSeconds * 1000);
        if (framesOf(m_viewers[0]) <= before)
            return "the picture stood still while the control plane was dead";
        if (!m_cluster.startAgain())
            return "headgated did not start again";
        if (!m_cluster.logIn())
            return "the account is gone after the new start";
        if (!waitUntil([this] { return areAdopted(); }, 30'000))
            return "the nodes were not adopted";
        if (!waitUntil([this] { return m_cluster.stream("live/show1")["viewers"].toInt() == 2; }, 30'000))
            return "the stream and its viewers were not seen again";
        const qsizetype after = framesOf(m_viewers[0]);
        if (!waitUntil([&] { return framesOf(m_viewers[0]) >= after + playedAfterSeconds * 25; }, 60'000))
            return "the picture stood still after the new start";
        return {};
    }

    // Same ids, same processes, nothing beside them.
    bool areAdopted()
    {
        const auto now = m_cluster.nodes();
        return now.size() == m_nodesBefore.size() && std::ranges::all_of(now, [this](const ClusterNode& node) {
                   return isAlive(node.pid) && node.state == "INSERVICE" && node.health == "healthy" &&
                          std::ranges::any_of(m_nodesBefore, [&](const ClusterNode& before) {
                              return before.id == node.id && before.pid == node.pid && before.address == node.address;
                          });
               });
    }

    QByteArray compare()
    {
        const auto source =
            parseRecord(runTool("ffprobe", recordArguments(m_cluster.path("source.flv"))).standardOutput);
        for (Child& viewer : m_viewers) {
            if (!viewer.isRunning())
                return "a viewer was cut off: " + viewer.log().right(2000).toUtf8();
            viewer.kill();
            const StreamRecord seen = parseRecord(viewer.log().toUtf8());
            if (placeIn(source.video, seen.video) < 0)
                return "video: " + firstDifference(source.video, seen.video);
            if (placeIn(source.audio, seen.audio) < 0)
                return "audio: " + firstDifference(source.audio, seen.audio);
            if (seen.video.size() < (playedBeforeSeconds + m_deadSeconds) * 25)
                return "only " + QByteArray::number(seen.video.size()) + " pictures were seen";
        }
        return {};
    }

    static qsizetype framesOf(const Child& viewer) { return viewer.log().count(QStringLiteral("packet|video")); }

    const int m_deadSeconds;
    Cluster m_cluster;
    Child m_publisher;
    std::array<Child, 2> m_viewers;
    std::vector<ClusterNode> m_nodesBefore;
};

}  // namespace headgate::test
