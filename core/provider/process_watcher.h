#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/provider/process_identity.h"

#include <functional>
#include <memory>
#include <string>

namespace headgate {

// Tells when processes end, at once where the kernel has process descriptors, else within 500 ms; and ends them on
// demand. A process need not be a child of this one. Thread-safe.
class ProcessWatcher
{
public:
    // Called on the watcher's thread with how the process ended, for example "was killed by signal 9".
    using OnEnd = std::function<void(const NodeId&, const std::string& how)>;

    explicit ProcessWatcher(OnEnd onEnd);

    // The processes keep running.
    ~ProcessWatcher();
    ProcessWatcher(const ProcessWatcher&) = delete;
    ProcessWatcher& operator=(const ProcessWatcher&) = delete;

    // Watches until the end, which is told exactly once, also when the process has ended before this call.
    void watch(const NodeId& node, const ProcessIdentity& process);

    // SIGTERM now, SIGKILL once `grace` has passed. False if the node is not watched.
    bool terminate(const NodeId& node, Duration grace);

    bool isWatched(const NodeId& node) const;
    int watchedCount() const;

private:
    class Private;
    std::unique_ptr<Private> m_d;
};

}  // namespace headgate
