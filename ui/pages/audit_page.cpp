#include "ui/pages/audit_page.h"

#include "core/wire/decision_document.h"
#include "ui/format.h"
#include "ui/models/rows.h"
#include "ui/pages/change_words.h"
#include "ui/pages/table_pane.h"
#include "ui/widgets/copy_button.h"
#include "ui/widgets/inspector.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/segmented.h"
#include "ui/widgets/state_view.h"

#include <QClipboard>
#include <QDateTime>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <initializer_list>

namespace headgate {

namespace {

constexpr int recordsPerRead = 200;
constexpr int searchDelayMs = 300;

PageIdentity identityOfPage()
{
    return {QStringLiteral("audit"), AuditPage::tr("Audit"), AuditPage::tr("Who did what, and with what effect?"),
            QStringLiteral("audit"), QLatin1Char('A'),       RailSection::Observe};
}

// The audit's own clock decides on the zone's name in the header; summer and winter differ.
TimePoint headerInstant()
{
    return fromEpochMs(QDateTime::currentMSecsSinceEpoch());
}

QWidget* part(std::initializer_list<QWidget*> widgets)
{
    auto* whole = new QWidget;
    auto* column = new QVBoxLayout(whole);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(8);
    for (QWidget* widget : widgets)
        column->addWidget(widget);
    return whole;
}

std::vector<KeyValue> rowsOf(const std::vector<DecisionFact>& facts)
{
    std::vector<KeyValue> rows;
    for (const DecisionFact& fact : facts)
        rows.push_back({format::text(fact.name), format::text(fact.value), ValueStyle::Text, {}});
    return rows;
}

// A line for each part of a formula: it is broken where a comma or a colon stands outside of parentheses.
QString brokenFormula(const QString& formula)
{
    QString broken;
    int depth = 0;
    for (qsizetype i = 0; i < formula.size(); ++i) {
        depth += formula[i] == QLatin1Char('(') ? 1 : formula[i] == QLatin1Char(')') ? -1 : 0;
        const bool isEnd = depth == 0 && i > 0 && formula[i] == QLatin1Char(' ') &&
                           (formula[i - 1] == QLatin1Char(',') || formula[i - 1] == QLatin1Char(':'));
        broken += isEnd ? QLatin1Char('\n') : formula[i];
    }
    return broken;
}

QString linesOf(const std::vector<DecisionFact>& facts)
{
    QString lines;
    for (const DecisionFact& fact : facts)
        lines += QStringLiteral("  %1: %2\n").arg(format::text(fact.name), format::text(fact.value));
    return lines;
}

// One that can be pasted into a message.
QString textOf(const AuditRecord& record, const Decision& decision)
{
    QString text =
        QStringLiteral("%1  %2\n%3\n")
            .arg(format::text(toRfc3339(record.at)), format::text(record.verb), format::text(record.sentence));
    text += AuditPage::tr("Rule: %1").arg(format::text(decision.rule)) + QLatin1Char('\n');
    text += AuditPage::tr("What it went by:") + QLatin1Char('\n') + linesOf(decision.values);
    if (!decision.rejected.empty())
        text += AuditPage::tr("What else it could have been:") + QLatin1Char('\n') + linesOf(decision.rejected);
    return text;
}

}  // namespace

AuditPage::AuditPage(PageContext& context, QWidget* parent)
    : TablePage(
          identityOfPage(), context,
          new TablePane(rows::auditColumns(headerInstant()), RowHeight::TwoLines,
                        {tr("Filter by person, object, verb, words"), tr("Filter the audit trail"), tr("Audit trail"),
                         tr("Nothing in the audit trail matches “%1”"), tr("Nothing passes the filter")}),
          parent),
      m_older(makeLink(tr("Load older"))),
      m_copy(makeButton(tr("Copy table"), ButtonKind::Normal, QStringLiteral("copy")))
{
    m_trail = new Segmented({tr("Changes"), tr("Routings")}, tr("What is listed"));
    actions()->addWidget(m_trail);
    actions()->addWidget(m_copy);
    needsData(m_trail);
    needsData(m_copy);
    pane().filterBar().addToggle(QStringLiteral("decision:yes"), tr("Decisions"));
    pane().filterBar().addChoice(QStringLiteral("actor"), tr("Anyone"));
    pane().filterBar().addChoice(QStringLiteral("severity"), tr("Any severity"));
    content()->addWidget(&pane(), 1);
    m_foot = new QWidget;
    auto* foot = new QHBoxLayout(m_foot);
    foot->setContentsMargins(20, 6, 20, 6);
    foot->addWidget(m_older);
    foot->addStretch();
    content()->addWidget(m_foot);
    m_foot->hide();
    m_searchDelay.setSingleShot(true);
    m_searchDelay.setInterval(searchDelayMs);
    buildInspector();
    connect(&m_searchDelay, &QTimer::timeout, this, [this] { read(Reading::Newest); });
    connect(&pane().filterBar(), &FilterBar::changed, this, [this] {
        if (pane().filterBar().text() != m_readText)
            m_searchDelay.start();
    });
    connect(m_older, &QPushButton::clicked, this, &AuditPage::loadOlder);
    connect(m_copy, &QPushButton::clicked, this, &AuditPage::copyTable);
    connect(m_trail, &Segmented::currentChanged, this, [this] { read(Reading::Newest); });
}

void AuditPage::buildInspector()
{
    m_inspector = new Inspector;
    m_sentence = new TextLabel({}, TextRole::Body);
    m_sentence->setWordWrap(true);
    m_sentence->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_facts = new KeyValueList;
    m_changes = new KeyValueList;
    m_changes->setObjectName(QStringLiteral("changes"));
    m_noChanges = new TextLabel(tr("No setting changed with it."), TextRole::Small, TextTone::Tertiary);
    m_inspector->body()->addWidget(m_sentence);
    m_inspector->body()->addWidget(m_facts);
    m_difference = part({new TextLabel(tr("Before and after"), TextRole::Section), m_changes, m_noChanges});
    m_copyDecision = new CopyButton(tr("Copy the decision as text"));
    auto* head = new QWidget;
    auto* row = new QHBoxLayout(head);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(new TextLabel(tr("How it was decided"), TextRole::Section), 1);
    row->addWidget(m_copyDecision);
    m_rule = new TextLabel({}, TextRole::Mono, TextTone::Secondary);
    m_rule->setObjectName(QStringLiteral("decisionRule"));
    m_rule->setWordWrap(true);
    m_rule->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_values = new KeyValueList;
    m_values->setObjectName(QStringLiteral("decisionValues"));
    m_rejectedTitle = new TextLabel(tr("What else it could have been"), TextRole::Section);
    m_rejected = new KeyValueList;
    m_rejected->setObjectName(QStringLiteral("decisionRejected"));
    m_decision = part(
        {head, m_rule, new TextLabel(tr("What it went by"), TextRole::Section), m_values, m_rejectedTitle, m_rejected});
    m_decision->setObjectName(QStringLiteral("decision"));
    m_inspector->body()->addWidget(makeSeparator());
    m_inspector->body()->addWidget(m_difference);
    m_inspector->body()->addWidget(m_decision);
    m_inspector->body()->addStretch();
    auto* copy = makeButton(tr("Copy record"), ButtonKind::Normal, QStringLiteral("copy"));
    m_inspector->footer()->addWidget(copy);
    m_inspector->footer()->addStretch();
    setPanels({m_inspector});
    connect(copy, &QPushButton::clicked, this, [this] {
        if (const AuditRecord* shown = record(selectedKey()))
            QGuiApplication::clipboard()->setText(QStringLiteral("%1  %2  %3  %4")
                                                      .arg(format::text(toRfc3339(shown->at)),
                                                           format::text(shown->actor), format::text(shown->verb),
                                                           format::text(shown->sentence)));
    });
}

std::vector<PaletteAction> AuditPage::paletteActions() const
{
    auto* self = const_cast<AuditPage*>(this);
    return {{tr("Load older audit records"), {}, QStringLiteral("audit"), {}, {}, [self] { self->loadOlder(); }, {}}};
}

void AuditPage::refresh()
{
    Page::refresh();
    read(Reading::Newest);
}

void AuditPage::loadOlder()
{
    if (m_hasOlder)
        read(Reading::Older);
}

void AuditPage::onControlPlaneChanged()
{
    m_records.clear();
    m_isRead = false;
    m_isReading = false;
    m_hasOlder = false;
    ++m_question;
    TablePage::onControlPlaneChanged();
}

void AuditPage::onSnapshot(const Snapshot& snapshot)
{
    if (!m_isRead) {
        if (!m_isReading)
            read(Reading::Newest);
        return;
    }
    if (!isOfRoutings())
        prependNew(snapshot);
}

bool AuditPage::isOfRoutings() const
{
    return m_trail->currentIndex() == 1;
}

void AuditPage::read(Reading reading)
{
    if (!controlPlane())
        return;
    AuditQuery query;
    query.limit = recordsPerRead;
    query.text = format::utf8(pane().filterBar().text().trimmed());
    query.trail = isOfRoutings() ? AuditTrail::Routings : AuditTrail::Changes;
    if (reading == Reading::Older && !m_records.empty())
        query.beforeSequence = m_records.back().sequence;
    m_readText = pane().filterBar().text();
    m_isReading = true;
    const quint64 question = ++m_question;
    const QPointer<AuditPage> self(this);
    controlPlane()->readAudit(query, [self, question, reading](Result<std::vector<AuditRecord>> answer) {
        if (self && question == self->m_question)
            self->take(reading, std::move(answer));
    });
}

void AuditPage::take(Reading reading, Result<std::vector<AuditRecord>> answer)
{
    m_isReading = false;
    if (!answer) {
        showError(answer.error(), {{tr("Try again"), [this] { read(Reading::Newest); }, QStringLiteral("refresh")}});
        return;
    }
    m_isRead = true;
    m_hasOlder = static_cast<int>(answer->size()) == recordsPerRead;
    if (reading == Reading::Newest)
        m_records.clear();
    m_records.insert(m_records.end(), answer->begin(), answer->end());
    showRecords();
    // What happened between the question and its answer.
    if (const SnapshotPtr snapshot = present(); snapshot && !isOfRoutings())
        prependNew(*snapshot);
}

void AuditPage::prependNew(const Snapshot& snapshot)
{
    if (snapshot.recentAudit.empty() || !m_readText.trimmed().isEmpty())
        return;
    const std::int64_t newest = m_records.empty() ? 0 : m_records.front().sequence;
    std::vector<AuditRecord> fresh;
    for (const AuditRecord& record : snapshot.recentAudit)
        if (record.sequence > newest)
            fresh.push_back(record);
    if (fresh.empty())
        return;
    // Without an overlap something may be missing in between.
    if (newest > 0 && fresh.back().sequence != newest + 1) {
        if (!m_isReading)
            read(Reading::Newest);
        return;
    }
    m_records.insert(m_records.begin(), fresh.begin(), fresh.end());
    showRecords();
}

void AuditPage::showRecords()
{
    m_foot->setVisible(m_hasOlder);
    if (m_records.empty() && m_readText.trimmed().isEmpty()) {
        if (isOfRoutings())
            showEmpty(QStringLiteral("audit"), tr("Nobody was routed yet"),
                      tr("When publishers and viewers ask where to go, a sample of the answers is told here."), {});
        else
            showEmpty(QStringLiteral("audit"), tr("Nothing has happened yet"),
                      tr("Every change of the cluster is written down here, by people and by the engine."), {});
        return;
    }
    QStringList actors;
    for (const AuditRecord& shown : m_records)
        actors << format::text(shown.actor);
    actors.removeDuplicates();
    actors.sort();
    pane().filterBar().setChoiceValues(QStringLiteral("actor"), actors);
    pane().filterBar().setChoiceValues(QStringLiteral("severity"),
                                       {format::severity(Severity::Info).word, format::severity(Severity::Warning).word,
                                        format::severity(Severity::Critical).word});
    if (const SnapshotPtr snapshot = present())
        follow(*snapshot, rows::audit(m_records));
}

const AuditRecord* AuditPage::record(const QString& key) const
{
    const auto found = std::find_if(m_records.begin(), m_records.end(), [&key](const AuditRecord& candidate) {
        return QString::number(candidate.sequence) == key;
    });
    return found == m_records.end() ? nullptr : &*found;
}

bool AuditPage::showSelected(const Snapshot&)
{
    const AuditRecord* shown = record(selectedKey());
    if (!shown)
        return false;
    const format::StatusWord severity = format::severity(shown->severity);
    m_inspector->setTitle(format::text(shown->verb));
    m_inspector->setPills({{severity.status, severity.word, true}, {Status::Off, format::text(shown->actor), false}});
    m_sentence->setText(format::text(shown->sentence));
    std::vector<KeyValue> facts = {
        {tr("When"), format::dateClock(shown->at), ValueStyle::Text, {}},
        {tr("Actor"), format::text(shown->actor), ValueStyle::Text, {}},
        {tr("Object"), format::text(shown->object), ValueStyle::Mono, {}},
        {tr("Revision"), format::count(static_cast<std::int64_t>(shown->revision)), ValueStyle::Figure, {}},
        {tr("Record"), format::count(shown->sequence), ValueStyle::Figure, {}},
    };
    facts.push_back(
        {tr("Request id"),
         shown->requestId.isEmpty() ? tr("none, the engine acted by itself") : format::text(shown->requestId.value),
         shown->requestId.isEmpty() ? ValueStyle::Text : ValueStyle::Mono,
         {}});
    m_facts->setRows(facts);
    showDecision(*shown);
    showPanel(m_inspector);
    return true;
}

void AuditPage::showDecision(const AuditRecord& shown)
{
    const std::optional<Decision> decision = native::decisionIn(shown.after);
    m_difference->setVisible(!decision);
    m_decision->setVisible(decision.has_value());
    if (decision) {
        m_rule->setText(brokenFormula(format::text(decision->rule)));
        m_copyDecision->setCopied(textOf(shown, *decision));
        m_values->setRows(rowsOf(decision->values));
        m_rejected->setRows(rowsOf(decision->rejected));
        m_rejectedTitle->setVisible(!decision->rejected.empty());
        m_rejected->setVisible(!decision->rejected.empty());
        return;
    }
    const bool hasDocuments = !shown.before.empty() || !shown.after.empty();
    const std::vector<ChangeWords> changes =
        hasDocuments ? changeWordsBetween(shown.before, shown.after) : std::vector<ChangeWords>{};
    m_changes->setRows(changeRows(changes));
    m_changes->setVisible(!changes.empty());
    m_noChanges->setVisible(changes.empty());
}

void AuditPage::copyTable()
{
    QString table = tr("Time (UTC)\tActor\tVerb\tObject\tSentence\tRevision\tRequest id\n");
    for (const AuditRecord& shown : m_records)
        table += QStringList{format::text(toRfc3339(shown.at)),  format::text(shown.actor),
                             format::text(shown.verb),           format::text(shown.object),
                             format::text(shown.sentence),       QString::number(shown.revision),
                             format::text(shown.requestId.value)}
                     .join(QLatin1Char('\t')) +
                 QLatin1Char('\n');
    QGuiApplication::clipboard()->setText(table);
    report(tr("%n record(s) copied", nullptr, static_cast<int>(m_records.size())));
}

}  // namespace headgate
