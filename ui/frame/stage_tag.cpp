#include "ui/frame/stage_tag.h"

#include "ui/shell/theme.h"

#include <QPainter>

namespace headgate {

QString wordOf(ClusterStage stage)
{
    switch (stage) {
    case ClusterStage::Lab:
        return StageTag::tr("Lab");
    case ClusterStage::Staging:
        return StageTag::tr("Staging");
    case ClusterStage::Production:
        return StageTag::tr("Production");
    }
    return {};
}

StageTag::StageTag(QWidget* parent) : QAbstractButton(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setToolTip(tr("How careful one has to be with this cluster"));
    setStage(ClusterStage::Lab);
}

void StageTag::setStage(ClusterStage stage)
{
    m_stage = stage;
    setText(wordOf(stage));
    setAccessibleName(tr("Stage: %1").arg(text()));
    updateGeometry();
    update();
}

QSize StageTag::sizeHint() const
{
    const QFontMetrics metrics(textFont(TextRole::CaptionStrong));
    return {metrics.horizontalAdvance(text()) + 16, scaled(24)};
}

void StageTag::paintEvent(QPaintEvent*)
{
    const Tokens& t = tokensOf(this);
    const bool isProduction = m_stage == ClusterStage::Production;
    const StatusColours& colours = m_stage == ClusterStage::Staging ? t.pending : t.off;
    const QRectF tag = QRectF(rect()).adjusted(1, 2, -1, -2);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(hasFocus() ? QPen(t.accent, 2) : QPen(Qt::NoPen));
    painter.setBrush(isProduction ? t.airFill : colours.pill);
    painter.drawRoundedRect(tag, 4, 4);
    painter.setFont(textFont(TextRole::CaptionStrong));
    painter.setPen(isProduction ? t.onFill : colours.text);
    painter.drawText(tag, Qt::AlignCenter, text());
}

}  // namespace headgate
