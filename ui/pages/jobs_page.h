#pragma once

#include "ui/models/provision_list.h"
#include "ui/pages/table_page.h"

#include <vector>

class QPushButton;

namespace headgate {

class CopyButton;
class Inspector;
class KeyValueList;
class Notice;

// What comes in, goes out and is recorded, and does it work?
class JobsPage : public TablePage
{
    Q_OBJECT

public:
    explicit JobsPage(PageContext& context, QWidget* parent = nullptr);

    PageBadge badge(const Snapshot& snapshot) const override;
    std::vector<PaletteAction> paletteActions() const override;
    void startOrStopSelected();
    void deleteSelected();

protected:
    void onSnapshot(const Snapshot& snapshot) override;
    void onControlPlaneChanged() override;
    void onStaleChanged() override;
    bool showSelected(const Snapshot& snapshot) override;
    void activate(const QString& key) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void buildInspector();
    void updateActions();
    void showProvision();
    std::vector<JobStatus> selectedJobs() const;
    std::vector<StoredProvision> selectedProvisions() const;

    ProvisionList m_provisions;
    Inspector* m_inspector = nullptr;
    Notice* m_reason = nullptr;
    KeyValueList* m_facts = nullptr;
    CopyButton* m_copy = nullptr;
    QPushButton* m_stream = nullptr;
    QPushButton* m_provision = nullptr;
    QPushButton* m_power = nullptr;
    QPushButton* m_delete = nullptr;
};

}  // namespace headgate
