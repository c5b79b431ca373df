#include "ui/widgets/curve_editor.h"

#include "ui/format.h"
#include "ui/shell/theme.h"
#include "ui/widgets/figures.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace headgate {

namespace {

constexpr int axisWidth = 52;
constexpr int axisHeight = 18;
constexpr int laneHeight = 22;  // of the bar
constexpr double reach = 9;     // of the pointer
constexpr int snapS = 300;
constexpr int keyStepS = 900;
constexpr std::size_t mostPoints = 96;
constexpr std::size_t mostUndo = 100;

int snapped(int seconds)
{
    return (seconds + snapS / 2) / snapS * snapS;
}

// 1, 2, 2.5 or 5 times a power of ten.
int roundedUp(int value)
{
    const double power = std::pow(10, std::floor(std::log10(std::max(10, value))));
    for (const double step : {1.0, 2.0, 2.5, 5.0})
        if (step * power >= value)
            return static_cast<int>(step * power);
    return static_cast<int>(10 * power);
}

}  // namespace

CurveEditor::CurveEditor(QWidget* parent) : QWidget(parent)
{
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Viewers over time"));
    setCursor(Qt::CrossCursor);
    describe();
}

void CurveEditor::setCurve(std::vector<ViewersAt> curve)
{
    m_before.clear();
    m_after.clear();
    m_curve = std::move(curve);
    m_selected = std::min(m_selected, m_curve.size() - 1);
    fitScale();
    describe();
    update();
}

void CurveEditor::setTime(TimePoint start, int durationS)
{
    m_start = start;
    m_durationS = durationS;
    update();
}

void CurveEditor::setBar(std::optional<ExpectedBar> bar)
{
    if (bar == m_bar)
        return;
    m_bar = bar;
    update();
}

void CurveEditor::setScrubber(int atS)
{
    m_scrubberS = atS;
    update();
}

bool CurveEditor::undo()
{
    if (m_before.empty())
        return false;
    m_after.push_back(std::exchange(m_curve, std::move(m_before.back())));
    m_before.pop_back();
    changed();
    return true;
}

bool CurveEditor::redo()
{
    if (m_after.empty())
        return false;
    m_before.push_back(std::exchange(m_curve, std::move(m_after.back())));
    m_after.pop_back();
    changed();
    return true;
}

void CurveEditor::remember()
{
    m_before.push_back(m_curve);
    if (m_before.size() > mostUndo)
        m_before.erase(m_before.begin());
    m_after.clear();
}

void CurveEditor::changed()
{
    m_selected = std::min(m_selected, m_curve.size() - 1);
    if (!m_isDraggingPoint)
        fitScale();
    describe();
    update();
    Q_EMIT curveChanged();
}

void CurveEditor::fitScale()
{
    const auto most = std::ranges::max_element(m_curve, {}, &ViewersAt::viewers);
    m_top = roundedUp(std::max(100, most->viewers + most->viewers / 5));
}

void CurveEditor::describe()
{
    const ViewersAt& point = m_curve[m_selected];
    setAccessibleDescription(
        tr("Point %1 of %2: %3 viewers at %4")
            .arg(m_selected + 1)
            .arg(m_curve.size())
            .arg(format::count(point.viewers), format::clock(m_start + std::chrono::seconds(point.atS))));
}

// --- Geometry. ---

QRectF CurveEditor::plot() const
{
    return QRectF(rect()).adjusted(scaled(axisWidth), scaled(laneHeight) + 6, -10, -scaled(axisHeight) - 2);
}

QMargins CurveEditor::plotMargins() const
{
    constexpr int half = 7;  // of the handle of what stands below
    return {scaled(axisWidth) - half, 0, 10 - half, 0};
}

QPointF CurveEditor::placeOf(const ViewersAt& point) const
{
    const QRectF area = plot();
    return {area.left() + area.width() * point.atS / m_durationS,
            area.bottom() - area.height() * point.viewers / m_top};
}

int CurveEditor::secondsAt(double x) const
{
    const QRectF area = plot();
    const double share = std::clamp((x - area.left()) / std::max(1.0, area.width()), 0.0, 1.0);
    return std::min(snapped(static_cast<int>(share * m_durationS)), m_durationS);
}

// Above the plot it goes on, so that a drag can make the curve higher than it ever was.
int CurveEditor::viewersOf(double y) const
{
    const QRectF area = plot();
    const double viewers = (area.bottom() - y) / std::max(1.0, area.height()) * m_top;
    const int step = std::max(1, m_top / 200);
    return std::clamp(static_cast<int>(std::lround(viewers / step)) * step, 0, mostViewers);
}

QRectF CurveEditor::barRect() const
{
    if (!m_bar)
        return {};
    const double left = placeOf({m_bar->fromS, 0}).x();
    const double right = placeOf({std::min(m_bar->toS, m_durationS), 0}).x();
    return {left, 2, std::max(12.0, right - left), double(scaled(laneHeight)) - 2};
}

std::optional<std::size_t> CurveEditor::pointNear(QPointF place) const
{
    std::optional<std::size_t> nearest;
    double distance = reach;
    for (std::size_t i = 0; i < m_curve.size(); ++i) {
        const QPointF off = placeOf(m_curve[i]) - place;
        if (const double length = std::hypot(off.x(), off.y()); length <= distance) {
            nearest = i;
            distance = length;
        }
    }
    return nearest;
}

// --- What is done to it. ---

// Between its neighbours; the first one stays at 0.
void CurveEditor::movePoint(ViewersAt to)
{
    ViewersAt& point = m_curve[m_selected];
    const int least = m_selected == 0 ? 0 : m_curve[m_selected - 1].atS + snapS;
    const int most = m_selected + 1 == m_curve.size() ? m_durationS : m_curve[m_selected + 1].atS - snapS;
    to.atS = m_selected == 0 ? 0 : std::clamp(to.atS, least, std::max(least, most));
    to.viewers = std::clamp(to.viewers, 0, mostViewers);
    if (to == point)
        return;
    point = to;
    changed();
}

void CurveEditor::addPoint(ViewersAt point)
{
    if (m_curve.size() >= mostPoints)
        return;
    const auto after = std::ranges::find_if(m_curve, [&](const ViewersAt& each) { return each.atS >= point.atS; });
    m_selected = static_cast<std::size_t>(after - m_curve.begin());
    if (after != m_curve.end() && after->atS == point.atS)
        after->viewers = point.viewers;
    else
        m_curve.insert(after, point);
    changed();
}

void CurveEditor::removePoint()
{
    if (m_selected == 0)
        return;
    remember();
    m_curve.erase(m_curve.begin() + static_cast<std::ptrdiff_t>(m_selected));
    changed();
}

void CurveEditor::step(int laterS, int viewers)
{
    remember();
    const ViewersAt& point = m_curve[m_selected];
    movePoint({point.atS + laterS, point.viewers + viewers});
}

void CurveEditor::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton)
        return;
    if (barRect().contains(event->position())) {
        m_barGripS = secondsAt(event->position().x()) - m_bar->fromS;
        return;
    }
    remember();
    m_isDraggingPoint = true;
    if (const auto near = pointNear(event->position())) {
        m_selected = *near;
        describe();
        update();
    } else {
        addPoint({secondsAt(event->position().x()), viewersOf(event->position().y())});
    }
}

void CurveEditor::mouseMoveEvent(QMouseEvent* event)
{
    if (m_isDraggingPoint)
        return movePoint({secondsAt(event->position().x()), viewersOf(event->position().y())});
    if (!m_barGripS)
        return;
    const int length = m_bar->toS - m_bar->fromS;
    ExpectedBar moved = *m_bar;
    moved.fromS = std::clamp(snapped(secondsAt(event->position().x()) - *m_barGripS), 0, m_durationS - snapS);
    moved.toS = moved.fromS + length;
    if (moved == *m_bar)
        return;
    m_bar = moved;
    update();
    Q_EMIT barMoved(moved);
}

void CurveEditor::mouseReleaseEvent(QMouseEvent*)
{
    // A click on a point changed nothing.
    if (m_isDraggingPoint && !m_before.empty() && m_before.back() == m_curve)
        m_before.pop_back();
    m_isDraggingPoint = false;
    m_barGripS.reset();
    fitScale();
    update();
}

void CurveEditor::keyPressEvent(QKeyEvent* event)
{
    const bool isShift = event->modifiers() & Qt::ShiftModifier;
    const int viewers = std::max(1, m_top / 50);
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Right: {
        const bool isRight = event->key() == Qt::Key_Right;
        if (isShift)
            return step(isRight ? keyStepS : -keyStepS, 0);
        m_selected = isRight ? std::min(m_selected + 1, m_curve.size() - 1) : m_selected - (m_selected > 0 ? 1 : 0);
        describe();
        return update();
    }
    case Qt::Key_Up:
        return step(0, viewers);
    case Qt::Key_Down:
        return step(0, -viewers);
    case Qt::Key_Delete:
    case Qt::Key_Backspace:
        return removePoint();
    case Qt::Key_Insert: {
        const int from = m_curve[m_selected].atS;
        const int to = m_selected + 1 < m_curve.size() ? m_curve[m_selected + 1].atS : m_durationS;
        const int middle = snapped((from + to) / 2);
        if (middle <= from || middle >= to)
            return;
        remember();
        return addPoint({middle, viewersAt(m_curve, middle)});
    }
    default:
        QWidget::keyPressEvent(event);
    }
}

// --- Painting. ---

QSize CurveEditor::sizeHint() const
{
    return {scaled(560), scaled(190)};
}

QSize CurveEditor::minimumSizeHint() const
{
    return {scaled(280), scaled(150)};
}

void CurveEditor::paintEvent(QPaintEvent*)
{
    const Tokens& t = tokensOf(this);
    QPainter painter(this);
    paintAxes(painter);
    painter.setRenderHint(QPainter::Antialiasing);
    paintBar(painter);
    paintCurve(painter);
    const double x = placeOf({m_scrubberS, 0}).x();
    painter.fillRect(QRectF(x - 0.8, plot().top(), 1.6, plot().height()), t.pending.text);
    if (!hasFocus())
        return;
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(t.accent, 2));
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 6, 6);
}

void CurveEditor::paintAxes(QPainter& painter) const
{
    const Tokens& t = tokensOf(this);
    const QRectF area = plot();
    painter.setFont(textFont(TextRole::Caption));
    constexpr int lines = 4;
    for (int i = 0; i <= lines; ++i) {
        const int viewers = static_cast<int>(std::int64_t(m_top) * i / lines);
        const double y = std::round(placeOf({0, viewers}).y());
        painter.fillRect(QRectF(area.left(), y, area.width(), 1), i == 0 ? t.borderStrong : t.border);
        painter.setPen(t.text3);
        drawFigures(painter, QRectF(0, y - 9, area.left() - 8, 18), Qt::AlignRight | Qt::AlignVCenter,
                    format::compactCount(viewers));
    }
    const int every = area.width() > scaled(520) ? m_durationS / 8 : m_durationS / 4;
    for (int at = 0; at <= m_durationS; at += every) {
        const double x = placeOf({at, 0}).x();
        const QString text = format::timeOnly(m_start + std::chrono::seconds(at)).left(5);
        const double left = std::min(x - 30, width() - 61.0);
        drawFigures(painter, QRectF(left, area.bottom() + 3, 60, scaled(axisHeight)), Qt::AlignHCenter | Qt::AlignTop,
                    text);
    }
}

void CurveEditor::paintCurve(QPainter& painter) const
{
    const Tokens& t = tokensOf(this);
    const QRectF area = plot();
    QPolygonF line;
    for (const ViewersAt& point : m_curve)
        line << placeOf(point);
    line << QPointF(area.right(), line.last().y());
    painter.save();
    painter.setClipRect(area.adjusted(-6, -6, 6, 6));
    QPainterPath below;
    below.addPolygon(line);
    below.lineTo(area.right(), area.bottom());
    below.lineTo(area.left(), area.bottom());
    painter.fillPath(below, withOpacity(t.chart[0], t.areaOpacity));
    painter.setPen(QPen(t.chart[0], 2, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin));
    painter.drawPolyline(line);
    for (std::size_t i = 0; i < m_curve.size(); ++i) {
        const bool isSelected = i == m_selected && hasFocus();
        painter.setPen(QPen(t.chart[0], 1.6));
        painter.setBrush(isSelected ? t.chart[0] : t.surface);
        painter.drawEllipse(placeOf(m_curve[i]), isSelected ? 5.5 : 4, isSelected ? 5.5 : 4);
    }
    painter.restore();
}

void CurveEditor::paintBar(QPainter& painter) const
{
    if (!m_bar)
        return;
    const Tokens& t = tokensOf(this);
    const QRectF bar = barRect();
    painter.setPen(QPen(t.chart[1], 1));
    painter.setBrush(mixed(t.chart[1], t.surface, t.isDark ? 0.26 : 0.15));
    painter.drawRoundedRect(bar.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
    painter.fillRect(QRectF(bar.left(), bar.top() + 1, 3, bar.height() - 2), t.chart[1]);
    const QFontMetrics metrics(textFont(TextRole::Caption));
    const QString text = tr("%1 viewers expected").arg(format::count(m_bar->viewers));
    const QRectF inside = bar.adjusted(9, 0, -6, 0);
    const bool fits = metrics.horizontalAdvance(text) <= inside.width();
    const bool isLate = bar.right() + metrics.horizontalAdvance(text) + 8 > width();
    painter.setFont(textFont(TextRole::Caption));
    painter.setPen(t.text1);
    const QRectF beside = isLate ? QRectF(0, bar.top(), bar.left() - 6, bar.height())
                                 : QRectF(bar.right() + 6, bar.top(), width() - bar.right() - 6, bar.height());
    drawFigures(painter, fits ? inside : beside, (!fits && isLate ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter,
                text);
}

}  // namespace headgate
