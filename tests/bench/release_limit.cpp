// What it costs to answer thousands who wait for the same thing: one bare send for each, and nothing else.
#include "core/media/bench/measured.h"
#include "core/media/net/socket.h"
#include "tests/bench/arrival.h"
#include "tests/bench/options.h"

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <span>
#include <thread>

using namespace headgate;
using namespace headgate::bench;

namespace {

constexpr const char* usage =
    "Usage: release_limit [-n CLIENTS (2000)] [-b BYTES of an answer (3000)] [-r ROUNDS (18)] [-T THREADS that send "
    "(1)]\n"
    "                     [-s CORE of the first of them; the others are on the next ones]\n"
    "Prints JSON: how long after the first of a round the others were there. It counts when the last byte came to a\n"
    "client's socket, as the kernel tells; nobody reads meanwhile.\n";

void sendAll(std::span<const Socket> sockets, const std::string& answer)
{
    for (const Socket& socket : sockets)
        ::send(socket.fd(), answer.data(), answer.size(), MSG_NOSIGNAL);
}

// When the last byte was there; 0 if not all came.
std::int64_t receiveOne(const Socket& socket, std::span<char> answer)
{
    Arrival arrival;
    for (std::size_t got = 0; got < answer.size(); got += static_cast<std::size_t>(arrival.size)) {
        pollfd waiting{socket.fd(), POLLIN, 0};
        ::poll(&waiting, 1, 1000);
        arrival = receive(socket.fd(), answer.subspan(got), MSG_DONTWAIT);
        if (arrival.size <= 0)
            return 0;
    }
    return arrival.ns;
}

}  // namespace

int main(int argc, char** argv)
{
    const Options options(argc, argv, {{'n', "2000"}, {'b', "3000"}, {'r', "18"}, {'s', "-1"}, {'T', "1"}}, usage);
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
        tellArrivals(clients.back().fd());
        pollfd waiting{listening->fd(), POLLIN, 0};
        ::poll(&waiting, 1, 1000);
        servers.emplace_back(::accept(listening->fd(), nullptr, nullptr));
        tuneStream(servers.back(), 0);
    }
    std::string answer(static_cast<std::size_t>(options.integer('b')), 'x');
    const auto threads = static_cast<std::size_t>(std::max(1, options.integer('T')));
    std::vector<double> delays;
    for (int round = 0; round < options.integer('r'); ++round) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        std::vector<std::thread> senders;
        for (std::size_t i = 0; i < threads; ++i) {
            const std::size_t begin = servers.size() * i / threads;
            const std::span<const Socket> share(&servers[begin], servers.size() * (i + 1) / threads - begin);
            const int core = options.integer('s') < 0 ? -1 : options.integer('s') + static_cast<int>(i);
            senders.emplace_back([=, &answer] {
                pinTo(core);
                sendAll(share, answer);
            });
        }
        for (std::thread& sender : senders)
            sender.join();
        std::vector<std::int64_t> times;
        for (const Socket& client : clients)
            times.push_back(receiveOne(client, answer));
        const std::int64_t first = *std::ranges::min_element(times);
        if (first == 0) {
            std::cerr << "Something did not come, or the system does not tell when it did.\n";
            return 1;
        }
        for (const std::int64_t time : times) {
            if (round > 0)
                delays.push_back(static_cast<double>(time - first) / 1e6);
        }
    }
    std::ranges::sort(delays);
    const auto at = [&](double share) {
        return delays[static_cast<std::size_t>(share * static_cast<double>(delays.size() - 1))];
    };
    std::printf("{\"msP50\":%.2f,\"msP99\":%.2f,\"msMost\":%.2f}\n", at(0.5), at(0.99), at(1));
    return 0;
}
