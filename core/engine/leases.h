#pragma once

#include "core/base/time.h"

#include <cstdint>
#include <vector>

namespace headgate {

// Places of one node that were promised and that its reports do not show yet. A promise counts until the reported
// number of sessions grows by it, or until a report that was made 4 s or more after it: whoever came is in there, maybe
// in the place of somebody who left. Time alone ends no promise, so that the sum of reported and promised never misses
// one, however late the reports are.
class Leases
{
public:
    static constexpr Duration timeToCome{4'000};

    int sessions() const { return m_sessions; }
    std::int64_t bitsPerSecond() const { return m_bits; }  // that they will be sent

    void issue(std::int64_t bitsPerSecond, TimePoint now);

    // Reports are to be shown in the order in which they came.
    void onReport(int sessions, TimePoint reportedAt);

private:
    struct Bucket
    {
        TimePoint second;  // in which they were issued
        int sessions = 0;
        std::int64_t bits = 0;
    };

    void take(Bucket& bucket, int sessions);

    std::vector<Bucket> m_buckets;  // oldest first, none empty
    int m_sessions = 0;
    std::int64_t m_bits = 0;
    int m_reported = 0;
};

}  // namespace headgate
