#include "core/engine/command_planner.h"

#include "core/engine/commands.h"

#include <algorithm>

namespace headgate {

namespace {

constexpr std::size_t maxRequestIdLength = 64;

}  // namespace

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
