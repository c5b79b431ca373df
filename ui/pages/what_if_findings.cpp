#include "ui/pages/what_if_findings.h"

#include "ui/format.h"
#include "ui/models/quoting.h"
#include "ui/widgets/card.h"
#include "ui/widgets/copy_button.h"
#include "ui/widgets/labels.h"
#include "ui/widgets/notice.h"

#include <QHBoxLayout>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>
#include <ranges>

namespace headgate {

namespace {

constexpr int mostShown = 40;

QString sentences(const std::vector<std::string>& lines)
{
    QStringList texts;
    for (const std::string& line : lines)
        texts << format::text(line);
    return texts.join(QStringLiteral("\n\n"));
}

}  // namespace

WhatIfFindings::WhatIfFindings(QWidget* parent) : QWidget(parent)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(12);
    auto* outcome = new Card(tr("Outcome"));
    m_copy = new CopyButton(tr("Copy verdict and findings"));
    outcome->addHeaderWidget(m_copy);
    m_verdict = new Notice;
    m_findings = new TextLabel({}, TextRole::Small, TextTone::Secondary);
    m_findings->setWordWrap(true);
    m_findings->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_findings->setAccessibleName(tr("Findings"));
    outcome->body()->addWidget(m_verdict);
    outcome->body()->addWidget(m_findings);
    column->addWidget(outcome);

    auto* log = new Card(tr("Decisions"));
    m_until = new TextLabel({}, TextRole::Caption, TextTone::Tertiary);
    log->addHeaderWidget(m_until);
    m_log = new QPlainTextEdit;
    m_log->setReadOnly(true);
    m_log->setFrameShape(QFrame::NoFrame);
    m_log->setTabChangesFocus(true);
    m_log->setAccessibleName(tr("Decisions until the instant that is looked at, newest first"));
    m_log->setMinimumHeight(scaled(140));
    log->body()->addWidget(m_log, 1);
    column->addWidget(log, 1);

    auto* again = new Card(tr("Run it again"));
    m_save = makeButton(tr("Save scenario..."), ButtonKind::Normal, QStringLiteral("download"));
    m_save->setObjectName(QStringLiteral("saveScenario"));
    m_command = new CopyButton(tr("Copy as command"));
    auto* line = new QHBoxLayout;
    line->setSpacing(8);
    line->addWidget(new TextLabel(tr("headgatectl command"), TextRole::Small, TextTone::Secondary));
    line->addStretch();
    line->addWidget(m_command);
    again->body()->addWidget(m_save);
    again->body()->addLayout(line);
    column->addWidget(again);
    connect(m_save, &QPushButton::clicked, this, &WhatIfFindings::saveRequested);
    m_save->setEnabled(false);
}

void WhatIfFindings::setAnswer(const WhatIfAnswer& answer, TimePoint start)
{
    m_verdict->setContent(answer.isServed ? Status::Ok : Status::Warning, format::text(answer.verdict));
    m_findings->setText(sentences(answer.findings));
    m_text = format::text(answer.verdict) + QStringLiteral("\n\n") + m_findings->text();
    m_copy->setCopied(m_text);
    m_decisions = answer.decisions;
    m_start = start;
    m_save->setEnabled(true);
    showDecisions();
}

void WhatIfFindings::setError(const Error& error)
{
    const format::ErrorWords words = format::error(error);
    m_verdict->setContent(Status::Critical, tr("It could not be simulated"), format::errorLine(error));
    m_text = words.sentence;
    m_copy->setCopied(m_text);
    m_findings->clear();
    m_decisions.clear();
    m_save->setEnabled(false);
    showDecisions();
}

void WhatIfFindings::setScrubber(int atS)
{
    m_atS = atS;
    showDecisions();
}

void WhatIfFindings::setFile(const QString& path)
{
    m_command->setCopied(QStringLiteral("headgatectl sim --scenario ") + quoting::shellWord(path));
}

void WhatIfFindings::showDecisions()
{
    const auto end = std::ranges::upper_bound(m_decisions, m_atS, {}, &WhatIfDecision::atS);
    QStringList lines;
    for (auto it = end; it != m_decisions.begin() && lines.size() < mostShown;) {
        --it;
        lines << QStringLiteral("%1  %2").arg(format::timeOnly(m_start + std::chrono::seconds(it->atS)),
                                              format::text(it->sentence));
    }
    m_until->setText(tr("until %1").arg(format::clock(m_start + std::chrono::seconds(m_atS))));
    m_log->setPlainText(lines.isEmpty() ? tr("Nothing was decided until then.") : lines.join(QStringLiteral("\n\n")));
}

}  // namespace headgate
