#pragma once

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/time.h"
#include "core/domain/media_settings.h"
#include "core/domain/stream.h"
#include "core/wire/native_words.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

// Reads JSON values into domain types. Each described type has one function template
// `describe(fields, value)` that names its members once; with an ObjectReader it decodes, with an ObjectWriter it
// encodes. An error's pointer is put together on the way out, so good documents pay nothing for it.
namespace headgate::native {

using Json = nlohmann::json;

// "~" and "/" as RFC 6901 wants them.
std::string escapedForPointer(std::string_view member);

// An object without one of its members; anything else as it is.
Json withoutMember(const Json& json, std::string_view member);

tl::unexpected<Error> wrongType(const Json& found, std::string_view wanted);
tl::unexpected<Error> insideMember(Error error, std::string_view member);

// Collects the members of one object. After the first error the rest is skipped.
class ObjectReader
{
public:
    explicit ObjectReader(const Json& object) : m_object(object) {}

    template <typename T>
    void required(std::string_view name, T& out);

    // Absent keeps what `out` holds.
    template <typename T>
    void optional(std::string_view name, T& out);

    // null is epoch 0, "never".
    void instantOrNever(std::string_view name, TimePoint& out);

    // The object below "extensions" as text; absent or empty is "".
    void extensions(std::string& out);

    // The first error, or the complaint about a member that nobody asked for.
    Result<void> finish();

private:
    const Json* find(std::string_view name);
    void failAt(std::string_view name, Error error);

    const Json& m_object;
    std::vector<std::string_view> m_known;
    std::optional<Error> m_error;
};

struct Decode
{
    static Result<void> value(const Json& json, bool& out);
    static Result<void> value(const Json& json, Json& out);  // whatever it is
    static Result<void> value(const Json& json, int& out);   // integers are never negative in our documents
    static Result<void> value(const Json& json, std::int64_t& out);
    static Result<void> value(const Json& json, std::uint64_t& out);
    static Result<void> value(const Json& json, std::uint16_t& out);
    static Result<void> value(const Json& json, double& out);
    static Result<void> value(const Json& json, std::string& out);
    static Result<void> value(const Json& json, TimePoint& out);
    static Result<void> value(const Json& json, Duration& out);  // milliseconds
    static Result<void> value(const Json& json, StreamKey& out);
    static Result<void> value(const Json& json, MergeWindowSetting& out);  // milliseconds or "auto"
    static Result<void> value(const Json& json, std::map<std::string, std::string>& out);
    static Result<void> value(const Json& json, std::map<std::string, double>& out);

    template <typename Tag>
    static Result<void> value(const Json& json, Id<Tag>& out)
    {
        return value(json, out.value);
    }

    template <typename T>
    static Result<void> value(const Json& json, std::optional<T>& out)
    {
        out.reset();
        return json.is_null() ? Result<void>() : value(json, out.emplace());
    }

    template <typename T>
    static Result<void> value(const Json& json, std::vector<T>& out);

    template <typename T>
    static Result<void> value(const Json& json, std::set<T>& out);

    template <typename E>
    requires std::is_enum_v<E>
    static Result<void> value(const Json& json, E& out);

    // A described type.
    template <typename T>
    static Result<void> value(const Json& json, T& out)
    {
        if (!json.is_object())
            return wrongType(json, "an object");
        ObjectReader reader(json);
        describe(reader, out);
        return reader.finish();
    }

private:
    static Result<void> unknownWord(const std::string& word, const std::string_view* words, std::size_t count);
};

template <typename T>
Result<void> Decode::value(const Json& json, std::vector<T>& out)
{
    if (!json.is_array())
        return wrongType(json, "an array");
    out.clear();
    out.reserve(json.size());
    for (const Json& element : json) {
        if (auto result = value(element, out.emplace_back()); !result)
            return insideMember(std::move(result.error()), std::to_string(out.size() - 1));
    }
    return {};
}

template <typename T>
Result<void> Decode::value(const Json& json, std::set<T>& out)
{
    std::vector<T> elements;
    if (auto result = value(json, elements); !result)
        return result;
    out = std::set<T>(elements.begin(), elements.end());
    return {};
}

template <typename E>
requires std::is_enum_v<E> Result<void> Decode::value(const Json& json, E& out)
{
    static constexpr auto words = wordsOf(E{});
    std::string word;
    if (auto result = value(json, word); !result)
        return result;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == word) {
            out = static_cast<E>(i);
            return {};
        }
    }
    return unknownWord(word, words.data(), words.size());
}

template <typename T>
void ObjectReader::optional(std::string_view name, T& out)
{
    const Json* member = find(name);
    if (!member)
        return;
    if (auto result = Decode::value(*member, out); !result)
        failAt(name, std::move(result.error()));
}

template <typename T>
void ObjectReader::required(std::string_view name, T& out)
{
    optional(name, out);
    if (!m_error && !m_object.contains(name))
        failAt(name, {ErrorCode::InvalidArgument, "The member \"" + std::string(name) + "\" is missing.", {}, {}});
}

// A whole document.
template <typename T>
Result<T> decodeDocument(const Json& json)
{
    T out;
    if (auto result = Decode::value(json, out); !result)
        return tl::unexpected(std::move(result.error()));
    return out;
}

}  // namespace headgate::native
