#include "core/media/jobs/job_runner.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>

namespace headgate {

namespace {

constexpr Duration period{500};
constexpr Duration longestFarewell{3000};

}  // namespace

JobRunner::JobRunner(JobContext context)
    : m_context(std::move(context)),
      m_seed(static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count()) ^
             static_cast<std::uint64_t>(::getpid()) << 32),
      m_timer(m_context.loop)
{
    m_timer.startRepeating(period, [this] { tick(); });
}

void JobRunner::setProvisions(const std::vector<node_protocol::NodeProvision>& provisions)
{
    m_known.clear();
    for (const node_protocol::NodeProvision& provision : provisions) {
        auto jobs = jobsOf(provision.guid, provision.document);
        if (!jobs.empty())
            m_known.emplace(provision.guid, std::move(jobs));
    }
    const auto isKnown = [this](const SupervisedJob& job) {
        return std::ranges::any_of(m_known, [&job](const auto& provision) {
            return std::ranges::any_of(provision.second, [&job](const DocumentJob& known) { return job.isOf(known); });
        });
    };
    for (auto job = m_jobs.begin(); job != m_jobs.end();) {
        if (isKnown(*job->second)) {
            ++job;
            continue;
        }
        job->second->finish();
        m_leaving.emplace_back(m_context.loop.now() + longestFarewell, std::move(job->second));
        job = m_jobs.erase(job);
    }
    compare();
}

void JobRunner::hold(const std::vector<std::string>& guids, MonotonicTime until)
{
    m_held = {guids.begin(), guids.end()};
    m_until = until;
    compare();
}

// What runs with what should.
void JobRunner::compare()
{
    std::set<std::string> wanted;
    for (const std::string& guid : m_held) {
        const auto known = m_known.find(guid);
        if (known == m_known.end())
            continue;
        for (const DocumentJob& job : known->second) {
            wanted.insert(job.id);
            const bool isLeaving = std::ranges::any_of(
                m_leaving, [&job](const auto& leaving) { return leaving.second->report().id == job.id; });
            if (!m_jobs.contains(job.id) && !isLeaving && m_jobs.size() < mostJobs)
                m_jobs.emplace(job.id, std::make_unique<SupervisedJob>(m_context, job, ++m_seed));
        }
    }
    std::erase_if(m_jobs, [&wanted](const auto& job) { return !wanted.contains(job.first); });
}

void JobRunner::tick()
{
    const MonotonicTime now = m_context.loop.now();
    // The control plane is away for too long: another node may have taken over.
    if (!m_held.empty() && now >= m_until) {
        if (!m_jobs.empty())
            m_context.log.warning("jobs: nobody renewed the leave to run them, so they end here");
        hold({}, now);
    }
    for (const auto& [id, job] : m_jobs)
        job->tick();
    for (const auto& [until, job] : m_leaving)
        job->tick();
    const auto isGone = [now](const auto& leaving) { return leaving.second->isOver() || now >= leaving.first; };
    if (std::erase_if(m_leaving, isGone) > 0)
        compare();
}

std::vector<JobReport> JobRunner::reports() const
{
    std::vector<JobReport> reports;
    for (const auto& [id, job] : m_jobs)
        reports.push_back(job->report());
    for (const auto& [until, job] : m_leaving)
        reports.push_back(job->report());
    std::ranges::sort(reports, {}, &JobReport::id);
    return reports;
}

}  // namespace headgate
