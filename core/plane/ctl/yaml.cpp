#include "core/plane/ctl/yaml.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace headgate::ctl {
namespace {

using nlohmann::json;

bool isLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Of plain texts only those are left without quotes that no reader of any version takes for something else.
bool isPlain(const std::string& text)
{
    constexpr std::array<std::string_view, 11> words = {"true", "false", "yes", "no",  "on", "off",
                                                        "null", "y",     "n",   "nan", "inf"};
    std::string lower = text;
    std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    const auto isSafe = [](char c) {
        return isLetter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '/' || c == ' ';
    };
    return !text.empty() && isLetter(text.front()) && text.back() != ' ' && std::ranges::all_of(text, isSafe) &&
           std::ranges::find(words, lower) == words.end();
}

std::string scalar(const json& value)
{
    if (value.is_string() && isPlain(value.get_ref<const std::string&>()))
        return value.get<std::string>();
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

bool isBlock(const json& value)
{
    return value.is_structured() && !value.empty();
}

void append(std::string& text, const json& value, int depth);

// What stands after "key:" or "-" at `depth`.
void appendMember(std::string& text, const json& value, int depth)
{
    if (isBlock(value)) {
        text += '\n';
        append(text, value, depth + 1);
    } else {
        text += " " + scalar(value) + "\n";
    }
}

void append(std::string& text, const json& value, int depth)
{
    const std::string indent(static_cast<std::size_t>(depth) * 2, ' ');
    if (value.is_object()) {
        for (const auto& [key, member] : value.items()) {
            text += indent + scalar(json(key)) + ":";
            appendMember(text, member, depth);
        }
        return;
    }
    for (const json& item : value) {
        if (!isBlock(item)) {
            text += indent + "- " + scalar(item) + "\n";
            continue;
        }
        // The first line of a block stands behind the dash.
        std::string block;
        append(block, item, depth + 1);
        text += indent + "- " + block.substr(indent.size() + 2);
    }
}

}  // namespace

std::string yamlText(const json& document)
{
    if (!isBlock(document))
        return scalar(document) + "\n";
    std::string text;
    append(text, document, 0);
    return text;
}

}  // namespace headgate::ctl
