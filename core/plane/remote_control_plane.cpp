#include "core/plane/remote_control_plane.h"

#include "core/plane/remote_answers.h"
#include "core/plane/server_trust.h"
#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"
#include "core/wire/provision_document.h"
#include "core/wire/usage_document.h"

#include <QNetworkRequest>
#include <QPointer>
#include <QRandomGenerator>
#include <QWebSocket>

#include <algorithm>
#include <utility>

namespace headgate {
namespace {

constexpr int silenceMs = 3000;
constexpr int longestPauseMs = 8000;
constexpr quint64 maxMessageBytes = 64ULL * 1024 * 1024;

TimePoint now()
{
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

QByteArray bytes(const std::string& text)
{
    return QByteArray::fromStdString(text);
}

QUrl eventsUrl(QUrl server)
{
    server.setScheme(server.scheme() == QLatin1String("https") ? QStringLiteral("wss") : QStringLiteral("ws"));
    server.setPath(QString::fromStdString(native::callTo(native::Route::Events).target));
    return server;
}

// The login call of makeRemoteControlPlane's callers; lives until it is answered or its context goes.
class SignInCall : public QObject
{
public:
    SignInCall(QObject* context, QUrl server, QSslConfiguration ssl) : QObject(context), m_client(std::move(server), {})
    {
        m_client.useTrust(std::move(ssl));
    }

    void start(const std::string& user, const std::string& password,
               std::function<void(Result<SessionCredentials>)> done)
    {
        native::HttpCall call = native::callTo(native::Route::SignIn);
        call.body = native::write({{"username", user}, {"password", password}});
        m_client.call(call, newRequestId(), [this, done = std::move(done)](const Result<HttpAnswer>& answer) {
            deleteLater();
            done(credentials(answer));
        });
    }

private:
    static Result<SessionCredentials> credentials(const Result<HttpAnswer>& answer)
    {
        if (!answer && answer.error().code == ErrorCode::Unauthenticated) {
            return fail(ErrorCode::Unauthenticated, "The control plane does not take this user name and password.",
                        "Check both and try again.");
        }
        if (!answer && answer.error().code == ErrorCode::ResourceExhausted) {
            return fail(ErrorCode::ResourceExhausted, "There were too many attempts to sign in.",
                        "Wait a minute, then try again.");
        }
        return answer ? credentialsIn(answer->body) : tl::unexpected(answer.error());
    }

    RemoteClient m_client;
};

// What stands behind an address that cannot be one.
class Nowhere final : public ControlPlane
{
public:
    Nowhere(std::string address, Error error) : m_error(std::move(error)), m_accounts(m_error)
    {
        m_link.state = LinkState::Lost;
        m_link.address = std::move(address);
        m_link.error = m_error;
    }

    SnapshotPtr snapshot() const override { return nullptr; }
    Link link() const override { return m_link; }
    void submit(CommandRequest, std::function<void(Result<CommandOutcome>)> done) override { refuse(done); }
    void route(RouteRequest, std::function<void(Result<std::vector<RouteTarget>>)> done) override { refuse(done); }
    void explainRoute(RouteRequest, std::function<void(Result<RouteExplanation>)> done) override { refuse(done); }
    void readAudit(AuditQuery, std::function<void(Result<std::vector<AuditRecord>>)> done) override { refuse(done); }
    void readMetrics(MetricQuery, std::function<void(Result<std::vector<MetricSeries>>)> done) override
    {
        refuse(done);
    }
    void readStream(StreamQuery, std::function<void(Result<StreamDetails>)> done) override { refuse(done); }
    void readThumbnail(ThumbnailQuery, std::function<void(Result<Thumbnail>)> done) override { refuse(done); }
    void readPlan(std::function<void(Result<StoredPlanPtr>)> done) override { refuse(done); }
    void readProvisions(std::function<void(Result<StoredProvisionsPtr>)> done) override { refuse(done); }
    void readUsage(UsageQuery, std::function<void(Result<UsageReport>)> done) override { refuse(done); }
    AccountDesk& accounts() override { return m_accounts; }
    void reconnect() override {}

private:
    template <typename Done>
    void refuse(const Done& done)
    {
        done(tl::unexpected<Error>(m_error));
    }

    Error m_error;
    Link m_link;
    NoAccounts m_accounts;
};

}  // namespace

RemoteControlPlane::RemoteControlPlane(QUrl server, SessionCredentials credentials, QSslConfiguration ssl)
    : m_accounts(
          [this](const native::HttpCall& wanted, RemoteClient::Done done) { call(wanted, {}, std::move(done)); }),
      m_client(std::move(server), std::move(credentials))
{
    m_client.useTrust(std::move(ssl));
    m_link.address = m_client.server().toString().toStdString();
    m_silence.setSingleShot(true);
    m_silence.setInterval(silenceMs);
    connect(&m_silence, &QTimer::timeout, this, [this] {
        startOver({ErrorCode::Unavailable,
                   m_link.address + " has not been heard of for 3 seconds.",
                   "This program tries again by itself.",
                   {}});
    });
    // The event stream ends with the token it was opened with.
    m_client.onRenewed([this] {
        if (m_link.state == LinkState::Connected)
            open();
    });
    m_retry.setSingleShot(true);
    connect(&m_retry, &QTimer::timeout, this, &RemoteControlPlane::open);
    open();
}

RemoteControlPlane::~RemoteControlPlane()
{
    closeSocket();
}

void RemoteControlPlane::open()
{
    closeSocket();
    m_retry.stop();
    m_hasHeard = false;
    ++m_attempt;
    m_socket = std::make_unique<QWebSocket>();
    m_socket->setMaxAllowedIncomingMessageSize(maxMessageBytes);
    connect(m_socket.get(), &QWebSocket::textMessageReceived, this, &RemoteControlPlane::take);
    connect(m_socket.get(), &QWebSocket::disconnected, this, &RemoteControlPlane::socketFailed);
    connect(m_socket.get(), QOverload<QAbstractSocket::SocketError>::of(&QWebSocket::error), this,
            &RemoteControlPlane::socketFailed);
    QNetworkRequest request(eventsUrl(m_client.server()));
    request.setRawHeader("Authorization", "Bearer " + bytes(m_client.accessToken()));
    m_socket->setSslConfiguration(m_client.ssl());
    m_silence.start();
    m_socket->open(request);
}

void RemoteControlPlane::closeSocket()
{
    m_silence.stop();
    if (!m_socket)
        return;
    m_socket->disconnect(this);
    // Not at once: we may stand in one of its own signals.
    m_socket.release()->deleteLater();
}

void RemoteControlPlane::reconnect()
{
    m_failures = 0;
    if (m_link.state == LinkState::SignedOut)
        setLink(LinkState::Connecting, {});
    open();
}

void RemoteControlPlane::take(const QString& text)
{
    m_silence.start();
    m_hasHeard = true;
    const QByteArray utf8 = text.toUtf8();
    const auto event = native::parse({utf8.constData(), static_cast<std::size_t>(utf8.size())});
    if (event && event->is_object())
        takeEvent(*event);
    else
        startOver(unexpectedAnswer());
}

void RemoteControlPlane::takeEvent(const nlohmann::json& event)
{
    const std::string type = event.value("type", std::string());
    if (type == "snapshot" && event.contains("snapshot"))
        takeSnapshot(native::snapshotFromJson(event["snapshot"]));
    else if (type == "change" && event.contains("change") && m_snapshot)
        takeChange(native::applyChange(*m_snapshot, event["change"]));
}

void RemoteControlPlane::takeChange(Result<Snapshot> snapshot)
{
    if (snapshot) {
        m_gaps = 0;
    } else if (snapshot.error().code == ErrorCode::Conflict && m_gaps++ == 0) {
        // The whole snapshot comes first on a new connection. At once the first time, so that nobody sees the gap.
        open();
        return;
    }
    takeSnapshot(std::move(snapshot));
}

void RemoteControlPlane::takeSnapshot(Result<Snapshot> snapshot)
{
    if (!snapshot) {
        startOver(snapshot.error().code == ErrorCode::Conflict ? std::move(snapshot.error()) : unexpectedAnswer());
        return;
    }
    m_failures = 0;
    m_snapshot = std::make_shared<const Snapshot>(std::move(*snapshot));
    m_link.lastHeard = now();
    const QPointer<RemoteControlPlane> self(this);
    setLink(LinkState::Connected, {});
    if (self)
        Q_EMIT snapshotChanged();
}

void RemoteControlPlane::socketFailed()
{
    const bool wasRefused = !m_hasHeard;
    closeSocket();
    if (wasRefused)
        askWhy();
    else
        startOver({ErrorCode::Unavailable,
                   m_link.address + " closed the connection.",
                   "This program tries again by itself.",
                   {}});
}

// A failed WebSocket handshake does not tell its reason; a plain request does.
void RemoteControlPlane::askWhy()
{
    call(native::callTo(native::Route::ListNodeGroups), {}, [this, attempt = m_attempt](Result<HttpAnswer> answer) {
        if (attempt != m_attempt || m_link.state == LinkState::SignedOut)
            return;
        if (answer) {
            startOver({ErrorCode::Unavailable,
                       m_link.address + " answers, but its event stream cannot be opened.",
                       "This program tries again by itself.",
                       {}});
        } else {
            startOver(std::move(answer.error()));
        }
    });
}

void RemoteControlPlane::startOver(Error error)
{
    closeSocket();
    retryLater();
    setLink(LinkState::Lost, std::move(error));
}

void RemoteControlPlane::retryLater()
{
    const int longest = std::min(longestPauseMs, 1000 << std::min(m_failures, 3));
    ++m_failures;
    m_retry.start(longest / 2 + QRandomGenerator::global()->bounded(longest / 2 + 1));
}

void RemoteControlPlane::setLink(LinkState state, Error error)
{
    if (m_link.state == state && m_link.error == error)
        return;
    m_link.state = state;
    m_link.error = std::move(error);
    Q_EMIT linkChanged();
}

void RemoteControlPlane::call(const native::HttpCall& call, const RequestId& requestId, RemoteClient::Done done)
{
    m_client.call(call, requestId, [this, done = std::move(done)](Result<HttpAnswer> answer) {
        if (!answer && answer.error().code == ErrorCode::Unauthenticated && m_link.state != LinkState::SignedOut) {
            ++m_attempt;
            closeSocket();
            m_retry.stop();
            setLink(LinkState::SignedOut, answer.error());
        }
        done(std::move(answer));
    });
}

void RemoteControlPlane::submit(CommandRequest request, std::function<void(Result<CommandOutcome>)> done)
{
    const auto wanted = native::callFor(request);
    if (!wanted)
        return done(tl::unexpected(wanted.error()));
    call(*wanted, request.requestId, [done = std::move(done)](const Result<HttpAnswer>& answer) {
        done(decodeOne(answer, native::commandOutcomeFromJson));
    });
}

void RemoteControlPlane::route(RouteRequest request, std::function<void(Result<std::vector<RouteTarget>>)> done)
{
    const native::HttpCall wanted = native::callFor(request, m_tickets.of(request));
    call(wanted, {}, [this, request = std::move(request), done = std::move(done)](Result<HttpAnswer> answer) {
        m_tickets.note(request, answer ? std::nullopt : m_client.lastWaiting());
        done(decodeList(answer, "targets", native::routeTargetFromJson));
    });
}

void RemoteControlPlane::explainRoute(RouteRequest request, std::function<void(Result<RouteExplanation>)> done)
{
    call(native::callToExplain(request), {}, [done = std::move(done)](const Result<HttpAnswer>& answer) {
        done(decodeOne(answer, native::routeExplanationFromJson));
    });
}

void RemoteControlPlane::readAudit(AuditQuery query, std::function<void(Result<std::vector<AuditRecord>>)> done)
{
    call(native::callFor(query), {}, [done = std::move(done)](Result<HttpAnswer> answer) {
        done(decodeList(answer, "records", native::auditRecordFromJson));
    });
}

void RemoteControlPlane::readMetrics(MetricQuery query, std::function<void(Result<std::vector<MetricSeries>>)> done)
{
    call(native::callFor(query), {}, [done = std::move(done)](Result<HttpAnswer> answer) {
        done(decodeList(answer, "series", native::metricSeriesFromJson));
    });
}

void RemoteControlPlane::readStream(StreamQuery query, std::function<void(Result<StreamDetails>)> done)
{
    call(native::callFor(query), {}, [done = std::move(done)](const Result<HttpAnswer>& answer) {
        done(decodeOne(answer, native::streamDetailsFromJson));
    });
}

void RemoteControlPlane::readThumbnail(ThumbnailQuery query, std::function<void(Result<Thumbnail>)> done)
{
    call(native::callFor(query), {}, [done = std::move(done)](Result<HttpAnswer> answer) {
        if (!answer)
            return done(tl::unexpected(std::move(answer.error())));
        Thumbnail picture{std::string(native::tagOfEntityTag(answer->entityTag)), std::move(answer->picture)};
        done(std::move(picture));
    });
}

void RemoteControlPlane::readPlan(std::function<void(Result<StoredPlanPtr>)> done)
{
    call(native::callTo(native::Route::ReadPlan), {}, [done = std::move(done)](Result<HttpAnswer> answer) {
        if (!answer)
            return done(tl::unexpected(std::move(answer.error())));
        auto plan = native::storedPlanFromJson(answer->body);
        if (!plan)
            return done(tl::unexpected(unexpectedAnswer()));
        done(std::make_shared<const StoredPlan>(std::move(*plan)));
    });
}

void RemoteControlPlane::readRecordings(RecordingQuery query, std::function<void(Result<RecordingPage>)> done)
{
    call(native::callFor(query), {}, [done = std::move(done)](const Result<HttpAnswer>& answer) {
        done(decodeOne(answer, native::recordingPageFromJson));
    });
}

void RemoteControlPlane::deleteRecording(RecordingKey key, std::function<void(Result<void>)> done)
{
    const auto wanted = native::callTo(native::Route::DeleteRecording, key.nodeGroup.value + "/" + key.id);
    call(wanted, {}, [done = std::move(done)](const Result<HttpAnswer>& answer) {
        done(answer ? Result<void>() : tl::unexpected<Error>(answer.error()));
    });
}

void RemoteControlPlane::testStore(NodeGroupName nodeGroup, S3Settings store, std::function<void(Result<void>)> done)
{
    native::HttpCall wanted = native::callTo(native::Route::TestStore, nodeGroup.value);
    wanted.body = native::write(native::toJson(store));
    call(wanted, {}, [done = std::move(done)](const Result<HttpAnswer>& answer) {
        done(answer ? Result<void>() : tl::unexpected<Error>(answer.error()));
    });
}

void RemoteControlPlane::readProvisions(std::function<void(Result<StoredProvisionsPtr>)> done)
{
    call(native::callTo(native::Route::ListProvisions), {}, [done = std::move(done)](const Result<HttpAnswer>& answer) {
        auto provisions = decodeList(answer, "provisions", native::storedProvisionFromJson);
        if (!provisions)
            return done(tl::unexpected(std::move(provisions.error())));
        std::ranges::sort(*provisions, {}, &StoredProvision::key);
        done(std::make_shared<const StoredProvisions>(std::move(*provisions)));
    });
}

void RemoteControlPlane::readUsage(UsageQuery query, std::function<void(Result<UsageReport>)> done)
{
    call(native::callFor(query), {}, [done = std::move(done)](const Result<HttpAnswer>& answer) {
        done(decodeOne(answer, native::usageReportFromJson));
    });
}

std::unique_ptr<ControlPlane> makeRemoteControlPlane(RemoteOptions options)
{
    auto server = serverUrl(options.url);
    auto ssl = sslTrusting(options.authorities);
    if (!server || !ssl)
        return std::make_unique<Nowhere>(std::move(options.url), server ? ssl.error() : server.error());
    return std::make_unique<RemoteControlPlane>(std::move(*server), std::move(options.credentials), std::move(*ssl));
}

void signIn(QObject* context, RemoteOptions server, std::string user, std::string password,
            std::function<void(Result<SessionCredentials>)> done)
{
    auto url = serverUrl(server.url);
    auto ssl = sslTrusting(server.authorities);
    if (!url || !ssl)
        return done(tl::unexpected(url ? ssl.error() : url.error()));
    auto* call = new SignInCall(context, std::move(*url), std::move(*ssl));
    call->start(user, password, std::move(done));
}

}  // namespace headgate
