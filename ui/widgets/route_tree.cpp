#include "ui/widgets/route_tree.h"

#include "ui/shell/stale.h"
#include "ui/shell/theme.h"
#include "ui/widgets/figures.h"
#include "ui/widgets/status_glyph.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>

namespace headgate {

namespace {

constexpr int step = 20;

// Index of the hop that `child` hangs below; -1 for a root.
int parentOf(const std::vector<RouteHop>& hops, int child)
{
    for (int i = child - 1; i >= 0; --i)
        if (hops[static_cast<std::size_t>(i)].depth < hops[static_cast<std::size_t>(child)].depth)
            return i;
    return -1;
}

}  // namespace

RouteTree::RouteTree(QWidget* parent) : QWidget(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Route"));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
}

void RouteTree::setHops(std::vector<RouteHop> hops)
{
    if (hops == m_hops)
        return;
    m_hops = std::move(hops);
    m_current = std::clamp(m_current, 0, std::max(0, static_cast<int>(m_hops.size()) - 1));
    QStringList words;
    for (const RouteHop& hop : m_hops)
        words << QString("%1, %2, %3").arg(hop.title, hop.second, hop.figure);
    setAccessibleDescription(words.join(QStringLiteral("; ")));
    updateGeometry();
    update();
}

int RouteTree::rowHeight() const
{
    return scaled(37);
}

QSize RouteTree::sizeHint() const
{
    return {scaled(300), rowHeight() * static_cast<int>(m_hops.size())};
}

QSize RouteTree::minimumSizeHint() const
{
    return {scaled(200), sizeHint().height()};
}

void RouteTree::paintEvent(QPaintEvent*)
{
    const Tokens& t = tokensOf(this);
    const bool isStale = showsStale(this);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const int row = rowHeight();
    const auto glyphAt = [&](int i) {
        return QPointF(m_hops[static_cast<std::size_t>(i)].depth * step + 8, i * row + row / 2.0 - 1);
    };
    painter.setPen(QPen(t.borderStrong, 1.4));
    for (int i = 0; i < static_cast<int>(m_hops.size()); ++i) {
        const int parent = parentOf(m_hops, i);
        if (parent < 0)
            continue;
        const QPointF from = glyphAt(parent) + QPointF(0, 10);
        const QPointF to = glyphAt(i) - QPointF(10, 0);
        QPainterPath path(from);
        path.lineTo(from.x(), to.y() - 6);
        path.quadTo(QPointF(from.x(), to.y()), QPointF(from.x() + 6, to.y()));
        path.lineTo(to);
        painter.drawPath(path);
    }
    const int body = lineHeight(TextRole::SmallStrong);
    const int caption = lineHeight(TextRole::Caption);
    for (int i = 0; i < static_cast<int>(m_hops.size()); ++i) {
        const RouteHop& hop = m_hops[static_cast<std::size_t>(i)];
        const QPointF glyph = glyphAt(i);
        if (hasFocus() && i == m_current) {
            painter.setPen(QPen(t.accent, 1.5));
            painter.setBrush(Qt::NoBrush);
            painter.drawRoundedRect(QRectF(0.75, i * row + 0.75, width() - 1.5, row - 1.5), 4, 4);
        }
        paintGlyph(painter, QRectF(glyph.x() - 7, glyph.y() - 7, 14, 14), isStale ? Status::Off : hop.status, t);
        const qreal left = glyph.x() + 16;
        const qreal top = i * row + (row - body - caption) / 2.0;
        painter.setFont(textFont(TextRole::SmallStrong));
        const qreal figureWidth = figuresWidth(hop.figure, painter.font());
        painter.setPen(isStale ? t.text2 : t.text1);
        painter.drawText(
            QRectF(left, top, width() - left - figureWidth - 8, body), Qt::AlignVCenter,
            painter.fontMetrics().elidedText(hop.title, Qt::ElideRight, qRound(width() - left - figureWidth - 8)));
        drawFigures(painter, QRectF(left, top, width() - left - 1, body), Qt::AlignRight | Qt::AlignVCenter,
                    hop.figure);
        painter.setFont(textFont(TextRole::Caption));
        painter.setPen(t.text2);
        const qreal secondWidth = figuresWidth(hop.secondFigure, painter.font());
        painter.drawText(
            QRectF(left, top + body, width() - left - secondWidth - 8, caption), Qt::AlignVCenter,
            painter.fontMetrics().elidedText(hop.second, Qt::ElideRight, qRound(width() - left - secondWidth - 8)));
        drawFigures(painter, QRectF(left, top + body, width() - left - 1, caption), Qt::AlignRight | Qt::AlignVCenter,
                    hop.secondFigure);
    }
}

void RouteTree::mouseDoubleClickEvent(QMouseEvent* event)
{
    const int row = static_cast<int>(event->position().y()) / rowHeight();
    if (row < 0 || row >= static_cast<int>(m_hops.size()))
        return;
    m_current = row;
    const QString& key = m_hops[static_cast<std::size_t>(row)].key;
    if (!key.isEmpty())
        Q_EMIT hopActivated(key);
}

void RouteTree::keyPressEvent(QKeyEvent* event)
{
    const int last = static_cast<int>(m_hops.size()) - 1;
    if (event->key() == Qt::Key_Up || event->key() == Qt::Key_Down) {
        m_current = std::clamp(m_current + (event->key() == Qt::Key_Up ? -1 : 1), 0, std::max(0, last));
        update();
        return;
    }
    const bool isEnter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (isEnter && m_current <= last && !m_hops[static_cast<std::size_t>(m_current)].key.isEmpty()) {
        Q_EMIT hopActivated(m_hops[static_cast<std::size_t>(m_current)].key);
        return;
    }
    QWidget::keyPressEvent(event);
}

}  // namespace headgate
