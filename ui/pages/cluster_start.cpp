#include "ui/pages/cluster_start.h"

#include "core/base/check.h"
#include "ui/format.h"
#include "ui/models/test_streams.h"
#include "ui/pages/node_group_draft.h"

#include <QUuid>

#include <algorithm>

namespace headgate {

namespace {

const StreamKey testStreamKey{"live", "test"};

// What went wrong with a node of the pools looked at, so that waiting has a reason.
Error troubleOf(const Snapshot& snapshot, const NodeGroupName& group, const std::string& role)
{
    for (const NodeStatus& status : snapshot.nodes) {
        const Node& node = status.node;
        const bool isLost = node.health == NodeHealth::Dead || node.health == NodeHealth::Quarantined;
        if (isLost && node.pool.nodeGroup == group && node.pool.role == role && !node.failure.empty())
            return Error{ErrorCode::Unavailable, node.failure, "A replacement starts by itself.", {}};
    }
    return {};
}

}  // namespace

LocalClusterChoice demoChoice()
{
    LocalClusterChoice choice;
    choice.name = ClusterStart::tr("Demo cluster");
    choice.regions = {"eu-central-1", "us-east-1"};
    choice.edgesPerRegion = 1;
    return choice;
}

ClusterStart::ClusterStart(ControlPlane& plane, TestStreams& testStreams, LocalClusterChoice choice, QObject* parent)
    : QObject(parent), m_plane(plane), m_testStreams(testStreams), m_choice(std::move(choice))
{
    NodeGroupPlan plan;
    plan.name = "main";
    plan.description = "Started by the console.";
    plan.regions = m_choice.regions;
    plan.origins = m_choice.origins;
    plan.edgesPerRegion = m_choice.edgesPerRegion;
    m_group = planNodeGroup(plan);
    for (const QString& title :
         {tr("Store opened"), tr("Nodes requested"), tr("Origin ready"), tr("Edges ready"), tr("Test stream on air")})
        m_steps.push_back({title, {}, StepState::Waiting, {}, {}});
    if (!m_choice.hasTestStream)
        m_steps.pop_back();
}

void ClusterStart::begin()
{
    m_clock.start();
    m_steps.front().state = StepState::Running;
    m_testStreams.setControlPlane(&m_plane);
    connect(&m_plane, &ControlPlane::snapshotChanged, this, &ClusterStart::follow);
    connect(&m_plane, &ControlPlane::linkChanged, this, &ClusterStart::follow);
    connect(&m_testStreams, &TestStreams::changed, this, &ClusterStart::follow);
    Q_EMIT stepsChanged();
    follow();
}

void ClusterStart::retry()
{
    if (m_isFinished || m_steps[m_current].state != StepState::Failed)
        return;
    m_steps[m_current].state = StepState::Running;
    m_steps[m_current].error = {};
    m_isRequested = false;
    Q_EMIT stepsChanged();
    follow();
}

void ClusterStart::follow()
{
    const SnapshotPtr snapshot = m_plane.snapshot();
    if (!snapshot || m_isFinished)
        return;
    while (m_current < m_steps.size()) {
        StartStep& step = m_steps[m_current];
        if (step.state == StepState::Failed)
            return;
        step.state = StepState::Running;
        if (!runStep(m_current, *snapshot)) {
            Q_EMIT stepsChanged();
            return;
        }
        step.state = StepState::Done;
        step.error = {};
        step.took = Duration(m_clock.restart());
        ++m_current;
    }
    m_isFinished = true;
    Q_EMIT stepsChanged();
    Q_EMIT finished();
}

bool ClusterStart::runStep(std::size_t index, const Snapshot& snapshot)
{
    switch (static_cast<Step>(index)) {
    case OpenStore:
        return true;
    case RequestNodes:
        if (groupIn(snapshot))
            return true;
        requestNodes(snapshot);
        return false;
    case OriginReady:
        return checkPools(m_steps[index], snapshot, Capability::Publish);
    case EdgesReady:
        return checkPools(m_steps[index], snapshot, Capability::Subscribe);
    case TestStream:
        return checkTestStream(snapshot);
    }
    unreachable();
}

void ClusterStart::requestNodes(const Snapshot& snapshot)
{
    if (m_isRequested)
        return;
    m_isRequested = true;
    // A cluster that has groups of its own is taken as it is.
    if (!snapshot.nodeGroups.empty()) {
        m_group = snapshot.nodeGroups.front().group;
        QMetaObject::invokeMethod(this, &ClusterStart::follow, Qt::QueuedConnection);
        return;
    }
    CommandRequest request;
    request.command = CreateNodeGroup{m_group};
    request.actor.name = "setup";
    request.requestId = RequestId(QUuid::createUuid().toString(QUuid::WithoutBraces).toStdString());
    const QPointer<ClusterStart> self(this);
    m_plane.submit(std::move(request), [self](Result<CommandOutcome> outcome) {
        if (!self || outcome || outcome.error().code == ErrorCode::AlreadyExists)
            return;
        StartStep& step = self->m_steps[RequestNodes];
        step.state = StepState::Failed;
        step.error = outcome.error();
        Q_EMIT self->stepsChanged();
    });
}

bool ClusterStart::checkPools(StartStep& step, const Snapshot& snapshot, Capability capability) const
{
    const NodeGroupStatus* status = groupIn(snapshot);
    if (!status)
        return false;
    int wanted = 0;
    int ready = 0;
    step.error = {};
    for (const PoolStatus& pool : status->pools) {
        const Role* role = status->group.findRole(pool.key.role);
        if (!role || !role->can(capability))
            continue;
        wanted += pool.wanted;
        ready += std::min(pool.ready, pool.wanted);
        const Error trouble = troubleOf(snapshot, pool.key.nodeGroup, pool.key.role);
        if (!trouble.message.empty())
            step.error = trouble;
    }
    step.detail = tr("%1 ready").arg(format::ofCount(ready, wanted));
    return ready >= wanted && wanted > 0;
}

bool ClusterStart::checkTestStream(const Snapshot& snapshot)
{
    const StreamStatus* stream = snapshot.findStream(m_group.name, testStreamKey);
    if (stream && !stream->ingest.videoCodec.empty() && stream->ingest.bitsPerSecond > 0) {
        m_steps[TestStream].detail = format::ingestFormat(stream->ingest);
        return true;
    }
    m_testStreams.start(m_group.name, testStreamKey);
    m_steps[TestStream].error = {};
    for (const TestStreams::Entry& entry : m_testStreams.entries())
        if (entry.state == TestStreams::State::Waiting)
            m_steps[TestStream].error = entry.error;
    return false;
}

const NodeGroupStatus* ClusterStart::groupIn(const Snapshot& snapshot) const
{
    return snapshot.findNodeGroup(m_group.name);
}

}  // namespace headgate
