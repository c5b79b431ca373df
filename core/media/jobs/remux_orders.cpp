#include "core/media/jobs/remux_orders.h"

#include <algorithm>
#include <array>

namespace headgate {

namespace {

using Json = nlohmann::json;

constexpr auto phaseWords = std::to_array<std::pair<RemuxPhase, const char*>>({
    {RemuxPhase::Waiting, "waiting"},
    {RemuxPhase::Live, "live"},
    {RemuxPhase::Done, "done"},
    {RemuxPhase::Over, "over"},
    {RemuxPhase::Broken, "broken"},
    {RemuxPhase::Useless, "useless"},
});

std::string textOf(const Json& json, const char* name)
{
    const auto member = json.find(name);
    return member != json.end() && member->is_string() ? member->get<std::string>() : std::string();
}

std::string written(const Json& json)
{
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string encodeRemuxOrders(const RemuxOrders& orders)
{
    return written({{"job", toJson(orders.job)}, {"hubUrl", orders.hubUrl}, {"folder", orders.folder}});
}

Result<RemuxOrders> decodeRemuxOrders(std::string_view line)
{
    const Json json = line.size() <= RemuxOrders::mostBytes ? Json::parse(line, nullptr, false) : Json();
    if (!json.is_object() || !json.contains("job"))
        return fail(ErrorCode::InvalidArgument, "These are no orders.");
    auto job = jobOrdersFromJson(json["job"]);
    if (!job)
        return tl::unexpected(std::move(job.error()));
    RemuxOrders orders{std::move(*job), textOf(json, "hubUrl"), textOf(json, "folder")};
    const std::string scheme = orders.job.kind == JobKind::Push ? "http://" : "rtmp://";
    if (!orders.hubUrl.starts_with(scheme))
        return fail(ErrorCode::InvalidArgument, "The address at the node does not begin with " + scheme + ".");
    return orders;
}

std::string encodeRemuxStatus(const RemuxStatus& status)
{
    const auto word = std::ranges::find(phaseWords, status.phase, &std::pair<RemuxPhase, const char*>::first);
    return written({{"phase", word->second}, {"bytes", status.bytes}, {"reason", status.reason}});
}

Result<RemuxStatus> decodeRemuxStatus(std::string_view line)
{
    const Json json = line.size() <= RemuxStatus::mostBytes ? Json::parse(line, nullptr, false) : Json();
    const std::string phase = json.is_object() ? textOf(json, "phase") : std::string();
    const auto word = std::ranges::find_if(phaseWords, [&](const auto& known) { return known.second == phase; });
    if (word == phaseWords.end() || !json.contains("bytes") || !json["bytes"].is_number_unsigned())
        return fail(ErrorCode::InvalidArgument, "This is no status.");
    return RemuxStatus{word->first, json["bytes"].get<std::int64_t>(), textOf(json, "reason")};
}

}  // namespace headgate
