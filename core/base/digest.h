#pragma once

#include <string>
#include <string_view>

namespace headgate {

// 32 bytes each.
std::string sha256(std::string_view message);
std::string hmacSha256(std::string_view key, std::string_view message);

// Lower-case hexadecimal.
std::string toHex(std::string_view bytes);

// How calls between the parts of a cluster are signed: the SHA-256 of the three texts in a row, in hexadecimal.
std::string clusterSignature(std::string_view action, std::string_view timestampMs, std::string_view password);

// Takes as long whatever the contents are; only the lengths may be told from the time.
bool isSameSecret(std::string_view one, std::string_view other);

}  // namespace headgate
