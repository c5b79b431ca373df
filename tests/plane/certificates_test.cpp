#include "core/base/digest.h"
#include "core/plane/server_tls.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <filesystem>
#include <fstream>

using namespace headgate;
using std::chrono::days;

namespace {

constexpr TimePoint start = fromEpochMs(1'800'000'000'000);
const std::string sealKey(32, 'k');

std::string textOf(const std::string& file)
{
    std::ifstream stream(file);
    return std::string(std::istreambuf_iterator<char>(stream), {});
}

void write(const std::string& file, const std::string& text)
{
    std::ofstream(file, std::ios::trunc) << text;
}

// X509_V_OK, or what a client that trusts the authority objects to.
int verdict(const Certificate509& certificate, const Certificate509& authority, TimePoint now, int purpose)
{
    const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(X509_STORE_new(), &X509_STORE_free);
    X509_STORE_add_cert(store.get(), authority.get());
    const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> check(X509_STORE_CTX_new(),
                                                                                &X509_STORE_CTX_free);
    X509_STORE_CTX_init(check.get(), store.get(), certificate.get(), nullptr);
    X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(check.get()), toEpochMs(now) / 1000);
    X509_STORE_CTX_set_purpose(check.get(), purpose);
    X509_verify_cert(check.get());
    return X509_STORE_CTX_get_error(check.get());
}

std::string fingerprintIn(const TlsServerContext& context)
{
    X509* const shown = SSL_CTX_get0_certificate(context.get());
    X509_up_ref(shown);
    return fingerprintOf(Certificate509(shown, &X509_free));
}

}  // namespace

class CertificatesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_authority = opened(sealKey).value();
    }

    void theAuthorityStaysTheSameAndItsKeyIsSealed()
    {
        QCOMPARE(fingerprintOf((*opened(sealKey))->certificate()), fingerprintOf(m_authority->certificate()));
        const std::string key = textOf(path("authority.key"));
        QVERIFY(key.starts_with("sealed:"));
        QVERIFY(textOf(path("authority.pem")).find("PRIVATE") == std::string::npos);
        const auto owner =
            QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ReadUser | QFileDevice::WriteUser;
        QCOMPARE(QFile::permissions(QString::fromStdString(path("authority.key"))), owner);
        QTemporaryDir other;
        const auto stranger = LocalAuthority::open(other.path().toStdString(), sealKey, start);
        QVERIFY(fingerprintOf((*stranger)->certificate()) != fingerprintOf(m_authority->certificate()));
        QVERIFY(commonNameOf((*stranger)->certificate()) != commonNameOf(m_authority->certificate()));
    }

    void anAuthorityThatCannotBeUsedIsToldAndNotReplaced()
    {
        const auto otherKey = opened(std::string(32, 'x'));
        QVERIFY(!otherKey && otherKey.error().code == ErrorCode::Conflict);
        QVERIFY(otherKey.error().message.find("authority.key") != std::string::npos);
        const std::string pem = textOf(path("authority.pem"));
        write(path("authority.pem"), "no certificate");
        QCOMPARE(opened(sealKey).error().code, ErrorCode::Conflict);
        QVERIFY(QFile::remove(QString::fromStdString(path("authority.pem"))));
        QCOMPARE(opened(sealKey).error().code, ErrorCode::Unavailable);
        write(path("authority.pem"), pem);
        QVERIFY(opened(sealKey).has_value());
    }

    void aServersCertificateIsForItsNamesAndForServersOnly()
    {
        const auto own = m_authority->issueForServer({"localhost", "127.0.0.1", "::1", "media.example"}, start);
        QVERIFY(belongTogether(own->key, own->certificate));
        X509* const shown = own->certificate.get();
        for (const char* host : {"localhost", "media.example", "MEDIA.example"})
            QVERIFY2(X509_check_host(shown, host, 0, 0, nullptr) == 1, host);
        for (const char* host : {"example", "other.example", "headgated"})
            QVERIFY2(X509_check_host(shown, host, 0, 0, nullptr) == 0, host);
        QCOMPARE(X509_check_ip_asc(shown, "127.0.0.1", 0), 1);
        QCOMPARE(X509_check_ip_asc(shown, "::1", 0), 1);
        QCOMPARE(X509_check_ip_asc(shown, "127.0.0.2", 0), 0);
        const Certificate509& authority = m_authority->certificate();
        QCOMPARE(verdict(own->certificate, authority, start, X509_PURPOSE_SSL_SERVER), X509_V_OK);
        QCOMPARE(verdict(own->certificate, authority, start, X509_PURPOSE_SSL_CLIENT), X509_V_ERR_INVALID_PURPOSE);
    }

    void aCertificateHoldsForItsTimeOnly()
    {
        const auto own = m_authority->issueForServer({"localhost"}, start);
        const Certificate509& authority = m_authority->certificate();
        const auto at = [&](TimePoint now) { return verdict(own->certificate, authority, now, X509_PURPOSE_ANY); };
        QCOMPARE(at(start - std::chrono::minutes(5)), X509_V_OK);  // a client's clock that is late
        QCOMPARE(at(start + days(89)), X509_V_OK);
        QCOMPARE(at(start + days(91)), X509_V_ERR_CERT_HAS_EXPIRED);
        QCOMPARE(at(start - days(1)), X509_V_ERR_CERT_NOT_YET_VALID);
        QCOMPARE(expiryOf(own->certificate), start + days(90));
        // None outlives who signed it.
        const TimePoint late = expiryOf(authority) - days(3);
        QCOMPARE(expiryOf(m_authority->issueForServer({"localhost"}, late)->certificate), expiryOf(authority));
    }

    void namesThatAreNoneAreRefused()
    {
        for (const char* name : {"", "a b", "a,DNS:evil.example", "https://x"}) {
            const auto own = m_authority->issueForServer({name}, start);
            QVERIFY2(!own && own.error().code == ErrorCode::InvalidArgument, name);
        }
    }

    void aNodesCertificateSaysWhichOneAndIsNoServers()
    {
        const std::string pem = m_authority->issueForNode(NodeId("node-7"), start);
        const auto shown = certificateFromPem(pem);
        QVERIFY(belongTogether(privateKeyFromPem(pem).value(), *shown));
        QCOMPARE(nodeIn(shown->get()), std::string("node-7"));
        const Certificate509& authority = m_authority->certificate();
        QCOMPARE(verdict(*shown, authority, start, X509_PURPOSE_SSL_CLIENT), X509_V_OK);
        QCOMPARE(verdict(*shown, authority, start, X509_PURPOSE_SSL_SERVER), X509_V_ERR_INVALID_PURPOSE);
        QCOMPARE(verdict(*shown, authority, start + days(2), X509_PURPOSE_ANY), X509_V_ERR_CERT_HAS_EXPIRED);
        QCOMPARE(nodeIn(m_authority->issueForServer({"node-7"}, start)->certificate.get()), std::string());
        QCOMPARE(nodeIn(authority.get()), std::string());
    }

    void theServersCertificateIsRenewedBeforeItExpires()
    {
        const auto tls = ServerTls::issuedBy(m_authority, {"localhost"}, TlsClients::Anyone, start);
        const std::string first = fingerprintIn((*tls)->context(start));
        QCOMPARE(fingerprintIn((*tls)->context(start + days(59))), first);
        const std::string second = fingerprintIn((*tls)->context(start + days(61)));
        QVERIFY(second != first);
        QCOMPARE(fingerprintIn((*tls)->context(start + days(62))), second);
        QVERIFY(fingerprintIn((*tls)->context(start + days(3 * 365))) != second);
    }

    void filesAreReadAgainWhenTheyChange()
    {
        const auto one = m_authority->issueForServer({"localhost"}, start);
        const auto other = m_authority->issueForServer({"localhost"}, start);
        put(*one, std::chrono::hours(-3));
        std::vector<std::string> told;
        const auto tls = ServerTls::ofFiles(
            path("c.pem"), path("k.pem"), [&told](const std::string& line) { told.push_back(line); }, start);
        QVERIFY(tls.has_value());
        QCOMPARE(fingerprintIn((*tls)->context(start)), fingerprintOf(one->certificate));
        put(*other, std::chrono::hours(-2));
        QCOMPARE(fingerprintIn((*tls)->context(start + std::chrono::seconds(9))), fingerprintOf(one->certificate));
        QCOMPARE(fingerprintIn((*tls)->context(start + std::chrono::seconds(10))), fingerprintOf(other->certificate));
        put({one->key, other->certificate}, std::chrono::hours(-1));  // half of a change
        for (int minutes = 1; minutes < 4; ++minutes)
            QCOMPARE(fingerprintIn((*tls)->context(start + std::chrono::minutes(minutes))),
                     fingerprintOf(other->certificate));
        QCOMPARE(told.size(), 1u);
        QVERIFY2(told[0].find(path("k.pem")) != std::string::npos, told[0].c_str());
    }

    void filesThatCannotBeUsedAreNamed()
    {
        const auto own = m_authority->issueForServer({"localhost"}, start);
        put(*own, std::chrono::hours(-1));
        const auto open = [this](const char* certificate, const char* key) {
            return ServerTls::ofFiles(
                       path(certificate), path(key), [](const std::string&) {}, start)
                .error();
        };
        QCOMPARE(open("nowhere", "k.pem").code, ErrorCode::NotFound);
        QVERIFY(open("c.pem", "nowhere").message.find("nowhere") != std::string::npos);
        QCOMPARE(open("k.pem", "k.pem").code, ErrorCode::InvalidArgument);
        QVERIFY(open("authority.pem", "k.pem").message.find("k.pem") != std::string::npos);
    }

private:
    std::string path(const char* name) const { return m_folder->filePath(name).toStdString(); }

    Result<std::shared_ptr<const LocalAuthority>> opened(const std::string& key) const
    {
        return LocalAuthority::open(m_folder->path().toStdString(), key, start);
    }

    void put(const KeyedCertificate& own, std::chrono::hours age) const
    {
        write(path("c.pem"), toPem(own.certificate));
        write(path("k.pem"), toPem(own.key));
        for (const char* name : {"c.pem", "k.pem"})
            std::filesystem::last_write_time(path(name), std::filesystem::file_time_type::clock::now() + age);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::shared_ptr<const LocalAuthority> m_authority;
};

QTEST_GUILESS_MAIN(CertificatesTest)
#include "certificates_test.moc"
