#include "core/plan/plan_text.h"
#include "core/plan/recurrence.h"
#include "core/wire/native_codec.h"
#include "core/wire/native_words.h"
#include "core/wire/plan_codec.h"

#include <algorithm>
#include <array>

namespace headgate::native {
namespace {

constexpr std::array<std::string_view, 3> dstWords = {"cover", "rfc5545", "skip"};
constexpr std::array<std::string_view, 5> sourceWords = {"outside", "configuration", "schedule", "overlay", "limit"};

void addText(Json& object, const char* name, const std::string& text)
{
    if (!text.empty())
        object[name] = text;
}

void addExtensions(Json& object, const Extensions& extensions)
{
    if (!extensions.empty())
        object["extensions"] = Json::parse(extensions, nullptr, false);
}

Json scopeJson(const PlanScope& scope)
{
    Json json = {{"nodeGroup", scope.nodeGroup.value}};
    addText(json, "subgroup", scope.subgroup);
    addText(json, "role", scope.role);
    return json;
}

Json endJson(const WindowEnd& end)
{
    if (const auto* exact = std::get_if<ExactEnd>(&end))
        return {{"durationS", exact->duration.count()}};
    const auto& wall = std::get<WallEnd>(end);
    return {{"at", clockText(wall.clock)}, {"dayOffset", wall.dayOffset}};
}

Json timesJson(const std::vector<LocalTime>& times)
{
    Json json = Json::array();
    for (LocalTime time : times)
        json.push_back(toText(time));
    return json;
}

Json timingJson(const CalendarTiming& timing)
{
    Json json = {{"start", toText(timing.start)},
                 {"end", endJson(timing.end)},
                 {"dst", dstWords[static_cast<std::size_t>(timing.dst)]}};
    addText(json, "zone", timing.zone);
    if (timing.rule)
        json["rule"] = toText(*timing.rule);
    if (!timing.extraStarts.empty())
        json["extraStarts"] = timesJson(timing.extraStarts);
    if (!timing.removedStarts.empty())
        json["removedStarts"] = timesJson(timing.removedStarts);
    return json;
}

Json timingJson(const CronTiming& timing)
{
    return {{"zone", timing.zone},
            {"cron", timing.cron.text()},
            {"durationS", timing.duration.count()},
            {"dst", dstWords[static_cast<std::size_t>(timing.dst)]}};
}

void addBounds(Json& json, std::optional<int> min, std::optional<int> max)
{
    if (min)
        json["min"] = *min;
    if (max)
        json["max"] = *max;
}

Json expectedJson(const char* kind, const ExpectedEffect& expected)
{
    return {{"kind", kind},
            {"viewers", expected.viewers},
            {"rampS", expected.ramp.count()},
            {"tailS", expected.tail.count()}};
}

Json effectJson(const ScheduleEffect& effect)
{
    if (const auto* expected = std::get_if<ExpectedEffect>(&effect))
        return expectedJson("expected", *expected);
    const auto* active = std::get_if<ActiveEffect>(&effect);
    Json json = {{"kind", active ? "active" : "inactive"}};
    if (active)
        addBounds(json, active->min, active->max);
    return json;
}

Json operatorJson(const OverlayOperator& op)
{
    if (const auto* replace = std::get_if<ReplaceBounds>(&op))
        return {{"kind", "replace"}, {"min", replace->min}, {"max", replace->max}};
    if (const auto* shift = std::get_if<ShiftBounds>(&op))
        return {{"kind", "shift"}, {"nodes", shift->nodes}, {"percent", shift->percent}};
    if (const auto* floor = std::get_if<FloorBounds>(&op))
        return {{"kind", "floor"}, {"nodes", floor->nodes}};
    if (const auto* ceil = std::get_if<CeilBounds>(&op))
        return {{"kind", "ceil"}, {"nodes", ceil->nodes}};
    if (const auto* expected = std::get_if<ExpectedEffect>(&op))
        return expectedJson("expect", *expected);
    if (const auto* off = std::get_if<Deactivate>(&op))
        return {{"kind", "deactivate"}, {"isHard", off->isHard}};
    Json json = {{"kind", "activate"}};
    addBounds(json, std::get<Activate>(op).min, std::get<Activate>(op).max);
    return json;
}

Json changeJson(const OccurrenceChange& change)
{
    Json json = {{"occurrence", toText(change.occurrence)}};
    if (change.start)
        json["start"] = toText(*change.start);
    if (change.end)
        json["end"] = endJson(*change.end);
    if (change.effect)
        json["effect"] = effectJson(*change.effect);
    return json;
}

Json scheduleJson(const Schedule& schedule)
{
    Json json = {{"id", schedule.id},
                 {"scope", scopeJson(schedule.scope)},
                 {"timing", std::visit([](const auto& timing) { return timingJson(timing); }, schedule.timing)},
                 {"effect", effectJson(schedule.effect)},
                 {"isEnabled", schedule.isEnabled}};
    addText(json, "name", schedule.name);
    for (const OccurrenceChange& change : schedule.changes)
        json["changes"].push_back(changeJson(change));
    if (!schedule.exclusions.empty())
        json["exclusions"] = schedule.exclusions;
    addExtensions(json, schedule.extensions);
    return json;
}

Json overlayJson(const Overlay& overlay)
{
    Json json = {{"id", overlay.id},
                 {"scope", scopeJson(overlay.scope)},
                 {"from", toText(overlay.from, {})},
                 {"to", toText(overlay.to, {})},
                 {"displayZone", overlay.displayZone},
                 {"priority", overlay.priority},
                 {"op", operatorJson(overlay.op)}};
    addText(json, "name", overlay.name);
    addText(json, "reason", overlay.reason);
    addText(json, "author", overlay.author);
    return json;
}

Json exclusionsJson(const ExclusionSet& set)
{
    Json events = Json::array();
    for (const ExclusionEvent& event : set.events) {
        Json json = {{"timing", timingJson(event.timing)}};
        addText(json, "summary", event.summary);
        events.push_back(std::move(json));
    }
    return {{"name", set.name}, {"events", std::move(events)}};
}

Json configurationJson(const ConfigurationOverlay& overlay)
{
    Json openings = Json::array();
    for (const ConfigurationOverlay::Opening& opening : overlay.openings) {
        Json json = {{"name", opening.name}, {"timing", timingJson(opening.timing)}};
        addExtensions(json, opening.extensions);
        openings.push_back(std::move(json));
    }
    return {{"base", overlay.base.value},
            {"configuration", toJson(overlay.configuration)},
            {"openings", std::move(openings)}};
}

Json limitJson(const PlanLimit& limit)
{
    return {{"name", limit.name}, {"scope", scopeJson(limit.scope)}, {"nodes", limit.nodes}};
}

template <typename Elements, typename Write>
void addList(Json& json, const char* name, const Elements& elements, Write write)
{
    for (const auto& element : elements)
        json[name].push_back(write(element));
}

void addSpan(Json& json, Instant start, Instant end, const ZoneRules& zone)
{
    json["start"] = toText(start, zone);
    json["end"] = toText(end, zone);
    json["startLocal"] = toText(zone.toLocal(start));
    json["endLocal"] = toText(zone.toLocal(end));
    json["zone"] = zone.name();
}

}  // namespace

Json toJson(const PlanDocument& document)
{
    Json json = Json::object();
    addList(json, "nodeGroups", document.nodeGroups, [](const NodeGroup& group) { return toJson(group); });
    addList(json, "schedules", document.schedules, scheduleJson);
    addList(json, "overlays", document.overlays, overlayJson);
    addList(json, "exclusions", document.exclusions, exclusionsJson);
    addList(json, "limits", document.limits, limitJson);
    addList(json, "configurations", document.configurations, configurationJson);
    return json;
}

Json toJson(const PlanItem& item)
{
    PlanDocument document;
    add(document, item);
    return toJson(document).begin()->at(0);
}

Json toJson(const PlanOptions& options)
{
    return {{"viewersPerNode", options.viewersPerNode},
            {"source", wordsOf(options.source)[static_cast<std::size_t>(options.source)]}};
}

Json toJson(const Preview& preview, const ZoneRules& zone)
{
    Json sources = Json::array();
    for (const PlanSource& source : preview.sources) {
        Json json = {{"kind", sourceWords[static_cast<std::size_t>(source.kind)]}, {"name", source.name}};
        addText(json, "id", source.id);
        if (source.kind == SourceKind::Overlay)
            json["priority"] = source.priority;
        sources.push_back(std::move(json));
    }
    Json segments = Json::array();
    for (const Segment& segment : preview.segments) {
        const PlanCell& cell = preview.cells[static_cast<std::size_t>(segment.cell)];
        Json json = {{"scope", {{"subgroup", cell.subgroup}}},
                     {"role", cell.role},
                     {"active", segment.bounds.isActive},
                     {"min", segment.bounds.min},
                     {"max", segment.bounds.max},
                     {"provenance", Json::array()},
                     {"conflicts", segment.conflicts}};
        addSpan(json, segment.start, segment.end, zone);
        for (int source : segment.provenance)
            json["provenance"].push_back(sources[static_cast<std::size_t>(source)]);
        segments.push_back(std::move(json));
    }
    Json conflicts = Json::array();
    for (const Conflict& conflict : preview.conflicts) {
        Json json = {{"code", toWord(conflict.code)}, {"sentence", describe(conflict, preview)}};
        if (conflict.cell >= 0) {
            const PlanCell& cell = preview.cells[static_cast<std::size_t>(conflict.cell)];
            json["scope"] = {{"subgroup", cell.subgroup}, {"role", cell.role}};
        }
        addSpan(json, conflict.start, conflict.end, zone);
        conflicts.push_back(std::move(json));
    }
    return {{"segments", std::move(segments)}, {"conflicts", std::move(conflicts)}};
}

}  // namespace headgate::native
