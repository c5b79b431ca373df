#pragma once

#include "core/api/native_routes.h"

namespace headgate {

// One request for a row of the native interface.
struct NativeRoutes::Call
{
    const http::Request& request;
    const RequestId& requestId;
    const native::RouteRow& row;
    const std::string& parameter;
    QueryParameters query;
    Actor actor;

    http::Response failure(const Error& error) const { return nativeFailure(error, requestId); }
};

}  // namespace headgate
