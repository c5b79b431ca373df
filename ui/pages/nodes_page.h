#pragma once

#include "ui/models/chaos.h"
#include "ui/pages/table_page.h"

#include <QString>

class QLabel;
class QPushButton;
class QToolButton;

namespace headgate {

class BreakMenu;
class Inspector;
class KeyValueList;
class TextLabel;

// Which machines are unwell or in the way?
class NodesPage : public TablePage
{
    Q_OBJECT

public:
    // `chaos` breaks nodes on purpose, if it can.
    explicit NodesPage(PageContext& context, Chaos chaos = {}, QWidget* parent = nullptr);

    PageBadge badge(const Snapshot& snapshot) const override;
    std::vector<PaletteAction> paletteActions() const override;
    void reveal(const QString& key) override;  // node id, or "region:" and a region to filter by

    // Acts on the selected node.
    void drainOrUndrain();
    void drainByDeadline();  // asks for it
    void stop();

    BreakMenu& breakMenu() { return *m_breakMenu; }

protected:
    void onSnapshot(const Snapshot& snapshot) override;
    void onStaleChanged() override;
    bool showSelected(const Snapshot& snapshot) override;
    void select(const QString& key) override;

private:
    void buildInspector();
    void offerChoices(const Snapshot& snapshot);
    void showStreams(const Snapshot& snapshot);
    void updateButtons();
    std::optional<NodeStatus> selected() const;
    void commitDrain(const NodeId& node, std::optional<int> deadlineSeconds = std::nullopt);
    void commitUndrain(const NodeId& node);

    BreakMenu* m_breakMenu;
    Inspector* m_inspector = nullptr;
    KeyValueList* m_figures = nullptr;
    KeyValueList* m_place = nullptr;
    KeyValueList* m_streams = nullptr;
    TextLabel* m_noStreams = nullptr;
    TextLabel* m_reason = nullptr;
    TextLabel* m_failure = nullptr;
    TextLabel* m_refusal = nullptr;
    QPushButton* m_drain = nullptr;
    QToolButton* m_deadline = nullptr;
    QToolButton* m_break = nullptr;
    QPushButton* m_stop = nullptr;
};

}  // namespace headgate
