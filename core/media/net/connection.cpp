#include "core/media/net/connection.h"

#include "core/base/check.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <system_error>

namespace headgate {

Connection::Connection(EventLoop& loop, Socket socket, Origin origin, ConnectionOwner& owner,
                       std::unique_ptr<TlsStream> tls)
    : TurnEndTask(Ahead::Something),
      m_loop(&loop),
      m_socket(std::move(socket)),
      m_isOutgoing(origin == Origin::Outgoing),
      m_isConnecting(m_isOutgoing),
      m_isSecuring(tls != nullptr),
      m_tls(std::move(tls)),
      m_owner(owner),
      m_peer(toText(peerAddress(m_socket))),
      m_closeTimer(loop)
{
    m_loop->watch(m_socket.fd(), m_isConnecting ? Interest::Write : Interest::Read,
                  [this](Readiness readiness) { handleReady(readiness); });
}

Connection::~Connection()
{
    close();
}

void Connection::handleReady(Readiness readiness)
{
    if (m_isConnecting) {
        finishConnecting();
        return;
    }
    if (m_isSecuring) {
        secure();
        return;
    }
    if (readiness.isReadable)
        receive();
    if (readiness.isWritable && m_isBlocked && isOpen()) {
        m_isBlocked = false;
        m_loop->setInterest(m_socket.fd(), Interest::Read);
        write();
    }
}

void Connection::finishConnecting()
{
    const int error = connectError(m_socket);
    if (error != 0) {
        end(std::generic_category().message(error));
        return;
    }
    m_isConnecting = false;
    m_peer = toText(peerAddress(m_socket));
    if (m_isSecuring)
        secure();
    else
        start();
}

void Connection::secure()
{
    switch (m_tls->shakeHands(m_socket.fd())) {
    case TlsStream::Handshake::Done:
        m_isSecuring = false;
        start();
        return;
    case TlsStream::Handshake::WantsRead:
        m_loop->setInterest(m_socket.fd(), Interest::Read);
        return;
    case TlsStream::Handshake::WantsWrite:
        m_loop->setInterest(m_socket.fd(), Interest::Write);
        return;
    case TlsStream::Handshake::Failed:
        end("TLS: " + m_tls->failure());
        return;
    }
}

void Connection::start()
{
    m_loop->setInterest(m_socket.fd(), Interest::Read);
    if (m_isOutgoing)
        m_owner.connectionReady();
    if (isOpen() && !m_queue.empty())
        scheduleWrite(Keep::Always);
}

void Connection::receive()
{
    // A bounded number of reads per turn, so that one fast publisher does not hold the others.
    constexpr int mostReads = 4;
    // Aligned as what is protected after it: else a program whose data begin at a page's start cannot be loaded.
    alignas(64) static thread_local std::array<std::uint8_t, 64 * 1024> buffer;
    for (int i = 0; i < mostReads; ++i) {
        const ssize_t size = m_tls ? m_tls->receive(buffer) : ::recv(m_socket.fd(), buffer.data(), buffer.size(), 0);
        if (size < 0) {
            failReceiving();
            return;
        }
        if (size == 0) {
            end(leftReason);
            return;
        }
        m_bytesReceived += static_cast<std::uint64_t>(size);
        m_loop->countReceived(static_cast<std::size_t>(size));
        if (!m_isClosing)
            m_owner.bytesReceived(ByteView(buffer.data(), static_cast<std::size_t>(size)));
        // TLS gives a record at a time.
        if (!isOpen() || (!m_tls && static_cast<std::size_t>(size) < buffer.size()))
            return;
    }
}

void Connection::failReceiving()
{
    if (errno == EPROTO && m_tls)
        end("TLS: " + m_tls->failure());
    else if (errno != EAGAIN && errno != EINTR)
        end(std::generic_category().message(errno));
}

void Connection::send(SharedBytes bytes, Keep keep)
{
    const std::size_t size = bytes->size();
    send(std::move(bytes), 0, size, keep);
}

void Connection::send(SharedBytes bytes, std::size_t offset, std::size_t size, Keep keep)
{
    HG_CHECK(offset + size <= bytes->size() && bytes->size() <= std::numeric_limits<std::uint32_t>::max());
    if (!isOpen() || m_isClosing || size == 0)
        return;
    m_waitingBytes += size;
    m_queue.push_back(Slice{std::move(bytes), m_loop->now(), static_cast<std::uint32_t>(offset),
                            static_cast<std::uint32_t>(size), keep, false});
    scheduleWrite(keep);
}

void Connection::send(Bytes bytes)
{
    send(std::make_shared<const Bytes>(std::move(bytes)), Keep::Always);
}

std::size_t Connection::dropWaiting()
{
    takeResult();
    return std::erase_if(m_queue, [this](const Slice& slice) {
        const bool goes = slice.keep == Keep::IfNotSlow && !slice.isBegun;
        if (goes)
            m_waitingBytes -= slice.size;
        return goes;
    });
}

Duration Connection::waitingTime() const
{
    const MonotonicTime now = m_loop->now();
    const MonotonicTime oldest = m_queue.empty() ? now : m_queue.front().since;
    return std::chrono::duration_cast<Duration>(now - (m_isBlocked ? std::min(oldest, m_blockedSince) : oldest));
}

void Connection::scheduleWrite(Keep keep)
{
    if (m_isBlocked || m_isConnecting || m_isSecuring)
        return;
    if (keep == Keep::Always)
        m_loop->scheduleTurnEnd(*this);
    else
        m_loop->scheduleMerged(*this);
}

void Connection::turnEnded()
{
    if (isOpen() && !m_isBlocked)
        write();
}

void Connection::workAhead()
{
    if (isOpen() && !m_isBlocked && !m_queue.empty())
        m_outcome = sendQueued();
}

Connection::SendResult Connection::sendQueued()
{
    constexpr std::size_t mostPieces = 256;
    std::array<iovec, mostPieces> pieces;
    std::size_t count = 0;
    SendResult result;
    for (auto slice = m_queue.begin(); slice != m_queue.end() && count < mostPieces; ++slice, ++count) {
        // sendmsg only reads, but iovec knows no const.
        pieces[count].iov_base = const_cast<std::uint8_t*>(slice->bytes->data() + slice->offset);
        pieces[count].iov_len = slice->size;
        result.offered += slice->size;
    }
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = count;
    result.sent = m_tls ? m_tls->send(std::span(pieces.data(), count))
                        : ::sendmsg(m_socket.fd(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    result.error = result.sent < 0 ? errno : 0;
    return result;
}

// What was sent ahead is not in the queue any more. Whatever else came of it the next sending will find again.
void Connection::takeResult()
{
    if (m_outcome && m_outcome->sent > 0)
        consume(static_cast<std::size_t>(m_outcome->sent));
    m_outcome.reset();
}

void Connection::write()
{
    while (m_outcome || !m_queue.empty() || (m_tls && m_tls->isHolding())) {
        const SendResult result = m_outcome ? *std::exchange(m_outcome, std::nullopt) : sendQueued();
        if (result.sent < 0 && result.error != EAGAIN && result.error != EINTR) {
            end(std::generic_category().message(result.error));
            return;
        }
        if (result.sent > 0)
            consume(static_cast<std::size_t>(result.sent));
        const bool isPartly = result.sent < 0 || static_cast<std::size_t>(result.sent) < result.offered;
        if (isPartly || (m_tls && m_tls->isHolding())) {
            m_isBlocked = true;
            m_blockedSince = m_loop->now();
            m_loop->setInterest(m_socket.fd(), Interest::ReadWrite);
            return;
        }
    }
    if (m_isClosing)
        end("closed by us");
}

void Connection::consume(std::size_t size)
{
    m_bytesSent += size;
    m_loop->countSent(size);
    m_waitingBytes -= size;
    while (size > 0) {
        Slice& front = m_queue.front();
        const auto taken = static_cast<std::uint32_t>(std::min<std::size_t>(size, front.size));
        front.isBegun = true;
        front.offset += taken;
        front.size -= taken;
        size -= taken;
        if (front.size == 0)
            m_queue.pop_front();
    }
}

void Connection::moveTo(EventLoop& to)
{
    HG_CHECK(isOpen() && !m_isConnecting && !m_isClosing);
    takeResult();
    leaveQueue();
    m_loop->unwatch(m_socket.fd());
    m_closeTimer.moveTo(to);
    m_loop = &to;
}

void Connection::arrived()
{
    m_loop->watch(m_socket.fd(), m_isBlocked ? Interest::ReadWrite : Interest::Read,
                  [this](Readiness readiness) { handleReady(readiness); });
    if (!m_queue.empty())
        scheduleWrite(Keep::Always);
}

void Connection::close()
{
    if (!isOpen())
        return;
    leaveQueue();
    m_closeTimer.stop();
    m_loop->unwatch(m_socket.fd());
    m_socket = Socket();
    m_outcome.reset();
    m_queue.clear();
    m_waitingBytes = 0;
}

void Connection::closeAfterSending()
{
    constexpr Duration patience{5000};
    if (!isOpen() || m_isClosing)
        return;
    m_isClosing = true;
    m_closeTimer.start(patience, [this] { end("closed by us, the other side did not take the rest"); });
    scheduleWrite(Keep::Always);
}

void Connection::end(std::string_view reason)
{
    if (!isOpen())
        return;
    close();
    m_owner.connectionEnded(reason);
}

}  // namespace headgate
