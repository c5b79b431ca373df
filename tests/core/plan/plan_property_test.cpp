#include "core/base/random.h"
#include "tests/support/plans.h"

#include <QtTest/QTest>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

using namespace headgate;
using namespace headgate::testing;

namespace {

// --- the meaning of a plan once more, as directly as it can be written: no index, no sorting, no sweep ---

int depthOf(const std::string& cellSubgroup, const std::string& named)
{
    if (named.empty())
        return 0;
    const bool isInEurope = cellSubgroup == "berlin" || cellSubgroup == "paris";
    if (named == "eu")
        return isInEurope ? 1 : -1;
    return named != cellSubgroup ? -1 : isInEurope ? 2 : 1;
}

// -1: not for the cell.
int rankOf(const PlanScope& scope, const PlanCell& cell, bool isExpectation)
{
    const int depth = depthOf(cell.subgroup, scope.subgroup);
    if (depth < 0 || (!scope.role.empty() && scope.role != cell.role))
        return -1;
    if (isExpectation && scope.role.empty() && cell.role != "edge")
        return -1;
    return depth * 2 + (scope.role.empty() ? 0 : 1);
}

// Viewers at second `t` of a window, rounded up to nodes.
int nodesFor(const ExpectedEffect& expected, Instant start, Instant end, Instant t)
{
    int nodes = 0;
    for (std::int64_t before = 0; before < expected.viewers; before += 2000) {
        const bool hasRisen = t >= start + seconds(expected.ramp.count() * before / expected.viewers);
        const bool isThere = t < end - seconds(expected.tail.count() * before / expected.viewers);
        nodes += hasRisen && isThere ? 1 : 0;
    }
    return nodes;
}

Instant earliest(const ZoneRules& rules, LocalTime time, DstPolicy dst)
{
    const LocalMapping mapping = rules.map(time);
    return mapping.kind == LocalMapping::Kind::Gap && dst == DstPolicy::Cover ? mapping.second : mapping.first;
}

Instant latest(const ZoneRules& rules, LocalTime time, DstPolicy dst)
{
    const LocalMapping mapping = rules.map(time);
    return mapping.kind == LocalMapping::Kind::Overlap && dst == DstPolicy::Cover ? mapping.second : mapping.first;
}

struct PlainWindow
{
    Instant start, end;
};

// All windows that begin in the days around the horizon; the rules below are weekly with all kinds of days.
std::vector<PlainWindow> windowsOf(const Schedule& schedule, Instant from, Instant to)
{
    std::vector<PlainWindow> windows;
    const auto& timing = std::get<CalendarTiming>(schedule.timing);
    const ZoneRules rules = zone(timing.zone);
    const LocalDay last = dayOf(rules.toLocal(to)) + std::chrono::days(1);
    for (LocalDay day = dayOf(rules.toLocal(from)) - std::chrono::days(4); day <= last; day += std::chrono::days(1)) {
        const LocalTime start = day + timeOfDay(timing.start);
        const bool isRuled = std::ranges::any_of(
            timing.rule->byDay, [&](const NthWeekday& each) { return std::chrono::weekday(day) == each.day; });
        if (day < dayOf(timing.start) || std::ranges::count(timing.removedStarts, start) > 0)
            continue;
        if (!isRuled && std::ranges::count(timing.extraStarts, start) == 0)
            continue;
        if (timing.dst == DstPolicy::Skip && rules.map(start).kind == LocalMapping::Kind::Gap)
            continue;
        const Instant begin = earliest(rules, start, timing.dst);
        const auto* exact = std::get_if<ExactEnd>(&timing.end);
        const WallEnd wall = exact ? WallEnd() : std::get<WallEnd>(timing.end);
        const Instant end = exact ? begin + exact->duration
                                  : latest(rules, day + std::chrono::days(wall.dayOffset) + wall.clock, timing.dst);
        windows.push_back({begin, end});
    }
    return windows;
}

// One cell of a plan. That scopes do not change in time is all that is made use of.
class PlainPlan
{
public:
    PlainPlan(const PlanDocument& document, const PlanCell& cell, Instant from, Instant to) : m_document(document)
    {
        for (const Schedule& schedule : document.schedules) {
            m_windows.push_back(windowsOf(schedule, from, to));
            m_scheduleRanks.push_back(
                rankOf(schedule.scope, cell, std::holds_alternative<ExpectedEffect>(schedule.effect)));
        }
        for (const Overlay& overlay : document.overlays) {
            const int rank = rankOf(overlay.scope, cell, std::holds_alternative<ExpectedEffect>(overlay.op));
            if (rank >= 0)
                m_overlays[overlay.priority].push_back({&overlay, rank});
        }
        for (const PlanLimit& limit : document.limits) {
            if (rankOf(limit.scope, cell, false) >= 0)
                m_limits.push_back(limit.nodes);
        }
    }

    NodeBounds at(Instant t) const
    {
        NodeBounds bounds = scheduled(t);
        for (const auto& [priority, overlays] : m_overlays)
            bounds = overlaid(bounds, overlays, t);
        for (const int limit : m_limits)
            bounds = capped(bounds, limit);
        return bounds;
    }

    std::set<Instant> breakpoints() const
    {
        std::set<Instant> all;
        for (const auto& windows : m_windows) {
            for (const PlainWindow& window : windows)
                all.insert({window.start, window.end});
        }
        for (const Overlay& overlay : m_document.overlays)
            all.insert({overlay.from, overlay.to});
        return all;
    }

private:
    struct RankedOverlay
    {
        const Overlay* overlay;
        int rank;
    };

    static constexpr NodeBounds ground{true, 1, 4};

    static NodeBounds capped(NodeBounds bounds, int nodes)
    {
        return {bounds.isActive, std::min(bounds.min, nodes), std::min(bounds.max, nodes)};
    }

    static NodeBounds bounded(std::optional<int> min, std::optional<int> max)
    {
        const int low = min ? *min : max ? std::min(ground.min, *max) : ground.min;
        return {true, low, max ? std::max(*max, low) : std::max(ground.max, low)};
    }

    NodeBounds scheduled(Instant t) const
    {
        int best = -1;
        for (std::size_t i = 0; i < m_document.schedules.size(); ++i)
            best = m_document.schedules[i].isEnabled ? std::max(best, m_scheduleRanks[i]) : best;
        if (best < 0)
            return ground;
        NodeBounds sum;
        for (std::size_t i = 0; i < m_document.schedules.size(); ++i) {
            const Schedule& schedule = m_document.schedules[i];
            if (!schedule.isEnabled || m_scheduleRanks[i] != best)
                continue;
            for (const PlainWindow& window : m_windows[i]) {
                if (t < window.start || t >= window.end)
                    continue;
                if (std::holds_alternative<InactiveEffect>(schedule.effect))
                    return {};
                NodeBounds more;
                if (const auto* active = std::get_if<ActiveEffect>(&schedule.effect))
                    more = bounded(active->min, active->max);
                else
                    more =
                        bounded(nodesFor(std::get<ExpectedEffect>(schedule.effect), window.start, window.end, t), {});
                sum = {true, std::max(sum.min, more.min), std::max(sum.max, more.max)};
            }
        }
        return sum;
    }

    // By overlays of one priority.
    static NodeBounds overlaid(NodeBounds bounds, const std::vector<RankedOverlay>& overlays, Instant t)
    {
        std::vector<const Overlay*> here;
        int best = -1;
        for (const auto& [overlay, rank] : overlays) {
            if (t < overlay->from || t >= overlay->to || rank < best)
                continue;
            if (rank > best)
                here.clear();
            best = rank;
            here.push_back(overlay);
        }
        if (here.empty())
            return bounds;
        std::optional<NodeBounds> replaced;
        int nodes = 0, percent = 0, floor = 0;
        std::optional<int> ceiling;
        bool isOff = false;
        for (const Overlay* overlay : here) {
            std::optional<NodeBounds> bound;
            if (const auto* replace = std::get_if<ReplaceBounds>(&overlay->op))
                bound = NodeBounds{true, replace->min, replace->max};
            if (const auto* activate = std::get_if<Activate>(&overlay->op))
                bound = bounded(activate->min, activate->max);
            if (bound && replaced)
                replaced = {true, std::max(replaced->min, bound->min), std::max(replaced->max, bound->max)};
            else if (bound)
                replaced = bound;
            if (const auto* shift = std::get_if<ShiftBounds>(&overlay->op)) {
                nodes += shift->nodes;
                percent += shift->percent;
            }
            if (const auto* raise = std::get_if<FloorBounds>(&overlay->op))
                floor = std::max(floor, raise->nodes);
            if (const auto* expected = std::get_if<ExpectedEffect>(&overlay->op))
                floor = std::max(floor, nodesFor(*expected, overlay->from, overlay->to, t));
            if (const auto* lower = std::get_if<CeilBounds>(&overlay->op))
                ceiling = std::min(ceiling.value_or(lower->nodes), lower->nodes);
            isOff = isOff || std::holds_alternative<Deactivate>(overlay->op);
        }
        bounds = replaced.value_or(bounds);
        if (bounds.isActive) {
            // ceil(value * percent / 100) by counting up
            const auto share = [&](int value) {
                int result = -value;
                while (result * 100 < value * std::max(percent, -100))
                    ++result;
                return result;
            };
            bounds.min = std::max(0, bounds.min + nodes + share(bounds.min));
            bounds.max = std::max(0, bounds.max + nodes + share(bounds.max));
        }
        if (floor > 0)
            bounds = {true, std::max(bounds.min, floor),
                      std::max({bounds.isActive ? bounds.max : ground.max, bounds.min, floor})};
        if (ceiling)
            bounds = capped(bounds, *ceiling);
        return isOff ? NodeBounds() : bounds;
    }

    const PlanDocument& m_document;
    std::vector<std::vector<PlainWindow>> m_windows;  // of the schedules, as the next one
    std::vector<int> m_scheduleRanks;
    std::map<int, std::vector<RankedOverlay>> m_overlays;  // by priority
    std::vector<int> m_limits;
};

// --- random documents ---

template <typename T>
const T& oneOf(Random& random, const std::vector<T>& values)
{
    return values[random.below(values.size())];
}

int number(Random& random, int least, int most)
{
    return least + static_cast<int>(random.below(static_cast<std::uint64_t>(most - least + 1)));
}

PlanScope randomScope(Random& random)
{
    return scope(oneOf<std::string>(random, {"", "", "eu", "berlin", "us"}),
                 oneOf<std::string>(random, {"", "", "edge", "origin"}));
}

ExpectedEffect randomExpectation(Random& random)
{
    return {number(random, 1, 15'000), seconds(number(random, 0, 1800)), seconds(number(random, 0, 1800))};
}

struct Place
{
    const char* zone;
    const char* around;
};

// Days with and without changes of the clocks.
const std::vector<Place> places = {
    {"America/New_York", "2026-03-07T12:00"},    {"America/New_York", "2026-10-31T12:00"},
    {"Australia/Lord_Howe", "2026-04-04T00:00"}, {"Pacific/Apia", "2011-12-29T12:00"},
    {"Asia/Kathmandu", "2026-06-01T00:00"},      {"Europe/Berlin", "2045-03-25T00:00"},
    {"Africa/Casablanca", "2026-02-14T12:00"},   {"UTC", "2028-02-28T00:00"}};

Schedule randomSchedule(Random& random, const Place& place, Instant from, const std::string& id)
{
    CalendarTiming timing;
    timing.zone = place.zone;
    const LocalDay day = dayOf(LocalTime(from.time_since_epoch())) - std::chrono::days(number(random, 0, 20));
    timing.start = day + std::chrono::minutes(number(random, 0, 1439));
    if (random.below(2) == 0)
        timing.end = ExactEnd{std::chrono::minutes(number(random, 30, 40 * 60))};
    else
        timing.end = WallEnd{std::chrono::minutes(number(random, 1, 24 * 60)), number(random, 1, 2)};
    std::string days;
    for (const char* each : {"MO", "TU", "WE", "TH", "FR", "SA", "SU"}) {
        if (random.below(2) == 0 || days.empty())
            days += (days.empty() ? "" : ",") + std::string(each);
    }
    timing.rule = recurrenceFromText("FREQ=WEEKLY;BYDAY=" + days).value();
    timing.dst = oneOf<DstPolicy>(random, {DstPolicy::Cover, DstPolicy::Rfc5545, DstPolicy::Skip});
    const LocalDay near = dayOf(LocalTime(from.time_since_epoch())) + std::chrono::days(number(random, -1, 2));
    if (random.below(4) == 0)
        timing.removedStarts.push_back(near + timeOfDay(timing.start));
    else if (random.below(4) == 0 && near >= day)
        timing.extraStarts.push_back(near + timeOfDay(timing.start));
    const int min = number(random, 0, 6);
    ScheduleEffect effect = ActiveEffect{min, min + number(random, 0, 5)};
    switch (random.below(6)) {
    case 0:
        effect = InactiveEffect{};
        break;
    case 1:
        effect = randomExpectation(random);
        break;
    case 2:
        effect = ActiveEffect{{}, number(random, 0, 9)};
        break;
    default:
        break;
    }
    return {id, id, randomScope(random), timing, effect, {}, {}, random.below(8) != 0};
}

Overlay randomOverlay(Random& random, Instant from, const std::string& id)
{
    Overlay made;
    made.id = id;
    made.scope = randomScope(random);
    made.from = from + seconds(number(random, -20'000, 172'800));
    made.to = made.from + std::chrono::minutes(number(random, 70, 2000));
    made.priority = number(random, 1, 4) * 50;
    const int min = number(random, 0, 8);
    const std::vector<OverlayOperator> operators = {ReplaceBounds{min, min + number(random, 0, 6)},
                                                    Activate{{}, number(random, 0, 9)},
                                                    ShiftBounds{min - 4, 0},
                                                    ShiftBounds{0, number(random, -100, 200)},
                                                    FloorBounds{min},
                                                    CeilBounds{min},
                                                    randomExpectation(random),
                                                    Deactivate{}};
    made.op = oneOf(random, operators);
    return made;
}

PlanDocument randomDocument(Random& random, const Place& place, Instant from)
{
    PlanDocument document;
    document.nodeGroups = {plannedGroup()};
    const int rules = number(random, 1, 20);
    for (int i = 0; i < rules; ++i) {
        if (random.below(2) == 0)
            document.schedules.push_back(randomSchedule(random, place, from, "s" + std::to_string(i)));
        else
            document.overlays.push_back(randomOverlay(random, from, "o" + std::to_string(i)));
    }
    if (random.below(4) == 0)
        document.limits.push_back({"limit", randomScope(random), number(random, 0, 10)});
    return document;
}

template <typename T>
void shuffle(Random& random, std::vector<T>& values)
{
    for (std::size_t i = values.size(); i > 1; --i)
        std::swap(values[i - 1], values[random.below(i)]);
}

int fromEnvironment(const char* name, int otherwise)
{
    bool isSet = false;
    const int wanted = qEnvironmentVariableIntValue(name, &isSet);
    return isSet ? wanted : otherwise;
}

// One of so many of the configurations that this run is for. The nightly runs share them.
std::vector<std::uint64_t> seeds(int oneOf, std::uint64_t kind)
{
#ifdef __SANITIZE_ADDRESS__
    constexpr int usual = 200;
#else
    constexpr int usual = 2000;
#endif
    const int first = fromEnvironment("HEADGATE_PLAN_FIRST", 0);
    const int count = fromEnvironment("HEADGATE_PLAN_CONFIGURATIONS", usual);
    std::vector<std::uint64_t> all;
    for (int i = first / oneOf; i < (first + count) / oneOf; ++i)
        all.push_back(kind * 1'000'000 + static_cast<std::uint64_t>(i));
    return all;
}

}  // namespace

class PlanPropertyTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // Every second within two minutes of a change, every minute elsewhere, over two days. One cell a configuration is
    // looked at so closely, in turn; the others are of the same code with other numbers.
    void theSweepIsTheMeaningAtEachInstant()
    {
        for (const std::uint64_t seed : seeds(1, 0)) {
            Random random(seed + 1);
            const Place& place = oneOf(random, places);
            const Instant from = utc(place.around), to = from + std::chrono::hours(48);
            const PlanDocument document = randomDocument(random, place, from);
            const CapacityPlan plan = compiled(document);
            const Preview preview = plan.preview(from, to);
            const auto cell = static_cast<std::size_t>(seed) % plan.cells().size();
            const PlainPlan plain(document, plan.cells()[cell], from, to);
            const auto changes = plain.breakpoints();
            Instant end = from;
            for (const Segment& segment : preview.segments) {
                if (segment.cell != static_cast<int>(cell))
                    continue;
                QCOMPARE(segment.start, end);
                end = segment.end;
                QVERIFY(end > segment.start && segment.bounds.min <= segment.bounds.max);
                for (Instant t = segment.start; t < end;) {
                    if (plain.at(t) != segment.bounds)
                        QFAIL(("configuration " + std::to_string(seed) + " at " + toText(t, {}) + ": sweep " +
                               text(segment.bounds) + ", meant " + text(plain.at(t)))
                                  .c_str());
                    const auto next = changes.lower_bound(t - seconds(120));
                    t += next != changes.end() && *next <= t + seconds(120) ? seconds(1) : seconds(60);
                }
            }
            QCOMPARE(end, to);
        }
    }

    void atAgreesWithTheSweepUntilItsNextChange()
    {
        for (const std::uint64_t seed : seeds(10, 1)) {
            Random random(seed);
            const Place& place = oneOf(random, places);
            const Instant from = utc(place.around), to = from + std::chrono::hours(48);
            const CapacityPlan plan = compiled(randomDocument(random, place, from));
            const Preview preview = plan.preview(from, to);
            for (int n = 0; n < 5; ++n) {
                const Instant now = from + seconds(number(random, 0, 170'000));
                const auto plans = plan.at(now);
                const auto next = plan.nextChangeAfter(now);
                for (const Segment& segment : preview.segments) {
                    if (segment.start <= now && now < segment.end)
                        QCOMPARE(plans[static_cast<std::size_t>(segment.cell)].bounds, segment.bounds);
                }
                const Instant end = std::min(next.value_or(to), to);
                for (Instant t = now; t < end; t += seconds(1 + (end - now).count() / 40))
                    QVERIFY(plan.at(t) == plans);
                QVERIFY(end <= now || plan.at(end - seconds(1)) == plans);
                QVERIFY(!next || *next > to || plan.at(*next) != plans);
            }
        }
    }

    void theOrderOfCreationDoesNotMatter()
    {
        for (const std::uint64_t seed : seeds(5, 2)) {
            Random random(seed);
            const Place& place = oneOf(random, places);
            const Instant from = utc(place.around), to = from + std::chrono::hours(48);
            PlanDocument document = randomDocument(random, place, from);
            const Preview before = compiled(document).preview(from, to);
            shuffle(random, document.schedules);
            shuffle(random, document.overlays);
            const Preview after = compiled(document).preview(from, to);
            QVERIFY(difference(before, after).empty());
        }
    }

    void aFloorNeverTakesNodesAway()
    {
        for (const std::uint64_t seed : seeds(10, 3)) {
            Random random(seed);
            const Place& place = oneOf(random, places);
            const Instant from = utc(place.around), to = from + std::chrono::hours(48);
            PlanDocument document = randomDocument(random, place, from);
            for (Overlay& overlay : document.overlays)
                overlay.scope = scope();
            const Preview before = compiled(document).preview(from, to);
            Overlay floor = randomOverlay(random, from, "floor");
            floor.scope = scope();
            floor.op = FloorBounds{number(random, 1, 12)};
            document.overlays.push_back(floor);
            // What a floor wakes gets the group's own max, which a ceiling between two floors would lower.
            const bool isNeverInactive =
                document.schedules.empty() && std::ranges::none_of(document.overlays, [](const Overlay& overlay) {
                    return std::holds_alternative<Deactivate>(overlay.op);
                });
            for (const PlanDifference& each : difference(before, compiled(document).preview(from, to))) {
                QVERIFY2(each.after.min >= each.before.min, std::to_string(seed).c_str());
                QVERIFY2(!isNeverInactive || each.after.max >= each.before.max, std::to_string(seed).c_str());
            }
        }
    }
};

QTEST_GUILESS_MAIN(PlanPropertyTest)
#include "plan_property_test.moc"
