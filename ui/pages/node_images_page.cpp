#include "ui/pages/node_images_page.h"

#include "ui/format.h"
#include "ui/models/node_image_rows.h"
#include "ui/models/outcome_words.h"
#include "ui/pages/change_preview.h"
#include "ui/pages/image_change_form.h"
#include "ui/pages/image_roll_strip.h"
#include "ui/pages/measurement_strip.h"
#include "ui/pages/table_pane.h"
#include "ui/widgets/inspector.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/state_view.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

namespace headgate {

namespace {

PageIdentity identityOfPage()
{
    return {QStringLiteral("node-images"),
            NodeImagesPage::tr("Node images"),
            NodeImagesPage::tr("What can a node of each image carry?"),
            QStringLiteral("images"),
            QLatin1Char('I'),
            RailSection::Capacity};
}

TextLabel* note(const QString& text)
{
    auto* label = new TextLabel(text, TextRole::Small, TextTone::Tertiary);
    label->setWordWrap(true);
    return label;
}

std::vector<KeyValue> figureRows(const CapacityMeasurement& found)
{
    const auto figure = [](const QString& key, const QString& value) {
        return KeyValue{key, value, ValueStyle::Figure, {}};
    };
    return {
        figure(NodeImagesPage::tr("Viewers per core"), format::count(found.viewersPerCore)),
        figure(NodeImagesPage::tr("At"), format::rate(found.streamBitsPerSecond).joined()),
        figure(NodeImagesPage::tr("Merge window"), rows::mergeWindowWords(found.mergeWindow)),
        figure(NodeImagesPage::tr("Publishers per core"),
               found.publishersPerCore ? format::count(*found.publishersPerCore) : format::unknown()),
        figure(NodeImagesPage::tr("Out, of one core"), format::rate(found.bitsOutPerSecond).joined()),
        figure(NodeImagesPage::tr("Processor time per Gbit"),
               NodeImagesPage::tr("%1 s").arg(format::decimal(found.cpuSecondsPerGbit))),
        figure(NodeImagesPage::tr("Cores of that machine"), format::count(found.cores)),
        {NodeImagesPage::tr("Machine"), format::text(found.machine), ValueStyle::Text, {}},
        {NodeImagesPage::tr("Measured"), format::dateClock(found.measuredAt), ValueStyle::Text, {}},
    };
}

ConfirmationQuestion changeQuestion(const ImageChange& change, const CommandOutcome& preview)
{
    const QString group = format::text(change.group.value);
    ConfirmationQuestion question;
    question.title = NodeImagesPage::tr("Change the image of %1 to %2?").arg(group, format::text(change.image));
    question.losses = words::consequences(preview, words::SessionFate::Moves);
    question.losses << NodeImagesPage::tr(
        "Its nodes are replaced few at a time, each new one ready before an old one drains.");
    question.typeLabel = NodeImagesPage::tr("Type the group's name to confirm");
    question.name = preview.viewersAffected + preview.publishersAffected > 0 ? group : QString();
    question.kept = NodeImagesPage::tr("Who publishes or watches stays until they leave by themselves. The former "
                                       "image can be put back at any time.");
    question.keepText = NodeImagesPage::tr("Keep the image");
    question.actText = NodeImagesPage::tr("Change image");
    return question;
}

}  // namespace

NodeImagesPage::NodeImagesPage(PageContext& context, QWidget* parent)
    : TablePage(identityOfPage(), context,
                new TablePane(rows::nodeImageColumns(), RowHeight::TwoLines,
                              {tr("Filter by image, group, machine"), tr("Filter node images"), tr("Node images"),
                               tr("No node image matches “%1”"), tr("No node image passes the filter")}),
                parent),
      m_strip(new MeasurementStrip(context.media.measureNode)),
      m_rolls(new ImageRollStrip),
      m_measure(makeButton(tr("Measure this machine"), ButtonKind::Primary, QStringLiteral("metrics")))
{
    m_measure->setObjectName(QStringLiteral("measure"));
    actions()->addWidget(m_measure);
    pane().filterBar().addToggle(QStringLiteral("measured:no"), tr("Not measured"));
    auto* around = new QVBoxLayout;
    around->setContentsMargins(20, 0, 20, 8);
    around->setSpacing(8);
    around->addWidget(m_strip);
    around->addWidget(m_rolls);
    content()->addLayout(around);
    content()->addWidget(&pane(), 1);
    buildInspector();
    connect(m_measure, &QPushButton::clicked, this, &NodeImagesPage::measure);
    connect(m_strip, &MeasurementStrip::stateChanged, this, &NodeImagesPage::updateActions);
    connect(m_strip, &MeasurementStrip::keepRequested, this, &NodeImagesPage::keep);
    connect(m_rolls, &ImageRollStrip::undoRequested, this, &NodeImagesPage::undoRoll);
    connect(m_change, &ImageChangeForm::changeRequested, this, &NodeImagesPage::askChange);
    updateActions();
}

void NodeImagesPage::buildInspector()
{
    m_inspector = new Inspector;
    m_description = new TextLabel({}, TextRole::Body, TextTone::Secondary);
    m_description->setWordWrap(true);
    m_notMeasured =
        note(tr("Not measured yet. Routing counts with 2,000 viewers at 1.5 Mbit/s for each of its nodes."));
    m_notUsed = note(tr("No node group names it."));
    m_figures = new KeyValueList;
    m_uses = new KeyValueList;
    m_history = new KeyValueList;
    m_inspector->body()->addWidget(m_description);
    QVBoxLayout* capacity = m_inspector->addSection(tr("What it carries"), tr("newest measurement"));
    capacity->addWidget(m_figures);
    capacity->addWidget(m_notMeasured);
    QVBoxLayout* uses = m_inspector->addSection(tr("Used by"), tr("nodes now"));
    uses->addWidget(m_uses);
    uses->addWidget(m_notUsed);
    setAbility(Ability::WriteNodeImages);
    m_change = new ImageChangeForm;
    serve(m_change->preview());
    m_inspector->addSection(tr("Change image of a group"))->addWidget(m_change);
    m_noHistory = note(tr("None was kept yet."));
    QVBoxLayout* history = m_inspector->addSection(tr("Measurements"), tr("viewers per core"));
    history->addWidget(m_history);
    history->addWidget(m_noHistory);
    m_origin = new KeyValueList;
    m_inspector->body()->addWidget(m_origin);
    m_inspector->body()->addStretch();
    m_delete = makeButton(tr("Forget description..."), ButtonKind::Danger);
    m_delete->setObjectName(QStringLiteral("deleteImage"));
    m_inspector->footer()->addStretch();
    m_inspector->footer()->addWidget(m_delete);
    setPanels({m_inspector});
    connect(m_delete, &QPushButton::clicked, this, &NodeImagesPage::remove);
}

PageBadge NodeImagesPage::badge(const Snapshot& snapshot) const
{
    return {{}, static_cast<int>(snapshot.nodeImages.size())};
}

std::vector<PaletteAction> NodeImagesPage::paletteActions() const
{
    if (!m_measure->isEnabled())
        return {};
    auto* self = const_cast<NodeImagesPage*>(this);
    return {{tr("Measure this machine"),
             tr("half a minute of load"),
             QStringLiteral("metrics"),
             {},
             [] {
                 return native::ShellLines{"headgatectl bench-node", {}, {}};
             },
             [self] { self->measure(); },
             {}}};
}

void NodeImagesPage::showPanel(QWidget* panel)
{
    TablePage::showPanel(panel);
    updateActions();
}

void NodeImagesPage::measure()
{
    m_strip->begin();
}

void NodeImagesPage::onSnapshot(const Snapshot& snapshot)
{
    m_rolls->follow(snapshot);
    if (!snapshot.nodeImages.empty()) {
        follow(snapshot, rows::nodeImages(snapshot));
        updateActions();
        return;
    }
    showNone(QStringLiteral("images"), tr("No node images"),
             tr("An image is here as soon as a node group names it, with what its nodes were measured to carry."),
             {{tr("Open node groups"), [this] { Q_EMIT goToRequested(QStringLiteral("node-groups"), {}); }, {}}});
}

void NodeImagesPage::onStaleChanged()
{
    updateActions();
    TablePage::onStaleChanged();
}

QString NodeImagesPage::measuredImage() const
{
    const SnapshotPtr snapshot = present();
    if (!selectedKey().isEmpty() || !snapshot || snapshot->nodeImages.size() != 1)
        return selectedKey();
    return format::text(snapshot->nodeImages.front().record.name);
}

void NodeImagesPage::updateActions()
{
    const bool canMeasure = static_cast<bool>(context().media.measureNode);
    m_measure->setEnabled(canMeasure && !m_strip->isMeasuring());
    m_measure->setToolTip(canMeasure ? QString() : tr("This program cannot start a node."));
    const QString image = measuredImage();
    QString whyNot = whyReadOnly();
    if (whyNot.isEmpty() && image.isEmpty())
        whyNot = tr("Select the image that this machine's nodes are started from.");
    m_strip->setImage(image, whyNot);
    const SnapshotPtr snapshot = present();
    const NodeImageStatus* status = snapshot ? snapshot->findNodeImage(format::utf8(selectedKey())) : nullptr;
    QString whyKept = whyReadOnly();
    if (whyKept.isEmpty() && status && !status->uses.empty())
        whyKept = tr("A node group names it.");
    const bool isDescribed = status && status->version > 0;
    m_delete->setVisible(isDescribed);
    if (isDescribed)
        m_inspector->showFooter();
    else
        m_inspector->hideFooter();
    m_delete->setEnabled(whyKept.isEmpty());
    m_delete->setToolTip(whyKept);
    m_change->setReadOnly(whyReadOnly());
    m_rolls->setReadOnly(whyReadOnly());
}

bool NodeImagesPage::showSelected(const Snapshot& snapshot)
{
    const NodeImageStatus* status = snapshot.findNodeImage(format::utf8(selectedKey()));
    if (!status)
        return false;
    m_inspector->setTitle(format::text(status->record.name));
    std::vector<Inspector::Pill> pills;
    for (const std::string& version : status->softwareVersions)
        pills.push_back({Status::Off, tr("software %1").arg(format::text(version)), false});
    m_inspector->setPills(pills);
    m_description->setText(format::text(status->record.description));
    m_description->setVisible(!status->record.description.empty());
    const bool isMeasured = !status->record.measurements.empty();
    m_figures->setVisible(isMeasured);
    m_notMeasured->setVisible(!isMeasured);
    if (isMeasured)
        m_figures->setRows(figureRows(status->record.measurements.front()));
    showUses(*status);
    showHistory(*status);
    const bool isDescribed = status->version > 0;
    m_origin->setVisible(isDescribed);
    if (isDescribed)
        m_origin->setRows(
            {{tr("Made"), format::momentBy(status->createdAt, status->origin.createdBy), ValueStyle::Text, {}},
             {tr("Changed"), format::momentBy(status->updatedAt, status->updatedBy), ValueStyle::Text, {}}});
    m_change->follow(snapshot, status->record.name);
    showPanel(m_inspector);
    return true;
}

void NodeImagesPage::showUses(const NodeImageStatus& status)
{
    std::vector<KeyValue> uses;
    for (const NodeImageUse& use : status.uses) {
        QStringList roles;
        for (const std::string& role : use.roles)
            roles << format::text(role);
        uses.push_back(
            {QStringLiteral("%1, %2").arg(format::text(use.nodeGroup.value), roles.join(QStringLiteral(", "))),
             format::count(use.nodes),
             ValueStyle::Figure,
             {}});
    }
    m_uses->setRows(uses);
    m_uses->setVisible(!uses.empty());
    m_notUsed->setVisible(uses.empty());
}

void NodeImagesPage::showHistory(const NodeImageStatus& status)
{
    std::vector<KeyValue> history;
    for (const CapacityMeasurement& each : status.record.measurements)
        history.push_back({format::dateClock(each.measuredAt),
                           tr("%1 at %2, %3")
                               .arg(format::count(each.viewersPerCore), format::rate(each.streamBitsPerSecond).joined(),
                                    rows::mergeWindowWords(each.mergeWindow)),
                           ValueStyle::Text,
                           {}});
    m_history->setRows(history);
    m_history->setVisible(!history.empty());
    m_noHistory->setVisible(history.empty());
}

void NodeImagesPage::keep(const CapacityMeasurement& found)
{
    const QString image = measuredImage();
    if (image.isEmpty())
        return;
    submit(AddMeasurement{format::utf8(image), found}, Execution::Commit,
           [this, image](Result<CommandOutcome> outcome) {
               if (outcome)
                   m_strip->cancel();
               report(outcome ? tr("Routing counts with the new figure of %1").arg(image)
                              : format::errorLine(outcome.error()));
           });
}

void NodeImagesPage::remove()
{
    const SnapshotPtr snapshot = present();
    const NodeImageStatus* status = snapshot ? snapshot->findNodeImage(format::utf8(selectedKey())) : nullptr;
    if (!status)
        return;
    const QString name = selectedKey();
    const Intent intent{DeleteNodeImage{status->record.name}, status->version};
    const auto question = [name](const CommandOutcome& preview) {
        ConfirmationQuestion asked;
        asked.title = tr("Forget the description of %1?").arg(name);
        asked.losses = QStringList{tr("Its text and all its measurements go."), tr("This cannot be undone.")} +
                       words::consequences(preview, words::SessionFate::Moves);
        asked.kept = tr("Its nodes go on; routing counts with the assumed capacity again.");
        asked.keepText = tr("Keep it");
        asked.actText = tr("Forget it");
        return asked;
    };
    askFirst(intent, question,
             [this, intent, name] { commit(intent, tr("%1 has no description any more").arg(name)); });
}

void NodeImagesPage::askChange(const ImageChange& change)
{
    const SnapshotPtr snapshot = present();
    const NodeGroupStatus* status = snapshot ? snapshot->findNodeGroup(change.group) : nullptr;
    if (!status)
        return;
    askFirst(
        {ReplaceNodeGroup{withImage(status->group, change.imageName, change.image)}, status->version},
        [change](const CommandOutcome& preview) { return changeQuestion(change, preview); },
        [this, change, before = status->group, version = status->version] { changeImage(before, version, change); });
}

void NodeImagesPage::changeImage(const NodeGroup& group, std::uint64_t version, const ImageChange& change)
{
    const NodeImage* image = group.findImage(change.imageName);
    if (!image)
        return;
    const GroupRoll back{change.group, change.imageName, image->image, {}, {}};
    commit({ReplaceNodeGroup{withImage(group, change.imageName, change.image)}, version},
           tr("%1 changes to %2").arg(format::text(change.group.value), format::text(change.image)),
           [this, back] { undoRoll(back); });
}

void NodeImagesPage::undoRoll(const GroupRoll& roll)
{
    const SnapshotPtr snapshot = present();
    const NodeGroupStatus* status = snapshot ? snapshot->findNodeGroup(roll.group) : nullptr;
    if (status)
        changeImage(status->group, status->version, {roll.group, roll.imageName, roll.former});
}

}  // namespace headgate
