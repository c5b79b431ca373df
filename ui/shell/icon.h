#pragma once

#include <QColor>
#include <QIcon>
#include <QPixmap>
#include <QString>

class QPainter;
class QRectF;

namespace headgate {

// The named drawing of resources/icons in one colour, `px` logical pixels square. Cached by (name, colour, px, dpr).
QPixmap icon(const QString& name, const QColor& colour, int px, qreal devicePixelRatio = 1.0);

// Which token an icon takes its colour from each time it is painted, so that it follows the theme by itself.
enum class IconTone
{
    Secondary,
    Primary,
    Accent,
    OnFill,
    Critical
};

QIcon themedIcon(const QString& name, IconTone tone = IconTone::Secondary);

void paintIcon(QPainter& painter, const QRectF& rect, const QString& name, const QColor& colour);

// The product's mark: a filled square with a white H whose bar is a wave.
void paintLogo(QPainter& painter, const QRectF& rect, const QColor& fill, const QColor& mark);
QIcon windowIcon();

}  // namespace headgate
