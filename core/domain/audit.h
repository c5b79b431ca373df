#pragma once

#include "core/base/ids.h"
#include "core/base/time.h"

#include <cstdint>
#include <string>

namespace headgate {

enum class Severity
{
    Info,
    Warning,
    Critical
};

// One line of the audit trail. Stored in the same transaction as what it tells of; never changed.
struct AuditRecord
{
    std::int64_t sequence = 0;  // given by the store, from 1, without gaps
    TimePoint at;
    std::string actor;   // "admin", "engine", "setup"
    std::string verb;    // "node-group.create", "node.replace"
    std::string object;  // "node-group/eu-live", "node/aB3..."
    Severity severity = Severity::Info;
    std::string sentence;  // English, complete, names and values filled in
    std::string before;    // JSON text, empty if not applicable
    std::string after;
    RequestId requestId;         // empty for the engine's own acts
    std::uint64_t revision = 0;  // configuration revision after it

    bool operator==(const AuditRecord&) const = default;
};

enum class AuditTrail
{
    Changes,  // what people and the engine did: kept for good
    Routings  // which nodes were given to publishers and viewers of late, and why: a sample, in memory
};

struct AuditQuery
{
    std::int64_t beforeSequence = 0;  // 0 = from the newest
    int limit = 100;                  // 1 to 1000
    std::string text;                 // part of sentence, actor, verb or object, any case; empty = all
    AuditTrail trail = AuditTrail::Changes;
};

}  // namespace headgate
