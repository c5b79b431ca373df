#pragma once

#include "core/domain/kept_outcome.h"
#include "core/engine/engine.h"
#include "core/plane/open_questions.h"

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <variant>
#include <vector>

namespace headgate {

struct CommandInput
{
    CommandRequest request;
    std::function<void(Result<KeptOutcome>)> done;
    std::optional<OnceKey> once = {};
    bool isLookedUp = false;  // what only a node knows was asked from it
};

// From now on no node is started and nothing is decided; all nodes end.
struct StopNodesInput
{
    Duration grace{0};
};

// What somebody is about to do that is no command of the engine. `done` comes when the record is durable.
struct AuditInput
{
    AuditRecord record;  // its time, sequence and revision are given here
    std::function<void(Result<void>)> done;
};

using EngineInput = std::variant<CommandInput, Observation, StopNodesInput, NodeQuestion, AuditInput>;

// What waits for the engine thread. Any thread puts, one takes.
class EngineInbox
{
public:
    // A heartbeat takes the place of an earlier one of the same node that has not been taken yet.
    // False, and nothing is kept, after close().
    bool put(EngineInput input);

    // All that waits, in order of arrival; empty if nothing has come until `deadline` or after close().
    std::vector<EngineInput> takeUntil(std::chrono::steady_clock::time_point deadline);

    void close();
    bool isClosed() const;

private:
    bool replaceHeartbeat(EngineInput& input);

    mutable std::mutex m_mutex;
    std::condition_variable m_arrived;
    std::vector<EngineInput> m_inputs;
    std::map<NodeId, std::size_t> m_heartbeats;  // where the newest waiting heartbeat of a node stands in m_inputs
    bool m_isClosed = false;
};

}  // namespace headgate
