#pragma once

#include "core/engine/engine.h"
#include "core/engine/hearing_grace.h"
#include "core/plane/agent_server.h"
#include "core/plane/engine_inbox.h"
#include "core/plane/engine_loop.h"
#include "core/plane/node_prober.h"
#include "core/plane/round_trip_survey.h"
#include "core/plane/usage_meter.h"
#include "core/provider/process_provider.h"
#include "core/store/store.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace headgate {

// What the engine thread works with.
struct EngineParts
{
    std::unique_ptr<Store> store;
    std::unique_ptr<ProcessProvider> provider;
    std::unique_ptr<Engine> engine;
    std::unique_ptr<AgentServer> agents;
    std::unique_ptr<NodeProber> prober;
    std::function<std::string(const NodeId&)> pullTokenOf;
    std::string sealKey;  // of secrets that are stored
    std::function<DemandObserved(TimePoint)> readDemand;
    TellRoundTrips tellRoundTrips;
    std::function<void(Snapshot&)> rehearse;  // see EngineHostOptions
};

// One round after another of: inputs in, steps committed, effects carried out, snapshot out. On the engine thread only.
class EngineTurns
{
public:
    using SteadyClock = std::chrono::steady_clock;

    EngineTurns(EngineParts& parts, EngineInbox& inbox, Blackboard& board, EngineState loaded, TimePoint usageUntil);

    // Tells the engine which of the stored nodes run and which do not.
    void reconcileNodes(const std::vector<Node>& stored, const std::vector<ProviderStarted>& running);

    void take(std::vector<EngineInput> inputs);

    // Makes durable what nodes did; what cannot be written now is kept for the next time.
    void keepUsage();

    // When the next round is due if nothing arrives.
    SteadyClock::time_point nextDeadline();

private:
    void accept(CommandInput input);
    void accept(const Observation& observation);
    void accept(const StopNodesInput& input);
    void accept(NodeQuestion question);
    void accept(AuditInput input);
    void lookUpViewer(CommandInput input);
    std::optional<Result<KeptOutcome>> answeredBefore(const CommandInput& input);
    Result<KeptOutcome> carryOut(const CommandInput& input);
    Result<void> keepRecord(AuditRecord record);
    void observeDemand();
    void surveyRoundTrips();
    void keepUsageIfDue();
    void advance();
    bool flush();
    Result<void> commit(const Transaction& transaction, const std::optional<OutcomeToKeep>& kept = {});
    void carryOut(const std::vector<Effect>& effects);
    void carryOut(const LaunchNode& launch);
    void carryOut(const TerminateNode& terminate);
    void carryOut(const SendToNode& send);
    void carryOut(const ProbeNode& probe);
    void publish();
    void publishIfDue();
    SteadyClock::time_point publishDue() const;
    void answer();

    EngineParts& m_parts;
    EngineInbox& m_inbox;
    Blackboard& m_board;

    Step m_pending;  // decided, not durable yet
    std::uint64_t m_revision;
    std::string m_storeFailure;
    SteadyClock::time_point m_retryAt;  // of a commit that failed

    std::vector<std::function<void()>> m_answers;  // held back until the snapshot that shows their effect is out
    std::uint64_t m_sequence = 0;
    bool m_isChanged = true;  // since the last snapshot
    bool m_isHalted = false;  // nodes are being ended, nothing is decided any more
    SteadyClock::time_point m_publishedAt;
    std::chrono::milliseconds m_publishPause{0};
    // Kept until nobody reads the older one any more, so that it ends here and not under somebody who waits for an
    // answer: of a large cluster that takes milliseconds.
    SnapshotPtr m_published;
    SnapshotPtr m_outgoing;
    SteadyClock::time_point m_demandAt;
    RoundTripSurvey m_survey;
    SteadyClock::time_point m_surveyAt;
    UsageMeter m_usage;
    SteadyClock::time_point m_usageAt = SteadyClock::now();
    HearingGrace<SteadyClock::time_point> m_grace{SteadyClock::now()};
};

}  // namespace headgate
