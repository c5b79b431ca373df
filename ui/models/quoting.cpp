#include "ui/models/quoting.h"

#include "core/wire/shell_lines.h"
#include "ui/format.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QUrl>

namespace headgate::quoting {

QString shellWord(const QString& value)
{
    return format::text(native::shellWord(format::utf8(value)));
}

QString javaScript(const QString& value)
{
    QString quoted = "'";
    for (const QChar c : value) {
        const bool endsLine = c.unicode() < 0x20 || c == QChar(0x2028) || c == QChar(0x2029);
        if (c == '\'' || c == '\\')
            quoted += QString("\\") + c;
        else if (endsLine || c == '<')
            quoted += QStringLiteral("\\u%1").arg(c.unicode(), 4, 16, QLatin1Char('0'));
        else
            quoted += c;
    }
    return quoted + '\'';
}

QString html(const QString& value)
{
    return value.toHtmlEscaped();
}

QString json(const QString& value)
{
    const QString list = QString::fromUtf8(QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact));
    return list.mid(1, list.size() - 2);
}

QString urlPart(const QString& value)
{
    return QString::fromUtf8(QUrl::toPercentEncoding(value));
}

}  // namespace headgate::quoting
