#include "ui/pages/timeline_legend.h"

#include "ui/shell/theme.h"

#include <QPainter>

#include <array>

namespace headgate {

namespace {

constexpr int samplePx = 20;
constexpr int gapPx = 16;

struct Entry
{
    QString name;
    QColor colour;
    double width;
    bool isDashed;
};

std::array<Entry, 4> entries(const Tokens& t)
{
    return {Entry{TimelineLegend::tr("Actual"), t.chart[2], 2.2, false},
            Entry{TimelineLegend::tr("Planned"), t.chart[2], 2, true},
            Entry{TimelineLegend::tr("Min"), t.text3, 1, false}, Entry{TimelineLegend::tr("Max"), t.text3, 1, true}};
}

}  // namespace

TimelineLegend::TimelineLegend(QWidget* parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    setAccessibleName(tr("Lines: actual, planned, least and most nodes"));
}

QSize TimelineLegend::sizeHint() const
{
    const QFontMetrics metrics(textFont(TextRole::Caption));
    int width = 0;
    for (const Entry& entry : entries(tokensOf(this)))
        width += samplePx + 6 + metrics.horizontalAdvance(entry.name) + gapPx;
    return {width, lineHeight(TextRole::Caption)};
}

// Where there is no room the figures speak for themselves.
QSize TimelineLegend::minimumSizeHint() const
{
    return {0, lineHeight(TextRole::Caption)};
}

void TimelineLegend::paintEvent(QPaintEvent*)
{
    if (width() < sizeHint().width())
        return;
    const Tokens& t = tokensOf(this);
    QPainter painter(this);
    painter.setFont(textFont(TextRole::Caption));
    int x = 0;
    for (const Entry& entry : entries(t)) {
        QPen pen(entry.colour, entry.width, Qt::SolidLine, Qt::FlatCap);
        if (entry.isDashed)
            pen.setDashPattern({3, 2});
        painter.setPen(pen);
        painter.drawLine(QPointF(x, height() / 2.0), QPointF(x + samplePx, height() / 2.0));
        x += samplePx + 6;
        painter.setPen(t.text2);
        const int wide = painter.fontMetrics().horizontalAdvance(entry.name);
        painter.drawText(QRect(x, 0, wide + 2, height()), Qt::AlignVCenter, entry.name);
        x += wide + gapPx;
    }
}

}  // namespace headgate
