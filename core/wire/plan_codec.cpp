#include "core/wire/plan_codec.h"

#include "core/plan/plan_text.h"
#include "core/plan/recurrence.h"
#include "core/wire/native_codec.h"

#include <algorithm>
#include <array>
#include <functional>

namespace headgate::native {
namespace {

constexpr std::array<std::string_view, 3> dstWords = {"cover", "rfc5545", "skip"};
constexpr std::array<std::string_view, 5> kindWords = {"schedule", "overlay", "exclusion-set", "limit",
                                                       "configuration"};
// The lists of a document in the same order.
constexpr std::array<const char*, 5> listNames = {"schedules", "overlays", "exclusions", "limits", "configurations"};

tl::unexpected<Error> wrong(std::string message, std::string remedy = {})
{
    return fail(ErrorCode::InvalidArgument, std::move(message), std::move(remedy));
}

// Reads one object member by member; the first error is kept with its pointer, and what nobody asked for is an error.
class PlanReader
{
public:
    PlanReader(const Json& json, std::string place) : m_json(json), m_place(std::move(place))
    {
        if (!json.is_object())
            failAt("", {ErrorCode::InvalidArgument, "This must be an object.", {}, {}});
    }

    const Json* member(const std::string& name)
    {
        m_known.push_back(name);
        if (m_error || !m_json.contains(name) || m_json[name].is_null())
            return nullptr;
        return &m_json[name];
    }

    const Json* required(const std::string& name)
    {
        const Json* found = member(name);
        if (!found)
            failAt("/" + name, {ErrorCode::InvalidArgument, "The member \"" + name + "\" is missing.", {}, {}});
        return found;
    }

    std::string text(const std::string& name)
    {
        const Json* found = member(name);
        if (found && !found->is_string())
            failAt("/" + name, {ErrorCode::InvalidArgument, "This must be a text.", {}, {}});
        return found && found->is_string() ? found->get<std::string>() : std::string();
    }

    std::optional<int> number(const std::string& name)
    {
        const Json* found = member(name);
        if (!found)
            return {};
        const bool isWhole = found->is_number_integer() && *found <= 1'000'000'000 && *found >= -1'000'000'000;
        if (!isWhole)
            failAt("/" + name, {ErrorCode::InvalidArgument, "This must be a whole number.", {}, {}});
        return isWhole ? found->get<int>() : 0;
    }

    bool flag(const std::string& name, bool otherwise)
    {
        const Json* found = member(name);
        if (found && !found->is_boolean())
            failAt("/" + name, {ErrorCode::InvalidArgument, "This must be true or false.", {}, {}});
        return found && found->is_boolean() ? found->get<bool>() : otherwise;
    }

    // The object below "extensions" as text; absent or empty is "".
    std::string extensions()
    {
        const Json* found = member("extensions");
        if (found && !found->is_object())
            failAt("/extensions", {ErrorCode::InvalidArgument, "This must be an object.", {}, {}});
        return found && found->is_object() && !found->empty() ? write(*found) : std::string();
    }

    // A text in a form of its own.
    template <typename T>
    T parsed(const std::string& name, const std::function<Result<T>(std::string_view)>& parse, T out = {})
    {
        const Json* found = member(name);
        const std::string value = text(name);
        if (!found || m_error)
            return out;
        auto result = parse(value);
        if (result)
            return std::move(*result);
        failAt("/" + name, std::move(result.error()));
        return out;
    }

    void each(const std::string& name, const std::function<void(const Json&, const std::string& place)>& take)
    {
        const Json* found = member(name);
        if (!found)
            return;
        if (!found->is_array())
            return failAt("/" + name, {ErrorCode::InvalidArgument, "This must be an array.", {}, {}});
        for (std::size_t i = 0; i < found->size() && !m_error; ++i)
            take((*found)[i], m_place + "/" + name + "/" + std::to_string(i));
    }

    void failAt(const std::string& below, Error error)
    {
        if (m_error)
            return;
        error.pointer = m_place + below + error.pointer;
        m_error = std::move(error);
    }

    void keep(const std::optional<Error>& error)
    {
        if (!m_error)
            m_error = error;
    }

    // Complains about members that nobody asked for.
    std::optional<Error> finish()
    {
        for (auto each = m_json.begin(); !m_error && each != m_json.end(); ++each) {
            if (std::ranges::count(m_known, each.key()) == 0)
                failAt("/" + each.key(), {ErrorCode::InvalidArgument, "This member is not known here.", {}, {}});
        }
        return m_error;
    }

    std::string placeOf(const std::string& name) const { return m_place + "/" + name; }

private:
    const Json& m_json;
    std::string m_place;
    std::vector<std::string> m_known;
    std::optional<Error> m_error;
};

Result<DstPolicy> dstFromText(std::string_view text)
{
    const auto found = std::ranges::find(dstWords, text);
    if (found == dstWords.end())
        return wrong("\"" + std::string(text) + "\" is no way to treat changes of the clocks.",
                     "Use cover, rfc5545 or skip.");
    return static_cast<DstPolicy>(found - dstWords.begin());
}

PlanScope readScope(PlanReader& above, const std::string& name)
{
    PlanScope scope;
    const Json* json = above.required(name);
    if (!json)
        return scope;
    PlanReader reader(*json, above.placeOf(name));
    scope.nodeGroup = NodeGroupName(reader.text("nodeGroup"));
    scope.subgroup = reader.text("subgroup");
    scope.role = reader.text("role");
    above.keep(reader.finish());
    return scope;
}

WindowEnd readEnd(const Json& json, const std::string& place, PlanReader& above)
{
    PlanReader reader(json, place);
    const auto duration = reader.number("durationS");
    WallEnd wall;
    wall.clock = reader.parsed<seconds>("at", clockFromText);
    wall.dayOffset = reader.number("dayOffset").value_or(0);
    const bool hasClock = reader.member("at") != nullptr;
    if (duration.has_value() == hasClock)
        reader.failAt(
            "", {ErrorCode::InvalidArgument, "An end is either \"at\" a time of day or after \"durationS\".", {}, {}});
    above.keep(reader.finish());
    return duration ? WindowEnd(ExactEnd{seconds(*duration)}) : WindowEnd(wall);
}

std::vector<LocalTime> readTimes(PlanReader& reader, const std::string& name)
{
    std::vector<LocalTime> times;
    reader.each(name, [&](const Json& json, const std::string& place) {
        auto time = json.is_string() ? localTimeFromText(json.get<std::string>())
                                     : Result<LocalTime>(wrong("This must be a time on the wall."));
        if (time)
            return times.push_back(*time);
        time.error().pointer = place;
        reader.keep(time.error());
    });
    return times;
}

CalendarTiming readCalendar(PlanReader& reader)
{
    CalendarTiming timing;
    timing.zone = reader.text("zone");
    reader.required("start");
    timing.start = reader.parsed<LocalTime>("start", localTimeFromText);
    if (const Json* end = reader.required("end"))
        timing.end = readEnd(*end, reader.placeOf("end"), reader);
    if (reader.member("rule"))
        timing.rule = reader.parsed<RecurrenceRule>("rule", recurrenceFromText);
    timing.extraStarts = readTimes(reader, "extraStarts");
    timing.removedStarts = readTimes(reader, "removedStarts");
    timing.dst = reader.parsed<DstPolicy>("dst", dstFromText, DstPolicy::Cover);
    return timing;
}

Timing readTiming(const Json& json, const std::string& place, PlanReader& above)
{
    PlanReader reader(json, place);
    Timing timing;
    if (reader.member("cron")) {
        CronTiming cron;
        cron.zone = reader.member("zone") ? reader.text("zone") : "UTC";
        cron.cron = reader.parsed<CronExpression>("cron", CronExpression::parse);
        reader.required("durationS");
        cron.duration = seconds(reader.number("durationS").value_or(0));
        cron.dst = reader.parsed<DstPolicy>("dst", dstFromText, DstPolicy::Cover);
        timing = cron;
    } else {
        timing = readCalendar(reader);
    }
    above.keep(reader.finish());
    return timing;
}

ExpectedEffect readExpected(PlanReader& reader)
{
    return {reader.number("viewers").value_or(0), seconds(reader.number("rampS").value_or(0)),
            seconds(reader.number("tailS").value_or(0))};
}

ScheduleEffect readEffect(const Json& json, const std::string& place, PlanReader& above)
{
    PlanReader reader(json, place);
    const std::string kind = reader.text("kind");
    ScheduleEffect effect;
    if (kind == "active") {
        const auto min = reader.number("min"), max = reader.number("max");
        effect = ActiveEffect{min, max};
    } else if (kind == "inactive") {
        effect = InactiveEffect{};
    } else if (kind == "expected") {
        effect = readExpected(reader);
    } else {
        reader.failAt("/kind", {ErrorCode::InvalidArgument,
                                "\"" + kind + "\" is no effect of a schedule.",
                                "Use active, inactive or expected.",
                                {}});
    }
    above.keep(reader.finish());
    return effect;
}

OverlayOperator readOperator(const Json& json, const std::string& place, PlanReader& above)
{
    PlanReader reader(json, place);
    const std::string kind = reader.text("kind");
    OverlayOperator op;
    if (kind == "replace" || kind == "activate") {
        const auto min = kind == "replace" && !reader.required("min") ? 0 : reader.number("min");
        const auto max = kind == "replace" && !reader.required("max") ? 0 : reader.number("max");
        op = kind == "replace" ? OverlayOperator(ReplaceBounds{min.value_or(0), max.value_or(0)})
                               : OverlayOperator(Activate{min, max});
    } else if (kind == "shift") {
        const int nodes = reader.number("nodes").value_or(0);
        op = ShiftBounds{nodes, reader.number("percent").value_or(0)};
    } else if (kind == "floor" || kind == "ceil") {
        reader.required("nodes");
        const int nodes = reader.number("nodes").value_or(0);
        op = kind == "floor" ? OverlayOperator(FloorBounds{nodes}) : OverlayOperator(CeilBounds{nodes});
    } else if (kind == "expect") {
        op = readExpected(reader);
    } else if (kind == "deactivate") {
        op = Deactivate{reader.flag("isHard", false)};
    } else {
        reader.failAt("/kind", {ErrorCode::InvalidArgument,
                                "\"" + kind + "\" is no operator of an overlay.",
                                "Use replace, activate, shift, floor, expect, ceil or deactivate.",
                                {}});
    }
    above.keep(reader.finish());
    return op;
}

OccurrenceChange readChange(const Json& json, const std::string& place, PlanReader& above)
{
    PlanReader reader(json, place);
    OccurrenceChange change;
    reader.required("occurrence");
    change.occurrence = reader.parsed<LocalTime>("occurrence", localTimeFromText);
    if (reader.member("start"))
        change.start = reader.parsed<LocalTime>("start", localTimeFromText);
    if (const Json* end = reader.member("end"))
        change.end = readEnd(*end, reader.placeOf("end"), reader);
    if (const Json* effect = reader.member("effect"))
        change.effect = readEffect(*effect, reader.placeOf("effect"), reader);
    above.keep(reader.finish());
    return change;
}

Schedule readSchedule(const Json& json, const std::string& place, PlanReader& above)
{
    PlanReader reader(json, place);
    Schedule schedule;
    schedule.id = reader.text("id");
    schedule.name = reader.text("name");
    schedule.scope = readScope(reader, "scope");
    if (const Json* timing = reader.required("timing"))
        schedule.timing = readTiming(*timing, reader.placeOf("timing"), reader);
    if (const Json* effect = reader.required("effect"))
        schedule.effect = readEffect(*effect, reader.placeOf("effect"), reader);
    reader.each("changes", [&](const Json& each, const std::string& where) {
        schedule.changes.push_back(readChange(each, where, reader));
    });
    reader.each("exclusions", [&](const Json& each, const std::string& where) {
        if (each.is_string())
            schedule.exclusions.push_back(each.get<std::string>());
        else
            reader.keep(Error{ErrorCode::InvalidArgument, "This must be a text.", {}, where});
    });
    schedule.isEnabled = reader.flag("isEnabled", true);
    schedule.extensions = reader.extensions();
    above.keep(reader.finish());
    return schedule;
}

Overlay readOverlay(const Json& json, const std::string& place, PlanReader& above)
{
    PlanReader reader(json, place);
    Overlay overlay;
    overlay.id = reader.text("id");
    overlay.name = reader.text("name");
    overlay.scope = readScope(reader, "scope");
    reader.required("from");
    reader.required("to");
    const auto instant = [](std::string_view text) { return headgate::instantFromText(text); };
    overlay.from = reader.parsed<Instant>("from", instant);
    overlay.to = reader.parsed<Instant>("to", instant);
    overlay.displayZone = reader.member("displayZone") ? reader.text("displayZone") : "UTC";
    overlay.priority = reader.number("priority").value_or(defaultPriority);
    if (const Json* op = reader.required("op"))
        overlay.op = readOperator(*op, reader.placeOf("op"), reader);
    overlay.reason = reader.text("reason");
    overlay.author = reader.text("author");
    above.keep(reader.finish());
    return overlay;
}

ExclusionSet readExclusions(const Json& json, const std::string& place, PlanReader& above)
{
    PlanReader reader(json, place);
    ExclusionSet set;
    set.name = reader.text("name");
    reader.each("events", [&](const Json& each, const std::string& where) {
        PlanReader event(each, where);
        const std::string summary = event.text("summary");
        if (const Json* timing = event.required("timing")) {
            PlanReader calendar(*timing, event.placeOf("timing"));
            set.events.push_back({summary, readCalendar(calendar)});
            event.keep(calendar.finish());
        }
        reader.keep(event.finish());
    });
    above.keep(reader.finish());
    return set;
}

ConfigurationOverlay readConfiguration(const Json& json, const std::string& place, PlanReader& above)
{
    PlanReader reader(json, place);
    ConfigurationOverlay overlay;
    overlay.base = NodeGroupName(reader.text("base"));
    if (const Json* configuration = reader.required("configuration")) {
        auto group = nodeGroupFromJson(*configuration);
        if (group)
            overlay.configuration = std::move(*group);
        else
            reader.failAt("/configuration", std::move(group.error()));
    }
    reader.each("openings", [&](const Json& each, const std::string& where) {
        PlanReader opening(each, where);
        const std::string name = opening.text("name"), extensions = opening.extensions();
        if (const Json* at = opening.required("timing")) {
            const Timing timing = readTiming(*at, opening.placeOf("timing"), opening);
            if (const auto* cron = std::get_if<CronTiming>(&timing))
                overlay.openings.push_back({name, *cron, extensions});
            else
                opening.failAt("/timing", {ErrorCode::InvalidArgument, "An opening has a cron expression.", {}, {}});
        }
        reader.keep(opening.finish());
    });
    above.keep(reader.finish());
    return overlay;
}

}  // namespace

Result<PlanDocument> planDocumentFromJson(const Json& json)
{
    PlanDocument document;
    PlanReader reader(json, "");
    reader.each("nodeGroups", [&](const Json& each, const std::string& place) {
        auto group = nodeGroupFromJson(each);
        if (group)
            return document.nodeGroups.push_back(std::move(*group));
        group.error().pointer = place + group.error().pointer;
        reader.keep(group.error());
    });
    reader.each("schedules", [&](const Json& each, const std::string& place) {
        document.schedules.push_back(readSchedule(each, place, reader));
    });
    reader.each("overlays", [&](const Json& each, const std::string& place) {
        document.overlays.push_back(readOverlay(each, place, reader));
    });
    reader.each("exclusions", [&](const Json& each, const std::string& place) {
        document.exclusions.push_back(readExclusions(each, place, reader));
    });
    reader.each("limits", [&](const Json& each, const std::string& place) {
        PlanReader limit(each, place);
        const std::string name = limit.text("name");
        const PlanScope scope = readScope(limit, "scope");
        limit.required("nodes");
        document.limits.push_back({name, scope, limit.number("nodes").value_or(0)});
        reader.keep(limit.finish());
    });
    reader.each("configurations", [&](const Json& each, const std::string& place) {
        document.configurations.push_back(readConfiguration(each, place, reader));
    });
    if (auto error = reader.finish())
        return tl::unexpected(std::move(*error));
    return document;
}

Result<PlanItem> planItemFromJson(PlanItemKind kind, const Json& json)
{
    const std::string list = listNames[static_cast<std::size_t>(kind)];
    auto document = planDocumentFromJson({{list, Json::array({json})}});
    if (document)
        return itemsOf(*document).front();
    Error error = std::move(document.error());
    error.pointer.erase(0, ("/" + list + "/0").size());
    return tl::unexpected(std::move(error));
}

std::string_view toWord(PlanItemKind kind)
{
    return kindWords[static_cast<std::size_t>(kind)];
}

Result<PlanItemKind> planItemKindFromWord(std::string_view word)
{
    const auto found = std::ranges::find(kindWords, word);
    if (found == kindWords.end())
        return wrong("\"" + std::string(word) + "\" is no kind of plan item.");
    return static_cast<PlanItemKind>(found - kindWords.begin());
}

}  // namespace headgate::native
