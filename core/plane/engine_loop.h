#pragma once

#include "core/base/result.h"
#include "core/plane/account_book.h"
#include "core/plane/engine_clock.h"
#include "core/plane/engine_host.h"
#include "core/plane/engine_inbox.h"
#include "core/plane/key_file.h"
#include "core/plane/metrics_history.h"
#include "core/plane/node_traffic.h"
#include "core/plane/snapshot_board.h"

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace headgate {

// What readers on other threads look at, filled by the engine thread.
struct Blackboard
{
    EngineClock clock;
    SnapshotBoard snapshots;
    AccountBook accounts;
    MetricsHistory metrics;
    NodeTraffic traffic;
    std::atomic<int> runningNodes = 0;
    std::atomic<bool> isStoppingNodes = false;
};

// What a node measured of the ways to its viewers, at that instant.
using TellRoundTrips = std::function<void(const NodeId&, const std::vector<NetworkRoundTrip>&, TimePoint)>;

struct EngineLoopOptions
{
    EngineHostOptions host;
    std::string dataDir;  // absolute
    std::string storeFile;
    std::uint64_t seed = 1;
    std::function<DemandObserved(TimePoint)> readDemand;  // what routing knows; asked on the engine thread
    TellRoundTrips tellRoundTrips;                        // to routing; on any thread
};

// Of KeyFile::derive() for the chain of the audit trail.
constexpr const char* auditKeyPurpose = "audit-chain";

// The engine thread: takes inputs, commits what the engine decides, carries it out, publishes snapshots.
class EngineLoop
{
public:
    // Starts the thread and waits until the first snapshot is published, or the start has failed.
    static Result<std::unique_ptr<EngineLoop>> start(EngineLoopOptions options, const KeyFile& key, Blackboard& board);
    ~EngineLoop();
    EngineLoop(const EngineLoop&) = delete;
    EngineLoop& operator=(const EngineLoop&) = delete;

    EngineInbox& inbox() { return m_inbox; }

private:
    EngineLoop(EngineLoopOptions options, const KeyFile& key, Blackboard& board);
    void run(std::promise<Result<void>>& started);

    const EngineLoopOptions m_options;
    const KeyFile& m_key;
    Blackboard& m_board;
    EngineInbox m_inbox;
    std::thread m_thread;
};

}  // namespace headgate
