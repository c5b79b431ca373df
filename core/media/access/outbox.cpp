#include "core/media/access/outbox.h"

#include <algorithm>
#include <chrono>

namespace headgate {

namespace {

constexpr Duration firstPause{500};
constexpr Duration hurriedPause{100};
constexpr int mostDoublings = 6;

bool isTaken(const Result<HttpReply>& reply)
{
    return reply && reply->status >= 200 && reply->status < 300;
}

}  // namespace

Outbox::Outbox(EventLoop& loop, HttpCaller& caller, const Log& log)
    : m_loop(loop),
      m_caller(caller),
      m_log(log),
      m_random(static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count())),
      m_timer(loop)
{}

void Outbox::put(const std::string& lane, Write write)
{
    if (m_figures.waiting >= mostLetters) {
        ++m_figures.dropped;
        m_log.refusal("webhooks", "this node:0", "more than 10000 calls wait; what comes now is dropped");
        return;
    }
    ++m_figures.waiting;
    Lane& waiting = m_lanes[lane];
    waiting.letters.push_back({std::move(write), m_loop.now()});
    if (waiting.letters.size() == 1)
        schedule(lane, Duration(0));
}

void Outbox::hurry()
{
    m_isHurried = true;
    std::set<std::pair<MonotonicTime, std::string>> now;
    for (const auto& [at, lane] : m_schedule)
        now.emplace(m_loop.now(), lane);
    m_schedule = std::move(now);
    send();
}

void Outbox::schedule(const std::string& lane, Duration pause)
{
    m_schedule.emplace(m_loop.now() + pause, lane);
    send();
}

void Outbox::send()
{
    while (m_underWay < mostUnderWay && !m_schedule.empty() && m_schedule.begin()->first <= m_loop.now()) {
        const std::string lane = m_schedule.extract(m_schedule.begin()).value().second;
        if (sendFirst(lane))
            ++m_underWay;
    }
    if (m_underWay < mostUnderWay && !m_schedule.empty())
        m_timer.start(std::chrono::ceil<Duration>(m_schedule.begin()->first - m_loop.now()), [this] { send(); });
}

// False if nothing of the lane is wanted any more.
bool Outbox::sendFirst(const std::string& name)
{
    Lane& lane = m_lanes.at(name);
    while (!lane.letters.empty()) {
        if (auto call = lane.letters.front().write()) {
            m_caller.post(std::move(*call), [this, name](const Result<HttpReply>& reply) { answered(name, reply); });
            return true;
        }
        takeFirst(lane);
    }
    m_lanes.erase(name);
    return false;
}

void Outbox::takeFirst(Lane& lane)
{
    lane.letters.pop_front();
    lane.failures = 0;
    --m_figures.waiting;
}

void Outbox::answered(const std::string& name, const Result<HttpReply>& reply)
{
    --m_underWay;
    Lane& lane = m_lanes.at(name);
    Duration pause{0};
    if (isTaken(reply)) {
        ++m_figures.delivered;
        takeFirst(lane);
    } else {
        ++m_figures.failures;
        m_log.refusal("webhooks", "this node:0",
                      reply ? "answered with " + std::to_string(reply->status) : reply.error().message);
        const auto grown = std::min(firstPause * (1 << std::min(lane.failures++, mostDoublings)), longestPause);
        const auto longest = m_isHurried ? hurriedPause : grown;
        pause = longest / 2 +
                Duration(static_cast<Duration::rep>(m_random.below(static_cast<std::uint64_t>(longest.count()) / 2)));
        while (!lane.letters.empty() && m_loop.now() - lane.letters.front().putAt > longestWait) {
            ++m_figures.dropped;
            takeFirst(lane);
        }
    }
    if (!lane.letters.empty())
        return schedule(name, pause);
    m_lanes.erase(name);
    send();
}

}  // namespace headgate
