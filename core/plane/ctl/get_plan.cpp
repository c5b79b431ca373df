#include "core/plane/ctl/get_plan.h"

#include "core/plane/ctl/answer.h"
#include "core/plane/ctl/table.h"
#include "core/wire/native_query.h"
#include "core/wire/plan_codec.h"

#include <array>
#include <cstdio>

namespace headgate::ctl {
namespace {

using native::Route;
using nlohmann::json;

constexpr std::array<const char*, 5> listNames = {"schedules", "overlays", "exclusionSets", "limits", "configurations"};

// "daily"-like texts are beyond us; the rule itself is what people wrote.
std::string timingText(const json& timing)
{
    if (timing.contains("cron"))
        return at(timing, "/cron") + " for " + at(timing, "/durationS") + " s, " + at(timing, "/zone");
    const std::string end = timing.contains(json::json_pointer("/end/at"))
                                ? "to " + at(timing, "/end/at")
                                : "for " + at(timing, "/end/durationS") + " s";
    const std::string rule = at(timing, "/rule");
    return at(timing, "/start") + " " + end + (rule.empty() ? "" : ", " + rule) + ", " + at(timing, "/zone");
}

// "floor nodes=2", "active min=1 max=4".
std::string effectText(const json& effect)
{
    std::string text = at(effect, "/kind");
    for (const auto& [name, value] : effect.items()) {
        if (name != "kind")
            text += " " + name + "=" + value.dump();
    }
    return text;
}

std::string scheduleTable(const json& items)
{
    TextTable table({"ID", "NAME", "GROUP", "SUBGROUP", "ROLE", "WHEN", "EFFECT", "ENABLED", "VERSION"});
    for (const json& each : items)
        table.addRow({at(each, "/item/id"), at(each, "/item/name"), at(each, "/item/scope/nodeGroup"),
                      at(each, "/item/scope/subgroup"), at(each, "/item/scope/role"),
                      timingText(each["item"]["timing"]), effectText(each["item"]["effect"]),
                      at(each, "/item/isEnabled"), at(each, "/version")});
    return table.text();
}

std::string overlayTable(const json& items)
{
    TextTable table(
        {"ID", "NAME", "GROUP", "SUBGROUP", "ROLE", "FROM", "TO", "PRIORITY", "OPERATOR", "AUTHOR", "VERSION"});
    for (const json& each : items)
        table.addRow({at(each, "/item/id"), at(each, "/item/name"), at(each, "/item/scope/nodeGroup"),
                      at(each, "/item/scope/subgroup"), at(each, "/item/scope/role"), at(each, "/item/from"),
                      at(each, "/item/to"), at(each, "/item/priority"), effectText(each["item"]["op"]),
                      at(each, "/item/author"), at(each, "/version")});
    return table.text();
}

std::string exclusionTable(const json& items)
{
    TextTable table({"NAME", "EVENTS", "VERSION", "CHANGED", "BY"});
    for (const json& each : items)
        table.addRow({at(each, "/item/name"), std::to_string(each["item"].value("events", json::array()).size()),
                      at(each, "/version"), at(each, "/updatedAt"), at(each, "/updatedBy")});
    return table.text();
}

std::string limitTable(const json& items)
{
    TextTable table({"NAME", "GROUP", "SUBGROUP", "ROLE", "NODES", "VERSION"});
    for (const json& each : items)
        table.addRow({at(each, "/item/name"), at(each, "/item/scope/nodeGroup"), at(each, "/item/scope/subgroup"),
                      at(each, "/item/scope/role"), at(each, "/item/nodes"), at(each, "/version")});
    return table.text();
}

std::string configurationTable(const json& items)
{
    TextTable table({"NAME", "BASE", "WHEN", "VERSION"});
    for (const json& each : items) {
        std::string openings;
        for (const json& opening : each["item"].value("openings", json::array()))
            openings += (openings.empty() ? "" : "; ") + timingText(opening.value("timing", json::object()));
        table.addRow({at(each, "/item/configuration/name"), at(each, "/item/base"), openings, at(each, "/version")});
    }
    return table.text();
}

std::string itemTable(PlanItemKind kind, const json& items)
{
    switch (kind) {
    case PlanItemKind::Schedule:
        return scheduleTable(items);
    case PlanItemKind::Overlay:
        return overlayTable(items);
    case PlanItemKind::ExclusionSet:
        return exclusionTable(items);
    case PlanItemKind::Limit:
        return limitTable(items);
    case PlanItemKind::Configuration:
        break;
    }
    return configurationTable(items);
}

std::string regionTable(const json& regions, const std::string& defaultRegion)
{
    TextTable table({"NAME", "TITLE", "LATITUDE", "LONGITUDE", "DEFAULT", "VERSION"});
    for (const json& each : regions) {
        const std::string name = at(each, "/region/name");
        table.addRow({name, at(each, "/region/title"), at(each, "/region/latitude"), at(each, "/region/longitude"),
                      name == defaultRegion ? "yes" : "", at(each, "/version")});
    }
    return table.text();
}

std::string deploymentTable(const json& deployments)
{
    TextTable table({"NAME", "STATE", "POWER", "NODE GROUPS", "WAITS FOR", "VERSION"});
    for (const json& each : deployments) {
        std::string groups, waits;
        for (const json& group : each["deployment"].value("nodeGroups", json::array()))
            groups += (groups.empty() ? "" : ",") + group.get<std::string>();
        for (const json& sentence : each.value("waitsFor", json::array()))
            waits += (waits.empty() ? "" : " ") + sentence.get<std::string>();
        table.addRow({at(each, "/deployment/name"), at(each, "/state"), at(each, "/power"), groups, waits,
                      at(each, "/version")});
    }
    return table.text();
}

Outcome<void> getItems(Session& session, const Desk& desk, PlanItemKind kind)
{
    const auto items = ask(
        session, desk,
        [kind](std::string_view id) {
            return native::callTo(Route::ReadPlanItem, PlanItemKey{kind, std::string(id)});
        },
        native::callTo(Route::ListPlanItems, kind), listNames[static_cast<std::size_t>(kind)]);
    if (!items)
        return tl::unexpected(items.error());
    print(desk, items->body, itemTable(kind, items->items));
    return {};
}

Outcome<void> getRegions(Session& session, const Desk& desk)
{
    const auto regions = ask(
        session, desk, [](std::string_view name) { return native::callTo(Route::ReadRegion, name); },
        native::callTo(Route::ListRegions), "regions");
    if (!regions)
        return tl::unexpected(regions.error());
    print(desk, regions->body, regionTable(regions->items, regions->body.value("defaultRegion", std::string())));
    return {};
}

Outcome<void> getDeployments(Session& session, const Desk& desk)
{
    const auto deployments = ask(
        session, desk, [](std::string_view name) { return native::callTo(Route::ReadDeployment, name); },
        native::callTo(Route::ListDeployments), "deployments");
    if (!deployments)
        return tl::unexpected(deployments.error());
    print(desk, deployments->body, deploymentTable(deployments->items));
    return {};
}

std::string provisionTable(const json& provisions)
{
    TextTable table({"NODE GROUP", "GUID", "STREAMS", "DISTRIBUTED", "VERSION", "CHANGED", "BY"});
    for (const json& each : provisions) {
        std::string streams;
        for (const json& stream : each.value("streams", json::array()))
            streams += (streams.empty() ? "" : ",") + stream.get<std::string>();
        table.addRow({at(each, "/nodeGroup"), at(each, "/guid"), streams, at(each, "/distributedAt"),
                      at(each, "/version"), at(each, "/updatedAt"), at(each, "/updatedBy")});
    }
    return table.text();
}

Outcome<void> getProvisions(Session& session, const Desk& desk)
{
    const auto provisions = ask(
        session, desk, [](std::string_view name) { return native::callTo(Route::ReadProvision, name); },
        native::callTo(Route::ListProvisions), "provisions");
    if (!provisions)
        return tl::unexpected(provisions.error());
    print(desk, provisions->body, provisionTable(provisions->items));
    return {};
}

std::string jobTable(const json& jobs)
{
    TextTable table({"NODE GROUP", "ID", "KIND", "STREAM", "STATE", "SINCE", "NODE", "BITRATE", "TARGET", "WHY"});
    for (const json& each : jobs)
        table.addRow({at(each, "/nodeGroup"), at(each, "/report/id"), at(each, "/report/kind"),
                      at(each, "/report/stream"), at(each, "/report/state"), at(each, "/report/since"),
                      at(each, "/node"), bitRateText(numberAt(each, "/report/bitsPerSecond")),
                      at(each, "/report/target"), at(each, "/report/reason")});
    return table.text();
}

// A name alone is the id of a job, which several node groups may have.
Outcome<void> getJobs(Session& session, const Desk& desk)
{
    const auto named = [](std::string_view id) {
        native::HttpCall call = native::callTo(Route::ListJobs);
        call.target += native::QueryText().add("id", id).text();
        return call;
    };
    const auto jobs = ask(session, desk, named, native::callTo(Route::ListJobs), "jobs");
    if (!jobs)
        return tl::unexpected(jobs.error());
    const json list = jobs->body.value("jobs", json::array());
    if (jobs->isOne && list.empty())
        return tl::unexpected(Failure{ExitStatus::Refused,
                                      {ErrorCode::NotFound,
                                       "There is no job \"" + desk.arguments.words[1] + "\".",
                                       "headgatectl get jobs lists those there are.",
                                       {}}});
    print(desk, jobs->body, jobTable(list));
    return {};
}

// "1:02:03"
std::string lengthText(std::int64_t seconds)
{
    char text[32];
    std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", static_cast<long long>(seconds / 3600),
                  static_cast<long long>(seconds / 60 % 60), static_cast<long long>(seconds % 60));
    return text;
}

std::string sizeText(std::int64_t bytes)
{
    char text[32];
    std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(bytes) / 1e6);
    return text;
}

std::string recordingTable(const json& recordings)
{
    TextTable table({"NODE GROUP", "ID", "STREAM", "STARTED", "LENGTH", "SIZE", "PLACE", "COMPLETE"});
    for (const json& each : recordings)
        table.addRow({at(each, "/nodeGroup"), at(each, "/id"), at(each, "/stream"), at(each, "/startedAt"),
                      lengthText(numberAt(each, "/lengthMs") / 1000), sizeText(numberAt(each, "/bytes")),
                      at(each, "/place"), each.value("isComplete", false) ? "yes" : "no"});
    return table.text();
}

// A name alone is that of a stream, or a part of it.
Outcome<void> getRecordings(Session& session, const Desk& desk)
{
    const auto ofStream = [](std::string_view name) {
        RecordingQuery query;
        query.stream = name;
        return native::callFor(query);
    };
    const auto recordings = ask(session, desk, ofStream, native::callTo(Route::ListRecordings), "recordings");
    if (!recordings)
        return tl::unexpected(recordings.error());
    print(desk, recordings->body, recordingTable(recordings->body.value("recordings", json::array())));
    return {};
}

}  // namespace

std::optional<PlanItemKind> planItemKindOf(const std::string& word)
{
    const auto kind = native::planItemKindFromWord(word.ends_with('s') ? word.substr(0, word.size() - 1) : word);
    return kind ? std::optional(*kind) : std::nullopt;
}

std::optional<Outcome<void>> runGetPlan(Session& session, const Desk& desk)
{
    const std::string& what = desk.arguments.words[0];
    if (const auto kind = planItemKindOf(what))
        return getItems(session, desk, *kind);
    if (what == "regions" || what == "region")
        return getRegions(session, desk);
    if (what == "deployments" || what == "deployment")
        return getDeployments(session, desk);
    if (what == "provisions" || what == "provision")
        return getProvisions(session, desk);
    if (what == "jobs" || what == "job")
        return getJobs(session, desk);
    if (what == "recordings")
        return getRecordings(session, desk);
    return std::nullopt;
}

}  // namespace headgate::ctl
