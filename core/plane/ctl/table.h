#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace headgate::ctl {

// "1.5 Mbit/s", "96 kbit/s".
std::string bitRateText(std::int64_t bitsPerSecond);

// Columns as wide as their widest cell, two spaces apart; columns of numbers are aligned to the right.
class TextTable
{
public:
    explicit TextTable(std::vector<std::string> headings) : m_rows{std::move(headings)} {}

    // As many cells as there are headings. Control characters are shown as '?'.
    void addRow(std::vector<std::string> cells);

    std::string text() const;

private:
    std::vector<std::vector<std::string>> m_rows;
};

}  // namespace headgate::ctl
