#pragma once

#include <cstdint>
#include <string>

namespace headgate {

// What a check of the whole audit trail found.
struct AuditVerdict
{
    std::int64_t rows = 0;      // that were looked at
    std::int64_t firstBad = 0;  // number of the first row that does not fit; 0: all of them do
    std::string reason;         // a sentence; empty if all fit

    bool operator==(const AuditVerdict&) const = default;
};

}  // namespace headgate
