#include "ui/pages/brand_panel.h"

#include "ui/format.h"
#include "ui/shell/icon.h"
#include "ui/shell/theme.h"
#include "ui/shell/tokens.h"

#include <QLinearGradient>
#include <QPainter>
#include <QPainterPath>

#include <array>

namespace headgate {

namespace {

constexpr int flows = 10;
constexpr qreal flowGap = 3.4;  // between the lines before the gate
constexpr qreal placeGap = 36;  // between the places after it
constexpr qreal gateAt = 0.40;  // of the width
constexpr qreal middle = 0.44;  // of the height
constexpr qreal marginPx = 40;
// Chart colours in the order in which the places are lit.
constexpr std::array<std::size_t, flows> colours = {0, 0, 2, 6, 1, 4, 0, 2, 3, 6};

qreal offsetOf(int flow)
{
    return flow - (flows - 1) / 2.0;
}

}  // namespace

BrandPanel::BrandPanel(QWidget* parent) : QWidget(parent)
{
    setAccessibleName(tr("Headgate: capacity before the crowd"));
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Expanding);
}

void BrandPanel::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Tokens& tokens = tokensOf(this);
    QLinearGradient back(0, 0, width() * 0.4, height());
    back.setColorAt(0, tokens.brandTop);
    back.setColorAt(1, tokens.brandBottom);
    painter.fillRect(rect(), back);
    paintFlow(painter);
    paintGate(painter);
    paintWords(painter);
}

// The panel is dark in both themes, so its colours are always the dark ones.
void BrandPanel::paintFlow(QPainter& painter) const
{
    const Tokens& tokens = darkTokens();
    const qreal centre = height() * middle;
    const qreal gate = width() * gateAt;
    const qreal end = width() - marginPx - 6;
    const qreal scale = std::min(1.0, height() / 700.0);
    for (int flow = 0; flow < flows; ++flow) {
        const QColor colour = tokens.chart[colours[static_cast<std::size_t>(flow)]];
        const qreal from = centre + offsetOf(flow) * flowGap;
        const qreal to = centre + offsetOf(flow) * placeGap * scale;
        QPainterPath path(QPointF(0, from));
        path.lineTo(gate + 20, from);
        path.cubicTo(gate + 80, from, gate + 70, to, gate + 160, to);
        path.lineTo(end, to);
        painter.setPen(QPen(colour, 1.8));
        painter.setBrush(Qt::NoBrush);
        painter.drawPath(path);
        painter.setPen(Qt::NoPen);
        painter.setBrush(withOpacity(colour, 0.28));
        painter.drawEllipse(QPointF(end, to), 10, 10);
        painter.setBrush(colour);
        painter.drawEllipse(QPointF(end, to), 4, 4);
    }
}

void BrandPanel::paintGate(QPainter& painter) const
{
    const Tokens& tokens = darkTokens();
    const qreal centre = height() * middle;
    const qreal gate = width() * gateAt;
    painter.setPen(Qt::NoPen);
    painter.setBrush(withOpacity(tokens.onFill, 0.25));
    painter.drawRoundedRect(QRectF(gate - 20, centre - 84, 40, 58), 5, 5);
    painter.setPen(QPen(withOpacity(tokens.onFill, 0.55), 2));
    for (const qreal line : {-70.0, -55.0, -40.0})
        painter.drawLine(QPointF(gate - 14, centre + line), QPointF(gate + 14, centre + line));
    painter.setPen(Qt::NoPen);
    painter.setBrush(withOpacity(tokens.onFill, 0.96));
    for (const qreal post : {-34.0, 22.0})
        painter.drawRoundedRect(QRectF(gate + post, centre - 92, 12, 184), 6, 6);
}

void BrandPanel::paintWords(QPainter& painter) const
{
    const Tokens& tokens = darkTokens();
    paintLogo(painter, QRectF(marginPx, marginPx, 32, 32), tokens.accentFill, tokens.onFill);
    painter.setPen(tokens.onFill);
    painter.setFont(textFont(TextRole::Title));
    painter.drawText(QRectF(marginPx + 44, marginPx - 16, width() - 2 * marginPx - 44, 64),
                     Qt::AlignLeft | Qt::AlignVCenter, QStringLiteral("Headgate"));
    // From the bottom up, each as high as its lines need.
    qreal bottom = height() - marginPx;
    const auto place = [&](TextRole role, double opacity, const QString& words, int space) {
        painter.setFont(textFont(role));
        painter.setPen(withOpacity(tokens.onFill, opacity));
        const QRectF room(marginPx, 0, width() - 2 * marginPx, height());
        const qreal high = painter.boundingRect(room, Qt::AlignLeft | Qt::TextWordWrap, words).height();
        painter.drawText(QRectF(room.left(), bottom - high, room.width(), high + 2), Qt::AlignLeft | Qt::TextWordWrap,
                         words);
        bottom -= high + space;
    };
    place(TextRole::Caption, 0.66, tr("%1, GPL-3.0-or-later").arg(format::fileVersion()), scaled(40));
    place(TextRole::Body, 0.82,
          tr("Run live streaming on this machine first. The same console and the same engine then run it in "
             "ten regions."),
          scaled(10));
    place(TextRole::Display, 1.0, tr("Capacity before the crowd."), 0);
}

}  // namespace headgate
