#include "core/media/rtmp/server_session.h"

#include "core/media/rtmp/frame_message.h"

#include <algorithm>
#include <array>
#include <utility>

namespace headgate::rtmp {

namespace {

constexpr Duration setupPatience{10'000};
constexpr Duration livenessPeriod{5000};
constexpr Duration mostSilence{30'000};
// Each command has an answer, which the client may not read: as many between one play and the next, and not beyond what
// may wait of a stream.
constexpr int mostCommands = 1000;
// Of what a client sends before it was let in; media beyond that are lost, up to the next key frame.
constexpr std::size_t mostKeptBytes = 1024 * 1024;
constexpr std::size_t mostWaitingBytes = Stream::mostWaitingBytes + 1024 * 1024;

std::string withoutQuery(std::string_view text)
{
    text = text.substr(0, text.find('?'));
    while (text.starts_with('/'))
        text.remove_prefix(1);
    while (text.ends_with('/'))
        text.remove_suffix(1);
    return std::string(text);
}

std::string queryOf(std::string_view text)
{
    const std::size_t mark = text.find('?');
    return std::string(mark == std::string_view::npos ? std::string_view() : text.substr(mark + 1));
}

// Enhanced RTMP v2: bits of capsEx.
constexpr std::uint32_t reconnectAbility = 1;
constexpr double allAbilities = 1 | 2 | 4 | 8;  // reconnect, several tracks, extended packets, nanoseconds

// Every codec is passed on, none is decoded or encoded here.
void appendAbilities(Amf0::Object& information)
{
    constexpr double canForward = 4;
    const Amf0 everything = Amf0::Object{{{"*", canForward}}};
    information.members.emplace_back("capsEx", allAbilities);
    information.members.emplace_back("fourCcList", Amf0::StrictArray{{Amf0("*")}});
    information.members.emplace_back("videoFourCcInfoMap", everything);
    information.members.emplace_back("audioFourCcInfoMap", everything);
}

// Who gives a list means what it can play (enhanced RTMP v1 and v2).
bool namesOpus(const Amf0& wishes)
{
    const Amf0& codecs = wishes["audioFourCcInfoMap"];
    for (const char* const name : {"Opus", "*"}) {
        if (codecs[name] != Amf0() || wishes["fourCcList"].has(name))
            return true;
    }
    return false;
}

}  // namespace

ServerSession::ServerSession(ServerContext context, Socket socket, std::unique_ptr<TlsStream> tls)
    : m_context(context),
      m_isSecure(tls != nullptr),
      m_link(context.loops.home().loop(), std::move(socket), Link::Side::Server, *this, std::move(tls)),
      m_peer(m_link.connection().peer()),
      m_setupTimer(context.loops.home().loop()),
      m_livenessTimer(context.loops.home().loop()),
      m_lastMedia(context.loops.home().loop().now())
{
    m_setupTimer.start(setupPatience, [this] { end("neither published nor played within 10 s"); });
}

ServerSession::~ServerSession()
{
    leave(SessionGate::Departure::Finished);
}

std::optional<StreamViewer> ServerSession::viewing(const StreamKey& stream)
{
    if (m_playing == nullptr || m_playing->key() != stream)
        return std::nullopt;
    StreamViewer viewer = describe(*this, m_link.connection());
    viewer.protocol = "rtmp";
    return viewer;
}

void ServerSession::moveTo(EventLoop& to)
{
    m_setupTimer.moveTo(to);
    m_livenessTimer.moveTo(to);
    m_link.moveTo(to);
}

void ServerSession::arrived(Stream* stream)
{
    m_isMoving = false;
    m_link.arrived();
    if (!std::exchange(m_awaitsStream, false))
        awaitCommand();
    else if (stream != nullptr)
        join(*stream);
    else
        streamEnded();
    handleKept();
}

void ServerSession::handleKept()
{
    m_keptBytes = 0;
    for (Message& message : std::exchange(m_kept, {})) {
        if (m_link.connection().isOpen() && !m_link.connection().isClosing())
            messageReceived(std::move(message));
    }
}

// True if the message waits until the session has arrived, or was let in; no more than one turn reads comes on the way.
bool ServerSession::keep(Message& message)
{
    if (!m_isMoving && !m_isAsking)
        return false;
    const bool isCommand = message.type == MessageType::CommandAmf0 || message.type == MessageType::CommandAmf3;
    m_keptBytes += message.payload.size() + sizeof(Message);
    if (m_isMoving || m_keptBytes <= mostKeptBytes)
        m_kept.push_back(std::move(message));
    else if (isCommand)
        end("asks more than can be answered");
    return true;
}

void ServerSession::messageReceived(Message message)
{
    if (keep(message))
        return;
    if (message.type == MessageType::CommandAmf0 || message.type == MessageType::CommandAmf3) {
        const auto command = parseCommand(message);
        if (!command)
            end(command.error().message);
        else
            handleCommand(*command);
        return;
    }
    if (m_publishing == nullptr)
        return;
    m_lastMedia = host().loop().now();
    forEachFrame(std::move(message),
                 [this](const SharedFrame& frame) { m_publishing->push(frame, host().loop().now()); });
}

// Of a node; has no answer, and comes for as long as it pulls.
bool ServerSession::handleWish(const Command& command)
{
    const bool wantsLayers = command.name == layersCommand;
    if (!m_isChild || m_playing == nullptr || (!wantsLayers && command.name != keyFrameCommand))
        return false;
    if (wantsLayers)
        m_layersUntil = host().loop().now() + Stream::layersTime;
    const double told = command.argument(1).number().value_or(0);
    const int layer = told >= 1 && told <= mostLayers ? static_cast<int>(told) : 0;
    m_context.loops.atHome([&gate = m_context.gate, key = m_playing->key(), wantsLayers, layer](LoopGroup& loops) {
        const MonotonicTime now = loops.home().loop().now();
        if (wantsLayers)
            gate.wantLayers(key, now);
        else
            gate.wantKeyFrame(key, now, layer);
    });
    return true;
}

void ServerSession::handleCommand(const Command& command)
{
    if (handleWish(command))
        return;
    if (++m_commands > mostCommands ||
        (m_playing == nullptr && m_link.connection().waitingBytes() > mostWaitingBytes)) {
        end("asks more than it reads");
        return;
    }
    using Act = void (ServerSession::*)(const Command&);
    static constexpr std::array<std::pair<std::string_view, Act>, 4> acts{{
        {"connect", &ServerSession::connect},
        {"createStream", &ServerSession::createStream},
        {"publish", &ServerSession::publish},
        {"play", &ServerSession::play},
    }};
    for (const auto& [name, act] : acts) {
        if (command.name == name) {
            (this->*act)(command);
            return;
        }
    }
    if (command.name == "releaseStream")
        answer(command, {});
    else if (command.name == "FCPublish")
        announceName(command, "onFCPublish", "NetStream.Publish.Start");
    else if (command.name == "FCSubscribe")
        announceName(command, "onFCSubscribe", "NetStream.Play.Start");
    else if (command.name == "getStreamLength")
        answer(command, 0.0);
    else if (command.name == "FCUnpublish" || command.name == "closeStream" || command.name == "deleteStream")
        stopStream();
}

void ServerSession::connect(const Command& command)
{
    if (m_isConnected) {
        end("connect out of order");
        return;
    }
    const Amf0& wishes = command.argument(0);
    const std::string application = wishes["app"].text().value_or(std::string());
    m_application = withoutQuery(application);
    m_applicationQuery = queryOf(application);
    m_userAgent = wishes["flashVer"].text().value_or(std::string());
    // As NetConnection.connect() has them beside the address, or the address itself.
    m_credentials = {command.text(1), command.text(2), command.text(3)};
    readCredentials(m_applicationQuery, m_credentials);
    m_pullToken = wishes["headgatePull"].text().value_or(std::string());
    m_isChild = wishes["headgateNode"].text().has_value();
    const auto abilities = static_cast<std::uint32_t>(std::clamp(wishes["capsEx"].number().value_or(0), 0.0, 255.0));
    m_canReconnect = (abilities & reconnectAbility) != 0;
    m_knowsOpus = namesOpus(wishes);
    m_isConnected = true;
    m_link.sendWindow();
    Amf0 properties = Amf0::Object{{{"fmsVer", "FMS/3,5,7,7009"}, {"capabilities", 31.0}, {"mode", 1.0}}};
    Amf0::Object information{{{"level", "status"},
                              {"code", "NetConnection.Connect.Success"},
                              {"description", "Connection succeeded."},
                              {"objectEncoding", wishes["objectEncoding"].number() == 3.0 ? 3.0 : 0.0}}};
    // Who does not speak of codecs is not told of them.
    const bool isEnhanced =
        wishes["capsEx"].number() || wishes["fourCcList"] != Amf0() || wishes["videoFourCcInfoMap"] != Amf0();
    if (isEnhanced)
        appendAbilities(information);
    m_link.send(
        commandChunkStream,
        makeCommand(Command{"_result", command.transaction, {std::move(properties), std::move(information)}}, 0));
}

void ServerSession::askToReconnect(const Alternates& alternates, std::size_t turn)
{
    const std::vector<std::string>& hosts = m_isSecure ? alternates.rtmps : alternates.rtmp;
    if (hosts.empty() || !m_canReconnect || m_playing == nullptr || !m_isStarted || m_isChild)
        return;
    Amf0::Object request = makeStatus("status", "NetConnection.Connect.ReconnectRequest",
                                      "This node takes no new sessions and will end; connect to the other one.");
    request.members.emplace_back("tcUrl", (m_isSecure ? "rtmps://" : "rtmp://") + hosts[turn % hosts.size()] + "/" +
                                              m_application);
    m_link.send(commandChunkStream, makeCommand(Command{"onStatus", 0, {Amf0::Null{}, std::move(request)}}, 0));
}

void ServerSession::createStream(const Command& command)
{
    answer(command, static_cast<double>(mediaStreamId));
}

void ServerSession::answer(const Command& command, Amf0 value)
{
    m_link.send(commandChunkStream,
                makeCommand(Command{"_result", command.transaction, {Amf0::Null{}, std::move(value)}}, 0));
}

void ServerSession::announceName(const Command& command, const char* answerName, const char* code)
{
    answer(command, {});
    const Amf0 status = Amf0::Object{{{"code", code}, {"description", command.text(1)}}};
    m_link.send(commandChunkStream, makeCommand(Command{answerName, 0, {Amf0::Null{}, status}}, 0));
}

void ServerSession::sendStatus(const char* level, const char* code, std::string description)
{
    m_link.send(commandChunkStream,
                makeCommand(Command{"onStatus", 0, {Amf0::Null{}, makeStatus(level, code, std::move(description))}},
                            mediaStreamId));
}

std::string ServerSession::pathOf(const std::string& name) const
{
    std::string_view plain = name;
    for (const std::string_view prefix : {"flv:", "mp4:"}) {
        if (plain.starts_with(prefix))
            plain.remove_prefix(prefix.size());
    }
    return m_application + "/" + withoutQuery(plain);
}

void ServerSession::refuse(const char* code, const Error& error)
{
    m_context.log.refusal("rtmp", m_peer, error.message);
    sendStatus("error", code, error.remedy.empty() ? error.message : error.message + " " + error.remedy);
    m_link.connection().closeAfterSending();
}

void ServerSession::publish(const Command& command)
{
    if (!m_isConnected || m_publishing != nullptr || m_playing != nullptr) {
        end("publish out of order");
        return;
    }
    const std::string path = pathOf(command.text(1));
    const std::string credential = m_applicationQuery + '\n' + queryOf(command.text(1));
    authorize({SessionRole::Publisher, path}, queryOf(command.text(1)),
              [this, path, credential] { beginPublishing(path, credential); });
}

// Asks whether it may, and goes on as soon as that is known.
void ServerSession::authorize(AccessRequest request, std::string_view query, std::function<void()> begin)
{
    request.credentials = m_credentials;
    readCredentials(query, request.credentials);
    request.session = id();
    request.peer = m_peer;
    request.protocol = "rtmp";
    request.userAgent = m_userAgent;
    m_isAsking = true;
    m_setupTimer.stop();
    const auto answer = [this, session = id(), &home = m_context.loops.home(), role = request.role,
                         begin = std::move(begin)](AccessVerdict verdict) {
        if (home.find(session) != this)
            return;
        m_isAsking = false;
        m_setupTimer.start(setupPatience, [this] { end("neither published nor played within 10 s"); });
        if (verdict) {
            m_pass = std::move(*verdict);
            begin();
        } else {
            refuse(role == SessionRole::Publisher ? "NetStream.Publish.BadName" : refusalCode(verdict.error()),
                   verdict.error());
        }
        handleKept();
    };
    m_context.gate.authorize(request, answer);
}

void ServerSession::beginPublishing(const std::string& path, const std::string& credential)
{
    const auto admitted = m_context.gate.admitPublisher(PublishRequest{path, credential, m_peer, m_pass.get()}, *this,
                                                        host().loop().now());
    if (!admitted) {
        m_pass.reset();
        refuse("NetStream.Publish.BadName", admitted.error());
        return;
    }
    m_publishing = *admitted;
    leaveSeat();
    m_link.takeMedia();
    m_lastMedia = host().loop().now();
    m_setupTimer.stop();
    m_livenessTimer.startRepeating(livenessPeriod, [this] { checkLiveness(); });
    m_context.log.client("rtmp " + m_peer + ": publishes " + path);
    m_link.sendUserControl(UserControl::StreamBegin, mediaStreamId);
    sendStatus("status", "NetStream.Publish.Start", path + " is now published.");
}

const char* ServerSession::refusalCode(const Error& error) const
{
    if (error.code == ErrorCode::NotFound)
        return "NetStream.Play.StreamNotFound";
    return m_isChild && error.code == ErrorCode::Unavailable ? turnedAwayCode : "NetStream.Play.Failed";
}

void ServerSession::play(const Command& command)
{
    if (!m_isConnected || m_publishing != nullptr || m_playing != nullptr) {
        end("play out of order");
        return;
    }
    const std::string path = pathOf(command.text(1));
    // Nodes of the cluster show its secret instead.
    if (m_isChild)
        beginPlaying(path, SoundForm::AsItIs);
    else
        authorize({SessionRole::Viewer, path}, queryOf(command.text(1)),
                  [this, path, sound = soundOf(queryOf(command.text(1)))] { beginPlaying(path, sound); });
}

void ServerSession::beginPlaying(const std::string& path, SoundForm sound)
{
    const auto admitted = m_isChild
                              ? m_context.gate.admitChild(path, m_pullToken)
                              : m_context.gate.admitViewer(path, m_pass.get(), m_knowsOpus ? SoundForm::AsItIs : sound);
    if (!admitted) {
        m_pass.reset();
        refuse(refusalCode(admitted.error()), admitted.error());
        return;
    }
    m_context.log.client("rtmp " + m_peer + (m_isChild ? ": pulls " : ": plays ") + path);
    m_isMoving = m_awaitsStream = m_context.loops.sendAway(*this, **admitted, kind());
    if (!m_isMoving)
        join(**admitted);
}

void ServerSession::join(Stream& stream)
{
    m_playing = &stream;
    m_commands = 0;
    m_setupTimer.start(setupPatience, [this, path = stream.key().path()] {
        leave(SessionGate::Departure::Finished);
        refuse("NetStream.Play.StreamNotFound",
               Error{ErrorCode::NotFound, "Nothing came of the stream " + path + " within 10 s.", {}, {}});
    });
    m_livenessTimer.startRepeating(livenessPeriod, [this] { checkLiveness(); });
    m_playing->subscribe(*this, host().joinLatency());
}

void ServerSession::startPlaying()
{
    m_isStarted = true;
    m_setupTimer.stop();
    m_link.sendUserControl(UserControl::StreamBegin, mediaStreamId);
    sendStatus("status", "NetStream.Play.Reset", "Playing and resetting.");
    sendPlayStatus("NetStream.Play.Start", "Started playing.");
}

// Nodes that pull are told the epoch, so that they know one source from another without the control plane.
void ServerSession::sendPlayStatus(const char* code, std::string description)
{
    Amf0::Object status = makeStatus("status", code, std::move(description));
    if (m_isChild)
        status.members.insert(status.members.end(), {{epochMember, static_cast<double>(m_playing->source().epoch)},
                                                     {keyFramesMember, true},
                                                     {layersMember, true}});
    m_link.send(commandChunkStream,
                makeCommand(Command{"onStatus", 0, {Amf0::Null{}, std::move(status)}}, mediaStreamId));
}

void ServerSession::streamRestarted()
{
    if (m_isChild && m_isStarted && m_playing != nullptr)
        sendPlayStatus("NetStream.Play.PublishNotify", "Another publisher goes on with the stream.");
}

void ServerSession::replaced()
{
    m_context.log.client("rtmp " + m_peer + ": replaced as publisher of " + m_publishing->key().path());
    m_publishing = nullptr;
    m_pass.reset();
    m_livenessTimer.stop();
    sendStatus("error", "NetStream.Publish.Failed",
               "Another publisher took the name, since nothing came here for 2 s.");
    m_link.connection().closeAfterSending();
}

void ServerSession::deliver(const SharedFrame& frame)
{
    if (!m_isStarted)
        startPlaying();
    m_link.sendShared(frame->encoded(WireForm::RtmpChunks, &encodeFrame),
                      frame->isEssential() ? Keep::Always : Keep::IfNotSlow);
}

void ServerSession::streamEnded()
{
    m_playing = nullptr;
    m_pass.reset();
    m_setupTimer.stop();
    if (m_isStarted) {
        m_link.sendUserControl(UserControl::StreamEnd, mediaStreamId);
        sendStatus("status", "NetStream.Play.UnpublishNotify", "The stream has ended.");
    } else {
        sendStatus("error", "NetStream.Play.StreamNotFound", "The stream is not live.");
    }
    m_link.connection().closeAfterSending();
}

void ServerSession::stopStream()
{
    if (m_publishing == nullptr && m_playing == nullptr)
        return;
    if (m_publishing != nullptr)
        sendStatus("status", "NetStream.Unpublish.Success", "The stream is no longer published.");
    leave(SessionGate::Departure::Finished);
    m_isStarted = false;
    m_setupTimer.stop();
    m_livenessTimer.stop();
    if (&host() == &m_context.loops.home()) {
        awaitCommand();
    } else if (m_link.connection().isOpen() && !m_link.connection().isClosing()) {
        // What it asks for next is decided there.
        m_isMoving = true;
        m_context.loops.sendHome(*this);
    }
}

void ServerSession::awaitCommand()
{
    leaveSeat();
    if (m_link.connection().isOpen())
        m_setupTimer.start(setupPatience, [this] { end("idle for 10 s"); });
}

void ServerSession::checkLiveness()
{
    if (m_publishing != nullptr && host().loop().now() - m_lastMedia > mostSilence) {
        leave(SessionGate::Departure::Finished);
        end("published nothing for 30 s");
    } else if (m_link.connection().waitingTime() > mostSilence)
        end("took nothing for 30 s");
}

void ServerSession::leave(SessionGate::Departure departure)
{
    if (m_playing != nullptr)
        std::exchange(m_playing, nullptr)->unsubscribe(*this);
    if (m_publishing != nullptr) {
        Stream& stream = *std::exchange(m_publishing, nullptr);
        m_context.log.client("rtmp " + m_peer + ": no longer publishes " + stream.key().path());
        m_context.gate.dismissPublisher(stream, departure, host().loop().now());
    }
    m_pass.reset();
}

void ServerSession::end(std::string_view reason)
{
    m_link.close();
    linkEnded(reason);
}

void ServerSession::linkEnded(std::string_view reason)
{
    // Who only looks whether somebody is here comes often.
    if (m_isConnected || reason != Connection::leftReason)
        m_context.log.client("rtmp " + m_peer + ": ended: " + std::string(reason));
    m_setupTimer.stop();
    m_livenessTimer.stop();
    leave(SessionGate::Departure::Lost);
    host().remove(*this);
}

}  // namespace headgate::rtmp
