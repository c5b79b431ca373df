#pragma once

#include "core/api/http_server.h"
#include "core/api/trusted_proxies.h"
#include "core/base/result.h"
#include "core/plane/engine_host.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace headgate {

struct ApiOptions
{
    std::string listenAddress = "127.0.0.1";  // loopback, "localhost" included
    std::uint16_t port = 5080;                // 0 = any free one
    int threads = 1;
    std::chrono::seconds tokenLifetime{3600};
    std::string setupTokenDigest;             // of core/api/setup_token.h; empty = no account can be made over HTTP
    std::vector<std::string> allowedOrigins;  // beside loopback and our own host: "https://console.example.com"
    TrustedProxies trustedProxies;            // whom to believe for whom they ask
    http::Limits limits;
};

// The HTTP interface of one control plane: native, Stream Manager dialect, event stream.
class ApiServer
{
public:
    // Unsupported if listenAddress is not loopback, Unavailable if the port is in use. `host` outlives the server.
    static Result<std::unique_ptr<ApiServer>> start(ApiOptions options, EngineHost& host);

    // Ends within about a second.
    ~ApiServer();
    ApiServer(const ApiServer&) = delete;
    ApiServer& operator=(const ApiServer&) = delete;

    std::uint16_t port() const;

private:
    class Private;
    explicit ApiServer(std::unique_ptr<Private> d);
    std::unique_ptr<Private> m_d;
};

}  // namespace headgate
