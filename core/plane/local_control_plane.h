#pragma once

#include "core/plane/control_plane.h"
#include "core/plane/engine_host.h"
#include "core/plane/waiting_tickets.h"

#include <QThreadPool>

#include <functional>
#include <map>
#include <memory>

namespace headgate {

// The control plane of this process. `host` must outlive it.
class LocalControlPlane : public ControlPlane
{
    Q_OBJECT

public:
    explicit LocalControlPlane(EngineHost& host);
    ~LocalControlPlane() override;

    SnapshotPtr snapshot() const override { return m_snapshot; }
    Link link() const override;

    void submit(CommandRequest request, std::function<void(Result<CommandOutcome>)> done) override;
    void route(RouteRequest request, std::function<void(Result<std::vector<RouteTarget>>)> done) override;
    void readAudit(AuditQuery query, std::function<void(Result<std::vector<AuditRecord>>)> done) override;
    void readMetrics(MetricQuery query, std::function<void(Result<std::vector<MetricSeries>>)> done) override;
    void readStream(StreamQuery query, std::function<void(Result<StreamDetails>)> done) override;
    void readThumbnail(ThumbnailQuery query, std::function<void(Result<Thumbnail>)> done) override;
    void readPlan(std::function<void(Result<StoredPlanPtr>)> done) override;

    void reconnect() override {}  // never apart

private:
    class Mailbox;

    // Gives each call a number under which its answer comes home, whichever comes first, answer or end.
    template <typename Answer>
    std::function<void(Result<Answer>)> expect(std::function<void(Result<Answer>)> done);

    void takeSnapshot();

    EngineHost& m_host;
    SnapshotPtr m_snapshot;
    WaitingTickets m_tickets;
    std::map<std::uint64_t, std::function<void()>> m_open;  // calls without an answer, and how to give them up
    std::uint64_t m_calls = 0;
    std::shared_ptr<Mailbox> m_mailbox;
    std::shared_ptr<void> m_subscription;
    QThreadPool m_readers;
};

}  // namespace headgate
