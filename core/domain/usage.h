#pragma once

#include "core/base/time.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headgate {

// A day in UTC.
using UsageDay = std::chrono::sys_days;

// "2027-06-26" and back; none if it is no such day.
std::string dayText(UsageDay day);
std::optional<UsageDay> dayFromText(std::string_view text);

// What the nodes of one role of a deployment did on one day.
struct UsageRow
{
    UsageDay day;
    std::string deployment;  // "" for node groups that are in none
    std::string role;
    std::string instanceType;  // of the machines, as the cloud properties say; empty: they do not
    std::int64_t nodeSeconds = 0;
    std::int64_t bytesIn = 0;
    std::int64_t bytesOut = 0;        // to viewers and to other nodes
    std::int64_t bytesDelivered = 0;  // to viewers

    bool operator==(const UsageRow&) const = default;
};

// What is added to the stored usage in one go.
struct UsageIncrement
{
    std::vector<UsageRow> rows;
    TimePoint until;  // all before it is counted then

    bool operator==(const UsageIncrement&) const = default;
};

struct UsageQuery
{
    static constexpr int mostDays = 400;

    UsageDay from;
    UsageDay to;  // the last day
};

struct UsageReport
{
    std::vector<UsageRow> rows;  // by day, deployment, role
    TimePoint countedUntil;      // epoch 0: nothing was counted yet

    bool operator==(const UsageReport&) const = default;
};

}  // namespace headgate
