#pragma once

#include "core/base/result.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace headgate::stream_manager {

using Json = nlohmann::json;

// Reads one object of the Stream Manager dialect member by member: numbers and flags may be strings, null is the same
// as absent. What nobody asked for is left over. After the first error every further read gives the default.
class LenientReader
{
public:
    // `pointer` is where the object stands in the document.
    LenientReader(const Json& object, std::string pointer);

    std::string text(std::string_view name);
    std::optional<int> number(std::string_view name);
    bool isSet(std::string_view name);
    std::vector<std::string> words(std::string_view name);

    // Elements of an object (with their keys) or of an array (with empty keys), each with its pointer.
    struct Element
    {
        std::string key;
        const Json* json;
        std::string pointer;
    };
    std::vector<Element> elements(std::string_view name);

    // The member, null if it is absent; counts as asked for.
    const Json* member(std::string_view name);

    // The members nobody asked for.
    Json rest() const;

    void failAt(std::string_view name, std::string message, std::string remedy = {});
    void fail(Error error);
    bool isFailed() const { return m_error.has_value(); }
    const std::optional<Error>& error() const { return m_error; }
    std::string pointerTo(std::string_view name) const;

private:
    const Json& m_object;
    std::string m_pointer;
    std::vector<std::string> m_known;
    std::optional<Error> m_error;
};

}  // namespace headgate::stream_manager
