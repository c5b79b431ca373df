#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/domain/object_origin.h"
#include "core/domain/stream.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace headgate {

struct ProvisionKey
{
    NodeGroupName nodeGroup;
    std::string guid;

    auto operator<=>(const ProvisionKey&) const = default;
};

// What is to be made of streams: renditions, restreams, recordings. What the control plane goes by is taken out of the
// document, which is kept for the nodes.
struct Provision
{
    static constexpr std::size_t mostDocumentBytes = 16 << 10;
    static constexpr std::size_t mostOfGroup = 1000;
    static constexpr std::size_t mostBytesOfGroup = 2 << 20;  // so that the whole table fits into one message

    std::string guid;                    // 3 to 256 characters, may have slashes
    std::vector<StreamKey> streams;      // at least one
    std::set<std::string> capabilities;  // that a node must have: those it names, else those that it implies
    std::string document;                // JSON text of an object; secrets in it are sealed

    bool operator==(const Provision&) const = default;
};

struct StoredProvision
{
    NodeGroupName nodeGroup;
    Provision provision;
    std::uint64_t version = 1;
    TimePoint createdAt;
    TimePoint updatedAt;
    std::string updatedBy;
    std::optional<TimePoint>
        distributedAt;  // since then the nodes of the group have it, and it is not changed any more
    ObjectOrigin origin = {};

    ProvisionKey key() const { return {nodeGroup, provision.guid}; }
    bool operator==(const StoredProvision&) const = default;
};

using StoredProvisions = std::vector<StoredProvision>;  // sorted by key
using StoredProvisionsPtr = std::shared_ptr<const StoredProvisions>;

}  // namespace headgate
