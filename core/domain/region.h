#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/domain/object_origin.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace headgate {

// Where nodes can stand. Subgroups name it with region= in their cloudProperties.
struct Region
{
    std::string name;      // "europe-central"; 1 to 64 characters of a-z, 0-9 and '-'
    std::string title;     // "Frankfurt, Germany"; 1 to 100 characters
    double latitude = 0;   // degrees, -90 to 90
    double longitude = 0;  // degrees, -180 to 180

    bool operator==(const Region&) const = default;
};

// The ten that every deployment knows, sorted by name. They cannot be changed.
std::span<const Region> builtInRegions();

// All violations, with JSON Pointers into the native document. Empty = acceptable.
std::vector<Error> validate(const Region& region);

// One that somebody added.
struct StoredRegion
{
    Region region;
    std::uint64_t version = 1;
    TimePoint createdAt;
    TimePoint updatedAt;
    std::string updatedBy;
    ObjectOrigin origin = {};

    bool operator==(const StoredRegion&) const = default;
};

// As a reader of the snapshot sees it.
struct RegionStatus
{
    Region region;
    std::uint64_t version = 0;  // its ETag; 0: it is built in, and has no more than that
    TimePoint createdAt = {};
    TimePoint updatedAt = {};
    std::string updatedBy = {};
    ObjectOrigin origin = {};

    bool operator==(const RegionStatus&) const = default;
};

}  // namespace headgate
