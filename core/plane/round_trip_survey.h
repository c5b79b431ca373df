#pragma once

#include "core/domain/client_place.h"
#include "core/domain/snapshot.h"
#include "core/domain/stream_details.h"

#include <cstddef>
#include <vector>

namespace headgate {

// Whom to ask how far away viewers are: the nodes that serve some, by turns.
class RoundTripSurvey
{
public:
    // At most so many questions, about others each time.
    std::vector<StreamQuery> next(const Snapshot& snapshot, std::size_t most);

private:
    std::size_t m_turn = 0;
};

// What the connections of the viewers measure, on average over each network that is known.
std::vector<NetworkRoundTrip> roundTripsOf(const StreamDetails& details);

}  // namespace headgate
