#pragma once

#include "core/engine/commands.h"
#include "core/engine/plan_draft.h"
#include "core/engine/plan_outlook.h"

// What the commands that write parts of the plan have in common.
namespace headgate::commands {

// With what the engine fills in: an id where there is none (`number` tells those of one command apart), an author, and
// lists in their order. `old` is the item it replaces, null for none.
PlanItem completed(const CommandDraft& draft, PlanItem item, const StoredPlanItem* old, int number);

// 12 characters out of [A-Za-z0-9] that no schedule or overlay has.
std::string freshPlanItemId(const CommandDraft& draft, int number);

// An overlay that has begun keeps its start, one that is over stays as it was, and an end in the past becomes now.
Result<void> keepPast(const CommandDraft& draft, const PlanItem& before, PlanItem& after);

// The rules of the node group that a configuration overlay holds; pointers lead into the item.
Result<void> checkConfiguration(const CommandDraft& draft, const PlanItem& item);

// Takes it into the outcome, with sentences about nodes that come and go now.
void foresee(CommandDraft& draft, Outlook outlook);

// Sentences about numbers of nodes and conflicts.
void foreseeNumbers(CommandDraft& draft, const PlanOutcome& outcome);

enum class Taken
{
    Created,
    Replaced,
    Same  // as it is already
};

// Checks an item on its own and puts it into the draft of the plan and, unless it is the same, into the transaction.
// Pointers lead into the item.
Result<Taken> takeItem(CommandDraft& draft, PlanDraft& planned, const PlanItem& sent, int number);

// What of the plan changes together with `group`, which is checked already; the whole must keep the rules. Pointers
// lead into the document of both.
Result<void> writeEdits(CommandDraft& draft, const NodeGroup& group, const PlanEdits& edits);

// Adds the node groups (items) of the transaction to the changes that the outcome tells of.
void tellGroups(CommandDraft& draft);
void tellItems(CommandDraft& draft);

// How much of a document is written.
struct ContentCounts
{
    int created = 0;
    int replaced = 0;
    int same = 0;
};

enum class ContentMode
{
    CreateOnly,  // AlreadyExists for what is there
    CreateOrReplace
};

// Validates a whole document of groups and items, and writes what differs from what is there. Pointers lead into the
// document.
Result<ContentCounts> writeContent(CommandDraft& draft, const PlanDocument& document, ContentMode mode);

}  // namespace headgate::commands
