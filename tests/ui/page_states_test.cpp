#include "core/plane/secret_store.h"
#include "tests/support/console_app.h"
#include "tests/support/page_stage.h"
#include "tests/support/unnamed_fields.h"
#include "ui/pages/first_run_page.h"
#include "ui/pages/node_group_form.h"
#include "ui/pages/node_groups_page.h"
#include "ui/pages/provisions_page.h"
#include "ui/shell/theme.h"

#include <QApplication>
#include <QCheckBox>
#include <QPushButton>
#include <QTest>

using namespace headgate;

// Every page in its states and both themes: it is painted, each field has a name, and with HEADGATE_SHOTS=DIR the
// picture is written there to be looked at.
class PageStatesTest : public QObject
{
    Q_OBJECT

private:
    static void showPage(Page& page)
    {
        page.resize(1232, 826);  // what a window of 1440x900 leaves
        page.show();
        QVERIFY(QTest::qWaitForWindowExposed(&page));
    }

private Q_SLOTS:
    void everyPageInEveryState_data()
    {
        QTest::addColumn<QString>("state");
        QTest::addColumn<bool>("isDark");
        for (const char* state : {"normal", "empty", "stale"})
            for (const bool isDark : {false, true})
                QTest::addRow("%s-%s", state, isDark ? "dark" : "light") << QString(state) << isDark;
    }

    void everyPageInEveryState()
    {
        QFETCH(QString, state);
        QFETCH(bool, isDark);
        test::PageStage stage;
        Theme theme(*qApp, stage.settings);
        theme.setChoice(isDark ? ThemeChoice::Dark : ThemeChoice::Light);
        QWidget parent;
        for (Page* page : makePages(stage.context, stage.testStreams, nullptr)) {
            const std::unique_ptr<Page> owner(page);
            showPage(*page);
            const SnapshotPtr snapshot =
                state == "empty" ? test::SnapshotBuilder().build() : test::sampleCluster().build();
            stage.giveHistory(*snapshot);
            stage.put(*page, snapshot);
            page->setStale(state == "stale");
            // Somebody is signed in, whatever the cluster has.
            const bool isEmpty = state == "empty" && page->identity().id != QLatin1String("account");
            QCOMPARE(page->state(), isEmpty ? PageState::Empty : PageState::Normal);
            QCOMPARE(test::unnamedFields(*page).join(QStringLiteral("; ")), QString());
            QTest::qWait(50);
            test::keepPicture(*page,
                              QStringLiteral("%1-%2-%3").arg(page->identity().id, state, isDark ? "dark" : "light"));
        }
    }

    void nothingIsChangedWithoutFreshData()
    {
        test::PageStage stage;
        const Theme theme(*qApp, stage.settings);
        const std::map<QString, QString> buttons = {{"streams", "startTestStream"},   {"node-groups", "newGroup"},
                                                    {"deployments", "newDeployment"}, {"provisions", "newProvision"},
                                                    {"regions", "newRegion"},         {"timeline", "addSchedule"}};
        for (Page* page : makePages(stage.context, stage.testStreams, nullptr)) {
            const std::unique_ptr<Page> owner(page);
            const auto known = buttons.find(page->identity().id);
            if (known == buttons.end())
                continue;
            showPage(*page);
            const auto* button = page->findChild<QPushButton*>(known->second);
            const auto isLocked = [button] { return !button->isEnabled() && !button->toolTip().isEmpty(); };
            test::FakeControlPlane lost;
            Link link;
            link.state = LinkState::Lost;
            link.error = {ErrorCode::Unavailable, "It does not answer.", "Start it.", {}};
            lost.setLink(link);
            page->setControlPlane(&lost);
            QCOMPARE(page->state(), PageState::Error);
            QVERIFY(isLocked());
            stage.put(*page, test::sampleCluster().build());
            QVERIFY(button->isEnabled() && button->toolTip().isEmpty());
            page->setStale(true);
            QVERIFY(isLocked());
            page->setStale(false);
            QVERIFY(button->isEnabled());
            page->setControlPlane(nullptr);
        }
    }

    void nodeGroupForm_data()
    {
        QTest::addColumn<bool>("isDark");
        QTest::addRow("light") << false;
        QTest::addRow("dark") << true;
    }

    void nodeGroupForm()
    {
        QFETCH(bool, isDark);
        test::PageStage stage;
        Theme theme(*qApp, stage.settings);
        theme.setChoice(isDark ? ThemeChoice::Dark : ThemeChoice::Light);
        NodeGroupsPage page(stage.context);
        showPage(page);
        stage.put(page, test::sampleCluster().build());
        stage.plane.answer->changes = {{"/subgroups/0/rules/0/max", "8", "12"}};
        stage.plane.answer->effects = {"2 nodes start in eu-central-1."};
        page.createGroup();
        QTest::qWait(300);
        QCOMPARE(test::unnamedFields(page).join(QStringLiteral("; ")), QString());
        test::keepPicture(page, QStringLiteral("node-group-new-%1").arg(isDark ? "dark" : "light"));
        page.closeInspector();
        page.reveal("us-live");
        test::keepPicture(page, QStringLiteral("node-groups-inspector-%1").arg(isDark ? "dark" : "light"));
        page.editSelected();
        QTest::qWait(300);
        test::keepPicture(page, QStringLiteral("node-group-edit-%1").arg(isDark ? "dark" : "light"));
        page.findChild<NodeGroupForm*>()->setCurrentTab(DraftTab::Media);
        page.findChild<QCheckBox*>("field/recording/store")->click();
        QTRY_VERIFY(page.findChild<QPushButton*>("testStore"));
        QTest::qWait(300);
        QCOMPARE(test::unnamedFields(page).join(QStringLiteral("; ")), QString());
        test::keepPicture(page, QStringLiteral("node-group-media-%1").arg(isDark ? "dark" : "light"));
        ProvisionsPage provisions(stage.context);
        showPage(provisions);
        stage.put(provisions, test::sampleCluster().build());
        provisions.createProvision();
        QCOMPARE(test::unnamedFields(provisions).join(QStringLiteral("; ")), QString());
        test::keepPicture(provisions, QStringLiteral("provision-form-%1").arg(isDark ? "dark" : "light"));
    }

    void inspectors_data() { nodeGroupForm_data(); }

    void inspectors()
    {
        QFETCH(bool, isDark);
        test::PageStage stage;
        Theme theme(*qApp, stage.settings);
        theme.setChoice(isDark ? ThemeChoice::Dark : ThemeChoice::Light);
        const std::map<QString, QString> keys = {{"nodes", "bEdgeFra01"},
                                                 {"topology", "aOriginFra"},
                                                 {"audit", "2"},
                                                 {"deployments", "deployment:Europe"},
                                                 {"regions", "iceland-1"},
                                                 {"node-images", "node-0.1"},
                                                 {"jobs", "eu-live/partner"},
                                                 {"provisions", "eu-live/partner"},
                                                 {"recordings", "eu-live/fan-zone-7"}};
        for (Page* page : makePages(stage.context, stage.testStreams, nullptr)) {
            const std::unique_ptr<Page> owner(page);
            const auto key = keys.find(page->identity().id);
            if (key == keys.end())
                continue;
            showPage(*page);
            stage.put(*page, test::sampleCluster().build());
            page->reveal(key->second);
            QTest::qWait(50);
            QCOMPARE(test::unnamedFields(*page).join(QStringLiteral("; ")), QString());
            test::keepPicture(*page,
                              QStringLiteral("%1-inspector-%2").arg(page->identity().id, isDark ? "dark" : "light"));
        }
    }

    void firstRun_data() { nodeGroupForm_data(); }

    void firstRun()
    {
        QFETCH(bool, isDark);
        test::PageStage stage;
        Theme theme(*qApp, stage.settings);
        theme.setChoice(isDark ? ThemeChoice::Dark : ThemeChoice::Light);
        SecretStore secrets("headgate-test");
        const QString suffix = isDark ? "dark" : "light";
        FirstRunPage page({stage.media, secrets, stage.testStreams, "127.85.0.0/16"});
        page.resize(1440, 900);
        page.show();
        QVERIFY(QTest::qWaitForWindowExposed(&page));
        QTest::qWait(300);
        QCOMPARE(test::unnamedFields(page).join(QStringLiteral("; ")), QString());
        test::keepPicture(page, "first-run-" + suffix);
        page.setWay(FirstRunPage::Way::Connect);
        test::keepPicture(page, "first-run-connect-" + suffix);
        page.setWay(FirstRunPage::Way::Demo);
        test::keepPicture(page, "first-run-demo-" + suffix);
        page.setWay(FirstRunPage::Way::LocalCluster);
        stage.plane.show(test::SnapshotBuilder().build());
        page.followStart(stage.plane);
        QTest::qWait(50);
        test::keepPicture(page, "first-run-steps-" + suffix);
        page.showFailure(
            {ErrorCode::Unavailable, "The data folder is used by another process.", "Close it first.", ""});
        test::keepPicture(page, "first-run-failure-" + suffix);
    }
};

QTEST_MAIN(PageStatesTest)
#include "page_states_test.moc"
