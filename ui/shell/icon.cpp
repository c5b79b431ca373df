#include "ui/shell/icon.h"

#include "ui/shell/tokens.h"

#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QPainterPath>
#include <QPixmapCache>
#include <QSvgRenderer>

namespace headgate {

namespace {

// Drawings are in "currentColor" with stroke 1.7; big ones get a thinner stroke so that they stay light.
QByteArray colouredSvg(const QString& name, const QColor& colour, int px)
{
    QFile file(":/icons/" + name + ".svg");
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QByteArray svg = file.readAll();
    svg.replace("currentColor", colour.name().toUtf8());
    if (px >= 28)
        svg.replace("stroke-width=\"1.7\"", "stroke-width=\"1.3\"");
    return svg;
}

QColor toneColour(IconTone tone, QIcon::Mode mode)
{
    const Tokens& t = tokensOf();
    if (mode == QIcon::Disabled)
        return t.text3;
    switch (tone) {
    case IconTone::Secondary:
        return t.text2;
    case IconTone::Primary:
        return t.text1;
    case IconTone::Accent:
        return t.accent;
    case IconTone::OnFill:
        return t.onFill;
    case IconTone::Critical:
        return t.critical.text;
    }
    return t.text2;
}

// Colours itself when it is painted, so that a theme switch needs no new icons.
class ThemedIconEngine : public QIconEngine
{
public:
    ThemedIconEngine(QString name, IconTone tone) : m_name(std::move(name)), m_tone(tone) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override
    {
        paintIcon(*painter, rect, m_name, toneColour(m_tone, mode));
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State) override
    {
        return icon(m_name, toneColour(m_tone, mode), qMin(size.width(), size.height()));
    }
    QPixmap scaledPixmap(const QSize& size, QIcon::Mode mode, QIcon::State, qreal scale) override
    {
        return icon(m_name, toneColour(m_tone, mode), qRound(qMin(size.width(), size.height()) / scale), scale);
    }
    QIconEngine* clone() const override { return new ThemedIconEngine(m_name, m_tone); }

private:
    QString m_name;
    IconTone m_tone;
};

class LogoEngine : public QIconEngine
{
public:
    void paint(QPainter* painter, const QRect& rect, QIcon::Mode, QIcon::State) override
    {
        paintLogo(*painter, rect, lightTokens().accentFill, lightTokens().onFill);
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, pixmap.rect(), mode, state);
        return pixmap;
    }
    QIconEngine* clone() const override { return new LogoEngine; }
};

}  // namespace

QPixmap icon(const QString& name, const QColor& colour, int px, qreal devicePixelRatio)
{
    const QString key = QString("hg-%1-%2-%3-%4").arg(name, colour.name(QColor::HexArgb)).arg(px).arg(devicePixelRatio);
    QPixmap pixmap;
    if (QPixmapCache::find(key, &pixmap))
        return pixmap;
    const int side = qRound(px * devicePixelRatio);
    pixmap = QPixmap(side, side);
    pixmap.fill(Qt::transparent);
    QSvgRenderer renderer(colouredSvg(name, colour, px));
    if (renderer.isValid()) {
        QPainter painter(&pixmap);
        renderer.render(&painter, QRectF(0, 0, side, side));
    }
    pixmap.setDevicePixelRatio(devicePixelRatio);
    QPixmapCache::insert(key, pixmap);
    return pixmap;
}

QIcon themedIcon(const QString& name, IconTone tone)
{
    return QIcon(new ThemedIconEngine(name, tone));
}

void paintIcon(QPainter& painter, const QRectF& rect, const QString& name, const QColor& colour)
{
    const int px = qRound(qMin(rect.width(), rect.height()));
    const QPixmap pixmap = icon(name, colour, px, painter.device()->devicePixelRatioF());
    QRectF target(0, 0, px, px);
    target.moveCenter(rect.center());
    painter.drawPixmap(target.topLeft().toPoint(), pixmap);
}

void paintLogo(QPainter& painter, const QRectF& rect, const QColor& fill, const QColor& mark)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(fill);
    const qreal side = rect.width();
    painter.drawRoundedRect(rect, side / 4, side / 4);
    painter.translate(rect.topLeft());
    painter.scale(side / 24, side / 24);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(mark, 2.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.drawLine(QPointF(7.4, 6.2), QPointF(7.4, 17.8));
    painter.drawLine(QPointF(16.6, 6.2), QPointF(16.6, 17.8));
    QPainterPath wave(QPointF(7.4, 11.2));
    wave.cubicTo(QPointF(10.6, 8.6), QPointF(13.4, 15.4), QPointF(16.6, 12.8));
    painter.drawPath(wave);
    painter.restore();
}

QIcon windowIcon()
{
    return QIcon(new LogoEngine);
}

}  // namespace headgate
