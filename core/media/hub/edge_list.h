#pragma once

#include "core/wire/node_protocol.h"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace headgate {

// The nodes to watch at, each in its turn. For the main loop's thread.
class EdgeList
{
public:
    void set(std::vector<node_protocol::Edge> edges) { m_edges = std::move(edges); }

    // "203.0.113.7:1935", "[2001:db8::7]:1935"; none if there is no edge.
    std::optional<std::string> next()
    {
        if (m_edges.empty())
            return std::nullopt;
        m_next %= m_edges.size();
        const node_protocol::Edge& edge = m_edges[m_next++];
        const bool isIpv6 = edge.address.find(':') != std::string::npos;
        return (isIpv6 ? "[" + edge.address + "]" : edge.address) + ":" + std::to_string(edge.rtmpPort);
    }

private:
    std::vector<node_protocol::Edge> m_edges;
    std::size_t m_next = 0;
};

}  // namespace headgate
