#include "app/ctl_stream_pass.h"

#include "core/wire/stream_pass.h"

namespace headgate::ctl {

Outcome<std::string> withPass(Session& session, RoutePurpose purpose, const RouteTarget& target,
                              const std::string& stream, const std::string& url)
{
    const auto group = session.get(native::callTo(native::Route::ReadNodeGroup, target.pool.nodeGroup.value));
    if (!group)
        return tl::unexpected(group.error());
    const nlohmann::json::json_pointer kind("/group/access/kind");
    if (!group->contains(kind) || (*group)[kind] == "none")
        return url;
    const auto key = StreamKey::parse(stream);
    const auto body = session.get(
        native::callFor(StreamPassWish{purpose, target.pool.nodeGroup, key.value_or(StreamKey()), target.node}));
    if (!body)
        return tl::unexpected(body.error());
    const auto pass = native::streamPassFromJson(*body);
    if (!pass)
        return tl::unexpected(Failure{ExitStatus::Refused, pass.error()});
    return url + "?token=" + pass->token;
}

}  // namespace headgate::ctl
