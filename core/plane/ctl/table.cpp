#include "core/plane/ctl/table.h"

#include "core/base/check.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace headgate::ctl {
namespace {

std::size_t lettersIn(const std::string& text)
{
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

bool isNumber(const std::string& text)
{
    return text.find_first_not_of("0123456789.%/") == std::string::npos;
}

}  // namespace

std::string bitRateText(std::int64_t bitsPerSecond)
{
    std::array<char, 32> text{};
    if (bitsPerSecond >= 1'000'000)
        std::snprintf(text.data(), text.size(), "%.1f Mbit/s", static_cast<double>(bitsPerSecond) / 1e6);
    else
        std::snprintf(text.data(), text.size(), "%.0f kbit/s", static_cast<double>(bitsPerSecond) / 1e3);
    return text.data();
}

void TextTable::addRow(std::vector<std::string> cells)
{
    HG_CHECK(cells.size() == m_rows.front().size());
    for (std::string& cell : cells) {
        // A name out of the network must not move the cursor.
        std::ranges::replace_if(
            cell, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
        if (cell.empty())
            cell = "-";
    }
    m_rows.push_back(std::move(cells));
}

std::string TextTable::text() const
{
    const std::size_t columns = m_rows.front().size();
    std::vector<std::size_t> widths(columns, 0);
    std::vector<bool> areNumbers(columns, m_rows.size() > 1);
    for (const auto& row : m_rows) {
        for (std::size_t c = 0; c < columns; ++c) {
            widths[c] = std::max(widths[c], lettersIn(row[c]));
            if (&row != &m_rows.front() && row[c] != "-" && !isNumber(row[c]))
                areNumbers[c] = false;
        }
    }
    std::string text;
    for (const auto& row : m_rows) {
        for (std::size_t c = 0; c < columns; ++c) {
            const std::string padding(widths[c] - lettersIn(row[c]), ' ');
            const bool isLast = c + 1 == columns;
            text += areNumbers[c] ? padding + row[c] : isLast ? row[c] : row[c] + padding;
            text += isLast ? "\n" : "  ";
        }
    }
    return text;
}

}  // namespace headgate::ctl
