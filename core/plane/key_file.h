#pragma once

#include "core/base/result.h"

#include <string>

namespace headgate {

// The one secret of a deployment: 32 random bytes in a file that only its owner may read.
class KeyFile
{
public:
    // Makes the file if it is absent. Unavailable if it cannot be read or made, Conflict if others may read it or it is
    // not 32 bytes long.
    static Result<KeyFile> open(const std::string& file);

    // 32 bytes: HMAC-SHA256 of `purpose` under the secret.
    std::string derive(const std::string& purpose) const;

private:
    explicit KeyFile(std::string secret) : m_secret(std::move(secret)) {}

    std::string m_secret;
};

}  // namespace headgate
