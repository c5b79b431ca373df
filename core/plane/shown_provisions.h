#pragma once

#include "core/domain/provision.h"

#include <nlohmann/json.hpp>

#include <string>

// Provisions between what is stored, with their secrets sealed by `sealKey`, and what clients see and send.
namespace headgate {

// Null if there is none.
const StoredProvision* findProvision(const StoredProvisions& provisions, const ProvisionKey& key);

// Its document. Secrets never come back in clear.
nlohmann::json shownDocument(const Provision& provision, const std::string& sealKey);

// A masked secret that is sent back keeps the one that `present` has; all are sealed.
Provision sealedOver(Provision sent, const StoredProvision* present, const std::string& sealKey);

}  // namespace headgate
