#include "core/plane/engine_loop.h"

#include "core/plane/agent_address.h"
#include "core/plane/engine_turn.h"
#include "core/plane/node_secrets.h"
#include "core/plane/zone_files.h"

#include <map>
#include <utility>

namespace headgate {

namespace {

using SecretOf = std::function<std::string(const NodeId&)>;

// A secret of each node under one key of the deployment, so that none has to be stored.
SecretOf nodeSecrets(const KeyFile& key, const std::string& purpose)
{
    return [secret = key.derive(purpose)](const NodeId& node) { return nodeSecret(secret, node); };
}

struct Opening
{
    EngineParts parts;
    EngineState state;
    TimePoint usageUntil;
    std::vector<ProviderStarted> running;
};

// Nodes of this machine; others would be told an address of ours.
std::string controlAddress(const EngineHostOptions& host)
{
    const std::string& address = host.nodeListenAddress;
    const std::string to = address == "0.0.0.0" ? "127.0.0.1" : address == "::" ? "::1" : address;
    return (to.find(':') == std::string::npos ? to : "[" + to + "]") + ":" + std::to_string(host.nodeListenPort);
}

TimePoint wallNow()
{
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

Result<std::optional<AgentNetwork>> networkOf(const EngineLoopOptions& options,
                                              const std::shared_ptr<const LocalAuthority>& authority,
                                              const ProcessProvider& provider)
{
    if (!authority)
        return std::nullopt;
    const std::string& address = options.host.nodeListenAddress;
    std::vector<std::string> names = {"127.0.0.1", "::1"};
    if (address != "0.0.0.0" && address != "::")
        names.push_back(address);
    auto tls = ServerTls::issuedBy(authority, std::move(names), TlsClients::Certified, wallNow());
    if (!tls)
        return tl::unexpected(tls.error());
    return AgentNetwork{address, options.host.nodeListenPort, std::move(*tls),
                        [&provider](const NodeId& node) { provider.renewNetworkKeys(node); },
                        options.host.tell ? options.host.tell : [](const std::string&) {}};
}

Result<Opening> open(const EngineLoopOptions& options, const KeyFile& key, EngineInbox& inbox, Blackboard& board)
{
    const TimePoint now = board.clock.now();
    Opening opening;
    Result<std::unique_ptr<Store>> store = Store::open(options.storeFile, key.derive(auditKeyPurpose));
    if (!store)
        return tl::unexpected(store.error());
    opening.parts.store = std::move(*store);
    Result<EngineState> state = opening.parts.store->load();
    if (!state)
        return tl::unexpected(state.error());
    opening.state = std::move(*state);
    const Result<TimePoint> usageUntil = opening.parts.store->usageUntil();
    if (!usageUntil)
        return tl::unexpected(usageUntil.error());
    opening.usageUntil = *usageUntil;
    const Result<std::string> socket = agentSocketPath(options.dataDir);
    if (!socket)
        return tl::unexpected(socket.error());
    const SecretOf credentialOf = nodeSecrets(key, nodeCredentialPurpose);
    opening.parts.pullTokenOf = nodeSecrets(key, pullTokenPurpose);
    opening.parts.sealKey = key.derive("seal");
    opening.parts.readDemand = options.readDemand;
    opening.parts.tellRoundTrips = options.tellRoundTrips;
    opening.parts.rehearse = options.host.rehearse;
    std::shared_ptr<const LocalAuthority> authority;
    if (!options.host.nodeListenAddress.empty()) {
        auto opened = LocalAuthority::open(options.dataDir, key.derive("seal"), wallNow());
        if (!opened)
            return tl::unexpected(opened.error());
        authority = std::move(*opened);
    }
    std::function<std::string(const NodeId&)> networkKeysOf;
    if (authority)
        networkKeysOf = [authority](const NodeId& node) { return authority->issueForNode(node, wallNow()); };
    const auto onObservation = [&inbox](Observation observation) { inbox.put(std::move(observation)); };
    auto provider = ProcessProvider::make({options.dataDir,
                                           options.host.nodeProgram,
                                           authority ? controlAddress(options.host) : "unix:" + *socket,
                                           options.host.localNetwork,
                                           options.host.nodeAddress,
                                           {options.host.nodeCertificate, options.host.nodeKey,
                                            options.host.nodeAuthorities, options.host.nodeCertificateName},
                                           credentialOf,
                                           onObservation,
                                           networkKeysOf});
    if (!provider)
        return tl::unexpected(provider.error());
    opening.parts.provider = std::move(*provider);
    opening.running = opening.parts.provider->adopt(opening.state.nodes);
    opening.parts.engine = std::make_unique<Engine>(
        EngineOptions{options.host.deploymentName, options.host.platformMap, loadZoneFile, options.seed}, opening.state,
        now);
    auto network = networkOf(options, authority, *opening.parts.provider);
    if (!network)
        return tl::unexpected(network.error());
    auto agents = AgentServer::listen(
        {*socket, credentialOf, opening.parts.pullTokenOf, onObservation, std::move(*network), &board.traffic});
    if (!agents)
        return tl::unexpected(agents.error());
    opening.parts.agents = std::move(*agents);
    opening.parts.prober = std::make_unique<NodeProber>(onObservation);
    return opening;
}

}  // namespace

EngineLoop::EngineLoop(EngineLoopOptions options, const KeyFile& key, Blackboard& board)
    : m_options(std::move(options)), m_key(key), m_board(board)
{}

Result<std::unique_ptr<EngineLoop>> EngineLoop::start(EngineLoopOptions options, const KeyFile& key, Blackboard& board)
{
    std::unique_ptr<EngineLoop> loop(new EngineLoop(std::move(options), key, board));
    std::promise<Result<void>> started;
    auto outcome = started.get_future();
    loop->m_thread = std::thread([&loop = *loop, &started] { loop.run(started); });
    if (auto result = outcome.get(); !result)
        return tl::unexpected(result.error());
    return loop;
}

EngineLoop::~EngineLoop()
{
    m_inbox.close();
    m_thread.join();
}

void EngineLoop::run(std::promise<Result<void>>& started)
{
    Result<Opening> opening = open(m_options, m_key, m_inbox, m_board);
    if (!opening) {
        started.set_value(tl::unexpected(opening.error()));
        return;
    }
    m_board.accounts.update({}, opening->state.accounts);
    m_board.accounts.setTokenKeys(opening->state.tokenKeys);
    EngineTurns turns(opening->parts, m_inbox, m_board, opening->state, opening->usageUntil);
    turns.reconcileNodes(opening->state.nodes, opening->running);
    started.set_value({});
    while (!m_inbox.isClosed())
        turns.take(m_inbox.takeUntil(turns.nextDeadline()));
    turns.keepUsage();
    // What came too late is answered too.
    for (EngineInput& input : m_inbox.takeUntil(std::chrono::steady_clock::now())) {
        const auto stopping =
            fail(ErrorCode::Unavailable, "The control plane is stopping.", "Try again after its start.");
        if (auto* command = std::get_if<CommandInput>(&input))
            command->done(stopping);
        else if (auto* question = std::get_if<NodeQuestion>(&input))
            question->done(stopping);
        else if (auto* audit = std::get_if<AuditInput>(&input))
            audit->done(stopping);
    }
}

}  // namespace headgate
