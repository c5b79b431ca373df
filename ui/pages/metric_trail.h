#pragma once

#include "core/plane/control_plane.h"

#include <QObject>
#include <QPointer>

#include <map>
#include <vector>

namespace headgate {

// The samples of one scope over the last stretch of time: read from the control plane's history once, continued by
// snapshots. The instants are the control plane's.
class MetricTrail : public QObject
{
    Q_OBJECT

public:
    using Series = std::map<MetricKey, std::vector<MetricSample>>;

    using QObject::QObject;

    void setControlPlane(ControlPlane* plane);

    // Reads anew. `range` at least one minute.
    void show(MetricScope scope, Duration range);
    void read();
    void add(const Snapshot& snapshot);

    const Series& series() const { return m_series; }
    MetricScope scope() const { return m_scope; }
    TimePoint from() const { return m_to - m_range; }
    TimePoint to() const { return m_to; }

    // A longer step between two samples means that there was no data.
    Duration maxStep() const;

    // Why the history could not be read; the code is of no meaning while the message is empty.
    const Error& failure() const { return m_failure; }

Q_SIGNALS:
    void changed();

private:
    Duration step() const;
    void take(Result<std::vector<MetricSeries>> answer);

    QPointer<ControlPlane> m_plane;
    MetricScope m_scope = MetricScope::Cluster;
    Duration m_range = std::chrono::minutes(15);
    TimePoint m_to;
    Series m_series;
    Error m_failure;
    quint64 m_question = 0;
};

}  // namespace headgate
