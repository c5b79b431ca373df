#include "tests/support/one_page.h"
#include "ui/format.h"
#include "ui/models/deployment_rows.h"
#include "ui/pages/deployment_inspector.h"
#include "ui/pages/deployments_page.h"
#include "ui/pages/gather_panel.h"
#include "ui/widgets/code_block.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>

using namespace headgate;

class DeploymentsPageTest : public QObject, private test::OnePage<DeploymentsPage>
{
    Q_OBJECT

private:
    void show(DeploymentState state)
    {
        test::SnapshotBuilder cluster;
        cluster.group("eu-live", {"eu-central-1"}).group("us-live", {"us-east-1"}).regions();
        cluster.node("aOriginFra", "eu-live", "eu-central-1", "origin");
        cluster.node("bEdgeFra01", "eu-live", "eu-central-1", "edge", 61);
        cluster.deployment("Europe", {"eu-live"}, state);
        m_stage->plane.show(cluster.build());
    }

private Q_SLOTS:
    void init() { open({1232, 800}); }
    void cleanup() { close(); }

    void deploymentsStandAboveTheirGroupsAndTheRestBelow()
    {
        QStringList keys;
        for (const TableRow& row : rows())
            keys << row.key;
        QCOMPARE(keys, (QStringList{"deployment:Europe", "group:eu-live", "loose", "group:us-live"}));
        const TableRow& europe = rows()[0];
        QCOMPARE(europe.cells[0].glyph, std::optional(Status::Pending));
        QCOMPARE(europe.cells[1].text, QString("Starting"));
        QCOMPARE(europe.cells[1].second, QString("1 of 2 edges in eu-west-2 is not ready."));
        QCOMPARE(europe.cells[2].text, QString("4 of 5"));
        QCOMPARE(europe.cells[3].text, QString("Frankfurt, London"));
        QCOMPARE(europe.cells[4].text, QString("node-0.1"));
    }

    void costIsThatOfTheNodesThatAreThere()
    {
        const SnapshotPtr snapshot = m_stage->plane.snapshot();
        const Deployment& deployment = snapshot->deployments.front().stored.deployment;
        const DeploymentFigures figures = figuresOf(*snapshot, deployment.nodeGroups, deployment.prices);
        QCOMPARE(figures.nodes, 5);
        QCOMPARE(figures.hourlyPrice, std::optional(4 * 0.21 + 0.34));
        QVERIFY(!figuresOf(*snapshot, deployment.nodeGroups, {"EUR", {{"edge", 0.21}}}).hourlyPrice);
        QCOMPARE(rows()[0].cells[5].text, QString("€1.18"));
        QCOMPARE(rows()[3].cells[5].text, format::unknown());
    }

    void stoppingAsksForTheNameAndSendsTheVersionSeen()
    {
        m_page->reveal("Europe");
        m_stage->plane.answer->viewersAffected = 141;
        m_stage->plane.answer->effects = {"5 nodes drain."};
        click("stopDeployment");
        QVERIFY(sent().execution == Execution::DryRun);
        QVERIFY(question() != nullptr);
        auto* act = question()->findChild<QPushButton*>("act");
        QVERIFY(!act->isEnabled());
        QTest::keyClicks(question()->findChild<QLineEdit*>("confirmationName"), "Europe");
        QTest::mouseClick(act, Qt::LeftButton);
        const auto* power = std::get_if<SetDeploymentPower>(&sent().command);
        QVERIFY(power != nullptr && power->power == DeploymentPower::Stopped);
        QVERIFY(sent().execution == Execution::Commit);
        QCOMPARE(sent().ifVersion, std::optional<std::uint64_t>(5));
        QVERIFY(m_stage->toasts.back().undo);
        m_stage->toasts.back().undo();
        QVERIFY(std::get<SetDeploymentPower>(sent().command).power == DeploymentPower::Running);
    }

    void whatAStopWouldBeRefusedForIsTold()
    {
        m_page->reveal("Europe");
        m_stage->plane.answer = fail(ErrorCode::VersionMismatch, "Version 6 is in force.", "Look again.");
        click("stopDeployment");
        QVERIFY(question() == nullptr);
        QVERIFY(m_stage->toasts.back().text.contains("Version 6 is in force."));
    }

    void startingRunsAtOnceAndOffersUndo()
    {
        show(DeploymentState::Stopped);
        m_page->reveal("Europe");
        QVERIFY(button("startDeployment")->isVisible() && !button("stopDeployment")->isVisible());
        click("startDeployment");
        QCOMPARE(m_stage->plane.requests.size(), std::size_t(2));  // dry run, then the act
        QVERIFY(std::get<SetDeploymentPower>(sent().command).power == DeploymentPower::Running);
        QVERIFY(m_stage->toasts.back().undo);
    }

    void restartAsksForTheNameOnlyIfSessionsEnd()
    {
        show(DeploymentState::Active);
        m_page->reveal("Europe");
        click("restartDeployment");
        auto* act = question()->findChild<QPushButton*>("act");
        QVERIFY(act->isEnabled());
        QTest::mouseClick(act, Qt::LeftButton);
        QVERIFY(std::holds_alternative<RestartDeployment>(sent().command));
        QVERIFY(sent().execution == Execution::Commit);
    }

    void onlyAStoppedDeploymentIsDeleted()
    {
        show(DeploymentState::Stopping);
        m_page->reveal("Europe");
        QVERIFY(!button("deleteDeployment")->isEnabled() && !button("deleteDeployment")->toolTip().isEmpty());
        QVERIFY(!button("restartDeployment")->isEnabled());
        show(DeploymentState::Stopped);
        QVERIFY(button("deleteDeployment")->isEnabled());
        click("deleteDeployment");
        QTest::keyClicks(question()->findChild<QLineEdit*>("confirmationName"), "Europe");
        confirm();
        QCOMPARE(std::get<DeleteDeployment>(sent().command).name, std::string("Europe"));
    }

    void looseGroupsAreGatheredIntoANewDeployment()
    {
        m_page->reveal(rows::looseKey());
        auto* panel = m_page->findChild<GatherPanel*>();
        QVERIFY(panel->isVisible());
        QVERIFY(panel->findChild<QCheckBox*>()->isChecked());
        QVERIFY(!button("gather")->isEnabled());
        auto* name = panel->findChild<QLineEdit*>("gatherName");
        name->setText("Europe");  // taken
        QVERIFY(!button("gather")->isEnabled() && name->property("bad").toBool());
        name->setText("America");
        click("gather");
        const auto* created = std::get_if<CreateDeployment>(&sent().command);
        QVERIFY(created != nullptr);
        QCOMPARE(created->deployment.nodeGroups, std::vector<NodeGroupName>{NodeGroupName("us-live")});
        QVERIFY(created->content == PlanDocument{});
    }

    void aLooseGroupIsAddedToADeploymentThatIsThere()
    {
        m_page->reveal("group:us-live");
        auto* target = m_page->findChild<QComboBox*>("gatherTarget");
        target->setCurrentIndex(target->findData("Europe"));
        click("gather");
        const auto* replaced = std::get_if<ReplaceDeployment>(&sent().command);
        QVERIFY(replaced != nullptr);
        QCOMPARE(replaced->deployment.nodeGroups.size(), std::size_t(2));
        QCOMPARE(sent().ifVersion, std::optional<std::uint64_t>(5));
    }

    void gatheringIsPreviewedWithItsCommandLine()
    {
        m_page->reveal("group:us-live");
        auto* panel = m_page->findChild<GatherPanel*>();
        auto* target = panel->findChild<QComboBox*>("gatherTarget");
        m_stage->plane.answer->effects = {"Groups that it gains stop."};
        target->setCurrentIndex(target->findData("Europe"));
        auto* words = panel->findChild<QLabel*>("changePreview");
        QTRY_VERIFY(words->isVisible());
        QCOMPARE(words->text(), QString("Groups that it gains stop."));
        QVERIFY(sentAs<ReplaceDeployment>() && sent().execution == Execution::DryRun);
        QVERIFY(panel->findChild<CodeBlock*>()->code().endsWith("-f Europe.json"));
        m_stage->plane.answer = fail(ErrorCode::Conflict, "It belongs to another one.", "Take it out there.");
        target->setCurrentIndex(0);
        panel->findChild<QLineEdit*>("gatherName")->setText("America");
        QTRY_VERIFY(words->text().contains("belongs to another"));
        QVERIFY(!button("gather")->isEnabled());
    }

    void aStopTellsTheWindowsAndConflictsOfThePlan()
    {
        m_page->reveal("Europe");
        PlanChange change;
        change.pool = {NodeGroupName("eu-live"), "eu-central-1", "edge"};
        change.start = fromEpochMs(1'813'000'000'000);
        change.end = change.start + std::chrono::hours(2);
        change.wasActive = true;
        change.minBefore = 2;
        change.maxBefore = 6;
        m_stage->plane.answer->plan.changes = {change};
        m_stage->plane.answer->plan.findings = {{"C2", change.start, change.end, "Two overlays overlap."}};
        click("stopDeployment");
        QStringList told;
        const QList<QLabel*> labels = question()->findChildren<QLabel*>();
        for (const QLabel* label : labels)
            told << label->text();
        QVERIFY2(told.filter("eu-live, eu-central-1, edge: 2 – 6 becomes off").size() == 1,
                 qPrintable(told.join('\n')));
        QVERIFY(told.contains("Two overlays overlap."));
    }

    void theCommandLineDoesTheSame()
    {
        m_page->reveal("Europe");
        const QString code = m_page->findChild<DeploymentInspector*>()->findChild<CodeBlock*>()->code();
        QCOMPARE(code, QString("headgatectl --server http://127.0.0.1:5080 \\\n  stop deployment Europe"));
    }

    void nothingIsChangedOnOldData()
    {
        m_page->reveal("Europe");
        m_page->setStale(true);
        QVERIFY(!button("newDeployment")->isEnabled() && !button("stopDeployment")->isEnabled());
        QTest::keyClick(m_page.get(), Qt::Key_N, Qt::ControlModifier);
        QVERIFY(!button("wizardNext")->isVisible());
    }
};

QTEST_MAIN(DeploymentsPageTest)
#include "deployments_page_test.moc"
