#pragma once

#include "core/domain/snapshot.h"

#include <nlohmann/json.hpp>

// What the terraform calls of Stream Manager 2.0 tell of the clouds, by cloud platform. This control plane asks no
// cloud what it offers: images, instance types and regions are those that node groups name and nodes run.
namespace headgate::stream_manager {

using Json = nlohmann::json;

Json imagesByRegion(const Snapshot& snapshot);  // {"AWS":{"us-east-1":["node-0.1"]}}
Json instanceTypes(const Snapshot& snapshot);   // {"AWS":["c5.large"]}, of instance_type in the cloudProperties
Json nodesByRegion(const Snapshot& snapshot);   // {"AWS":{"us-east-1":["edge-OGApVXeaqv"]}}
Json regions(const Snapshot& snapshot);         // {"AWS":["us-east-1"]}

}  // namespace headgate::stream_manager
