#include "core/engine/capacity.h"

#include <algorithm>

namespace headgate::capacity {

namespace {

// Above 10^12 of anything the millionths would not fit, and nobody counts them.
std::int64_t share(std::int64_t taken, std::int64_t limit)
{
    constexpr std::int64_t most = 9'000'000'000'000;
    if (limit <= 0)
        return taken > 0 ? wholeShare + 1 : 0;
    return std::min(std::max<std::int64_t>(taken, 0), most) * wholeShare / std::min(limit, most);
}

}  // namespace

Demand demandOf(const NodeStatus& status)
{
    const NodeLoad& load = status.load;
    return {load.subscribers + load.children, status.servedBitsPerSecond, load.publishers};
}

Demand operator+(const Demand& a, const Demand& b)
{
    return {a.viewers + b.viewers, a.bitsOutPerSecond + b.bitsOutPerSecond, a.publishers + b.publishers};
}

std::int64_t shareOf(const Demand& demand, const NodeLimits& limits)
{
    std::int64_t dearest =
        std::max(share(demand.viewers, limits.viewers), share(demand.bitsOutPerSecond, limits.bitsOutPerSecond));
    if (limits.publishers)
        dearest = std::max(dearest, share(demand.publishers, *limits.publishers));
    return dearest;
}

}  // namespace headgate::capacity
