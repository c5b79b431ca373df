#pragma once

#include "core/plane/control_plane.h"

#include <QObject>
#include <QPointer>

#include <map>
#include <set>
#include <vector>

namespace headgate {

// What the nodes know of one stream, asked anew with each snapshot while somebody looks. A node that has not answered
// yet is not asked again.
class StreamWatch : public QObject
{
    Q_OBJECT

public:
    static constexpr int mostNodes = 8;
    static constexpr int viewersPerNode = 250;

    using QObject::QObject;

    void setControlPlane(ControlPlane* plane);

    // Forgets what is known of another stream.
    void watch(const NodeGroupName& group, const StreamKey& stream);
    // Which node is asked; empty = all that carry the stream, but at most mostNodes: those with the most viewers.
    void choose(const NodeId& node);
    void follow(const StreamStatus& stream);

    // As far as they have answered, the newest answer of each; of one that is silent, what is known without it.
    const std::map<NodeId, StreamDetails>& details() const { return m_details; }
    // Of the chosen node, or of the origin; null before its first answer.
    const StreamDetails* leading() const;
    // Why the last question was not answered; empty if all were.
    const std::map<NodeId, Error>& failures() const { return m_failures; }
    // Nodes that carry the stream and are not asked.
    int nodesLeftOut() const { return m_leftOut; }

Q_SIGNALS:
    void changed();

private:
    void clear();
    void ask(const NodeId& node);
    std::vector<NodeId> nodesToAsk(const StreamStatus& stream);

    QPointer<ControlPlane> m_plane;
    NodeGroupName m_group;
    StreamKey m_stream;
    NodeId m_chosen;
    NodeId m_origin;
    int m_leftOut = 0;
    quint64 m_round = 0;  // answers to questions of another stream are dropped
    std::set<NodeId> m_asked;
    std::map<NodeId, TimePoint> m_askedAt;  // by the snapshots' clock
    std::map<NodeId, StreamDetails> m_details;
    std::map<NodeId, Error> m_failures;
};

}  // namespace headgate
