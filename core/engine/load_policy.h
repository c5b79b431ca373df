#pragma once

#include "core/engine/growth_meter.h"
#include "core/engine/scale_policy.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace headgate {

// What is asked of a pool in one respect, and what one of its nodes carries of that.
struct OfferedLoad
{
    std::string unit;            // "viewers"
    std::int64_t offered = 0;    // there, promised and waiting
    std::int64_t perNode = 1;    // above 0
    std::int64_t perViewer = 1;  // what one more viewer adds
    std::int64_t shifted = 0;    // comes beside it if the subgroup that has most to do is lost
};

struct LoadSight : PoolCounts
{
    std::vector<OfferedLoad> loads;  // viewers first
    // What the viewers are made of, and for their growth:
    std::int64_t there = 0;
    std::int64_t promised = 0;
    std::int64_t waiting = 0;
    std::int64_t joined = 0;  // sent here since the last look
};

// How many nodes the offered load wants beyond the plan. The wish is the most of
//   react    offered / (perNode * target); as many as there are, if that is within a tenth of it
//   growth   what is offered when a node that is wished for now can help, if it goes on growing as it does, / 85 %; at
//            most four times as much and one node more; a rise to where it was some minutes ago is none
//   buffer   (offered and bufferPercent of it, or what another subgroup leaves) / 85 %
//   spare    offered / 85 % and one node, in pools of two or more: so that one may be lost
// Out: at once, all that is missing. In: to the highest wish of the last 300 s, or two lead times, in which growth
// counts for a minute, a tenth of the nodes (at least one) each minute, those on their way at once; never while it
// grows, a node in service is unheard or fewer than are to stay are in service, never a node with publishers.
class LoadPolicy
{
public:
    static constexpr Duration memory{300'000};
    static constexpr Duration paceOfLeaving{60'000};

    // Nodes that are there when it begins are taken for wanted.
    LoadPolicy(const LoadScaling& scaling, const LoadSight& sight, TimePoint now);

    bool isOf(const ScaleRule& rule) const { return rule.load == m_scaling; }

    // The plan's bounds changed.
    void follow(const PoolCounts& counts);

    // The figures are new; time is that of the last call or later.
    std::optional<ScaleStep> decide(const LoadSight& sight, TimePoint now);

    // As those of ScalePolicy.
    int demand() const { return m_demand; }
    int lastFloor() const { return m_floor; }
    int lastCeiling() const { return m_ceiling; }
    const std::string& shown() const { return m_shown; }
    const std::string& obstacle() const { return m_obstacle; }

private:
    struct Wish
    {
        TimePoint at;
        int nodes = 0;
        int lasting = 0;  // without growth
        std::int64_t viewers = 0;
    };
    // Of one respect.
    struct Terms
    {
        std::int64_t expected = 0;
        std::int64_t buffered = 0;
        int react = 0;
        int growth = 0;
        int buffer = 0;
        int spare = 0;
        int nodes() const;
        int lasting() const;
        std::vector<DecisionFact> rejected() const;
    };

    int size() const;
    std::int64_t moreViewers(const OfferedLoad& viewers, Duration horizon, TimePoint now) const;
    Terms termsOf(const OfferedLoad& load, std::int64_t moreViewers) const;
    bool isHeld(const OfferedLoad& load, int react) const;
    int highestWish(TimePoint now) const;
    int peakPercent() const;
    std::string textOf(const OfferedLoad& load, const Terms& terms, const LoadSight& sight, Duration horizon) const;
    std::optional<ScaleStep> stepOut(int wished, const std::string& text);
    std::optional<ScaleStep> stepIn(const LoadSight& sight, Duration reach, const std::string& text, TimePoint now);
    std::string obstacleToLeaving(const LoadSight& sight, int leaving) const;

    LoadScaling m_scaling;
    GrowthMeter m_growth;
    std::deque<Wish> m_wishes;  // of the memory, oldest first
    TimePoint m_begunAt;
    std::optional<TimePoint> m_lastLeft;
    int m_demand = 0;
    int m_floor = 0;
    int m_ceiling = 0;
    bool m_isClamped = false;
    std::string m_shown;
    std::string m_obstacle;
};

}  // namespace headgate
