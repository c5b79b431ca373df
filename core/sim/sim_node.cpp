#include "core/sim/sim_node.h"

#include "core/base/check.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace headgate::sim {

using node_protocol::SessionPolicy;

SimNode::SimNode(const LaunchNode& launch, NodeEndpoints endpoints, const Lineup& lineup)
    : m_id(launch.node.id),
      m_pool(launch.node.pool),
      m_region(launch.node.region),
      m_endpoints(std::move(endpoints)),
      m_lineup(lineup),
      m_takesPublishers(launch.role.can(Capability::Publish)),
      m_servesViewers(launch.role.can(Capability::Subscribe)),
      m_sources(lineup.streams.size()),
      m_viewers(lineup.streamOf.size(), 0),
      m_streamViewers(lineup.streams.size(), 0),
      m_starvedS(lineup.streams.size(), 0),
      m_epochs(lineup.streams.size(), 0),
      m_children(lineup.streams.size(), 0),
      m_childrenBefore(lineup.streams.size(), 0),
      m_heartbeat(NodeHeartbeat{m_id, {}})
{}

void SimNode::obey(const node_protocol::ToNode& message, TimePoint now)
{
    if (const auto* policy = std::get_if<node_protocol::SetPolicy>(&message)) {
        m_policy = policy->policy;
        m_endSessionsAt.reset();
        if (policy->endSessionsIn)
            m_endSessionsAt = now + *policy->endSessionsIn;
        m_othersTakeViewers = !policy->alternates.empty();
        if (policy->policy == SessionPolicy::Serve)
            m_drainsSince.reset();
        else if (!m_drainsSince)
            m_drainsSince = now;
    } else if (const auto* epoch = std::get_if<node_protocol::SetEpoch>(&message)) {
        m_epoch = epoch->epoch;
        m_epochAt = now;
    } else if (const auto* limits = std::get_if<node_protocol::SetLimits>(&message)) {
        m_mostViewers = limits->viewers;
    } else if (const auto* table = std::get_if<node_protocol::AssignParents>(&message)) {
        setParents(*table);
    }
}

void SimNode::setParents(const node_protocol::AssignParents& table)
{
    for (std::size_t stream = 0; stream < m_sources.size(); ++stream) {
        const auto told =
            std::ranges::find(table.streams, m_lineup.streams[stream], &node_protocol::StreamParents::stream);
        // Of a publisher that was replaced since: a control plane that comes back may not know it yet.
        if (told != table.streams.end() && m_sources[stream] && told->epoch < m_sources[stream]->epoch)
            continue;
        m_sources[stream].reset();
        if (told != table.streams.end())
            m_sources[stream] = Source{
                told->primary.node, told->primary.address + ":" + std::to_string(told->primary.rtmpPort), told->epoch};
    }
}

int SimNode::drainTo(TimePoint now)
{
    constexpr DrainPace pace;
    const auto passed = (now - std::exchange(m_drainedTo, now)) / pace.round;
    const bool isOver = m_drainsSince && now - *m_drainsSince >= pace.patience;
    if (!isOver || m_takesPublishers || !m_othersTakeViewers || !serves())
        return 0;
    const int left = DrainPace::rounds - m_drainRounds % DrainPace::rounds;
    const int rounds = static_cast<int>(std::clamp<std::int64_t>(passed, 1, left));
    m_drainRounds += rounds;
    return (m_allViewers * rounds + left - 1) / left;
}

void SimNode::addViewers(std::size_t traffic, int count)
{
    m_viewers[traffic] += count;
    m_streamViewers[m_lineup.streamOf[traffic]] += count;
    m_allViewers += count;
    HG_CHECK(m_viewers[traffic] >= 0);
}

std::optional<std::uint64_t> SimNode::publish(std::size_t stream, TimePoint now)
{
    if (!m_takesPublishers || !serves() || !isServing())
        return std::nullopt;
    const std::uint64_t epoch = m_epoch + static_cast<std::uint64_t>((now - m_epochAt).count());
    m_published[stream] = {epoch, now};
    m_epochs[stream] = std::max(m_epochs[stream], epoch);
    return epoch;
}

std::vector<std::size_t> SimNode::published() const
{
    std::vector<std::size_t> streams;
    for (const auto& [stream, publication] : m_published) {
        const auto kept = m_kept.find(stream);
        if (kept == m_kept.end() || kept->second.epoch != publication.epoch)
            streams.push_back(stream);
    }
    return streams;
}

void SimNode::endSessions()
{
    std::ranges::fill(m_viewers, 0);
    std::ranges::fill(m_streamViewers, 0);
    m_allViewers = 0;
    m_published = m_kept;
}

// One that was begun here meanwhile has another epoch.
void SimNode::endKept()
{
    for (const auto& [stream, kept] : m_kept) {
        const auto published = m_published.find(stream);
        if (published != m_published.end() && published->second.epoch == kept.epoch)
            m_published.erase(published);
    }
    m_kept.clear();
}

NodeConnected SimNode::hello(TimePoint now) const
{
    node_protocol::Hello hello;
    hello.node = m_id;
    hello.incarnation = static_cast<std::uint64_t>(toEpochMs(now));
    hello.softwareVersion = HEADGATE_VERSION;
    hello.endpoints = m_endpoints;
    return {hello};
}

const NodeId* SimNode::parentFor(std::size_t stream) const
{
    const bool isWanted = m_streamViewers[stream] > 0 || m_childrenBefore[stream] > 0 || m_tested == stream;
    const bool pulls = isWanted && m_sources[stream] && !m_published.contains(stream);
    return pulls ? &m_sources[stream]->parent : nullptr;
}

void SimNode::testItself()
{
    constexpr int secondsEach = 3, longestS = 30;  // as SelfTest has them
    if (m_hasPulled)
        return;
    const bool isFed = m_tested && m_testedS > 0 && m_starvedS[*m_tested] == 0 && m_epochs[*m_tested] > 0;
    if (!isFed && m_testedS < longestS && m_testedS++ % secondsEach == 0) {
        const std::size_t first = m_tested ? *m_tested + 1 : 0;
        m_tested.reset();
        for (std::size_t i = 0; i < m_sources.size() && !m_tested; ++i) {
            if (m_sources[(first + i) % m_sources.size()])
                m_tested = (first + i) % m_sources.size();
        }
    }
    if (isFed || !m_tested || m_testedS == longestS) {
        m_hasPulled = true;
        m_tested.reset();
    }
}

bool SimNode::pullsFrom(const NodeId& parent) const
{
    for (std::size_t stream = 0; stream < m_sources.size(); ++stream) {
        const NodeId* from = m_starvedS[stream] == 0 && m_epochs[stream] > 0 ? parentFor(stream) : nullptr;
        if (from && *from == parent)
            return true;
    }
    return false;
}

std::optional<std::uint64_t> SimNode::carriedEpoch(std::size_t stream) const
{
    if (!serves())
        return std::nullopt;
    if (const auto publication = m_published.find(stream); publication != m_published.end())
        return publication->second.epoch;
    // Who pulled nothing yet begins to, with the first child.
    if (!m_sources[stream] || m_starvedS[stream] > 0)
        return std::nullopt;
    return m_epochs[stream] > 0 ? m_epochs[stream] : m_sources[stream]->epoch;
}

bool SimNode::takesChildren(std::size_t stream) const
{
    return serves() && (m_published.contains(stream) || m_sources[stream]);
}

void SimNode::forgetChildren()
{
    m_childrenBefore.swap(m_children);
    std::ranges::fill(m_children, 0);
}

int SimNode::children() const
{
    return std::accumulate(m_childrenBefore.begin(), m_childrenBefore.end(), 0);
}

void SimNode::receive(std::size_t stream, std::optional<std::uint64_t> epoch)
{
    const bool isFed = epoch && *epoch >= m_epochs[stream];
    m_starvedS[stream] = isFed ? 0 : m_starvedS[stream] + 1;
    if (isFed)
        m_epochs[stream] = *epoch;
}

// False if the node does not carry the stream.
bool SimNode::fillReport(StreamReport& report, std::size_t stream) const
{
    const auto publication = m_published.find(stream);
    const bool isPublished = publication != m_published.end();
    if (!isPublished && !parentFor(stream))
        return false;
    report.key = m_lineup.streams[stream];
    report.isPublishedHere = isPublished;
    report.publisherAddress = isPublished ? std::string() : m_sources[stream]->address;
    report.epoch = isPublished ? publication->second.epoch : m_epochs[stream];
    report.startedAt = isPublished ? publication->second.since : TimePoint();
    report.viewers = m_streamViewers[stream];
    report.children = m_children[stream];
    const int starvedS = isPublished ? 0 : m_starvedS[stream];
    report.sinceLastFrameMs = starvedS * 1'000;
    report.bitsPerSecond = starvedS < 2 ? bitsPerSecond : 0;
    return true;
}

const Observation& SimNode::heartbeat()
{
    node_protocol::Heartbeat& beat = std::get<NodeHeartbeat>(m_heartbeat).heartbeat;
    m_isSealed = m_isSealed || (m_policy == SessionPolicy::Seal && m_published.empty());
    ++beat.sequence;
    beat.isDraining = m_policy != SessionPolicy::Serve;
    beat.isSealed = m_isSealed;
    beat.unready = isHung         ? "Its media does not answer."
                   : !m_hasPulled ? "It gets nothing of any stream that it is to pull."
                                  : "";
    beat.load = {};
    beat.load.publishers = static_cast<int>(m_published.size());
    beat.load.subscribers = m_allViewers;
    std::size_t used = 0;
    for (std::size_t stream = 0; stream < m_lineup.streams.size(); ++stream) {
        if (used == beat.streams.size())
            beat.streams.emplace_back();
        if (!fillReport(beat.streams[used], stream))
            continue;
        const StreamReport& report = beat.streams[used++];
        beat.load.children += report.children;
        beat.load.bitsInPerSecond += report.bitsPerSecond;
        beat.load.bitsOutPerSecond += (report.viewers + report.children) * report.bitsPerSecond;
    }
    beat.streams.resize(used);
    return m_heartbeat;
}

}  // namespace headgate::sim
