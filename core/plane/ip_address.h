#pragma once

#include "core/domain/client_place.h"

#include <optional>
#include <string>

namespace headgate {

// Of a literal like 203.0.113.7, 2001:db8::1 or fe80::1%eth0, without the zone; none for anything else. Any thread.
std::optional<AddressBytes> addressBytes(const std::string& literal);

// Who calls from that address; nobody who is known if it is none.
ClientAddress clientIn(const std::string& literal);

bool isIpv4(const AddressBytes& bytes);

}  // namespace headgate
