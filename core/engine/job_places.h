#pragma once

#include "core/domain/provision.h"
#include "core/domain/snapshot.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// Which node runs the jobs of which provision. One node at a time holds a lease for a provision; what holds it is told
// again every two seconds (node_protocol::SetJobs). Another one gets it when the holder says that it ended the jobs,
// is proven gone, or did not hear of the lease for so long that it has ended them by itself.
namespace headgate {

class StepWriter;
struct EngineModel;
struct NodeRecord;

struct JobOutline
{
    std::string id;
    JobKind kind = JobKind::Source;
    StreamKey stream;
};

struct JobPlace
{
    std::vector<JobOutline> jobs;
    std::optional<TimePoint> distributedAt;  // none: stored only, or stopped
    TimePoint changedAt;
    bool needsPublisher = true;  // the capability that its node must have: else it serves viewers
    bool isForgotten = false;    // the provision is gone; the lease may not be

    NodeId node;         // that holds the lease, or may; empty: none
    TimePoint leaseEnd;  // what the node knows of it is over by then
    bool isRevoked = false;
    std::optional<std::uint64_t> revokedBy;  // the first grant without it
};

// What a node was told last on the present connection.
struct SentJobs
{
    std::uint64_t grant = 0;
    std::uint64_t heartbeat = 0;
    std::vector<std::string> provisions;
    TimePoint at;
};

struct JobBook
{
    std::map<ProvisionKey, JobPlace> places;  // of provisions that have jobs
    std::uint64_t grants = 0;
};

namespace job_places {

void put(JobBook& book, const StoredProvision& provision);
void remove(JobBook& book, const ProvisionKey& key);

// After the order of the nodes is known; what they are told goes through the writer.
void advance(StepWriter& writer);
std::optional<TimePoint> deadline(const EngineModel& model);

// Sorted as the snapshot's contract says.
std::vector<JobStatus> statuses(const EngineModel& model);

}  // namespace job_places
}  // namespace headgate
