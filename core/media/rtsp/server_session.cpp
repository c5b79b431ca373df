#include "core/media/rtsp/server_session.h"

#include <array>
#include <utility>

namespace headgate::rtsp {

namespace {

constexpr Duration patience{10'000};
constexpr Duration mostSilence{30'000};
constexpr Duration sessionTime{60'000};  // as clients are told
constexpr Duration margin{10'000};
constexpr std::size_t mostUnread = 256 * 1024;
constexpr std::size_t mostAnswers = Stream::mostWaitingBytes + 1024 * 1024;
constexpr int mostRefusals = 10;

int statusOf(ErrorCode code)
{
    switch (code) {
    case ErrorCode::InvalidArgument:
        return 400;
    case ErrorCode::Unauthenticated:
        return 401;
    case ErrorCode::PermissionDenied:
        return 403;
    case ErrorCode::NotFound:
        return 404;
    case ErrorCode::AlreadyExists:
        return 409;
    case ErrorCode::Unsupported:
        return 415;
    case ErrorCode::ResourceExhausted:
        return 453;
    default:
        return 503;
    }
}

}  // namespace

ServerSession::ServerSession(ServerContext context, Socket socket)
    : m_context(context),
      m_localHost(localAddress(socket).host),
      m_peerHost(peerAddress(socket).host),
      m_connection(context.loops.home().loop(), std::move(socket), Connection::Origin::Accepted,
                   static_cast<ConnectionOwner&>(*this)),
      m_setupTimer(context.loops.home().loop()),
      m_trackTimer(context.loops.home().loop()),
      m_livenessTimer(context.loops.home().loop()),
      m_player(m_connection, context.loops.home().loop())
{
    awaitStep();
}

ServerSession::~ServerSession()
{
    leave(SessionGate::Departure::Finished);
}

void ServerSession::awaitStep()
{
    m_setupTimer.start(patience, [this] { end("neither published nor played within 10 s"); });
}

// --- Messages. ---

void ServerSession::bytesReceived(ByteView bytes)
{
    m_reader.append(bytes);
    if (m_isBusy && m_reader.waitingBytes() > mostUnread)
        return end("sends more than it waits for");
    process();
}

void ServerSession::process()
{
    m_isProcessing = true;
    while (!m_isBusy && m_connection.isOpen() && !m_connection.isClosing()) {
        const MessageReader::State state = m_reader.next();
        if (state == MessageReader::State::NeedsMore)
            break;
        if (state == MessageReader::State::HasPacket) {
            handlePacket();
        } else if (state == MessageReader::State::HasRequest) {
            handle(m_reader.request());
        } else {
            m_sequence.clear();
            refuse(state == MessageReader::State::TooLarge ? 413 : 400,
                   "This is no request of RTSP 1.0, or too large.");
            m_connection.closeAfterSending();
        }
    }
    m_isProcessing = false;
}

// A request that had to wait has its answer.
void ServerSession::resume()
{
    m_isBusy = false;
    process();
}

void ServerSession::handlePacket()
{
    if (m_state == State::Recording)
        m_recorder->takeInterleaved(m_reader.channel(), m_reader.packet());
    else if (m_state == State::Playing)
        takeReport(m_reader.packet());
}

void ServerSession::handle(const Request& request)
{
    m_heardAt = host().loop().now();
    m_sequence = request.field("cseq");
    if (m_connection.waitingBytes() > mostAnswers)
        return end("asks more than it reads");
    if (!request.isVersion1)
        return refuse(505, "RTSP 1.0 is spoken here.");
    if (const std::string_view wanted = request.field("require"); !wanted.empty())
        return respond(551, "Unsupported: " + std::string(wanted) + "\r\n");
    std::string_view named = request.field("session");
    if (!named.empty() && takePiece(named, ';') != m_session)
        return refuse(454, "There is no such session on this connection.");
    using Act = void (ServerSession::*)(const Request&);
    static constexpr std::array<std::pair<std::string_view, Act>, 10> acts{{
        {"OPTIONS", &ServerSession::options},
        {"GET_PARAMETER", &ServerSession::keepAlive},
        {"SET_PARAMETER", &ServerSession::keepAlive},
        {"DESCRIBE", &ServerSession::describe},
        {"ANNOUNCE", &ServerSession::announce},
        {"SETUP", &ServerSession::setup},
        {"PLAY", &ServerSession::play},
        {"PAUSE", &ServerSession::pause},
        {"RECORD", &ServerSession::record},
        {"TEARDOWN", &ServerSession::teardown},
    }};
    for (const auto& [name, act] : acts) {
        if (request.method == name)
            return (this->*act)(request);
    }
    refuse(501, "This method is not offered.");
}

void ServerSession::respond(int status, std::string_view fields, std::string_view body)
{
    std::string all;
    if (!m_session.empty())
        all = "Session: " + m_session + ";timeout=" + std::to_string(sessionTime.count() / 1000) + "\r\n";
    all.append(fields);
    const std::string text = responseText(status, m_sequence, all, body);
    m_connection.send(Bytes(text.begin(), text.end()));
}

void ServerSession::refuse(int status, std::string_view why)
{
    m_context.log.refusal("rtsp", m_connection.peer(), why);
    respond(status, "Content-Type: text/plain; charset=utf-8\r\n", std::string(why) + "\n");
    if (++m_refusals > mostRefusals)
        m_connection.closeAfterSending();
}

void ServerSession::refuse(const Error& error)
{
    refuse(statusOf(error.code), error.remedy.empty() ? error.message : error.message + " " + error.remedy);
}

void ServerSession::options(const Request&)
{
    respond(200, "Public: OPTIONS, DESCRIBE, ANNOUNCE, SETUP, PLAY, PAUSE, RECORD, GET_PARAMETER, SET_PARAMETER, "
                 "TEARDOWN\r\n");
}

void ServerSession::keepAlive(const Request&)
{
    respond(200);
}

void ServerSession::teardown(const Request&)
{
    respond(200);
    leave(SessionGate::Departure::Finished);
    m_connection.closeAfterSending();
}

// --- Who may. ---

const Login* ServerSession::login() const
{
    const auto key = StreamKey::parse(m_target.path);
    const auto found = key ? m_context.logins.find(*key) : m_context.logins.end();
    return found == m_context.logins.end() ? nullptr : &found->second;
}

// What streams with a login of their own ask for, with each request that matters.
bool ServerSession::provesLogin(const Request& request)
{
    const Login* const wanted = login();
    const MonotonicTime now = host().loop().now();
    const auto verdict =
        wanted == nullptr ? Digest::Verdict::Holds
                          : m_digest.check(request.field("authorization"), request.method, request.url, *wanted, now);
    if (verdict == Digest::Verdict::Holds)
        return true;
    if (verdict == Digest::Verdict::Wrong)
        m_context.log.refusal("rtsp", m_connection.peer(), "its name or password does not hold for " + m_target.path);
    challenge(m_digest.challenge(verdict, now));
    return false;
}

void ServerSession::challenge(std::string_view lines)
{
    respond(401, lines);
    if (++m_refusals > mostRefusals)
        m_connection.closeAfterSending();
}

void ServerSession::authorize(SessionRole role, const Request& request, std::function<void()> go)
{
    auto target = parseTarget(request.url);
    if (!target)
        return refuse(400, "This is no URL of RTSP.");
    m_target = std::move(*target);
    if (!provesLogin(request))
        return;
    AccessRequest wanted{role, m_target.path, {}, id(), m_connection.peer(), "rtsp"};
    wanted.userAgent = request.field("user-agent");
    if (const Login* const proven = login())
        wanted.credentials.username = proven->username;
    else if (const auto basic = readBasic(request.field("authorization")))
        wanted.credentials = {basic->username, basic->password, {}};
    readCredentials(m_target.query, wanted.credentials);
    const bool isAnonymous = wanted.credentials == Credentials{};
    m_credential = m_target.query + '\n' + wanted.credentials.username + '\n' + wanted.credentials.password;
    m_isBusy = true;
    m_setupTimer.stop();
    m_context.gate.authorize(wanted, [this, session = id(), &home = m_context.loops.home(), isAnonymous,
                                      go = std::move(go)](AccessVerdict verdict) {
        if (home.find(session) != this)
            return;
        m_isBusy = false;
        awaitStep();
        if (verdict) {
            m_pass = std::move(*verdict);
            go();
        } else if (isAnonymous && (verdict.error().code == ErrorCode::Unauthenticated ||
                                   verdict.error().code == ErrorCode::PermissionDenied)) {
            // Clients show what they have when they are asked to.
            m_context.log.refusal("rtsp", m_connection.peer(), verdict.error().message);
            challenge("WWW-Authenticate: Basic realm=\"" + std::string(Digest::realm) + "\"\r\n");
        } else {
            refuse(verdict.error());
        }
        if (!m_isProcessing)
            process();
    });
}

// --- Ends. ---

void ServerSession::checkLiveness()
{
    const MonotonicTime now = host().loop().now();
    if (m_publishing != nullptr && now - m_lastMedia > mostSilence) {
        leave(SessionGate::Departure::Finished);
        end("published nothing for 30 s");
    } else if (m_player.waitingTime() > mostSilence) {
        end("took nothing for 30 s");
    } else if ((m_isPaused || m_player.usesUdp()) && now - m_heardAt > sessionTime + margin) {
        end("nothing heard of it for 60 s");
    } else if (m_playing != nullptr && !m_isPaused) {
        m_player.report();
    }
}

void ServerSession::leave(SessionGate::Departure departure)
{
    m_player.stop();
    if (m_recorder)
        m_recorder->stop();
    if (m_playing != nullptr)
        std::exchange(m_playing, nullptr)->unsubscribe(*this);
    if (m_publishing != nullptr) {
        m_context.log.client("rtsp " + m_connection.peer() + ": no longer publishes " + m_target.path);
        m_context.gate.dismissPublisher(*std::exchange(m_publishing, nullptr), departure, host().loop().now());
    }
    m_pass.reset();
}

void ServerSession::end(std::string_view reason)
{
    m_connection.close();
    connectionEnded(reason);
}

void ServerSession::connectionEnded(std::string_view reason)
{
    if (m_state != State::Idle || reason != Connection::leftReason)
        m_context.log.client("rtsp " + m_connection.peer() + ": ended: " + std::string(reason));
    m_setupTimer.stop();
    m_trackTimer.stop();
    m_livenessTimer.stop();
    leave(SessionGate::Departure::Lost);
    host().remove(*this);
}

}  // namespace headgate::rtsp
