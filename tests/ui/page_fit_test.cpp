#include "core/plane/secret_store.h"
#include "tests/support/console_app.h"
#include "tests/support/page_stage.h"
#include "tests/support/sample_details.h"
#include "tests/support/sample_plan.h"
#include "ui/frame/main_window.h"
#include "ui/pages/deployment_wizard.h"
#include "ui/pages/deployments_page.h"
#include "ui/pages/first_run_page.h"
#include "ui/pages/node_group_form.h"
#include "ui/pages/node_groups_page.h"
#include "ui/pages/provisions_page.h"
#include "ui/pages/streams_page.h"
#include "ui/pages/timeline_page.h"
#include "ui/widgets/figures.h"

#include <QApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QTabBar>
#include <QTest>

using namespace headgate;

namespace {

bool isTooSmall(const QWidget& widget)
{
    if (const auto* label = qobject_cast<const QLabel*>(&widget)) {
        if (label->text().isEmpty())
            return false;
        if (label->wordWrap())
            return label->heightForWidth(label->width()) > label->height() + 1;
        return label->sizeHint().width() > label->width() + 1 || label->sizeHint().height() > label->height() + 1;
    }
    if (qobject_cast<const QPushButton*>(&widget) || qobject_cast<const FigureLabel*>(&widget))
        return widget.sizeHint().width() > widget.width() + 1;
    return false;
}

// Labels, figures and buttons that have less room than their text needs, and what reaches out of its parent.
QStringList cutTexts(const QWidget& root)
{
    QStringList cut;
    const QList<QWidget*> all = root.findChildren<QWidget*>();
    for (const QWidget* widget : all) {
        if (!widget->isVisible() || widget->width() == 0)
            continue;
        const QString text = widget->property("text").toString();
        const QString name = QStringLiteral("%1 “%2”").arg(widget->metaObject()->className(), text);
        if (isTooSmall(*widget))
            cut << name;
        else if (!text.isEmpty() && !widget->parentWidget()->rect().adjusted(-1, -1, 1, 1).contains(widget->geometry()))
            cut << name + " is out of its frame";
    }
    return cut;
}

// Content that can only be reached sideways; no bar is shown for that.
QStringList hiddenSideways(const QWidget& root)
{
    QStringList hidden;
    const QList<QScrollArea*> areas = root.findChildren<QScrollArea*>();
    for (const QScrollArea* area : areas)
        if (area->isVisible() && area->widget() && area->widget()->width() > area->viewport()->width())
            hidden << QStringLiteral("%1 by %2")
                          .arg(area->parentWidget()->metaObject()->className())
                          .arg(area->widget()->width() - area->viewport()->width());
    return hidden;
}

}  // namespace

// No text is cut off in the smallest window and at the largest text size.
class PageFitTest : public QObject
{
    Q_OBJECT

private:
    static void addFits()
    {
        QTest::addColumn<int>("width");
        QTest::addColumn<int>("height");
        QTest::addColumn<double>("textScale");
        QTest::addRow("small") << 1180 << 720 << 1.0;
        QTest::addRow("usual") << 1440 << 900 << 1.0;
        QTest::addRow("large-text") << 1440 << 900 << 1.5;
    }

    static void compareFit(QWidget& widget, const QString& name)
    {
        QTest::qWait(60);
        // A page that slides in or gets its data is laid out again.
        const auto fits = [&widget] { return (cutTexts(widget) + hiddenSideways(widget)).isEmpty(); };
        const bool isSettled = QTest::qWaitFor(fits, 3000);
        test::keepPicture(widget, name + '-' + QTest::currentDataTag());
        if (isSettled)
            return;
        QStringList found;
        for (const QString& problem : cutTexts(widget) + hiddenSideways(widget))
            found << name + ": " + problem;
        QCOMPARE(found.join('\n'), QString());
    }

private Q_SLOTS:
    void pages_data() { addFits(); }

    void pages()
    {
        QFETCH(int, width);
        QFETCH(int, height);
        QFETCH(double, textScale);
        test::PageStage stage;
        stage.settings.setTextScale(textScale);
        Theme theme(*qApp, stage.settings);
        MainWindow window(stage.settings, theme);
        window.setPages(makePages(stage.context, stage.testStreams, window.pageHost()));
        window.setUser("operator", "This machine");
        window.resize(width, height);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        test::SnapshotBuilder cluster = test::sampleCluster();
        cluster.event("Node group us-live wants 2 edges more in us-east-1 because its viewers need 12 seats more than "
                      "its nodes have, and the rule of its pool allows up to 4.");
        const SnapshotPtr snapshot = cluster.build();
        stage.giveHistory(*snapshot);
        stage.plane.audit = snapshot->recentAudit;
        stage.plane.details = test::sampleDetails(*snapshot);
        stage.giveMedia(*snapshot);
        stage.plane.plan = std::make_shared<const StoredPlan>(test::samplePlan(0));
        window.setControlPlane(&stage.plane);
        stage.plane.show(snapshot);
        const std::map<QString, QString> keys = {
            {"nodes", "hEdgeIad02"},           {"audit", "2"},
            {"node-groups", "eu-live"},        {"deployments", "Europe"},
            {"regions", "iceland-1"},          {"node-images", "node-0.1"},
            {"topology", "bEdgeFra01"},        {"jobs", "eu-live/partner"},
            {"provisions", "eu-live/partner"}, {"recordings", "eu-live/fan-zone-7"}};
        for (Page* page : window.pages()) {
            const QString id = page->identity().id;
            stage.plane.show(snapshot);  // else it would be stale soon
            window.goTo(id);
            compareFit(window, id);
            if (const auto key = keys.find(id); key != keys.end()) {
                page->reveal(key->second);
                compareFit(window, id + "-inspector");
            }
            if (auto* streams = qobject_cast<StreamsPage*>(page)) {
                streams->openDetails();
                compareFit(window, id + "-viewers");
                page->findChild<QTabBar*>("parts")->setCurrentIndex(1);
                compareFit(window, id + "-media");
            }
            if (auto* timeline = qobject_cast<TimelinePage*>(page)) {
                QTRY_VERIFY_WITH_TIMEOUT(!timeline->view().scene()->rows.empty(), 5000);
                for (const char* key : {"overlay:doors", "schedule:matchday"}) {
                    timeline->reveal(QString::fromLatin1(key));
                    compareFit(window, id + "-inspector");
                    timeline->editSelected();
                    QTest::qWait(300);
                    compareFit(window, id + "-form");
                    timeline->discardDraft();
                }
            }
            if (auto* deployments = qobject_cast<DeploymentsPage*>(page)) {
                deployments->createDeployment();
                QTest::keyClicks(page->findChild<QLineEdit*>("deploymentName"), "Cup final");
                for (int step = 1; step <= wizardSteps; ++step) {
                    compareFit(window, id + QStringLiteral("-wizard-%1").arg(step));
                    deployments->wizard().next();
                }
            }
            if (auto* groups = qobject_cast<NodeGroupsPage*>(page)) {
                groups->editSelected();
                QTest::qWait(300);
                compareFit(window, id + "-form");
                groups->findChild<NodeGroupForm*>()->setCurrentTab(DraftTab::Media);
                compareFit(window, id + "-media");
            }
            if (auto* provisions = qobject_cast<ProvisionsPage*>(page)) {
                provisions->createProvision();
                compareFit(window, id + "-form");
            }
        }
    }

    void firstRun_data() { addFits(); }

    void firstRun()
    {
        QFETCH(int, width);
        QFETCH(int, height);
        QFETCH(double, textScale);
        test::PageStage stage;
        stage.settings.setTextScale(textScale);
        Theme theme(*qApp, stage.settings);
        SecretStore secrets("headgate-test");
        FirstRunPage page({stage.media, secrets, stage.testStreams, "127.85.0.0/16"});
        page.resize(width, height);
        page.show();
        QVERIFY(QTest::qWaitForWindowExposed(&page));
        QTest::qWait(200);
        compareFit(page, "first-run");
        page.setWay(FirstRunPage::Way::Connect);
        compareFit(page, "first-run-connect");
        page.setWay(FirstRunPage::Way::Demo);
        page.showFailure(
            {ErrorCode::Unavailable, "The data folder is used by another process.", "Close it first.", ""});
        compareFit(page, "first-run-demo");
    }
};

QTEST_MAIN(PageFitTest)
#include "page_fit_test.moc"
