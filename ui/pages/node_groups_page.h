#pragma once

#include "ui/frame/page.h"

#include <QSet>
#include <QString>

class QPushButton;

namespace headgate {

class Inspector;
class KeyValueList;
class NodeGroupDraft;
class NodeGroupEditor;
class Notice;
class TablePane;
class TextLabel;

// What capacity do we hold, and under which rules?
class NodeGroupsPage : public Page
{
    Q_OBJECT

public:
    explicit NodeGroupsPage(PageContext& context, QWidget* parent = nullptr);

    PageBadge badge(const Snapshot& snapshot) const override;
    std::vector<PaletteAction> paletteActions() const override;
    void focusFilter() override;
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
    void keyPressEvent(QKeyEvent* event) override;

private:
    enum class Side
    {
        Nothing,
        Inspector,
        Editor
    };

    void buildInspector();
    void buildSide();
    void showSide(Side side);
    void select(const QString& key);
    void showGroup(const Snapshot& snapshot);
    void showPools(const NodeGroupStatus& status);
    void toggleOpen(const QString& key);
    void onApplied(const NodeGroup& now, const std::optional<NodeGroup>& before, const CommandOutcome& outcome);
    void askDelete(const NodeGroupStatus& status, const CommandOutcome& preview);
    void commitDelete(const NodeGroup& group, std::uint64_t version);
    void undoReplace(const NodeGroup& before, std::uint64_t version);
    void recreate(const NodeGroup& group);
    void report(const QString& text, std::function<void()> undo = {});
    std::optional<NodeGroupStatus> selectedGroup() const;

    PageContext& m_context;
    QString m_selected;  // row key: group, or group/subgroup/role
    QString m_revealed;
    QSet<QString> m_closed;
    TablePane* m_pane = nullptr;
    QWidget* m_side = nullptr;
    Inspector* m_inspector = nullptr;
    NodeGroupEditor* m_editor = nullptr;
    KeyValueList* m_facts = nullptr;
    KeyValueList* m_pools = nullptr;
    KeyValueList* m_reasons = nullptr;
    Notice* m_waits = nullptr;
    TextLabel* m_description = nullptr;
    QPushButton* m_new = nullptr;
    QPushButton* m_edit = nullptr;
    QPushButton* m_delete = nullptr;
};

}  // namespace headgate
