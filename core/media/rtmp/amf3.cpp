#include "core/media/rtmp/amf3.h"

#include <bit>

namespace headgate {

namespace {

enum class Marker : std::uint8_t
{
    Undefined = 0x00,
    Null = 0x01,
    False = 0x02,
    True = 0x03,
    Integer = 0x04,
    Double = 0x05,
    String = 0x06,
    XmlDocument = 0x07,
    Date = 0x08,
    Array = 0x09,
    Object = 0x0A,
    Xml = 0x0B,
    ByteArray = 0x0C,
    IntegerVector = 0x0D,
    UnsignedVector = 0x0E,
    DoubleVector = 0x0F,
    ObjectVector = 0x10,
    Dictionary = 0x11
};

constexpr int deepest = 16;
constexpr std::size_t mostRepeatedText = 64 * 1024;

class Parser
{
public:
    Parser(ByteReader& reader, int& valuesLeft) : m_reader(reader), m_valuesLeft(valuesLeft) {}

    bool ok() const { return m_isOk && m_reader.ok(); }

    Amf0 value(int depth)
    {
        if (depth > deepest || --m_valuesLeft < 0)
            return malformed();
        const auto marker = static_cast<Marker>(m_reader.u8());
        switch (marker) {
        case Marker::Undefined:
            return {};
        case Marker::Null:
            return Amf0::Null{};
        case Marker::False:
        case Marker::True:
            return marker == Marker::True;
        case Marker::Integer:
            return integer();
        case Marker::Double:
            return number();
        case Marker::String:
            return string();
        case Marker::XmlDocument:
        case Marker::Xml:
        case Marker::ByteArray:
            return bytes();
        case Marker::Date:
            return date();
        case Marker::Array:
            return array(depth);
        case Marker::Object:
            return object(depth);
        case Marker::IntegerVector:
        case Marker::UnsignedVector:
        case Marker::DoubleVector:
        case Marker::ObjectVector:
            return vector(marker, depth);
        case Marker::Dictionary:
            return dictionary(depth);
        }
        return malformed();
    }

private:
    // What an object consists of; objects of one class share it by reference.
    struct Traits
    {
        bool isDynamic = false;
        std::vector<std::string> names;
    };

    // The lowest bit tells a reference from a length; above it is the one or the other.
    struct Length
    {
        bool isReference = false;
        std::uint32_t value = 0;
    };

    Amf0 malformed()
    {
        m_isOk = false;
        return {};
    }

    // Seven bits a byte, the fourth byte has eight (AMF 3, 1.3.1).
    std::uint32_t u29()
    {
        std::uint32_t value = 0;
        for (int i = 0; i < 3; ++i) {
            const std::uint32_t byte = m_reader.u8();
            value = value << 7 | (byte & 0x7F);
            if ((byte & 0x80) == 0)
                return value;
        }
        return value << 8 | m_reader.u8();
    }

    Length length()
    {
        const std::uint32_t read = u29();
        return {(read & 1) == 0, read >> 1};
    }

    double integer()
    {
        const std::uint32_t read = u29();
        return static_cast<std::int32_t>(read << 3) >> 3;
    }

    double number()
    {
        const std::uint64_t high = m_reader.u32();
        return std::bit_cast<double>(high << 32 | m_reader.u32());
    }

    std::string string()
    {
        const Length read = length();
        if (read.isReference)
            return repeatedString(read.value);
        std::string text(textOf(m_reader.take(read.value)));
        if (!text.empty())
            m_strings.push_back(text);
        return text;
    }

    std::string repeatedString(std::size_t index)
    {
        if (index >= m_strings.size()) {
            m_isOk = false;
            return {};
        }
        m_repeatedText += m_strings[index].size();
        m_isOk = m_isOk && m_repeatedText <= mostRepeatedText;
        return m_isOk ? m_strings[index] : std::string();
    }

    Amf0 bytes()
    {
        const Length read = length();
        return read.isReference ? Amf0() : Amf0(std::string(textOf(m_reader.take(read.value))));
    }

    Amf0 date() { return length().isReference ? Amf0() : Amf0(Amf0::Date{number()}); }

    Amf0::Members members(int depth)
    {
        Amf0::Members read;
        while (ok()) {
            std::string name = string();
            if (name.empty())
                break;
            Amf0 member = value(depth + 1);
            read.emplace_back(std::move(name), std::move(member));
        }
        return read;
    }

    // Named members first; only one of both kinds is kept, as AMF0 has no array with both.
    Amf0 array(int depth)
    {
        const Length count = length();
        if (count.isReference)
            return {};
        Amf0::Members named = members(depth);
        Amf0::StrictArray elements;
        for (std::uint32_t i = 0; i < count.value && ok(); ++i)
            elements.elements.push_back(value(depth + 1));
        if (named.empty())
            return elements;
        return Amf0::EcmaArray{std::move(named)};
    }

    Amf0 object(int depth)
    {
        const std::uint32_t flags = u29();
        if ((flags & 1) == 0)
            return {};
        const auto traits = traitsOf(flags);
        if (!traits)
            return malformed();
        Amf0::Object read;
        for (const std::string& name : traits->names) {
            if (!ok())
                break;
            read.members.emplace_back(name, value(depth + 1));
        }
        if (traits->isDynamic) {
            for (auto& member : members(depth))
                read.members.push_back(std::move(member));
        }
        return read;
    }

    // None also for a class that writes itself: how long it is only that class knows.
    std::optional<Traits> traitsOf(std::uint32_t flags)
    {
        const bool isReference = (flags & 2) == 0;
        const bool isExternal = (flags & 4) != 0;
        if (isReference)
            return flags >> 2 < m_traits.size() ? repeatedTraits(flags >> 2) : std::nullopt;
        if (isExternal)
            return std::nullopt;
        Traits traits;
        traits.isDynamic = (flags & 8) != 0;
        string();  // the name of the class
        for (std::uint32_t left = flags >> 4; left > 0; --left) {
            if (!ok() || --m_valuesLeft < 0)
                return std::nullopt;
            traits.names.push_back(string());
        }
        m_traits.push_back(traits);
        return traits;
    }

    std::optional<Traits> repeatedTraits(std::size_t index)
    {
        for (const std::string& name : m_traits[index].names)
            m_repeatedText += name.size();
        return m_repeatedText <= mostRepeatedText ? std::optional(m_traits[index]) : std::nullopt;
    }

    Amf0 vector(Marker marker, int depth)
    {
        const Length count = length();
        if (count.isReference)
            return {};
        m_reader.u8();  // whether its length is fixed
        if (marker == Marker::ObjectVector)
            string();  // the name of the class
        Amf0::StrictArray read;
        for (std::uint32_t i = 0; i < count.value && ok(); ++i)
            read.elements.push_back(element(marker, depth));
        return read;
    }

    Amf0 element(Marker marker, int depth)
    {
        if (marker == Marker::ObjectVector)
            return value(depth + 1);
        if (--m_valuesLeft < 0)
            return malformed();
        if (marker == Marker::DoubleVector)
            return number();
        const std::uint32_t bits = m_reader.u32();
        return marker == Marker::UnsignedVector ? static_cast<double>(bits)
                                                : static_cast<double>(static_cast<std::int32_t>(bits));
    }

    Amf0 dictionary(int depth)
    {
        const Length count = length();
        if (count.isReference)
            return {};
        m_reader.u8();  // whether its keys are weak
        for (std::uint32_t i = 0; i < count.value && ok(); ++i) {
            value(depth + 1);
            value(depth + 1);
        }
        return {};
    }

    ByteReader& m_reader;
    int& m_valuesLeft;
    std::vector<std::string> m_strings;
    std::vector<Traits> m_traits;
    std::size_t m_repeatedText = 0;
    bool m_isOk = true;
};

}  // namespace

std::optional<Amf0> readAmf3(ByteReader& reader, int depth, int& valuesLeft)
{
    Parser parser(reader, valuesLeft);
    Amf0 value = parser.value(depth);
    return parser.ok() ? std::optional(std::move(value)) : std::nullopt;
}

}  // namespace headgate
