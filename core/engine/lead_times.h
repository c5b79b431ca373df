#pragma once

#include "core/base/time.h"

#include <deque>
#include <map>
#include <string>
#include <utility>

namespace headgate {

// How long it takes from asking a provider for a node until the node is in service, by what was seen last.
class LeadTimes
{
public:
    // Cloud platform and provider image.
    using Key = std::pair<std::string, std::string>;

    static constexpr Duration shortest{1'000};
    static constexpr Duration longest{30 * 60'000};

    void add(const Key& key, Duration boot);

    // What 19 of the last 20 boots kept to, and one heartbeat; `otherwise` until one was seen.
    Duration of(const Key& key, Duration otherwise) const;

private:
    static constexpr std::size_t mostBoots = 20;

    std::map<Key, std::deque<Duration>> m_boots;  // the newest last
};

}  // namespace headgate
