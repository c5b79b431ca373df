#include "ui/pages/import_panel.h"

#include "ui/format.h"
#include "ui/models/plan_words.h"
#include "ui/shell/theme.h"
#include "ui/widgets/key_value_list.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/notice.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <set>

namespace headgate {

namespace {

constexpr std::size_t mostRows = 60;

QString kindWord(PlanItemKind kind)
{
    switch (kind) {
    case PlanItemKind::Schedule:
        return ImportPanel::tr("schedule");
    case PlanItemKind::Overlay:
        return ImportPanel::tr("overlay");
    case PlanItemKind::ExclusionSet:
        return ImportPanel::tr("exclusion set");
    case PlanItemKind::Limit:
        return ImportPanel::tr("limit");
    case PlanItemKind::Configuration:
        return ImportPanel::tr("configuration");
    }
    return {};
}

QString nameOf(const PlanItem& item)
{
    if (const auto* schedule = std::get_if<Schedule>(&item))
        return words::title(*schedule);
    if (const auto* overlay = std::get_if<Overlay>(&item))
        return words::title(*overlay);
    return format::text(keyOf(item).id);
}

}  // namespace

ImportPanel::ImportPanel(QWidget* parent) : Inspector(parent)
{
    m_refusal = new Notice;
    m_summary = new TextLabel({}, TextRole::Body, TextTone::Secondary);
    m_summary->setWordWrap(true);
    m_items = new KeyValueList;
    m_effectTitle = new TextLabel(tr("What changes against now"), TextRole::Section);
    m_effects = new KeyValueList;
    for (QWidget* widget : std::initializer_list<QWidget*>{m_refusal, m_summary, m_items, m_effectTitle, m_effects})
        body()->addWidget(widget);
    body()->addStretch();
    auto* discard = makeButton(tr("Discard"));
    m_apply = makeButton(tr("Import"), ButtonKind::Primary);
    m_apply->setObjectName(QStringLiteral("applyImport"));
    footer()->addWidget(discard);
    footer()->addStretch();
    footer()->addWidget(m_apply);
    connect(discard, &QPushButton::clicked, this, &Inspector::closeRequested);
    connect(m_apply, &QPushButton::clicked, this, &ImportPanel::applyRequested);
}

void ImportPanel::showDocument(const QString& fileName, PlanDocument document, const PlanDocument& present)
{
    std::set<PlanItemKey> known;
    for (const PlanItem& item : itemsOf(present))
        known.insert(keyOf(item));
    int made = 0, replaced = 0;
    std::vector<KeyValue> rows;
    const auto count = [&](const QString& kind, const QString& name, bool isKnown) {
        ++(isKnown ? replaced : made);
        if (rows.size() < mostRows)
            rows.push_back(
                {isKnown ? tr("Replaces %1").arg(kind) : tr("Makes %1").arg(kind), name, ValueStyle::Text, {}});
    };
    for (const NodeGroup& group : document.nodeGroups)
        count(tr("node group"), format::text(group.name.value),
              std::ranges::count(present.nodeGroups, group.name, &NodeGroup::name) > 0);
    for (const PlanItem& item : itemsOf(document))
        count(kindWord(keyOf(item).kind), nameOf(item), known.contains(keyOf(item)));
    const auto rest = static_cast<std::size_t>(made + replaced) - rows.size();
    if (rest > 0)
        rows.push_back({tr("and"), tr("%n more", nullptr, static_cast<int>(rest)), ValueStyle::Text, {}});
    setTitle(tr("Import %1").arg(fileName));
    setPills({{Status::Pending, tr("Nothing is changed yet"), false}});
    m_summary->setText(tr("%1 are made, %2 are replaced. All of it happens, or nothing.")
                           .arg(format::count(made), format::count(replaced)));
    m_items->setRows(rows);
    m_items->show();
    m_refusal->hide();
    m_effectTitle->hide();
    m_effects->hide();
    m_fileName = fileName;
    m_document = std::move(document);
    m_isRefused = false;
    updateApply();
}

void ImportPanel::showOutcome(const Result<CommandOutcome>& outcome)
{
    m_isRefused = !outcome;
    if (!outcome) {
        m_refusal->setContent(Status::Critical, format::error(outcome.error()).title,
                              format::errorLine(outcome.error()));
        m_refusal->show();
        updateApply();
        return;
    }
    std::vector<KeyValue> rows;
    for (const PlanChange& change : outcome->plan.changes) {
        if (rows.size() == 8)
            break;
        rows.push_back(
            {QStringLiteral("%1, %2").arg(format::text(change.pool.subgroup), format::text(change.pool.role)),
             tr("%1 from %2")
                 .arg(words::change({change.wasActive, change.minBefore, change.maxBefore},
                                    {change.isActive, change.minAfter, change.maxAfter}),
                      format::dateClock(change.start)),
             ValueStyle::Text,
             {}});
    }
    for (const PlanFinding& finding : outcome->plan.findings) {
        if (rows.size() == 14)
            break;
        rows.push_back({format::text(finding.code), format::text(finding.sentence), ValueStyle::Text, Status::Warning});
    }
    m_effects->setRows(rows);
    m_effectTitle->setVisible(!rows.empty());
    m_effects->setVisible(!rows.empty());
    updateApply();
}

void ImportPanel::showUnreadable(const QString& fileName, const Error& error)
{
    setTitle(tr("Import %1").arg(fileName));
    setPills({});
    m_document.reset();
    m_summary->setText(tr("Nothing was changed."));
    m_items->hide();
    m_effectTitle->hide();
    m_effects->hide();
    const QString place = error.pointer.empty() ? QString() : tr(" At %1.").arg(format::text(error.pointer));
    m_refusal->setContent(Status::Critical, tr("This file cannot be read as a plan"), format::errorLine(error) + place);
    m_refusal->show();
    updateApply();
}

QString ImportPanel::summary() const
{
    return m_summary->text();
}

void ImportPanel::setReadOnly(const QString& why)
{
    m_whyReadOnly = why;
    updateApply();
}

void ImportPanel::updateApply()
{
    m_apply->setEnabled(m_document && !m_isRefused && m_whyReadOnly.isEmpty());
    m_apply->setToolTip(m_whyReadOnly);
}

}  // namespace headgate
