#pragma once

#include "ui/pages/node_group_draft.h"

#include <QPointer>
#include <QString>
#include <QWidget>

#include <functional>
#include <map>
#include <string>
#include <vector>

class QGridLayout;
class QScrollArea;
class QVBoxLayout;

namespace headgate {

class AccessFields;
class FormTabs;
class MediaFields;
class TextLabel;

// The fields of a node group in four tabs. Writes every change into the draft at once.
class NodeGroupForm : public QWidget
{
    Q_OBJECT

public:
    using StoreTest = std::function<void(const S3Settings&, std::function<void(Result<void>)>)>;

    explicit NodeGroupForm(QWidget* parent = nullptr);

    // `draft` lives until release() or the next call.
    void setDraft(NodeGroupDraft& draft);
    void release();
    // How a store of the group is tested; nothing can be without.
    void setStoreTest(StoreTest test) { m_storeTest = std::move(test); }

    // Under the fields, on the tabs, and above the tab's fields for what has no field.
    void showProblems(const std::vector<DraftProblem>& problems);

    DraftTab currentTab() const;
    void setCurrentTab(DraftTab tab);

Q_SIGNALS:
    void edited();

private:
    // One field, or the place for what concerns the whole tab.
    struct Slot
    {
        QWidget* field = nullptr;
        TextLabel* message = nullptr;
    };

    void rebuild();
    void rebuildLater();
    void buildGeneral(QVBoxLayout* column);
    void buildCapacity(QVBoxLayout* column);
    void addBounds(QVBoxLayout* column);
    void addBoundsRow(QGridLayout* grid, int row, const DraftLeaf& leaf, std::size_t rule);
    void addLimits(QVBoxLayout* column);
    void addWhenFull(QVBoxLayout* column);
    void addPublicRouting(QVBoxLayout* column);
    void addMedia(QVBoxLayout* column);
    void addMergeWindow(QVBoxLayout* column);
    void buildPlacement(QVBoxLayout* column);
    void buildMediaTab(QVBoxLayout* column);
    void addLeafRow(QGridLayout* grid, int row, const DraftLeaf& leaf);
    void addRoles(QVBoxLayout* column);

    TextLabel* addMessage(const std::string& pointer, QWidget* field);
    void addTextField(QVBoxLayout* column, const QString& label, const std::string& pointer, std::string& value);
    QWidget* makeLimit(const QString& label, const std::string& pointer, std::optional<int>& value);

    NodeGroupDraft* m_draft = nullptr;
    FormTabs* m_tabs = nullptr;
    QScrollArea* m_scroll = nullptr;
    TextLabel* m_general = nullptr;  // problems of the tab that have no field
    std::map<std::string, Slot> m_slots;
    QPointer<AccessFields> m_access;  // on the tab that has it, as the next
    QPointer<MediaFields> m_media;
    StoreTest m_storeTest;
    std::vector<DraftProblem> m_problems;
};

}  // namespace headgate
