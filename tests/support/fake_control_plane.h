#pragma once

#include "core/plane/control_plane.h"
#include "tests/support/fake_accounts.h"

#include <chrono>
#include <functional>
#include <utility>
#include <vector>

namespace headgate::test {

// A control plane whose snapshots, link and answers the test chooses. Answers come at once.
class FakeControlPlane : public ControlPlane
{
public:
    FakeControlPlane()
    {
        m_link.state = LinkState::Connected;
        m_link.address = "This machine";
    }

    void show(SnapshotPtr next)
    {
        m_snapshot = std::move(next);
        m_link.lastHeard = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
        Q_EMIT snapshotChanged();
    }
    void setLink(Link next)
    {
        m_link = std::move(next);
        Q_EMIT linkChanged();
    }

    SnapshotPtr snapshot() const override { return m_snapshot; }
    Link link() const override { return m_link; }
    void submit(CommandRequest request, std::function<void(Result<CommandOutcome>)> done) override
    {
        requests.push_back(std::move(request));
        done(answer);
    }
    void route(RouteRequest, std::function<void(Result<std::vector<RouteTarget>>)> done) override { done(targets); }
    void explainRoute(RouteRequest request, std::function<void(Result<RouteExplanation>)> done) override
    {
        explainedRequests.push_back(std::move(request));
        done(explanation);
    }
    void readAudit(AuditQuery query, std::function<void(Result<std::vector<AuditRecord>>)> done) override
    {
        auditQueries.push_back(std::move(query));
        done(audit);
    }
    void readMetrics(MetricQuery query, std::function<void(Result<std::vector<MetricSeries>>)> done) override
    {
        metricQueries.push_back(query);
        done(metrics);
    }
    void readStream(StreamQuery query, std::function<void(Result<StreamDetails>)> done) override
    {
        streamQueries.push_back(std::move(query));
        done(details);
    }
    void readThumbnail(ThumbnailQuery query, std::function<void(Result<Thumbnail>)> done) override
    {
        thumbnailQueries.push_back(std::move(query));
        done(thumbnail);
    }
    void readPlan(std::function<void(Result<StoredPlanPtr>)> done) override { done(plan); }
    void readUsage(UsageQuery query, std::function<void(Result<UsageReport>)> done) override
    {
        usageQueries.push_back(query);
        done(usage);
    }
    void readProvisions(std::function<void(Result<StoredProvisionsPtr>)> done) override { done(provisions); }
    void readRecordings(RecordingQuery query, std::function<void(Result<RecordingPage>)> done) override
    {
        recordingQueries.push_back(std::move(query));
        done(recordings);
    }
    void deleteRecording(RecordingKey key, std::function<void(Result<void>)> done) override
    {
        deletedRecordings.push_back(std::move(key));
        done(recordingDeleted);
    }
    void testStore(NodeGroupName, S3Settings store, std::function<void(Result<void>)> done) override
    {
        testedStores.push_back(std::move(store));
        done(storeTested);
    }
    FakeAccounts& accounts() override { return desk; }
    void reconnect() override { ++reconnects; }

    // What was asked, and what is answered.
    std::vector<CommandRequest> requests;
    std::vector<AuditQuery> auditQueries;
    std::vector<MetricQuery> metricQueries;
    std::vector<StreamQuery> streamQueries;
    std::vector<ThumbnailQuery> thumbnailQueries;
    std::vector<UsageQuery> usageQueries;
    std::vector<RecordingQuery> recordingQueries;
    std::vector<RecordingKey> deletedRecordings;
    std::vector<S3Settings> testedStores;
    int reconnects = 0;
    FakeAccounts desk;
    Result<UsageReport> usage = UsageReport{};
    Result<StoredPlanPtr> plan = std::make_shared<const StoredPlan>();
    Result<StoredProvisionsPtr> provisions = std::make_shared<const StoredProvisions>();
    Result<RecordingPage> recordings = RecordingPage{};
    Result<void> recordingDeleted{};
    Result<void> storeTested{};
    Result<CommandOutcome> answer = CommandOutcome{};
    Result<std::vector<RouteTarget>> targets = std::vector<RouteTarget>{};
    Result<RouteExplanation> explanation;
    std::vector<RouteRequest> explainedRequests;
    Result<std::vector<AuditRecord>> audit = std::vector<AuditRecord>{};
    Result<std::vector<MetricSeries>> metrics = std::vector<MetricSeries>{};
    Result<StreamDetails> details = StreamDetails{};
    Result<Thumbnail> thumbnail = Thumbnail{};

private:
    SnapshotPtr m_snapshot;
    Link m_link;
};

}  // namespace headgate::test
