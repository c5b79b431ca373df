#pragma once

#include "core/base/digest.h"
#include "core/domain/snapshot.h"
#include "core/wire/stream_pass.h"

#include <string>
#include <string_view>

namespace headgate {

// What the keys of nodes are derived for; a node's own is nodeSecret() of one of them.
inline constexpr const char* nodeCredentialPurpose = "node-credential";
inline constexpr const char* pullTokenPurpose = "pull-token";

// Of each node under one key of the deployment, so that none has to be stored.
inline std::string nodeSecret(std::string_view derivedKey, const NodeId& node)
{
    return toHex(hmacSha256(derivedKey, node.value));
}

// For `user`, who may see what is in the snapshot. NotFound for any other node. `derivedKey` is that of
// nodeCredentialPurpose.
inline Result<StreamPass> grantStreamPass(const Snapshot& seen, std::string_view derivedKey, const StreamPassWish& wish,
                                          const std::string& user, TimePoint now)
{
    const NodeStatus* status = seen.findNode(wish.node);
    if (!status || status->node.pool.nodeGroup != wish.nodeGroup)
        return fail(ErrorCode::NotFound,
                    "There is no node \"" + wish.node.value + "\" in the group \"" + wish.nodeGroup.value + "\".");
    return makeStreamPass(wish, user, nodeSecret(derivedKey, wish.node), now);
}

}  // namespace headgate
