#pragma once

#include "core/api/api_server.h"
#include "core/plane/engine_host.h"
#include "core/plane/passwords.h"
#include "tests/plane/api_client.h"

#include <QTemporaryDir>

#include <unistd.h>

#include <functional>
#include <future>
#include <memory>
#include <string>

namespace headgate::test {

// A real control plane with its HTTP interface on a free port. Its groups ask for no nodes unless a test says so.
class ApiFixture
{
public:
    // `rehearse` sees each snapshot before anybody else, see EngineHostOptions.
    explicit ApiFixture(ApiOptions options = {}, std::function<void(Snapshot&)> rehearse = {})
    {
        EngineHostOptions host;
        host.dataDir = m_directory.filePath("data").toStdString();
        host.nodeProgram = "/nonexistent/headgate-node";
        host.localNetwork = "127." + std::to_string(128 + ::getpid() % 100) + ".0.0/16";
        host.rehearse = std::move(rehearse);
        host.platformMap = {{"AWS", "LOCAL"}};
        auto startedHost = EngineHost::start(std::move(host));
        if (!startedHost)
            qFatal("no control plane: %s", startedHost.error().message.c_str());
        m_host = std::move(*startedHost);
        m_options = std::move(options);
        m_options.port = 0;
        restart();
    }

    // The HTTP interface alone; on another port then.
    void restart()
    {
        m_server.reset();
        auto started = ApiServer::start(m_options, *m_host);
        if (started)
            m_server = std::move(*started);
    }

    bool isUp() const { return m_server != nullptr; }
    EngineHost& host() { return *m_host; }
    std::uint16_t port() const { return m_server->port(); }
    void stopServer() { m_server.reset(); }

    static std::string password() { return "correct horse battery"; }

    bool addAccount(const std::string& name, AccountRole role = AccountRole::Admin,
                    std::vector<std::string> deployments = {})
    {
        auto account = makeAccount(name, password(), role);
        account->deployments = std::move(deployments);
        std::promise<bool> done;
        CommandRequest request;
        request.command = PutAccount{*account};
        request.actor = Actor{"setup"};
        m_host->submit(std::move(request),
                       [&done](const Result<CommandOutcome>& outcome) { done.set_value(outcome.has_value()); });
        return done.get_future().get();
    }

    // Makes the account and keeps its token for as().
    bool signIn(const std::string& name = "admin")
    {
        const nlohmann::json body{{"username", name}, {"password", password()}};
        m_token = test::call(port(), "POST", "/as/v1/auth/login", {}, body.dump()).json().value("token", "");
        return !m_token.empty();
    }

    const std::string& token() const { return m_token; }

    Answer as(const std::string& method, const std::string& target, const std::string& body = {}, Fields fields = {})
    {
        fields.emplace_back("Authorization", "Bearer " + m_token);
        return test::call(port(), method, target, fields, body);
    }

private:
    QTemporaryDir m_directory;
    ApiOptions m_options;
    std::unique_ptr<EngineHost> m_host;
    std::unique_ptr<ApiServer> m_server;
    std::string m_token;
};

}  // namespace headgate::test
