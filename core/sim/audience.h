#pragma once

#include "core/base/random.h"
#include "core/base/result.h"
#include "core/domain/waiting_place.h"
#include "core/sim/fleet.h"
#include "core/sim/scenario.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace headgate::sim {

// How long viewers waited for their first picture, in seconds.
class WaitTimes
{
public:
    void add(int seconds, std::int64_t viewers) { m_viewers[seconds] += viewers; }
    // What so many percent of them did not exceed; 0 without viewers.
    int quantile(int percent) const;

private:
    std::map<int, std::int64_t> m_viewers;  // by seconds
};

// Those who want to watch. Each asks for a node, watches, and leaves; who gets no place asks again when told to.
// Whoever is there and whoever waits are what the curves of the traffic say, so the demand does not depend on what is
// done about it.
class Audience
{
public:
    // So many viewers who came together and wait for a place each, with what they were told last.
    struct Party
    {
        TimePoint since;
        TimePoint askAgainAt;
        int viewers = 0;
        bool isNew = true;   // never asked
        std::string ticket;  // of the waiting room
    };
    // Seats up to `most` viewers of the party, at least one. The node, null if it does not take them after all; a
    // refusal if there is no place.
    struct Seated
    {
        SimNode* node = nullptr;
        int viewers = 1;
    };
    using SeatAnswer = tl::expected<Seated, RouteRefusal>;
    using Seat = std::function<SeatAnswer(std::size_t traffic, const Party& party, int most)>;

    Audience(const Scenario& scenario, Fleet& fleet, Random random);

    // So many seconds passed. Leaves, then joins, then those who ask again.
    void tick(TimePoint now, int passedS, const Seat& seat);
    // By traffic: who lost a node, and whom a node that drains sent away.
    void takeEvicted(const std::vector<int>& viewers, TimePoint now);
    void takeMoved(const std::vector<int>& viewers, TimePoint now);

    // Who waits is counted as having waited until now.
    void finish(TimePoint now);

    int demand() const;  // watching and waiting
    int waiting() const;
    int joins() const { return m_joins; }  // in the last tick
    // Since the start of the scenario, without its warm-up:
    std::int64_t refused() const { return m_refused; }  // got no place when they asked first
    std::int64_t displaced() const { return m_displaced; }
    std::int64_t moved() const { return m_moved; }
    const WaitTimes& waits() const { return m_waits; }

private:
    struct Crowd
    {
        int watching = 0;
        int waiting = 0;
        std::deque<Party> parties;  // in the order of their coming
    };

    std::int64_t wantedMicros(const Traffic& traffic, TimePoint at) const;
    bool counts(TimePoint now) const { return now >= m_scenario.start; }
    // What changed during a tick.
    struct Change
    {
        int passedS = 1;
        std::int64_t before = 0;  // wanted, millionths
        std::int64_t after = 0;
    };

    int leavesOf(std::size_t traffic, const Change& change);
    int joinsOf(std::size_t traffic, const Change& change);
    void leave(std::size_t traffic, int viewers, TimePoint now);
    void leaveEvenly(std::size_t traffic, int viewers, TimePoint now);
    int takeAway(std::size_t traffic, const std::function<int(int there)>& take, TimePoint now);
    void ask(std::size_t traffic, TimePoint now, const Seat& seat);
    int seatParty(std::size_t traffic, Party& party, const Seat& seat, TimePoint now);
    static void joinParties(std::deque<Party>& parties);
    TimePoint drawRetry(TimePoint now);
    void startAnew(std::size_t traffic, int viewers, TimePoint now, TimePoint askAt);

    const Scenario& m_scenario;
    Fleet& m_fleet;
    Random m_random;
    std::vector<Crowd> m_crowds;  // by traffic
    int m_joins = 0;
    std::int64_t m_refused = 0;
    std::int64_t m_displaced = 0;
    std::int64_t m_moved = 0;
    WaitTimes m_waits;
};

}  // namespace headgate::sim
