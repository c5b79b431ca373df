#pragma once

#include "core/domain/node_group.h"

#include <string>
#include <utility>

// Node groups for tests.
namespace headgate::testing {

struct GroupShape
{
    std::string name = "eu-live";
    int origins = 1;  // per leaf
    int relays = 0;   // a role "relay" is there only if hasRelays
    int edges = 2;
    bool hasRelays = false;
    std::vector<std::string> leaves = {"eu-west-1"};
};

inline ScaleRule makeRule(const std::string& role, int min)
{
    ScaleRule rule;
    rule.roleName = role;
    rule.min = min;
    rule.max = min + 10;
    return rule;
}

inline Role makeRole(const std::string& name, const std::string& parent, std::set<Capability> capabilities)
{
    Role role;
    role.name = name;
    role.imageName = "standard";
    role.parentRoleName = parent;
    role.capabilities = std::move(capabilities);
    return role;
}

inline NodeGroup makeGroup(const GroupShape& shape = {})
{
    NodeGroup group;
    group.name = NodeGroupName(shape.name);
    group.cloudPlatform = "LOCAL";
    NodeImage image;
    image.name = "standard";
    image.image = "node-0.1";
    group.images = {image};
    group.roles = {makeRole("edge", shape.hasRelays ? "relay" : "origin", {Capability::Subscribe}),
                   makeRole("origin", "", {Capability::Publish})};
    if (shape.hasRelays)
        group.roles.push_back(makeRole("relay", "origin", {}));
    for (const std::string& leaf : shape.leaves) {
        Subgroup subgroup;
        subgroup.name = leaf;
        subgroup.cloudProperties = "region=" + leaf;
        subgroup.rules = {makeRule("edge", shape.edges), makeRule("origin", shape.origins)};
        if (shape.hasRelays)
            subgroup.rules.push_back(makeRule("relay", shape.relays));
        group.subgroups.push_back(subgroup);
    }
    return group;
}

}  // namespace headgate::testing
