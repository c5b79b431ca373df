#include "core/media/net/datagrams.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <system_error>

namespace headgate {

DatagramAddress::DatagramAddress(const sockaddr_storage& raw)
{
    if (raw.ss_family == AF_INET)
        m_size = sizeof(sockaddr_in);
    else if (raw.ss_family == AF_INET6)
        m_size = sizeof(sockaddr_in6);
    std::memcpy(m_raw.data(), &raw, m_size);
}

DatagramAddress::DatagramAddress(const std::string& host, std::uint16_t port)
{
    sockaddr_in v4{};
    sockaddr_in6 v6{};
    if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        m_size = sizeof v4;
        std::memcpy(m_raw.data(), &v4, sizeof v4);
    } else if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        m_size = sizeof v6;
        std::memcpy(m_raw.data(), &v6, sizeof v6);
    }
}

bool DatagramAddress::isIpv6() const
{
    return m_size == sizeof(sockaddr_in6);
}

ByteView DatagramAddress::host() const
{
    if (isIpv6())
        return ByteView(m_raw).subspan(offsetof(sockaddr_in6, sin6_addr), 16);
    return ByteView(m_raw).subspan(offsetof(sockaddr_in, sin_addr), 4);
}

std::uint16_t DatagramAddress::port() const
{
    return static_cast<std::uint16_t>(m_raw[2] << 8 | m_raw[3]);
}

std::string DatagramAddress::text() const
{
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(isIpv6() ? AF_INET6 : AF_INET, host().data(), text.data(), text.size());
    return toText(SocketAddress{text.data(), port(), {}});
}

Result<Socket> bindDatagrams(const SocketAddress& address)
{
    constexpr int bufferSize = 4 * 1024 * 1024;  // the system gives as much of it as it allows
    const auto unavailable = [&address] {
        return fail(ErrorCode::Unavailable,
                    "Cannot listen on " + toText(address) + " (UDP): " + std::generic_category().message(errno) + ".",
                    "Stop the program that uses the address, or choose another address or port.");
    };
    const DatagramAddress raw(address.host, address.port);
    if (!raw.isKnown())
        return fail(ErrorCode::InvalidArgument, "\"" + address.host + "\" is not an IPv4 or IPv6 address.");
    Socket socket(::socket(raw.isIpv6() ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket.isOpen())
        return unavailable();
    for (const int option : {SO_RCVBUF, SO_SNDBUF})
        ::setsockopt(socket.fd(), SOL_SOCKET, option, &bufferSize, sizeof bufferSize);
    if (::bind(socket.fd(), static_cast<const sockaddr*>(raw.raw()), raw.rawSize()) != 0)
        return unavailable();
    return socket;
}

void DatagramBatch::commit(std::size_t size)
{
    m_sizes[m_count++] = static_cast<std::uint16_t>(size);
    m_used += size;
}

namespace {

// Where the system splits a message into datagrams itself.
struct Segmentation
{
    alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(std::uint16_t))> bytes{};

    void attachTo(msghdr& message, std::uint16_t size)
    {
        message.msg_control = bytes.data();
        message.msg_controllen = bytes.size();
        cmsghdr* const header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_UDP;
        header->cmsg_type = UDP_SEGMENT;
        header->cmsg_len = CMSG_LEN(sizeof size);
        std::memcpy(CMSG_DATA(header), &size, sizeof size);
    }
};

}  // namespace

// Datagrams of one size in a row, and a smaller one behind them, are one message, which costs about as much as one
// datagram.
void DatagramBatch::flush()
{
    constexpr std::size_t mostBytesOfMessage = 60'000;
    std::size_t offset = 0;
    for (std::size_t first = 0; first < m_count;) {
        const std::uint16_t size = m_sizes[first];
        std::size_t count = 1;
        std::size_t bytes = size;
        while (first + count < m_count && m_sizes[first + count - 1] == size && m_sizes[first + count] <= size &&
               bytes + size <= mostBytesOfMessage)
            bytes += m_sizes[first + count++];
        iovec piece{m_buffer.data() + offset, bytes};
        msghdr message{};
        message.msg_name = const_cast<void*>(m_to.raw());
        message.msg_namelen = m_to.rawSize();
        message.msg_iov = &piece;
        message.msg_iovlen = 1;
        Segmentation segmentation;
        if (count > 1)
            segmentation.attachTo(message, size);
        // Not every device can do it.
        if (::sendmsg(m_fd, &message, 0) < 0 && count > 1 && (errno == EIO || errno == EINVAL))
            sendEach(first, count, offset);
        first += count;
        offset += bytes;
    }
    m_count = 0;
    m_used = 0;
}

void DatagramBatch::sendEach(std::size_t first, std::size_t count, std::size_t offset) const
{
    for (std::size_t i = first; i < first + count; ++i) {
        ::sendto(m_fd, m_buffer.data() + offset, m_sizes[i], 0, static_cast<const sockaddr*>(m_to.raw()),
                 m_to.rawSize());
        offset += m_sizes[i];
    }
}

struct DatagramReader::Places
{
    std::array<mmsghdr, atOnce> messages{};
    std::array<iovec, atOnce> pieces{};
    std::array<sockaddr_storage, atOnce> from{};
};

DatagramReader::DatagramReader() : m_places(std::make_unique<Places>())
{
    for (std::size_t i = 0; i < atOnce; ++i) {
        msghdr& message = m_places->messages[i].msg_hdr;
        m_places->pieces[i] = {m_buffer.data() + i * largest, largest};
        message.msg_name = &m_places->from[i];
        message.msg_namelen = sizeof m_places->from[i];
        message.msg_iov = &m_places->pieces[i];
        message.msg_iovlen = 1;
    }
}

DatagramReader::~DatagramReader() = default;

std::size_t DatagramReader::read(int fd, const Use& use)
{
    const int count = ::recvmmsg(fd, m_places->messages.data(), atOnce, MSG_DONTWAIT, nullptr);
    std::size_t bytes = 0;
    for (int i = 0; i < count; ++i) {
        const auto index = static_cast<std::size_t>(i);
        mmsghdr& message = m_places->messages[index];
        message.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
        const std::size_t size = message.msg_len;
        bytes += size;
        if ((message.msg_hdr.msg_flags & MSG_TRUNC) == 0 && size > 0)
            use(DatagramAddress(m_places->from[index]), std::span(m_buffer).subspan(index * largest, size));
    }
    m_wasFull = count == static_cast<int>(atOnce);
    return bytes;
}

}  // namespace headgate
