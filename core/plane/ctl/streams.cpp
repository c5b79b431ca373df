#include "core/plane/ctl/streams.h"

#include "core/plane/ctl/answer.h"
#include "core/plane/ctl/table.h"
#include "core/wire/native_codec.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ostream>

namespace headgate::ctl {
namespace {

using nlohmann::json;

std::string decimal(double value, const char* unit)
{
    std::array<char, 48> text{};
    std::snprintf(text.data(), text.size(), "%.1f%s", value, unit);
    return text.data();
}

std::string orNothing(std::int64_t value)
{
    return value > 0 ? std::to_string(value) : std::string();
}

std::string picture(const StreamTrack& track)
{
    return track.width > 0 ? std::to_string(track.width) + "x" + std::to_string(track.height) : std::string();
}

std::string trackTable(const StreamDetails& details)
{
    TextTable table({"TRACK", "CODEC", "PROFILE", "PICTURE", "FPS", "DECLARED", "GOP", "GOP MS", "B-FRAMES", "HZ",
                     "CHANNELS", "BITRATE"});
    for (const StreamTrack& track : details.tracks) {
        const bool isVideo = track.kind == TrackKind::Video;
        table.addRow({std::string(native::toWord(track.kind)) + " " + std::to_string(track.number), track.codec,
                      track.profile, picture(track), isVideo ? decimal(track.framesPerSecond, "") : "",
                      track.declaredFramesPerSecond > 0 ? decimal(track.declaredFramesPerSecond, "") : "",
                      orNothing(track.gopFrames), orNothing(track.gopMs),
                      !isVideo           ? ""
                      : track.hasBFrames ? "yes"
                                         : "no",
                      orNothing(track.sampleRate), orNothing(track.channels), bitRateText(track.bitsPerSecond)});
    }
    return table.text();
}

std::string hopTable(const std::vector<StreamDetails>& hops)
{
    TextTable table(
        {"NODE", "FROM", "BITRATE", "JITTER", "A/V DRIFT", "JUMPS", "SKIPS", "FRAMES SKIPPED", "VIEWERS", "NOTE"});
    for (const StreamDetails& hop : hops) {
        table.addRow({hop.node.value, hop.report.publisherAddress, bitRateText(hop.report.bitsPerSecond),
                      decimal(hop.timing.jitterMs, " ms"), decimal(hop.timing.driftMs, " ms"),
                      std::to_string(hop.timing.timestampJumps), std::to_string(hop.timing.skips),
                      std::to_string(hop.timing.framesSkipped), std::to_string(hop.viewerCount), hop.note});
    }
    return table.text();
}

std::string viewerTable(const std::vector<StreamDetails>& hops)
{
    TextTable table({"VIEWER", "NODE", "KIND", "PROTOCOL", "ADDRESS", "SINCE", "TAKES", "LAG MS", "WAITING", "KERNEL",
                     "RTT", "SKIPS"});
    for (const StreamDetails& hop : hops) {
        for (const StreamViewer& viewer : hop.viewers) {
            table.addRow({std::to_string(viewer.id), hop.node.value, std::string(native::toWord(viewer.kind)),
                          viewer.protocol, viewer.address, toRfc3339(viewer.connectedAt),
                          bitRateText(viewer.bitsPerSecond), std::to_string(viewer.lagMs),
                          std::to_string(viewer.waitingBytes), std::to_string(viewer.kernelBytes),
                          decimal(viewer.roundTripMs, " ms"), std::to_string(viewer.skips)});
        }
    }
    return table.text();
}

// The nodes that carry the stream, its origin first; of the group that is named, else of the first that has it.
struct Carriers
{
    NodeGroupName nodeGroup;
    std::vector<NodeId> nodes;
};

Outcome<Carriers> carriersOf(Session& session, const Arguments& arguments)
{
    const std::string& name = arguments.words[1];
    const auto group = arguments.value("node-group");
    const auto body = session.get(native::callTo(native::Route::ListStreams));
    if (!body)
        return tl::unexpected(body.error());
    for (const json& stream : body->value("streams", json::array())) {
        const std::string ofGroup = stream.value("nodeGroup", "");
        if (stream.value(json::json_pointer("/ingest/stream"), "") != name || (group && *group != ofGroup))
            continue;
        Carriers carriers{NodeGroupName(ofGroup), {NodeId(stream.value("origin", ""))}};
        for (const json& hop : stream.value("hops", json::array()))
            carriers.nodes.emplace_back(hop.value("node", ""));
        if (const auto node = arguments.value("node"))
            carriers.nodes = {NodeId(*node)};
        return carriers;
    }
    return tl::unexpected(Failure{ExitStatus::Refused,
                                  {ErrorCode::NotFound,
                                   "The stream \"" + name + "\" is not live.",
                                   "headgatectl get streams lists what is.",
                                   {}}});
}

// What the node answers, or for a node that stopped to carry the stream meanwhile that it did.
Outcome<StreamDetails> askHop(Session& session, const StreamQuery& query)
{
    auto body = session.get(native::callFor(query));
    if (!body && body.error().error.code == ErrorCode::NotFound) {
        StreamDetails gone;
        gone.node = query.node;
        gone.report.key = query.stream;
        gone.note = body.error().error.message;
        return gone;
    }
    if (!body)
        return tl::unexpected(std::move(body.error()));
    auto details = native::streamDetailsFromJson(*body);
    if (!details)
        return tl::unexpected(Failure{ExitStatus::Refused, std::move(details.error())});
    return std::move(*details);
}

}  // namespace

Outcome<void> runGetStream(Session& session, const Desk& desk)
{
    auto key = StreamKey::parse(desk.arguments.words[1]);
    if (!key)
        return tl::unexpected(Failure{ExitStatus::WrongUsage, std::move(key.error())});
    const auto carriers = carriersOf(session, desk.arguments);
    if (!carriers)
        return tl::unexpected(carriers.error());
    std::vector<StreamDetails> hops;
    json documents = json::array();
    for (const NodeId& node : carriers->nodes) {
        StreamQuery query;
        query.nodeGroup = carriers->nodeGroup;
        query.stream = *key;
        query.node = node;
        auto details = askHop(session, query);
        if (!details)
            return tl::unexpected(std::move(details.error()));
        documents.push_back(native::toJson(*details));
        hops.push_back(std::move(*details));
    }
    const auto answered = std::ranges::find(hops, std::string(), &StreamDetails::note);
    const StreamDetails& leading = answered == hops.end() ? hops.front() : *answered;
    print(desk, json{{"details", documents}}, trackTable(leading) + "\n" + hopTable(hops) + "\n" + viewerTable(hops));
    return {};
}

}  // namespace headgate::ctl
