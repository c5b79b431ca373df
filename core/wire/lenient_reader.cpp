#include "core/wire/lenient_reader.h"

#include "core/wire/json_reader.h"
#include "core/wire/native_codec.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace headgate::stream_manager {
namespace {

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::optional<int> numberIn(std::string_view text)
{
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

std::optional<int> wholeNumber(const Json& json)
{
    if (json.is_string())
        return numberIn(trimmed(json.get_ref<const std::string&>()));
    if (!json.is_number())
        return std::nullopt;
    const double number = json.get<double>();
    constexpr double highest = std::numeric_limits<int>::max();
    if (std::trunc(number) != number || std::abs(number) > highest)
        return std::nullopt;
    return static_cast<int>(number);
}

}  // namespace

LenientReader::LenientReader(const Json& object, std::string pointer) : m_object(object), m_pointer(std::move(pointer))
{
    if (!object.is_object()) {
        m_error = Error{ErrorCode::InvalidArgument,
                        "An object is wanted here, not " + std::string(object.type_name()) + ".",
                        {},
                        m_pointer};
    }
}

std::string LenientReader::pointerTo(std::string_view name) const
{
    return m_pointer + "/" + native::escapedForPointer(name);
}

void LenientReader::failAt(std::string_view name, std::string message, std::string remedy)
{
    fail({ErrorCode::InvalidArgument, std::move(message), std::move(remedy), pointerTo(name)});
}

void LenientReader::fail(Error error)
{
    if (!m_error)
        m_error = std::move(error);
}

const Json* LenientReader::member(std::string_view name)
{
    m_known.emplace_back(name);
    if (m_error)
        return nullptr;
    const auto found = m_object.find(name);
    return found == m_object.end() || found->is_null() ? nullptr : &*found;
}

std::string LenientReader::text(std::string_view name)
{
    const Json* json = member(name);
    if (!json)
        return {};
    if (json->is_string())
        return json->get<std::string>();
    if (json->is_number() || json->is_boolean())
        return json->dump();
    failAt(name, "\"" + std::string(name) + "\" must be a string.");
    return {};
}

std::optional<int> LenientReader::number(std::string_view name)
{
    const Json* json = member(name);
    if (!json || (json->is_string() && trimmed(json->get_ref<const std::string&>()).empty()))
        return std::nullopt;
    const auto number = wholeNumber(*json);
    if (!number)
        failAt(name, "\"" + std::string(name) + "\" must be a whole number, and it is " + native::write(*json) + ".");
    return number;
}

bool LenientReader::isSet(std::string_view name)
{
    const Json* json = member(name);
    if (!json)
        return false;
    if (json->is_boolean())
        return json->get<bool>();
    if (json->is_string() && (*json == "true" || *json == "false"))
        return *json == "true";
    failAt(name, "\"" + std::string(name) + "\" must be true or false.");
    return false;
}

std::vector<std::string> LenientReader::words(std::string_view name)
{
    std::vector<std::string> words;
    const Json* json = member(name);
    if (!json)
        return words;
    const bool isListOfWords =
        json->is_array() && std::ranges::all_of(*json, [](const Json& word) { return word.is_string(); });
    if (!isListOfWords) {
        failAt(name, "\"" + std::string(name) + "\" must be a list of strings.");
        return words;
    }
    for (const Json& word : *json)
        words.push_back(word.get<std::string>());
    return words;
}

std::vector<LenientReader::Element> LenientReader::elements(std::string_view name)
{
    std::vector<Element> elements;
    const Json* json = member(name);
    if (!json)
        return elements;
    const std::string pointer = pointerTo(name);
    if (json->is_object()) {
        for (auto element = json->begin(); element != json->end(); ++element)
            elements.push_back({element.key(), &*element, pointer + "/" + native::escapedForPointer(element.key())});
    } else if (json->is_array()) {
        for (std::size_t i = 0; i < json->size(); ++i)
            elements.push_back({{}, &(*json)[i], pointer + "/" + std::to_string(i)});
    } else {
        failAt(name, "\"" + std::string(name) + "\" must be an object or a list.");
    }
    return elements;
}

Json LenientReader::rest() const
{
    Json rest = Json::object();
    if (!m_object.is_object())
        return rest;
    for (auto member = m_object.begin(); member != m_object.end(); ++member) {
        if (std::ranges::find(m_known, member.key()) == m_known.end())
            rest.emplace(member.key(), *member);
    }
    return rest;
}

}  // namespace headgate::stream_manager
