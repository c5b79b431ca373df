#pragma once

#include "core/domain/plan_document.h"
#include "core/plan/zone_rules.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// A plan as a file.
namespace headgate {

enum class PlanFormat
{
    Native,         // JSON, complete
    StreamManager,  // JSON, an array of NodeGroupConfig: node groups, their cron schedules, configuration overlays
    Calendar,       // iCalendar; complete for Headgate, the windows for calendar programs
    Csv             // windows, one a line, with times in UTC and on the wall
};

// "native", "stream-manager", "ics", "csv".
std::string_view toWord(PlanFormat format);
Result<PlanFormat> planFormatFromWord(std::string_view word);
std::string_view mediaTypeOf(PlanFormat format);

// What the form cannot say is in the notes, one sentence each.
struct PlanExport
{
    std::string text;
    std::vector<std::string> notes;
};

struct ExportOptions
{
    ZoneLoader zones;
    Instant now;
    Instant from, to;  // windows of the CSV that meet [from, to)
};

// Fails for the CSV only, if the plan breaks a rule, or with ResourceExhausted if it has too many windows.
Result<PlanExport> exportPlan(const PlanDocument& document, PlanFormat format, const ExportOptions& options);

// --- One by one ---

PlanExport calendarOf(const PlanDocument& document, const ZoneLoader& zones, Instant now);
Result<PlanExport> csvOf(const PlanDocument& document, const ExportOptions& options);

}  // namespace headgate

namespace headgate::stream_manager {

// A group with its own schedules, see isOfStreamManager(). Others of `schedules` are left out.
nlohmann::json toJson(const NodeGroup& group, const std::vector<Schedule>& schedules);
nlohmann::json toJson(const ConfigurationOverlay& overlay);

// All that the dialect can say. Calendars become cron expressions where these mean the same.
nlohmann::json toJson(const PlanDocument& document, std::vector<std::string>& notes);

}  // namespace headgate::stream_manager
