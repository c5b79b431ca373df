#pragma once

#include "tests/support/fake_control_plane.h"
#include "tests/support/sample_plan.h"

#include <algorithm>

namespace headgate::test {

// A control plane that keeps a plan and its node groups: what is applied is there with the next snapshot.
class PlanKeeper : public FakeControlPlane
{
public:
    explicit PlanKeeper(StoredPlan first) : kept(std::move(first)), m_shown(*plannedCluster()) { publish(); }

    void submit(CommandRequest request, std::function<void(Result<CommandOutcome>)> done) override
    {
        requests.push_back(request);
        if (!answer || request.execution == Execution::DryRun) {
            done(answer);
            return;
        }
        CommandOutcome outcome;
        if (auto refused = apply(request, outcome); !refused) {
            done(tl::unexpected(refused.error()));
            return;
        }
        ++kept.revision;
        outcome.revision = kept.revision;
        publish();
        showNext();
        done(outcome);
    }

    // As it stands, with the plan's revision.
    void showNext()
    {
        m_shown.planRevision = kept.revision;
        m_shown.revision = kept.revision;
        show(std::make_shared<const Snapshot>(m_shown));
    }
    void publish() { plan = std::make_shared<const StoredPlan>(kept); }

    std::vector<StoredPlanItem>::iterator find(const PlanItemKey& key)
    {
        return std::ranges::find(kept.items, key, [](const StoredPlanItem& each) { return keyOf(each.item); });
    }
    bool has(const PlanItemKey& key) { return find(key) != kept.items.end(); }
    const Overlay& overlay(const PlanItemKey& key) { return std::get<Overlay>(find(key)->item); }
    const Schedule& schedule(const PlanItemKey& key) { return std::get<Schedule>(find(key)->item); }

    StoredPlan kept;

private:
    Result<void> apply(const CommandRequest& request, CommandOutcome& outcome)
    {
        if (const auto* made = std::get_if<CreatePlanItem>(&request.command)) {
            kept.items.push_back(stored(made->item));
            outcome.version = 1;
        } else if (const auto* changed = std::get_if<ReplacePlanItem>(&request.command)) {
            return replace(changed->item, request.ifVersion, outcome);
        } else if (const auto* gone = std::get_if<DeletePlanItem>(&request.command)) {
            if (request.ifVersion && *request.ifVersion != find(gone->key)->version)
                return mismatch();
            kept.items.erase(find(gone->key));
        } else if (const auto* import = std::get_if<ImportPlan>(&request.command)) {
            return take(*import, request.ifVersion);
        } else if (const auto* group = std::get_if<DeleteNodeGroup>(&request.command)) {
            std::erase_if(m_shown.nodeGroups, [&](const auto& each) { return each.group.name == group->name; });
        }
        return {};
    }

    Result<void> replace(const PlanItem& item, std::optional<std::uint64_t> ifVersion, CommandOutcome& outcome)
    {
        StoredPlanItem& old = *find(keyOf(item));
        if (ifVersion && *ifVersion != old.version)
            return mismatch();
        old.item = item;
        outcome.version = ++old.version;
        return {};
    }

    Result<void> take(const ImportPlan& import, std::optional<std::uint64_t> ifVersion)
    {
        if (ifVersion && *ifVersion != kept.revision)
            return mismatch();
        for (const PlanItem& item : itemsOf(import.document)) {
            CommandOutcome ignored;
            if (!has(keyOf(item)))
                kept.items.push_back(stored(item));
            else if (find(keyOf(item))->item != item)
                (void)replace(item, std::nullopt, ignored);
        }
        for (const NodeGroup& group : import.document.nodeGroups) {
            const auto nameOf = [](const NodeGroupStatus& each) { return each.group.name; };
            auto known = std::ranges::lower_bound(m_shown.nodeGroups, group.name, {}, nameOf);
            if (known == m_shown.nodeGroups.end() || known->group.name != group.name)
                known = m_shown.nodeGroups.insert(known, NodeGroupStatus{});
            known->group = group;
            ++known->version;
        }
        return {};
    }

    static tl::unexpected<Error> mismatch()
    {
        return fail(ErrorCode::VersionMismatch, "It was changed meanwhile.", "Look at it again.");
    }

    Snapshot m_shown;
};

}  // namespace headgate::test
