#pragma once

#include "core/wire/node_protocol.h"

#include <map>
#include <string>
#include <vector>

namespace headgate {

// The passphrases that provisions give to their streams: {"streams": [{"streamGuid": "live/show", "srt": {"passphrase":
// "..."}}]}. The control plane keeps them sealed and opens them for its nodes.
std::map<StreamKey, std::string> srtPassphrasesOf(const std::vector<node_protocol::NodeProvision>& provisions);

}  // namespace headgate
