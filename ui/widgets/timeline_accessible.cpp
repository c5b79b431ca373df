#include "ui/widgets/timeline_accessible.h"

#include "ui/widgets/timeline_view.h"

#include <QAccessible>
#include <QAccessibleWidget>

#include <map>
#include <memory>

namespace headgate {

namespace {

class TimelineTable;

// One cell; lives as long as its table.
class TimelineCell : public QAccessibleInterface, public QAccessibleTableCellInterface
{
public:
    TimelineCell(TimelineTable& table, int row, int column) : m_table(table), m_row(row), m_column(column) {}

    bool isValid() const override { return true; }
    QObject* object() const override { return nullptr; }
    QAccessibleInterface* parent() const override;
    QAccessibleInterface* child(int) const override { return nullptr; }
    QAccessibleInterface* childAt(int, int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    QString text(QAccessible::Text kind) const override;
    void setText(QAccessible::Text, const QString&) override {}
    QRect rect() const override;
    QAccessible::Role role() const override { return QAccessible::Cell; }
    QAccessible::State state() const override;
    void* interface_cast(QAccessible::InterfaceType type) override
    {
        return type == QAccessible::TableCellInterface ? static_cast<QAccessibleTableCellInterface*>(this) : nullptr;
    }

    bool isSelected() const override { return state().selected; }
    QList<QAccessibleInterface*> columnHeaderCells() const override { return {}; }
    QList<QAccessibleInterface*> rowHeaderCells() const override { return {}; }
    int columnIndex() const override { return m_column; }
    int rowIndex() const override { return m_row; }
    int columnExtent() const override { return 1; }
    int rowExtent() const override { return 1; }
    QAccessibleInterface* table() const override { return parent(); }

private:
    TimelineTable& m_table;
    int m_row;
    int m_column;
};

class TimelineTable : public QAccessibleWidget, public QAccessibleTableInterface
{
public:
    explicit TimelineTable(TimelineView* view) : QAccessibleWidget(view, QAccessible::Table) {}
    ~TimelineTable() override
    {
        for (const auto& [place, id] : m_cells)
            QAccessible::deleteAccessibleInterface(id);
    }

    TimelineView& view() const { return *static_cast<TimelineView*>(widget()); }

    void* interface_cast(QAccessible::InterfaceType type) override
    {
        return type == QAccessible::TableInterface ? static_cast<QAccessibleTableInterface*>(this)
                                                   : QAccessibleWidget::interface_cast(type);
    }
    int childCount() const override { return rowCount() * columnCount(); }
    QAccessibleInterface* child(int index) const override
    {
        return cellAt(index / columnCount(), index % columnCount());
    }
    int indexOfChild(const QAccessibleInterface* child) const override
    {
        const auto* cell = dynamic_cast<const TimelineCell*>(child);
        return cell ? cell->rowIndex() * columnCount() + cell->columnIndex() : -1;
    }

    QAccessibleInterface* cellAt(int row, int column) const override
    {
        if (row < 0 || row >= rowCount() || column < 0 || column >= columnCount())
            return nullptr;
        const auto known = m_cells.find({row, column});
        if (known != m_cells.end())
            return QAccessible::accessibleInterface(known->second);
        auto* cell = new TimelineCell(const_cast<TimelineTable&>(*this), row, column);
        m_cells[{row, column}] = QAccessible::registerAccessibleInterface(cell);
        return cell;
    }
    int rowCount() const override { return static_cast<int>(view().lines().size()); }
    int columnCount() const override { return 4; }
    QAccessibleInterface* caption() const override { return nullptr; }
    QAccessibleInterface* summary() const override { return nullptr; }
    QString columnDescription(int column) const override { return TimelineView::lineTitles().value(column); }
    QString rowDescription(int row) const override { return view().lines().at(static_cast<std::size_t>(row)).cells[0]; }
    int selectedCellCount() const override { return static_cast<int>(selectedCells().size()); }
    int selectedColumnCount() const override { return 0; }
    int selectedRowCount() const override { return static_cast<int>(selectedRows().size()); }
    QList<QAccessibleInterface*> selectedCells() const override
    {
        QList<QAccessibleInterface*> cells;
        const QList<int> rows = selectedRows();
        for (const int row : rows)
            cells << cellAt(row, 0);
        return cells;
    }
    QList<int> selectedColumns() const override { return {}; }
    QList<int> selectedRows() const override
    {
        QList<int> rows;
        for (int row = 0; row < rowCount(); ++row)
            if (isRowSelected(row))
                rows << row;
        return rows;
    }
    bool isColumnSelected(int) const override { return false; }
    bool isRowSelected(int row) const override { return view().lines().at(static_cast<std::size_t>(row)).isSelected; }
    bool selectRow(int) override { return false; }
    bool selectColumn(int) override { return false; }
    bool unselectRow(int) override { return false; }
    bool unselectColumn(int) override { return false; }
    void modelChange(QAccessibleTableModelChangeEvent*) override {}

private:
    mutable std::map<std::pair<int, int>, QAccessible::Id> m_cells;
};

QAccessibleInterface* TimelineCell::parent() const
{
    return &m_table;
}

QString TimelineCell::text(QAccessible::Text kind) const
{
    const auto& lines = m_table.view().lines();
    if (kind != QAccessible::Name || static_cast<std::size_t>(m_row) >= lines.size())
        return {};
    return lines[static_cast<std::size_t>(m_row)].cells[static_cast<std::size_t>(m_column)];
}

QRect TimelineCell::rect() const
{
    const auto& lines = m_table.view().lines();
    if (static_cast<std::size_t>(m_row) >= lines.size())
        return {};
    const QRect place = lines[static_cast<std::size_t>(m_row)].place;
    return {m_table.view().viewport()->mapToGlobal(place.topLeft()), place.size()};
}

QAccessible::State TimelineCell::state() const
{
    QAccessible::State state;
    state.readOnly = true;
    state.selectable = true;
    const auto& lines = m_table.view().lines();
    state.selected =
        static_cast<std::size_t>(m_row) < lines.size() && lines[static_cast<std::size_t>(m_row)].isSelected;
    return state;
}

QAccessibleInterface* make(const QString&, QObject* object)
{
    auto* view = qobject_cast<TimelineView*>(object);
    return view ? new TimelineTable(view) : nullptr;
}

}  // namespace

void installTimelineAccessibility()
{
    QAccessible::removeFactory(make);
    QAccessible::installFactory(make);
}

}  // namespace headgate
