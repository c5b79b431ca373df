#include "core/plane/ctl/answer.h"

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

void print(const Desk& desk, const json& document, const std::string& table)
{
    desk.out << (desk.format == Format::Json ? document.dump(2, ' ', false, json::error_handler_t::replace) + "\n"
                                             : table);
}

}  // namespace headgate::ctl
