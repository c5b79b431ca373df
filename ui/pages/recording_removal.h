#pragma once

#include "core/plane/control_plane.h"
#include "ui/dialogs/typed_confirmation.h"

#include <QObject>

#include <cstddef>
#include <utility>
#include <vector>

namespace headgate {

// Deletes recordings, one after the other, and keeps what could not be deleted and why.
class RecordingRemoval : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    // Before; `growing` of those that were selected are left out.
    static ConfirmationQuestion question(const std::vector<Recording>& doomed, int growing);

    void start(ControlPlane* plane, std::vector<Recording> doomed);
    void forget();  // ended() does not come any more

    const std::vector<Recording>& doomed() const { return m_doomed; }
    const std::vector<std::pair<Recording, Error>>& kept() const { return m_kept; }

Q_SIGNALS:
    void ended();

private:
    void next();

    ControlPlane* m_plane = nullptr;
    std::vector<Recording> m_doomed;
    std::vector<std::pair<Recording, Error>> m_kept;
    std::size_t m_tried = 0;
    quint64 m_round = 0;
};

}  // namespace headgate
