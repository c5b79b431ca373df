#include "app/embedded_cluster.h"

#include "core/api/setup_token.h"

namespace headgate {

Result<std::unique_ptr<EmbeddedCluster>> EmbeddedCluster::start(EngineHostOptions options)
{
    auto host = EngineHost::start(std::move(options));
    if (!host)
        return tl::unexpected(host.error());

    std::unique_ptr<EmbeddedCluster> cluster(new EmbeddedCluster);
    cluster->m_host = std::move(*host);
    if (!cluster->m_host->hasAccounts())
        cluster->m_setupToken = newSetupToken();
    for (const std::uint16_t port : {std::uint16_t(5080), std::uint16_t(0)}) {
        ApiOptions api;
        api.port = port;
        if (!cluster->m_setupToken.empty())
            api.setupTokenDigest = setupTokenDigest(cluster->m_setupToken);
        auto server = ApiServer::start(api, *cluster->m_host);
        if (server) {
            cluster->m_api = std::move(*server);
            break;
        }
        cluster->m_apiProblem = server.error();
    }
    cluster->m_plane = makeLocalControlPlane(*cluster->m_host);
    return cluster;
}

std::string EmbeddedCluster::apiUrl() const
{
    return m_api ? "http://127.0.0.1:" + std::to_string(m_api->port()) : std::string();
}

std::string EmbeddedCluster::setupCommand() const
{
    if (!m_api || m_setupToken.empty() || m_host->hasAccounts())
        return {};
    return "headgatectl --server " + apiUrl() + " setup --setup-token " + m_setupToken + " --user admin";
}

}  // namespace headgate
