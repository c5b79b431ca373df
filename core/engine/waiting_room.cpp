#include "core/engine/waiting_room.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <iterator>
#include <utility>

namespace headgate {

namespace {

constexpr Duration countingTime{5'000};
constexpr Duration lookEvery{1'000};
constexpr Duration longestWait{18'000};  // with its jitter still within the lease

std::string textOf(std::uint64_t number, std::uint64_t secret)
{
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "%llx-%016llx", static_cast<unsigned long long>(number),
                  static_cast<unsigned long long>(secret));
    return text.data();
}

// Number and secret; none if it is no ticket.
std::optional<std::pair<std::uint64_t, std::uint64_t>> read(const std::string& ticket)
{
    std::pair<std::uint64_t, std::uint64_t> parts;
    const char* const end = ticket.data() + ticket.size();
    const auto number = std::from_chars(ticket.data(), end, parts.first, 16);
    if (number.ec != std::errc() || number.ptr == end || *number.ptr != '-')
        return std::nullopt;
    const auto secret = std::from_chars(number.ptr + 1, end, parts.second, 16);
    return secret.ec == std::errc() && secret.ptr == end ? std::optional(parts) : std::nullopt;
}

}  // namespace

bool WaitingRoom::mayTry(const std::string& ticket, std::int64_t free, TimePoint now)
{
    forgetExpired(now);
    const auto own = find(ticket);
    std::int64_t ahead = 0;
    for (auto it = m_waiting.begin(); it != own; ++it) {
        ahead += it->second.sessions;
        if (ahead >= free)
            return false;
    }
    return true;
}

WaitingPlace WaitingRoom::wait(const WaitingTicket& ticket, const ClientAddress& address, Random& random, TimePoint now)
{
    auto own = find(ticket.text);
    if (own == m_waiting.end()) {
        if (!hasRoomFor(address))
            return {{}, static_cast<int>(m_waiting.size()), comeBackAfter(std::ssize(m_waiting), random, now)};
        own = m_waiting.emplace_hint(m_waiting.end(), m_nextNumber++, Waiting{random.next(), 1, {}, address});
        if (address.isKnown())
            ++m_atAddress[address];
    }
    own->second.sessions = ticket.sessions;
    own->second.until = now + lease;
    // Counting the tickets ahead would take long; those that were given since the first of the line are about as many.
    const auto ahead =
        static_cast<std::int64_t>(std::min<std::uint64_t>(own->first - m_waiting.begin()->first, m_waiting.size() - 1));
    return {textOf(own->first, own->second.secret), static_cast<int>(ahead), comeBackAfter(ahead, random, now)};
}

void WaitingRoom::seat(const std::string& ticket, TimePoint now)
{
    count(now);
    ++m_seatedNow;
    const auto own = find(ticket);
    if (own != m_waiting.end() && --own->second.sessions == 0)
        erase(own);
}

bool WaitingRoom::hasRoomFor(const ClientAddress& address) const
{
    const auto there = m_atAddress.find(address);
    return m_waiting.size() < mostTickets && (there == m_atAddress.end() || there->second < mostOfAddress);
}

void WaitingRoom::erase(Line::iterator waiting)
{
    const auto there = m_atAddress.find(waiting->second.address);
    if (there != m_atAddress.end() && --there->second == 0)
        m_atAddress.erase(there);
    m_waiting.erase(waiting);
}

WaitingRoom::Line::iterator WaitingRoom::find(const std::string& ticket)
{
    const auto parts = ticket.empty() ? std::nullopt : read(ticket);
    const auto it = parts ? m_waiting.find(parts->first) : m_waiting.end();
    return it != m_waiting.end() && it->second.secret == parts->second ? it : m_waiting.end();
}

// The first of the line at once, since they hold up the others, and all of them from time to time. A ticket that would
// last longer than any can was given before the clock was set back.
void WaitingRoom::forgetExpired(TimePoint now)
{
    const auto isOver = [now](const auto& entry) {
        return entry.second.until <= now || entry.second.until > now + lease;
    };
    while (!m_waiting.empty() && isOver(*m_waiting.begin()))
        erase(m_waiting.begin());
    if (now < m_nextLook && m_nextLook <= now + lookEvery)
        return;
    m_nextLook = now + lookEvery;
    for (auto it = m_waiting.begin(); it != m_waiting.end();) {
        const auto next = std::next(it);
        if (isOver(*it))
            erase(it);
        it = next;
    }
}

Duration WaitingRoom::comeBackAfter(std::int64_t ahead, Random& random, TimePoint now)
{
    count(now);
    const std::int64_t perSecond = std::max(1, (m_seatedNow + m_seatedBefore) / 10);
    const Duration mean = std::clamp(Duration(ahead * 1000 / perSecond), Duration(1'000), longestWait);
    return Duration(mean.count() / 2 +
                    static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(mean.count() + 1))));
}

void WaitingRoom::count(TimePoint now)
{
    if (now >= m_countedFrom && now < m_countedFrom + countingTime)
        return;
    const bool isLongAgo = now < m_countedFrom || now >= m_countedFrom + 2 * countingTime;
    m_seatedBefore = isLongAgo ? 0 : m_seatedNow;
    m_seatedNow = 0;
    m_countedFrom = now;
}

}  // namespace headgate
