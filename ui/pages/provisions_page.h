#pragma once

#include "ui/models/provision_list.h"
#include "ui/pages/table_page.h"

#include <vector>

class QPushButton;

namespace headgate {

class CodeBlock;
class Inspector;
class KeyValueList;
class ProvisionForm;

// What are nodes told to make of streams?
class ProvisionsPage : public TablePage
{
    Q_OBJECT

public:
    explicit ProvisionsPage(PageContext& context, QWidget* parent = nullptr);

    std::vector<PaletteAction> paletteActions() const override;
    void reveal(const QString& key) override;  // "group/guid", or "new:"
    bool closeInspector() override;
    void refresh() override;

    void createProvision();
    void editSelected();
    void copySelected();  // opens another one that begins as the selected one is
    void distributeSelected();
    void deleteSelected();
    ProvisionForm& form() { return *m_form; }

protected:
    void onSnapshot(const Snapshot& snapshot) override;
    void onControlPlaneChanged() override;
    void onStaleChanged() override;
    bool showSelected(const Snapshot& snapshot) override;
    bool isEditing() const override;
    void activate(const QString& key) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void buildInspector();
    void buildForm();
    void showRows();
    void showSeveral(const std::vector<StoredProvision>& several);
    void updateActions();
    void save(const PutProvisions& command, std::optional<std::uint64_t> ifVersion);
    void leaveForm();
    std::optional<StoredProvision> provisionOf(const QString& key) const;
    std::vector<StoredProvision> selectedProvisions() const;

    ProvisionList m_list;
    QPushButton* m_new = nullptr;
    Inspector* m_inspector = nullptr;
    KeyValueList* m_facts = nullptr;
    CodeBlock* m_document = nullptr;
    QPushButton* m_distribute = nullptr;
    QPushButton* m_edit = nullptr;
    QPushButton* m_copy = nullptr;
    QPushButton* m_delete = nullptr;
    ProvisionForm* m_form = nullptr;
};

}  // namespace headgate
