#pragma once

#include "core/base/result.h"
#include "core/domain/command.h"
#include "core/domain/snapshot.h"

#include <string_view>
#include <vector>

namespace headgate {

// Seals the secrets of the node groups in a command, so that neither the engine's memory nor the store nor the audit
// trail has them in clear. A secret that is what the group has already stays sealed as it is there: writing a document
// again changes nothing. InvalidArgument for one that was sealed under another key.
Result<void> sealSecrets(Command& command, std::string_view key, const Snapshot& present);

// The settings with each secret in clear; what cannot be opened becomes empty, which opens no door.
AccessSettings withOpenSecrets(AccessSettings settings, std::string_view key);
RecordingSettings withOpenSecrets(RecordingSettings settings, std::string_view key);
std::vector<IceServer> withOpenSecrets(std::vector<IceServer> servers, std::string_view key);

}  // namespace headgate
