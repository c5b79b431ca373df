#pragma once

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/domain/object_origin.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace headgate {

// What somebody expects of one region; what the numbers of nodes were worked out from.
struct RegionDemand
{
    std::string region;
    int publishers = 0;        // 0 to 100,000
    int viewers = 0;           // 0 to 100,000,000
    int height = 720;          // of the picture in lines, 16 to 4320
    int kilobits = 1510;       // of a stream per second, 1 to 100,000
    int framesPerSecond = 30;  // 1 to 240

    bool operator==(const RegionDemand&) const = default;
};

// What an hour of a node costs, by role, and what is sent to viewers; what is not there has no price.
struct PriceBook
{
    std::string currency;  // ISO 4217, "EUR"; empty: no prices
    std::map<std::string, double> hourly;
    double perGigabyte = 0;  // of 10^9 bytes

    bool operator==(const PriceBook&) const = default;
};

// Node groups that are started and stopped together.
struct Deployment
{
    std::string name;                       // 1 to 64 characters, as a node group's
    std::string description;                // at most 4096 characters
    std::vector<NodeGroupName> nodeGroups;  // sorted; a group belongs to one deployment at most
    std::vector<RegionDemand> demand;
    PriceBook prices;

    bool operator==(const Deployment&) const = default;
};

// All violations, with JSON Pointers into the native document. Empty = acceptable.
std::vector<Error> validate(const Deployment& deployment);

enum class DeploymentPower
{
    Running,  // its groups follow their plans
    Stopped   // whatever the plans say, nothing is wanted
};

struct StoredDeployment
{
    Deployment deployment;
    DeploymentPower power = DeploymentPower::Running;
    TimePoint restartedAt;  // nodes made before it are replaced; epoch 0: never restarted
    std::uint64_t version = 1;
    TimePoint createdAt;
    TimePoint updatedAt;
    std::string updatedBy;
    ObjectOrigin origin = {};

    bool operator==(const StoredDeployment&) const = default;
};

enum class DeploymentState
{
    Starting,  // it lacks nodes that the plan wants now, or nodes of before a restart still serve
    Active,
    Stopping,  // nodes that still serve are left
    Stopped
};

// As a reader of the snapshot sees it.
struct DeploymentStatus
{
    StoredDeployment stored;
    DeploymentState state = DeploymentState::Stopped;
    std::vector<std::string> waitsFor;  // sentences: "3 of 5 edges in eu-west are not ready."

    bool operator==(const DeploymentStatus&) const = default;
};

}  // namespace headgate
