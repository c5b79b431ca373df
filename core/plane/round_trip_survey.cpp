#include "core/plane/round_trip_survey.h"

#include "core/plane/ip_address.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace headgate {

namespace {

constexpr int viewersOfAnswer = 200;

// "203.0.113.7" of "203.0.113.7:4711", "::1" of "[::1]:4711".
std::string hostOf(const std::string& address)
{
    std::string host = address.substr(0, address.rfind(':'));
    return host.starts_with('[') && host.ends_with(']') ? host.substr(1, host.size() - 2) : host;
}

}  // namespace

std::vector<StreamQuery> RoundTripSurvey::next(const Snapshot& snapshot, std::size_t most)
{
    std::vector<std::pair<const StreamStatus*, const StreamHop*>> serving;
    for (const StreamStatus& stream : snapshot.streams) {
        for (const StreamHop& hop : stream.hops) {
            if (hop.viewers > 0)
                serving.emplace_back(&stream, &hop);
        }
    }
    std::vector<StreamQuery> queries;
    for (std::size_t i = 0; i < std::min(most, serving.size()); ++i) {
        const auto& [stream, hop] = serving[m_turn++ % serving.size()];
        queries.push_back({stream->nodeGroup, stream->ingest.key, hop->node, 0, viewersOfAnswer});
    }
    return queries;
}

std::vector<NetworkRoundTrip> roundTripsOf(const StreamDetails& details)
{
    struct Sum
    {
        double milliseconds = 0;
        int viewers = 0;
    };
    std::map<std::uint64_t, Sum> sums;
    for (const StreamViewer& viewer : details.viewers) {
        const auto bytes = viewer.kind == ViewerKind::Viewer ? addressBytes(hostOf(viewer.address)) : std::nullopt;
        const std::uint64_t network = bytes ? ClientAddress::of(*bytes).network() : 0;
        if (network == 0)
            continue;
        sums[network].milliseconds += viewer.roundTripMs;
        ++sums[network].viewers;
    }
    std::vector<NetworkRoundTrip> trips;
    for (const auto& [network, sum] : sums)
        trips.push_back({network, static_cast<std::int64_t>(sum.milliseconds * 1000 / sum.viewers)});
    return trips;
}

}  // namespace headgate
