#pragma once

#include "core/engine/balancer.h"

#include <memory>
#include <vector>

namespace headgate::testing {

// A balancer that takes a new snapshot with each request.
class Router
{
public:
    explicit Router(std::uint64_t seed = 1) : m_balancer(seed) {}

    RouteAnswer ask(const Snapshot& snapshot, const RouteRequest& request, TimePoint now,
                    const RouteCaller& caller = {})
    {
        return m_balancer.route(std::make_shared<const Snapshot>(snapshot), request, now, caller);
    }

    Result<std::vector<RouteTarget>> route(const Snapshot& snapshot, const RouteRequest& request, TimePoint now)
    {
        return ask(snapshot, request, now).map_error([](const RouteRefusal& refusal) { return refusal.error; });
    }

    Result<RouteExplanation> explain(const Snapshot& snapshot, const RouteRequest& request, TimePoint now)
    {
        return m_balancer.explain(std::make_shared<const Snapshot>(snapshot), request, now);
    }

    void observe(const Snapshot& snapshot, const char* node, std::uint64_t network, int ms, TimePoint now)
    {
        m_balancer.observe(snapshot, NodeId(node), {{network, ms * 1000}}, now);
    }

private:
    Balancer m_balancer;
};

}  // namespace headgate::testing
