#include "ui/models/topology.h"

#include "ui/format.h"
#include "ui/models/places.h"

#include <QCoreApplication>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace headgate {

namespace {

constexpr std::size_t none = static_cast<std::size_t>(-1);

struct TopologyWords
{
    Q_DECLARE_TR_FUNCTIONS(headgate::TopologyWords)
};

TopologyTier tierOf(const Snapshot& snapshot, const Node& node)
{
    const NodeGroupStatus* group = snapshot.findNodeGroup(node.pool.nodeGroup);
    const Role* role = group ? group->group.findRole(node.pool.role) : nullptr;
    if (!role || role->can(Capability::Subscribe))
        return TopologyTier::Edges;
    return role->can(Capability::Publish) ? TopologyTier::Origins : TopologyTier::Relays;
}

bool isStarved(std::int64_t arriving, const StreamStatus& stream)
{
    return arriving * 2 < stream.ingest.bitsPerSecond;
}

// Puts nodes and hops together in the order in which they are met; sorts at the end.
class TopologyBuilder
{
public:
    TopologyBuilder(const Snapshot& snapshot, std::optional<TopologyStream> only)
        : m_snapshot(snapshot), m_only(std::move(only)), m_boxes(snapshot.nodes.size(), none)
    {
        chooseNodes();
    }

    Topology build()
    {
        for (std::size_t i = 0; i < m_snapshot.nodes.size(); ++i)
            if (m_isShown[i])
                addNode(i);
        for (const StreamStatus& stream : m_snapshot.streams)
            if (isWanted(stream))
                addStream(stream);
        for (auto& [ends, link] : m_links) {
            m_topology.boxes[link.from].bitsOutPerSecond += link.bitsPerSecond;
            m_topology.boxes[link.to].bitsInPerSecond += link.bitsPerSecond;
            m_topology.links.push_back(link);
        }
        for (TopologyBox& box : m_topology.boxes)
            describe(box);
        sort();
        return std::move(m_topology);
    }

private:
    bool isWanted(const StreamStatus& stream) const
    {
        return !m_only || (stream.nodeGroup == m_only->group && stream.ingest.key == m_only->stream);
    }

    // Hops are sorted by node as nodes are, and many have one parent, so what is asked for is mostly where it was last
    // or behind.
    std::size_t indexOf(const NodeId& id, std::size_t& near) const
    {
        const std::vector<NodeStatus>& nodes = m_snapshot.nodes;
        for (int step = 0; step < 3 && near < nodes.size(); ++step, ++near)
            if (nodes[near].node.id == id)
                return near;
        const auto found = std::ranges::lower_bound(nodes, id, {}, [](const NodeStatus& each) { return each.node.id; });
        near = static_cast<std::size_t>(found - nodes.begin());
        return found != nodes.end() && found->node.id == id ? near : none;
    }

    void chooseNodes()
    {
        m_isShown.assign(m_snapshot.nodes.size(), !m_only);
        std::size_t near = 0;
        const auto show = [&](const NodeId& id) {
            if (const std::size_t i = indexOf(id, near); i != none)
                m_isShown[i] = true;
        };
        for (const StreamStatus& stream : m_snapshot.streams) {
            if (!m_only || !isWanted(stream))
                continue;
            show(stream.origin);
            for (const StreamHop& hop : stream.hops)
                show(hop.node);
        }
        const auto count = static_cast<std::size_t>(std::ranges::count(m_isShown, true));
        m_topology.isFolded = count > Topology::mostNodes;
    }

    void addNode(std::size_t index)
    {
        const NodeStatus& status = m_snapshot.nodes[index];
        const TopologyTier tier = tierOf(m_snapshot, status.node);
        const QString id = format::text(status.node.id.value);
        const QString key =
            m_topology.isFolded
                ? QStringLiteral("region:%1:%2").arg(static_cast<int>(tier)).arg(format::text(status.node.region))
                : id;
        const auto [found, isNew] = m_keys.emplace(key, m_topology.boxes.size());
        if (isNew) {
            TopologyBox box;
            box.key = key;
            box.tier = tier;
            box.region = regionName(m_snapshot, status.node.region);
            box.title = m_topology.isFolded ? box.region : id;
            m_topology.boxes.push_back(std::move(box));
        }
        m_boxes[index] = found->second;
        TopologyBox& box = m_topology.boxes[found->second];
        box.nodes.push_back(status.node.id);
        const format::StatusWord state = format::nodeState(status.node);
        if (isNew || format::urgency(state.status) > format::urgency(box.status)) {
            box.status = state.status;
            box.state = state.word;
        }
        m_unwell[found->second] += format::urgency(state.status) >= format::urgency(Status::Warning) ? 1 : 0;
        if (!m_only)
            box.viewers += status.load.subscribers;
    }

    std::size_t publishersOf(std::size_t origin)
    {
        const TopologyBox& fed = m_topology.boxes[origin];
        const QString key = QStringLiteral("publishers:") + fed.key;
        const auto [found, isNew] = m_keys.emplace(key, m_topology.boxes.size());
        if (isNew) {
            TopologyBox box;
            box.key = key;
            box.tier = TopologyTier::Publishers;
            box.region = fed.region;
            box.nodes = fed.nodes;
            box.status = Status::Ok;
            m_topology.boxes.push_back(std::move(box));
        }
        return found->second;
    }

    void addStream(const StreamStatus& stream)
    {
        std::size_t near = 0;
        const std::size_t originNode = indexOf(stream.origin, near);
        const std::size_t origin = originNode == none ? none : m_boxes[originNode];
        if (origin == none)
            return;
        const std::size_t publishers = publishersOf(origin);
        ++m_round;
        carry(publishers);
        carry(origin);
        m_nearNode = m_nearParent = 0;
        const format::StatusWord state = format::streamState(stream);
        if (format::urgency(state.status) >= format::urgency(Status::Warning)) {
            m_topology.boxes[publishers].status = state.status;
            m_topology.boxes[publishers].state = state.word;
        }
        if (m_only)
            m_topology.boxes[publishers].title = format::text(stream.ingest.publisherAddress);
        connect(publishers, origin, stream.ingest.bitsPerSecond, stream);
        for (const StreamHop& hop : stream.hops)
            addHop(stream, hop, origin);
        if (m_only)
            m_topology.boxes[origin].viewers += stream.ingest.viewers;
    }

    void addHop(const StreamStatus& stream, const StreamHop& hop, std::size_t origin)
    {
        const std::size_t node = indexOf(hop.node, m_nearNode);
        if (node == none)
            return;
        const std::size_t parentNode = hop.parent.isEmpty() ? none : indexOf(hop.parent, m_nearParent);
        const std::size_t parent = parentNode == none ? none : m_boxes[parentNode];
        const std::size_t box = m_boxes[node];
        carry(box);
        if (m_only)
            m_topology.boxes[box].viewers += hop.viewers;
        connect(parent == none ? origin : parent, box, hop.bitsPerSecond, stream);
    }

    // A stream that is on several nodes of a box is one stream.
    void carry(std::size_t box)
    {
        m_rounds.resize(m_topology.boxes.size(), 0);
        if (std::exchange(m_rounds[box], m_round) != m_round)
            ++m_topology.boxes[box].streams;
    }

    // What stays within a box is not seen.
    void connect(std::size_t from, std::size_t to, std::int64_t bitsPerSecond, const StreamStatus& stream)
    {
        if (from == to)
            return;
        TopologyLink& link = m_links[from << 32 | to];
        link.from = from;
        link.to = to;
        link.bitsPerSecond += bitsPerSecond;
        ++link.streams;
        link.starved += isStarved(bitsPerSecond, stream) ? 1 : 0;
    }

    void describe(TopologyBox& box)
    {
        const int nodes = static_cast<int>(box.nodes.size());
        if (box.tier == TopologyTier::Publishers) {
            if (box.title.isEmpty())
                box.title = TopologyWords::tr("%n publisher(s)", nullptr, box.streams);
            if (box.state.isEmpty())
                box.state = TopologyWords::tr("On air");
            box.second = format::rate(box.bitsOutPerSecond).joined();
            return;
        }
        if (m_topology.isFolded) {
            const int unwell = m_unwell[static_cast<std::size_t>(&box - m_topology.boxes.data())];
            box.second = TopologyWords::tr("%n node(s)", nullptr, nodes);
            if (unwell > 0)
                box.second += TopologyWords::tr(", %1 unwell").arg(format::count(unwell));
            if (box.viewers > 0)
                box.second.prepend(TopologyWords::tr("%1 viewers, ").arg(format::compactCount(box.viewers)));
            return;
        }
        const bool isOne = box.viewers == 1;
        box.second = box.tier == TopologyTier::Edges
                         ? (isOne ? TopologyWords::tr("1 viewer")
                                  : TopologyWords::tr("%1 viewers").arg(format::count(box.viewers)))
                         : TopologyWords::tr("%n stream(s)", nullptr, box.streams);
        if (box.status == Status::Critical)
            box.second = box.state;
        else if (format::urgency(box.status) >= format::urgency(Status::Draining))
            box.second = QStringLiteral("%1, %2").arg(box.state, box.second);
    }

    void sort()
    {
        std::vector<std::size_t> order(m_topology.boxes.size());
        for (std::size_t i = 0; i < order.size(); ++i)
            order[i] = i;
        std::set<QString> withOrigin;
        for (const TopologyBox& box : m_topology.boxes)
            if (box.tier == TopologyTier::Origins)
                withOrigin.insert(box.region);
        std::ranges::sort(order, {}, [&](std::size_t i) {
            const TopologyBox& box = m_topology.boxes[i];
            return std::tuple(box.tier, !withOrigin.contains(box.region), box.region, box.title, box.key);
        });
        std::vector<std::size_t> places(order.size());
        std::vector<TopologyBox> sorted;
        for (std::size_t place = 0; place < order.size(); ++place) {
            places[order[place]] = place;
            sorted.push_back(std::move(m_topology.boxes[order[place]]));
        }
        m_topology.boxes = std::move(sorted);
        for (TopologyLink& link : m_topology.links) {
            link.from = places[link.from];
            link.to = places[link.to];
        }
        std::ranges::sort(m_topology.links, {}, [](const TopologyLink& link) { return std::pair(link.to, link.from); });
    }

    const Snapshot& m_snapshot;
    const std::optional<TopologyStream> m_only;
    std::vector<bool> m_isShown;       // of the snapshot's nodes
    std::vector<std::size_t> m_boxes;  // where each of them stands
    std::size_t m_nearNode = 0;        // see indexOf(), for hops
    std::size_t m_nearParent = 0;
    int m_round = 0;            // of the stream that is being added
    std::vector<int> m_rounds;  // of the last stream, by box
    std::map<QString, std::size_t> m_keys;
    std::map<std::size_t, int> m_unwell;                      // nodes, by box
    std::unordered_map<std::uint64_t, TopologyLink> m_links;  // by both ends; sorted at the end
    Topology m_topology;
};

}  // namespace

const TopologyBox* Topology::find(const QString& key) const
{
    const auto found = std::ranges::find(boxes, key, &TopologyBox::key);
    return found == boxes.end() ? nullptr : &*found;
}

Topology topologyOf(const Snapshot& snapshot, const std::optional<TopologyStream>& stream)
{
    return TopologyBuilder(snapshot, stream).build();
}

QString tierName(TopologyTier tier)
{
    switch (tier) {
    case TopologyTier::Publishers:
        return TopologyWords::tr("Publishers");
    case TopologyTier::Origins:
        return TopologyWords::tr("Origins");
    case TopologyTier::Relays:
        return TopologyWords::tr("Relays");
    case TopologyTier::Edges:
        return TopologyWords::tr("Edges");
    }
    return {};
}

QString tierKind(TopologyTier tier)
{
    switch (tier) {
    case TopologyTier::Publishers:
        return TopologyWords::tr("Publisher");
    case TopologyTier::Origins:
        return TopologyWords::tr("Origin");
    case TopologyTier::Relays:
        return TopologyWords::tr("Relay");
    case TopologyTier::Edges:
        return TopologyWords::tr("Edge");
    }
    return {};
}

QStringList sourcesOf(const Topology& topology, std::size_t box)
{
    std::vector<const TopologyLink*> links;
    for (const TopologyLink& link : topology.links)
        if (link.to == box)
            links.push_back(&link);
    std::ranges::stable_sort(links, std::ranges::greater(), &TopologyLink::bitsPerSecond);
    QStringList sources;
    for (const TopologyLink* link : links) {
        const QString source =
            QStringLiteral("%1 %2").arg(topology.boxes[link->from].title, format::megabits(link->bitsPerSecond));
        sources << (link->starved > 0 ? TopologyWords::tr("%1 (starved)").arg(source) : source);
    }
    return sources;
}

}  // namespace headgate
