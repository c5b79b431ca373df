#include "ui/widgets/topology_view.h"

#include "ui/format.h"
#include "ui/shell/stale.h"
#include "ui/shell/theme.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/status_glyph.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace headgate {

namespace {

constexpr int sidePx = 20;
constexpr int headPx = 30;    // the names of the columns
constexpr int regionPx = 22;  // above the first box of a region
constexpr int boxPx = 42;
constexpr int spacePx = 8;
constexpr int leastBoxPx = 96;
constexpr int mostBoxPx = 208;
constexpr int leastGapPx = 56;
constexpr std::size_t mostSmooth = 60;  // links that are drawn smoothly; of many the cost would be felt
constexpr qreal thinnest = 1;
constexpr qreal thickest = 6;
constexpr qreal paleLink = 0.45;  // of those that the selected box does not feed

// 1 px up to 1 Mbit/s, 6 px from 1 Gbit/s on, in between by the logarithm.
qreal thicknessOf(std::int64_t bitsPerSecond)
{
    constexpr qreal decades = 3;
    const qreal megabits = std::max(1.0, static_cast<qreal>(bitsPerSecond) / 1e6);
    return thinnest + (thickest - thinnest) * std::min(1.0, std::log10(megabits) / decades);
}

}  // namespace

TopologyView::TopologyView(QWidget* parent) : QAbstractScrollArea(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setAccessibleName(tr("Topology"));
    viewport()->setAccessibleName(tr("Topology"));
}

QSize TopologyView::sizeHint() const
{
    return {scaled(820), scaled(430)};
}

QSize TopologyView::minimumSizeHint() const
{
    return {scaled(420), scaled(160)};
}

void TopologyView::setTopology(Topology topology)
{
    if (topology == m_topology)
        return;
    m_topology = std::move(topology);
    setAccessibleDescription(tr("%n box(es). The table beside it has the same content.", nullptr,
                                static_cast<int>(m_topology.boxes.size())));
    layOut();
    findReach();
    viewport()->update();
}

void TopologyView::setFiguresShown(bool areShown)
{
    m_hasFigures = areShown;
    viewport()->update();
}

void TopologyView::select(const QString& key)
{
    if (key == m_selected)
        return;
    m_selected = key;
    findReach();
    if (const int box = indexOf(key); box >= 0) {
        const QRectF rect = m_rects[static_cast<std::size_t>(box)];
        const int top = verticalScrollBar()->value() + scaled(headPx);
        const int bottom = verticalScrollBar()->value() + viewport()->height();
        if (rect.top() - scaled(regionPx) < top)
            verticalScrollBar()->setValue(qFloor(rect.top()) - scaled(headPx + regionPx));
        else if (rect.bottom() > bottom)
            verticalScrollBar()->setValue(qCeil(rect.bottom()) - viewport()->height() + scaled(spacePx));
    }
    viewport()->update();
}

QRectF TopologyView::rectOf(const QString& key) const
{
    const int box = indexOf(key);
    return box < 0 ? QRectF() : m_rects[static_cast<std::size_t>(box)].translated(0, -verticalScrollBar()->value());
}

int TopologyView::indexOf(const QString& key) const
{
    const auto found = std::ranges::find(m_topology.boxes, key, &TopologyBox::key);
    return found == m_topology.boxes.end() ? -1 : static_cast<int>(found - m_topology.boxes.begin());
}

// Everything that gets its picture through the selected box. Links go from left to right, but for relays that feed
// relays, so it is looked through until nothing is added.
void TopologyView::findReach()
{
    m_reach.clear();
    const int selected = indexOf(m_selected);
    if (selected < 0)
        return;
    m_reach.insert(static_cast<std::size_t>(selected));
    for (std::size_t before = 0; before != m_reach.size();) {
        before = m_reach.size();
        for (const TopologyLink& link : m_topology.links)
            if (m_reach.contains(link.from))
                m_reach.insert(link.to);
    }
}

bool TopologyView::isInReach(const TopologyLink& link) const
{
    return m_reach.contains(link.from);
}

void TopologyView::layOutColumns()
{
    m_columns.clear();
    const std::vector<TopologyBox>& boxes = m_topology.boxes;
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        if (i == 0 || boxes[i].tier != boxes[i - 1].tier)
            m_columns.push_back({boxes[i].tier, i, i, 0});
        m_columns.back().end = i + 1;
    }
    const auto count = static_cast<int>(m_columns.size());
    const int room = viewport()->width() - 2 * sidePx;
    const int gaps = std::max(1, count - 1);
    m_boxWidth =
        std::clamp((room - gaps * scaled(leastGapPx)) / std::max(1, count), scaled(leastBoxPx), scaled(mostBoxPx));
    const qreal step = count > 1 ? (room - m_boxWidth) / gaps : 0;
    for (std::size_t c = 0; c < m_columns.size(); ++c)
        m_columns[c].left = sidePx + static_cast<qreal>(c) * step;
}

// What is short stands in the middle of its band, so that links are short too. Returns where the band ends.
qreal TopologyView::layOutBand(const QString& region, qreal top)
{
    const qreal step = scaled(boxPx) + scaled(spacePx);
    std::vector<std::vector<std::size_t>> parts;
    std::size_t most = 0;
    for (const Column& column : m_columns) {
        std::vector<std::size_t> part;
        for (std::size_t i = column.first; i < column.end; ++i)
            if (m_topology.boxes[i].region == region)
                part.push_back(i);
        most = std::max(most, part.size());
        parts.push_back(std::move(part));
    }
    for (std::size_t c = 0; c < parts.size(); ++c) {
        qreal y = top + static_cast<qreal>(most - parts[c].size()) * step / 2;
        for (const std::size_t box : parts[c]) {
            m_rects[box] = QRectF(m_columns[c].left, y, m_boxWidth, scaled(boxPx));
            y += step;
        }
    }
    return top + static_cast<qreal>(most) * step;
}

void TopologyView::layOut()
{
    layOutColumns();
    m_bands.clear();
    m_rects.assign(m_topology.boxes.size(), {});
    qreal bottom = scaled(headPx + spacePx);
    for (const TopologyBox& box : m_topology.boxes) {
        if (std::ranges::find(m_bands, box.region, &Band::region) != m_bands.end())
            continue;
        m_bands.push_back({box.region, bottom});
        bottom = layOutBand(box.region, bottom + (m_topology.isFolded ? 0 : scaled(regionPx)));
    }
    verticalScrollBar()->setRange(0, std::max(0, qCeil(bottom) - viewport()->height()));
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(scaled(boxPx + spacePx));
}

void TopologyView::paintEvent(QPaintEvent* event)
{
    QPainter painter(viewport());
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(event->rect(), tokensOf(this).surface);
    const int scroll = verticalScrollBar()->value();
    painter.translate(0, -scroll);
    const QRectF seen = QRectF(event->rect()).translated(0, scroll);
    paintRegions(painter, seen);
    painter.setRenderHint(QPainter::Antialiasing, m_topology.links.size() <= mostSmooth);
    for (const bool isOnTop : {false, true})
        for (const TopologyLink& link : m_topology.links)
            if (isInReach(link) == isOnTop)
                paintLink(painter, link, seen);
    painter.setRenderHint(QPainter::Antialiasing);
    for (const TopologyLink& link : m_topology.links)
        if (m_rects[link.to].adjusted(-80, -20, 0, 20).intersects(seen))
            paintFigure(painter, link);
    for (std::size_t i = 0; i < m_rects.size(); ++i)
        if (m_rects[i].adjusted(-2, -2, 2, 2).intersects(seen))
            paintBox(painter, i);
    painter.translate(0, scroll);
    paintHeads(painter);
}

void TopologyView::paintHeads(QPainter& painter) const
{
    const Tokens& t = tokensOf(this);
    painter.fillRect(QRectF(0, 0, viewport()->width(), scaled(headPx)), t.surface);
    painter.fillRect(QRectF(0, scaled(headPx) - 1, viewport()->width(), 1), t.border);
    for (const Column& column : m_columns) {
        int nodes = 0;
        for (std::size_t i = column.first; i < column.end; ++i)
            nodes += column.tier == TopologyTier::Publishers ? m_topology.boxes[i].streams
                                                             : static_cast<int>(m_topology.boxes[i].nodes.size());
        const QRectF head(column.left, 0, m_boxWidth, scaled(headPx));
        painter.setFont(textFont(TextRole::CaptionStrong));
        painter.setPen(t.text2);
        painter.drawText(head, Qt::AlignLeft | Qt::AlignVCenter, tierName(column.tier));
        painter.setFont(textFont(TextRole::Caption));
        painter.setPen(t.text3);
        drawFigures(painter, head, Qt::AlignRight | Qt::AlignVCenter, format::count(nodes));
    }
}

void TopologyView::paintRegions(QPainter& painter, const QRectF& seen) const
{
    if (m_topology.isFolded)
        return;
    const Tokens& t = tokensOf(this);
    painter.setFont(textFont(TextRole::Caption));
    for (const Band& band : m_bands) {
        const QRectF line(sidePx, band.top, viewport()->width() - 2 * sidePx, scaled(regionPx) - 4);
        if (!line.intersects(seen))
            continue;
        const int wide = painter.fontMetrics().horizontalAdvance(band.region) + 10;
        painter.fillRect(QRectF(line.left(), line.top(), wide, line.height()), t.surface);
        painter.setPen(t.text3);
        painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, band.region);
        painter.fillRect(QRectF(line.left() + wide, qRound(line.center().y()), line.width() - wide, 1), t.border);
    }
}

void TopologyView::paintLink(QPainter& painter, const TopologyLink& link, const QRectF& seen) const
{
    const QRectF& from = m_rects[link.from];
    const QRectF& to = m_rects[link.to];
    const QPointF start(isSideways(link) ? from.left() : from.right(), from.center().y());
    const QPointF end(to.left(), to.center().y());
    const qreal bend = isSideways(link) ? -scaled(28) : (end.x() - start.x()) / 2;
    const QRectF around = QRectF(start, end).normalized().adjusted(-scaled(40), -8, 8, 8);
    if (!around.intersects(seen))
        return;
    const Tokens& t = tokensOf(this);
    const bool isStale = showsStale(this);
    QColor colour = mixed(t.bar, t.surface, 0.6);
    if (!isStale && link.starved > 0)
        colour = link.bitsPerSecond == 0 ? t.critical.text : t.warning.text;
    else if (isInReach(link))
        colour = t.accent;
    if (!m_reach.empty() && !isInReach(link))
        colour = mixed(colour, t.surface, paleLink);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(colour, thicknessOf(link.bitsPerSecond), Qt::SolidLine, Qt::FlatCap));
    QPainterPath path(start);
    path.cubicTo(start + QPointF(bend, 0), end + QPointF(isSideways(link) ? bend : -bend, 0), end);
    painter.drawPath(path);
}

bool TopologyView::isSideways(const TopologyLink& link) const
{
    return m_topology.boxes[link.from].tier == m_topology.boxes[link.to].tier;
}

// Above the end of the link, or below where the link comes from above.
void TopologyView::paintFigure(QPainter& painter, const TopologyLink& link) const
{
    const bool isWanted =
        m_hasFigures || m_topology.boxes[link.to].key == m_selected || m_topology.boxes[link.from].key == m_selected;
    if (!isWanted)
        return;
    const Tokens& t = tokensOf(this);
    const QRectF& to = m_rects[link.to];
    const bool isBelow = isSideways(link) && m_rects[link.from].top() < to.top();
    const QString figure = format::megabits(link.bitsPerSecond);
    painter.setFont(textFont(TextRole::Caption));
    const qreal wide = figuresWidth(figure, painter.font()) + 6;
    const int high = lineHeight(TextRole::Caption);
    const qreal away = thicknessOf(link.bitsPerSecond) / 2 + 1;
    const QRectF label(to.left() - wide - 2, isBelow ? to.center().y() + away : to.center().y() - away - high, wide,
                       high);
    painter.fillRect(label.adjusted(0, 1, 0, -1), t.surface);
    painter.setPen(link.starved > 0 && !showsStale(this) ? t.warning.text : t.text2);
    drawFigures(painter, label, Qt::AlignCenter, figure);
}

void TopologyView::paintBox(QPainter& painter, std::size_t i) const
{
    const Tokens& t = tokensOf(this);
    const bool isStale = showsStale(this);
    const TopologyBox& box = m_topology.boxes[i];
    const QRectF rect = m_rects[i].adjusted(0.5, 0.5, -0.5, -0.5);
    const bool isSelected = box.key == m_selected;
    const bool isReached = m_reach.contains(i);
    painter.setBrush(isSelected ? t.selected : t.surface);
    painter.setPen(QPen(isReached ? t.accent : t.borderStrong, isSelected ? 2 : 1));
    painter.drawRoundedRect(rect, 6, 6);
    if (isSelected && hasFocus()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(t.accent, 1));
        painter.drawRoundedRect(rect.adjusted(-2.5, -2.5, 2.5, 2.5), 8, 8);
    }
    const int strong = lineHeight(TextRole::SmallStrong);
    const int caption = lineHeight(TextRole::Caption);
    const qreal top = rect.top() + (rect.height() - strong - caption) / 2;
    const qreal left = rect.left() + 30;
    const int room = static_cast<int>(rect.right() - left - 8);
    const bool isPublisher = box.tier == TopologyTier::Publishers;
    const Status status = isPublisher && box.status == Status::Ok ? Status::OnAir : box.status;
    paintGlyph(painter, QRectF(rect.left() + 9, rect.center().y() - 7, 14, 14), isStale ? Status::Off : status, t);
    painter.setFont(textFont(TextRole::SmallStrong));
    painter.setPen(isStale ? t.text2 : t.text1);
    painter.drawText(QRectF(left, top, room, strong), Qt::AlignVCenter,
                     painter.fontMetrics().elidedText(box.title, Qt::ElideRight, room));
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(t.text2);
    drawFigures(painter, QRectF(left, top + strong, room, caption), Qt::AlignLeft | Qt::AlignVCenter,
                painter.fontMetrics().elidedText(box.second, Qt::ElideRight, room));
}

int TopologyView::boxAt(QPointF at) const
{
    if (at.y() < scaled(headPx))
        return -1;
    const QPointF place = at + QPointF(0, verticalScrollBar()->value());
    const auto found = std::ranges::find_if(m_rects, [&](const QRectF& rect) { return rect.contains(place); });
    return found == m_rects.end() ? -1 : static_cast<int>(found - m_rects.begin());
}

void TopologyView::choose(std::size_t box)
{
    const QString key = m_topology.boxes[box].key;
    select(key);
    Q_EMIT boxChosen(key);
}

void TopologyView::mousePressEvent(QMouseEvent* event)
{
    const int box = boxAt(event->position());
    if (box >= 0)
        choose(static_cast<std::size_t>(box));
    else
        QAbstractScrollArea::mousePressEvent(event);
}

void TopologyView::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (const int box = boxAt(event->position()); box >= 0)
        Q_EMIT boxActivated(m_topology.boxes[static_cast<std::size_t>(box)].key);
}

void TopologyView::keyPressEvent(QKeyEvent* event)
{
    const int present = indexOf(m_selected);
    if (m_topology.boxes.empty())
        return QAbstractScrollArea::keyPressEvent(event);
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        if (present >= 0)
            Q_EMIT boxActivated(m_selected);
        return;
    }
    const std::size_t from = present < 0 ? 0 : static_cast<std::size_t>(present);
    const auto column = std::ranges::find_if(m_columns, [from](const Column& each) { return from < each.end; });
    const auto nearestIn = [&](const Column& other) {
        std::size_t nearest = other.first;
        for (std::size_t i = other.first; i < other.end; ++i)
            if (std::abs(m_rects[i].top() - m_rects[from].top()) <
                std::abs(m_rects[nearest].top() - m_rects[from].top()))
                nearest = i;
        return nearest;
    };
    switch (event->key()) {
    case Qt::Key_Up:
        return choose(present < 0 ? 0 : std::max(from, column->first + 1) - 1);
    case Qt::Key_Down:
        return choose(present < 0 ? 0 : std::min(from + 1, column->end - 1));
    case Qt::Key_Left:
        return choose(column == m_columns.begin() ? from : nearestIn(*(column - 1)));
    case Qt::Key_Right:
        return choose(column + 1 == m_columns.end() ? from : nearestIn(*(column + 1)));
    case Qt::Key_Home:
        return choose(column->first);
    case Qt::Key_End:
        return choose(column->end - 1);
    default:
        return QAbstractScrollArea::keyPressEvent(event);
    }
}

bool TopologyView::viewportEvent(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QAbstractScrollArea::viewportEvent(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const int index = boxAt(help->pos());
    if (index < 0) {
        QToolTip::hideText();
        return true;
    }
    const TopologyBox& box = m_topology.boxes[static_cast<std::size_t>(index)];
    QStringList lines{QStringLiteral("%1 %2, %3").arg(tierKind(box.tier), box.title, box.region),
                      QStringLiteral("%1, %2").arg(box.state, box.second)};
    const QStringList sources = sourcesOf(m_topology, static_cast<std::size_t>(index));
    if (!sources.isEmpty())
        lines << tr("gets, in Mbit/s: %1").arg(sources.join(QStringLiteral(", ")));
    QToolTip::showText(help->globalPos(), lines.join(QLatin1Char('\n')), viewport());
    return true;
}

void TopologyView::resizeEvent(QResizeEvent* event)
{
    QAbstractScrollArea::resizeEvent(event);
    layOut();
}

void TopologyView::changeEvent(QEvent* event)
{
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::PaletteChange) {
        layOut();
        viewport()->update();
    }
}

}  // namespace headgate
