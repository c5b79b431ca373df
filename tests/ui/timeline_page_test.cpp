#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"
#include "tests/support/console_app.h"
#include "tests/support/page_stage.h"
#include "tests/support/plan_keeper.h"
#include "tests/support/sample_plan.h"
#include "ui/pages/forecast_view.h"
#include "ui/pages/import_panel.h"
#include "ui/pages/plan_editor.h"
#include "ui/pages/timeline_inspector.h"
#include "ui/pages/timeline_page.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/provenance_stack.h"

#include <QAccessible>
#include <QCheckBox>
#include <QComboBox>
#include <QDateTimeEdit>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QTest>

using namespace headgate;
using namespace headgate::test;
using std::chrono::hours;

namespace {

const PoolKey frankfurtEdge{NodeGroupName("eu-live"), "eu-central-1", "edge"};
const PlanItemKey doors{PlanItemKind::Overlay, "doors"};
const PlanItemKey matchday{PlanItemKind::Schedule, "matchday"};
const PlanItemKey origins{PlanItemKind::Schedule, "origins"};

QString textsOf(const QWidget& widget)
{
    QStringList texts;
    const QList<QLabel*> labels = widget.findChildren<QLabel*>();
    for (const QLabel* label : labels)
        texts << label->text();
    return texts.join(QLatin1Char('\n'));
}

}  // namespace

// The page: the plan is read and shown, drafts become commands, commands can be taken back.
class TimelinePageTest : public QObject
{
    Q_OBJECT

    std::unique_ptr<PageStage> m_stage;
    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<PlanKeeper> m_keeper;
    std::unique_ptr<TimelinePage> m_page;

    template <class Part>
    Part* part(const char* name) const
    {
        return m_page->findChild<Part*>(QLatin1String(name));
    }

    bool isShown(const PlanItemKey& key) const
    {
        return std::ranges::any_of(m_page->view().scene()->items,
                                   [&](const TimelineItem& item) { return item.key == key; });
    }

    void chooseDoors()
    {
        m_page->reveal(QStringLiteral("overlay:doors"));
        QCOMPARE(m_page->view().selectedItem(), std::optional(doors));
    }

    // As a click on its bar does.
    void chooseWindow(const PlanItemKey& key, const char* start)
    {
        m_page->view().showInstant(instant(start));
        QTRY_VERIFY_WITH_TIMEOUT(!m_page->view().barRect(key, frankfurtEdge).isEmpty(), 5000);
        m_page->view().setAxis(TimeAxis(instant(start) - hours(2), hours(12), 1000));
        QTRY_VERIFY_WITH_TIMEOUT(!m_page->isWorking(), 5000);
        const QPoint at = m_page->view().barRect(key, frankfurtEdge).center();
        QTest::mouseClick(m_page->view().viewport(), Qt::LeftButton, Qt::NoModifier, at);
        QCOMPARE(m_page->view().selectedItem(), std::optional(key));
    }

    // Types the name that is asked for and says yes.
    void confirm(const QString& name, const QString& act)
    {
        QWidget* dialog = QApplication::activeModalWidget();
        QVERIFY(dialog);
        if (!name.isEmpty())
            QTest::keyClicks(dialog->findChild<QLineEdit*>(), name);
        const QList<QPushButton*> buttons = dialog->findChildren<QPushButton*>();
        for (QPushButton* button : buttons)
            if (button->text() == act)
                return QTest::mouseClick(button, Qt::LeftButton);
        QFAIL("There is no such button.");
    }

    void awaitForecast() { QTRY_VERIFY_WITH_TIMEOUT(m_page->editor().lastForecast().has_value(), 5000); }

private Q_SLOTS:
    void init()
    {
        m_stage = std::make_unique<PageStage>();
        m_stage->settings.setDeploymentZone(QTimeZone("Europe/Berlin"));
        m_theme = std::make_unique<Theme>(*qApp, m_stage->settings);
        m_keeper = std::make_unique<PlanKeeper>(samplePlan());
        m_page = std::make_unique<TimelinePage>(m_stage->context);
        m_page->resize(1232, 826);
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
        m_page->setControlPlane(m_keeper.get());
        m_keeper->show(plannedCluster());
        QTRY_VERIFY_WITH_TIMEOUT(!m_page->view().scene()->rows.empty(), 5000);
    }

    void cleanup()
    {
        m_page.reset();
        m_keeper.reset();
        m_theme.reset();
        m_stage.reset();
    }

    void thePlanIsReadWhenItsRevisionChanges()
    {
        QVERIFY(isShown(doors) && isShown(matchday));
        m_keeper->kept.items.erase(m_keeper->find(doors));
        m_keeper->plan = std::make_shared<const StoredPlan>([&] {
            auto next = m_keeper->kept;
            next.revision = 9;
            return next;
        }());
        m_keeper->show(plannedCluster(9));
        QTRY_VERIFY_WITH_TIMEOUT(!isShown(doors), 5000);
    }

    void aPlanThatCannotBeReadIsSaid()
    {
        m_keeper->plan = fail(ErrorCode::Unavailable, "The connection broke.", "Try again.");
        m_page->refresh();
        QVERIFY(textsOf(*m_page).contains("The plan could not be read"));
    }

    void inspectorTellsWhereBoundsComeFrom()
    {
        chooseDoors();
        auto* inspector = m_page->findChild<TimelineInspector*>();
        QVERIFY(inspector->isVisible());
        const auto* stack = inspector->findChild<ProvenanceStack*>();
        QStringList layers;
        for (const ProvenanceLayer& layer : stack->layers())
            layers << layer.title + ' ' + layer.value;
        QCOMPARE(layers.join(QStringLiteral(", ")),
                 QString("Rule of eu-live 2 – 8, Schedule Matchday 3 – 8, Overlay Doors floor 6"));
        QCOMPARE(stack->result(), QString("6 – 8"));
        const QString all = textsOf(*inspector);
        QVERIFY2(all.contains("Sat 26 Jun 2027 20:15 CEST\nSat 26 Jun 2027 18:15 UTC"), qPrintable(all));
        QVERIFY2(all.contains("from 20:12"), qPrintable(all));
        QVERIFY2(all.contains(" by anna") && all.contains(" by console"), qPrintable(all));
        keepPicture(*m_page, "timeline-page-inspector");
    }

    void excludedWindowsAreListed()
    {
        m_page->reveal(QStringLiteral("schedule:matchday"));
        const QString all = textsOf(*m_page->findChild<TimelineInspector*>());
        QVERIFY2(all.contains("Next 10 windows"), qPrintable(all));
        QVERIFY2(all.contains("left out"), qPrintable(all));
    }

    void drawingMakesADraftAndApplyTheOverlay()
    {
        const Instant from = instant("2027-06-26T20:00:00Z");
        Q_EMIT m_page->view().drawn(frankfurtEdge, from, from + hours(1));
        QVERIFY(m_page->editor().isEditing());
        QVERIFY(m_keeper->requests.empty());
        awaitForecast();
        QVERIFY(m_page->editor().lastForecast()->errors.empty());
        QVERIFY(m_page->editor().forecastView().text().contains("Sat 26 Jun\t22:00 – 23:00 CEST"));
        QTRY_VERIFY_WITH_TIMEOUT(isShown({PlanItemKind::Overlay, "overlay"}), 5000);
        QTest::mouseClick(part<QPushButton>("apply"), Qt::LeftButton);
        const auto& made = std::get<Overlay>(std::get<CreatePlanItem>(m_keeper->requests.back().command).item);
        QCOMPARE(made.scope, (PlanScope{NodeGroupName("eu-live"), "eu-central-1", "edge"}));
        QCOMPARE(made.from, from);
        QCOMPARE(made.to, from + hours(1));
        QCOMPARE(std::get<FloorBounds>(made.op).nodes, 8);
        QVERIFY(!m_page->editor().isEditing());
        QVERIFY(m_stage->toasts.back().undo != nullptr);
    }

    void movingAsksWithTheVersionSeen()
    {
        chooseDoors();
        const Instant from = instant("2027-06-26T19:15:00Z");
        Q_EMIT m_page->view().moved(doors, from, from + hours(3));
        awaitForecast();
        // What changes against now, pool by pool.
        const QString text = m_page->editor().forecastView().text();
        QVERIFY2(text.contains("eu-central-1, edge\tmin 6 → 3; Sat 26 Jun 20:42"), qPrintable(text));
        Q_EMIT m_page->view().moved(doors, from + hours(1), from + hours(4));
        QTest::mouseClick(part<QPushButton>("apply"), Qt::LeftButton);
        QCOMPARE(m_keeper->requests.back().ifVersion, std::optional<std::uint64_t>(7));
        QCOMPARE(m_keeper->overlay(doors).from, from + hours(1));
    }

    void discardDropsTheDraft()
    {
        Q_EMIT m_page->view().moved(doors, instant("2027-06-26T19:15:00Z"), instant("2027-06-26T20:15:00Z"));
        awaitForecast();
        QTest::mouseClick(part<QPushButton>("discard"), Qt::LeftButton);
        QVERIFY(!m_page->editor().isEditing());
        QVERIFY(m_keeper->requests.empty());
        QTRY_VERIFY_WITH_TIMEOUT(
            std::ranges::none_of(m_page->view().scene()->items, [](const TimelineItem& i) { return i.isDraft; }), 5000);
    }

    void aRefusalStaysInTheForm()
    {
        Q_EMIT m_page->view().moved(doors, instant("2027-06-26T19:15:00Z"), instant("2027-06-26T20:15:00Z"));
        awaitForecast();
        m_keeper->find(doors)->version = 8;
        QTest::mouseClick(part<QPushButton>("apply"), Qt::LeftButton);
        QVERIFY(m_page->editor().isEditing());
        QVERIFY(textsOf(m_page->editor()).contains("changed meanwhile"));
    }

    void changesAreTakenBackAndBroughtAgain()
    {
        const Instant first = m_keeper->overlay(doors).from;
        for (int i = 1; i <= 55; ++i) {
            Q_EMIT m_page->view().moved(doors, first + hours(i), first + hours(i + 1));
            awaitForecast();
            QTest::mouseClick(part<QPushButton>("apply"), Qt::LeftButton);
            QCOMPARE(m_keeper->overlay(doors).from, first + hours(i));
        }
        for (int i = 54; i >= 0; --i) {
            QVERIFY(m_page->undo());
            QCOMPARE(m_keeper->overlay(doors).from, first + hours(i));
        }
        QVERIFY(!m_page->undo());
        for (int i = 1; i <= 55; ++i) {
            QVERIFY(m_page->redo());
            QCOMPARE(m_keeper->overlay(doors).from, first + hours(i));
        }
    }

    void deletingCanBeTakenBack()
    {
        m_page->reveal(QStringLiteral("overlay:idle"));
        const PlanItemKey idle{PlanItemKind::Overlay, "idle"};
        QTest::mouseClick(part<QPushButton>("deleteItem"), Qt::LeftButton);
        QVERIFY(m_keeper->find(idle) == m_keeper->kept.items.end());
        m_stage->toasts.back().undo();
        QVERIFY(m_keeper->find(idle) != m_keeper->kept.items.end());
        QVERIFY(m_page->redo());
        QVERIFY(m_keeper->find(idle) == m_keeper->kept.items.end());
    }

    // Streams are on air in the group: its name is asked for.
    void endingWhatIsLiveIsConfirmed()
    {
        chooseDoors();
        QTest::mouseClick(part<QPushButton>("endItem"), Qt::LeftButton);
        QVERIFY(m_keeper->requests.empty());
        confirm(QStringLiteral("doors"), QStringLiteral("End it"));
        QCOMPARE(m_keeper->overlay(doors).to, instant("2027-06-26T18:42:18Z"));
    }

    void oneWindowOfAScheduleIsEnded()
    {
        m_page->reveal(QStringLiteral("schedule:origins"));
        // It is going on, and streams are on air in its group.
        QVERIFY(part<QPushButton>("endItem")->isVisible());
        QVERIFY(!part<QPushButton>("skipWindow")->isVisible());
        const Schedule before = m_keeper->schedule(origins);
        QTest::mouseClick(part<QPushButton>("endItem"), Qt::LeftButton);
        confirm(QStringLiteral("origins"), QStringLiteral("End it"));
        Schedule ended = before;
        ended.changes = {{localTimeFromText("2027-06-26T15:00:00").value(),
                          {},
                          ExactEnd{instant("2027-06-26T18:42:18Z") - instant("2027-06-26T13:00:00Z")},
                          {}}};
        QCOMPARE(m_keeper->schedule(origins), ended);
        QVERIFY(m_page->undo());
        QCOMPARE(m_keeper->schedule(origins), before);
        QVERIFY(m_page->redo());
        QCOMPARE(m_keeper->schedule(origins), ended);
    }

    void theChosenWindowIsSkipped()
    {
        const Schedule before = m_keeper->schedule(matchday);
        chooseWindow(matchday, "2027-06-30T14:00:00Z");
        QVERIFY(part<QPushButton>("skipWindow")->isVisible());
        QVERIFY(!part<QPushButton>("endItem")->isVisible());
        const QString all = textsOf(*m_page->findChild<TimelineInspector*>());
        QVERIFY2(all.contains("Why eu-central-1 edge is 3 – 8 on Wed 30 Jun 2027 16:00 CEST"), qPrintable(all));
        QVERIFY2(all.contains("from 15:57:32 CEST, nodes are ordered"), qPrintable(all));
        keepPicture(*m_page, "timeline-page-window");
        QTest::mouseClick(part<QPushButton>("skipWindow"), Qt::LeftButton);
        const auto& timing = std::get<CalendarTiming>(m_keeper->schedule(matchday).timing);
        QCOMPARE(timing.removedStarts, std::vector{localTimeFromText("2027-06-30T16:00:00").value()});
        QVERIFY(m_stage->toasts.back().text.contains("Wed 30 Jun of schedule Matchday"));
        m_stage->toasts.back().undo();
        QCOMPARE(m_keeper->schedule(matchday), before);
    }

    void theChosenWindowIsChanged()
    {
        chooseWindow(matchday, "2027-06-30T14:00:00Z");
        QTest::mouseClick(part<QPushButton>("changeWindow"), Qt::LeftButton);
        QVERIFY(m_page->editor().isEditing());
        auto* effect = part<QCheckBox>("field/occurrenceEffect");
        effect->setChecked(true);
        awaitForecast();
        QTRY_VERIFY_WITH_TIMEOUT(part<QPushButton>("apply")->isEnabled(), 5000);
        QTest::mouseClick(part<QPushButton>("apply"), Qt::LeftButton);
        const std::vector<OccurrenceChange>& changes = m_keeper->schedule(matchday).changes;
        QCOMPARE(changes.size(), std::size_t{1});
        QCOMPARE(changes[0].occurrence, localTimeFromText("2027-06-30T16:00:00").value());
        QVERIFY(changes[0].effect && !changes[0].start && !changes[0].end);
        QVERIFY(m_page->undo());
        QVERIFY(m_keeper->schedule(matchday).changes.empty());
    }

    void windowsOfACronExpressionAreExplained()
    {
        Schedule nightly = m_keeper->schedule(matchday);
        nightly.id = "nightly";
        CronTiming timing;
        timing.cron = *CronExpression::parse("0 0 18 ? * *");
        timing.duration = hours(2);
        nightly.timing = timing;
        nightly.exclusions.clear();
        m_keeper->kept.items.push_back(stored(nightly));
        ++m_keeper->kept.revision;
        m_keeper->publish();
        m_keeper->showNext();
        const PlanItemKey key{PlanItemKind::Schedule, "nightly"};
        QTRY_VERIFY_WITH_TIMEOUT(isShown(key), 5000);
        m_page->reveal(QStringLiteral("schedule:nightly"));
        for (const char* button : {"endItem", "skipWindow", "changeWindow"})
            QVERIFY(!part<QPushButton>(button)->isVisible());
        QVERIFY(textsOf(*m_page->findChild<TimelineInspector*>()).contains("cannot be changed one by one"));
    }

    void conflictsStandInThePreview()
    {
        // A ceiling of the same priority below the floor.
        Overlay ceiling = sampleOverlay("cap", "Cap", {NodeGroupName("eu-live"), "eu-central-1", "edge"},
                                        "2027-06-26T19:00:00Z", "2027-06-26T20:00:00Z", CeilBounds{4});
        m_keeper->kept.items.push_back(stored(ceiling));
        m_keeper->kept.revision = 5;
        m_keeper->plan = std::make_shared<const StoredPlan>(m_keeper->kept);
        m_keeper->show(plannedCluster(5));
        QTRY_VERIFY_WITH_TIMEOUT(isShown({PlanItemKind::Overlay, "cap"}), 5000);
        m_page->reveal(QStringLiteral("overlay:cap"));
        m_page->editSelected();
        awaitForecast();
        const auto& conflicts = m_page->editor().lastForecast()->conflicts;
        QVERIFY(std::ranges::any_of(
            conflicts, [](const PlanConflict& each) { return each.conflict.code == ConflictCode::FloorAboveCeiling; }));
        QVERIFY(m_page->editor().forecastView().text().contains("the ceiling holds"));
        keepPicture(*m_page, "timeline-page-conflict");
    }

    void errorsStandBelowTheirFields()
    {
        m_page->addOverlay();
        awaitForecast();
        auto* to = part<QDateTimeEdit>("field/to");
        to->setDateTime(to->dateTime().addDays(-30));
        QTRY_VERIFY_WITH_TIMEOUT(part<QLabel>("error/to")->isVisible(), 5000);
        QVERIFY(!part<QPushButton>("apply")->isEnabled());
        QVERIFY(part<QLabel>("error/to")->text().contains("The end is not after the start."));
        keepPicture(*m_page, "timeline-page-error");
    }

    void nothingIsAppliedWhileStale()
    {
        chooseDoors();
        m_page->editSelected();
        m_page->setStale(true);
        QVERIFY(!part<QPushButton>("apply")->isEnabled());
        QVERIFY(!part<QPushButton>("addOverlay")->isEnabled());
        QVERIFY(!part<QPushButton>("import")->isEnabled());
    }

    void keysGoToNowAndToATime()
    {
        m_page->view().showInstant(instant("2027-01-01T00:00:00Z"));
        m_page->view().setFocus();
        QTest::keyClick(&m_page->view(), Qt::Key_N);
        QVERIFY(m_page->view().axis().from() < instant("2027-06-26T18:42:18Z"));
        QTest::keyClick(&m_page->view(), Qt::Key_T);
        QVERIFY(part<QLineEdit>("goTo")->isVisible());
        part<QLineEdit>("goTo")->setText("2028-02-29 20:00");
        m_page->goToTime();
        const TimeAxis& axis = m_page->view().axis();
        QVERIFY(std::chrono::abs(axis.instantAt(axis.width() / 2.0) - instant("2028-02-29T19:00:00Z")) < seconds(120));
    }

    void realNodesComeFromTheHistory()
    {
        MetricSeries series;
        series.key = {MetricScope::Pool, "eu-live/eu-central-1/edge"};
        const TimePoint now = m_keeper->snapshot()->takenAt;
        for (int minute = 60; minute > 0; --minute) {
            MetricSample sample;
            sample.at = now - std::chrono::minutes(minute);
            sample.nodes = minute > 30 ? 1 : 2;
            series.samples.push_back(sample);
        }
        m_keeper->metrics = std::vector<MetricSeries>{series};
        m_page->refresh();
        QCOMPARE(m_keeper->metricQueries.back().scope, MetricScope::Pool);
        keepPicture(*m_page, "timeline-page");
    }

    void filesComeBackEqual()
    {
        const auto file = m_page->exported(PlanFormat::Native);
        QVERIFY(file.has_value());
        // The groups of the sample do not keep all rules.
        QJsonObject plan = QJsonDocument::fromJson(*file).object();
        plan.remove(QStringLiteral("nodeGroups"));
        m_page->importText(QJsonDocument(plan).toJson(), QStringLiteral("plan.json"));
        const auto* panel = m_page->findChild<ImportPanel*>();
        QVERIFY2(panel->isVisible() && panel->document(), qPrintable(textsOf(*panel)));
        QCOMPARE(itemsOf(*panel->document()).size(), m_keeper->kept.items.size());
        QVERIFY(panel->summary().startsWith("0 are made"));
        QCOMPARE(m_keeper->requests.back().execution, Execution::DryRun);
        QTest::mouseClick(part<QPushButton>("applyImport"), Qt::LeftButton);
        QVERIFY(std::holds_alternative<ImportPlan>(m_keeper->requests.back().command));
        QCOMPARE(m_keeper->requests.back().execution, Execution::Commit);
        for (const PlanFormat format : {PlanFormat::StreamManager, PlanFormat::Calendar, PlanFormat::Csv})
            QVERIFY(!m_page->exported(format)->isEmpty());
    }

    // One step, whatever it made and replaced.
    void anImportIsTakenBackAsAWhole()
    {
        const std::vector<StoredPlanItem> before = m_keeper->kept.items;
        Overlay later = m_keeper->overlay(doors);
        later.to += hours(1);
        const Overlay extra = sampleOverlay("extra", "Extra", {NodeGroupName("eu-live"), "eu-central-1", "edge"},
                                            "2027-06-27T18:00:00Z", "2027-06-27T19:00:00Z", FloorBounds{4});
        PlanDocument document;
        document.overlays = {later, extra};
        m_page->importText(QByteArray::fromStdString(native::write(native::toJson(document))),
                           QStringLiteral("plan.json"));
        QTest::mouseClick(part<QPushButton>("applyImport"), Qt::LeftButton);
        const PlanItemKey key{PlanItemKind::Overlay, "extra"};
        QVERIFY(m_keeper->has(key));
        QCOMPARE(m_keeper->overlay(doors), later);
        QVERIFY(m_page->history().canUndo());
        QVERIFY(m_page->undo());
        const auto itemsOnly = [](const std::vector<StoredPlanItem>& all) {
            std::vector<PlanItem> items;
            for (const StoredPlanItem& each : all)
                items.push_back(each.item);
            return items;
        };
        QVERIFY(itemsOnly(m_keeper->kept.items) == itemsOnly(before));
        QVERIFY(!m_page->undo());
        QVERIFY(m_stage->toasts.back().text.contains("the import of plan.json"));
        QVERIFY(m_page->redo());
        QVERIFY(m_keeper->has(key));
        QCOMPARE(m_keeper->overlay(doors), later);
    }

    void aFileThatIsNoPlanIsExplained()
    {
        m_page->importText("{\"schedules\": [\n{\"id\": 3}]}", QStringLiteral("broken.json"));
        const auto* panel = m_page->findChild<ImportPanel*>();
        QVERIFY(panel->isVisible() && !panel->document());
        QVERIFY(!part<QPushButton>("applyImport")->isEnabled());
        QVERIFY(m_keeper->requests.empty());
        QVERIFY2(textsOf(*panel).contains("line 2"), qPrintable(textsOf(*panel)));
    }

    void picturesHaveAllRows()
    {
        const QImage picture = m_page->picture();
        QCOMPARE(picture.height(), 2 * m_page->view().wholeHeight());
        QVERIFY(m_page->pdf().startsWith("%PDF"));
        if (const QString folder = qEnvironmentVariable("HEADGATE_SHOTS"); !folder.isEmpty())
            picture.save(folder + "/timeline-export.png");
    }
};

QTEST_MAIN(TimelinePageTest)
#include "timeline_page_test.moc"
