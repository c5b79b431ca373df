#include "ui/frame/production_guard.h"

namespace headgate {

ProductionGuard::ProductionGuard(Settings& settings, Duration lasts) : m_settings(settings)
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(lasts);
    connect(&m_timer, &QTimer::timeout, this, &ProductionGuard::changed);
}

void ProductionGuard::setCluster(const QString& name)
{
    if (name == m_cluster)
        return;
    m_cluster = name;
    m_timer.stop();
    Q_EMIT changed();
}

ClusterStage ProductionGuard::stage() const
{
    return m_cluster.isEmpty() ? ClusterStage::Lab : m_settings.clusterStage(m_cluster);
}

void ProductionGuard::setStage(ClusterStage stage)
{
    if (m_cluster.isEmpty())
        return;
    m_settings.setClusterStage(m_cluster, stage);
    m_timer.stop();
    Q_EMIT changed();
}

Duration ProductionGuard::remaining() const
{
    return isArmed() ? std::chrono::duration_cast<Duration>(m_timer.remainingTimeAsDuration()) : Duration(0);
}

void ProductionGuard::arm()
{
    m_timer.start();
    Q_EMIT changed();
}

void ProductionGuard::disarm()
{
    m_timer.stop();
    Q_EMIT changed();
}

}  // namespace headgate
