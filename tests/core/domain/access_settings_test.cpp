#include "core/domain/access_settings.h"

#include <QTest>

#include <functional>

using namespace headgate;

namespace {

std::string pointersOf(const AccessSettings& settings)
{
    std::string text;
    for (const Error& error : validate(settings))
        text += error.pointer + " ";
    return text;
}

AccessSettings with(const std::function<void(AccessSettings&)>& change)
{
    AccessSettings settings;
    change(settings);
    return settings;
}

}  // namespace

class AccessSettingsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatAKindNeedsMustBeThere()
    {
        QCOMPARE(pointersOf({}), std::string());
        QCOMPARE(pointersOf(with([](auto& s) { s.kind = AccessKind::RoundTrip; })),
                 std::string("/roundTrip/validateUrl "));
        QCOMPARE(pointersOf(with([](auto& s) { s.kind = AccessKind::DigestToken; })), std::string("/digestSecret "));
        QCOMPARE(pointersOf(with([](auto& s) { s.kind = AccessKind::Jwt; })), std::string("/jwt/publicKey "));
        QCOMPARE(pointersOf(with([](auto& s) {
                     s.kind = AccessKind::Jwt;
                     s.jwt.algorithm = JwtAlgorithm::Hs256;
                 })),
                 std::string("/jwt/secret "));
    }

    void addressesAreThoseOfServices()
    {
        for (const char* good : {"http://a", "https://a.example:8443/x?y=z", "http://[::1]:80/"})
            QVERIFY2(pointersOf(with([&](auto& s) { s.webhooks.url = good; })).empty(), good);
        for (const char* bad : {"a", "ftp://a/", "file:///etc/passwd", "http://", "http://:80/", "https://u:p@a/",
                                "http://a/ b", "http://a/\n", "gopher://a"})
            QCOMPARE(pointersOf(with([&](auto& s) { s.webhooks.url = bad; })), std::string("/webhooks/url "));
    }

    void figuresAndLengthsHaveBounds()
    {
        for (const int bad : {-1, 0, 99, 10'001})
            QCOMPARE(pointersOf(with([&](auto& s) { s.roundTrip.timeoutMs = bad; })),
                     std::string("/roundTrip/timeoutMs "));
        QCOMPARE(pointersOf(with([](auto& s) { s.webhooks.secret = std::string(4097, 'x'); })),
                 std::string("/webhooks/secret "));
        QCOMPARE(pointersOf(with([](auto& s) { s.webhooks.url = "http://a/" + std::string(2048, 'x'); })),
                 std::string("/webhooks/url "));
    }
};

QTEST_GUILESS_MAIN(AccessSettingsTest)
#include "access_settings_test.moc"
