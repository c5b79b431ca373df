#include "ui/pages/table_pane.h"

#include "ui/widgets/labels.h"
#include "ui/widgets/state_view.h"

#include <QItemSelectionModel>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace headgate {

TablePane::TablePane(std::vector<TableColumn> columns, RowHeight height, TablePaneWords words, QWidget* parent)
    : QWidget(parent),
      m_words(std::move(words)),
      m_model(new SnapshotTableModel(std::move(columns), this)),
      m_filter(new RowFilter(this)),
      m_filterBar(new FilterBar(m_words.filterPlaceholder, m_words.filterName)),
      m_table(new TableView(m_words.tableName, height)),
      m_stack(new QStackedWidget),
      m_noMatch(new StateView)
{
    m_table->setTable(*m_model, *m_filter);
    if (height != RowHeight::Tree)
        m_table->sortByHeader();
    m_stack->addWidget(m_table);
    m_stack->addWidget(m_noMatch);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_filterBar);
    column->addWidget(makeSeparator());
    column->addWidget(m_stack, 1);
    connect(m_filterBar, &FilterBar::changed, this, &TablePane::applyFilter);
    connect(m_table, &TableView::currentKeyChanged, this, &TablePane::currentKeyChanged);
    connect(m_table, &TableView::rowActivated, this, &TablePane::rowActivated);
}

void TablePane::setNone(const QString& iconName, const QString& text)
{
    m_noneIcon = iconName;
    m_noneText = text;
    showRowsOrWhyNone();
}

void TablePane::setRows(std::vector<TableRow> rows)
{
    m_model->setRows(std::move(rows));
    showRowsOrWhyNone();
}

void TablePane::reveal(const QString& key)
{
    if (m_table->selectKey(key) || m_model->rowOf(key) < 0)
        return;
    m_filterBar->clearAll();
    applyFilter();
    m_table->selectKey(key);
}

void TablePane::clearSelection()
{
    m_table->setCurrentIndex({});
    m_table->clearSelection();
}

int TablePane::shownCount() const
{
    return m_filter->rowCount();
}

QStringList TablePane::keysInSight() const
{
    QStringList keys;
    const int first = m_table->rowAt(0);
    const int last = m_table->rowAt(m_table->viewport()->height() - 1);
    for (int row = first; row >= 0 && row < shownCount() && (last < 0 || row <= last); ++row)
        keys << m_filter->index(row, 0).data(KeyRole).toString();
    return keys;
}

void TablePane::applyFilter()
{
    m_filter->setText(m_filterBar->text());
    m_filter->setFacets(m_filterBar->facets());
    showRowsOrWhyNone();
}

void TablePane::showRowsOrWhyNone()
{
    const int total = m_model->rowCount();
    m_filterBar->setCount(shownCount(), total);
    const QString typed = m_filterBar->text();
    const bool isNone = total == 0 && !m_noneText.isEmpty();
    const bool hidesAll = shownCount() == 0 && (total > 0 || !typed.isEmpty());
    m_stack->setCurrentWidget(isNone || hidesAll ? static_cast<QWidget*>(m_noMatch) : m_table);
    const QString reason = isNone            ? m_noneText
                           : !hidesAll       ? QString()
                           : typed.isEmpty() ? m_words.noneLeft
                                             : m_words.noMatch.arg(typed);
    if (reason == m_shownReason)
        return;
    m_shownReason = reason;
    if (isNone)
        m_noMatch->showEmpty(m_noneIcon, reason, {});
    else if (hidesAll)
        m_noMatch->showEmpty(QStringLiteral("search"), reason, {},
                             {{tr("Clear filter"),
                               [this] {
                                   m_filterBar->clearAll();
                                   applyFilter();
                               },
                               {}}});
}

}  // namespace headgate
