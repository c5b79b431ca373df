#include "core/plane/sealed_commands.h"

#include "core/domain/command_groups.h"
#include "core/plane/seal.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace headgate {

namespace {

Result<void> sealGroup(NodeGroup& group, std::string_view key, const Snapshot& present)
{
    std::map<std::string, std::string> known;  // by what is in it
    if (const NodeGroupStatus* status = present.findNodeGroup(group.name)) {
        NodeGroup stored = status->group;
        changeSecrets(stored, [&](const std::string& secret, const std::string& pointer) {
            known.emplace(pointer + opened(key, secret).value_or(""), secret);
            return secret;
        });
    }
    std::optional<Error> error;
    changeSecrets(group, [&](const std::string& secret, const std::string& pointer) {
        if (secret.starts_with(sealedPrefix)) {
            if (!error && !opened(key, secret))
                error = Error{ErrorCode::InvalidArgument, "This secret was sealed by another control plane.",
                              "Write it in clear.", pointer};
            return secret;
        }
        const auto same = known.find(pointer + secret);
        return same == known.end() ? sealed(key, secret) : same->second;
    });
    return error ? tl::unexpected(std::move(*error)) : Result<void>();
}

}  // namespace

Result<void> sealSecrets(Command& command, std::string_view key, const Snapshot& present)
{
    for (NodeGroup* group : groupsWrittenBy(command)) {
        if (auto done = sealGroup(*group, key, present); !done)
            return done;
    }
    return {};
}

namespace {

template <typename Settings>
Settings opening(Settings settings, std::string_view key)
{
    changeSecrets(settings, [&](const std::string& secret, const char*) { return opened(key, secret).value_or(""); });
    return settings;
}

}  // namespace

AccessSettings withOpenSecrets(AccessSettings settings, std::string_view key)
{
    return opening(std::move(settings), key);
}

RecordingSettings withOpenSecrets(RecordingSettings settings, std::string_view key)
{
    return opening(std::move(settings), key);
}

std::vector<IceServer> withOpenSecrets(std::vector<IceServer> servers, std::string_view key)
{
    return opening(std::move(servers), key);
}

}  // namespace headgate
