#include "core/plane/shown_provisions.h"

#include "core/plane/seal.h"
#include "core/wire/native_codec.h"
#include "core/wire/stream_manager_provisions.h"

#include <algorithm>

namespace headgate {

using native::Json;

const StoredProvision* findProvision(const StoredProvisions& provisions, const ProvisionKey& key)
{
    const auto found = std::ranges::lower_bound(provisions, key, {}, &StoredProvision::key);
    return found != provisions.end() && found->key() == key ? &*found : nullptr;
}

Json shownDocument(const Provision& provision, const std::string& sealKey)
{
    Json document = Json::parse(withOpenSecrets(provision.document, sealKey), nullptr, false);
    stream_manager::changeSecrets(document, stream_manager::masked);
    return document;
}

Provision sealedOver(Provision sent, const StoredProvision* present, const std::string& sealKey)
{
    Json document = Json::parse(sent.document, nullptr, false);
    if (present)
        stream_manager::keepSecrets(
            document, Json::parse(withOpenSecrets(present->provision.document, sealKey), nullptr, false),
            [](const std::string& shown, const std::string& kept) { return shown == stream_manager::masked(kept); });
    stream_manager::changeSecrets(document, [&](const std::string& secret) { return sealed(sealKey, secret); });
    sent.document = native::write(document);
    return sent;
}

}  // namespace headgate
