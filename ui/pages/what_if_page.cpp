#include "ui/pages/what_if_page.h"

#include "ui/format.h"
#include "ui/pages/what_if_charts.h"
#include "ui/pages/what_if_controls.h"
#include "ui/pages/what_if_findings.h"
#include "ui/shell/theme.h"
#include "ui/widgets/card.h"
#include "ui/widgets/curve_editor.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/state_view.h"

#include <QDateTime>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QPainter>
#include <QProgressBar>
#include <QPushButton>
#include <QSaveFile>
#include <QScrollArea>
#include <QSlider>

#include <algorithm>

namespace headgate {

namespace {

constexpr int leftWidth = 268;
constexpr int rightWidth = 324;
constexpr int threeColumnsWidth = 1040;
constexpr int scrubStepS = 300;
constexpr int fewestViewers = 1'000;  // of the first curve, if nobody watches now

PageIdentity identityOfPage()
{
    return {QStringLiteral("what-if"),    WhatIfPage::tr("What-if"), WhatIfPage::tr("What happens if ...?"),
            QStringLiteral("statistics"), QLatin1Char('W'),          RailSection::Capacity};
}

// Says that nothing on the page is live.
class SimulationTag : public QWidget
{
public:
    SimulationTag()
    {
        setAccessibleName(WhatIfPage::tr("Simulation"));
        setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    }
    QSize sizeHint() const override
    {
        const QFontMetrics metrics(textFont(TextRole::CaptionStrong));
        return {metrics.horizontalAdvance(accessibleName()) + 16, scaled(24)};
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Tokens& t = tokensOf(this);
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(t.pending.pill);
        painter.drawRoundedRect(QRectF(rect()).adjusted(0, 2, 0, -2), 4, 4);
        painter.setPen(t.pending.text);
        painter.setFont(textFont(TextRole::CaptionStrong));
        painter.drawText(rect(), Qt::AlignCenter, accessibleName());
    }
};

// Chooses the instant that is looked at, in the blue of what is simulated.
class Scrubber : public QSlider
{
public:
    Scrubber() : QSlider(Qt::Horizontal)
    {
        setPageStep(12);
        setFixedHeight(scaled(24));
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const Tokens& t = tokensOf(this);
        const double radius = scaled(7);
        const double share = maximum() > 0 ? static_cast<double>(value()) / maximum() : 0;
        const QPointF handle(radius + share * (width() - 2 * radius), height() / 2.0);
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(Qt::NoPen);
        painter.setBrush(t.borderStrong);
        painter.drawRoundedRect(QRectF(0, handle.y() - 2, width(), 4), 2, 2);
        painter.setBrush(t.pending.text);
        painter.drawRoundedRect(QRectF(0, handle.y() - 2, handle.x(), 4), 2, 2);
        painter.drawEllipse(handle, radius, radius);
        if (!hasFocus())
            return;
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(t.accent, 2));
        painter.drawEllipse(handle, radius + 2, radius + 2);
    }
};

// A usual day of people here, with as many viewers at its height in the evening as there are now, or some.
std::vector<ViewersAt> usualDay(int viewersNow, TimePoint start, int durationS)
{
    constexpr int hourS = 3'600, dayS = 24 * hourS;
    // Two days by the clock on the wall, in percent of the height.
    std::vector<ViewersAt> wall;
    for (const int day : {0, dayS})
        for (const auto& [hour, percent] :
             {std::pair(0, 40), std::pair(5, 12), std::pair(12, 40), std::pair(20, 100), std::pair(22, 75)})
            wall.push_back({day + hour * hourS, percent});
    wall.push_back({2 * dayS, 40});
    const int height = std::max(fewestViewers, viewersNow);
    const QTime clock = QDateTime::fromMSecsSinceEpoch(toEpochMs(start), format::userZone()).time();
    const int begun = clock.msecsSinceStartOfDay() / 1000;
    std::vector<ViewersAt> curve;
    const auto add = [&](int atS) {
        const std::int64_t percent = viewersAt(wall, begun + atS);
        curve.push_back({atS, static_cast<int>(height * percent / 100)});
    };
    add(0);
    for (const ViewersAt& point : wall)
        if (point.atS > begun && point.atS < begun + durationS)
            add(point.atS - begun);
    add(durationS);
    return curve;
}

QScrollArea* scrolling(QWidget* inner)
{
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(inner);
    return scroll;
}

}  // namespace

WhatIfPage::WhatIfPage(PageContext& context, WhatIfRun run, QWidget* parent)
    : Page(identityOfPage(), parent), m_context(context), m_canRun(static_cast<bool>(run)), m_runner(std::move(run))
{
    buildActions();
    m_controls = new WhatIfControls;
    m_findings = new WhatIfFindings;
    auto* left = scrolling(m_controls);
    left->setFixedWidth(scaled(leftWidth));
    auto* line = new QHBoxLayout;
    line->setContentsMargins(20, 2, 20, 20);
    line->setSpacing(12);
    line->addWidget(left);
    line->addWidget(scrolling(buildMiddle()), 1);
    m_right = scrolling(m_findings);
    m_right->setFixedWidth(scaled(rightWidth));
    line->addWidget(m_right);
    content()->addLayout(line, 1);
    connect(m_controls, &WhatIfControls::changed, this, [this] {
        m_editor->setBar(m_controls->expected());
        ask();
    });
    connect(m_controls, &WhatIfControls::groupChosen, this, &WhatIfPage::startAnew);
    connect(m_editor, &CurveEditor::curveChanged, this, &WhatIfPage::ask);
    connect(m_editor, &CurveEditor::barMoved, m_controls, &WhatIfControls::setExpected);
    connect(m_findings, &WhatIfFindings::saveRequested, this, &WhatIfPage::saveScenario);
    connect(&m_runner, &WhatIfRunner::answered, this, &WhatIfPage::take);
    connect(&m_runner, &WhatIfRunner::progressed, this, [this](double share) {
        m_progress->setValue(static_cast<int>(share * 100));
        m_progress->setVisible(true);
    });
}

void WhatIfPage::buildActions()
{
    m_progress = new QProgressBar;
    m_progress->setRange(0, 100);
    m_progress->setTextVisible(false);
    m_progress->setFixedWidth(scaled(120));
    m_progress->setAccessibleName(tr("How much is simulated"));
    m_progress->hide();
    auto* recorded = makeButton(tr("Last 24 hours"), ButtonKind::Normal, QStringLiteral("clock"));
    recorded->setToolTip(tr("Takes the viewers that were recorded as the curve"));
    recorded->setObjectName(QStringLiteral("recorded"));
    auto* anew = makeButton(tr("Reset"), ButtonKind::Normal, QStringLiteral("refresh"));
    anew->setToolTip(tr("Reads the cluster anew and forgets the curve"));
    anew->setObjectName(QStringLiteral("reset"));
    actions()->addWidget(m_progress);
    actions()->addWidget(new SimulationTag);
    actions()->addWidget(recorded);
    actions()->addWidget(anew);
    needsData(recorded);
    needsData(anew);
    connect(recorded, &QPushButton::clicked, this, &WhatIfPage::useRecorded);
    connect(anew, &QPushButton::clicked, this, &WhatIfPage::startAnew);
}

QWidget* WhatIfPage::buildMiddle()
{
    auto* middle = new QWidget;
    auto* column = new QVBoxLayout(middle);
    m_middle = column;
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    auto* curve = new Card(tr("Viewers who want to watch"));
    curve->setNote(tr("click to add a point, drag to move it, Delete removes it"));
    m_editor = new CurveEditor;
    curve->body()->addWidget(m_editor);
    m_scrubber = new Scrubber;
    m_scrubber->setAccessibleName(tr("Instant that is looked at"));
    auto* line = new QHBoxLayout;
    line->setContentsMargins(m_editor->plotMargins());
    line->addWidget(m_scrubber);
    curve->body()->addLayout(line);
    column->addWidget(curve);
    m_charts = new WhatIfCharts;
    column->addWidget(m_charts, 1);
    connect(m_scrubber, &QSlider::valueChanged, this, [this](int value) { scrubTo(value * scrubStepS); });
    connect(m_charts, &WhatIfCharts::pointedAt, this, [this](std::optional<TimePoint> at) {
        scrubTo(at ? static_cast<int>((*at - m_asked.start).count() / 1000) : m_scrubber->value() * scrubStepS);
    });
    return middle;
}

// Where three columns have no room, the findings stand below the charts.
void WhatIfPage::resizeEvent(QResizeEvent* event)
{
    Page::resizeEvent(event);
    const bool isNarrow = width() < scaled(threeColumnsWidth);
    if (isNarrow == m_right->isHidden())
        return;
    m_right->setHidden(isNarrow);
    if (isNarrow)
        m_middle->addWidget(m_right->takeWidget());
    else
        m_right->setWidget(m_findings);
    m_findings->show();
}

std::vector<PaletteAction> WhatIfPage::paletteActions() const
{
    auto* self = const_cast<WhatIfPage*>(this);
    const auto event = [self](WhatIfEvent which) { return [self, which] { self->m_controls->chooseEvent(which); }; };
    const QString icon = identity().iconName;
    return {
        {tr("Simulate the loss of a node"), {}, icon, {}, {}, event(WhatIfEvent::LoseNode), {}},
        {tr("Simulate the loss of a region"), {}, icon, {}, {}, event(WhatIfEvent::LoseRegion), {}},
        {tr("Simulate a spike of viewers"), {}, icon, {}, {}, event(WhatIfEvent::Spike), {}},
        {tr("Choose a point of the curve"),
         {},
         icon,
         tr("Left, Right"),
         {},
         [self] { self->m_editor->setFocus(); },
         {}},
        {tr("Change the point"),
         {},
         icon,
         tr("Up, Down, Shift Left, Shift Right"),
         {},
         [self] { self->m_editor->setFocus(); },
         {}},
        {tr("Add or remove a point"), {}, icon, tr("Insert, Delete"), {}, [self] { self->m_editor->setFocus(); }, {}}};
}

void WhatIfPage::refresh()
{
    Page::refresh();
    startAnew();
}

void WhatIfPage::reveal(const QString& key)
{
    const QString groupWord = QStringLiteral("group:");
    if (key.startsWith(groupWord))
        m_controls->setGroup(key.mid(groupWord.size()));
    else if (key == QLatin1String("lose-node"))
        m_controls->chooseEvent(WhatIfEvent::LoseNode);
    else if (key == QLatin1String("lose-region"))
        m_controls->chooseEvent(WhatIfEvent::LoseRegion);
    else if (key == QLatin1String("spike"))
        m_controls->chooseEvent(WhatIfEvent::Spike);
}

bool WhatIfPage::undo()
{
    return m_editor->undo();
}

bool WhatIfPage::redo()
{
    return m_editor->redo();
}

void WhatIfPage::onControlPlaneChanged()
{
    m_runner.stop();
    m_plan.reset();
    m_base.reset();
    m_answer.reset();
}

// The cluster is read once; what comes later is for the next time.
void WhatIfPage::onSnapshot(const Snapshot& snapshot)
{
    if (snapshot.nodeGroups.empty()) {
        showEmpty(identity().iconName, tr("There is no node group to simulate"),
                  tr("A simulation starts from a group: its rules, its plan and what its nodes carry."),
                  {{tr("New node group"),
                    [this] { Q_EMIT goToRequested(QStringLiteral("node-groups"), QStringLiteral("new:")); },
                    QStringLiteral("plus"), ActionNeed::FreshData}});
        return;
    }
    QStringList names;
    for (const NodeGroupStatus& group : snapshot.nodeGroups)
        names << format::text(group.group.name.value);
    m_controls->setGroups(names);
    showNormal();
    if (!m_base)
        startAnew();
}

void WhatIfPage::startAnew()
{
    if (!controlPlane())
        return;
    controlPlane()->readPlan([self = QPointer<WhatIfPage>(this)](Result<StoredPlanPtr> plan) {
        if (!self)
            return;
        if (!plan)
            return self->m_findings->setError(plan.error());
        self->m_plan = *plan;
        self->takeCluster();
    });
}

void WhatIfPage::takeCluster()
{
    const SnapshotPtr snapshot = present();
    if (!snapshot || !m_plan)
        return;
    auto question = questionFrom(*snapshot, *m_plan, NodeGroupName(format::utf8(m_controls->group())));
    if (!question) {
        m_findings->setError(question.error());
        return;
    }
    question->viewers = usualDay(question->viewers.front().viewers, question->start, question->durationS);
    // Where it hurts most.
    const auto height = std::ranges::max_element(question->viewers, {}, &ViewersAt::viewers);
    question->eventAtS = std::clamp(height->atS / scrubStepS * scrubStepS, 3'600, question->durationS - 3'600);
    m_base = std::move(*question);
    m_controls->startFrom(*m_base);
    m_editor->setTime(m_base->start, m_base->durationS);
    m_editor->setCurve(m_base->viewers);
    m_editor->setBar(m_controls->expected());
    m_scrubber->setRange(0, m_base->durationS / scrubStepS);
    m_scrubber->setValue(m_base->eventAtS / scrubStepS);
    m_findings->setFile(QStringLiteral("what-if-%1.json").arg(m_controls->group()));
    ask();
}

void WhatIfPage::ask()
{
    if (!m_base)
        return;
    WhatIfQuestion question = *m_base;
    question.viewers = m_editor->curve();
    m_controls->applyTo(question);
    m_asked = *m_base;
    if (m_canRun)
        m_runner.ask(std::move(question));
    else
        m_findings->setError({ErrorCode::Unsupported, "This console has no simulator.", {}, {}});
}

void WhatIfPage::take(const Result<WhatIfAnswer>& answer)
{
    m_progress->hide();
    if (!answer) {
        m_answer.reset();
        m_findings->setError(answer.error());
        return;
    }
    m_answer = *answer;
    m_findings->setAnswer(*m_answer, m_asked.start);
    m_charts->setAnswer(*m_answer, m_asked.start, m_asked.durationS);
    scrubTo(m_scrubber->value() * scrubStepS);
}

void WhatIfPage::scrubTo(int atS)
{
    m_editor->setScrubber(atS);
    m_findings->setScrubber(atS);
    m_charts->setScrubber(m_asked.start + std::chrono::seconds(atS));
}

void WhatIfPage::useRecorded()
{
    const SnapshotPtr snapshot = present();
    if (!snapshot || !m_base)
        return;
    MetricQuery query;
    query.scope = MetricScope::NodeGroup;
    query.to = snapshot->takenAt;
    query.from = query.to - std::chrono::hours(24);
    query.maxSamples = 96;
    controlPlane()->readMetrics(query, [self = QPointer<WhatIfPage>(this)](Result<std::vector<MetricSeries>> history) {
        if (!self)
            return;
        if (history)
            self->takeHistory(*history);
        else
            self->report(format::errorLine(history.error()));
    });
}

// The same time of the day, so that schedules fit: the last 24 hours, from where the simulated day begins.
void WhatIfPage::takeHistory(const std::vector<MetricSeries>& history)
{
    const MetricKey key{MetricScope::NodeGroup, format::utf8(m_controls->group())};
    const auto found = std::ranges::find(history, key, &MetricSeries::key);
    if (found == history.end() || found->samples.empty())
        return report(tr("Nothing was recorded of %1 yet.").arg(m_controls->group()));
    constexpr int slotS = 900;
    const int all = m_base->durationS;
    std::map<int, int> slots;
    for (const MetricSample& sample : found->samples) {
        const auto off = (sample.at - m_base->start).count() / 1000 % all;
        const int slot = static_cast<int>((off + all) % all) / slotS * slotS;
        slots[slot] = std::max(slots[slot], sample.viewers);
    }
    std::vector<ViewersAt> curve;
    if (!slots.contains(0))
        curve.push_back({0, slots.begin()->second});
    for (const auto& [at, viewers] : slots)
        curve.push_back({at, viewers});
    m_editor->setCurve(std::move(curve));
    const auto recorded = found->samples.back().at - found->samples.front().at;
    report(tr("The curve has what was recorded of the last %1.").arg(format::duration(recorded)));
    ask();
}

void WhatIfPage::report(const QString& text)
{
    if (m_context.toast)
        m_context.toast({text, {}});
}

bool WhatIfPage::writeScenario(const QString& path)
{
    if (!m_answer)
        return false;
    QSaveFile file(path);
    const QByteArray bytes = QByteArray::fromStdString(m_answer->scenario);
    const bool isSaved = file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.commit();
    report(isSaved ? tr("Written to %1").arg(path) : tr("%1 could not be written: %2").arg(path, file.errorString()));
    if (isSaved)
        m_findings->setFile(path);
    return isSaved;
}

void WhatIfPage::saveScenario()
{
    const QString wish = QStringLiteral("what-if-%1.json").arg(m_controls->group());
    const QString path = QFileDialog::getSaveFileName(this, tr("Save the scenario"), wish, tr("Scenarios (*.json)"));
    if (!path.isEmpty())
        writeScenario(path);
}

}  // namespace headgate
