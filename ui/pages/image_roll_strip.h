#pragma once

#include "core/domain/snapshot.h"
#include "ui/models/image_rolls.h"

#include <QFrame>
#include <QString>

#include <map>
#include <vector>

class QProgressBar;
class QPushButton;
class QVBoxLayout;

namespace headgate {

class FigureLabel;

// How far groups are whose nodes are being replaced, pool by pool, and a way back. Hidden when there is none.
class ImageRollStrip : public QFrame
{
    Q_OBJECT

public:
    explicit ImageRollStrip(QWidget* parent = nullptr);

    void follow(const Snapshot& snapshot);
    void setReadOnly(const QString& why);

Q_SIGNALS:
    void undoRequested(const headgate::GroupRoll& roll);

private:
    struct Bar
    {
        QProgressBar* bar = nullptr;
        FigureLabel* figure = nullptr;
    };

    void rebuild(const Snapshot& snapshot);
    void addRoll(const Snapshot& snapshot, const GroupRoll& roll);
    void updateBars();

    std::vector<GroupRoll> m_rolls;
    std::map<PoolKey, Bar> m_bars;
    std::vector<QPushButton*> m_undo;
    QString m_readOnly;
    QVBoxLayout* m_column = nullptr;
};

}  // namespace headgate
