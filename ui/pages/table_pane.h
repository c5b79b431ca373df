#pragma once

#include "ui/models/snapshot_table_model.h"
#include "ui/widgets/filter_bar.h"
#include "ui/widgets/table_view.h"

#include <QWidget>

#include <vector>

class QStackedWidget;

namespace headgate {

class StateView;

struct TablePaneWords
{
    QString filterPlaceholder;
    QString filterName;  // accessible
    QString tableName;   // accessible
    QString noMatch;     // "No stream matches %1"; %1 is what was typed
    QString noneLeft;    // "No stream passes the filter", when only chips are set
};

// Filter line and table of one page, and what stands in the table's place when the filter hides every row.
class TablePane : public QWidget
{
    Q_OBJECT

public:
    TablePane(std::vector<TableColumn> columns, RowHeight height, TablePaneWords words, QWidget* parent = nullptr);

    FilterBar& filterBar() { return *m_filterBar; }
    TableView& table() { return *m_table; }
    const SnapshotTableModel& model() const { return *m_model; }

    // What stands in the table's place while there is no row at all; empty = the empty table.
    void setNone(const QString& iconName, const QString& text);

    // Selection and scroll position stay on their rows.
    void setRows(std::vector<TableRow> rows);
    // Clears a filter that hides the row.
    void reveal(const QString& key);
    void clearSelection();
    int shownCount() const;
    // Of the rows that are not scrolled away.
    QStringList keysInSight() const;

Q_SIGNALS:
    void currentKeyChanged(const QString& key);
    void rowActivated(const QString& key);

private:
    void applyFilter();
    void showRowsOrWhyNone();

    TablePaneWords m_words;
    SnapshotTableModel* m_model;
    RowFilter* m_filter;
    FilterBar* m_filterBar;
    TableView* m_table;
    QStackedWidget* m_stack;
    StateView* m_noMatch;
    QString m_noneIcon;
    QString m_noneText;
    QString m_shownReason;
};

}  // namespace headgate
