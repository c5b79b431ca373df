#pragma once

#include "core/base/result.h"
#include "core/domain/command.h"
#include "core/domain/metrics.h"
#include "core/domain/recording.h"
#include "core/domain/route.h"
#include "core/domain/snapshot.h"
#include "core/domain/stream_details.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

// The native documents: one pair of functions per type, used by the API, the remote control plane and the store alike.
// Members are camelCase, enumerations are the words below, instants are RFC 3339 UTC with milliseconds, sizes are
// integers. Decoding refuses unknown members (except below "extensions") and values out of range with InvalidArgument
// and a JSON Pointer.
namespace headgate::native {

using Json = nlohmann::json;

// InvalidArgument naming line and column when `text` is no JSON, is nested deeper than 64 or has duplicate keys.
Result<Json> parse(std::string_view text);

// Compact UTF-8 text; bytes that are no UTF-8 become U+FFFD. Never throws, unlike Json::dump.
std::string write(const Json& json);
// The same of a text, at the end of another one.
void appendQuoted(std::string& out, std::string_view text);

// "2027-06-26T18:42:18.250Z", with 0 to 9 decimals of a second (cut to milliseconds).
Result<TimePoint> instantFromText(std::string_view text);

// "REQUESTED" ... "DESTROYING" (as Stream Manager spells them); "healthy" ...; "publish" ...; "info" ...
std::string_view toWord(NodeState state);
std::string_view toWord(NodeHealth health);
std::string_view toWord(Severity severity);
std::string_view toWord(MetricScope scope);
std::string_view toWord(Capability capability);
std::string_view toWord(RoleLifecycle lifecycle);
std::string_view toWord(ParentCardinality cardinality);
std::string_view toWord(StopMode mode);
std::string_view toWord(TrackKind kind);
std::string_view toWord(ViewerKind kind);
std::string_view toWord(WhenFull whenFull);
std::string_view toWord(PublicRouting routing);
std::string_view toWord(JoinLatency latency);
std::string_view toWord(DeploymentPower power);
Result<MetricScope> metricScopeFromWord(std::string_view word);
Result<StopMode> stopModeFromWord(std::string_view word);
Result<WhenFull> whenFullFromWord(std::string_view word);
Result<PublicRouting> publicRoutingFromWord(std::string_view word);
Result<DeploymentPower> deploymentPowerFromWord(std::string_view word);

Json toJson(const NodeGroup& group);
Json toJson(const Node& node);
Json toJson(const NodeGroupStatus& status);
Json toJson(const NodeStatus& status);
Json toJson(const StreamReport& report);
Json toJson(const StreamStatus& status);
Json toJson(const StreamDetails& details);
Json toJson(const StreamViewer& viewer);
Json toJson(const NodeImageRecord& record);
Json toJson(const NodeImageStatus& status);
Json toJson(const CapacityMeasurement& measurement);
Json toJson(const MediaSettings& settings);
Json toJson(const AccessSettings& settings);
Json toJson(const RecordingSettings& settings);
Json toJson(const RecordingPage& page);
Json toJson(const S3Settings& store);
Json toJson(const std::vector<IceServer>& servers);
Json toJson(const JobReport& report);
Json toJson(const JobStatus& job);
Json toJson(const SrtFigures& figures);
Json toJson(const LoadScaling& load);
Json toJson(const Region& region);
Json toJson(const RegionStatus& status);
Json toJson(const Deployment& deployment);
Json toJson(const DeploymentStatus& status);
Json toJson(const AuditRecord& record);
Json toJson(const Snapshot& snapshot);
Json toJson(const CommandOutcome& outcome);
Json toJson(const MetricSeries& series);
Json toJson(const RouteTarget& target);
Json toJson(const RouteExplanation& explanation);

Result<NodeGroup> nodeGroupFromJson(const Json& json);
Result<Node> nodeFromJson(const Json& json);
Result<StreamReport> streamReportFromJson(const Json& json);
Result<StreamDetails> streamDetailsFromJson(const Json& json);
Result<NodeImageRecord> nodeImageRecordFromJson(const Json& json);
Result<CapacityMeasurement> measurementFromJson(const Json& json);
Result<MediaSettings> mediaSettingsFromJson(const Json& json);
Result<AccessSettings> accessSettingsFromJson(const Json& json);
Result<RecordingSettings> recordingSettingsFromJson(const Json& json);
Result<RecordingPage> recordingPageFromJson(const Json& json);
Result<S3Settings> s3SettingsFromJson(const Json& json);
Result<std::vector<IceServer>> iceServersFromJson(const Json& json);
Result<JobReport> jobReportFromJson(const Json& json);
Result<LoadScaling> loadScalingFromJson(const Json& json);
Result<Region> regionFromJson(const Json& json);
Result<Deployment> deploymentFromJson(const Json& json);
Result<AuditRecord> auditRecordFromJson(const Json& json);
Result<Snapshot> snapshotFromJson(const Json& json);
Result<CommandOutcome> commandOutcomeFromJson(const Json& json);
Result<MetricSeries> metricSeriesFromJson(const Json& json);
Result<RouteTarget> routeTargetFromJson(const Json& json);
Result<RouteExplanation> routeExplanationFromJson(const Json& json);

// RFC 9457: {"type":"https://headgate.dev/problems/<word>","title","status","detail","remedy"?,"pointer"?,"requestId"?}
Json problem(const Error& error, int httpStatus, const RequestId& requestId);
Error errorFromProblem(const Json& json, int httpStatus);

// Decoding a node group sorts its lists; this turns a pointer into the sorted form into one into `document` as it was
// sent.
std::string pointerInDocument(const Json& document, const std::string& pointer);

// The fields that differ between two native documents, by JSON Pointer, arrays of named objects compared by name.
std::vector<FieldChange> difference(const Json& before, const Json& after);

// What the event stream carries: {"type":"snapshot","snapshot":{...}} first, then {"type":"change","change":{...}} with
// only what differs, keyed by name, id or (group, stream).
Json changeBetween(const Snapshot& before, const Snapshot& after);

// Conflict if `change` does not follow on `before` (its "sequence" members do not meet): read the whole snapshot again.
Result<Snapshot> applyChange(const Snapshot& before, const Json& change);

}  // namespace headgate::native
