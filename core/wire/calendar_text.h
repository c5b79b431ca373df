#pragma once

#include "core/base/result.h"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

// The lines of iCalendar (RFC 5545 section 3.1): what stands in them is read by calendar_events.h.
namespace headgate {

// NAME;PARAMETER=VALUE:value, unfolded. Names are in upper case.
struct CalendarLine
{
    int number = 0;  // of its first line in the text, counted from 1
    std::string name;
    std::map<std::string, std::string> parameters;
    std::string value;

    bool is(std::string_view wantedName, std::string_view wantedValue) const;  // the value in any case
};

// InvalidArgument naming the line that is none, or that is one too many.
Result<std::vector<CalendarLine>> calendarLines(std::string_view text);

// InvalidArgument at "PROPERTY (line 7)".
tl::unexpected<Error> calendarError(const std::string& property, int line, std::string message);

std::string unescapedCalendarText(std::string_view value);

// Builds a calendar line by line: folded at 75 octets without cutting a character, ended by CRLF.
class CalendarText
{
public:
    // `name` with its parameters. `value` is written as it is.
    void add(std::string_view name, std::string_view value);

    // For values of type TEXT: escaped; control characters become spaces.
    void addText(std::string_view name, std::string_view value);

    // For values of type TEXT that are JSON, in ASCII, so that nothing of it is lost.
    void addJson(std::string_view name, const nlohmann::json& json);

    const std::string& text() const { return m_text; }

private:
    std::string m_text;
};

}  // namespace headgate
