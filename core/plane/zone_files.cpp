#include "core/plane/zone_files.h"

#include "core/provider/whole_file.h"

#include <QTimeZone>

#include <algorithm>
#include <cstdlib>
#include <optional>

namespace headgate {
namespace {

bool isZoneName(const std::string& name)
{
    const auto isGood = [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '+' || c == '-' || c == '/'; };
    return !name.empty() && name.size() <= 64 && name.front() != '/' && std::ranges::all_of(name, isGood);
}

}  // namespace

Result<ZoneRules> loadZoneFile(const std::string& name)
{
    const char* folder = std::getenv("TZDIR");
    std::optional<std::string> bytes;
    if (isZoneName(name))
        bytes = readWholeFile(std::string(folder ? folder : "/usr/share/zoneinfo") + "/" + name);
    if (!bytes || bytes->empty())
        return fail(ErrorCode::NotFound, "There is no time zone \"" + name + "\".",
                    "Use a name of the IANA database, for example Europe/Berlin.");
    return ZoneRules::fromTzif(name, *bytes);
}

std::string ianaZoneName(const std::string& windowsName)
{
    return QTimeZone::windowsIdToDefaultIanaId(QByteArray::fromStdString(windowsName)).toStdString();
}

}  // namespace headgate
