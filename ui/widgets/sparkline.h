#pragma once

#include "ui/shell/tokens.h"

#include <QWidget>

#include <vector>

class QPainter;

namespace headgate {

// A small line from zero with its area; no axes. NaN is a gap.
void paintSparkline(QPainter& painter, const QRectF& rect, const std::vector<float>& values, const QColor& colour,
                    const Tokens& tokens);

class Sparkline : public QWidget
{
    Q_OBJECT

public:
    explicit Sparkline(QWidget* parent = nullptr);
    void setValues(std::vector<float> values);
    void setChartColour(int index);  // 0 to 7 of the chart palette
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::vector<float> m_values;
    int m_colour = 0;
};

}  // namespace headgate
