#include "ui/widgets/table_view.h"

#include "ui/models/snapshot_table_model.h"
#include "ui/shell/icon.h"
#include "ui/shell/theme.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>

#include <algorithm>

namespace headgate {

namespace {

constexpr int outerPadding = 20;
constexpr int cellPadding = 8;
constexpr int indentStep = 20;

// Header sections with the same padding as the cells below them, and the sort arrow beside the title.
class CellHeader : public QHeaderView
{
public:
    explicit CellHeader(QWidget* parent) : QHeaderView(Qt::Horizontal, parent)
    {
        setSectionsClickable(true);
        setHighlightSections(false);
        setFixedHeight(scaled(32));
        setMinimumSectionSize(scaled(48));
    }

protected:
    void paintSection(QPainter* painter, const QRect& rect, int section) const override
    {
        const Tokens& t = tokensOf(this);
        painter->fillRect(rect, t.window);
        painter->fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), t.border);
        painter->fillRect(QRect(rect.left(), rect.top(), rect.width(), 1), t.border);
        const bool isFirst = visualIndex(section) == 0;
        const bool isLast = visualIndex(section) == lastVisible();
        QRect box = rect.adjusted(isFirst ? outerPadding : cellPadding, 0, -(isLast ? outerPadding : cellPadding), 0);
        const bool isSorted = isSortIndicatorShown() && sortIndicatorSection() == section;
        painter->setFont(textFont(isSorted ? TextRole::CaptionStrong : TextRole::Caption));
        painter->setPen(isSorted ? t.text1 : t.text3);
        const auto align = model()->headerData(section, Qt::Horizontal, Qt::TextAlignmentRole).value<Qt::Alignment>();
        const QString title = model()->headerData(section, Qt::Horizontal, Qt::DisplayRole).toString();
        constexpr int arrow = 14;
        if (isSorted)
            box.setWidth(std::max(0, box.width() - arrow));
        const QString shown = painter->fontMetrics().elidedText(title, Qt::ElideRight, box.width());
        painter->drawText(box, static_cast<int>(align), shown);
        if (!isSorted)
            return;
        const bool isRight = align.testFlag(Qt::AlignRight);
        const int x = isRight ? box.right() + 3 : box.left() + painter->fontMetrics().horizontalAdvance(shown) + 3;
        paintArrow(*painter, QPointF(x + 4, rect.center().y() + 0.5), t.text1);
    }

private:
    int lastVisible() const
    {
        for (int i = count() - 1; i >= 0; --i)
            if (!isSectionHidden(logicalIndex(i)))
                return i;
        return -1;
    }
    void paintArrow(QPainter& painter, QPointF centre, const QColor& colour) const
    {
        painter.save();
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(colour, 1.3, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        const qreal tip = sortIndicatorOrder() == Qt::DescendingOrder ? 4 : -4;
        painter.drawLine(centre - QPointF(0, tip), centre + QPointF(0, tip));
        painter.drawLine(centre + QPointF(0, tip), centre + QPointF(-3, tip * 0.25));
        painter.drawLine(centre + QPointF(0, tip), centre + QPointF(3, tip * 0.25));
        painter.restore();
    }
};

int rowPixels(RowHeight height)
{
    switch (height) {
    case RowHeight::OneLine:
        return scaled(32);
    case RowHeight::TwoLines:
        return scaled(44);
    case RowHeight::Tree:
        return scaled(40);
    }
    return scaled(44);
}

}  // namespace

TableView::TableView(const QString& accessibleName, RowHeight height, QWidget* parent)
    : QTableView(parent), m_height(height)
{
    setAccessibleName(accessibleName);
    setHorizontalHeader(new CellHeader(this));
    horizontalHeader()->setAccessibleName(tr("Columns of %1").arg(accessibleName));
    verticalHeader()->hide();
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setDefaultSectionSize(rowPixels(height));
    verticalHeader()->setMinimumSectionSize(scaled(24));
    setItemDelegate(new CellDelegate(this));
    setShowGrid(false);
    setFrameShape(QFrame::NoFrame);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setTabKeyNavigation(false);
    setMouseTracking(true);
    setWordWrap(false);
    setCornerButtonEnabled(false);
}

void TableView::setTable(SnapshotTableModel& model, RowFilter& filter)
{
    m_model = &model;
    m_filter = &filter;
    filter.setSourceModel(&model);
    setModel(&filter);
    horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    layOutColumns();
}

void TableView::sortByHeader()
{
    horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    horizontalHeader()->setSortIndicatorClearable(true);
    setSortingEnabled(true);
}

QString TableView::keyOf(const QModelIndex& index) const
{
    return index.isValid() ? index.siblingAtColumn(0).data(KeyRole).toString() : QString();
}

QString TableView::currentKey() const
{
    return selectionModel() != nullptr && selectionModel()->hasSelection() ? keyOf(currentIndex()) : QString();
}

QStringList TableView::selectedKeys() const
{
    QStringList keys;
    if (selectionModel() == nullptr)
        return keys;
    const QModelIndexList rows = selectionModel()->selectedRows();
    for (const QModelIndex& index : rows)
        keys << keyOf(index);
    return keys;
}

bool TableView::selectKey(const QString& key)
{
    if (m_model == nullptr)
        return false;
    const int row = m_model->rowOf(key);
    if (row < 0)
        return false;
    const QModelIndex index = m_filter->mapFromSource(m_model->index(row, 0));
    if (!index.isValid())
        return false;
    setCurrentIndex(index);
    selectionModel()->select(index, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    scrollTo(index);
    return true;
}

void TableView::currentChanged(const QModelIndex& current, const QModelIndex& previous)
{
    QTableView::currentChanged(current, previous);
    const QString key = keyOf(current);
    if (key == m_lastKey)
        return;
    m_lastKey = key;
    Q_EMIT currentKeyChanged(key);
}

// The columns that matter least go when the room is short; what is left over goes to those that stretch.
void TableView::layOutColumns()
{
    if (m_model == nullptr)
        return;
    const std::vector<TableColumn>& columns = m_model->columns();
    const auto widthOf = [](const TableColumn& column) { return scaled(column.width); };
    std::vector<bool> isShown(columns.size(), true);
    int needed = 2 * (outerPadding - cellPadding);
    for (const TableColumn& column : columns)
        needed += widthOf(column);
    const int room = viewport()->width();
    while (needed > room) {
        int victim = -1;
        for (std::size_t i = 0; i < columns.size(); ++i)
            if (isShown[i] && columns[i].hideOrder > 0 &&
                (victim < 0 || columns[i].hideOrder > columns[static_cast<std::size_t>(victim)].hideOrder))
                victim = static_cast<int>(i);
        if (victim < 0)
            break;
        isShown[static_cast<std::size_t>(victim)] = false;
        needed -= widthOf(columns[static_cast<std::size_t>(victim)]);
    }
    int stretching = 0;
    std::size_t first = columns.size();
    std::size_t last = 0;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!isShown[i])
            continue;
        first = std::min(first, i);
        last = i;
        stretching += columns[i].stretches ? 1 : 0;
    }
    const int spare = room - needed;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const int section = static_cast<int>(i);
        setColumnHidden(section, !isShown[i]);
        int width = widthOf(columns[i]);
        if (columns[i].stretches && stretching > 0)
            width = std::max(scaled(90), width + spare / stretching);
        if (i == first || i == last)
            width += outerPadding - cellPadding;
        setColumnWidth(section, width);
    }
}

void TableView::resizeEvent(QResizeEvent* event)
{
    QTableView::resizeEvent(event);
    layOutColumns();
}

void TableView::changeEvent(QEvent* event)
{
    QTableView::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::ApplicationFontChange ||
        event->type() == QEvent::StyleChange) {
        verticalHeader()->setDefaultSectionSize(rowPixels(m_height));
        horizontalHeader()->setFixedHeight(scaled(32));
        layOutColumns();
    }
}

void TableView::keyPressEvent(QKeyEvent* event)
{
    const QString key = currentKey();
    if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && event->modifiers() == Qt::NoModifier &&
        !key.isEmpty()) {
        Q_EMIT rowActivated(key);
        return;
    }
    const bool isFold = event->key() == Qt::Key_Left || event->key() == Qt::Key_Right;
    if (isFold && !key.isEmpty()) {
        const Cell cell = currentIndex().siblingAtColumn(0).data(CellRole).value<Cell>();
        if (cell.isOpen && *cell.isOpen == (event->key() == Qt::Key_Left))
            Q_EMIT chevronClicked(key);
        return;
    }
    if (event->key() == Qt::Key_Home && model() != nullptr && model()->rowCount() > 0) {
        setCurrentIndex(model()->index(0, 0));
        return;
    }
    if (event->key() == Qt::Key_End && model() != nullptr && model()->rowCount() > 0) {
        setCurrentIndex(model()->index(model()->rowCount() - 1, 0));
        return;
    }
    // Letters are shortcuts of the page, not a search in the first column.
    if (!event->text().isEmpty() && event->text().at(0).isPrint()) {
        event->ignore();
        return;
    }
    QTableView::keyPressEvent(event);
}

void TableView::mousePressEvent(QMouseEvent* event)
{
    const QModelIndex index = indexAt(event->pos());
    if (index.isValid() && index.column() == 0) {
        const Cell cell = index.data(CellRole).value<Cell>();
        const QRect rect = visualRect(index);
        if (cell.isOpen && event->pos().x() < rect.left() + outerPadding + 18 + cell.indent * indentStep) {
            Q_EMIT chevronClicked(keyOf(index));
            return;
        }
    }
    QTableView::mousePressEvent(event);
}

void TableView::mouseMoveEvent(QMouseEvent* event)
{
    QTableView::mouseMoveEvent(event);
    setHoveredRow(indexAt(event->pos()).row());
}

void TableView::leaveEvent(QEvent* event)
{
    QTableView::leaveEvent(event);
    setHoveredRow(-1);
    updateHold();
}

void TableView::enterEvent(QEnterEvent* event)
{
    QTableView::enterEvent(event);
    updateHold();
}

void TableView::focusInEvent(QFocusEvent* event)
{
    QTableView::focusInEvent(event);
    updateHold();
    viewport()->update();
}

void TableView::focusOutEvent(QFocusEvent* event)
{
    QTableView::focusOutEvent(event);
    updateHold();
    viewport()->update();
}

void TableView::updateHold()
{
    if (m_filter != nullptr)
        m_filter->setHeld(underMouse() || hasFocus());
}

void TableView::setHoveredRow(int row)
{
    if (row == m_hoveredRow)
        return;
    m_hoveredRow = row;
    viewport()->update();
}

}  // namespace headgate
