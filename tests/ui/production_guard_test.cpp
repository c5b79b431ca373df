#include "tests/support/console_app.h"
#include "tests/support/fake_control_plane.h"
#include "tests/support/sample_snapshot.h"
#include "ui/dialogs/typed_confirmation.h"
#include "ui/frame/main_window.h"
#include "ui/frame/stage_tag.h"

#include <QLayout>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>

using namespace headgate;

namespace {

// A page that changes something.
class ChangingPage : public Page
{
public:
    ChangingPage() : Page({"nodes", "Nodes", "Which?", "nodes", 'N', RailSection::Live}) {}

    void change(Execution execution)
    {
        submit(UndrainNode{NodeId("aOriginFra")}, execution,
               [this](const Result<CommandOutcome>& outcome) { outcomes.push_back(outcome); });
    }

    std::vector<Result<CommandOutcome>> outcomes;

protected:
    void onSnapshot(const Snapshot&) override { showNormal(); }
};

}  // namespace

// A production cluster is not changed by mistake.
class ProductionGuardTest : public QObject
{
    Q_OBJECT

private:
    QPushButton* arming() const { return m_window->findChild<QPushButton*>("arming"); }
    TypedConfirmation* question() const
    {
        const QList<TypedConfirmation*> all = m_page->findChildren<TypedConfirmation*>();
        return all.isEmpty() || !all.back()->isVisible() ? nullptr : all.back();
    }
    void answer(const char* name) const
    {
        QTest::mouseClick(question()->findChild<QPushButton*>(name), Qt::LeftButton);
        QTRY_VERIFY(m_page->findChildren<TypedConfirmation*>().isEmpty());
    }

    std::unique_ptr<test::ConsoleApp> m_app;
    std::unique_ptr<test::FakeControlPlane> m_plane;
    std::unique_ptr<MainWindow> m_window;
    ChangingPage* m_page = nullptr;

private Q_SLOTS:
    void init()
    {
        m_app = std::make_unique<test::ConsoleApp>();
        m_plane = std::make_unique<test::FakeControlPlane>();
        m_window = std::make_unique<MainWindow>(m_app->settings, m_app->theme);
        m_page = new ChangingPage;
        m_window->setPages({m_page});
        m_window->setControlPlane(m_plane.get());
        m_window->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
        m_plane->show(test::sampleCluster().build());
    }

    void cleanup()
    {
        m_window.reset();
        m_plane.reset();
        m_app.reset();
    }

    void aLabIsChangedWithoutAQuestion()
    {
        QVERIFY(!arming()->isVisible());
        m_page->change(Execution::Commit);
        QVERIFY(question() == nullptr && m_page->outcomes.at(0));
        QTest::keyClick(m_window.get(), Qt::Key_A, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(!m_window->guard().isArmed());
    }

    void productionAsksAndStaysAsItIs()
    {
        m_window->guard().setStage(ClusterStage::Production);
        QCOMPARE(arming()->text(), QString("Read-only"));
        m_page->change(Execution::Commit);
        QVERIFY(question() != nullptr && m_plane->requests.empty());
        test::keepPicture(*question(), "arm-question");
        answer("keep");
        QVERIFY(m_plane->requests.empty());
        QVERIFY(m_page->outcomes.at(0).error().code == ErrorCode::Conflict);
    }

    void armingAppliesAndHoldsForTheNextChange()
    {
        m_window->guard().setStage(ClusterStage::Production);
        m_page->change(Execution::Commit);
        answer("act");
        QCOMPARE(m_plane->requests.size(), std::size_t(1));
        QVERIFY(m_page->outcomes.at(0) && m_window->guard().isArmed());
        QVERIFY(arming()->text().startsWith("Armed 1"));
        m_page->change(Execution::Commit);
        QVERIFY(question() == nullptr);
        QCOMPARE(m_plane->requests.size(), std::size_t(2));
        QTest::mouseClick(arming(), Qt::LeftButton);
        QVERIFY(m_window->guard().isLocked());
    }

    void theKeyArmsAndDisarms()
    {
        m_window->guard().setStage(ClusterStage::Production);
        QTest::keyClick(m_window.get(), Qt::Key_A, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(m_window->guard().isArmed());
        QTest::keyClick(m_window.get(), Qt::Key_A, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(m_window->guard().isLocked());
    }

    void aPreviewIsNeverHeldBack()
    {
        m_window->guard().setStage(ClusterStage::Production);
        m_page->change(Execution::DryRun);
        QVERIFY(question() == nullptr);
        QVERIFY(m_plane->requests.at(0).execution == Execution::DryRun);
    }

    void aChangeIsNotCarriedToAnotherCluster()
    {
        test::FakeControlPlane other;
        m_window->guard().setStage(ClusterStage::Production);
        m_page->change(Execution::Commit);
        m_window->setControlPlane(&other);
        answer("act");
        QVERIFY(m_plane->requests.empty() && other.requests.empty());
        QVERIFY(!m_page->outcomes.at(0));
        m_window->setControlPlane(m_plane.get());
    }

    void anAudienceOfProductionIsFramed()
    {
        QCOMPARE(m_window->layout()->contentsMargins().left(), 0);
        m_window->guard().setStage(ClusterStage::Production);
        QCOMPARE(m_window->layout()->contentsMargins().left(), 2);
        QCoreApplication::processEvents();
        test::keepPicture(*m_window, "production");
        m_plane->show(test::SnapshotBuilder().build());
        QCOMPARE(m_window->layout()->contentsMargins().left(), 0);
    }

    void theStageIsRememberedForEachCluster()
    {
        ProductionGuard& guard = m_window->guard();
        guard.setStage(ClusterStage::Production);
        QVERIFY(m_window->findChild<StageTag*>()->stage() == ClusterStage::Production);
        guard.arm();
        guard.setCluster("http://10.0.0.1/Another/one");
        QVERIFY(guard.stage() == ClusterStage::Lab && !guard.isArmed());
        guard.setStage(ClusterStage::Staging);
        guard.setCluster("This machine/" + QString::fromStdString(m_plane->snapshot()->deploymentName));
        QVERIFY(guard.isLocked());
        guard.setCluster("http://10.0.0.1/Another/one");
        QVERIFY(guard.stage() == ClusterStage::Staging && !guard.isLocked());
    }

    void armingEndsByItself()
    {
        ProductionGuard guard(m_app->settings, std::chrono::milliseconds(20));
        guard.setCluster("a");
        guard.setStage(ClusterStage::Production);
        guard.arm();
        QSignalSpy changes(&guard, &ProductionGuard::changed);
        QTRY_VERIFY(guard.isLocked());
        QCOMPARE(changes.size(), 1);
        QVERIFY(guard.remaining() == Duration(0));
    }
};

QTEST_MAIN(ProductionGuardTest)
#include "production_guard_test.moc"
