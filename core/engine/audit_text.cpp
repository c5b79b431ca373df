#include "core/engine/audit_text.h"

namespace headgate::audit_text {

namespace {

std::string objectOf(const NodeGroupName& group, const StreamKey& stream)
{
    return "stream/" + group.value + "/" + stream.path();
}

std::string lostSessions(const NodeLoad& load)
{
    if (load.publishers > 0 && load.subscribers > 0)
        return " " + counted(load.publishers, "publisher") + " and " + counted(load.subscribers, "viewer") +
               " were connected.";
    if (load.publishers > 0)
        return " " + counted(load.publishers, "publisher") + (load.publishers == 1 ? " was" : " were") + " connected.";
    if (load.subscribers > 0)
        return " " + counted(load.subscribers, "viewer") + (load.subscribers == 1 ? " was" : " were") + " connected.";
    return {};
}

}  // namespace

std::string counted(int count, const std::string& noun)
{
    return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string roleCount(int count, const std::string& role, const char* verb)
{
    return counted(count, role) + " " + verb + (count == 1 ? "s" : "");
}

std::string sessionCount(int viewers, int publishers)
{
    if (publishers == 0)
        return counted(viewers, "viewer");
    if (viewers == 0)
        return counted(publishers, "publisher");
    return counted(publishers, "publisher") + " and " + counted(viewers, "viewer");
}

std::string nameOf(const Node& node)
{
    return "Node " + node.id.value + " (" + node.pool.role + " in " + node.region + ")";
}

std::string objectOf(const Node& node)
{
    return "node/" + node.id.value;
}

AuditDraft nodeRequested(const Node& node)
{
    return {"node.request", objectOf(node), Severity::Info, nameOf(node) + " starts. " + node.reason};
}

AuditDraft nodeInService(const Node& node)
{
    return {"node.in-service", objectOf(node), Severity::Info,
            nameOf(node) + " is in service at " + node.endpoints.address + "."};
}

AuditDraft launchFailed(const Node& node)
{
    return {"node.launch-failed", objectOf(node), Severity::Warning,
            nameOf(node) + " did not come into service. " + node.failure};
}

AuditDraft nodeDied(const Node& node, const NodeLoad& load, Decision why)
{
    return {"node.died", objectOf(node), Severity::Critical,
            nameOf(node) + " is dead. " + node.failure + lostSessions(load), std::move(why)};
}

AuditDraft nodePartitioned(const Node& node, const NodeLoad& load, Decision why)
{
    return {"node.partitioned", objectOf(node), Severity::Warning,
            nameOf(node) + " is out of reach with others of its region, so it is kept. " + node.failure +
                lostSessions(load),
            std::move(why)};
}

AuditDraft nodeRejoined(const Node& node)
{
    return {"node.rejoined", objectOf(node), Severity::Info, nameOf(node) + " is within reach again, and serves."};
}

AuditDraft nodeQuarantined(const Node& node, Decision why)
{
    return {"node.quarantined", objectOf(node), Severity::Warning,
            nameOf(node) + " is not to be relied on. " + node.failure + " It drains, and another one takes its place.",
            std::move(why)};
}

AuditDraft nodeAccused(const Node& node, int complaints)
{
    return {"node.suspect",
            objectOf(node),
            Severity::Warning,
            nameOf(node) + " is suspect and gets no new sessions: " + counted(complaints, "node") +
                " that pull from it get nothing of a stream that flows there, as it says itself.",
            {"who is heard is suspect when 3 nodes complain within 5 s",
             {{"complaints", std::to_string(complaints)}},
             {{"dead", "it is heard"}, {"healthy", "who is sent there may see nothing"}}}};
}

AuditDraft nodeUnready(const Node& node, const std::string& why)
{
    return {"node.suspect",
            objectOf(node),
            Severity::Warning,
            nameOf(node) + " is suspect and gets no new sessions: it cannot serve, as it says itself. " + why,
            {"who tried itself and failed is suspect until it can serve again",
             {{"what it found", why}},
             {{"dead", "it is heard"}, {"healthy", "who is sent there would not be served"}}}};
}

AuditDraft nodeReturned(const Node& node)
{
    return {"node.returned", objectOf(node), Severity::Warning,
            nameOf(node) + " is heard again after it was taken for dead. Its place was filled, so it drains."};
}

AuditDraft nodeReinstated(const Node& node)
{
    return {"node.returned", objectOf(node), Severity::Warning,
            nameOf(node) + " is heard again after it was taken for dead, and goes on draining."};
}

AuditDraft nodeDrains(const Node& node, const std::string& why)
{
    return {"node.drain", objectOf(node), Severity::Info, nameOf(node) + " drains. " + why};
}

AuditDraft nodeTakenBack(const Node& node)
{
    return {"node.undrain", objectOf(node), Severity::Info,
            nameOf(node) + " is back in service, as its pool needs it again."};
}

AuditDraft nodeNotNeeded(const Node& node)
{
    return {"node.cancel", objectOf(node), Severity::Info,
            nameOf(node) + " is not needed any more and ends before it came into service."};
}

AuditDraft nodeSealed(const Node& node)
{
    return {"node.sealed", objectOf(node), Severity::Info,
            nameOf(node) + " is sealed: it takes no publishers and has none. It ends now."};
}

AuditDraft silentNodeStopped(const Node& node)
{
    return {"node.stop", objectOf(node), Severity::Warning,
            nameOf(node) + " has been silent for over a minute, so it is stopped."};
}

AuditDraft nodeEnded(const Node& node)
{
    return {"node.ended", objectOf(node), Severity::Info, nameOf(node) + " has ended."};
}

AuditDraft regionDegraded(const std::string& region, int lost, int all)
{
    return {"region.degraded", "region/" + region, Severity::Critical,
            "Region " + region + " lost " + std::to_string(lost) + " of " + counted(all, "node") +
                " within a minute. Until it is calm for 5 minutes, none of its nodes is ended, no pool scales in, and "
                "lost nodes are replaced at a tenth of the pace."};
}

AuditDraft regionRecovered(const std::string& region, int heard, int silent)
{
    return {"region.recovered", "region/" + region, Severity::Info,
            "Region " + region + " is calm again: " + counted(heard, "node") + (heard == 1 ? " is" : " are") +
                " heard, " + std::to_string(silent) + (silent == 1 ? " is" : " are") + " not."};
}

AuditDraft isolated(int silent)
{
    return {"control-plane.isolated", "control-plane", Severity::Critical,
            "None of " + counted(silent, "node") +
                " is heard, so the control plane itself may be cut off. It ends nobody, replaces nobody for a minute, "
                "and answers by what it knew."};
}

AuditDraft notIsolated(int heard)
{
    return {"control-plane.rejoined", "control-plane", Severity::Info,
            "The control plane hears " + counted(heard, "node") + " again."};
}

namespace {

Decision scalingOf(const ScaleStep& step, int floor, int ceiling)
{
    Decision decision;
    decision.rule = step.shown;
    decision.values = {{"nodes before", std::to_string(step.from)},
                       {"nodes now", std::to_string(step.to)},
                       {"at least, by the plan", std::to_string(floor)},
                       {"at most, by the plan", std::to_string(ceiling)}};
    decision.rejected = step.rejected;
    if (step.refused > 0)
        decision.rejected.push_back(
            {counted(step.to + step.refused, "node"), "the plan allows " + std::to_string(ceiling)});
    return decision;
}

}  // namespace

AuditDraft poolScaled(const Pool& pool, const ScaleStep& step, int floor, int ceiling)
{
    const bool isOut = step.to > step.from, isIn = step.to < step.from;
    const std::string change = isOut  ? " grows from " + std::to_string(step.from) + " to "
                               : isIn ? " shrinks from " + std::to_string(step.from) + " to "
                                      : " stays at ";
    const std::string clamp =
        step.refused == 0 ? "" : ", the most that its plan allows, and wants " + std::to_string(step.refused) + " more";
    return {isOut  ? "pool.scale-out"
            : isIn ? "pool.scale-in"
                   : "pool.clamped",
            "pool/" + pool.key.nodeGroup.value + "/" + pool.key.subgroup + "/" + pool.key.role,
            step.refused == 0 ? Severity::Info : Severity::Warning,
            "The pool " + pool.key.role + " in " + pool.region + change + counted(step.to, "node") + clamp + ": " +
                step.shown + ".",
            scalingOf(step, floor, ceiling)};
}

AuditDraft streamPublished(const NodeGroupName& group, const StreamKey& stream, const NodeId& origin)
{
    return {"stream.publish", objectOf(group, stream), Severity::Info,
            "Stream " + stream.path() + " went live in " + group.value + " on node " + origin.value + "."};
}

AuditDraft streamMoved(const NodeGroupName& group, const StreamKey& stream, const NodeId& origin, Decision why)
{
    return {"stream.move", objectOf(group, stream), Severity::Info,
            "Stream " + stream.path() + " of " + group.value + " is now published on node " + origin.value + ".",
            std::move(why)};
}

AuditDraft streamUnpublished(const NodeGroupName& group, const StreamKey& stream)
{
    return {"stream.unpublish", objectOf(group, stream), Severity::Info,
            "Stream " + stream.path() + " of " + group.value + " is not published any more."};
}

}  // namespace headgate::audit_text
