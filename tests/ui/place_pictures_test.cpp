#include "tests/support/console_app.h"
#include "tests/support/page_stage.h"
#include "tests/support/sample_plan.h"
#include "tests/support/unnamed_fields.h"
#include "ui/dialogs/typed_confirmation.h"
#include "ui/pages/coming_up_card.h"
#include "ui/pages/deployment_wizard.h"
#include "ui/pages/deployments_page.h"
#include "ui/pages/node_groups_page.h"
#include "ui/pages/node_images_page.h"
#include "ui/pages/overview_page.h"
#include "ui/pages/regions_page.h"
#include "ui/shell/theme.h"
#include "ui/widgets/segmented.h"

#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTest>

using namespace headgate;

// What stands behind the first look of the pages about places, in both themes: each field has a name, and with
// HEADGATE_SHOTS=DIR the picture is written there to be looked at.
class PlacePicturesTest : public QObject
{
    Q_OBJECT

private:
    struct Scene
    {
        Scene(bool isDark, const QString& name) : theme(*qApp, stage.settings), suffix(isDark ? "-dark" : "-light")
        {
            theme.setChoice(isDark ? ThemeChoice::Dark : ThemeChoice::Light);
            prefix = name;
        }

        void show(Page& page, SnapshotPtr snapshot)
        {
            page.resize(1232, 826);  // what a window of 1440x900 leaves
            page.show();
            QVERIFY(QTest::qWaitForWindowExposed(&page));
            stage.put(page, std::move(snapshot));
        }
        void keep(QWidget& widget, const QString& name = {})
        {
            QTest::qWait(60);
            QCOMPARE(test::unnamedFields(widget).join(QStringLiteral("; ")), QString());
            test::keepPicture(widget, prefix + name + suffix);
        }

        test::PageStage stage;
        Theme theme;
        QString prefix;
        QString suffix;
    };

    static void addThemes()
    {
        QTest::addColumn<bool>("isDark");
        QTest::addRow("light") << false;
        QTest::addRow("dark") << true;
    }

private Q_SLOTS:
    void wizard_data() { addThemes(); }
    void wizard()
    {
        QFETCH(bool, isDark);
        Scene scene(isDark, "deployment-wizard");
        DeploymentsPage page(scene.stage.context);
        scene.show(page, test::sampleCluster().build());
        scene.stage.plane.answer->effects = {"6 nodes start in europe-central.", "3 nodes start in us-east."};
        scene.stage.plane.answer->plan.findings = {{"C8", {}, {}, "A change of the clocks moves one window."}};
        page.createDeployment();
        QTest::keyClicks(page.findChild<QLineEdit*>("deploymentName"), "Cup final");
        for (int step = 1; step <= wizardSteps; ++step) {
            if (step == 2)
                page.findChild<QCheckBox*>("region-us-east")->setChecked(true);
            if (step == 3) {
                page.findChild<QDoubleSpinBox*>("price-edge")->setValue(0.21);
                page.findChild<QDoubleSpinBox*>("price-origin")->setValue(0.34);
            }
            if (step == 4) {
                page.findChild<Segmented*>("runTimes")->setCurrentIndex(1);
                Q_EMIT page.findChild<Segmented*>("runTimes")->currentChanged(1);
            }
            QTest::qWait(250);
            scene.keep(page, QStringLiteral("-%1").arg(step));
            page.wizard().next();
        }
    }

    void newRegion_data() { addThemes(); }
    void newRegion()
    {
        QFETCH(bool, isDark);
        Scene scene(isDark, "regions-new");
        RegionsPage page(scene.stage.context);
        scene.show(page, test::sampleCluster().build());
        page.addRegion();
        QTest::keyClicks(page.findChild<QLineEdit*>("regionName"), "norway-1");
        QTest::keyClicks(page.findChild<QLineEdit*>("regionTitle"), "Oslo, Norway");
        page.findChild<QDoubleSpinBox*>("regionLatitude")->setValue(59.9);
        page.findChild<QDoubleSpinBox*>("regionLongitude")->setValue(10.7);
        QTRY_VERIFY(page.findChild<QLabel*>("changePreview")->isVisible());
        scene.keep(page);
    }

    void region_data() { addThemes(); }
    void region()
    {
        QFETCH(bool, isDark);
        Scene scene(isDark, "regions");
        RegionsPage page(scene.stage.context);
        scene.show(page, test::sampleCluster().build());
        scene.keep(page);
        page.reveal("iceland-1");
        scene.keep(page, "-inspector");
        QTest::mouseClick(page.findChild<QPushButton*>("deleteRegion"), Qt::LeftButton);
        scene.keep(*page.findChild<TypedConfirmation*>(), "-delete");
    }

    void deployment_data() { addThemes(); }
    void deployment()
    {
        QFETCH(bool, isDark);
        Scene scene(isDark, "deployments");
        DeploymentsPage page(scene.stage.context);
        scene.show(page, test::sampleCluster().build());
        page.reveal("Europe");
        scene.keep(page);
        scene.stage.plane.answer->viewersAffected = 141;
        scene.stage.plane.answer->publishersAffected = 2;
        scene.stage.plane.answer->effects = {"5 nodes end as soon as nobody uses them."};
        QTest::mouseClick(page.findChild<QPushButton*>("stopDeployment"), Qt::LeftButton);
        scene.keep(*page.findChild<TypedConfirmation*>(), "-stop");
    }

    void nodeGroup_data() { addThemes(); }
    void nodeGroup()
    {
        QFETCH(bool, isDark);
        Scene scene(isDark, "node-groups");
        NodeGroupsPage page(scene.stage.context);
        scene.show(page, test::sampleCluster().build());
        page.reveal("eu-live");
        scene.keep(page);
        page.editSelected();
        scene.keep(page, "-form");
    }

    void gather_data() { addThemes(); }
    void gather()
    {
        QFETCH(bool, isDark);
        Scene scene(isDark, "deployments-gather");
        DeploymentsPage page(scene.stage.context);
        scene.show(page, test::sampleCluster().build());
        page.reveal("loose");
        page.findChild<QLineEdit*>("gatherName")->setText("America");
        QTRY_VERIFY(page.findChild<QLabel*>("changePreview")->isVisible());
        scene.keep(page);
    }

    void rollingChange_data() { addThemes(); }
    void rollingChange()
    {
        QFETCH(bool, isDark);
        Scene scene(isDark, "node-images-rolling");
        NodeImagesPage page(scene.stage.context);
        scene.show(page, test::rollingCluster());
        page.reveal("node-0.2-rc1");
        scene.keep(page);
        scene.stage.plane.answer->effects = {"7 nodes are replaced, few at a time."};
        page.findChild<QComboBox*>("changeGroup")->setCurrentIndex(2);
        QTRY_VERIFY(page.findChild<QLabel*>("changePreview")->isVisible());
        scene.keep(page, "-change");
    }

    void comingUp_data() { addThemes(); }
    void comingUp()
    {
        QFETCH(bool, isDark);
        Scene scene(isDark, "overview-coming-up");
        OverviewPage page(scene.stage.context);
        scene.stage.plane.plan = std::make_shared<const StoredPlan>(test::samplePlan());
        scene.stage.giveHistory(*test::plannedCluster());
        scene.show(page, test::plannedCluster());
        QTRY_VERIFY_WITH_TIMEOUT(page.findChild<ComingUpCard*>()->isVisible(), 5000);
        scene.keep(page);
    }
};

QTEST_MAIN(PlacePicturesTest)
#include "place_pictures_test.moc"
