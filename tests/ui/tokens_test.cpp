#include "tests/support/console_app.h"
#include "ui/shell/style.h"
#include "ui/shell/tokens.h"

#include <QTest>

#include <cmath>

using namespace headgate;

namespace {

double luminance(const QColor& colour)
{
    const auto linear = [](double part) {
        return part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
}

// WCAG 2 contrast ratio.
double contrast(const QColor& a, const QColor& b)
{
    const double la = luminance(a);
    const double lb = luminance(b);
    return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

constexpr Status allStatuses[] = {Status::Ok,       Status::Pending, Status::Draining, Status::Warning,
                                  Status::Critical, Status::Off,     Status::OnAir};

}  // namespace

class TokensTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void textIsReadableOnEverySurface()
    {
        for (const Tokens* t : {&lightTokens(), &darkTokens()}) {
            for (const QColor& surface : {t->window, t->surface, t->sunken, t->raised, t->hover, t->selected}) {
                QVERIFY(contrast(t->text1, surface) >= 12.5);
                QVERIFY(contrast(t->text2, surface) >= 7.0);
                QVERIFY(contrast(t->text3, surface) >= 4.5);
                QVERIFY(contrast(t->accent, surface) >= 4.5);
            }
        }
    }

    void statusIsReadableOnItsPillAndOnSurfaces()
    {
        for (const Tokens* t : {&lightTokens(), &darkTokens()})
            for (Status status : allStatuses) {
                QVERIFY(contrast(t->of(status).text, t->of(status).pill) >= 4.5);
                QVERIFY(contrast(t->of(status).text, t->surface) >= 4.5);
                QVERIFY(contrast(t->of(status).text, t->window) >= 4.5);
            }
    }

    void whiteIsReadableOnFills()
    {
        for (const Tokens* t : {&lightTokens(), &darkTokens()})
            for (const QColor& fill : {t->accentFill, t->accentFillHover, t->airFill, t->critFill, t->critFillHover})
                QVERIFY(contrast(t->onFill, fill) >= 4.5);
    }

    void chartLinesStandOutFromTheSurface()
    {
        for (const Tokens* t : {&lightTokens(), &darkTokens()})
            for (const QColor& line : t->chart)
                QVERIFY(contrast(line, t->surface) >= 3.0);
    }

    void increasedContrastStrengthensOutlines()
    {
        for (const Tokens* t : {&lightTokens(Contrast::Increased), &darkTokens(Contrast::Increased)}) {
            QVERIFY(contrast(t->borderStrong, t->surface) >= 3.5);
            QCOMPARE(t->text3, t->text2);
        }
    }

    void theThemeInForceIsReadFromThePalette()
    {
        test::ConsoleApp app;
        app.theme.setChoice(ThemeChoice::Dark);
        QVERIFY(tokensOf().isDark);
        app.theme.setContrast(Contrast::Increased);
        QCOMPARE(tokensOf().borderStrong, darkTokens().checkOutline);
        app.theme.setChoice(ThemeChoice::Light);
        QVERIFY(!tokensOf().isDark);
        QCOMPARE(tokensOf().text3, lightTokens().text2);
    }

    void theChoiceIsRemembered()
    {
        test::ConsoleApp app;
        app.theme.setChoice(ThemeChoice::Dark);
        app.theme.setTextScale(1.2);
        Settings again(app.folder.filePath("settings.ini"));
        app.settings.setSingleLetterShortcuts(false);
        QCOMPARE(app.settings.themeChoice(), ThemeChoice::Dark);
        QCOMPARE(app.settings.textScale(), 1.2);
        QCOMPARE(textFont(TextRole::Body).pixelSize(), 16);
        app.theme.setTextScale(1.0);
    }

    void theSheetNamesNoUnknownToken()
    {
        for (const Tokens* t : {&lightTokens(), &darkTokens()}) {
            const QString sheet = styleSheetOf(*t, 1.0);
            QVERIFY(!sheet.contains('@'));
            QVERIFY(!sheet.contains(": ;"));
        }
    }
};

QTEST_MAIN(TokensTest)
#include "tokens_test.moc"
