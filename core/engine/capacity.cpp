#include "core/engine/capacity.h"

#include <algorithm>
#include <limits>

namespace headgate::capacity {

namespace {

int times(int perCore, int cores)
{
    const std::int64_t product = static_cast<std::int64_t>(perCore) * cores;
    return static_cast<int>(std::min<std::int64_t>(product, std::numeric_limits<int>::max()));
}

// Above 10^12 of anything the millionths would not fit, and nobody counts them.
std::int64_t share(std::int64_t taken, std::int64_t limit)
{
    constexpr std::int64_t most = 9'000'000'000'000;
    if (limit <= 0)
        return taken > 0 ? wholeShare + 1 : 0;
    return std::min(std::max<std::int64_t>(taken, 0), most) * wholeShare / std::min(limit, most);
}

}  // namespace

NodeLimits limitsOf(const NodeImageRecord* image, int cores)
{
    NodeLimits limits;
    if (!image || image->measurements.empty())
        return limits;
    const CapacityMeasurement& measured = image->measurements.front();
    const int counted = std::max(cores, 1);
    limits.viewers = times(measured.viewersPerCore, counted);
    limits.bitsOutPerSecond = static_cast<std::int64_t>(limits.viewers) * measured.streamBitsPerSecond;
    if (measured.publishersPerCore)
        limits.publishers = times(*measured.publishersPerCore, counted);
    limits.source = LimitSource::Measured;
    return limits;
}

int viewersPerNode(const NodeGroup& group,
                   const std::function<const NodeImageRecord*(const std::string& image)>& recordOf)
{
    std::optional<int> least;
    for (const Role& role : group.roles) {
        const NodeImage* image = role.can(Capability::Subscribe) ? group.findImage(role.imageName) : nullptr;
        const NodeImageRecord* record = image ? recordOf(image->image) : nullptr;
        const bool isMeasured = record && !record->measurements.empty();
        const int viewers = limitsOf(record, isMeasured ? record->measurements.front().cores : 1).viewers;
        if (image)
            least = std::min(least.value_or(viewers), viewers);
    }
    return least.value_or(NodeLimits().viewers);
}

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
