#pragma once

#include "core/api/native_routes.h"
#include "core/wire/account_document.h"
#include "core/wire/native_codec.h"
#include "core/wire/native_list.h"
#include "core/wire/plan_codec.h"
#include "core/wire/provision_document.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace headgate {

// One request for a row of the native interface.
struct NativeRoutes::Call
{
    const http::Request& request;
    const RequestId& requestId;
    const native::RouteRow& row;
    const std::string& parameter;
    QueryParameters query;
    Caller caller;

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

// What the Idempotency-Key of a request stands for; none without one, InvalidArgument for one that is none.
Result<std::optional<OnceKey>> onceKeyOf(const EngineHost& host, const native::RouteRow& row,
                                         const http::Request& request, const Actor& actor);

// Has it carried out, under the key at most once, and answers what it led to, or 422 if the key stands for another
// request.
void submitOnce(EngineHost& host, CommandRequest request, const std::optional<OnceKey>& once, const http::Reply& reply,
                std::function<http::Response(const Result<CommandOutcome>&)> answerOf);

// Refuses what cannot be carried out, unless it was carried out before under the key: then it may look so by now, as a
// patch does whose If-Match held at first.
void replyAgain(EngineHost& host, const std::optional<OnceKey>& once, const http::Reply& reply, http::Response refusal,
                std::function<http::Response(const CommandOutcome&)> answerOf);

// Runs `make` on `workers`: it may be slow.
inline http::Answer later(Workers& workers, const RequestId& requestId, std::function<http::Response()> make)
{
    return http::Deferred{[&workers, requestId, make = std::move(make)](http::Reply reply) {
        if (workers.tryRun([make, reply] { reply(make()); }))
            return;
        reply(nativeFailure(Error{ErrorCode::Unavailable, "Too many calls are waiting.", "Try again.", {}}, requestId));
    }};
}

// One member of what `whole` owns.
template <typename Whole, typename Part>
std::shared_ptr<const Part> partOf(const std::shared_ptr<const Whole>& whole, const Part& part)
{
    return std::shared_ptr<const Part>(whole, &part);
}

// The page of a list that the query wants, encoded on a reading worker. `more` are members beside it.
template <typename Items>
http::Answer NativeRoutes::page(const Call& call, std::shared_ptr<const Items> items, nlohmann::json more) const
{
    const auto wish = native::ListWish::read(native::shapeOf(call.row.route, call.row.kind), call.query.entries());
    if (!wish)
        return call.failure(wish.error());
    return later(m_context.reading, call.requestId, [wish = *wish, items = std::move(items), more = std::move(more)] {
        std::vector<nlohmann::json> documents;
        documents.reserve(items->size());
        for (const auto& item : *items)
            documents.push_back(native::toJson(item));
        nlohmann::json page = wish.page(std::move(documents));
        page.update(more);
        return jsonResponse(200, page);
    });
}

}  // namespace headgate
