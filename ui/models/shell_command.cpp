#include "ui/models/shell_command.h"

#include "ui/format.h"
#include "ui/models/quoting.h"

namespace headgate {

ShellCommand shellCommand(const Result<native::ShellLines>& lines, const QString& stem)
{
    if (!lines)
        return {};
    const QString full = format::text(lines->headgatectl.empty() ? lines->curl : lines->headgatectl);
    const QString file = quoting::shellWord(stem + QStringLiteral(".json"));
    QString shown = full.section(QStringLiteral(" <<"), 0, 0);
    shown.replace(QStringLiteral(" -f -"), QStringLiteral(" -f ") + file);
    shown.replace(QStringLiteral(" @-"), QStringLiteral(" @") + file);
    return {shown, full};
}

}  // namespace headgate
