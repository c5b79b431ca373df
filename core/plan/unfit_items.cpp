#include "core/plan/unfit_items.h"

#include "core/plan/plan_rules.h"

#include <algorithm>
#include <map>

namespace headgate {
namespace {

// "/overlays/3" -> the first that is wrong there.
using Faults = std::map<std::string, std::string>;

Faults faultsOf(const PlanDocument& document, const ZoneLoader& zones)
{
    Faults faults;
    for (Error& error : validate(document, zones)) {
        const std::string& pointer = error.pointer;
        faults.emplace(pointer.substr(0, pointer.find('/', pointer.find('/', 1) + 1)), std::move(error.message));
    }
    return faults;
}

template <typename Item>
void takeOut(std::vector<Item>& items, const std::string& list, const Faults& faults, std::vector<UnfitItem>& unfit)
{
    std::vector<Item> kept;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto fault = faults.find(list + std::to_string(i));
        if (fault == faults.end())
            kept.push_back(std::move(items[i]));
        else
            unfit.push_back({keyOf(std::move(items[i])), fault->second});
    }
    items = std::move(kept);
}

}  // namespace

std::vector<UnfitItem> takeOutUnfit(PlanDocument& document, const ZoneLoader& zones)
{
    std::vector<UnfitItem> unfit;
    for (bool isMore = true; isMore;) {
        const Faults faults = faultsOf(document, zones);
        const std::size_t before = unfit.size();
        takeOut(document.configurations, "/configurations/", faults, unfit);
        takeOut(document.schedules, "/schedules/", faults, unfit);
        takeOut(document.overlays, "/overlays/", faults, unfit);
        takeOut(document.exclusions, "/exclusions/", faults, unfit);
        takeOut(document.limits, "/limits/", faults, unfit);
        isMore = unfit.size() > before;
    }
    std::ranges::sort(unfit, {}, &UnfitItem::key);
    return unfit;
}

}  // namespace headgate
