#pragma once

#include "core/base/time.h"
#include "core/domain/command.h"

#include <chrono>
#include <cstddef>
#include <string>

namespace headgate {

// Under which a command is carried out once: whoever asks again gets the first outcome. After
// draft-ietf-httpapi-idempotency-key-header.
struct OnceKey
{
    static constexpr std::size_t mostBytes = 128;
    static constexpr Duration lifetime = std::chrono::hours(24);

    std::string account;      // whose key it is
    std::string key;          // 1 to mostBytes visible ASCII characters
    std::string fingerprint;  // of the request, which tells it from another one with this key
};

// What a command did when it was carried out, now or before.
struct KeptOutcome
{
    static constexpr int most = 100'000;  // of all accounts

    CommandOutcome outcome;
    std::string fingerprint;  // of the request that it answered; empty without a key
};

}  // namespace headgate
