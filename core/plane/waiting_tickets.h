#pragma once

#include "core/domain/waiting_place.h"

#include <cstddef>
#include <map>
#include <string>
#include <utility>

namespace headgate {

// The places that one client keeps in the lines of full groups: when it asks again for the same stream, it shows the
// ticket of the refusal before.
class WaitingTickets
{
public:
    // "" if there is none.
    std::string of(const RouteRequest& request) const
    {
        const auto found = m_tickets.find({request.nodeGroup, request.stream});
        return found == m_tickets.end() || request.purpose == RoutePurpose::Publish ? std::string() : found->second;
    }

    // What came of it; none: the client need not wait any more, or cannot.
    void note(const RouteRequest& request, const std::optional<WaitingPlace>& place)
    {
        if (request.purpose == RoutePurpose::Publish)
            return;
        if (!place || place->ticket.empty()) {
            m_tickets.erase({request.nodeGroup, request.stream});
            return;
        }
        if (m_tickets.size() >= mostTickets)
            m_tickets.clear();
        m_tickets[{request.nodeGroup, request.stream}] = place->ticket;
    }

private:
    static constexpr std::size_t mostTickets = 100;

    std::map<std::pair<NodeGroupName, StreamKey>, std::string> m_tickets;
};

}  // namespace headgate
