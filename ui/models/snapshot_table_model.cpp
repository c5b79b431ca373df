#include "ui/models/snapshot_table_model.h"

#include "core/base/check.h"

#include <QHash>
#include <QSet>

#include <algorithm>

namespace headgate {

SnapshotTableModel::SnapshotTableModel(std::vector<TableColumn> columns, QObject* parent)
    : QAbstractTableModel(parent), m_columns(std::move(columns))
{}

void SnapshotTableModel::setRows(std::vector<TableRow> rows)
{
    removeVanished(rows);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        HG_CHECK(rows[i].cells.size() == m_columns.size());
        placeRow(static_cast<int>(i), std::move(rows[i]));
    }
}

void SnapshotTableModel::removeVanished(const std::vector<TableRow>& target)
{
    QSet<QString> kept;
    for (const TableRow& row : target)
        kept.insert(row.key);
    HG_CHECK(static_cast<std::size_t>(kept.size()) == target.size());
    for (int last = rowCount() - 1; last >= 0;) {
        if (kept.contains(m_rows[static_cast<std::size_t>(last)].key)) {
            --last;
            continue;
        }
        int first = last;
        while (first > 0 && !kept.contains(m_rows[static_cast<std::size_t>(first - 1)].key))
            --first;
        beginRemoveRows({}, first, last);
        m_rows.erase(m_rows.begin() + first, m_rows.begin() + last + 1);
        endRemoveRows();
        last = first - 1;
    }
}

// Rows before `position` are already right.
void SnapshotTableModel::placeRow(int position, TableRow row)
{
    const auto begin = m_rows.begin() + position;
    const auto found = std::find_if(begin, m_rows.end(), [&](const TableRow& one) { return one.key == row.key; });
    if (found == m_rows.end()) {
        beginInsertRows({}, position, position);
        m_rows.insert(begin, std::move(row));
        endInsertRows();
        return;
    }
    if (found != begin) {
        const int from = static_cast<int>(found - m_rows.begin());
        beginMoveRows({}, from, from, {}, position);
        std::rotate(begin, found, found + 1);
        endMoveRows();
    }
    TableRow& present = m_rows[static_cast<std::size_t>(position)];
    if (present == row)
        return;
    int first = columnCount();
    int last = -1;
    for (int column = 0; column < columnCount(); ++column) {
        const auto at = static_cast<std::size_t>(column);
        if (present.cells[at] == row.cells[at])
            continue;
        first = std::min(first, column);
        last = column;
    }
    const bool wholeRow = last < 0 || present.isSection != row.isSection || present.isQuiet != row.isQuiet;
    present = std::move(row);
    Q_EMIT dataChanged(index(position, wholeRow ? 0 : first), index(position, wholeRow ? columnCount() - 1 : last));
}

int SnapshotTableModel::rowOf(const QString& key) const
{
    const auto found = std::find_if(m_rows.begin(), m_rows.end(), [&](const TableRow& row) { return row.key == key; });
    return found == m_rows.end() ? -1 : static_cast<int>(found - m_rows.begin());
}

int SnapshotTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int SnapshotTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

QVariant SnapshotTableModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const TableRow& row = m_rows[static_cast<std::size_t>(index.row())];
    const Cell& cell = row.cells[static_cast<std::size_t>(index.column())];
    switch (role) {
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole:
        return cell.second.isEmpty() ? cell.text : cell.text + ", " + cell.second;
    case CellRole:
        return QVariant::fromValue(cell);
    case KeyRole:
        return row.key;
    case SortRole:
        return cell.sort.isValid() ? cell.sort : QVariant(cell.text);
    case SearchRole:
        return row.search;
    case FacetRole:
        return row.facets;
    case SectionRole:
        return row.isSection;
    case QuietRole:
        return row.isQuiet;
    default:
        return {};
    }
}

QVariant SnapshotTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return {};
    const TableColumn& column = m_columns[static_cast<std::size_t>(section)];
    if (role == Qt::DisplayRole)
        return column.title;
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(
            Qt::Alignment(Qt::AlignVCenter | (column.align == ColumnAlign::Right ? Qt::AlignRight : Qt::AlignLeft)));
    return {};
}

RowFilter::RowFilter(QObject* parent) : QSortFilterProxyModel(parent)
{
    setDynamicSortFilter(true);
}

void RowFilter::setText(const QString& text)
{
    m_text = text.trimmed();
    invalidateFilter();
}

void RowFilter::setFacets(const QStringList& facets)
{
    m_facets = facets;
    invalidateFilter();
}

void RowFilter::setHeld(bool held)
{
    setDynamicSortFilter(!held);
}

bool RowFilter::filterAcceptsRow(int sourceRow, const QModelIndex& sourceParent) const
{
    const QAbstractItemModel* source = sourceModel();
    const QModelIndex first = source->index(sourceRow, 0, sourceParent);
    const QStringList facets = first.data(FacetRole).toStringList();
    QHash<QString, bool> kinds;
    for (const QString& wanted : m_facets) {
        const QString kind = wanted.section(':', 0, 0);
        kinds[kind] = kinds.value(kind) || facets.contains(wanted);
    }
    if (kinds.values().contains(false))
        return false;
    if (m_text.isEmpty())
        return true;
    QString haystack = first.data(SearchRole).toString();
    for (int column = 0; column < source->columnCount(); ++column)
        haystack += ' ' + source->index(sourceRow, column, sourceParent).data(Qt::DisplayRole).toString();
    const QStringList words = m_text.split(' ', Qt::SkipEmptyParts);
    return std::all_of(words.begin(), words.end(),
                       [&](const QString& word) { return haystack.contains(word, Qt::CaseInsensitive); });
}

// Ties keep the order of the source, so that equal rows do not dance.
bool RowFilter::lessThan(const QModelIndex& left, const QModelIndex& right) const
{
    const QVariant a = left.data(SortRole);
    const QVariant b = right.data(SortRole);
    const QPartialOrdering order = QVariant::compare(a, b);
    if (order == QPartialOrdering::Equivalent || order == QPartialOrdering::Unordered)
        return sortOrder() == Qt::AscendingOrder ? left.row() < right.row() : left.row() > right.row();
    return order == QPartialOrdering::Less;
}

}  // namespace headgate
