#pragma once

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/domain/access_settings.h"
#include "core/domain/ice_server.h"
#include "core/domain/media_settings.h"
#include "core/domain/recording_settings.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace headgate {

// What a node may do for clients. A relay has none.
enum class Capability
{
    Publish,
    Subscribe,
    Transcode,
    Mix,
    Other  // known to Stream Manager (XILINX, ZIXI, VIDEO_PACKAGER ...), kept, not acted upon; the word is in
           // extensions
};

// Automatic roles follow the scale rule; a Manual role holds what the operator set.
enum class RoleLifecycle
{
    Automatic,
    Manual
};

// Which parents a role's nodes may pull from (Stream Manager 2.0 parentCardinality).
enum class ParentCardinality
{
    Global,    // any node of the parent role in the group
    Subgroup,  // those of the same subgroup only
    AutoGroup  // each parent has its own set of children
};

// What the routing does when every node that fits carries all that its image was measured to carry.
enum class WhenFull
{
    Refuse,  // ResourceExhausted
    Accept   // the one with the most left, or the least too much
};

// Whether routing answers those who show no token, in the dialects that allow it.
enum class PublicRouting
{
    AtLoopback,  // only while this machine alone reaches the control plane
    On,
    Off
};

// What the nodes of a pool must be able to lose without being full.
enum class Spare
{
    None,
    Node,     // one node, in pools that need two or more
    Subgroup  // the subgroup that has most to do: the others of the group take over what it serves
};

// Members of a document that this version does not know, as the text of one JSON object, "" if there are none.
// The Stream Manager dialect accepts them and writes them back; the native API refuses them unless they stand
// under "extensions".
using Extensions = std::string;

struct NodeImage
{
    std::string name;             // unique in the group
    std::string image;            // what the provider starts, for example "node-0.1"
    std::string cloudProperties;  // "k=v;k=v"
    std::map<std::string, std::string> tags;
    Extensions extensions;

    bool operator==(const NodeImage&) const = default;
};

struct Role
{
    std::string name;  // 1 to 16 characters without '-', unique in the group
    std::string imageName;
    std::string parentRoleName;  // empty for a role that pulls from nobody (an origin)
    ParentCardinality parentCardinality = ParentCardinality::Global;
    std::set<Capability> capabilities;
    RoleLifecycle lifecycle = RoleLifecycle::Automatic;
    Extensions extensions;

    bool can(Capability capability) const { return capabilities.contains(capability); }
    bool operator==(const Role&) const = default;
};

// A pool that scales by what is asked of it: sessions that are there, promised and turned away.
struct LoadScaling
{
    int targetPercent = 70;  // of what a node can carry, 10 to 95
    int bufferPercent = 10;  // more than there is now must fit, 0 to 400
    Spare spare = Spare::Node;
    int standby =
        0;  // nodes that are booted beyond those wanted, within max, and take no sessions until they are; 0 to 1024

    bool operator==(const LoadScaling&) const = default;
};

struct ScaleRule
{
    std::string roleName;
    int min = 0;  // 0 to 1024, min <= max
    int max = 0;
    int increment = 1;  // 1 to 1024
    std::string outExpression;
    std::string inExpression;
    std::string capacityRankingExpression;
    std::string capacityLimitExpression;
    std::optional<LoadScaling> load;  // none: the pool scales by its expressions, if it has any
    Extensions extensions;

    bool operator==(const ScaleRule&) const = default;
};

// A node of the subgroup tree. A leaf (no children) is a pool and holds one rule per role; an inner one holds none.
struct Subgroup
{
    std::string name;  // 1 to 16 characters, unique in the group
    std::string groupType;
    std::string cloudProperties;  // "region=us-east-1"
    std::vector<Subgroup> children;
    std::vector<ScaleRule> rules;  // sorted by roleName
    Extensions extensions;

    bool isLeaf() const { return children.empty(); }
    bool operator==(const Subgroup&) const = default;
};

// Desired state of one group, as an operator wrote it. Secrets in it are sealed.
struct NodeGroup
{
    NodeGroupName name;
    std::string description;    // at most 4096 characters
    std::string cloudPlatform;  // LOCAL, or one that --platform-map names
    std::string cloudProperties;
    bool isScalingPaused = false;
    std::optional<int> maxPublishers;  // whole group; none = no limit
    std::optional<int> maxSubscribers;
    WhenFull whenFull = WhenFull::Refuse;
    PublicRouting publicRouting = PublicRouting::AtLoopback;
    MediaSettings media;
    AccessSettings access;
    RecordingSettings recording{};
    std::vector<IceServer> iceServers{};  // in the order in which clients are told of them
    std::string shuffleSizeExpression;
    std::vector<NodeImage> images;    // sorted by name
    std::vector<Role> roles;          // sorted by name
    std::vector<Subgroup> subgroups;  // in the order written
    Extensions extensions;

    const Role* findRole(const std::string& roleName) const;
    const NodeImage* findImage(const std::string& imageName) const;
    bool operator==(const NodeGroup&) const = default;
};

// One cell of capacity: the nodes of one role in one leaf subgroup.
struct PoolKey
{
    NodeGroupName nodeGroup;
    std::string subgroup;
    std::string role;

    auto operator<=>(const PoolKey&) const = default;
};

struct Pool
{
    PoolKey key;
    ScaleRule rule;
    std::string region;  // region= of the merged cloudProperties, else the subgroup's name
};

// Every pool of the group, sorted by key; also those whose rule is 0/0.
std::vector<Pool> poolsOf(const NodeGroup& group);

// Value of `key` in "k=v;k=v", none if absent. Later entries win.
std::optional<std::string> cloudProperty(const std::string& cloudProperties, const std::string& key);

// Puts change(secret, pointer) in the place of each secret that is not empty; pointers as validate() has them.
void changeSecrets(NodeGroup& group,
                   const std::function<std::string(const std::string& secret, const std::string& pointer)>& change);

// Every rule that a group must keep on its own; all violations, each with the JSON Pointer of its field as the
// *native* document spells it ("/subgroups/0/rules/1/max"). Empty = acceptable.
std::vector<Error> validate(const NodeGroup& group);

}  // namespace headgate
