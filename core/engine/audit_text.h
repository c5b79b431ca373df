#pragma once

#include "core/domain/node.h"
#include "core/domain/stream.h"
#include "core/engine/step_writer.h"

#include <string>

// The English sentences of the audit trail and of command outcomes.
namespace headgate::audit_text {

// "1 viewer", "3 viewers".
std::string counted(int count, const std::string& noun);

// "1 edge starts", "3 edges start".
std::string roleCount(int count, const std::string& role, const char* verb);

// "1 publisher and 3 viewers"; those of whom there are none are left out.
std::string sessionCount(int viewers, int publishers);

// "Node aB3xY (edge in eu-west-1)".
std::string nameOf(const Node& node);
std::string objectOf(const Node& node);

AuditDraft nodeRequested(const Node& node);
AuditDraft nodeInService(const Node& node);
AuditDraft launchFailed(const Node& node);
// `why` has the evidence.
AuditDraft nodeDied(const Node& node, const NodeLoad& load, Decision why);
AuditDraft nodePartitioned(const Node& node, const NodeLoad& load, Decision why);
AuditDraft nodeRejoined(const Node& node);
AuditDraft nodeQuarantined(const Node& node, Decision why);
// So many nodes get nothing from it.
AuditDraft nodeAccused(const Node& node, int complaints);
AuditDraft nodeUnready(const Node& node, const std::string& why);
AuditDraft nodeReturned(const Node& node);
AuditDraft nodeReinstated(const Node& node);
AuditDraft nodeDrains(const Node& node, const std::string& why);
AuditDraft nodeTakenBack(const Node& node);
AuditDraft nodeNotNeeded(const Node& node);
AuditDraft nodeSealed(const Node& node);
AuditDraft silentNodeStopped(const Node& node);
AuditDraft nodeEnded(const Node& node);

// `lost` of `all` its nodes fell silent or ended within a minute.
AuditDraft regionDegraded(const std::string& region, int lost, int all);
AuditDraft regionRecovered(const std::string& region, int heard, int silent);
AuditDraft isolated(int silent);
AuditDraft notIsolated(int heard);

// Its policy wants another number of nodes, of at least `floor` and at most `ceiling`.
AuditDraft poolScaled(const Pool& pool, const ScaleStep& step, int floor, int ceiling);

AuditDraft streamPublished(const NodeGroupName& group, const StreamKey& stream, const NodeId& origin);
AuditDraft streamMoved(const NodeGroupName& group, const StreamKey& stream, const NodeId& origin, Decision why);
AuditDraft streamUnpublished(const NodeGroupName& group, const StreamKey& stream);

}  // namespace headgate::audit_text
