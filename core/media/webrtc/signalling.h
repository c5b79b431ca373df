#pragma once

#include "core/domain/ice_server.h"
#include "core/media/hub/reception.h"
#include "core/media/webrtc/peer_session.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace headgate::webrtc {

// A call of WHEP or WHIP, as HTTP brought it.
struct SignalCall
{
    std::string method;
    std::string path;
    std::string contentType;
    std::string ifMatch;
    std::string body;
    bool isPreflight = false;
    SocketAddress client;
    AccessRequest wish;  // with the credentials and who asks
    std::string query{};
};

struct SignalReply
{
    int status = 200;
    std::string body{};
    std::string type{};    // of the body
    std::string fields{};  // further ones, each with its line's end
};
using SignalAnswer = std::function<void(Result<SignalReply>)>;

// WHEP (draft-ietf-wish-whep-02) and WHIP (RFC 9725) over HTTP: POST an offer to /whep/{scope}/{name} to watch, to
// /whip/{scope}/{name} to publish, and the answer's Location is the session, for PATCH and DELETE. Who posts nothing to
// watch is made an offer, as older Stream Manager clients have it, and sends the answer by PATCH. Belongs to the main
// loop's thread.
class Signalling
{
public:
    Signalling(const PeerContext& context, Reception& reception) : m_context(context), m_reception(reception) {}

    static bool isFor(std::string_view path);

    // Whom clients are told of from now on.
    void setIceServers(std::vector<IceServer> servers) { m_iceServers = std::move(servers); }

    // Answers once, now or later, or not at all if nobody is left to answer.
    void serve(const SignalCall& call, const SignalAnswer& answer);

private:
    template <typename Opened>
    void admit(const SignalCall& call, SessionDescription offer, const SignalAnswer& answer);
    void open(const SignalCall& call, const SignalAnswer& answer);
    Result<SignalReply> change(const SignalCall& call);
    void describe(const SignalCall& call, const SignalAnswer& answer);
    Result<SignalReply> takeAnswer(const SignalCall& call, Session::Id session);
    Result<SignalReply> patch(const SignalCall& call, Session::Id session);

    PeerContext m_context;
    Reception& m_reception;
    std::vector<IceServer> m_iceServers;
};

}  // namespace headgate::webrtc
