#pragma once

#include "core/api/native_routes.h"
#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"

#include <functional>
#include <string>
#include <utility>

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

// --- What the routes have in common. ---

template <typename Items>
nlohmann::json listOf(const char* name, const Items& items)
{
    nlohmann::json list = nlohmann::json::array();
    for (const auto& item : items)
        list.push_back(native::toJson(item));
    return nlohmann::json{{name, std::move(list)}};
}

inline Error noSuch(const std::string& what, const std::string& name)
{
    return Error{ErrorCode::NotFound, "There is no " + what + " \"" + name + "\".", {}, {}};
}

inline http::Response withVersion(http::Response response, std::uint64_t version)
{
    response.headers.emplace_back("ETag", native::entityTag(version));
    return response;
}

// Runs `make` on `workers`: it may be slow.
inline http::Answer later(Workers& workers, const RequestId& requestId, std::function<http::Response()> make)
{
    return http::Deferred{[&workers, requestId, make = std::move(make)](http::Reply reply) {
        if (workers.tryRun([make, reply] { reply(make()); }))
            return;
        reply(nativeFailure(Error{ErrorCode::Unavailable, "Too many calls are waiting.", "Try again.", {}}, requestId));
    }};
}

}  // namespace headgate
