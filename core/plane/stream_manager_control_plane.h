#pragma once

#include "core/plane/account_desk.h"
#include "core/plane/capabilities.h"
#include "core/plane/control_plane.h"
#include "core/plane/stream_manager_session.h"
#include "core/wire/stream_manager_view.h"

#include <QTimer>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace headgate {

// What a Stream Manager 2.0 can do of what ours can, with the reasons.
const Capabilities& streamManagerCapabilities();

// A Stream Manager 2.0, ours or another one, asked every two seconds over its own interface. That has no versions, dry
// runs and pushes: before it changes a document this reads it again and refuses with VersionMismatch what somebody else
// changed, dry runs are compared here, and versions are counted as long as this lives.
class StreamManagerControlPlane final : public ControlPlane
{
    Q_OBJECT

public:
    explicit StreamManagerControlPlane(StreamManagerLogin login);
    ~StreamManagerControlPlane() override;

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
    // It does not tell which are distributed, nor who made them when.
    void readProvisions(std::function<void(Result<StoredProvisionsPtr>)> done) override;
    void readUsage(UsageQuery query, std::function<void(Result<UsageReport>)> done) override;
    void reconnect() override;
    AccountDesk& accounts() override { return m_accounts; }
    const Capabilities& capabilities() const override { return streamManagerCapabilities(); }
    Result<native::ShellLines> asCommand(const CommandRequest& request, const std::string& server) const override;

private:
    // A document and how often it was seen to change.
    struct Versioned
    {
        std::string text;
        std::uint64_t version = 0;
    };

    // What the i-th of some calls answered.
    using Read = std::function<void(std::size_t i, const nlohmann::json& body)>;

    void poll();
    void readAll(const std::vector<std::string>& targets, Read read, std::function<void()> then);
    void readGroups(const std::shared_ptr<stream_manager::Answers>& answers, const std::vector<std::string>& names);
    void readLive(const std::shared_ptr<stream_manager::Answers>& answers);
    void take(const stream_manager::Answers& answers);
    void countVersions(const stream_manager::Answers& answers, stream_manager::View& view);
    void lose(Error error);
    void setLink(LinkState state, Error error);

    Result<CommandOutcome> foresee(const CommandRequest& request) const;
    void countLosses(const NodeGroupName& group, CommandOutcome& outcome) const;
    void commit(const CommandRequest& request, CommandOutcome foreseen,
                std::function<void(Result<CommandOutcome>)> done);
    static tl::unexpected<Error> changedMeanwhile(const std::string& document);
    std::uint64_t versionOf(const std::string& document) const;

    NoAccounts m_accounts;
    Link m_link;
    SnapshotPtr m_snapshot;
    StoredPlanPtr m_plan;
    PlanDocument m_document;
    std::map<std::string, Versioned> m_versions;  // by name of the document at the Stream Manager
    std::uint64_t m_sequence = 0;
    std::uint64_t m_revision = 0;
    std::uint64_t m_round = 0;  // answers to older ones are dropped
    std::vector<std::function<void()>> m_afterRound;
    QTimer m_pause;
    StreamManagerSession m_session;  // last: its pending calls end before the rest goes
};

std::unique_ptr<ControlPlane> makeStreamManagerControlPlane(StreamManagerLogin login);

}  // namespace headgate
