#pragma once

#include "core/media/net/event_loop.h"

#include <optional>
#include <string>
#include <string_view>

namespace headgate::rtsp {

// Who may use one stream, beside what its group asks for.
struct Login
{
    std::string username;
    std::string password;

    bool operator==(const Login&) const = default;
};

// Digest authentication (RFC 7616 with SHA-256, RFC 2617 with MD5) of one connection: a proof holds on the connection
// whose challenge it answers, for five minutes, and one with a counter only once.
class Digest
{
public:
    static constexpr Duration nonceTime{300'000};
    static constexpr std::string_view realm = "headgate";

    enum class Verdict
    {
        Holds,
        Missing,
        Stale,  // right, and too old
        Wrong
    };

    Verdict check(std::string_view authorization, std::string_view method, std::string_view url, const Login& login,
                  MonotonicTime now);

    // WWW-Authenticate lines with a new nonce, the better algorithm first.
    std::string challenge(Verdict because, MonotonicTime now);

private:
    std::string m_nonce;
    MonotonicTime m_since;
    std::uint32_t m_lastCount = 0;
};

// "Basic " and base64 of name, colon, password.
std::optional<Login> readBasic(std::string_view authorization);

}  // namespace headgate::rtsp
