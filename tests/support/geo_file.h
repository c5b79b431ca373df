#pragma once

#include <arpa/inet.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace headgate::testing {

// A small database in MaxMind's format (version 2.0 of its specification), made in memory: networks that do not overlap
// and what is said of each.
class GeoFile
{
public:
    // "81.2.69.0", 24 or "2001:db8::", 32.
    void addCity(const std::string& address, int bits, double latitude, double longitude)
    {
        add(address, bits,
            map({{"location", map({{"latitude", number(latitude)}, {"longitude", number(longitude)}})}}));
    }

    void addCountry(const std::string& address, int bits, const std::string& code)
    {
        add(address, bits, map({{"country", map({{"iso_code", text(code)}})}}));
    }

    std::string bytes() const
    {
        std::string all;
        for (const auto& node : m_nodes) {
            for (const std::int64_t side : node)
                all += bigEndian(recordOf(side), 3);
        }
        const auto count = static_cast<std::uint64_t>(m_nodes.size());
        return all + std::string(16, '\0') + m_values + "\xab\xcd\xefMaxMind.com" +
               map({{"binary_format_major_version", unsignedNumber(5, 2, 2)},
                    {"binary_format_minor_version", unsignedNumber(5, 0, 2)},
                    {"build_epoch", unsignedNumber(9, 1'800'000'000, 8)},
                    {"database_type", text("Test-City")},
                    {"description", map({})},
                    {"ip_version", unsignedNumber(5, 6, 2)},
                    {"languages", control(11, 0)},
                    {"node_count", unsignedNumber(6, count, 4)},
                    {"record_size", unsignedNumber(5, 24, 2)}});
    }

private:
    static constexpr std::int64_t nothing = -1;  // in a node; -2, -3 ... are places among the values

    static std::string bigEndian(std::uint64_t value, int bytes)
    {
        std::string result;
        for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
            result += static_cast<char>(value >> shift);
        return result;
    }

    static std::string control(int type, std::size_t size)
    {
        const std::size_t inByte = size < 29 ? size : 29;
        std::string result(1, static_cast<char>((type < 8 ? type << 5 : 0) | static_cast<int>(inByte)));
        if (type >= 8)
            result += static_cast<char>(type - 7);
        return size < 29 ? result : result + static_cast<char>(size - 29);
    }

    static std::string text(const std::string& value) { return control(2, value.size()) + value; }

    static std::string number(double value)
    {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &value, sizeof bits);
        return control(3, 8) + bigEndian(bits, 8);
    }

    static std::string unsignedNumber(int type, std::uint64_t value, int bytes)
    {
        return control(type, static_cast<std::size_t>(bytes)) + bigEndian(value, bytes);
    }

    static std::string map(const std::vector<std::pair<std::string, std::string>>& members)
    {
        std::string result = control(7, members.size());
        for (const auto& [name, value] : members)
            result += text(name) + value;
        return result;
    }

    // The tree is one of IPv6; IPv4 lies below ::/96.
    void add(const std::string& address, int bits, const std::string& value)
    {
        std::array<std::uint8_t, 16> path{};
        const bool isIpv4 = ::inet_pton(AF_INET, address.c_str(), path.data() + 12) == 1;
        if (!isIpv4)
            ::inet_pton(AF_INET6, address.c_str(), path.data());
        const int length = bits + (isIpv4 ? 96 : 0);
        std::size_t node = 0;
        for (int bit = 0; bit < length; ++bit) {
            const auto side = static_cast<std::size_t>(path[static_cast<std::size_t>(bit / 8)] >> (7 - bit % 8) & 1);
            if (bit + 1 == length) {
                m_nodes[node][side] = -2 - static_cast<std::int64_t>(m_values.size());
            } else if (m_nodes[node][side] == nothing) {
                m_nodes[node][side] = static_cast<std::int64_t>(m_nodes.size());
                node = m_nodes.size();
                m_nodes.push_back({nothing, nothing});
            } else {
                node = static_cast<std::size_t>(m_nodes[node][side]);
            }
        }
        m_values += value;
    }

    std::uint64_t recordOf(std::int64_t side) const
    {
        const auto count = static_cast<std::int64_t>(m_nodes.size());
        if (side == nothing)
            return static_cast<std::uint64_t>(count);
        return static_cast<std::uint64_t>(side >= 0 ? side : count + 16 - 2 - side);
    }

    std::vector<std::array<std::int64_t, 2>> m_nodes{{nothing, nothing}};
    std::string m_values;
};

}  // namespace headgate::testing
