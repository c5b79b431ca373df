// headgated: the control plane without a screen.
#include "app/server_command_line.h"
#include "core/api/api_server.h"
#include "core/api/own_names.h"
#include "core/api/setup_token.h"
#include "core/api/sign_in.h"
#include "core/plane/engine_host.h"
#include "core/plane/passwords.h"

#include <QCoreApplication>

#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <future>

namespace headgate {
namespace {

constexpr int startFailed = 1;
constexpr int wrongUsage = 2;
constexpr std::size_t leastSecretBytes = 32;
constexpr auto nodeStopTimeout = std::chrono::seconds(15);

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

// --- secrets in files, and the admin account ---

Result<std::string> readSecret(const std::string& path)
{
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode))
        return fail(ErrorCode::NotFound, "There is no file " + path + ".");
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return fail(ErrorCode::PermissionDenied, "Others may read the file " + path + ".", "Run: chmod 600 " + path);
    std::ifstream file(path);
    std::string password;
    if (!std::getline(file, password))
        return fail(ErrorCode::Unavailable, "The file " + path + " cannot be read or is empty.");
    if (password.ends_with('\r'))
        password.pop_back();
    return password;
}

Result<void> putAdmin(EngineHost& host, const std::string& password)
{
    const AccountPtr present = host.findAccount("admin");
    if (present && isPasswordOf(password, present->passwordHash))
        return {};
    auto account = makeAccount("admin", password, AccountRole::Admin);
    if (!account)
        return tl::unexpected(account.error());
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

// --- TLS ---

// Puts in place what the interface shows; answers the file of whom clients have to trust, empty if they do already.
Result<std::string> secure(ServerCommandLine& settings, const EngineHost& host)
{
    if (settings.hasOwnAuthority) {
        const auto authority = LocalAuthority::open(host.options().dataDir, host.derivedKey("seal"), systemNow());
        auto tls = authority
                       ? ServerTls::issuedBy(*authority, ownNames(settings.api.listenAddress, settings.api.hostNames),
                                             TlsClients::Anyone, systemNow())
                       : tl::unexpected(authority.error());
        if (!tls)
            return tl::unexpected(tls.error());
        settings.api.tls = std::move(*tls);
        say("TLS: the authority of this control plane is in " + (*authority)->certificateFile() + ", SHA-256");
        say("    " + fingerprintOf((*authority)->certificate()));
        return (*authority)->certificateFile();
    }
    if (!settings.certificateFile.empty()) {
        auto tls = ServerTls::ofFiles(settings.certificateFile, settings.keyFile, say, systemNow());
        if (!tls)
            return tl::unexpected(tls.error());
        settings.api.tls = std::move(*tls);
    }
    return std::string();
}

std::string urlOf(const ApiOptions& api, std::uint16_t port)
{
    const bool isIpv6 = api.listenAddress.find(':') != std::string::npos;
    const std::string host = isAnyAddress(api.listenAddress) ? "localhost"
                             : isIpv6                        ? "[" + api.listenAddress + "]"
                                                             : api.listenAddress;
    return (api.tls ? "https://" : "http://") + host + ":" + std::to_string(port);
}

// `authorityFile` as secure() answers it.
void explainSetup(const std::string& url, const std::string& token, const std::string& authorityFile)
{
    const std::string ctlTrust = authorityFile.empty() ? "" : " --ca " + authorityFile;
    const std::string curlTrust = authorityFile.empty() ? "" : "--cacert " + authorityFile + " ";
    say("");
    say("There is no account yet. One-time setup token, for the first account only:");
    say("");
    say("    " + token);
    say("");
    say("Use it with the command line:");
    say("    headgatectl setup --server " + url + " --setup-token " + token + " --user admin" + ctlTrust);
    say("or with curl (password of 12 characters or more):");
    say("    curl " + curlTrust + "-X POST " + url + "/api/v1/setup -H 'Content-Type: application/json' \\");
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

int serve(ServerCommandLine settings)
{
    settings.host.tell = say;
    auto host = EngineHost::start(settings.host);
    if (!host)
        return complain(host.error());
    if (!settings.passwordFile.empty()) {
        const auto password = readSecret(settings.passwordFile);
        const auto put = password ? putAdmin(**host, *password) : tl::unexpected(password.error());
        if (!put)
            return complain(put.error());
    }
    if (!settings.tokenSecretFile.empty()) {
        const auto secret = readSecret(settings.tokenSecretFile);
        if (!secret)
            return complain(secret.error());
        if (secret->size() < leastSecretBytes)
            return complain({ErrorCode::InvalidArgument,
                             "The secret in --token-secret-file is too short.",
                             "It has 32 characters or more.",
                             {}});
        settings.api.sharedSecret = *secret;
    }
    const std::string token = (*host)->hasAccounts() ? std::string() : newSetupToken();
    if (!token.empty())
        settings.api.setupTokenDigest = setupTokenDigest(token);
    const auto authorityFile = secure(settings, **host);
    if (!authorityFile)
        return complain(authorityFile.error());
    auto api = ApiServer::start(settings.api, **host);
    if (!api)
        return complain(api.error());
    const std::string url = urlOf(settings.api, (*api)->port());
    say("headgated " HEADGATE_VERSION " listens on " + url + ", data in " + settings.host.dataDir + ".");
    if (!token.empty())
        explainSetup(url, token, *authorityFile);
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
            return std::fputs(serverUsage, stdout) < 0 ? startFailed : 0;
        if (argument == "--version")
            return std::puts("headgated " HEADGATE_VERSION) < 0 ? startFailed : 0;
    }
    auto settings = parseServerCommandLine(arguments);
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
