#include "core/plane/server_trust.h"

#include "core/plane/remote_client.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QSslCertificate>
#include <QSslSocket>
#include <QTimer>
#include <QUrl>

#include <algorithm>

namespace headgate {
namespace {

constexpr int patienceMs = 10'000;

std::string fingerprintOf(const QSslCertificate& certificate)
{
    return certificate.digest(QCryptographicHash::Sha256).toHex(':').toUpper().toStdString();
}

std::string nameOf(const QSslCertificate& certificate)
{
    const QString name = certificate.subjectDisplayName();
    return name.isEmpty() ? "somebody without a name" : "\"" + name.toStdString() + "\"";
}

bool isUnknownAuthority(const QSslError& error)
{
    switch (error.error()) {
    case QSslError::SelfSignedCertificate:
    case QSslError::SelfSignedCertificateInChain:
    case QSslError::UnableToGetIssuerCertificate:
    case QSslError::UnableToGetLocalIssuerCertificate:
    case QSslError::UnableToVerifyFirstCertificate:
    case QSslError::CertificateUntrusted:
        return true;
    default:
        return false;
    }
}

std::string namesIn(const QSslCertificate& certificate)
{
    std::string names;
    for (const QString& name : certificate.subjectAlternativeNames())
        names += (names.empty() ? "" : ", ") + name.toStdString();
    return names.empty() ? "no name at all" : names;
}

const QSslError* findIn(const QList<QSslError>& errors, QSslError::SslError kind)
{
    const auto found = std::ranges::find(errors, kind, &QSslError::error);
    return found == errors.end() ? nullptr : &*found;
}

// Looks at what a server shows, and says nothing to it; lives until it is answered or its context goes.
class AuthorityQuestion : public QObject
{
public:
    using Done = std::function<void(Result<PresentedAuthority>)>;

    AuthorityQuestion(QObject* context, std::string address, Done done)
        : QObject(context), m_address(std::move(address)), m_done(std::move(done))
    {
        connect(&m_socket, &QSslSocket::sslErrors, this, [this](const QList<QSslError>& errors) {
            const auto found = untrustedAuthority(errors, m_socket.peerCertificateChain());
            end(found ? Result<PresentedAuthority>(*found) : tl::unexpected(distrust(m_address, errors)));
        });
        connect(&m_socket, &QSslSocket::encrypted, this,
                [this] { end(fail(ErrorCode::NotFound, m_address + " is trusted already.")); });
        connect(&m_socket, &QSslSocket::errorOccurred, this, [this] { fails(m_socket.errorString().toStdString()); });
        QTimer::singleShot(patienceMs, this, [this] { fails("it does not answer"); });
    }

    void start(const QUrl& url, const QSslConfiguration& configuration)
    {
        m_socket.setSslConfiguration(configuration);
        constexpr int httpsPort = 443;
        m_socket.connectToHostEncrypted(url.host(), static_cast<quint16>(url.port(httpsPort)));
    }

private:
    void fails(const std::string& reason)
    {
        end(fail(ErrorCode::Unavailable, m_address + " cannot be reached: " + reason + ".",
                 "Check the address, and that the control plane runs there."));
    }

    void end(const Result<PresentedAuthority>& answer)
    {
        if (!m_done)
            return;
        deleteLater();
        std::exchange(m_done, {})(answer);
    }

    std::string m_address;
    Done m_done;
    QSslSocket m_socket;
};

}  // namespace

Result<QSslConfiguration> sslTrusting(const std::string& authorities)
{
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.setProtocol(QSsl::TlsV1_2OrLater);
    if (authorities.empty())
        return configuration;
    const QList<QSslCertificate> trusted = QSslCertificate::fromData(QByteArray::fromStdString(authorities), QSsl::Pem);
    if (trusted.isEmpty())
        return fail(ErrorCode::InvalidArgument, "There is no certificate in PEM.",
                    "Name authority.pem of the server's data directory.");
    configuration.setCaCertificates(trusted);
    return configuration;
}

Error distrust(const std::string& address, const QList<QSslError>& errors)
{
    const auto error = [](std::string message, std::string remedy) {
        return Error{ErrorCode::Unavailable, std::move(message), std::move(remedy), {}};
    };
    if (const QSslError* const wrong = findIn(errors, QSslError::HostNameMismatch))
        return error("The certificate of " + address + " is for other names: " + namesIn(wrong->certificate()) + ".",
                     "Call it by one of them, or start headgated with --host-name.");
    if (const QSslError* const wrong = findIn(errors, QSslError::CertificateExpired))
        return error("The certificate of " + address + " expired at " +
                         wrong->certificate().expiryDate().toString(Qt::ISODate).toStdString() + ".",
                     "Renew it at the server, and check the clocks of both machines.");
    if (const QSslError* const wrong = findIn(errors, QSslError::CertificateNotYetValid))
        return error("The certificate of " + address + " does not hold before " +
                         wrong->certificate().effectiveDate().toString(Qt::ISODate).toStdString() + ".",
                     "Check the clocks of both machines.");
    if (const auto authority = untrustedAuthority(errors, {}))
        return error(
            address + " is not trusted: its certificate comes from " + authority->name +
                " with the SHA-256 fingerprint " + authority->fingerprint + ".",
            "Is this what headgated printed at its start? Then copy authority.pem from its data directory, and "
            "name it with --ca.");
    return error(
        address + " is not trusted: " +
            (errors.isEmpty() ? std::string("the handshake failed") : errors.first().errorString().toStdString()) + ".",
        "Check that this is the address of a control plane, and its certificate.");
}

std::optional<PresentedAuthority> untrustedAuthority(const QList<QSslError>& errors,
                                                     const QList<QSslCertificate>& chain)
{
    if (errors.isEmpty() || !std::ranges::all_of(errors, isUnknownAuthority))
        return std::nullopt;
    QSslCertificate last = chain.isEmpty() ? errors.first().certificate() : chain.last();
    for (const QSslError& error : errors) {
        if (error.certificate().isSelfSigned())
            last = error.certificate();
    }
    if (last.isNull())
        return std::nullopt;
    return PresentedAuthority{nameOf(last), fingerprintOf(last), last.toPem().toStdString()};
}

void askForAuthority(QObject* context, const RemoteOptions& server,
                     std::function<void(Result<PresentedAuthority>)> done)
{
    const auto url = serverUrl(server.url);
    const auto configuration = sslTrusting(server.authorities);
    if (!url || !configuration)
        return done(tl::unexpected(url ? configuration.error() : url.error()));
    auto* question = new AuthorityQuestion(context, url->toString().toStdString(), std::move(done));
    question->start(*url, *configuration);
}

}  // namespace headgate
