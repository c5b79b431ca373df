#include "core/media/http/server_session.h"

#include "core/media/flv/flv_tag.h"

#include <cstdio>
#include <utility>

namespace headgate::http_flv {

namespace {

constexpr Duration patience{10'000};
constexpr Duration livenessPeriod{5000};
constexpr Duration mostWaiting{30'000};
constexpr Duration mostIdle{30'000};
constexpr Duration mostAsking{60'000};
constexpr std::size_t mostUnread = 64 * 1024 * 1024;
constexpr std::size_t chunkSizeDigits = 8;
constexpr std::size_t chunkHeaderSize = chunkSizeDigits + 2;
constexpr std::size_t chunkTrailerSize = 2;

void appendChunkHeader(Bytes& out, std::size_t size)
{
    char digits[chunkSizeDigits + 1];
    std::snprintf(digits, sizeof digits, "%08zx", size);
    appendView(out, viewOf(std::string_view(digits, chunkSizeDigits)));
    appendView(out, viewOf("\r\n"));
}

// A tag as one HTTP chunk. The chunk's frame has a fixed size, so that receivers without chunks get the middle.
Bytes encodeFrame(const MediaFrame& frame)
{
    const std::size_t tagSize = flvTagHeaderSize + frame.body().size() + flvTagTrailerSize;
    Bytes out;
    out.reserve(chunkHeaderSize + tagSize + chunkTrailerSize);
    appendChunkHeader(out, tagSize);
    appendFlvTag(out, tagTypeOf(frame.kind()), frame.timestampMs(), frame.body());
    appendView(out, viewOf("\r\n"));
    return out;
}

// A tag as one binary message.
Bytes encodeMessage(const MediaFrame& frame)
{
    constexpr std::size_t longestHeader = 10;
    const std::size_t tagSize = flvTagHeaderSize + frame.body().size() + flvTagTrailerSize;
    Bytes out;
    out.reserve(longestHeader + tagSize);
    appendWebSocketHeader(out, Opcode::Binary, tagSize);
    appendFlvTag(out, tagTypeOf(frame.kind()), frame.timestampMs(), frame.body());
    return out;
}

// As the stream's metadata tells: players wait long for a kind that is announced and does not come.
FlvContent contentOf(const GopCache& cache)
{
    if (!cache.metadata())
        return FlvContent::Both;
    const std::string_view metadata = textOf(cache.metadata()->body());
    const bool hasVideo = cache.hasVideo() || metadata.find("videocodecid") != std::string_view::npos;
    const bool hasAudio = cache.audioHeader() || metadata.find("audiocodecid") != std::string_view::npos;
    if (hasVideo == hasAudio)
        return FlvContent::Both;
    return hasVideo ? FlvContent::Video : FlvContent::Audio;
}

std::string headOf(int status, std::string_view fields)
{
    std::string head = "HTTP/1.1 " + std::to_string(status) + " ";
    head += reasonOf(status);
    head += "\r\nAccess-Control-Allow-Origin: *\r\n";
    head += status == 101 ? "Connection: Upgrade\r\n" : "Connection: close\r\n";
    head += fields;
    head += "\r\n";
    return head;
}

}  // namespace

ServerSession::ServerSession(ServerContext context, Socket socket, std::unique_ptr<TlsStream> tls)
    : m_context(context),
      m_connection(context.loops.home().loop(), std::move(socket), Connection::Origin::Accepted, *this, std::move(tls)),
      m_setupTimer(context.loops.home().loop()),
      m_livenessTimer(context.loops.home().loop())
{
    m_setupTimer.start(patience, [this] { disconnect("no request within 10 s"); });
}

ServerSession::~ServerSession()
{
    leave();
}

void ServerSession::bytesReceived(ByteView bytes)
{
    if (m_transport == Transport::WebSocket && m_isAnswered) {
        listen(bytes);
        return;
    }
    if (!m_isAnswered)
        take(m_reader.append(bytes));  // else a request on a connection that is closed after the one before it
}

void ServerSession::take(RequestReader::State state)
{
    for (;; state = m_reader.next()) {
        switch (state) {
        case RequestReader::State::NeedsMore:
            return;
        case RequestReader::State::Malformed:
            answer(400, "The request is malformed.\n");
            return;
        case RequestReader::State::TooLarge:
            answer(431, "The request's head is larger than 16 KiB, or its body than 64 KiB.\n");
            return;
        case RequestReader::State::Complete:
            if (!m_isAsking)
                serve(m_reader.request());
            if (m_isAnswered || m_isAsking || !m_connection.isOpen())
                return;
        }
    }
}

void ServerSession::serve(const Request& request)
{
    m_isHead = request.method == "HEAD";
    m_transport = request.isHttp11 ? Transport::Chunked : Transport::Plain;
    if (m_context.signalling != nullptr && webrtc::Signalling::isFor(request.path))
        return signal(request);
    if (request.method == "OPTIONS") {
        answer(
            204, {},
            "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\nAccess-Control-Allow-Headers: *, Authorization\r\n");
        return;
    }
    if (request.method != "GET" && !m_isHead) {
        answer(405, "Only GET, HEAD and OPTIONS are served here.\n", "Allow: GET, HEAD, OPTIONS\r\n");
        return;
    }
    constexpr std::string_view extension = ".flv";
    constexpr std::string_view tsExtension = ".ts";
    const std::string_view path = request.path;
    if (recording::VodDesk::isWanted(path) || hls::Desk::isWanted(path))
        ask(request);
    else if (path == "/health")
        answer(200, m_context.gate.isDraining() ? "draining\n" : "ok\n");
    else if (path == "/metrics")
        tellFigures();
    else if (path == "/cluster")
        nameEdge();
    else if (path.ends_with(extension) && path.size() > extension.size() + 1 && offersWebSocket(request))
        serveStream(std::string(path.substr(1, path.size() - 1 - extension.size())), request);
    else if (!m_isAnswered && path.ends_with(tsExtension) && path.size() > tsExtension.size() + 1) {
        m_isTransportStream = true;
        m_transport = Transport::Plain;
        serveStream(std::string(path.substr(1, path.size() - 1 - tsExtension.size())), request);
    } else if (!m_isAnswered)
        answer(404,
               "There is /health, /metrics, /cluster, and /{scope}/{name}.flv, .ts and .m3u8 for each live stream.\n");
}

// What has a length and is not the end of the connection.
void ServerSession::ask(const Request& request)
{
    m_isAsking = true;
    m_lastAsked = host().loop().now();
    m_setupTimer.stop();
    if (!m_livenessTimer.isRunning())
        m_livenessTimer.startRepeating(livenessPeriod, [this] { checkLiveness(); });
    if (recording::VodDesk::isWanted(request.path))
        m_context.vod.ask(request, m_connection.peer(), m_asker);
    else if (const SharedReply reply = m_context.hls.ask(request, m_connection.peer(), m_asker))
        respond(*reply);
}

void ServerSession::answered(const SharedReply& reply)
{
    if (!m_connection.isOpen())
        return;
    respond(*reply);
    if (!m_isAnswered && !m_isAsking)
        take(m_reader.next());
}

void ServerSession::respond(const Reply& reply)
{
    const Request& request = m_reader.request();
    m_unsent = sendReply(m_connection, request, reply);
    const bool isRefusal = reply.status >= 400;
    if (isRefusal && !reply.body.empty()) {
        const std::string_view text = textOf(*reply.body.front());
        m_context.log.refusal("http", m_connection.peer(), text.substr(0, text.find('\n')));
    }
    if (m_unsent == 0)
        return replied(isRefusal);
    leaveSeat();
    m_source = reply.source;
    m_source->next(m_asker);
}

// The next request may be dealt with.
void ServerSession::replied(bool isRefusal)
{
    const Request& request = m_reader.request();
    m_isAsking = false;
    if (isRefusal || !request.isHttp11 || request.isLast || request.hasUnread) {
        m_isAnswered = true;
        m_livenessTimer.stop();
        m_connection.closeAfterSending();
        return;
    }
    leaveSeat();
    if (m_connection.waitingBytes() > mostUnread)
        disconnect("asks and does not read");
}

void ServerSession::continued(const SharedBytes& piece)
{
    if (!m_connection.isOpen() || !m_source)
        return;
    if (!piece || piece->empty() || piece->size() > m_unsent)
        return disconnect("what it downloads cannot be read on");
    m_lastAsked = host().loop().now();
    m_unsent -= piece->size();
    // The connection lets go of what it has sent.
    const auto sent = [piece, &loop = host().loop(), asker = std::weak_ptr(m_asker)](const Bytes*) {
        loop.post([asker] {
            if (const auto alive = asker.lock())
                static_cast<ServerSession&>(*alive).pieceSent();
        });
    };
    m_connection.send(SharedBytes(piece.get(), sent));
}

void ServerSession::pieceSent()
{
    if (!m_connection.isOpen() || !m_source)
        return;
    if (m_unsent > 0)
        return m_source->next(m_asker);
    m_source.reset();
    replied(false);
    if (!m_isAnswered)
        take(m_reader.next());
}

void ServerSession::tellFigures()
{
    const std::string peer = m_connection.peer();
    std::string_view host = std::string_view(peer).substr(0, peer.rfind(':'));
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    if (m_context.metrics.isFor(host))
        answer(200, m_context.metrics.text(), "Cache-Control: no-store\r\n",
               "text/plain; version=0.0.4; charset=utf-8");
    else
        answer(403, "The figures of a node are told on its machine and to its control plane.\n");
}

// What clients of the first Stream Manager ask an origin before they watch.
void ServerSession::nameEdge()
{
    if (const auto edge = m_context.edges.next())
        answer(200, *edge, "Cache-Control: no-store\r\n");
    else
        answer(503, "No node to watch at is known here.\n");
}

// False if the client asks for a WebSocket in a way that cannot be served; it is answered then.
bool ServerSession::offersWebSocket(const Request& request)
{
    if (!request.wantsWebSocket)
        return true;
    if (request.webSocketVersion != "13") {
        answer(426, "Only version 13 of WebSocket is spoken here.\n", "Sec-WebSocket-Version: 13\r\n");
        return false;
    }
    if (m_isHead || !request.isHttp11 || !isWebSocketKey(request.webSocketKey)) {
        answer(400, "The WebSocket's handshake is malformed.\n");
        return false;
    }
    m_accept = webSocketAccept(request.webSocketKey);
    m_transport = Transport::WebSocket;
    return true;
}

void ServerSession::listen(ByteView bytes)
{
    if (!m_isStarted || m_isClosing)
        return;
    const auto read =
        m_webSocket.append(bytes, [this](Opcode opcode, Bytes payload) { return obey(opcode, std::move(payload)); });
    if (read)
        return;
    m_context.log.client("http " + m_connection.peer() + ": refused: " + read.error().message);
    leave();
    sendClose(read.error().code == ErrorCode::ResourceExhausted ? CloseCode::TooBig : CloseCode::ProtocolError);
}

bool ServerSession::obey(Opcode opcode, Bytes payload)
{
    // Who asks and does not read gets no answer.
    constexpr std::size_t mostWaitingBytes = 1024 * 1024;
    if (opcode == Opcode::Close) {
        leave();
        sendClose(CloseCode::Normal);
        return false;
    }
    if (opcode == Opcode::Ping && m_connection.waitingBytes() < mostWaitingBytes) {
        Bytes pong;
        appendWebSocketHeader(pong, Opcode::Pong, payload.size());
        appendView(pong, payload);
        m_connection.send(std::move(pong));
    }
    return true;
}

void ServerSession::sendClose(CloseCode code)
{
    m_isClosing = true;
    m_livenessTimer.stop();
    m_connection.send(closeFrame(code));
    m_connection.closeAfterSending();
}

AccessRequest ServerSession::wishFor(const Request& request)
{
    AccessRequest wish;
    wish.credentials = credentialsOf(request);
    wish.peer = m_connection.peer();
    wish.userAgent = request.userAgent;
    return wish;
}

void ServerSession::signal(const Request& request)
{
    const auto client = parseSocketAddress(m_connection.peer());
    if (!client)
        return answer(400, "WebRTC is served to IPv4 and IPv6 addresses.\n");
    webrtc::SignalCall call{request.method,      request.path, request.contentType, request.ifMatch, request.body,
                            request.isPreflight, *client,      wishFor(request),    request.query};
    call.wish.protocol = "webrtc";
    m_isAnswered = true;
    m_setupTimer.start(webrtc::PeerSession::setupTime, [this] { disconnect("not answered within 15 s"); });
    m_context.signalling->serve(
        call, [this, session = id(), &home = m_context.loops.home()](Result<webrtc::SignalReply> reply) {
            if (home.find(session) != this)
                return;
            if (!reply)
                return refuse(reply.error());
            answer(reply->status, reply->body, reply->fields, reply->type);
        });
}

void ServerSession::serveStream(const std::string& path, const Request& request)
{
    AccessRequest wish = wishFor(request);
    wish.path = path;
    wish.session = id();
    wish.protocol = protocol();
    wish.channel = m_transport == Transport::WebSocket ? SessionChannel::WebSocket : SessionChannel::Connection;
    m_isAnswered = true;
    m_setupTimer.stop();
    m_context.gate.authorize(wish, [this, session = id(), &home = m_context.loops.home(), path,
                                    sound = soundOf(request.query)](AccessVerdict verdict) {
        if (home.find(session) != this)
            return;
        m_setupTimer.start(patience, [this] { disconnect("not served within 10 s"); });
        if (!verdict)
            return refuse(verdict.error());
        m_pass = std::move(*verdict);
        beginStream(path, sound);
    });
}

void ServerSession::refuse(const Error& error)
{
    m_pass.reset();
    std::string fields;
    if (error.code == ErrorCode::Unauthenticated)
        fields = "WWW-Authenticate: Bearer\r\n";
    // Different for each, so that those who are told to come back do not come together.
    if (error.code == ErrorCode::ResourceExhausted)
        fields = "Retry-After: " + std::to_string(2 + id() % 7) + "\r\n";
    answer(statusOf(error.code), sentencesOf(error), fields);
}

void ServerSession::beginStream(const std::string& path, SoundForm sound)
{
    const auto admitted =
        m_isHead ? m_context.gate.admitViewer(path) : m_context.gate.admitViewer(path, m_pass.get(), sound);
    if (!admitted)
        return refuse(admitted.error());
    if (m_isHead) {
        answer(200, {}, m_isTransportStream ? "Content-Type: video/mp2t\r\n" : "Content-Type: video/x-flv\r\n");
        return;
    }
    m_context.log.client("http " + m_connection.peer() + ": plays " + path);
    if (!m_context.loops.sendAway(*this, **admitted, kind()))
        join(**admitted);
}

std::optional<StreamViewer> ServerSession::viewing(const StreamKey& stream)
{
    if (m_playing == nullptr || m_playing->key() != stream)
        return std::nullopt;
    StreamViewer viewer = describe(*this, m_connection);
    viewer.protocol = protocol();
    return viewer;
}

std::string_view ServerSession::protocol() const
{
    if (m_isTransportStream)
        return "http-ts";
    return m_transport == Transport::WebSocket ? "ws-flv" : "http-flv";
}

void ServerSession::moveTo(EventLoop& to)
{
    m_setupTimer.moveTo(to);
    m_livenessTimer.moveTo(to);
    m_connection.moveTo(to);
}

void ServerSession::arrived(Stream* stream)
{
    m_connection.arrived();
    if (stream != nullptr)
        join(*stream);
    else
        streamEnded();
}

void ServerSession::join(Stream& stream)
{
    m_playing = &stream;
    if (m_isTransportStream)
        m_muxer = stream.shared<ts::SharedMuxer>();
    m_setupTimer.start(patience, [this] {
        leave();
        answer(404, "Nothing came of the stream within 10 s.\n");
    });
    m_livenessTimer.startRepeating(livenessPeriod, [this] { checkLiveness(); });
    m_playing->subscribe(*this, host().joinLatency());
}

void ServerSession::answer(int status, std::string_view body, std::string_view extraFields, std::string_view type)
{
    m_isAnswered = true;
    m_setupTimer.stop();
    if (status >= 400)
        m_context.log.refusal("http", m_connection.peer(), body.substr(0, body.find('\n')));
    std::string fields(extraFields);
    if (!body.empty())
        fields += "Content-Type: " + std::string(type) + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    std::string text = headOf(status, fields);
    if (!m_isHead)
        text += body;
    const ByteView view = viewOf(text);
    m_connection.send(Bytes(view.begin(), view.end()));
    m_connection.closeAfterSending();
}

void ServerSession::startStream()
{
    m_isStarted = true;
    m_setupTimer.stop();
    const std::string media = std::string("Content-Type: ") + (m_isTransportStream ? "video/mp2t" : "video/x-flv") +
                              "\r\nCache-Control: no-store\r\n";
    std::string head;
    if (m_transport == Transport::WebSocket)
        head = headOf(101, "Upgrade: websocket\r\nSec-WebSocket-Accept: " + m_accept + "\r\n");
    else
        head = headOf(200, m_transport == Transport::Chunked ? media + "Transfer-Encoding: chunked\r\n" : media);
    const ByteView view = viewOf(head);
    Bytes start(view.begin(), view.end());
    if (m_isTransportStream) {
        m_connection.send(std::move(start));
        return;
    }
    Bytes fileHeader;
    appendFlvFileHeader(fileHeader, contentOf(m_playing->cache()));
    if (m_transport == Transport::WebSocket)
        appendWebSocketHeader(start, Opcode::Binary, fileHeader.size());
    if (m_transport == Transport::Chunked)
        appendChunkHeader(start, fileHeader.size());
    appendView(start, fileHeader);
    if (m_transport == Transport::Chunked)
        appendView(start, viewOf("\r\n"));
    m_connection.send(std::move(start));
}

void ServerSession::deliver(const SharedFrame& frame)
{
    const SharedBytes* const packets = m_muxer ? &m_muxer->packetsOf(frame) : nullptr;
    if (const std::string said = m_muxer ? ts::leftOutWith(*frame) : std::string(); !said.empty())
        m_context.log.client("http " + m_connection.peer() + ": " + said);
    if (packets != nullptr && !*packets)
        return;
    if (!m_isStarted)
        startStream();
    const Keep keep = frame->isEssential() ? Keep::Always : Keep::IfNotSlow;
    if (packets != nullptr) {
        m_connection.send(*packets, keep);
        return;
    }
    if (m_transport == Transport::WebSocket) {
        m_connection.send(frame->encoded(WireForm::FlvWebSocket, &encodeMessage), keep);
        return;
    }
    const SharedBytes& bytes = frame->encoded(WireForm::FlvChunk, &encodeFrame);
    if (m_transport == Transport::Chunked)
        m_connection.send(bytes, keep);
    else
        m_connection.send(bytes, chunkHeaderSize, bytes->size() - chunkHeaderSize - chunkTrailerSize, keep);
}

void ServerSession::streamEnded()
{
    m_playing = nullptr;
    m_pass.reset();
    m_livenessTimer.stop();
    if (!m_isStarted) {
        answer(404, "The stream is not live.\n");
        return;
    }
    if (m_transport == Transport::WebSocket) {
        sendClose(CloseCode::Normal);
        return;
    }
    if (m_transport == Transport::Chunked) {
        const ByteView lastChunk = viewOf("0\r\n\r\n");
        m_connection.send(Bytes(lastChunk.begin(), lastChunk.end()));
    }
    m_connection.closeAfterSending();
}

void ServerSession::checkLiveness()
{
    if (m_connection.waitingTime() > mostWaiting)
        return disconnect("took nothing for 30 s");
    const auto idle = host().loop().now() - m_lastAsked;
    if (m_playing == nullptr && m_connection.waitingBytes() == 0 && idle > (m_isAsking ? mostAsking : mostIdle))
        disconnect("asks for nothing any more");
}

void ServerSession::disconnect(std::string_view reason)
{
    m_connection.close();
    connectionEnded(reason);
}

void ServerSession::leave()
{
    if (m_playing != nullptr)
        std::exchange(m_playing, nullptr)->unsubscribe(*this);
    m_pass.reset();
}

void ServerSession::connectionEnded(std::string_view reason)
{
    if (m_isStarted)
        m_context.log.client("http " + m_connection.peer() + ": ended: " + std::string(reason));
    m_setupTimer.stop();
    m_livenessTimer.stop();
    leave();
    host().remove(*this);
}

}  // namespace headgate::http_flv
