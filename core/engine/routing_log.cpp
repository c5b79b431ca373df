#include "core/engine/routing_log.h"

#include "core/domain/decision.h"
#include "core/engine/audit_text.h"
#include "core/wire/decision_document.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace headgate {

namespace {

bool isWanted(const RouteTarget& target, const RouteOption& option)
{
    return target.node == option.node;
}

Decision decisionOf(const RouteAnswer& answer, const RouteExplanation& told)
{
    Decision decision;
    decision.rule = told.steps.empty() ? told.outcome : told.steps.back();
    for (std::size_t i = 0; i + 1 < told.steps.size(); ++i)
        decision.values.push_back({"step " + std::to_string(i + 1), told.steps[i]});
    for (const RouteOption& option : told.options) {
        const bool isGiven =
            answer && std::ranges::any_of(*answer, [&](const RouteTarget& target) { return isWanted(target, option); });
        const std::string place = option.place > 0 ? "place " + std::to_string(option.place) + ": " : "not possible: ";
        const DecisionFact fact{option.node.value + " (" + option.region + ")", place + option.why};
        if (isGiven)
            decision.values.push_back(fact);
        else if (decision.rejected.size() < RoutingLog::mostRejected)
            decision.rejected.push_back(fact);
    }
    return decision;
}

std::string sentenceOf(const RouteRequest& request, const RouteAnswer& answer)
{
    const bool isPublish = request.purpose == RoutePurpose::Publish;
    const std::string who =
        (isPublish ? "A publisher of " : "A viewer of ") + request.stream.path() + " in " + request.nodeGroup.value;
    if (!answer)
        return who + " was refused: " + answer.error().error.message;
    std::string nodes;
    for (const RouteTarget& target : *answer)
        nodes += (nodes.empty() ? "" : ", ") + target.node.value;
    return who + " was given " + nodes + ", " + answer->front().pool.role + " in " + answer->front().pool.subgroup +
           ".";
}

bool contains(std::string_view text, std::string_view part)
{
    const auto alike = [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); };
    return std::search(text.begin(), text.end(), part.begin(), part.end(), alike) != text.end();
}

bool matches(const AuditRecord& record, const std::string& text)
{
    return contains(record.sentence, text) || contains(record.verb, text) || contains(record.object, text);
}

}  // namespace

bool RoutingLog::wantsNext(TimePoint now)
{
    // A clock that was set back does not stop it.
    m_fullAt = std::clamp(m_fullAt, now, now + burst * interval);
    if (m_fullAt + interval > now + burst * interval) {
        ++m_passed;
        return false;
    }
    m_fullAt += interval;
    return true;
}

void RoutingLog::keep(const RouteRequest& request, const RouteAnswer& answer, const RouteExplanation& told,
                      TimePoint now)
{
    AuditRecord record;
    record.sequence = ++m_sequence;
    record.at = now;
    record.actor = "engine";
    record.verb = request.purpose == RoutePurpose::Publish ? "route.publish" : "route.subscribe";
    record.object = "stream/" + request.nodeGroup.value + "/" + request.stream.path();
    record.severity = answer ? Severity::Info : Severity::Warning;
    record.sentence = sentenceOf(request, answer);
    if (m_passed > 0)
        record.sentence +=
            " " + audit_text::counted(static_cast<int>(m_passed), "routing") + " before it were not kept.";
    record.after = native::decisionDocument(decisionOf(answer, told));
    m_passed = 0;
    m_kept.push_back(std::move(record));
    if (m_kept.size() > mostKept)
        m_kept.pop_front();
}

std::vector<AuditRecord> RoutingLog::read(const AuditQuery& query) const
{
    std::vector<AuditRecord> page;
    for (auto record = m_kept.rbegin(); record != m_kept.rend() && std::ssize(page) < query.limit; ++record) {
        const bool isInPage = query.beforeSequence == 0 || record->sequence < query.beforeSequence;
        if (isInPage && matches(*record, query.text))
            page.push_back(*record);
    }
    return page;
}

}  // namespace headgate
