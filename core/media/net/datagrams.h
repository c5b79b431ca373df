#pragma once

#include "core/media/net/bytes.h"
#include "core/media/net/socket.h"

#include <array>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct sockaddr_storage;

namespace headgate {

// Where a datagram came from, or goes to: an IPv4 or IPv6 address with its port.
class DatagramAddress
{
public:
    DatagramAddress() = default;  // of nobody
    explicit DatagramAddress(const sockaddr_storage& raw);
    // An IPv4 or IPv6 literal; of nobody otherwise.
    DatagramAddress(const std::string& host, std::uint16_t port);

    bool isKnown() const { return m_size != 0; }
    bool isIpv6() const;
    ByteView host() const;  // 4 or 16 bytes
    std::uint16_t port() const;
    std::string text() const;  // "host:port"

    const void* raw() const { return m_raw.data(); }
    std::uint32_t rawSize() const { return m_size; }

    bool operator==(const DatagramAddress& other) const { return m_raw == other.m_raw; }
    bool operator<(const DatagramAddress& other) const { return m_raw < other.m_raw; }

private:
    alignas(4) std::array<std::uint8_t, 28> m_raw{};  // sockaddr_in or sockaddr_in6, the rest zero
    std::uint32_t m_size = 0;
};

// A non-blocking UDP socket with large buffers; port 0 lets the system choose. Unavailable if it is taken.
Result<Socket> bindDatagrams(const SocketAddress& address);

// Datagrams to one receiver, written into one buffer and given to the system in one call. What the socket does not
// take is lost, as on any network.
class DatagramBatch
{
public:
    static constexpr std::size_t largest = 1280;
    static constexpr std::size_t most = 64;

    DatagramBatch(int fd, const DatagramAddress& to) : m_fd(fd), m_to(to) {}
    DatagramBatch(const DatagramBatch&) = delete;
    DatagramBatch& operator=(const DatagramBatch&) = delete;

    // Room for one of the largest size, until commit(). Not when isFull().
    std::span<std::uint8_t> room() { return std::span(m_buffer).subspan(m_used, largest); }
    void commit(std::size_t size);
    bool isFull() const { return m_count == most; }
    void flush();

private:
    void sendEach(std::size_t first, std::size_t count, std::size_t offset) const;

    int m_fd;
    const DatagramAddress& m_to;
    std::size_t m_count = 0;
    std::size_t m_used = 0;
    std::array<std::uint16_t, most> m_sizes;
    std::array<std::uint8_t, most * largest> m_buffer;  // one after the other, without gaps
};

// Takes what waits at a socket, several datagrams a call.
class DatagramReader
{
public:
    static constexpr std::size_t largest = 2048;  // a longer one is left out

    using Use = std::function<void(const DatagramAddress& from, std::span<std::uint8_t> bytes)>;

    DatagramReader();
    ~DatagramReader();

    // At most so many as fit into one turn of a loop; answers how many bytes.
    std::size_t read(int fd, const Use& use);

    // After read(): as many came as are taken at once, and there may be more.
    bool wasFull() const { return m_wasFull; }

private:
    static constexpr std::size_t atOnce = 32;
    struct Places;

    Bytes m_buffer = Bytes(atOnce * largest);
    std::unique_ptr<Places> m_places;  // for the system
    bool m_wasFull = false;
};

}  // namespace headgate
