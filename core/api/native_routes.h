#pragma once

#include "core/api/api_context.h"
#include "core/plane/client_shares.h"
#include "core/wire/native_routes.h"

#include <utility>

namespace headgate {

// Everything below /api/v1, as core/wire/native_routes.h lists it. Any thread.
class NativeRoutes
{
public:
    // `readers`: of events, at a time.
    NativeRoutes(const ApiContext& context, ClientShares readers) : m_context(context), m_readers(std::move(readers)) {}

    http::Answer answer(const http::Request& request, const RequestId& requestId) const;

    // How long the body may be that comes after this header; `otherwise` but for a route that takes more from whom is
    // signed in.
    std::uint64_t bodyLimit(const http::Request& header, std::uint64_t otherwise) const;

private:
    struct Call;

    // What the caller may see of it.
    SnapshotPtr snapshotFor(const Call& call) const;
    StoredPlanPtr planFor(const Call& call) const;

    http::Answer dispatch(const Call& call) const;
    http::Answer health() const;
    http::Answer setUp(const Call& call) const;
    http::Answer read(const Call& call) const;
    template <typename Items>
    http::Answer page(const Call& call, std::shared_ptr<const Items> items,
                      nlohmann::json more = nlohmann::json::object()) const;
    http::Answer openEvents(const Call& call) const;
    http::Answer write(const Call& call) const;
    http::Answer readPlan(const Call& call) const;
    http::Answer readPlanItems(const Call& call) const;
    http::Answer previewPlan(const Call& call) const;
    http::Answer readPlaces(const Call& call) const;
    http::Answer readProvisions(const Call& call) const;
    http::Answer readRecordings(const Call& call) const;
    http::Answer deleteRecording(const Call& call) const;
    http::Answer testStore(const Call& call) const;
    http::Answer route(const Call& call, RoutePurpose purpose) const;
    http::Answer grantPass(const Call& call, RoutePurpose purpose) const;
    http::Answer readStream(const Call& call) const;
    http::Answer readThumbnail(const Call& call) const;
    http::Answer readAudit(const Call& call) const;
    http::Answer verifyAudit(const Call& call) const;
    http::Answer readMetrics(const Call& call) const;
    http::Answer readUsage(const Call& call) const;
    http::Answer readUsers(const Call& call) const;
    http::Answer writeUser(const Call& call) const;
    http::Answer signIn(const Call& call) const;
    http::Answer renewSession(const Call& call) const;
    http::Answer readOwn(const Call& call) const;
    http::Answer createToken(const Call& call) const;
    http::Answer endOwn(const Call& call) const;

    ApiContext m_context;
    mutable ClientShares m_readers;
};

}  // namespace headgate
