#include "core/media/agent/srt_passphrases.h"

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

std::map<StreamKey, std::string> srtPassphrasesOf(const std::vector<node_protocol::NodeProvision>& provisions)
{
    std::map<StreamKey, std::string> passphrases;
    for (const node_protocol::NodeProvision& provision : provisions) {
        const auto document = native::parse(provision.document);
        if (!document || !document->is_object() || !document->contains("streams"))
            continue;
        for (const nlohmann::json& stream : (*document)["streams"]) {
            const auto key = StreamKey::parse(textAt(stream, "streamGuid"));
            if (!key || !stream.contains("srt"))
                continue;
            if (std::string passphrase = textAt(stream["srt"], "passphrase"); !passphrase.empty())
                passphrases[*key] = std::move(passphrase);
        }
    }
    return passphrases;
}

}  // namespace headgate
