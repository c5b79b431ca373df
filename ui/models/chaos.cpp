#include "ui/models/chaos.h"

#include "ui/format.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>
#include <utility>

namespace headgate {

namespace {

bool isReady(const NodeStatus& status)
{
    return status.node.state == NodeState::InService && status.node.health == NodeHealth::Healthy;
}

std::map<PoolKey, int> readyNodes(const Snapshot& snapshot)
{
    std::map<PoolKey, int> ready;
    for (const NodeStatus& status : snapshot.nodes)
        ready[status.node.pool] += isReady(status) ? 1 : 0;
    return ready;
}

// What a node that is not heard said last is not known to hold.
int viewersOf(const Snapshot& snapshot, const std::set<NodeGroupName>& groups)
{
    int viewers = 0;
    for (const NodeStatus& status : snapshot.nodes) {
        if (groups.contains(status.node.pool.nodeGroup) && status.node.health == NodeHealth::Healthy)
            viewers += status.load.subscribers;
    }
    return viewers;
}

QString line(const char* text, const std::optional<Duration>& after)
{
    const QString name = QCoreApplication::translate("Chaos", text);
    return name + QStringLiteral(": ") +
           (after ? QCoreApplication::translate("Chaos", "after %1 s").arg(double(after->count()) / 1000, 0, 'f', 1)
                  : QCoreApplication::translate("Chaos", "not yet"));
}

}  // namespace

RecoveryWatch::RecoveryWatch(const Snapshot& before, std::vector<NodeId> nodes, TimePoint harmedAt)
    : m_nodes(std::move(nodes)), m_harmedAt(harmedAt)
{
    const std::map<PoolKey, int> ready = readyNodes(before);
    for (const NodeId& id : m_nodes) {
        if (const NodeStatus* status = before.findNode(id)) {
            m_ready[status->node.pool] = ready.at(status->node.pool);
            m_groups.insert(status->node.pool.nodeGroup);
        }
    }
    for (const StreamStatus& stream : before.streams) {
        if (std::ranges::find(m_nodes, stream.origin) != m_nodes.end())
            m_streams.emplace_back(stream.nodeGroup, stream.ingest.key);
    }
    m_viewers = viewersOf(before, m_groups);
}

void RecoveryWatch::look(const Snapshot& snapshot)
{
    if (snapshot.takenAt <= m_harmedAt)
        return;
    const Duration after = snapshot.takenAt - m_harmedAt;
    if (!m_times.noticed && isNoticed(snapshot))
        m_times.noticed = after;
    if (!m_times.noticed)
        return;
    if (!m_times.replaced && isReplaced(snapshot))
        m_times.replaced = after;
    if (!m_times.viewersBack && hasViewersBack(snapshot))
        m_times.viewersBack = after;
}

bool RecoveryWatch::isNoticed(const Snapshot& snapshot) const
{
    return std::ranges::all_of(m_nodes, [&snapshot](const NodeId& id) {
        const NodeStatus* status = snapshot.findNode(id);
        return !status || status->node.health != NodeHealth::Healthy;
    });
}

bool RecoveryWatch::isReplaced(const Snapshot& snapshot) const
{
    const std::map<PoolKey, int> ready = readyNodes(snapshot);
    return std::ranges::all_of(m_ready, [&ready](const auto& before) {
        const auto now = ready.find(before.first);
        return now != ready.end() && now->second >= before.second;
    });
}

bool RecoveryWatch::hasViewersBack(const Snapshot& snapshot) const
{
    constexpr int enoughPercent = 95;  // some leave in any case
    const bool areLive = std::ranges::all_of(m_streams, [&snapshot](const auto& each) {
        const StreamStatus* stream = snapshot.findStream(each.first, each.second);
        const NodeStatus* origin = stream ? snapshot.findNode(stream->origin) : nullptr;
        return origin && origin->node.health == NodeHealth::Healthy;
    });
    return areLive && viewersOf(snapshot, m_groups) * 100 >= m_viewers * enoughPercent;
}

QString recoveryText(const QString& title, const RecoveryTimes& times, int viewersBefore)
{
    return QStringList{title, line(QT_TRANSLATE_NOOP("Chaos", "Noticed"), times.noticed),
                       line(QT_TRANSLATE_NOOP("Chaos", "As many nodes in service as before"), times.replaced),
                       line(QT_TRANSLATE_NOOP("Chaos", "Viewers and streams back"), times.viewersBack),
                       QCoreApplication::translate("Chaos", "Viewers before: %1").arg(format::count(viewersBefore))}
        .join(QLatin1Char('\n'));
}

}  // namespace headgate
