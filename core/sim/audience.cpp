#include "core/sim/audience.h"

#include "core/sim/chance.h"

#include <algorithm>

namespace headgate::sim {

namespace {

constexpr std::int64_t million = 1'000'000;

int whole(std::int64_t micros)
{
    return static_cast<int>((micros + million / 2) / million);
}

int secondsBetween(TimePoint from, TimePoint to)
{
    return static_cast<int>((to - from).count() / 1000);
}

}  // namespace

int WaitTimes::quantile(int percent) const
{
    std::int64_t all = 0;
    for (const auto& [seconds, viewers] : m_viewers)
        all += viewers;
    std::int64_t sum = 0;
    for (const auto& [seconds, viewers] : m_viewers) {
        sum += viewers;
        if (sum * 100 >= all * percent)
            return seconds;
    }
    return 0;
}

Audience::Audience(const Scenario& scenario, Fleet& fleet, Random random)
    : m_scenario(scenario), m_fleet(fleet), m_random(random), m_crowds(scenario.traffic.size())
{}

// Before the start they come evenly in the second half of the warm-up.
std::int64_t Audience::wantedMicros(const Traffic& traffic, TimePoint at) const
{
    const auto& points = traffic.viewers;
    std::int64_t t = (at - m_scenario.start).count() / 1000;
    if (t < 0) {
        const std::int64_t ramp = std::max(1, m_scenario.warmUpS / 2);
        return points.front().viewers * million * std::max<std::int64_t>(0, ramp + t) / ramp;
    }
    if (traffic.repeatS > 0)
        t %= traffic.repeatS;
    const auto after = std::ranges::find_if(points, [&](const CurvePoint& point) { return point.atS > t; });
    if (after == points.end())
        return points.back().viewers * million;
    const CurvePoint& before = *(after - 1);
    return before.viewers * million +
           (after->viewers - before.viewers) * million * (t - before.atS) / (after->atS - before.atS);
}

int Audience::leavesOf(std::size_t traffic, std::int64_t before, std::int64_t after)
{
    const Crowd& crowd = m_crowds[traffic];
    const int all = crowd.watching + crowd.waiting;
    const int sessionS = m_scenario.traffic[traffic].sessionS;
    if (sessionS == 0)
        return std::max(0, all - whole(after));
    const std::int64_t mean = all * million / sessionS + std::max<std::int64_t>(0, before - after);
    return static_cast<int>(std::min<std::int64_t>(all, poisson(m_random, mean)));
}

int Audience::joinsOf(std::size_t traffic, std::int64_t before, std::int64_t after)
{
    const Crowd& crowd = m_crowds[traffic];
    const int sessionS = m_scenario.traffic[traffic].sessionS;
    if (sessionS == 0)
        return std::max(0, whole(after) - crowd.watching - crowd.waiting);
    return static_cast<int>(poisson(m_random, after / sessionS + std::max<std::int64_t>(0, after - before)));
}

void Audience::tick(TimePoint now, const Seat& seat)
{
    m_joins = 0;
    for (std::size_t i = 0; i < m_crowds.size(); ++i) {
        const Traffic& traffic = m_scenario.traffic[i];
        const std::int64_t before = wantedMicros(traffic, now - std::chrono::seconds(1));
        const std::int64_t after = wantedMicros(traffic, now);
        leave(i, leavesOf(i, before, after), now);
        const int joins = joinsOf(i, before, after);
        if (joins > 0) {
            m_crowds[i].parties.push_back({now, now, joins, true, {}});
            m_crowds[i].waiting += joins;
            m_joins += joins;
        }
        ask(i, now, seat);
    }
}

// Everybody is as likely to go as anybody else: draws among all of them, sorted, so that one walk finds them.
void Audience::leave(std::size_t traffic, int viewers, TimePoint now)
{
    Crowd& crowd = m_crowds[traffic];
    int left = viewers;
    while (left > 0) {
        const int all = crowd.watching + crowd.waiting;
        std::vector<int> draws;
        for (int i = 0; i < left; ++i)
            draws.push_back(static_cast<int>(m_random.below(static_cast<std::uint64_t>(all))));
        std::ranges::sort(draws);
        auto draw = draws.begin();
        int offset = 0;
        const auto take = [&](int there) {
            offset += there;
            int hits = 0;
            for (; draw != draws.end() && *draw < offset; ++draw)
                ++hits;
            return std::min(hits, there);
        };
        for (auto& [id, node] : m_fleet.nodes()) {
            const int gone = take(node.viewersOf(traffic));
            node.addViewers(traffic, -gone);
            crowd.watching -= gone;
            left -= gone;
        }
        for (Party& party : crowd.parties) {
            const int gone = take(party.viewers);
            party.viewers -= gone;
            crowd.waiting -= gone;
            left -= gone;
            if (counts(now) && gone > 0)
                m_waits.add(secondsBetween(party.since, now), gone);
        }
        std::erase_if(crowd.parties, [](const Party& party) { return party.viewers == 0; });
    }
}

void Audience::ask(std::size_t traffic, TimePoint now, const Seat& seat)
{
    Crowd& crowd = m_crowds[traffic];
    for (Party& party : crowd.parties) {
        if (party.askAgainAt > now)
            continue;
        const int seated = seatParty(traffic, party, seat, now);
        crowd.waiting -= seated;
        crowd.watching += seated;
        if (counts(now)) {
            m_waits.add(secondsBetween(party.since, now), seated);
            m_refused += party.isNew ? party.viewers : 0;
        }
        party.isNew = false;
    }
    std::erase_if(crowd.parties, [](const Party& party) { return party.viewers == 0; });
}

// Once one of them gets no place, the others do not ask.
int Audience::seatParty(std::size_t traffic, Party& party, const Seat& seat, TimePoint now)
{
    party.askAgainAt = drawRetry(now);
    int seated = 0;
    for (int left = party.viewers; left > 0; --left) {
        const SeatAnswer node = seat(traffic, party);
        if (!node) {
            if (node.error().waiting) {
                party.ticket = node.error().waiting->ticket;
                party.askAgainAt = now + node.error().waiting->retryAfter;
            }
            break;
        }
        if (!*node)
            continue;
        (*node)->addViewers(traffic, 1);
        --party.viewers;
        ++seated;
    }
    return seated;
}

TimePoint Audience::drawRetry(TimePoint now)
{
    return now + std::chrono::seconds(2 + static_cast<int>(m_random.below(5)));
}

void Audience::takeEvicted(const std::vector<int>& viewers, TimePoint now)
{
    for (std::size_t i = 0; i < viewers.size(); ++i) {
        if (viewers[i] == 0)
            continue;
        Crowd& crowd = m_crowds[i];
        crowd.watching -= viewers[i];
        crowd.waiting += viewers[i];
        crowd.parties.push_back({now, now + std::chrono::seconds(2), viewers[i], false, {}});
        m_displaced += counts(now) ? viewers[i] : 0;
    }
}

void Audience::finish(TimePoint now)
{
    for (const Crowd& crowd : m_crowds) {
        for (const Party& party : crowd.parties)
            m_waits.add(secondsBetween(party.since, now), party.viewers);
    }
}

int Audience::demand() const
{
    int sum = 0;
    for (const Crowd& crowd : m_crowds)
        sum += crowd.watching + crowd.waiting;
    return sum;
}

int Audience::waiting() const
{
    int sum = 0;
    for (const Crowd& crowd : m_crowds)
        sum += crowd.waiting;
    return sum;
}

}  // namespace headgate::sim
