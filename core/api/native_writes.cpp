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

// With a key, since bodies have secrets that can be guessed. If-Match is no part of what an Idempotency-Key stands for:
// whoever lost the answer may have read a newer version before asking again.
std::string fingerprintOf(const EngineHost& host, const native::RouteRow& row, const http::Request& request)
{
    return toHex(hmacSha256(host.derivedKey("idempotency"), std::string(native::toWord(row.method)) + " " +
                                                                request.path + "?" + request.query + "\n" +
                                                                request.body));
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

http::Response usedForAnother(const RequestId& requestId)
{
    return nativeFailure(Error{ErrorCode::Conflict,
                               "This Idempotency-Key stands for another request of the last 24 hours.",
                               "Make a new key for each change.",
                               {}},
                         422, requestId);
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
    const auto refuse = [&](const Error& error) {
        replyAgain(host, writing->once, reply, nativeFailure(error, writing->requestId),
                   [writing](const CommandOutcome& outcome) { return committed(*writing, DeleteAccount{}, outcome); });
    };
    auto wish = wishOf(writing->row, writing->request, writing->parameter, writing->query, sight);
    if (!wish)
        return refuse(wish.error());
    auto request = commandOf(writing->request.ifMatch, writing->query, writing->caller.actor, writing->requestId);
    if (!request)
        return refuse(request.error());
    if (const auto reached = checkReach(writing->caller, wish->command, *snapshot, *plan); !reached)
        return refuse(reached.error());
    if (auto conditioned = condition(*request, *wish); !conditioned)
        return refuse(conditioned.error());
    request->command = wish->command;
    const auto asked = std::make_shared<const Wish>(std::move(*wish));
    submitOnce(
        host, std::move(*request), writing->once, reply, [writing, asked](const Result<CommandOutcome>& outcome) {
            return outcome ? committed(*writing, asked->command, *outcome) : refused(*writing, *asked, outcome.error());
        });
}

}  // namespace

Result<std::optional<OnceKey>> onceKeyOf(const EngineHost& host, const native::RouteRow& row,
                                         const http::Request& request, const Actor& actor)
{
    const std::string& key = request.idempotencyKey;
    if (key.empty())
        return std::nullopt;
    const auto isVisible = [](char c) { return c > ' ' && c <= '~'; };
    if (key.size() > OnceKey::mostBytes || !std::ranges::all_of(key, isVisible))
        return fail(ErrorCode::InvalidArgument,
                    "Idempotency-Key holds 1 to " + std::to_string(OnceKey::mostBytes) + " visible ASCII characters.",
                    "Make a random one for each change, for example a UUID.");
    return OnceKey{actor.name, key, fingerprintOf(host, row, request)};
}

void submitOnce(EngineHost& host, CommandRequest request, const std::optional<OnceKey>& once, const http::Reply& reply,
                std::function<http::Response(const Result<CommandOutcome>&)> answerOf)
{
    if (!once)
        return host.submit(std::move(request),
                           [reply, answerOf = std::move(answerOf)](const Result<CommandOutcome>& outcome) {
                               reply(answerOf(outcome));
                           });
    const RequestId requestId = request.requestId;
    host.submitOnce(std::move(request), *once,
                    [requestId, fingerprint = once->fingerprint, reply,
                     answerOf = std::move(answerOf)](const Result<KeptOutcome>& kept) {
                        const bool isAnother = kept && kept->fingerprint != fingerprint;
                        reply(isAnother ? usedForAnother(requestId) : answerOf(kept.map(&KeptOutcome::outcome)));
                    });
}

void replyAgain(EngineHost& host, const std::optional<OnceKey>& once, const http::Reply& reply, http::Response refusal,
                std::function<http::Response(const CommandOutcome&)> answerOf)
{
    if (!once)
        return reply(std::move(refusal));
    CommandRequest nothing;
    nothing.command = DeleteAccount{};  // nobody has no name, so that this is refused
    host.submitOnce(std::move(nothing), *once,
                    [fingerprint = once->fingerprint, reply, refusal = std::move(refusal),
                     answerOf = std::move(answerOf)](const Result<KeptOutcome>& kept) {
                        const bool isSame = kept && kept->fingerprint == fingerprint;
                        reply(isSame ? answerOf(kept->outcome) : refusal);
                    });
}

http::Answer NativeRoutes::write(const Call& call) const
{
    Writing asked{call.request, call.row, call.parameter, call.query, call.caller, call.requestId};
    EngineHost& host = m_context.host;
    auto once = onceKeyOf(host, call.row, call.request, call.caller.actor);
    if (!once)
        return call.failure(once.error());
    asked.once = std::move(*once);
    const auto writing = std::make_shared<const Writing>(std::move(asked));
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
