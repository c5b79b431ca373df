#pragma once

#include "core/domain/media_settings.h"
#include "core/domain/stream.h"
#include "core/domain/stream_details.h"
#include "core/media/hub/gop_cache.h"
#include "core/media/hub/layer_gate.h"
#include "core/media/hub/stream_meter.h"
#include "core/media/hub/timeline.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <typeindex>
#include <vector>

namespace headgate {

// One receiver of a stream, in whatever protocol.
class Subscriber
{
public:
    enum class Kind
    {
        Viewer,
        Child  // another node
    };

    virtual ~Subscriber() = default;
    virtual Kind kind() const = 0;
    virtual void deliver(const SharedFrame& frame) = 0;

    // It gets the layers of the stream as well, each from a key frame on.
    virtual bool takesLayers() const { return false; }

    // The stream is gone, and so is the subscription; the reference to the stream must not be used any more.
    virtual void streamEnded() = 0;

    // Another publisher goes on with the stream, see Stream::restart().
    virtual void streamRestarted() {}

    // What was delivered and did not go out yet.
    virtual std::size_t waitingBytes() const = 0;
    virtual Duration waitingTime() const = 0;  // of the oldest
    virtual std::size_t dropWaiting() = 0;     // all but metadata and decoder configurations; how many frames

    // How often it was moved on to the next key frame, because it was behind.
    std::uint64_t skips() const { return m_skips; }

private:
    friend class Stream;
    std::uint64_t m_skips = 0;
};

// Who publishes a stream on this node.
class Publisher
{
public:
    virtual ~Publisher() = default;

    // Another took the name; the reference to the stream must not be used any more.
    virtual void replaced() = 0;

    // Somebody cannot go on without one of this layer, see MediaFrame::layer(); may be asked often.
    virtual void keyFrameWanted(int layer) { (void)layer; }
};

enum class SourceTime
{
    Continues,   // the new source's timestamps go on where the old one's stopped
    StartsAnew,  // they are moved so that they do, see Timeline
};

// Of what a publisher shows beside the name: SHA-256. What it showed is not kept.
using PublisherDigest = std::array<std::uint8_t, 32>;

struct StreamSource
{
    bool isPublishedHere = false;
    std::string address;  // host:port of the publisher or the parent
    std::string protocol;
    std::uint64_t epoch = 0;
    PublisherDigest credential{};
};

// Who keeps a copy of a stream elsewhere, on behalf of subscribers there: it gets every frame, is never slow, and hears
// of all that its copy must know.
class StreamFollower
{
public:
    virtual ~StreamFollower() = default;
    virtual void framePushed(const SharedFrame& frame) = 0;
    virtual void sourceChanged(const StreamSource& source) = 0;
    virtual void streamRestarted(const StreamSource& source) = 0;

    // The stream is gone; the reference to it must not be used any more.
    virtual void streamEnded() = 0;

    // Of the subscribers there.
    virtual int count(Subscriber::Kind kind) const = 0;
    virtual std::uint64_t skips() const = 0;
    virtual std::uint64_t framesSkipped() const = 0;
};

// A sequence of shared frames with those who receive it. Belongs to one event loop's thread.
class Stream
{
public:
    // A subscriber behind by more is moved on to the next key frame. What the cache gave to a joiner does not count as
    // being behind: until it is out, its bytes are allowed on top, and it has a longer time.
    static constexpr std::size_t mostWaitingBytes = 4 * 1024 * 1024;
    static constexpr Duration longestWaitingTime{5000};
    static constexpr Duration longestStartTime{15'000};

    Stream(StreamKey key, StreamSource source, MonotonicTime now);

    const StreamKey& key() const { return m_key; }
    const StreamSource& source() const { return m_source; }
    void setSource(StreamSource source);
    const GopCache& cache() const { return m_cache; }
    void setCache(GopCache cache) { m_cache = std::move(cache); }

    // From the source, in its time.
    void push(const SharedFrame& incoming, MonotonicTime now);
    // What was pushed elsewhere, in the stream's time.
    void pass(const SharedFrame& frame, MonotonicTime now);

    // Another source goes on with the stream: the cache is forgotten, subscribers stay and get its configurations, and
    // its pictures from the first key frame on.
    void restart(StreamSource source, SourceTime time, MonotonicTime now);

    // None while the stream comes from elsewhere or waits for its publisher.
    Publisher* publisher() const { return m_publisher; }
    void setPublisher(Publisher& publisher);

    // Somebody cannot go on without a key frame: the publisher is asked, or where the stream comes from elsewhere who
    // gives it, however many want one of a layer not more often than that. Not of a copy of the stream.
    static constexpr Duration keyFramePause{500};
    void wantKeyFrame(MonotonicTime now, int layer = 0);

    // Somebody chooses among the layers: where the stream comes from elsewhere they are given for so long, if there are
    // any. Not of a copy of the stream.
    static constexpr Duration layersTime{5000};
    void wantLayers(MonotonicTime now);

    // How a stream that comes from elsewhere asks there.
    struct ParentWishes
    {
        std::function<void(int layer)> keyFrame;
        std::function<void()> layers;
    };
    void setParentWishes(ParentWishes wishes) { m_parentWishes = std::move(wishes); }

    // The publisher is gone and may come back: the stream stays for its subscribers.
    void abandon(MonotonicTime now);
    std::optional<MonotonicTime> abandonedAt() const { return m_abandonedAt; }

    Duration sinceLastFrame(MonotonicTime now) const { return m_meter.sinceLastFrame(now); }

    // The subscriber gets what the cache has at once, for a viewer as the latency says, and must unsubscribe before it
    // ends.
    void subscribe(Subscriber& subscriber, JoinLatency latency = JoinLatency::Normal);
    void unsubscribe(Subscriber& subscriber);
    // With those who are served by followers.
    int count(Subscriber::Kind kind) const;
    int subscriberCount() const { return count(Subscriber::Kind::Viewer) + count(Subscriber::Kind::Child); }

    // The follower gets what is pushed from now on, and must unfollow before it ends.
    void follow(StreamFollower& follower) { m_followers.push_back(&follower); }
    void unfollow(StreamFollower& follower);
    bool isFollowed() const { return !m_followers.empty(); }

    // How often a subscriber was moved on to the next key frame. Without followers from any thread.
    std::uint64_t skips() const;
    std::uint64_t framesSkipped() const;  // which they did not get by that

    StreamReport report(MonotonicTime now);

    // All but the list of viewers.
    StreamDetails details(MonotonicTime now);

    // Tells all subscribers that it is over and forgets them.
    void end();

    // What the subscribers of one protocol here have in common: made for the first of them, gone with the last.
    template <typename T>
    std::shared_ptr<T> shared()
    {
        std::weak_ptr<void>& place = m_shared[typeid(T)];
        auto present = std::static_pointer_cast<T>(place.lock());
        if (!present)
            place = present = std::make_shared<T>();
        return present;
    }

private:
    struct Subscription
    {
        Subscriber* subscriber = nullptr;  // null if it left while frames were being delivered
        bool needsKeyFrame = false;
        bool isSkipping = false;     // it needs one because it was behind
        bool isStarting = true;      // what the cache gave is not out yet
        std::size_t startBytes = 0;  // of what the cache gave
        std::optional<MonotonicTime> startedAt;
        LayerGate layers;
    };

    void deliverTo(Subscription& subscription, const SharedFrame& frame, MonotonicTime now);
    static void deliverLayerTo(Subscription& subscription, const SharedFrame& frame);
    static bool takes(const Subscriber& subscriber, const MediaFrame& frame);
    std::vector<Subscription>::iterator find(const Subscriber& subscriber);
    static bool isBehind(Subscription& subscription, MonotonicTime now);

    StreamKey m_key;
    StreamSource m_source;
    TimePoint m_startedAt;
    GopCache m_cache;
    StreamMeter m_meter;
    Timeline m_timeline;
    Publisher* m_publisher = nullptr;
    ParentWishes m_parentWishes;
    std::array<std::optional<MonotonicTime>, mostLayers + 1> m_keyFrameWantedAt;  // by layer
    std::optional<MonotonicTime> m_layersWantedAt;
    std::optional<MonotonicTime> m_abandonedAt;
    bool m_awaitsKeyFrame = false;  // of a new source
    std::vector<Subscription> m_subscriptions;
    std::vector<StreamFollower*> m_followers;
    std::map<std::type_index, std::weak_ptr<void>> m_shared;
    bool m_isDelivering = false;
    std::atomic<std::uint64_t> m_skips = 0;
    std::atomic<std::uint64_t> m_framesSkipped = 0;
};

}  // namespace headgate
