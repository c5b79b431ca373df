#include "core/sim/what_if.h"
#include "tests/support/console_app.h"
#include "tests/support/page_stage.h"
#include "tests/support/unnamed_fields.h"
#include "ui/pages/headroom_card.h"
#include "ui/pages/overview_page.h"
#include "ui/pages/what_if_controls.h"
#include "ui/pages/what_if_findings.h"
#include "ui/pages/what_if_page.h"
#include "ui/widgets/curve_editor.h"
#include "ui/widgets/metric_chart.h"

#include <QCheckBox>
#include <QClipboard>
#include <QFile>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QSignalSpy>
#include <QSlider>
#include <QTest>

#include <algorithm>

using namespace headgate;
using namespace headgate::test;

namespace {

int highest(const MetricChart& chart, std::size_t series = 0)
{
    double most = 0;
    for (const ChartPoint& point : chart.series().at(series).points)
        most = std::max(most, point.value);
    return static_cast<int>(most);
}

// The sample's groups as an engine takes them: a rule for each role everywhere, edges that scale by their load.
SnapshotPtr cluster()
{
    auto snapshot = std::make_shared<Snapshot>(*sampleCluster().build());
    for (NodeGroupStatus& status : snapshot->nodeGroups) {
        for (Subgroup& subgroup : status.group.subgroups) {
            if (std::ranges::count(subgroup.rules, "origin", &ScaleRule::roleName) == 0)
                subgroup.rules.emplace_back().roleName = "origin";
            subgroup.rules.front().min = 1;
            subgroup.rules.front().max = 20;
            subgroup.rules.front().load = LoadScaling();
        }
    }
    return snapshot;
}

}  // namespace

// The page: a curve is drawn, something happens, and the charts follow.
class WhatIfPageTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<PageStage> m_stage;
    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<WhatIfPage> m_page;

    template <class Part>
    Part* part(const char* name = "") const
    {
        return m_page->findChild<Part*>(QLatin1String(name));
    }
    CurveEditor& editor() const { return *m_page->findChild<CurveEditor*>(); }
    MetricChart& chart(int place) const { return *m_page->findChildren<MetricChart*>().at(place); }
    void awaitAnswer() const
    {
        QTest::qWait(60);  // what was asked waits a little for more
        QTRY_VERIFY_WITH_TIMEOUT(!m_page->isWorking(), 20'000);
        QVERIFY2(m_page->answer(), qPrintable(m_page->findChild<WhatIfFindings*>()->verdictText()));
    }
    void open(ThemeChoice choice = ThemeChoice::Light)
    {
        m_theme->setChoice(choice);
        m_page = std::make_unique<WhatIfPage>(m_stage->context,
                                              [](const WhatIfQuestion& question, const WhatIfProgress& progress) {
                                                  return sim::runWhatIf(question, loadZoneFile, progress);
                                              });
        m_page->resize(1232, 826);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
        m_stage->put(*m_page, cluster());
        awaitAnswer();
    }
    // More than the nodes of the beginning carry, from so many hours after it on.
    void expectMany(int hours) const
    {
        part<QCheckBox>("isExpected")->setChecked(true);
        part<WhatIfControls>()->setExpected({hours * 3600, (hours + 2) * 3600, 80'000});
        awaitAnswer();
    }
    void choose(const QString& name) const
    {
        for (auto* each : m_page->findChildren<QRadioButton*>())
            if (each->text() == name)
                each->setChecked(true);
        awaitAnswer();
    }

private Q_SLOTS:
    void init()
    {
        m_stage = std::make_unique<PageStage>();
        m_theme = std::make_unique<Theme>(*qApp, m_stage->settings);
        open();
    }
    void cleanup()
    {
        m_page.reset();
        m_theme.reset();
        m_stage.reset();
    }

    void itBeginsWithTheClusterAsItIs()
    {
        QCOMPARE(m_page->state(), PageState::Normal);
        QCOMPARE(m_page->answer()->outcomes.size(), std::size_t(5));
        for (int i = 0; i < 4; ++i)
            QVERIFY(chart(i).pointCount() > 0);
        QVERIFY(highest(chart(0)) > 0);
        QCOMPARE(test::unnamedFields(*m_page).join(QStringLiteral("; ")), QString());
    }

    void drawingMakesTheChartsFollow()
    {
        const int nodes = highest(chart(0)), viewers = highest(chart(1));
        const auto before = editor().curve();
        const auto highestPoint = std::ranges::max_element(before, {}, &ViewersAt::viewers);
        const auto place = static_cast<std::size_t>(highestPoint - before.begin());
        const QPoint peak = editor().placeOf(*highestPoint).toPoint();
        QTest::mousePress(&editor(), Qt::LeftButton, Qt::NoModifier, peak);
        for (int y = peak.y(); y > peak.y() - 40; y -= 5)
            QTest::mouseMove(&editor(), QPoint(peak.x(), y));
        QTest::mouseRelease(&editor(), Qt::LeftButton, Qt::NoModifier, QPoint(peak.x(), peak.y() - 35));
        QVERIFY(editor().curve()[place].viewers > before[place].viewers);
        QCOMPARE(editor().curve()[place].atS, before[place].atS);
        awaitAnswer();
        QVERIFY(highest(chart(1)) > viewers);
        QVERIFY(highest(chart(0)) >= nodes);
        QVERIFY(m_page->undo());
        QCOMPARE(editor().curve(), before);
        QVERIFY(m_page->redo());
        QVERIFY(editor().curve() != before);
    }

    void pointsComeAndGoByMouseAndKeys()
    {
        const std::size_t before = editor().curve().size();
        const QPoint empty = editor().placeOf({9 * 3600 + 600, viewersAt(editor().curve(), 0) / 2 + 400}).toPoint();
        QTest::mouseClick(&editor(), Qt::LeftButton, Qt::NoModifier, empty);
        QCOMPARE(editor().curve().size(), before + 1);
        editor().setFocus();
        QTest::keyClick(&editor(), Qt::Key_Delete);
        QCOMPARE(editor().curve().size(), before);
        QTest::keyClick(&editor(), Qt::Key_Insert);
        QCOMPARE(editor().curve().size(), before + 1);
        const auto inserted = editor().curve();
        QTest::keyClick(&editor(), Qt::Key_Up);
        QTest::keyClick(&editor(), Qt::Key_Right, Qt::ShiftModifier);
        QVERIFY(editor().curve() != inserted);
        QTest::keyClick(&editor(), Qt::Key_Left);
        QVERIFY(editor().accessibleDescription().startsWith(QStringLiteral("Point ")));
        // The first point stays, so that there is a curve.
        for (int i = 0; i < 20; ++i) {
            QTest::keyClick(&editor(), Qt::Key_Left);
            QTest::keyClick(&editor(), Qt::Key_Delete);
        }
        QCOMPARE(editor().curve().front().atS, 0);
    }

    void expectedViewersAreDragged()
    {
        expectMany(14);
        const auto bar = editor().bar();
        QVERIFY(bar.has_value());
        const int before = highest(chart(0), 1);
        const auto firstRise = [this] {
            const auto& points = chart(0).series().at(1).points;
            const auto most = std::ranges::max_element(points, {}, &ChartPoint::value);
            return (most->at - m_page->asked().start).count() / 1000;
        };
        const auto rise = firstRise();
        const QPoint grip = editor().barRect().center().toPoint();
        const int shift = static_cast<int>(editor().placeOf({4 * 3600, 0}).x() - editor().placeOf({0, 0}).x());
        QTest::mousePress(&editor(), Qt::LeftButton, Qt::NoModifier, grip);
        for (int step = 1; step <= 8; ++step)
            QTest::mouseMove(&editor(), grip - QPoint(shift * step / 8, 0));
        QTest::mouseRelease(&editor(), Qt::LeftButton, Qt::NoModifier, grip - QPoint(shift, 0));
        QVERIFY(std::abs(editor().bar()->fromS - (bar->fromS - 4 * 3600)) <= 900);
        QCOMPARE(editor().bar()->toS - editor().bar()->fromS, bar->toS - bar->fromS);
        awaitAnswer();
        QCOMPARE(highest(chart(0), 1), before);
        QVERIFY(firstRise() < rise - 3 * 3600);
    }

    void whatHappensIsChosen()
    {
        choose(QStringLiteral("A node is lost"));
        QVERIFY(m_page->answer()->outcomes.front().displaced > 0);
        choose(QStringLiteral("A spike of viewers"));
        QVERIFY(m_page->answer()->scenario.find("\"faults\": []") != std::string::npos);
        m_page->reveal(QStringLiteral("lose-region"));
        awaitAnswer();
        QVERIFY(m_page->answer()->scenario.find("provider-fails") != std::string::npos);
    }

    void theScrubberTellsWhatWasDecidedUntilThen()
    {
        expectMany(14);
        auto* log = m_page->findChild<QPlainTextEdit*>();
        auto* scrubber = m_page->findChild<QSlider*>();
        scrubber->setValue(0);
        const QString early = log->toPlainText();
        scrubber->setFocus();
        QTest::keyClick(scrubber, Qt::Key_End);
        QVERIFY(log->toPlainText() != early);
        QVERIFY(log->toPlainText().size() > 40);
    }

    void aScenarioIsSavedForTheCommandLine()
    {
        const QString path = m_stage->directory.filePath(QStringLiteral("my day.json"));
        QVERIFY(m_page->writeScenario(path));
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto scenario = sim::scenarioFromJson(file.readAll().toStdString());
        QVERIFY(scenario.has_value());
        QVERIFY(scenario->cohorts.has_value());
        for (auto* each : m_page->findChildren<QPushButton*>())
            if (each->accessibleName() == QLatin1String("Copy as command"))
                QTest::mouseClick(each, Qt::LeftButton);
        QCOMPARE(QGuiApplication::clipboard()->text(), "headgatectl sim --scenario '" + path + "'");
    }

    void recordedViewersBecomeTheCurve()
    {
        const SnapshotPtr snapshot = cluster();
        m_stage->giveHistory(*snapshot);
        const auto before = editor().curve();
        QTest::mouseClick(part<QPushButton>("recorded"), Qt::LeftButton);
        QVERIFY(editor().curve() != before);
        QVERIFY(!m_stage->toasts.empty());
        m_stage->plane.metrics = std::vector<MetricSeries>{};
        m_stage->toasts.clear();
        m_page->useRecorded();
        QCOMPARE(m_stage->toasts.size(), std::size_t(1));
        QTest::mouseClick(part<QPushButton>("reset"), Qt::LeftButton);
        QCOMPARE(editor().curve(), before);
    }

    void whatIsLiveStaysOutside()
    {
        awaitAnswer();
        const TimePoint start = m_page->asked().start;
        m_stage->plane.show(cluster());
        QVERIFY(!m_page->isWorking());
        QCOMPARE(m_page->asked().start, start);
    }

    void whatCannotBeSimulatedIsTold()
    {
        m_stage->plane.plan = fail(ErrorCode::Unavailable, "The plan cannot be read.");
        m_page->startAnew();
        QTest::qWait(10);
        QVERIFY(m_page->findChild<QPushButton*>(QStringLiteral("saveScenario"))->isEnabled() == false);
        m_stage->plane.plan = std::make_shared<const StoredPlan>();
        WhatIfPage without(m_stage->context, {});
        without.show();
        m_stage->put(without, cluster());
        QCOMPARE(without.state(), PageState::Normal);
        QVERIFY(without.findChild<WhatIfFindings*>()->verdictText().contains("no simulator"));
        without.setControlPlane(nullptr);
    }

    void headroomLeadsHere()
    {
        OverviewPage overview(m_stage->context);
        overview.show();
        QSignalSpy spy(&overview, &Page::goToRequested);
        QTest::mouseClick(overview.findChild<QPushButton*>(QStringLiteral("whatIf")), Qt::LeftButton);
        QCOMPARE(spy.size(), 1);
        QCOMPARE(spy[0][0].toString(), QStringLiteral("what-if"));
    }

    void pictures_data()
    {
        QTest::addColumn<bool>("isDark");
        QTest::addRow("light") << false;
        QTest::addRow("dark") << true;
    }

    void pictures()
    {
        QFETCH(bool, isDark);
        open(isDark ? ThemeChoice::Dark : ThemeChoice::Light);
        auto curve = editor().curve();
        for (ViewersAt& point : curve)
            point.viewers *= 20;
        editor().setCurve(curve);
        expectMany(14);
        choose(QStringLiteral("A spike of viewers"));
        QTest::qWait(50);
        test::keepPicture(*m_page, QStringLiteral("what-if-spike-%1").arg(isDark ? "dark" : "light"));
        m_page->resize(1124, 640);
        QTest::qWait(50);
        test::keepPicture(*m_page, QStringLiteral("what-if-small-%1").arg(isDark ? "dark" : "light"));
    }
};

QTEST_MAIN(WhatIfPageTest)
#include "what_if_page_test.moc"
