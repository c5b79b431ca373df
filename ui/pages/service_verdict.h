#pragma once

#include "core/domain/snapshot.h"
#include "ui/models/local_history.h"
#include "ui/widgets/health_strip.h"

#include <QString>

#include <vector>

namespace headgate {

// How things are, in one glyph, few words and the first reason.
struct ServiceVerdict
{
    Status status = Status::Off;
    QString headline;  // "2 problems", "All well"
    QString reason;

    bool operator==(const ServiceVerdict&) const = default;
};

ServiceVerdict serviceVerdict(const Snapshot& snapshot);

// The six cells of the overview's strip; `history` has the last minutes of the cluster.
std::vector<HealthCell> healthCells(const Snapshot& snapshot, const std::vector<MetricSample>& history);

}  // namespace headgate
