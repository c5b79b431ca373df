#include "core/plane/remote_client.h"

#include "core/plane/server_trust.h"
#include "core/wire/native_codec.h"
#include "core/wire/stream_manager_view.h"

#include <QNetworkReply>
#include <QUuid>

#include <algorithm>
#include <chrono>
#include <utility>

namespace headgate {
namespace {

constexpr int timeoutMs = 15'000;
constexpr qint64 maxAnswerBytes = 64LL * 1024 * 1024;
constexpr int notModified = 304;
constexpr const char* tooLarge = "headgate-too-large";

QByteArray bytes(std::string_view text)
{
    return {text.data(), static_cast<qsizetype>(text.size())};
}

std::optional<WaitingPlace> waitingIn(const QNetworkReply& reply)
{
    if (!reply.hasRawHeader("Headgate-Ticket"))
        return std::nullopt;
    const int seconds = reply.rawHeader("Retry-After").toInt();
    return WaitingPlace{reply.rawHeader("Headgate-Ticket").toStdString(), reply.rawHeader("Headgate-Ahead").toInt(),
                        std::chrono::seconds(std::clamp(seconds, 1, 60))};
}

bool changesSomething(const QNetworkReply& reply)
{
    return reply.operation() != QNetworkAccessManager::GetOperation;
}

}  // namespace

Result<QUrl> serverUrl(const std::string& text)
{
    QString wanted = QString::fromStdString(text).trimmed();
    if (!wanted.contains(QLatin1String("://")))
        wanted.prepend(QLatin1String("http://"));
    while (wanted.endsWith(QLatin1Char('/')))
        wanted.chop(1);
    QUrl url(wanted, QUrl::StrictMode);
    const bool isHttp = url.scheme() == QLatin1String("http") || url.scheme() == QLatin1String("https");
    if (!url.isValid() || !isHttp || url.host().isEmpty() || !url.path().isEmpty() || url.hasQuery() ||
        url.hasFragment() || !url.userInfo().isEmpty()) {
        return fail(ErrorCode::InvalidArgument, "\"" + text + "\" is not the address of a control plane.",
                    "Write it like http://127.0.0.1:5080.");
    }
    return url;
}

RequestId newRequestId()
{
    return RequestId(QUuid::createUuid().toString(QUuid::WithoutBraces).toStdString());
}

RemoteClient::RemoteClient(QUrl server, std::string token, QObject* parent)
    : QObject(parent), m_server(std::move(server))
{
    useToken(std::move(token));
    m_network.setTransferTimeout(timeoutMs);
    // A redirect would carry the token to somewhere else.
    m_network.setRedirectPolicy(QNetworkRequest::ManualRedirectPolicy);
}

RemoteClient::~RemoteClient()
{
    for (auto& [reply, done] : std::exchange(m_pending, {})) {
        reply->disconnect(this);
        reply->abort();
        done(fail(ErrorCode::Unavailable, "The connection was closed before the answer came."));
    }
}

QNetworkRequest RemoteClient::requestTo(const native::HttpCall& call, const RequestId& requestId) const
{
    QUrl url = QUrl::fromEncoded(m_server.toEncoded() + bytes(call.target), QUrl::StrictMode);
    QNetworkRequest request(url);
    request.setSslConfiguration(m_ssl);
    request.setAttribute(QNetworkRequest::Http2AllowedAttribute, false);
    request.setAttribute(QNetworkRequest::CacheLoadControlAttribute, QNetworkRequest::AlwaysNetwork);
    request.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::AuthenticationReuseAttribute, QNetworkRequest::Manual);
    request.setRawHeader("Accept", "application/json, application/problem+json, image/jpeg");
    request.setRawHeader("X-Request-Id", bytes((requestId.isEmpty() ? newRequestId() : requestId).value));
    if (!m_authorization.isEmpty())
        request.setRawHeader("Authorization", m_authorization);
    if (call.ifMatch)
        request.setRawHeader("If-Match", bytes(native::entityTag(*call.ifMatch)));
    if (!call.ifNoneMatch.empty())
        request.setRawHeader("If-None-Match", bytes(call.ifNoneMatch));
    if (!call.idempotencyKey.empty())
        request.setRawHeader("Idempotency-Key", bytes(call.idempotencyKey));
    if (!call.body.empty())
        request.setHeader(QNetworkRequest::ContentTypeHeader, QByteArray("application/json"));
    return request;
}

void RemoteClient::useToken(std::string token)
{
    m_authorization = token.empty() ? QByteArray() : "Bearer " + bytes(token);
}

void RemoteClient::useLogin(const std::string& user, const std::string& password)
{
    m_authorization = "Basic " + bytes(user + ":" + password).toBase64();
}

void RemoteClient::call(const native::HttpCall& call, const RequestId& requestId, Done done)
{
    QNetworkReply* reply =
        m_network.sendCustomRequest(requestTo(call, requestId), bytes(native::toWord(call.method)), bytes(call.body));
    m_pending.emplace(reply, std::move(done));
    connect(reply, &QNetworkReply::finished, this, [this, reply] { finish(reply); });
    connect(reply, &QNetworkReply::sslErrors, this, [this](const QList<QSslError>& errors) { m_sslErrors = errors; });
    connect(reply, &QNetworkReply::downloadProgress, this, [reply](qint64 received, qint64) {
        if (received > maxAnswerBytes) {
            reply->setProperty(tooLarge, true);
            reply->abort();
        }
    });
}

void RemoteClient::finish(QNetworkReply* reply)
{
    const auto pending = m_pending.find(reply);
    if (pending == m_pending.end())
        return;
    const Done done = std::move(pending->second);
    m_pending.erase(pending);
    reply->deleteLater();
    HttpAnswer answer;
    answer.status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    const bool isCutOff = reply->error() == QNetworkReply::OperationCanceledError ||
                          reply->error() == QNetworkReply::RemoteHostClosedError;
    m_lastStatus = isCutOff ? 0 : answer.status;
    m_lastWaiting = waitingIn(*reply);
    if (m_lastStatus == 0)
        return done(tl::unexpected(networkError(*reply)));

    answer.entityTag = reply->rawHeader("ETag").toStdString();
    const QByteArray text = reply->readAll();
    const bool isPicture = reply->rawHeader("Content-Type").startsWith("image/");
    if (isPicture)
        answer.picture = text.toStdString();
    if (answer.status == notModified || (isPicture && answer.status == 200))
        return done(std::move(answer));
    auto body = bodyOf(text, answer.status);
    if (!body)
        return done(tl::unexpected(std::move(body.error())));
    answer.body = std::move(*body);
    done(std::move(answer));
}

Result<nlohmann::json> RemoteClient::bodyOf(const QByteArray& text, int status) const
{
    auto body = text.isEmpty() ? Result<nlohmann::json>(nullptr) : native::parse(text.toStdString());
    const bool isNative = m_dialect == Dialect::Native;
    if (status < 200 || status > 299) {
        const nlohmann::json told = body.value_or(nullptr);
        return tl::unexpected(isNative ? native::errorFromProblem(told, status)
                                       : stream_manager::errorOf(told, status));
    }
    if (!body && !isNative)
        return nlohmann::json(nullptr);
    if (!body) {
        return fail(ErrorCode::Internal, "The answer of " + m_server.toString().toStdString() + " is no JSON.",
                    "Check that this is the address of a control plane.");
    }
    return body;
}

Error RemoteClient::networkError(const QNetworkReply& reply) const
{
    const std::string address = m_server.toString().toStdString();
    const std::string unknown = " It is not known whether the change was made.";
    if (reply.property(tooLarge).toBool())
        return {ErrorCode::ResourceExhausted, address + " answered with more than 64 MiB.", {}, {}};
    if (reply.error() == QNetworkReply::OperationCanceledError || reply.error() == QNetworkReply::TimeoutError) {
        return {ErrorCode::Unavailable,
                address + " did not answer within " + std::to_string(timeoutMs / 1000) + " seconds." +
                    (changesSomething(reply) ? unknown : ""),
                "Look at its state, then try again.",
                {}};
    }
    if (reply.error() == QNetworkReply::RemoteHostClosedError) {
        return {ErrorCode::Unavailable,
                address + " closed the connection before its answer." + (changesSomething(reply) ? unknown : ""),
                "Look at its state, then try again.",
                {}};
    }
    if (reply.error() == QNetworkReply::SslHandshakeFailedError)
        return distrust(address, m_sslErrors);
    return {ErrorCode::Unavailable,
            address + " cannot be reached: " + reply.errorString().toStdString() + ".",
            "Check the address, and that the control plane runs there.",
            {}};
}

}  // namespace headgate
