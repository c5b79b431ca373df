#pragma once

#include "core/api/stream_manager_routes.h"

#include <functional>

namespace headgate {

// One request of the Stream Manager dialect on its way through the routes.
struct StreamManagerRoutes::Call
{
    const http::Request& request;
    const RequestId& requestId;
    QueryParameters query;
    SnapshotPtr snapshot;
    Caller caller;

    Standing standing() const { return caller.actor.name.empty() ? Standing::Tokenless : Standing::Known; }

    bool is(http::Method method) const
    {
        return request.method == method || (method == http::Method::Get && request.method == http::Method::Head);
    }
};

http::Response wrongMethod(const std::string& allowed);
http::Response nothingHere(const std::string& path);
http::Response unknownGroup(const std::string& name);

// The alias "default" stands for the only group there is; null if there is none of that name.
const NodeGroupStatus* groupNamed(const Snapshot& snapshot, const std::string& name);

// With when to come back, and without the names of nodes, which not everybody may know.
http::Response routeRefusal(const RouteRefusal& refused, const RouteRequest& request);

// Which group a call without one in its path means.
Result<const NodeGroupStatus*> groupMeant(const Snapshot& snapshot, const QueryParameters& query, RoutePurpose purpose,
                                          const StreamKey& stream);

// Which nodes the query asks for: subgroup or region, strict, endpoints, transcode.
Result<RouteRequest> routeRequestOf(const QueryParameters& query, RoutePurpose purpose);

Error notOfGroup(const std::string& address, const std::string& group);
http::Response tooManyWait();

// Runs `make` on a reading worker: it may be slow. What it needs of the call it has to keep.
http::Answer later(Workers& workers, std::function<http::Response()> make);

// What becomes of the jobs of some provisions of a group.
struct JobOutlook
{
    // How long an answer waits for it, if it is to be known.
    static constexpr std::chrono::milliseconds patience{30'000};

    JobOutlook(const Snapshot& snapshot, const NodeGroupName& group, const std::vector<Provision>& provisions);

    std::vector<const JobStatus*> jobs;
    const JobStatus* failure = nullptr;  // one that failed, if only for now
    bool isWaiting = false;              // one of them
};
http::Response jobFailure(const JobStatus& job);

// "live", "show1" -> live/show1
std::string joined(std::span<const std::string> segments);

}  // namespace headgate
