#include "core/api/native_call.h"
#include "core/plane/shown_provisions.h"

namespace headgate {

using native::Route;

http::Answer NativeRoutes::readProvisions(const Call& call) const
{
    const SnapshotPtr snapshot = snapshotFor(call);
    const std::string sealKey = m_context.host.derivedKey("seal");
    const StoredProvisionsPtr stored = m_context.host.provisions();
    if (call.row.route == Route::ListProvisions) {
        auto shown = std::make_shared<std::vector<native::ShownProvision>>();
        for (const StoredProvision& each : *stored) {
            if (snapshot->findNodeGroup(each.nodeGroup))
                shown->push_back({each, shownDocument(each.provision, sealKey)});
        }
        return page(call, std::shared_ptr<const std::vector<native::ShownProvision>>(std::move(shown)));
    }
    const auto key = native::provisionKeyOf(call.parameter);
    const bool isSeen = key && snapshot->findNodeGroup(key->nodeGroup);
    const StoredProvision* found = isSeen ? findProvision(*stored, *key) : nullptr;
    if (!found)
        return call.failure(noSuch("provision", call.parameter));
    const native::ShownProvision shown{*found, shownDocument(found->provision, sealKey)};
    return withVersion(jsonResponse(200, native::toJson(shown)), found->version);
}

}  // namespace headgate
