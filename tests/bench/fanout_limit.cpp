// What it costs this machine to hand one stream to N sockets, without any protocol: the least that a server can need.
// The same messages at the same instants as publish_load's, out of shared buffers, one scatter-gather write a socket.
#include "core/media/bench/measured.h"
#include "core/media/bench/test_stream.h"
#include "core/media/net/socket.h"
#include "tests/bench/options.h"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <thread>

using namespace headgate;
using namespace headgate::bench;

namespace {

constexpr const char* usage = R"(Usage: fanout_limit [options]
  -n N     sockets (1000)                    -k KBPS  bit rate (1510)
  -g MS    what is due within this time goes out at once (0: each message by itself)
  -t S     seconds to measure (8)
  -S CPU   of the sender (-1: any)           -C CPU   of the reader (-1: any)
One line of JSON.
)";

struct Tick
{
    std::uint64_t dueNs = 0;
    std::vector<iovec> parts;
    std::size_t size = 0;
};

std::vector<Tick> makeTicks(double kilobitsPerSecond, double windowMs)
{
    static std::array<char, 12> header{};
    static std::vector<char> payload(1 << 20, 'p');
    const auto window = static_cast<std::uint64_t>(windowMs * 1e6);
    std::vector<Tick> ticks;
    for (const StreamMessage& message : testStream(kilobitsPerSecond)) {
        const std::uint64_t due = window == 0 ? message.dueNs : (message.dueNs + window - 1) / window * window;
        if (ticks.empty() || window == 0 || due > ticks.back().dueNs)
            ticks.push_back({due, {}, 0});
        ticks.back().parts.push_back({header.data(), header.size()});
        ticks.back().parts.push_back({payload.data(), std::min(message.size, payload.size())});
        ticks.back().size += header.size() + message.size;
    }
    return ticks;
}

// Reads and throws away, in a process of its own, until the other side goes.
[[noreturn]] void readAll(const SocketAddress& address, int count, int cpu)
{
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    pinTo(cpu);
    const int epoll = ::epoll_create1(0);
    std::vector<Socket> sockets;
    for (int i = 0; i < count; ++i) {
        auto socket = connectTo(address);
        if (!socket)
            ::_exit(1);
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = socket->fd();
        ::epoll_ctl(epoll, EPOLL_CTL_ADD, socket->fd(), &event);
        sockets.push_back(std::move(*socket));
    }
    std::vector<char> sink(256 * 1024);
    std::array<epoll_event, 512> events{};
    for (;;) {
        const int ready = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), -1);
        for (int i = 0; i < ready; ++i) {
            if (::recv(events[static_cast<std::size_t>(i)].data.fd, sink.data(), sink.size(), 0) == 0)
                ::_exit(0);
        }
    }
}

struct Outcome
{
    std::uint64_t bytes = 0;
    std::uint64_t sends = 0;
    std::uint64_t shortSends = 0;
    std::uint64_t worstLateNs = 0;
    double seconds = 0;
};

void sendTick(const Tick& tick, const std::vector<Socket>& sockets, Outcome& outcome)
{
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(tick.parts.data());
    message.msg_iovlen = tick.parts.size();
    for (const Socket& socket : sockets) {
        const ssize_t sent = ::sendmsg(socket.fd(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        outcome.bytes += sent > 0 ? static_cast<std::uint64_t>(sent) : 0;
        outcome.shortSends += sent < static_cast<ssize_t>(tick.size) ? 1 : 0;
        ++outcome.sends;
    }
}

Outcome sendFor(double seconds, const std::vector<Tick>& ticks, const std::vector<Socket>& sockets)
{
    Outcome outcome;
    const std::uint64_t begin = nowNs();
    for (std::size_t i = 0;; ++i) {
        const std::uint64_t at = i / ticks.size() * streamPeriodNs + ticks[i % ticks.size()].dueNs;
        if (static_cast<double>(at) > seconds * 1e9)
            break;
        const std::uint64_t now = nowNs();
        if (now < begin + at)
            std::this_thread::sleep_for(std::chrono::nanoseconds(begin + at - now));
        else
            outcome.worstLateNs = std::max(outcome.worstLateNs, now - begin - at);
        sendTick(ticks[i % ticks.size()], sockets, outcome);
    }
    outcome.seconds = static_cast<double>(nowNs() - begin) / 1e9;
    return outcome;
}

std::vector<Socket> acceptAll(const Socket& listening, int count)
{
    std::vector<Socket> sockets;
    while (sockets.size() < static_cast<std::size_t>(count)) {
        Socket socket(::accept4(listening.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!socket.isOpen()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            continue;
        }
        tuneStream(socket, 0);
        sockets.push_back(std::move(socket));
    }
    return sockets;
}

}  // namespace

int main(int argc, char** argv)
{
    const Options options(argc, argv, {{'n', "1000"}, {'k', "1510"}, {'g', "0"}, {'t', "8"}, {'S', "-1"}, {'C', "-1"}},
                          usage);
    raiseFileLimit();
    const auto listening = listenOn({"127.0.0.1", 0, {}});
    if (!listening || options.integer('n') < 1) {
        std::cerr << usage;
        return 2;
    }
    const pid_t reader = ::fork();
    if (reader == 0)
        readAll(localAddress(*listening), options.integer('n'), options.integer('C'));
    pinTo(options.integer('S'));
    const std::vector<Socket> sockets = acceptAll(*listening, options.integer('n'));
    const std::vector<Tick> ticks = makeTicks(options.number('k'), options.number('g'));
    sendFor(1, ticks, sockets);  // until windows have opened
    const double before = ownUse().cpuSeconds;
    const double readerBefore = useOf(reader).cpuSeconds;
    const Outcome outcome = sendFor(options.number('t'), ticks, sockets);
    const double cpu = ownUse().cpuSeconds - before;
    const double readerCpu = useOf(reader).cpuSeconds - readerBefore;
    const double gigabits = static_cast<double>(outcome.bytes) * 8 / 1e9;
    std::printf("{\"viewers\":%zu,\"seconds\":%.2f,\"gbitPerSec\":%.4f,\"serverCpuPercent\":%.2f,"
                "\"serverCpuSecPerGbit\":%.4f,\"usPerSend\":%.2f,\"shortSends\":%llu,\"worstLateMs\":%.1f,"
                "\"loadCpuPercent\":%.1f}\n",
                sockets.size(), outcome.seconds, gigabits / outcome.seconds, 100 * cpu / outcome.seconds,
                gigabits > 0 ? cpu / gigabits : 0, 1e6 * cpu / static_cast<double>(outcome.sends),
                static_cast<unsigned long long>(outcome.shortSends), static_cast<double>(outcome.worstLateNs) / 1e6,
                100 * readerCpu / outcome.seconds);
    ::kill(reader, SIGKILL);
    ::waitpid(reader, nullptr, 0);
    return gigabits > 0 ? 0 : 3;
}
