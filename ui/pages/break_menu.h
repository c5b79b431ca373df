#pragma once

#include "ui/models/chaos.h"

#include <QMenu>
#include <QString>

#include <functional>
#include <optional>
#include <vector>

namespace headgate {

class ControlPlane;

// Breaks nodes on purpose: asks, does it, and tells how the cluster comes back.
class BreakMenu : public QMenu
{
    Q_OBJECT

public:
    struct Target
    {
        NodeStatus node;
        SnapshotPtr snapshot;  // that it is of
        const ControlPlane* plane = nullptr;
    };

    // `target` is what is selected now. `page` is asked about and told on; it outlives the menu.
    BreakMenu(Chaos chaos, std::function<std::optional<Target>()> target, QWidget* page);

    QString whyNot() const;  // empty if the selected node can be broken

    void breakNode(NodeHarm harm);
    void loseRegion();

Q_SIGNALS:
    void refused(const QString& reason);

private:
    void fill();
    void ask(const QString& what, std::vector<NodeId> nodes, NodeHarm harm);
    void harm(const QString& what, const std::vector<NodeId>& nodes, NodeHarm harm);

    Chaos m_chaos;
    std::function<std::optional<Target>()> m_target;
    QWidget* m_page;
};

}  // namespace headgate
