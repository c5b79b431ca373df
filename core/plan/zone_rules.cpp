#include "core/plan/zone_rules.h"

#include <algorithm>
#include <map>

namespace headgate {
namespace {

// No offset is further from UTC, and no change is larger (Apia left out one day).
constexpr std::chrono::hours widest{36};

Instant asUtc(LocalTime local)
{
    return Instant(local.time_since_epoch());
}

}  // namespace

ZoneRules::ZoneRules(std::string name, seconds firstOffset, std::vector<Transition> transitions)
    : m_name(std::move(name)),
      m_firstOffset(firstOffset),
      m_transitions(std::make_shared<const std::vector<Transition>>(std::move(transitions)))
{}

std::size_t ZoneRules::firstTransitionAfter(Instant t) const
{
    const auto found = std::ranges::upper_bound(transitions(), t, {}, &Transition::at);
    return static_cast<std::size_t>(found - transitions().begin());
}

seconds ZoneRules::offsetAt(Instant t) const
{
    return offsetBefore(firstTransitionAfter(t));
}

LocalMapping ZoneRules::map(LocalTime local) const
{
    const Instant plain = asUtc(local);
    const std::size_t first = firstTransitionAfter(plain - widest);
    const std::size_t last = firstTransitionAfter(plain + widest);
    LocalMapping mapping;
    int hits = 0;
    for (std::size_t i = first; i <= last; ++i) {
        const Instant candidate = plain - offsetBefore(i);
        const bool isAfterStart = i == 0 || candidate >= transitions()[i - 1].at;
        if (!isAfterStart || (i < transitions().size() && candidate >= transitions()[i].at))
            continue;
        if (++hits == 1)
            mapping.first = candidate;
        mapping.second = candidate;
    }
    if (hits > 0) {
        mapping.kind = hits == 1 ? LocalMapping::Kind::Unique : LocalMapping::Kind::Overlap;
        return mapping;
    }
    mapping.kind = LocalMapping::Kind::Gap;
    for (std::size_t i = first; i < last; ++i) {
        const Instant before = plain - offsetBefore(i);
        if (before >= transitions()[i].at && plain - transitions()[i].offset < transitions()[i].at) {
            mapping.first = before;
            mapping.second = transitions()[i].at;
            break;
        }
    }
    return mapping;
}

seconds ZoneRules::slipAround(LocalTime local) const
{
    constexpr std::chrono::days margin{2};
    const std::size_t end = firstTransitionAfter(asUtc(local) + margin);
    seconds slip{0};
    for (std::size_t i = firstTransitionAfter(asUtc(local) - margin); i < end; ++i)
        slip += std::chrono::abs(transitions()[i].offset - offsetBefore(i));
    return slip;
}

ZoneLoader askedOnce(ZoneLoader zones)
{
    using Known = std::map<std::string, Result<ZoneRules>>;
    return [zones = std::move(zones), known = std::make_shared<Known>()](const std::string& name) {
        auto found = known->find(name);
        if (found == known->end())
            found = known->emplace(name, zones(name)).first;
        return found->second;
    };
}

}  // namespace headgate
