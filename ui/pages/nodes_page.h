#pragma once

#include "ui/frame/page.h"

#include <QString>

class QLabel;
class QPushButton;
class QToolButton;

namespace headgate {

class Inspector;
class KeyValueList;
class TablePane;
class TextLabel;

// Which machines are unwell or in the way?
class NodesPage : public Page
{
    Q_OBJECT

public:
    explicit NodesPage(PageContext& context, QWidget* parent = nullptr);

    PageBadge badge(const Snapshot& snapshot) const override;
    std::vector<PaletteAction> paletteActions() const override;
    void focusFilter() override;
    void reveal(const QString& key) override;  // node id, or "region:" and a region to filter by
    bool closeInspector() override;

    // Acts on the selected node.
    void drainOrUndrain();
    void drainByDeadline();  // asks for it
    void stop();

protected:
    void onSnapshot(const Snapshot& snapshot) override;
    void onStaleChanged() override;

private:
    void buildInspector();
    void select(const QString& key);
    void showNode(const Snapshot& snapshot);
    void showStreams(const Snapshot& snapshot);
    void updateButtons();
    std::optional<NodeStatus> selected() const;
    void commitDrain(const NodeId& node, std::optional<int> deadlineSeconds = std::nullopt);
    void commitUndrain(const NodeId& node);
    void askStop(const NodeId& node, const CommandOutcome& preview);
    void commitStop(const NodeId& node, StopMode mode);
    void report(const QString& text, std::function<void()> undo = {});

    PageContext& m_context;
    QString m_revealed;  // selected as soon as it is there
    QString m_selected;
    TablePane* m_pane = nullptr;
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
    QPushButton* m_stop = nullptr;
};

}  // namespace headgate
