#include "core/media/hub/access_pass.h"

#include "core/media/net/percent_text.h"

namespace headgate {

void readCredentials(std::string_view query, Credentials& into)
{
    while (!query.empty()) {
        const std::size_t end = query.find('&');
        const std::string_view member = query.substr(0, end);
        query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
        const std::size_t equals = member.find('=');
        if (equals == std::string_view::npos)
            continue;
        const std::string_view name = member.substr(0, equals);
        std::string* const place = name == "username"   ? &into.username
                                   : name == "password" ? &into.password
                                   : name == "token"    ? &into.token
                                                        : nullptr;
        if (place != nullptr)
            *place = percentDecoded(member.substr(equals + 1)).value_or(std::string());
    }
}

SoundForm soundOf(std::string_view query)
{
    constexpr std::string_view wish = "audio=opus";
    const std::size_t at = query.find(wish);
    const bool begins = at == 0 || (at != std::string_view::npos && query[at - 1] == '&');
    const bool ends = begins && (at + wish.size() == query.size() || query[at + wish.size()] == '&');
    return ends ? SoundForm::AsItIs : SoundForm::Aac;
}

}  // namespace headgate
