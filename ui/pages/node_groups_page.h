#pragma once

#include "ui/pages/table_page.h"

#include <QSet>
#include <QString>

class QPushButton;

namespace headgate {

class NodeGroupEditor;
class NodeGroupInspector;

// What capacity do we hold, and under which rules?
class NodeGroupsPage : public TablePage
{
    Q_OBJECT

public:
    explicit NodeGroupsPage(PageContext& context, QWidget* parent = nullptr);

    PageBadge badge(const Snapshot& snapshot) const override;
    std::vector<PaletteAction> paletteActions() const override;
    void reveal(const QString& key) override;  // a row's key, or "new:"
    bool closeInspector() override;

    void createGroup();
    void editSelected();
    void deleteSelected();
    NodeGroupEditor& editor() { return *m_editor; }

protected:
    void onSnapshot(const Snapshot& snapshot) override;
    void onControlPlaneChanged() override;
    void onStaleChanged() override;
    bool showSelected(const Snapshot& snapshot) override;
    bool isEditing() const override;
    void activate(const QString& key) override;
    void showPanel(QWidget* panel) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void buildPanels();
    void connectParts();
    void toggleOpen(const QString& key);
    void onApplied(const NodeGroup& now, const std::optional<NodeGroup>& before, const CommandOutcome& outcome);
    std::optional<NodeGroupStatus> selectedGroup() const;

    QSet<QString> m_closed;
    NodeGroupInspector* m_inspector = nullptr;
    NodeGroupEditor* m_editor = nullptr;
    QPushButton* m_new = nullptr;
};

}  // namespace headgate
