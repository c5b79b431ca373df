#pragma once

#include "ui/shell/tokens.h"

#include <QWidget>

#include <vector>

namespace headgate {

struct MapRegion
{
    QString id;
    QString name;     // "Frankfurt"
    QString caption;  // "61.2k"
    double latitude = 0;
    double longitude = 0;
    Status status = Status::Ok;
    double weight = 0;  // the halo's area grows with it, relative to the largest
    bool operator==(const MapRegion&) const = default;
};

// What a click on the map means.
enum class MapClick
{
    ChoosesRegion,
    GivesPlace
};

// Land as dots, one per 2.45 degrees, and the regions on it. Left and Right choose a region, Enter or a click tells.
class RegionMap : public QWidget
{
    Q_OBJECT

public:
    explicit RegionMap(QWidget* parent = nullptr);
    void setRegions(std::vector<MapRegion> regions);
    const std::vector<MapRegion>& regions() const { return m_regions; }
    void setClick(MapClick click);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void regionActivated(const QString& id);
    void placeGiven(double latitude, double longitude);  // degrees, to a tenth

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QPointF positionOf(const MapRegion& region) const;
    void layOutLabels();
    void paintLand(QPainter& painter) const;
    void paintRegion(QPainter& painter, std::size_t i, double largest) const;

    std::vector<MapRegion> m_regions;
    std::vector<QRectF> m_labels;
    MapClick m_click = MapClick::ChoosesRegion;
    int m_current = -1;
};

}  // namespace headgate
