#pragma once

#include "core/api/api_server.h"
#include "core/plane/passwords.h"
#include "core/plane/server_tls.h"
#include "tests/support/plane_parts.h"

#include <QString>
#include <QTemporaryDir>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace headgate::test {

// A control plane of its own with its HTTP interface; it can be ended and started again at the same address.
class RemoteServer
{
public:
    // Without a program there are no nodes.
    explicit RemoteServer(std::string nodeProgram = "/nonexistent/headgate-node")
        : m_nodeProgram(std::move(nodeProgram))
    {}

    bool start()
    {
        EngineHostOptions options;
        options.dataDir = m_folder.filePath("data").toStdString();
        options.nodeProgram = m_nodeProgram;
        options.localNetwork = ownNetwork();
        options.deploymentName = "Far away";
        auto host = EngineHost::start(options);
        if (!host)
            return false;
        m_host = std::move(*host);
        ApiOptions api;
        api.port = m_port;
        api.tls = m_tls;
        auto server = ApiServer::start(api, *m_host);
        if (!server)
            return false;
        m_server = std::move(*server);
        m_port = m_server->port();
        return true;
    }

    void stop()
    {
        m_server.reset();
        m_host.reset();
    }

    bool send(Command command) { return submitAndWait(*m_host, requestOf(std::move(command))).has_value(); }
    bool putAccount(const std::string& password)
    {
        const auto account = makeAccount("admin", password, AccountRole::Admin);
        return account && send(PutAccount{*account});
    }

    // For starts from now on: HTTPS.
    void useTls(std::shared_ptr<ServerTls> tls) { m_tls = std::move(tls); }

    EngineHost& host() { return *m_host; }
    QString url() const
    {
        return QStringLiteral("%1://127.0.0.1:%2")
            .arg(m_tls ? QStringLiteral("https") : QStringLiteral("http"))
            .arg(m_port);
    }

private:
    QTemporaryDir m_folder;
    std::string m_nodeProgram;
    std::unique_ptr<EngineHost> m_host;
    std::unique_ptr<ApiServer> m_server;
    std::shared_ptr<ServerTls> m_tls;
    std::uint16_t m_port = 0;
};

}  // namespace headgate::test
