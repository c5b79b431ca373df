#include "core/media/hub/reception.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace headgate {

Reception::Reception(LoopGroup& loops, const Log& log, std::size_t mostSessions)
    : m_loops(loops),
      m_log(log),
      m_mostSessions(mostSessions),
      m_mostNewcomers(std::max<std::size_t>(mostSessions / 3, 100))
{}

std::unique_ptr<Seat> Reception::admit(std::string_view protocol, const Socket& socket)
{
    const SocketAddress client = peerAddress(socket);
    const auto refuse = [&](const std::string& why) {
        m_log.client(std::string(protocol) + " " + toText(client) + ": refused: " + why);
        return nullptr;
    };
    if (m_loops.sessionCount() >= m_mostSessions)
        return refuse(std::to_string(m_mostSessions) + " sessions are open");
    std::size_t& count = (*m_newcomers)[client.host];
    if (count >= m_mostNewcomers)
        return refuse(std::to_string(m_mostNewcomers) + " connections of its address neither publish nor watch");
    ++count;
    return std::make_unique<Seat>([newcomers = m_newcomers, host = client.host] {
        const auto found = newcomers->find(host);
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
