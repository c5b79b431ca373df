#pragma once

#include "core/domain/snapshot.h"
#include "core/plane/node_traffic.h"
#include "core/plane/process_figures.h"

#include <cstdint>
#include <map>
#include <string>

namespace headgate {

// What a control plane tells Prometheus beside its snapshot.
struct ControlPlaneFigures
{
    ProcessFigures process;
    TimePoint startedAt;
    std::map<int, std::uint64_t> answersByStatus;
    const NodeTraffic* nodes = nullptr;
};

// The page at /metrics in Prometheus' text format 0.0.4. Streams are counted, not listed: their names come and go, and
// each would be a series of its own. Milliseconds at thousands of nodes. Any thread.
std::string prometheusPage(const Snapshot& snapshot, const ControlPlaneFigures& figures);

}  // namespace headgate
