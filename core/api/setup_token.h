#pragma once

#include "core/base/result.h"
#include "core/base/time.h"

#include <deque>
#include <mutex>
#include <string>

namespace headgate {

// 32 random hexadecimal digits, to be shown once to who starts the server.
std::string newSetupToken();
std::string setupTokenDigest(const std::string& token);

// Lets the holder of the one-time token make the first account. Knows the token's SHA-256 only. Any thread.
class SetupToken
{
public:
    explicit SetupToken(std::string digest);  // empty: nothing to set up

    // Takes the token, so that nobody else can use it meanwhile. NotFound if it is used up or was never there,
    // Unauthenticated if it is wrong, ResourceExhausted after five wrong ones within a minute.
    Result<void> take(const std::string& token, TimePoint now);

    // The account could not be made: the token holds again.
    void giveBack();

private:
    std::mutex m_mutex;
    std::string m_digest;
    bool m_isTaken = false;
    std::deque<TimePoint> m_wrongTries;
};

}  // namespace headgate
