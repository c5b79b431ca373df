#pragma once

#include "core/base/result.h"
#include "core/domain/calendar.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace headgate {

// Where a time on the wall stands among the instants.
struct LocalMapping
{
    enum class Kind
    {
        Unique,
        Gap,     // clocks were put forward over it
        Overlap  // clocks were put back over it: it came twice
    };
    Kind kind = Kind::Unique;
    Instant first;   // in a gap: by the offset before it
    Instant second;  // in a gap: the instant of the transition; else the last instant with that time
};

// The offsets of one time zone as a value: every change up to the end of the planned years, those of the zone's
// standing rule included.
class ZoneRules
{
public:
    struct Transition
    {
        Instant at;
        seconds offset;  // local time minus UTC from then on
    };

    // UTC.
    ZoneRules() : ZoneRules("UTC", seconds(0), {}) {}

    // `transitions` ascending.
    ZoneRules(std::string name, seconds firstOffset, std::vector<Transition> transitions);

    // A file of the IANA database (RFC 8536), version 2 or later, without leap seconds. InvalidArgument for anything
    // else: version 1 ends in 2037.
    static Result<ZoneRules> fromTzif(std::string name, std::string_view bytes);

    const std::string& name() const { return m_name; }
    const std::vector<Transition>& transitions() const { return *m_transitions; }
    seconds offsetAt(Instant t) const;
    LocalTime toLocal(Instant t) const { return LocalTime((t + offsetAt(t)).time_since_epoch()); }
    LocalMapping map(LocalTime local) const;

    // How far times on the wall and the instants they stand for may be out of order near this one. 0 if no offset
    // changes within two days of it.
    seconds slipAround(LocalTime local) const;

private:
    // Offset before transition `i`.
    seconds offsetBefore(std::size_t i) const { return i == 0 ? m_firstOffset : transitions()[i - 1].offset; }
    std::size_t firstTransitionAfter(Instant t) const;

    std::string m_name;
    seconds m_firstOffset{0};
    std::shared_ptr<const std::vector<Transition>> m_transitions;  // some hundred, of all copies
};

// How the plan asks for zones by name ("Europe/Berlin"); NotFound if there is none of that name.
using ZoneLoader = std::function<Result<ZoneRules>(const std::string& name)>;

// The same zones, each asked for once, so that what was found stays found. For one thread.
ZoneLoader askedOnce(ZoneLoader zones);

}  // namespace headgate
