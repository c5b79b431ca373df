#include "core/media/srt/stream_id.h"

#include "core/media/net/percent_text.h"

#include <srt/access_control.h>

#include <optional>

namespace headgate::srt {

namespace {

using Parsed = tl::expected<StreamWish, Refusal>;

tl::unexpected<Refusal> refused(int code, std::string why)
{
    return tl::unexpected(Refusal{code, std::move(why)});
}

void appendCredential(std::string& out, std::string_view name, const std::string& value)
{
    if (!value.empty())
        out.append(out.empty() ? "" : "&").append(name).append("=").append(value);
}

Parsed parsePlain(std::string_view text)
{
    StreamWish wish;
    const std::size_t mark = text.find('?');
    const std::string_view query = mark == std::string_view::npos ? std::string_view() : text.substr(mark + 1);
    std::string_view path = text.substr(0, mark);
    while (path.starts_with('/'))
        path.remove_prefix(1);
    constexpr std::string_view publish = "publish/";
    constexpr std::string_view play = "play/";
    if (path.starts_with(publish)) {
        wish.role = SessionRole::Publisher;
        path.remove_prefix(publish.size());
    } else if (path.starts_with(play)) {
        path.remove_prefix(play.size());
    }
    wish.path = path;
    wish.credential = query;
    readCredentials(query, wish.credentials);
    wish.sound = soundOf(query);
    return wish;
}

std::optional<Refusal> readMember(std::string_view name, const std::string& value, StreamWish& wish)
{
    if (name == "r") {
        wish.path = value.starts_with('/') ? value.substr(1) : value;
    } else if (name == "u") {
        wish.credentials.username = value;
    } else if (name == "password") {
        wish.credentials.password = value;
    } else if (name == "token" || name == "s") {
        wish.credentials.token = value;
    } else if (name == "audio" && value == "opus") {
        wish.sound = SoundForm::AsItIs;
    } else if (name == "m") {
        if (value != "publish" && value != "request")
            return Refusal{SRT_REJX_BAD_MODE, "The mode \"" + value + "\" is neither publish nor request."};
        wish.role = value == "publish" ? SessionRole::Publisher : SessionRole::Viewer;
    } else if (name == "t" && value != "stream") {
        return Refusal{SRT_REJX_NOTSUP_MEDIA, "The type \"" + value + "\" is not stream."};
    }
    return std::nullopt;
}

Parsed parseMembers(std::string_view text, bool isEncoded)
{
    StreamWish wish;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        const std::string_view member = text.substr(0, comma);
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
        const std::size_t equals = member.find('=');
        if (equals == std::string_view::npos)
            return refused(SRT_REJX_BAD_REQUEST, "A member of the stream id has no value.");
        const std::string_view value = member.substr(equals + 1);
        const auto decoded = isEncoded ? percentDecoded(value) : std::string(value);
        if (!decoded)
            return refused(SRT_REJX_BAD_REQUEST, "The stream id is encoded wrongly.");
        if (auto refusal = readMember(member.substr(0, equals), *decoded, wish))
            return tl::unexpected(std::move(*refusal));
    }
    if (wish.path.empty())
        return refused(SRT_REJX_BAD_REQUEST, "The stream id names no stream.");
    appendCredential(wish.credential, "username", wish.credentials.username);
    appendCredential(wish.credential, "password", wish.credentials.password);
    appendCredential(wish.credential, "token", wish.credentials.token);
    return wish;
}

}  // namespace

Parsed parseStreamId(std::string_view text)
{
    constexpr std::string_view plainMark = "#!::";
    constexpr std::string_view encodedMark = "%23!::";
    constexpr std::string_view anyMark = "#!:";
    if (text.empty())
        return refused(SRT_REJX_BAD_REQUEST, "There is no stream id.");
    auto wish = text.starts_with(plainMark)     ? parseMembers(text.substr(plainMark.size()), false)
                : text.starts_with(encodedMark) ? parseMembers(text.substr(encodedMark.size()), true)
                : text.starts_with(anyMark)
                    ? refused(SRT_REJX_BAD_REQUEST, "Of the forms of stream ids only #!:: is known.")
                    : parsePlain(text);
    if (wish)
        wish->credential.insert(0, 1, '\n');
    return wish;
}

}  // namespace headgate::srt
