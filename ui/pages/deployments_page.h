#pragma once

#include "ui/pages/table_page.h"

#include <QString>

#include <optional>
#include <vector>

class QPushButton;
class QStackedWidget;

namespace headgate {

class DeploymentInspector;
class DeploymentWizard;
class GatherPanel;

// What do we run, and where?
class DeploymentsPage : public TablePage
{
    Q_OBJECT

public:
    explicit DeploymentsPage(PageContext& context, QWidget* parent = nullptr);

    PageBadge badge(const Snapshot& snapshot) const override;
    std::vector<PaletteAction> paletteActions() const override;
    void reveal(const QString& key) override;  // a row's key, a deployment's name, or "new:"
    bool closeInspector() override;

    // Opens the wizard.
    void createDeployment();
    DeploymentWizard& wizard() { return *m_wizard; }

protected:
    void onSnapshot(const Snapshot& snapshot) override;
    void onControlPlaneChanged() override;
    void onStaleChanged() override;
    bool showSelected(const Snapshot& snapshot) override;
    bool isEditing() const override;  // in the wizard
    void select(const QString& key) override;
    void activate(const QString& key) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void buildPanels();
    void connectParts();
    void leaveWizard();
    void updateControls();
    std::optional<DeploymentStatus> selected() const;

    void start();
    void stop();
    void restart();
    void remove();
    void setPower(const StoredDeployment& stored, DeploymentPower power, const QString& done);
    void gather();

    QStackedWidget* m_views = nullptr;
    DeploymentWizard* m_wizard = nullptr;
    DeploymentInspector* m_inspector = nullptr;
    GatherPanel* m_gather = nullptr;
    QPushButton* m_new = nullptr;
};

}  // namespace headgate
