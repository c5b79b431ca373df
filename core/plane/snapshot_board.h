#pragma once

#include "core/domain/snapshot.h"

#include <atomic>
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
    SnapshotPtr current() const { return m_current.load(); }

    // Then calls every listener on this thread.
    void publish(SnapshotPtr snapshot);

    // Calls `listener` until the returned object is destroyed; once that has returned, no call is under way any more.
    std::shared_ptr<void> subscribe(std::function<void(SnapshotPtr)> listener);

private:
    struct Subscription;

    std::atomic<SnapshotPtr> m_current;
    std::mutex m_mutex;
    std::vector<std::weak_ptr<Subscription>> m_subscriptions;  // guarded by m_mutex
};

}  // namespace headgate
