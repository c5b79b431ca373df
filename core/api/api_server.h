#pragma once

#include "core/api/admission.h"
#include "core/api/bearer_tokens.h"
#include "core/api/http_server.h"
#include "core/api/trusted_proxies.h"
#include "core/base/result.h"
#include "core/plane/engine_host.h"
#include "core/plane/server_tls.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace headgate {

// Whether passwords and tokens may cross a network in the clear.
enum class PlainHttp : std::uint8_t
{
    LoopbackOnly,
    Anywhere  // somebody else sees to it, a proxy with TLS for example
};

struct ApiOptions
{
    std::string listenAddress = "127.0.0.1";  // IPv4 or IPv6 literal, or "localhost"
    std::uint16_t port = 5080;                // 0 = any free one
    int threads = 1;
    TokenLifetimes tokenLifetimes;
    std::shared_ptr<ServerTls> tls;  // null: HTTP
    PlainHttp plainHttp = PlainHttp::LoopbackOnly;
    std::vector<std::string> hostNames;       // other names and addresses by which clients call us
    std::string sharedSecret;                 // of who issues tokens beside us, HS256; empty = nobody does
    std::string setupTokenDigest;             // of core/api/setup_token.h; empty = no account can be made over HTTP
    std::vector<std::string> allowedOrigins;  // beside loopback and our own host: "https://console.example.com"
    CallRates callRates;
    TrustedProxies trustedProxies;  // whom to believe for whom they ask
    http::Limits limits;
};

// The HTTP interface of one control plane: native, Stream Manager dialect, event stream.
class ApiServer
{
public:
    // InvalidArgument if passwords would cross a network in the clear, Unavailable if the port is in use. `host`
    // outlives the server.
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
