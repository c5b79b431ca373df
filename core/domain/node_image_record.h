#pragma once

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/domain/media_settings.h"
#include "core/domain/object_origin.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace headgate {

// What one run of the node's benchmark found: so many viewers of a stream one core serves with a fifth of it left over
// and without a stall.
struct CapacityMeasurement
{
    TimePoint measuredAt;
    std::int64_t streamBitsPerSecond = 1'510'000;  // that each viewer got
    MergeWindowSetting mergeWindow;
    int viewersPerCore = 0;                // 1 to 1,000,000
    std::optional<int> publishersPerCore;  // 1 to 1,000,000 at streamBitsPerSecond; none: not measured
    std::int64_t bitsOutPerSecond = 0;     // that one core sent with so many viewers
    double cpuSecondsPerGbit = 0;
    int cores = 1;            // of the machine, 1 to 4096
    std::string machine;      // processor and system, for people
    std::string toolVersion;  // of what measured

    bool operator==(const CapacityMeasurement&) const = default;
};

// What is known of one image that nodes are started from. Its name is what NodeImage::image names.
struct NodeImageRecord
{
    static constexpr std::size_t mostMeasurements = 50;

    std::string name;
    std::string description;                        // at most 4096 characters
    std::vector<CapacityMeasurement> measurements;  // newest first; the first one counts

    bool operator==(const NodeImageRecord&) const = default;
};

// All violations, with JSON Pointers into the native document. Empty = acceptable.
std::vector<Error> validate(const NodeImageRecord& record);
std::vector<Error> validate(const CapacityMeasurement& measurement);

// --- What one node can carry. ---

enum class LimitSource
{
    Default,  // its image was not measured
    Measured
};

struct NodeLimits
{
    int viewers = 2000;                             // and children: whoever the node sends a stream to
    std::int64_t bitsOutPerSecond = 3'000'000'000;  // default: 2,000 viewers at 1.5 Mbit/s
    std::optional<int> publishers;                  // none: not limited
    LimitSource source = LimitSource::Default;

    bool operator==(const NodeLimits&) const = default;
};

// --- The image as a reader of the snapshot sees it. ---

// Where a group uses it.
struct NodeImageUse
{
    NodeGroupName nodeGroup;
    std::string imageName;           // NodeImage::name there
    std::vector<std::string> roles;  // sorted
    int nodes = 0;                   // that run from it now

    bool operator==(const NodeImageUse&) const = default;
};

struct NodeImageStatus
{
    NodeImageRecord record;
    std::uint64_t version = 0;  // its ETag; 0: a group names it and nobody described it yet
    TimePoint createdAt;        // epoch 0 with version 0
    TimePoint updatedAt;
    std::string updatedBy;
    std::vector<std::string> softwareVersions;  // that its running nodes report, sorted
    std::vector<NodeImageUse> uses;             // sorted by group and name there
    ObjectOrigin origin = {};

    bool operator==(const NodeImageStatus&) const = default;
};

}  // namespace headgate
