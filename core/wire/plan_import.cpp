#include "core/wire/plan_import.h"

#include "core/plan/plan_rules.h"
#include "core/wire/native_codec.h"
#include "core/wire/plan_calendar.h"
#include "core/wire/plan_codec.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <functional>
#include <set>

namespace headgate {
namespace {

using nlohmann::json;

struct ReadPlan
{
    PlanDocument document;
    std::function<std::string(const std::string& pointer)> placeOf;  // in the text, for a native pointer
};

std::string withLine(const std::string& pointer, std::string_view text)
{
    const int line = lineOfPointer(text, pointer);
    return line > 0 ? pointer + " (line " + std::to_string(line) + ")" : pointer;
}

bool isObjectOrHas(const json& document, std::initializer_list<const char*> objects,
                   std::initializer_list<const char*> members)
{
    const auto isObject = [&](const char* name) { return document.contains(name) && document[name].is_object(); };
    return std::ranges::any_of(objects, isObject) ||
           std::ranges::any_of(members, [&](const char* name) { return document.contains(name); });
}

// Native documents hold lists where those of Stream Manager hold objects keyed by name.
bool isOfStreamManager(const json& document)
{
    const json& first = document.is_array() && !document.empty() ? document.front() : document;
    return first.is_object() &&
           isObjectOrHas(first, {"images", "roles", "schedules"}, {"groups", "subGroups", "baseNodeGroupName"});
}

// A plan has no name, a node group has. The second one is what the place of a part begins with in the plan.
json asNativePlan(const json& document, std::string& prefix)
{
    if (document.is_array()) {
        prefix = "/nodeGroups";
        return {{"nodeGroups", document}};
    }
    if (document.is_object() && document.contains("name")) {
        prefix = "/nodeGroups/0";
        return {{"nodeGroups", json::array({document})}};
    }
    return document;
}

Result<ReadPlan> readNative(const json& document, std::string_view text)
{
    std::string prefix;
    const json plan = asNativePlan(document, prefix);
    auto read = native::planDocumentFromJson(plan);
    const auto placeOf = [plan, prefix, text](const std::string& pointer) {
        std::string sent = pointer;
        constexpr std::string_view groups = "/nodeGroups/";
        const auto inside = pointer.find('/', groups.size());
        if (pointer.starts_with(groups) && inside != std::string::npos) {
            const json& group = plan[json::json_pointer(pointer.substr(0, inside))];
            sent = pointer.substr(0, inside) + native::pointerInDocument(group, pointer.substr(inside));
        }
        return withLine(sent.starts_with(prefix) ? sent.substr(prefix.size()) : sent, text);
    };
    if (read)
        return ReadPlan{std::move(*read), placeOf};
    const std::string& pointer = read.error().pointer;
    read.error().pointer = withLine(pointer.starts_with(prefix) ? pointer.substr(prefix.size()) : pointer, text);
    return tl::unexpected(std::move(read.error()));
}

Result<ReadPlan> readStreamManager(const json& document, std::string_view text)
{
    auto read = stream_manager::placedPlanFromJson(document);
    if (!read) {
        read.error().pointer = withLine(read.error().pointer, text);
        return tl::unexpected(std::move(read.error()));
    }
    PlanDocument plan = read->document;
    return ReadPlan{std::move(plan), [placed = std::move(*read), text](const std::string& pointer) {
                        return withLine(placed.placeOf(pointer), text);
                    }};
}

// The index behind "/schedules/"; none if the pointer leads elsewhere.
std::optional<std::size_t> indexIn(const std::string& pointer, std::string_view list)
{
    const std::string prefix = "/" + std::string(list) + "/";
    std::size_t index = 0;
    if (!pointer.starts_with(prefix))
        return {};
    const auto [end, error] = std::from_chars(pointer.data() + prefix.size(), pointer.data() + pointer.size(), index);
    return error == std::errc() ? std::optional(index) : std::nullopt;
}

// Of a native pointer into what a calendar became.
std::string placeIn(const CalendarPlan& plan, const std::string& pointer)
{
    using Lines = std::pair<std::string_view, const std::vector<int>*>;
    for (const auto& [list, lines] : {Lines("schedules", &plan.scheduleLines), Lines("overlays", &plan.overlayLines),
                                      Lines("exclusions/0/events", &plan.exclusionLines)}) {
        const auto index = indexIn(pointer, list);
        if (!index || *index >= lines->size())
            continue;
        const auto inside = std::min(pointer.find('/', list.size() + 2), pointer.size());
        return "VEVENT" + pointer.substr(inside) + " (line " + std::to_string((*lines)[*index]) + ")";
    }
    const char* const rest = plan.restLine > 0 ? "X-HEADGATE-PLAN" : "VCALENDAR";
    return rest + pointer + " (line " + std::to_string(std::max(plan.restLine, 1)) + ")";
}

Result<ReadPlan> readCalendar(std::string_view text, const ImportOptions& options)
{
    const CalendarZones zones{options.zones, options.ianaNameOf};
    auto read = options.exclusionSet ? exclusionSetFromCalendar(text, *options.exclusionSet, zones)
                                     : planFromCalendar(text, zones, options.calendarGroup);
    if (!read)
        return tl::unexpected(std::move(read.error()));
    PlanDocument plan = read->document;
    return ReadPlan{std::move(plan),
                    [lines = std::move(*read)](const std::string& pointer) { return placeIn(lines, pointer); }};
}

Result<ReadPlan> readPlan(std::string_view text, const ImportOptions& options)
{
    if (text.starts_with("\xEF\xBB\xBF"))
        text.remove_prefix(3);
    if (options.exclusionSet)
        return readCalendar(text, options);
    const std::string_view begin = text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
    constexpr std::string_view calendar = "BEGIN:VCALENDAR";
    const auto isSame = [](char a, char b) { return std::toupper(static_cast<unsigned char>(a)) == b; };
    if (std::ranges::equal(begin.substr(0, calendar.size()), calendar, isSame))
        return readCalendar(text, options);
    if (!begin.starts_with('{') && !begin.starts_with('['))
        return fail(ErrorCode::InvalidArgument, "This is no plan: it begins neither like JSON nor like a calendar.",
                    "Use what headgatectl export writes, documents of Stream Manager, or an .ics file.", "(line 1)");
    const auto document = native::parse(text);
    if (!document)
        return tl::unexpected(document.error());
    return isOfStreamManager(*document) ? readStreamManager(*document, text) : readNative(*document, text);
}

// What is there once the document is imported; its own parts come first, in their order.
PlanDocument merged(const PlanDocument& document, const PlanDocument& present)
{
    PlanDocument all = document;
    for (const NodeGroup& group : present.nodeGroups) {
        if (std::ranges::count(document.nodeGroups, group.name, &NodeGroup::name) == 0)
            all.nodeGroups.push_back(group);
    }
    std::set<PlanItemKey> keys;
    for (const PlanItem& item : itemsOf(document))
        keys.insert(keyOf(item));
    for (const PlanItem& item : itemsOf(present)) {
        if (!keys.contains(keyOf(item)))
            add(all, item);
    }
    return all;
}

bool isInside(const std::string& pointer, const PlanDocument& document)
{
    const auto isIn = [&](std::string_view list, std::size_t size) {
        const auto index = indexIn(pointer, list);
        return index && *index < size;
    };
    return isIn("nodeGroups", document.nodeGroups.size()) || isIn("schedules", document.schedules.size()) ||
           isIn("overlays", document.overlays.size()) || isIn("exclusions", document.exclusions.size()) ||
           isIn("limits", document.limits.size()) || isIn("configurations", document.configurations.size());
}

std::vector<Error> errorsOf(const PlanDocument& document, const ImportOptions& options)
{
    std::vector<Error> errors;
    const auto take = [&](const NodeGroup& group, const std::string& place) {
        for (Error& error : validate(group)) {
            error.pointer = place + error.pointer;
            errors.push_back(std::move(error));
        }
    };
    for (std::size_t i = 0; i < document.nodeGroups.size(); ++i)
        take(document.nodeGroups[i], "/nodeGroups/" + std::to_string(i));
    for (std::size_t i = 0; i < document.configurations.size(); ++i)
        take(document.configurations[i].configuration, "/configurations/" + std::to_string(i) + "/configuration");
    for (Error& error : validate(merged(document, options.present), options.zones)) {
        if (isInside(error.pointer, document))
            errors.push_back(std::move(error));
    }
    return errors;
}

}  // namespace

Result<PlanDocument> planDocumentFromText(std::string_view text, const ImportOptions& options)
{
    if (text.size() >= tooLargePlan) {
        const auto line = std::ranges::count(text.substr(0, tooLargePlan), '\n') + 1;
        return fail(ErrorCode::InvalidArgument,
                    "The document has " + std::to_string(text.size()) + " bytes; less than " +
                        std::to_string(tooLargePlan) + " are read.",
                    "Split it.", "(line " + std::to_string(line) + ")");
    }
    auto read = readPlan(text, options);
    if (!read)
        return tl::unexpected(std::move(read.error()));
    auto errors = errorsOf(read->document, options);
    if (errors.empty())
        return std::move(read->document);
    errors.front().pointer = read->placeOf(errors.front().pointer);
    return tl::unexpected(std::move(errors.front()));
}

}  // namespace headgate
