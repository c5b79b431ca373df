#include "core/plane/zone_files.h"
#include "tests/support/console_app.h"
#include "tests/support/sample_plan.h"
#include "ui/widgets/timeline_view.h"

#include <QAccessible>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>

#include <cmath>

using namespace headgate;
using namespace headgate::test;
using std::chrono::hours;
using std::chrono::minutes;

Q_DECLARE_METATYPE(headgate::PoolKey)
Q_DECLARE_METATYPE(headgate::PlanItemKey)
Q_DECLARE_METATYPE(headgate::Instant)
Q_DECLARE_METATYPE(std::optional<headgate::PlanItemKey>)

namespace {

const Instant now = instant("2027-06-26T18:42:18Z");
const PoolKey frankfurtEdge{NodeGroupName("eu-live"), "eu-central-1", "edge"};
const PoolKey londonEdge{NodeGroupName("eu-live"), "eu-west-2", "edge"};
const PoolKey ashburnEdge{NodeGroupName("us-live"), "us-east-1", "edge"};
const PlanItemKey doors{PlanItemKind::Overlay, "doors"};
const PlanItemKey kernel{PlanItemKind::Overlay, "kernel"};
const PlanItemKey matchday{PlanItemKind::Schedule, "matchday"};

TimelineScenePtr sceneOf(StoredPlan plan)
{
    SceneQuestion question;
    question.plan = std::make_shared<const StoredPlan>(std::move(plan));
    question.snapshot = plannedCluster();
    question.from = now - hours(72);
    question.to = now + hours(72);
    question.zones = loadZoneFile;
    return makeScene(question);
}

TimelineScenePtr sampleScene()
{
    return sceneOf(samplePlan());
}

// With so many overlays beside the one that is there.
TimelineScenePtr crowdedScene(int overlays)
{
    StoredPlan plan = samplePlan();
    for (int i = 0; i < overlays; ++i) {
        const std::string number = std::to_string(i);
        Overlay overlay =
            sampleOverlay("crowd-" + number, "Crowd " + number, {NodeGroupName("eu-live"), "eu-central-1", "edge"},
                          "2027-06-26T18:00:00Z", "2027-06-26T21:00:00Z", FloorBounds{1});
        overlay.from += minutes(10 * i);
        plan.items.push_back(stored(overlay));
    }
    return sceneOf(std::move(plan));
}

AxisZone zoneOf(const char* name)
{
    return {QTimeZone(name), loadZoneFile(name).value()};
}

}  // namespace

// The painted timeline: what lies where, what pointer and keys do to it, what is painted.
class TimelineViewTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<ConsoleApp> m_app;
    std::unique_ptr<TimelineView> m_view;

    QPoint middleOf(const PlanItemKey& item, const PoolKey& row) const { return m_view->barRect(item, row).center(); }

    // In the lanes of a row, beside its bars.
    QPoint inLanes(const PoolKey& row, Instant at) const
    {
        const QRect rect = m_view->rowRect(m_view->layout().rowOf(row));
        return {TimelineLayout::labelWidth() + static_cast<int>(m_view->axis().xOf(at)), rect.top() + 16};
    }

    void drag(QPoint from, QPoint to, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
    {
        QTest::mousePress(m_view->viewport(), Qt::LeftButton, modifiers, from);
        moveTo(from + QPoint(6, 0), modifiers);
        moveTo(to, modifiers);
    }

    void moveTo(QPoint at, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
    {
        QMouseEvent event(QEvent::MouseMove, at, m_view->viewport()->mapToGlobal(at), Qt::NoButton, Qt::LeftButton,
                          modifiers);
        QApplication::sendEvent(m_view->viewport(), &event);
    }

    void drop(QPoint at) { QTest::mouseRelease(m_view->viewport(), Qt::LeftButton, Qt::NoModifier, at); }

private Q_SLOTS:
    void init()
    {
        m_app = std::make_unique<ConsoleApp>();
        m_view = std::make_unique<TimelineView>();
        m_view->setZones(zoneOf("Europe/Berlin"), zoneOf("America/New_York"));
        m_view->setNow(now);
        m_view->resize(1232, 700);
        m_view->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_view.get()));
        m_view->setAxis(TimeAxis(now - hours(6), hours(13), 1000));
        m_view->showSpan(hours(13));
        m_view->setScene(sampleScene());
        m_view->setEditing(TimelineView::Editing::On);
        m_view->setFocus();
    }

    void cleanup()
    {
        m_view.reset();
        m_app.reset();
    }

    void rowsAreGroupsAndPools()
    {
        QStringList rows;
        for (const TimelineRow& row : m_view->scene()->rows)
            rows << QString::fromStdString(row.group.value + " " + row.subgroup + " " + row.role).trimmed();
        QCOMPARE(rows.join(QStringLiteral(", ")),
                 QString("eu-live, eu-live eu-central-1 edge, eu-live eu-central-1 origin, eu-live eu-west-2 edge, "
                         "us-live, us-live us-east-1 edge, us-live us-east-1 origin"));
    }

    void everyBarIsFoundWhereItIsPainted()
    {
        for (const auto& [item, row] : std::vector<std::pair<PlanItemKey, PoolKey>>{
                 {doors, frankfurtEdge}, {kernel, ashburnEdge}, {matchday, frankfurtEdge}, {matchday, londonEdge}}) {
            const TimelineHit hit = m_view->hitAt(middleOf(item, row));
            QVERIFY(hit.isBar());
            QCOMPARE(hit.part, TimelinePart::Bar);
            QVERIFY(m_view->scene()->itemOf(*hit.bar).key == item);
        }
        QVERIFY(m_view->barRect(doors, londonEdge).isNull());
        const QRect rect = m_view->barRect(doors, frankfurtEdge);
        QCOMPARE(m_view->hitAt({rect.left() + 1, rect.center().y()}).part, TimelinePart::BarStart);
        QCOMPARE(m_view->hitAt({rect.right(), rect.center().y()}).part, TimelinePart::BarEnd);
        QCOMPARE(m_view->hitAt({400, 10}).part, TimelinePart::Axis);
        QCOMPARE(m_view->hitAt({40, rect.center().y()}).part, TimelinePart::Label);
        QCOMPARE(m_view->hitAt({rect.center().x(), m_view->rowRect(1).bottom() - 12}).part, TimelinePart::Steps);
        QCOMPARE(m_view->hitAt(m_view->rowRect(0).center()).part, TimelinePart::Group);
    }

    void stepsFollowThePlan()
    {
        const TimelineRow& row = m_view->scene()->rows[1];
        QCOMPARE(row.segmentAt(now)->bounds, (NodeBounds{true, 6, 8}));
        QCOMPARE(row.segmentAt(instant("2027-06-26T17:00:00Z"))->bounds, (NodeBounds{true, 3, 8}));
        QCOMPARE(row.segmentAt(instant("2027-06-26T12:00:00Z"))->bounds, NodeBounds{});
        QCOMPARE(row.top, 8);
        // Nodes of the floor are wanted as long before it as they take to be ready.
        const auto raised = std::ranges::find(row.planned, 6, &PlannedStep::nodes);
        QCOMPARE(raised->start, instant("2027-06-26T18:15:00Z") - seconds(148));
    }

    void conflictsAreAtTheirBars()
    {
        QVERIFY(!m_view->scene()->conflicts.at(NodeGroupName("eu-live")).empty());
        const TimelineRow& row = m_view->scene()->rows[1];
        for (const TimelineBar& bar : row.overlays.all())
            QCOMPARE(bar.hasConflict, m_view->scene()->itemOf(bar).key.id == "idle");
        m_view->showInstant(instant("2027-06-26T22:30:00Z"));
        const QString words = m_view->wordsAt(middleOf({PlanItemKind::Overlay, "idle"}, frankfurtEdge));
        QVERIFY2(words.contains("changes nothing"), qPrintable(words));
    }

    void tooltipsTellWhatDecides()
    {
        QPoint steps = m_view->barRect(doors, frankfurtEdge).center();
        steps.setY(m_view->rowRect(1).bottom() - 12);
        const QString words = m_view->wordsAt(steps);
        QVERIFY2(words.contains("min 6, max 8: overlay Doors, priority 200, over Matchday"), qPrintable(words));
        const QString bar = m_view->wordsAt(middleOf(doors, frankfurtEdge));
        QCOMPARE(bar, QString("Doors: floor 6\nSat 26 Jun 20:15 – 23:45 CEST\nSat 26 Jun 14:15 – 17:45 EDT"));
    }

    void drawingBesideBarsProposesAnOverlay()
    {
        QSignalSpy drawn(m_view.get(), &TimelineView::drawn);
        const QPoint from = inLanes(londonEdge, instant("2027-06-26T19:01:00Z"));
        const QPoint to = inLanes(londonEdge, instant("2027-06-26T20:31:00Z"));
        drag(from, to);
        QVERIFY(m_view->isDragging());
        drop(to);
        QCOMPARE(drawn.count(), 1);
        QCOMPARE(drawn[0][0].value<PoolKey>(), londonEdge);
        QCOMPARE(drawn[0][1].value<Instant>(), instant("2027-06-26T19:00:00Z"));
        QCOMPARE(drawn[0][2].value<Instant>(), instant("2027-06-26T20:30:00Z"));
    }

    void draggingABarMovesIt()
    {
        QSignalSpy moved(m_view.get(), &TimelineView::moved);
        const QPoint from = middleOf(doors, frankfurtEdge);
        const QPoint to = from + QPoint(qRound(m_view->axis().pixelsOf(hours(1))), 0);
        drag(from, to);
        drop(to);
        QCOMPARE(moved.count(), 1);
        QVERIFY(moved[0][0].value<PlanItemKey>() == doors);
        QCOMPARE(moved[0][1].value<Instant>(), instant("2027-06-26T19:15:00Z"));
        QCOMPARE(moved[0][2].value<Instant>(), instant("2027-06-26T22:45:00Z"));
    }

    void draggingAnEndResizes()
    {
        QSignalSpy moved(m_view.get(), &TimelineView::moved);
        const QRect rect = m_view->barRect(doors, frankfurtEdge);
        const QPoint end(rect.right(), rect.center().y());
        const QPoint to = end + QPoint(qRound(m_view->axis().pixelsOf(minutes(30))), 0);
        drag(end, to);
        drop(to);
        QCOMPARE(moved.count(), 1);
        QCOMPARE(moved[0][1].value<Instant>(), instant("2027-06-26T18:15:00Z"));
        QCOMPARE(moved[0][2].value<Instant>(), instant("2027-06-26T22:15:00Z"));
    }

    void escapeCancelsADrag()
    {
        QSignalSpy moved(m_view.get(), &TimelineView::moved);
        const QPoint from = middleOf(doors, frankfurtEdge);
        drag(from, from + QPoint(60, 0));
        QVERIFY(m_view->isDragging());
        QTest::keyClick(m_view.get(), Qt::Key_Escape);
        QVERIFY(!m_view->isDragging());
        drop(from + QPoint(60, 0));
        QCOMPARE(moved.count(), 0);
    }

    void nothingIsDraggedWhileReadOnly()
    {
        m_view->setEditing(TimelineView::Editing::Off);
        QSignalSpy moved(m_view.get(), &TimelineView::moved);
        const TimeAxis before = m_view->axis();
        const QPoint from = middleOf(doors, frankfurtEdge);
        drag(from, from + QPoint(60, 0));
        QVERIFY(!m_view->isDragging());
        drop(from + QPoint(60, 0));
        QCOMPARE(moved.count(), 0);
        // The picture goes along instead.
        QVERIFY(m_view->axis().from() < before.from());
    }

    void emptySpaceMovesThePicture()
    {
        const Instant held = m_view->axis().instantAt(300);
        const QPoint from(TimelineLayout::labelWidth() + 300, m_view->rowRect(0).center().y());
        drag(from, from + QPoint(120, 0));
        drop(from + QPoint(120, 0));
        QVERIFY(std::abs(m_view->axis().xOf(held) - 420) < 1);
    }

    void wheelZoomsAndMoves()
    {
        const QPoint at(TimelineLayout::labelWidth() + 400, 300);
        const Instant held = m_view->axis().instantAt(400);
        const auto wheel = [&](Qt::KeyboardModifiers modifiers) {
            QWheelEvent event(at, m_view->viewport()->mapToGlobal(at), {}, {0, 120}, Qt::NoButton, modifiers,
                              Qt::NoScrollPhase, false);
            QApplication::sendEvent(m_view->viewport(), &event);
        };
        const seconds span = m_view->axis().span();
        wheel(Qt::ControlModifier);
        QVERIFY(m_view->axis().span() < span);
        QVERIFY(std::abs(m_view->axis().xOf(held) - 400) < 1);
        const Instant from = m_view->axis().from();
        wheel(Qt::ShiftModifier);
        QVERIFY(m_view->axis().from() < from);
    }

    void keysReachRowsAndBars()
    {
        QSignalSpy chosen(m_view.get(), &TimelineView::chosen);
        QTest::keyClick(m_view.get(), Qt::Key_Down);
        QTest::keyClick(m_view.get(), Qt::Key_Down);
        QCOMPARE(m_view->currentRow(), std::optional(frankfurtEdge));
        QTest::keyClick(m_view.get(), Qt::Key_Right, Qt::ControlModifier);
        QVERIFY(m_view->selectedItem().has_value());
        for (int i = 0; i < 5 && m_view->selectedItem() != doors; ++i)
            QTest::keyClick(m_view.get(), Qt::Key_Right, Qt::ControlModifier);
        QCOMPARE(m_view->selectedItem(), std::optional(doors));
        QVERIFY(chosen.count() >= 3);
        QSignalSpy moved(m_view.get(), &TimelineView::moved);
        QTest::keyClick(m_view.get(), Qt::Key_Right);
        QCOMPARE(moved.takeFirst()[1].value<Instant>(), instant("2027-06-26T18:20:00Z"));
        QTest::keyClick(m_view.get(), Qt::Key_Left, Qt::AltModifier);
        QCOMPARE(moved.takeFirst()[1].value<Instant>(), instant("2027-06-26T18:14:00Z"));
        QTest::keyClick(m_view.get(), Qt::Key_Right, Qt::ShiftModifier);
        const QVariantList end = moved.takeFirst();
        QCOMPARE(end[1].value<Instant>(), instant("2027-06-26T18:15:00Z"));
        QCOMPARE(end[2].value<Instant>(), instant("2027-06-26T21:50:00Z"));
        QSignalSpy deletion(m_view.get(), &TimelineView::deletionRequested);
        QTest::keyClick(m_view.get(), Qt::Key_Delete);
        QCOMPARE(deletion.count(), 1);
    }

    void groupsFold()
    {
        const int before = m_view->layout().height();
        m_view->select({}, PoolKey{NodeGroupName("eu-live"), "", ""});
        QTest::keyClick(m_view.get(), Qt::Key_Return);
        QVERIFY(m_view->layout().height() < before);
        QTest::keyClick(m_view.get(), Qt::Key_Down);
        QCOMPARE(m_view->currentRow(), std::optional(PoolKey{NodeGroupName("us-live"), "", ""}));
    }

    // Bars beyond the lanes stand behind "+3", until the row is opened.
    void crowdedRowsAreOpened()
    {
        m_view->setScene(crowdedScene(6));
        const int row = m_view->layout().rowOf(frankfurtEdge), before = m_view->layout().rowHeight(row);
        QVERIFY(m_view->layout().isCrowded(row));
        QCOMPARE(m_view->layout().room(row, PlanItemKind::Overlay).lanes(), 4);
        const PlanItemKey last{PlanItemKind::Overlay, "crowd-5"};
        const QPoint more = middleOf(last, frankfurtEdge);
        QCOMPARE(m_view->hitAt(more).part, TimelinePart::More);
        const QString words = m_view->wordsAt(more);
        QVERIFY2(words.startsWith("4 more at this time"), qPrintable(words));
        QVERIFY2(words.contains("Crowd 5: floor 1, Sat 26 Jun 20:50"), qPrintable(words));
        keepPicture(*m_view, "timeline-crowded");
        QTest::mouseClick(m_view->viewport(), Qt::LeftButton, Qt::NoModifier, more);
        QVERIFY(m_view->layout().rowHeight(row) > before);
        QCOMPARE(m_view->hitAt(middleOf(last, frankfurtEdge)).part, TimelinePart::Bar);
        keepPicture(*m_view, "timeline-opened");
        const QRect opener = m_view->layout().openerRect(row);
        const QPoint close = opener.center() + QPoint(0, TimelineLayout::axisHeight());
        QCOMPARE(m_view->hitAt(close).part, TimelinePart::Opener);
        QTest::mouseClick(m_view->viewport(), Qt::LeftButton, Qt::NoModifier, close);
        QCOMPARE(m_view->layout().rowHeight(row), before);
        // By key too.
        m_view->select({}, frankfurtEdge);
        QTest::keyClick(m_view.get(), Qt::Key_Return);
        QVERIFY(m_view->layout().rowHeight(row) > before);
    }

    // One bar too many takes no more room than its own lane.
    void oneBarTooManyHasALane()
    {
        m_view->setScene(crowdedScene(3));
        const int row = m_view->layout().rowOf(frankfurtEdge);
        QVERIFY(!m_view->layout().isCrowded(row));
        QCOMPARE(m_view->layout().room(row, PlanItemKind::Overlay).lanes(), 4);
        QVERIFY(m_view->layout().openerRect(row).isEmpty());
        QCOMPARE(m_view->hitAt(middleOf({PlanItemKind::Overlay, "crowd-2"}, frankfurtEdge)).part, TimelinePart::Bar);
    }

    void rowsAndBarsAreATableToReaders()
    {
        QAccessibleInterface* face = QAccessible::queryAccessibleInterface(m_view.get());
        QVERIFY(face);
        QCOMPARE(face->role(), QAccessible::Table);
        QAccessibleTableInterface* table = face->tableInterface();
        QVERIFY(table);
        QVERIFY(table->rowCount() >= 6);
        QStringList rows;
        for (int row = 0; row < table->rowCount(); ++row) {
            QStringList cells;
            for (int column = 0; column < table->columnCount(); ++column)
                cells << table->cellAt(row, column)->text(QAccessible::Name);
            rows << cells.join(QStringLiteral(" | "));
        }
        const QString all = rows.join(QLatin1Char('\n'));
        QVERIFY2(all.contains("eu-central-1, edge | Doors: floor 6 | Sat 26 Jun 20:15 – 23:45 CEST"), qPrintable(all));
        QCOMPARE(m_view->asTable().split(QLatin1Char('\n')).size(), rows.size() + 1);
    }

    void theSceneIsPaintedInBothThemes()
    {
        for (const ThemeChoice choice : {ThemeChoice::Light, ThemeChoice::Dark}) {
            m_app->theme.setChoice(choice);
            const QImage picture = m_view->grab().toImage();
            const Tokens& tokens = tokensOf(m_view.get());
            // Text of the bar starts further right.
            const QRect rect = m_view->barRect(doors, frankfurtEdge);
            const QColor fill = mixed(tokens.chart[1], tokens.surface, tokens.isDark ? 0.26 : 0.15);
            QCOMPARE(picture.pixelColor(rect.right() - 20, rect.center().y()), fill);
            const int x = TimelineLayout::labelWidth() + qRound(m_view->axis().xOf(now));
            QCOMPARE(picture.pixelColor(x, m_view->rowRect(0).center().y()), tokens.onAir.text);
            keepPicture(*m_view, choice == ThemeChoice::Dark ? "timeline-view-dark" : "timeline-view-light");
        }
    }

    void changesOfTheClocksArePainted()
    {
        m_view->showInstant(instant("2027-10-31T01:00:00Z"));
        const QImage picture = m_view->grab().toImage();
        const int x = TimelineLayout::labelWidth() + qRound(m_view->axis().xOf(instant("2027-10-31T01:00:00Z")));
        QCOMPARE(picture.pixelColor(x, m_view->rowRect(4).center().y()), tokensOf(m_view.get()).warning.text);
        keepPicture(*m_view, "timeline-shift");
    }

    void everySpanIsPainted()
    {
        for (const seconds span : {seconds(600), seconds(hours(6)), seconds(hours(24 * 7)), seconds(hours(24 * 30)),
                                   seconds(hours(24 * 365))}) {
            m_view->showSpan(span);
            QCOMPARE(m_view->axis().span(), span);
            QVERIFY(!m_view->grab().isNull());
            keepPicture(*m_view, QStringLiteral("timeline-span-%1").arg(span.count()));
        }
    }
};

QTEST_MAIN(TimelineViewTest)
#include "timeline_view_test.moc"
