#include "core/wire/lenient_reader.h"
#include "core/wire/plan_codec.h"
#include "core/wire/stream_manager_codec.h"

namespace headgate::stream_manager {
namespace {

Result<ConfigurationOverlay::Opening> openingFromJson(const LenientReader::Element& element)
{
    LenientReader reader(*element.json, element.pointer);
    ConfigurationOverlay::Opening opening;
    opening.name = reader.text("name").empty() ? element.key : reader.text("name");
    auto cron = CronExpression::parse(reader.text("startAt"));
    if (!cron)
        reader.failAt("startAt", cron.error().message, cron.error().remedy);
    else
        opening.timing.cron = std::move(*cron);
    const auto duration = reader.number("durationS");
    if (!duration || *duration < 60 || *duration > 31'536'000)
        reader.failAt("durationS", "The duration is 60 to 31536000 seconds.");
    opening.timing.duration = seconds(duration.value_or(60));
    if (const std::string zone = reader.text("timeZone"); !zone.empty())
        opening.timing.zone = zone;
    if (reader.error())
        return tl::unexpected(*reader.error());
    return opening;
}

Result<void> addConfiguration(PlanDocument& document, const Json& json, const std::string& pointer)
{
    LenientReader reader(json, pointer);
    const std::string base = reader.text("baseNodeGroupName");
    std::vector<ConfigurationOverlay::Opening> openings;
    for (const LenientReader::Element& element : reader.elements("schedules")) {
        auto opening = openingFromJson(element);
        if (!opening)
            return tl::unexpected(std::move(opening.error()));
        openings.push_back(std::move(*opening));
    }
    if (!base.empty() && openings.empty())
        reader.failAt("schedules", "An overlay has at least one schedule.");
    if (reader.error())
        return tl::unexpected(*reader.error());
    Json plain = json;
    plain.erase("baseNodeGroupName");
    plain.erase("schedules");
    auto group = nodeGroupFromJson(plain);
    if (!group) {
        group.error().pointer = pointer + group.error().pointer;
        return tl::unexpected(std::move(group.error()));
    }
    if (!base.empty()) {
        document.configurations.push_back({std::move(*group), NodeGroupName(base), std::move(openings)});
        return {};
    }
    for (const ConfigurationOverlay::Opening& opening : openings) {
        Schedule schedule;
        schedule.id = group->name.value + "/" + opening.name;
        schedule.name = opening.name;
        schedule.scope.nodeGroup = group->name;
        schedule.timing = opening.timing;
        document.schedules.push_back(std::move(schedule));
    }
    document.nodeGroups.push_back(std::move(*group));
    return {};
}

}  // namespace

Result<PlanDocument> planDocumentFromJson(const Json& json)
{
    PlanDocument document;
    if (!json.is_array()) {
        if (auto added = addConfiguration(document, json, ""); !added)
            return tl::unexpected(std::move(added.error()));
        return document;
    }
    for (std::size_t i = 0; i < json.size(); ++i) {
        if (auto added = addConfiguration(document, json[i], "/" + std::to_string(i)); !added)
            return tl::unexpected(std::move(added.error()));
    }
    return document;
}

}  // namespace headgate::stream_manager
