#include "core/engine/leases.h"

#include <algorithm>
#include <cstddef>

namespace headgate {

namespace {

constexpr Duration bucketLength{1'000};
// Of a node that has not been heard for so long, promises are told apart no more.
constexpr std::size_t mostBuckets = 60;

}  // namespace

void Leases::issue(std::int64_t bitsPerSecond, TimePoint now)
{
    const TimePoint second = std::chrono::floor<std::chrono::seconds>(now);
    const bool isNew = m_buckets.empty() || m_buckets.back().second < second;
    if (isNew && m_buckets.size() < mostBuckets)
        m_buckets.push_back({second, 0, 0});
    Bucket& newest = m_buckets.back();
    newest.second = std::max(newest.second, second);
    ++newest.sessions;
    newest.bits += bitsPerSecond;
    ++m_sessions;
    m_bits += bitsPerSecond;
}

void Leases::onReport(int sessions, TimePoint reportedAt)
{
    // The oldest promises are the likeliest to have been kept.
    int grown = sessions - m_reported;
    m_reported = sessions;
    for (Bucket& bucket : m_buckets) {
        const bool isOver = bucket.second + bucketLength + timeToCome <= reportedAt;
        const int taken = isOver ? bucket.sessions : std::clamp(grown, 0, bucket.sessions);
        grown -= taken;
        take(bucket, taken);
    }
    std::erase_if(m_buckets, [](const Bucket& bucket) { return bucket.sessions == 0; });
}

void Leases::take(Bucket& bucket, int sessions)
{
    if (sessions == 0)
        return;
    const std::int64_t bits = bucket.bits / bucket.sessions * sessions;
    const std::int64_t taken = sessions == bucket.sessions ? bucket.bits : bits;
    bucket.sessions -= sessions;
    bucket.bits -= taken;
    m_sessions -= sessions;
    m_bits -= taken;
}

}  // namespace headgate
