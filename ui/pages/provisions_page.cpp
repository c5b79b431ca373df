#include "ui/pages/provisions_page.h"

#include "ui/models/job_rows.h"
#include "ui/pages/facet_choices.h"
#include "ui/pages/provision_form.h"
#include "ui/pages/table_pane.h"
#include "ui/widgets/code_block.h"
#include "ui/widgets/inspector.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/state_view.h"

#include <QHBoxLayout>
#include <QItemSelectionModel>
#include <QKeyEvent>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace headgate {

namespace {

const QLatin1String newKey("new:");

PageIdentity identityOfPage()
{
    return {QStringLiteral("provisions"),
            ProvisionsPage::tr("Provisions"),
            ProvisionsPage::tr("What are nodes told to make of streams?"),
            QStringLiteral("provisions"),
            QLatin1Char('V'),
            RailSection::Capacity};
}

KeyValue textRow(const QString& key, const QString& value, ValueStyle style = ValueStyle::Text)
{
    return {key, value.isEmpty() ? format::unknown() : value, style, {}};
}

std::vector<KeyValue> factRows(const StoredProvision& stored, const native::Json& document)
{
    QStringList capabilities;
    for (const std::string& capability : stored.provision.capabilities)
        capabilities << format::text(capability);
    const auto moment = [](TimePoint at, const std::string& who) {
        return at == TimePoint() ? QString() : format::momentBy(at, who);
    };
    std::vector<KeyValue> rows = {
        textRow(ProvisionsPage::tr("Kind"), rows::provisionKind(kindOf(document))),
        textRow(ProvisionsPage::tr("Node group"), format::text(stored.nodeGroup.value)),
        textRow(ProvisionsPage::tr("Streams"), rows::provisionStreams(stored.provision), ValueStyle::Mono)};
    if (const std::string target = targetOf(document); !target.empty())
        rows.push_back(textRow(ProvisionsPage::tr("From or to"), format::text(target), ValueStyle::Mono));
    rows.push_back(textRow(ProvisionsPage::tr("Needs nodes that can"), capabilities.join(QStringLiteral(", "))));
    rows.push_back(textRow(ProvisionsPage::tr("Distributed"), stored.distributedAt
                                                                  ? format::dateClock(*stored.distributedAt)
                                                                  : ProvisionsPage::tr("not yet")));
    rows.push_back(textRow(ProvisionsPage::tr("Made"), moment(stored.createdAt, stored.origin.createdBy)));
    rows.push_back(textRow(ProvisionsPage::tr("Changed"), moment(stored.updatedAt, stored.updatedBy)));
    return rows;
}

native::Json documentOf(const StoredProvision& stored)
{
    return native::Json::parse(stored.provision.document, nullptr, false);
}

}  // namespace

ProvisionsPage::ProvisionsPage(PageContext& context, QWidget* parent)
    : TablePage(identityOfPage(), context,
                new TablePane(rows::provisionColumns(), RowHeight::TwoLines,
                              {tr("Filter by name, stream, address"), tr("Filter provisions"), tr("Provisions"),
                               tr("No provision matches “%1”"), tr("No provision passes the filter")}),
                parent),
      m_new(makeButton(tr("New provision"), ButtonKind::Primary, QStringLiteral("plus")))
{
    m_new->setObjectName(QStringLiteral("newProvision"));
    setAbility(Ability::WriteProvisions);
    actions()->addWidget(m_new);
    needsFreshData(m_new);
    pane().filterBar().addChoice(QStringLiteral("group"), tr("Any group"));
    pane().filterBar().addChoice(QStringLiteral("kind"), tr("Any kind"));
    pane().filterBar().addChoice(QStringLiteral("state"), tr("Any state"));
    pane().table().setSelectionMode(QAbstractItemView::ExtendedSelection);
    content()->addWidget(&pane());
    buildInspector();
    buildForm();
    setPanels({m_inspector, m_form});
    connect(m_new, &QPushButton::clicked, this, &ProvisionsPage::createProvision);
    connect(&m_list, &ProvisionList::changed, this, &ProvisionsPage::showRows);
    connect(pane().table().selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        if (const SnapshotPtr snapshot = present(); snapshot && !selectedKey().isEmpty() && !isEditing())
            showSelected(*snapshot);
    });
}

void ProvisionsPage::buildInspector()
{
    m_inspector = new Inspector;
    m_facts = new KeyValueList;
    m_document = new CodeBlock;
    m_inspector->body()->addWidget(m_facts);
    m_inspector->body()->addWidget(m_document);
    m_inspector->body()->addStretch();
    m_distribute = makeButton(tr("Distribute"), ButtonKind::Primary);
    m_distribute->setObjectName(QStringLiteral("distributeProvision"));
    m_edit = makeButton(tr("Edit"), ButtonKind::Normal, QStringLiteral("edit"));
    m_edit->setObjectName(QStringLiteral("editProvision"));
    m_copy = makeButton(tr("Copy as new"), ButtonKind::Normal);
    m_copy->setObjectName(QStringLiteral("copyProvision"));
    m_delete = makeButton(tr("Delete..."), ButtonKind::Danger);
    m_delete->setObjectName(QStringLiteral("deleteProvision"));
    m_inspector->footer()->addWidget(m_distribute, 1);
    m_inspector->footer()->addWidget(m_edit);
    m_inspector->footer()->addWidget(m_copy);
    m_inspector->footer()->addWidget(m_delete);
    connect(m_distribute, &QPushButton::clicked, this, &ProvisionsPage::distributeSelected);
    connect(m_edit, &QPushButton::clicked, this, &ProvisionsPage::editSelected);
    connect(m_copy, &QPushButton::clicked, this, &ProvisionsPage::copySelected);
    connect(m_delete, &QPushButton::clicked, this, &ProvisionsPage::deleteSelected);
}

void ProvisionsPage::buildForm()
{
    m_form = new ProvisionForm(shellMaker());
    connect(m_form, &ProvisionForm::saveRequested, this, &ProvisionsPage::save);
    connect(m_form, &ProvisionForm::discarded, this, &ProvisionsPage::leaveForm);
}

std::vector<PaletteAction> ProvisionsPage::paletteActions() const
{
    if (!whyReadOnly().isEmpty())
        return {};
    auto* self = const_cast<ProvisionsPage*>(this);
    std::vector<PaletteAction> actions = {{tr("New provision..."),
                                           tr("opens the form"),
                                           QStringLiteral("plus"),
                                           QStringLiteral("Ctrl+N"),
                                           {},
                                           [self] { self->createProvision(); },
                                           {}}};
    const std::optional<StoredProvision> stored = provisionOf(selectedKey());
    if (!stored || selectedProvisions().size() > 1)
        return actions;
    const QString guid = format::text(stored->provision.guid);
    const bool isOut = stored->distributedAt.has_value();
    actions.push_back(
        {isOut ? tr("Withdraw provision %1").arg(guid) : tr("Distribute provision %1").arg(guid),
         isOut ? tr("its nodes forget it, it stays stored") : tr("the nodes of its group get it"),
         QStringLiteral("broadcast"),
         {},
         shellSource(isOut ? Command(WithdrawProvision{stored->key()}) : Command(DistributeProvision{stored->key()})),
         [self] { self->distributeSelected(); },
         guid});
    if (!isOut) {
        actions.push_back({tr("Edit provision %1...").arg(guid),
                           tr("opens the form"),
                           QStringLiteral("edit"),
                           QStringLiteral("Ctrl+E"),
                           {},
                           [self] { self->editSelected(); },
                           guid});
    }
    actions.push_back({tr("Delete provision %1...").arg(guid), tr("its nodes stop what it asks for"),
                       QStringLiteral("trash"), QStringLiteral("Del"),
                       shellSource(DeleteProvision{stored->key()}, stored->version), [self] { self->deleteSelected(); },
                       guid});
    return actions;
}

void ProvisionsPage::reveal(const QString& key)
{
    if (key == newKey)
        createProvision();
    else
        TablePage::reveal(key);
}

bool ProvisionsPage::closeInspector()
{
    if (!isEditing())
        return TablePage::closeInspector();
    // Typed changes are not thrown away by Esc.
    if (!m_form->isChanged())
        leaveForm();
    return true;
}

void ProvisionsPage::refresh()
{
    Page::refresh();
    m_list.readAgain();
}

bool ProvisionsPage::isEditing() const
{
    return m_form->isEditing();
}

void ProvisionsPage::activate(const QString& key)
{
    select(key);
    editSelected();
}

void ProvisionsPage::onControlPlaneChanged()
{
    m_form->release();
    m_list.setControlPlane(controlPlane());
    TablePage::onControlPlaneChanged();
}

void ProvisionsPage::onStaleChanged()
{
    m_form->setReadOnly(whyReadOnly());
    TablePage::onStaleChanged();
    updateActions();
}

void ProvisionsPage::onSnapshot(const Snapshot& snapshot)
{
    m_list.follow(snapshot);
    m_form->setReadOnly(whyReadOnly());
    showRows();
}

void ProvisionsPage::showRows()
{
    const SnapshotPtr snapshot = present();
    if (!snapshot)
        return;
    const bool isEmpty = m_list.all() && m_list.all()->empty() && !m_list.error() && !isEditing();
    m_new->setVisible(!isEmpty && !isEditing());
    if (m_list.error()) {
        if (state() != PageState::Error)
            showError(*m_list.error(), {{tr("Try again"), [this] { m_list.readAgain(); }, QStringLiteral("refresh")}});
    } else if (!m_list.all()) {
        if (state() != PageState::Loading)
            showLoading();
    } else if (isEmpty) {
        showNone(QStringLiteral("provisions"), tr("No provisions"),
                 snapshot->nodeGroups.empty()
                     ? tr("A provision belongs to a node group, and there is none yet.")
                     : tr("A provision has nodes pull a source in, push a stream elsewhere, or record it."),
                 snapshot->nodeGroups.empty()
                     ? std::vector<StateAction>{{tr("Open node groups"),
                                                 [this] { Q_EMIT goToRequested(QStringLiteral("node-groups"), {}); },
                                                 {}}}
                     : std::vector<StateAction>{{tr("New provision"), [this] { createProvision(); },
                                                 QStringLiteral("plus"), ActionNeed::FreshData}});
    } else {
        follow(*snapshot, rows::provisions(*m_list.all()));
        offerFacets(pane(), {QStringLiteral("group"), QStringLiteral("kind"), QStringLiteral("state")});
    }
}

std::optional<StoredProvision> ProvisionsPage::provisionOf(const QString& key) const
{
    const NodeGroupName group(format::utf8(key.section(QLatin1Char('/'), 0, 0)));
    const StoredProvision* found = m_list.find({group, format::utf8(key.section(QLatin1Char('/'), 1))});
    return found ? std::optional(*found) : std::nullopt;
}

std::vector<StoredProvision> ProvisionsPage::selectedProvisions() const
{
    std::vector<StoredProvision> selected;
    QStringList keys = pane().table().selectedKeys();
    if (keys.isEmpty() && !selectedKey().isEmpty())
        keys << selectedKey();
    for (const QString& key : keys) {
        if (auto stored = provisionOf(key))
            selected.push_back(std::move(*stored));
    }
    return selected;
}

bool ProvisionsPage::showSelected(const Snapshot&)
{
    const std::vector<StoredProvision> several = selectedProvisions();
    const std::optional<StoredProvision> stored = provisionOf(selectedKey());
    if (!stored)
        return false;
    if (several.size() > 1) {
        showSeveral(several);
    } else {
        const native::Json document = documentOf(*stored);
        m_inspector->setTitle(format::text(stored->provision.guid));
        const bool isOut = stored->distributedAt.has_value();
        m_inspector->setPills(
            {{!isOut || isStale() ? Status::Off : Status::Ok, isOut ? tr("Distributed") : tr("Stored"), true},
             {Status::Off, rows::provisionKind(kindOf(document)), false}});
        m_facts->setRows(factRows(*stored, document));
        m_document->setContent(tr("Document"), tr("secrets are not shown"), QString::fromStdString(document.dump(2)));
        m_document->show();
    }
    updateActions();
    if (m_inspector->isHidden())
        showPanel(m_inspector);
    return true;
}

void ProvisionsPage::showSeveral(const std::vector<StoredProvision>& several)
{
    const auto out =
        std::ranges::count_if(several, [](const StoredProvision& one) { return one.distributedAt.has_value(); });
    const auto all = static_cast<std::int64_t>(several.size());
    m_inspector->setTitle(tr("%1 provisions").arg(format::count(all)));
    m_inspector->setPills({});
    m_facts->setRows({{tr("Distributed"), format::ofCount(out, all), ValueStyle::Figure, {}}});
    m_document->hide();
}

void ProvisionsPage::updateActions()
{
    const std::vector<StoredProvision> selected = selectedProvisions();
    const bool isOne = selected.size() == 1;
    const bool areAllOut =
        std::ranges::all_of(selected, [](const StoredProvision& one) { return one.distributedAt.has_value(); });
    const auto allow = [this](QPushButton* button, const QString& why) {
        const QString reason = whyReadOnly().isEmpty() ? why : whyReadOnly();
        button->setEnabled(reason.isEmpty());
        button->setToolTip(reason);
    };
    m_edit->setVisible(isOne && !areAllOut);
    m_copy->setVisible(isOne && areAllOut);
    m_copy->setAccessibleDescription(tr("A provision that nodes have is not changed before it is withdrawn."));
    allow(m_edit, {});
    allow(m_copy, {});
    m_distribute->setText(areAllOut ? tr("Withdraw") : tr("Distribute"));
    setKind(m_distribute, areAllOut ? ButtonKind::Normal : ButtonKind::Primary);
    allow(m_distribute, {});
    allow(m_delete, {});
}

void ProvisionsPage::createProvision()
{
    const SnapshotPtr snapshot = present();
    if (!snapshot || !whyReadOnly().isEmpty() || isEditing() || snapshot->nodeGroups.empty())
        return;
    showNormal();
    m_form->edit(ProvisionDraft(snapshot->nodeGroups.front().group.name, ProvisionKind::Source), *snapshot);
    showPanel(m_form);
    m_new->hide();
}

void ProvisionsPage::editSelected()
{
    const SnapshotPtr snapshot = present();
    const std::optional<StoredProvision> stored = provisionOf(selectedKey());
    if (!snapshot || !stored || stored->distributedAt || !whyReadOnly().isEmpty())
        return;
    m_form->edit(ProvisionDraft(*stored, DraftUse::Change), *snapshot);
    showPanel(m_form);
    m_new->hide();
}

void ProvisionsPage::copySelected()
{
    const SnapshotPtr snapshot = present();
    const std::optional<StoredProvision> stored = provisionOf(selectedKey());
    if (!snapshot || !stored || !whyReadOnly().isEmpty())
        return;
    ProvisionDraft draft(*stored, DraftUse::Copy);
    draft.setGuid(draft.guid() + "-2");
    m_form->edit(std::move(draft), *snapshot);
    showPanel(m_form);
    m_new->hide();
}

void ProvisionsPage::leaveForm()
{
    m_form->release();
    showPanel(selectedKey().isEmpty() ? nullptr : m_inspector);
    showRows();
}

void ProvisionsPage::save(const PutProvisions& command, std::optional<std::uint64_t> ifVersion)
{
    const ProvisionKey key{command.nodeGroup, command.provisions.front().guid};
    submit(
        command, Execution::Commit,
        [this, key, isNew = command.mode == PutMode::Create](const Result<CommandOutcome>& outcome) {
            if (!outcome) {
                m_form->showRefusal(outcome.error());
                return;
            }
            m_form->release();
            showPanel(nullptr);
            m_list.readAgain();
            showRows();
            reveal(rows::provisionKey(key));
            const QString guid = format::text(key.guid);
            // Not to be undone in general: what it was before had secrets that nobody is shown.
            if (isNew)
                report(tr("Provision %1 is stored. Distribute it, and its nodes begin.").arg(guid),
                       undoWith(DeleteProvision{key}, tr("Provision %1 is gone again").arg(guid)));
            else
                report(tr("Provision %1 changed").arg(guid));
        },
        ifVersion);
}

// Those that nodes do not have yet; withdrawn if there is none.
void ProvisionsPage::distributeSelected()
{
    const std::vector<StoredProvision> selected = selectedProvisions();
    const auto isOut = [](const StoredProvision& one) { return one.distributedAt.has_value(); };
    const bool isWithdrawn = std::ranges::all_of(selected, isOut);
    for (const StoredProvision& stored : selected) {
        const QString group = format::text(stored.nodeGroup.value), guid = format::text(stored.provision.guid);
        const QString out = tr("The nodes of %1 have %2").arg(group, guid);
        const QString in = tr("The nodes of %1 forget %2, which stays stored").arg(group, guid);
        if (isWithdrawn)
            commit({WithdrawProvision{stored.key()}}, in, undoWith(DistributeProvision{stored.key()}, out));
        else if (!isOut(stored))
            commit({DistributeProvision{stored.key()}}, out, undoWith(WithdrawProvision{stored.key()}, in));
    }
}

void ProvisionsPage::deleteSelected()
{
    const std::vector<StoredProvision> doomed = selectedProvisions();
    if (doomed.empty() || isEditing() || !whyReadOnly().isEmpty())
        return;
    const auto out =
        std::ranges::count_if(doomed, [](const StoredProvision& one) { return one.distributedAt.has_value(); });
    const bool isOne = doomed.size() == 1;
    const QString name =
        isOne ? format::text(doomed.front().provision.guid) : format::count(static_cast<std::int64_t>(doomed.size()));
    ConfirmationQuestion question;
    question.title = isOne ? tr("Delete provision %1?").arg(name) : tr("Delete %1 provisions?").arg(name);
    if (out > 0)
        question.losses
            << (isOne ? tr("Its nodes stop what it asks for at once.")
                      : tr("The nodes that have %1 of them stop what these ask for at once.").arg(format::count(out)));
    question.losses << tr("Secrets in it are kept nowhere else, so this cannot be undone.");
    question.keepText = isOne ? tr("Keep it") : tr("Keep them");
    question.actText = tr("Delete");
    if (isOne)
        question.asCommand = shellSource(DeleteProvision{doomed.front().key()}, doomed.front().version);
    TypedConfirmation::ask(this, question, [this, doomed] {
        for (const StoredProvision& stored : doomed)
            commit({DeleteProvision{stored.key()}, stored.version},
                   tr("Provision %1 is deleted").arg(format::text(stored.provision.guid)));
    });
}

void ProvisionsPage::keyPressEvent(QKeyEvent* event)
{
    const bool isApply =
        event->modifiers() == Qt::ControlModifier && (event->key() == Qt::Key_Return || event->key() == Qt::Key_S);
    if (isApply && isEditing())
        m_form->save();
    else if (event->matches(QKeySequence::New))
        createProvision();
    else if (event->modifiers() == Qt::ControlModifier && event->key() == Qt::Key_E)
        editSelected();
    else if (event->key() == Qt::Key_Delete && !isEditing())
        deleteSelected();
    else
        Page::keyPressEvent(event);
}

}  // namespace headgate
