#pragma once

#include "core/plane/control_plane.h"

#include <QObject>
#include <QPointer>

#include <optional>

namespace headgate {

// The provisions of the control plane that is looked at, read again whenever its configuration has changed.
class ProvisionList : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    void setControlPlane(ControlPlane* plane);
    // With each snapshot.
    void follow(const Snapshot& snapshot);
    void readAgain();

    // Null until they are there.
    const StoredProvisions* all() const { return m_all.get(); }
    const StoredProvision* find(const ProvisionKey& key) const;
    // Why they could not be read the last time.
    const std::optional<Error>& error() const { return m_error; }

Q_SIGNALS:
    void changed();

private:
    QPointer<ControlPlane> m_plane;
    StoredProvisionsPtr m_all;
    std::optional<Error> m_error;
    std::optional<std::uint64_t> m_revision;  // of the snapshot with which they were asked for
    quint64 m_question = 0;
};

}  // namespace headgate
