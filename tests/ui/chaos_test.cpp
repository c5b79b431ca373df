#include "tests/support/page_stage.h"
#include "tests/support/sample_snapshot.h"
#include "ui/dialogs/recovery_dialog.h"
#include "ui/dialogs/typed_confirmation.h"
#include "ui/pages/break_menu.h"
#include "ui/pages/nodes_page.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QPushButton>
#include <QTest>
#include <QToolButton>

using namespace headgate;
using std::chrono::milliseconds;

namespace {

const TimePoint harmedAt = fromEpochMs(1'814'121'738'000);

Snapshot at(int afterMs)
{
    Snapshot snapshot = *test::sampleCluster().build();
    snapshot.takenAt = harmedAt + milliseconds(afterMs);
    return snapshot;
}

NodeStatus& nodeOf(Snapshot& snapshot, const char* id)
{
    return *std::ranges::find(snapshot.nodes, NodeId(id), [](const NodeStatus& status) { return status.node.id; });
}

}  // namespace

// Breaking nodes on purpose, and what is measured of the recovery.
class ChaosTest : public QObject
{
    Q_OBJECT

private:
    struct Harm
    {
        NodeId node;
        NodeHarm harm;
    };

    std::unique_ptr<test::PageStage> m_stage;
    std::unique_ptr<NodesPage> m_page;
    std::vector<Harm> m_harms;
    QString m_whyNot;

    QToolButton* button() const { return m_page->findChild<QToolButton*>("break"); }

    QAction* action(const QString& part) const
    {
        Q_EMIT button()->menu()->aboutToShow();
        for (QAction* each : button()->menu()->actions()) {
            if (each->text().contains(part))
                return each;
        }
        return nullptr;
    }

    void show()
    {
        Snapshot snapshot = *test::sampleCluster().build();
        for (NodeStatus& status : snapshot.nodes)
            status.node.providerReference = "1:1";
        m_stage->put(*m_page, std::make_shared<const Snapshot>(snapshot));
        m_page->reveal("bEdgeFra01");
    }

private Q_SLOTS:
    void init()
    {
        m_harms.clear();
        m_whyNot.clear();
        m_stage = std::make_unique<test::PageStage>();
        Chaos chaos;
        chaos.whyNot = [this] { return m_whyNot; };
        chaos.harm = [this](const Node& node, NodeHarm harm, Duration) -> Result<void> {
            m_harms.push_back({node.id, harm});
            return {};
        };
        m_page = std::make_unique<NodesPage>(m_stage->context, std::move(chaos));
        m_page->resize(1200, 800);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
        show();
    }
    void cleanup()
    {
        m_page.reset();
        m_stage.reset();
    }

    void asksAndTellsWhoIsOnIt_thenBreaks()
    {
        action("Freeze")->trigger();
        auto* question = m_page->findChild<TypedConfirmation*>();
        QVERIFY(question);
        QVERIFY(m_harms.empty());
        QTest::mouseClick(question->findChild<QPushButton*>("act"), Qt::LeftButton);
        QCOMPARE(m_harms.size(), std::size_t(1));
        QCOMPARE(m_harms[0].node, NodeId("bEdgeFra01"));
        QVERIFY(m_harms[0].harm == NodeHarm::Freeze);
        auto* recovery = m_page->findChild<RecoveryDialog*>();
        QVERIFY(recovery && recovery->isVisible());
        QTest::mouseClick(recovery->findChild<QPushButton*>("copy"), Qt::LeftButton);
        QVERIFY(QGuiApplication::clipboard()->text().contains("Noticed: not yet"));
    }

    void leavingItAloneBreaksNothing()
    {
        action("Kill")->trigger();
        auto* question = m_page->findChild<TypedConfirmation*>();
        QVERIFY(question);
        QTest::mouseClick(question->findChild<QPushButton*>("keep"), Qt::LeftButton);
        QVERIFY(m_harms.empty());
    }

    void aRegionIsLostWhole()
    {
        const std::string region = m_stage->plane.snapshot()->findNode(NodeId("bEdgeFra01"))->node.region;
        const auto there = std::ranges::count(m_stage->plane.snapshot()->nodes, region,
                                              [](const NodeStatus& status) { return status.node.region; });
        action("Lose region")->trigger();
        auto* question = m_page->findChild<TypedConfirmation*>();
        QVERIFY(question);
        QTest::mouseClick(question->findChild<QPushButton*>("act"), Qt::LeftButton);
        QCOMPARE(static_cast<std::ptrdiff_t>(m_harms.size()), there);
    }

    void whereItCannotBeDoneTheReasonIsTold()
    {
        m_whyNot = "Not here.";
        show();
        QVERIFY(!button()->isEnabled());
        QCOMPARE(button()->toolTip(), QString("Not here."));
        m_page->breakMenu().breakNode(NodeHarm::Kill);
        QVERIFY(!m_page->findChild<TypedConfirmation*>());
    }

    void recoveryIsMeasuredByWhatSnapshotsTell()
    {
        const Snapshot before = at(-500);
        const NodeId broken("bEdgeFra01");
        RecoveryWatch watch(before, {broken}, harmedAt);
        watch.look(before);
        watch.look(at(300));
        QVERIFY(!watch.times().noticed);
        Snapshot noticed = at(900);
        nodeOf(noticed, "bEdgeFra01").node.health = NodeHealth::Dead;
        watch.look(noticed);
        QCOMPARE(watch.times().noticed->count(), 900);
        QVERIFY(!watch.times().replaced && !watch.times().viewersBack);
        Snapshot replaced = noticed;
        replaced.takenAt = harmedAt + milliseconds(2000);
        NodeStatus fresh = *before.findNode(broken);
        fresh.node.id = NodeId("zFresh0001");
        fresh.load.subscribers = 0;
        replaced.nodes.push_back(fresh);
        watch.look(replaced);
        QCOMPARE(watch.times().replaced->count(), 2000);
        QVERIFY(!watch.times().viewersBack);
        replaced.takenAt = harmedAt + milliseconds(3100);
        replaced.nodes.back().load.subscribers = before.findNode(broken)->load.subscribers;
        watch.look(replaced);
        QCOMPARE(watch.times().viewersBack->count(), 3100);
        QVERIFY(watch.times().isWhole());
    }

    void aStreamIsBackWhenItIsPublishedElsewhere()
    {
        const Snapshot before = at(-500);
        QVERIFY(!before.streams.empty());
        const NodeId origin = before.streams[0].origin;
        RecoveryWatch watch(before, {origin}, harmedAt);
        Snapshot after = at(1000);
        nodeOf(after, origin.value.c_str()).node.health = NodeHealth::Dead;
        watch.look(after);
        QVERIFY(watch.times().noticed && !watch.times().viewersBack);
        for (StreamStatus& stream : after.streams) {
            if (stream.origin == origin)
                stream.origin = NodeId("bEdgeFra01");
        }
        after.takenAt = harmedAt + milliseconds(4000);
        watch.look(after);
        QCOMPARE(watch.times().viewersBack->count(), 4000);
    }
};

QTEST_MAIN(ChaosTest)
#include "chaos_test.moc"
