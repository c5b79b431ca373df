#include "core/engine/command_planner.h"

#include "core/engine/commands.h"

#include <algorithm>

namespace headgate {

namespace {

constexpr std::size_t maxRequestIdLength = 64;
constexpr std::size_t maxAccountNameLength = 64;

}  // namespace

Result<void> commands::plan(CommandDraft& draft, const PutAccount& command)
{
    Account account = command.account;
    if (account.name.empty() || account.name.size() > maxAccountNameLength)
        return fail(ErrorCode::InvalidArgument, "An account's name has 1 to 64 characters.", {}, "/name");
    if (!account.passwordHash.starts_with("$argon2id$"))
        return fail(ErrorCode::InvalidArgument, "The account has no usable password.", {}, "/password");
    const auto it = draft.model().accounts.find(account.name);
    const bool isNew = it == draft.model().accounts.end();
    account.createdAt = isNew ? draft.now() : it->second.createdAt;
    draft.changeConfiguration(draft.model().revision + 1);
    // The hash stays out of the audit trail.
    const native::Json named = {{"name", account.name}};
    draft.record(isNew ? "account.create" : "account.password", "account/" + account.name,
                 isNew ? "Account " + account.name + " was made." : "Account " + account.name + " got a new password.",
                 isNew ? native::Json::object() : named, named);
    draft.transaction().putAccounts.push_back(std::move(account));
    return {};
}

Result<CommandStep> planCommand(const EngineModel& model, const CommandRequest& request, TimePoint now)
{
    if (request.requestId.value.size() > maxRequestIdLength)
        return fail(ErrorCode::InvalidArgument, "The request id is longer than 64 characters.");
    CommandDraft draft(model, request, now);
    auto planned = std::visit([&](const auto& command) { return commands::plan(draft, command); }, request.command);
    if (!planned)
        return tl::unexpected(std::move(planned.error()));
    return draft.take();
}

std::uint64_t versionOf(const Node& node)
{
    return static_cast<std::uint64_t>(std::max<std::int64_t>(toEpochMs(node.stateSince), 0));
}

}  // namespace headgate
