#include "ui/models/shell_command.h"

#include "ui/format.h"
#include "ui/models/quoting.h"

#include <nlohmann/json.hpp>

namespace headgate {

namespace {

constexpr int jsonIndent = 2;

QString program(const QString& apiUrl)
{
    return apiUrl.isEmpty() ? QStringLiteral("headgatectl") : QStringLiteral("headgatectl --server %1").arg(apiUrl);
}

}  // namespace

ShellCommand shellCommand(const QString& apiUrl, const QString& words)
{
    const QString line = program(apiUrl) + QLatin1Char(' ') + words;
    return {apiUrl.isEmpty() ? line : QStringLiteral("%1 \\\n  %2").arg(program(apiUrl), words), line};
}

ShellCommand applyCommand(const QString& apiUrl, const QString& stem, const nlohmann::json& document)
{
    const QString file = quoting::shellWord(stem + QStringLiteral(".json"));
    const QString text = format::text(document.dump(jsonIndent, ' ', false));
    return {QStringLiteral("%1 \\\n  apply -f %2").arg(program(apiUrl), file),
            QStringLiteral("%1 apply -f - <<'END'\n%2\nEND\n").arg(program(apiUrl), text)};
}

}  // namespace headgate
