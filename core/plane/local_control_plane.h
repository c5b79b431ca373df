#pragma once

#include "core/plane/account_desk.h"
#include "core/plane/control_plane.h"
#include "core/plane/engine_host.h"
#include "core/plane/waiting_tickets.h"

#include <QThreadPool>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

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
    void explainRoute(RouteRequest request, std::function<void(Result<RouteExplanation>)> done) override;
    void readAudit(AuditQuery query, std::function<void(Result<std::vector<AuditRecord>>)> done) override;
    void readMetrics(MetricQuery query, std::function<void(Result<std::vector<MetricSeries>>)> done) override;
    void readStream(StreamQuery query, std::function<void(Result<StreamDetails>)> done) override;
    void readThumbnail(ThumbnailQuery query, std::function<void(Result<Thumbnail>)> done) override;
    void readPlan(std::function<void(Result<StoredPlanPtr>)> done) override;
    void readProvisions(std::function<void(Result<StoredProvisionsPtr>)> done) override;

    void readRecordings(RecordingQuery query, std::function<void(Result<RecordingPage>)> done) override;
    void deleteRecording(RecordingKey key, std::function<void(Result<void>)> done) override;
    void testStore(NodeGroupName nodeGroup, S3Settings store, std::function<void(Result<void>)> done) override;
    void readUsage(UsageQuery query, std::function<void(Result<UsageReport>)> done) override;
    AccountDesk& accounts() override { return *m_accounts; }

    void reconnect() override {}  // never apart

private:
    class Accounts;

    // The way from other threads to the object, which may go away at any time.
    class Mailbox
    {
    public:
        explicit Mailbox(LocalControlPlane* owner) : m_owner(owner) {}

        // `work` runs later on the owner's thread, or not at all if the owner has gone.
        void post(std::function<void(LocalControlPlane&)> work);
        void close();

        // Snapshots that come faster than the owner looks are told once.
        std::atomic<bool> isSnapshotWaiting = false;

    private:
        std::mutex m_mutex;
        LocalControlPlane* m_owner;
    };

    // Gives each call a number under which its answer comes home, whichever comes first, answer or end.
    template <typename Answer>
    std::function<void(Result<Answer>)> expect(std::function<void(Result<Answer>)> done)
    {
        const std::uint64_t number = ++m_calls;
        m_open[number] = [done] {
            done(fail(ErrorCode::Unavailable, "The control plane was closed before it answered.",
                      "Look at its state after the next start."));
        };
        return [number, done = std::move(done), mailbox = m_mailbox](Result<Answer> answer) {
            mailbox->post([number, done, answer = std::move(answer)](LocalControlPlane& self) mutable {
                if (self.m_open.erase(number) == 1)
                    done(std::move(answer));
            });
        };
    }

    void takeSnapshot();

    EngineHost& m_host;
    SnapshotPtr m_snapshot;
    WaitingTickets m_tickets;
    std::map<std::uint64_t, std::function<void()>> m_open;  // calls without an answer, and how to give them up
    std::uint64_t m_calls = 0;
    std::shared_ptr<Mailbox> m_mailbox;
    std::shared_ptr<void> m_subscription;
    std::unique_ptr<AccountDesk> m_accounts;
    QThreadPool m_readers;
    QThreadPool m_storage;  // may take longer
};

}  // namespace headgate
