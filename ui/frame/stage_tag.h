#pragma once

#include "ui/shell/settings.h"

#include <QAbstractButton>
#include <QString>

namespace headgate {

QString wordOf(ClusterStage stage);

// The word of a stage on its colour, as a button.
class StageTag : public QAbstractButton
{
    Q_OBJECT

public:
    explicit StageTag(QWidget* parent = nullptr);

    ClusterStage stage() const { return m_stage; }
    void setStage(ClusterStage stage);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    ClusterStage m_stage = ClusterStage::Lab;
};

}  // namespace headgate
