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
    const std::int64_t share = traffic.shareMicros;
    std::int64_t t = (at - m_scenario.start).count() / 1000;
    if (t < 0) {
        const std::int64_t ramp = std::max(1, m_scenario.warmUpS / 2);
        return points.front().viewers * share * std::max<std::int64_t>(0, ramp + t) / ramp;
    }
    if (traffic.repeatS > 0)
        t %= traffic.repeatS;
    const auto after = std::ranges::find_if(points, [&](const CurvePoint& point) { return point.atS > t; });
    if (after == points.end())
        return points.back().viewers * share;
    const CurvePoint& before = *(after - 1);
    return before.viewers * share +
           (after->viewers - before.viewers) * share * (t - before.atS) / (after->atS - before.atS);
}

int Audience::leavesOf(std::size_t traffic, const Change& change)
{
    const Crowd& crowd = m_crowds[traffic];
    const int all = crowd.watching + crowd.waiting;
    const int sessionS = m_scenario.traffic[traffic].sessionS;
    if (sessionS == 0)
        return std::max(0, all - whole(change.after));
    const std::int64_t mean =
        all * million * change.passedS / sessionS + std::max<std::int64_t>(0, change.before - change.after);
    return static_cast<int>(std::min<std::int64_t>(all, poisson(m_random, mean)));
}

int Audience::joinsOf(std::size_t traffic, const Change& change)
{
    const Crowd& crowd = m_crowds[traffic];
    const int sessionS = m_scenario.traffic[traffic].sessionS;
    if (sessionS == 0)
        return std::max(0, whole(change.after) - crowd.watching - crowd.waiting);
    const std::int64_t mean =
        change.after * change.passedS / sessionS + std::max<std::int64_t>(0, change.after - change.before);
    return static_cast<int>(poisson(m_random, mean));
}

void Audience::tick(TimePoint now, int passedS, const Seat& seat)
{
    m_joins = 0;
    for (std::size_t i = 0; i < m_crowds.size(); ++i) {
        const Traffic& traffic = m_scenario.traffic[i];
        const Change change{passedS, wantedMicros(traffic, now - std::chrono::seconds(passedS)),
                            wantedMicros(traffic, now)};
        const int leaves = leavesOf(i, change);
        if (m_scenario.cohorts)
            leaveEvenly(i, leaves, now);
        else
            leave(i, leaves, now);
        const int joins = joinsOf(i, change);
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
    const Crowd& crowd = m_crowds[traffic];
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
        left -= takeAway(traffic, take, now);
    }
}

// From everywhere the same share, as even as whole viewers can be.
void Audience::leaveEvenly(std::size_t traffic, int viewers, TimePoint now)
{
    const Crowd& crowd = m_crowds[traffic];
    const std::int64_t all = crowd.watching + crowd.waiting;
    if (viewers == 0)
        return;
    auto owed = static_cast<std::int64_t>(m_random.below(static_cast<std::uint64_t>(all)));
    const auto take = [&](int there) {
        owed += std::int64_t(there) * viewers;
        const auto gone = static_cast<int>(owed / all);
        owed %= all;
        return gone;
    };
    takeAway(traffic, take, now);
}

// `take` says how many of those at one place go. How many went.
int Audience::takeAway(std::size_t traffic, const std::function<int(int there)>& take, TimePoint now)
{
    Crowd& crowd = m_crowds[traffic];
    const int before = crowd.watching + crowd.waiting;
    for (auto& [id, node] : m_fleet.nodes()) {
        const int there = node.viewersOf(traffic);
        const int gone = there > 0 ? take(there) : 0;
        if (gone > 0)
            node.addViewers(traffic, -gone);
        crowd.watching -= gone;
    }
    for (Party& party : crowd.parties) {
        const int gone = take(party.viewers);
        party.viewers -= gone;
        crowd.waiting -= gone;
        if (counts(now) && gone > 0)
            m_waits.add(secondsBetween(party.since, now), gone);
    }
    std::erase_if(crowd.parties, [](const Party& party) { return party.viewers == 0; });
    return before - crowd.watching - crowd.waiting;
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
    if (m_scenario.cohorts)
        joinParties(crowd.parties);
}

// Those who came nearly together and have no place in the line wait as one, or there would be thousands of parties
// where nobody is served.
void Audience::joinParties(std::deque<Party>& parties)
{
    constexpr Duration together{30'000};
    std::deque<Party> joined;
    for (Party& party : parties) {
        const bool isLike = !joined.empty() && joined.back().ticket.empty() && party.ticket.empty() &&
                            !joined.back().isNew && !party.isNew && party.since - joined.back().since < together;
        if (isLike)
            joined.back().viewers += party.viewers;
        else
            joined.push_back(std::move(party));
    }
    parties = std::move(joined);
}

// Once one of them gets no place, the others do not ask. A cohort asks in parts that make no node much fuller than
// another.
int Audience::seatParty(std::size_t traffic, Party& party, const Seat& seat, TimePoint now)
{
    constexpr int fewestParts = 8, partsOfNode = 32;
    const int most = std::min(party.viewers / fewestParts, m_scenario.viewersPerNode / partsOfNode);
    const int together = m_scenario.cohorts ? std::max(1, most) : 1;
    party.askAgainAt = drawRetry(now);
    int seated = 0;
    for (int left = party.viewers; left > 0;) {
        const SeatAnswer answer = seat(traffic, party, std::min(left, together));
        if (!answer) {
            if (answer.error().waiting) {
                party.ticket = answer.error().waiting->ticket;
                party.askAgainAt = now + answer.error().waiting->retryAfter;
            }
            break;
        }
        left -= answer->viewers;
        if (!answer->node)
            continue;
        answer->node->addViewers(traffic, answer->viewers);
        party.viewers -= answer->viewers;
        seated += answer->viewers;
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
        startAnew(i, viewers[i], now, now + std::chrono::seconds(2));
        m_displaced += counts(now) ? viewers[i] : 0;
    }
}

void Audience::takeMoved(const std::vector<int>& viewers, TimePoint now)
{
    for (std::size_t i = 0; i < viewers.size(); ++i) {
        if (viewers[i] == 0)
            continue;
        startAnew(i, viewers[i], now, now);
        m_moved += counts(now) ? viewers[i] : 0;
    }
}

void Audience::startAnew(std::size_t traffic, int viewers, TimePoint now, TimePoint askAt)
{
    Crowd& crowd = m_crowds[traffic];
    crowd.watching -= viewers;
    crowd.waiting += viewers;
    crowd.parties.push_back({now, askAt, viewers, false, {}});
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

// Those who wait although they got places do not count.
int Audience::waiting() const
{
    int sum = 0;
    for (std::size_t i = 0; i < m_crowds.size(); ++i)
        sum += m_scenario.traffic[i].noShowPercent == 0 ? m_crowds[i].waiting : 0;
    return sum;
}

}  // namespace headgate::sim
