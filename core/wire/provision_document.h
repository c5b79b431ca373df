#pragma once

#include "core/base/result.h"
#include "core/domain/provision.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

// Provisions of the native interface. What is to be done stands in "provision", as Stream Manager 2.0 writes it.
namespace headgate::native {

// {"nodeGroup","provision"}
struct SentProvision
{
    NodeGroupName nodeGroup;
    Provision provision;
};
Result<SentProvision> sentProvisionFromJson(const nlohmann::json& json);

// As it may be read: its document has no secrets.
struct ShownProvision
{
    StoredProvision stored;
    nlohmann::json document;
};
// What a PUT takes.
nlohmann::json sentPartOf(const ShownProvision& shown);
// The same, with "guid", "streams", "capabilities", "distributedAt" and who made it when.
nlohmann::json toJson(const ShownProvision& shown);
// Back again; its document is what was shown, so that it has no secrets.
Result<StoredProvision> storedProvisionFromJson(const nlohmann::json& json);

// "GROUP/GUID" and back; none without a slash.
std::string nameOf(const ProvisionKey& key);
std::optional<ProvisionKey> provisionKeyOf(std::string_view name);

}  // namespace headgate::native
