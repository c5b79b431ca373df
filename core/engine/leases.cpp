#include "core/engine/leases.h"

#include <algorithm>
#include <cstddef>

namespace headgate {

namespace {

constexpr Duration bucketLength{1'000};
// Of a node that has not been heard for so long, promises are told apart no more.
constexpr std::size_t mostBuckets = 60;

}  // namespace

void Leases::issue(std::int64_t bitsPerSecond, TimePoint now, Standing standing)
{
    const TimePoint second = std::chrono::floor<std::chrono::seconds>(now);
    const bool isEmpty = m_newest.all.sessions == 0;
    if (!isEmpty && m_newest.second < second && m_older.size() + 1 < mostBuckets) {
        m_older.push_back(m_newest);
        m_newest = {second, {}, {}};
    }
    m_newest.second = isEmpty ? second : std::max(m_newest.second, second);
    const auto add = [bitsPerSecond](Sum& sum) {
        ++sum.sessions;
        sum.bits += bitsPerSecond;
    };
    add(m_newest.all);
    add(m_all);
    if (standing == Standing::Known)
        return;
    add(m_newest.tokenless);
    add(m_tokenless);
}

void Leases::onReport(int sessions, TimePoint reportedAt)
{
    // The oldest promises are the likeliest to have been kept, and those to who showed a token before all others: else
    // who asks and does not come would be taken for the many who do, and hold ever more.
    int grown = sessions - m_reported;
    m_reported = sessions;
    const auto isOver = [reportedAt](const Bucket& bucket) {
        return bucket.second + bucketLength + timeToCome <= reportedAt;
    };
    const auto keep = [&](Bucket& bucket, int most) {
        const int taken = isOver(bucket) ? bucket.all.sessions : std::clamp(grown, 0, most);
        grown -= taken;
        take(bucket, taken);
    };
    forEachBucket([&](Bucket& bucket) { keep(bucket, bucket.all.sessions - bucket.tokenless.sessions); });
    forEachBucket([&](Bucket& bucket) { keep(bucket, bucket.all.sessions); });
    std::erase_if(m_older, [](const Bucket& bucket) { return bucket.all.sessions == 0; });
}

template <typename Visit>
void Leases::forEachBucket(Visit visit)
{
    std::ranges::for_each(m_older, visit);
    visit(m_newest);
}

void Leases::take(Bucket& bucket, int sessions)
{
    const int left = bucket.all.sessions - sessions;
    shrinkTo(left, bucket.all, m_all);
    shrinkTo(left, bucket.tokenless, m_tokenless);
}

void Leases::shrinkTo(int sessions, Sum& part, Sum& whole)
{
    if (sessions >= part.sessions)
        return;
    const int taken = part.sessions - sessions;
    const std::int64_t bits = sessions == 0 ? part.bits : part.bits / part.sessions * taken;
    part.sessions -= taken;
    part.bits -= bits;
    whole.sessions -= taken;
    whole.bits -= bits;
}

}  // namespace headgate
