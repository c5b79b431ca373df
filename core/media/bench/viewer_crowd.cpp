#include "core/media/bench/viewer_crowd.h"

#include "core/media/bench/measured.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <utility>

namespace headgate::bench {

namespace {

constexpr std::uint64_t publisherTag = UINT64_MAX;
constexpr std::uint64_t stallNs = 1'000'000'000;
constexpr std::uint64_t joinsPerSecond = 1000;
constexpr std::uint64_t patienceNs = 5'000'000'000;

}  // namespace

ViewerCrowd::ViewerCrowd(StreamUrl url, int kilobitsPerSecond)
    : m_url(std::move(url)),
      m_epoll(::epoll_create1(EPOLL_CLOEXEC)),
      m_period(testStream(kilobitsPerSecond)),
      m_publisher(m_period)
{}

bool ViewerCrowd::startPublishing(const GoOn& goOn)
{
    if (m_publisher.client().state() != LoadClient::State::Idle)
        return true;
    m_publisher.client().start(m_url, LoadClient::Role::Publish, m_epoll.fd(), publisherTag);
    const std::uint64_t end = nowNs() + patienceNs;
    while (m_publisher.sent() == 0 && nowNs() < end) {
        if (!goOn())
            return false;
        turn();
    }
    return true;
}

bool ViewerCrowd::setSize(std::size_t viewers, const GoOn& goOn)
{
    m_measuredSince = 0;
    if (!startPublishing(goOn))
        return false;
    if (viewers < m_viewers.size())
        m_viewers.resize(viewers);
    const std::size_t before = m_viewers.size();
    const std::uint64_t begin = nowNs();
    while (m_viewers.size() < viewers) {
        if (!goOn())
            return false;
        const std::size_t due = before + (nowNs() - begin) * joinsPerSecond / 1'000'000'000;
        while (m_viewers.size() < std::min(due, viewers)) {
            m_viewers.push_back(std::make_unique<Viewer>());
            m_viewers.back()->client.start(m_url, LoadClient::Role::View, m_epoll.fd(), m_viewers.size() - 1);
        }
        turn();
    }
    return true;
}

bool ViewerCrowd::runFor(std::uint64_t nanoseconds, const GoOn& goOn)
{
    constexpr std::uint64_t askEvery = 100'000'000;
    const std::uint64_t end = nowNs() + nanoseconds;
    for (std::uint64_t ask = 0; nowNs() < end;) {
        if (nowNs() >= ask) {
            if (!goOn())
                return false;
            ask = nowNs() + askEvery;
        }
        turn();
    }
    return true;
}

void ViewerCrowd::turn()
{
    std::array<epoll_event, 512> events;
    const int count = ::epoll_wait(m_epoll.fd(), events.data(), static_cast<int>(events.size()), 2);
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        const std::uint64_t tag = event.data.u64;
        if (tag != publisherTag && tag >= m_viewers.size())
            continue;
        LoadClient& client = tag == publisherTag ? m_publisher.client() : m_viewers[tag]->client;
        const std::uint64_t heardBefore = client.lastByteNs();
        client.handleEvent(event.events, m_epoll.fd(), tag, [](const SeenMessage&) {});
        if (tag != publisherTag && client.lastByteNs() != heardBefore)
            noteGap(heardBefore, client.lastByteNs());
        // The publisher must not wait for all the viewers.
        if (i % 64 == 63)
            m_publisher.sendDue(nowNs());
    }
    m_publisher.sendDue(nowNs());
}

void ViewerCrowd::noteGap(std::uint64_t since, std::uint64_t now)
{
    if (m_measuredSince != 0 && now - std::max(since, m_measuredSince) >= stallNs)
        ++m_stalls;
}

void ViewerCrowd::beginMeasuring()
{
    m_measuredSince = nowNs();
    m_stalls = 0;
    for (const auto& viewer : m_viewers)
        viewer->bytesBefore = viewer->client.bytes();
}

CrowdFigures ViewerCrowd::figures()
{
    const std::uint64_t now = nowNs();
    CrowdFigures figures;
    for (const auto& viewer : m_viewers) {
        const LoadClient& client = viewer->client;
        noteGap(client.lastByteNs(), now);
        const std::uint64_t bytes = client.bytes() - viewer->bytesBefore;
        figures.bytes += bytes;
        figures.missing += client.state() == LoadClient::State::Streaming && bytes > 0 ? 0 : 1;
    }
    figures.stalls = m_stalls;
    return figures;
}

std::string ViewerCrowd::failure() const
{
    if (m_publisher.client().state() == LoadClient::State::Failed)
        return "publisher: " + m_publisher.client().failure();
    for (const auto& viewer : m_viewers) {
        if (viewer->client.state() == LoadClient::State::Failed)
            return "viewer: " + viewer->client.failure();
    }
    return {};
}

}  // namespace headgate::bench
