#include "core/media/rtmp/amf0.h"

#include "core/media/rtmp/amf3.h"

#include <bit>
#include <type_traits>

namespace headgate {

namespace {

enum class Marker : std::uint8_t
{
    Number = 0x00,
    Boolean = 0x01,
    String = 0x02,
    Object = 0x03,
    Null = 0x05,
    Undefined = 0x06,
    Reference = 0x07,
    EcmaArray = 0x08,
    ObjectEnd = 0x09,
    StrictArray = 0x0A,
    Date = 0x0B,
    LongString = 0x0C,
    Unsupported = 0x0D,
    XmlDocument = 0x0F,
    TypedObject = 0x10,
    Amf3 = 0x11
};

constexpr int deepest = 16;
constexpr int mostValues = 4096;

void appendMarker(Bytes& out, Marker marker)
{
    appendU8(out, static_cast<std::uint32_t>(marker));
}

void appendDouble(Bytes& out, double value)
{
    const auto bits = std::bit_cast<std::uint64_t>(value);
    appendU32(out, static_cast<std::uint32_t>(bits >> 32));
    appendU32(out, static_cast<std::uint32_t>(bits & 0xFFFFFFFF));
}

void appendShortString(Bytes& out, std::string_view text)
{
    const std::string_view cut = text.substr(0, 0xFFFF);
    appendU16(out, static_cast<std::uint32_t>(cut.size()));
    appendView(out, viewOf(cut));
}

void appendMembers(Bytes& out, const Amf0::Members& members)
{
    for (const auto& [name, value] : members) {
        appendShortString(out, name);
        value.appendTo(out);
    }
    appendU16(out, 0);
    appendMarker(out, Marker::ObjectEnd);
}

void appendString(Bytes& out, const std::string& text)
{
    if (text.size() <= 0xFFFF) {
        appendMarker(out, Marker::String);
        appendShortString(out, text);
    } else {
        appendMarker(out, Marker::LongString);
        appendU32(out, static_cast<std::uint32_t>(text.size()));
        appendView(out, viewOf(text));
    }
}

class Parser
{
public:
    explicit Parser(ByteView bytes) : m_reader(bytes) {}

    bool ok() const { return m_isOk && m_reader.ok(); }
    bool atEnd() const { return m_reader.remaining() == 0; }

    Amf0 value(int depth)
    {
        if (depth > deepest || --m_valuesLeft < 0)
            return malformed();
        switch (static_cast<Marker>(m_reader.u8())) {
        case Marker::Number:
            return number();
        case Marker::Boolean:
            return m_reader.u8() != 0;
        case Marker::String:
            return string(m_reader.u16());
        case Marker::LongString:
        case Marker::XmlDocument:
            return string(m_reader.u32());
        case Marker::TypedObject:
            m_reader.take(m_reader.u16());
            return Amf0::Object{members(depth)};
        case Marker::Object:
            return Amf0::Object{members(depth)};
        case Marker::EcmaArray:
            m_reader.u32();
            return Amf0::EcmaArray{members(depth)};
        case Marker::StrictArray:
            return strictArray(depth);
        case Marker::Date:
            return date();
        case Marker::Null:
            return Amf0::Null{};
        case Marker::Reference:
            m_reader.u16();
            return {};
        case Marker::Undefined:
        case Marker::Unsupported:
            return {};
        case Marker::Amf3:
            return amf3(depth);
        case Marker::ObjectEnd:
            break;
        }
        return malformed();
    }

private:
    Amf0 malformed()
    {
        m_isOk = false;
        return {};
    }

    Amf0 amf3(int depth)
    {
        auto read = readAmf3(m_reader, depth, m_valuesLeft);
        return read ? std::move(*read) : malformed();
    }

    double number()
    {
        const std::uint64_t high = m_reader.u32();
        return std::bit_cast<double>(high << 32 | m_reader.u32());
    }

    std::string string(std::size_t size) { return std::string(textOf(m_reader.take(size))); }

    Amf0 date()
    {
        const Amf0::Date read{number()};
        m_reader.u16();
        return read;
    }

    Amf0::Members members(int depth)
    {
        Amf0::Members read;
        while (ok()) {
            std::string name = string(m_reader.u16());
            if (name.empty() && !atEnd() && isObjectEnd())
                break;
            if (atEnd()) {
                m_isOk = false;
                break;
            }
            Amf0 member = value(depth + 1);
            read.emplace_back(std::move(name), std::move(member));
        }
        return read;
    }

    // Takes the marker only if it is the end.
    bool isObjectEnd()
    {
        ByteReader ahead = m_reader;
        if (ahead.u8() != static_cast<std::uint32_t>(Marker::ObjectEnd))
            return false;
        m_reader = ahead;
        return true;
    }

    Amf0 strictArray(int depth)
    {
        Amf0::StrictArray read;
        const std::uint32_t count = m_reader.u32();
        for (std::uint32_t i = 0; i < count && ok(); ++i)
            read.elements.push_back(value(depth + 1));
        return read;
    }

    ByteReader m_reader;
    int m_valuesLeft = mostValues;
    bool m_isOk = true;
};

template <typename... Cases>
struct Overloaded : Cases...
{
    using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace

// Not defaulted in the class: their members are of a type that is not complete there.
bool Amf0::Object::operator==(const Object& other) const
{
    return members == other.members;
}

bool Amf0::EcmaArray::operator==(const EcmaArray& other) const
{
    return members == other.members;
}

bool Amf0::StrictArray::operator==(const StrictArray& other) const
{
    return elements == other.elements;
}

std::optional<double> Amf0::number() const
{
    const double* const value = std::get_if<double>(&m_value);
    return value ? std::optional(*value) : std::nullopt;
}

std::optional<std::string> Amf0::text() const
{
    const std::string* const value = std::get_if<std::string>(&m_value);
    return value ? std::optional(*value) : std::nullopt;
}

const Amf0& Amf0::operator[](std::string_view name) const
{
    static const Amf0 nothing;
    const Members* members = nullptr;
    if (const auto* object = std::get_if<Object>(&m_value))
        members = &object->members;
    else if (const auto* array = std::get_if<EcmaArray>(&m_value))
        members = &array->members;
    if (members == nullptr)
        return nothing;
    for (const auto& [key, value] : *members) {
        if (key == name)
            return value;
    }
    return nothing;
}

bool Amf0::has(std::string_view element) const
{
    const auto* const array = std::get_if<StrictArray>(&m_value);
    return array != nullptr && std::any_of(array->elements.begin(), array->elements.end(),
                                           [element](const Amf0& each) { return each.text() == element; });
}

void Amf0::appendTo(Bytes& out) const
{
    std::visit(Overloaded{
                   [&](Undefined) { appendMarker(out, Marker::Undefined); },
                   [&](Null) { appendMarker(out, Marker::Null); },
                   [&](double value) {
                       appendMarker(out, Marker::Number);
                       appendDouble(out, value);
                   },
                   [&](bool value) {
                       appendMarker(out, Marker::Boolean);
                       appendU8(out, value ? 1 : 0);
                   },
                   [&](const std::string& value) { appendString(out, value); },
                   [&](const Object& value) {
                       appendMarker(out, Marker::Object);
                       appendMembers(out, value.members);
                   },
                   [&](const EcmaArray& value) {
                       appendMarker(out, Marker::EcmaArray);
                       appendU32(out, static_cast<std::uint32_t>(value.members.size()));
                       appendMembers(out, value.members);
                   },
                   [&](const StrictArray& value) {
                       appendMarker(out, Marker::StrictArray);
                       appendU32(out, static_cast<std::uint32_t>(value.elements.size()));
                       for (const Amf0& element : value.elements)
                           element.appendTo(out);
                   },
                   [&](const Date& value) {
                       appendMarker(out, Marker::Date);
                       appendDouble(out, value.epochMs);
                       appendU16(out, 0);
                   },
               },
               m_value);
}

Result<std::vector<Amf0>> Amf0::parseAll(ByteView bytes)
{
    Parser parser(bytes);
    std::vector<Amf0> values;
    while (!parser.atEnd() && parser.ok())
        values.push_back(parser.value(0));
    if (!parser.ok())
        return fail(ErrorCode::InvalidArgument, "The AMF0 message is malformed or too large.");
    return values;
}

}  // namespace headgate
