#pragma once

#include "core/domain/plan_document.h"
#include "core/plan/capacity_plan.h"
#include "core/plan/zone_rules.h"

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <string_view>

// Documents of the plan. Native ones are
//   {"nodeGroups": [...], "schedules": [...], "overlays": [...], "exclusions": [...], "limits": [...],
//    "configurations": [...]}
// with every member optional; times on the wall are "2027-06-26T20:00:00", instants RFC 3339 with an offset.
namespace headgate::native {

using Json = nlohmann::json;

// InvalidArgument with the JSON Pointer of the field. Says whether the document is well formed; validate() says the
// rest.
Result<PlanDocument> planDocumentFromJson(const Json& json);
Json toJson(const PlanDocument& document);

// One of the members of such a list. Pointers of errors lead into it.
Result<PlanItem> planItemFromJson(PlanItemKind kind, const Json& json);
Json toJson(const PlanItem& item);

// {"kind", "item", "version", "createdAt", "updatedAt", "updatedBy", "uid", "createdBy"}
Json toJson(const StoredPlanItem& stored);

// {"revision", "items": [...]}
Json toJson(const StoredPlan& plan);
Result<StoredPlan> storedPlanFromJson(const Json& json);

// "schedule", "overlay", "exclusion-set", "limit", "configuration".
std::string_view toWord(PlanItemKind kind);
Result<PlanItemKind> planItemKindFromWord(std::string_view word);

// Instants in `zone`; beside each, the time on the wall.
Json toJson(const Preview& preview, const ZoneRules& zone);

// By what a preview turned expected viewers into nodes.
Json toJson(const PlanOptions& options);

}  // namespace headgate::native

namespace headgate::stream_manager {

// A document of this dialect as a plan. `places` tells where its parts stood: of "/schedules/0" that may be
// "/1/schedules/weekend".
struct PlacedPlan
{
    PlanDocument document;
    std::map<std::string, std::string> places;

    // The pointer in the document as it was read, for one into the native form.
    std::string placeOf(const std::string& pointer) const;
};

// One NodeGroupConfig or an array of them. With a baseNodeGroupName it is a configuration overlay, else a group with
// one schedule for each of its own, see isOfStreamManager(). Windows are in UTC unless a schedule names a "timeZone".
Result<PlacedPlan> placedPlanFromJson(const nlohmann::json& json);
Result<PlanDocument> planDocumentFromJson(const nlohmann::json& json);

}  // namespace headgate::stream_manager

namespace headgate {

// Where `pointer` leads in a JSON text, counted from 1; 0 if it leads nowhere.
int lineOfPointer(std::string_view json, std::string_view pointer);

}  // namespace headgate
