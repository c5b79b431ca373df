// What it costs to answer thousands who wait for the same thing: one bare sendmsg for each, and nothing else.
#include "core/media/bench/measured.h"
#include "core/media/net/socket.h"
#include "tests/bench/options.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <thread>

using namespace headgate;
using namespace headgate::bench;

namespace {

constexpr const char* usage =
    "Usage: release_limit [-n CLIENTS (2000)] [-b BYTES of an answer (3000)] [-r ROUNDS (18)] [-s CORE of the sender] "
    "[-c CORE of the clients]\nPrints JSON: how long after the first of a round the others came.\n";

using Clock = std::chrono::steady_clock;

constexpr auto pause = std::chrono::milliseconds(100);  // between two rounds

void sendAll(const std::vector<Socket>& sockets, const std::string& answer, int rounds)
{
    for (int round = 0; round < rounds; ++round) {
        std::this_thread::sleep_for(pause);
        for (const Socket& socket : sockets)
            ::send(socket.fd(), answer.data(), answer.size(), MSG_NOSIGNAL);
    }
}

// Of each round after the first: of all clients, the time after the first of them.
std::vector<double> receiveAll(const std::vector<Socket>& sockets, std::size_t size, int rounds)
{
    Socket epoll(::epoll_create1(0));
    for (const Socket& socket : sockets) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = socket.fd();
        ::epoll_ctl(epoll.fd(), EPOLL_CTL_ADD, socket.fd(), &event);
    }
    std::vector<double> delays;
    std::array<epoll_event, 256> events{};
    std::vector<char> answer(size);
    for (int round = 0; round < rounds; ++round) {
        Clock::time_point first;
        for (std::size_t whole = 0, bytes = 0; whole < sockets.size(); whole = bytes / size) {
            const int ready = ::epoll_wait(epoll.fd(), events.data(), static_cast<int>(events.size()), 0);
            for (int i = 0; i < ready; ++i) {
                const auto got = ::recv(events[static_cast<std::size_t>(i)].data.fd, answer.data(), size, MSG_DONTWAIT);
                bytes += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
                const auto now = Clock::now();
                if (first == Clock::time_point())
                    first = now;
                if (round > 0)
                    delays.push_back(std::chrono::duration<double, std::milli>(now - first).count());
            }
        }
    }
    return delays;
}

}  // namespace

int main(int argc, char** argv)
{
    const Options options(argc, argv, {{'n', "2000"}, {'b', "3000"}, {'r', "18"}, {'s', "-1"}, {'c', "-1"}}, usage);
    raiseFileLimit();
    auto listening = listenOn({"127.0.0.1", 0, {}});
    if (!listening) {
        std::cerr << listening.error().message;
        return 2;
    }
    const SocketAddress address = localAddress(*listening);
    std::vector<Socket> servers;
    std::vector<Socket> clients;
    for (int i = 0; i < options.integer('n'); ++i) {
        clients.push_back(std::move(*connectTo(address)));
        pollfd waiting{listening->fd(), POLLIN, 0};
        ::poll(&waiting, 1, 1000);
        servers.emplace_back(::accept(listening->fd(), nullptr, nullptr));
        tuneStream(servers.back(), 0);
    }
    const std::string answer(static_cast<std::size_t>(options.integer('b')), 'x');
    std::thread sender([&] {
        pinTo(options.integer('s'));
        sendAll(servers, answer, options.integer('r'));
    });
    pinTo(options.integer('c'));
    std::vector<double> delays = receiveAll(clients, answer.size(), options.integer('r'));
    sender.join();
    std::ranges::sort(delays);
    const auto at = [&](double share) {
        return delays[static_cast<std::size_t>(share * static_cast<double>(delays.size() - 1))];
    };
    std::printf("{\"msP50\":%.2f,\"msP99\":%.2f,\"msMost\":%.2f}\n", at(0.5), at(0.99), at(1));
    return 0;
}
