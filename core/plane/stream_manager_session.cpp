#include "core/plane/stream_manager_session.h"

#include "core/plane/server_trust.h"

#include <algorithm>
#include <chrono>

namespace headgate {

namespace {

// Stream Manager 2.0 does not tell how long its tokens last; ours does.
constexpr std::chrono::seconds assumedLife{3600};
constexpr std::chrono::seconds shortestLife{8};
constexpr std::chrono::seconds longestLife{24 * 3600};  // that is believed
constexpr std::chrono::milliseconds retryAfter{5000};

native::HttpCall loginCall()
{
    native::HttpCall call;
    call.method = native::Method::Put;
    call.target = "/as/v1/auth/login";
    return call;
}

std::chrono::seconds lifeIn(const nlohmann::json& answer)
{
    const auto told = answer.find("expiresIn");
    const bool isTold = told != answer.end() && told->is_number_integer();
    return isTold ? std::clamp(std::chrono::seconds(told->get<std::int64_t>()), shortestLife, longestLife)
                  : assumedLife;
}

}  // namespace

StreamManagerSession::StreamManagerSession(StreamManagerLogin login, QObject* parent)
    : QObject(parent),
      m_door(serverUrl(login.url).value_or(QUrl()), {}),
      m_client(serverUrl(login.url).value_or(QUrl()), {})
{
    const auto url = serverUrl(login.url);
    const auto ssl = sslTrusting(login.authorities);
    if (!url || !ssl) {
        m_usable = tl::unexpected(url ? ssl.error() : url.error());
        return;
    }
    for (RemoteClient* client : {&m_door, &m_client}) {
        client->useTrust(*ssl);
        client->useDialect(Dialect::StreamManager);
    }
    m_door.useLogin(login.user, login.password);
    m_due.setSingleShot(true);
    connect(&m_due, &QTimer::timeout, this, [this] {
        signIn([this](const Result<void>& signedIn) {
            if (!signedIn && signedIn.error().code != ErrorCode::Unauthenticated)
                m_due.start(retryAfter);
        });
    });
}

std::string StreamManagerSession::address() const
{
    return m_client.server().toString().toStdString();
}

void StreamManagerSession::call(const native::HttpCall& wanted, RemoteClient::Done done)
{
    if (!m_usable)
        return done(tl::unexpected(m_usable.error()));
    if (!m_hasToken) {
        return signIn([this, wanted, done = std::move(done)](const Result<void>& signedIn) {
            if (signedIn)
                m_client.call(wanted, {}, done);
            else
                done(tl::unexpected(signedIn.error()));
        });
    }
    m_client.call(wanted, {}, [this, wanted, done = std::move(done)](Result<HttpAnswer> answer) {
        if (answer || answer.error().code != ErrorCode::Unauthenticated)
            return done(std::move(answer));
        signIn([this, wanted, done](const Result<void>& signedIn) {
            if (signedIn)
                m_client.call(wanted, {}, done);
            else
                done(tl::unexpected(signedIn.error()));
        });
    });
}

// Once for all who ask meanwhile.
void StreamManagerSession::signIn(SignedIn done)
{
    m_waiting.push_back(std::move(done));
    if (m_waiting.size() == 1)
        m_door.call(loginCall(), {}, [this](const Result<HttpAnswer>& answer) { takeToken(answer); });
}

void StreamManagerSession::takeToken(const Result<HttpAnswer>& answer)
{
    Result<void> result;
    const bool hasToken =
        answer && answer->body.is_object() && answer->body.contains("token") && answer->body["token"].is_string();
    if (hasToken) {
        m_client.useToken(answer->body["token"].get<std::string>());
        m_due.start(std::chrono::milliseconds(lifeIn(answer->body)) * 3 / 4);
        m_hasToken = true;
    } else if (answer) {
        result = fail(ErrorCode::Unavailable, address() + " gave no token.", "Check that a Stream Manager runs there.");
    } else if (answer.error().code == ErrorCode::Unauthenticated) {
        result = fail(ErrorCode::Unauthenticated, "The Stream Manager does not take this user name and password.",
                      "Check both and try again.");
    } else {
        result = tl::unexpected(answer.error());
    }
    for (const SignedIn& each : std::exchange(m_waiting, {}))
        each(result);
}

}  // namespace headgate
