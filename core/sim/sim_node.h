#pragma once

#include "core/domain/drain_pace.h"
#include "core/engine/engine.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace headgate::sim {

// Who watches what: traffic and streams are known by their places in these lists.
struct Lineup
{
    std::vector<StreamKey> streams;
    std::vector<std::size_t> streamOf;     // by traffic
    std::vector<std::size_t> publisherOf;  // by stream: the traffic that says when its publisher is there
};

// A media node as the control plane knows it: it obeys the orders of the node protocol and sends its messages. Its
// viewers are counted, not kept one by one.
class SimNode
{
public:
    enum class Life
    {
        Booting,  // also those that will never say a word
        Serving,
        Silent  // serves nobody, and is not heard
    };

    // `lineup` outlives it.
    SimNode(const LaunchNode& launch, NodeEndpoints endpoints, const Lineup& lineup);

    const NodeId& id() const { return m_id; }
    const PoolKey& pool() const { return m_pool; }
    const std::string& region() const { return m_region; }
    const NodeEndpoints& endpoints() const { return m_endpoints; }
    bool servesViewers() const { return m_servesViewers; }

    Life life = Life::Booting;
    bool isMute = false;       // it serves, but nobody hears it
    bool isDeaf = false;       // it serves, but hears nobody
    bool isSlow = false;       // most of its heartbeats do not come
    bool isGarbled = false;    // its heartbeats come as they like
    bool isHung = false;       // it is heard, but its media stands still
    bool isSaidGone = false;   // by its provider, which is wrong
    bool isConnected = false;  // to the control plane, as that sees it
    bool isHeard() const { return life == Life::Serving && !isMute; }
    bool serves() const { return life == Life::Serving && !isHung; }
    // Whoever comes to it as a client does.
    bool answers() const { return serves() && !isMute; }
    bool isWellHeard() const { return isHeard() && isConnected && !isDeaf && !isSlow && !isGarbled; }

    // --- Orders. ---
    void obey(const node_protocol::ToNode& message, TimePoint now);
    bool isServing() const { return m_policy == node_protocol::SessionPolicy::Serve && !m_isSealed; }
    bool isSealed() const { return m_isSealed; }
    // When whoever is left is ended; none: nobody is.
    std::optional<TimePoint> endSessionsAt() const { return m_endSessionsAt; }
    // How many of its viewers its drain ends since the last time.
    int drainTo(TimePoint now);

    // --- Sessions. ---
    bool takesViewers() const { return m_servesViewers && serves() && isServing(); }
    bool hasRoom() const { return !m_mostViewers || m_allViewers < *m_mostViewers; }
    int viewers() const { return m_allViewers; }
    int viewersOf(std::size_t traffic) const { return m_viewers[traffic]; }
    void addViewers(std::size_t traffic, int count);
    // The epoch of the publisher that takes the stream; none if the node takes no publishers now.
    std::optional<std::uint64_t> publish(std::size_t stream, TimePoint now);
    void unpublish(std::size_t stream) { m_published.erase(stream); }
    bool isPublishing() const { return !m_published.empty(); }
    std::vector<std::size_t> published() const;
    void endSessions();
    // Those who publish here go on when all others are ended, until endKept().
    void keepPublications() { m_kept = m_published; }
    void endKept();

    // --- Messages. ---
    NodeConnected hello(TimePoint now) const;
    // Whom the node pulls a stream of its viewers from; null if from nobody.
    const NodeId* parentFor(std::size_t stream) const;
    // Once a second: before it says that it can serve, it pulls one stream after another until something comes.
    void testItself();
    // It got something of a stream from that node just now.
    bool pullsFrom(const NodeId& parent) const;
    // The epoch of what it can give to those that pull the stream; none if it has nothing of it.
    std::optional<std::uint64_t> carriedEpoch(std::size_t stream) const;
    // Of what it had last, published here or pulled; 0 if it had nothing.
    std::uint64_t lastEpoch(std::size_t stream) const { return m_epochs[stream]; }
    // Others may pull the stream from it, though it may have to get it first.
    bool takesChildren(std::size_t stream) const;
    void forgetChildren();
    void addChild(std::size_t stream) { ++m_children[stream]; }
    int children() const;
    // For a second the parent gave frames of that epoch, or none. Those of an older publisher are refused.
    void receive(std::size_t stream, std::optional<std::uint64_t> epoch);
    // How long nothing came of a stream that it pulls.
    int starvedS(std::size_t stream) const { return m_starvedS[stream]; }
    // With the children that were added. The same object each time.
    const Observation& heartbeat();

    static constexpr std::int64_t bitsPerSecond = 1'000'000;  // of every stream

private:
    struct Publication
    {
        std::uint64_t epoch = 0;
        TimePoint since;
    };

    // Where a stream is pulled from.
    struct Source
    {
        NodeId parent;
        std::string address;  // as a report tells it
        std::uint64_t epoch = 0;
    };

    void setParents(const node_protocol::AssignParents& table);
    bool fillReport(StreamReport& report, std::size_t stream) const;

    NodeId m_id;
    PoolKey m_pool;
    std::string m_region;
    NodeEndpoints m_endpoints;
    const Lineup& m_lineup;
    bool m_takesPublishers = false;
    bool m_servesViewers = false;

    node_protocol::SessionPolicy m_policy = node_protocol::SessionPolicy::Serve;
    std::optional<TimePoint> m_endSessionsAt;
    std::optional<int> m_mostViewers;
    std::optional<TimePoint> m_drainsSince;
    bool m_othersTakeViewers = false;
    TimePoint m_drainedTo;
    int m_drainRounds = 0;
    std::vector<std::optional<Source>> m_sources;  // by stream
    std::uint64_t m_epoch = 0;
    TimePoint m_epochAt;
    bool m_isSealed = false;

    std::vector<int> m_viewers;        // by traffic
    std::vector<int> m_streamViewers;  // by stream
    std::vector<int> m_starvedS;       // by stream: how long nothing came from its parent
    int m_allViewers = 0;
    std::map<std::size_t, Publication> m_published;  // by stream
    std::map<std::size_t, Publication> m_kept;       // of publishers that do not notice that the node froze
    std::vector<std::uint64_t> m_epochs;             // by stream: of the newest publisher whose frames it had
    std::vector<int> m_children;                     // by stream
    std::vector<int> m_childrenBefore;               // a second ago
    bool m_hasPulled = false;                        // something, or there was nothing to pull
    std::optional<std::size_t> m_tested;             // the stream that it pulls to see whether it can
    int m_testedS = 0;
    Observation m_heartbeat;
};

}  // namespace headgate::sim
