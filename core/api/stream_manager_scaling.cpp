#include "core/api/native_call.h"
#include "core/api/stream_manager_call.h"
#include "core/wire/native_codec.h"
#include "core/wire/native_routes.h"
#include "core/wire/stream_manager_codec.h"

#include <algorithm>

namespace headgate {

namespace {

using native::Json;

ScaleRule* ruleIn(std::vector<Subgroup>& subgroups, const std::string& subgroup, const std::string& role)
{
    for (Subgroup& each : subgroups) {
        if (ScaleRule* below = ruleIn(each.children, subgroup, role))
            return below;
        const auto rule = std::ranges::find(each.rules, role, &ScaleRule::roleName);
        if (each.name == subgroup && rule != each.rules.end())
            return &*rule;
    }
    return nullptr;
}

http::Response notManual(const std::string& role)
{
    return streamManagerFailure(Error{ErrorCode::InvalidArgument,
                                      "The role " + role + " scales by itself.",
                                      "Give it the lifecycle MANUAL to scale it by hand.",
                                      {}});
}

// What brings a node there; none if nobody can ask for that state.
std::optional<Command> commandTo(const std::string& state, const NodeId& node)
{
    if (state == "INSERVICE")
        return UndrainNode{node};
    if (state == "SOFT_SUNSET")
        return DrainNode{node};
    if (state == "DESTRUCTION_REQUESTED")
        return StopNode{node, StopMode::CutSessions};
    return std::nullopt;
}

bool isInService(const NodeStatus& node, const NodeGroupName& group)
{
    return node.node.pool.nodeGroup == group && node.node.state == NodeState::InService;
}

// When somebody last published or watched, as far as the figures reach back.
TimePoint lastUseIn(const std::vector<MetricSeries>& series, const std::string& group, TimePoint otherwise)
{
    const auto own = std::ranges::find(series, group, [](const MetricSeries& each) { return each.key.name; });
    if (own == series.end())
        return otherwise;
    for (auto sample = own->samples.rbegin(); sample != own->samples.rend(); ++sample) {
        if (sample->viewers > 0 || sample->bitsInPerSecond > 0)
            return sample->at;
    }
    return own->samples.front().at;
}

Json idleTime(const EngineHost& host, const Snapshot& snapshot, const NodeGroupName& group)
{
    constexpr std::chrono::hours reach(24);
    bool isUsed = false;
    TimePoint since;
    for (const NodeStatus& node : snapshot.nodes) {
        if (!isInService(node, group))
            continue;
        isUsed = isUsed || node.load.publishers + node.load.subscribers > 0;
        since = std::max(since, node.node.stateSince);
    }
    if (isUsed || since == TimePoint())
        return {{"lastPubSubMs", 0}};
    const TimePoint now = snapshot.takenAt;
    const auto series = host.readMetrics({MetricScope::NodeGroup, now - reach, now, 5000});
    const TimePoint last = std::max(since, lastUseIn(series, group.value, now));
    return {{"lastPubSubMs", std::max<std::int64_t>(0, (now - last).count())}};
}

}  // namespace

// The version is that of the object as it was looked at: whoever changes it meanwhile wins.
http::Answer StreamManagerRoutes::change(const Call& call, Command command, std::uint64_t version) const
{
    return submit(call, std::move(command), http::Response{}, native::entityTag(version));
}

// {nodeGroup}/pause, {nodeGroup}/idle, {nodeGroup}/{subGroup}/{role}/manualscale, {nodeGroup}/{nodeId}/manualscale
http::Answer StreamManagerRoutes::scaling(const Call& call, Segments rest) const
{
    using enum http::Method;
    const std::string& what = rest.back();
    const bool isPool = what == "manualscale" && rest.size() == 4;
    const bool isNode = what == "manualscale" && rest.size() == 3;
    const bool isIdle = what == "idle" && rest.size() == 2;
    if (!isPool && !isNode && !isIdle && (what != "pause" || rest.size() != 2))
        return nothingHere(call.request.path);
    const http::Method wanted = isIdle ? Get : isPool ? Post : Put;
    if (!call.is(wanted))
        return wrongMethod(isIdle ? "GET" : isPool ? "POST" : "PUT");
    const NodeGroupStatus* group = call.snapshot->findNodeGroup(NodeGroupName(rest[0]));
    if (!group)
        return unknownGroup(rest[0]);
    if (isPool)
        return scalePool(call, *group, rest[1], rest[2]);
    if (isNode)
        return moveNode(call, *group, NodeId(rest[1]));
    if (isIdle)
        return later(m_context.reading, call.requestId,
                     [&host = m_context.host, snapshot = call.snapshot, name = group->group.name] {
                         return jsonResponse(200, idleTime(host, *snapshot, name));
                     });
    const auto isResumed = call.query.flag("resume", false);
    if (!isResumed)
        return streamManagerFailure(isResumed.error());
    NodeGroup next = group->group;
    next.isScalingPaused = !*isResumed;
    return change(call, ReplaceNodeGroup{std::move(next)}, group->version);
}

http::Answer StreamManagerRoutes::scalePool(const Call& call, const NodeGroupStatus& group, const std::string& subgroup,
                                            const std::string& role) const
{
    constexpr int mostNodes = 1024;
    const auto count = call.query.number("nodeCount", -1, 0, mostNodes);
    if (!count)
        return streamManagerFailure(count.error());
    if (*count < 0)
        return streamManagerFailure(Error{ErrorCode::InvalidArgument, "nodeCount is missing in the query.", {}, {}});
    NodeGroup next = group.group;
    ScaleRule* rule = ruleIn(next.subgroups, subgroup, role);
    const Role* known = next.findRole(role);
    if (!rule || !known)
        return streamManagerFailure(
            Error{ErrorCode::NotFound,
                  "There is no pool " + subgroup + "/" + role + " in " + group.group.name.value + ".",
                  {},
                  {}});
    if (known->lifecycle != RoleLifecycle::Manual)
        return notManual(role);
    rule->min = static_cast<int>(*count);
    rule->max = std::max(rule->max, rule->min);
    return change(call, ReplaceNodeGroup{std::move(next)}, group.version);
}

http::Answer StreamManagerRoutes::moveNode(const Call& call, const NodeGroupStatus& group, const NodeId& id) const
{
    const NodeStatus* node = call.snapshot->findNode(id);
    if (!node || node->node.pool.nodeGroup != group.group.name)
        return streamManagerFailure(Error{
            ErrorCode::NotFound, "There is no node \"" + id.value + "\" in " + group.group.name.value + ".", {}, {}});
    const Role* role = group.present().findRole(node->node.pool.role);
    if (!role || role->lifecycle != RoleLifecycle::Manual)
        return notManual(node->node.pool.role);
    const std::string present = stream_manager::stateWord(node->node.state, node->node.health);
    if (call.query.value("currentState") != present)
        return streamManagerFailure(
            Error{ErrorCode::InvalidArgument,
                  "The node \"" + id.value + "\" is " + present + ", not \"" + call.query.value("currentState") + "\".",
                  "Read its state and repeat the change.",
                  {}});
    auto command = commandTo(call.query.value("desiredState"), id);
    if (!command)
        return streamManagerFailure(Error{ErrorCode::InvalidArgument,
                                          "A node cannot be brought to \"" + call.query.value("desiredState") + "\".",
                                          "desiredState is INSERVICE, SOFT_SUNSET or DESTRUCTION_REQUESTED.",
                                          {}});
    return change(call, std::move(*command), static_cast<std::uint64_t>(toEpochMs(node->node.stateSince)));
}

}  // namespace headgate
