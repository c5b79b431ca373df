#pragma once

#include "core/engine/step_writer.h"

#include <optional>

// Whether a node is heard. A node whose process is proven gone is dead at once (node_lifecycle); here silence decides,
// and silence is no proof: such a node is replaced, but not ended while it may have a publisher. An operator may stop
// it.
namespace headgate::health {

constexpr Duration suspectAfter{3'000};
constexpr Duration toleratedLateness{1'000};
constexpr Duration deadAfter{8'000};
constexpr Duration stopSilentAfter{60'000};  // after it was taken for dead, and never an origin

// A heartbeat came. A node that was taken for dead drains, because its place was filled.
void hear(StepWriter& writer, NodeRecord& record);

void advance(StepWriter& writer);

// The host was held up for `late`: what the nodes said meanwhile waits to be read, so that time is no silence.
void forgive(EngineModel& model, Duration late, TimePoint now);

std::optional<TimePoint> deadline(const EngineModel& model, const NodeRecord& record);

}  // namespace headgate::health
