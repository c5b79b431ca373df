#pragma once

#include "ui/models/chaos.h"

#include <QDialog>
#include <QString>

namespace headgate {

class ControlPlane;
class KeyValueList;

// Tells how the cluster comes back from harm that was done on purpose, while it does. Stands beside the page until it
// is closed.
class RecoveryDialog : public QDialog
{
    Q_OBJECT

public:
    // Follows the snapshots of `plane`, which may go away.
    RecoveryDialog(const QString& title, RecoveryWatch watch, const ControlPlane& plane, QWidget* parent = nullptr);

    const RecoveryTimes& times() const { return m_watch.times(); }

private:
    void look(const Snapshot& snapshot);
    void showTimes();

    QString m_title;
    RecoveryWatch m_watch;
    KeyValueList* m_rows = nullptr;
};

}  // namespace headgate
