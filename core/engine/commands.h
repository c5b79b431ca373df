#pragma once

#include "core/engine/command_draft.h"

// One function for each kind of command. It validates, then writes into the draft what is to happen.
namespace headgate::commands {

Result<void> plan(CommandDraft& draft, const CreateNodeGroup& command);
Result<void> plan(CommandDraft& draft, const ReplaceNodeGroup& command);
Result<void> plan(CommandDraft& draft, const DeleteNodeGroup& command);

Result<void> plan(CommandDraft& draft, const DrainNode& command);
Result<void> plan(CommandDraft& draft, const UndrainNode& command);
Result<void> plan(CommandDraft& draft, const StopNode& command);
Result<void> plan(CommandDraft& draft, const DisconnectViewer& command);

Result<void> plan(CommandDraft& draft, const PutNodeImage& command);
Result<void> plan(CommandDraft& draft, const AddMeasurement& command);
Result<void> plan(CommandDraft& draft, const DeleteNodeImage& command);

Result<void> plan(CommandDraft& draft, const PutAccount& command);
Result<void> plan(CommandDraft& draft, const EditAccount& command);
Result<void> plan(CommandDraft& draft, const DeleteAccount& command);

Result<void> plan(CommandDraft& draft, const CreatePlanItem& command);
Result<void> plan(CommandDraft& draft, const ReplacePlanItem& command);
Result<void> plan(CommandDraft& draft, const DeletePlanItem& command);
Result<void> plan(CommandDraft& draft, const ImportPlan& command);

Result<void> plan(CommandDraft& draft, const RotateTokenKeys& command);

Result<void> plan(CommandDraft& draft, const PutRegion& command);
Result<void> plan(CommandDraft& draft, const DeleteRegion& command);
Result<void> plan(CommandDraft& draft, const SetDefaultRegion& command);

Result<void> plan(CommandDraft& draft, const CreateDeployment& command);
Result<void> plan(CommandDraft& draft, const ReplaceDeployment& command);
Result<void> plan(CommandDraft& draft, const DeleteDeployment& command);
Result<void> plan(CommandDraft& draft, const SetDeploymentPower& command);
Result<void> plan(CommandDraft& draft, const RestartDeployment& command);

Result<void> plan(CommandDraft& draft, const PutProvisions& command);
Result<void> plan(CommandDraft& draft, const DeleteProvision& command);
Result<void> plan(CommandDraft& draft, const DistributeProvision& command);
Result<void> plan(CommandDraft& draft, const WithdrawProvision& command);

// --- Node groups as parts of larger commands. ---

// Order without meaning is taken out, so that equal configurations are equal values.
NodeGroup normalized(NodeGroup group);

// Every rule that it must keep on its own and on this machine.
Result<void> checkGroup(const CommandDraft& draft, const NodeGroup& group);

// What becomes of a group's nodes if it is to have this now.
void foreseeNodes(CommandDraft& draft, const GroupOrder& order);

// Puts a normalized group in, new or in place of the one there.
void writeGroup(CommandDraft& draft, const NodeGroup& group);

// Takes it out, with its nodes and its part of the plan.
void removeGroup(CommandDraft& draft, const NodeGroupName& name);

}  // namespace headgate::commands
