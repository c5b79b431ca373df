#pragma once

#include "core/api/stream_manager_routes.h"

namespace headgate {

// One request of the Stream Manager dialect on its way through the routes.
struct StreamManagerRoutes::Call
{
    const http::Request& request;
    const RequestId& requestId;
    QueryParameters query;
    SnapshotPtr snapshot;
    Actor actor;

    bool is(http::Method method) const
    {
        return request.method == method || (method == http::Method::Get && request.method == http::Method::Head);
    }
};

http::Response wrongMethod(const std::string& allowed);
http::Response nothingHere(const std::string& path);
http::Response unknownGroup(const std::string& name);

// "live", "show1" -> live/show1
std::string joined(std::span<const std::string> segments);

}  // namespace headgate
