#include "core/api/call_meter.h"

#include "core/base/random.h"

#include <algorithm>

namespace headgate {

CallMeter::CallMeter(CallRate rate, std::uint64_t salt)
    : m_rate(rate), m_salt(salt), m_rows(rate.perSecond > 0 ? rows : 0)
{}

std::optional<std::chrono::milliseconds> CallMeter::count(std::uint64_t client,
                                                          std::chrono::steady_clock::time_point now)
{
    using namespace std::chrono;
    if (m_rows.empty())
        return std::nullopt;
    const nanoseconds each = nanoseconds(seconds(1)) / m_rate.perSecond;
    const std::lock_guard lock(m_mutex);
    Bucket& bucket = bucketOf(client);
    const auto fullAt = std::max(bucket.fullAt, now) + each;
    const auto excess = fullAt - now - each * m_rate.atOnce;
    if (excess.count() > 0)
        return ceil<milliseconds>(excess);
    bucket.fullAt = fullAt;
    return std::nullopt;
}

CallMeter::Bucket& CallMeter::bucketOf(std::uint64_t client)
{
    Row& row = m_rows[Random(client ^ m_salt).below(rows)];
    const auto found = std::ranges::find(row, client, &Bucket::client);
    if (found != row.end())
        return *found;
    Bucket& oldest = *std::ranges::min_element(row, {}, &Bucket::fullAt);
    oldest = Bucket{client, {}};
    return oldest;
}

}  // namespace headgate
