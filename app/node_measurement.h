#pragma once

#include "ui/shell/node_measurement.h"

#include <memory>

namespace headgate {

// With the headgate-node beside this program.
std::unique_ptr<NodeMeasurement> measureNode();

}  // namespace headgate
