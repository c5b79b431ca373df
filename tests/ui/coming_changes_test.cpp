#include "core/plan/plan_merge.h"
#include "tests/support/console_app.h"
#include "tests/support/page_stage.h"
#include "tests/support/plan_keeper.h"
#include "ui/models/coming_changes.h"
#include "ui/models/plan_words.h"
#include "ui/pages/coming_up_card.h"
#include "ui/pages/overview_page.h"

#include <QLabel>
#include <QScrollArea>
#include <QScrollBar>
#include <QTest>

using namespace headgate;
using namespace headgate::test;

// What the plan is about to change, and how the overview says it.
class ComingChangesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void boundsChangeByTheirTime()
    {
        const CompiledPlansPtr plans =
            compilePlans(toDocument(samplePlan(), *plannedCluster()), *plannedCluster(), loadZoneFile);
        const std::vector<ComingChange> all = comingChanges(*plans, *plannedCluster(), ComingChanges::ahead);
        QVERIFY(std::ranges::is_sorted(all, {}, &ComingChange::at));
        const PoolKey edge{NodeGroupName("eu-live"), "eu-central-1", "edge"};
        const auto first = std::ranges::find(all, edge, &ComingChange::pool);
        QVERIFY(first != all.end());
        // The doors close.
        QCOMPARE(*first,
                 (ComingChange{instant("2027-06-26T21:45:00Z"), edge, NodeBounds{true, 6, 8}, NodeBounds{true, 3, 8}}));
        QCOMPARE(words::change(first->before, first->after), QString("min 6 → 3"));
        for (const ComingChange& each : all) {
            QVERIFY(each.before != each.after);
            QVERIFY(each.at > instant("2027-06-26T18:42:18Z"));
        }
    }

    void changesInWords()
    {
        const NodeBounds off, some{true, 2, 8}, more{true, 2, 12}, higher{true, 4, 12};
        QCOMPARE(words::change(some, more), QString("max 8 → 12"));
        QCOMPARE(words::change(more, higher), QString("min 2 → 4"));
        QCOMPARE(words::change(some, higher), QString("2 – 8 → 4 – 12"));
        QCOMPARE(words::change(off, some), QString("off → 2 – 8"));
    }

    void theOverviewTellsTheNewBounds()
    {
        PageStage stage;
        Theme theme(*qApp, stage.settings);
        PlanKeeper keeper(samplePlan());
        OverviewPage page(stage.context);
        page.resize(1440, 826);  // the wide layout, as high as in a window of 1440 x 900
        page.show();
        QVERIFY(QTest::qWaitForWindowExposed(&page));
        page.setControlPlane(&keeper);
        keeper.showNext();
        auto* card = page.findChild<ComingUpCard*>();
        QTRY_VERIFY_WITH_TIMEOUT(card->isVisible(), 5000);
        QStringList texts;
        const QList<QLabel*> labels = card->findChildren<QLabel*>();
        for (const QLabel* label : labels)
            texts << label->text();
        const QString all = texts.join(QLatin1Char('\n'));
        QVERIFY2(all.contains("1 – 4 → off, in 47 min\nus-live, us-east-1, edge, 1 more"), qPrintable(all));
        QVERIFY2(all.contains("min 6 → 3, in 3 h 02 min"), qPrintable(all));
        QVERIFY2(all.contains("eu-live, eu-central-1, edge"), qPrintable(all));
        QTest::qWait(200);  // what fits at first may grow when its texts are broken into lines
        QCOMPARE(page.findChild<QScrollArea*>()->verticalScrollBar()->maximum(), 0);
        keepPicture(page, "overview-coming-up-plan");
        // A plan without anything to come.
        keeper.kept.items.clear();
        ++keeper.kept.revision;
        keeper.publish();
        keeper.showNext();
        QTRY_VERIFY_WITH_TIMEOUT(!card->isVisible(), 5000);
    }
};

QTEST_MAIN(ComingChangesTest)
#include "coming_changes_test.moc"
