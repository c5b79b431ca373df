#include "ui/pages/timeline_page.h"

#include "core/plan/plan_merge.h"
#include "core/plan/plan_text.h"
#include "ui/format.h"
#include "ui/models/plan_words.h"
#include "ui/pages/import_panel.h"
#include "ui/pages/plan_editor.h"
#include "ui/pages/plan_fields.h"
#include "ui/pages/timeline_inspector.h"
#include "ui/pages/timeline_legend.h"
#include "ui/shell/settings.h"
#include "ui/shell/theme.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/segmented.h"
#include "ui/widgets/state_view.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPointer>
#include <QPushButton>
#include <QSignalBlocker>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace headgate {

namespace {

using std::chrono::days;
using std::chrono::hours;

constexpr std::array<seconds, 5> spans = {seconds(hours(6)), seconds(hours(24)), seconds(days(7)), seconds(days(30)),
                                          seconds(days(365))};
constexpr int daySpan = 1;
constexpr seconds wideSpan = days(60);  // from here on less is worked out beside what is shown
constexpr int sceneDelayMs = 40;
constexpr int historyMs = 15000;
constexpr int mostCounts = 600;
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

std::string metricName(const PoolKey& key)
{
    return key.nodeGroup.value + '/' + key.subgroup + '/' + key.role;
}

TimelineFacts factsOf(const PoolStatus& pool)
{
    TimelineFacts facts;
    facts.status = format::poolState(pool).status;
    const QString role = format::text(pool.key.role);
    facts.second =
        pool.isActive || pool.ready > 0
            ? TimelinePage::tr("%1, %2 of %3").arg(role, format::count(pool.ready), format::count(pool.wanted))
            : TimelinePage::tr("%1, inactive").arg(role);
    return facts;
}

// Two rows of controls: beside one another where there is room, else one below the other.
class TwoPartBar : public QWidget
{
public:
    TwoPartBar()
    {
        m_parts = new QBoxLayout(QBoxLayout::LeftToRight, this);
        m_parts->setContentsMargins(20, 0, 20, 10);
        m_parts->setSpacing(8);
        for (QHBoxLayout** part : {&m_first, &m_second}) {
            *part = new QHBoxLayout;
            (*part)->setSpacing(8);
            m_parts->addLayout(*part);
        }
    }

    QHBoxLayout* first() const { return m_first; }
    QHBoxLayout* second() const { return m_second; }

    QSize minimumSizeHint() const override
    {
        return {std::max(m_first->minimumSize().width(), m_second->minimumSize().width()) + margins(),
                QWidget::minimumSizeHint().height()};
    }

protected:
    void resizeEvent(QResizeEvent*) override
    {
        const int needed = m_first->minimumSize().width() + m_second->minimumSize().width() + m_parts->spacing();
        m_parts->setDirection(width() >= needed + margins() ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
    }

private:
    int margins() const { return m_parts->contentsMargins().left() + m_parts->contentsMargins().right(); }

    QBoxLayout* m_parts = nullptr;
    QHBoxLayout* m_first = nullptr;
    QHBoxLayout* m_second = nullptr;
};

}  // namespace

TimelinePage::TimelinePage(PageContext& context, QWidget* parent)
    : Page(identityOfPage(), parent), m_context(context), m_zones(remembering(context.zones))
{
    buildHead();
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
    needsFreshData(m_addOverlay);
    needsFreshData(m_addSchedule);
    connect(m_addOverlay, &QPushButton::clicked, this, &TimelinePage::addOverlay);
    connect(m_addSchedule, &QPushButton::clicked, this, &TimelinePage::addSchedule);
}

void TimelinePage::buildControls()
{
    auto* bar = new TwoPartBar;
    QHBoxLayout* line = bar->first();
    auto* earlier = makeIconButton(QStringLiteral("chevron-left"), tr("Earlier"));
    auto* now = makeButton(tr("Now"));
    now->setObjectName(QStringLiteral("now"));
    auto* later = makeIconButton(QStringLiteral("chevron-right"), tr("Later"));
    m_title = new TextLabel({}, TextRole::Section);
    m_goTo = new QLineEdit;
    m_goTo->setPlaceholderText(QStringLiteral("2027-06-26 20:00"));
    m_goTo->setAccessibleName(tr("Go to time"));
    m_goTo->setObjectName(QStringLiteral("goTo"));
    m_goTo->setMaximumWidth(scaled(150));
    m_goTo->hide();
    m_spans = new Segmented({tr("6 h"), tr("Day"), tr("Week"), tr("Month"), tr("Year")}, tr("Time shown"));
    m_spans->setObjectName(QStringLiteral("span"));
    m_spans->setCurrentIndex(daySpan);
    for (QWidget* widget : std::initializer_list<QWidget*>{earlier, now, later, m_title, m_goTo})
        line->addWidget(widget);
    line->addStretch();
    bar->second()->addStretch();
    bar->second()->addWidget(new TimelineLegend);
    bar->second()->addWidget(m_spans);
    content()->addWidget(bar);
    m_notice = new Notice;
    m_notice->hide();
    auto* noticeLine = new QHBoxLayout;
    noticeLine->setContentsMargins(20, 0, 20, 8);
    noticeLine->addWidget(m_notice);
    content()->addLayout(noticeLine);
    connect(earlier, &QToolButton::clicked, this, [this] { m_view->moveBy(-0.5); });
    connect(later, &QToolButton::clicked, this, [this] { m_view->moveBy(0.5); });
    connect(now, &QPushButton::clicked, this, [this] { m_view->showNow(); });
    connect(m_spans, &Segmented::currentChanged, this,
            [this](int index) { m_view->showSpan(spans[static_cast<std::size_t>(index)]); });
    connect(m_goTo, &QLineEdit::returnPressed, this, &TimelinePage::goToTime);
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
    connect(m_inspector, &TimelineInspector::endRequested, this, &TimelinePage::endSelected);
    connect(m_inspector, &TimelineInspector::duplicateRequested, this, &TimelinePage::duplicateSelected);
    connect(m_inspector, &TimelineInspector::deleteRequested, this, &TimelinePage::deleteSelected);
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

// Beside the event's zone stands the user's own, or UTC where they are the same.
void TimelinePage::buildZones()
{
    const QTimeZone event = m_context.settings.deploymentZone();
    const QTimeZone mine = format::userZone();
    m_view->setZones(axisZone(event), axisZone(mine.id() == event.id() ? QTimeZone::utc() : mine));
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
    m_history.clear();
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
        m_view->showSpan(spans[static_cast<std::size_t>(std::max(0, m_spans->currentIndex()))]);
    if (m_isFirstScene)
        m_view->showNow();
    updateFacts(snapshot);
    if (!m_plan || m_plan->revision != snapshot.planRevision)
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
    MetricQuery query;
    query.scope = MetricScope::Pool;
    query.from = timePointOf(m_view->axis().from());
    query.to = std::min(snapshot->takenAt, timePointOf(m_view->axis().to()));
    query.maxSamples = mostCounts;
    if (query.from >= query.to)
        return;
    m_countStep = std::chrono::ceil<seconds>((query.to - query.from) / mostCounts) * 4 + seconds(10);
    controlPlane()->readMetrics(query, [self = QPointer<TimelinePage>(this)](Result<std::vector<MetricSeries>> answer) {
        const SnapshotPtr latest = self ? self->present() : nullptr;
        if (!latest || !answer)
            return;
        std::map<std::string, PoolKey> keys;
        for (const NodeGroupStatus& group : latest->nodeGroups) {
            for (const PoolStatus& pool : group.pools)
                keys.emplace(metricName(pool.key), pool.key);
        }
        self->m_counts.clear();
        for (const MetricSeries& series : *answer) {
            const auto key = keys.find(series.key.name);
            if (series.key.scope != MetricScope::Pool || key == keys.end())
                continue;
            std::vector<NodeCount>& counts = self->m_counts[key->second];
            for (const MetricSample& sample : series.samples)
                counts.push_back({instantOf(sample.at), sample.nodes});
        }
        self->updateFacts(*latest);
    });
}

void TimelinePage::updateFacts(const Snapshot& snapshot)
{
    std::map<PoolKey, TimelineFacts> all;
    const Instant now = instantOf(snapshot.takenAt);
    for (const NodeGroupStatus& group : snapshot.nodeGroups) {
        int ready = 0;
        for (const PoolStatus& pool : group.pools) {
            ready += pool.ready;
            TimelineFacts facts = factsOf(pool);
            std::vector<NodeCount>& counts = m_counts[pool.key];
            if (counts.empty() || counts.back().at + m_countStep / 4 < now || counts.back().nodes != pool.ready)
                counts.push_back({now, pool.ready});
            facts.actual = counts;
            facts.longestStep = m_countStep;
            all[pool.key] = std::move(facts);
        }
        TimelineFacts facts;
        facts.second = tr("%n node(s)", nullptr, ready);
        all[{group.group.name, {}, {}}] = std::move(facts);
    }
    m_view->setFacts(std::move(all));
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
    m_title->setText(last.startsWith(first) ? last : tr("%1 – %2").arg(first, last));
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
    m_goTo->show();
    m_goTo->setFocus(Qt::ShortcutFocusReason);
    m_goTo->selectAll();
}

void TimelinePage::goToTime()
{
    QString text = m_goTo->text().trimmed().replace(QLatin1Char(' '), QLatin1Char('T'));
    if (!text.contains(QLatin1Char('T')))
        text += QStringLiteral("T12:00");
    const auto local = localTimeFromText(format::utf8(text));
    setBad(m_goTo, local ? QString() : format::errorLine(local.error()));
    if (!local)
        return;
    m_view->showInstant(m_view->eventZone().rules.map(*local).first);
    m_goTo->hide();
    m_view->setFocus();
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
