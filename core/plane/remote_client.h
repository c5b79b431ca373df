#pragma once

#include "core/base/result.h"
#include "core/domain/command.h"
#include "core/domain/waiting_place.h"
#include "core/wire/native_routes.h"

#include <QNetworkAccessManager>
#include <QNetworkRequest>
#include <QObject>
#include <QSslConfiguration>
#include <QSslError>
#include <QUrl>

#include <nlohmann/json.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>

class QNetworkReply;

namespace headgate {

struct HttpAnswer
{
    int status = 0;
    nlohmann::json body;    // null if the answer had none
    std::string picture;    // the body of an answer that is an image
    std::string entityTag;  // "" if the answer had none
};

// Whose errors are read.
enum class Dialect
{
    Native,        // problems (RFC 9457)
    StreamManager  // {"error"}, {"errorMessage"}; and what an answer of success says beside JSON is nothing
};

// The base address of a control plane: "127.0.0.1:5080" and "http://127.0.0.1:5080/" are the same.
// InvalidArgument if it is none.
Result<QUrl> serverUrl(const std::string& text);

RequestId newRequestId();

// Calls one control plane over HTTP. Every call is bounded in time and answered exactly once on the object's thread:
// with an answer of status 2xx or 304, or with the error; with Unavailable when the object goes away first.
class RemoteClient : public QObject
{
public:
    using Done = std::function<void(Result<HttpAnswer>)>;

    // `token` may be empty: then no credentials are sent.
    RemoteClient(QUrl server, std::string token, QObject* parent = nullptr);
    ~RemoteClient() override;

    void call(const native::HttpCall& call, const RequestId& requestId, Done done);

    // The call with its credentials, for whoever reads the answer by himself.
    QNetworkRequest requestTo(const native::HttpCall& call, const RequestId& requestId) const;

    // For calls from now on; what core/plane/server_trust.h makes. Until then the authorities of the system count.
    void useTrust(QSslConfiguration ssl) { m_ssl = std::move(ssl); }

    // For calls from now on.
    void useToken(std::string token);
    void useLogin(const std::string& user, const std::string& password);
    void useDialect(Dialect dialect) { m_dialect = dialect; }

    const QUrl& server() const { return m_server; }
    const QSslConfiguration& ssl() const { return m_ssl; }

    // HTTP status of the newest finished call, 0 if the server could not be reached or broke off.
    int lastStatus() const { return m_lastStatus; }

    // With what the newest finished call may be made again, if it asked for a place and there was none.
    const std::optional<WaitingPlace>& lastWaiting() const { return m_lastWaiting; }

private:
    void finish(QNetworkReply* reply);
    Result<nlohmann::json> bodyOf(const QByteArray& text, int status) const;
    Error networkError(const QNetworkReply& reply) const;

    QUrl m_server;
    QByteArray m_authorization;  // empty: none
    Dialect m_dialect = Dialect::Native;
    QSslConfiguration m_ssl;
    QList<QSslError> m_sslErrors;  // of the newest handshake that failed
    int m_lastStatus = 0;
    std::optional<WaitingPlace> m_lastWaiting;
    QNetworkAccessManager m_network;
    std::map<QNetworkReply*, Done> m_pending;
};

}  // namespace headgate
