#include "core/media/hub/stream.h"

#include "core/base/check.h"

#include <algorithm>
#include <utility>

namespace headgate {

Stream::Stream(StreamKey key, StreamSource source, MonotonicTime now)
    : m_key(std::move(key)),
      m_source(std::move(source)),
      m_startedAt(std::chrono::floor<Duration>(std::chrono::system_clock::now())),
      m_meter(now)
{}

void Stream::push(const SharedFrame& incoming, MonotonicTime now)
{
    if (m_awaitsKeyFrame && incoming->kind() == FrameKind::Video && !incoming->isEssential()) {
        if (!incoming->isKeyFrame())
            return;
        m_awaitsKeyFrame = false;
    }
    if (incoming->isLayer()) {
        // None before the stream's own: they are in its time.
        if (!m_awaitsKeyFrame || incoming->isEssential())
            pass(m_timeline.placeLayer(incoming), now);
        return;
    }
    const auto clock = m_source.isPublishedHere ? Timeline::Clock::MayJump : Timeline::Clock::IsSteady;
    pass(m_timeline.place(incoming, now, clock), now);
}

void Stream::pass(const SharedFrame& frame, MonotonicTime now)
{
    m_meter.add(*frame, now);
    m_cache.add(frame);
    for (StreamFollower* const follower : m_followers)
        follower->framePushed(frame);
    m_isDelivering = true;
    // By index: a subscriber may join while another is being served.
    const std::size_t count = m_subscriptions.size();
    for (std::size_t i = 0; i < count; ++i) {
        if (m_subscriptions[i].subscriber == nullptr)
            continue;
        if (frame->isLayer())
            deliverLayerTo(m_subscriptions[i], frame);
        else
            deliverTo(m_subscriptions[i], frame, now);
    }
    m_isDelivering = false;
    std::erase_if(m_subscriptions, [](const Subscription& s) { return s.subscriber == nullptr; });
}

void Stream::deliverLayerTo(Subscription& subscription, const SharedFrame& frame)
{
    const bool isTaken = takes(*subscription.subscriber, *frame);
    if (!frame->isEssential() && (!isTaken || subscription.needsKeyFrame))
        subscription.layers.close();
    if (isTaken && subscription.layers.passes(*frame))
        subscription.subscriber->deliver(frame);
}

// Configurations go to every node that pulls, since it may want layers later.
bool Stream::takes(const Subscriber& subscriber, const MediaFrame& frame)
{
    return !frame.isLayer() || subscriber.takesLayers() ||
           (frame.isEssential() && subscriber.kind() == Subscriber::Kind::Child);
}

bool Stream::isBehind(Subscription& subscription, MonotonicTime now)
{
    constexpr Duration rounding{2};
    const Subscriber& subscriber = *subscription.subscriber;
    const std::size_t waitingBytes = subscriber.waitingBytes();
    const Duration waitingTime = subscriber.waitingTime();
    if (subscription.isStarting) {
        // The oldest that waits tells whether it is still of the start.
        const MonotonicTime oldest = now - waitingTime;
        if (!subscription.startedAt)
            subscription.startedAt = oldest;
        subscription.isStarting = waitingBytes > 0 && oldest <= *subscription.startedAt + rounding;
    }
    if (subscription.isStarting)
        return waitingBytes > subscription.startBytes + mostWaitingBytes || waitingTime > longestStartTime;
    return waitingBytes > mostWaitingBytes || waitingTime > longestWaitingTime;
}

void Stream::deliverTo(Subscription& subscription, const SharedFrame& frame, MonotonicTime now)
{
    Subscriber& subscriber = *subscription.subscriber;
    if (isBehind(subscription, now)) {
        if (!subscription.needsKeyFrame) {
            ++m_skips;
            ++subscriber.m_skips;
        }
        m_framesSkipped += subscriber.dropWaiting();
        subscription.needsKeyFrame = true;
        subscription.isStarting = false;
        subscription.isSkipping = true;
        if (!frame->isEssential()) {
            ++m_framesSkipped;
            return;
        }
    }
    if (subscription.needsKeyFrame && !frame->isEssential()) {
        const bool isStart = frame->isKeyFrame() || (!m_cache.hasVideo() && frame->kind() == FrameKind::Audio);
        if (!isStart) {
            m_framesSkipped += subscription.isSkipping ? 1 : 0;
            return;
        }
        subscription.needsKeyFrame = false;
        subscription.isSkipping = false;
    }
    subscriber.deliver(frame);
}

void Stream::restart(StreamSource source, SourceTime time, MonotonicTime now)
{
    HG_CHECK(!m_isDelivering);
    m_source = std::move(source);
    m_cache = GopCache();
    m_meter = StreamMeter(now);
    m_awaitsKeyFrame = true;
    if (time == SourceTime::StartsAnew)
        m_timeline.startSource();
    for (StreamFollower* const follower : m_followers)
        follower->streamRestarted(m_source);
    // A copy, since one that hears of it may leave.
    for (Subscription& subscription : m_subscriptions)
        subscription.layers.close();
    const std::vector<Subscription> subscriptions = m_subscriptions;
    for (const Subscription& subscription : subscriptions)
        subscription.subscriber->streamRestarted();
}

void Stream::setSource(StreamSource source)
{
    m_source = std::move(source);
    for (StreamFollower* const follower : m_followers)
        follower->sourceChanged(m_source);
}

void Stream::unfollow(StreamFollower& follower)
{
    m_skips += follower.skips();
    m_framesSkipped += follower.framesSkipped();
    std::erase(m_followers, &follower);
}

std::uint64_t Stream::skips() const
{
    std::uint64_t skips = m_skips;
    for (const StreamFollower* const follower : m_followers)
        skips += follower->skips();
    return skips;
}

std::uint64_t Stream::framesSkipped() const
{
    std::uint64_t frames = m_framesSkipped;
    for (const StreamFollower* const follower : m_followers)
        frames += follower->framesSkipped();
    return frames;
}

void Stream::setPublisher(Publisher& publisher)
{
    m_publisher = &publisher;
    m_abandonedAt.reset();
}

void Stream::wantKeyFrame(MonotonicTime now, int layer)
{
    auto& wantedAt = m_keyFrameWantedAt.at(static_cast<std::size_t>(layer));
    if (wantedAt && now - *wantedAt < keyFramePause)
        return;
    wantedAt = now;
    if (m_publisher != nullptr)
        m_publisher->keyFrameWanted(layer);
    else if (m_parentWishes.keyFrame)
        m_parentWishes.keyFrame(layer);
}

void Stream::wantLayers(MonotonicTime now)
{
    constexpr Duration pause = layersTime / 5;
    if (!m_parentWishes.layers || (m_layersWantedAt && now - *m_layersWantedAt < pause))
        return;
    m_layersWantedAt = now;
    m_parentWishes.layers();
}

void Stream::abandon(MonotonicTime now)
{
    m_publisher = nullptr;
    m_abandonedAt = now;
    m_source.isPublishedHere = false;
}

void Stream::subscribe(Subscriber& subscriber, JoinLatency latency)
{
    // A child has viewers of its own, who may want the whole group of pictures.
    const bool isCacheTooOld = latency == JoinLatency::Low && subscriber.kind() == Subscriber::Kind::Viewer &&
                               m_cache.span() > Duration(lowLatencyAgeMs);
    Subscription subscription;
    subscription.subscriber = &subscriber;
    subscription.needsKeyFrame = m_cache.hasVideo() && (!m_cache.hasKeyFrame() || isCacheTooOld);
    m_subscriptions.push_back(subscription);
    for (const SharedFrame& frame : isCacheTooOld ? m_cache.essentials() : m_cache.forJoiner()) {
        if (takes(subscriber, *frame))
            subscriber.deliver(frame);
    }
    // It may have left on the way.
    const auto place = find(subscriber);
    if (place != m_subscriptions.end())
        place->startBytes = subscriber.waitingBytes();
}

std::vector<Stream::Subscription>::iterator Stream::find(const Subscriber& subscriber)
{
    return std::find_if(m_subscriptions.begin(), m_subscriptions.end(),
                        [&](const Subscription& s) { return s.subscriber == &subscriber; });
}

void Stream::unsubscribe(Subscriber& subscriber)
{
    const auto found = find(subscriber);
    if (found == m_subscriptions.end())
        return;
    if (m_isDelivering)
        found->subscriber = nullptr;
    else
        m_subscriptions.erase(found);
}

int Stream::count(Subscriber::Kind kind) const
{
    int count = 0;
    for (const Subscription& subscription : m_subscriptions)
        count += subscription.subscriber != nullptr && subscription.subscriber->kind() == kind ? 1 : 0;
    for (const StreamFollower* const follower : m_followers)
        count += follower->count(kind);
    return count;
}

StreamReport Stream::report(MonotonicTime now)
{
    StreamReport report;
    report.key = m_key;
    report.isPublishedHere = m_source.isPublishedHere;
    report.publisherAddress = m_source.address;
    report.protocol = m_source.protocol;
    report.epoch = m_source.epoch;
    report.viewers = count(Subscriber::Kind::Viewer);
    report.children = count(Subscriber::Kind::Child);
    m_meter.describe(report, now);
    report.startedAt = m_startedAt;
    return report;
}

StreamDetails Stream::details(MonotonicTime now)
{
    StreamDetails details;
    details.report = report(now);
    details.tracks = m_meter.tracks(now);
    details.timing = m_meter.timing();
    details.timing.skips = skips();
    details.timing.framesSkipped = framesSkipped();
    details.viewerCount = details.report.viewers + details.report.children;
    return details;
}

void Stream::end()
{
    HG_CHECK(!m_isDelivering);
    const std::vector<Subscription> subscriptions = std::exchange(m_subscriptions, {});
    const std::vector<StreamFollower*> followers = std::exchange(m_followers, {});
    for (const Subscription& subscription : subscriptions)
        subscription.subscriber->streamEnded();
    for (StreamFollower* const follower : followers)
        follower->streamEnded();
}

}  // namespace headgate
