#include "ui/models/stream_watch.h"

#include <algorithm>

namespace headgate {

void StreamWatch::setControlPlane(ControlPlane* plane)
{
    m_plane = plane;
    m_stream = {};
    clear();
}

void StreamWatch::watch(const NodeGroupName& group, const StreamKey& stream)
{
    if (group == m_group && stream == m_stream)
        return;
    m_group = group;
    m_stream = stream;
    m_chosen = {};
    clear();
}

void StreamWatch::choose(const NodeId& node)
{
    if (node == m_chosen)
        return;
    m_chosen = node;
    clear();
}

void StreamWatch::clear()
{
    ++m_round;
    m_asked.clear();
    m_askedAt.clear();
    m_details.clear();
    m_failures.clear();
    m_leftOut = 0;
    Q_EMIT changed();
}

const StreamDetails* StreamWatch::leading() const
{
    const auto found = m_details.find(m_chosen.isEmpty() ? m_origin : m_chosen);
    return found == m_details.end() ? nullptr : &found->second;
}

std::vector<NodeId> StreamWatch::nodesToAsk(const StreamStatus& stream)
{
    m_leftOut = 0;
    if (!m_chosen.isEmpty())
        return {m_chosen};
    std::vector<StreamHop> hops = stream.hops;
    std::ranges::stable_sort(hops, std::greater(), &StreamHop::viewers);
    std::vector<NodeId> nodes{stream.origin};
    for (const StreamHop& hop : hops)
        nodes.push_back(hop.node);
    if (nodes.size() > mostNodes) {
        m_leftOut = static_cast<int>(nodes.size()) - mostNodes;
        nodes.resize(mostNodes);
    }
    return nodes;
}

void StreamWatch::follow(const StreamStatus& stream)
{
    if (!m_plane || stream.nodeGroup != m_group || stream.ingest.key != m_stream)
        return;
    m_origin = stream.origin;
    const std::vector<NodeId> nodes = nodesToAsk(stream);
    const auto isGone = [&nodes](const auto& entry) { return std::ranges::count(nodes, entry.first) == 0; };
    std::erase_if(m_details, isGone);
    std::erase_if(m_failures, isGone);
    for (const NodeId& node : nodes)
        ask(node);
}

void StreamWatch::ask(const NodeId& node)
{
    // Snapshots come more often than a node should have to describe all its viewers.
    constexpr Duration period{900};
    const SnapshotPtr snapshot = m_plane->snapshot();
    const TimePoint now = snapshot ? snapshot->takenAt : TimePoint();
    if (const auto at = m_askedAt.find(node); at != m_askedAt.end() && now - at->second < period)
        return;
    if (!m_asked.insert(node).second)
        return;
    m_askedAt[node] = now;
    StreamQuery query;
    query.nodeGroup = m_group;
    query.stream = m_stream;
    query.node = node;
    query.viewerLimit = viewersPerNode;
    const QPointer<StreamWatch> self(this);
    m_plane->readStream(query, [self, node, round = m_round](Result<StreamDetails> answer) {
        if (!self || round != self->m_round)
            return;
        self->m_asked.erase(node);
        if (answer) {
            if (answer->note.empty())
                self->m_failures.erase(node);
            else
                self->m_failures.insert_or_assign(node, Error{ErrorCode::Unavailable, answer->note, {}, {}});
            self->m_details.insert_or_assign(node, std::move(*answer));
        } else {
            self->m_details.erase(node);
            self->m_failures.insert_or_assign(node, answer.error());
        }
        Q_EMIT self->changed();
    });
}

}  // namespace headgate
