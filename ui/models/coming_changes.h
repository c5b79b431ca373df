#pragma once

#include "core/plane/control_plane.h"
#include "ui/models/background_job.h"
#include "ui/models/plan_outlook.h"

#include <QObject>

namespace headgate {

// When the bounds of a pool become others.
struct ComingChange
{
    Instant at;
    PoolKey pool;
    NodeBounds before;
    NodeBounds after;

    bool operator==(const ComingChange&) const = default;
};

// Those in (now, now + ahead], by time.
std::vector<ComingChange> comingChanges(const CompiledPlans& plans, const Snapshot& snapshot, seconds ahead);

// What the plan changes in the next day. Reads the plan when it is another one, and works beside the GUI thread.
class ComingChanges : public QObject
{
    Q_OBJECT

public:
    static constexpr seconds ahead{86'400};

    explicit ComingChanges(ZoneLoader zones, QObject* parent = nullptr);

    // May be null.
    void setControlPlane(ControlPlane* plane);
    void setSnapshot(SnapshotPtr snapshot);
    const std::vector<ComingChange>& all() const { return m_all; }

Q_SIGNALS:
    void changed();

private:
    void ask();
    void workOut(const StoredPlanPtr& plan);

    ZoneLoader m_zones;
    ControlPlane* m_plane = nullptr;
    SnapshotPtr m_snapshot;
    std::optional<std::uint64_t> m_revision;  // of the configuration that was asked about last
    TimePoint m_validUntil;
    std::vector<ComingChange> m_all;
    BackgroundJob m_job;
};

}  // namespace headgate
