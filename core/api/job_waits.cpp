#include "core/api/job_waits.h"

#include <iterator>
#include <utility>

namespace headgate {

std::vector<const JobStatus*> jobsOfProvision(const Snapshot& snapshot, const NodeGroupName& group,
                                              const std::string& guid)
{
    std::vector<const JobStatus*> jobs;
    for (const JobStatus& job : snapshot.jobs) {
        if (job.nodeGroup == group && job.report.kind != JobKind::Recording &&
            (job.report.id == guid || job.report.id.starts_with(guid + "#")))
            jobs.push_back(&job);
    }
    return jobs;
}

bool JobWaits::add(const Snapshot& now, std::chrono::milliseconds longest, Look look, http::Reply reply)
{
    if (auto response = look(now, Patience::Left)) {
        reply(std::move(*response));
        return true;
    }
    const std::lock_guard lock(m_mutex);
    if (m_waits.size() >= most)
        return false;
    m_waits.push_back({Clock::now() + longest, std::move(look), std::move(reply)});
    return true;
}

void JobWaits::publish(const Snapshot& snapshot)
{
    std::vector<std::pair<http::Reply, http::Response>> answers;
    {
        const std::lock_guard lock(m_mutex);
        const auto now = Clock::now();
        for (auto wait = m_waits.begin(); wait != m_waits.end();) {
            auto response = wait->look(snapshot, now >= wait->until ? Patience::Over : Patience::Left);
            if (response)
                answers.emplace_back(std::move(wait->reply), std::move(*response));
            wait = response ? m_waits.erase(wait) : std::next(wait);
        }
    }
    for (auto& [reply, response] : answers)
        reply(std::move(response));
}

}  // namespace headgate
