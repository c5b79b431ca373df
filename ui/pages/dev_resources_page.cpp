#include "ui/pages/dev_resources_page.h"

#include "ui/format.h"
#include "ui/models/places.h"
#include "ui/models/rows.h"
#include "ui/models/test_streams.h"
#include "ui/widgets/card.h"
#include "ui/widgets/code_block.h"
#include "ui/widgets/copy_button.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/segmented.h"
#include "ui/widgets/state_view.h"

#include <QComboBox>
#include <QDesktopServices>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QTabBar>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>

namespace headgate {

namespace {

constexpr int mostAddresses = 9;
constexpr int protocolWidth = 110;

PageIdentity identityOfPage()
{
    return {QStringLiteral("dev-resources"),
            DevResourcesPage::tr("Dev resources"),
            DevResourcesPage::tr("How do I connect to this?"),
            QStringLiteral("code"),
            QLatin1Char('D'),
            RailSection::Manage};
}

QVBoxLayout* labelled(const QString& label, QWidget* field)
{
    auto* column = new QVBoxLayout;
    column->setSpacing(4);
    column->addWidget(new TextLabel(label, TextRole::Small, TextTone::Secondary));
    column->addWidget(field);
    field->setAccessibleName(label);
    return column;
}

// Puts `names` into the list; the present text stays, even if it is none of them.
void setItems(QComboBox* box, const QStringList& names)
{
    QStringList present;
    for (int i = 0; i < box->count(); ++i)
        present << box->itemText(i);
    if (present == names)
        return;
    const QSignalBlocker quiet(box);
    const QString text = box->currentText();
    box->clear();
    box->addItems(names);
    box->setCurrentIndex(box->isEditable() ? -1 : std::max(0, static_cast<int>(names.indexOf(text))));
    if (box->isEditable())
        box->setEditText(text);
}

}  // namespace

DevResourcesPage::DevResourcesPage(PageContext& context, TestStreams& testStreams, QWidget* parent)
    : Page(identityOfPage(), parent), m_context(context), m_testStreams(testStreams)
{
    content()->addWidget(buildChoices());
    auto* noticeFrame = new QWidget;
    auto* noticeRow = new QVBoxLayout(noticeFrame);
    noticeRow->setContentsMargins(20, 0, 20, 0);
    m_notice = new Notice;
    noticeRow->addWidget(m_notice);
    content()->addWidget(noticeFrame);
    content()->addWidget(buildAnswer(), 1);
    connect(m_purpose, &Segmented::currentChanged, this, [this] {
        offerTools();
        answer();
    });
    connect(m_stream, &QComboBox::editTextChanged, this, [this] { answer(); });
    connect(m_stream, &QComboBox::activated, this, [this] { followStream(); });
    connect(m_group, &QComboBox::currentTextChanged, this, [this] { answer(); });
    connect(m_wish, &QComboBox::currentIndexChanged, this, [this] { answer(); });
    connect(m_tools, &QTabBar::currentChanged, this, [this] { showSnippets(); });
    connect(&m_testStreams, &TestStreams::changed, this, [this] { answer(); });
    offerTools();
}

QWidget* DevResourcesPage::buildChoices()
{
    m_purpose = new Segmented({tr("Publish"), tr("Watch")}, tr("What for"));
    m_purpose->setObjectName(QStringLiteral("purpose"));
    m_stream = new QComboBox;
    m_stream->setObjectName(QStringLiteral("stream"));
    m_stream->setEditable(true);
    m_stream->setInsertPolicy(QComboBox::NoInsert);
    m_stream->lineEdit()->setAccessibleName(tr("Stream"));
    m_group = new QComboBox;
    m_group->setObjectName(QStringLiteral("group"));
    m_wish = new QComboBox;
    m_wish->setObjectName(QStringLiteral("wish"));
    for (QComboBox* box : {m_stream, m_group, m_wish}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(12);
    }
    auto* bar = new QWidget;
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(20, 0, 20, 12);
    row->setSpacing(12);
    row->addLayout(labelled(tr("What for"), m_purpose));
    row->addLayout(labelled(tr("Stream, live or to come"), m_stream), 3);
    row->addLayout(labelled(tr("Node group"), m_group), 2);
    row->addLayout(labelled(tr("Region or node"), m_wish), 2);
    return bar;
}

QWidget* DevResourcesPage::buildAnswer()
{
    m_addresses = new Card(tr("Addresses"));
    m_openTestPage = makeLink(tr("Open the test page"));
    m_openTestPage->setObjectName(QStringLiteral("openTestPage"));
    m_openTestPage->setToolTip(tr("Publish a camera or a test picture from a browser, and watch it, with figures"));
    m_addresses->addHeaderWidget(m_openTestPage);
    connect(m_openTestPage, &QPushButton::clicked, this,
            [this] { QDesktopServices::openUrl(QUrl(snippets::testPageUrl(*m_target))); });
    for (int i = 0; i < mostAddresses; ++i) {
        AddressRow row;
        row.widget = new QWidget;
        auto* line = new QHBoxLayout(row.widget);
        line->setContentsMargins(0, 0, 0, 0);
        line->setSpacing(12);
        row.protocol = new TextLabel({}, TextRole::Body, TextTone::Secondary);
        row.protocol->setMinimumWidth(scaled(protocolWidth));
        row.url = new TextLabel({}, TextRole::Mono);
        row.url->setObjectName(QStringLiteral("address"));
        row.url->setTextInteractionFlags(Qt::TextSelectableByMouse);
        row.copy = new CopyButton(tr("Copy"));
        line->addWidget(row.protocol);
        line->addWidget(row.url, 1);
        line->addWidget(row.copy);
        m_addresses->body()->addWidget(row.widget);
        m_addressRows.push_back(row);
    }
    auto* code = new Card;
    m_tools = new QTabBar;
    m_tools->setObjectName(QStringLiteral("tools"));
    m_tools->setAccessibleName(tr("Tool"));
    m_tools->setDrawBase(false);
    m_tools->setExpanding(false);
    m_noApi = new TextLabel(
        tr("The API of this cluster does not listen, so there is nothing to call. The status bar says why."),
        TextRole::Body, TextTone::Secondary);
    m_noApi->setWordWrap(true);
    m_snippets = new QVBoxLayout;
    m_snippets->setSpacing(18);
    code->body()->addWidget(m_tools);
    code->body()->addWidget(m_noApi);
    code->body()->addLayout(m_snippets);

    auto* inner = new QWidget;
    inner->setObjectName(QStringLiteral("window"));
    inner->setAttribute(Qt::WA_StyledBackground);
    auto* column = new QVBoxLayout(inner);
    column->setContentsMargins(20, 4, 20, 20);
    column->setSpacing(12);
    column->addWidget(m_addresses);
    column->addWidget(code);
    column->addStretch(1);
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setWidget(inner);
    m_answer = scroll;
    return scroll;
}

void DevResourcesPage::focusFilter()
{
    m_stream->setFocus(Qt::ShortcutFocusReason);
    m_stream->lineEdit()->selectAll();
}

void DevResourcesPage::reveal(const QString& key)
{
    const SnapshotPtr snapshot = controlPlane() ? controlPlane()->snapshot() : nullptr;
    if (!snapshot)
        return;
    for (const StreamStatus& stream : snapshot->streams) {
        if (rows::streamRowKey(stream.nodeGroup, stream.ingest.key) != key)
            continue;
        m_hasChosen = true;
        offerGroups(*snapshot);
        m_purpose->setCurrentIndex(1);
        m_stream->setEditText(format::text(stream.ingest.key.path()));
        m_group->setCurrentText(format::text(stream.nodeGroup.value));
    }
}

void DevResourcesPage::onControlPlaneChanged()
{
    m_hasChosen = false;
    m_node = {};
}

void DevResourcesPage::onSnapshot(const Snapshot& snapshot)
{
    if (snapshot.nodeGroups.empty()) {
        showEmpty(identity().iconName, tr("Nothing to connect to yet"),
                  tr("Addresses and snippets come with the first node group."),
                  {{tr("Open node groups"), [this] { Q_EMIT goToRequested(QStringLiteral("node-groups"), {}); }, {}}});
        return;
    }
    showNormal();
    offerStreams(snapshot);
    offerGroups(snapshot);
    if (!m_hasChosen) {
        m_hasChosen = true;
        const bool isOnAir = !snapshot.streams.empty();
        m_purpose->setCurrentIndex(isOnAir ? 1 : 0);
        m_stream->setEditText(isOnAir ? format::text(snapshot.streams.front().ingest.key.path())
                                      : QStringLiteral("live/show1"));
        if (isOnAir)
            m_group->setCurrentText(format::text(snapshot.streams.front().nodeGroup.value));
    }
    answer();
}

void DevResourcesPage::offerStreams(const Snapshot& snapshot)
{
    QStringList paths;
    for (const StreamStatus& stream : snapshot.streams)
        paths << format::text(stream.ingest.key.path());
    paths.sort();
    paths.removeDuplicates();
    setItems(m_stream, paths);
}

void DevResourcesPage::offerGroups(const Snapshot& snapshot)
{
    QStringList names;
    for (const NodeGroupStatus& status : snapshot.nodeGroups)
        names << format::text(status.group.name.value);
    setItems(m_group, names);
}

void DevResourcesPage::offerWishes(const Snapshot& snapshot)
{
    std::vector<NodeWishChoice> wishes = nodeWishes(snapshot, group(), purpose());
    if (wishes == m_wishes)
        return;
    const NodeWish present = wish();
    m_wishes = std::move(wishes);
    const QSignalBlocker quiet(m_wish);
    m_wish->clear();
    for (const NodeWishChoice& choice : m_wishes) {
        m_wish->addItem(choice.name);
        if (choice.wish == present)
            m_wish->setCurrentIndex(m_wish->count() - 1);
    }
}

void DevResourcesPage::offerTools()
{
    const QSignalBlocker quiet(m_tools);
    const QString present = m_tools->tabText(m_tools->currentIndex());
    while (m_tools->count() > 0)
        m_tools->removeTab(0);
    for (const snippets::Tool tool : snippets::toolsFor(purpose())) {
        const QString name = snippets::toolName(tool);
        m_tools->addTab(name);
        if (name == present)
            m_tools->setCurrentIndex(m_tools->count() - 1);
    }
}

// A stream that was chosen from the list brings its group along.
void DevResourcesPage::followStream()
{
    const SnapshotPtr snapshot = controlPlane() ? controlPlane()->snapshot() : nullptr;
    const Result<StreamKey> key = StreamKey::parse(format::utf8(m_stream->currentText()));
    if (!snapshot || !key || snapshot->findStream(group(), *key))
        return;
    const auto found =
        std::ranges::find_if(snapshot->streams, [&](const StreamStatus& stream) { return stream.ingest.key == *key; });
    if (found != snapshot->streams.end())
        m_group->setCurrentText(format::text(found->nodeGroup.value));
}

void DevResourcesPage::answer()
{
    const SnapshotPtr snapshot = controlPlane() ? controlPlane()->snapshot() : nullptr;
    if (!snapshot || state() != PageState::Normal)
        return;
    offerWishes(*snapshot);
    const Result<StreamKey> key = StreamKey::parse(format::utf8(m_stream->currentText().trimmed()));
    setBad(m_stream, key ? QString() : format::errorLine(key.error()));
    const NodeStatus* node = nodeFor(*snapshot, group(), purpose(), wish(), m_node);
    m_answer->setVisible(key && node);
    if (!key)
        return showProblem(Status::Critical, tr("This is no name of a stream"), format::errorLine(key.error()));
    if (!node)
        return showProblem(Status::Warning,
                           purpose() == RoutePurpose::Publish ? tr("No origin takes publishers now")
                                                              : tr("No edge takes viewers now"),
                           tr("The address comes as soon as a node of %1 is ready.").arg(m_group->currentText()));
    showLiveness(*snapshot, *key);
    m_node = node->node.id;
    snippets::Target target{purpose(),        group(),          wish().region, *key, node->node.endpoints,
                            m_context.apiUrl, m_context.apiUser};
    if (target == m_target)
        return;
    m_target = std::move(target);
    showAddresses(*m_target, *node);
    showSnippets();
}

void DevResourcesPage::showProblem(Status status, const QString& headline, const QString& text)
{
    m_notice->setContent(status, headline, text);
    m_notice->setAction({}, {});
    m_notice->show();
    m_target.reset();
}

// To watch what is not there, or to publish what somebody publishes already, does not work.
void DevResourcesPage::showLiveness(const Snapshot& snapshot, const StreamKey& stream)
{
    const bool isLive = snapshot.findStream(group(), stream) != nullptr;
    const bool isPublish = purpose() == RoutePurpose::Publish;
    m_notice->setVisible(isLive == isPublish);
    const QString path = format::text(stream.path());
    if (isLive && isPublish) {
        m_notice->setContent(Status::Warning, tr("%1 is on air").arg(path),
                             tr("A second publisher is refused as long as the first one sends."));
        m_notice->setAction(tr("How to watch it"), [this] { m_purpose->setCurrentIndex(1); });
    } else if (m_testStreams.isRunning(group(), stream)) {
        m_notice->setContent(Status::Pending, tr("The test stream %1 is coming").arg(path));
        m_notice->setAction({}, {});
    } else if (!isLive && !isPublish) {
        m_notice->setContent(Status::Off, tr("%1 is not on air").arg(path),
                             tr("Publish it with the snippets of “Publish”, or let this console send a test picture."));
        m_notice->setAction(tr("Start test stream"), [this, stream] { m_testStreams.start(group(), stream); });
    }
}

void DevResourcesPage::showAddresses(const snippets::Target& target, const NodeStatus& node)
{
    const QString place = tr("%1, %2. Nodes come and go: programs ask the Stream Manager API for an address each time.")
                              .arg(format::text(node.node.id.value), regionName(node.node.region));
    m_addresses->setNote(place);
    m_openTestPage->setVisible(!snippets::testPageUrl(target).isEmpty());
    const std::vector<snippets::Address> all = snippets::addresses(target);
    for (std::size_t i = 0; i < m_addressRows.size(); ++i) {
        AddressRow& row = m_addressRows[i];
        row.widget->setVisible(i < all.size());
        if (i >= all.size())
            continue;
        row.protocol->setText(all[i].protocol);
        row.url->setText(all[i].url);
        row.copy->setAccessibleName(tr("Copy the %1 address").arg(all[i].protocol));
        row.copy->setCopied(all[i].url);
    }
}

void DevResourcesPage::showSnippets()
{
    if (!m_target)
        return;
    const std::vector<snippets::Tool> tools = snippets::toolsFor(purpose());
    const auto index = static_cast<std::size_t>(std::max(0, m_tools->currentIndex()));
    const std::vector<snippets::Snippet> all = snippets::snippetsFor(tools.at(index), *m_target);
    while (m_blocks.size() < all.size()) {
        m_blocks.push_back(new CodeBlock);
        m_snippets->addWidget(m_blocks.back());
    }
    for (std::size_t i = 0; i < m_blocks.size(); ++i) {
        m_blocks[i]->setVisible(i < all.size());
        if (i < all.size())
            m_blocks[i]->setContent(all[i].title, all[i].note, all[i].code);
    }
    m_noApi->setVisible(all.empty());
}

RoutePurpose DevResourcesPage::purpose() const
{
    return m_purpose->currentIndex() == 0 ? RoutePurpose::Publish : RoutePurpose::Subscribe;
}

NodeGroupName DevResourcesPage::group() const
{
    return NodeGroupName(format::utf8(m_group->currentText()));
}

NodeWish DevResourcesPage::wish() const
{
    const auto index = static_cast<std::size_t>(std::max(0, m_wish->currentIndex()));
    return index < m_wishes.size() ? m_wishes[index].wish : NodeWish{};
}

}  // namespace headgate
