#pragma once

#include "core/engine/model.h"

#include <vector>

// What groups, deployments and regions show of themselves.
namespace headgate::group_status {

// Of every group, sorted by name.
std::vector<NodeGroupStatus> groups(const EngineModel& model, TimePoint now);

// `groups` are those of the same instant.
std::vector<DeploymentStatus> deployments(const EngineModel& model, const std::vector<NodeGroupStatus>& groups);

// Built in and added, sorted by name.
std::vector<RegionStatus> regions(const EngineModel& model);

}  // namespace headgate::group_status
