#include "core/plane/snapshot_board.h"

#include <utility>

namespace headgate {

// Recursive, because a listener may end its own subscription.
struct SnapshotBoard::Subscription
{
    std::recursive_mutex mutex;
    bool isEnded = false;
    std::function<void(SnapshotPtr)> listener;
};

SnapshotBoard::SnapshotBoard()
    : m_facts(routeFactsOf(std::make_shared<const Snapshot>(), nullptr)),
      m_plan(std::make_shared<const StoredPlan>()),
      m_provisions(std::make_shared<const StoredProvisions>())
{}

void SnapshotBoard::publish(const SnapshotPtr& snapshot, StoredPlanPtr plan, StoredProvisionsPtr provisions)
{
    RouteFactsPtr facts = routeFactsOf(snapshot, routeFacts().get());
    {
        const std::lock_guard lock(m_currentMutex);
        m_facts.swap(facts);
        m_plan = std::move(plan);
        m_provisions = std::move(provisions);
    }
    std::vector<std::shared_ptr<Subscription>> listening;
    {
        const std::lock_guard lock(m_mutex);
        std::erase_if(m_subscriptions, [](const auto& subscription) { return subscription.expired(); });
        for (const auto& subscription : m_subscriptions) {
            if (auto alive = subscription.lock())
                listening.push_back(std::move(alive));
        }
    }
    for (const auto& subscription : listening) {
        const std::lock_guard lock(subscription->mutex);
        if (!subscription->isEnded)
            subscription->listener(snapshot);
    }
}

std::shared_ptr<void> SnapshotBoard::subscribe(std::function<void(SnapshotPtr)> listener)
{
    auto subscription = std::make_shared<Subscription>();
    subscription->listener = std::move(listener);
    {
        const std::lock_guard lock(m_mutex);
        m_subscriptions.push_back(subscription);
    }
    // The handle owns the subscription and has a life of its own, so that its end can wait for a call under way.
    return std::shared_ptr<void>(nullptr, [subscription](void*) {
        const std::lock_guard lock(subscription->mutex);
        subscription->isEnded = true;
    });
}

}  // namespace headgate
