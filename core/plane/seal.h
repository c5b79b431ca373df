#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace headgate {

// Secrets that have to be read again. Sealed by AES-256-GCM under a key of 32 bytes, as "sealed:" and base64.
std::string sealed(std::string_view key, std::string_view text);

// None if the text was never sealed, or under another key, or was changed since.
std::optional<std::string> opened(std::string_view key, std::string_view text);

// A provision's document with each sealed secret in clear; what cannot be opened becomes empty.
std::string withOpenSecrets(const std::string& document, std::string_view key);

}  // namespace headgate
