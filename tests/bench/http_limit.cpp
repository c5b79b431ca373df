// A responder that knows one answer: the least that an HTTP server can need for a small request.
#include "core/media/bench/measured.h"
#include "core/media/net/socket.h"
#include "tests/bench/options.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <unordered_map>

using namespace headgate;
using namespace headgate::bench;

namespace {

constexpr const char* usage = "Usage: http_limit [-p PORT (18081)] [-b BYTES of the answer's body (200)]\n";

class Responder
{
public:
    Responder(Socket listening, std::size_t bodySize) : m_listening(std::move(listening)), m_epoll(::epoll_create1(0))
    {
        m_answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(bodySize) +
                   "\r\n\r\n" + std::string(bodySize, 'x');
        watch(m_listening.fd());
    }

    [[noreturn]] void run()
    {
        std::array<epoll_event, 256> events{};
        for (;;) {
            const int ready = ::epoll_wait(m_epoll, events.data(), static_cast<int>(events.size()), -1);
            for (int i = 0; i < ready; ++i) {
                const int fd = events[static_cast<std::size_t>(i)].data.fd;
                if (fd == m_listening.fd())
                    accept();
                else
                    answer(fd);
            }
        }
    }

private:
    void watch(int fd) const
    {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = fd;
        ::epoll_ctl(m_epoll, EPOLL_CTL_ADD, fd, &event);
    }

    void accept()
    {
        Socket socket(::accept4(m_listening.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!socket.isOpen())
            return;
        tuneStream(socket, 0);
        watch(socket.fd());
        const int fd = socket.fd();
        m_clients.emplace(fd, std::move(socket));
    }

    // One request a read, as the measuring client sends them.
    void answer(int fd)
    {
        std::array<char, 8192> request;
        const bool isGone = ::recv(fd, request.data(), request.size(), 0) <= 0 ||
                            ::send(fd, m_answer.data(), m_answer.size(), MSG_NOSIGNAL) < 0;
        if (isGone)
            m_clients.erase(fd);
    }

    Socket m_listening;
    int m_epoll;
    std::string m_answer;
    std::unordered_map<int, Socket> m_clients;
};

}  // namespace

int main(int argc, char** argv)
{
    const Options options(argc, argv, {{'p', "18081"}, {'b', "200"}}, usage);
    raiseFileLimit();
    auto listening = listenOn({"127.0.0.1", static_cast<std::uint16_t>(options.integer('p')), {}});
    if (!listening) {
        std::cerr << listening.error().message << '\n';
        return 3;
    }
    Responder(std::move(*listening), static_cast<std::size_t>(options.integer('b'))).run();
}
