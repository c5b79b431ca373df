#include "ui/widgets/region_map.h"

#include "ui/shell/stale.h"
#include "ui/shell/theme.h"
#include "ui/widgets/land_grid.h"
#include "ui/widgets/status_glyph.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace headgate {

namespace {

constexpr double west = -171;
constexpr double east = 180;
constexpr double south = -56;
constexpr double nearDot = 6;  // where a label would be taken for another one's
constexpr double dotRadius = 5;

// The picture keeps its proportions: degrees are square.
QRectF mapRect(const QSize& size)
{
    const double scale = std::min(size.width() / (east - west), size.height() / (landTop + 2 - south));
    QRectF rect(0, 0, (east - west) * scale, (landTop + 2 - south) * scale);
    rect.moveCenter(QRectF(QPointF(0, 0), QSizeF(size)).center());
    return rect;
}

QPointF project(const QRectF& map, double latitude, double longitude)
{
    return {map.left() + (longitude - west) / (east - west) * map.width(),
            map.top() + (landTop + 2 - latitude) / (landTop + 2 - south) * map.height()};
}

}  // namespace

RegionMap::RegionMap(QWidget* parent) : QWidget(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Map of regions"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void RegionMap::setClick(MapClick click)
{
    m_click = click;
    setCursor(click == MapClick::GivesPlace ? Qt::CrossCursor : Qt::ArrowCursor);
}

void RegionMap::setRegions(std::vector<MapRegion> regions)
{
    if (regions == m_regions)
        return;
    m_regions = std::move(regions);
    m_current = std::min(m_current, static_cast<int>(m_regions.size()) - 1);
    QStringList words;
    for (const MapRegion& region : m_regions)
        words << region.name + ' ' + region.caption;
    setAccessibleDescription(words.join(QStringLiteral(", ")));
    layOutLabels();
    update();
}

QSize RegionMap::sizeHint() const
{
    return {scaled(720), scaled(270)};
}

QSize RegionMap::minimumSizeHint() const
{
    return {scaled(300), scaled(140)};
}

QPointF RegionMap::positionOf(const MapRegion& region) const
{
    return project(mapRect(size()), region.latitude, region.longitude);
}

void RegionMap::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    layOutLabels();
}

// Each label takes the first place around its dot that meets no label before it and comes near no other dot.
void RegionMap::layOutLabels()
{
    m_labels.clear();
    const QFontMetricsF strong(textFont(TextRole::CaptionStrong));
    const QFontMetricsF plain(textFont(TextRole::Caption));
    std::vector<QRectF> taken;
    for (const MapRegion& region : m_regions)
        taken.emplace_back(positionOf(region) - QPointF(8, 8), QSizeF(16, 16));
    const auto isNearOtherDot = [&](const QRectF& candidate, std::size_t own) {
        const QRectF around = candidate.adjusted(-nearDot, 0, nearDot, 0);
        for (std::size_t i = 0; i < m_regions.size(); ++i)
            if (i != own && taken[i].intersects(around))
                return true;
        return false;
    };
    for (std::size_t i = 0; i < m_regions.size(); ++i) {
        const QPointF at = positionOf(m_regions[i]);
        const double width =
            strong.horizontalAdvance(m_regions[i].name) + 5 + plain.horizontalAdvance(m_regions[i].caption) + 2;
        const double height = strong.height();
        const QPointF places[] = {{at.x() + 13, at.y() - height / 2}, {at.x() - 13 - width, at.y() - height / 2},
                                  {at.x() - width / 2, at.y() + 11},  {at.x() - width / 2, at.y() - 11 - height},
                                  {at.x() + 13, at.y() + 6},          {at.x() - 13 - width, at.y() + 6},
                                  {at.x() + 13, at.y() - 6 - height}};
        // A label of a region in which nobody is gives way where there is no room.
        QRectF best(places[0], m_regions[i].weight > 0 ? QSizeF(width, height) : QSizeF());
        for (const QPointF& place : places) {
            const QRectF candidate(place, QSizeF(width, height));
            const bool isFree = QRectF(rect()).contains(candidate) && !isNearOtherDot(candidate, i) &&
                                std::none_of(taken.begin(), taken.end(),
                                             [&](const QRectF& other) { return other.intersects(candidate); });
            if (!isFree)
                continue;
            best = candidate;
            break;
        }
        taken.push_back(best);
        m_labels.push_back(best);
    }
}

void RegionMap::paintLand(QPainter& painter) const
{
    const QRectF map = mapRect(size());
    const double cell = map.width() / (east - west) * landStep;
    const double radius = std::clamp(cell * 0.29, 0.8, 2.2);
    painter.setPen(Qt::NoPen);
    painter.setBrush(tokensOf(this).mapLand);
    for (int row = 0; row < landRows; ++row)
        for (int column = 0; column < landColumns; ++column) {
            const double longitude = -180 + (column + 0.5) * landStep;
            if (longitude > west && isLand(row, column))
                painter.drawEllipse(project(map, landTop - row * landStep, longitude), radius, radius);
        }
}

void RegionMap::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    paintLand(painter);
    double largest = 0;
    for (const MapRegion& region : m_regions)
        largest = std::max(largest, region.weight);
    // Where regions are near each other, the one that matters lies on top.
    for (const bool isOff : {true, false})
        for (std::size_t i = 0; i < m_regions.size(); ++i)
            if ((m_regions[i].status == Status::Off) == isOff)
                paintRegion(painter, i, largest);
}

void RegionMap::paintRegion(QPainter& painter, std::size_t i, double largest) const
{
    const MapRegion& region = m_regions[i];
    const Tokens& t = tokensOf(this);
    const bool isStale = showsStale(this);
    const QPointF at = positionOf(region);
    const bool isHealthy = region.status == Status::Ok || region.status == Status::OnAir;
    const QColor colour = isStale ? t.off.text : isHealthy ? t.chart[0] : t.of(region.status).text;
    const double halo = largest > 0 ? 9 + 15 * std::sqrt(region.weight / largest) : 9;
    painter.setPen(Qt::NoPen);
    painter.setBrush(withOpacity(colour, t.isDark ? 0.30 : 0.22));
    if (region.weight > 0)
        painter.drawEllipse(at, halo, halo);
    if (isHealthy || isStale) {
        painter.setBrush(t.surface);
        painter.drawEllipse(at, dotRadius + 1.5, dotRadius + 1.5);
        painter.setBrush(colour);
        painter.drawEllipse(at, dotRadius, dotRadius);
    } else {
        painter.setBrush(t.surface);
        painter.drawEllipse(at, 8.5, 8.5);
        paintGlyph(painter, QRectF(at - QPointF(7, 7), QSizeF(14, 14)), region.status, t);
    }
    if (static_cast<int>(i) == m_current && hasFocus()) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(t.accent, 2));
        painter.drawEllipse(at, 11, 11);
    }
    const QRectF& label = m_labels[i];
    if (label.isEmpty())
        return;
    painter.setFont(textFont(TextRole::CaptionStrong));
    painter.setPen(isStale ? t.text2 : t.text1);
    painter.drawText(label, Qt::AlignLeft | Qt::AlignVCenter, region.name);
    const double after = painter.fontMetrics().horizontalAdvance(region.name) + 5;
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(t.text2);
    painter.drawText(label.adjusted(after, 0, 4, 0), Qt::AlignLeft | Qt::AlignVCenter, region.caption);
}

void RegionMap::mousePressEvent(QMouseEvent* event)
{
    if (m_click == MapClick::GivesPlace) {
        const QRectF map = mapRect(size());
        const QPointF at = event->position() - map.topLeft();
        const double latitude = landTop + 2 - at.y() / map.height() * (landTop + 2 - south);
        const double longitude = west + at.x() / map.width() * (east - west);
        Q_EMIT placeGiven(std::round(std::clamp(latitude, -90.0, 90.0) * 10) / 10,
                          std::round(std::clamp(longitude, -180.0, 180.0) * 10) / 10);
        return;
    }
    for (std::size_t i = 0; i < m_regions.size(); ++i) {
        const QPointF away = event->position() - positionOf(m_regions[i]);
        if (std::hypot(away.x(), away.y()) > 13 && !m_labels[i].contains(event->position()))
            continue;
        m_current = static_cast<int>(i);
        update();
        Q_EMIT regionActivated(m_regions[i].id);
        return;
    }
    QWidget::mousePressEvent(event);
}

void RegionMap::keyPressEvent(QKeyEvent* event)
{
    const int count = static_cast<int>(m_regions.size());
    if (count == 0) {
        QWidget::keyPressEvent(event);
        return;
    }
    if (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right) {
        const int step = event->key() == Qt::Key_Right ? 1 : count - 1;
        m_current = m_current < 0 ? 0 : (m_current + step) % count;
        update();
        return;
    }
    if ((event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) && m_current >= 0) {
        Q_EMIT regionActivated(m_regions[static_cast<std::size_t>(m_current)].id);
        return;
    }
    QWidget::keyPressEvent(event);
}

}  // namespace headgate
