#pragma once

#include "core/base/time.h"
#include "core/domain/waiting_place.h"

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

    int sessions() const { return m_all.sessions; }
    std::int64_t bitsPerSecond() const { return m_all.bits; }  // that they will be sent

    // The part of them that was promised to who showed no token. Reports are taken to show the others first.
    int tokenlessSessions() const { return m_tokenless.sessions; }
    std::int64_t tokenlessBitsPerSecond() const { return m_tokenless.bits; }

    void issue(std::int64_t bitsPerSecond, TimePoint now, Standing standing = Standing::Known);

    // Reports are to be shown in the order in which they came.
    void onReport(int sessions, TimePoint reportedAt);

private:
    struct Sum
    {
        int sessions = 0;
        std::int64_t bits = 0;
    };
    struct Bucket
    {
        TimePoint second;  // in which they were issued
        Sum all;
        Sum tokenless;
    };

    template <typename Visit>
    void forEachBucket(Visit visit);
    void take(Bucket& bucket, int sessions);
    static void shrinkTo(int sessions, Sum& part, Sum& whole);

    std::vector<Bucket> m_older;  // oldest first, none empty
    Bucket m_newest;              // empty, or after all others; here, since each promise looks at it
    Sum m_all;
    Sum m_tokenless;
    int m_reported = 0;
};

}  // namespace headgate
