#include "ui/models/outcome_words.h"

#include "ui/format.h"
#include "ui/models/plan_outlook.h"
#include "ui/models/plan_words.h"

#include <QCoreApplication>

#include <algorithm>

namespace headgate::words {

namespace {

constexpr qsizetype mostSentences = 4;

QString say(const char* source, int count = -1)
{
    return QCoreApplication::translate("outcome", source, nullptr, count);
}

QString sentenceOf(const PlanChange& change)
{
    const PlanScope scope{change.pool.nodeGroup, change.pool.subgroup, change.pool.role};
    const NodeBounds before{change.wasActive, change.minBefore, change.maxBefore};
    const NodeBounds after{change.isActive, change.minAfter, change.maxAfter};
    return say("%1: %2 becomes %3, %4.")
        .arg(words::scope(scope), bounds(before), bounds(after),
             window(instantOf(change.start), instantOf(change.end), format::userZone()));
}

void addFirst(QStringList& sentences, QStringList more, const char* rest)
{
    more.removeDuplicates();
    const auto left = static_cast<int>(std::max<qsizetype>(0, more.size() - mostSentences));
    sentences << more.mid(0, mostSentences);
    if (left > 0)
        sentences << say(rest, left);
}

}  // namespace

QStringList consequences(const CommandOutcome& outcome, SessionFate fate)
{
    const bool ends = fate == SessionFate::Ends;
    QStringList sentences;
    if (outcome.viewersAffected > 0)
        sentences << say(ends ? "%n viewer(s) lose the picture at once." : "%n viewer(s) have to leave or move.",
                         outcome.viewersAffected);
    if (outcome.publishersAffected > 0)
        sentences << say(ends ? "%n publisher(s) are cut off. Their streams end."
                              : "%n publisher(s) have to leave or move.",
                         outcome.publishersAffected);
    return sentences + foreseen(outcome);
}

QStringList foreseen(const CommandOutcome& outcome)
{
    QStringList sentences, changes, findings;
    for (const std::string& effect : outcome.effects)
        sentences << format::text(effect);
    for (const PlanChange& change : outcome.plan.changes)
        changes << sentenceOf(change);
    for (const PlanFinding& finding : outcome.plan.findings)
        findings << format::text(finding.sentence);
    addFirst(sentences, std::move(changes), "%n window(s) more change.");
    addFirst(sentences, std::move(findings), "%n conflict(s) more.");
    return sentences;
}

}  // namespace headgate::words
