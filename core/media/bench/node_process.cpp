#include "core/media/bench/node_process.h"

#include "core/media/bench/measured.h"

#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>
#include <thread>
#include <utility>

extern char** environ;

namespace headgate::bench {

namespace {

constexpr std::uint64_t patienceNs = 10'000'000'000;
constexpr std::string_view portMark = "listens: rtmp ";

tl::unexpected<Error> notStarted(const std::string& program, const std::string& why)
{
    return fail(ErrorCode::Unavailable, program + " did not start: " + why + ".",
                "Name the node program with --node-program.");
}

}  // namespace

NodeProcess::NodeProcess(NodeProcess&& other) noexcept
    : m_pid(std::exchange(other.m_pid, -1)), m_output(std::move(other.m_output)), m_rtmp(std::move(other.m_rtmp))
{}

NodeProcess::~NodeProcess()
{
    if (m_pid < 0)
        return;
    ::kill(m_pid, SIGTERM);
    constexpr int tries = 200;
    for (int i = 0; i < tries; ++i) {
        if (::waitpid(m_pid, nullptr, WNOHANG) != 0)
            return;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ::kill(m_pid, SIGKILL);
    ::waitpid(m_pid, nullptr, 0);
}

Result<NodeProcess> NodeProcess::start(const std::string& program, const std::vector<std::string>& options)
{
    // Memory instead of a pipe: nobody reads what the node says later, and it must not wait for that.
    Socket output(::memfd_create("headgate-node", MFD_CLOEXEC));
    if (!output.isOpen())
        return notStarted(program, std::generic_category().message(errno));
    std::vector<std::string> words{program, "--address", "127.0.0.1", "--rtmp-port", "0", "--http-port", "0"};
    words.insert(words.end(), options.begin(), options.end());
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_adddup2(&files, output.fd(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, output.fd(), STDERR_FILENO);
    // Whoever starts it may have blocked signals for its own use.
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    pid_t pid = -1;
    const int error = ::posix_spawn(&pid, program.c_str(), &files, &attributes, arguments.data(), environ);
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&files);
    if (error != 0)
        return notStarted(program, std::generic_category().message(error));
    NodeProcess process(pid, std::move(output));
    if (auto ready = process.awaitPort(); !ready)
        return notStarted(program, ready.error().message);
    return process;
}

Result<void> NodeProcess::awaitPort()
{
    const std::uint64_t end = nowNs() + patienceNs;
    bool hasEnded = false;
    while (nowNs() < end) {
        std::array<char, 4096> buffer{};
        const ssize_t size = ::pread(m_output.fd(), buffer.data(), buffer.size(), 0);
        const std::string said(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
        const std::size_t mark = said.find(portMark);
        const std::size_t comma = mark == std::string::npos ? mark : said.find(',', mark);
        if (comma == std::string::npos && hasEnded) {
            m_pid = -1;
            return fail(ErrorCode::Unavailable, said.empty() ? "it ended at once" : "it said: " + said);
        }
        if (comma == std::string::npos) {
            hasEnded = ::waitpid(m_pid, nullptr, WNOHANG) != 0;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            continue;
        }
        const std::size_t begin = mark + portMark.size();
        auto address = parseSocketAddress(said.substr(begin, comma - begin));
        if (!address)
            return tl::unexpected(address.error());
        m_rtmp = std::move(*address);
        return {};
    }
    return fail(ErrorCode::Unavailable, "it does not listen after 10 seconds");
}

}  // namespace headgate::bench
