#pragma once

#include "core/plane/ctl/session.h"

#include <QByteArray>
#include <QNetworkAccessManager>
#include <QString>

#include <nlohmann/json.hpp>

#include <string>

namespace headgate::ctl {

// Calls a Stream Manager, ours or another one, and waits for each answer, 2 minutes at most. Of all answers together it
// takes 64 MiB.
class StreamManagerClient
{
public:
    explicit StreamManagerClient(std::string server, std::string token = {});

    const std::string& server() const { return m_server; }

    Outcome<void> signIn(const std::string& user, const std::string& password);

    // Null if the answer has no body. The code of a failure: Unauthenticated, NotFound, Unsupported where the call is
    // not offered, Unavailable if nobody answers, else Conflict.
    Outcome<nlohmann::json> call(const QByteArray& method, const std::string& path, const std::string& body = {});

private:
    Outcome<nlohmann::json> send(const QByteArray& method, const std::string& path, const QByteArray& authorization,
                                 const QByteArray& body);

    std::string m_server;
    std::string m_token;
    QNetworkAccessManager m_network;
    qint64 m_received = 0;  // of all answers
};

}  // namespace headgate::ctl
