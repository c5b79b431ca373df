#include "core/engine/parentage.h"

namespace headgate {

bool mayCarry(const NodeGroup& group, const PoolKey& child, const PoolKey& origin)
{
    const Role* role = group.findRole(child.role);
    if (role && role->parentRoleName == origin.role)
        return mayPullFrom(*role, child, origin);
    for (std::size_t steps = 0; role && steps <= group.roles.size(); ++steps) {
        if (role->parentRoleName == origin.role)
            return true;
        role = group.findRole(role->parentRoleName);
    }
    return false;
}

bool mayPullFrom(const Role& childRole, const PoolKey& child, const PoolKey& parent)
{
    return parent.nodeGroup == child.nodeGroup && parent.role == childRole.parentRoleName &&
           (childRole.parentCardinality != ParentCardinality::Subgroup || parent.subgroup == child.subgroup);
}

}  // namespace headgate
