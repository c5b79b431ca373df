#pragma once

#include "core/base/time.h"
#include "ui/shell/settings.h"

#include <QObject>
#include <QString>
#include <QTimer>

#include <chrono>
#include <optional>

namespace headgate {

// Keeps a console from changing a production cluster by mistake: until it is armed, whatever changes something there
// is asked about first. Which clusters are production is remembered by this console.
class ProductionGuard : public QObject
{
    Q_OBJECT

public:
    static constexpr Duration armedFor = std::chrono::minutes(15);

    explicit ProductionGuard(Settings& settings, Duration lasts = armedFor);

    // Of which cluster it is now; nothing is armed there. Empty: of none.
    void setCluster(const QString& name);

    ClusterStage stage() const;
    void setStage(ClusterStage stage);

    bool isLocked() const { return stage() == ClusterStage::Production && !isArmed(); }
    bool isArmed() const { return m_timer.isActive(); }
    Duration remaining() const;  // 0 if it is not armed

    void arm();  // for its whole time, also if it is armed already
    void disarm();

Q_SIGNALS:
    void changed();

private:
    Settings& m_settings;
    QString m_cluster;
    QTimer m_timer;
};

}  // namespace headgate
