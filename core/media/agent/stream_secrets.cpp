#include "core/media/agent/stream_secrets.h"

#include "core/wire/native_codec.h"

namespace headgate {

namespace {

// Empty if it has none, or is not what is expected.
std::string textAt(const nlohmann::json& object, const char* name)
{
    const auto found = object.is_object() ? object.find(name) : object.end();
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

StreamSecrets secretsOf(const std::vector<node_protocol::NodeProvision>& provisions)
{
    StreamSecrets secrets;
    for (const node_protocol::NodeProvision& provision : provisions) {
        const auto document = native::parse(provision.document);
        if (!document || !document->is_object() || !document->contains("streams"))
            continue;
        for (const nlohmann::json& stream : (*document)["streams"]) {
            const auto key = StreamKey::parse(textAt(stream, "streamGuid"));
            if (!key)
                continue;
            if (stream.contains("srt")) {
                if (std::string passphrase = textAt(stream["srt"], "passphrase"); !passphrase.empty())
                    secrets.srtPassphrases[*key] = std::move(passphrase);
            }
            if (stream.contains("rtsp")) {
                rtsp::Login login{textAt(stream["rtsp"], "username"), textAt(stream["rtsp"], "password")};
                if (!login.username.empty() && !login.password.empty())
                    secrets.rtspLogins[*key] = std::move(login);
            }
        }
    }
    return secrets;
}

}  // namespace headgate
