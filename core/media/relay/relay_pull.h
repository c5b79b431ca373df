#pragma once

#include "core/media/hub/hub.h"
#include "core/media/net/log.h"
#include "core/media/relay/resume_filter.h"
#include "core/media/rtmp/pull_session.h"
#include "core/wire/node_protocol.h"

#include <memory>
#include <optional>

namespace headgate {

struct RelayContext
{
    EventLoop& loop;
    Hub& hub;
    const Log& log;
    NodeId self;
    // How long to wait for a stream that the table does not know: the table may be on its way.
    Duration unknownPatience{0};
};

// Keeps one stream of the hub fed from its parents: primary first, then in turn with the backup, again and again with
// growing pauses. Subscribers stay while the connection is made anew. The stream lives as long as this object.
class RelayPull final : private rtmp::PullOwner
{
public:
    // Released this long after the last subscriber, so that a viewer who reconnects finds it running.
    static constexpr Duration linger{3000};
    // Without a frame for so long the stream is given up, whatever the table says.
    static constexpr Duration mostSilence{30'000};

    // None: it waits for setParents().
    RelayPull(RelayContext context, Stream& stream, std::optional<node_protocol::StreamParents> parents);
    ~RelayPull() override;

    // What the table says now; none if the stream is not in it.
    void setParents(const std::optional<node_protocol::StreamParents>& parents);

    // To be asked several times a second; true if it should end.
    bool isOver();

private:
    void pullStarted(std::uint64_t epoch) override;
    void sourceChanged(std::uint64_t epoch) override;
    void frameReceived(const SharedFrame& frame) override;
    void pullEnded(rtmp::PullEnd end, std::string_view reason) override;

    void connect();
    void disconnect();
    void retryLater();
    const node_protocol::Parent& nextParent() const;
    StreamSource sourceOf(std::uint64_t epoch) const;

    RelayContext m_context;
    Stream& m_stream;
    std::optional<node_protocol::StreamParents> m_parents;  // as last known
    bool m_isInTable = true;
    bool m_isSaidOver = false;  // the parent's last word was that the stream is not live
    std::unique_ptr<rtmp::PullSession> m_session;
    node_protocol::Parent m_current;
    std::uint64_t m_pulledEpoch = 0;  // of what was pulled last, or the newest heard of
    int m_failures = 0;               // since the last frame
    Timer m_retry;
    ResumeFilter m_filter;
    MonotonicTime m_begin;
    MonotonicTime m_lastFrame;  // or the begin
    MonotonicTime m_lastConnect;
    MonotonicTime m_lastSubscriber;  // when there was one
};

}  // namespace headgate
