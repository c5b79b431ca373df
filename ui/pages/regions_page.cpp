#include "ui/pages/regions_page.h"

#include "ui/format.h"
#include "ui/models/outcome_words.h"
#include "ui/models/places.h"
#include "ui/pages/region_editor.h"
#include "ui/pages/region_rows.h"
#include "ui/pages/table_pane.h"
#include "ui/shell/theme.h"
#include "ui/widgets/card.h"
#include "ui/widgets/inspector.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/region_map.h"
#include "ui/widgets/segmented.h"
#include "ui/widgets/state_view.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace headgate {

namespace {

const QLatin1String newKey("new:");
constexpr int mapHeight = 240;

PageIdentity identityOfPage()
{
    return {QStringLiteral("regions"),
            RegionsPage::tr("Regions"),
            RegionsPage::tr("Where can nodes stand, and how is it there?"),
            QStringLiteral("map"),
            QLatin1Char('E'),
            RailSection::Manage};
}

KeyValue figureRow(const QString& key, const QString& value)
{
    return {key, value, ValueStyle::Figure, {}};
}

std::vector<KeyValue> factRows(const Snapshot& snapshot, const RegionOverview& overview)
{
    const RegionFigures& figures = overview.figures;
    const bool hasNodes = figures.nodes > 0;
    const std::optional<Place> place = placeOfRegion(snapshot, figures.name);
    std::vector<KeyValue> rows = {
        {RegionsPage::tr("Name"), format::text(figures.name), ValueStyle::Mono, {}},
        figureRow(RegionsPage::tr("Place"),
                  place ? format::coordinates(place->latitude, place->longitude) : format::unknown()),
        figureRow(RegionsPage::tr("Nodes ready"),
                  hasNodes ? format::ofCount(figures.ready, figures.nodes) : format::unknown()),
        figureRow(RegionsPage::tr("Viewers"), hasNodes ? format::count(figures.viewers) : format::unknown()),
        figureRow(RegionsPage::tr("CPU, % of a core"),
                  hasNodes ? format::percent(figures.cpuPercent) : format::unknown())};
    if (overview.known && overview.known->version > 0) {
        const RegionStatus& known = *overview.known;
        rows.push_back(
            {RegionsPage::tr("Made"), format::momentBy(known.createdAt, known.origin.createdBy), ValueStyle::Text, {}});
        rows.push_back(
            {RegionsPage::tr("Changed"), format::momentBy(known.updatedAt, known.updatedBy), ValueStyle::Text, {}});
    }
    return rows;
}

std::vector<KeyValue> groupRows(const Snapshot& snapshot, const std::string& region)
{
    std::vector<KeyValue> rows;
    for (const NodeGroupStatus& status : snapshot.nodeGroups) {
        int ready = 0, wanted = 0;
        bool isThere = false;
        for (const PoolStatus& pool : status.pools) {
            if (pool.region != region)
                continue;
            isThere = true;
            ready += pool.ready;
            wanted += pool.wanted;
        }
        if (isThere)
            rows.push_back(figureRow(format::text(status.group.name.value), format::ofCount(ready, wanted)));
    }
    if (rows.empty())
        rows.push_back({RegionsPage::tr("None"), {}, ValueStyle::Text, {}});
    return rows;
}

QString asBefore()
{
    return RegionsPage::tr("The regions are as they were before");
}

ConfirmationQuestion deletionQuestion(const Region& region, const CommandOutcome& preview)
{
    ConfirmationQuestion question;
    question.title = RegionsPage::tr("Delete region %1?").arg(cityOf(region));
    question.losses = words::consequences(preview, words::SessionFate::Moves);
    question.losses << RegionsPage::tr("No node group names it, so no node stands there.");
    question.kept = RegionsPage::tr("The other regions stay. Undo brings it back.");
    question.keepText = RegionsPage::tr("Keep it");
    question.actText = RegionsPage::tr("Delete region");
    return question;
}

}  // namespace

RegionsPage::RegionsPage(PageContext& context, QWidget* parent)
    : TablePage(identityOfPage(), context,
                new TablePane(rows::regionColumns(), RowHeight::TwoLines,
                              {tr("Filter by place, name"), tr("Filter regions"), tr("Regions"),
                               tr("No region matches “%1”"), tr("No region passes the filter")}),
                parent),
      m_new(makeButton(tr("New region"), ButtonKind::Primary, QStringLiteral("plus")))
{
    m_new->setObjectName(QStringLiteral("newRegion"));
    actions()->addWidget(m_new);
    setAbility(Ability::WriteRegions);
    needsFreshData(m_new);
    pane().filterBar().addToggle(QStringLiteral("used:yes"), tr("In use"));
    buildMap();
    content()->addWidget(&pane(), 1);
    buildInspector();
    connect(m_new, &QPushButton::clicked, this, &RegionsPage::addRegion);
}

void RegionsPage::buildMap()
{
    m_mapCard = new Card(tr("Map"));
    m_measure = new Segmented({tr("Viewers"), tr("Load"), tr("Nodes")}, tr("What the map shows"));
    m_mapCard->addHeaderWidget(m_measure);
    m_map = new RegionMap;
    m_map->setMinimumHeight(scaled(mapHeight));
    m_mapCard->body()->addWidget(m_map, 1);
    auto* around = new QVBoxLayout;
    around->setContentsMargins(20, 0, 20, 12);
    around->addWidget(m_mapCard);
    content()->addLayout(around, 1);
    connect(m_measure, &Segmented::currentChanged, this, &RegionsPage::updateMap);
    connect(m_map, &RegionMap::regionActivated, this, &RegionsPage::reveal);
}

void RegionsPage::buildInspector()
{
    m_inspector = new Inspector;
    m_facts = new KeyValueList;
    m_groups = new KeyValueList;
    m_inspector->body()->addWidget(m_facts);
    m_inspector->addSection(tr("Node groups there"), tr("ready of wanted"))->addWidget(m_groups);
    m_inspector->body()->addStretch();
    m_default = makeButton(tr("Make default"));
    m_edit = makeButton(tr("Edit"), ButtonKind::Normal, QStringLiteral("edit"));
    m_delete = makeButton(tr("Delete..."), ButtonKind::Danger);
    m_default->setObjectName(QStringLiteral("defaultRegion"));
    m_edit->setObjectName(QStringLiteral("editRegion"));
    m_delete->setObjectName(QStringLiteral("deleteRegion"));
    m_inspector->footer()->addWidget(m_default, 1);
    m_inspector->footer()->addWidget(m_edit);
    m_inspector->footer()->addWidget(m_delete);
    m_editor = new RegionEditor;
    serve(m_editor->preview());
    setPanels({m_inspector, m_editor});
    connect(m_default, &QPushButton::clicked, this, &RegionsPage::makeDefault);
    connect(m_edit, &QPushButton::clicked, this, &RegionsPage::edit);
    connect(m_delete, &QPushButton::clicked, this, &RegionsPage::remove);
    connect(m_map, &RegionMap::placeGiven, m_editor, &RegionEditor::setPlace);
    connect(m_editor, &RegionEditor::edited, this, &RegionsPage::updateMap);
    connect(m_editor, &RegionEditor::saveRequested, this, &RegionsPage::save);
}

void RegionsPage::showPanel(QWidget* panel)
{
    if (panel != m_editor)
        m_editor->close();
    TablePage::showPanel(panel);
    m_map->setClick(panel == m_editor ? MapClick::GivesPlace : MapClick::ChoosesRegion);
    updateMap();
}

bool RegionsPage::isEditing() const
{
    return m_editor->isEditing();
}

PageBadge RegionsPage::badge(const Snapshot& snapshot) const
{
    return {{}, static_cast<int>(snapshot.regions.size())};
}

std::vector<PaletteAction> RegionsPage::paletteActions() const
{
    if (!whyReadOnly().isEmpty())
        return {};
    auto* self = const_cast<RegionsPage*>(this);
    std::vector<PaletteAction> actions = {{tr("New region..."),
                                           tr("opens the form"),
                                           QStringLiteral("plus"),
                                           QStringLiteral("Ctrl+N"),
                                           {},
                                           [self] { self->addRegion(); },
                                           {}}};
    const std::optional<RegionOverview> overview = selected();
    if (!overview)
        return actions;
    const QString key = format::text(overview->figures.name);
    if (m_default->isEnabled())
        actions.push_back({tr("Make %1 the default region").arg(key),
                           tr("where it is not known where viewers are"),
                           QStringLiteral("map"),
                           {},
                           shellSource(SetDefaultRegion{overview->figures.name}),
                           [self] { self->makeDefault(); },
                           key});
    if (m_delete->isEnabled() && !m_delete->isHidden() && overview->known)
        actions.push_back({tr("Delete region %1...").arg(key), tr("no node group names it"), QStringLiteral("trash"),
                           QStringLiteral("Del"),
                           shellSource(DeleteRegion{overview->figures.name}, overview->known->version),
                           [self] { self->remove(); }, key});
    return actions;
}

void RegionsPage::reveal(const QString& key)
{
    if (key == newKey)
        addRegion();
    else
        TablePage::reveal(key);
}

bool RegionsPage::closeInspector()
{
    if (!isEditing() || selectedKey().isEmpty())
        return TablePage::closeInspector();
    showPanel(m_inspector);
    return true;
}

void RegionsPage::addRegion()
{
    const SnapshotPtr snapshot = present();
    if (!snapshot || !whyReadOnly().isEmpty())
        return;
    forgetSelection();
    m_editor->editNew(*snapshot);
    showPanel(m_editor);
}

void RegionsPage::edit()
{
    const SnapshotPtr snapshot = present();
    const std::optional<RegionOverview> overview = selected();
    if (!snapshot || !overview)
        return;
    if (overview->known)
        m_editor->editKnown(*overview->known);
    else
        m_editor->editNew(*snapshot, overview->figures.name);
    showPanel(m_editor);
}

void RegionsPage::onStaleChanged()
{
    updateActions();
    TablePage::onStaleChanged();
}

void RegionsPage::onSnapshot(const Snapshot& snapshot)
{
    std::vector<TableRow> all = rows::regions(snapshot);
    m_new->setVisible(!all.empty());
    if (all.empty()) {
        showNone(QStringLiteral("map"), tr("No regions"),
                 tr("This control plane tells no regions; one of a newer version has ten of its own."),
                 {{tr("New region"),
                   [this] {
                       showNormal();
                       addRegion();
                   },
                   QStringLiteral("plus"), ActionNeed::FreshData}});
        return;
    }
    follow(snapshot, std::move(all));
    updateMap();
    updateActions();
}

void RegionsPage::updateMap()
{
    const SnapshotPtr snapshot = present();
    if (!snapshot)
        return;
    const auto measure = static_cast<MapMeasure>(std::max(0, m_measure->currentIndex()));
    std::vector<MapRegion> regions = allMapRegions(*snapshot, measure);
    const std::vector<RegionOverview> all = regionOverviews(*snapshot);
    const auto used = std::ranges::count_if(all, [](const RegionOverview& one) { return one.figures.nodes > 0; });
    QString note = tr("%1 with nodes").arg(format::ofCount(used, static_cast<std::int64_t>(all.size())));
    if (regions.size() < all.size())
        note += tr(", %1 without a known place").arg(all.size() - regions.size());
    if (m_editor->isEditing()) {
        const Region draft = m_editor->region();
        std::erase_if(regions, [&](const MapRegion& one) { return one.id == format::text(draft.name); });
        regions.push_back(
            {format::text(draft.name), cityOf(draft), tr("here"), draft.latitude, draft.longitude, Status::Pending, 0});
        note = tr("click to put the region there");
    }
    m_mapCard->setNote(note);
    m_map->setRegions(std::move(regions));
}

std::optional<RegionOverview> RegionsPage::selected() const
{
    const SnapshotPtr snapshot = present();
    if (!snapshot || selectedKey().isEmpty())
        return std::nullopt;
    const std::vector<RegionOverview> all = regionOverviews(*snapshot);
    const std::string name = format::utf8(selectedKey());
    const auto found = std::ranges::find_if(all, [&](const RegionOverview& one) { return one.figures.name == name; });
    return found == all.end() ? std::nullopt : std::optional(*found);
}

bool RegionsPage::showSelected(const Snapshot& snapshot)
{
    const std::optional<RegionOverview> overview = selected();
    if (!overview)
        return false;
    const format::StatusWord state = format::regionState(overview->figures);
    m_inspector->setTitle(overview->known ? format::text(overview->known->region.title)
                                          : regionName(snapshot, overview->figures.name));
    std::vector<Inspector::Pill> pills = {{isStale() ? Status::Off : state.status, state.word, true}};
    if (overview->isDefault)
        pills.push_back({Status::Off, tr("Default"), false});
    m_inspector->setPills(pills);
    m_facts->setRows(factRows(snapshot, *overview));
    m_groups->setRows(groupRows(snapshot, overview->figures.name));
    updateActions();
    if (m_inspector->isHidden())
        showPanel(m_inspector);
    return true;
}

void RegionsPage::updateActions()
{
    const auto allow = [](QPushButton* button, const QString& whyNot) {
        button->setEnabled(whyNot.isEmpty());
        button->setToolTip(whyNot);
    };
    m_editor->setReadOnly(whyReadOnly());
    const std::optional<RegionOverview> overview = selected();
    if (!overview)
        return;
    const bool isAdded = overview->known && overview->known->version > 0;
    QString whyNotDefault = whyReadOnly();
    if (whyNotDefault.isEmpty() && overview->isDefault)
        whyNotDefault = tr("It is the default region.");
    if (whyNotDefault.isEmpty() && !overview->known)
        whyNotDefault = tr("Describe it first.");
    QString whyNotDeleted = whyReadOnly();
    if (whyNotDeleted.isEmpty() && overview->isDefault)
        whyNotDeleted = tr("It is the default region: choose another one first.");
    if (whyNotDeleted.isEmpty() && overview->nodeGroups > 0)
        whyNotDeleted = tr("A node group names it.");
    allow(m_default, whyNotDefault);
    m_edit->setVisible(isAdded || !overview->known);
    m_edit->setText(overview->known ? tr("Edit") : tr("Describe"));
    allow(m_edit, whyReadOnly());
    m_delete->setVisible(isAdded);
    allow(m_delete, whyNotDeleted);
}

void RegionsPage::makeDefault()
{
    const SnapshotPtr snapshot = present();
    const std::optional<RegionOverview> overview = selected();
    if (!snapshot || !overview)
        return;
    const std::string before = snapshot->defaultRegion;
    commit({SetDefaultRegion{overview->figures.name}},
           tr("%1 is the default region").arg(regionName(*snapshot, overview->figures.name)),
           before.empty() ? std::function<void()>() : undoWith(SetDefaultRegion{before}, asBefore()));
}

void RegionsPage::remove()
{
    const std::optional<RegionOverview> overview = selected();
    if (!overview || !overview->known)
        return;
    const Region region = overview->known->region;
    const Intent intent{DeleteRegion{region.name}, overview->known->version};
    askFirst(
        intent, [region](const CommandOutcome& preview) { return deletionQuestion(region, preview); },
        [this, intent, region] {
            commit(intent, tr("Region %1 deleted").arg(cityOf(region)), undoWith(PutRegion{region}, asBefore()));
        });
}

void RegionsPage::save(const Region& region, std::optional<std::uint64_t> version)
{
    const std::optional<RegionOverview> before = version ? selected() : std::nullopt;
    submit(
        PutRegion{region}, Execution::Commit,
        [this, region, before](Result<CommandOutcome> outcome) {
            if (!outcome) {
                m_editor->showRefusal(outcome.error());
                return;
            }
            showPanel(nullptr);
            reveal(format::text(region.name));
            const bool isNew = !before || !before->known;
            report(isNew ? tr("Region %1 added").arg(cityOf(region)) : tr("Region %1 changed").arg(cityOf(region)),
                   isNew ? undoWith(DeleteRegion{region.name}, asBefore())
                         : undoWith(PutRegion{before->known->region}, asBefore()));
        },
        version);
}

void RegionsPage::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::New))
        addRegion();
    else if (event->modifiers() == Qt::ControlModifier && event->key() == Qt::Key_E && m_edit->isVisible())
        edit();
    else
        Page::keyPressEvent(event);
}

}  // namespace headgate
