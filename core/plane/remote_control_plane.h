#pragma once

#include "core/plane/control_plane.h"
#include "core/plane/remote_accounts.h"
#include "core/plane/renewing_client.h"
#include "core/plane/waiting_tickets.h"

#include <QTimer>

#include <memory>
#include <string>

class QWebSocket;

namespace headgate {

// A control plane in another process. Snapshots come over one WebSocket, everything else over HTTP. Reconnects by
// itself with growing, jittered pauses of 0.5 to 8 s; silence of 3 s is a lost connection.
class RemoteControlPlane final : public ControlPlane
{
    Q_OBJECT

public:
    RemoteControlPlane(QUrl server, SessionCredentials credentials, QSslConfiguration ssl);
    ~RemoteControlPlane() override;

    SnapshotPtr snapshot() const override { return m_snapshot; }
    Link link() const override { return m_link; }
    void submit(CommandRequest request, std::function<void(Result<CommandOutcome>)> done) override;
    void route(RouteRequest request, std::function<void(Result<std::vector<RouteTarget>>)> done) override;
    void explainRoute(RouteRequest request, std::function<void(Result<RouteExplanation>)> done) override;
    void readAudit(AuditQuery query, std::function<void(Result<std::vector<AuditRecord>>)> done) override;
    void readMetrics(MetricQuery query, std::function<void(Result<std::vector<MetricSeries>>)> done) override;
    void readStream(StreamQuery query, std::function<void(Result<StreamDetails>)> done) override;
    void readThumbnail(ThumbnailQuery query, std::function<void(Result<Thumbnail>)> done) override;
    void readPlan(std::function<void(Result<StoredPlanPtr>)> done) override;
    void readRecordings(RecordingQuery query, std::function<void(Result<RecordingPage>)> done) override;
    void deleteRecording(RecordingKey key, std::function<void(Result<void>)> done) override;
    void testStore(NodeGroupName nodeGroup, S3Settings store, std::function<void(Result<void>)> done) override;
    void readProvisions(std::function<void(Result<StoredProvisionsPtr>)> done) override;
    void readUsage(UsageQuery query, std::function<void(Result<UsageReport>)> done) override;
    AccountDesk& accounts() override { return m_accounts; }
    void reconnect() override;

private:
    void open();
    void closeSocket();
    void take(const QString& text);
    void takeEvent(const nlohmann::json& event);
    void takeChange(Result<Snapshot> snapshot);
    void takeSnapshot(Result<Snapshot> snapshot);
    void socketFailed();
    void askWhy();
    void startOver(Error error);
    void retryLater();
    void setLink(LinkState state, Error error);
    void call(const native::HttpCall& call, const RequestId& requestId, RemoteClient::Done done);

    SnapshotPtr m_snapshot;
    Link m_link;
    std::unique_ptr<QWebSocket> m_socket;
    QTimer m_silence;
    QTimer m_retry;
    int m_failures = 0;       // since the last message that could be used
    int m_gaps = 0;           // since the last change that could be applied
    bool m_hasHeard = false;  // on this socket
    std::uint64_t m_attempt = 0;
    WaitingTickets m_tickets;
    RemoteAccounts m_accounts;
    RenewingClient m_client;  // last: its pending calls end before the rest goes
};

}  // namespace headgate
