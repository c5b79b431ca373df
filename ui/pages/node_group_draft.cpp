#include "ui/pages/node_group_draft.h"

#include "core/wire/native_codec.h"

#include <algorithm>
#include <sstream>

namespace headgate {

namespace {

Role makeRole(const std::string& name, Capability capability, const std::string& parent)
{
    Role role;
    role.name = name;
    role.imageName = "local";
    role.parentRoleName = parent;
    role.capabilities = {capability};
    return role;
}

ScaleRule makeRule(const std::string& role, int min, int max)
{
    ScaleRule rule;
    rule.roleName = role;
    rule.min = min;
    rule.max = max;
    return rule;
}

Subgroup makeLeaf(const std::string& name, const std::string& region, std::vector<ScaleRule> rules)
{
    Subgroup leaf;
    leaf.name = name;
    leaf.cloudProperties = withCloudProperty({}, "region", region);
    leaf.rules = std::move(rules);
    std::sort(leaf.rules.begin(), leaf.rules.end(),
              [](const ScaleRule& a, const ScaleRule& b) { return a.roleName < b.roleName; });
    return leaf;
}

struct Place
{
    std::string pointer;
    std::string path;
};

void collectLeaves(const std::vector<Subgroup>& subgroups, const Place& at, std::vector<DraftLeaf>& leaves)
{
    for (std::size_t i = 0; i < subgroups.size(); ++i) {
        const Subgroup& subgroup = subgroups[i];
        const Place here{at.pointer + "/" + std::to_string(i),
                         at.path.empty() ? subgroup.name : at.path + " / " + subgroup.name};
        if (subgroup.isLeaf())
            leaves.push_back({here.pointer, here.path, &subgroup});
        else
            collectLeaves(subgroup.children, {here.pointer + "/children", here.path}, leaves);
    }
}

// The list that holds the subgroup at `pointer` and its index in it.
struct Slot
{
    std::vector<Subgroup>* list = nullptr;
    std::size_t index = 0;
};

std::optional<Slot> findSlot(NodeGroup& group, const std::string& pointer)
{
    std::istringstream parts(pointer);
    std::string part;
    Slot slot;
    while (std::getline(parts, part, '/')) {
        if (part.empty())
            continue;
        if (part == "subgroups") {
            slot.list = &group.subgroups;
        } else if (part == "children" && slot.list && slot.index < slot.list->size()) {
            slot.list = &(*slot.list)[slot.index].children;
        } else if (slot.list && part.find_first_not_of("0123456789") == std::string::npos && part.size() < 6) {
            slot.index = static_cast<std::size_t>(std::stoul(part));
        } else {
            return std::nullopt;
        }
    }
    if (!slot.list || slot.index >= slot.list->size())
        return std::nullopt;
    return slot;
}

}  // namespace

NodeGroup planNodeGroup(const NodeGroupPlan& plan)
{
    NodeGroup group;
    group.name = NodeGroupName(plan.name);
    group.description = plan.description;
    group.cloudPlatform = "LOCAL";
    NodeImage image;
    image.name = "local";
    image.image = "headgate-node";
    group.images = {image};
    group.roles = {makeRole("edge", Capability::Subscribe, "origin"), makeRole("origin", Capability::Publish, {})};
    for (const std::string& region : plan.regions) {
        std::vector<ScaleRule> rules = {makeRule("edge", plan.edgesPerRegion, std::max(4, plan.edgesPerRegion * 2))};
        const bool isFirst = group.subgroups.empty();
        rules.push_back(isFirst ? makeRule("origin", plan.origins, plan.origins + 1) : makeRule("origin", 0, 0));
        group.subgroups.push_back(makeLeaf(region, region, std::move(rules)));
    }
    return group;
}

NodeGroupDraft::NodeGroupDraft(NodeGroup fresh) : m_group(std::move(fresh))
{}

NodeGroupDraft::NodeGroupDraft(NodeGroup saved, std::uint64_t version)
    : m_saved(saved), m_group(std::move(saved)), m_version(version)
{}

bool NodeGroupDraft::isChanged() const
{
    return isNew() || m_group != m_saved;
}

std::vector<DraftLeaf> NodeGroupDraft::leaves() const
{
    std::vector<DraftLeaf> leaves;
    collectLeaves(m_group.subgroups, {"/subgroups", {}}, leaves);
    return leaves;
}

Subgroup* NodeGroupDraft::leafAt(const std::string& pointer)
{
    const std::optional<Slot> slot = findSlot(m_group, pointer);
    return slot ? &(*slot->list)[slot->index] : nullptr;
}

void NodeGroupDraft::addLeaf(const std::string& name, const std::string& region)
{
    std::vector<ScaleRule> rules;
    const std::vector<DraftLeaf> present = leaves();
    if (!present.empty())
        rules = present.front().subgroup->rules;
    else
        for (const Role& role : m_group.roles)
            rules.push_back(makeRule(role.name, 1, 4));
    m_group.subgroups.push_back(makeLeaf(name, region, std::move(rules)));
}

void NodeGroupDraft::removeLeaf(const std::string& pointer)
{
    if (const std::optional<Slot> slot = findSlot(m_group, pointer))
        slot->list->erase(slot->list->begin() + static_cast<std::ptrdiff_t>(slot->index));
}

std::vector<DraftProblem> NodeGroupDraft::problems() const
{
    std::vector<DraftProblem> problems;
    for (Error& error : validate(m_group)) {
        const DraftTab tab = tabOfPointer(error.pointer);
        problems.push_back({tab, std::move(error)});
    }
    return problems;
}

std::vector<FieldChange> NodeGroupDraft::changes() const
{
    const native::Json before = isNew() ? native::Json::object() : native::toJson(m_saved);
    return native::difference(before, native::toJson(m_group));
}

CommandRequest NodeGroupDraft::toRequest() const
{
    CommandRequest request;
    if (isNew())
        request.command = CreateNodeGroup{m_group};
    else
        request.command = ReplaceNodeGroup{m_group};
    request.ifVersion = m_version;
    return request;
}

DraftTab tabOfPointer(const std::string& pointer)
{
    const auto isIn = [&](const char* member) { return pointer.starts_with(member); };
    if (isIn("/recording") || isIn("/iceServers") || isIn("/media/srtLatency") || isIn("/media/hlsWindow"))
        return DraftTab::Media;
    const bool isCount = pointer.find("/rules") != std::string::npos || isIn("/max") || isIn("/media") ||
                         isIn("/isScalingPaused") || isIn("/shuffleSize");
    if (isCount)
        return DraftTab::Capacity;
    const bool isPlace = isIn("/subgroups") || isIn("/roles") || isIn("/images");
    return isPlace ? DraftTab::Placement : DraftTab::General;
}

std::string withCloudProperty(const std::string& properties, const std::string& key, const std::string& value)
{
    std::istringstream entries(properties);
    std::string entry;
    std::string result;
    bool isPlaced = value.empty();
    const auto append = [&result](const std::string& text) {
        if (!result.empty())
            result += ';';
        result += text;
    };
    while (std::getline(entries, entry, ';')) {
        if (entry.substr(0, entry.find('=')) != key)
            append(entry);
        else if (!isPlaced) {
            append(key + "=" + value);
            isPlaced = true;
        }
    }
    if (!isPlaced)
        append(key + "=" + value);
    return result;
}

}  // namespace headgate
