#include "core/api/native_call.h"
#include "core/api/native_wishes.h"

#include <memory>

namespace headgate {

namespace {

using native::Route;

// Beyond it a document takes too long to read for the thread that serves connections.
constexpr std::size_t largeBody = 64 << 10;

// A writing call, kept until it is answered.
struct Writing
{
    http::Request request;
    const native::RouteRow& row;
    std::string parameter;
    QueryParameters query;
    Actor actor;
    RequestId requestId;
};

// Where what was made can be read, empty if nothing was.
std::string locationOf(const Writing& writing, const Command& command, const CommandOutcome& outcome)
{
    if (outcome.isDryRun)
        return {};
    if (const auto* group = std::get_if<CreateNodeGroup>(&command))
        return native::callTo(Route::ReadNodeGroup, group->group.name.value).target;
    if (std::holds_alternative<CreatePlanItem>(command))
        return native::callTo(Route::ReadPlanItem, PlanItemKey{writing.row.kind, outcome.plan.itemId}).target;
    if (const auto* deployment = std::get_if<CreateDeployment>(&command))
        return native::callTo(Route::ReadDeployment, deployment->deployment.name).target;
    return {};
}

http::Response committed(const Writing& writing, const Command& command, const CommandOutcome& outcome)
{
    const std::string location = locationOf(writing, command, outcome);
    http::Response response = jsonResponse(location.empty() ? 200 : 201, native::toJson(outcome));
    if (!location.empty())
        response.headers.emplace_back("Location", location);
    if (outcome.version > 0 && writing.row.method != native::Method::Delete)
        response = withVersion(std::move(response), outcome.version);
    return response;
}

void carryOut(EngineHost& host, const std::shared_ptr<const Writing>& writing, const http::Reply& reply)
{
    auto wish = wishOf(writing->row, writing->request, writing->parameter, writing->query, host);
    if (!wish)
        return reply(nativeFailure(wish.error(), writing->requestId));
    auto request = commandOf(writing->request.ifMatch, writing->query, writing->actor, writing->requestId);
    if (!request)
        return reply(nativeFailure(request.error(), writing->requestId));
    request->command = wish->command;
    const auto kept = std::make_shared<const Wish>(std::move(*wish));
    host.submit(std::move(*request), [writing, kept, reply](const Result<CommandOutcome>& outcome) {
        if (outcome)
            return reply(committed(*writing, kept->command, *outcome));
        // Decoding sorts the lists of a document; whoever sent it wants to be led to where the field stands in it.
        Error error = outcome.error();
        error.pointer = native::pointerInDocument(kept->document, error.pointer);
        reply(nativeFailure(error, writing->requestId));
    });
}

}  // namespace

http::Answer NativeRoutes::write(const Call& call) const
{
    const auto writing = std::make_shared<const Writing>(
        Writing{call.request, call.row, call.parameter, call.query, call.actor, call.requestId});
    EngineHost& host = m_context.host;
    if (call.request.body.size() < largeBody)
        return http::Deferred{[&host, writing](const http::Reply& reply) { carryOut(host, writing, reply); }};
    return http::Deferred{[&host, &workers = m_context.planning, writing](const http::Reply& reply) {
        if (workers.tryRun([&host, writing, reply] { carryOut(host, writing, reply); }))
            return;
        reply(nativeFailure(Error{ErrorCode::Unavailable, "Too many calls are waiting.", "Try again.", {}},
                            writing->requestId));
    }};
}

}  // namespace headgate
