#include "core/plan/node_capacity.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace headgate::capacity {

namespace {

int times(int perCore, int cores)
{
    const std::int64_t product = static_cast<std::int64_t>(perCore) * cores;
    return static_cast<int>(std::min<std::int64_t>(product, std::numeric_limits<int>::max()));
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

NodeLimits plannedLimitsOf(const NodeImageRecord* image)
{
    const bool isMeasured = image && !image->measurements.empty();
    return limitsOf(image, isMeasured ? image->measurements.front().cores : 1);
}

PlanOptions planOptions(const NodeGroup& group,
                        const std::function<const NodeImageRecord*(const std::string& image)>& recordOf)
{
    std::optional<NodeLimits> least;
    for (const Role& role : group.roles) {
        const NodeImage* image = role.can(Capability::Subscribe) ? group.findImage(role.imageName) : nullptr;
        const NodeLimits limits = plannedLimitsOf(image ? recordOf(image->image) : nullptr);
        if (image && (!least || limits.viewers < least->viewers))
            least = limits;
    }
    const NodeLimits limits = least.value_or(NodeLimits());
    return {limits.viewers, limits.source};
}

PlanOptions planOptions(const PlanDocument& document, const NodeGroupName& group,
                        const std::vector<NodeImageStatus>& images)
{
    const auto found = std::ranges::find(document.nodeGroups, group, &NodeGroup::name);
    if (found == document.nodeGroups.end())
        return {};
    return planOptions(*found, [&](const std::string& image) { return findRecord(images, image); });
}

const NodeImageRecord* findRecord(const std::vector<NodeImageStatus>& images, const std::string& image)
{
    const auto found = std::ranges::find(images, image, [](const NodeImageStatus& each) { return each.record.name; });
    return found != images.end() ? &found->record : nullptr;
}

}  // namespace headgate::capacity
