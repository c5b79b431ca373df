#include "core/plane/ctl/answer.h"

#include "core/plane/ctl/yaml.h"
#include "core/wire/native_query.h"

#include <ostream>

namespace headgate::ctl {

using nlohmann::json;

std::string at(const json& document, const char* pointer)
{
    const json::json_pointer place{std::string(pointer)};
    if (!document.contains(place) || document[place].is_null())
        return {};
    const json& value = document[place];
    return value.is_string() ? value.get<std::string>() : value.dump();
}

std::int64_t numberAt(const json& document, const char* pointer)
{
    const json::json_pointer place{std::string(pointer)};
    return document.contains(place) && document[place].is_number() ? document[place].get<std::int64_t>() : 0;
}

Outcome<Listing> ask(Session& session, const Desk& desk, const std::function<native::HttpCall(std::string_view)>& one,
                     native::HttpCall list, const char* member)
{
    const std::vector<std::string>& words = desk.arguments.words;
    Listing listing;
    listing.isOne = words.size() == 2 && words[1].find('=') == std::string::npos;
    if (listing.isOne) {
        auto body = session.get(one(words[1]));
        if (!body)
            return tl::unexpected(body.error());
        listing.items = nlohmann::json::array({*body});
        listing.body = std::move(*body);
        return listing;
    }
    native::QueryText query;
    for (std::size_t i = 1; i < words.size(); ++i) {
        const auto equals = words[i].find('=');
        if (equals == std::string::npos || equals == 0)
            return wrongUsage("\"" + words[i] + "\" is no filter.", "Write FIELD=VALUE, or one name alone.");
        query.add(native::percentEncoded(words[i].substr(0, equals)), words[i].substr(equals + 1));
    }
    for (const char* option : {"sort", "limit"}) {
        if (const auto value = desk.arguments.value(option))
            query.add(option, *value);
    }
    list.target += query.text();
    auto body = session.get(list);
    if (!body)
        return tl::unexpected(body.error());
    listing.items = body->value(member, nlohmann::json::array());
    if (body->contains("nextCursor"))
        desk.notes << listing.items.size() << " of " << numberAt(*body, "/total") << " are shown.\n";
    listing.body = std::move(*body);
    return listing;
}

void print(const Desk& desk, const json& document, const std::string& table)
{
    if (desk.format == Format::Table)
        desk.out << table;
    else
        printDocument(desk, document);
}

void printDocument(const Desk& desk, const json& document)
{
    desk.out << (desk.format == Format::Yaml ? yamlText(document)
                                             : document.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

}  // namespace headgate::ctl
