#include "core/wire/stream_pass.h"

#include "core/base/digest.h"
#include "core/wire/compact_jws.h"
#include "core/wire/native_query.h"

#include <cstdint>

namespace headgate {

std::string streamPassKey(std::string_view nodeCredential)
{
    return hmacSha256(nodeCredential, "stream-pass");
}

StreamPass makeStreamPass(const StreamPassWish& wish, const std::string& user, std::string_view nodeCredential,
                          TimePoint now)
{
    const nlohmann::json claims{{"sub", user},
                                {"stream", wish.stream.path()},
                                {"role", wish.purpose == RoutePurpose::Publish ? "streamer" : "viewer"},
                                {"exp", toEpochMs(now + streamPassLifetime) / 1000}};
    const std::string payload = claims.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    const std::string text = base64UrlEncoded(R"({"alg":"HS256"})") + "." + base64UrlEncoded(payload);
    const std::string signature = base64UrlEncoded(hmacSha256(streamPassKey(nodeCredential), text));
    return {std::string(streamPassPrefix) + text + "." + signature, streamPassLifetime};
}

namespace native {

HttpCall callFor(const StreamPassWish& wish)
{
    HttpCall call = callTo(wish.purpose == RoutePurpose::Publish ? Route::GrantPublisherPass : Route::GrantViewerPass);
    call.target += QueryText()
                       .add("nodeGroup", wish.nodeGroup.value)
                       .add("stream", wish.stream.path())
                       .add("node", wish.node.value)
                       .text();
    return call;
}

nlohmann::json toJson(const StreamPass& pass)
{
    return {{"token", pass.token}, {"expiresIn", pass.expiresIn.count()}};
}

Result<StreamPass> streamPassFromJson(const nlohmann::json& json)
{
    const bool isWhole = json.is_object() && json.contains("token") && json["token"].is_string() &&
                         json.contains("expiresIn") && json["expiresIn"].is_number_unsigned();
    if (!isWhole)
        return fail(ErrorCode::InvalidArgument, "This is no pass for a stream.");
    return StreamPass{json["token"].get<std::string>(), std::chrono::seconds(json["expiresIn"].get<std::uint32_t>())};
}

}  // namespace native

}  // namespace headgate
