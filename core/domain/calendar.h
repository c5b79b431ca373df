#pragma once

#include <chrono>

// Time as the plan counts it: whole seconds, on two axes that only a zone (core/plan/zone_rules.h) leads from one to
// the other.
namespace headgate {

using Instant = std::chrono::sys_seconds;      // UTC
using LocalTime = std::chrono::local_seconds;  // what a clock on the wall shows, in a zone that stands elsewhere
using LocalDay = std::chrono::local_days;
using std::chrono::seconds;

// Plans begin and end with these years; zones and recurrences are good until then.
constexpr int firstPlannedYear = 1970;
constexpr int lastPlannedYear = 2199;
constexpr LocalDay endOfPlanning{std::chrono::local_days(std::chrono::year(lastPlannedYear + 1) / 1 / 1)};

constexpr LocalDay dayOf(LocalTime t)
{
    return std::chrono::floor<std::chrono::days>(t);
}

// Since midnight.
constexpr seconds timeOfDay(LocalTime t)
{
    return t - dayOf(t);
}

// What is done with wall-clock times that a change of the offset removes or repeats.
enum class DstPolicy
{
    Cover,    // a window starts as early and ends as late as its times allow
    Rfc5545,  // offset before a gap, first of two (RFC 5545 section 3.3.5)
    Skip      // a window whose start is removed is dropped; else as Rfc5545
};

}  // namespace headgate
