#pragma once

#include "core/plane/control_plane.h"
#include "core/plane/remote_client.h"

#include <QTimer>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace headgate {

struct StreamManagerLogin
{
    std::string url;  // "https://sm.example.com"
    std::string user;
    std::string password;
    std::string authorities{};  // as RemoteOptions::authorities
};

// Calls a Stream Manager 2.0. Its tokens end after an hour and cannot be renewed, so it is signed in to again, with the
// password that is kept in memory: after three quarters of a token's life, and when a call finds that it has ended.
class StreamManagerSession : public QObject
{
public:
    // An address that is none makes every call fail with InvalidArgument.
    explicit StreamManagerSession(StreamManagerLogin login, QObject* parent = nullptr);

    // As RemoteClient::call(). Unauthenticated: the login does not hold.
    void call(const native::HttpCall& call, RemoteClient::Done done);

    std::string address() const;

private:
    using SignedIn = std::function<void(const Result<void>&)>;

    void signIn(SignedIn done);
    void takeToken(const Result<HttpAnswer>& answer);

    Result<void> m_usable;
    bool m_hasToken = false;
    std::vector<SignedIn> m_waiting;  // for the sign-in under way
    QTimer m_due;
    RemoteClient m_door;    // for the login alone
    RemoteClient m_client;  // last: its pending calls end before the rest goes
};

}  // namespace headgate
