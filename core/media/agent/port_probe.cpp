#include "core/media/agent/port_probe.h"

#include <utility>

namespace headgate {

PortProbe::PortProbe(EventLoop& loop, const SocketAddress& address, Bytes greeting) : m_greeting(std::move(greeting))
{
    auto socket = connectTo(address);
    if (socket)
        m_connection = std::make_unique<Connection>(loop, std::move(*socket), Connection::Origin::Outgoing,
                                                    static_cast<ConnectionOwner&>(*this));
    else
        m_state = State::Refused;
}

void PortProbe::connectionReady()
{
    m_isConnected = true;
    m_connection->send(std::move(m_greeting));
}

void PortProbe::bytesReceived(ByteView)
{
    m_state = State::Answered;  // the rest is read as well, so that the other side sees no broken connection
}

// Who is turned away was looked at; a connection that is never made was not.
void PortProbe::connectionEnded(std::string_view)
{
    m_state = m_isConnected ? State::Answered : State::Refused;
}

}  // namespace headgate
