#pragma once

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/domain/stream.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace headgate::node_protocol {

using Json = nlohmann::json;

constexpr std::size_t maxTextLength = 1024;
constexpr std::size_t maxStreams = 10'000;

// Unknown members are ignored, known ones must have the right type and range.
// Reads members of one object. After the first error the rest is skipped and keeps its default.
class MessageReader
{
public:
    explicit MessageReader(const Json& object, std::string pointer = {})
        : m_object(object), m_pointer(std::move(pointer))
    {
        if (!m_object.is_object())
            fail({}, "An object is expected.");
    }

    void text(const char* name, std::string& out, std::size_t longest = maxTextLength)
    {
        if (const Json* member = find(name)) {
            if (!member->is_string() || member->get_ref<const std::string&>().size() > longest)
                return fail(name, "A text of at most " + std::to_string(longest) + " bytes is expected.");
            out = member->get<std::string>();
        }
    }

    void flag(const char* name, bool& out)
    {
        if (const Json* member = find(name)) {
            if (!member->is_boolean())
                return fail(name, "true or false is expected.");
            out = member->get<bool>();
        }
    }

    template <typename Integer>
    void integer(const char* name, Integer& out, std::uint64_t lowest = 0)
    {
        constexpr auto highest = static_cast<std::uint64_t>(std::numeric_limits<Integer>::max());
        if (const Json* member = find(name)) {
            if (!member->is_number_unsigned() || member->get<std::uint64_t>() < lowest ||
                member->get<std::uint64_t>() > highest)
                return fail(name, "A whole number from " + std::to_string(lowest) + " to " + std::to_string(highest) +
                                      " is expected.");
            out = static_cast<Integer>(member->get<std::uint64_t>());
        }
    }

    void number(const char* name, double& out, double lowest = 0)
    {
        if (const Json* member = find(name)) {
            if (!member->is_number() || !(member->get<double>() >= lowest) || member->get<double>() > 1e12)
                return fail(name, lowest < 0 ? "A number from -10^12 to 10^12 is expected."
                                             : "A number from 0 to 10^12 is expected.");
            out = member->get<double>();
        }
    }

    void instant(const char* name, TimePoint& out)
    {
        std::int64_t ms = toEpochMs(out);
        integer(name, ms);
        out = fromEpochMs(ms);
    }

    void stream(const char* name, StreamKey& out)
    {
        constexpr std::size_t longestPath = 8 * 129;  // what StreamKey::parse() takes
        std::string path;
        text(name, path, longestPath);
        if (m_error)
            return;
        if (auto key = StreamKey::parse(path))
            out = std::move(*key);
        else
            fail(name, key.error().message);
    }

    template <typename Read>
    void object(const char* name, Read read)
    {
        if (const Json* member = find(name)) {
            MessageReader reader(*member, m_pointer + "/" + name);
            if (!reader.m_error)
                read(reader);
            adopt(std::move(reader));
        }
    }

    // A member that is a native document; `read` answers Result<void>.
    template <typename Read>
    void document(const char* name, Read read)
    {
        if (const Json* member = find(name)) {
            if (const Result<void> result = read(*member); !result)
                fail(name + result.error().pointer, result.error().message);
        }
    }

    // `read` is called with a MessageReader for each element.
    template <typename Read>
    void array(const char* name, Read read)
    {
        const Json* member = find(name);
        if (!member)
            return;
        if (!member->is_array() || member->size() > maxStreams)
            return fail(name, "A list of at most 10000 elements is expected.");
        for (std::size_t i = 0; i < member->size() && !m_error; ++i) {
            MessageReader reader((*member)[i], m_pointer + "/" + name + "/" + std::to_string(i));
            if (!reader.m_error)
                read(reader);
            adopt(std::move(reader));
        }
    }

    bool has(const char* name) const { return m_object.is_object() && m_object.contains(name); }

    void require(const char* name)
    {
        if (!m_error && !has(name))
            fail(name, "The member is missing.");
    }

    void fail(const std::string& name, std::string message)
    {
        if (!m_error)
            m_error = Error{
                ErrorCode::InvalidArgument, std::move(message), {}, name.empty() ? m_pointer : m_pointer + "/" + name};
    }

    const std::optional<Error>& error() const { return m_error; }

private:
    const Json* find(const char* name) const
    {
        if (m_error)
            return nullptr;
        const auto it = m_object.find(name);
        return it != m_object.end() ? &*it : nullptr;
    }

    void adopt(MessageReader&& inner)
    {
        if (!m_error)
            m_error = std::move(inner.m_error);
    }

    const Json& m_object;
    std::string m_pointer;
    std::optional<Error> m_error;
};

}  // namespace headgate::node_protocol
