#include "core/plan/plan_rules.h"
#include "core/wire/deployment_document.h"
#include "tests/support/page_stage.h"
#include "tests/support/zones.h"
#include "ui/models/deployment_draft.h"
#include "ui/pages/deployment_wizard.h"
#include "ui/pages/deployments_page.h"
#include "ui/pages/impact_panel.h"
#include "ui/widgets/region_map.h"
#include "ui/widgets/segmented.h"

#include <QCheckBox>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTest>
#include <QTimeEdit>

using namespace headgate;

namespace {

DeploymentDraft draftOf(RunTimes times)
{
    DeploymentDraft draft;
    draft.name = "Cup Final 2027!";
    draft.demand = {{"europe-central", 2, 5000}, {"australia-east", 0, 3000}};
    draft.window.times = times;
    draft.window.zone = "Europe/Berlin";
    draft.window.day = dayOf(testing::local("2027-06-26T00:00"));
    draft.window.start = std::chrono::hours(20);
    draft.window.end = std::chrono::hours(2);
    return draft;
}

Snapshot onSaturdayMorning()
{
    Snapshot snapshot;
    snapshot.takenAt = TimePoint(testing::utc("2027-06-26T06:00"));
    return snapshot;
}

}  // namespace

class DeploymentWizardTest : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<test::PageStage> m_stage;
    std::unique_ptr<DeploymentsPage> m_page;

    DeploymentWizard& wizard() const { return m_page->wizard(); }
    template <typename Widget>
    Widget* find(const char* name) const
    {
        return m_page->findChild<Widget*>(name);
    }
    void next() const { QTest::mouseClick(find<QPushButton>("wizardNext"), Qt::LeftButton); }
    void goTo(WizardStep step)
    {
        if (wizard().draft().name.empty())
            QTest::keyClicks(find<QLineEdit>("deploymentName"), "Cup final");
        while (wizard().step() < step)
            next();
    }

private Q_SLOTS:
    void init()
    {
        m_stage = std::make_unique<test::PageStage>();
        m_page = std::make_unique<DeploymentsPage>(m_stage->context);
        m_page->resize(1232, 826);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
        m_stage->put(*m_page, test::sampleCluster().build());
        m_page->createDeployment();
    }

    void cleanup()
    {
        m_page.reset();
        m_stage.reset();
    }

    void aStepIsLeftForwardOnlyWhenItIsRight()
    {
        next();
        QVERIFY(wizard().step() == WizardStep::Name);
        auto* name = find<QLineEdit>("deploymentName");
        QVERIFY(name->property("bad").toBool());
        QTest::keyClicks(name, "Europe");  // there is one
        next();
        QVERIFY(wizard().step() == WizardStep::Name && name->property("bad").toBool());
        name->clear();
        QTest::keyClicks(name, "Cup final");
        QVERIFY(!name->property("bad").toBool());
        next();
        QVERIFY(wizard().step() == WizardStep::Regions);
        find<QCheckBox>("region-europe-central")->setChecked(false);
        next();
        QVERIFY(wizard().step() == WizardStep::Regions);
    }

    void stepsKeepWhatWasTyped()
    {
        goTo(WizardStep::Audience);
        m_page->findChild<QSpinBox*>("headroom")->setValue(60);
        QVERIFY(m_page->closeInspector());  // Esc goes one step back
        QVERIFY(wizard().step() == WizardStep::Regions);
        QTest::mouseClick(find<QAbstractButton>("step1"), Qt::LeftButton);
        QCOMPARE(find<QLineEdit>("deploymentName")->text(), QString("Cup final"));
        next();
        next();
        QCOMPARE(find<QSpinBox>("headroom")->value(), 60);
    }

    void theMapAndTheListChooseTheSameRegions()
    {
        goTo(WizardStep::Regions);
        Q_EMIT m_page->findChild<RegionMap*>()->regionActivated("singapore");
        QVERIFY(find<QCheckBox>("region-singapore")->isChecked());
        QCOMPARE(wizard().draft().demand.size(), std::size_t(2));
        find<QCheckBox>("region-europe-central")->setChecked(false);
        QCOMPARE(wizard().draft().demand.front().region, std::string("singapore"));
    }

    void anAudienceWithoutPublishersIsNotLeft()
    {
        goTo(WizardStep::Audience);
        const QList<QSpinBox*> boxes = m_page->findChildren<QSpinBox*>();
        for (QSpinBox* box : boxes)
            if (box->accessibleName().startsWith("Publishers"))
                box->setValue(0);
        next();
        QVERIFY(wizard().step() == WizardStep::Audience);
    }

    void aScheduleOfNoTimeIsNotLeft()
    {
        goTo(WizardStep::Schedule);
        m_page->findChild<Segmented*>("runTimes")->setCurrentIndex(1);
        Q_EMIT m_page->findChild<Segmented*>("runTimes")->currentChanged(1);
        find<QTimeEdit>("runEnd")->setTime(find<QTimeEdit>("runStart")->time());
        next();
        QVERIFY(wizard().step() == WizardStep::Schedule);
        QVERIFY(find<QTimeEdit>("runEnd")->property("bad").toBool());
    }

    void reviewIsADryRunAndCreateSubmitsTheSame()
    {
        m_stage->plane.answer->effects = {"2 nodes start in europe-central."};
        goTo(WizardStep::Review);
        QVERIFY(m_stage->plane.requests.back().execution == Execution::DryRun);
        const QString shell = m_page->findChild<ImpactPanel*>()->commandLine();
        QVERIFY(shell.contains("headgatectl") && shell.contains("apply -f - <<'END'\n"));
        next();
        const CommandRequest& request = m_stage->plane.requests.back();
        QVERIFY(request.execution == Execution::Commit);
        const auto* created = std::get_if<CreateDeployment>(&request.command);
        QVERIFY(created != nullptr);
        QCOMPARE(created->deployment.name, std::string("Cup final"));
        QCOMPARE(created->content.nodeGroups.front().name, NodeGroupName("cup-final"));
        const std::string document = shell.section("<<'END'\n", 1).section("\nEND", 0, 0).toStdString();
        const auto shown = native::newDeploymentFromJson(nlohmann::json::parse(document));
        QVERIFY(shown && shown->deployment == created->deployment && shown->content == created->content);
        QVERIFY(!find<QPushButton>("wizardNext")->isVisible());  // back at the table
    }

    void whatIsRefusedStaysOpen()
    {
        m_stage->plane.answer = fail(ErrorCode::ResourceExhausted, "The quota is 10 nodes.", "Expect less.");
        goTo(WizardStep::Review);
        QVERIFY(!find<QPushButton>("wizardNext")->isEnabled());
        m_stage->plane.answer = CommandOutcome{};
        QVERIFY(wizard().stepBack());
        next();
        QVERIFY(find<QPushButton>("wizardNext")->isEnabled());
    }

    void theContentKeepsEveryRule_data()
    {
        QTest::addColumn<int>("times");
        for (int times = 0; times < 3; ++times)
            QTest::addRow("%d", times) << times;
    }

    void theContentKeepsEveryRule()
    {
        QFETCH(int, times);
        const DeploymentDraft draft = draftOf(static_cast<RunTimes>(times));
        const auto found = forecast(draft, onSaturdayMorning(), testing::loadZone);
        QVERIFY(found.has_value());
        const CreateDeployment command = commandOf(draft, found->sizes);
        QCOMPARE(command.content.nodeGroups.front().name, NodeGroupName("cup-final-2027"));
        QVERIFY(validate(command.deployment).empty());
        QVERIFY(validate(command.content.nodeGroups.front()).empty());
        QVERIFY(validate(command.content, testing::loadZone).empty());
    }

    void hoursAreThoseOfTheSchedule()
    {
        // 4 edges and 1 origin in Frankfurt, 2 edges in Sydney, 1 relay in each; 6 hours a day.
        const auto weekly = forecast(draftOf(RunTimes::Weekly), onSaturdayMorning(), testing::loadZone);
        QCOMPARE(total(weekly->perWeek), std::int64_t{9} * 7 * 6 * 3600);
        QCOMPARE(weekly->perWeek.at("edge"), std::int64_t{6} * 7 * 6 * 3600);
        QCOMPARE(weekly->week.front().nodes, 0);
        QCOMPARE(weekly->spans.front().start, TimePoint(testing::utc("2027-06-26T18:00")));
        QCOMPARE(weekly->spans.front().end, TimePoint(testing::utc("2027-06-27T00:00")));
        const auto once = forecast(draftOf(RunTimes::Once), onSaturdayMorning(), testing::loadZone);
        QCOMPARE(total(once->perMonth), std::int64_t{9} * 6 * 3600);
        const auto always = forecast(draftOf(RunTimes::Always), onSaturdayMorning(), testing::loadZone);
        QCOMPARE(total(always->perMonth), std::int64_t{9} * 30 * 24 * 3600);
    }

    void measuredNodesCarryWhatWasMeasured()
    {
        Snapshot snapshot = onSaturdayMorning();
        const DeploymentDraft draft = draftOf(RunTimes::Always);
        QCOMPARE(forecast(draft, snapshot, testing::loadZone)->basis.node, NodeLimits{});
        CapacityMeasurement measured;
        measured.viewersPerCore = 1250;
        measured.cores = 4;
        snapshot.nodeImages.emplace_back().record = {draft.image, "", {measured}};
        const NodeLimits node = forecast(draft, snapshot, testing::loadZone)->basis.node;
        QCOMPARE(node.viewers, 5000);
        QVERIFY(node.source == LimitSource::Measured);
    }

    void longNamesOfRegionsBecomeSubgroupsOfTheirOwn()
    {
        DeploymentDraft draft = draftOf(RunTimes::Always);
        draft.demand = {{"a-region-with-a-long-name-1", 1, 10}, {"a-region-with-a-long-name-2", 0, 10}};
        const auto sizes = sizeNodes(draft.demand, {});
        const NodeGroup group = contentOf(draft, *sizes).nodeGroups.front();
        QVERIFY(validate(group).empty());
        QCOMPARE(group.subgroups.back().cloudProperties, std::string("region=a-region-with-a-long-name-2"));
    }
};

QTEST_MAIN(DeploymentWizardTest)
#include "deployment_wizard_test.moc"
