#include "core/wire/native_codec.h"

#include "core/wire/json_reader.h"
#include "core/wire/json_writer.h"
#include "core/wire/native_fields.h"

#include <algorithm>

namespace headgate::native {
namespace {

void sortRules(std::vector<Subgroup>& subgroups)
{
    for (Subgroup& subgroup : subgroups) {
        std::ranges::stable_sort(subgroup.rules, {}, &ScaleRule::roleName);
        sortRules(subgroup.children);
    }
}

template <typename E>
std::string_view word(E enumerator)
{
    static constexpr auto words = wordsOf(E{});
    return words[static_cast<std::size_t>(enumerator)];
}

template <typename E>
Result<E> fromWord(std::string_view text)
{
    E enumerator{};
    if (auto result = Decode::value(Json(text), enumerator); !result)
        return tl::unexpected(std::move(result.error()));
    return enumerator;
}

}  // namespace

std::string_view toWord(NodeState state)
{
    return word(state);
}

std::string_view toWord(NodeHealth health)
{
    return word(health);
}

std::string_view toWord(Severity severity)
{
    return word(severity);
}

std::string_view toWord(MetricScope scope)
{
    return word(scope);
}

std::string_view toWord(Capability capability)
{
    return word(capability);
}

std::string_view toWord(RoleLifecycle lifecycle)
{
    return word(lifecycle);
}

std::string_view toWord(ParentCardinality cardinality)
{
    return word(cardinality);
}

std::string_view toWord(StopMode mode)
{
    return word(mode);
}

std::string_view toWord(TrackKind kind)
{
    return word(kind);
}

std::string_view toWord(ViewerKind kind)
{
    return word(kind);
}

std::string_view toWord(WhenFull whenFull)
{
    return word(whenFull);
}

std::string_view toWord(PublicRouting routing)
{
    return word(routing);
}

std::string_view toWord(JoinLatency latency)
{
    return word(latency);
}

std::string_view toWord(DeploymentPower power)
{
    return word(power);
}

Result<MetricScope> metricScopeFromWord(std::string_view text)
{
    return fromWord<MetricScope>(text);
}

Result<StopMode> stopModeFromWord(std::string_view text)
{
    return fromWord<StopMode>(text);
}

Result<WhenFull> whenFullFromWord(std::string_view text)
{
    return fromWord<WhenFull>(text);
}

Result<PublicRouting> publicRoutingFromWord(std::string_view text)
{
    return fromWord<PublicRouting>(text);
}

Result<DeploymentPower> deploymentPowerFromWord(std::string_view text)
{
    return fromWord<DeploymentPower>(text);
}

Json toJson(const NodeGroup& group)
{
    return Encode::value(group);
}

Json toJson(const Node& node)
{
    return Encode::value(node);
}

Json toJson(const NodeGroupStatus& status)
{
    return Encode::value(status);
}

Json toJson(const NodeStatus& status)
{
    return Encode::value(status);
}

Json toJson(const StreamReport& report)
{
    return Encode::value(report);
}

Json toJson(const StreamStatus& status)
{
    return Encode::value(status);
}

Json toJson(const StreamDetails& details)
{
    return Encode::value(details);
}

Json toJson(const StreamViewer& viewer)
{
    return Encode::value(viewer);
}

Json toJson(const NodeImageRecord& record)
{
    return Encode::value(record);
}

Json toJson(const NodeImageStatus& status)
{
    return Encode::value(status);
}

Json toJson(const CapacityMeasurement& measurement)
{
    return Encode::value(measurement);
}

Json toJson(const MediaSettings& settings)
{
    return Encode::value(settings);
}

Json toJson(const AccessSettings& settings)
{
    return Encode::value(settings);
}

Json toJson(const RecordingSettings& settings)
{
    return Encode::value(settings);
}

Json toJson(const RecordingPage& page)
{
    return Encode::value(page);
}

Json toJson(const S3Settings& store)
{
    return Encode::value(store);
}

Json toJson(const std::vector<IceServer>& servers)
{
    return Encode::value(servers);
}

Json toJson(const JobReport& report)
{
    return Encode::value(report);
}

Json toJson(const JobStatus& job)
{
    return Encode::value(job);
}

Json toJson(const SrtFigures& figures)
{
    return Encode::value(figures);
}

Json toJson(const LoadScaling& load)
{
    return Encode::value(load);
}

Json toJson(const Region& region)
{
    return Encode::value(region);
}

Json toJson(const RegionStatus& status)
{
    return Encode::value(status);
}

Json toJson(const DeploymentStatus& status)
{
    return Encode::value(status);
}

Json toJson(const Deployment& deployment)
{
    return Encode::value(deployment);
}

Json toJson(const AuditRecord& record)
{
    return Encode::value(record);
}

Json toJson(const Snapshot& snapshot)
{
    return Encode::value(snapshot);
}

Json toJson(const CommandOutcome& outcome)
{
    return Encode::value(outcome);
}

Json toJson(const MetricSeries& series)
{
    return Encode::value(series);
}

Json toJson(const RouteExplanation& explanation)
{
    return Encode::value(explanation);
}

Json toJson(const RouteTarget& target)
{
    return Encode::value(target);
}

Result<NodeGroup> nodeGroupFromJson(const Json& json)
{
    auto group = decodeDocument<NodeGroup>(json);
    if (group) {
        std::ranges::stable_sort(group->images, {}, &NodeImage::name);
        std::ranges::stable_sort(group->roles, {}, &Role::name);
        sortRules(group->subgroups);
    }
    return group;
}

Result<Node> nodeFromJson(const Json& json)
{
    return decodeDocument<Node>(json);
}

Result<StreamReport> streamReportFromJson(const Json& json)
{
    return decodeDocument<StreamReport>(json);
}

Result<StreamDetails> streamDetailsFromJson(const Json& json)
{
    return decodeDocument<StreamDetails>(json);
}

Result<NodeImageRecord> nodeImageRecordFromJson(const Json& json)
{
    return decodeDocument<NodeImageRecord>(json);
}

Result<CapacityMeasurement> measurementFromJson(const Json& json)
{
    return decodeDocument<CapacityMeasurement>(json);
}

Result<MediaSettings> mediaSettingsFromJson(const Json& json)
{
    return decodeDocument<MediaSettings>(json);
}

Result<AccessSettings> accessSettingsFromJson(const Json& json)
{
    return decodeDocument<AccessSettings>(json);
}

Result<RecordingSettings> recordingSettingsFromJson(const Json& json)
{
    return decodeDocument<RecordingSettings>(json);
}

Result<RecordingPage> recordingPageFromJson(const Json& json)
{
    return decodeDocument<RecordingPage>(json);
}

Result<S3Settings> s3SettingsFromJson(const Json& json)
{
    return decodeDocument<S3Settings>(json);
}

Result<std::vector<IceServer>> iceServersFromJson(const Json& json)
{
    return decodeDocument<std::vector<IceServer>>(json);
}

Result<JobReport> jobReportFromJson(const Json& json)
{
    return decodeDocument<JobReport>(json);
}

Result<LoadScaling> loadScalingFromJson(const Json& json)
{
    return decodeDocument<LoadScaling>(json);
}

Result<Region> regionFromJson(const Json& json)
{
    return decodeDocument<Region>(json);
}

Result<Deployment> deploymentFromJson(const Json& json)
{
    return decodeDocument<Deployment>(json);
}

Result<AuditRecord> auditRecordFromJson(const Json& json)
{
    return decodeDocument<AuditRecord>(json);
}

Result<Snapshot> snapshotFromJson(const Json& json)
{
    return decodeDocument<Snapshot>(json);
}

Result<CommandOutcome> commandOutcomeFromJson(const Json& json)
{
    return decodeDocument<CommandOutcome>(json);
}

Result<MetricSeries> metricSeriesFromJson(const Json& json)
{
    return decodeDocument<MetricSeries>(json);
}

Result<RouteExplanation> routeExplanationFromJson(const Json& json)
{
    return decodeDocument<RouteExplanation>(json);
}

Result<RouteTarget> routeTargetFromJson(const Json& json)
{
    return decodeDocument<RouteTarget>(json);
}

}  // namespace headgate::native
