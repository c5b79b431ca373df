#include "core/api/provision_errands.h"

#include "core/plane/seal.h"
#include "core/plane/shown_provisions.h"

#include <memory>
#include <utility>

namespace headgate {

namespace {

using ErrandPtr = std::shared_ptr<const ProvisionErrand>;
using Step = void (*)(const ErrandPtr&, std::size_t);
using Done = std::function<void(const Result<CommandOutcome>&)>;

ErrandPtr shared(ProvisionErrand errand)
{
    return std::make_shared<const ProvisionErrand>(std::move(errand));
}

// The command for the provision at `at`, if there is one; then `next`.
void submit(const ErrandPtr& errand, Command command, Done next)
{
    CommandRequest request;
    request.command = std::move(command);
    request.actor = errand->actor;
    request.requestId = errand->requestId;
    errand->host.submit(std::move(request), std::move(next));
}

ProvisionKey keyAt(const ErrandPtr& errand, std::size_t at)
{
    return {errand->group, errand->provisions[at].guid};
}

bool isOver(const ErrandPtr& errand, std::size_t at)
{
    if (at < errand->provisions.size())
        return false;
    errand->done({});
    return true;
}

void distributeFrom(const ErrandPtr& errand, std::size_t at, Step next)
{
    submit(errand, DistributeProvision{keyAt(errand, at)}, [errand, at, next](const Result<CommandOutcome>& outcome) {
        if (!outcome)
            return errand->done(tl::unexpected(outcome.error()));
        next(errand, at + 1);
    });
}

// The one that is there is for the same streams and targets.
bool isSame(const ErrandPtr& errand, std::size_t at)
{
    const StoredProvisionsPtr present = errand->host.provisions();
    const StoredProvision* stored = findProvision(*present, keyAt(errand, at));
    if (!stored)
        return false;
    const auto streamsOf = [](const std::string& document) {
        return nlohmann::json::parse(document, nullptr, false).value("streams", nlohmann::json());
    };
    return streamsOf(withOpenSecrets(stored->provision.document, errand->host.derivedKey("seal"))) ==
           streamsOf(errand->provisions[at].document);
}

void createFrom(const ErrandPtr& errand, std::size_t at)
{
    if (isOver(errand, at))
        return;
    PutProvisions put{errand->group, {}, PutMode::Create};
    put.provisions.push_back(sealedOver(errand->provisions[at], nullptr, errand->host.derivedKey("seal")));
    submit(errand, std::move(put), [errand, at](const Result<CommandOutcome>& outcome) {
        const bool isThere = !outcome && outcome.error().code == ErrorCode::AlreadyExists && isSame(errand, at);
        if (!outcome && !isThere)
            return errand->done(tl::unexpected(outcome.error()));
        distributeFrom(errand, at, createFrom);
    });
}

void distributeNext(const ErrandPtr& errand, std::size_t at)
{
    if (!isOver(errand, at))
        distributeFrom(errand, at, distributeNext);
}

void deleteFrom(const ErrandPtr& errand, std::size_t at)
{
    if (isOver(errand, at))
        return;
    submit(errand, DeleteProvision{keyAt(errand, at)}, [errand, at](const Result<CommandOutcome>& outcome) {
        if (!outcome && outcome.error().code != ErrorCode::NotFound)
            return errand->done(tl::unexpected(outcome.error()));
        deleteFrom(errand, at + 1);
    });
}

}  // namespace

void createAndDistribute(ProvisionErrand errand)
{
    createFrom(shared(std::move(errand)), 0);
}

void distribute(ProvisionErrand errand)
{
    distributeNext(shared(std::move(errand)), 0);
}

void deleteAll(ProvisionErrand errand)
{
    deleteFrom(shared(std::move(errand)), 0);
}

}  // namespace headgate
