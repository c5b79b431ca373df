#include "core/media/relay/parent_link.h"

namespace headgate {

Result<std::unique_ptr<ParentLink>> ParentLink::open(EventLoop& loop, const StreamKey& stream, const NodeId& self,
                                                     const node_protocol::Parent& parent, ParentLinkOwner& owner)
{
    const SocketAddress address{parent.address, parent.rtmpPort, {}};
    auto socket = connectTo(address);
    if (!socket)
        return tl::unexpected(socket.error());
    tuneStream(*socket, 0);
    std::unique_ptr<ParentLink> link(new ParentLink(parent, owner));
    link->m_session = std::make_unique<rtmp::PullSession>(
        loop, std::move(*socket),
        rtmp::PullRequest{toText(address), stream.scope, stream.name, self.value, parent.pullToken},
        static_cast<rtmp::PullOwner&>(*link));
    return link;
}

std::string ParentLink::address() const
{
    return toText(SocketAddress{m_parent.address, m_parent.rtmpPort, {}});
}

void ParentLink::close()
{
    m_owner = nullptr;
    m_session->close();
}

void ParentLink::pullStarted(std::uint64_t epoch)
{
    m_isStarted = true;
    m_epoch = epoch;
    if (m_owner != nullptr)
        m_owner->linkStarted(*this);
}

void ParentLink::sourceChanged(std::uint64_t epoch)
{
    m_epoch = epoch;
    if (m_owner != nullptr)
        m_owner->sourceChanged(*this);
}

void ParentLink::frameReceived(const SharedFrame& frame)
{
    if (m_owner != nullptr)
        m_owner->frameReceived(*this, frame);
}

void ParentLink::pullEnded(rtmp::PullEnd end, std::string_view reason)
{
    if (m_owner != nullptr)
        m_owner->linkEnded(*this, end, reason);
}

}  // namespace headgate
