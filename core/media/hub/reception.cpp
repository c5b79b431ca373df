#include "core/media/hub/reception.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace headgate {

std::string networkOf(const std::string& host)
{
    in6_addr address{};
    if (::inet_pton(AF_INET6, host.c_str(), &address) != 1 || IN6_IS_ADDR_V4MAPPED(&address))
        return host;
    std::fill(std::begin(address.s6_addr) + 8, std::end(address.s6_addr), std::uint8_t{0});
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(AF_INET6, &address, text.data(), text.size());
    return text.data();
}

Reception::Reception(LoopGroup& loops, const Log& log, std::size_t mostSessions)
    : m_loops(loops),
      m_log(log),
      m_mostSessions(mostSessions),
      m_mostNewcomers(std::max<std::size_t>(mostSessions / 3, 100))
{}

std::unique_ptr<Seat> Reception::admit(std::string_view protocol, const SocketAddress& client)
{
    const auto refuse = [&](const std::string& why) {
        m_log.refusal(protocol, toText(client), why);
        return nullptr;
    };
    if (m_loops.sessionCount() >= m_mostSessions)
        return refuse(std::to_string(m_mostSessions) + " sessions are open");
    const std::string network = networkOf(client.host);
    std::size_t& count = (*m_newcomers)[network];
    if (count >= m_mostNewcomers)
        return refuse(std::to_string(m_mostNewcomers) + " connections of its network neither publish nor watch");
    ++count;
    return std::make_unique<Seat>([newcomers = m_newcomers, network] {
        const auto found = newcomers->find(network);
        if (--found->second == 0)
            newcomers->erase(found);
    });
}

void Reception::tellExhausted(int errorNumber)
{
    constexpr Duration period{60'000};
    const MonotonicTime now = m_loops.home().loop().now();
    if (m_exhaustionToldAt && now - *m_exhaustionToldAt < period)
        return;
    m_exhaustionToldAt = now;
    std::string_view remedy = "give this machine more memory, or the node less to do";
    if (errorNumber == EMFILE)
        remedy = "raise the limit of open files of this process (ulimit -n, or LimitNOFILE= of its unit)";
    else if (errorNumber == ENFILE)
        remedy = "raise the limit of open files of this machine (sysctl fs.file-max)";
    m_log.warning("new connections have to wait: " + std::generic_category().message(errorNumber) + "; " +
                  std::string(remedy));
}

}  // namespace headgate
