#include "core/plane/server_trust.h"
#include "tests/plane/ctl_fixture.h"

#include <QSignalSpy>

using namespace headgate;
using test::Run;

// headgatectl and the console's client over HTTPS.
class ServerTrustTest : public test::CtlFixture
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_authority = LocalAuthority::open(m_folder->path().toStdString(), std::string(32, 'k'), now()).value();
        serve({"127.0.0.1"}, now());
    }

    void loginKeepsWhomItTrusts()
    {
        const Run stranger = https({"login", "-u", "admin", "-p", path("password")});
        QCOMPARE(stranger.status, 3);
        QVERIFY2(stranger.err.contains(fingerprint()), qPrintable(stranger.err));
        QVERIFY2(stranger.err.contains("--ca"), qPrintable(stranger.err));
        const Run done = https({"login", "-u", "admin", "-p", path("password"), "--ca", authorityFile()});
        QVERIFY2(done.status == 0, qPrintable(done.err));
        QCOMPARE(https({"get", "nodes"}).status, 0);
        const Run watched = https({"watch", "--for", "1s"});
        QVERIFY2(watched.status == 0, qPrintable(watched.err));
    }

    void aFileWithoutACertificateIsNamed()
    {
        const Run run = https({"login", "-u", "admin", "-p", path("password"), "--ca", path("password")});
        QCOMPARE(run.status, 2);
        QVERIFY2(run.err.contains(path("password")), qPrintable(run.err));
    }

    void otherNamesAndExpiryAreToldApart()
    {
        serve({"media.example"}, now());
        const Run misnamed = https({"login", "-u", "admin", "-p", path("password"), "--ca", authorityFile()});
        QCOMPARE(misnamed.status, 3);
        QVERIFY2(misnamed.err.contains("media.example") && misnamed.err.contains("--host-name"),
                 qPrintable(misnamed.err));
        serve({"127.0.0.1"}, now() - std::chrono::days(120));
        const Run late = https({"login", "-u", "admin", "-p", path("password"), "--ca", authorityFile()});
        QVERIFY2(late.err.contains("expired"), qPrintable(late.err));
    }

    void theConsolesClientFollowsATrustedServer()
    {
        const auto token = signedIn(pem());
        QVERIFY2(token.has_value(), token ? "" : token.error().message.c_str());
        const auto plane = makeRemoteControlPlane({url(), *token, pem()});
        QTRY_VERIFY_WITH_TIMEOUT(plane->link().state == LinkState::Connected && plane->snapshot(), 20'000);
        const auto distrusting = makeRemoteControlPlane({url(), *token, {}});
        QTRY_COMPARE_WITH_TIMEOUT(distrusting->link().state, LinkState::Lost, 20'000);
        QVERIFY2(distrusting->link().error.message.find(fingerprint().toStdString()) != std::string::npos,
                 distrusting->link().error.message.c_str());
    }

    void anUnknownAuthorityIsShownAndMayBeTrusted()
    {
        const auto shown = presented({});
        QVERIFY2(shown.has_value(), shown ? "" : shown.error().message.c_str());
        QCOMPARE(QString::fromStdString(shown->fingerprint), fingerprint());
        QVERIFY(signedIn(shown->pem).has_value());
        QCOMPARE(presented(shown->pem).error().code, ErrorCode::NotFound);
        // Where more is wrong than that, trusting would not help.
        serve({"media.example"}, now());
        QCOMPARE(presented({}).error().code, ErrorCode::Unavailable);
    }

private:
    static TimePoint now() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

    void serve(const std::vector<std::string>& names, TimePoint issuedAt)
    {
        const auto own = m_authority->issueForServer(names, issuedAt);
        put("certificate.pem", toPem(own->certificate) + pem());
        put("key.pem", toPem(own->key));
        ApiOptions options;
        options.tls = ServerTls::ofFiles(
                          m_folder->filePath("certificate.pem").toStdString(),
                          m_folder->filePath("key.pem").toStdString(), [](const std::string&) {}, now())
                          .value();
        QVERIFY(start(options));
        QVERIFY(m_fixture->addAccount("admin"));
        write("password", m_fixture->password() + "\n");
    }

    void put(const QString& name, const std::string& text)
    {
        QFile file(m_folder->filePath(name));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(QByteArray::fromStdString(text)) > 0);
    }

    std::string url() const { return "https://127.0.0.1:" + std::to_string(m_fixture->port()); }
    QString authorityFile() const { return QString::fromStdString(m_authority->certificateFile()); }
    std::string pem() const { return toPem(m_authority->certificate()); }
    QString fingerprint() const { return QString::fromStdString(fingerprintOf(m_authority->certificate())); }

    Run https(const QStringList& arguments)
    {
        return ctl(arguments + QStringList{"-s", QString::fromStdString(url())});
    }

    Result<SessionCredentials> signedIn(const std::string& authorities)
    {
        std::optional<Result<SessionCredentials>> answer;
        headgate::signIn(this, {url(), {}, authorities}, "admin", m_fixture->password(),
                         [&](Result<SessionCredentials> token) { answer = std::move(token); });
        return QTest::qWaitFor([&] { return answer.has_value(); }, 20'000) ? *answer
                                                                           : fail(ErrorCode::Internal, "late");
    }

    Result<PresentedAuthority> presented(const std::string& authorities)
    {
        std::optional<Result<PresentedAuthority>> answer;
        askForAuthority(this, {url(), {}, authorities},
                        [&](Result<PresentedAuthority> found) { answer = std::move(found); });
        return QTest::qWaitFor([&] { return answer.has_value(); }, 20'000) ? *answer
                                                                           : fail(ErrorCode::Internal, "late");
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::shared_ptr<const LocalAuthority> m_authority;
};

QTEST_GUILESS_MAIN(ServerTrustTest)
#include "server_trust_test.moc"
