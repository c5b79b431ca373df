#pragma once

#include "core/domain/snapshot.h"
#include "core/domain/usage.h"

#include <compare>
#include <map>
#include <string>

namespace headgate {

// Adds up what nodes do between snapshots. Time that passed is told to it, so that a clock that is set counts nothing
// twice; only the days are the clock's. On the engine thread.
class UsageMeter
{
public:
    // `countedUntil` as it was stored. Nodes that ran on while no control plane did are counted from then on, their
    // bytes are not.
    explicit UsageMeter(TimePoint countedUntil) : m_countedUntil(countedUntil) {}

    // Nodes did for `passed` what the snapshot shows.
    void observe(const Snapshot& snapshot, Duration passed);

    // All that has come together since what was written last, in whole seconds and bytes.
    UsageIncrement increment() const;
    void written(const UsageIncrement& increment);

private:
    struct Key
    {
        UsageDay day;
        std::string deployment;
        std::string role;
        std::string instanceType;

        auto operator<=>(const Key&) const = default;
    };

    // In milliseconds, and in bits times milliseconds per second.
    struct Sums
    {
        std::int64_t nodeTime = 0;
        std::int64_t in = 0;
        std::int64_t out = 0;
        std::int64_t delivered = 0;
    };

    void addNodeTime(Key key, TimePoint from, TimePoint to);
    void addBytes(Sums& sums, const NodeLoad& load, Duration passed);

    TimePoint m_countedUntil;
    bool m_isFirst = true;
    std::map<Key, Sums> m_sums;
};

}  // namespace headgate
