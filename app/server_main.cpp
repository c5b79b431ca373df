// headgated: the control plane without a screen.
#include "core/api/api_server.h"
#include "core/api/passwords.h"
#include "core/api/setup_token.h"
#include "core/plane/engine_host.h"

#include <QCoreApplication>

#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <future>
#include <optional>
#include <sstream>

namespace headgate {
namespace {

constexpr const char* usage = R"(Usage: headgated --data-dir DIR [options]

The control plane of a media cluster, with its HTTP interface.

  --data-dir DIR             where configuration and audit trail are kept; made if absent
  --listen ADDRESS:PORT      default 127.0.0.1:5080; port 0 takes any free one; loopback only
  --admin-password-file F    makes the account "admin" with the password in F, or gives it that password;
                             F must be readable by its owner only
  --local-network NET        loopback addresses for local nodes, default 127.77.0.0/16
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
  --platform-map A=B,...     runs node groups of the cloud platform A as B, for example AWS=LOCAL,OCI=LOCAL
  --name NAME                name of the deployment, default "Local cluster"
  --stop-nodes               stops the local nodes too when it is told to end; without it they keep serving
  --help, --version

SIGTERM and SIGINT end it. Exit status: 0 ended as told, 1 could not start, 2 wrong command line.
)";

constexpr int startFailed = 1;
constexpr int wrongUsage = 2;
constexpr auto nodeStopTimeout = std::chrono::seconds(15);

struct Settings
{
    EngineHostOptions host;
    ApiOptions api;
    std::string passwordFile;
    bool stopsNodes = false;
};

void say(const std::string& line)
{
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
}

int complain(const Error& error)
{
    std::fprintf(stderr, "headgated: %s%s%s\n", error.message.c_str(), error.remedy.empty() ? "" : " ",
                 error.remedy.c_str());
    return error.code == ErrorCode::InvalidArgument ? wrongUsage : startFailed;
}

// --- command line ---

Result<void> parseListen(const std::string& text, ApiOptions& api)
{
    const auto wrong = [&text] {
        return fail(ErrorCode::InvalidArgument, "--listen takes ADDRESS:PORT, not \"" + text + "\".",
                    "For example --listen 127.0.0.1:5080 or --listen [::1]:5080.");
    };
    const auto colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0)
        return wrong();
    std::string address = text.substr(0, colon);
    if (address.starts_with('[') && address.ends_with(']'))
        address = address.substr(1, address.size() - 2);
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data() + colon + 1, last, api.port);
    if (error != std::errc() || end != last)
        return wrong();
    api.listenAddress = address;
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

Result<void> takeOption(const std::string& name, const std::string& value, Settings& settings)
{
    if (name == "--listen")
        return parseListen(value, settings.api);
    if (name == "--platform-map")
        return parsePlatformMap(value, settings.host.platformMap);
    if (name == "--trusted-proxy") {
        auto proxies = TrustedProxies::parse(value);
        if (!proxies)
            return tl::unexpected(proxies.error());
        settings.api.trustedProxies = std::move(*proxies);
        return {};
    }
    const std::map<std::string, std::string*> texts = {{"--data-dir", &settings.host.dataDir},
                                                       {"--admin-password-file", &settings.passwordFile},
                                                       {"--local-network", &settings.host.localNetwork},
                                                       {"--node-address", &settings.host.nodeAddress},
                                                       {"--node-certificate", &settings.host.nodeCertificate},
                                                       {"--node-key", &settings.host.nodeKey},
                                                       {"--node-authorities", &settings.host.nodeAuthorities},
                                                       {"--node-certificate-name", &settings.host.nodeCertificateName},
                                                       {"--geoip", &settings.host.geoDatabase},
                                                       {"--name", &settings.host.deploymentName}};
    const auto text = texts.find(name);
    if (text == texts.end())
        return fail(ErrorCode::InvalidArgument, "There is no option " + name + ".", "headgated --help lists them.");
    *text->second = value;
    return {};
}

// Nodes are started elsewhere than here, so they need whole paths; and a missing file should be told before they fail.
Result<void> checkCertificate(EngineHostOptions& host)
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

Result<Settings> parseArguments(const std::vector<std::string>& arguments)
{
    Settings settings;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        std::string name = arguments[i];
        if (name == "--stop-nodes") {
            settings.stopsNodes = true;
            continue;
        }
        std::optional<std::string> value;
        if (const auto equals = name.find('='); name.starts_with("--") && equals != std::string::npos) {
            value = name.substr(equals + 1);
            name.resize(equals);
        } else if (i + 1 < arguments.size()) {
            value = arguments[++i];
        }
        const auto taken = takeOption(name, value.value_or(""), settings);
        if (!taken)
            return tl::unexpected(taken.error());
        if (!value || value->empty())
            return fail(ErrorCode::InvalidArgument, "The option " + name + " needs a value.");
    }
    if (settings.host.dataDir.empty())
        return fail(ErrorCode::InvalidArgument, "--data-dir is missing.",
                    "For example --data-dir ~/.local/share/headgate.");
    if (const auto checked = checkCertificate(settings.host); !checked)
        return tl::unexpected(checked.error());
    return settings;
}

// --- the admin account ---

Result<std::string> readPassword(const std::string& path)
{
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode))
        return fail(ErrorCode::NotFound, "There is no password file " + path + ".");
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return fail(ErrorCode::PermissionDenied, "Others may read the password file " + path + ".",
                    "Run: chmod 600 " + path);
    std::ifstream file(path);
    std::string password;
    if (!std::getline(file, password))
        return fail(ErrorCode::Unavailable, "The password file " + path + " cannot be read or is empty.");
    if (password.ends_with('\r'))
        password.pop_back();
    return password;
}

Result<void> putAdmin(EngineHost& host, const std::string& password)
{
    const auto present = host.findAccount("admin");
    if (!present)
        return tl::unexpected(present.error());
    if (*present && isPasswordOf(password, (*present)->passwordHash))
        return {};
    const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    auto account = makeAccount("admin", password, now);
    if (!account)
        return tl::unexpected(account.error());
    if (*present)
        account->createdAt = (*present)->createdAt;
    CommandRequest request;
    request.command = PutAccount{std::move(*account)};
    request.actor = Actor{"setup"};
    std::promise<Result<CommandOutcome>> done;
    host.submit(std::move(request), [&done](Result<CommandOutcome> outcome) { done.set_value(std::move(outcome)); });
    const auto outcome = done.get_future().get();
    if (!outcome)
        return tl::unexpected(outcome.error());
    say("The account \"admin\" has the password of the password file.");
    return {};
}

std::string urlOf(const ApiOptions& api, std::uint16_t port)
{
    const bool isIpv6 = api.listenAddress.find(':') != std::string::npos;
    const std::string host = isIpv6 ? "[" + api.listenAddress + "]" : api.listenAddress;
    return "http://" + host + ":" + std::to_string(port);
}

void explainSetup(const std::string& url, const std::string& token)
{
    say("");
    say("There is no account yet. One-time setup token, for the first account only:");
    say("");
    say("    " + token);
    say("");
    say("Use it with the command line:");
    say("    headgatectl setup --server " + url + " --setup-token " + token + " --user admin");
    say("or with curl (password of 12 characters or more):");
    say("    curl -X POST " + url + "/api/v1/setup -H 'Content-Type: application/json' \\");
    say("         -d '{\"token\":\"" + token + "\",\"username\":\"admin\",\"password\":\"...\"}'");
    say("");
}

// --- running ---

// Prints what is new in the audit trail. On the engine thread only.
class AuditPrinter
{
public:
    explicit AuditPrinter(const Snapshot& first) : m_lastSequence(newestOf(first)) {}

    void print(const Snapshot& snapshot)
    {
        for (auto record = snapshot.recentAudit.rbegin(); record != snapshot.recentAudit.rend(); ++record) {
            if (record->sequence > m_lastSequence)
                say(toRfc3339(record->at) + " " + record->actor + ": " + record->sentence);
        }
        m_lastSequence = newestOf(snapshot);
        if (snapshot.storeFailure != m_storeFailure)
            say(snapshot.storeFailure.empty() ? "Saving works again."
                                              : "Nothing can be saved: " + snapshot.storeFailure);
        m_storeFailure = snapshot.storeFailure;
    }

private:
    static std::int64_t newestOf(const Snapshot& snapshot)
    {
        return snapshot.recentAudit.empty() ? 0 : snapshot.recentAudit.front().sequence;
    }

    std::int64_t m_lastSequence;
    std::string m_storeFailure;
};

sigset_t stopSignals()
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    return signals;
}

std::string waitForStopSignal()
{
    const sigset_t signals = stopSignals();
    int number = 0;
    while (sigwait(&signals, &number) != 0)
        continue;
    return number == SIGTERM ? "SIGTERM" : "SIGINT";
}

// Ten thousand connections need as many file descriptors.
void raiseFileLimit()
{
    rlimit limit = {};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int serve(Settings settings)
{
    auto host = EngineHost::start(settings.host);
    if (!host)
        return complain(host.error());
    if (!settings.passwordFile.empty()) {
        const auto password = readPassword(settings.passwordFile);
        const auto put = password ? putAdmin(**host, *password) : tl::unexpected(password.error());
        if (!put)
            return complain(put.error());
    }
    const std::string token = (*host)->hasAccounts() ? std::string() : newSetupToken();
    if (!token.empty())
        settings.api.setupTokenDigest = setupTokenDigest(token);
    auto api = ApiServer::start(settings.api, **host);
    if (!api)
        return complain(api.error());
    const std::string url = urlOf(settings.api, (*api)->port());
    say("headgated " HEADGATE_VERSION " listens on " + url + ", data in " + settings.host.dataDir + ".");
    if (!token.empty())
        explainSetup(url, token);
    const auto printer = std::make_shared<AuditPrinter>(*(*host)->snapshot());
    const auto listening = (*host)->onSnapshot([printer](const SnapshotPtr& snapshot) { printer->print(*snapshot); });
    say("Ends because of " + waitForStopSignal() + ".");
    api->reset();
    if (settings.stopsNodes) {
        const int left = (*host)->stopAllNodes(nodeStopTimeout);
        say(left == 0 ? "All local nodes have ended." : std::to_string(left) + " local nodes still run.");
    }
    return 0;
}

}  // namespace
}  // namespace headgate

int main(int argc, char** argv)
{
    using namespace headgate;
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    for (const std::string& argument : arguments) {
        if (argument == "--help" || argument == "-h")
            return std::fputs(usage, stdout) < 0 ? startFailed : 0;
        if (argument == "--version")
            return std::puts("headgated " HEADGATE_VERSION) < 0 ? startFailed : 0;
    }
    auto settings = parseArguments(arguments);
    if (!settings)
        return complain(settings.error());
    // Before any thread starts, so that all of them leave these signals to waitForStopSignal().
    const sigset_t signals = stopSignals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    raiseFileLimit();
    const QCoreApplication application(argc, argv);
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    settings->host.nodeProgram = (self.parent_path() / "headgate-node").string();
    return serve(std::move(*settings));
}
