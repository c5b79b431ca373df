#include "ui/english_plurals.h"

namespace headgate {

QString EnglishPlurals::translate(const char*, const char* sourceText, const char*, int n) const
{
    const QString source = QString::fromUtf8(sourceText);
    if (n < 0 || !(source.contains(QLatin1String("(s)")) || source.contains(QLatin1String("(ies)"))))
        return {};
    QString text = source;
    text.replace(QLatin1String("y(ies)"), n == 1 ? QStringLiteral("y") : QStringLiteral("ies"));
    text.replace(QLatin1String("(s)"), n == 1 ? QString() : QStringLiteral("s"));
    return text;
}

}  // namespace headgate
