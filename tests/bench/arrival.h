#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <span>

// When something came to a TCP socket, as the system saw it: whoever reads it may have been asleep meanwhile.
namespace headgate::bench {

inline bool tellArrivals(int fd)
{
    const int on = 1;
    return ::setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) == 0;
}

struct Arrival
{
    ssize_t size = 0;     // as recv()
    std::int64_t ns = 0;  // when the last of these bytes came, by the clock of the system; 0: it does not tell
};

inline Arrival receive(int fd, std::span<char> into, int flags)
{
    iovec piece{into.data(), into.size()};
    alignas(cmsghdr) std::array<char, 256> control{};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    Arrival arrival;
    arrival.size = ::recvmsg(fd, &message, flags);
    for (cmsghdr* field = CMSG_FIRSTHDR(&message); field != nullptr; field = CMSG_NXTHDR(&message, field)) {
        if (arrival.size <= 0 || field->cmsg_level != SOL_SOCKET || field->cmsg_type != SCM_TIMESTAMPNS)
            continue;
        timespec time{};
        std::memcpy(&time, CMSG_DATA(field), sizeof time);
        arrival.ns = std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
    }
    return arrival;
}

}  // namespace headgate::bench
