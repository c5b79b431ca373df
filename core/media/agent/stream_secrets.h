#pragma once

#include "core/media/rtsp/server_session.h"
#include "core/wire/node_protocol.h"

#include <map>
#include <string>
#include <vector>

namespace headgate {

// What provisions give to their streams alone: {"streams": [{"streamGuid": "live/show", "srt": {"passphrase": "..."},
// "rtsp": {"username": "...", "password": "..."}}]}. The control plane keeps them sealed and opens them for its nodes.
struct StreamSecrets
{
    std::map<StreamKey, std::string> srtPassphrases;
    rtsp::Logins rtspLogins;
};
StreamSecrets secretsOf(const std::vector<node_protocol::NodeProvision>& provisions);

}  // namespace headgate
