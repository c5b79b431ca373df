#pragma once

#include "core/domain/node_group.h"
#include "core/plane/control_plane.h"

#include <QElapsedTimer>
#include <QObject>
#include <QPointer>
#include <QString>

#include <string>
#include <vector>

namespace headgate {

class TestStreams;

// What "Start a local cluster" asks for.
struct LocalClusterChoice
{
    QString name;                                         // of the deployment
    std::vector<std::string> regions = {"eu-central-1"};  // the first one holds the origins
    int origins = 1;
    int edgesPerRegion = 2;
    bool hasTestStream = true;
};

// The cluster that "Open the demo" and --demo start: two regions, so that there is something to look at.
LocalClusterChoice demoChoice();

enum class StepState
{
    Waiting,
    Running,
    Done,
    Failed  // `error` says why and what to do; the start does not go on by itself
};

struct StartStep
{
    QString title;
    QString detail;  // "2 of 3 ready"; may be empty
    StepState state = StepState::Waiting;
    Duration took{};  // once Done
    Error error;      // with Failed; with Running a trouble on the way that is being dealt with
};

// Brings up one node group on a fresh control plane and follows it by snapshots until there is a picture to watch.
// A group that is there already is taken as it is.
class ClusterStart : public QObject
{
    Q_OBJECT

public:
    // All outlive this object.
    ClusterStart(ControlPlane& plane, TestStreams& testStreams, LocalClusterChoice choice, QObject* parent = nullptr);

    void begin();
    // After a failed step: tries that step again.
    void retry();

    const std::vector<StartStep>& steps() const { return m_steps; }
    bool isFinished() const { return m_isFinished; }

Q_SIGNALS:
    void stepsChanged();
    void finished();

private:
    enum Step : std::size_t
    {
        OpenStore,
        RequestNodes,
        OriginReady,
        EdgesReady,
        TestStream
    };

    void follow();
    bool runStep(std::size_t index, const Snapshot& snapshot);
    void requestNodes(const Snapshot& snapshot);
    bool checkPools(StartStep& step, const Snapshot& snapshot, Capability capability) const;
    bool checkTestStream(const Snapshot& snapshot);
    const NodeGroupStatus* groupIn(const Snapshot& snapshot) const;

    ControlPlane& m_plane;
    TestStreams& m_testStreams;
    LocalClusterChoice m_choice;
    NodeGroup m_group;
    std::vector<StartStep> m_steps;
    std::size_t m_current = 0;
    QElapsedTimer m_clock;
    bool m_isRequested = false;
    bool m_isFinished = false;
};

}  // namespace headgate
