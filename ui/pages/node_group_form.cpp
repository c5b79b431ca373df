#include "ui/pages/node_group_form.h"

#include "ui/format.h"
#include "ui/models/places.h"
#include "ui/pages/access_fields.h"
#include "ui/pages/form_tabs.h"
#include "ui/pages/media_fields.h"
#include "ui/pages/spin_box.h"
#include "ui/shell/theme.h"
#include "ui/widgets/labels.h"

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include <array>

namespace headgate {

namespace {

constexpr int mostNodes = 1024;
constexpr int mostSessions = 10'000'000;
constexpr int defaultSessions = 1000;
constexpr int columnGap = 12;
constexpr std::string_view accessPointer = "/access";

constexpr std::array<const char*, 8> offeredRegions = {"eu-central-1", "eu-west-1",      "eu-west-2",      "us-east-1",
                                                       "us-west-1",    "ap-southeast-1", "ap-southeast-2", "sa-east-1"};

TextLabel* fieldLabel(const QString& text)
{
    return new TextLabel(text, TextRole::SmallStrong, TextTone::Secondary);
}

TextLabel* hint(const QString& text)
{
    auto* label = new TextLabel(text, TextRole::Caption, TextTone::Tertiary);
    label->setWordWrap(true);
    return label;
}

QString regionChoice(const std::string& region)
{
    const QString place = regionName(region);
    const QString name = format::text(region);
    return place == name ? name : QStringLiteral("%1, %2").arg(place, name);
}

}  // namespace

NodeGroupForm::NodeGroupForm(QWidget* parent)
    : QWidget(parent),
      m_tabs(new FormTabs({tr("General"), tr("Capacity"), tr("Placement"), tr("Media")})),
      m_scroll(new QScrollArea)
{
    auto* tabsFrame = new QHBoxLayout;
    tabsFrame->setContentsMargins(20, 0, 20, 0);
    tabsFrame->addWidget(m_tabs);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(tabsFrame);
    column->addWidget(makeSeparator());
    column->addWidget(m_scroll, 1);
    connect(m_tabs, &FormTabs::currentChanged, this, &NodeGroupForm::rebuild);
}

void NodeGroupForm::setDraft(NodeGroupDraft& draft)
{
    m_draft = &draft;
    m_problems.clear();
    rebuild();
}

void NodeGroupForm::release()
{
    m_draft = nullptr;
    m_slots.clear();
    m_general = nullptr;
    // Its fields write into the draft.
    m_scroll->setWidget(new QWidget);
}

DraftTab NodeGroupForm::currentTab() const
{
    return static_cast<DraftTab>(m_tabs->currentIndex());
}

void NodeGroupForm::setCurrentTab(DraftTab tab)
{
    m_tabs->setCurrentIndex(static_cast<int>(tab));
}

void NodeGroupForm::rebuild()
{
    if (!m_draft)
        return;
    m_slots.clear();
    auto* inner = new QWidget;
    inner->setObjectName(QStringLiteral("surface"));
    inner->setAttribute(Qt::WA_StyledBackground);
    auto* column = new QVBoxLayout(inner);
    column->setContentsMargins(20, 16, 20, 16);
    column->setSpacing(6);
    m_general = new TextLabel({}, TextRole::Small, TextTone::Critical);
    m_general->setWordWrap(true);
    m_general->hide();
    column->addWidget(m_general);
    switch (currentTab()) {
    case DraftTab::General:
        buildGeneral(column);
        break;
    case DraftTab::Capacity:
        buildCapacity(column);
        break;
    case DraftTab::Placement:
        buildPlacement(column);
        break;
    case DraftTab::Media:
        buildMediaTab(column);
        break;
    }
    column->addStretch();
    m_scroll->setWidget(inner);
    showProblems(m_problems);
}

void NodeGroupForm::rebuildLater()
{
    // The button that asked for it stands in what is replaced.
    QTimer::singleShot(0, this, [this] {
        if (!m_draft)
            return;
        rebuild();
        Q_EMIT edited();
    });
}

void NodeGroupForm::showProblems(const std::vector<DraftProblem>& problems)
{
    m_problems = problems;
    std::array<int, 4> counts{};
    std::map<std::string, QString> byPointer;
    QStringList without;
    std::vector<Error> ofAccess, ofMedia;
    for (const DraftProblem& problem : problems) {
        ++counts[static_cast<std::size_t>(problem.tab)];
        Error inAccess = problem.error;
        inAccess.pointer.erase(0,
                               inAccess.pointer.starts_with(accessPointer) ? accessPointer.size() : std::string::npos);
        if (m_access && m_access->hasField(inAccess.pointer))
            ofAccess.push_back(std::move(inAccess));
        else if (m_media && m_media->hasField(problem.error.pointer))
            ofMedia.push_back(problem.error);
        else if (m_slots.contains(problem.error.pointer))
            byPointer.emplace(problem.error.pointer, format::errorLine(problem.error));
        else if (problem.tab == currentTab())
            without << format::errorLine(problem.error);
    }
    for (std::size_t i = 0; i < counts.size(); ++i)
        m_tabs->setErrorCount(static_cast<int>(i), counts[i]);
    for (const auto& [pointer, place] : m_slots) {
        const auto found = byPointer.find(pointer);
        const QString message = found == byPointer.end() ? QString() : found->second;
        setBad(place.field, message);
        place.message->setText(message);
        place.message->setVisible(!message.isEmpty());
    }
    if (m_access)
        m_access->showFaults(ofAccess);
    if (m_media)
        m_media->showFaults(ofMedia);
    if (m_general) {
        m_general->setText(without.join(QLatin1Char('\n')));
        m_general->setVisible(!without.isEmpty());
    }
}

TextLabel* NodeGroupForm::addMessage(const std::string& pointer, QWidget* field)
{
    auto* message = new TextLabel({}, TextRole::Small, TextTone::Critical);
    message->setWordWrap(true);
    message->hide();
    m_slots[pointer] = {field, message};
    return message;
}

void NodeGroupForm::addTextField(QVBoxLayout* column, const QString& label, const std::string& pointer,
                                 std::string& value)
{
    auto* field = new QLineEdit(format::text(value));
    field->setAccessibleName(label);
    field->setObjectName(format::text("field" + pointer));
    column->addWidget(fieldLabel(label));
    column->addWidget(field);
    column->addWidget(addMessage(pointer, field));
    column->addSpacing(4);
    connect(field, &QLineEdit::textChanged, this, [this, &value](const QString& text) {
        value = format::utf8(text);
        Q_EMIT edited();
    });
}

void NodeGroupForm::buildGeneral(QVBoxLayout* column)
{
    NodeGroup& group = m_draft->edit();
    column->addWidget(new TextLabel(tr("Identity"), TextRole::Section));
    column->addSpacing(4);
    addTextField(column, tr("Name"), "/name", group.name.value);
    QWidget* name = m_slots["/name"].field;
    name->setEnabled(m_draft->isNew());
    if (!m_draft->isNew())
        name->setToolTip(tr("A group keeps its name. Create another one to use another name."));
    addTextField(column, tr("Description"), "/description", group.description);
    column->addSpacing(10);
    column->addWidget(new TextLabel(tr("Where nodes come from"), TextRole::Section));
    column->addSpacing(4);
    addTextField(column, tr("Platform"), "/cloudPlatform", group.cloudPlatform);
    column->addWidget(hint(tr("LOCAL starts processes on the machine of the control plane.")));
    addTextField(column, tr("Cloud properties, k=v;k=v"), "/cloudProperties", group.cloudProperties);
    for (std::size_t i = 0; i < group.images.size(); ++i)
        addTextField(column, tr("Image “%1” starts").arg(format::text(group.images[i].name)),
                     "/images/" + std::to_string(i) + "/image", group.images[i].image);
    column->addSpacing(10);
    m_access = new AccessFields(group.access);
    column->addWidget(m_access);
    connect(m_access, &AccessFields::edited, this, &NodeGroupForm::edited);
}

void NodeGroupForm::buildMediaTab(QVBoxLayout* column)
{
    m_media = new MediaFields(m_draft->edit(), m_storeTest);
    column->addWidget(m_media);
    connect(m_media, &MediaFields::edited, this, &NodeGroupForm::edited);
}

void NodeGroupForm::buildCapacity(QVBoxLayout* column)
{
    addBounds(column);
    column->addSpacing(12);
    addLimits(column);
    column->addSpacing(12);
    addMedia(column);
    column->addSpacing(12);
    column->addWidget(new TextLabel(tr("Scaling"), TextRole::Section));
    auto* paused = new QCheckBox(tr("Pause scaling: keep the nodes there are, start and stop none"));
    paused->setChecked(m_draft->group().isScalingPaused);
    column->addWidget(paused);
    connect(paused, &QCheckBox::toggled, this, [this](bool isOn) {
        m_draft->edit().isScalingPaused = isOn;
        Q_EMIT edited();
    });
}

void NodeGroupForm::addBounds(QVBoxLayout* column)
{
    column->addWidget(new TextLabel(tr("Bounds"), TextRole::Section));
    column->addSpacing(4);
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(columnGap);
    grid->setVerticalSpacing(4);
    grid->setColumnStretch(0, 1);
    const std::array<QString, 4> heads = {tr("Subgroup and role"), tr("Minimum nodes"), tr("Maximum nodes"),
                                          tr("Nodes per step")};
    for (std::size_t i = 0; i < heads.size(); ++i)
        grid->addWidget(fieldLabel(heads[i]), 0, static_cast<int>(i));
    int row = 1;
    for (const DraftLeaf& leaf : m_draft->leaves())
        for (std::size_t rule = 0; rule < leaf.subgroup->rules.size(); ++rule, row += 2)
            addBoundsRow(grid, row, leaf, rule);
    column->addLayout(grid);
    if (row == 1)
        column->addWidget(hint(tr("There is no subgroup with a rule yet. Add one under Placement.")));
}

void NodeGroupForm::addBoundsRow(QGridLayout* grid, int row, const DraftLeaf& leaf, std::size_t rule)
{
    const ScaleRule& shown = leaf.subgroup->rules[rule];
    const std::string pointer = leaf.pointer + "/rules/" + std::to_string(rule);
    const QString name = QStringLiteral("%1, %2").arg(format::text(leaf.path), format::text(shown.roleName));
    grid->addWidget(new ElidedLabel(name, TextRole::BodyStrong), row, 0);
    struct Bound
    {
        const char* member;
        int ScaleRule::*value;
        QString name;
    };
    const std::array<Bound, 3> bounds = {
        Bound{"/min", &ScaleRule::min, tr("Minimum nodes of %1").arg(name)},
        Bound{"/max", &ScaleRule::max, tr("Maximum nodes of %1").arg(name)},
        Bound{"/increment", &ScaleRule::increment, tr("Nodes per step of %1").arg(name)}};
    auto* messages = new QVBoxLayout;
    messages->setSpacing(0);
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        const Bound& bound = bounds[i];
        // Wider than the rule's bound, so that a wrong figure can be typed and is told why it is wrong.
        QSpinBox* spin = makeSpinBox(0, mostNodes * 10, shown.*bound.value, bound.name);
        spin->setMinimumWidth(scaled(84));
        spin->setObjectName(format::text("field" + pointer + bound.member));
        grid->addWidget(spin, row, static_cast<int>(i) + 1);
        messages->addWidget(addMessage(pointer + bound.member, spin));
        connect(spin, &QSpinBox::valueChanged, this,
                [this, leafPointer = leaf.pointer, rule, member = bound.value](int value) {
                    Subgroup* subgroup = m_draft->leafAt(leafPointer);
                    if (!subgroup || rule >= subgroup->rules.size())
                        return;
                    subgroup->rules[rule].*member = value;
                    Q_EMIT edited();
                });
    }
    grid->addLayout(messages, row + 1, 0, 1, 4);
}

void NodeGroupForm::addLimits(QVBoxLayout* column)
{
    NodeGroup& group = m_draft->edit();
    column->addWidget(new TextLabel(tr("Limits of the whole group"), TextRole::Section));
    column->addWidget(makeLimit(tr("Publishers at most"), "/maxPublishers", group.maxPublishers));
    column->addWidget(m_slots["/maxPublishers"].message);
    column->addWidget(makeLimit(tr("Viewers at most"), "/maxSubscribers", group.maxSubscribers));
    column->addWidget(m_slots["/maxSubscribers"].message);
    addWhenFull(column);
    addPublicRouting(column);
}

void NodeGroupForm::addWhenFull(QVBoxLayout* column)
{
    auto* whenFull = new QCheckBox(tr("Send viewers to full nodes rather than refuse them"));
    whenFull->setObjectName(QStringLiteral("field/whenFull"));
    whenFull->setChecked(m_draft->group().whenFull == WhenFull::Accept);
    column->addWidget(whenFull);
    column->addWidget(hint(tr("A node is full when it carries what its image was measured to carry; without a "
                              "measurement, 2,000 viewers at 1.5 Mbit/s.")));
    connect(whenFull, &QCheckBox::toggled, this, [this](bool isOn) {
        m_draft->edit().whenFull = isOn ? WhenFull::Accept : WhenFull::Refuse;
        Q_EMIT edited();
    });
}

void NodeGroupForm::addPublicRouting(QVBoxLayout* column)
{
    column->addSpacing(4);
    column->addWidget(fieldLabel(tr("Stream Manager clients without a token are routed")));
    auto* routing = new QComboBox;
    routing->setObjectName(QStringLiteral("field/publicRouting"));
    routing->setAccessibleName(tr("Routing without a token"));
    routing->addItem(tr("only while this machine alone reaches the control plane"));
    routing->addItem(tr("always"));
    routing->addItem(tr("never"));
    routing->setCurrentIndex(static_cast<int>(m_draft->group().publicRouting));
    column->addWidget(routing);
    connect(routing, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_draft->edit().publicRouting = static_cast<PublicRouting>(index);
        Q_EMIT edited();
    });
}

void NodeGroupForm::addMedia(QVBoxLayout* column)
{
    column->addWidget(new TextLabel(tr("Delay against cost"), TextRole::Section));
    column->addSpacing(4);
    column->addWidget(fieldLabel(tr("A viewer begins with")));
    auto* latency = new QComboBox;
    latency->setObjectName(QStringLiteral("field/media/latency"));
    latency->setAccessibleName(tr("What a viewer begins with"));
    latency->addItem(tr("the newest group of pictures, at once"));
    latency->addItem(tr("that only if it is young, else the next key frame"));
    latency->setCurrentIndex(m_draft->group().media.latency == JoinLatency::Low ? 1 : 0);
    column->addWidget(latency);
    column->addWidget(hint(tr("The first shows a picture at once, and it is as late as the distance of key frames. The "
                              "second is %1 late at most, and a viewer may wait for its first picture.")
                               .arg(format::milliseconds(lowLatencyAgeMs))));
    connect(latency, &QComboBox::currentIndexChanged, this, [this](int index) {
        m_draft->edit().media.latency = index == 1 ? JoinLatency::Low : JoinLatency::Normal;
        Q_EMIT edited();
    });
    column->addSpacing(4);
    addMergeWindow(column);
}

void NodeGroupForm::addMergeWindow(QVBoxLayout* column)
{
    constexpr int suggestedMs = 100;
    const std::optional<int> present = m_draft->group().media.mergeWindow.milliseconds;
    auto* isFixed = new QCheckBox(tr("Gather output for a fixed time, in ms"));
    isFixed->setChecked(present.has_value());
    // Wider than the rule's bound, so that a wrong figure can be typed and is told why it is wrong.
    QSpinBox* spin =
        makeSpinBox(0, MergeWindowSetting::longestMs * 10, present.value_or(suggestedMs), tr("Merge window, ms"));
    spin->setObjectName(QStringLiteral("field/media/mergeWindow"));
    spin->setEnabled(present.has_value());
    spin->setMinimumWidth(scaled(84));
    auto* row = new QHBoxLayout;
    row->setSpacing(columnGap);
    row->addWidget(isFixed);
    row->addWidget(spin);
    row->addStretch();
    column->addLayout(row);
    column->addWidget(addMessage("/media/mergeWindow", spin));
    column->addWidget(hint(tr("Fewer, larger sends let a core serve more viewers. Without a fixed time a node gathers "
                              "only as it gets busy, 100 ms at most. Running nodes obey at once.")));
    const auto apply = [this, isFixed, spin] {
        spin->setEnabled(isFixed->isChecked());
        m_draft->edit().media.mergeWindow.milliseconds =
            isFixed->isChecked() ? std::optional(spin->value()) : std::nullopt;
        Q_EMIT edited();
    };
    connect(isFixed, &QCheckBox::toggled, this, apply);
    connect(spin, &QSpinBox::valueChanged, this, apply);
}

QWidget* NodeGroupForm::makeLimit(const QString& label, const std::string& pointer, std::optional<int>& value)
{
    auto* frame = new QWidget;
    auto* row = new QHBoxLayout(frame);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(columnGap);
    auto* isLimited = new QCheckBox(label);
    isLimited->setChecked(value.has_value());
    isLimited->setMinimumWidth(scaled(180));
    QSpinBox* spin = makeSpinBox(0, mostSessions, value.value_or(defaultSessions), label);
    spin->setGroupSeparatorShown(true);
    spin->setEnabled(value.has_value());
    spin->setMinimumWidth(scaled(120));
    row->addWidget(isLimited);
    row->addWidget(spin);
    row->addStretch();
    addMessage(pointer, spin);
    connect(isLimited, &QCheckBox::toggled, this, [this, spin, &value](bool isOn) {
        spin->setEnabled(isOn);
        value = isOn ? std::optional(spin->value()) : std::nullopt;
        Q_EMIT edited();
    });
    connect(spin, &QSpinBox::valueChanged, this, [this, &value](int limit) {
        value = limit;
        Q_EMIT edited();
    });
    return frame;
}

void NodeGroupForm::buildPlacement(QVBoxLayout* column)
{
    column->addWidget(new TextLabel(tr("Subgroups"), TextRole::Section));
    column->addWidget(hint(tr("Each holds its own nodes in one region.")));
    column->addSpacing(4);
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(columnGap);
    grid->setVerticalSpacing(4);
    grid->setColumnStretch(0, 1);
    grid->setColumnStretch(1, 1);
    grid->addWidget(fieldLabel(tr("Name")), 0, 0);
    grid->addWidget(fieldLabel(tr("Region")), 0, 1);
    int row = 1;
    for (const DraftLeaf& leaf : m_draft->leaves()) {
        addLeafRow(grid, row, leaf);
        row += 2;
    }
    column->addLayout(grid);
    auto* add = makeButton(tr("Add subgroup"), ButtonKind::Normal, QStringLiteral("plus"));
    add->setObjectName(QStringLiteral("addSubgroup"));
    auto* addRow = new QHBoxLayout;
    addRow->addWidget(add);
    addRow->addStretch();
    column->addSpacing(4);
    column->addLayout(addRow);
    connect(add, &QPushButton::clicked, this, [this] {
        std::string region = offeredRegions.front();
        for (const char* offered : offeredRegions) {
            bool isTaken = false;
            for (const DraftLeaf& leaf : m_draft->leaves())
                isTaken = isTaken || leaf.subgroup->name == offered;
            if (!isTaken) {
                region = offered;
                break;
            }
        }
        m_draft->addLeaf(region, region);
        rebuildLater();
    });
    column->addSpacing(12);
    addRoles(column);
}

void NodeGroupForm::addLeafRow(QGridLayout* grid, int row, const DraftLeaf& leaf)
{
    const std::string pointer = leaf.pointer;
    auto* name = new QLineEdit(format::text(leaf.subgroup->name));
    name->setAccessibleName(tr("Name of subgroup %1").arg(format::text(leaf.path)));
    name->setObjectName(format::text("field" + pointer + "/name"));
    auto* region = new QComboBox;
    region->setEditable(true);
    region->setAccessibleName(tr("Region of subgroup %1").arg(format::text(leaf.path)));
    for (const char* offered : offeredRegions)
        region->addItem(regionChoice(offered), QString::fromLatin1(offered));
    const std::string current = cloudProperty(leaf.subgroup->cloudProperties, "region").value_or(std::string());
    const int known = region->findData(format::text(current));
    region->setCurrentIndex(known);
    if (known < 0)
        region->setEditText(format::text(current));
    auto* remove = makeIconButton(QStringLiteral("trash"), tr("Remove subgroup %1").arg(format::text(leaf.path)));
    grid->addWidget(name, row, 0);
    grid->addWidget(region, row, 1);
    grid->addWidget(remove, row, 2);
    auto* messages = new QVBoxLayout;
    messages->setSpacing(0);
    messages->addWidget(addMessage(pointer + "/name", name));
    messages->addWidget(addMessage(pointer + "/cloudProperties", region));
    grid->addLayout(messages, row + 1, 0, 1, 3);
    connect(name, &QLineEdit::textChanged, this, [this, pointer](const QString& text) {
        if (Subgroup* subgroup = m_draft->leafAt(pointer))
            subgroup->name = format::utf8(text);
        Q_EMIT edited();
    });
    connect(region, &QComboBox::currentTextChanged, this, [this, pointer, region](const QString& text) {
        const int chosen = region->findText(text);
        const QString value = chosen >= 0 ? region->itemData(chosen).toString() : text.trimmed();
        if (Subgroup* subgroup = m_draft->leafAt(pointer))
            subgroup->cloudProperties = withCloudProperty(subgroup->cloudProperties, "region", format::utf8(value));
        Q_EMIT edited();
    });
    connect(remove, &QToolButton::clicked, this, [this, pointer] {
        m_draft->removeLeaf(pointer);
        rebuildLater();
    });
}

void NodeGroupForm::addRoles(QVBoxLayout* column)
{
    column->addWidget(new TextLabel(tr("Roles"), TextRole::Section));
    for (const Role& role : m_draft->group().roles) {
        QStringList abilities;
        for (const Capability capability : role.capabilities)
            abilities << format::capability(capability);
        auto* row = new QHBoxLayout;
        row->setSpacing(columnGap);
        auto* name = new TextLabel(format::text(role.name), TextRole::BodyStrong);
        name->setMinimumWidth(scaled(120));
        row->addWidget(name);
        const QString parent = role.parentRoleName.empty() ? tr("pulls from nobody")
                                                           : tr("pulls from %1").arg(format::text(role.parentRoleName));
        const QString image = tr("image %1").arg(format::text(role.imageName));
        row->addWidget(new ElidedLabel(QStringList{abilities.join(QStringLiteral(", ")), parent, image}.join(
                                           QStringLiteral("  ·  ")),
                                       TextRole::Small, TextTone::Secondary),
                       1);
        column->addLayout(row);
    }
    column->addWidget(hint(tr("Roles and images are changed by document: headgatectl get, edit, apply.")));
}

}  // namespace headgate
