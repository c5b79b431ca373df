#include "core/api/signalling_talk.h"

#include "core/api/api_status.h"
#include "core/api/sign_in.h"
#include "core/wire/native_codec.h"
#include "core/wire/signalling_messages.h"
#include "core/wire/stream_manager_view.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <utility>

namespace headgate {

namespace {

using namespace stream_manager;

constexpr std::size_t mostUnsent = 64;  // messages that the client does not read
constexpr std::size_t mostCandidateBytes = 16 * 1024;
constexpr int mostHeard = 100;  // messages from one tick to the next

http::Response noAnswer(int status, std::string detail)
{
    return http::Response{status, "text/plain", std::move(detail), {}};
}

std::string sessionIn(const http::Response& response)
{
    constexpr std::string_view place = "/webrtc/";
    for (const auto& [name, value] : response.headers) {
        if (name == "Location" && value.starts_with(place))
            return value.substr(place.size());
    }
    return {};
}

// Of an answer of the node, or of the routes.
std::string refusalIn(const http::Response& response)
{
    constexpr std::size_t longest = 500;
    const auto document = native::parse(response.body);
    if (document && document->is_object())
        return errorMessage(errorOf(*document, response.status), response.status);
    std::string text = response.body.substr(0, longest);
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    return errorMessage(Error{ErrorCode::Unavailable, std::move(text), {}, {}}, response.status);
}

// The state of one conversation. The answers of nodes come on the thread of the forwarder, which lives as long as they
// come; all else is called on the thread of the connection, but ended(), which is called on any.
class Talk : public std::enable_shared_from_this<Talk>
{
public:
    Talk(SignallingWays ways, http::Wake wake) : m_ways(std::move(ways)), m_wake(std::move(wake))
    {
        sayLocked(statusMessage("NetConnection.Connect.Success", "This connection is for " + m_ways.stream + "."));
    }

    std::shared_ptr<const http::FeedItem> next()
    {
        const std::lock_guard lock(m_mutex);
        if (m_unsent.empty())
            return nullptr;
        auto item = std::make_shared<const http::FeedItem>(http::FeedItem{{}, std::move(m_unsent.front())});
        m_unsent.pop_front();
        return item;
    }

    bool isOver() const
    {
        const std::lock_guard lock(m_mutex);
        return m_stage == Stage::Over;
    }

    void heard(std::string_view text)
    {
        using enum SignallingMessage::Kind;
        if (isOver())
            return;
        if (++m_heard > mostHeard) {
            refuse(Error{ErrorCode::ResourceExhausted, "Too many messages in a second.", "Connect again.", {}});
            return leave();
        }
        const auto message = signallingMessageIn(text);
        if (!message)
            return refuse(message.error());
        if (m_ways.stream != message->stream && !m_ways.stream.ends_with("/" + message->stream))
            return refuse(Error{ErrorCode::InvalidArgument, "This connection is for " + m_ways.stream + " alone.",
                                "Open one for each stream.", "/stream"});
        switch (message->kind) {
        case IsAvailable:
            return say(availableMessage(m_ways.isLive()));
        case HandleOffer:
            return isPublisher() ? open(message->sdp) : refuseSide();
        case RequestOffer:
            return isPublisher() ? refuseSide() : open({});
        case HandleAnswer:
            return isPublisher() ? refuseSide() : takeAnswer(message->sdp);
        case HandleCandidate:
            return takeCandidate(message->candidate);
        case Begin:
            return begin();
        case End:
            say(isPublisher() ? statusMessage("NetStream.Unpublish.Success", "You do not publish any more.")
                              : statusMessage("NetStream.Play.Stop", "You do not watch any more."));
            return leave();
        }
    }

    void tick()
    {
        m_heard = 0;
        m_ways.proxied->watch(*m_ways.forwarder);
        std::string lost;
        {
            const std::lock_guard lock(m_mutex);
            if (m_session.empty())
                return;
            if (!m_ways.isThere(m_place.node))
                lost = m_session;
            else if (!isPublisher() && std::exchange(m_isLive, m_ways.isLive()) && !m_isLive)
                sayLocked(unpublishedMessage());
        }
        if (!lost.empty())
            m_ways.proxied->ended(lost);
    }

    void silent()
    {
        {
            const std::lock_guard lock(m_mutex);
            if (m_stage != Stage::Talking)
                return;
            const Error error{ErrorCode::Unavailable, "Nothing came for too long.", "Connect when you begin.", {}};
            sayLocked(errorMessage(error, 408));
        }
        leave();
    }

    // What the client has at its node it keeps, for as long as it wants.
    void serverStops()
    {
        const std::lock_guard lock(m_mutex);
        m_isKept = true;
    }

    // The client has gone, or is to go.
    void leave()
    {
        std::string session;
        {
            const std::lock_guard lock(m_mutex);
            m_stage = Stage::Over;
            if (!m_isKept)
                session = std::exchange(m_session, {});
            m_wake();
        }
        if (!session.empty())
            endAtNode(session);
    }

private:
    enum class Stage
    {
        Talking,     // there is no session
        Opening,     // the node was asked for one
        Offered,     // a viewer got the offer of the node
        Negotiated,  // both have both descriptions
        Over
    };

    bool isPublisher() const { return m_ways.purpose == RoutePurpose::Publish; }

    void sayLocked(std::string text)
    {
        // Who does not read is left by the pings.
        if (m_unsent.size() < mostUnsent)
            m_unsent.push_back(std::move(text));
        m_wake();
    }

    void say(std::string text)
    {
        const std::lock_guard lock(m_mutex);
        sayLocked(std::move(text));
    }

    void refuse(const Error& error) { say(errorMessage(error, httpStatus(error.code))); }

    void refuseSide()
    {
        refuse(Error{ErrorCode::Conflict,
                     "Publishers send handleOffer; viewers send requestOffer, and handleAnswer.",
                     isPublisher() ? "Watch at /as/v1/proxy/ws/subscribe/." : "Publish at /as/v1/proxy/ws/publish/.",
                     {}});
    }

    void refuseNow()
    {
        refuse(Error{ErrorCode::Conflict,
                     "This is not awaited now: a connection has one session, once.",
                     "Open another connection.",
                     {}});
    }

    http::Request requestWith(http::Method method, std::string body, std::string contentType) const
    {
        http::Request request;
        request.method = method;
        request.body = std::move(body);
        request.contentType = std::move(contentType);
        request.remoteAddress = m_ways.remoteAddress;
        return request;
    }

    ForwardTarget targetOf(const std::string& session) const
    {
        return {m_place.target.address, m_place.target.port, "/webrtc/" + session};
    }

    // With the offer of a publisher; a viewer gets one of the node.
    void open(std::string offer)
    {
        {
            std::unique_lock lock(m_mutex);
            if (m_stage != Stage::Talking) {
                lock.unlock();
                return refuseNow();
            }
            m_stage = Stage::Opening;
        }
        auto place = m_ways.choose();
        const std::lock_guard lock(m_mutex);
        if (!place) {
            m_stage = Stage::Talking;
            return sayLocked(refusalIn(place.error()));
        }
        m_place = std::move(*place);
        const std::string type = offer.empty() ? "" : "application/sdp";
        m_ways.forwarder->forward(m_place.target, requestWith(http::Method::Post, std::move(offer), type), noAnswer,
                                  [self = shared_from_this()](const http::Response& reply) { self->opened(reply); });
    }

    void opened(const http::Response& reply)
    {
        const std::string session = reply.status == 201 ? sessionIn(reply) : std::string();
        {
            const std::lock_guard lock(m_mutex);
            if (m_stage == Stage::Over) {
                if (!session.empty() && !m_isKept)
                    endAtNode(session);
                return;
            }
            if (session.empty()) {
                m_stage = Stage::Talking;
                return sayLocked(refusalIn(reply));
            }
            m_session = session;
            m_isLive = true;
            m_ways.proxied->opened({session, m_ways.stream, m_place.target.address, m_place.target.port, systemNow()},
                                   [talk = weak_from_this()] {
                                       if (const auto alive = talk.lock())
                                           alive->ended();
                                   });
            sayLocked(descriptionMessage(isPublisher() ? "answer" : "offer", reply.body));
            m_stage = Stage::Offered;
            if (isPublisher())
                negotiated();
        }
        goOn();
    }

    // The candidates of the node stand in its description, and it needs none of the client.
    void negotiated()
    {
        m_stage = Stage::Negotiated;
        sayLocked(statusMessage("NetConnection.ICE.TrickleCompleted", "There are no more candidates."));
        if (m_wantsBegin)
            tellBegin();
    }

    void takeAnswer(std::string answer)
    {
        {
            std::unique_lock lock(m_mutex);
            if (m_stage != Stage::Offered || !m_answer.empty()) {
                lock.unlock();
                return refuseNow();
            }
            m_answer = std::move(answer);
        }
        goOn();
    }

    void takeCandidate(const std::string& lines)
    {
        {
            const std::lock_guard lock(m_mutex);
            if (m_candidates.size() + lines.size() > mostCandidateBytes) {
                const Error error{ErrorCode::ResourceExhausted, "Too many candidates wait for a session.", {}, {}};
                return sayLocked(errorMessage(error, httpStatus(error.code)));
            }
            m_candidates += lines;
        }
        goOn();
    }

    // What waits for the node goes there, one after the other.
    void goOn()
    {
        const std::lock_guard lock(m_mutex);
        if (m_isWaiting || m_session.empty())
            return;
        const bool isAnswer = !m_answer.empty();
        if (!isAnswer && (m_stage != Stage::Negotiated || m_candidates.empty()))
            return;
        m_isWaiting = true;
        const char* const type = isAnswer ? "application/sdp" : "application/trickle-ice-sdpfrag";
        http::Request request =
            requestWith(http::Method::Patch, std::exchange(isAnswer ? m_answer : m_candidates, {}), type);
        m_ways.forwarder->forward(
            targetOf(m_session), request, noAnswer,
            [self = shared_from_this(), isAnswer](const http::Response& reply) { self->changed(reply, isAnswer); });
    }

    void changed(const http::Response& reply, bool isAnswer)
    {
        std::string lost;
        {
            const std::lock_guard lock(m_mutex);
            m_isWaiting = false;
            if (m_stage == Stage::Over)
                return;
            if (reply.status == 404)
                lost = m_session;
            else if (reply.status / 100 != 2)
                sayLocked(refusalIn(reply));
            else if (isAnswer)
                negotiated();
        }
        if (!lost.empty())
            return m_ways.proxied->ended(lost);
        goOn();
    }

    void begin()
    {
        const std::lock_guard lock(m_mutex);
        m_wantsBegin = true;
        if (m_stage == Stage::Negotiated)
            tellBegin();
    }

    void tellBegin()
    {
        if (isPublisher())
            return sayLocked(statusMessage("NetStream.Publish.Start", "You publish " + m_ways.stream + "."));
        sayLocked(statusMessage("NetStream.Play.Start", "You watch " + m_ways.stream + "."));
        sayLocked(metadataMessage());
    }

    // By its node, by an administrator, or with its node.
    void ended()
    {
        const std::lock_guard lock(m_mutex);
        if (m_stage == Stage::Over)
            return;
        m_stage = Stage::Over;
        m_session.clear();
        sayLocked(statusMessage("NetConnection.Connect.Closed", "The session has ended at its node."));
    }

    void endAtNode(const std::string& session)
    {
        // Of many clients behind one address all may leave at once.
        http::Request request;
        request.method = http::Method::Delete;
        m_ways.forwarder->forward(targetOf(session), request, noAnswer,
                                  [proxied = m_ways.proxied, session](const http::Response& reply) {
                                      if (reply.status / 100 == 2 || reply.status == 404)
                                          proxied->ended(session);
                                  });
    }

    const SignallingWays m_ways;
    const http::Wake m_wake;
    mutable std::mutex m_mutex;
    int m_heard = 0;  // since the last tick
    Stage m_stage = Stage::Talking;
    std::deque<std::string> m_unsent;
    SignallingPlace m_place;
    std::string m_session;
    std::string m_answer;      // that waits for the node
    std::string m_candidates;  // that wait for it
    bool m_isWaiting = false;  // for the answer to a change
    bool m_wantsBegin = false;
    bool m_isLive = false;  // the stream
    bool m_isKept = false;
};

class TalkDialogue final : public http::Dialogue
{
public:
    TalkDialogue(SignallingWays ways, http::Wake wake)
        : m_talk(std::make_shared<Talk>(std::move(ways), std::move(wake)))
    {}
    ~TalkDialogue() override { m_talk->leave(); }
    TalkDialogue(const TalkDialogue&) = delete;
    TalkDialogue& operator=(const TalkDialogue&) = delete;

    std::shared_ptr<const http::FeedItem> next() override { return m_talk->next(); }
    void heard(std::string_view text) override { m_talk->heard(text); }
    void tick() override { m_talk->tick(); }
    void silent() override { m_talk->silent(); }
    void serverStops() override { m_talk->serverStops(); }
    bool isOver() const override { return m_talk->isOver(); }

private:
    std::shared_ptr<Talk> m_talk;
};

}  // namespace

std::unique_ptr<http::Feed> signallingTalk(SignallingWays ways, http::Wake wake)
{
    return std::make_unique<TalkDialogue>(std::move(ways), std::move(wake));
}

}  // namespace headgate
