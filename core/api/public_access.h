#pragma once

#include "core/domain/node_group.h"

#include <string>

namespace headgate {

// From where the control plane can be called.
enum class Listening
{
    ThisMachine,
    Network
};

// What is answered to those who show no token.
class PublicAccess
{
public:
    explicit PublicAccess(Listening listening) : m_listening(listening) {}

    // Whether sessions of the group are routed for them; null stands for a group that is not there.
    bool isRouted(const NodeGroup* group) const;

    // Whether they are told the address of a node: none of a private network (RFC 1918, RFC 6598, RFC 4193,
    // link-local), and of this machine only if nobody else can call.
    bool isTold(const std::string& address) const;

private:
    Listening m_listening;
};

}  // namespace headgate
