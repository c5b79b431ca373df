#include "ui/pages/jobs_page.h"

#include "ui/models/job_rows.h"
#include "ui/models/rows.h"
#include "ui/pages/facet_choices.h"
#include "ui/pages/table_pane.h"
#include "ui/widgets/copy_button.h"
#include "ui/widgets/inspector.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/notice.h"
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

PageIdentity identityOfPage()
{
    return {QStringLiteral("jobs"),
            JobsPage::tr("Jobs"),
            JobsPage::tr("What is pulled in, pushed out and recorded, and does it work?"),
            QStringLiteral("jobs"),
            QLatin1Char('J'),
            RailSection::Live};
}

std::vector<KeyValue> factRows(const JobStatus& job, const Snapshot& snapshot)
{
    const JobReport& report = job.report;
    const auto textRow = [](const QString& key, const std::string& value, ValueStyle style = ValueStyle::Text) {
        return KeyValue{key, value.empty() ? format::unknown() : format::text(value), style, {}};
    };
    const auto figureRow = [](const QString& key, const QString& value) {
        return KeyValue{key, value, ValueStyle::Figure, {}};
    };
    std::vector<KeyValue> rows = {
        {JobsPage::tr("Kind"), format::jobKind(report.kind), ValueStyle::Text, {}},
        textRow(JobsPage::tr("Stream"), report.stream.path(), ValueStyle::Mono),
        textRow(JobsPage::tr("Node group"), job.nodeGroup.value),
        textRow(JobsPage::tr("Job"), report.id, ValueStyle::Mono),
        textRow(report.kind == JobKind::Source ? JobsPage::tr("Comes from") : JobsPage::tr("Goes to"), report.target,
                ValueStyle::Mono),
        {JobsPage::tr("Node"),
         job.node.value.empty() ? JobsPage::tr("none runs it now") : format::text(job.node.value),
         ValueStyle::Mono,
         {}}};
    if (report.since != TimePoint()) {
        rows.push_back({JobsPage::tr("Since"), format::dateClock(report.since), ValueStyle::Text, {}});
        rows.push_back(figureRow(JobsPage::tr("For"), format::duration(snapshot.takenAt - report.since)));
    }
    rows.push_back(figureRow(JobsPage::tr("Throughput"), report.state == JobState::Live
                                                             ? format::rate(report.bitsPerSecond).joined()
                                                             : format::unknown()));
    rows.push_back(figureRow(JobsPage::tr("In this attempt"), format::bytes(report.bytes)));
    rows.push_back(figureRow(JobsPage::tr("Attempts"), format::count(report.attempts)));
    return rows;
}

bool isAnyOut(const std::vector<StoredProvision>& provisions)
{
    return std::ranges::any_of(provisions, [](const StoredProvision& one) { return one.distributedAt.has_value(); });
}

QString asText(const std::vector<KeyValue>& rows, const JobReport& report)
{
    QString text = format::jobState(report.state).word;
    if (!report.reason.empty())
        text += QStringLiteral(": ") + format::text(report.reason);
    for (const KeyValue& row : rows)
        text += QStringLiteral("\n%1: %2").arg(row.key, row.value);
    return text;
}

}  // namespace

JobsPage::JobsPage(PageContext& context, QWidget* parent)
    : TablePage(identityOfPage(), context,
                new TablePane(rows::jobColumns(), RowHeight::TwoLines,
                              {tr("Filter by stream, address, reason, node"), tr("Filter jobs"), tr("Jobs"),
                               tr("No job matches “%1”"), tr("No job passes the filter")}),
                parent)
{
    setAbility(Ability::WriteProvisions);
    FilterBar& bar = pane().filterBar();
    bar.addToggle(QStringLiteral("unwell:yes"), tr("Unwell"));
    bar.addChoice(QStringLiteral("kind"), tr("Any kind"));
    bar.addChoice(QStringLiteral("state"), tr("Any state"));
    bar.addChoice(QStringLiteral("group"), tr("Any group"));
    pane().table().setSelectionMode(QAbstractItemView::ExtendedSelection);
    content()->addWidget(&pane());
    buildInspector();
    setPanels({m_inspector});
    connect(&m_provisions, &ProvisionList::changed, this, &JobsPage::updateActions);
    connect(pane().table().selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        if (const SnapshotPtr snapshot = present(); snapshot && !selectedKey().isEmpty())
            showSelected(*snapshot);
    });
}

void JobsPage::buildInspector()
{
    m_inspector = new Inspector;
    m_reason = new Notice;
    m_facts = new KeyValueList;
    m_copy = new CopyButton(tr("Copy what is known of the job"));
    m_inspector->addHeaderButton(m_copy);
    m_inspector->body()->addWidget(m_reason);
    m_inspector->body()->addWidget(m_facts);
    m_inspector->body()->addStretch();
    m_stream = makeButton(tr("Stream"), ButtonKind::Normal);
    m_stream->setObjectName(QStringLiteral("jobStream"));
    m_stream->setAccessibleName(tr("Show the stream"));
    m_provision = makeButton(tr("Provision"), ButtonKind::Normal);
    m_provision->setObjectName(QStringLiteral("jobProvision"));
    m_provision->setAccessibleName(tr("Show the provision it comes from"));
    m_power = makeButton(tr("Stop"), ButtonKind::Normal);
    m_power->setObjectName(QStringLiteral("jobPower"));
    m_delete = makeButton(tr("Delete..."), ButtonKind::Danger);
    m_delete->setObjectName(QStringLiteral("deleteJob"));
    m_inspector->footer()->addWidget(m_stream);
    m_inspector->footer()->addWidget(m_provision);
    m_inspector->footer()->addStretch();
    m_inspector->footer()->addWidget(m_power);
    m_inspector->footer()->addWidget(m_delete);
    connect(m_stream, &QPushButton::clicked, this, [this] {
        if (const std::vector<JobStatus> jobs = selectedJobs(); !jobs.empty())
            Q_EMIT goToRequested(QStringLiteral("streams"),
                                 rows::streamRowKey(jobs.front().nodeGroup, jobs.front().report.stream));
    });
    connect(m_provision, &QPushButton::clicked, this, &JobsPage::showProvision);
    connect(m_power, &QPushButton::clicked, this, &JobsPage::startOrStopSelected);
    connect(m_delete, &QPushButton::clicked, this, &JobsPage::deleteSelected);
}

PageBadge JobsPage::badge(const Snapshot& snapshot) const
{
    std::optional<Status> worst;
    int unwell = 0;
    for (const JobStatus& job : snapshot.jobs) {
        const Status status = format::jobState(job.report.state).status;
        if (status != Status::Critical && status != Status::Warning)
            continue;
        ++unwell;
        worst = worst == Status::Critical ? worst : status;
    }
    return {worst, unwell > 0 ? unwell : static_cast<int>(snapshot.jobs.size())};
}

std::vector<PaletteAction> JobsPage::paletteActions() const
{
    auto* self = const_cast<JobsPage*>(this);
    std::vector<PaletteAction> actions = {
        {tr("New source, push or recording..."),
         tr("opens the form of provisions"),
         QStringLiteral("plus"),
         {},
         {},
         [self] { Q_EMIT self->goToRequested(QStringLiteral("provisions"), QStringLiteral("new:")); },
         {}}};
    const std::vector<StoredProvision> provisions = selectedProvisions();
    if (provisions.size() != 1)
        return actions;
    const StoredProvision& stored = provisions.front();
    const QString guid = format::text(stored.provision.guid);
    actions.push_back({tr("Show provision %1").arg(guid),
                       tr("what the job comes from"),
                       QStringLiteral("provisions"),
                       QStringLiteral("Enter"),
                       {},
                       [self] { self->showProvision(); },
                       guid});
    if (whyReadOnly().isEmpty()) {
        const Command command = stored.distributedAt ? Command(WithdrawProvision{stored.key()})
                                                     : Command(DistributeProvision{stored.key()});
        actions.push_back({stored.distributedAt ? tr("Stop %1").arg(guid) : tr("Start %1").arg(guid),
                           stored.distributedAt ? tr("the nodes forget its provision, which stays stored")
                                                : tr("the nodes of its group get its provision"),
                           QStringLiteral("jobs"),
                           {},
                           shellSource(command),
                           [self] { self->startOrStopSelected(); },
                           guid});
        actions.push_back({tr("Delete provision %1...").arg(guid), tr("its job ends"), QStringLiteral("trash"),
                           QStringLiteral("Del"), shellSource(DeleteProvision{stored.key()}, stored.version),
                           [self] { self->deleteSelected(); }, guid});
    }
    return actions;
}

void JobsPage::onControlPlaneChanged()
{
    m_provisions.setControlPlane(controlPlane());
    TablePage::onControlPlaneChanged();
}

void JobsPage::onStaleChanged()
{
    TablePage::onStaleChanged();
    updateActions();
}

void JobsPage::onSnapshot(const Snapshot& snapshot)
{
    m_provisions.follow(snapshot);
    if (snapshot.jobs.empty()) {
        showNone(QStringLiteral("jobs"), tr("No jobs"),
                 tr("A provision makes nodes pull a source in, push a stream to another service, or record it. Its job "
                    "is here once it is distributed."),
                 {{tr("Open provisions"), [this] { Q_EMIT goToRequested(QStringLiteral("provisions"), {}); }, {}}});
        return;
    }
    follow(snapshot, rows::jobs(snapshot));
    offerFacets(pane(), {QStringLiteral("kind"), QStringLiteral("state"), QStringLiteral("group")});
}

std::vector<JobStatus> JobsPage::selectedJobs() const
{
    std::vector<JobStatus> selected;
    const SnapshotPtr snapshot = present();
    QStringList keys = pane().table().selectedKeys();
    if (keys.isEmpty() && !selectedKey().isEmpty())
        keys << selectedKey();
    for (const QString& key : keys) {
        for (const JobStatus& job : snapshot ? snapshot->jobs : std::vector<JobStatus>()) {
            if (rows::jobKey(job) == key)
                selected.push_back(job);
        }
    }
    return selected;
}

std::vector<StoredProvision> JobsPage::selectedProvisions() const
{
    std::vector<StoredProvision> provisions;
    for (const JobStatus& job : selectedJobs()) {
        if (const StoredProvision* stored = m_provisions.find({job.nodeGroup, job.report.id}))
            provisions.push_back(*stored);
    }
    return provisions;
}

bool JobsPage::showSelected(const Snapshot& snapshot)
{
    const std::vector<JobStatus> jobs = selectedJobs();
    if (jobs.empty())
        return false;
    if (jobs.size() > 1) {
        const auto all = static_cast<std::int64_t>(jobs.size());
        const auto live =
            std::ranges::count(jobs, JobState::Live, [](const JobStatus& job) { return job.report.state; });
        m_inspector->setTitle(tr("%1 jobs").arg(format::count(all)));
        m_inspector->setPills({});
        m_facts->setRows({{tr("Live"), format::ofCount(live, all), ValueStyle::Figure, {}}});
        m_reason->hide();
        m_copy->hide();
    } else {
        const JobReport& report = jobs.front().report;
        const format::StatusWord state = format::jobState(report.state);
        const std::vector<KeyValue> rows = factRows(jobs.front(), snapshot);
        m_inspector->setTitle(format::text(report.stream.path()));
        m_inspector->setPills({{isStale() ? Status::Off : state.status, state.word, true},
                               {Status::Off, format::jobKind(report.kind), false}});
        m_reason->setContent(isStale() ? Status::Off : state.status, state.word, format::text(report.reason));
        m_reason->setVisible(!report.reason.empty());
        m_facts->setRows(rows);
        m_copy->setCopied(asText(rows, report));
        m_copy->show();
    }
    updateActions();
    if (m_inspector->isHidden())
        showPanel(m_inspector);
    return true;
}

void JobsPage::updateActions()
{
    const std::vector<JobStatus> jobs = selectedJobs();
    const std::vector<StoredProvision> provisions = selectedProvisions();
    const SnapshotPtr snapshot = present();
    const auto allow = [](QPushButton* button, const QString& why) {
        button->setEnabled(why.isEmpty());
        button->setToolTip(why);
    };
    const bool isOne = jobs.size() == 1;
    const bool isOnAir =
        isOne && snapshot && snapshot->findStream(jobs.front().nodeGroup, jobs.front().report.stream) != nullptr;
    m_stream->setVisible(isOne);
    m_provision->setVisible(isOne);
    allow(m_stream, isOnAir ? QString() : tr("The stream is not on air."));
    const QString whyNone = provisions.empty() ? tr("No provision asks for it: its node group does.") : QString();
    allow(m_provision, whyNone);
    allow(m_delete, whyReadOnly().isEmpty() ? whyNone : whyReadOnly());
    m_power->setText(provisions.empty() || isAnyOut(provisions) ? tr("Stop") : tr("Start"));
    allow(m_power, whyReadOnly().isEmpty() ? whyNone : whyReadOnly());
}

void JobsPage::activate(const QString& key)
{
    select(key);
    showProvision();
}

void JobsPage::showProvision()
{
    if (const std::vector<StoredProvision> provisions = selectedProvisions(); !provisions.empty())
        Q_EMIT goToRequested(QStringLiteral("provisions"), rows::provisionKey(provisions.front().key()));
}

// Of several, those that run stop first.
void JobsPage::startOrStopSelected()
{
    const std::vector<StoredProvision> provisions = selectedProvisions();
    const bool isStop = isAnyOut(provisions);
    for (const StoredProvision& stored : provisions) {
        if (stored.distributedAt.has_value() != isStop)
            continue;
        const QString guid = format::text(stored.provision.guid);
        if (isStop)
            commit({WithdrawProvision{stored.key()}}, tr("%1 stops; its provision is kept").arg(guid),
                   undoWith(DistributeProvision{stored.key()}, tr("%1 starts again").arg(guid)));
        else
            commit({DistributeProvision{stored.key()}}, tr("%1 starts").arg(guid),
                   undoWith(WithdrawProvision{stored.key()}, tr("%1 stops again").arg(guid)));
    }
}

void JobsPage::deleteSelected()
{
    const std::vector<StoredProvision> doomed = selectedProvisions();
    if (doomed.empty() || !whyReadOnly().isEmpty())
        return;
    const bool isOne = doomed.size() == 1;
    const QString name = format::text(doomed.front().provision.guid);
    const QString count = format::count(static_cast<std::int64_t>(doomed.size()));
    ConfirmationQuestion question;
    question.title =
        isOne ? tr("Delete %1 and end its job?").arg(name) : tr("Delete %1 and end their jobs?").arg(count);
    question.losses = {isOne ? tr("The node stops at once, and its provision is deleted.")
                             : tr("The nodes stop at once, and %1 provisions are deleted.").arg(count),
                       tr("Secrets in it are kept nowhere else, so this cannot be undone.")};
    question.keepText = isOne ? tr("Keep it") : tr("Keep them");
    question.actText = tr("Delete");
    if (isOne)
        question.asCommand = shellSource(DeleteProvision{doomed.front().key()}, doomed.front().version);
    TypedConfirmation::ask(this, question, [this, doomed] {
        for (const StoredProvision& stored : doomed)
            commit({DeleteProvision{stored.key()}, stored.version},
                   tr("%1 is deleted, its job ends").arg(format::text(stored.provision.guid)));
    });
}

void JobsPage::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Delete)
        deleteSelected();
    else
        Page::keyPressEvent(event);
}

}  // namespace headgate
