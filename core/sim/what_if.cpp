#include "core/sim/what_if.h"

#include "core/sim/baselines.h"
#include "core/sim/simulation.h"

#include <algorithm>
#include <cstdio>

namespace headgate::sim {

namespace {

constexpr int usualSessionS = 1'800;
constexpr int spikeRiseS = 60;
constexpr int mostSteps = 720;
constexpr std::size_t mostDecisions = 5'000;

// The curve with the spike: it rises and falls within a minute each.
std::vector<ViewersAt> withSpike(const WhatIfQuestion& question)
{
    const int from = question.eventAtS, to = question.eventAtS + question.eventS;
    std::vector<int> times = {from, from + spikeRiseS, to, to + spikeRiseS};
    for (const ViewersAt& point : question.viewers)
        times.push_back(point.atS);
    std::ranges::sort(times);
    const auto same = std::ranges::unique(times);
    times.erase(same.begin(), same.end());
    const std::vector<ViewersAt> shape = {{0, 100},
                                          {from, 100},
                                          {from + spikeRiseS, question.spikePercent},
                                          {to, question.spikePercent},
                                          {to + spikeRiseS, 100}};
    std::vector<ViewersAt> curve;
    for (const int at : times) {
        const std::int64_t viewers = viewersAt(question.viewers, at);
        curve.push_back({at, static_cast<int>(viewers * viewersAt(shape, at) / 100)});
    }
    return curve;
}

std::vector<Traffic> trafficOf(const WhatIfQuestion& question)
{
    const auto curve = question.event == WhatIfEvent::Spike ? withSpike(question) : question.viewers;
    auto regions = question.regions;
    if (regions.empty())
        regions[{}] = 1;
    std::int64_t all = 0;
    for (const auto& [region, part] : regions)
        all += part;
    std::vector<Traffic> traffic;
    for (const auto& [region, part] : regions) {
        if (part == 0)
            continue;
        Traffic& one = traffic.emplace_back();
        one.region = region;
        one.sessionS = usualSessionS;
        for (const ViewersAt& point : curve)
            one.viewers.push_back({point.atS, static_cast<int>(point.viewers * std::int64_t(part) / all)});
    }
    return traffic;
}

std::vector<Fault> faultsOf(const WhatIfQuestion& question)
{
    Fault fault;
    fault.atS = question.eventAtS;
    if (question.event == WhatIfEvent::LoseNode) {
        const auto& roles = question.plan.nodeGroups.front().roles;
        fault.role = std::ranges::find_if(roles, [](const Role& r) { return r.can(Capability::Subscribe); })->name;
        fault.percent = 1;
        return {fault};
    }
    if (question.event != WhatIfEvent::LoseRegion)
        return {};
    fault.kind = FaultKind::Lose;
    fault.region = question.region;
    Fault noMachines = fault;
    noMachines.kind = FaultKind::ProviderFails;
    noMachines.forS = question.eventS;
    return {fault, noMachines};
}

// A usual spread around what was measured, which 95 of 100 keep to.
std::vector<BootQuantile> bootsWithin(Duration leadTime)
{
    const auto part = [&](int percent) {
        return static_cast<int>(std::max<std::int64_t>(1, leadTime.count() * percent / 100'000));
    };
    return {{0, part(50)}, {50, part(75)}, {95, part(100)}, {100, part(130)}};
}

std::string grouped(std::int64_t number)
{
    std::string text = std::to_string(number);
    for (auto place = static_cast<std::ptrdiff_t>(text.size()) - 3; place > 0; place -= 3)
        text.insert(static_cast<std::size_t>(place), ",");
    return text;
}

std::string hours(double nodeHours)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", nodeHours);
    return text;
}

std::string counted(std::int64_t number, const std::string& noun)
{
    return grouped(number) + " " + noun + (number == 1 ? "" : "s");
}

std::string titleOf(Baseline baseline)
{
    switch (baseline) {
    case Baseline::HpaDefaults:
        return "Kubernetes' autoscaler";
    case Baseline::HpaAndCron:
        return "Kubernetes' autoscaler with the plan's floors";
    case Baseline::TargetValue:
        return "A target value with 5 minutes between two steps";
    case Baseline::OneNodeAtATime:
        return "One node more every 3 minutes";
    }
    return {};
}

WhatIfOutcome outcomeOf(const std::string& policy, const RunRecord& record)
{
    const Metrics metrics = metricsOf(record);
    WhatIfOutcome outcome{
        policy,           {}, metrics.refused, static_cast<int>(metrics.overloadS), metrics.waitP99S, metrics.displaced,
        metrics.nodeHours};
    const std::size_t all = record.ticks.size();
    const std::size_t length = std::max<std::size_t>(1, (all + mostSteps - 1) / mostSteps);
    std::int64_t paid = 0;
    int waiting = 0;
    for (std::size_t t = 0; t < all; ++t) {
        const Tick& tick = record.ticks[t];
        paid += tick.paid;
        waiting = std::max(waiting, tick.waiting);
        if ((t + 1) % length != 0 && t + 1 != all)
            continue;
        outcome.steps.push_back({static_cast<int>(t + 1), tick.demand, waiting, tick.ready,
                                 std::max(0, tick.aimed - tick.ready), tick.aimed, static_cast<double>(paid) / 3600});
        waiting = 0;
    }
    return outcome;
}

// How long after the event there were as many ready nodes again as before it; none if there were not.
std::optional<int> recoveryS(const RunRecord& record, int eventAtS)
{
    const auto at = static_cast<std::size_t>(eventAtS);
    if (at < 1 || at >= record.ticks.size())
        return std::nullopt;
    const int before = record.ticks[at - 1].ready;
    auto t = at;
    while (t < record.ticks.size() && record.ticks[t].ready >= before)
        ++t;
    while (t < record.ticks.size() && record.ticks[t].ready < before)
        ++t;
    return t < record.ticks.size() ? std::optional(static_cast<int>(t - at)) : std::nullopt;
}

// Tells in sentences what came of it.
class Reporter
{
public:
    Reporter(const WhatIfQuestion& question, const RunRecord& record, WhatIfAnswer& answer)
        : m_question(question), m_record(record), m_answer(answer), m_ours(answer.outcomes.front())
    {}

    void report()
    {
        m_answer.isServed = m_ours.refused == 0 && m_ours.overloadS == 0;
        m_answer.verdict = verdict();
        tellNodes();
        tellEvent();
        tellFloor();
        for (std::size_t i = 0; i < allBaselines.size(); ++i)
            tellOther(titleOf(allBaselines[i]), m_answer.outcomes[i + 1]);
    }

private:
    std::string verdict() const
    {
        const auto most = std::ranges::max_element(m_record.ticks, {}, &Tick::demand);
        if (m_answer.isServed)
            return "Everybody finds a place, " + counted(most->demand, "viewer") + " at most.";
        if (m_ours.refused == 0)
            return "Everybody finds a place, on nodes that are fuller than wanted for " +
                   counted(m_ours.overloadS, "second") + ".";
        return counted(m_ours.refused, "viewer") + (m_ours.refused == 1 ? " finds" : " find") +
               " no place at once; 99 of 100 have one within " + counted(m_ours.waitP99S, "second") + ".";
    }

    void tellNodes()
    {
        const auto [least, most] = std::ranges::minmax_element(m_record.ticks, {}, &Tick::ready);
        std::string text = least->ready == most->ready ? counted(most->ready, "node")
                                                       : grouped(least->ready) + " to " + counted(most->ready, "node");
        text += " for viewers are ready, " + hours(m_ours.nodeHours) + " node hours";
        if (m_answer.fewestNodeHours > 0)
            text += "; the fewest that could have done are " + hours(m_answer.fewestNodeHours);
        m_answer.findings.push_back(text + ".");
    }

    void tellEvent()
    {
        if (m_question.event == WhatIfEvent::Nothing || m_question.event == WhatIfEvent::Spike)
            return;
        const bool isNode = m_question.event == WhatIfEvent::LoseNode;
        std::string text = (isNode ? "The lost node" : "Region " + m_question.region) + " had " +
                           counted(m_ours.displaced, "viewer") + ", who ask anew";
        if (const auto back = recoveryS(m_record, m_question.eventAtS))
            text += *back == 0 ? "" : "; as many nodes as before are ready after " + counted(*back, "second");
        m_answer.findings.push_back(text + ".");
    }

    void tellFloor()
    {
        const auto missed = std::ranges::count_if(m_record.ticks, [](const Tick& tick) { return tick.lacksFloor; });
        if (missed > 0)
            m_answer.findings.push_back("The plan's floor is missed for " + counted(missed, "second") + ".");
    }

    void tellOther(const std::string& title, const WhatIfOutcome& outcome)
    {
        std::string text = title + ": " + hours(outcome.nodeHours) + " node hours, ";
        text += outcome.refused == 0 ? "nobody turned away." : counted(outcome.refused, "viewer") + " turned away.";
        m_answer.findings.push_back(std::move(text));
    }

    const WhatIfQuestion& m_question;
    const RunRecord& m_record;
    WhatIfAnswer& m_answer;
    const WhatIfOutcome& m_ours;
};

std::vector<WhatIfDecision> decisionsOf(const Scenario& scenario, const std::vector<AuditRecord>& audit)
{
    std::vector<WhatIfDecision> decisions;
    for (const AuditRecord& record : audit) {
        if (record.at >= scenario.start && decisions.size() < mostDecisions)
            decisions.push_back({static_cast<int>((record.at - scenario.start).count() / 1000), record.sentence});
    }
    return decisions;
}

}  // namespace

Result<Scenario> scenarioOf(const WhatIfQuestion& question)
{
    if (question.plan.nodeGroups.size() != 1 || question.viewers.empty())
        return fail(ErrorCode::InvalidArgument, "A what-if needs one node group and viewers.");
    if (question.event == WhatIfEvent::LoseRegion && question.region.empty())
        return fail(ErrorCode::InvalidArgument, "Which region is lost is missing.", {}, "/region");
    const NodeGroup& group = question.plan.nodeGroups.front();
    if (std::ranges::none_of(group.roles, [](const Role& role) { return role.can(Capability::Subscribe); }))
        return fail(ErrorCode::Conflict, "No role of " + group.name.value + " serves viewers.");
    Scenario scenario;
    scenario.name = group.name.value;
    scenario.title = "What if";
    scenario.start = question.start;
    scenario.durationS = question.durationS;
    scenario.warmUpS = std::max(900, static_cast<int>(4 * question.leadTime.count() / 1000));
    scenario.plan = question.plan;
    scenario.providers = {{group.cloudPlatform, bootsWithin(question.leadTime)}};
    scenario.viewersPerNode = question.viewersPerNode;
    const auto most = std::ranges::max_element(question.viewers, {}, &ViewersAt::viewers)->viewers;
    constexpr int manyNodes = 200;
    scenario.cohorts = most / question.viewersPerNode > manyNodes ? Cohorts{10, 30} : Cohorts{1, 30};
    scenario.traffic = trafficOf(question);
    scenario.faults = faultsOf(question);
    if (auto wrong = check(scenario))
        return tl::unexpected(std::move(*wrong));
    return scenario;
}

Result<WhatIfAnswer> runWhatIf(const WhatIfQuestion& question, const ZoneLoader& zones, const WhatIfProgress& progress)
{
    const auto scenario = scenarioOf(question);
    if (!scenario)
        return tl::unexpected(scenario.error());
    SimulationOptions options;
    options.zones = zones;
    options.audit = SimulationOptions::Audit::Keep;
    options.progress = progress;
    const auto result = simulate(*scenario, options);
    if (!result)
        return tl::unexpected(result.error());
    WhatIfAnswer answer;
    answer.outcomes.push_back(outcomeOf("headgate", result->record));
    for (const Baseline baseline : allBaselines)
        answer.outcomes.push_back(
            outcomeOf(std::string(nameOf(baseline)), runBaseline(baseline, *scenario, result->record, options.seed)));
    answer.fewestNodeHours = clairvoyantNodeHours(result->record);
    answer.decisions = decisionsOf(*scenario, result->audit);
    answer.scenario = scenarioToJson(*scenario);
    Reporter(question, result->record, answer).report();
    return answer;
}

}  // namespace headgate::sim
