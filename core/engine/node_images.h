#pragma once

#include "core/engine/model.h"

#include <string>
#include <vector>

// Descriptions of node images, and where images are used.
namespace headgate::node_images {

// Those that are described and those that a group names, sorted by name.
std::vector<NodeImageStatus> statuses(const EngineModel& model);

// The version is 0, and the record empty but for its name, if nobody described it.
StoredNodeImage find(const EngineModel& model, const std::string& name);

// The record with the measurement as its newest.
NodeImageRecord withMeasurement(NodeImageRecord record, const CapacityMeasurement& measurement);

// The groups that name it: "node group eu-live (image default)", with commas; empty if none does.
std::string usersText(const EngineModel& model, const std::string& name);

}  // namespace headgate::node_images
