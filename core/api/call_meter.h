#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace headgate {

// How often one client may call.
struct CallRate
{
    int perSecond = 0;  // 0: as often as it likes
    int atOnce = 0;     // after it rested, at least 1
};

// Counts the calls of each client against one rate (a token bucket, kept as the instant at which it is full again). Of
// 65,536 clients at most; then the one that is nearest to being forgotten anyway makes room. Any thread.
class CallMeter
{
public:
    // `salt` is secret, so that nobody can choose whose place he takes.
    CallMeter(CallRate rate, std::uint64_t salt);

    const CallRate& rate() const { return m_rate; }

    // None if the client may call, which counts; else after how long it may.
    std::optional<std::chrono::milliseconds> count(std::uint64_t client, std::chrono::steady_clock::time_point now);

private:
    struct Bucket
    {
        std::uint64_t client = 0;
        std::chrono::steady_clock::time_point fullAt;
    };
    using Row = std::array<Bucket, 8>;
    static constexpr std::size_t rows = 8192;

    Bucket& bucketOf(std::uint64_t client);

    const CallRate m_rate;
    const std::uint64_t m_salt;
    std::mutex m_mutex;
    std::vector<Row> m_rows;  // empty if there is no limit
};

}  // namespace headgate
