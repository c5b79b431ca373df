#pragma once

#include "core/domain/snapshot.h"
#include "core/domain/usage.h"
#include "core/wire/account_document.h"

#include <chrono>
#include <vector>

// Users, tokens and usage as a cluster has them that is in use for some weeks.
namespace headgate::test {

// The days of the snapshot's month up to its own; nothing of a cluster without nodes.
inline UsageReport sampleUsage(const Snapshot& snapshot)
{
    UsageReport report;
    if (snapshot.nodes.empty())
        return report;
    report.countedUntil = snapshot.takenAt;
    const UsageDay today = std::chrono::floor<std::chrono::days>(snapshot.takenAt);
    const std::chrono::year_month_day date(today);
    int step = 0;
    for (UsageDay day(date.year() / date.month() / 1); day <= today; day += std::chrono::days(1), ++step) {
        const std::int64_t wave = 3 + (step * 7) % 5;
        for (const auto& [deployment, scale] : {std::pair("Europe", 4), std::pair("", 1)}) {
            const std::int64_t edges = wave * scale * 86'400 / 2, bytes = wave * scale * 412'345'678'901;
            report.rows.push_back({day, deployment, "edge", "c5.large", edges, bytes / 90, bytes, bytes});
            report.rows.push_back({day, deployment, "origin", "", 86'400, bytes / 110, bytes / 90, 0});
        }
    }
    return report;
}

inline std::vector<native::UserSummary> sampleUsers(TimePoint now)
{
    const TimePoint made = now - std::chrono::hours(24 * 40);
    const auto user = [&](const char* name, AccountRole role, std::vector<std::string> deployments, int sessions,
                          int tokens) {
        return native::UserSummary{
            name, role, std::move(deployments), 3, made, made + std::chrono::hours(200), "admin", tokens, sessions};
    };
    return {user("admin", AccountRole::Admin, {}, 2, 1), user("carl", AccountRole::Operator, {"Europe"}, 1, 0),
            user("dora", AccountRole::Scheduler, {}, 0, 2), user("wall", AccountRole::Viewer, {}, 1, 0)};
}

inline std::vector<PersonalToken> sampleTokens(TimePoint now)
{
    const TimePoint made = now - std::chrono::hours(24 * 20);
    return {
        {"8f3a90c2d17be645", "nightly backup", {}, AccountRole::Viewer, made, {}, now - std::chrono::hours(9)},
        {"11d0c3b2a4958677", "encoder rack", {}, AccountRole::Operator, made, now + std::chrono::hours(24 * 70), {}}};
}

}  // namespace headgate::test
