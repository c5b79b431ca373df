#include "ui/models/deployment_draft.h"

#include "core/plan/node_capacity.h"

#include <algorithm>
#include <set>

namespace headgate {

namespace {

constexpr std::size_t mostNameCharacters = 16;  // of a group and of a subgroup
constexpr std::size_t mostSpans = 3;
constexpr int mostNodesOfRole = 1024;

Error wrong(const std::string& pointer, std::string message, std::string remedy = {})
{
    return {ErrorCode::InvalidArgument, std::move(message), std::move(remedy), pointer};
}

Deployment deploymentOf(const DeploymentDraft& draft)
{
    return {draft.name, draft.description, {NodeGroupName(groupNameOf(draft))}, draft.demand, draft.prices};
}

std::vector<Error> nameFaults(const DeploymentDraft& draft, const Snapshot& snapshot)
{
    std::vector<Error> faults;
    for (Error& error : validate(deploymentOf(draft)))
        if (error.pointer == "/name" || error.pointer == "/description")
            faults.push_back(std::move(error));
    const auto isNamed = [&](const DeploymentStatus& one) { return one.stored.deployment.name == draft.name; };
    const std::string group = groupNameOf(draft);
    if (std::ranges::any_of(snapshot.deployments, isNamed))
        faults.push_back(wrong("/name", "There is a deployment " + draft.name + " already.", "Choose another name."));
    else if (faults.empty() && (group.empty() || group == "default"))
        faults.push_back(wrong("/name", "Its node group cannot be named after it.", "Use some letters or digits."));
    else if (snapshot.findNodeGroup(NodeGroupName(group)))
        faults.push_back(wrong("/name", "There is a node group " + group + " already.", "Choose another name."));
    if (draft.image.empty())
        faults.push_back(wrong("/image", "Nodes need an image to start from."));
    return faults;
}

SizingBasis basisOf(const DeploymentDraft& draft, const Snapshot& snapshot)
{
    return {capacity::plannedLimitsOf(capacity::findRecord(snapshot.nodeImages, draft.image)), draft.headroomPercent};
}

std::vector<Error> audienceFaults(const DeploymentDraft& draft, const Snapshot& snapshot)
{
    std::vector<Error> faults;
    int publishers = 0;
    for (const RegionDemand& demand : draft.demand)
        publishers += demand.publishers;
    if (publishers == 0)
        faults.push_back(wrong("/demand", "Nobody publishes, so there is nothing to watch.",
                               "Expect one publisher at least, in one of the regions."));
    for (Error& error : validate(deploymentOf(draft)))
        if (error.pointer.starts_with("/demand") || error.pointer.starts_with("/prices"))
            faults.push_back(std::move(error));
    if (const auto sizes = sizeNodes(draft.demand, basisOf(draft, snapshot)); faults.empty() && !sizes)
        faults.push_back(sizes.error());
    return faults;
}

std::vector<Error> scheduleFaults(const RunWindow& window)
{
    const bool hasDay = std::ranges::find(window.weekdays, true) != window.weekdays.end();
    if (window.times == RunTimes::Weekly && !hasDay)
        return {wrong("/window/weekdays", "No day of the week is chosen.")};
    if (window.times != RunTimes::Always && window.start == window.end)
        return {wrong("/window/end", "It ends when it begins.", "Choose Always if the nodes never rest.")};
    return {};
}

// --- The documents. ---

Role roleOf(const char* name, const char* parent, ParentCardinality cardinality, std::set<Capability> capabilities)
{
    Role role;
    role.name = name;
    role.imageName = "node";
    role.parentRoleName = parent;
    role.parentCardinality = cardinality;
    role.capabilities = std::move(capabilities);
    return role;
}

ScaleRule ruleOf(const char* role, int nodes)
{
    ScaleRule rule;
    rule.roleName = role;
    rule.min = nodes;
    rule.max = nodes == 0 ? 0 : std::min(std::max(nodes + 1, nodes * 2), mostNodesOfRole);
    return rule;
}

// The region's name if it fits, else its beginning with a number that no other one has.
std::string subgroupName(const std::string& region, std::set<std::string>& taken)
{
    std::string name = region.substr(0, mostNameCharacters);
    for (int number = 2; taken.contains(name); ++number) {
        const std::string end = "-" + std::to_string(number);
        name = region.substr(0, mostNameCharacters - end.size()) + end;
    }
    taken.insert(name);
    return name;
}

NodeGroup nodeGroupOf(const DeploymentDraft& draft, const std::vector<RegionSize>& sizes)
{
    NodeGroup group;
    group.name = NodeGroupName(groupNameOf(draft));
    group.description = draft.description;
    group.cloudPlatform = draft.platform;
    group.images = {{"node", draft.image, "", {}, ""}};
    const bool hasRelays = std::ranges::any_of(sizes, [](const RegionSize& size) { return size.relays > 0; });
    // With relays each edge pulls from one in its own region, so that the way there is gone once.
    group.roles = {roleOf("edge", hasRelays ? "relay" : "origin",
                          hasRelays ? ParentCardinality::Subgroup : ParentCardinality::Global, {Capability::Subscribe}),
                   roleOf("origin", "", ParentCardinality::Global, {Capability::Publish})};
    if (hasRelays)
        group.roles.push_back(roleOf("relay", "origin", ParentCardinality::Global, {}));
    std::set<std::string> taken;
    for (const RegionSize& size : sizes) {
        Subgroup subgroup;
        subgroup.name = subgroupName(size.region, taken);
        subgroup.cloudProperties = "region=" + size.region;
        subgroup.rules = {ruleOf("edge", size.edges), ruleOf("origin", size.origins)};
        if (hasRelays)
            subgroup.rules.push_back(ruleOf("relay", size.relays));
        group.subgroups.push_back(std::move(subgroup));
    }
    return group;
}

std::vector<NthWeekday> chosenDays(const RunWindow& window)
{
    std::vector<NthWeekday> days;
    for (unsigned i = 0; i < window.weekdays.size(); ++i)
        if (window.weekdays[i])
            days.push_back({0, std::chrono::weekday(i + 1)});
    return days;
}

Schedule scheduleOf(const DeploymentDraft& draft)
{
    const RunWindow& window = draft.window;
    CalendarTiming timing;
    timing.zone = window.zone;
    timing.start = LocalTime(window.day) + window.start;
    timing.end = WallEnd{window.end, window.end > window.start ? 0 : 1};
    if (window.times == RunTimes::Weekly) {
        RecurrenceRule rule;
        rule.frequency = Frequency::Weekly;
        rule.byDay = chosenDays(window);
        timing.rule = rule;
    }
    Schedule schedule;
    schedule.id = groupNameOf(draft) + "-hours";
    schedule.name = draft.name;
    schedule.scope.nodeGroup = NodeGroupName(groupNameOf(draft));
    schedule.timing = timing;
    schedule.effect = ActiveEffect{};
    return schedule;
}

// --- The forecast. ---

// Floors of all cells together, one step where the sum changes.
std::vector<NodeStep> stepsOf(const Preview& preview)
{
    std::map<Instant, int> changes;
    for (const Segment& segment : preview.segments) {
        changes[segment.start] += segment.bounds.min;
        changes[segment.end] -= segment.bounds.min;
    }
    std::vector<NodeStep> steps;
    int nodes = 0;
    for (const auto& [at, change] : changes) {
        nodes += change;
        if (at < preview.to && (steps.empty() || steps.back().nodes != nodes))
            steps.push_back({at, nodes});
    }
    return steps;
}

std::vector<DraftForecast::Span> spansOf(const std::vector<NodeStep>& steps, TimePoint until)
{
    std::vector<DraftForecast::Span> spans;
    bool isOpen = false;
    for (const NodeStep& step : steps) {
        if (step.nodes > 0 && !isOpen)
            spans.push_back({step.start, until});
        else if (step.nodes == 0 && isOpen)
            spans.back().end = step.start;
        isOpen = step.nodes > 0;
    }
    if (spans.size() > mostSpans)
        spans.resize(mostSpans);
    return spans;
}

}  // namespace

std::string groupNameOf(const DeploymentDraft& draft)
{
    std::string name;
    for (const char c : draft.name) {
        const bool isPlain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
        if (isPlain)
            name += c;
        else if (c >= 'A' && c <= 'Z')
            name += static_cast<char>(c - 'A' + 'a');
        else if ((c == ' ' || c == '-') && !name.empty() && name.back() != '-')
            name += '-';
    }
    name.resize(std::min(name.size(), mostNameCharacters));
    while (name.ends_with('-'))
        name.pop_back();
    return name;
}

std::vector<Error> faultsOf(const DeploymentDraft& draft, WizardStep step, const Snapshot& snapshot)
{
    switch (step) {
    case WizardStep::Name:
        return nameFaults(draft, snapshot);
    case WizardStep::Regions:
        if (draft.demand.empty())
            return {wrong("/demand", "No region is chosen.", "Choose one at least, on the map or in the list.")};
        return {};
    case WizardStep::Audience:
        return audienceFaults(draft, snapshot);
    case WizardStep::Schedule:
        return scheduleFaults(draft.window);
    case WizardStep::Review:
        break;
    }
    return {};
}

PlanDocument contentOf(const DeploymentDraft& draft, const std::vector<RegionSize>& sizes)
{
    PlanDocument content;
    content.nodeGroups = {nodeGroupOf(draft, sizes)};
    if (draft.window.times != RunTimes::Always)
        content.schedules = {scheduleOf(draft)};
    return content;
}

CreateDeployment commandOf(const DeploymentDraft& draft, const std::vector<RegionSize>& sizes)
{
    return {deploymentOf(draft), contentOf(draft, sizes)};
}

Result<DraftForecast> forecast(const DeploymentDraft& draft, const Snapshot& snapshot, const ZoneLoader& zones)
{
    DraftForecast found;
    found.basis = basisOf(draft, snapshot);
    auto sizes = sizeNodes(draft.demand, found.basis);
    if (!sizes)
        return tl::unexpected(sizes.error());
    found.sizes = std::move(*sizes);
    const PlanDocument content = contentOf(draft, found.sizes);
    const NodeGroup& group = content.nodeGroups.front();
    const auto plan = CapacityPlan::compile(content, group.name, zones,
                                            capacity::planOptions(content, group.name, snapshot.nodeImages));
    if (!plan)
        return tl::unexpected(plan.error());
    const Instant from = std::chrono::floor<std::chrono::minutes>(snapshot.takenAt);
    const Preview week = plan->preview(from, from + std::chrono::days(7));
    const Preview month = plan->preview(from, from + std::chrono::days(30));
    found.week = stepsOf(week);
    found.spans = spansOf(stepsOf(month), month.to);
    found.perWeek = nodeSeconds(week);
    found.perMonth = nodeSeconds(month);
    return found;
}

}  // namespace headgate
