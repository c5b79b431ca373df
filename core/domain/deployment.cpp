#include "core/domain/deployment.h"

#include <algorithm>
#include <cmath>

namespace headgate {
namespace {

class DeploymentRules
{
public:
    explicit DeploymentRules(const Deployment& deployment) : m_deployment(deployment) {}

    std::vector<Error> check()
    {
        const std::string& name = m_deployment.name;
        if (name.empty() || name.size() > 64)
            wrong("/name", "A deployment's name has 1 to 64 characters.");
        if (m_deployment.description.size() > 4096)
            wrong("/description", "A description has at most 4096 characters.");
        for (std::size_t i = 0; i < m_deployment.nodeGroups.size(); ++i) {
            if (std::ranges::count(m_deployment.nodeGroups, m_deployment.nodeGroups[i]) > 1)
                wrong("/nodeGroups/" + std::to_string(i), "The node group is named twice.");
        }
        for (std::size_t i = 0; i < m_deployment.demand.size(); ++i)
            checkDemand(m_deployment.demand[i], "/demand/" + std::to_string(i));
        checkPrices(m_deployment.prices);
        return std::move(m_errors);
    }

private:
    void wrong(std::string pointer, std::string message)
    {
        m_errors.push_back({ErrorCode::InvalidArgument, std::move(message), {}, std::move(pointer)});
    }

    void checkNumber(const std::string& pointer, const char* what, int value, int least, int most)
    {
        if (value < least || value > most)
            wrong(pointer, std::string(what) + " must be " + std::to_string(least) + " to " + std::to_string(most) +
                               ", not " + std::to_string(value) + ".");
    }

    void checkDemand(const RegionDemand& demand, const std::string& place)
    {
        if (demand.region.empty())
            wrong(place + "/region", "A demand names its region.");
        checkNumber(place + "/publishers", "Publishers", demand.publishers, 0, 100'000);
        checkNumber(place + "/viewers", "Viewers", demand.viewers, 0, 100'000'000);
        checkNumber(place + "/height", "The height", demand.height, 16, 4320);
        checkNumber(place + "/kilobits", "The bitrate in kbit/s", demand.kilobits, 1, 100'000);
        checkNumber(place + "/framesPerSecond", "Frames per second", demand.framesPerSecond, 1, 240);
    }

    void checkPrices(const PriceBook& prices)
    {
        const auto isLetter = [](char c) { return c >= 'A' && c <= 'Z'; };
        const bool isCode = prices.currency.size() == 3 && std::ranges::all_of(prices.currency, isLetter);
        if (!isCode && !(prices.currency.empty() && prices.hourly.empty() && prices.perGigabyte == 0))
            wrong("/prices/currency", "A currency has three capital letters, for example EUR.");
        for (const auto& [role, price] : prices.hourly) {
            if (!std::isfinite(price) || price < 0 || price > 1e6)
                wrong("/prices/hourly/" + role, "A price is between 0 and 1000000 an hour.");
        }
        if (!std::isfinite(prices.perGigabyte) || prices.perGigabyte < 0 || prices.perGigabyte > 1e6)
            wrong("/prices/perGigabyte", "A price is between 0 and 1000000 a gigabyte.");
    }

    const Deployment& m_deployment;
    std::vector<Error> m_errors;
};

}  // namespace

std::vector<Error> validate(const Deployment& deployment)
{
    return DeploymentRules(deployment).check();
}

}  // namespace headgate
