#pragma once

#include "core/domain/audit.h"
#include "core/sim/scenario.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace headgate::sim {

// How often the engine did what while something went wrong: what a number of runs has tried out, and what not.
class Coverage
{
public:
    // A fault counts from its beginning until a lead time after its end.
    void add(const Scenario& scenario, const std::vector<AuditRecord>& audit);
    void add(const Coverage& other);

    // Markdown: a line for each verb of the audit trail, a column for each kind of fault; below, how many of these
    // cells were hit, and how many of them a hundred times.
    std::string table() const;

private:
    std::map<std::string, std::map<FaultKind, std::int64_t>> m_counts;  // by verb
};

}  // namespace headgate::sim
