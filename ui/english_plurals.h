#pragma once

#include <QTranslator>

namespace headgate {

// The source texts are English with their plural in brackets, "%n viewer(s)"; this makes "1 viewer" and "2 viewers"
// of them. Installed before any other language, which then goes first.
class EnglishPlurals : public QTranslator
{
public:
    using QTranslator::QTranslator;
    bool isEmpty() const override { return false; }
    QString translate(const char* context, const char* sourceText, const char* disambiguation, int n) const override;
};

}  // namespace headgate
