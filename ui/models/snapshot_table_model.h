#pragma once

#include "ui/models/cell.h"

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>

#include <vector>

namespace headgate {

// Rows with keys. A new set of rows becomes the smallest set of removals, insertions, moves and changes, never a
// reset, so that selection and scroll position stay.
class SnapshotTableModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    explicit SnapshotTableModel(std::vector<TableColumn> columns, QObject* parent = nullptr);

    // Keys are unique; each row has one cell per column.
    void setRows(std::vector<TableRow> rows);
    const std::vector<TableRow>& rows() const { return m_rows; }
    int rowOf(const QString& key) const;  // -1 if there is none
    const std::vector<TableColumn>& columns() const { return m_columns; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    void removeVanished(const std::vector<TableRow>& target);
    void placeRow(int position, TableRow row);

    std::vector<TableColumn> m_columns;
    std::vector<TableRow> m_rows;
};

// Filter and order over a SnapshotTableModel. Text matches every word somewhere in the row; of chips of one kind
// ("group:") one must match, of different kinds all.
class RowFilter : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    explicit RowFilter(QObject* parent = nullptr);
    void setText(const QString& text);
    void setFacets(const QStringList& facets);
    QString text() const { return m_text; }
    bool isFiltering() const { return !m_text.isEmpty() || !m_facets.isEmpty(); }

    // While held (pointer or focus in the table) rows keep their order; they are put in order when let go.
    void setHeld(bool held);

protected:
    bool filterAcceptsRow(int sourceRow, const QModelIndex& sourceParent) const override;
    bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

private:
    QString m_text;
    QStringList m_facets;
};

}  // namespace headgate
