#include "core/api/native_call.h"
#include "core/api/native_wishes.h"
#include "core/base/check.h"
#include "core/plan/node_capacity.h"
#include "core/plan/plan_merge.h"
#include "core/plan/plan_text.h"
#include "core/plane/zone_files.h"
#include "core/wire/plan_export.h"

#include <algorithm>
#include <array>

namespace headgate {

namespace {

using native::Json;
using native::Route;

constexpr std::chrono::days longestPreview{400};
constexpr std::size_t mostSegments = 20'000;
constexpr std::size_t mostReasons = 200'000;

Instant nowInSeconds()
{
    return std::chrono::floor<seconds>(systemNow());
}

std::shared_ptr<const std::vector<StoredPlanItem>> itemsOfKind(const StoredPlan& plan, PlanItemKind kind)
{
    auto items = std::make_shared<std::vector<StoredPlanItem>>();
    std::ranges::copy_if(plan.items, std::back_inserter(*items),
                         [kind](const StoredPlanItem& stored) { return keyOf(stored.item).kind == kind; });
    return items;
}

// Notes may be many and in any language, so that a header only counts them.
http::Response fileOf(const PlanExport& file, PlanFormat format)
{
    http::Response response;
    response.contentType = std::string(mediaTypeOf(format));
    response.body = file.text;
    response.headers.emplace_back("Headgate-Notes", std::to_string(file.notes.size()));
    return response;
}

struct PreviewQuestion
{
    PlanDocument document;
    std::optional<NodeGroupName> nodeGroup;  // none: all of them
    Instant from;
    Instant to;
    ZoneRules zone;
};

class QuestionReader
{
public:
    explicit QuestionReader(Json json) : m_json(std::move(json)) {}

    Result<PreviewQuestion> read(const StoredPlan& plan, const Snapshot& snapshot)
    {
        if (!m_json.is_object())
            return fail(ErrorCode::InvalidArgument, "What is to be previewed is an object.");
        for (const auto& [name, value] : m_json.items()) {
            constexpr std::array known = {"document", "nodeGroup", "from", "to", "zone"};
            if (std::ranges::find(known, name) == known.end())
                return fail(ErrorCode::InvalidArgument, "The member \"" + name + "\" is not known here.", {},
                            "/" + name);
        }
        PreviewQuestion question;
        const auto from = instant("from"), to = instant("to");
        if (!from || !to)
            return tl::unexpected(from ? to.error() : from.error());
        if (*from >= *to || *to - *from > longestPreview)
            return fail(ErrorCode::InvalidArgument, "A preview ends after its start, and at most 400 days later.", {},
                        "/to");
        auto zone = loadZoneFile(text("zone", "UTC"));
        if (!zone)
            return fail(ErrorCode::InvalidArgument, zone.error().message, zone.error().remedy, "/zone");
        question.document = toDocument(plan, snapshot);
        if (m_json.contains("document")) {
            auto document = native::planDocumentFromJson(m_json["document"]);
            if (!document)
                return inDocument(document.error());
            question.document = merged(question.document, *document);
        }
        question.from = *from;
        question.to = *to;
        question.zone = std::move(*zone);
        if (const std::string group = text("nodeGroup", ""); !group.empty())
            question.nodeGroup = NodeGroupName(group);
        return question;
    }

private:
    static tl::unexpected<Error> inDocument(Error error)
    {
        error.pointer = "/document" + error.pointer;
        return tl::unexpected(std::move(error));
    }

    std::string text(const char* member, const char* otherwise) const
    {
        return m_json.contains(member) && m_json[member].is_string() ? m_json[member].get<std::string>() : otherwise;
    }

    Result<Instant> instant(const char* member) const
    {
        auto instant = instantFromText(text(member, ""));
        if (!instant)
            instant.error().pointer = std::string("/") + member;
        return instant;
    }

    Json m_json;
};

// The windows of a table: from now on unless the query says otherwise.
Result<ExportOptions> exportOptions(const QueryParameters& query)
{
    const Instant now = nowInSeconds();
    ExportOptions options{loadZoneFile, now, now, {}};
    if (const auto text = query.find("from")) {
        const auto from = instantFromText(*text);
        if (!from)
            return tl::unexpected(from.error());
        options.from = *from;
    }
    options.to = options.from + longestPreview;
    if (const auto text = query.find("to")) {
        const auto to = instantFromText(*text);
        if (!to)
            return tl::unexpected(to.error());
        options.to = *to;
    }
    if (options.from >= options.to || options.to - options.from > longestPreview)
        return fail(ErrorCode::InvalidArgument, "The query parameter to is after from, and at most 400 days later.");
    return options;
}

Result<Json> previewsOf(const PreviewQuestion& question, const Snapshot& snapshot)
{
    const auto tooMuch = [](const char* what) {
        return fail(ErrorCode::ResourceExhausted, std::string("The preview has too many ") + what + ".",
                    "Ask for a shorter time, or for one node group.");
    };
    Json previews = Json::array();
    std::size_t segments = 0, reasons = 0;
    for (const NodeGroupName& group : groupsOf(question.document)) {
        if (question.nodeGroup && *question.nodeGroup != group)
            continue;
        const auto plan = CapacityPlan::compile(question.document, group, loadZoneFile,
                                                capacity::planOptions(question.document, group, snapshot.nodeImages));
        if (!plan)
            return tl::unexpected(plan.error());
        const Preview preview = plan->preview(question.from, question.to, factsAbout(group, snapshot));
        if (preview.to < question.to)
            return tooMuch("windows");
        segments += preview.segments.size() + preview.conflicts.size();
        for (const Segment& segment : preview.segments)
            reasons += segment.provenance.size();
        if (segments > mostSegments || reasons > mostReasons)
            return tooMuch("segments");
        Json json = native::toJson(preview, question.zone);
        json["nodeGroup"] = group.value;
        json["capacity"] = native::toJson(plan->options());
        previews.push_back(std::move(json));
    }
    if (question.nodeGroup && previews.empty())
        return fail(ErrorCode::NotFound, "There is no node group \"" + question.nodeGroup->value + "\".");
    return Json{{"previews", std::move(previews)}};
}

}  // namespace

http::Answer NativeRoutes::readPlan(const Call& call) const
{
    const StoredPlanPtr plan = planFor(call);
    const SnapshotPtr snapshot = snapshotFor(call);
    const auto word = call.query.find("format");
    if (!word)
        return later(m_context.reading, call.requestId,
                     [plan] { return withVersion(jsonResponse(200, native::toJson(*plan)), plan->revision); });
    const auto format = planFormatFromWord(*word);
    const auto asksNotes = call.query.flag("notes", false);
    const auto options = exportOptions(call.query);
    if (!format || !asksNotes)
        return call.failure(format ? asksNotes.error() : format.error());
    if (!options)
        return call.failure(options.error());
    return later(m_context.planning, call.requestId,
                 [plan, snapshot, format = *format, asksNotes = *asksNotes, options = *options, id = call.requestId] {
                     const auto file = exportPlan(toDocument(*plan, *snapshot), format, options);
                     if (!file)
                         return nativeFailure(file.error(), id);
                     return asksNotes ? jsonResponse(200, Json{{"notes", file->notes}}) : fileOf(*file, format);
                 });
}

http::Answer NativeRoutes::readPlanItems(const Call& call) const
{
    const StoredPlanPtr plan = planFor(call);
    const PlanItemKind kind = call.row.kind;
    if (call.row.route == Route::ListPlanItems)
        return page(call, itemsOfKind(*plan, kind));
    const PlanItemKey key{kind, call.parameter};
    const auto found =
        std::ranges::find(plan->items, key, [](const StoredPlanItem& stored) { return keyOf(stored.item); });
    if (found == plan->items.end())
        return call.failure(noSuch(std::string(native::toWord(kind)), call.parameter));
    return withVersion(jsonResponse(200, native::toJson(*found)), found->version);
}

http::Answer NativeRoutes::previewPlan(const Call& call) const
{
    return later(
        m_context.planning, call.requestId,
        [plan = planFor(call), snapshot = snapshotFor(call), body = call.request.body, requestId = call.requestId] {
            auto json = native::parse(body);
            const auto question = json ? QuestionReader(std::move(*json)).read(*plan, *snapshot)
                                       : Result<PreviewQuestion>(tl::unexpected(json.error()));
            const auto previews = question ? previewsOf(*question, *snapshot) : tl::unexpected(question.error());
            return previews ? jsonResponse(200, *previews) : nativeFailure(previews.error(), requestId);
        });
}

http::Answer NativeRoutes::readPlaces(const Call& call) const
{
    const SnapshotPtr snapshot = snapshotFor(call);
    const std::string& name = call.parameter;
    if (call.row.route == Route::ListRegions)
        return page(call, partOf(snapshot, snapshot->regions), Json{{"defaultRegion", snapshot->defaultRegion}});
    if (call.row.route == Route::ListDeployments)
        return page(call, partOf(snapshot, snapshot->deployments));
    if (call.row.route == Route::ReadRegion) {
        const auto region =
            std::ranges::find(snapshot->regions, name, [](const RegionStatus& s) { return s.region.name; });
        if (region == snapshot->regions.end())
            return call.failure(noSuch("region", name));
        return withVersion(jsonResponse(200, native::toJson(*region)), region->version);
    }
    HG_CHECK(call.row.route == Route::ReadDeployment);
    const auto deployment = std::ranges::find(snapshot->deployments, name,
                                              [](const DeploymentStatus& s) { return s.stored.deployment.name; });
    if (deployment == snapshot->deployments.end())
        return call.failure(noSuch("deployment", name));
    return withVersion(jsonResponse(200, native::toJson(*deployment)), deployment->stored.version);
}

}  // namespace headgate
