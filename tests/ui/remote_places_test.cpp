#include "tests/support/one_page.h"
#include "tests/support/remote_server.h"
#include "ui/pages/deployment_wizard.h"
#include "ui/pages/deployments_page.h"
#include "ui/pages/node_images_page.h"
#include "ui/pages/region_editor.h"
#include "ui/pages/regions_page.h"

#include <QComboBox>
#include <QCoreApplication>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QTest>

#include <algorithm>
#include <set>

using namespace headgate;

namespace {

constexpr int patience = 90'000;

}  // namespace

// The pages about places as a client of a control plane elsewhere, with real nodes: what they change comes true.
class RemotePlacesTest : public QObject
{
    Q_OBJECT

private:
    test::RemoteServer m_server{QCoreApplication::applicationDirPath().toStdString() + "/headgate-node"};
    test::PageStage m_stage;
    std::unique_ptr<ControlPlane> m_plane;
    std::unique_ptr<DeploymentsPage> m_deployments;
    std::unique_ptr<RegionsPage> m_regions;
    std::unique_ptr<NodeImagesPage> m_images;

    template <typename PageType>
    std::unique_ptr<PageType> makePage()
    {
        auto page = std::make_unique<PageType>(m_stage.context);
        page->resize(1232, 826);
        page->setControlPlane(m_plane.get());
        page->show();
        return page;
    }

    const Snapshot& snapshot() const { return *m_plane->snapshot(); }
    bool isIn(DeploymentState state) const
    {
        return snapshot().deployments.size() == 1 && snapshot().deployments.front().state == state;
    }
    std::set<std::string> nodesInService() const
    {
        std::set<std::string> ids;
        for (const NodeStatus& status : snapshot().nodes)
            if (status.node.state == NodeState::InService)
                ids.insert(status.node.id.value);
        return ids;
    }

    static void click(const QWidget& page, const char* name)
    {
        auto* button = page.findChild<QPushButton*>(name);
        QVERIFY2(button && button->isVisible(), name);
        QTRY_VERIFY_WITH_TIMEOUT(button->isEnabled(), patience);
        QTest::mouseClick(button, Qt::LeftButton);
    }
    // Answers the question that comes with yes; types the name if it is asked for.
    static void confirm(const QWidget& page)
    {
        const auto open = [&page]() -> TypedConfirmation* {
            const QList<TypedConfirmation*> all = page.findChildren<TypedConfirmation*>();
            return all.isEmpty() ? nullptr : all.back();
        };
        QTRY_VERIFY_WITH_TIMEOUT(open() && open()->isVisible(), patience);
        if (auto* name = open()->findChild<QLineEdit*>("confirmationName"))
            QTest::keyClicks(name, name->placeholderText());
        QTest::mouseClick(open()->findChild<QPushButton*>("act"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!open(), patience);
    }

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_server.start() && m_server.putAccount("the right password"));
        Result<SessionCredentials> session = fail(ErrorCode::Unavailable, "no answer yet");
        signIn(this, {m_server.url().toStdString()}, "admin", "the right password",
               [&session](Result<SessionCredentials> answer) { session = std::move(answer); });
        QTRY_VERIFY_WITH_TIMEOUT(session.has_value(), patience);
        m_plane = makeRemoteControlPlane({m_server.url().toStdString(), *session});
        QTRY_VERIFY_WITH_TIMEOUT(m_plane->snapshot() != nullptr, patience);
        m_deployments = makePage<DeploymentsPage>();
        m_regions = makePage<RegionsPage>();
        m_images = makePage<NodeImagesPage>();
    }

    void cleanupTestCase()
    {
        m_images.reset();
        m_regions.reset();
        m_deployments.reset();
        m_plane.reset();
        QCOMPARE(m_server.host().stopAllNodes(std::chrono::seconds(20)), 0);
        m_server.stop();
    }

    void aDefaultRegionIsChosen()
    {
        m_regions->reveal("europe-central");
        click(*m_regions, "defaultRegion");
        QTRY_COMPARE_WITH_TIMEOUT(snapshot().defaultRegion, std::string("europe-central"), patience);
    }

    void aRegionIsAddedChangedAndDeleted()
    {
        const auto latitude = [this]() -> double {
            for (const RegionStatus& status : snapshot().regions)
                if (status.region.name == "norway-1")
                    return status.region.latitude;
            return 0;
        };
        m_regions->addRegion();
        QTest::keyClicks(m_regions->findChild<QLineEdit*>("regionName"), "norway-1");
        QTest::keyClicks(m_regions->findChild<QLineEdit*>("regionTitle"), "Oslo, Norway");
        m_regions->findChild<QDoubleSpinBox*>("regionLatitude")->setValue(59.9);
        click(*m_regions, "saveRegion");
        QTRY_COMPARE_WITH_TIMEOUT(latitude(), 59.9, patience);
        QTRY_VERIFY_WITH_TIMEOUT(m_regions->findChild<QPushButton*>("editRegion")->isVisible(), patience);
        click(*m_regions, "editRegion");
        m_regions->findChild<QDoubleSpinBox*>("regionLatitude")->setValue(60);
        click(*m_regions, "saveRegion");
        QTRY_COMPARE_WITH_TIMEOUT(latitude(), 60.0, patience);
        click(*m_regions, "deleteRegion");
        confirm(*m_regions);
        QTRY_COMPARE_WITH_TIMEOUT(latitude(), 0.0, patience);
    }

    void theWizardMakesADeploymentThatComesIntoService()
    {
        m_deployments->createDeployment();
        QTest::keyClicks(m_deployments->findChild<QLineEdit*>("deploymentName"), "Cup final");
        for (int step = 1; step < wizardSteps; ++step)
            click(*m_deployments, "wizardNext");
        QVERIFY(m_deployments->wizard().step() == WizardStep::Review);
        click(*m_deployments, "wizardNext");
        QTRY_VERIFY_WITH_TIMEOUT(isIn(DeploymentState::Active), patience);
        QCOMPARE(nodesInService().size(), std::size_t(2));  // an origin, and an edge for 1,000 viewers
        QTRY_VERIFY_WITH_TIMEOUT(m_deployments->findChild<QPushButton*>("stopDeployment")->isVisible(), patience);
    }

    void itsNodesAreReplacedByARestart()
    {
        const std::set<std::string> before = nodesInService();
        click(*m_deployments, "restartDeployment");
        confirm(*m_deployments);
        const auto areReplaced = [&] {
            const std::set<std::string> now = nodesInService();
            return now.size() == 2 && std::ranges::none_of(now, [&](const auto& id) { return before.contains(id); });
        };
        QTRY_VERIFY_WITH_TIMEOUT(areReplaced() && isIn(DeploymentState::Active), patience);
    }

    void itStopsAndStartsAgain()
    {
        click(*m_deployments, "stopDeployment");
        confirm(*m_deployments);
        QTRY_VERIFY_WITH_TIMEOUT(isIn(DeploymentState::Stopped), patience);
        QVERIFY(nodesInService().empty());
        click(*m_deployments, "startDeployment");
        QTRY_VERIFY_WITH_TIMEOUT(isIn(DeploymentState::Active), patience);
        QCOMPARE(nodesInService().size(), std::size_t(2));
    }

    void itsImageChangesNodeByNodeAndGoesBack()
    {
        const auto areOf = [this](const std::string& image) {
            const auto isOf = [&](const NodeStatus& status) { return status.node.launchedImage == image; };
            return nodesInService().size() == 2 && std::ranges::all_of(snapshot().nodes, isOf);
        };
        const std::string former = snapshot().nodeGroups.front().group.images.front().image;
        m_images->reveal(QString::fromStdString(former));
        QTRY_VERIFY_WITH_TIMEOUT(m_images->findChild<QComboBox*>("changeGroup")->isVisible(), patience);
        m_images->findChild<QComboBox*>("changeGroup")->setCurrentIndex(1);
        m_images->findChild<QComboBox*>("changeTo")->setEditText("headgate-node-next");
        click(*m_images, "changeImage");
        confirm(*m_images);
        QTRY_VERIFY_WITH_TIMEOUT(areOf("headgate-node-next"), patience);
        m_stage.toasts.back().undo();
        QTRY_VERIFY_WITH_TIMEOUT(areOf(former), patience);
    }
};

QTEST_MAIN(RemotePlacesTest)
#include "remote_places_test.moc"
