#pragma once

#include "core/engine/step_writer.h"

#include <optional>

// The life of a node from the request to its end:
// Requested -> Creating (the provider is asked) -> Created (it runs) -> Started (it said Hello) -> InService (first
// heartbeat that says that it can serve) -> SoftSunset (draining) -> HardSunset (the node says it is sealed) ->
// DestructionRequested -> Destroying (the provider is asked) -> gone.
namespace headgate::node_lifecycle {

constexpr Duration earlyDeath{10'000};        // a node that dies sooner after InService counts as a failed launch
constexpr Duration terminateRetry{10'000};    // the provider is asked again if the node is not gone by then
constexpr Duration deadRowRetention{60'000};  // how long a dead node stays to be seen after it is gone
constexpr int maxLaunchesAtOnce = 32;

// --- Observations. ---
// Of one that has booted.
void putIntoService(StepWriter& writer, NodeRecord& record);

void observe(StepWriter& writer, const ProviderStarted& started);
void observe(StepWriter& writer, const ProviderFailed& failed);
void observe(StepWriter& writer, const NodeGone& gone);
void observe(StepWriter& writer, const NodeConnected& connected);
void observe(StepWriter& writer, const NodeDisconnected& disconnected);
void observe(StepWriter& writer, const NodeHeartbeat& heartbeat);
void observe(StepWriter& writer, const HeartbeatsObserved& heard);

// Timed-out launches fail, sealed nodes end, rows of gone nodes go.
void advance(StepWriter& writer);

// Asks the provider for what the states want. After everything else of a step that changes states.
void askProvider(StepWriter& writer);

// When advance() or askProvider() has something to do for this node; none if nothing is due by time alone.
std::optional<TimePoint> deadline(const NodeRecord& record);

// No sessions that a polite end would cut.
bool isEmpty(const NodeRecord& record, const Role* role);

}  // namespace headgate::node_lifecycle
