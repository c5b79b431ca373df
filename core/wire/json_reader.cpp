#include "core/wire/json_reader.h"

#include "core/wire/native_codec.h"

#include <algorithm>
#include <limits>

namespace headgate::native {
namespace {

template <typename Integer>
Result<void> readInteger(const Json& json, Integer& out)
{
    constexpr auto highest = static_cast<std::uint64_t>(std::numeric_limits<Integer>::max());
    if (!json.is_number_integer())
        return wrongType(json, "a whole number");
    if (!json.is_number_unsigned() && json.get<std::int64_t>() < 0)
        return fail(ErrorCode::InvalidArgument, json.dump() + " is negative; a number from 0 on is wanted here.");
    if (json.get<std::uint64_t>() > highest)
        return fail(ErrorCode::InvalidArgument, json.dump() + " is more than " + std::to_string(highest) + ".");
    out = json.get<Integer>();
    return {};
}

}  // namespace

std::string escapedForPointer(std::string_view member)
{
    std::string escaped;
    for (const char c : member) {
        if (c == '~')
            escaped += "~0";
        else if (c == '/')
            escaped += "~1";
        else
            escaped += c;
    }
    return escaped;
}

tl::unexpected<Error> wrongType(const Json& found, std::string_view wanted)
{
    return fail(ErrorCode::InvalidArgument,
                std::string(wanted) + " is wanted here, not " + std::string(found.type_name()) + ".");
}

Json withoutMember(const Json& json, std::string_view member)
{
    if (!json.is_object())
        return json;
    Json rest = Json::object();
    for (const auto& [name, value] : json.items()) {
        if (name != member)
            rest[name] = value;
    }
    return rest;
}

tl::unexpected<Error> insideMember(Error error, std::string_view member)
{
    error.pointer.insert(0, "/" + escapedForPointer(member));
    return tl::unexpected<Error>(std::move(error));
}

const Json* ObjectReader::find(std::string_view name)
{
    if (m_error)
        return nullptr;
    m_known.push_back(name);
    const auto found = m_object.find(name);
    return found == m_object.end() ? nullptr : &*found;
}

void ObjectReader::failAt(std::string_view name, Error error)
{
    m_error = insideMember(std::move(error), name).value();
}

void ObjectReader::instantOrNever(std::string_view name, TimePoint& out)
{
    out = {};
    if (const Json* member = find(name); member && !member->is_null()) {
        if (auto result = Decode::value(*member, out); !result)
            failAt(name, std::move(result.error()));
    }
}

void ObjectReader::extensions(std::string& out)
{
    out.clear();
    const Json* member = find("extensions");
    if (!member)
        return;
    if (!member->is_object())
        failAt("extensions", wrongType(*member, "an object").value());
    else if (!member->empty())
        out = write(*member);
}

Result<void> ObjectReader::finish()
{
    if (m_error)
        return tl::unexpected(*m_error);
    for (auto member = m_object.begin(); member != m_object.end(); ++member) {
        if (std::find(m_known.begin(), m_known.end(), member.key()) == m_known.end()) {
            return insideMember({ErrorCode::InvalidArgument,
                                 "The member \"" + member.key() + "\" is not known here.",
                                 "Check its spelling, or put it below \"extensions\" if it is to be kept as it is.",
                                 {}},
                                member.key());
        }
    }
    return {};
}

Result<void> Decode::value(const Json& json, bool& out)
{
    if (!json.is_boolean())
        return wrongType(json, "true or false");
    out = json.get<bool>();
    return {};
}

Result<void> Decode::value(const Json& json, int& out)
{
    return readInteger(json, out);
}

Result<void> Decode::value(const Json& json, std::int64_t& out)
{
    return readInteger(json, out);
}

Result<void> Decode::value(const Json& json, std::uint64_t& out)
{
    return readInteger(json, out);
}

Result<void> Decode::value(const Json& json, std::uint16_t& out)
{
    return readInteger(json, out);
}

Result<void> Decode::value(const Json& json, double& out)
{
    if (!json.is_number())
        return wrongType(json, "a number");
    out = json.get<double>();
    return {};
}

Result<void> Decode::value(const Json& json, std::string& out)
{
    if (!json.is_string())
        return wrongType(json, "a string");
    out = json.get<std::string>();
    return {};
}

Result<void> Decode::value(const Json& json, TimePoint& out)
{
    std::string text;
    if (auto result = value(json, text); !result)
        return result;
    auto instant = instantFromText(text);
    if (!instant)
        return tl::unexpected(std::move(instant.error()));
    out = *instant;
    return {};
}

Result<void> Decode::value(const Json& json, Duration& out)
{
    std::int64_t milliseconds = 0;
    auto result = value(json, milliseconds);
    out = Duration(milliseconds);
    return result;
}

Result<void> Decode::value(const Json& json, MergeWindowSetting& out)
{
    out = {};
    if (json == "auto")
        return {};
    if (!json.is_number())
        return wrongType(json, "a number of milliseconds or \"auto\"");
    return value(json, out.milliseconds.emplace());
}

Result<void> Decode::value(const Json& json, StreamKey& out)
{
    std::string text;
    if (auto result = value(json, text); !result)
        return result;
    auto key = StreamKey::parse(text);
    if (!key) {
        key.error().pointer.clear();
        return tl::unexpected(std::move(key.error()));
    }
    out = std::move(*key);
    return {};
}

Result<void> Decode::value(const Json& json, std::map<std::string, std::string>& out)
{
    if (!json.is_object())
        return wrongType(json, "an object");
    out.clear();
    for (auto member = json.begin(); member != json.end(); ++member) {
        if (auto result = value(*member, out[member.key()]); !result)
            return insideMember(std::move(result.error()), member.key());
    }
    return {};
}

Result<void> Decode::value(const Json& json, Json& out)
{
    out = json;
    return {};
}

Result<void> Decode::value(const Json& json, std::map<std::string, double>& out)
{
    if (!json.is_object())
        return wrongType(json, "an object");
    out.clear();
    for (auto member = json.begin(); member != json.end(); ++member) {
        if (auto result = value(*member, out[member.key()]); !result)
            return insideMember(std::move(result.error()), member.key());
    }
    return {};
}

Result<void> Decode::unknownWord(const std::string& word, const std::string_view* words, std::size_t count)
{
    std::string choices;
    for (std::size_t i = 0; i < count; ++i)
        choices += (i == 0 ? "" : i + 1 == count ? " or " : ", ") + ("\"" + std::string(words[i]) + "\"");
    return fail(ErrorCode::InvalidArgument, "\"" + word + "\" is not one of the words that may stand here.",
                "Use " + choices + ".");
}

}  // namespace headgate::native
