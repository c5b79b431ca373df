#pragma once

#include "core/api/forwarder.h"
#include "core/api/proxied_sessions.h"
#include "core/domain/node.h"
#include "core/domain/route.h"
#include "core/plane/client_shares.h"

#include <tl/expected.hpp>

#include <functional>
#include <memory>
#include <string>

namespace headgate {

// Where a session may be opened.
struct SignallingPlace
{
    NodeId node;
    ForwardTarget target;
};

// What somebody who signals over a WebSocket is let do. The functions are called on the thread of the connection.
struct SignallingWays
{
    RoutePurpose purpose = RoutePurpose::Subscribe;
    std::string stream{};         // "live/show1"
    std::string remoteAddress{};  // of the client
    std::function<bool()> isLive{};
    std::function<tl::expected<SignallingPlace, http::Response>()> choose{};
    std::function<bool(const NodeId&)> isThere{};  // false: the node is gone, or dead
    Forwarder* forwarder = nullptr;
    std::shared_ptr<ProxiedSessions> proxied{};
    ClientShares::Place place{};  // among all who signal so
};

// A conversation with messages of Stream Manager (core/wire/signalling_messages.h), of which the calls of WHIP or WHEP
// to a node are made: one session, which ends with the conversation, as the conversation ends with it. Only a server
// that stops leaves it to the client and the node.
std::unique_ptr<http::Feed> signallingTalk(SignallingWays ways, http::Wake wake);

}  // namespace headgate
