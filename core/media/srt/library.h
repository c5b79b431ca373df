#pragma once

#include "core/base/time.h"
#include "core/domain/node.h"
#include "core/media/net/socket.h"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

struct sockaddr;
struct CBytePerfMon;

namespace headgate::srt {

// libsrt as long as somebody holds it. It counts its users itself.
class Library
{
public:
    Library();
    ~Library();
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;
};
using SharedLibrary = std::shared_ptr<const Library>;

// Owns a socket of libsrt. Its functions may be called by any thread.
class SrtSocket
{
public:
    using Id = std::int32_t;
    static constexpr Id none = -1;

    SrtSocket() = default;
    SrtSocket(SharedLibrary library, Id id) : m_library(std::move(library)), m_id(id) {}
    SrtSocket(SrtSocket&& other) noexcept : m_library(std::move(other.m_library)), m_id(std::exchange(other.m_id, none))
    {}
    SrtSocket& operator=(SrtSocket&& other) noexcept
    {
        std::swap(m_library, other.m_library);
        std::swap(m_id, other.m_id);
        return *this;
    }
    ~SrtSocket() { close(); }

    Id id() const { return m_id; }
    bool isOpen() const { return m_id != none; }
    void close();

private:
    SharedLibrary m_library;
    Id m_id = none;
};

// The connection is gone, or never came to be.
bool isBroken(SrtSocket::Id id);

// Of the connection since its begin; zeros if it is gone.
CBytePerfMon figuresOf(SrtSocket::Id id);

// What all connections of a node come to. From any thread.
class LinkMeter
{
public:
    // Of a connection since its begin, as known now.
    void take(std::uint64_t session, const CBytePerfMon& figures);
    void leave(std::uint64_t session);

    SrtFigures total() const;

private:
    static void add(SrtFigures& total, const SrtFigures& figures);

    mutable std::mutex m_mutex;
    std::map<std::uint64_t, SrtFigures> m_links;
    SrtFigures m_gone;
};

SocketAddress addressOf(const sockaddr* address);

// A non-blocking socket bound to the address, not listening yet. Unavailable if it is taken, InvalidArgument if it is
// no address.
Result<SrtSocket> bindTo(const SharedLibrary& library, const SocketAddress& address, Duration latency);
SocketAddress boundAddress(const SrtSocket& socket);

}  // namespace headgate::srt
