#pragma once

#include <QString>

// One value as one word of another language.
namespace headgate::quoting {

// For a POSIX shell; plain where no character means anything to it, else in single quotes.
QString shellWord(const QString& value);

// In single quotes; holds in a script element of an HTML page too.
QString javaScript(const QString& value);

// As text or as an attribute's value in double quotes.
QString html(const QString& value);

// In double quotes.
QString json(const QString& value);

// One path segment or one value of a query of a URL.
QString urlPart(const QString& value);

}  // namespace headgate::quoting
