#pragma once

#include "ui/shell/tokens.h"
#include "ui/widgets/timeline_detail.h"

#include <QString>
#include <QTimeZone>

#include <map>
#include <optional>
#include <vector>

class QDateTime;
class QPainter;

namespace headgate {

// A zone for reading: its rules, and its words.
struct AxisZone
{
    QTimeZone zone = QTimeZone::utc();
    ZoneRules rules;
};

struct NodeCount
{
    Instant at;
    int nodes = 0;

    bool operator==(const NodeCount&) const = default;
};

// What is known about a row besides its plan.
struct TimelineFacts
{
    Status status = Status::Off;
    QString second;                 // "edge · 44 of 48, max 60"; beside the name of a group: "71 nodes"
    std::vector<NodeCount> actual;  // by time
    seconds longestStep{0};         // a longer one between two counts means that there was no data
};

// A bar that is being dragged.
struct TimelineGhost
{
    int row = 0;
    int lane = 0;
    Instant start;
    Instant end;
    std::optional<PlanItemKey> moved;  // what it was

    bool operator==(const TimelineGhost&) const = default;
};

// All that is to be seen on a timeline.
struct TimelinePicture
{
    TimelineScenePtr scene;  // never null while it is painted
    TimelineLayout layout;
    TimeAxis axis;
    AxisZone eventZone;
    AxisZone myZone;
    Instant now;
    std::map<PoolKey, TimelineFacts> facts;
    std::optional<PlanItemKey> selected;
    std::optional<PoolKey> current;  // row
    std::optional<TimelineGhost> ghost;
    int scrolled = 0;  // pixels of the rows that are above
    bool hasFocus = false;
    bool isStale = false;
};

// Paints a picture into the rectangle (0, 0, width, height): axis above, labels left, rows. Only what can be seen costs
// time; bars and steps that cannot be told apart are drawn together.
class TimelinePainter
{
public:
    // `details` are of the picture's scene and layout.
    TimelinePainter(const TimelinePicture& picture, TimelineDetails& details, const Tokens& tokens);

    void paint(QPainter& painter, QSize size) const;

private:
    void paintRows(QPainter& painter, QRect area) const;
    void paintGround(QPainter& painter, QRect area, int first, int last) const;
    void paintGrid(QPainter& painter, QRect area) const;
    void paintLabels(QPainter& painter, QRect area, int first, int last) const;
    void paintPoolLabel(QPainter& painter, int row, QRect box) const;
    void paintGroupLabel(QPainter& painter, int row, QRect box) const;
    void paintBars(QPainter& painter, int row) const;
    void paintLanes(QPainter& painter, int row, PlanItemKind kind) const;
    void paintBar(QPainter& painter, const QRectF& rect, const TimelineItem& item, bool hasConflict) const;
    void paintTitle(QPainter& painter, const QRectF& seen, const TimelineItem& item, bool hasConflict) const;
    void paintMore(QPainter& painter, const QRectF& rect, const TimelineRun& run) const;
    void paintSelected(QPainter& painter, int row) const;
    void paintFrame(QPainter& painter, const QRectF& rect) const;
    void paintGhost(QPainter& painter) const;
    void paintGhostTimes(QPainter& painter, QRect area) const;
    void paintSteps(QPainter& painter, int row) const;
    void paintBounds(QPainter& painter, int row, const QRectF& box) const;
    void paintPlanned(QPainter& painter, int row, const QRectF& box) const;
    void paintActual(QPainter& painter, int row, const QRectF& box) const;
    void paintNow(QPainter& painter, QRect area) const;
    void paintAxis(QPainter& painter, QRect area) const;
    void paintTick(QPainter& painter, const AxisTick& tick, QRect area) const;
    void paintShift(QPainter& painter, double x, const QDateTime& local, int height) const;
    QRectF nowBadge(int height) const;
    void paintNowBadge(QPainter& painter, int height) const;
    bool hasSecondZone() const { return m_picture.myZone.zone != m_picture.eventZone.zone; }

    double xOf(Instant t) const { return m_labelWidth + m_picture.axis.xOf(t); }
    int topOf(int row) const;
    const TimelineFacts* factsOf(const TimelineRow& row) const;
    const TimelineRow& rowAt(int row) const { return m_picture.scene->rows[static_cast<std::size_t>(row)]; }
    QColor colourOf(const TimelineItem& item) const;

    // What is seen of a bar, and some of what is not: of one that reaches far, few pixels are near.
    QRectF near(const QRectF& rect) const;
    const RowDetail& detailOf(int row) const;

    const TimelinePicture& m_picture;
    TimelineDetails& m_details;
    const Tokens& m_tokens;
    int m_labelWidth;
    Instant m_nowMinute;  // without its seconds
    TickStep m_step;
    std::vector<AxisTick> m_ticks;
};

}  // namespace headgate
