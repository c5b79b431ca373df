#include "core/engine/command_draft.h"

#include "core/engine/audit_text.h"
#include "core/engine/command_planner.h"
#include "core/engine/object_origins.h"

namespace headgate {

namespace {

using native::Json;

std::string auditText(const Json& document)
{
    constexpr std::size_t mostBytes = 64 << 10;
    if (document.empty())
        return {};
    std::string text = native::write(document);
    return text.size() <= mostBytes ? text : std::string();
}

}  // namespace

CommandDraft::CommandDraft(const EngineModel& model, const CommandRequest& request, TimePoint now)
    : m_model(model), m_request(request), m_now(now)
{
    m_result.step.transaction.revision = model.revision;
    m_result.outcome.revision = model.revision;
}

Result<void> CommandDraft::checkVersion(std::uint64_t version, const std::string& what) const
{
    if (!m_request.ifVersion || *m_request.ifVersion == version)
        return {};
    return fail(ErrorCode::VersionMismatch,
                what + " is at version " + std::to_string(version) + ", and the change was made for version " +
                    std::to_string(*m_request.ifVersion) + ".",
                "Read it again and repeat the change.");
}

void CommandDraft::changeConfiguration(std::uint64_t version)
{
    m_result.outcome.version = version;
    m_result.outcome.revision = m_model.revision + 1;
    m_result.step.transaction.revision = m_model.revision + 1;
}

void CommandDraft::putNode(const NodeRecord& record, NodeState state)
{
    Node node = record.node;
    node.state = state;
    node.stateSince = m_now;
    node.isRetired = false;
    m_result.outcome.version = versionOf(node);
    m_result.step.transaction.putNodes.push_back(std::move(node));
}

void CommandDraft::affect(const NodeRecord& record)
{
    m_result.outcome.viewersAffected += record.load.subscribers;
    m_result.outcome.publishersAffected += record.load.publishers;
}

void CommandDraft::audit(std::string verb, std::string object, std::string sentence, const Json& before,
                         const Json& after)
{
    AuditRecord audit;
    audit.sequence = m_model.auditSequence + 1;
    audit.at = m_now;
    audit.actor = m_request.actor.name;
    audit.verb = std::move(verb);
    audit.object = std::move(object);
    audit.sentence = std::move(sentence);
    for (const std::string& effect : m_result.outcome.effects)
        audit.sentence += " " + effect;
    audit.before = auditText(before);
    audit.after = auditText(after);
    audit.requestId = m_request.requestId;
    audit.revision = m_result.step.transaction.revision;
    m_result.step.transaction.audit.push_back(std::move(audit));
}

void CommandDraft::record(std::string verb, std::string object, std::string sentence, const Json& before,
                          const Json& after)
{
    audit(std::move(verb), std::move(object), std::move(sentence), before, after);
    m_result.outcome.changes = native::difference(before, after);
}

CommandStep CommandDraft::take()
{
    m_result.outcome.isDryRun = m_request.execution == Execution::DryRun;
    if (m_result.outcome.isDryRun)
        m_result.step = {};
    object_origins::stamp(m_model, m_request, m_now, m_result.step.transaction);
    return std::move(m_result);
}

Result<void> firstOf(std::vector<Error> errors)
{
    if (errors.empty())
        return {};
    Error first = std::move(errors.front());
    if (errors.size() > 1)
        first.message +=
            " The document has " + audit_text::counted(static_cast<int>(errors.size() - 1), "other problem") + ".";
    return tl::unexpected(std::move(first));
}

}  // namespace headgate
