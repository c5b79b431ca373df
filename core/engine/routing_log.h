#pragma once

#include "core/domain/audit.h"
#include "core/domain/waiting_place.h"

#include <cstdint>
#include <deque>
#include <vector>

namespace headgate {

// Routings with their reasons, the newest `mostKept`. Thousands may come in a second and a reason costs more than the
// decision: `burst` are kept at once, then one each `interval`; how many went by in between is told. Not thread-safe.
class RoutingLog
{
public:
    static constexpr std::size_t mostKept = 1'000;
    static constexpr std::size_t mostRejected = 20;
    static constexpr int burst = 20;
    static constexpr Duration interval{1'000};

    // Whether the next one is to be kept; else it is counted.
    bool wantsNext(TimePoint now);

    // `told` is of the same moment as the answer, but from before it.
    void keep(const RouteRequest& request, const RouteAnswer& answer, const RouteExplanation& told, TimePoint now);

    // As the audit trail is read. Sequences are the log's own, and start again with the process.
    std::vector<AuditRecord> read(const AuditQuery& query) const;

private:
    std::deque<AuditRecord> m_kept;  // oldest first
    std::int64_t m_sequence = 0;
    std::int64_t m_passed = 0;  // not kept since the last one that was
    TimePoint m_fullAt;         // when all of the burst is there again
};

}  // namespace headgate
