#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/domain/client_place.h"
#include "core/domain/route.h"

#include <optional>
#include <string>
#include <vector>

namespace headgate {

// With what a viewer comes back who found no place.
struct WaitingTicket
{
    std::string text;  // of the refusal before; empty: somebody new
    int sessions = 1;  // so many wait on it and take a place each; more than one in simulated crowds only
};

// Whether who asks showed a token. What is promised to those who did not holds at most a tenth of each node.
enum class Standing
{
    Known,
    Tokenless
};

// Who asks for a place.
struct RouteCaller
{
    WaitingTicket ticket;
    ClientPlace client;
    Standing standing = Standing::Known;
};

// A place in the line of a group's viewers who found none.
struct WaitingPlace
{
    std::string ticket;  // empty: even the waiting room is full
    int ahead = 0;       // who asked before, about
    Duration retryAfter{1'000};
};

struct RouteRefusal
{
    Error error;
    std::optional<WaitingPlace> waiting;  // of a viewer, if places ran out
};

using RouteAnswer = tl::expected<std::vector<RouteTarget>, RouteRefusal>;

}  // namespace headgate
