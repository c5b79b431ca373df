#include "tests/support/plan_keeper.h"
#include "ui/models/import_step.h"
#include "ui/models/plan_changes.h"

#include <QSignalSpy>
#include <QTest>

using namespace headgate;
using namespace headgate::test;
using std::chrono::hours;

namespace {

const PlanItemKey doors{PlanItemKind::Overlay, "doors"};
const PlanItemKey extra{PlanItemKind::Overlay, "extra"};
const PlanItemKey closed{PlanItemKind::ExclusionSet, "closed"};

}  // namespace

// An import as one change: what takes it back, and what must not be.
class ImportStepTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<PlanKeeper> m_keeper;
    std::unique_ptr<PlanChanges> m_changes;
    std::vector<StoredPlanItem> m_before;

    PlanGround present() const { return {*m_keeper->plan, m_keeper->snapshot()}; }

    // Replaces the doors and the holidays of a schedule, makes an overlay, an exclusion set and a node group.
    PlanDocument document() const
    {
        PlanDocument document;
        Overlay later = m_keeper->overlay(doors);
        later.to += hours(1);
        Overlay made = later;
        made.id = "extra";
        made.scope = {NodeGroupName("asia-live"), "", ""};
        Schedule matchday = m_keeper->schedule({PlanItemKind::Schedule, "matchday"});
        matchday.exclusions = {"holidays", "closed"};
        ExclusionSet set = std::get<ExclusionSet>(m_keeper->find({PlanItemKind::ExclusionSet, "holidays"})->item);
        set.name = "closed";
        document.overlays = {later, made};
        document.schedules = {matchday};
        document.exclusions = {set};
        document.nodeGroups = {m_keeper->snapshot()->nodeGroups.front().group};
        document.nodeGroups.front().name = NodeGroupName("asia-live");
        return document;
    }

    bool isAsBefore() const
    {
        return std::ranges::equal(m_keeper->kept.items, m_before, {}, &StoredPlanItem::item, &StoredPlanItem::item);
    }

    bool hasGroup() const { return m_keeper->snapshot()->findNodeGroup(NodeGroupName("asia-live")); }

private Q_SLOTS:
    void init()
    {
        m_keeper = std::make_unique<PlanKeeper>(samplePlan());
        m_keeper->showNext();
        m_changes = std::make_unique<PlanChanges>([this](PlanWish wish, PlanChanges::Done done) {
            CommandRequest request;
            request.command = std::move(wish.command);
            request.ifVersion = wish.ifVersion;
            m_keeper->submit(std::move(request), std::move(done));
        });
        m_changes->setControlPlane(m_keeper.get());
        connect(m_keeper.get(), &ControlPlane::snapshotChanged, m_changes.get(),
                [this] { m_changes->setSnapshot(m_keeper->snapshot()); });
        m_changes->setSnapshot(m_keeper->snapshot());
        m_before = m_keeper->kept.items;
    }

    void allOfItIsTakenBackAndBroughtAgain()
    {
        QSignalSpy applied(m_changes.get(), &PlanChanges::applied);
        const PlanDocument brought = document();
        m_changes->import("plan.json", brought, present());
        QCOMPARE(applied.count(), 1);
        QVERIFY(m_keeper->has(extra) && m_keeper->has(closed) && hasGroup());
        QCOMPARE(m_changes->lostByUndo(), std::vector{NodeGroupName("asia-live")});
        for (int round = 0; round < 3; ++round) {
            m_keeper->requests.clear();
            m_changes->undo();
            QVERIFY(isAsBefore() && !hasGroup());
            // What names other things goes before them.
            QStringList kinds;
            for (const CommandRequest& request : m_keeper->requests) {
                if (const auto* gone = std::get_if<DeletePlanItem>(&request.command))
                    kinds << QString::fromStdString(gone->key.id);
                else
                    kinds << (std::holds_alternative<ImportPlan>(request.command) ? "import" : "group");
            }
            QCOMPARE(kinds.join(' '), QString("extra import closed group"));
            m_keeper->requests.clear();
            m_changes->redo();
            QCOMPARE(m_keeper->requests.size(), std::size_t{1});
            QVERIFY(m_keeper->has(extra) && m_keeper->has(closed) && hasGroup());
        }
        QVERIFY(!m_changes->history().canRedo());
    }

    void whatSomebodyChangedSinceStays()
    {
        QSignalSpy refused(m_changes.get(), &PlanChanges::refused);
        m_changes->import("plan.json", document(), present());
        std::get<Overlay>(m_keeper->find(extra)->item).priority = 7;
        m_keeper->publish();
        m_keeper->requests.clear();
        m_changes->undo();
        QCOMPARE(refused.count(), 1);
        QVERIFY(refused[0][0].value<Error>().message.find("\"extra\" was changed since") != std::string::npos);
        QVERIFY(m_keeper->requests.empty());
        QVERIFY(m_changes->history().canUndo());
    }

    // The rest can be asked for again.
    void aRefusalMidwayCanBeGoneOnFrom()
    {
        m_changes->import("plan.json", document(), present());
        m_keeper->kept.items.erase(m_keeper->find(extra));
        m_keeper->publish();
        m_keeper->requests.clear();
        m_changes->undo();
        QVERIFY(isAsBefore() && !hasGroup());
        QVERIFY(std::holds_alternative<ImportPlan>(m_keeper->requests.front().command));
    }

    void changesBeforeAnImportAreStillTakenBack()
    {
        Overlay first = m_keeper->overlay(doors);
        Overlay second = first;
        second.priority = 300;
        m_changes->apply({first, second}, m_keeper->find(doors)->version);
        m_changes->import("plan.json", document(), present());
        m_changes->undo();
        QCOMPARE(m_keeper->overlay(doors), second);
        m_changes->undo();
        QCOMPARE(m_keeper->overlay(doors), first);
        QVERIFY(!m_changes->history().canUndo());
    }

    void aPlanThatMovedOnIsNotOverwritten()
    {
        QSignalSpy refused(m_changes.get(), &PlanChanges::refused);
        const PlanGround seen = present();
        ++m_keeper->kept.revision;
        m_changes->import("plan.json", document(), seen);
        QCOMPARE(refused.count(), 1);
        QVERIFY(!m_changes->history().canUndo() && !m_changes->isBusy());
    }

    // It waits for the snapshot that shows its node groups.
    void anImportIsRecordedWhenItIsSeen()
    {
        QSignalSpy applied(m_changes.get(), &PlanChanges::applied);
        m_changes->setSnapshot(nullptr);
        disconnect(m_keeper.get(), nullptr, m_changes.get(), nullptr);
        m_changes->import("plan.json", document(), present());
        QCOMPARE(applied.count(), 0);
        QVERIFY(m_changes->isBusy());
        m_changes->setSnapshot(m_keeper->snapshot());
        QCOMPARE(applied.count(), 1);
    }

    void nothingNewIsNoChange()
    {
        PlanDocument same;
        same.overlays = {m_keeper->overlay(doors)};
        m_changes->import("plan.json", same, present());
        QVERIFY(!m_changes->history().canUndo() && !m_changes->isBusy());
    }
};

QTEST_MAIN(ImportStepTest)
#include "import_step_test.moc"
