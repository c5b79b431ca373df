#pragma once

#include "core/base/result.h"
#include "core/domain/audit.h"
#include "core/domain/audit_verdict.h"
#include "core/domain/command.h"
#include "core/domain/kept_outcome.h"
#include "core/domain/metrics.h"
#include "core/domain/recording.h"
#include "core/domain/snapshot.h"
#include "core/domain/stream_details.h"
#include "core/domain/usage.h"
#include "core/domain/waiting_place.h"
#include "core/plane/account_book.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace headgate {

struct NodeTraffic;

struct EngineHostOptions
{
    std::string dataDir;                             // made if absent, mode 0700; one process at a time
    std::string nodeProgram;                         // path of headgate-node; empty = findNodeProgram()
    std::string localNetwork = "127.77.0.0/16";      // loopback addresses for local nodes
    std::string nodeAddress;                         // if set, all nodes share it and get a port each
    std::string nodeCertificate;                     // PEM file that local nodes show for RTMPS; empty: no RTMPS
    std::string nodeKey;                             // its key, a PEM file as well
    std::string nodeAuthorities;                     // PEM file of whom they trust as parents; empty: RTMP
    std::string nodeCertificateName;                 // what certificates are for; empty: the node's address
    std::map<std::string, std::string> platformMap;  // "AWS" -> "LOCAL"
    std::string deploymentName = "Local cluster";
    std::string nodeListenAddress;  // where nodes come to over TLS; empty: over a socket of this machine
    std::uint16_t nodeListenPort = 0;
    std::function<void(const std::string&)> tell{};  // lines for the operator, on any thread; may be empty
    std::string geoDatabase;  // file in MaxMind's format that tells where clients are; empty: nobody knows
    // Adds to each snapshot what no machine could hold, on the engine thread: measured are those who answer, not those
    // who watch nodes. Empty in service.
    std::function<void(Snapshot&)> rehearse{};
};

// The control plane of one process: the engine on its own thread, with store, node provider and node connections.
// Every function may be called from any thread. Callbacks run on the engine thread and must not block.
class EngineHost
{
public:
    // Opens or makes the store, finds the nodes that still run, starts the engine thread.
    // Unavailable if another process holds dataDir; NotFound or InvalidArgument for the database of places.
    static Result<std::unique_ptr<EngineHost>> start(EngineHostOptions options);

    // Stops the engine and releases dataDir. Nodes keep running.
    ~EngineHost();
    EngineHost(const EngineHost&) = delete;
    EngineHost& operator=(const EngineHost&) = delete;

    // Never null. Costs the copy of a pointer; never waits for the engine.
    SnapshotPtr snapshot() const;

    // Schedules, overlays and what belongs to them. Never null; that of the snapshot or a newer one.
    StoredPlanPtr plan() const;

    // Of all groups. Never null; those of the snapshot or newer ones.
    StoredProvisionsPtr provisions() const;

    // `done` is called once, after the commit (or the refusal).
    void submit(CommandRequest request, std::function<void(Result<CommandOutcome>)> done);

    // The same, carried out at most once in 24 hours under the key: then `done` gets the first outcome, whatever the
    // request is; the fingerprint tells whether it is the same one. Nothing is kept of refusals and dry runs.
    void submitOnce(CommandRequest request, OnceKey once, std::function<void(Result<KeptOutcome>)> done);

    // One to request.endpoints targets, best first, each with a reservation of some seconds.
    // NotFound: group unknown, stream not live, no node that fits. ResourceExhausted: over the group's or nodes'
    // limits; of a viewer with a place in the waiting room. `client` is the address of who asks, empty if unknown.
    RouteAnswer route(const RouteRequest& request, const WaitingTicket& ticket = {}, const std::string& client = {},
                      Standing standing = Standing::Known);

    // What route() would answer now, and why; nothing is promised. NotFound: group unknown. Costs O(nodes).
    Result<RouteExplanation> explainRoute(const RouteRequest& request, const std::string& client = {}) const;

    // Newest first. Reads the store, or what is remembered of routings.
    Result<std::vector<AuditRecord>> readAudit(const AuditQuery& query) const;

    // Whether the whole audit trail is as it was written. Reads the store.
    Result<AuditVerdict> verifyAudit() const;

    // Up to a minute ago. InvalidArgument for more than UsageQuery::mostDays. Reads the store.
    Result<UsageReport> readUsage(const UsageQuery& query) const;

    // See ControlPlane. Each reads disks and asks stores, for seconds. Only groups that the snapshot has are looked at.
    Result<RecordingPage> readRecordings(const Snapshot& snapshot, const RecordingQuery& query);
    // Stands in the audit trail before anything is deleted. Not from the engine thread.
    Result<void> deleteRecording(const Snapshot& snapshot, const RecordingKey& key, const Actor& actor,
                                 const RequestId& requestId);
    Result<void> testStore(const Snapshot& snapshot, const NodeGroupName& group, const S3Settings& store) const;

    // See ControlPlane. `done` is called once, on any thread, which must not be held up.
    void readStream(const StreamQuery& query, std::function<void(Result<StreamDetails>)> done);
    void readThumbnail(const ThumbnailQuery& query, std::function<void(Result<Thumbnail>)> done);

    // Kept in memory: 1 s steps for 30 min, 10 s steps for 24 h.
    std::vector<MetricSeries> readMetrics(const MetricQuery& query) const;

    const NodeTraffic& nodeTraffic() const;

    // Null if there is no such account.
    AccountPtr findAccount(const std::string& name) const;
    TokenKeys tokenKeys() const;
    AccountPtr findAccountByToken(const std::string& tokenId) const;  // whose personal token it is
    std::vector<AccountPtr> accounts() const;                         // by name
    bool hasAccounts() const;

    // 32 bytes out of the 0600 key file in dataDir, made at the first start; `purpose` separates its uses.
    std::string derivedKey(const std::string& purpose) const;

    // `listener` runs on the engine thread after each published snapshot until the returned object is destroyed.
    std::shared_ptr<void> onSnapshot(std::function<void(SnapshotPtr)> listener);

    // Ends every node, waits until they are gone or `timeout` has passed; returns how many still run.
    int stopAllNodes(Duration timeout);

    const EngineHostOptions& options() const;

private:
    Result<void> keepRecord(AuditRecord record);

    class Private;
    explicit EngineHost(std::unique_ptr<Private> d);
    std::unique_ptr<Private> m_d;
};

}  // namespace headgate
