#pragma once

#include "core/base/time.h"
#include "core/domain/ice_server.h"

#include <string>
#include <string_view>
#include <vector>

namespace headgate::webrtc {

// How long what is made of a shared secret lets somebody in.
constexpr Duration turnCredentialTime{12LL * 3600 * 1000};

// A Link field for each server, with its line's end (RFC 9725, 4.6); the secrets of the servers are in clear. Where
// credentials are made for each session, `user` stands in the name, for the server's log.
std::string iceLinks(const std::vector<IceServer>& servers, std::string_view user, TimePoint now);

}  // namespace headgate::webrtc
