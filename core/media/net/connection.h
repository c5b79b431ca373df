#pragma once

#include "core/media/net/bytes.h"
#include "core/media/net/event_loop.h"
#include "core/media/net/socket.h"
#include "core/media/net/tls.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace headgate {

// Who owns a connection hears of it here. Each call may end the connection with close(), and none comes after
// connectionEnded() or close(). The connection object must outlive the call: end it with EventLoop::retire().
class ConnectionOwner
{
public:
    virtual ~ConnectionOwner() = default;
    virtual void connectionReady() {}  // only for outgoing connections, once; after the handshake of TLS
    virtual void bytesReceived(ByteView bytes) = 0;
    virtual void connectionEnded(std::string_view reason) = 0;
};

// Whether bytes that wait may be thrown away when the receiver is too slow. Those may also wait for the loop's merge
// window; the others go out at the end of the turn and take with them what waits before them.
enum class Keep : std::uint8_t
{
    Always,
    IfNotSlow
};

// One stream socket with an output queue of shared buffers, written by scatter-gather once per turn of the loop, or
// through TLS, which copies. Where many are written at the end of a turn, the loop's helpers do a part of the sending.
class Connection final : private TurnEndTask
{
public:
    // What the owner hears when the other side closes.
    static constexpr std::string_view leftReason = "closed by the other side";

    // An accepted socket, or one from connectTo() whose connection may still be under way.
    enum class Origin
    {
        Accepted,
        Outgoing
    };

    Connection(EventLoop& loop, Socket socket, Origin origin, ConnectionOwner& owner,
               std::unique_ptr<TlsStream> tls = nullptr);
    ~Connection() override;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Queued; written at the end of this turn or of the merge window. After close() nothing happens.
    void send(SharedBytes bytes, Keep keep = Keep::Always);
    void send(SharedBytes bytes, std::size_t offset, std::size_t size, Keep keep);
    void send(Bytes bytes);

    // Throws away what may be thrown away and was not begun to be sent.
    // Answers how many buffers that were.
    std::size_t dropWaiting();

    std::size_t waitingBytes() const { return m_waitingBytes; }

    // How long the oldest waiting buffer has been waiting, or the socket has not taken anything, if that is longer.
    Duration waitingTime() const;

    // To another loop, in two steps: moveTo() by the old one's thread, after which nothing happens on it, then
    // arrived() by the new one's. Not while connecting or closing.
    void moveTo(EventLoop& to);
    void arrived();
    bool isClosing() const { return m_isClosing; }

    void close();              // now, without a call to the owner
    void closeAfterSending();  // the owner hears connectionEnded() when all is written, or after 5 s
    bool isOpen() const { return m_socket.isOpen(); }

    std::uint64_t bytesReceived() const { return m_bytesReceived; }
    std::uint64_t bytesSent() const { return m_bytesSent; }
    const std::string& peer() const { return m_peer; }  // "address:port"

    // Of the socket; each is a system call.
    std::int64_t unacknowledgedBytes() const { return headgate::unacknowledgedBytes(m_socket); }
    double roundTripMs() const { return headgate::roundTripMs(m_socket); }

private:
    struct Slice
    {
        SharedBytes bytes;
        MonotonicTime since;
        std::uint32_t offset = 0;
        std::uint32_t size = 0;
        Keep keep = Keep::Always;
        bool isBegun = false;
    };

    struct SendResult
    {
        std::size_t offered = 0;
        ssize_t sent = 0;  // or -1
        int error = 0;
    };

    void handleReady(Readiness readiness);
    void finishConnecting();
    void secure();
    void start();
    void receive();
    void failReceiving();
    void scheduleWrite(Keep keep);
    void turnEnded() override;
    void workAhead() override;
    void write();
    SendResult sendQueued();
    void takeResult();
    void consume(std::size_t size);
    void end(std::string_view reason);

    // What each sending touches comes first.
    EventLoop* m_loop;
    Socket m_socket;
    bool m_isOutgoing;
    bool m_isConnecting = false;
    bool m_isSecuring = false;  // the handshake of TLS
    bool m_isBlocked = false;   // the socket took less than it was given; epoll tells when it goes on
    std::deque<Slice> m_queue;
    std::unique_ptr<TlsStream> m_tls;     // null: plain
    std::optional<SendResult> m_outcome;  // of what was sent ahead
    std::size_t m_waitingBytes = 0;
    std::uint64_t m_bytesSent = 0;
    bool m_isClosing = false;
    ConnectionOwner& m_owner;
    std::string m_peer;
    std::uint64_t m_bytesReceived = 0;
    MonotonicTime m_blockedSince;
    Timer m_closeTimer;
};

}  // namespace headgate
