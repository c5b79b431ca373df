#include "tests/support/page_stage.h"
#include "ui/pages/metrics_page.h"
#include "ui/pages/overview_page.h"
#include "ui/widgets/chart_plot.h"
#include "ui/widgets/metric_chart.h"
#include "ui/widgets/segmented.h"

#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QPushButton>
#include <QTest>

#include <set>

using namespace headgate;

class MetricsPageTest : public QObject
{
    Q_OBJECT

private:
    MetricChart& viewers() const { return *m_page->charts()[0]; }

    // The next snapshot, `seconds` later.
    void goOn(int seconds)
    {
        Snapshot next = *m_stage->plane.snapshot();
        next.takenAt += std::chrono::seconds(seconds);
        ++next.sequence;
        m_stage->plane.show(std::make_shared<const Snapshot>(next));
    }

    std::unique_ptr<test::PageStage> m_stage;
    std::unique_ptr<MetricsPage> m_page;

private Q_SLOTS:
    void init()
    {
        m_stage = std::make_unique<test::PageStage>();
        m_page = std::make_unique<MetricsPage>(m_stage->context);
        m_page->resize(1232, 800);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
        const SnapshotPtr snapshot = test::sampleCluster().build();
        m_stage->giveHistory(*snapshot);
        m_stage->put(*m_page, snapshot);
        goOn(1);
    }

    void cleanup()
    {
        m_page.reset();
        m_stage.reset();
    }

    void historyIsThereAtOnceAndSnapshotsContinueIt()
    {
        const std::size_t before = viewers().series().front().points.size();
        QVERIFY(before > 50);
        goOn(1);
        QCOMPARE(viewers().series().front().points.size(), before + 1);
        QCOMPARE(viewers().series().front().points.back().value, 139.0);
    }

    void fiveMinutesAreShownFirst()
    {
        const MetricQuery& query = m_stage->plane.metricQueries.back();
        QCOMPARE(query.to - query.from, Duration(std::chrono::minutes(5)));
    }

    void chosenRangeIsReadAndRemembered()
    {
        m_page->findChild<Segmented*>("range")->setCurrentIndex(2);
        const MetricQuery& query = m_stage->plane.metricQueries.back();
        QCOMPARE(query.to - query.from, Duration(std::chrono::hours(1)));
        MetricsPage next(m_stage->context);
        QCOMPARE(next.findChild<Segmented*>("range")->currentIndex(), 2);
        // Each page has its own.
        OverviewPage overview(m_stage->context);
        QCOMPARE(overview.findChild<Segmented*>("range")->currentIndex(), 0);
    }

    void scopesShowALinePerObject()
    {
        QCOMPARE(viewers().series().size(), std::size_t(1));
        m_page->setScope(MetricScope::NodeGroup);
        std::set<QString> names;
        for (const ChartSeries& series : viewers().series())
            names.insert(series.name);
        QCOMPARE(names, (std::set<QString>{"eu-live", "us-live"}));
        m_page->setScope(MetricScope::Stream);
        QCOMPARE(viewers().series().size(), std::size_t(3));
        QVERIFY2(!m_page->charts()[3]->isVisible(), "a stream has no CPU of its own");
        m_page->setScope(MetricScope::Cluster);
        QVERIFY(m_page->charts()[3]->isVisible());
    }

    void oneObjectCanBeChosen()
    {
        m_page->reveal("node:bEdgeFra01");
        QCOMPARE(viewers().series().size(), std::size_t(1));
        QCOMPARE(viewers().series().front().name, QString("bEdgeFra01"));
        QCOMPARE(m_page->findChild<QComboBox*>()->currentData().toString(), QString("bEdgeFra01"));
    }

    void pausedChartsStandStillAndCatchUp()
    {
        const std::vector<ChartSeries> before = viewers().series();
        QTest::mouseClick(m_page->findChild<QPushButton*>("pause"), Qt::LeftButton);
        goOn(1);
        goOn(1);
        QVERIFY(viewers().series() == before);
        QTest::mouseClick(m_page->findChild<QPushButton*>("pause"), Qt::LeftButton);
        QCOMPARE(viewers().series().front().points.size(), before.front().points.size() + 2);
    }

    void pointerShowsValuesInEveryChart()
    {
        auto* plot = viewers().findChild<ChartPlot*>();
        QVERIFY(plot != nullptr);
        // The right edge is now.
        const QRectF area = plot->chart()->plotArea();
        QTest::mouseMove(plot->viewport(), QPoint(static_cast<int>(area.right()) - 1, plot->height() / 2));
        QTRY_VERIFY(plot->crosshair().has_value());
        QVERIFY2(plot->crosshairWords().contains("All nodes 139"), qPrintable(plot->crosshairWords()));
        for (MetricChart* chart : m_page->charts()) {
            const auto* other = chart->findChild<ChartPlot*>();
            QCOMPARE(other->crosshair().has_value(), true);
            QVERIFY2(chart->accessibleSummary().contains(other->crosshairWords()),
                     qPrintable(chart->accessibleSummary()));
        }
    }

    void keysMoveTheCrosshair()
    {
        auto* plot = viewers().findChild<ChartPlot*>();
        plot->setFocus();
        QTest::keyClick(plot, Qt::Key_Left);
        QVERIFY(plot->crosshair().has_value());
        const TimePoint first = *plot->crosshair();
        QTest::keyClick(plot, Qt::Key_Left);
        QVERIFY(*plot->crosshair() < first);
        QTest::keyClick(plot, Qt::Key_Escape);
        QVERIFY(!plot->crosshair());
        QVERIFY(!m_page->charts()[1]->findChild<ChartPlot*>()->crosshair());
    }

    void csvHasALinePerSample()
    {
        m_page->setScope(MetricScope::NodeGroup);
        m_page->copyCsv();
        const QString csv = QGuiApplication::clipboard()->text();
        QCOMPARE(csv, m_page->csv());
        const QStringList lines = csv.split('\n', Qt::SkipEmptyParts);
        QCOMPARE(lines.front(), QString("time,series,viewers,bits_in_per_second,bits_out_per_second,cpu_percent"));
        qsizetype samples = 0;
        for (const ChartSeries& series : viewers().series())
            samples += static_cast<qsizetype>(series.points.size());
        QCOMPARE(lines.size(), samples + 1);
        QCOMPARE(lines[1].count(','), 5);
        QVERIFY(lines[1].contains("\"eu-live\""));
        QCOMPARE(m_stage->toasts.size(), std::size_t(1));
    }

    void nothingCanBeChosenBeforeThereIsData()
    {
        m_stage->plane.show(test::SnapshotBuilder().build());
        QCOMPARE(m_page->state(), PageState::Empty);
        QVERIFY(!m_page->findChild<Segmented*>("range")->isEnabled());
        QVERIFY(!m_page->findChild<QPushButton*>("pause")->isEnabled());
        QVERIFY(!m_page->findChild<QPushButton*>("pause")->toolTip().isEmpty());
    }
};

QTEST_MAIN(MetricsPageTest)
#include "metrics_page_test.moc"
