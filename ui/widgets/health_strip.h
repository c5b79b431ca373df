#pragma once

#include "ui/format.h"

#include <QFrame>

#include <optional>
#include <vector>

namespace headgate {

struct HealthCell
{
    QString label;  // "Viewers"
    std::optional<Status> glyph;
    format::Figure figure;
    QString note;                                    // one line below
    std::vector<std::pair<Status, QString>> counts;  // instead of the note: glyph and number each
    std::vector<float> spark;
    int sparkColour = 0;
    double weight = 1;  // share of the width

    bool operator==(const HealthCell&) const = default;
};

// Cells side by side, 90 px high, that answer how things are at a glance.
class HealthStrip : public QFrame
{
    Q_OBJECT

public:
    explicit HealthStrip(QWidget* parent = nullptr);
    void setCells(std::vector<HealthCell> cells);
    const std::vector<HealthCell>& cells() const { return m_cells; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void paintCounts(QPainter& painter, const QRectF& line, const HealthCell& cell) const;
    void paintCell(QPainter& painter, const QRectF& rect, const HealthCell& cell) const;

    std::vector<HealthCell> m_cells;
};

}  // namespace headgate
