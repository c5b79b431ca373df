#include "ui/pages/timeline_inspector.h"

#include "core/plan/plan_merge.h"
#include "core/plan/recurrence.h"
#include "ui/format.h"
#include "ui/models/plan_words.h"
#include "ui/models/window_changes.h"
#include "ui/pages/forecast_view.h"
#include "ui/shell/theme.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/provenance_stack.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <array>

namespace headgate {

namespace {

constexpr int widthPx = 344;
constexpr int neutral = -1;
constexpr int scheduleColour = 0;
constexpr int overlayColour = 1;

KeyValue row(const QString& key, const QString& value)
{
    return {key, value, ValueStyle::Text, {}};
}

QString inBoth(Instant at, const TimelineGround& ground)
{
    const QString first = words::moment(at, ground.eventZone.zone), second = words::moment(at, ground.myZone.zone);
    return first == second ? first : first + QLatin1Char('\n') + second;
}

const ScaleRule* ruleOf(const std::vector<Subgroup>& subgroups, const PoolKey& pool)
{
    for (const Subgroup& each : subgroups) {
        if (each.isLeaf() && each.name == pool.subgroup) {
            const auto rule = std::ranges::find(each.rules, pool.role, &ScaleRule::roleName);
            return rule == each.rules.end() ? nullptr : &*rule;
        }
        if (const ScaleRule* rule = ruleOf(each.children, pool))
            return rule;
    }
    return nullptr;
}

QString ruleWords(const PlanDocument& document, const PlanSource& source, const PoolKey& pool)
{
    for (const NodeGroup& group : document.nodeGroups) {
        const ScaleRule* rule = group.name.value == source.name ? ruleOf(group.subgroups, pool) : nullptr;
        if (rule)
            return words::bounds({true, rule->min, rule->max});
    }
    for (const ConfigurationOverlay& overlay : document.configurations) {
        const NodeGroup& group = overlay.configuration;
        const ScaleRule* rule = group.name.value == source.name ? ruleOf(group.subgroups, pool) : nullptr;
        if (rule)
            return words::bounds({true, rule->min, rule->max});
    }
    return {};
}

ProvenanceLayer layerOf(const PlanDocument& document, const PlanSource& source, const PoolKey& pool)
{
    switch (source.kind) {
    case SourceKind::Outside:
        return {TimelineInspector::tr("No schedule is going on"), TimelineInspector::tr("outside of all its windows"),
                words::bounds({}), neutral};
    case SourceKind::Configuration:
        return {TimelineInspector::tr("Rule of %1").arg(words::sourceName(source)),
                TimelineInspector::tr("as configured"), ruleWords(document, source, pool), neutral};
    case SourceKind::Schedule: {
        const Schedule* schedule = findSchedule(document, source.id);
        return {TimelineInspector::tr("Schedule %1").arg(words::sourceName(source)),
                schedule ? words::scope(schedule->scope) : QString(),
                schedule ? words::effect(schedule->effect) : QString(), scheduleColour};
    }
    case SourceKind::Overlay: {
        const Overlay* overlay = findOverlay(document, source.id);
        return {TimelineInspector::tr("Overlay %1").arg(words::sourceName(source)),
                TimelineInspector::tr("priority %1").arg(source.priority),
                overlay ? words::effect(overlay->op) : QString(), overlayColour};
    }
    case SourceKind::Limit: {
        const auto limit = std::ranges::find(document.limits, source.name, &PlanLimit::name);
        return {TimelineInspector::tr("Limit %1").arg(words::sourceName(source)),
                TimelineInspector::tr("no overlay exceeds it"),
                limit == document.limits.end() ? QString() : TimelineInspector::tr("at most %1").arg(limit->nodes),
                neutral};
    }
    }
    return {};
}

QString kindWord(const OverlayOperator& op)
{
    static const std::array<const char*, 7> names = {
        QT_TRANSLATE_NOOP("headgate::TimelineInspector", "Overlay, bounds"),
        QT_TRANSLATE_NOOP("headgate::TimelineInspector", "Overlay, active"),
        QT_TRANSLATE_NOOP("headgate::TimelineInspector", "Overlay, more or less"),
        QT_TRANSLATE_NOOP("headgate::TimelineInspector", "Overlay, floor"),
        QT_TRANSLATE_NOOP("headgate::TimelineInspector", "Overlay, viewers"),
        QT_TRANSLATE_NOOP("headgate::TimelineInspector", "Overlay, ceiling"),
        QT_TRANSLATE_NOOP("headgate::TimelineInspector", "Overlay, inactive")};
    return TimelineInspector::tr(names[op.index()]);
}

std::vector<KeyValue> scheduleRows(const Schedule& schedule)
{
    std::vector<KeyValue> rows;
    if (const auto* calendar = std::get_if<CalendarTiming>(&schedule.timing)) {
        rows.push_back(row(TimelineInspector::tr("Repeats"),
                           calendar->rule ? words::recurrence(*calendar->rule) : TimelineInspector::tr("once")));
        rows.push_back(row(TimelineInspector::tr("Zone"), format::text(calendar->zone)));
        if (!schedule.exclusions.empty()) {
            QStringList names;
            for (const std::string& name : schedule.exclusions)
                names << format::text(name);
            rows.push_back(row(TimelineInspector::tr("Not on"), names.join(QStringLiteral(", "))));
        }
        return rows;
    }
    const auto& cron = std::get<CronTiming>(schedule.timing);
    rows.push_back(row(TimelineInspector::tr("Comes"), words::cron(cron.cron)));
    rows.push_back({TimelineInspector::tr("Cron"), format::text(cron.cron.text()), ValueStyle::Mono, {}});
    rows.push_back(row(TimelineInspector::tr("Lasts"), format::duration(cron.duration)));
    rows.push_back(row(TimelineInspector::tr("Zone"), format::text(cron.zone)));
    return rows;
}

// Nodes are made ready ahead of what may want more of them.
bool warmsUp(const PlanItem& item)
{
    if (const auto* schedule = std::get_if<Schedule>(&item))
        return !std::holds_alternative<InactiveEffect>(schedule->effect);
    const OverlayOperator& op = std::get<Overlay>(item).op;
    return !std::holds_alternative<Deactivate>(op) && !std::holds_alternative<CeilBounds>(op);
}

}  // namespace

TimelineInspector::TimelineInspector(QWidget* parent) : Inspector(parent)
{
    setMinimumWidth(scaled(widthPx));
    m_reason = new TextLabel({}, TextRole::Small, TextTone::Secondary);
    m_reason->setWordWrap(true);
    m_facts = new KeyValueList;
    body()->addWidget(m_reason);
    body()->addWidget(m_facts);
    buildWindow();
    body()->addWidget(makeSeparator());
    m_whyTitle = new TextLabel({}, TextRole::Section);
    m_whyTitle->setWordWrap(true);
    m_stack = new ProvenanceStack;
    body()->addWidget(m_whyTitle);
    body()->addWidget(m_stack);
    m_windowsLine = makeSeparator();
    body()->addWidget(m_windowsLine);
    m_windowsTitle = new TextLabel({}, TextRole::Section);
    m_windowsTitle->setWordWrap(true);
    m_windows = new KeyValueList;
    body()->addWidget(m_windowsTitle);
    body()->addWidget(m_windows);
    body()->addStretch();
    buildFooter();
}

// What can be done with one window stands beside its times.
void TimelineInspector::buildWindow()
{
    m_windowPart = new QWidget;
    auto* column = new QVBoxLayout(m_windowPart);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    column->addWidget(makeSeparator());
    column->addSpacing(4);
    m_windowTitle = new TextLabel(tr("This window"), TextRole::Section);
    column->addWidget(m_windowTitle);
    m_windowTimes = new KeyValueList;
    column->addWidget(m_windowTimes);
    m_windowNote = new TextLabel({}, TextRole::Small, TextTone::Secondary);
    m_windowNote->setWordWrap(true);
    column->addWidget(m_windowNote);
    m_change = makeButton(tr("Change..."));
    m_change->setObjectName(QStringLiteral("changeWindow"));
    m_change->setAccessibleName(tr("Change this window"));
    m_skip = makeButton(tr("Skip"));
    m_skip->setObjectName(QStringLiteral("skipWindow"));
    m_skip->setAccessibleName(tr("Skip this window"));
    m_end = makeButton(tr("End now"), ButtonKind::Danger);
    m_end->setObjectName(QStringLiteral("endItem"));
    auto* line = new QHBoxLayout;
    line->setSpacing(8);
    for (QPushButton* button : {m_change, m_skip, m_end})
        line->addWidget(button);
    line->addStretch();
    column->addLayout(line);
    body()->addWidget(m_windowPart);
    connect(m_change, &QPushButton::clicked, this, &TimelineInspector::changeRequested);
    connect(m_skip, &QPushButton::clicked, this, &TimelineInspector::skipRequested);
    connect(m_end, &QPushButton::clicked, this, &TimelineInspector::endRequested);
}

void TimelineInspector::buildFooter()
{
    m_edit = makeButton(tr("Edit"), ButtonKind::Normal, QStringLiteral("edit"));
    m_edit->setObjectName(QStringLiteral("editItem"));
    m_duplicate = makeButton(tr("Duplicate"));
    m_duplicate->setObjectName(QStringLiteral("duplicateItem"));
    m_delete = makeButton(tr("Delete"), ButtonKind::Danger);
    m_delete->setObjectName(QStringLiteral("deleteItem"));
    for (QPushButton* button : {m_edit, m_duplicate, m_delete})
        footer()->addWidget(button, button == m_edit ? 1 : 0);
    auto* commands = makeIconButton(QStringLiteral("terminal"), tr("Show as command"));
    commands->setObjectName(QStringLiteral("itemCommands"));
    addHeaderButton(commands);
    connect(commands, &QToolButton::clicked, this,
            [this, commands] { Q_EMIT commandsRequested(commands->mapToGlobal(QPoint(0, commands->height()))); });
    connect(m_edit, &QPushButton::clicked, this, &TimelineInspector::editRequested);
    connect(m_duplicate, &QPushButton::clicked, this, &TimelineInspector::duplicateRequested);
    connect(m_delete, &QPushButton::clicked, this, &TimelineInspector::deleteRequested);
}

void TimelineInspector::setReadOnly(const QString& why)
{
    for (QPushButton* button : {m_change, m_skip, m_end, m_delete}) {
        button->setEnabled(why.isEmpty());
        button->setToolTip(why);
    }
}

void TimelineInspector::show(const TimelineSelection& selection, const TimelineGround& ground)
{
    const Instant now = instantOf(ground.snapshot->takenAt);
    const std::vector<ItemWindow> windows =
        nextWindows(ground.plans->document, selection.stored.item, now, ground.zones);
    const auto next = std::ranges::find(windows, false, &ItemWindow::isExcluded);
    const bool isNow = next != windows.end() && next->start <= now;
    const auto* overlay = std::get_if<Overlay>(&selection.stored.item);
    const auto* schedule = std::get_if<Schedule>(&selection.stored.item);
    setTitle(overlay ? format::text(overlay->name.empty() ? overlay->id : overlay->name)
                     : format::text(schedule->name.empty() ? schedule->id : schedule->name));
    const bool isLive = isNow && factsAbout(selection.row.nodeGroup, *ground.snapshot).liveStreams > 0;
    std::vector<Pill> pills;
    if (isLive)
        pills.push_back({Status::OnAir, tr("On air now")});
    else if (isNow)
        pills.push_back({Status::Ok, tr("Going on")});
    pills.push_back({Status::Off, overlay ? kindWord(overlay->op) : tr("Schedule"), false});
    if (schedule && !schedule->isEnabled)
        pills.push_back({Status::Off, tr("not followed")});
    setPills(pills);
    m_window.reset();
    if (selection.chosen)
        m_window = windowAt(*ground.plans, selection.stored.item, *selection.chosen);
    if (!m_window && next != windows.end())
        m_window = *next;
    showFacts(selection, ground);
    showWindow(selection, ground);
    const bool isHeld = m_window && m_window->start <= now && now < m_window->end;
    showReasons(selection, ground, isHeld || !m_window ? now : m_window->start);
    m_windowsTitle->setText(windows.empty() ? tr("There is no window any more")
                                            : tr("Next %n window(s)", nullptr, static_cast<int>(windows.size())));
    m_windowsTitle->setVisible(schedule || windows.empty());
    m_windowsLine->setVisible(schedule || windows.empty());
    m_windows->setVisible(schedule);
    m_windows->setRows(windowRows(windows, ground.eventZone, ground.myZone));
}

// Times of an overlay stand above already.
void TimelineInspector::showWindow(const TimelineSelection& selection, const TimelineGround& ground)
{
    const Instant now = instantOf(ground.snapshot->takenAt);
    const bool isSchedule = std::holds_alternative<Schedule>(selection.stored.item);
    const bool isToCome = m_window && m_window->end > now;
    const bool isNow = isToCome && m_window->start <= now;
    const bool isOwn = hasWindowsOfItsOwn(selection.stored.item);
    m_windowPart->setVisible(m_window && (isSchedule || isNow));
    m_change->setVisible(isToCome && isOwn);
    m_skip->setVisible(isToCome && isOwn && !isNow);
    m_end->setVisible(isNow && (isOwn || !isSchedule));
    m_windowTitle->setVisible(isSchedule);
    m_windowTimes->setVisible(isSchedule);
    if (m_window)
        m_windowTimes->setRows(windowRows({*m_window}, ground.eventZone, ground.myZone));
    m_windowNote->setVisible(isSchedule && !isOwn);
    m_windowNote->setText(tr("The windows of a cron expression cannot be changed one by one. Put an overlay over this "
                             "one, or let a calendar say when."));
}

void TimelineInspector::showFacts(const TimelineSelection& selection, const TimelineGround& ground)
{
    std::vector<KeyValue> rows;
    const auto* overlay = std::get_if<Overlay>(&selection.stored.item);
    const auto* schedule = std::get_if<Schedule>(&selection.stored.item);
    rows.push_back(row(tr("Target"), words::scope(overlay ? overlay->scope : schedule->scope)));
    rows.push_back(row(tr("Effect"), overlay ? words::effect(overlay->op) : words::effect(schedule->effect)));
    if (overlay) {
        rows.push_back(row(tr("Starts"), inBoth(overlay->from, ground)));
        rows.push_back(row(tr("Ends"), inBoth(overlay->to, ground)));
        rows.push_back(row(tr("Priority"), QString::number(overlay->priority)));
        if (!overlay->author.empty())
            rows.push_back(row(tr("Author"), format::text(overlay->author)));
    } else {
        const std::vector<KeyValue> timing = scheduleRows(*schedule);
        rows.insert(rows.end(), timing.begin(), timing.end());
    }
    const seconds lead = orderedAhead(selection.row, *ground.snapshot);
    if (m_window && lead > seconds(0) && warmsUp(selection.stored.item))
        rows.push_back(row(tr("Pre-warm"), tr("from %1 %2, nodes are ordered %3 ahead")
                                               .arg(words::clock(m_window->start - lead, ground.eventZone.zone),
                                                    words::zone(m_window->start - lead, ground.eventZone.zone),
                                                    format::duration(lead))));
    const StoredPlanItem& stored = selection.stored;
    rows.push_back(row(tr("Made"), format::momentBy(stored.createdAt, stored.origin.createdBy)));
    rows.push_back(row(tr("Changed"), format::momentBy(stored.updatedAt, stored.updatedBy)));
    m_facts->setRows(rows);
    m_reason->setText(overlay ? format::text(overlay->reason) : QString());
    m_reason->setVisible(overlay && !overlay->reason.empty());
}

// `at` is now, or when the window begins.
void TimelineInspector::showReasons(const TimelineSelection& selection, const TimelineGround& ground, Instant at)
{
    const auto plan = ground.plans->groups.find(selection.row.nodeGroup);
    std::size_t cell = 0;
    bool isKnown = plan != ground.plans->groups.end();
    if (isKnown) {
        const std::vector<PlanCell>& cells = plan->second.cells();
        const auto found = std::ranges::find(cells, PlanCell{selection.row.subgroup, selection.row.role});
        isKnown = found != cells.end();
        cell = static_cast<std::size_t>(found - cells.begin());
    }
    m_whyTitle->setVisible(isKnown);
    m_stack->setVisible(isKnown);
    if (!isKnown)
        return;
    const CellPlan plans = plan->second.at(at)[cell];
    std::vector<ProvenanceLayer> layers;
    for (const int reason : plans.notes.reasons)
        layers.push_back(
            layerOf(ground.plans->document, plan->second.sources()[static_cast<std::size_t>(reason)], selection.row));
    m_stack->setLayers(std::move(layers), words::bounds(plans.bounds));
    const QString pool =
        QStringLiteral("%1 %2").arg(format::text(selection.row.subgroup), format::text(selection.row.role));
    const bool isNow = at == instantOf(ground.snapshot->takenAt);
    m_whyTitle->setText(isNow ? tr("Why %1 is %2 now").arg(pool, words::bounds(plans.bounds))
                              : tr("Why %1 is %2 on %3")
                                    .arg(pool, words::bounds(plans.bounds), words::moment(at, ground.eventZone.zone)));
}

}  // namespace headgate
