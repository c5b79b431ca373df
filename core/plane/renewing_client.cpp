#include "core/plane/renewing_client.h"

#include "core/plane/remote_answers.h"
#include "core/wire/account_document.h"
#include "core/wire/native_codec.h"

#include <utility>

namespace headgate {

namespace {

constexpr std::chrono::milliseconds retryAfter{5000};

}  // namespace

Result<SessionCredentials> credentialsIn(const nlohmann::json& answer)
{
    const auto textOf = [&answer](const char* name) {
        const auto member = answer.is_object() ? answer.find(name) : answer.end();
        return answer.is_object() && member != answer.end() && member->is_string() ? member->get<std::string>()
                                                                                   : std::string();
    };
    SessionCredentials credentials{textOf("accessToken"), textOf("refreshToken")};
    if (credentials.access.empty())
        return tl::unexpected(unexpectedAnswer());
    if (answer.contains("expiresIn") && answer["expiresIn"].is_number_integer())
        credentials.accessFor = std::chrono::seconds(answer["expiresIn"].get<int>());
    return credentials;
}

RenewingClient::RenewingClient(QUrl server, SessionCredentials credentials, QObject* parent)
    : QObject(parent), m_credentials(std::move(credentials)), m_client(std::move(server), m_credentials.access)
{
    m_due.setSingleShot(true);
    connect(&m_due, &QTimer::timeout, this, [this] {
        renew([this](const Result<void>& renewed) {
            if (!renewed && renewed.error().code != ErrorCode::Unauthenticated)
                m_due.start(retryAfter);
        });
    });
    planRenewal();
}

RenewingClient::~RenewingClient() = default;

void RenewingClient::planRenewal()
{
    if (!m_credentials.refresh.empty() && m_credentials.accessFor.count() > 0)
        m_due.start(std::chrono::milliseconds(m_credentials.accessFor) * 2 / 3);
}

void RenewingClient::call(const native::HttpCall& wanted, const RequestId& requestId, RemoteClient::Done done)
{
    m_client.call(wanted, requestId, [this, wanted, requestId, done = std::move(done)](Result<HttpAnswer> answer) {
        const bool isOver = !answer && answer.error().code == ErrorCode::Unauthenticated;
        if (!isOver || m_credentials.refresh.empty())
            return done(std::move(answer));
        renew([this, wanted, requestId, done, answer = std::move(answer)](const Result<void>& renewed) {
            if (renewed)
                m_client.call(wanted, requestId, done);
            else
                done(answer);
        });
    });
}

// Once for all who ask meanwhile, since each refresh token may be used once.
void RenewingClient::renew(Renewed done)
{
    m_waiting.push_back(std::move(done));
    if (m_waiting.size() > 1)
        return;
    native::HttpCall call = native::callTo(native::Route::RenewSession);
    call.body = native::write(native::toJson(native::Renewal{m_credentials.refresh}));
    m_client.call(call, newRequestId(), [this](const Result<HttpAnswer>& answer) { takeRenewal(answer); });
}

void RenewingClient::takeRenewal(const Result<HttpAnswer>& answer)
{
    Result<void> renewed;
    const auto credentials = answer ? credentialsIn(answer->body) : tl::unexpected(answer.error());
    if (credentials) {
        m_credentials = *credentials;
        m_client.useToken(m_credentials.access);
        planRenewal();
    } else {
        renewed = tl::unexpected(credentials.error());
        if (credentials.error().code == ErrorCode::Unauthenticated)
            m_credentials.refresh.clear();
    }
    if (renewed && m_told)
        m_told();
    for (const Renewed& done : std::exchange(m_waiting, {}))
        done(renewed);
}

}  // namespace headgate
