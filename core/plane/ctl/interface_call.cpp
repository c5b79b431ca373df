#include "core/plane/ctl/interface_call.h"

#include "core/plane/ctl/answer.h"
#include "core/plane/ctl/outcome.h"
#include "core/wire/native_codec.h"

#include <algorithm>
#include <array>

namespace headgate::ctl {
namespace {

constexpr std::array methods = {native::Method::Get, native::Method::Post, native::Method::Put, native::Method::Patch,
                                native::Method::Delete};

bool isTarget(const std::string& path)
{
    const auto isPlain = [](char c) { return c > ' ' && c < '\x7f' && c != '#'; };
    return (path.starts_with("/api/v1/") || path.starts_with("/as/v1/")) && std::ranges::all_of(path, isPlain);
}

}  // namespace

Outcome<void> runCall(Session& session, const Desk& desk)
{
    const std::string& word = desk.arguments.words[0];
    const auto method = std::ranges::find(methods, word, [](native::Method each) { return native::toWord(each); });
    if (method == methods.end())
        return wrongUsage("\"" + word + "\" is no method.", "It is GET, POST, PUT, PATCH or DELETE.");
    native::HttpCall call;
    call.method = *method;
    call.target = desk.arguments.words[1];
    if (!isTarget(call.target))
        return wrongUsage("\"" + call.target + "\" is no path of the interface.",
                          "It begins with /api/v1/ or /as/v1/ and is percent-encoded.");
    const auto ifMatch = wantedVersion(desk.arguments);
    if (!ifMatch)
        return tl::unexpected(ifMatch.error());
    call.ifMatch = *ifMatch;
    if (const auto file = desk.arguments.value("file")) {
        auto body = readFile(*file);
        if (!body)
            return tl::unexpected(std::move(body.error()));
        call.body = std::move(*body);
    }
    const bool changes = call.method != native::Method::Get;
    const auto answer = changes ? session.callOnce(std::move(call)) : session.call(call);
    if (!answer)
        return tl::unexpected(answer.error());
    if (answer->body.is_null())
        return {};
    print(desk, answer->body, answer->body.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    return {};
}

}  // namespace headgate::ctl
