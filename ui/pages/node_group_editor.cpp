#include "ui/pages/node_group_editor.h"

#include "core/wire/native_codec.h"
#include "ui/format.h"
#include "ui/pages/impact_panel.h"
#include "ui/pages/node_group_form.h"
#include "ui/shell/theme.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/notice.h"
#include "ui/widgets/status_glyph.h"

#include <QFrame>
#include <QHBoxLayout>
#include <QPointer>
#include <QPushButton>
#include <QVBoxLayout>

namespace headgate {

namespace {

constexpr int checkDelayMs = 250;
constexpr int impactWidth = 332;

}  // namespace

NodeGroupEditor::NodeGroupEditor(Sender send, ShellMaker shell, QWidget* parent)
    : QWidget(parent), m_send(std::move(send)), m_shell(std::move(shell)), m_impact(new ImpactPanel)
{
    m_checkDelay.setSingleShot(true);
    m_checkDelay.setInterval(checkDelayMs);
    connect(&m_checkDelay, &QTimer::timeout, this, &NodeGroupEditor::check);
    m_impact->setFixedWidth(scaled(impactWidth));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(buildForm(), 1);
    row->addWidget(makeSeparator(Qt::Vertical));
    row->addWidget(m_impact);
}

QWidget* NodeGroupEditor::buildForm()
{
    auto* panel = new QFrame;
    panel->setProperty("panel", true);
    panel->setMinimumWidth(scaled(400));
    m_title = new ElidedLabel({}, TextRole::Heading);
    m_subtitle = new ElidedLabel({}, TextRole::Small, TextTone::Secondary);
    m_errors = new StatusPill;
    m_conflict = new Notice;
    m_conflict->setAction(tr("Reload"), [this] { reload(); });
    m_failure = new Notice;
    m_form = new NodeGroupForm;
    auto* titles = new QVBoxLayout;
    titles->setSpacing(2);
    titles->addWidget(m_title);
    titles->addWidget(m_subtitle);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(20, 16, 20, 8);
    head->addLayout(titles, 1);
    head->addWidget(m_errors, 0, Qt::AlignTop);
    auto* notices = new QVBoxLayout;
    notices->setContentsMargins(20, 0, 20, 0);
    notices->addWidget(m_conflict);
    notices->addWidget(m_failure);
    auto* column = new QVBoxLayout(panel);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(head);
    column->addLayout(notices);
    column->addWidget(m_form, 1);
    column->addWidget(makeSeparator());
    column->addLayout(buildFooter());
    connect(m_form, &NodeGroupForm::edited, this, &NodeGroupEditor::onEdited);
    return panel;
}

QHBoxLayout* NodeGroupEditor::buildFooter()
{
    m_discard = makeButton(tr("Discard"), ButtonKind::Ghost);
    m_discard->setObjectName(QStringLiteral("discard"));
    m_reason = new TextLabel({}, TextRole::Small, TextTone::Secondary);
    m_apply = makeButton(tr("Apply"), ButtonKind::Primary);
    m_apply->setObjectName(QStringLiteral("apply"));
    auto* row = new QHBoxLayout;
    row->setContentsMargins(20, 12, 20, 14);
    row->setSpacing(10);
    row->addWidget(m_discard);
    row->addStretch();
    row->addWidget(m_reason);
    row->addWidget(m_apply);
    connect(m_discard, &QPushButton::clicked, this, &NodeGroupEditor::discard);
    connect(m_apply, &QPushButton::clicked, this, &NodeGroupEditor::apply);
    return row;
}

void NodeGroupEditor::setStoreTest(StoreTest test)
{
    m_form->setStoreTest([this, test = std::move(test)](const S3Settings& store, auto done) {
        if (m_draft)
            test(m_draft->group().name, store, std::move(done));
    });
}

void NodeGroupEditor::edit(NodeGroupDraft draft, const Snapshot& snapshot)
{
    m_draft.emplace(std::move(draft));
    ++m_generation;
    m_newer.reset();
    m_isGone = false;
    m_isApplying = false;
    m_dataAt = snapshot.takenAt;
    m_conflict->hide();
    m_failure->hide();
    m_impact->showNothingChanged();
    m_form->setDraft(*m_draft);
    m_form->setCurrentTab(m_draft->isNew() ? DraftTab::General : DraftTab::Capacity);
    check();
}

void NodeGroupEditor::follow(const Snapshot& snapshot)
{
    m_dataAt = snapshot.takenAt;
    if (!m_draft || m_draft->isNew() || m_isApplying)
        return;
    const NodeGroupStatus* status = snapshot.findNodeGroup(m_draft->group().name);
    const bool isGone = status == nullptr;
    const bool isNewer = status && status->version != *m_draft->version();
    if (isGone && !m_isGone) {
        m_isGone = true;
        m_conflict->setContent(Status::Critical, tr("The group was deleted meanwhile"),
                               tr("Applying is not possible any more. Discard, or create it again."));
        m_conflict->show();
    } else if (isNewer && (!m_newer || m_newer->version != status->version)) {
        showConflict(*status);
    }
    updateFooter();
}

void NodeGroupEditor::showConflict(const NodeGroupStatus& status)
{
    m_newer = status;
    m_conflict->setContent(Status::Warning, tr("Changed by %1 meanwhile").arg(format::text(status.updatedBy)),
                           tr("Version %1 of %2 is in force, this form started from version %3. Reload to see it; what "
                              "is typed here is lost.")
                               .arg(QString::number(status.version), format::clockSeconds(status.updatedAt),
                                    QString::number(*m_draft->version())));
    m_conflict->show();
}

void NodeGroupEditor::reload()
{
    if (!m_newer)
        return;
    const NodeGroupStatus newest = *m_newer;
    Snapshot base;
    base.takenAt = m_dataAt;
    const DraftTab tab = m_form->currentTab();
    edit(NodeGroupDraft(newest.group, newest.version), base);
    m_form->setCurrentTab(tab);
}

void NodeGroupEditor::setStale(bool stale)
{
    m_isStale = stale;
    updateFooter();
}

void NodeGroupEditor::onEdited()
{
    ++m_generation;
    m_failure->hide();
    m_checkDelay.start();
    updateHead();
    updateFooter();
}

void NodeGroupEditor::check()
{
    if (!m_draft)
        return;
    m_checkDelay.stop();
    m_problems = m_draft->problems();
    m_form->showProblems(m_problems);
    updateHead();
    updateFooter();
    updateCommandLine();
    if (!m_problems.empty())
        m_impact->showNotValid();
    else if (!m_draft->isChanged())
        m_impact->showNothingChanged();
    else
        preview();
}

void NodeGroupEditor::preview()
{
    const quint64 generation = m_generation;
    const QPointer<NodeGroupEditor> self(this);
    CommandRequest request = m_draft->toRequest();
    m_send(
        std::move(request.command), Execution::DryRun,
        [self, generation](Result<CommandOutcome> outcome) {
            if (!self || generation != self->m_generation || !self->m_draft)
                return;
            if (outcome) {
                self->m_impact->showOutcome(*outcome, native::toJson(self->m_draft->group()).dump(), self->m_dataAt);
                return;
            }
            const Error& error = outcome.error();
            // The version is told above the form; a field's problem under its field.
            if (error.code != ErrorCode::VersionMismatch)
                self->m_impact->showRefusal(error);
            if (!error.pointer.empty()) {
                self->m_problems = {{tabOfPointer(error.pointer), error}};
                self->m_form->showProblems(self->m_problems);
                self->updateHead();
                self->updateFooter();
            }
        },
        request.ifVersion);
}

void NodeGroupEditor::updateHead()
{
    const QString name = format::text(m_draft->group().name.value);
    m_title->setText(m_draft->isNew() ? (name.isEmpty() ? tr("New node group") : tr("New node group %1").arg(name))
                                      : name);
    const int changes = static_cast<int>(m_draft->isNew() ? 0 : m_draft->changes().size());
    if (m_draft->isNew())
        m_subtitle->setText(tr("Not created yet"));
    else
        m_subtitle->setText(changes == 0 ? tr("Node group, no unsaved changes")
                                         : tr("Node group, %n unsaved change(s)", nullptr, changes));
    const int errors = static_cast<int>(m_problems.size());
    m_errors->setVisible(errors > 0);
    if (errors > 0)
        m_errors->setStatus(Status::Critical, tr("%n error(s)", nullptr, errors));
}

void NodeGroupEditor::updateFooter()
{
    if (!m_draft)
        return;
    QString reason;
    if (m_isStale)
        reason = tr("The data is stale: reconnect to apply");
    else if (m_isGone)
        reason = tr("The group is not there any more");
    else if (m_newer)
        reason = tr("Reload to apply");
    else if (m_isApplying)
        reason = tr("Applying");
    else if (!m_problems.empty())
        reason = tr("Fix %n error(s) to apply", nullptr, static_cast<int>(m_problems.size()));
    else if (!m_draft->isChanged())
        reason = tr("Nothing to apply");
    m_reason->setText(reason);
    m_apply->setText(m_draft->isNew() ? tr("Create group") : tr("Apply"));
    m_apply->setEnabled(reason.isEmpty());
    m_apply->setToolTip(reason);
}

void NodeGroupEditor::updateCommandLine()
{
    const QString name = format::text(m_draft->group().name.value);
    m_impact->setCommand(
        [this, request = m_draft->toRequest()] {
            return m_shell({request.command, request.ifVersion});
        },
        name.isEmpty() ? QStringLiteral("group") : name);
}

void NodeGroupEditor::apply()
{
    if (!m_draft)
        return;
    if (m_checkDelay.isActive())
        check();
    if (!m_apply->isEnabled())
        return;
    m_isApplying = true;
    updateFooter();
    const QPointer<NodeGroupEditor> self(this);
    CommandRequest request = m_draft->toRequest();
    m_send(
        std::move(request.command), Execution::Commit,
        [self](Result<CommandOutcome> outcome) {
            if (!self || !self->m_draft)
                return;
            self->m_isApplying = false;
            if (outcome) {
                const NodeGroup now = self->m_draft->group();
                const std::optional<NodeGroup> before =
                    self->m_draft->isNew() ? std::nullopt : std::optional(self->m_draft->saved());
                self->finish();
                Q_EMIT self->applied(now, before, *outcome);
                return;
            }
            const format::ErrorWords words = format::error(outcome.error());
            self->m_failure->setContent(Status::Critical, words.title,
                                        tr("%1 Nothing was changed.").arg(format::errorLine(outcome.error())));
            self->m_failure->show();
            self->updateFooter();
        },
        request.ifVersion);
}

void NodeGroupEditor::discard()
{
    finish();
    Q_EMIT closed();
}

void NodeGroupEditor::finish()
{
    m_checkDelay.stop();
    ++m_generation;
    m_form->release();
    m_draft.reset();
    m_problems.clear();
}

}  // namespace headgate
