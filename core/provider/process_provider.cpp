#include "core/provider/process_provider.h"

#include "core/provider/node_addresses.h"
#include "core/provider/process_watcher.h"
#include "core/provider/spawn.h"
#include "core/storage/recording_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace headgate {

namespace {

namespace fs = std::filesystem;

constexpr Duration terminationGrace{5'000};
constexpr std::size_t keptFolders = 50;  // logs of ended nodes

std::string capabilityWords(const Role& role)
{
    std::string words;
    const auto add = [&](Capability capability, const char* word) {
        if (role.can(capability))
            words += (words.empty() ? "" : ",") + std::string(word);
    };
    add(Capability::Publish, "publish");
    add(Capability::Subscribe, "subscribe");
    add(Capability::Transcode, "transcode");
    add(Capability::Mix, "mix");
    return words;
}

std::string valueAfter(const std::vector<std::string>& arguments, const std::string& option)
{
    const auto found = std::ranges::find(arguments, option);
    return found == arguments.end() || found + 1 == arguments.end() ? std::string() : *(found + 1);
}

std::uint16_t portFrom(const std::string& text)
{
    std::uint16_t port = 0;
    std::from_chars(text.data(), text.data() + text.size(), port);
    return port;
}

Result<void> writePrivateFile(const std::string& file, const std::string& content)
{
    ::unlink(file.c_str());
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    const bool isWritten =
        descriptor >= 0 && ::write(descriptor, content.data(), content.size()) == static_cast<ssize_t>(content.size());
    const int error = errno;
    if (descriptor >= 0)
        ::close(descriptor);
    if (!isWritten)
        return fail(ErrorCode::Unavailable, file + " cannot be written: " + std::strerror(error) + ".",
                    "Make room on the disk, and check who owns the directory.");
    return {};
}

}  // namespace

class ProcessProvider::Private
{
public:
    Private(ProcessProviderOptions providerOptions, NodeAddresses nodeAddresses)
        : options(std::move(providerOptions)),
          addresses(std::move(nodeAddresses)),
          watcher([this](const NodeId& node, const std::string& how) { onEnd(node, how); })
    {}

    std::string nodesFolder() const { return options.dataDir + "/nodes"; }
    std::string folderOf(const NodeId& node) const { return nodesFolder() + "/" + node.value; }
    std::string networkKeysFile(const NodeId& node) const { return folderOf(node) + "/control.pem"; }
    std::vector<ProviderStarted> findRunning() const;
    std::optional<ProviderStarted> recognise(const RunningProgram& program) const;
    std::vector<NodeEndpoints> usedEndpoints() const;
    Result<void> writeNetworkKeys(const NodeId& node) const;
    Result<Program> programFor(const LaunchNode& launch, const NodeEndpoints& endpoints) const;
    void remember(const ProviderStarted& started);
    void onEnd(const NodeId& node, const std::string& how);
    void dropOldFolders() const;

    const ProcessProviderOptions options;
    const NodeAddresses addresses;
    mutable std::mutex mutex;
    std::map<NodeId, ProviderStarted> running;  // guarded by mutex
    ProcessWatcher watcher;                     // last: its thread uses the members above
};

ProcessProvider::ProcessProvider(std::unique_ptr<Private> d) : m_d(std::move(d))
{}

ProcessProvider::~ProcessProvider() = default;

Result<std::unique_ptr<ProcessProvider>> ProcessProvider::make(ProcessProviderOptions options)
{
    Result<NodeAddresses> addresses = NodeAddresses::make(options.localNetwork, options.nodeAddress,
                                                          options.certificate.file.empty() ? Rtmps::No : Rtmps::Yes);
    if (!addresses)
        return tl::unexpected(addresses.error());
    auto d = std::make_unique<Private>(std::move(options), std::move(*addresses));
    if (::mkdir(d->nodesFolder().c_str(), 0700) != 0 && errno != EEXIST)
        return fail(ErrorCode::Unavailable, d->nodesFolder() + " cannot be made: " + std::strerror(errno) + ".",
                    "Make room on the disk, and check who owns the directory.");
    return std::unique_ptr<ProcessProvider>(new ProcessProvider(std::move(d)));
}

std::vector<ProviderStarted> ProcessProvider::adopt(const std::vector<Node>& known)
{
    std::set<NodeId> knownIds;
    for (const Node& node : known)
        knownIds.insert(node.id);
    std::vector<ProviderStarted> adopted;
    for (const ProviderStarted& found : m_d->findRunning()) {
        m_d->remember(found);
        if (knownIds.contains(found.node)) {
            renewNetworkKeys(found.node);
            adopted.push_back(found);
        } else {
            m_d->watcher.terminate(found.node, terminationGrace);
        }
    }
    m_d->dropOldFolders();
    return adopted;
}

Result<ProviderStarted> ProcessProvider::start(const LaunchNode& launch)
{
    {
        const std::lock_guard lock(m_d->mutex);
        if (const auto found = m_d->running.find(launch.node.id); found != m_d->running.end())
            return found->second;
    }
    const Result<NodeEndpoints> endpoints = m_d->addresses.choose(m_d->usedEndpoints());
    if (!endpoints)
        return tl::unexpected(endpoints.error());
    const Result<Program> program = m_d->programFor(launch, *endpoints);
    if (!program)
        return tl::unexpected(program.error());
    const Result<ProcessIdentity> process = spawnDetached(*program);
    if (!process)
        return tl::unexpected(process.error());
    const ProviderStarted started{launch.node.id, process->toReference(), *endpoints};
    m_d->remember(started);
    return started;
}

void ProcessProvider::renewNetworkKeys(const NodeId& node) const
{
    if (m_d->options.networkKeysOf)
        std::ignore = m_d->writeNetworkKeys(node);  // the present ones hold for a while, and it is tried again
}

void ProcessProvider::terminate(const TerminateNode& terminate)
{
    if (m_d->watcher.terminate(terminate.node, terminationGrace))
        return;
    m_d->options.onGone({terminate.node, "did not run any more"});
}

void ProcessProvider::terminateAll(Duration grace)
{
    std::vector<NodeId> nodes;
    {
        const std::lock_guard lock(m_d->mutex);
        for (const auto& [node, started] : m_d->running)
            nodes.push_back(node);
    }
    for (const NodeId& node : nodes)
        m_d->watcher.terminate(node, grace);
}

int ProcessProvider::runningCount() const
{
    return m_d->watcher.watchedCount();
}

// A node of ours is a process whose data directory stands below our own.
std::optional<ProviderStarted> ProcessProvider::Private::recognise(const RunningProgram& program) const
{
    const NodeId id(valueAfter(program.arguments, "--node-id"));
    if (id.isEmpty() || valueAfter(program.arguments, "--data-dir") != folderOf(id))
        return std::nullopt;
    NodeEndpoints endpoints;
    endpoints.address = valueAfter(program.arguments, "--address");
    endpoints.rtmpPort = portFrom(valueAfter(program.arguments, "--rtmp-port"));
    endpoints.httpPort = portFrom(valueAfter(program.arguments, "--http-port"));
    endpoints.rtmpsPort = portFrom(valueAfter(program.arguments, "--rtmps-port"));
    endpoints.webrtcPort = portFrom(valueAfter(program.arguments, "--webrtc-port"));
    endpoints.httpsPort = portFrom(valueAfter(program.arguments, "--https-port"));
    return ProviderStarted{id, program.process.toReference(), endpoints};
}

std::vector<ProviderStarted> ProcessProvider::Private::findRunning() const
{
    std::vector<ProviderStarted> found;
    for (const RunningProgram& program : runningPrograms()) {
        if (auto node = recognise(program))
            found.push_back(std::move(*node));
    }
    return found;
}

std::vector<NodeEndpoints> ProcessProvider::Private::usedEndpoints() const
{
    const std::lock_guard lock(mutex);
    std::vector<NodeEndpoints> used;
    for (const auto& [node, started] : running)
        used.push_back(started.endpoints);
    return used;
}

// Whole at any instant, as the node may read it now.
Result<void> ProcessProvider::Private::writeNetworkKeys(const NodeId& node) const
{
    const std::string file = networkKeysFile(node);
    auto written = writePrivateFile(file + ".new", options.networkKeysOf(node));
    if (written)
        ::rename((file + ".new").c_str(), file.c_str());
    return written;
}

Result<Program> ProcessProvider::Private::programFor(const LaunchNode& launch, const NodeEndpoints& endpoints) const
{
    const NodeId& id = launch.node.id;
    const std::string folder = folderOf(id);
    const std::string credentialFile = folder + "/credential";
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return fail(ErrorCode::Unavailable, folder + " cannot be made: " + std::strerror(errno) + ".",
                    "Make room on the disk, and check who owns the directory.");
    if (auto written = writePrivateFile(credentialFile, options.credentialOf(id)); !written)
        return tl::unexpected(written.error());
    Program program;
    program.path = options.nodeProgram;
    program.logFile = folder + "/node.log";
    program.arguments = {"--node-id",
                         id.value,
                         "--credential-file",
                         credentialFile,
                         "--control",
                         options.controlAddress,
                         "--address",
                         endpoints.address,
                         "--rtmp-port",
                         std::to_string(endpoints.rtmpPort),
                         "--http-port",
                         std::to_string(endpoints.httpPort),
                         "--role",
                         launch.role.name,
                         "--capabilities",
                         capabilityWords(launch.role),
                         "--data-dir",
                         folder};
    if (endpoints.webrtcPort != 0)
        program.arguments.insert(program.arguments.end(), {"--webrtc-port", std::to_string(endpoints.webrtcPort)});
    if (endpoints.rtmpsPort != 0) {
        const std::initializer_list<std::string> secure = {"--rtmps-port",      std::to_string(endpoints.rtmpsPort),
                                                           "--tls-certificate", options.certificate.file,
                                                           "--tls-key",         options.certificate.keyFile};
        program.arguments.insert(program.arguments.end(), secure);
        if (const std::uint16_t https = httpsPortOf(endpoints); https != 0)
            program.arguments.insert(program.arguments.end(), {"--https-port", std::to_string(https)});
    }
    const auto add = [&program](const char* option, const std::string& value) {
        if (!value.empty())
            program.arguments.insert(program.arguments.end(), {option, value});
    };
    if (options.networkKeysOf) {
        if (auto written = writeNetworkKeys(id); !written)
            return tl::unexpected(written.error());
        add("--control-keys", networkKeysFile(id));
    }
    if (endpoints.srtPort != 0)
        add("--srt-port", std::to_string(endpoints.srtPort));
    if (endpoints.rtspPort != 0)
        add("--rtsp-port", std::to_string(endpoints.rtspPort));
    add("--files", options.dataDir + "/files");
    // They outlive the nodes, and each node of a group plays what another one recorded.
    add("--recordings", recording_folder::ofGroup(options.dataDir, launch.node.pool.nodeGroup));
    add("--tls-authorities", options.certificate.authoritiesFile);
    add("--tls-parent-name", options.certificate.name);
    return program;
}

void ProcessProvider::Private::remember(const ProviderStarted& started)
{
    {
        const std::lock_guard lock(mutex);
        running[started.node] = started;
    }
    // Only references of our own making come here.
    watcher.watch(started.node, *ProcessIdentity::fromReference(started.providerReference));
}

void ProcessProvider::Private::onEnd(const NodeId& node, const std::string& how)
{
    {
        const std::lock_guard lock(mutex);
        running.erase(node);
    }
    options.onGone({node, how});
}

// The logs of nodes that ended are worth keeping for a while, not for ever.
void ProcessProvider::Private::dropOldFolders() const
{
    std::vector<std::pair<fs::file_time_type, fs::path>> ended;
    std::error_code error;
    const std::lock_guard lock(mutex);
    for (const auto& entry : fs::directory_iterator(nodesFolder(), error)) {
        if (!running.contains(NodeId(entry.path().filename().string())))
            ended.emplace_back(entry.last_write_time(error), entry.path());
    }
    std::ranges::sort(ended, std::greater());
    for (std::size_t i = keptFolders; i < ended.size(); ++i)
        fs::remove_all(ended[i].second, error);
}

}  // namespace headgate
