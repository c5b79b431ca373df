#include "ui/widgets/provenance_stack.h"

#include "ui/shell/stale.h"
#include "ui/shell/theme.h"
#include "ui/widgets/figures.h"

#include <QPainter>

namespace headgate {

namespace {

constexpr int textPx = 20;

}  // namespace

ProvenanceStack::ProvenanceStack(QWidget* parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setAccessibleName(tr("Where the bounds come from"));
}

void ProvenanceStack::setLayers(std::vector<ProvenanceLayer> layers, const QString& result)
{
    m_layers = std::move(layers);
    m_result = result;
    QStringList words;
    for (const ProvenanceLayer& layer : m_layers)
        words << QStringLiteral("%1, %2: %3").arg(layer.title, layer.second, layer.value);
    words << tr("Result: %1").arg(result);
    setAccessibleDescription(words.join(QStringLiteral("; ")));
    updateGeometry();
    update();
}

int ProvenanceStack::rowHeight() const
{
    return lineHeight(TextRole::SmallStrong) + lineHeight(TextRole::Caption) + scaled(6);
}

QSize ProvenanceStack::sizeHint() const
{
    return {scaled(280),
            rowHeight() * static_cast<int>(m_layers.size()) + lineHeight(TextRole::SmallStrong) + scaled(4)};
}

QSize ProvenanceStack::minimumSizeHint() const
{
    return {scaled(160), sizeHint().height()};
}

void ProvenanceStack::paintEvent(QPaintEvent*)
{
    const Tokens& t = tokensOf(this);
    const QColor strong = showsStale(this) ? t.text2 : t.text1;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const int line = lineHeight(TextRole::SmallStrong), caption = lineHeight(TextRole::Caption);
    const double x = 6, first = line / 2.0, last = first + rowHeight() * static_cast<double>(m_layers.size());
    painter.setPen(QPen(t.border, 1.5));
    painter.drawLine(QPointF(x, first), QPointF(x, last));
    const auto dot = [&](double y, const QColor& colour) {
        painter.setPen(QPen(t.surface, 2));
        painter.setBrush(colour);
        painter.drawEllipse(QPointF(x, y), 5, 5);
    };
    for (std::size_t i = 0; i < m_layers.size(); ++i) {
        const ProvenanceLayer& layer = m_layers[i];
        const int y = rowHeight() * static_cast<int>(i);
        dot(y + first, layer.colour < 0 ? t.text3 : t.chart.at(static_cast<std::size_t>(layer.colour)));
        painter.setFont(textFont(TextRole::SmallStrong));
        painter.setPen(strong);
        const double wide = figuresWidth(layer.value, painter.font());
        const double room = width() - textPx - wide - 12;
        painter.drawText(QRectF(textPx, y, room, line), Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(layer.title, Qt::ElideRight, static_cast<int>(room)));
        painter.setPen(t.text2);
        drawFigures(painter, QRectF(0, y, width() - 1, line), Qt::AlignRight | Qt::AlignVCenter, layer.value);
        painter.setFont(textFont(TextRole::Caption));
        painter.drawText(QRectF(textPx, y + line, width() - textPx, caption), Qt::AlignVCenter,
                         painter.fontMetrics().elidedText(layer.second, Qt::ElideRight, width() - textPx));
    }
    dot(last, t.accent);
    painter.setFont(textFont(TextRole::Section));
    painter.setPen(strong);
    const QRectF box(textPx, last - first, width() - textPx - 1, line);
    painter.drawText(box, Qt::AlignVCenter, tr("Result"));
    drawFigures(painter, box, Qt::AlignRight | Qt::AlignVCenter, m_result);
}

}  // namespace headgate
