#pragma once

#include "core/base/check.h"
#include "core/base/ids.h"
#include "core/base/time.h"
#include "core/domain/media_settings.h"
#include "core/domain/stream.h"
#include "core/wire/native_words.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

// The counterpart of json_reader.h.
namespace headgate::native {

using Json = nlohmann::json;

class ObjectWriter
{
public:
    template <typename T>
    void required(std::string_view name, const T& value);

    template <typename T>
    void optional(std::string_view name, const T& value)
    {
        required(name, value);
    }

    void instantOrNever(std::string_view name, TimePoint value)
    {
        if (value == TimePoint())
            m_object.emplace(name, nullptr);
        else
            required(name, value);
    }

    void extensions(const std::string& text)
    {
        if (text.empty())
            return;
        Json object = Json::parse(text, nullptr, false);
        HG_CHECK(object.is_object());
        m_object.emplace("extensions", std::move(object));
    }

    Json take() { return std::move(m_object); }

private:
    Json m_object = Json::object();
};

struct Encode
{
    static Json value(bool value) { return value; }
    static Json value(int value) { return value; }
    static Json value(std::int64_t value) { return value; }
    static Json value(std::uint64_t value) { return value; }
    static Json value(std::uint16_t value) { return value; }
    static Json value(double value) { return std::isfinite(value) ? value : 0.0; }
    static Json value(const std::string& value) { return value; }
    static Json value(TimePoint value) { return toRfc3339(value); }
    static Json value(Duration value) { return value.count(); }
    static Json value(const StreamKey& value) { return value.path(); }
    static Json value(const MergeWindowSetting& value)
    {
        return value.milliseconds ? Json(*value.milliseconds) : Json("auto");
    }
    static Json value(const std::map<std::string, std::string>& value) { return value; }
    static Json value(const std::map<std::string, double>& value) { return value; }

    template <typename Tag>
    static Json value(const Id<Tag>& id)
    {
        return id.value;
    }

    template <typename T>
    static Json value(const std::optional<T>& optional)
    {
        return optional ? value(*optional) : Json();
    }

    template <typename T>
    static Json value(const std::vector<T>& elements)
    {
        return array(elements);
    }

    template <typename T>
    static Json value(const std::set<T>& elements)
    {
        return array(elements);
    }

    template <typename E>
    requires std::is_enum_v<E>
    static Json value(const E& enumerator) { return wordsOf(enumerator)[static_cast<std::size_t>(enumerator)]; }

    // A described type.
    template <typename T>
    static Json value(const T& described)
    {
        ObjectWriter writer;
        describe(writer, described);
        return writer.take();
    }

private:
    template <typename Elements>
    static Json array(const Elements& elements)
    {
        Json json = Json::array();
        for (const auto& element : elements)
            json.push_back(value(element));
        return json;
    }
};

template <typename T>
void ObjectWriter::required(std::string_view name, const T& value)
{
    m_object.emplace(name, Encode::value(value));
}

}  // namespace headgate::native
