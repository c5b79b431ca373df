#pragma once

#include "core/engine/model.h"

namespace headgate {

// Everything a reader may know, sorted as the snapshot's contract says.
std::shared_ptr<Snapshot> buildSnapshot(const EngineModel& model, std::uint64_t sequence, TimePoint now);

}  // namespace headgate
