#include "core/plane/ctl/preview.h"

#include "core/plan/node_capacity.h"
#include "core/plan/plan_merge.h"
#include "core/plan/plan_text.h"
#include "core/plane/ctl/answer.h"
#include "core/plane/ctl/table.h"
#include "core/plane/zone_files.h"
#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"
#include "core/wire/plan_import.h"

#include <algorithm>
#include <ostream>

namespace headgate::ctl {
namespace {

using nlohmann::json;

tl::unexpected<Failure> refused(Error error)
{
    return tl::unexpected(Failure{ExitStatus::Refused, std::move(error)});
}

Outcome<Instant> instantOption(const Arguments& arguments, const std::string& name)
{
    const auto text = arguments.value(name);
    if (!text)
        return wrongUsage("--" + name + " is missing.", "Give it like --" + name + " 2027-06-26T20:00:00+02:00.");
    const auto instant = instantFromText(*text);
    if (!instant)
        return tl::unexpected(Failure{ExitStatus::WrongUsage, instant.error()});
    return *instant;
}

// The zone to show times in: the option, else that of the first schedule, else UTC.
Outcome<ZoneRules> shownZone(const Arguments& arguments, const PlanDocument& document)
{
    std::string name = arguments.value("zone").value_or("");
    if (name.empty() && !document.schedules.empty())
        name = std::visit([](const auto& timing) { return timing.zone; }, document.schedules.front().timing);
    if (name.empty())
        return ZoneRules();
    auto zone = loadZoneFile(name);
    if (!zone)
        return refused(std::move(zone.error()));
    return std::move(*zone);
}

std::string whyText(const Segment& segment, const Preview& preview)
{
    std::string text;
    for (auto each = segment.provenance.rbegin(); each != segment.provenance.rend(); ++each) {
        const PlanSource& source = preview.sources[static_cast<std::size_t>(*each)];
        text += text.empty() ? "" : ", over ";
        text += source.name.empty() ? source.id : source.name;
        if (source.kind == SourceKind::Overlay)
            text += " (priority " + std::to_string(source.priority) + ")";
    }
    return text;
}

std::string tableText(const Preview& preview, const ZoneRules& zone)
{
    TextTable table({"START", "END", "SUBGROUP", "ROLE", "ACTIVE", "MIN", "MAX", "WHY"});
    for (const Segment& segment : preview.segments) {
        const PlanCell& cell = preview.cells[static_cast<std::size_t>(segment.cell)];
        table.addRow({toText(segment.start, zone), toText(segment.end, zone), cell.subgroup, cell.role,
                      segment.bounds.isActive ? "yes" : "no", std::to_string(segment.bounds.min),
                      std::to_string(segment.bounds.max), whyText(segment, preview)});
    }
    std::string text = table.text();
    for (const Conflict& conflict : preview.conflicts)
        text += std::string(toWord(conflict.code)) + "  " + toText(conflict.start, zone) + "  " +
                describe(conflict, preview) + "\n";
    return text;
}

struct ShownTime
{
    Instant from;
    Instant to;
};

Outcome<ShownTime> spanOf(const Arguments& arguments)
{
    const auto from = instantOption(arguments, "from");
    const auto to = instantOption(arguments, "to");
    if (!from || !to)
        return tl::unexpected(from ? to.error() : from.error());
    if (*from >= *to)
        return wrongUsage("--to is not after --from.");
    return ShownTime{*from, *to};
}

Outcome<PlanDocument> documentIn(const std::string& file, const PlanDocument& present)
{
    const auto text = readFile(file);
    if (!text)
        return tl::unexpected(text.error());
    ImportOptions options;
    options.zones = loadZoneFile;
    options.present = present;
    options.ianaNameOf = ianaZoneName;
    auto document = planDocumentFromText(*text, options);
    if (!document)
        return refused(document.error());
    return std::move(*document);
}

// What there is besides the plan.
Outcome<Snapshot> storedSnapshot(Session& session)
{
    const auto body = session.get(native::callTo(native::Route::ReadSnapshot));
    if (!body)
        return tl::unexpected(body.error());
    auto snapshot = native::snapshotFromJson(*body);
    if (!snapshot)
        return refused(std::move(snapshot.error()));
    return std::move(*snapshot);
}

bool expectsViewers(const PlanDocument& document)
{
    const auto isExpected = [](const auto& variant) { return std::holds_alternative<ExpectedEffect>(variant); };
    return std::ranges::any_of(document.overlays, isExpected, &Overlay::op) ||
           std::ranges::any_of(document.schedules, [&](const Schedule& schedule) {
               return isExpected(schedule.effect) ||
                      std::ranges::any_of(schedule.changes, [&](const OccurrenceChange& change) {
                          return change.effect && isExpected(*change.effect);
                      });
           });
}

// Where expected viewers become nodes, by what.
std::string capacityText(const PlanDocument& document, const PlanOptions& options)
{
    if (!expectsViewers(document))
        return {};
    const std::string each = "Expected viewers: " + std::to_string(options.viewersPerNode) + " a node, ";
    return each + (options.source == LimitSource::Measured ? "as measured\n"
                                                           : "as is assumed of nodes that were not measured\n");
}

Outcome<void> show(const Desk& desk, const PlanDocument& document, const ShownTime& span, const Snapshot& known)
{
    const auto zone = shownZone(desk.arguments, document);
    if (!zone)
        return tl::unexpected(zone.error());
    json all = json::array();
    for (const NodeGroupName& group : groupsOf(document)) {
        const PlanOptions options = capacity::planOptions(document, group, known.nodeImages);
        const auto plan = CapacityPlan::compile(document, group, loadZoneFile, options);
        if (!plan)
            return refused(plan.error());
        const Preview preview = plan->preview(span.from, span.to, factsAbout(group, known));
        if (preview.to < span.to)
            return refused({ErrorCode::ResourceExhausted,
                            "The preview of node group " + group.value + " has too many windows.",
                            "Ask for a shorter time with --to.",
                            {}});
        json each = native::toJson(preview, *zone);
        each["nodeGroup"] = group.value;
        each["capacity"] = native::toJson(options);
        all.push_back(std::move(each));
        if (desk.format == Format::Table)
            desk.out << "Node group " << group.value << ", times on the wall of " << zone->name() << "\n"
                     << capacityText(document, options) << tableText(preview, *zone);
    }
    if (desk.format != Format::Table)
        printDocument(desk, json{{"previews", all}});
    return {};
}

}  // namespace

Outcome<void> runPreview(const Desk& desk)
{
    const auto file = desk.arguments.value("file");
    if (!file)
        return wrongUsage("--file is missing.", "Name the document, or - for standard input.");
    const auto span = spanOf(desk.arguments);
    if (!span)
        return tl::unexpected(span.error());
    const auto document = documentIn(*file, {});
    if (!document)
        return tl::unexpected(document.error());
    return show(desk, *document, *span, {});
}

Outcome<void> runStoredPreview(Session& session, const Desk& desk)
{
    const auto span = spanOf(desk.arguments);
    if (!span)
        return tl::unexpected(span.error());
    native::HttpCall call = native::callTo(native::Route::ReadPlan);
    call.target += "?format=native";
    const auto body = session.get(call);
    if (!body)
        return tl::unexpected(body.error());
    auto document = native::planDocumentFromJson(*body);
    if (!document)
        return refused(document.error());
    if (const auto file = desk.arguments.value("file")) {
        const auto changes = documentIn(*file, *document);
        if (!changes)
            return tl::unexpected(changes.error());
        document = merged(*document, *changes);
    }
    const auto known = storedSnapshot(session);
    if (!known)
        return tl::unexpected(known.error());
    return show(desk, *document, *span, *known);
}

}  // namespace headgate::ctl
