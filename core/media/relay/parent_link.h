#pragma once

#include "core/media/hub/hub.h"
#include "core/media/net/log.h"
#include "core/media/relay/parent_trust.h"
#include "core/media/rtmp/pull_session.h"
#include "core/wire/node_protocol.h"

#include <cstdint>
#include <memory>

namespace headgate {

struct RelayContext
{
    EventLoop& loop;
    Hub& hub;
    const Log& log;
    NodeId self;
    // How long to wait for a stream that the table does not know: the table may be on its way.
    Duration unknownPatience{0};
    // Null: all parents are pulled from over RTMP. Else those that offer RTMPS over that, and no other way.
    ParentTrust* trust = nullptr;
};

class ParentLink;

class ParentLinkOwner
{
public:
    virtual ~ParentLinkOwner() = default;
    virtual void linkStarted(ParentLink& link) = 0;
    virtual void sourceChanged(ParentLink& link) = 0;  // another publisher goes on under a newer epoch
    virtual void frameReceived(ParentLink& link, const SharedFrame& frame) = 0;
    virtual void linkEnded(ParentLink& link, rtmp::PullEnd end, std::string_view reason) = 0;  // last call
};

// One connection over which one stream is pulled from one parent. Ended with EventLoop::retire() after close().
class ParentLink final : private rtmp::PullOwner
{
public:
    // Unavailable if there is no way to the parent's address.
    static Result<std::unique_ptr<ParentLink>> open(const RelayContext& context, const StreamKey& stream,
                                                    const node_protocol::Parent& parent, ParentLinkOwner& owner);

    const node_protocol::Parent& parent() const { return m_parent; }
    std::string address() const { return toText(m_address); }  // host:port
    std::string url() const { return (m_isSecure ? "rtmps://" : "rtmp://") + address(); }
    bool isStarted() const { return m_isStarted; }
    std::uint64_t epoch() const { return m_epoch; }  // as the parent tells it, 0 if it does not

    void wantKeyFrame(int layer) { m_session->wantKeyFrame(layer); }
    void wantLayers() { m_session->wantLayers(); }

    // No call to the owner comes any more.
    void close();

private:
    ParentLink(const RelayContext& context, node_protocol::Parent parent, ParentLinkOwner& owner);

    void pullStarted(std::uint64_t epoch) override;
    void sourceChanged(std::uint64_t epoch) override;
    void frameReceived(const SharedFrame& frame) override;
    void pullEnded(rtmp::PullEnd end, std::string_view reason) override;

    node_protocol::Parent m_parent;
    bool m_isSecure;
    SocketAddress m_address;
    ParentLinkOwner* m_owner;  // null once closed
    bool m_isStarted = false;
    std::uint64_t m_epoch = 0;
    std::unique_ptr<rtmp::PullSession> m_session;
};

}  // namespace headgate
