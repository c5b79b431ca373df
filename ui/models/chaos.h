#pragma once

#include "core/base/result.h"
#include "core/domain/node_harm.h"
#include "core/domain/snapshot.h"

#include <QString>

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace headgate {

// Breaking nodes on purpose, where this console runs them itself.
struct Chaos
{
    std::function<QString()> whyNot;  // why it cannot be done now, empty if it can; no function: it never can
    std::function<Result<void>(const Node& node, NodeHarm harm, Duration lasts)> harm;
};

// How long after the harm something was so; none: not yet, or it never was.
struct RecoveryTimes
{
    std::optional<Duration> noticed;      // no broken node was counted on any more
    std::optional<Duration> replaced;     // their pools had as many ready nodes as before
    std::optional<Duration> viewersBack;  // their groups had 95 of 100 viewers, and their streams were live elsewhere

    bool isWhole() const { return noticed && replaced && viewersBack; }
};

// Measures how a cluster comes back from harm, by what its snapshots tell.
class RecoveryWatch
{
public:
    // `nodes` are in `before`, which was taken before the harm at `harmedAt`.
    RecoveryWatch(const Snapshot& before, std::vector<NodeId> nodes, TimePoint harmedAt);

    // Snapshots in their order. What lies before the harm is stepped over.
    void look(const Snapshot& snapshot);

    const RecoveryTimes& times() const { return m_times; }
    int viewersBefore() const { return m_viewers; }

private:
    bool isNoticed(const Snapshot& snapshot) const;
    bool isReplaced(const Snapshot& snapshot) const;
    bool hasViewersBack(const Snapshot& snapshot) const;

    std::vector<NodeId> m_nodes;
    TimePoint m_harmedAt;
    std::map<PoolKey, int> m_ready;                              // of the pools of the broken, before
    std::set<NodeGroupName> m_groups;                            // of the broken
    std::vector<std::pair<NodeGroupName, StreamKey>> m_streams;  // that were published on them
    int m_viewers = 0;                                           // of the groups, before
    RecoveryTimes m_times;
};

// "noticed after 0.4 s, ..." as lines to copy.
QString recoveryText(const QString& title, const RecoveryTimes& times, int viewersBefore);

}  // namespace headgate
