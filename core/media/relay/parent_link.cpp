#include "core/media/relay/parent_link.h"

namespace headgate {

ParentLink::ParentLink(const RelayContext& context, node_protocol::Parent parent, ParentLinkOwner& owner)
    : m_parent(std::move(parent)),
      m_isSecure(context.trust != nullptr && m_parent.rtmpsPort != 0),
      m_address{m_parent.address, m_isSecure ? m_parent.rtmpsPort : m_parent.rtmpPort, {}},
      m_owner(&owner)
{}

Result<std::unique_ptr<ParentLink>> ParentLink::open(const RelayContext& context, const StreamKey& stream,
                                                     const node_protocol::Parent& parent, ParentLinkOwner& owner)
{
    std::unique_ptr<ParentLink> link(new ParentLink(context, parent, owner));
    auto socket = connectTo(link->m_address);
    if (!socket)
        return tl::unexpected(socket.error());
    tuneStream(*socket, 0);
    link->m_session = std::make_unique<rtmp::PullSession>(
        context.loop, std::move(*socket),
        rtmp::PullRequest{link->address(), stream.scope, stream.name, context.self.value, parent.pullToken},
        static_cast<rtmp::PullOwner&>(*link),
        link->m_isSecure ? context.trust->connect(parent.address, context.log) : nullptr);
    return link;
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
