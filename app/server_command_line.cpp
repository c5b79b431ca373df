#include "app/server_command_line.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

namespace headgate {

const char* const serverUsage = R"(Usage: headgated --data-dir DIR [options]

The control plane of a media cluster, with its HTTP interface.

  --data-dir DIR             where configuration and audit trail are kept; made if absent
  --listen ADDRESS:PORT      default 127.0.0.1:5080, with TLS 127.0.0.1:5443; port 0 takes any free one; beyond loopback
                             TLS is needed
  --tls                      HTTPS with a certificate of an authority that is made in the data directory: who trusts
                             authority.pem there trusts this server; renewed by itself
  --certificate FILE         HTTPS with this certificate in PEM, followed by those who signed it; read again when it
                             changes
  --key FILE                 the certificate's key in PEM, without a password
  --host-name A,B,...        other names and addresses by which clients call this server; they are in the certificate of
                             --tls
  --plain-http               HTTP beyond loopback, where a proxy or a tunnel protects passwords and tokens
  --admin-password-file F    makes the account "admin" with the password in F, or gives it that password;
                             F must be readable by its owner only
  --token-minutes N          tokens of Stream Manager clients, which do not renew them, hold for so long, 1 to 1440,
                             default 60
  --token-secret-file F      who knows the secret in F, of 32 characters or more, may issue tokens (HS256); F must be
                             readable by its owner only
  --local-network NET        loopback addresses for local nodes, default 127.77.0.0/16
  --node-listen ADDRESS:PORT nodes come there over TLS, each with a certificate of its own that the authority of the data
                             directory signs; default a socket that only this user can open
  --node-address A           local nodes share the address A and get a port each
  --node-certificate FILE    local nodes also speak RTMPS (port 1936) with this certificate in PEM; read again when
                             it changes
  --node-key FILE            the certificate's key in PEM, without a password
  --node-authorities FILE    local nodes pull from each other over RTMPS, and only from those whose certificate is signed
                             by one of these in PEM; without it over RTMP
  --node-certificate-name N  what the certificate is for, if not for the address of each node
  --geoip FILE               where clients are, by their addresses: a database in MaxMind's format, for example
                             GeoLite2-City.mmdb; read again when it changes
  --trusted-proxy A,N/B,...  addresses and networks of proxies that are believed for whom they ask (X-Forwarded-For)
  --rate-per-address N       calls in a second that an address (of IPv6: its /64) may make without a token that holds,
                             default 50, and four times as many at once; 0 is no limit, and callers on this machine
                             have none
  --rate-per-session N       the same of those with one session or personal token, default 200, and five times
  --connections-per-address N  connections that an address (of IPv6: its /64) may hold at a time, default 1000 of the
                             10000 in all; 0 is no limit, and this machine and trusted proxies have none
  --platform-map A=B,...     runs node groups of the cloud platform A as B, for example AWS=LOCAL,OCI=LOCAL
  --name NAME                name of the deployment, default "Local cluster"
  --stop-nodes               stops the local nodes too when it is told to end; without it they keep serving
  --help, --version

SIGTERM and SIGINT end it. Exit status: 0 ended as told, 1 could not start, 2 wrong command line.
)";

namespace {

Result<void> parseListen(const std::string& option, const std::string& text, std::string& address, std::uint16_t& port)
{
    const auto wrong = [&] {
        return fail(ErrorCode::InvalidArgument, option + " takes ADDRESS:PORT, not \"" + text + "\".",
                    "For example " + option + " 127.0.0.1:5080 or " + option + " [::1]:5080.");
    };
    const auto colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0)
        return wrong();
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data() + colon + 1, last, port);
    if (error != std::errc() || end != last)
        return wrong();
    address = text.substr(0, colon);
    if (address.starts_with('[') && address.ends_with(']'))
        address = address.substr(1, address.size() - 2);
    return {};
}

Result<void> parsePlatformMap(const std::string& text, std::map<std::string, std::string>& map)
{
    std::istringstream entries(text);
    for (std::string entry; std::getline(entries, entry, ',');) {
        const auto equals = entry.find('=');
        if (equals == std::string::npos || equals == 0 || equals + 1 == entry.size())
            return fail(ErrorCode::InvalidArgument, "--platform-map takes FROM=TO,..., not \"" + entry + "\".",
                        "For example --platform-map AWS=LOCAL,OCI=LOCAL.");
        map[entry.substr(0, equals)] = entry.substr(equals + 1);
    }
    return {};
}

std::vector<std::string> partsOf(const std::string& text)
{
    std::vector<std::string> parts;
    std::istringstream entries(text);
    for (std::string entry; std::getline(entries, entry, ',');)
        parts.push_back(entry);
    return parts;
}

Result<void> parseMinutes(const std::string& text, std::chrono::seconds& lifetime)
{
    int minutes = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, minutes);
    if (error != std::errc() || end != last || minutes < 1 || minutes > 24 * 60)
        return fail(ErrorCode::InvalidArgument, "--token-minutes takes a number from 1 to 1440.");
    lifetime = std::chrono::minutes(minutes);
    return {};
}

bool takeFlag(const std::string& name, ServerCommandLine& line)
{
    if (name == "--stop-nodes")
        line.stopsNodes = true;
    else if (name == "--tls")
        line.hasOwnAuthority = true;
    else if (name == "--plain-http")
        line.api.plainHttp = PlainHttp::Anywhere;
    else
        return false;
    return true;
}

template <typename Number>
Result<void> parseCount(const std::string& name, const std::string& text, Number& count)
{
    constexpr Number most = 100'000;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, count);
    if (error != std::errc() || end != last || count < Number{0} || count > most)
        return fail(ErrorCode::InvalidArgument, name + " takes a number from 0 to 100000.");
    return {};
}

Result<void> parseRate(const std::string& name, const std::string& text, int burst, CallRate& rate)
{
    auto parsed = parseCount(name, text, rate.perSecond);
    rate.atOnce = parsed ? rate.perSecond * burst : 0;
    return parsed;
}

Result<void> takeOption(const std::string& name, const std::string& value, ServerCommandLine& line)
{
    if (name == "--platform-map")
        return parsePlatformMap(value, line.host.platformMap);
    if (name == "--trusted-proxy") {
        auto proxies = TrustedProxies::parse(value);
        if (!proxies)
            return tl::unexpected(proxies.error());
        line.api.trustedProxies = std::move(*proxies);
        return {};
    }
    if (name == "--host-name") {
        line.api.hostNames = partsOf(value);
        return {};
    }
    if (name == "--rate-per-address")
        return parseRate(name, value, 4, line.api.callRates.perAddress);
    if (name == "--rate-per-session")
        return parseRate(name, value, 5, line.api.callRates.perSession);
    if (name == "--connections-per-address")
        return parseCount(name, value, line.api.limits.connectionsPerAddress);
    if (name == "--token-minutes")
        return parseMinutes(value, line.api.tokenLifetimes.dialect);
    const std::map<std::string, std::string*> texts = {{"--data-dir", &line.host.dataDir},
                                                       {"--node-listen", &line.nodeListen},
                                                       {"--listen", &line.listen},
                                                       {"--admin-password-file", &line.passwordFile},
                                                       {"--token-secret-file", &line.tokenSecretFile},
                                                       {"--certificate", &line.certificateFile},
                                                       {"--key", &line.keyFile},
                                                       {"--local-network", &line.host.localNetwork},
                                                       {"--node-address", &line.host.nodeAddress},
                                                       {"--node-certificate", &line.host.nodeCertificate},
                                                       {"--node-key", &line.host.nodeKey},
                                                       {"--node-authorities", &line.host.nodeAuthorities},
                                                       {"--node-certificate-name", &line.host.nodeCertificateName},
                                                       {"--geoip", &line.host.geoDatabase},
                                                       {"--name", &line.host.deploymentName}};
    const auto text = texts.find(name);
    if (text == texts.end())
        return fail(ErrorCode::InvalidArgument, "There is no option " + name + ".", "headgated --help lists them.");
    *text->second = value;
    return {};
}

Result<void> checkTls(ServerCommandLine& line)
{
    if (line.certificateFile.empty() != line.keyFile.empty())
        return fail(ErrorCode::InvalidArgument, "--certificate and --key go together.", "Give both.");
    if (line.hasOwnAuthority && !line.certificateFile.empty())
        return fail(ErrorCode::InvalidArgument, "--tls makes a certificate, and --certificate names another one.",
                    "Give one of them.");
    const bool isTls = line.hasOwnAuthority || !line.certificateFile.empty();
    if (isTls && line.api.plainHttp == PlainHttp::Anywhere)
        return fail(ErrorCode::InvalidArgument, "--plain-http means without TLS.", "Leave it out.");
    constexpr std::uint16_t httpPort = 5080, httpsPort = 5443;
    if (!line.listen.empty())
        return parseListen("--listen", line.listen, line.api.listenAddress, line.api.port);
    line.api.port = isTls ? httpsPort : httpPort;
    return {};
}

Result<void> checkNodeListen(ServerCommandLine& line)
{
    EngineHostOptions& host = line.host;
    if (line.nodeListen.empty())
        return {};
    auto parsed = parseListen("--node-listen", line.nodeListen, host.nodeListenAddress, host.nodeListenPort);
    if (parsed && host.nodeListenPort == 0)
        return fail(ErrorCode::InvalidArgument, "--node-listen needs a port other than 0.",
                    "Nodes that run come back to it after a restart.");
    return parsed;
}

// Nodes are started elsewhere than here, so they need whole paths; and a missing file should be told before they fail.
Result<void> checkNodeCertificate(EngineHostOptions& host)
{
    if (host.nodeCertificate.empty() != host.nodeKey.empty())
        return fail(ErrorCode::InvalidArgument, "--node-certificate and --node-key go together.", "Give both.");
    if (!host.nodeAuthorities.empty() && host.nodeCertificate.empty())
        return fail(ErrorCode::InvalidArgument, "--node-authorities needs a --node-certificate.", "Give both.");
    if (!host.nodeCertificateName.empty() && host.nodeAuthorities.empty())
        return fail(ErrorCode::InvalidArgument, "--node-certificate-name needs --node-authorities.", "Give both.");
    for (std::string* file : {&host.nodeCertificate, &host.nodeKey, &host.nodeAuthorities}) {
        if (file->empty())
            continue;
        if (!std::ifstream(*file))
            return fail(ErrorCode::NotFound, "The file " + *file + " cannot be read.",
                        "Check its name and who may read it.");
        *file = std::filesystem::absolute(*file).string();
    }
    return {};
}

}  // namespace

Result<ServerCommandLine> parseServerCommandLine(const std::vector<std::string>& arguments)
{
    ServerCommandLine line;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        std::string name = arguments[i];
        if (takeFlag(name, line))
            continue;
        std::optional<std::string> value;
        if (const auto equals = name.find('='); name.starts_with("--") && equals != std::string::npos) {
            value = name.substr(equals + 1);
            name.resize(equals);
        } else if (i + 1 < arguments.size()) {
            value = arguments[++i];
        }
        const auto taken = takeOption(name, value.value_or(""), line);
        if (!taken)
            return tl::unexpected(taken.error());
        if (!value || value->empty())
            return fail(ErrorCode::InvalidArgument, "The option " + name + " needs a value.");
    }
    if (line.host.dataDir.empty())
        return fail(ErrorCode::InvalidArgument, "--data-dir is missing.",
                    "For example --data-dir ~/.local/share/headgate.");
    for (const auto& checked : {checkTls(line), checkNodeListen(line), checkNodeCertificate(line.host)}) {
        if (!checked)
            return tl::unexpected(checked.error());
    }
    return line;
}

}  // namespace headgate
