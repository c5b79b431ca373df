#pragma once

#include "core/base/random.h"
#include "core/base/time.h"
#include "core/domain/waiting_place.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace headgate {

// Those who found no place in one group, in the order of their first asking. Whoever comes back within 30 s keeps the
// place in the line; as many as there are free places may go before all others.
class WaitingRoom
{
public:
    static constexpr Duration lease{30'000};
    static constexpr std::size_t mostTickets = 100'000;
    static constexpr int mostOfAddress = 1'000;  // so that nobody fills the room alone

    bool isEmpty() const { return m_waiting.empty(); }

    // Whether the holder of `ticket` ("" or one that is over: somebody new, behind all others) may have one of `free`
    // places. O(free).
    bool mayTry(const std::string& ticket, std::int64_t free, TimePoint now);

    // No place was found: keeps the ticket's place in the line, or gives a ticket at its end. The time to come back is
    // drawn around what the line takes at the pace of the last 10 s, 0.5 to 27 s. No ticket if the room is full, or if
    // so many wait at that address already.
    WaitingPlace wait(const WaitingTicket& ticket, const ClientAddress& address, Random& random, TimePoint now);

    // A place was found, for one of those who wait on the ticket.
    void seat(const std::string& ticket, TimePoint now);

private:
    struct Waiting
    {
        std::uint64_t secret = 0;  // nobody guesses somebody else's ticket
        int sessions = 1;
        TimePoint until;
        ClientAddress address;
    };
    using Line = std::map<std::uint64_t, Waiting>;  // by number

    Line::iterator find(const std::string& ticket);
    bool hasRoomFor(const ClientAddress& address) const;
    void erase(Line::iterator waiting);
    void forgetExpired(TimePoint now);
    Duration comeBackAfter(std::int64_t ahead, Random& random, TimePoint now);
    void count(TimePoint now);

    Line m_waiting;
    std::map<ClientAddress, int> m_atAddress;  // how many wait there, of those that are known
    std::uint64_t m_nextNumber = 1;
    TimePoint m_nextLook;
    // Seated in the last 5 to 10 s.
    TimePoint m_countedFrom;
    int m_seatedNow = 0;
    int m_seatedBefore = 0;
};

}  // namespace headgate
