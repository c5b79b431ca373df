#include "core/wire/json_reader.h"
#include "core/wire/json_writer.h"
#include "core/wire/native_codec.h"
#include "core/wire/native_fields.h"

#include <algorithm>
#include <map>
#include <utility>

namespace headgate::native {

// The name of one stream of the snapshot, as a change spells it.
struct StreamName
{
    NodeGroupName nodeGroup;
    StreamKey stream;

    auto operator<=>(const StreamName&) const = default;
};

struct JobName
{
    NodeGroupName nodeGroup;
    std::string id;

    auto operator<=>(const JobName&) const = default;
};

template <typename T, typename Key>
struct ListChange
{
    std::vector<T> put;
    std::vector<Key> removed;
};

// New records in front of the first `kept` ones of the list before.
struct AuditChange
{
    std::vector<AuditRecord> added;
    std::uint64_t kept = 0;
};

struct SnapshotChange
{
    std::uint64_t follows = 0;
    std::uint64_t sequence = 0;
    std::uint64_t revision = 0;
    std::uint64_t planRevision = 0;
    TimePoint takenAt;
    std::string deploymentName;
    std::string storeFailure;
    ClusterTotals totals;
    ListChange<NodeGroupStatus, NodeGroupName> nodeGroups;
    ListChange<NodeStatus, NodeId> nodes;
    ListChange<StreamStatus, StreamName> streams;
    ListChange<NodeImageStatus, std::string> nodeImages;
    ListChange<JobStatus, JobName> jobs;
    ListChange<RegionStatus, std::string> regions;
    std::string defaultRegion;
    ListChange<DeploymentStatus, std::string> deployments;
    AuditChange recentAudit;
};

void describe(auto& f, Either<JobName> auto& name)
{
    f.required("nodeGroup", name.nodeGroup);
    f.required("id", name.id);
}

void describe(auto& f, Either<StreamName> auto& name)
{
    f.required("nodeGroup", name.nodeGroup);
    f.required("stream", name.stream);
}

template <typename T, typename Key>
void describe(auto& f, ListChange<T, Key>& change)
{
    f.optional("put", change.put);
    f.optional("removed", change.removed);
}

template <typename T, typename Key>
void describe(auto& f, const ListChange<T, Key>& change)
{
    f.optional("put", change.put);
    f.optional("removed", change.removed);
}

void describe(auto& f, Either<AuditChange> auto& change)
{
    f.required("added", change.added);
    f.required("kept", change.kept);
}

void describe(auto& f, Either<SnapshotChange> auto& change)
{
    f.required("follows", change.follows);
    f.required("sequence", change.sequence);
    f.required("revision", change.revision);
    f.required("planRevision", change.planRevision);
    f.required("takenAt", change.takenAt);
    f.required("deploymentName", change.deploymentName);
    f.required("storeFailure", change.storeFailure);
    f.required("totals", change.totals);
    f.required("nodeGroups", change.nodeGroups);
    f.required("nodes", change.nodes);
    f.required("streams", change.streams);
    f.required("nodeImages", change.nodeImages);
    f.optional("jobs", change.jobs);
    f.required("regions", change.regions);
    f.required("defaultRegion", change.defaultRegion);
    f.required("deployments", change.deployments);
    f.required("recentAudit", change.recentAudit);
}

namespace {

NodeGroupName keyOf(const NodeGroupStatus& status)
{
    return status.group.name;
}

NodeId keyOf(const NodeStatus& status)
{
    return status.node.id;
}

StreamName keyOf(const StreamStatus& status)
{
    return {status.nodeGroup, status.ingest.key};
}

JobName keyOf(const JobStatus& job)
{
    return {job.nodeGroup, job.report.id};
}

std::string keyOf(const NodeImageStatus& status)
{
    return status.record.name;
}

std::string keyOf(const RegionStatus& status)
{
    return status.region.name;
}

std::string keyOf(const DeploymentStatus& status)
{
    return status.stored.deployment.name;
}

// Both lists are sorted by key.
template <typename Key, typename T>
ListChange<T, Key> listChange(const std::vector<T>& before, const std::vector<T>& after)
{
    ListChange<T, Key> change;
    auto old = before.begin();
    for (const T& element : after) {
        const Key key = keyOf(element);
        for (; old != before.end() && keyOf(*old) < key; ++old)
            change.removed.push_back(keyOf(*old));
        if (old == before.end() || key < keyOf(*old))
            change.put.push_back(element);
        else if (!(*old++ == element))
            change.put.push_back(element);
    }
    for (; old != before.end(); ++old)
        change.removed.push_back(keyOf(*old));
    return change;
}

template <typename Key, typename T>
std::vector<T> applied(const std::vector<T>& before, ListChange<T, Key> change)
{
    std::map<Key, T> elements;
    for (const T& element : before)
        elements.emplace(keyOf(element), element);
    for (const Key& key : change.removed)
        elements.erase(key);
    for (T& element : change.put) {
        const Key key = keyOf(element);
        elements.insert_or_assign(key, std::move(element));
    }
    std::vector<T> after;
    after.reserve(elements.size());
    for (auto& [key, element] : elements)
        after.push_back(std::move(element));
    return after;
}

AuditChange auditChange(const std::vector<AuditRecord>& before, const std::vector<AuditRecord>& after)
{
    std::size_t added = after.size() > before.size() ? after.size() - before.size() : 0;
    while (!std::equal(after.begin() + static_cast<std::ptrdiff_t>(added), after.end(), before.begin(),
                       before.begin() + static_cast<std::ptrdiff_t>(after.size() - added)))
        ++added;
    return {{after.begin(), after.begin() + static_cast<std::ptrdiff_t>(added)}, after.size() - added};
}

}  // namespace

Json changeBetween(const Snapshot& before, const Snapshot& after)
{
    SnapshotChange change;
    change.follows = before.sequence;
    change.sequence = after.sequence;
    change.revision = after.revision;
    change.planRevision = after.planRevision;
    change.takenAt = after.takenAt;
    change.deploymentName = after.deploymentName;
    change.storeFailure = after.storeFailure;
    change.totals = after.totals;
    change.nodeGroups = listChange<NodeGroupName>(before.nodeGroups, after.nodeGroups);
    change.nodes = listChange<NodeId>(before.nodes, after.nodes);
    change.streams = listChange<StreamName>(before.streams, after.streams);
    change.nodeImages = listChange<std::string>(before.nodeImages, after.nodeImages);
    change.jobs = listChange<JobName>(before.jobs, after.jobs);
    change.regions = listChange<std::string>(before.regions, after.regions);
    change.defaultRegion = after.defaultRegion;
    change.deployments = listChange<std::string>(before.deployments, after.deployments);
    change.recentAudit = auditChange(before.recentAudit, after.recentAudit);
    return Encode::value(change);
}

Result<Snapshot> applyChange(const Snapshot& before, const Json& json)
{
    auto decoded = decodeDocument<SnapshotChange>(json);
    if (!decoded)
        return tl::unexpected(std::move(decoded.error()));
    SnapshotChange& change = *decoded;
    if (change.follows != before.sequence || change.recentAudit.kept > before.recentAudit.size()) {
        return fail(ErrorCode::Conflict,
                    "This change follows on snapshot " + std::to_string(change.follows) + ", and here is snapshot " +
                        std::to_string(before.sequence) + ".",
                    "Read the whole snapshot again.", "/follows");
    }
    Snapshot after;
    after.sequence = change.sequence;
    after.revision = change.revision;
    after.planRevision = change.planRevision;
    after.takenAt = change.takenAt;
    after.deploymentName = std::move(change.deploymentName);
    after.storeFailure = std::move(change.storeFailure);
    after.totals = change.totals;
    after.nodeGroups = applied(before.nodeGroups, std::move(change.nodeGroups));
    after.nodes = applied(before.nodes, std::move(change.nodes));
    after.streams = applied(before.streams, std::move(change.streams));
    after.nodeImages = applied(before.nodeImages, std::move(change.nodeImages));
    after.jobs = applied(before.jobs, std::move(change.jobs));
    after.regions = applied(before.regions, std::move(change.regions));
    after.defaultRegion = std::move(change.defaultRegion);
    after.deployments = applied(before.deployments, std::move(change.deployments));
    after.recentAudit = std::move(change.recentAudit.added);
    after.recentAudit.insert(after.recentAudit.end(), before.recentAudit.begin(),
                             before.recentAudit.begin() + static_cast<std::ptrdiff_t>(change.recentAudit.kept));
    return after;
}

}  // namespace headgate::native
