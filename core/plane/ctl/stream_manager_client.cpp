#include "core/plane/ctl/stream_manager_client.h"

#include "core/wire/native_codec.h"

#include <QEventLoop>
#include <QNetworkReply>
#include <QTimer>
#include <QUrl>

#include <chrono>
#include <memory>

namespace headgate::ctl {

namespace {

using nlohmann::json;

constexpr int timeoutMs = 30'000;  // without a byte
constexpr std::chrono::minutes mostTime{2};
constexpr qint64 mostAnswerBytes = 64LL << 20;

ErrorCode codeOf(int status)
{
    switch (status) {
    case 401:
    case 403:
        return ErrorCode::Unauthenticated;
    case 404:
        return ErrorCode::NotFound;
    case 405:
    case 501:
        return ErrorCode::Unsupported;
    default:
        return ErrorCode::Conflict;
    }
}

// Each server says it under another name.
std::string reasonIn(const json& body)
{
    for (const char* member : {"errorMessage", "error", "message"}) {
        if (body.is_object() && body.contains(member) && body[member].is_string())
            return body[member].get<std::string>();
    }
    return {};
}

tl::unexpected<Failure> failed(ExitStatus status, ErrorCode code, std::string message)
{
    return tl::unexpected(Failure{status, {code, std::move(message), {}, {}}});
}

}  // namespace

StreamManagerClient::StreamManagerClient(std::string server, std::string token)
    : m_server(std::move(server)), m_token(std::move(token))
{
    m_network.setTransferTimeout(timeoutMs);
    // A redirect would carry the token to somewhere else.
    m_network.setRedirectPolicy(QNetworkRequest::ManualRedirectPolicy);
}

Outcome<void> StreamManagerClient::signIn(const std::string& user, const std::string& password)
{
    const QByteArray secret = QByteArray::fromStdString(user + ":" + password).toBase64();
    const auto answer = send("PUT", "/as/v1/auth/login", "Basic " + secret, {});
    if (!answer)
        return tl::unexpected(answer.error());
    if (!answer->is_object() || !answer->contains("token") || !(*answer)["token"].is_string())
        return failed(ExitStatus::Refused, ErrorCode::Internal, m_server + " gave no token. Is it a Stream Manager?");
    m_token = (*answer)["token"].get<std::string>();
    return {};
}

Outcome<json> StreamManagerClient::call(const QByteArray& method, const std::string& path, const std::string& body)
{
    return send(method, path, "Bearer " + QByteArray::fromStdString(m_token), QByteArray::fromStdString(body));
}

Outcome<json> StreamManagerClient::send(const QByteArray& method, const std::string& path,
                                        const QByteArray& authorization, const QByteArray& body)
{
    QNetworkRequest request(QUrl::fromEncoded(QByteArray::fromStdString(m_server + path), QUrl::StrictMode));
    // Without it a 401 makes Qt try by itself.
    request.setAttribute(QNetworkRequest::AuthenticationReuseAttribute, QNetworkRequest::Manual);
    request.setHeader(QNetworkRequest::ContentTypeHeader, QByteArray("application/json"));
    request.setRawHeader("Authorization", authorization);
    const std::unique_ptr<QNetworkReply> reply(m_network.sendCustomRequest(request, method, body));
    bool isTooLong = false;
    QObject::connect(reply.get(), &QNetworkReply::downloadProgress, reply.get(),
                     [this, &reply, &isTooLong](qint64 received, qint64) {
                         isTooLong = isTooLong || m_received + received > mostAnswerBytes;
                         if (isTooLong)
                             reply->abort();
                     });
    QTimer::singleShot(mostTime, reply.get(), &QNetworkReply::abort);
    QEventLoop loop;
    QObject::connect(reply.get(), &QNetworkReply::finished, &loop, &QEventLoop::quit);
    if (!reply->isFinished())
        loop.exec();
    if (isTooLong)
        return failed(ExitStatus::Refused, ErrorCode::ResourceExhausted,
                      m_server + " answers with more than 64 MiB. Is it a Stream Manager?");
    const int status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (status == 0 || reply->error() == QNetworkReply::OperationCanceledError)
        return failed(ExitStatus::NotReachable, ErrorCode::Unavailable,
                      m_server + " cannot be reached: " + reply->errorString().toStdString() + ".");
    const QByteArray text = reply->readAll();
    m_received += text.size();
    auto answer = text.isEmpty() ? Result<json>(nullptr) : native::parse(text.toStdString());
    if (status >= 200 && status < 300) {
        if (!answer)
            return failed(ExitStatus::Refused, ErrorCode::Internal,
                          m_server + path + " gave something else than JSON.");
        return std::move(*answer);
    }
    const std::string reason = reasonIn(answer.value_or(nullptr));
    return failed(status == 401 ? ExitStatus::NotSignedIn : ExitStatus::Refused, codeOf(status),
                  m_server + path + " answered " + std::to_string(status) + (reason.empty() ? "." : ": " + reason));
}

}  // namespace headgate::ctl
