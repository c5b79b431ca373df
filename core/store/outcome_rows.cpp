#include "core/store/outcome_rows.h"

#include "core/store/columns.h"

#include <string>

namespace headgate::rows {

namespace {

constexpr int mostRemovedAtOnce = 1'000;
constexpr int mostOfOneAccount = KeptOutcome::most / 10 * 9;  // so that nobody takes the place of all others

// What is over and still there counts as well, so a table that may be full is counted once more without it.
Result<bool> hasRoom(StoreConnection& connection, const std::string& account, TimePoint now)
{
    auto span = run(connection, "SELECT COALESCE(MAX(sequence) - MIN(sequence) + 1, 0) FROM kept_outcome");
    if (!span)
        return tl::unexpected(span.error());
    if (span->next() && numberAt(*span, 0) < mostOfOneAccount)
        return true;
    auto kept = run(connection, "SELECT COUNT(*), COALESCE(SUM(account = ?), 0) FROM kept_outcome WHERE kept_at > ?",
                    {text(account), instant(now - OnceKey::lifetime)});
    if (!kept)
        return tl::unexpected(kept.error());
    return kept->next() && numberAt(*kept, 0) < KeptOutcome::most && numberAt(*kept, 1) < mostOfOneAccount;
}

}  // namespace

Result<std::optional<KeptOutcome>> readOutcome(StoreConnection& connection, const OnceKey& key, TimePoint now)
{
    auto query = run(connection,
                     "SELECT fingerprint, outcome FROM kept_outcome "
                     "WHERE account = ? AND idempotency_key = ? AND kept_at > ?",
                     {text(key.account), text(key.key), instant(now - OnceKey::lifetime)});
    if (!query)
        return tl::unexpected(query.error());
    if (query->next()) {
        auto outcome = decode(textAt(*query, 1), native::commandOutcomeFromJson);
        if (!outcome)
            return damagedRow("kept_outcome", key.account + "/" + key.key, outcome.error());
        return KeptOutcome{std::move(*outcome), textAt(*query, 0)};
    }
    const auto room = hasRoom(connection, key.account, now);
    if (!room)
        return tl::unexpected(room.error());
    if (!*room)
        return fail(ErrorCode::ResourceExhausted,
                    std::to_string(KeptOutcome::most) + " outcomes of the last 24 hours are kept already, or " +
                        std::to_string(mostOfOneAccount) + " of this account.",
                    "Send the request without Idempotency-Key, or later.");
    return std::optional<KeptOutcome>();
}

Result<void> keepOutcome(StoreConnection& connection, const OnceKey& key, const CommandOutcome& outcome, TimePoint now)
{
    auto removed = change(connection,
                          "DELETE FROM kept_outcome WHERE sequence IN "
                          "(SELECT sequence FROM kept_outcome WHERE kept_at <= ? ORDER BY kept_at LIMIT ?)",
                          {instant(now - OnceKey::lifetime), mostRemovedAtOnce});
    if (!removed)
        return removed;
    return change(connection,
                  "INSERT OR REPLACE INTO kept_outcome (account, idempotency_key, fingerprint, kept_at, outcome) "
                  "VALUES (?, ?, ?, ?, ?)",
                  {text(key.account), text(key.key), text(key.fingerprint), instant(now),
                   text(native::write(native::toJson(outcome)))});
}

}  // namespace headgate::rows
