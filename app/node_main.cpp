// headgate-node: one media node as a process.

#include "core/media/agent/node_command_line.h"

#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <utility>

namespace {

using namespace headgate;

constexpr int exitUsage = 2;
constexpr int exitBind = 3;

// One descriptor per session: as many as the system allows, less those for pulls and the control plane.
std::size_t mostSessionsBySystem()
{
    constexpr rlim_t reserved = 512;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return reserved;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur > 2 * reserved ? limit.rlim_cur - reserved : limit.rlim_cur / 2;
}

// SIGTERM and SIGINT as a descriptor for the event loop.
Socket takeSignals()
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of the write
    return Socket(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

Result<std::string> readSecret(const std::string& path)
{
    std::ifstream file(path);
    std::ostringstream read;
    if (!file || !(read << file.rdbuf()))
        return fail(ErrorCode::NotFound, "The file " + path + " cannot be read, or is empty.");
    std::string text = read.str();
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
        text.pop_back();
    return text;
}

int complain(const Error& error, int code)
{
    std::cerr << "headgate-node: " << error.message << (error.remedy.empty() ? "" : " ") << error.remedy << std::endl;
    return code;
}

std::string describe(const NodeCommandLine& line, const MediaNode& node)
{
    const NodeEndpoints at = node.endpoints();
    std::string text = "headgate-node " HEADGATE_VERSION " listens: rtmp " +
                       toText(SocketAddress{at.address, at.rtmpPort, {}}) + ", http " +
                       toText(SocketAddress{at.address, at.httpPort, {}});
    if (const auto rtmps = node.rtmpsAddress())
        text += ", rtmps " + toText(*rtmps);
    if (const auto https = node.httpsAddress())
        text += ", https " + toText(*https);
    if (at.srtPort != 0)
        text += ", srt " + toText(SocketAddress{at.address, at.srtPort, {}});
    if (at.rtspPort != 0)
        text += ", rtsp " + toText(SocketAddress{at.address, at.rtspPort, {}});
    if (at.webrtcPort != 0)
        text += ", webrtc " + toText(SocketAddress{at.address, at.webrtcPort, {}});
    text += line.node.agent ? ", node " + line.node.id.value : std::string(", stands alone");
    return line.role.empty() ? text : text + ", role " + line.role;
}

// Beside this program; empty if it is not there.
std::string programBeside(const char* name)
{
    std::error_code error;
    const auto path = std::filesystem::read_symlink("/proc/self/exe", error).replace_filename(name);
    return ::access(path.c_str(), X_OK) == 0 ? path.string() : std::string();
}

int run(NodeCommandLine line)
{
    line.node.thumbnailProgram = programBeside("headgate-thumbnail");
    line.node.remuxProgram = programBeside("headgate-remux");
    if (line.node.agent) {
        const auto credential = readSecret(line.credentialFile);
        if (!credential)
            return complain(credential.error(), exitUsage);
        line.node.agent->credential = *credential;
    }
    if (line.node.srt && !line.srtPassphraseFile.empty()) {
        const auto passphrase = readSecret(line.srtPassphraseFile);
        if (!passphrase)
            return complain(passphrase.error(), exitUsage);
        if (passphrase->size() < srt::shortestPassphrase || passphrase->size() > srt::longestPassphrase)
            return complain({ErrorCode::InvalidArgument,
                             "The passphrase in " + line.srtPassphraseFile + " does not have 10 to 79 characters.",
                             {},
                             {}},
                            exitUsage);
        line.node.srt->passphrase = *passphrase;
    }
    line.node.mostSessions = std::min(line.node.mostSessions, mostSessionsBySystem());
    const Socket signals = takeSignals();
    const Log log(line.logLevel);
    EventLoop loop;
    MediaNode* open = nullptr;
    const auto stop = [&loop, &log, &open](std::string_view reason) {
        log.info("ends: " + std::string(reason));
        if (!open)
            return loop.stop();
        open->farewell().begin([&loop] { loop.stop(); });
    };
    const auto node = MediaNode::open(loop, log, line.node, stop);
    if (!node)
        return complain(node.error(), node.error().code == ErrorCode::Unavailable ? exitBind : exitUsage);
    open = node->get();
    bool isSignalled = false;
    loop.watch(signals.fd(), Interest::Read, [&](Readiness) {
        signalfd_siginfo taken{};
        while (::read(signals.fd(), &taken, sizeof taken) == ssize_t{sizeof taken}) {
        }
        // Whoever asks a second time does not want to wait.
        if (std::exchange(isSignalled, true))
            return loop.stop();
        stop("signal");
    });
    log.info(describe(line, **node));
    loop.run();
    return 0;
}

}  // namespace

int main(int count, char** arguments)
{
    auto line = parseNodeCommandLine(std::vector<std::string>(arguments + 1, arguments + count));
    if (!line)
        return complain(line.error(), exitUsage);
    if (line->isHelpWanted) {
        std::cout << nodeUsage;
        return 0;
    }
    return run(std::move(*line));
}
