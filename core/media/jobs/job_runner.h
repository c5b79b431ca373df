#pragma once

#include "core/media/jobs/supervised_job.h"
#include "core/wire/node_protocol.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace headgate {

// The sources and pushes of a node: those of the provisions that it holds a lease for, each in a process of its own.
// Belongs to the main loop's thread.
class JobRunner
{
public:
    // At a time; what is more waits.
    static constexpr std::size_t mostJobs = 64;

    explicit JobRunner(JobContext context);

    // What is no provision any more is ended in order.
    void setProvisions(const std::vector<node_protocol::NodeProvision>& provisions);

    // These provisions are this node's until then. What was it before and is not now breaks off at once: another node
    // goes on with it.
    void hold(const std::vector<std::string>& guids, MonotonicTime until);

    // Of all it holds, sorted by id.
    std::vector<JobReport> reports() const;

private:
    void tick();
    void compare();

    JobContext m_context;
    std::map<std::string, std::vector<DocumentJob>> m_known;  // by provision
    std::set<std::string> m_held;                             // provisions
    MonotonicTime m_until;
    std::map<std::string, std::unique_ptr<SupervisedJob>> m_jobs;                     // by id
    std::vector<std::pair<MonotonicTime, std::unique_ptr<SupervisedJob>>> m_leaving;  // until when at the latest
    std::uint64_t m_seed;
    Timer m_timer;
};

}  // namespace headgate
