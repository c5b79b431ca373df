#include "tests/support/one_page.h"
#include "ui/dialogs/drain_dialog.h"
#include "ui/pages/headroom_card.h"
#include "ui/pages/image_roll_strip.h"
#include "ui/pages/measurement_strip.h"
#include "ui/pages/node_images_page.h"
#include "ui/widgets/code_block.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QSpinBox>

#include <algorithm>

using namespace headgate;

class NodeImagesPageTest : public QObject, private test::OnePage<NodeImagesPage>
{
    Q_OBJECT

private:
    MeasurementStrip* strip() const { return m_page->findChild<MeasurementStrip*>(); }

    static CapacityMeasurement found()
    {
        CapacityMeasurement measurement;
        measurement.viewersPerCore = 2600;
        measurement.machine = "A machine";
        return measurement;
    }

private Q_SLOTS:
    void init() { open({1200, 800}); }
    void cleanup() { close(); }

    void imagesAreListedWithWhatTheyCarry()
    {
        QCOMPARE(rows().size(), std::size_t(2));
        QCOMPARE(rows()[0].cells[1].text, QString("2,480"));
        QCOMPARE(rows()[1].cells[0].second, QString("not described yet"));
        QCOMPARE(rows()[1].cells[6].text, QString("us-live"));
    }

    void whoMadeAndChangedADescriptionIsTold()
    {
        Snapshot snapshot = *test::sampleCluster().build();
        NodeImageStatus& image = snapshot.nodeImages.front();
        image.version = 3;
        image.createdAt = image.updatedAt = snapshot.takenAt;
        image.updatedBy = "anna";
        image.origin.createdBy = "bert";
        m_stage->plane.show(std::make_shared<const Snapshot>(snapshot));
        const auto isTold = [this](const QString& words) {
            const QList<QLabel*> labels = m_page->findChildren<QLabel*>();
            return std::ranges::any_of(
                labels, [&](const QLabel* label) { return label->isVisible() && label->text().endsWith(words); });
        };
        m_page->reveal("node-0.1");
        QVERIFY(isTold(" by anna") && isTold(" by bert"));
        m_page->reveal("node-0.2-rc1");  // nobody described it
        QVERIFY(!isTold(" by anna"));
    }

    void aMeasurementIsKeptForTheSelectedImage()
    {
        m_page->reveal("node-0.2-rc1");
        click("measure");
        QVERIFY(strip()->isVisible() && strip()->isMeasuring() && !button("measure")->isEnabled());
        Q_EMIT test::HeldMeasurement::present->progressed(0.5, 1200);
        Q_EMIT test::HeldMeasurement::present->finished(found(), false);
        QVERIFY(!strip()->isMeasuring() && button("keepMeasurement")->isEnabled());
        click("keepMeasurement");
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
        click("cancelMeasurement");
        QVERIFY(test::HeldMeasurement::present == nullptr);
        QVERIFY(!strip()->isVisible() && m_stage->plane.requests.empty());
    }

    void aFailureIsToldAndCanBeClosed()
    {
        m_page->measure();
        Q_EMIT test::HeldMeasurement::present->failed({ErrorCode::Unavailable, "No node program.", "Install it.", {}});
        QVERIFY(strip()->isVisible() && !strip()->isMeasuring() && !button("keepMeasurement")->isVisible());
        click("cancelMeasurement");
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
        auto* words = m_page->findChild<QLabel*>("changePreview");
        QTRY_VERIFY(words->text().contains("Its nodes are replaced."));
        QVERIFY(this->sent().execution == Execution::DryRun);
        static const QRegularExpression lastLine("-f eu-live\\.json --if-match \\d+$");
        QVERIFY(lastLine.match(m_page->findChild<CodeBlock*>()->code()).hasMatch());
        m_stage->plane.answer->publishersAffected = 2;
        click("changeImage");
        QVERIFY(this->sent().execution == Execution::DryRun);
        QVERIFY(question() != nullptr);
        QTest::keyClicks(question()->findChild<QLineEdit*>("confirmationName"), "eu-live");
        confirm();
        const auto* sent = sentAs<ReplaceNodeGroup>();
        QVERIFY(sent != nullptr && this->sent().execution == Execution::Commit);
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
        QTRY_VERIFY(m_page->findChild<QLabel*>("changePreview")->text().contains("no such image"));
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
        click("undoRoll");
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
