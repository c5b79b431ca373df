#pragma once

#include "core/plane/control_plane.h"

#include <QDialog>
#include <QPointer>

class QPushButton;
class QTableWidget;

namespace headgate {

class TextLabel;

// Why a viewer or publisher who comes now is sent where: regions with their scores, then every node with its values,
// those that are rejected too. Asks again when it is told to.
class RouteDialog : public QDialog
{
    Q_OBJECT

public:
    RouteDialog(RouteRequest request, ControlPlane* plane, QWidget* parent = nullptr);

private:
    void ask();
    void show(const Result<RouteExplanation>& told);
    void copy() const;

    RouteRequest m_request;
    QPointer<ControlPlane> m_plane;
    RouteExplanation m_told;
    TextLabel* m_outcome = nullptr;
    TextLabel* m_steps = nullptr;
    QTableWidget* m_nodes = nullptr;
    QPushButton* m_copy = nullptr;
};

}  // namespace headgate
