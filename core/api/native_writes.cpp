#include "core/api/native_call.h"
#include "core/api/native_wishes.h"
#include "core/base/digest.h"
#include "core/wire/provision_document.h"

#include <algorithm>
#include <memory>
#include <optional>

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
    Caller caller;
    RequestId requestId;
    std::optional<OnceKey> once = {};
};

// If-Match is no part of what a key stands for: whoever lost the answer may have read a newer version before asking
// again.
std::string fingerprintOf(const Writing& writing)
{
    return toHex(sha256(std::string(native::toWord(writing.row.method)) + " " + writing.request.path + "?" +
                        writing.request.query + "\n" + writing.request.body));
}

Result<std::optional<OnceKey>> onceKeyOf(const Writing& writing)
{
    const std::string& key = writing.request.idempotencyKey;
    if (key.empty())
        return std::nullopt;
    const auto isVisible = [](char c) { return c > ' ' && c <= '~'; };
    if (key.size() > OnceKey::mostBytes || !std::ranges::all_of(key, isVisible))
        return fail(ErrorCode::InvalidArgument,
                    "Idempotency-Key holds 1 to " + std::to_string(OnceKey::mostBytes) + " visible ASCII characters.",
                    "Make a random one for each change, for example a UUID.");
    return OnceKey{writing.caller.actor.name, key, fingerprintOf(writing)};
}

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
    const auto* provisions = std::get_if<PutProvisions>(&command);
    if (provisions && provisions->mode == PutMode::Create)
        return native::callTo(Route::ReadProvision,
                              native::nameOf({provisions->nodeGroup, provisions->provisions.front().guid}))
            .target;
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

http::Response refused(const Writing& writing, const Wish& wish, Error error)
{
    const bool isOvertaken = wish.patched && writing.request.ifMatch.empty();
    if (isOvertaken && error.code == ErrorCode::VersionMismatch)
        error = {ErrorCode::Conflict, "It was changed at the same time.", "Send the patch again.", {}};
    // Decoding sorts the lists of a document; whoever sent it wants to be led to where the field stands in it.
    error.pointer = native::pointerInDocument(wish.document, error.pointer);
    return nativeFailure(error, writing.requestId);
}

http::Response usedForAnother(const Writing& writing)
{
    return nativeFailure(Error{ErrorCode::Conflict,
                               "This Idempotency-Key stands for another request of the last 24 hours.",
                               "Make a new key for each change.",
                               {}},
                         422, writing.requestId);
}

// A patch is for the version that it was applied to.
Result<void> condition(CommandRequest& request, const Wish& wish)
{
    if (!wish.patched)
        return {};
    if (request.ifVersion && request.ifVersion != wish.patched)
        return fail(ErrorCode::VersionMismatch, "It has version " + std::to_string(*wish.patched) + " by now.",
                    "Read it again.");
    request.ifVersion = wish.patched;
    return {};
}

void carryOut(EngineHost& host, const std::shared_ptr<const Writing>& writing, const http::Reply& reply)
{
    const SnapshotPtr snapshot = host.snapshot();
    const StoredPlanPtr plan = host.plan();
    const Sight sight{seenBy(writing->caller, snapshot), seenBy(writing->caller, plan, *snapshot), host.provisions(),
                      host.derivedKey("seal")};
    auto wish = wishOf(writing->row, writing->request, writing->parameter, writing->query, sight);
    if (!wish)
        return reply(nativeFailure(wish.error(), writing->requestId));
    auto request = commandOf(writing->request.ifMatch, writing->query, writing->caller.actor, writing->requestId);
    if (!request)
        return reply(nativeFailure(request.error(), writing->requestId));
    if (const auto reached = checkReach(writing->caller, wish->command, *snapshot, *plan); !reached)
        return reply(nativeFailure(reached.error(), writing->requestId));
    if (auto conditioned = condition(*request, *wish); !conditioned)
        return reply(nativeFailure(conditioned.error(), writing->requestId));
    request->command = wish->command;
    const auto asked = std::make_shared<const Wish>(std::move(*wish));
    const auto done = [writing, asked, reply](const Result<KeptOutcome>& kept) {
        if (!kept)
            return reply(refused(*writing, *asked, kept.error()));
        if (writing->once && kept->fingerprint != writing->once->fingerprint)
            return reply(usedForAnother(*writing));
        reply(committed(*writing, asked->command, kept->outcome));
    };
    if (writing->once)
        return host.submitOnce(std::move(*request), *writing->once, done);
    host.submit(std::move(*request), [done](Result<CommandOutcome> outcome) {
        done(std::move(outcome).map([](CommandOutcome made) { return KeptOutcome{std::move(made), {}}; }));
    });
}

}  // namespace

http::Answer NativeRoutes::write(const Call& call) const
{
    Writing asked{call.request, call.row, call.parameter, call.query, call.caller, call.requestId};
    auto once = onceKeyOf(asked);
    if (!once)
        return call.failure(once.error());
    asked.once = std::move(*once);
    const auto writing = std::make_shared<const Writing>(std::move(asked));
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
