#pragma once

#include "ui/pages/table_page.h"

#include <QString>

#include <optional>

class QPushButton;

namespace headgate {

class Card;
class Inspector;
class KeyValueList;
class RegionEditor;
class RegionMap;
class Segmented;
struct RegionOverview;

// Where can nodes stand, and how is it there?
class RegionsPage : public TablePage
{
    Q_OBJECT

public:
    explicit RegionsPage(PageContext& context, QWidget* parent = nullptr);

    PageBadge badge(const Snapshot& snapshot) const override;
    std::vector<PaletteAction> paletteActions() const override;
    void reveal(const QString& key) override;  // a region's name, or "new:"
    bool closeInspector() override;

    void addRegion();
    RegionEditor& editor() { return *m_editor; }

protected:
    void onSnapshot(const Snapshot& snapshot) override;
    void onStaleChanged() override;
    bool showSelected(const Snapshot& snapshot) override;
    bool isEditing() const override;
    void showPanel(QWidget* panel) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void buildMap();
    void buildInspector();
    void updateMap();
    void updateActions();
    std::optional<RegionOverview> selected() const;

    void edit();
    void makeDefault();
    void remove();
    void save(const Region& region, std::optional<std::uint64_t> version);

    Card* m_mapCard = nullptr;
    Segmented* m_measure = nullptr;
    RegionMap* m_map = nullptr;
    Inspector* m_inspector = nullptr;
    RegionEditor* m_editor = nullptr;
    KeyValueList* m_facts = nullptr;
    KeyValueList* m_groups = nullptr;
    QPushButton* m_new = nullptr;
    QPushButton* m_default = nullptr;
    QPushButton* m_edit = nullptr;
    QPushButton* m_delete = nullptr;
};

}  // namespace headgate
