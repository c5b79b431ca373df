#pragma once

#include "ui/frame/page.h"

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
class TablePane;
struct RegionOverview;

// Where can nodes stand, and how is it there?
class RegionsPage : public Page
{
    Q_OBJECT

public:
    explicit RegionsPage(PageContext& context, QWidget* parent = nullptr);

    PageBadge badge(const Snapshot& snapshot) const override;
    std::vector<PaletteAction> paletteActions() const override;
    void focusFilter() override;
    void reveal(const QString& key) override;  // a region's name, or "new:"
    bool closeInspector() override;

    void addRegion();
    RegionEditor& editor() { return *m_editor; }

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

    void buildMap();
    void buildInspector();
    void showSide(Side side);
    void select(const QString& key);
    void showRegion(const Snapshot& snapshot);
    void updateMap();
    void updateActions();
    SnapshotPtr present() const;
    std::optional<RegionOverview> selected() const;

    void edit();
    void makeDefault();
    void remove();
    void save(const Region& region, std::optional<std::uint64_t> version);
    void commit(Command command, std::optional<std::uint64_t> version, const QString& done,
                std::function<void()> undo = {});
    // What undoes something goes by what is there then, so that it names no version.
    std::function<void()> undoWith(Command command);
    void report(const QString& text, std::function<void()> undo = {});

    PageContext& m_context;
    QString m_selected;
    QString m_revealed;
    Card* m_mapCard = nullptr;
    Segmented* m_measure = nullptr;
    RegionMap* m_map = nullptr;
    TablePane* m_pane = nullptr;
    QWidget* m_side = nullptr;
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
