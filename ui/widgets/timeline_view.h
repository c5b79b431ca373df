#pragma once

#include "ui/widgets/timeline_drag.h"
#include "ui/widgets/timeline_painter.h"

#include <QAbstractScrollArea>
#include <QPoint>

#include <array>
#include <optional>
#include <set>

namespace headgate {

// The plan over time: node groups and their pools as rows; overlays, schedules, bounds, wanted and real nodes of each.
// Zooms and moves by wheel, drag and keys; overlays are made, moved and given other ends by drag and keys, which only
// proposes: the plan is not touched. All painted; rows and bars are a table to screen readers.
class TimelineView : public QAbstractScrollArea
{
    Q_OBJECT

public:
    enum class Editing
    {
        Off,
        On
    };

    explicit TimelineView(QWidget* parent = nullptr);

    void setScene(TimelineScenePtr scene);
    const TimelineScenePtr& scene() const { return m_picture.scene; }
    void setFacts(std::map<PoolKey, TimelineFacts> facts);
    void setNow(Instant now);
    void setZones(AxisZone event, AxisZone mine);
    const AxisZone& eventZone() const { return m_picture.eventZone; }
    const AxisZone& myZone() const { return m_picture.myZone; }
    void setEditing(Editing editing);
    // Takes the place left of the axis' upper line.
    void setZoneChoice(QWidget* choice);

    const TimeAxis& axis() const { return m_picture.axis; }
    void setAxis(const TimeAxis& axis);
    void showSpan(seconds span);  // around now if that can be seen, else around the middle
    void showNow();
    void showInstant(Instant t);
    void moveBy(double screens);

    // Marks the bars of the item, and the row.
    void select(const std::optional<PlanItemKey>& item, const std::optional<PoolKey>& row);
    const std::optional<PlanItemKey>& selectedItem() const { return m_picture.selected; }
    // Of the bars of the selected item the one that was chosen: its start.
    const std::optional<Instant>& chosenStart() const { return m_chosenStart; }
    const std::optional<PoolKey>& currentRow() const { return m_picture.current; }
    bool isDragging() const { return m_drag.has_value(); }
    // False if nothing is being dragged.
    bool cancelDrag();

    // In the viewport.
    TimelineHit hitAt(QPoint at) const;
    QRect barRect(const PlanItemKey& item, const PoolKey& row) const;
    QString wordsAt(QPoint at) const;  // what a tooltip says there

    // What is shown as lines of a table: each row, and each bar that can be seen.
    struct Line
    {
        std::array<QString, 4> cells;  // as lineTitles()
        QRect place;                   // in the viewport
        bool isSelected = false;
    };
    const std::vector<Line>& lines() const;
    static QStringList lineTitles();
    QString asTable() const;  // tab-separated, for the clipboard

    const TimelineLayout& layout() const { return m_picture.layout; }
    QRect rowRect(int row) const;  // in the viewport
    // All rows, as high as they are, for pictures.
    void paintWhole(QPainter& painter, const Tokens& tokens, QSize size) const;
    int wholeHeight() const;

Q_SIGNALS:
    void axisChanged();
    // By pointer or key; without an item the row alone.
    void chosen(const std::optional<headgate::PlanItemKey>& item, const headgate::PoolKey& row);
    void activated(const std::optional<headgate::PlanItemKey>& item, const headgate::PoolKey& row);
    void drawn(const headgate::PoolKey& row, headgate::Instant from, headgate::Instant to);
    void moved(const headgate::PlanItemKey& overlay, headgate::Instant from, headgate::Instant to);
    void deletionRequested(const headgate::PlanItemKey& item);

protected:
    bool viewportEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    struct Press
    {
        QPoint at;
        TimeAxis axis;  // as it was then
        TimelineHit hit;
        Instant held;
        int scrolled = 0;
        bool isPan = false;
    };

    void refresh();
    std::vector<Line> makeLines() const;
    QPointF contentPoint(QPoint at) const;
    double axisX(double x) const { return x - TimelineLayout::labelWidth(); }
    void relayout();
    void updateScrollBars();
    void updateCursor(QPoint at, Qt::KeyboardModifiers modifiers);
    void beginDrag(const Press& press);
    void dragTo(QPoint at, Qt::KeyboardModifiers modifiers);
    void pan(QPoint at);
    void showGhost(int row, int lane, const std::optional<PlanItemKey>& moved);
    // Makes a group, or a crowded row, smaller or larger.
    void toggle(const PoolKey& row);
    QString moreWords(int row, QPoint at) const;
    void choose(int row, const TimelineBar* bar);
    void goToRow(int step);
    void goToBar(int step);
    void nudge(QKeyEvent& event);
    bool takeKey(QKeyEvent& event);
    void ensureVisible(int row);
    const TimelineBar* selectedBar() const;
    QString wordsOf(const TimelineBar& bar, const TimelineRow& row) const;

    TimelinePicture m_picture;
    TimelineDetails m_details;  // of it
    Editing m_editing = Editing::Off;
    std::optional<Press> m_press;
    std::optional<TimelineDrag> m_drag;
    std::optional<Instant> m_chosenStart;
    mutable std::optional<std::vector<Line>> m_lines;  // as painted last
    QWidget* m_zoneChoice = nullptr;
};

}  // namespace headgate
