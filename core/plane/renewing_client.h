#pragma once

#include "core/plane/control_plane.h"
#include "core/plane/remote_client.h"

#include <QTimer>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace headgate {

// What the answer to a sign-in or a renewal holds; Internal if it holds none.
Result<SessionCredentials> credentialsIn(const nlohmann::json& answer);

// A RemoteClient whose session does not end by itself: it is renewed when two thirds of the access token's life are
// over, and when a call finds that it has ended before; that call is then made once more.
class RenewingClient : public QObject
{
public:
    RenewingClient(QUrl server, SessionCredentials credentials, QObject* parent = nullptr);
    ~RenewingClient() override;

    // As RemoteClient::call(). Unauthenticated: there is no session any more.
    void call(const native::HttpCall& call, const RequestId& requestId, RemoteClient::Done done);

    // Called on the object's thread each time that accessToken() is another one.
    void onRenewed(std::function<void()> told) { m_told = std::move(told); }

    void useTrust(QSslConfiguration ssl) { m_client.useTrust(std::move(ssl)); }
    const QSslConfiguration& ssl() const { return m_client.ssl(); }

    const std::string& accessToken() const { return m_credentials.access; }
    const QUrl& server() const { return m_client.server(); }
    const std::optional<WaitingPlace>& lastWaiting() const { return m_client.lastWaiting(); }

private:
    using Renewed = std::function<void(const Result<void>&)>;

    void renew(Renewed done);
    void takeRenewal(const Result<HttpAnswer>& answer);
    void planRenewal();

    SessionCredentials m_credentials;
    std::function<void()> m_told;
    std::vector<Renewed> m_waiting;  // for the renewal under way
    QTimer m_due;
    RemoteClient m_client;  // last: its pending calls end before the rest goes
};

}  // namespace headgate
