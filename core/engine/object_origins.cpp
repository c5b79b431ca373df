#include "core/engine/object_origins.h"

#include "core/base/digest.h"
#include "core/wire/plan_codec.h"

#include <string>
#include <string_view>

namespace headgate::object_origins {

namespace {

constexpr std::size_t uidDigits = 20;

class Stamper
{
public:
    Stamper(const EngineModel& model, const CommandRequest& request, TimePoint now) : m_request(request)
    {
        // What no other command has in common; preparing a command twice gives the same.
        m_text = request.requestId.value + '\n' + request.actor.name + '\n' + std::to_string(toEpochMs(now)) + '\n' +
                 std::to_string(model.revision) + '\n' + std::to_string(model.auditSequence) + '\n';
    }

    template <typename Stored, typename Present, typename Key>
    void stamp(Stored& stored, const Present& present, const Key& key, std::string_view kind, const std::string& name)
    {
        const auto before = present.find(key);
        if (before != present.end())
            stored.origin = before->second.origin;
        else
            stored.origin = {toHex(sha256(m_text + std::string(kind) + '\n' + name)).substr(0, uidDigits),
                             m_request.actor.name};
    }

private:
    const CommandRequest& m_request;
    std::string m_text;
};

}  // namespace

void stamp(const EngineModel& model, const CommandRequest& request, TimePoint now, Transaction& transaction)
{
    Stamper stamper(model, request, now);
    for (StoredNodeGroup& stored : transaction.putNodeGroups)
        stamper.stamp(stored, model.groups, stored.group.name, "node-group", stored.group.name.value);
    for (StoredNodeImage& stored : transaction.putNodeImages)
        stamper.stamp(stored, model.images, stored.record.name, "node-image", stored.record.name);
    for (StoredRegion& stored : transaction.putRegions)
        stamper.stamp(stored, model.regions, stored.region.name, "region", stored.region.name);
    for (StoredDeployment& stored : transaction.putDeployments)
        stamper.stamp(stored, model.deployments, stored.deployment.name, "deployment", stored.deployment.name);
    for (StoredPlanItem& stored : transaction.putPlanItems) {
        const PlanItemKey key = keyOf(stored.item);
        stamper.stamp(stored, model.planItems, key, native::toWord(key.kind), key.id);
    }
    for (StoredProvision& stored : transaction.putProvisions)
        stamper.stamp(stored, model.provisions, stored.key(), "provision",
                      stored.nodeGroup.value + '/' + stored.provision.guid);
    for (Account& account : transaction.putAccounts)
        stamper.stamp(account, model.accounts, account.name, "user", account.name);
}

}  // namespace headgate::object_origins
