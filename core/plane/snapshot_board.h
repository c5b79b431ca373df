#pragma once

#include "core/domain/plan_document.h"
#include "core/domain/provision.h"
#include "core/domain/snapshot.h"
#include "core/engine/route_facts.h"

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace headgate {

// Where the newest snapshot hangs. One thread publishes, any thread reads.
class SnapshotBoard
{
public:
    SnapshotBoard();

    // Never null; empty before the first publish().
    SnapshotPtr current() const
    {
        const std::lock_guard lock(m_currentMutex);
        return m_facts->snapshot;
    }

    // Of current(). Never null.
    RouteFactsPtr routeFacts() const
    {
        const std::lock_guard lock(m_currentMutex);
        return m_facts;
    }

    // Never null.
    StoredPlanPtr plan() const
    {
        const std::lock_guard lock(m_currentMutex);
        return m_plan;
    }

    // Never null.
    StoredProvisionsPtr provisions() const
    {
        const std::lock_guard lock(m_currentMutex);
        return m_provisions;
    }

    // Plan and provisions at once with their snapshot. Then calls every listener on this thread.
    void publish(const SnapshotPtr& snapshot, StoredPlanPtr plan, StoredProvisionsPtr provisions);

    // Calls `listener` until the returned object is destroyed; once that has returned, no call is under way any more.
    std::shared_ptr<void> subscribe(std::function<void(SnapshotPtr)> listener);

private:
    struct Subscription;

    // Held for the copy of a pointer. std::atomic<std::shared_ptr> takes a lock too in GCC 12, with a read that is
    // not ordered before the next write.
    mutable std::mutex m_currentMutex;
    RouteFactsPtr m_facts;
    StoredPlanPtr m_plan;
    StoredProvisionsPtr m_provisions;
    std::mutex m_mutex;
    std::vector<std::weak_ptr<Subscription>> m_subscriptions;  // guarded by m_mutex
};

}  // namespace headgate
