#include "ui/pages/timeline_page.h"

#include "core/plan/plan_merge.h"
#include "ui/format.h"
#include "ui/models/plan_words.h"
#include "ui/pages/import_panel.h"
#include "ui/pages/plan_editor.h"
#include "ui/pages/plan_fields.h"
#include "ui/pages/timeline_controls.h"
#include "ui/pages/timeline_inspector.h"
#include "ui/shell/settings.h"
#include "ui/shell/theme.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/state_view.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPointer>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace headgate {

namespace {

constexpr seconds wideSpan = std::chrono::days(60);  // from here on less is worked out beside what is shown
constexpr int sceneDelayMs = 40;
constexpr int historyMs = 15000;
constexpr Duration factsAge = std::chrono::seconds(30);  // streams and boot times in a scene may be so old

PageIdentity identityOfPage()
{
    return {QStringLiteral("timeline"),
            TimelinePage::tr("Timeline"),
            TimelinePage::tr("What will run, when, and why?"),
            QStringLiteral("timeline"),
            QLatin1Char('T'),
            RailSection::Live};
}

bool isUtc(const QTimeZone& zone)
{
    return !zone.hasTransitions() && zone.standardTimeOffset(QDateTime::currentDateTimeUtc()) == 0;
}

}  // namespace

TimelinePage::TimelinePage(PageContext& context, QWidget* parent)
    : Page(identityOfPage(), parent),
      m_context(context),
      m_zones(remembering(context.zones)),
      m_changes([this](PlanWish wish, PlanChanges::Done done) {
          submit(std::move(wish.command), Execution::Commit, std::move(done), wish.ifVersion);
      })
{
    buildHead();
    buildChanges();
    buildControls();
    buildView();
    buildSide();
    buildZones();
    m_sceneTimer.setSingleShot(true);
    m_sceneTimer.setInterval(sceneDelayMs);
    m_historyTimer.setInterval(historyMs);
    connect(&m_sceneTimer, &QTimer::timeout, this, &TimelinePage::requestScene);
    connect(&m_historyTimer, &QTimer::timeout, this, [this] {
        if (isVisible())
            readHistory();
    });
    m_historyTimer.start();
    updateReadOnly();
}

TimelinePage::~TimelinePage() = default;

void TimelinePage::buildHead()
{
    buildFilesMenu();
    m_addOverlay = makeButton(tr("Add overlay"), ButtonKind::Normal, QStringLiteral("plus"));
    m_addOverlay->setObjectName(QStringLiteral("addOverlay"));
    m_addSchedule = makeButton(tr("Add schedule"), ButtonKind::Primary, QStringLiteral("plus"));
    m_addSchedule->setObjectName(QStringLiteral("addSchedule"));
    actions()->addWidget(m_addOverlay);
    actions()->addWidget(m_addSchedule);
    needsFreshData(m_addOverlay, Ability::WriteOverlays);
    needsFreshData(m_addSchedule);
    connect(m_addOverlay, &QPushButton::clicked, this, &TimelinePage::addOverlay);
    connect(m_addSchedule, &QPushButton::clicked, this, &TimelinePage::addSchedule);
}

void TimelinePage::buildChanges()
{
    connect(&m_changes, &PlanChanges::applied, this, &TimelinePage::applied);
    connect(&m_changes, &PlanChanges::refused, this, &TimelinePage::refused);
    connect(&m_changes, &PlanChanges::imported, this, [this] { showSide(Side::Nothing); });
    connect(&m_changes, &PlanChanges::takenBack, this, [this](const HistoryStep& change) {
        readPlan();
        report(tr("Took back: %1").arg(nameOf(change)));
    });
    connect(&m_changes, &PlanChanges::broughtAgain, this, [this](const HistoryStep& change) {
        readPlan();
        report(tr("Did again: %1").arg(nameOf(change)));
    });
}

void TimelinePage::buildControls()
{
    m_controls = new TimelineControls;
    content()->addWidget(m_controls);
    m_notice = new Notice;
    m_notice->hide();
    auto* noticeLine = new QHBoxLayout;
    noticeLine->setContentsMargins(20, 0, 20, 8);
    noticeLine->addWidget(m_notice);
    content()->addLayout(noticeLine);
    connect(m_controls, &TimelineControls::moveRequested, this, [this](double screens) { m_view->moveBy(screens); });
    connect(m_controls, &TimelineControls::nowRequested, this, [this] { m_view->showNow(); });
    connect(m_controls, &TimelineControls::spanChosen, this, [this](seconds span) { m_view->showSpan(span); });
    connect(m_controls, &TimelineControls::timeEntered, this, [this](LocalTime time) {
        m_view->showInstant(m_view->eventZone().rules.map(time).first);
        m_view->setFocus();
    });
}

void TimelinePage::buildView()
{
    m_view = new TimelineView;
    m_zone = makeZoneField(QString::fromLatin1(m_context.settings.deploymentZone().id()), tr("Zone of the event"));
    m_zone->setObjectName(QStringLiteral("eventZone"));
    m_view->setZoneChoice(m_zone);
    content()->addWidget(m_view, 1);
    connect(m_zone, &QComboBox::currentTextChanged, this, [this](const QString& name) {
        const QTimeZone zone(name.toLatin1());
        if (!zone.isValid())
            return;
        m_context.settings.setDeploymentZone(zone);
        buildZones();
    });
    connect(m_view, &TimelineView::axisChanged, this, &TimelinePage::onAxisChanged);
    connect(m_view, &TimelineView::chosen, this, &TimelinePage::choose);
    connect(m_view, &TimelineView::activated, this, [this](const std::optional<PlanItemKey>& item, const PoolKey& row) {
        choose(item, row);
        if (item)
            editSelected();
    });
    connect(m_view, &TimelineView::drawn, this, &TimelinePage::draw);
    connect(m_view, &TimelineView::moved, this, &TimelinePage::move);
    connect(m_view, &TimelineView::deletionRequested, this, &TimelinePage::deleteSelected);
}

void TimelinePage::buildSide()
{
    m_inspector = new TimelineInspector;
    m_editor = new PlanEditor(m_zones);
    m_importPanel = new ImportPanel;
    m_side = new QWidget;
    auto* row = new QHBoxLayout(m_side);
    row->setContentsMargins(0, 0, 0, 0);
    for (QWidget* widget : std::initializer_list<QWidget*>{m_inspector, m_editor, m_importPanel})
        row->addWidget(widget);
    setInspector(m_side);
    showSide(Side::Nothing);
    connect(m_inspector, &Inspector::closeRequested, this, &TimelinePage::closeInspector);
    connect(m_inspector, &TimelineInspector::editRequested, this, &TimelinePage::editSelected);
    connect(m_inspector, &TimelineInspector::endRequested, this, &TimelinePage::endWindow);
    connect(m_inspector, &TimelineInspector::skipRequested, this, &TimelinePage::skipWindow);
    connect(m_inspector, &TimelineInspector::changeRequested, this, &TimelinePage::changeWindow);
    connect(m_inspector, &TimelineInspector::duplicateRequested, this, &TimelinePage::duplicateSelected);
    connect(m_inspector, &TimelineInspector::deleteRequested, this, &TimelinePage::deleteSelected);
    offerCommands();
    connect(m_editor, &PlanEditor::changed, this, [this] { m_sceneTimer.start(); });
    connect(m_editor, &PlanEditor::applyRequested, this, &TimelinePage::applyDraft);
    connect(m_editor, &PlanEditor::discarded, this, &TimelinePage::closeEditor);
    connect(m_importPanel, &ImportPanel::applyRequested, this, &TimelinePage::applyImport);
    connect(m_importPanel, &Inspector::closeRequested, this, [this] { showSide(Side::Nothing); });
}

void TimelinePage::showSide(Side side)
{
    m_inspector->setVisible(side == Side::Inspector);
    m_editor->setVisible(side == Side::Editor);
    m_importPanel->setVisible(side == Side::Import);
    m_side->setVisible(side != Side::Nothing);
    // One thing is written at a time, and its form needs the room.
    m_addOverlay->setVisible(side != Side::Editor);
    m_addSchedule->setVisible(side != Side::Editor);
    const auto* shown = side == Side::Editor ? static_cast<QWidget*>(m_editor) : m_inspector;
    m_side->setMaximumWidth(shown->maximumWidth());
    if (auto* splitter = findChild<InspectorSplitter*>(); splitter && side != Side::Nothing)
        splitter->setSizes({std::max(1, splitter->width() - shown->minimumWidth()), shown->minimumWidth()});
}

AxisZone TimelinePage::axisZone(const QTimeZone& zone) const
{
    if (auto rules = m_zones(zone.id().toStdString()))
        return {zone, std::move(*rules)};
    return {};
}

// Beside the event's zone stands the user's own, or UTC where they are the same; nothing where that is the same again.
void TimelinePage::buildZones()
{
    const QTimeZone event = m_context.settings.deploymentZone();
    const QTimeZone mine = format::userZone();
    const QTimeZone second = mine.id() == event.id() ? QTimeZone::utc() : mine;
    const bool isUtcTwice = isUtc(event) && isUtc(second);
    m_view->setZones(axisZone(event), axisZone(isUtcTwice ? event : second));
    showTitle();
    showSelected();
}

// --- What is known ---

void TimelinePage::onControlPlaneChanged()
{
    m_plan.reset();
    m_saved.reset();
    m_sceneSnapshot.reset();
    m_isReadingPlan = false;
    m_isFirstScene = true;
    m_changes.setControlPlane(controlPlane());
    m_counts.clear();
    m_scenes.drop();
    m_view->setScene(std::make_shared<const TimelineScene>());
    m_view->select({}, {});
    closeEditor();
    showSide(Side::Nothing);
}

void TimelinePage::onStaleChanged()
{
    updateReadOnly();
}

void TimelinePage::updateReadOnly()
{
    const QString why = whyReadOnly();
    m_view->setEditing(why.isEmpty() ? TimelineView::Editing::On : TimelineView::Editing::Off);
    m_inspector->setReadOnly(why);
    m_editor->setReadOnly(why);
    m_importPanel->setReadOnly(why);
}

void TimelinePage::onSnapshot(const Snapshot& snapshot)
{
    if (snapshot.nodeGroups.empty()) {
        closeEditor();
        showSide(Side::Nothing);
        showEmpty(QStringLiteral("timeline"), tr("Nothing to plan yet"),
                  tr("Schedules and overlays say when a node group holds how many nodes. There is no node group."),
                  {{tr("Open node groups"), [this] { Q_EMIT goToRequested(QStringLiteral("node-groups"), {}); }, {}}});
        return;
    }
    showNormal();
    updateReadOnly();
    m_view->setNow(instantOf(snapshot.takenAt));
    if (m_isFirstScene)
        m_view->showSpan(m_controls->span());
    if (m_isFirstScene)
        m_view->showNow();
    m_view->setFacts(m_counts.add(snapshot));
    m_changes.setSnapshot(present());
    // In the midst of a change the plan is read when it is done.
    if (!m_plan || (m_plan->revision != snapshot.planRevision && !m_changes.isBusy()))
        readPlan();
    const bool isOther = !m_sceneSnapshot || m_sceneSnapshot->revision != snapshot.revision ||
                         snapshot.takenAt - m_sceneSnapshot->takenAt > factsAge;
    if (m_plan && isOther) {
        m_isSavedOld = true;
        requestScene();
    }
    if (m_isFirstScene)
        readHistory();
    m_isFirstScene = false;
}

void TimelinePage::readPlan()
{
    if (m_isReadingPlan || !controlPlane())
        return;
    m_isReadingPlan = true;
    controlPlane()->readPlan([self = QPointer<TimelinePage>(this)](Result<StoredPlanPtr> answer) {
        if (self)
            self->takePlan(std::move(answer));
    });
}

void TimelinePage::takePlan(Result<StoredPlanPtr> answer)
{
    m_isReadingPlan = false;
    if (!answer) {
        m_notice->setContent(Status::Critical, tr("The plan could not be read"), format::errorLine(answer.error()));
        m_notice->setAction(tr("Try again"), [this] { readPlan(); });
        m_notice->show();
        return;
    }
    m_plan = std::move(*answer);
    m_isSavedOld = true;
    m_notice->setVisible(m_plan->items.empty());
    if (m_plan->items.empty())
        m_notice->setContent(Status::Off, tr("Nothing is planned"),
                             tr("Each pool holds the bounds of its own rule. Draw an overlay beside a pool, or add a "
                                "schedule."));
    requestScene();
}

void TimelinePage::readHistory()
{
    const SnapshotPtr snapshot = present();
    if (!snapshot)
        return;
    const std::optional<MetricQuery> query = m_counts.query(m_view->axis(), snapshot->takenAt);
    if (!query)
        return;
    controlPlane()->readMetrics(*query,
                                [self = QPointer<TimelinePage>(this)](Result<std::vector<MetricSeries>> answer) {
                                    const SnapshotPtr latest = self ? self->present() : nullptr;
                                    if (!latest || !answer)
                                        return;
                                    self->m_counts.setHistory(*answer, *latest);
                                    self->m_view->setFacts(self->m_counts.add(*latest));
                                });
}

// --- The scene ---

void TimelinePage::onAxisChanged()
{
    showTitle();
    const TimelineScenePtr& scene = m_view->scene();
    const TimeAxis& axis = m_view->axis();
    if (m_plan && (axis.from() < scene->from || axis.to() > scene->to))
        m_sceneTimer.start();
}

void TimelinePage::showTitle()
{
    const QTimeZone& zone = m_view->eventZone().zone;
    const TimeAxis& axis = m_view->axis();
    const QString first = words::shortDay(axis.from(), zone), last = words::day(axis.to(), zone);
    m_controls->setTitle(last.startsWith(first) ? last : tr("%1 – %2").arg(first, last));
}

void TimelinePage::requestScene()
{
    m_sceneTimer.stop();
    const SnapshotPtr snapshot = present();
    if (!m_plan || !snapshot)
        return;
    m_sceneSnapshot = snapshot;
    const TimeAxis& axis = m_view->axis();
    const seconds margin = axis.span() > wideSpan ? axis.span() / 3 : axis.span();
    SceneQuestion question{m_plan, snapshot, {}, axis.from() - margin, axis.to() + margin, m_zones, nullptr};
    if (m_editor->isEditing() && m_editor->isChanged() && m_editor->lastForecast() &&
        m_editor->lastForecast()->errors.empty())
        question.draft = m_editor->item();
    const bool isOld = m_isSavedOld || (m_saved && !isFitting(*m_saved, *snapshot));
    m_scenes.run([this, question, saved = isOld ? nullptr : m_saved]() mutable -> BackgroundJob::Finish {
        if (!saved)
            saved = compilePlans(toDocument(*question.plan, *question.snapshot), *question.snapshot, question.zones);
        if (!question.draft)
            question.plans = saved;
        return [this, saved, scene = makeScene(question)] { takeScene(saved, scene); };
    });
}

void TimelinePage::takeScene(CompiledPlansPtr saved, TimelineScenePtr scene)
{
    const bool isOther = saved != m_saved;
    m_saved = std::move(saved);
    m_isSavedOld = false;
    if (!m_view->isDragging())
        m_view->setScene(std::move(scene));
    if (!m_saved->failures.empty()) {
        m_notice->setContent(Status::Critical, tr("The plan of a group does not hold together"),
                             format::errorLine(m_saved->failures.front()));
        m_notice->show();
    }
    if (isOther && m_editor->isEditing())
        m_editor->setGround({m_sceneSnapshot, m_saved, m_view->eventZone(), m_view->myZone()});
    if (!m_revealed.isEmpty())
        reveal(std::exchange(m_revealed, QString()));
    showSelected();
}

TimelineGround TimelinePage::ground() const
{
    return {m_sceneSnapshot, m_saved, m_zones, m_view->eventZone(), m_view->myZone()};
}

void TimelinePage::refresh()
{
    Page::refresh();
    readPlan();
    readHistory();
}

void TimelinePage::focusFilter()
{
    m_controls->askForTime();
}

void TimelinePage::goToTime()
{
    m_controls->enterTime();
}

void TimelinePage::keyPressEvent(QKeyEvent* event)
{
    const bool isLetter = event->modifiers() == Qt::NoModifier && m_context.settings.singleLetterShortcuts();
    const bool isControl = event->modifiers() == Qt::ControlModifier;
    if (isLetter && event->key() == Qt::Key_N)
        m_view->showNow();
    else if (isLetter && event->key() == Qt::Key_T)
        focusFilter();
    else if (isControl && event->key() == Qt::Key_N)
        addOverlay();
    else if (isControl && event->key() == Qt::Key_E)
        editSelected();
    else if (isControl && (event->key() == Qt::Key_S || event->key() == Qt::Key_Return) && m_editor->isEditing())
        applyDraft();
    else
        Page::keyPressEvent(event);
}

}  // namespace headgate
