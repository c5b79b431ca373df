#pragma once

#include "core/base/result.h"
#include "core/media/net/bytes.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace headgate {

// A value of AMF0 (Adobe AMF 0 specification). References, typed objects' class names and XML are read as far as
// needed to go on, and become undefined, objects and strings; so are values of AMF3 within.
class Amf0
{
public:
    struct Undefined
    {
        bool operator==(const Undefined&) const = default;
    };
    struct Null
    {
        bool operator==(const Null&) const = default;
    };
    using Members = std::vector<std::pair<std::string, Amf0>>;
    struct Object
    {
        Members members;  // in the order of the wire; a name may repeat, the first one counts
        bool operator==(const Object& other) const;
    };
    struct EcmaArray
    {
        Members members;
        bool operator==(const EcmaArray& other) const;
    };
    struct StrictArray
    {
        std::vector<Amf0> elements;
        bool operator==(const StrictArray& other) const;
    };
    struct Date
    {
        double epochMs = 0;
        bool operator==(const Date&) const = default;
    };

    Amf0() = default;
    Amf0(Null) : m_value(Null{}) {}
    Amf0(double number) : m_value(number) {}
    Amf0(bool truth) : m_value(truth) {}
    Amf0(std::string text) : m_value(std::move(text)) {}
    Amf0(const char* text) : m_value(std::string(text)) {}
    Amf0(Object object) : m_value(std::move(object)) {}
    Amf0(EcmaArray array) : m_value(std::move(array)) {}
    Amf0(StrictArray array) : m_value(std::move(array)) {}
    Amf0(Date date) : m_value(date) {}

    bool operator==(const Amf0&) const = default;

    // None if it is of another type.
    std::optional<double> number() const;
    std::optional<std::string> text() const;

    // The member of an object or ECMA array; undefined if there is none.
    const Amf0& operator[](std::string_view name) const;

    // Whether it is a strict array with that text among its elements.
    bool has(std::string_view element) const;

    void appendTo(Bytes& out) const;

    // InvalidArgument if malformed, deeper than 16 levels or of more than 4096 values.
    static Result<std::vector<Amf0>> parseAll(ByteView bytes);

private:
    std::variant<Undefined, Null, double, bool, std::string, Object, EcmaArray, StrictArray, Date> m_value;
};

}  // namespace headgate
