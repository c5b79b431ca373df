#pragma once

#include "core/domain/audit.h"
#include "core/domain/command.h"
#include "core/domain/metrics.h"
#include "core/domain/node.h"
#include "core/domain/node_group.h"
#include "core/domain/snapshot.h"
#include "core/domain/stream_details.h"

#include <array>
#include <string_view>

// The words of the native documents, in the order of the enumerators.
namespace headgate::native {

constexpr std::array<std::string_view, 9> wordsOf(NodeState)
{
    return {"REQUESTED", "CREATING",    "CREATED",     "STARTED",
            "INSERVICE", "SOFT_SUNSET", "HARD_SUNSET", "DESTRUCTION_REQUESTED",
            "DESTROYING"};
}

constexpr std::array<std::string_view, 5> wordsOf(NodeHealth)
{
    return {"healthy", "suspect", "dead", "quarantined", "partitioned"};
}

constexpr std::array<std::string_view, 3> wordsOf(Severity)
{
    return {"info", "warning", "critical"};
}

constexpr std::array<std::string_view, 5> wordsOf(MetricScope)
{
    return {"cluster", "node-group", "pool", "node", "stream"};
}

constexpr std::array<std::string_view, 5> wordsOf(Capability)
{
    return {"publish", "subscribe", "transcode", "mix", "other"};
}

constexpr std::array<std::string_view, 2> wordsOf(RoleLifecycle)
{
    return {"automatic", "manual"};
}

constexpr std::array<std::string_view, 3> wordsOf(ParentCardinality)
{
    return {"global", "subgroup", "auto-group"};
}

constexpr std::array<std::string_view, 2> wordsOf(WhenFull)
{
    return {"refuse", "accept"};
}

constexpr std::array<std::string_view, 3> wordsOf(PublicRouting)
{
    return {"loopback", "on", "off"};
}

constexpr std::array<std::string_view, 3> wordsOf(Spare)
{
    return {"none", "node", "subgroup"};
}

constexpr std::array<std::string_view, 2> wordsOf(DeploymentPower)
{
    return {"running", "stopped"};
}

constexpr std::array<std::string_view, 2> wordsOf(JoinLatency)
{
    return {"normal", "low"};
}

constexpr std::array<std::string_view, 2> wordsOf(RecordingFormat)
{
    return {"fmp4", "flv"};
}

constexpr std::array<std::string_view, 3> wordsOf(IceCredential)
{
    return {"none", "static", "rest"};
}

constexpr std::array<std::string_view, 3> wordsOf(JobKind)
{
    return {"source", "push", "recording"};
}

constexpr std::array<std::string_view, 5> wordsOf(JobState)
{
    return {"waiting", "live", "retrying", "failed", "ended"};
}

constexpr std::array<std::string_view, 4> wordsOf(AccessKind)
{
    return {"none", "round-trip", "digest-token", "jwt"};
}

constexpr std::array<std::string_view, 4> wordsOf(JwtAlgorithm)
{
    return {"EdDSA", "ES256", "RS256", "HS256"};
}

constexpr std::array<std::string_view, 5> wordsOf(WebhookCategory)
{
    return {"connect", "publish", "subscribe", "websocket", "media"};
}

constexpr std::array<std::string_view, 2> wordsOf(LimitSource)
{
    return {"default", "measured"};
}

constexpr std::array<std::string_view, 2> wordsOf(TrackKind)
{
    return {"video", "audio"};
}

constexpr std::array<std::string_view, 2> wordsOf(ViewerKind)
{
    return {"viewer", "child"};
}

constexpr std::array<std::string_view, 2> wordsOf(AccountState)
{
    return {"enabled", "disabled"};
}

constexpr std::array<std::string_view, 4> wordsOf(AccountRole)
{
    return {"viewer", "operator", "scheduler", "admin"};
}

constexpr std::array<std::string_view, 2> wordsOf(StopMode)
{
    return {"refuse-if-publishing", "cut-sessions"};
}

constexpr std::array<std::string_view, 4> wordsOf(DeploymentState)
{
    return {"starting", "active", "stopping", "stopped"};
}

constexpr std::array<std::string_view, 4> wordsOf(GroupActivity)
{
    return {"active", "activating", "deactivating", "inactive"};
}

}  // namespace headgate::native
