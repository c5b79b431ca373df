#pragma once

#include <queue>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace headgate::test {

// What happens to the packets of one direction.
struct Impairment
{
    double lossPercent = 0;
    double repeatedPercent = 0;
    double reorderedPercent = 0;  // late by reorderMs, so that others overtake
    int reorderMs = 30;
    int delayMs = 0;
    int jitterMs = 0;           // up to so much on top of the delay; the order stays
    int kilobitsPerSecond = 0;  // of the line; 0: as fast as one likes
    int mostQueueMs = 300;      // in front of it; what would wait for longer is lost
};

// A bad network between loopback clients and a UDP server: clients talk to port(), each has a port of its own towards
// the server, and both directions are impaired. The draws follow from the seed and the order of the packets.
class ImpairedUdp
{
public:
    ImpairedUdp(const std::string& serverAddress, std::uint16_t serverPort, std::uint64_t seed)
        : m_server(addressOf(serverAddress, serverPort)), m_random(seed), m_front(openSocket())
    {
        m_thread = std::thread([this] { run(); });
    }
    // Of one client that is known before anything comes, also from the server: the server sees it at `backPort`.
    struct Client
    {
        std::string address;
        std::uint16_t port = 0;
        std::uint16_t frontPort = 0;
        std::uint16_t backPort = 0;
    };
    ImpairedUdp(const std::string& serverAddress, std::uint16_t serverPort, std::uint64_t seed, const Client& client)
        : m_server(addressOf(serverAddress, serverPort)), m_random(seed), m_front(openSocket(client.frontPort))
    {
        const sockaddr_in place = addressOf(client.address, client.port);
        m_backs[{place.sin_addr.s_addr, place.sin_port}] = openSocket(client.backPort);
        m_thread = std::thread([this] { run(); });
    }
    ~ImpairedUdp()
    {
        m_isOver = true;
        m_thread.join();
        ::close(m_front);
        for (const auto& [client, socket] : m_backs)
            ::close(socket);
    }
    ImpairedUdp(const ImpairedUdp&) = delete;
    ImpairedUdp& operator=(const ImpairedUdp&) = delete;

    std::uint16_t port() const
    {
        sockaddr_in address{};
        socklen_t size = sizeof address;
        ::getsockname(m_front, reinterpret_cast<sockaddr*>(&address), &size);
        return ntohs(address.sin_port);
    }

    void set(const Impairment& toServer, const Impairment& toClients)
    {
        const std::lock_guard lock(m_mutex);
        m_impairments = {toServer, toClients};
    }

    // The server sees the clients come from other ports from now on, as behind a router that forgot them.
    void rebind() { m_isRebindWanted = true; }

    std::uint64_t passed() const { return m_passed; }
    std::uint64_t lost() const { return m_lost; }

private:
    using Clock = std::chrono::steady_clock;
    using Peer = std::pair<std::uint32_t, std::uint16_t>;  // as in sockaddr_in
    enum Direction
    {
        ToServer,
        ToClients
    };
    struct Packet
    {
        Clock::time_point due;
        std::uint64_t number = 0;
        Direction direction = ToServer;
        Peer client;
        std::vector<char> bytes;
        bool operator>(const Packet& other) const
        {
            return std::pair(due, number) > std::pair(other.due, other.number);
        }
    };

    static sockaddr_in addressOf(const std::string& host, std::uint16_t port)
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        ::inet_pton(AF_INET, host.c_str(), &address.sin_addr);
        return address;
    }
    static int openSocket(std::uint16_t port = 0)
    {
        const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        const int bytes = 4 << 20;
        ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
        const sockaddr_in address = addressOf("127.0.0.1", port);
        ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
        return socket;
    }

    bool draw(double percent) { return std::uniform_real_distribution<double>(0, 100)(m_random) < percent; }

    void receive(int socket, Direction direction, Peer client)
    {
        std::array<char, 2048> buffer{};
        sockaddr_in from{};
        for (;;) {
            socklen_t size = sizeof from;
            const ssize_t length =
                ::recvfrom(socket, buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
            if (length < 0)
                return;
            if (direction == ToServer)
                client = {from.sin_addr.s_addr, from.sin_port};
            take({buffer.data(), buffer.data() + length}, direction, client);
        }
    }

    void take(std::vector<char> bytes, Direction direction, const Peer& client)
    {
        Impairment how;
        {
            const std::lock_guard lock(m_mutex);
            how = m_impairments[direction];
        }
        if (draw(how.lossPercent)) {
            ++m_lost;
            return;
        }
        const auto now = Clock::now();
        auto lineEnds = now;
        if (how.kilobitsPerSecond > 0) {
            lineEnds =
                std::max(now, m_lineEnds[direction]) +
                std::chrono::microseconds(static_cast<std::int64_t>(bytes.size()) * 8000 / how.kilobitsPerSecond);
            if (lineEnds - now > std::chrono::milliseconds(how.mostQueueMs)) {
                ++m_lost;
                return;
            }
            m_lineEnds[direction] = lineEnds;
        }
        const int copies = draw(how.repeatedPercent) ? 2 : 1;
        const int jitter = how.jitterMs > 0 ? std::uniform_int_distribution<int>(0, how.jitterMs)(m_random) : 0;
        Clock::time_point due = lineEnds + std::chrono::milliseconds(how.delayMs + jitter);
        if (draw(how.reorderedPercent))
            due += std::chrono::milliseconds(how.reorderMs);
        else
            due = m_latest[direction] = std::max(due, m_latest[direction]);
        for (int i = 0; i < copies; ++i)
            m_waiting.push(Packet{due, ++m_number, direction, client, bytes});
    }

    void sendDue()
    {
        while (!m_waiting.empty() && m_waiting.top().due <= Clock::now()) {
            const Packet& packet = m_waiting.top();
            sockaddr_in to = m_server;
            int socket = m_front;
            if (packet.direction == ToServer) {
                const auto [place, isNew] = m_backs.try_emplace(packet.client, -1);
                if (isNew)
                    place->second = openSocket();
                socket = place->second;
            } else {
                to.sin_addr.s_addr = packet.client.first;
                to.sin_port = packet.client.second;
            }
            ::sendto(socket, packet.bytes.data(), packet.bytes.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof to);
            ++m_passed;
            m_waiting.pop();
        }
    }

    void run()
    {
        while (!m_isOver) {
            if (m_isRebindWanted.exchange(false)) {
                for (auto& [client, socket] : m_backs) {
                    ::close(socket);
                    socket = openSocket();
                }
            }
            std::vector<pollfd> watched{{m_front, POLLIN, 0}};
            for (const auto& [client, socket] : m_backs)
                watched.push_back({socket, POLLIN, 0});
            ::poll(watched.data(), watched.size(), m_waiting.empty() ? 20 : 1);
            receive(m_front, ToServer, {});
            for (const auto& [client, socket] : m_backs)
                receive(socket, ToClients, client);
            sendDue();
        }
    }

    sockaddr_in m_server;
    std::mt19937_64 m_random;
    int m_front;
    std::map<Peer, int> m_backs;
    std::priority_queue<Packet, std::vector<Packet>, std::greater<>> m_waiting;
    std::array<Clock::time_point, 2> m_latest{};
    std::array<Clock::time_point, 2> m_lineEnds{};
    std::uint64_t m_number = 0;
    std::mutex m_mutex;
    std::array<Impairment, 2> m_impairments;
    std::atomic<std::uint64_t> m_passed = 0;
    std::atomic<std::uint64_t> m_lost = 0;
    std::atomic<bool> m_isRebindWanted = false;
    std::atomic<bool> m_isOver = false;
    std::thread m_thread;
};

}  // namespace headgate::test
