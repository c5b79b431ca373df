#include "tests/support/page_stage.h"
#include "ui/dialogs/drain_dialog.h"
#include "ui/dialogs/typed_confirmation.h"
#include "ui/pages/headroom_card.h"
#include "ui/pages/image_roll_strip.h"
#include "ui/pages/measurement_strip.h"
#include "ui/pages/node_images_page.h"
#include "ui/pages/table_pane.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <QTest>

using namespace headgate;

class NodeImagesPageTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::PageStage> m_stage;
    std::unique_ptr<NodeImagesPage> m_page;

    QPushButton* button(const char* name) const { return m_page->findChild<QPushButton*>(name); }
    MeasurementStrip* strip() const { return m_page->findChild<MeasurementStrip*>(); }

    static CapacityMeasurement found()
    {
        CapacityMeasurement measurement;
        measurement.viewersPerCore = 2600;
        measurement.machine = "A machine";
        return measurement;
    }

private Q_SLOTS:
    void init()
    {
        m_stage = std::make_unique<test::PageStage>();
        m_page = std::make_unique<NodeImagesPage>(m_stage->context);
        m_page->resize(1200, 800);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
        m_stage->put(*m_page, test::sampleCluster().build());
    }

    void cleanup()
    {
        m_page.reset();
        m_stage.reset();
    }

    void imagesAreListedWithWhatTheyCarry()
    {
        const auto& rows = m_page->findChild<TablePane*>()->model().rows();
        QCOMPARE(rows.size(), std::size_t(2));
        QCOMPARE(rows[0].cells[1].text, QString("2,480"));
        QCOMPARE(rows[1].cells[0].second, QString("not described yet"));
        QCOMPARE(rows[1].cells[6].text, QString("us-live"));
    }

    void aMeasurementIsKeptForTheSelectedImage()
    {
        m_page->reveal("node-0.2-rc1");
        QTest::mouseClick(button("measure"), Qt::LeftButton);
        QVERIFY(strip()->isVisible() && strip()->isMeasuring() && !button("measure")->isEnabled());
        Q_EMIT test::HeldMeasurement::present->progressed(0.5, 1200);
        Q_EMIT test::HeldMeasurement::present->finished(found(), false);
        QVERIFY(!strip()->isMeasuring() && button("keepMeasurement")->isEnabled());
        QTest::mouseClick(button("keepMeasurement"), Qt::LeftButton);
        const auto* sent = std::get_if<AddMeasurement>(&m_stage->plane.requests.at(0).command);
        QVERIFY(sent != nullptr);
        QCOMPARE(sent->image, std::string("node-0.2-rc1"));
        QCOMPARE(sent->measurement, found());
        QVERIFY(!strip()->isVisible() && button("measure")->isEnabled());
    }

    void withSeveralImagesOneHasToBeSelectedToKeepIt()
    {
        m_page->measure();
        Q_EMIT test::HeldMeasurement::present->finished(found(), true);
        QVERIFY(!button("keepMeasurement")->isEnabled() && !button("keepMeasurement")->toolTip().isEmpty());
        m_page->reveal("node-0.1");
        QVERIFY(button("keepMeasurement")->isEnabled());
    }

    void cancellingEndsTheMeasurement()
    {
        m_page->measure();
        QVERIFY(test::HeldMeasurement::present != nullptr);
        QTest::mouseClick(button("cancelMeasurement"), Qt::LeftButton);
        QVERIFY(test::HeldMeasurement::present == nullptr);
        QVERIFY(!strip()->isVisible() && m_stage->plane.requests.empty());
    }

    void aFailureIsToldAndCanBeClosed()
    {
        m_page->measure();
        Q_EMIT test::HeldMeasurement::present->failed({ErrorCode::Unavailable, "No node program.", "Install it.", {}});
        QVERIFY(strip()->isVisible() && !strip()->isMeasuring() && !button("keepMeasurement")->isVisible());
        QTest::mouseClick(button("cancelMeasurement"), Qt::LeftButton);
        QVERIFY(!strip()->isVisible());
    }

    void aDescriptionInUseIsNotForgotten()
    {
        m_page->reveal("node-0.1");
        QVERIFY(button("deleteImage")->isVisible() && !button("deleteImage")->isEnabled());
    }

    void aGroupChangesItsImageAfterAPreviewAndCanGoBack()
    {
        m_page->reveal("node-0.2-rc1");
        auto* groups = m_page->findChild<QComboBox*>("changeGroup");
        QVERIFY(!button("changeImage")->isEnabled());
        m_stage->plane.answer->effects = {"Its nodes are replaced."};
        groups->setCurrentIndex(groups->findText("eu-live, now node-0.1"));
        QVERIFY(m_stage->plane.requests.back().execution == Execution::DryRun);
        QVERIFY(m_page->findChild<QLabel*>("changePreview")->text().contains("Its nodes are replaced."));
        QTest::mouseClick(button("changeImage"), Qt::LeftButton);
        auto* question = m_page->findChild<TypedConfirmation*>();
        QVERIFY(question != nullptr);
        QTest::mouseClick(question->findChild<QPushButton*>("act"), Qt::LeftButton);
        const auto* sent = std::get_if<ReplaceNodeGroup>(&m_stage->plane.requests.back().command);
        QVERIFY(sent != nullptr && m_stage->plane.requests.back().execution == Execution::Commit);
        QCOMPARE(sent->group.images.front().image, std::string("node-0.2-rc1"));
        QCOMPARE(m_stage->plane.requests.back().ifVersion, std::optional<std::uint64_t>(3));
        m_stage->plane.show(test::rollingCluster());
        const ToastMessage toast = m_stage->toasts.back();
        toast.undo();
        QCOMPARE(std::get<ReplaceNodeGroup>(m_stage->plane.requests.back().command).group.images.front().image,
                 std::string("node-0.1"));
    }

    void aRefusedChangeIsToldAndNotOffered()
    {
        m_page->reveal("node-0.2-rc1");
        m_stage->plane.answer = fail(ErrorCode::Unsupported, "The platform has no such image.", "Write another one.");
        m_page->findChild<QComboBox*>("changeGroup")->setCurrentIndex(1);
        QVERIFY(m_page->findChild<QLabel*>("changePreview")->text().contains("no such image"));
        QVERIFY(!button("changeImage")->isEnabled());
    }

    void aRollIsFollowedAndTakenBack()
    {
        auto* rolls = m_page->findChild<ImageRollStrip*>();
        QVERIFY(!rolls->isVisible());
        m_stage->plane.show(test::rollingCluster());
        QVERIFY(rolls->isVisible());
        const QList<QProgressBar*> bars = rolls->findChildren<QProgressBar*>();
        QCOMPARE(bars.size(), 3);
        QCOMPARE(bars.front()->value(), 1);
        QCOMPARE(bars.front()->maximum(), 2);
        QTest::mouseClick(button("undoRoll"), Qt::LeftButton);
        const auto* sent = std::get_if<ReplaceNodeGroup>(&m_stage->plane.requests.back().command);
        QVERIFY(sent != nullptr);
        QCOMPARE(sent->group.images.front().image, std::string("node-0.1"));
        m_stage->plane.show(test::sampleCluster().build());
        QVERIFY(!rolls->isVisible());
    }

    void theDrainDialogGivesTheDeadline()
    {
        DrainDialog dialog("bEdgeFra01", 61);
        QVERIFY(!dialog.deadlineSeconds());
        dialog.findChild<QCheckBox*>("hasDeadline")->setChecked(true);
        dialog.findChild<QSpinBox*>("minutes")->setValue(15);
        QCOMPARE(dialog.deadlineSeconds(), std::optional(900));
    }

    void seatsAreCountedWithTheirSource()
    {
        Snapshot snapshot = *test::sampleCluster().build();
        QCOMPARE(seatsOf(snapshot), (Seats{61 + 42 + 38, 6000, 0, 3}));
        for (NodeStatus& status : snapshot.nodes) {
            status.limits.viewers = 5000;
            status.limits.source = LimitSource::Measured;
        }
        QCOMPARE(seatsText(seatsOf(snapshot)), QString("141 of 15,000 seats taken, as measured"));
    }
};

QTEST_MAIN(NodeImagesPageTest)
#include "node_images_page_test.moc"
