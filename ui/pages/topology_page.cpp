#include "ui/pages/topology_page.h"

#include "ui/format.h"
#include "ui/models/rows.h"
#include "ui/models/topology_rows.h"
#include "ui/pages/headroom.h"
#include "ui/pages/table_pane.h"
#include "ui/shell/theme.h"
#include "ui/widgets/inspector.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/state_view.h"
#include "ui/widgets/topology_view.h"

#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSplitter>
#include <QVBoxLayout>

#include <algorithm>
#include <tuple>

namespace headgate {

namespace {

const QLatin1String streamPrefix("stream:");
const QLatin1String regionPrefix("region:");
constexpr std::size_t fewLinks = 30;  // so many can all tell their bit rates
constexpr std::size_t mostCarried = 12;

PageIdentity identityOfPage()
{
    return {QStringLiteral("topology"),
            TopologyPage::tr("Topology"),
            TopologyPage::tr("How does the picture travel?"),
            QStringLiteral("topology"),
            QLatin1Char('Y'),
            RailSection::Capacity};
}

std::optional<TopologyStream> streamOf(const QString& rowKey)
{
    const auto slash = rowKey.indexOf(QLatin1Char('/'));
    const auto key = StreamKey::parse(format::utf8(rowKey.mid(slash + 1)));
    if (slash < 0 || !key)
        return std::nullopt;
    return TopologyStream{NodeGroupName(format::utf8(rowKey.left(slash))), *key};
}

QString rowKeyOf(const TopologyStream& stream)
{
    return rows::streamRowKey(stream.group, stream.stream);
}

struct LossWords
{
    Status status = Status::Ok;
    QString headline;
    QString text;
};

LossWords wordsOf(const BlastRadius& loss)
{
    if (loss.effect == LossEffect::Cuts)
        return {Status::Warning, TopologyPage::tr("Nobody is left to take over"),
                loss.canFeed ? TopologyPage::tr("Whoever is on it waits for its replacement.")
                             : TopologyPage::tr("What hangs below it gets no picture until its replacement is ready.")};
    if (loss.refused > 0)
        return {Status::Warning, TopologyPage::tr("%n viewer(s) would find no seat", nullptr, loss.refused),
                TopologyPage::tr("The other nodes of the group cannot carry all of them.")};
    if (loss.effect == LossEffect::Nothing)
        return {Status::Ok, TopologyPage::tr("Nobody would notice"),
                TopologyPage::tr("No viewer, no publisher and no other node depends on it.")};
    return {Status::Ok, TopologyPage::tr("Others take over"),
            loss.fedNodes > 0 ? TopologyPage::tr("Nodes below it pull from their backup.") : QString()};
}

std::vector<KeyValue> rowsOf(const BlastRadius& loss)
{
    std::vector<KeyValue> rows;
    const auto add = [&rows](const QString& name, int count) {
        if (count > 0)
            rows.push_back({name, format::count(count), ValueStyle::Figure, {}});
    };
    add(TopologyPage::tr("Viewers who move"), loss.viewers - loss.refused);
    add(TopologyPage::tr("Viewers who find no seat"), loss.refused);
    add(TopologyPage::tr("Publishers who connect again"), loss.publishers);
    add(TopologyPage::tr("Streams published there"), loss.streams);
    add(TopologyPage::tr("Nodes that get a picture through it"), loss.fedNodes);
    add(loss.canFeed ? TopologyPage::tr("Viewers on these, who stay")
                     : TopologyPage::tr("Viewers on these, without a picture"),
        loss.fedViewers);
    return rows;
}

std::vector<KeyValue> figuresOf(const TopologyBox& box)
{
    const auto rate = [](std::int64_t bits) { return bits > 0 ? format::rate(bits).joined() : format::unknown(); };
    std::vector<KeyValue> rows;
    if (box.nodes.size() > 1)
        rows.push_back({TopologyPage::tr("Nodes"), format::count(std::ssize(box.nodes)), ValueStyle::Figure, {}});
    rows.push_back({TopologyPage::tr("Streams"), format::count(box.streams), ValueStyle::Figure, {}});
    if (box.tier != TopologyTier::Publishers) {
        rows.push_back({TopologyPage::tr("Viewers"), format::count(box.viewers), ValueStyle::Figure, {}});
        rows.push_back({TopologyPage::tr("Gets"), rate(box.bitsInPerSecond), ValueStyle::Figure, {}});
    }
    rows.push_back({TopologyPage::tr("Sends to nodes"), rate(box.bitsOutPerSecond), ValueStyle::Figure, {}});
    return rows;
}

// What arrives at the nodes of the box, the streams with most viewers first.
std::vector<KeyValue> carriedBy(const Snapshot& snapshot, const TopologyBox& box)
{
    std::vector<std::tuple<int, QString, std::int64_t>> carried;
    for (const StreamStatus& stream : snapshot.streams) {
        std::int64_t bits = -1;
        if (std::ranges::count(box.nodes, stream.origin) > 0)
            bits = stream.ingest.bitsPerSecond;
        else if (box.tier != TopologyTier::Publishers)
            for (const StreamHop& hop : stream.hops)
                if (std::ranges::count(box.nodes, hop.node) > 0)
                    bits = std::max(bits, hop.bitsPerSecond);
        if (bits >= 0)
            carried.emplace_back(-stream.viewers, format::text(stream.ingest.key.path()), bits);
    }
    std::ranges::sort(carried);
    std::vector<KeyValue> rows;
    for (std::size_t i = 0; i < std::min(carried.size(), mostCarried); ++i)
        rows.push_back(
            {std::get<1>(carried[i]), format::rate(std::get<2>(carried[i])).joined(), ValueStyle::Figure, {}});
    if (carried.size() > mostCarried)
        rows.push_back({TopologyPage::tr("and %n more", nullptr, static_cast<int>(carried.size() - mostCarried)),
                        {},
                        ValueStyle::Text,
                        {}});
    return rows;
}

}  // namespace

TopologyPage::TopologyPage(PageContext& context, QWidget* parent)
    : TablePage(identityOfPage(), context,
                new TablePane(rows::topologyColumns(), RowHeight::TwoLines,
                              {tr("Filter by node, region"), tr("Filter the topology"), tr("Topology as a table"),
                               tr("Nothing in the topology matches “%1”"), tr("Nothing passes the filter")}),
                parent),
      m_streams(new QComboBox),
      m_copy(makeButton(tr("Copy table"), ButtonKind::Normal, QStringLiteral("copy"))),
      m_view(new TopologyView)
{
    m_streams->setObjectName(QStringLiteral("topologyStream"));
    m_streams->setAccessibleName(tr("Stream whose way is shown"));
    m_streams->setMinimumWidth(scaled(240));
    m_streams->addItem(tr("All streams"), QString());
    m_copy->setObjectName(QStringLiteral("copyTopology"));
    actions()->addWidget(m_streams);
    actions()->addWidget(m_copy);
    needsData(m_copy);
    pane().filterBar().addToggle(QStringLiteral("unwell:yes"), tr("Unwell"));
    pane().filterBar().addChoice(QStringLiteral("kind"), tr("Any kind"));
    pane().filterBar().setChoiceValues(QStringLiteral("kind"),
                                       {tierName(TopologyTier::Publishers), tierName(TopologyTier::Origins),
                                        tierName(TopologyTier::Relays), tierName(TopologyTier::Edges)});
    pane().filterBar().addChoice(QStringLiteral("region"), tr("Any region"));
    auto* split = new QSplitter(Qt::Vertical);
    split->setChildrenCollapsible(false);
    split->addWidget(m_view);
    auto* table = new QWidget;
    auto* column = new QVBoxLayout(table);
    column->setContentsMargins(0, 10, 0, 0);
    column->addWidget(&pane());
    split->addWidget(table);
    split->setStretchFactor(0, 3);
    split->setStretchFactor(1, 2);
    content()->addWidget(makeSeparator());
    content()->addWidget(split, 1);
    buildInspector();
    connect(m_streams, &QComboBox::activated, this,
            [this](int index) { chooseStream(m_streams->itemData(index).toString()); });
    connect(m_copy, &QPushButton::clicked, this, &TopologyPage::copyTable);
    connect(m_view, &TopologyView::boxChosen, this, [this](const QString& key) { TablePage::reveal(key); });
    connect(m_view, &TopologyView::boxActivated, this, [this](const QString& key) { activate(key); });
}

void TopologyPage::buildInspector()
{
    m_inspector = new Inspector;
    m_loss = new Notice;
    m_losses = new KeyValueList;
    m_figures = new KeyValueList;
    m_carried = new KeyValueList;
    m_inspector->body()->addWidget(m_figures);
    QVBoxLayout* loss = m_inspector->addSection(tr("If it were lost now"));
    loss->addWidget(m_loss);
    loss->addWidget(m_losses);
    m_inspector->addSection(tr("Streams"), tr("what arrives"))->addWidget(m_carried);
    m_inspector->body()->addStretch();
    m_open = makeButton(tr("Open node"));
    m_open->setObjectName(QStringLiteral("openFromTopology"));
    m_inspector->footer()->addWidget(m_open, 1);
    setPanels({m_inspector});
    connect(m_open, &QPushButton::clicked, this, &TopologyPage::openSelected);
}

std::vector<PaletteAction> TopologyPage::paletteActions() const
{
    auto* self = const_cast<TopologyPage*>(this);
    std::vector<PaletteAction> all;
    if (!selectedKey().isEmpty())
        all.push_back({m_open->text(),
                       selectedKey(),
                       QStringLiteral("nodes"),
                       QStringLiteral("Enter"),
                       {},
                       [self] { self->openSelected(); },
                       selectedKey()});
    if (m_stream)
        all.push_back({tr("Show the ways of all streams"),
                       {},
                       QStringLiteral("topology"),
                       QStringLiteral("Esc"),
                       {},
                       [self] { self->chooseStream({}); },
                       rowKeyOf(*m_stream)});
    all.push_back(
        {tr("Copy the topology as a table"), {}, QStringLiteral("copy"), {}, {}, [self] { self->copyTable(); }, {}});
    return all;
}

void TopologyPage::reveal(const QString& key)
{
    if (key.startsWith(streamPrefix))
        chooseStream(key.mid(streamPrefix.size()));
    else
        TablePage::reveal(key);
}

bool TopologyPage::closeInspector()
{
    if (TablePage::closeInspector()) {
        m_view->select({});
        return true;
    }
    if (!m_stream)
        return false;
    chooseStream({});
    return true;
}

void TopologyPage::onControlPlaneChanged()
{
    m_stream.reset();
    m_view->select({});
    TablePage::onControlPlaneChanged();
}

void TopologyPage::chooseStream(const QString& key)
{
    m_stream = key.isEmpty() ? std::nullopt : streamOf(key);
    if (const SnapshotPtr snapshot = present())
        onSnapshot(*snapshot);
}

void TopologyPage::onSnapshot(const Snapshot& snapshot)
{
    if (snapshot.nodes.empty()) {
        m_view->setTopology({});
        showNone(QStringLiteral("topology"), tr("No nodes"),
                 tr("The way of the picture is shown as soon as a node group runs nodes."),
                 {{tr("Open node groups"), [this] { Q_EMIT goToRequested(QStringLiteral("node-groups"), {}); }, {}}});
        return;
    }
    if (m_stream && !snapshot.findStream(m_stream->group, m_stream->stream)) {
        report(tr("%1 is not on air: all streams are shown").arg(rowKeyOf(*m_stream)));
        m_stream.reset();
    }
    offerStreams(snapshot);
    const Topology topology = topologyOf(snapshot, m_stream);
    QStringList regions;
    for (const TopologyBox& box : topology.boxes)
        regions << box.region;
    regions.removeDuplicates();
    regions.sort();
    pane().filterBar().setChoiceValues(QStringLiteral("region"), regions);
    std::vector<TableRow> table = rows::topology(topology);
    m_view->setFiguresShown(topology.links.size() <= fewLinks);
    m_view->setTopology(topology);
    follow(snapshot, std::move(table));
}

void TopologyPage::offerStreams(const Snapshot& snapshot)
{
    const QSignalBlocker blocker(m_streams);
    QStringList keys{QString()};
    for (const StreamStatus& stream : snapshot.streams)
        keys << rows::streamRowKey(stream.nodeGroup, stream.ingest.key);
    QStringList present;
    for (int i = 0; i < m_streams->count(); ++i)
        present << m_streams->itemData(i).toString();
    if (keys != present) {
        m_streams->clear();
        for (const QString& key : keys)
            m_streams->addItem(key.isEmpty() ? tr("All streams") : key, key);
    }
    m_streams->setCurrentIndex(m_stream ? std::max(0, m_streams->findData(rowKeyOf(*m_stream))) : 0);
}

void TopologyPage::select(const QString& key)
{
    TablePage::select(key);
    m_view->select(selectedKey());
}

void TopologyPage::activate(const QString& key)
{
    select(key);
    openSelected();
}

bool TopologyPage::showSelected(const Snapshot& snapshot)
{
    const TopologyBox* box = m_view->topology().find(selectedKey());
    if (!box)
        return false;
    const bool isPublisher = box->tier == TopologyTier::Publishers;
    const bool isRegion = box->key.startsWith(regionPrefix);
    m_inspector->setTitle(box->title);
    std::vector<Inspector::Pill> pills{{isStale() ? Status::Off : box->status, box->state, true},
                                       {Status::Off, isRegion ? tierName(box->tier) : tierKind(box->tier), false}};
    if (!isRegion)
        pills.push_back({Status::Off, box->region, false});
    m_inspector->setPills(pills);
    m_figures->setRows(figuresOf(*box));
    showLoss(snapshot, *box);
    m_carried->setRows(carriedBy(snapshot, *box));
    m_open->setText(isPublisher ? tr("Open streams") : isRegion ? tr("Open nodes") : tr("Open node"));
    showPanel(m_inspector);
    return true;
}

void TopologyPage::showLoss(const Snapshot& snapshot, const TopologyBox& box)
{
    const BlastRadius loss = blastRadius(snapshot, box.nodes);
    const LossWords words = wordsOf(loss);
    m_loss->setContent(words.status, words.headline, words.text);
    m_losses->setRows(rowsOf(loss));
}

void TopologyPage::openSelected()
{
    const TopologyBox* box = m_view->topology().find(selectedKey());
    if (!box)
        return;
    if (box->tier == TopologyTier::Publishers)
        Q_EMIT goToRequested(QStringLiteral("streams"), m_stream ? rowKeyOf(*m_stream) : QString());
    else if (box->key.startsWith(regionPrefix))
        Q_EMIT goToRequested(QStringLiteral("nodes"), regionPrefix + box->key.section(QLatin1Char(':'), 2));
    else
        Q_EMIT goToRequested(QStringLiteral("nodes"), box->key);
}

void TopologyPage::copyTable()
{
    const Topology& shown = m_view->topology();
    QGuiApplication::clipboard()->setText(rows::topologyText(shown));
    report(tr("%n row(s) copied", nullptr, static_cast<int>(shown.boxes.size())));
}

}  // namespace headgate
