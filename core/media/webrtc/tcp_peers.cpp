#include "core/media/webrtc/tcp_peers.h"

#include <utility>

namespace headgate::webrtc {

void appendFramed(Bytes& out, ByteView packet)
{
    appendU16(out, static_cast<std::uint32_t>(packet.size()));
    appendView(out, packet);
}

class TcpPeers::Peer final : private ConnectionOwner
{
public:
    Peer(TcpPeers& all, std::uint64_t id, Socket socket)
        : m_all(all),
          m_path{addressOf(socket), id},
          m_patience(all.m_loop),
          m_connection(all.m_loop, std::move(socket), Connection::Origin::Accepted, *this)
    {
        m_patience.start(patience, [this] { leave(); });
    }

    void send(Bytes framed)
    {
        if (m_connection.waitingBytes() < mostWaiting)
            m_connection.send(std::move(framed));
    }
    void keep()
    {
        m_all.m_unproven -= std::exchange(m_isProven, true) ? 0 : 1;
        m_patience.stop();
    }
    void end() { m_connection.closeAfterSending(); }
    bool isProven() const { return m_isProven; }

private:
    static DatagramAddress addressOf(const Socket& socket)
    {
        const SocketAddress from = peerAddress(socket);
        return {from.host, from.port};
    }

    void bytesReceived(ByteView bytes) override
    {
        appendView(m_received, bytes);
        std::size_t at = 0;
        while (m_received.size() - at >= 2) {
            const std::size_t size = std::size_t{m_received[at]} << 8 | m_received[at + 1];
            if (size > DatagramReader::largest)
                return leave();
            if (m_received.size() - at - 2 < size)
                break;
            if (size > 0)
                m_all.m_onPacket(m_path, std::span(m_received).subspan(at + 2, size));
            at += 2 + size;
        }
        m_received.erase(m_received.begin(), m_received.begin() + static_cast<std::ptrdiff_t>(at));
    }
    void connectionEnded(std::string_view) override { m_all.remove(m_path.connection); }
    void leave()
    {
        m_connection.close();
        m_all.remove(m_path.connection);
    }

    TcpPeers& m_all;
    PeerPath m_path;
    Timer m_patience;
    Bytes m_received;
    bool m_isProven = false;
    Connection m_connection;
};

TcpPeers::TcpPeers(EventLoop& loop, Socket listening, Use onPacket, Gone onGone)
    : m_loop(loop),
      m_listener(loop, std::move(listening), [this](Socket socket) { accept(std::move(socket)); }),
      m_onPacket(std::move(onPacket)),
      m_onGone(std::move(onGone))
{}

TcpPeers::~TcpPeers() = default;

void TcpPeers::accept(Socket socket)
{
    if (m_unproven >= mostUnproven)
        return;
    ++m_unproven;
    const std::uint64_t id = ++m_last;
    m_peers.emplace(id, std::make_unique<Peer>(*this, id, std::move(socket)));
}

void TcpPeers::send(std::uint64_t connection, Bytes framed)
{
    if (const auto found = m_peers.find(connection); found != m_peers.end())
        found->second->send(std::move(framed));
}

void TcpPeers::keep(std::uint64_t connection)
{
    if (const auto found = m_peers.find(connection); found != m_peers.end())
        found->second->keep();
}

void TcpPeers::end(std::uint64_t connection)
{
    if (const auto found = m_peers.find(connection); found != m_peers.end())
        found->second->end();
}

void TcpPeers::remove(std::uint64_t connection)
{
    const auto found = m_peers.find(connection);
    if (found == m_peers.end())
        return;
    m_unproven -= found->second->isProven() ? 0 : 1;
    m_loop.retire(std::move(found->second));
    m_peers.erase(found);
    m_onGone(connection);
}

}  // namespace headgate::webrtc
