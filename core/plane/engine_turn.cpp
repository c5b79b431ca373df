#include "core/plane/engine_turn.h"

#include "core/plane/seal.h"
#include "core/plane/sealed_commands.h"
#include "core/plane/step_merge.h"
#include "core/plane/stream_questions.h"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

namespace headgate {

namespace {

// Between snapshots. The larger the cluster, the dearer each: up to a hundredth of the time goes into them.
constexpr std::chrono::milliseconds publishInterval{250};
constexpr std::chrono::milliseconds longestSilence{1000};
constexpr int dearSnapshot = 100;
constexpr std::chrono::milliseconds retryInterval{500};
constexpr std::chrono::milliseconds demandInterval{1000};
constexpr std::chrono::milliseconds surveyInterval{5000};
constexpr std::chrono::minutes usageInterval{1};
constexpr std::size_t surveyQuestions = 8;

}  // namespace

EngineTurns::EngineTurns(EngineParts& parts, EngineInbox& inbox, Blackboard& board, EngineState loaded,
                         TimePoint usageUntil)
    : m_parts(parts), m_inbox(inbox), m_board(board), m_revision(loaded.revision), m_usage(usageUntil)
{}

void EngineTurns::reconcileNodes(const std::vector<Node>& stored, const std::vector<ProviderStarted>& running)
{
    std::map<NodeId, ProviderStarted> byId;
    for (const ProviderStarted& node : running)
        byId[node.node] = node;
    for (const Node& node : stored) {
        const auto found = byId.find(node.id);
        if (found == byId.end()) {
            // Without a reference it was never started as far as is known; the engine asks for it again.
            if (!node.providerReference.empty())
                accept(Observation(NodeGone{node.id, "ended while no control plane was running"}));
        } else if (found->second.providerReference != node.providerReference) {
            accept(Observation(found->second));
        }
    }
    flush();
    publish();
}

void EngineTurns::take(std::vector<EngineInput> inputs)
{
    m_grace.beginRound(SteadyClock::now());
    for (EngineInput& input : inputs)
        std::visit([this](auto& one) { accept(std::move(one)); }, input);
    if (!m_answers.empty()) {
        publish();
        answer();
    }
    observeDemand();
    surveyRoundTrips();
    advance();
    flush();
    publishIfDue();
    keepUsageIfDue();
    m_grace.endRound(SteadyClock::now());
}

EngineTurns::SteadyClock::time_point EngineTurns::nextDeadline()
{
    const auto now = SteadyClock::now();
    auto deadline = publishDue();
    if (!m_storeFailure.empty())
        deadline = std::min(deadline, m_retryAt);
    if (const auto wakeup = m_parts.engine->nextWakeup(); wakeup && !m_isHalted) {
        const auto due = now + std::max(Duration(0), *wakeup - m_board.clock.now());
        deadline = std::min(deadline, std::max(due, m_grace.until()));
    }
    return deadline;
}

void EngineTurns::accept(CommandInput input)
{
    auto known = answeredBefore(input);
    if (!known && std::holds_alternative<DisconnectViewer>(input.request.command) && !input.isLookedUp)
        return lookUpViewer(std::move(input));
    Result<KeptOutcome> outcome = known ? std::move(*known) : carryOut(input);
    m_answers.push_back(
        [done = std::move(input.done), outcome = std::move(outcome)]() mutable { done(std::move(outcome)); });
}

void EngineTurns::accept(const Observation& observation)
{
    m_board.runningNodes = m_parts.provider->runningCount();
    if (m_isHalted)
        return;
    append(m_pending, m_parts.engine->observe(observation, m_board.clock.now()));
    m_isChanged = true;
}

void EngineTurns::accept(const StopNodesInput& input)
{
    m_isHalted = true;
    m_parts.provider->terminateAll(input.grace);
    m_board.runningNodes = m_parts.provider->runningCount();
    m_board.isStoppingNodes = true;
}

void EngineTurns::accept(NodeQuestion question)
{
    m_parts.agents->ask(std::move(question));
}

void EngineTurns::accept(AuditInput input)
{
    m_answers.push_back([done = std::move(input.done), kept = keepRecord(std::move(input.record))]() mutable {
        done(std::move(kept));
    });
}

// Whatever is decided already comes first, so that the last record in the store is the last in memory.
Result<void> EngineTurns::keepRecord(AuditRecord record)
{
    const auto last = flush() ? m_parts.store->lastAuditSequence()
                              : fail(ErrorCode::Unavailable, "Nothing can be saved at present: " + m_storeFailure,
                                     "Try again when the cause is gone.");
    if (!last)
        return tl::unexpected(last.error());
    record.sequence = *last + 1;
    record.at = m_board.clock.now();
    record.revision = m_revision;
    CommandStep step;
    step.step.transaction.revision = m_revision;
    step.step.transaction.audit.push_back(std::move(record));
    if (auto committed = commit(step.step.transaction); !committed)
        return committed;
    m_parts.engine->commit(step, m_board.clock.now());
    m_isChanged = true;
    return {};
}

// Who watches is known by the nodes alone: the command goes on when the node has told of the viewer.
void EngineTurns::lookUpViewer(CommandInput input)
{
    input.isLookedUp = true;
    auto& wish = std::get<DisconnectViewer>(input.request.command);
    wish.found = {};
    // The engine has the words for a node that does not exist.
    if (!m_board.snapshots.current()->findNode(wish.node))
        return accept(std::move(input));
    node_protocol::AskStream question;
    question.stream = wish.stream;
    question.viewer = wish.viewer;
    m_parts.agents->ask(
        {wish.node, question, [&inbox = m_inbox, input](const Result<node_protocol::FromNode>& answer) mutable {
             const Result<StreamDetails> details = detailsIn(answer);
             if (!details)
                 return input.done(tl::unexpected<Error>(details.error()));
             if (!details->viewers.empty())
                 std::get<DisconnectViewer>(input.request.command).found = details->viewers.front();
             const auto done = input.done;
             if (!inbox.put(std::move(input)))
                 done(fail(ErrorCode::Unavailable, "The control plane is stopping.", "Try again after its start."));
         }});
}

// What its key was answered before, or why that is not known; none for what is to be carried out now.
std::optional<Result<KeptOutcome>> EngineTurns::answeredBefore(const CommandInput& input)
{
    if (!input.once || input.request.execution == Execution::DryRun)
        return std::nullopt;
    auto kept = m_parts.store->findOutcome(*input.once, m_board.clock.now());
    if (!kept)
        return tl::unexpected(std::move(kept.error()));
    return *kept ? std::optional<Result<KeptOutcome>>(std::move(**kept)) : std::nullopt;
}

Result<KeptOutcome> EngineTurns::carryOut(const CommandInput& input)
{
    CommandRequest request = input.request;
    if (m_isHalted)
        return fail(ErrorCode::Unavailable, "The nodes of this deployment are being stopped.", "Start it again.");
    // The engine's own decisions come first: the order in the store is the order in memory.
    if (!flush())
        return fail(ErrorCode::Unavailable, "Nothing can be saved at present: " + m_storeFailure,
                    "Try again when the cause is gone.");
    if (auto sealing = sealSecrets(request.command, m_parts.sealKey, *m_board.snapshots.current()); !sealing)
        return tl::unexpected(std::move(sealing.error()));
    const TimePoint now = m_board.clock.now();
    Result<CommandStep> step = m_parts.engine->prepare(request, now);
    if (!step)
        return tl::unexpected(step.error());
    const std::string fingerprint = input.once ? input.once->fingerprint : "";
    if (request.execution == Execution::DryRun)
        return KeptOutcome{std::move(step->outcome), fingerprint};
    const auto kept = input.once ? std::optional(OutcomeToKeep{*input.once, step->outcome, now}) : std::nullopt;
    if (auto committed = commit(step->step.transaction, kept); !committed)
        return tl::unexpected(committed.error());
    m_parts.engine->commit(*step, m_board.clock.now());
    m_board.accounts.update(step->step.transaction.removedAccounts, step->step.transaction.putAccounts);
    if (step->step.transaction.tokenKeys)
        m_board.accounts.setTokenKeys(*step->step.transaction.tokenKeys);
    carryOut(step->step.effects);
    m_isChanged = true;
    return KeptOutcome{std::move(step->outcome), fingerprint};
}

// Nothing to be told: no reader sees it.
void EngineTurns::observeDemand()
{
    const auto now = SteadyClock::now();
    if (m_isHalted || now < m_demandAt + demandInterval)
        return;
    m_demandAt = now;
    const TimePoint time = m_board.clock.now();
    append(m_pending, m_parts.engine->observe(m_parts.readDemand(time), time));
}

void EngineTurns::surveyRoundTrips()
{
    const auto now = SteadyClock::now();
    if (m_isHalted || now < m_surveyAt + surveyInterval)
        return;
    m_surveyAt = now;
    for (const StreamQuery& query : m_survey.next(*m_board.snapshots.current(), surveyQuestions)) {
        const auto tell = [tell = m_parts.tellRoundTrips, &clock = m_board.clock,
                           node = query.node](const Result<node_protocol::FromNode>& answer) {
            if (const auto details = detailsIn(answer))
                tell(node, roundTripsOf(*details), clock.now());
        };
        m_parts.agents->ask({query.node, node_protocol::AskStream{0, query.stream, 0, query.viewerLimit, 0}, tell});
    }
}

void EngineTurns::keepUsage()
{
    m_usageAt = SteadyClock::now();
    const UsageIncrement increment = m_usage.increment();
    if (m_parts.store->addUsage(increment))
        m_usage.written(increment);
}

void EngineTurns::keepUsageIfDue()
{
    if (SteadyClock::now() >= m_usageAt + usageInterval)
        keepUsage();
}

void EngineTurns::advance()
{
    if (m_isHalted || SteadyClock::now() < m_grace.until())
        return;
    Step step = m_parts.engine->advance(m_board.clock.now());
    if (step.transaction.isEmpty() && step.effects.empty())
        return;
    append(m_pending, std::move(step));
    m_isChanged = true;
}

// True if nothing is left that is not durable.
bool EngineTurns::flush()
{
    const bool isRetry = !m_storeFailure.empty();
    if (isRetry && SteadyClock::now() < m_retryAt)
        return false;
    if (isRetry || !m_pending.transaction.isEmpty()) {
        // A retry with nothing to write finds out whether the store takes anything again.
        m_pending.transaction.revision = std::max(m_revision, m_pending.transaction.revision);
        if (!commit(m_pending.transaction))
            return false;
    }
    const Step done = std::exchange(m_pending, {});
    m_board.accounts.update(done.transaction.removedAccounts, done.transaction.putAccounts);
    carryOut(done.effects);
    return true;
}

Result<void> EngineTurns::commit(const Transaction& transaction, const std::optional<OutcomeToKeep>& kept)
{
    auto committed = m_parts.store->commit(transaction, kept);
    const std::string failure = committed ? std::string() : committed.error().message;
    m_isChanged = m_isChanged || failure != m_storeFailure;
    m_storeFailure = failure;
    if (committed)
        m_revision = transaction.revision;
    else
        m_retryAt = SteadyClock::now() + retryInterval;
    return committed;
}

void EngineTurns::carryOut(const std::vector<Effect>& effects)
{
    if (m_isHalted)
        return;
    for (const Effect& effect : effects)
        std::visit([this](const auto& one) { carryOut(one); }, effect);
}

void EngineTurns::carryOut(const LaunchNode& launch)
{
    const Result<ProviderStarted> started = m_parts.provider->start(launch);
    if (started)
        m_inbox.put(Observation(*started));
    else
        m_inbox.put(Observation(ProviderFailed{launch.node.id, started.error()}));
}

void EngineTurns::carryOut(const TerminateNode& terminate)
{
    m_parts.provider->terminate(terminate);
}

// The engine does not know the secrets of the nodes.
void EngineTurns::carryOut(const SendToNode& send)
{
    SendToNode filled = send;
    if (auto* assignment = std::get_if<node_protocol::AssignParents>(&filled.message)) {
        for (node_protocol::StreamParents& parents : assignment->streams) {
            parents.primary.pullToken = m_parts.pullTokenOf(parents.primary.node);
            if (parents.backup)
                parents.backup->pullToken = m_parts.pullTokenOf(parents.backup->node);
        }
    }
    if (auto* order = std::get_if<node_protocol::SetProvisions>(&filled.message)) {
        for (node_protocol::NodeProvision& provision : order->provisions)
            provision.document = withOpenSecrets(provision.document, m_parts.sealKey);
    }
    if (auto* order = std::get_if<node_protocol::SetAccess>(&filled.message))
        order->access = withOpenSecrets(std::move(order->access), m_parts.sealKey);
    if (auto* order = std::get_if<node_protocol::SetRecording>(&filled.message))
        order->recording = withOpenSecrets(std::move(order->recording), m_parts.sealKey);
    if (auto* order = std::get_if<node_protocol::SetIce>(&filled.message))
        order->servers = withOpenSecrets(std::move(order->servers), m_parts.sealKey);
    m_parts.agents->send(filled.node, filled.message);
}

void EngineTurns::carryOut(const ProbeNode& probe)
{
    m_parts.prober->begin(probe);
}

void EngineTurns::publish()
{
    const auto begin = SteadyClock::now();
    auto snapshot = m_parts.engine->snapshot(m_board.clock.now());
    snapshot->sequence = ++m_sequence;
    snapshot->storeFailure = m_storeFailure;
    m_board.metrics.record(*snapshot);
    m_isChanged = false;
    const auto now = SteadyClock::now();
    m_usage.observe(*snapshot, std::chrono::duration_cast<Duration>(now - m_publishedAt));
    m_publishedAt = now;
    if (m_parts.rehearse) {
        m_parts.rehearse(*snapshot);
        m_isChanged = true;  // so large a cluster changes all the time
    }
    m_outgoing = std::exchange(m_published, snapshot);
    m_board.snapshots.publish(snapshot, m_parts.engine->plan(), m_parts.engine->provisions());
    const auto cost = std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - begin);
    m_publishPause = std::clamp(dearSnapshot * cost, publishInterval, longestSilence);
}

EngineTurns::SteadyClock::time_point EngineTurns::publishDue() const
{
    return m_publishedAt + (m_isChanged ? m_publishPause : longestSilence);
}

void EngineTurns::publishIfDue()
{
    if (SteadyClock::now() >= publishDue())
        publish();
}

void EngineTurns::answer()
{
    for (const auto& one : std::exchange(m_answers, {}))
        one();
}

}  // namespace headgate
