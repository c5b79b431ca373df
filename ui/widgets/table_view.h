#pragma once

#include "ui/models/cell.h"

#include <QStyledItemDelegate>
#include <QTableView>

namespace headgate {

class RowFilter;
class SnapshotTableModel;

enum class RowHeight
{
    OneLine,   // 32
    TwoLines,  // 44
    Tree       // 40
};

// Paints every table cell of the console from its Cell.
class CellDelegate : public QStyledItemDelegate
{
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    // The whole text, if the cell shows less.
    bool helpEvent(QHelpEvent* event, QAbstractItemView* view, const QStyleOptionViewItem& option,
                   const QModelIndex& index) override;
};

// A table of Cells. Whole rows are selected, one at a time unless setSelectionMode says otherwise. Enter and a
// double click activate a row. Columns share the width as their TableColumn says.
class TableView : public QTableView
{
    Q_OBJECT

public:
    TableView(const QString& accessibleName, RowHeight height, QWidget* parent = nullptr);

    // Both outlive the view; puts `filter` between them.
    void setTable(SnapshotTableModel& model, RowFilter& filter);

    // A click on a column's title orders the rows by it, another one the other way round, a third one as they came.
    void sortByHeader();

    // Key of the current row, empty if there is none.
    QString currentKey() const;
    QStringList selectedKeys() const;
    // Selects and scrolls to the row; false if there is none (or the filter hides it).
    bool selectKey(const QString& key);

    int hoveredRow() const { return m_hoveredRow; }

Q_SIGNALS:
    void currentKeyChanged(const QString& key);
    void rowActivated(const QString& key);  // Enter or double click
    void chevronClicked(const QString& key);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void changeEvent(QEvent* event) override;
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;

private:
    void layOutColumns();
    void updateHold();
    void setHoveredRow(int row);
    QString keyOf(const QModelIndex& index) const;

    SnapshotTableModel* m_model = nullptr;
    RowFilter* m_filter = nullptr;
    RowHeight m_height;
    int m_hoveredRow = -1;
    QString m_lastKey;
};

}  // namespace headgate
