// The HTTP interface of a control plane over a cluster that no machine holds: engine, accounts, tokens, TLS and routing
// are those of headgated, but nodes and streams stand in the snapshot alone, with reports that are always fresh.
#include "core/api/api_server.h"
#include "core/api/sign_in.h"
#include "core/plane/engine_host.h"
#include "core/plane/passwords.h"
#include "tests/bench/options.h"
#include "tests/support/groups.h"
#include "tests/support/plane_parts.h"

#include <QCoreApplication>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <utility>

using namespace headgate;

namespace {

constexpr const char* usage =
    "Usage: decision_server [-n NODES (10000)] [-s STREAMS (20000)] [-p PORT (18082)] DATA-DIR PASSWORD-FILE\n"
    "                       [CERTIFICATE KEY]\n"
    "A tenth of the nodes are origins. Group \"main\", account \"admin\", streams live/s0, live/s1 ... are live.\n";

constexpr std::size_t nodesOfRegion = 1'000;

class Fleet
{
public:
    Fleet(std::size_t nodes, std::size_t streams)
    {
        const std::size_t count = std::min((nodes + nodesOfRegion - 1) / nodesOfRegion, builtInRegions().size());
        shape.name = "main";
        shape.leaves.clear();
        for (std::size_t i = 0; i < count; ++i)
            shape.leaves.emplace_back(builtInRegions()[i].name);
        for (std::size_t i = 0; i < nodes; ++i)
            m_nodes.push_back(node(i));
        const std::size_t origins = (nodes + 9) / 10;
        for (std::size_t i = 0; i < streams; ++i)
            m_streams.push_back(stream(i, m_nodes[i % origins * 10].node.id));
        std::ranges::sort(m_streams, {}, [](const StreamStatus& status) { return status.ingest.key; });
    }

    void addTo(Snapshot& snapshot) const
    {
        snapshot.nodes = m_nodes;
        for (NodeStatus& node : snapshot.nodes)
            node.lastHeard = snapshot.takenAt;
        snapshot.streams = m_streams;
    }

    // Nothing is to be started for it.
    NodeGroup group() const
    {
        NodeGroup group = testing::makeGroup(shape);
        for (Subgroup& subgroup : group.subgroups) {
            for (ScaleRule& rule : subgroup.rules)
                rule.min = rule.max = 0;
        }
        return group;
    }

private:
    // With room for as many as a measurement sends there within seconds.
    NodeStatus node(std::size_t i) const
    {
        const std::string& leaf = shape.leaves[i / 10 % shape.leaves.size()];
        NodeStatus status;
        status.node.id = NodeId("node" + std::to_string(100'000 + i));
        status.node.pool = PoolKey{NodeGroupName(shape.name), leaf, i % 10 == 0 ? "origin" : "edge"};
        status.node.region = leaf;
        status.node.imageName = "standard";
        status.node.state = NodeState::InService;
        status.node.endpoints.address = "198.18." + std::to_string(i / 250) + "." + std::to_string(1 + i % 250);
        status.limits.viewers = 100'000'000;
        status.limits.bitsOutPerSecond = 1'000'000'000'000;
        return status;
    }

    StreamStatus stream(std::size_t i, const NodeId& origin) const
    {
        StreamStatus status;
        status.nodeGroup = NodeGroupName(shape.name);
        status.origin = origin;
        status.ingest.key = {"live", "s" + std::to_string(i)};
        status.ingest.isPublishedHere = true;
        status.ingest.bitsPerSecond = 1'000;
        return status;
    }

    testing::GroupShape shape;
    std::vector<NodeStatus> m_nodes;
    std::vector<StreamStatus> m_streams;
};

int fail(const Error& error)
{
    std::fprintf(stderr, "%s %s\n", error.message.c_str(), error.remedy.c_str());
    return 1;
}

}  // namespace

int main(int argc, char** argv)
{
    const bench::Options options(argc, argv, {{'n', "10000"}, {'s', "20000"}, {'p', "18082"}}, usage);
    if (options.words.size() != 2 && options.words.size() != 4) {
        std::fputs(usage, stderr);
        return 2;
    }
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    const QCoreApplication application(argc, argv);

    const Fleet fleet(static_cast<std::size_t>(options.integer('n')), static_cast<std::size_t>(options.integer('s')));
    EngineHostOptions settings;
    settings.dataDir = options.words[0];
    settings.nodeProgram = "/nonexistent/headgate-node";
    settings.rehearse = [&fleet](Snapshot& snapshot) { fleet.addTo(snapshot); };
    auto host = EngineHost::start(settings);
    if (!host)
        return fail(host.error());
    std::string password;
    std::getline(std::ifstream(options.words[1]), password);
    auto account = makeAccount("admin", password, AccountRole::Admin);
    if (!account)
        return fail(account.error());
    for (const Command& command : {Command(PutAccount{*account}), Command(CreateNodeGroup{fleet.group()})}) {
        if (const auto done = test::submitAndWait(**host, test::requestOf(command)); !done)
            return fail(done.error());
    }
    ApiOptions api;
    api.port = static_cast<std::uint16_t>(options.integer('p'));
    if (options.words.size() == 4) {
        auto tls = ServerTls::ofFiles(
            options.words[2], options.words[3], [](const std::string&) {}, systemNow());
        if (!tls)
            return fail(tls.error());
        api.tls = std::move(*tls);
    }
    auto server = ApiServer::start(api, **host);
    if (!server)
        return fail(server.error());
    int number = 0;
    sigwait(&signals, &number);
    return 0;
}
