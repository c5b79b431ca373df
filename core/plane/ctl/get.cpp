#include "core/plane/ctl/get.h"

#include "core/plane/ctl/answer.h"
#include "core/plane/ctl/get_plan.h"
#include "core/plane/ctl/streams.h"
#include "core/plane/ctl/table.h"
#include "core/wire/native_query.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <ostream>

namespace headgate::ctl {
namespace {

using nlohmann::json;

std::string percent(const json& document, const char* pointer)
{
    const json::json_pointer place{std::string(pointer)};
    std::array<char, 32> text{};
    if (document.contains(place) && document[place].is_number())
        std::snprintf(text.data(), text.size(), "%.1f%%", document[place].get<double>());
    return text.data();
}

std::int64_t sumOverPools(const json& group, const char* member)
{
    std::int64_t sum = 0;
    for (const json& pool : group.value("pools", json::array()))
        sum += numberAt(pool, member);
    return sum;
}

std::string groupTable(const json& groups)
{
    TextTable table({"NAME", "PLATFORM", "READY/WANTED", "WARMING", "DRAINING", "UNWELL", "VERSION", "CHANGED", "BY"});
    for (const json& group : groups) {
        table.addRow(
            {at(group, "/group/name"), at(group, "/group/cloudPlatform"),
             std::to_string(sumOverPools(group, "/ready")) + "/" + std::to_string(sumOverPools(group, "/wanted")),
             std::to_string(sumOverPools(group, "/warming")), std::to_string(sumOverPools(group, "/draining")),
             std::to_string(sumOverPools(group, "/unwell")), at(group, "/version"), at(group, "/updatedAt"),
             at(group, "/updatedBy")});
    }
    return table.text();
}

std::string poolTable(const json& group)
{
    TextTable table({"SUBGROUP", "ROLE", "REGION", "WANTED", "READY", "OUTDATED", "WARMING", "DRAINING", "UNWELL"});
    for (const json& pool : group.value("pools", json::array())) {
        table.addRow({at(pool, "/key/subgroup"), at(pool, "/key/role"), at(pool, "/region"), at(pool, "/wanted"),
                      at(pool, "/ready"), at(pool, "/outdated"), at(pool, "/warming"), at(pool, "/draining"),
                      at(pool, "/unwell")});
    }
    std::string text = table.text();
    for (const json& sentence : group.value("waitsFor", json::array()))
        text += "It waits: " + sentence.get<std::string>() + "\n";
    return text;
}

std::string nodeTable(const json& nodes)
{
    TextTable table({"ID", "GROUP", "SUBGROUP", "ROLE", "STATE", "HEALTH", "ADDRESS", "RTMP", "HTTP", "CPU",
                     "PUBLISHERS", "VIEWERS"});
    for (const json& node : nodes) {
        table.addRow({at(node, "/node/id"), at(node, "/node/pool/nodeGroup"), at(node, "/node/pool/subgroup"),
                      at(node, "/node/pool/role"), at(node, "/node/state"), at(node, "/node/health"),
                      at(node, "/node/endpoints/address"), at(node, "/node/endpoints/rtmpPort"),
                      at(node, "/node/endpoints/httpPort"), percent(node, "/load/cpuPercent"),
                      at(node, "/load/publishers"), at(node, "/load/subscribers")});
    }
    return table.text();
}

std::string streamTable(const json& streams)
{
    TextTable table({"STREAM", "GROUP", "ORIGIN", "EDGES", "VIEWERS", "VIDEO", "AUDIO", "PICTURE", "BITRATE", "SINCE"});
    for (const json& stream : streams) {
        table.addRow({at(stream, "/ingest/stream"), at(stream, "/nodeGroup"), at(stream, "/origin"),
                      std::to_string(stream.value("hops", json::array()).size()), at(stream, "/viewers"),
                      at(stream, "/ingest/videoCodec"), at(stream, "/ingest/audioCodec"),
                      at(stream, "/ingest/width") + "x" + at(stream, "/ingest/height"),
                      bitRateText(numberAt(stream, "/ingest/bitsPerSecond")), at(stream, "/ingest/startedAt")});
    }
    return table.text();
}

std::string imageTable(const json& images)
{
    TextTable table({"NAME", "VIEWERS/CORE", "AT", "MERGE", "MEASURED", "NODES", "USED BY", "SOFTWARE", "VERSION"});
    for (const json& image : images) {
        std::string groups;
        std::int64_t nodes = 0;
        for (const json& use : image.value("uses", json::array())) {
            groups += (groups.empty() ? "" : ",") + at(use, "/nodeGroup");
            nodes += numberAt(use, "/nodes");
        }
        std::string versions;
        for (const json& version : image.value("softwareVersions", json::array()))
            versions += (versions.empty() ? "" : ",") + version.get<std::string>();
        const bool isMeasured = image.contains(json::json_pointer("/image/measurements/0"));
        table.addRow({at(image, "/image/name"), at(image, "/image/measurements/0/viewersPerCore"),
                      isMeasured ? bitRateText(numberAt(image, "/image/measurements/0/streamBitsPerSecond")) : "",
                      at(image, "/image/measurements/0/mergeWindow"), at(image, "/image/measurements/0/measuredAt"),
                      std::to_string(nodes), groups, versions, at(image, "/version")});
    }
    return table.text();
}

std::string auditTable(const json& records)
{
    TextTable table({"NUMBER", "AT", "ACTOR", "SEVERITY", "WHAT"});
    for (const json& record : records) {
        table.addRow({at(record, "/sequence"), at(record, "/at"), at(record, "/actor"), at(record, "/severity"),
                      at(record, "/sentence")});
    }
    return table.text();
}

// A read of one object by its name or id.
auto reading(native::Route route)
{
    return [route](std::string_view name) { return native::callTo(route, name); };
}

Outcome<void> getNodeGroups(Session& session, const Desk& desk)
{
    const auto groups = ask(session, desk, reading(native::Route::ReadNodeGroup),
                            native::callTo(native::Route::ListNodeGroups), "nodeGroups");
    if (!groups)
        return tl::unexpected(groups.error());
    print(desk, groups->body, groupTable(groups->items) + (groups->isOne ? "\n" + poolTable(groups->body) : ""));
    return {};
}

Outcome<void> getNodes(Session& session, const Desk& desk)
{
    const auto nodes =
        ask(session, desk, reading(native::Route::ReadNode), native::callTo(native::Route::ListNodes), "nodes");
    if (!nodes)
        return tl::unexpected(nodes.error());
    print(desk, nodes->body, nodeTable(nodes->items));
    return {};
}

Outcome<void> getNodeImages(Session& session, const Desk& desk)
{
    const auto images = ask(session, desk, reading(native::Route::ReadNodeImage),
                            native::callTo(native::Route::ListNodeImages), "nodeImages");
    if (!images)
        return tl::unexpected(images.error());
    print(desk, images->body, imageTable(images->items));
    return {};
}

Outcome<void> getStreams(Session& session, const Desk& desk)
{
    // One name may be live in several node groups.
    const auto named = [](std::string_view name) {
        native::HttpCall call = native::callTo(native::Route::ListStreams);
        call.target += native::QueryText().add("stream", name).text();
        return call;
    };
    auto streams = ask(session, desk, named, native::callTo(native::Route::ListStreams), "streams");
    if (!streams)
        return tl::unexpected(streams.error());
    if (streams->isOne)
        streams->items = streams->body.value("streams", json::array());
    if (streams->isOne && streams->items.empty()) {
        return tl::unexpected(Failure{ExitStatus::Refused,
                                      {ErrorCode::NotFound,
                                       "The stream \"" + desk.arguments.words[1] + "\" is not live.",
                                       "headgatectl get streams lists what is.",
                                       {}}});
    }
    print(desk, streams->body, streamTable(streams->items));
    return {};
}

Outcome<void> getTrail(Session& session, const Desk& desk, AuditTrail trail)
{
    const std::string limitText = desk.arguments.value("limit").value_or("50");
    int limit = 0;
    const auto [end, error] = std::from_chars(limitText.data(), limitText.data() + limitText.size(), limit);
    if (error != std::errc() || end != limitText.data() + limitText.size() || limit < 1 || limit > 1000)
        return wrongUsage("--limit " + limitText + " is not a number from 1 to 1000.");
    if (desk.arguments.words.size() > 2)
        return wrongUsage("\"" + desk.arguments.words[2] + "\" is too much: it takes one part of the text.");
    const std::string text = desk.arguments.words.size() > 1 ? desk.arguments.words[1] : std::string();
    const auto body = session.get(native::callFor(AuditQuery{0, limit, text, trail}));
    if (!body)
        return tl::unexpected(body.error());
    print(desk, *body, auditTable(body->value("records", json::array())));
    return {};
}

}  // namespace

Outcome<void> runGet(Session& session, const Desk& desk)
{
    const std::string& what = desk.arguments.words[0];
    if (what == "node-groups" || what == "node-group")
        return getNodeGroups(session, desk);
    if (what == "nodes" || what == "node")
        return getNodes(session, desk);
    if (what == "node-images" || what == "node-image")
        return getNodeImages(session, desk);
    if (what == "stream" && desk.arguments.words.size() > 1)
        return runGetStream(session, desk);
    if (what == "streams" || what == "stream")
        return getStreams(session, desk);
    if (what == "audit")
        return getTrail(session, desk, AuditTrail::Changes);
    if (what == "routings")
        return getTrail(session, desk, AuditTrail::Routings);
    if (auto done = runGetPlan(session, desk))
        return std::move(*done);
    return wrongUsage("There is nothing called \"" + what + "\" to get.",
                      "headgatectl get --help lists what there is.");
}

}  // namespace headgate::ctl
