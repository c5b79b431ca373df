#pragma once

#include "core/media/relay/parent_link.h"
#include "core/media/relay/resume_filter.h"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace headgate {

// Keeps one stream of the hub fed from its parents, over one connection: from the primary; after a loss at once from
// the other one, then in turn, with growing pauses. A parent that is told anew, or the other one when the present one
// falls silent, is connected to beside it, and takes over at a key frame that both gave. A parent that turns this node
// away is left alone until others are told. Subscribers stay all the while. The stream lives as long as this object.
class RelayPull final : private ParentLinkOwner
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
    // Why another parent is tried beside the present one.
    enum class Reason
    {
        Told,    // by the table
        Silence  // nothing comes from the present one
    };

    void linkStarted(ParentLink& link) override;
    void sourceChanged(ParentLink& link) override;
    void frameReceived(ParentLink& link, const SharedFrame& frame) override;
    void linkEnded(ParentLink& link, rtmp::PullEnd end, std::string_view reason) override;

    std::unique_ptr<ParentLink> openTo(const node_protocol::Parent& parent);
    void retire(std::unique_ptr<ParentLink>& link);
    void connect();
    void retryLater();
    const node_protocol::Parent* nextParent() const;
    void begin(std::optional<std::uint32_t> shiftMs);
    void take(const SharedFrame& frame);
    void say(std::string_view what) const;
    bool isNews(std::string_view what);
    void sayNews(std::string_view what);

    void tryBeside(const node_protocol::Parent& parent, Reason reason);
    void dropBeside();
    void dropOlderBeside();
    void besideFailed();
    void hold(const SharedFrame& frame);
    std::optional<ResumeFilter::Place> placeOfHeld() const;
    bool canSwitch() const;
    void switchOver();
    bool isSilent(MonotonicTime now) const;
    void watchSilence(MonotonicTime now);

    RelayContext m_context;
    Stream& m_stream;
    std::optional<node_protocol::StreamParents> m_parents;  // as last known
    bool m_isInTable = true;
    bool m_isSaidOver = false;  // the parent's last word was that the stream is not live
    std::unique_ptr<ParentLink> m_link;
    // Said since frames came last or other parents were told: what fails does so again and again.
    std::set<std::string, std::less<>> m_said;
    NodeId m_tried;                   // the parent that was connected to last
    std::set<NodeId> m_turnedAwayBy;  // parents that end, not asked again before others are told
    std::uint64_t m_pulledEpoch = 0;  // of what was pulled last, or the newest heard of
    int m_failures = 0;               // since the last frame
    Timer m_retry;
    ResumeFilter m_filter;

    // Another parent, whose frames wait until they go on where the present one's end.
    std::unique_ptr<ParentLink> m_beside;
    Reason m_besideReason = Reason::Told;
    std::vector<SharedFrame> m_held;
    std::size_t m_heldBytes = 0;
    MonotonicTime m_heldSince;
    int m_besideFailures = 0;
    Timer m_besideRetry;

    MonotonicTime m_begin;
    MonotonicTime m_lastFrame;  // or the begin
    MonotonicTime m_lastConnect;
    MonotonicTime m_lastSubscriber;  // when there was one
    Duration m_longestGap{0};        // between frames, lately
};

}  // namespace headgate
