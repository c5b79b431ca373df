#include "tests/soak/crowd.h"

#include "core/media/bench/measured.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace headgate::soak {

namespace {

constexpr double kilobitsPerSecond = 300;
constexpr std::uint64_t retryAfterNs = 2'000'000'000;
constexpr std::uint64_t publisherBit = 1ull << 32;

bool isAway(const bench::LoadClient& client)
{
    return client.state() == bench::LoadClient::State::Idle || client.state() == bench::LoadClient::State::Failed;
}

}  // namespace

Crowd::Crowd(Router router, std::size_t shows, std::size_t watchers)
    : m_router(std::move(router)),
      m_epoll(::epoll_create1(0)),
      m_messages(bench::testStream(kilobitsPerSecond)),
      m_shows(shows),
      m_watchers(watchers)
{
    for (std::size_t i = 0; i < shows; ++i)
        m_shows[i].name = "live/soak-" + std::to_string(i);
    for (std::size_t i = 0; i < watchers; ++i) {
        m_watchers[i].show = i % shows;
        m_watchers[i].isHttp = i / shows % 2 == 1;
    }
}

Crowd::~Crowd()
{
    ::close(m_epoll);
}

void Crowd::setWanted(std::size_t show, bool isWanted)
{
    m_shows[show].isWanted = isWanted;
}

void Crowd::leave()
{
    m_isLeaving = true;
    for (Show& show : m_shows)
        show = Show{show.name, {}, false, 0, 0};
    for (Watcher& watcher : m_watchers)
        watcher.client = bench::LoadClient();
}

void Crowd::handleEvents(int waitMs)
{
    static std::array<epoll_event, 256> events;
    const int count = ::epoll_wait(m_epoll, events.data(), static_cast<int>(events.size()), waitMs);
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        const std::uint64_t tag = event.data.u64;
        const bool isPublisher = (tag & publisherBit) != 0;
        bench::LoadClient& client = isPublisher ? m_shows[tag & ~publisherBit].publisher : m_watchers[tag].client;
        const std::uint64_t before = client.bytes();
        client.handleEvent(event.events, m_epoll, tag, [](const bench::SeenMessage&) {});
        m_bytes += isPublisher ? 0 : client.bytes() - before;
    }
}

void Crowd::turn(int waitMs)
{
    // One request for an address in a turn, so that what streams is not kept waiting.
    handleEvents(waitMs);
    const std::uint64_t now = bench::nowNs();
    for (std::size_t i = 0; i < m_shows.size(); ++i)
        publishDue(i, now);
    for (std::size_t tried = 0; tried < m_watchers.size() && !m_isLeaving; ++tried) {
        const std::size_t index = m_nextWatcher++ % m_watchers.size();
        if (!isAway(m_watchers[index].client) || m_watchers[index].retryNs > now)
            continue;
        joinDue(index, now);
        break;
    }
}

void Crowd::publishDue(std::size_t index, std::uint64_t now)
{
    using State = bench::LoadClient::State;
    Show& show = m_shows[index];
    if (!show.isWanted || isAway(show.publisher)) {
        const std::uint64_t lastTry = show.publisher.startedNs();
        const bool isOver = !show.isWanted && !isAway(show.publisher);
        if (isOver)
            show.publisher = bench::LoadClient();
        show.firstNs = 0;
        if (!show.isWanted || now - lastTry < retryAfterNs)
            return;
        show.publisher = bench::LoadClient();
        show.sent = 0;
        const std::string address = m_router.publish(show.name);
        const auto url =
            bench::parseStreamUrl("rtmp://" + (address.empty() ? "127.0.0.1:1" : address) + "/" + show.name);
        show.publisher.start(*url, bench::LoadClient::Role::Publish, m_epoll, publisherBit | index);
        return;
    }
    if (show.publisher.state() != State::Streaming)
        return;
    if (show.firstNs == 0)
        show.firstNs = now;
    while (show.publisher.state() == State::Streaming) {
        const bench::StreamMessage& shape = m_messages[show.sent % m_messages.size()];
        const std::uint64_t dueNs = show.firstNs + show.sent / m_messages.size() * bench::streamPeriodNs + shape.dueNs;
        if (dueNs > now)
            return;
        send(show, shape, dueNs);
    }
}

void Crowd::send(Show& show, const bench::StreamMessage& shape, std::uint64_t dueNs)
{
    rtmp::Message message;
    message.type = shape.isVideo ? rtmp::MessageType::Video : rtmp::MessageType::Audio;
    message.streamId = 1;
    message.timestampMs = static_cast<std::uint32_t>((dueNs - show.firstNs) / 1'000'000);
    appendU8(message.payload, shape.isVideo ? (shape.isKeyFrame ? 0x17 : 0x27) : 0xAF);
    appendU32(message.payload, 0x01000000);
    message.payload.resize(std::max(shape.size, message.payload.size()));
    show.publisher.send(message, shape.isVideo ? rtmp::videoChunkStream : rtmp::audioChunkStream);
    ++show.sent;
}

void Crowd::joinDue(std::size_t index, std::uint64_t now)
{
    Watcher& watcher = m_watchers[index];
    watcher.retryNs = now + retryAfterNs;
    const std::string& show = m_shows[watcher.show].name;
    const std::string address = m_router.subscribe(show);
    if (address.empty())
        return;
    const std::string text =
        watcher.isHttp ? "http://" + address + ":5080/" + show + ".flv" : "rtmp://" + address + "/" + show;
    const auto url = bench::parseStreamUrl(text);
    if (!url)
        return;
    watcher.client = bench::LoadClient();
    watcher.client.start(*url, bench::LoadClient::Role::View, m_epoll, index);
    ++watcher.starts;
    ++m_joins;
}

int Crowd::newlyStarved(std::uint64_t sinceNs, std::uint64_t mostNs)
{
    const std::uint64_t now = bench::nowNs();
    int count = 0;
    for (Watcher& watcher : m_watchers) {
        const Show& show = m_shows[watcher.show];
        const std::uint64_t expectedNs = std::max({sinceNs, show.firstNs, watcher.client.lastByteNs()});
        const bool isStarved = show.firstNs != 0 && now > expectedNs + mostNs;
        if (isStarved && watcher.starvedNs == 0)
            ++count;
        watcher.starvedNs = isStarved ? now : 0;
    }
    return count;
}

std::size_t Crowd::streamingCount() const
{
    return static_cast<std::size_t>(std::ranges::count_if(m_watchers, [](const Watcher& watcher) {
        return watcher.client.state() == bench::LoadClient::State::Streaming;
    }));
}

}  // namespace headgate::soak
