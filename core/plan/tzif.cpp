#include "core/plan/posix_zone.h"
#include "core/plan/zone_rules.h"

#include <algorithm>
#include <array>

namespace headgate {
namespace {

constexpr std::size_t headerSize = 44;

std::int64_t bigEndian(std::string_view bytes, std::size_t at, std::size_t size)
{
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
        value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    if (size < 8 && value >> (8 * size - 1))
        value |= ~std::uint64_t(0) << (8 * size);
    return static_cast<std::int64_t>(value);
}

struct Counts
{
    std::size_t utc, standard, leaps, times, types, letters;

    std::size_t blockSize(std::size_t timeSize) const
    {
        return times * (timeSize + 1) + types * 6 + letters + leaps * (timeSize + 4) + standard + utc;
    }
};

// Counts far above those of any zone are as wrong as a wrong magic number.
Result<Counts> countsAt(std::string_view bytes, std::size_t at)
{
    if (bytes.size() < at + headerSize || bytes.substr(at, 4) != "TZif" || bytes[at + 4] < '2')
        return fail(ErrorCode::InvalidArgument, "This is no time zone file of version 2 or later.");
    std::array<std::size_t, 6> counts{};
    for (std::size_t i = 0; i < counts.size(); ++i) {
        const std::int64_t count = bigEndian(bytes, at + 20 + 4 * i, 4);
        if (count < 0 || count > 100'000)
            return fail(ErrorCode::InvalidArgument, "The counts in the head of the time zone file are impossible.");
        counts[i] = static_cast<std::size_t>(count);
    }
    return Counts{counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]};
}

void append(std::vector<ZoneRules::Transition>& all, const std::vector<ZoneRules::Transition>& more)
{
    for (const ZoneRules::Transition& each : more) {
        if (all.empty() || each.at > all.back().at)
            all.push_back(each);
    }
}

}  // namespace

Result<ZoneRules> ZoneRules::fromTzif(std::string name, std::string_view bytes)
{
    const auto oldCounts = countsAt(bytes, 0);
    if (!oldCounts)
        return tl::unexpected(oldCounts.error());
    const std::size_t second = headerSize + oldCounts->blockSize(4);
    const auto counts = countsAt(bytes, second);
    if (!counts)
        return tl::unexpected(counts.error());
    const std::size_t start = second + headerSize;
    const std::size_t end = start + counts->blockSize(8);
    if (counts->leaps > 0)
        return fail(ErrorCode::InvalidArgument, "Time zone files with leap seconds are not read.");
    if (counts->types == 0 || bytes.size() < end + 2 || bytes[end] != '\n' || bytes.back() != '\n')
        return fail(ErrorCode::InvalidArgument, "The time zone file is cut off.");
    const std::size_t indices = start + counts->times * 8;
    const std::size_t types = indices + counts->times;
    const auto offsetOf = [&](std::size_t type) { return seconds(bigEndian(bytes, types + type * 6, 4)); };
    std::vector<Transition> transitions;
    for (std::size_t i = 0; i < counts->times; ++i) {
        const auto type = static_cast<unsigned char>(bytes[indices + i]);
        const Instant at(seconds(bigEndian(bytes, start + i * 8, 8)));
        if (type >= counts->types || (!transitions.empty() && at <= transitions.back().at))
            return fail(ErrorCode::InvalidArgument, "The changes in the time zone file are out of order.");
        transitions.push_back({at, offsetOf(type)});
    }
    const std::string_view rule = bytes.substr(end + 1, bytes.size() - end - 2);
    if (!rule.empty()) {
        const auto standing = expandPosixZone(rule, firstPlannedYear - 1, lastPlannedYear + 1);
        if (!standing)
            return tl::unexpected(standing.error());
        append(transitions, standing->transitions);
    }
    return ZoneRules(std::move(name), offsetOf(0), std::move(transitions));
}

}  // namespace headgate
