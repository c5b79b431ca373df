#include "core/plane/step_merge.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

namespace headgate {

namespace {

template <typename Row, typename Key, typename KeyOf>
void mergeRows(std::vector<Row>& rows, std::vector<Key>& removed, std::vector<Row> newRows,
               const std::vector<Key>& newlyRemoved, KeyOf keyOf)
{
    for (const Key& key : newlyRemoved) {
        std::erase_if(rows, [&](const Row& row) { return keyOf(row) == key; });
        if (!std::ranges::count(removed, key))
            removed.push_back(key);
    }
    for (Row& row : newRows) {
        const auto same = std::ranges::find_if(rows, [&](const Row& other) { return keyOf(other) == keyOf(row); });
        if (same != rows.end())
            *same = std::move(row);
        else
            rows.push_back(std::move(row));
    }
}

bool supersedes(const Effect& newer, const Effect& older)
{
    const auto* newMessage = std::get_if<SendToNode>(&newer);
    const auto* oldMessage = std::get_if<SendToNode>(&older);
    return newMessage && oldMessage && newMessage->node == oldMessage->node &&
           newMessage->message.index() == oldMessage->message.index();
}

void mergeEffects(std::vector<Effect>& effects, std::vector<Effect> newEffects)
{
    for (Effect& effect : newEffects) {
        if (std::holds_alternative<SendToNode>(effect))
            std::erase_if(effects, [&](const Effect& older) { return supersedes(effect, older); });
        effects.push_back(std::move(effect));
    }
}

}  // namespace

void append(Step& pending, Step step)
{
    if (!step.transaction.isEmpty()) {
        Transaction& into = pending.transaction;
        Transaction& from = step.transaction;
        into.revision = from.revision;
        mergeRows(into.putNodeGroups, into.removedNodeGroups, std::move(from.putNodeGroups), from.removedNodeGroups,
                  [](const StoredNodeGroup& stored) { return stored.group.name; });
        mergeRows(into.putNodes, into.removedNodes, std::move(from.putNodes), from.removedNodes,
                  [](const Node& node) { return node.id; });
        mergeRows(into.putNodeImages, into.removedNodeImages, std::move(from.putNodeImages), from.removedNodeImages,
                  [](const StoredNodeImage& stored) { return stored.record.name; });
        mergeRows(into.putAccounts, into.removedAccounts, std::move(from.putAccounts), from.removedAccounts,
                  [](const Account& account) { return account.name; });
        mergeRows(into.putPlanItems, into.removedPlanItems, std::move(from.putPlanItems), from.removedPlanItems,
                  [](const StoredPlanItem& stored) { return keyOf(stored.item); });
        mergeRows(into.putRegions, into.removedRegions, std::move(from.putRegions), from.removedRegions,
                  [](const StoredRegion& stored) { return stored.region.name; });
        mergeRows(into.putDeployments, into.removedDeployments, std::move(from.putDeployments), from.removedDeployments,
                  [](const StoredDeployment& stored) { return stored.deployment.name; });
        mergeRows(into.putProvisions, into.removedProvisions, std::move(from.putProvisions), from.removedProvisions,
                  [](const StoredProvision& stored) { return stored.key(); });
        if (from.planFollowedUntil)
            into.planFollowedUntil = from.planFollowedUntil;
        if (from.defaultRegion)
            into.defaultRegion = std::move(from.defaultRegion);
        if (from.tokenKeys)
            into.tokenKeys = from.tokenKeys;
        std::ranges::move(from.audit, std::back_inserter(into.audit));
    }
    mergeEffects(pending.effects, std::move(step.effects));
}

}  // namespace headgate
