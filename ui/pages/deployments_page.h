#pragma once

#include "ui/frame/page.h"

#include <QString>

#include <optional>
#include <vector>

class QPushButton;
class QStackedWidget;

namespace headgate {

class DeploymentInspector;
class DeploymentWizard;
class GatherPanel;
class TablePane;

// What do we run, and where?
class DeploymentsPage : public Page
{
    Q_OBJECT

public:
    explicit DeploymentsPage(PageContext& context, QWidget* parent = nullptr);

    PageBadge badge(const Snapshot& snapshot) const override;
    std::vector<PaletteAction> paletteActions() const override;
    void focusFilter() override;
    void reveal(const QString& key) override;  // a row's key, a deployment's name, or "new:"
    bool closeInspector() override;

    // Opens the wizard.
    void createDeployment();
    DeploymentWizard& wizard() { return *m_wizard; }

protected:
    void onSnapshot(const Snapshot& snapshot) override;
    void onControlPlaneChanged() override;
    void onStaleChanged() override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    enum class Side
    {
        Nothing,
        Deployment,
        Gather
    };

    void buildTable();
    void buildSides();
    void showSide(Side side);
    void select(const QString& key);
    void showSelected(const Snapshot& snapshot);
    void leaveWizard();
    void updateControls();
    SnapshotPtr present() const;
    std::optional<DeploymentStatus> selected() const;

    void start();
    void stop();
    void restart();
    void remove();
    // Dry run, then `ask` with its outcome.
    void preview(Command command, const StoredDeployment& stored, std::function<void(const CommandOutcome&)> ask);
    void commit(Command command, const StoredDeployment& stored, const QString& done, std::function<void()> undo = {});
    void setPower(const StoredDeployment& stored, DeploymentPower power, const QString& done);
    void gatherNew(const QString& name, const std::vector<NodeGroupName>& groups);
    void gatherInto(const QString& name, const std::vector<NodeGroupName>& groups);
    void report(const QString& text, std::function<void()> undo = {});

    PageContext& m_context;
    QString m_selected;  // row key
    QString m_revealed;
    QStackedWidget* m_views = nullptr;
    TablePane* m_pane = nullptr;
    DeploymentWizard* m_wizard = nullptr;
    QWidget* m_side = nullptr;
    DeploymentInspector* m_inspector = nullptr;
    GatherPanel* m_gather = nullptr;
    QPushButton* m_new = nullptr;
};

}  // namespace headgate
