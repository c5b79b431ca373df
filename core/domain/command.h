#pragma once

#include "core/base/ids.h"
#include "core/domain/account.h"
#include "core/domain/deployment.h"
#include "core/domain/node.h"
#include "core/domain/node_group.h"
#include "core/domain/node_image_record.h"
#include "core/domain/plan_document.h"
#include "core/domain/provision.h"
#include "core/domain/region.h"
#include "core/domain/stream_details.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace headgate {

// What of the plan changes together with something else.
struct PlanEdits
{
    std::vector<PlanItem> put;         // made or replaced
    std::vector<PlanItemKey> removed;  // what is not there is no error

    bool isEmpty() const { return put.empty() && removed.empty(); }
};

// A node group and a configuration overlay never have the same name. All or nothing, as are replacements.
struct CreateNodeGroup
{
    NodeGroup group;
    PlanEdits plan = {};
};

struct ReplaceNodeGroup
{
    NodeGroup group;
    PlanEdits plan = {};
};

// Ends all nodes of the group, drained or not, and forgets its plan; what it will stop is in the dry run's outcome.
struct DeleteNodeGroup
{
    NodeGroupName name;
};

// SOFT_SUNSET: no new sessions; the node ends when its last session has left and it is sealed. Of a node that drains
// already only the deadline changes.
struct DrainNode
{
    static constexpr int longestSeconds = 7 * 24 * 3600;

    NodeId node;
    std::optional<int> deadlineSeconds =
        std::nullopt;  // then it ends whoever is left, 1 to longestSeconds; none: it waits
};

// Back to INSERVICE; Conflict once the node is sealed.
struct UndrainNode
{
    NodeId node;
};

// Which sessions may be cut by stopping a node.
enum class StopMode
{
    RefuseIfPublishing,  // Conflict while a publisher is connected
    CutSessions
};

// Ends a node at once and, if its pool needs it, a replacement starts.
struct StopNode
{
    NodeId node;
    StopMode mode = StopMode::RefuseIfPublishing;
};

// Ends the session of one viewer or child. It may connect again.
struct DisconnectViewer
{
    NodeId node;
    StreamKey stream;
    std::uint64_t viewer = 0;  // StreamViewer::id
    // What the node says of it now: the host asks before it prepares the command, and overwrites what came with it.
    StreamViewer found;
};

// Describes a node image, for the first time or anew.
struct PutNodeImage
{
    NodeImageRecord record;
};

// Adds what was measured as the newest, to a record that is made if there is none. The oldest beyond
// NodeImageRecord::mostMeasurements are forgotten.
struct AddMeasurement
{
    std::string image;
    CapacityMeasurement measurement;
};

// Forgets a description; Conflict while a node group names the image.
struct DeleteNodeImage
{
    std::string name;
};

// --- Accounts. No command ends the last one that administers everything. ---

// A new account, or a new password for an existing one, which keeps all else.
struct PutAccount
{
    Account account;
};

struct EditAccount
{
    std::string name;
    AccountEdit edit;
};

struct DeleteAccount
{
    std::string name;
};

// --- The plan. What a change of it leads to is in CommandOutcome::plan. ---

// AlreadyExists if there is one of that key. An overlay without an author has the actor as its.
struct CreatePlanItem
{
    PlanItem item;
};

struct ReplacePlanItem
{
    PlanItem item;
};

struct DeletePlanItem
{
    PlanItemKey key;
};

// All that a document has, groups included: what is not there is made, what is there is replaced; or nothing happens.
struct ImportPlan
{
    PlanDocument document;
};

// --- Regions and deployments. ---

struct PutRegion
{
    Region region;
};

// Conflict while it is the default region or a node group names it.
struct DeleteRegion
{
    std::string name;
};

struct SetDefaultRegion
{
    std::string name;
};

// With the groups and the plan that it begins with; all or nothing.
struct CreateDeployment
{
    Deployment deployment;
    PlanDocument content;
};

struct ReplaceDeployment
{
    Deployment deployment;
};

// Forgets the deployment with its node groups and their plan; Conflict unless it is stopped and has no nodes.
struct DeleteDeployment
{
    std::string name;
};

struct SetDeploymentPower
{
    std::string name;
    DeploymentPower power = DeploymentPower::Running;
};

// Replaces every node of a running deployment, few at a time and by drain.
struct RestartDeployment
{
    std::string name;
};

// --- Provisions. ---

enum class PutMode
{
    Create,  // AlreadyExists if there is one of that name
    Replace  // NotFound if there is none
};

// All or none. One that is distributed is not replaced: it is deleted and made anew.
struct PutProvisions
{
    NodeGroupName nodeGroup;
    std::vector<Provision> provisions;
    PutMode mode = PutMode::Create;
};

struct DeleteProvision
{
    ProvisionKey key;
};

// The nodes of the group are to have it. Nothing happens if they do already.
struct DistributeProvision
{
    ProvisionKey key;
};

// The nodes of the group are to forget it, and what it made them run ends; it stays stored, and may be changed. Nothing
// happens if they do not have it.
struct WithdrawProvision
{
    ProvisionKey key;
};

// Tokens are signed with new keys from now on; those that were signed before hold as long as they would have.
struct RotateTokenKeys
{};

using AnyCommand =
    std::variant<CreateNodeGroup, ReplaceNodeGroup, DeleteNodeGroup, DrainNode, UndrainNode, StopNode, DisconnectViewer,
                 PutNodeImage, AddMeasurement, DeleteNodeImage, PutAccount, EditAccount, DeleteAccount, CreatePlanItem,
                 ReplacePlanItem, DeletePlanItem, ImportPlan, PutRegion, DeleteRegion, SetDefaultRegion,
                 CreateDeployment, ReplaceDeployment, DeleteDeployment, SetDeploymentPower, RestartDeployment,
                 PutProvisions, DeleteProvision, DistributeProvision, WithdrawProvision, RotateTokenKeys>;

// Its special members are compiled once, not in every file that hands commands on.
struct Command : AnyCommand
{
    using AnyCommand::AnyCommand;
    using AnyCommand::operator=;
    Command(const Command&);
    Command(Command&&) noexcept;
    Command& operator=(const Command&);
    Command& operator=(Command&&) noexcept;
    ~Command();
};

enum class Execution
{
    Commit,
    DryRun  // validate and answer the diff; nothing changes
};

// One wish, from whichever skin it came.
struct CommandRequest
{
    Command command;
    Actor actor;
    RequestId requestId;
    std::optional<std::uint64_t> ifVersion;  // If-Match: the version of the object the caller saw
    Execution execution = Execution::Commit;
};

// One field that differs: JSON Pointer in the native document, JSON texts, "" for absent.
struct FieldChange
{
    std::string pointer;
    std::string before;
    std::string after;

    bool operator==(const FieldChange&) const = default;
};

// Where a change of the plan makes a difference: bounds of one pool, before and after it.
struct PlanChange
{
    PoolKey pool;
    TimePoint start;
    TimePoint end;
    bool wasActive = false, isActive = false;
    int minBefore = 0, maxBefore = 0;
    int minAfter = 0, maxAfter = 0;

    bool operator==(const PlanChange&) const = default;
};

// A window of what was written.
struct PlanWindow
{
    std::string id;  // of the schedule or overlay
    TimePoint start;
    TimePoint end;

    bool operator==(const PlanWindow&) const = default;
};

// A conflict that is there with the change, C1 to C8.
struct PlanFinding
{
    std::string code;
    TimePoint start;
    TimePoint end;
    std::string sentence;

    bool operator==(const PlanFinding&) const = default;
};

// What a change of the plan leads to: of overlays in their intervals, of anything else in the 400 days from now.
struct PlanOutcome
{
    static constexpr std::size_t mostWindows = 10, mostChanges = 200, mostFindings = 100;

    std::string itemId;                 // of the one that was written, also if the engine chose it; else empty
    std::vector<PlanWindow> windows;    // the next ones of what was written, by start
    std::vector<PlanChange> changes;    // by start
    std::vector<PlanFinding> findings;  // by start

    bool operator==(const PlanOutcome&) const = default;
};

// What a committed command did, or a dry run would do.
struct CommandOutcome
{
    std::uint64_t version = 0;   // of the object after it; its ETag
    std::uint64_t revision = 0;  // of the whole configuration
    std::vector<FieldChange> changes;
    std::vector<std::string> effects;  // English sentences, for example "3 nodes start in eu-west-1."
    int viewersAffected = 0;           // sessions that will end or have to move
    int publishersAffected = 0;
    bool isDryRun = false;
    PlanOutcome plan;  // of commands that change the plan; else empty

    bool operator==(const CommandOutcome&) const = default;
};

}  // namespace headgate
