#include "ui/pages/stream_route.h"

#include "ui/format.h"
#include "ui/models/places.h"

#include <QCoreApplication>

#include <algorithm>
#include <set>

namespace headgate {

namespace {

struct RouteWords
{
    Q_DECLARE_TR_FUNCTIONS(headgate::RouteWords)
};

QString placeOf(const NodeStatus* status)
{
    if (!status)
        return RouteWords::tr("not known any more");
    QString place = regionName(status->node.region);
    if (!status->node.endpoints.address.empty())
        place += QStringLiteral(", ") + format::text(status->node.endpoints.address);
    return place;
}

QString titleOf(const NodeStatus* status, const NodeId& id)
{
    const QString name = format::text(id.value);
    if (!status)
        return name;
    QString role = format::text(status->node.pool.role);
    if (!role.isEmpty())
        role[0] = role[0].toUpper();
    return QStringLiteral("%1 %2").arg(role, name);
}

RouteHop hopOf(const NodeId& id, const Snapshot& snapshot, int depth)
{
    const NodeStatus* status = snapshot.findNode(id);
    RouteHop hop;
    hop.depth = depth;
    hop.status = status ? format::nodeState(status->node).status : Status::Off;
    hop.title = titleOf(status, id);
    hop.second = placeOf(status);
    hop.key = status ? format::text(id.value) : QString();
    return hop;
}

class RouteBuilder
{
public:
    RouteBuilder(const StreamStatus& stream, const Snapshot& snapshot) : m_stream(stream), m_snapshot(snapshot)
    {
        for (const StreamHop& hop : stream.hops)
            m_carriers.insert(hop.node);
    }

    std::vector<RouteHop> build()
    {
        addPublisher();
        addOrigin();
        addChildren(m_stream.origin, 2);
        return std::move(m_hops);
    }

private:
    void addPublisher()
    {
        const StreamReport& ingest = m_stream.ingest;
        RouteHop publisher;
        publisher.title = RouteWords::tr("Publisher");
        publisher.second = ingest.publisherAddress.empty() ? RouteWords::tr("address not known")
                                                           : format::text(ingest.publisherAddress);
        publisher.status = format::streamState(m_stream).status;
        publisher.figure = format::megabits(ingest.bitsPerSecond);
        publisher.secondFigure = format::ingestFormat(ingest);
        m_hops.push_back(publisher);
    }

    void addOrigin()
    {
        RouteHop origin = hopOf(m_stream.origin, m_snapshot, 1);
        origin.figure = format::megabits(m_stream.ingest.bitsPerSecond * std::max(1, m_stream.ingest.children));
        origin.secondFigure = RouteWords::tr("feeds %n node(s)", nullptr, m_stream.ingest.children);
        m_hops.push_back(origin);
    }

    void addChildren(const NodeId& parent, int depth)
    {
        for (const StreamHop& hop : m_stream.hops) {
            const bool isOrphan = !m_carriers.contains(hop.parent) && hop.parent != m_stream.origin;
            const bool isChild = hop.parent == parent || (isOrphan && parent == m_stream.origin);
            if (!isChild || m_done.contains(hop.node))
                continue;
            m_done.insert(hop.node);
            RouteHop row = hopOf(hop.node, m_snapshot, depth);
            row.figure = format::megabits(hop.bitsPerSecond);
            row.secondFigure = RouteWords::tr("%n viewer(s)", nullptr, hop.viewers);
            m_hops.push_back(row);
            addChildren(hop.node, depth + 1);
        }
    }

    const StreamStatus& m_stream;
    const Snapshot& m_snapshot;
    std::set<NodeId> m_carriers;
    std::set<NodeId> m_done;
    std::vector<RouteHop> m_hops;
};

}  // namespace

std::vector<RouteHop> routeHops(const StreamStatus& stream, const Snapshot& snapshot)
{
    return RouteBuilder(stream, snapshot).build();
}

}  // namespace headgate
