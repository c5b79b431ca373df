#include "core/media/webrtc/signalling.h"

#include "core/media/webrtc/ice_links.h"
#include "core/media/webrtc/publisher_session.h"
#include "core/media/webrtc/viewer_session.h"

#include <chrono>
#include <type_traits>
#include <utility>

namespace headgate::webrtc {

namespace {

constexpr std::string_view viewing = "/whep/";
constexpr std::string_view publishing = "/whip/";
static_assert(viewing.size() == publishing.size());
constexpr std::string_view sessions = "/webrtc/";

SignalReply plain(int status, std::string text, std::string fields = {})
{
    return {status, std::move(text), "text/plain; charset=utf-8", std::move(fields)};
}

// "application/sdp; charset=utf-8" is the type as well.
bool isType(std::string_view field, std::string_view type)
{
    return field.starts_with(type) &&
           (field.size() == type.size() || field[type.size()] == ';' || field[type.size()] == ' ');
}

bool isOfSession(std::string_view path)
{
    return path.starts_with(sessions);
}

std::string methodsAt(std::string_view path)
{
    return isOfSession(path) ? "PATCH, DELETE, OPTIONS" : "POST, OPTIONS";
}

TimePoint now()
{
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

// The place that "layer=1" in a query names; none if nothing is named, -1 if that cannot be read.
std::optional<int> layerIn(std::string_view query)
{
    constexpr std::string_view name = "layer=";
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view part = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        if (!part.starts_with(name))
            continue;
        const std::string_view value = part.substr(name.size());
        return value.size() == 1 && value[0] >= '0' && value[0] <= '9' ? value[0] - '0' : -1;
    }
    return std::nullopt;
}

std::string inQuotes(const std::string& tag)
{
    return "\"" + tag + "\"";
}

}  // namespace

bool Signalling::isFor(std::string_view path)
{
    return path.starts_with(viewing) || path.starts_with(publishing) || isOfSession(path);
}

void Signalling::serve(const SignalCall& call, const SignalAnswer& answer)
{
    const bool isSession = isOfSession(call.path);
    const std::string methods = methodsAt(call.path);
    if (call.method == "OPTIONS")
        return describe(call, answer);
    if (!isSession && call.method == "POST")
        return open(call, answer);
    if (isSession && (call.method == "PATCH" || call.method == "DELETE"))
        return answer(change(call));
    answer(plain(405, "Here " + methods + " are served.\n", "Allow: " + methods + "\r\n"));
}

// Who may begin a session is told of the ICE servers here already, since some clients look nowhere else; who may not,
// or is not known yet, of those that want no credential.
void Signalling::describe(const SignalCall& call, const SignalAnswer& answer)
{
    const std::string fields = "Access-Control-Allow-Methods: " + methodsAt(call.path) +
                               "\r\nAccess-Control-Allow-Headers: *, Authorization\r\n"
                               "Access-Control-Expose-Headers: Link\r\nAccept-Post: application/sdp\r\n"
                               "Accept-Patch: application/trickle-ice-sdpfrag, application/sdp\r\n";
    if (call.isPreflight || isOfSession(call.path) || m_iceServers.empty())
        return answer(SignalReply{204, {}, {}, fields});
    AccessRequest wish = call.wish;
    wish.path = call.path.substr(viewing.size());
    wish.role = call.path.starts_with(publishing) ? SessionRole::Publisher : SessionRole::Viewer;
    wish.onlyAsks = true;
    m_context.gate.authorize(wish, [answer, fields, servers = m_iceServers](const AccessVerdict& verdict) {
        std::vector<IceServer> told = servers;
        if (!verdict)
            std::erase_if(told, [](const IceServer& server) { return server.credential != IceCredential::None; });
        answer(SignalReply{204, {}, {}, fields + iceLinks(told, randomName(12), now())});
    });
}

void Signalling::open(const SignalCall& call, const SignalAnswer& answer)
{
    // The session makes the offer then.
    if (call.body.empty() && call.path.starts_with(viewing))
        return admit<ViewerSession>(call, {}, answer);
    if (!isType(call.contentType, "application/sdp"))
        return answer(plain(415, "An offer is sent as application/sdp.\n"));
    auto offer = readDescription(call.body);
    if (!offer)
        return answer(tl::unexpected(offer.error()));
    if (offer->setup == "passive")
        return answer(fail(ErrorCode::InvalidArgument, "The offer is to wait for a handshake, and so does this node.",
                           "Offer a=setup:actpass."));
    if (call.path.starts_with(publishing))
        admit<PublisherSession>(call, std::move(*offer), answer);
    else
        admit<ViewerSession>(call, std::move(*offer), answer);
}

template <typename Opened>
void Signalling::admit(const SignalCall& call, SessionDescription offer, const SignalAnswer& answer)
{
    const auto layer = layerIn(call.query);
    if (layer == -1)
        return answer(fail(ErrorCode::InvalidArgument, "The layer in the query is no digit.",
                           "Name layer=0 for the best one, layer=1 for the next, or none to have it chosen."));
    auto seat = m_reception.admit("webrtc", call.client);
    if (!seat)
        return answer(fail(ErrorCode::ResourceExhausted, "This node has as many sessions as it may.",
                           "Ask the control plane for another node."));
    const auto granted = [answer, servers = m_iceServers](Result<Granted> grant) {
        if (!grant)
            return answer(tl::unexpected(grant.error()));
        answer(SignalReply{201, grant->answer, "application/sdp",
                           iceLinks(servers, randomName(12), now()) + "Location: " + std::string(sessions) +
                               grant->resource + "\r\nETag: " + inQuotes(grant->tag) +
                               "\r\nAccess-Control-Expose-Headers: Location, ETag, Link, Session-Host\r\n"});
    };
    AccessRequest wish = call.wish;
    wish.path = call.path.substr(viewing.size());
    auto session = std::make_unique<Opened>(m_context, toText(call.client), std::move(offer), granted);
    Opened& opened = *session;
    if constexpr (std::is_same_v<Opened, ViewerSession>) {
        if (layer)
            opened.fixLayer(*layer);
    }
    m_context.loops.add(std::move(session), std::move(seat));
    opened.begin(std::move(wish));
}

Result<SignalReply> Signalling::change(const SignalCall& call)
{
    const auto session = m_context.port.find(std::string_view(call.path).substr(sessions.size()));
    if (!session)
        return fail(ErrorCode::NotFound, "There is no such session; it may have ended.", "Open a new one.");
    if (call.method == "PATCH")
        return patch(call, *session);
    m_context.port.tell(*session, [](PeerSession& peer) { peer.disconnect(PeerSession::leftReason); });
    return plain(200, {});
}

// To an offer of ours.
Result<SignalReply> Signalling::takeAnswer(const SignalCall& call, Session::Id session)
{
    const auto description = readDescription(call.body);
    if (!description)
        return tl::unexpected(description.error());
    // One that lives on another loop is connected, and was answered long ago.
    PeerSession* const peer = m_context.port.atHome(session);
    const Result<void> taken = peer != nullptr ? peer->takeAnswer(*description) : PeerSession::unasked();
    if (!taken)
        return tl::unexpected(taken.error());
    return SignalReply{204};
}

// Candidates of a peer are of no use to ICE-lite: it answers to wherever checks come from.
Result<SignalReply> Signalling::patch(const SignalCall& call, Session::Id session)
{
    if (isType(call.contentType, "application/sdp"))
        return takeAnswer(call, session);
    if (!isType(call.contentType, "application/trickle-ice-sdpfrag"))
        return plain(415, "A change is sent as application/trickle-ice-sdpfrag, and an answer as application/sdp.\n");
    const auto fragment = readFragment(call.body);
    if (!fragment)
        return tl::unexpected(fragment.error());
    const UdpPort::Ice& now = *m_context.port.ice(session);
    const bool isRestart = !fragment->ufrag.empty() && fragment->ufrag != now.remoteUfrag;
    const bool isForAny = call.ifMatch.empty() || call.ifMatch == "*";
    if (!isForAny && call.ifMatch != inQuotes(now.local.ufrag))
        return plain(412, "The ICE session is not that one any more.\n");
    if (!isRestart)
        return SignalReply{204};
    const UdpPort::Ice next{IceCredentials::random(), fragment->ufrag};
    m_context.port.restart(session, next);
    return SignalReply{
        200, "a=ice-lite\r\na=ice-ufrag:" + next.local.ufrag + "\r\na=ice-pwd:" + next.local.password + "\r\n",
        "application/trickle-ice-sdpfrag",
        "ETag: " + inQuotes(next.local.ufrag) + "\r\nAccess-Control-Expose-Headers: ETag\r\n"};
}

}  // namespace headgate::webrtc
