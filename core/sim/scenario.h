#pragma once

#include "core/base/result.h"
#include "core/domain/plan_document.h"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What is simulated (docs/scenarios.md): a plan, what providers are like, who watches, what goes wrong, and how well it
// has to end. Times are whole seconds after the start unless they say otherwise.
namespace headgate::sim {

struct CurvePoint
{
    int atS = 0;
    int viewers = 0;
};

// Viewers of one stream. How many want to watch follows a curve: straight lines between its points, the last value
// after them. A file may describe many streams at once, among which the viewers of the curve are divided.
struct Traffic
{
    std::string stream = "live/show";
    int shareMicros = 1'000'000;  // of the curve, in millionths
    int liveS = 0;                // mean time that its publisher stays (exponential); 0: as long as it can
    int pauseS = 0;               // and is away then
    std::string region;           // where they are; empty: nowhere in particular
    std::vector<CurvePoint> viewers;
    int repeatS = 0;           // the curve begins anew; 0: never
    int sessionS = 0;          // mean time that somebody watches (exponential), newcomers Poisson; 0: exactly the curve
    bool isTokenless = false;  // they show no token
    int noShowPercent = 0;     // of those who are given a place, so many do not come and ask again
};

// One point of the distribution of boot times; straight lines in between.
struct BootQuantile
{
    int percent = 0;
    int seconds = 0;
};

struct ProviderShape
{
    std::string platform;  // NodeGroup::cloudPlatform; LOCAL has short boots known beforehand, others long ones
    std::vector<BootQuantile> boot;
    int failPercent = 0;  // of launches, after a second
    int hangPercent = 0;  // of launches: the node runs and never says a word
};

enum class FaultKind
{
    Kill,            // processes end, and the provider tells
    Lose,            // nodes serve nobody and are not heard any more; nobody tells
    Freeze,          // as Lose, for a time; some publishers do not notice
    Mute,            // nodes serve, but are not heard
    Deaf,            // they are heard, but do not hear; they connect anew when it is over
    Slow,            // only each third heartbeat comes
    Garble,          // heartbeats are lost, come late, twice and out of order
    Zombie,          // the provider says that they are gone, and they serve on; they are heard again when it is over
    ProviderFails,   // launches fail
    ProviderHangs,   // launches succeed, and the nodes never say a word; orders to end nodes are lost
    ProviderTwins,   // for one launch two machines boot, and the answer comes twice
    ProviderLimit,   // no more than 3 launches in 10 s
    ClockStep,       // the clock of the control plane is set forward by so long; back, if `percent` is below 50
    RestartEngine,   // the control plane is away
    ProviderLemons,  // machines end half a minute after they have booted
    ProviderLate,    // its answers take up to a minute, and overtake each other
    StoreFails,      // nothing can be saved
    StoreSlow,       // each commit takes up to 30 s; who is away meanwhile does not know whether it was done
    PauseEngine,     // the control plane stands still, and then hears at once all that was said
    ClockDrift,      // its clock runs a hundredth too fast
    NewZones,        // from an hour later on, the clocks of all zones are an hour ahead
    Operators,       // somebody drains nodes and takes them back
    Hang             // nodes are heard and hear, but serve nobody, and say so
};

constexpr std::array<std::string_view, 23> wordsOf(FaultKind)
{
    return {"kill",           "lose",           "freeze",     "mute",           "deaf",
            "slow",           "garble",         "zombie",     "provider-fails", "provider-hangs",
            "provider-twins", "provider-limit", "clock-step", "restart-engine", "provider-lemons",
            "provider-late",  "store-fails",    "store-slow", "pause-engine",   "clock-drift",
            "new-zones",      "operators",      "hang"};
}

struct Fault
{
    FaultKind kind = FaultKind::Kill;
    int atS = 0;
    int forS = 0;        // of kinds that end
    std::string role;    // which nodes; empty: of all roles
    std::string region;  // which nodes or launches; empty: everywhere
    int percent = 100;   // of those nodes or launches, at least one
};

// Viewers are counted instead of seated one by one: those who come during a tick ask together, and the engine is told
// and asked once a tick. A tick lasts long while all is calm, else short: while somebody waits, a fault goes on, or a
// node comes or goes.
struct Cohorts
{
    int leastS = 1;
    int mostS = 10;
};

struct Scenario
{
    std::string name;  // "S6"
    std::string title;
    TimePoint start;
    int durationS = 0;
    int warmUpS = 900;  // before the start: nodes boot, and the first viewers come. It does not count.
    PlanDocument plan;  // exactly one node group
    std::vector<ProviderShape> providers;
    int viewersPerNode = 2000;       // that a node carries
    std::optional<Cohorts> cohorts;  // none: every viewer and every second is simulated
    std::vector<Traffic> traffic;
    std::vector<Fault> faults;
    std::map<std::string, double> atMost;  // metric -> the most that it may be

    const NodeGroup& group() const { return plan.nodeGroups.front(); }
    const ProviderShape& provider() const;  // of the group's platform
};

// InvalidArgument names the field: "/traffic/0/viewers".
Result<Scenario> scenarioFromJson(std::string_view text);

// The first rule that it breaks, with the field; none if there is none.
std::optional<Error> check(const Scenario& scenario);

// What scenarioFromJson() reads.
std::string scenarioToJson(const Scenario& scenario);

// What 95 of 100 boots keep to.
Duration usualLead(const ProviderShape& provider);

}  // namespace headgate::sim
