#pragma once

#include "core/base/result.h"
#include "core/domain/audit.h"
#include "core/domain/audit_verdict.h"
#include "core/domain/kept_outcome.h"
#include "core/domain/usage.h"
#include "core/engine/engine.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headgate {

// What is kept together with the change that it tells of.
struct OutcomeToKeep
{
    OnceKey key;
    CommandOutcome outcome;
    TimePoint at;
};

// The durable state of one deployment in a SQLite file. Lives on the thread that opened it, except where a function
// says otherwise. Needs a QCoreApplication. Every error names the file, the cause and what to do about it.
class Store
{
public:
    // Makes the file (mode 0600) or brings its schema up to date, each migration in a transaction of its own.
    // Unsupported, and nothing is touched, if the file was written by a newer version.
    // `auditKey` is what the audit trail is chained with (audit_chain.h).
    static Result<std::unique_ptr<Store>> open(const std::string& file, std::string auditKey = {});
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    Result<EngineState> load();
    Result<std::int64_t> lastAuditSequence();

    // All rows, the audit records and the revision, or nothing. On disk when it returns. Removals come first. The
    // audit records are numbered in the order given, following on the last one stored.
    Result<void> commit(const Transaction& transaction, const std::optional<OutcomeToKeep>& kept = {});

    // What was kept under the key in the last 24 hours. ResourceExhausted if that is nothing and there is no room.
    Result<std::optional<KeptOutcome>> findOutcome(const OnceKey& key, TimePoint now);

    Result<TimePoint> usageUntil();
    // Adds to what is there, and sets what usageUntil() is, or nothing.
    Result<void> addUsage(const UsageIncrement& increment);

    // Newest first, out of a file that open() has made. From any thread: uses a connection of its own.
    static Result<std::vector<AuditRecord>> readAudit(const std::string& file, const AuditQuery& query);

    static Result<UsageReport> readUsage(const std::string& file, const UsageQuery& query);

    // Looks at all of it; likewise.
    static Result<AuditVerdict> verifyAudit(const std::string& file, const std::string& auditKey);

private:
    class Private;
    explicit Store(std::unique_ptr<Private> d);
    std::unique_ptr<Private> m_d;
};

}  // namespace headgate
