#pragma once

#include "core/base/time.h"

#include <string>

namespace headgate {

struct Account
{
    std::string name;          // 1 to 64 characters
    std::string passwordHash;  // Argon2id in PHC string form
    TimePoint createdAt;

    bool operator==(const Account&) const = default;
};

// Who asks: stands in every audit record.
struct Actor
{
    std::string name;

    bool operator==(const Actor&) const = default;
};

}  // namespace headgate
