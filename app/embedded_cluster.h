#pragma once

#include "core/api/api_server.h"
#include "core/plane/control_plane.h"
#include "core/plane/engine_host.h"

#include <memory>
#include <string>

namespace headgate {

// The whole control plane inside the console's process: engine, HTTP API on loopback, and the ControlPlane that the
// pages look at. Nodes outlive it.
class EmbeddedCluster
{
public:
    // Unavailable if another process holds options.dataDir. The API takes port 5080, else any free one; that it has
    // none at all is no failure, apiProblem() then says why.
    static Result<std::unique_ptr<EmbeddedCluster>> start(EngineHostOptions options);

    ControlPlane& controlPlane() { return *m_plane; }
    EngineHost& host() { return *m_host; }

    // "http://127.0.0.1:5080"; empty without an API.
    std::string apiUrl() const;
    const Error& apiProblem() const { return m_apiProblem; }

    // The command that makes the first account, so that headgatectl and other clients can sign in to this console's
    // cluster; holds once. Empty without an API or when there is an account.
    std::string setupCommand() const;

private:
    EmbeddedCluster() = default;

    std::unique_ptr<EngineHost> m_host;
    std::unique_ptr<ApiServer> m_api;
    std::unique_ptr<ControlPlane> m_plane;
    Error m_apiProblem;
    std::string m_setupToken;
};

}  // namespace headgate
