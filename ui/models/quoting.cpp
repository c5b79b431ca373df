#include "ui/models/quoting.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QUrl>

#include <algorithm>

namespace headgate::quoting {

namespace {

bool isPlainInShell(QChar c)
{
    const bool isAlphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return isAlphanumeric || QStringView(u"%+,-./:@_").contains(c);
}

}  // namespace

QString shellWord(const QString& value)
{
    if (!value.isEmpty() && std::all_of(value.begin(), value.end(), isPlainInShell))
        return value;
    return '\'' + QString(value).replace('\'', "'\\''") + '\'';
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
