#include "core/media/agent/node_command_line.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>

namespace headgate {

const char* const nodeUsage = R"(Usage: headgate-node [options]

One media node: takes RTMP, SRT, RTSP and WebRTC publishers, serves viewers over these and HTTP, pulls from other nodes. A
control plane starts it. Without --control it stands alone: publishers and viewers meet in this process.

  --address A             IPv4 or IPv6 address to listen on (127.0.0.1)
  --rtmp-port N           RTMP port (1935)
  --http-port N           HTTP port: /{scope}/{name}.flv or .ts, and /health (5080)
  --rtmps-port N          RTMPS port, with the two files below (1936)
  --https-port N          HTTPS port, with the same two files, usually 5443; without it HTTPS is not spoken
  --tls-certificate FILE  its certificate in PEM, followed by those who signed it; read again when it changes
  --tls-key FILE          the certificate's key in PEM, without a password
  --tls-authorities FILE  pull from other nodes over RTMPS where they offer it, and only if their certificate is signed by
                          one of these in PEM; without it over RTMP. Read again when it changes
  --tls-parent-name NAME  what the certificates of those nodes are for (the address of each)
  --srt-port N            UDP port for SRT, usually 8890; without it the node does not speak SRT
  --srt-latency N         ms that SRT receivers wait for what was lost, at least: 20 to 8000 (120)
  --srt-passphrase-file FILE
                          what encrypts SRT streams, 10 to 79 characters, unless a provision gives a stream its own
  --rtsp-port N           port for RTSP, usually 8554; without it the node does not speak RTSP
  --webrtc-port N         UDP port of WebRTC, usually 8189: /whep/{scope}/{name} and /whip/{scope}/{name} at the HTTP
                          port; without it WebRTC is not spoken
  --announce A            an address at which WebRTC clients reach the node, if that is not its own, such as the public
                          one of a router; may be given several times, the best first
  --capabilities LIST     of publish and subscribe, with a comma; empty for a relay (publish,subscribe)
  --merge-window W        how long output for viewers is gathered before it is written: 0 to 1000 ms, or auto, which
                          is 0 unless the node is busy and 100 ms at most (auto)
  --loops N               event loops, each a thread: 1 to 64, or auto, as many as there are processors to use (auto)
  --control WHERE         the control plane: unix:PATH or ADDRESS:PORT
  --control-keys FILE     needed beyond loopback, for TLS with ADDRESS:PORT: the key and certificate of this node, and the
                          control plane's, in PEM; read at each connection
  --node-id ID            this node's name at the control plane; needed with --control
  --credential-file FILE  what proves it; needed with --control
  --orphan-seconds N      without a control plane and without a session for so long, end (60)
  --role NAME             for the log
  --data-dir DIR          this node's folder
  --files DIR             where jobs find the files that they play; without it they play none
  --log LEVEL             debug, info, warning or error (info)
  --hls WHEN              of which streams HLS is made: watched, or always, of all (watched)
  --hls-segment MS        a segment ends at the first key frame after so long, 500 to 10000 (2000)
  --hls-window SECONDS    how much of a stream its playlist has, as far as memory allows, 6 to 86400 (30)
  --hls-memory MIB        for the segments of all streams, 16 to 1048576 (1024)
  --recordings DIR        where recordings are kept, and played from: /vod/{scope}/{name}/{id}/index.m3u8; several nodes
                          may have the same
  --record FORMAT         record all streams that are published here, as fmp4 or flv, until the control plane says
                          otherwise; needs --recordings
  --record-segment S      a file of a recording ends at the first key frame after so long, 1 to 600 (10)
  --help                  this text

Limits: 2,000 streams and 40,000 sessions, or as many as there are descriptors (ulimit -n) less 512, a third of them for
clients of one address (of IPv6: one /64) that neither publish nor watch yet; 10 s to say what is wanted and to get the
first frame; messages of 64 KiB, of a publisher 16 MiB; 1,000 commands beside a stream; 128 characters in each part of a
name, 16 KiB in a request; a viewer 4 MiB or 5 s behind goes on with the next key frame, and after 30 s without taking
anything it is ended, like a publisher who sends nothing. Each refusal is a line in the log with its reason; above 100
lines about clients in a second the rest is counted.

Ends with 0 when told to (SIGTERM, or by the control plane), 2 for a wrong option, 3 if an address is taken.
)";

namespace {

using Options = std::map<std::string, std::string>;

tl::unexpected<Error> wrong(const std::string& option, const std::string& why)
{
    return fail(ErrorCode::InvalidArgument, option + ": " + why, "See headgate-node --help.");
}

template <typename Number>
Result<void> readNumber(const Options& options, const std::string& name, Number& value)
{
    const auto found = options.find(name);
    if (found == options.end())
        return {};
    const std::string& text = found->second;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size())
        return wrong(name, "\"" + text + "\" is no number in range.");
    return {};
}

void readText(const Options& options, const std::string& name, std::string& value)
{
    if (const auto found = options.find(name); found != options.end())
        value = found->second;
}

NodeCapabilities capabilitiesOf(std::string_view list)
{
    NodeCapabilities capabilities;
    while (!list.empty()) {
        const std::size_t comma = list.find(',');
        const std::string_view word = list.substr(0, comma);
        capabilities.canPublish = capabilities.canPublish || word == "publish";
        capabilities.canSubscribe = capabilities.canSubscribe || word == "subscribe";
        list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    }
    return capabilities;
}

Result<LogLevel> logLevelOf(const std::string& word)
{
    static const std::map<std::string, LogLevel> levels{{"debug", LogLevel::Debug},
                                                        {"info", LogLevel::Info},
                                                        {"warning", LogLevel::Warning},
                                                        {"error", LogLevel::Error}};
    const auto found = levels.find(word);
    if (found == levels.end())
        return wrong("--log", "\"" + word + "\" is no level.");
    return found->second;
}

Result<Options> splitOptions(const std::vector<std::string>& arguments)
{
    static const std::string known =
        " --address --rtmp-port --http-port --capabilities --control --node-id"
        " --credential-file --orphan-seconds --role --data-dir --log --merge-window "
        "--loops --rtmps-port --https-port --tls-certificate --tls-key --tls-authorities "
        "--tls-parent-name --control-keys --hls --hls-segment --hls-window --hls-memory "
        "--webrtc-port --announce --rtsp-port --srt-port --srt-latency --srt-passphrase-file --files "
        "--recordings --record --record-segment ";
    Options options;
    for (std::size_t i = 0; i < arguments.size(); i += 2) {
        if (known.find(" " + arguments[i] + " ") == std::string::npos)
            return wrong(arguments[i], "there is no such option.");
        if (i + 1 >= arguments.size())
            return wrong(arguments[i], "its value is missing.");
        std::string& value = options[arguments[i]];
        value = arguments[i] == "--announce" && !value.empty() ? value + "," + arguments[i + 1] : arguments[i + 1];
    }
    return options;
}

Result<void> readMergeWindow(const Options& options, std::optional<Duration>& window)
{
    const auto found = options.find("--merge-window");
    if (found == options.end() || found->second == "auto")
        return {};
    std::uint32_t milliseconds = 0;
    if (!readNumber(options, "--merge-window", milliseconds) || Duration(milliseconds) > MergeWindow::longestFixed)
        return wrong("--merge-window", "\"" + found->second + "\" is neither auto nor 0 to 1000 milliseconds.");
    window = Duration(milliseconds);
    return {};
}

Result<void> readPort(const Options& options, const std::string& name, std::optional<std::uint16_t>& port)
{
    return options.contains(name) ? readNumber(options, name, port.emplace()) : Result<void>{};
}

Result<void> readWebrtc(const Options& options, MediaNodeOptions& node)
{
    const auto found = options.find("--announce");
    std::string_view announced = found == options.end() ? std::string_view() : std::string_view(found->second);
    while (!announced.empty()) {
        node.announced.emplace_back(announced.substr(0, announced.find(',')));
        announced.remove_prefix(std::min(node.announced.back().size() + 1, announced.size()));
    }
    return readPort(options, "--webrtc-port", node.webrtcPort);
}

Result<void> readLoops(const Options& options, int& count)
{
    constexpr int most = 64;
    count = std::min(usableProcessors(), most);
    const auto found = options.find("--loops");
    if (found == options.end() || found->second == "auto")
        return {};
    if (!readNumber(options, "--loops", count) || count < 1 || count > most)
        return wrong("--loops", "\"" + found->second + "\" is neither auto nor 1 to 64.");
    return {};
}

Result<void> readHls(const Options& options, hls::Options& out)
{
    const auto readWithin = [&](const std::string& name, std::uint32_t& value, std::uint32_t least,
                                std::uint32_t most) {
        auto read = readNumber(options, name, value);
        if (read && (value < least || value > most))
            read = wrong(name, std::to_string(value) + " is not from " + std::to_string(least) + " to " +
                                   std::to_string(most) + ".");
        return read;
    };
    std::uint32_t segmentMs = 2000;
    std::uint32_t windowSeconds = 30;
    std::uint32_t memoryMib = 1024;
    for (auto read :
         {readWithin("--hls-segment", segmentMs, 500, 10'000), readWithin("--hls-window", windowSeconds, 6, 86'400),
          readWithin("--hls-memory", memoryMib, 16, 1'048'576)}) {
        if (!read)
            return read;
    }
    std::string when = "watched";
    readText(options, "--hls", when);
    if (when != "watched" && when != "always")
        return wrong("--hls", "\"" + when + "\" is neither watched nor always.");
    out.packaging = {static_cast<int>(segmentMs), std::chrono::seconds(windowSeconds)};
    out.mostBytes = std::size_t{memoryMib} * 1024 * 1024;
    out.isAlways = when == "always";
    return {};
}

Result<void> readRecording(const Options& options, recording::Options& out)
{
    std::string format;
    readText(options, "--recordings", out.folder);
    readText(options, "--record", format);
    if (!format.empty() && out.folder.empty())
        return wrong("--recordings", "it is needed with --record.");
    if (!format.empty() && format != "fmp4" && format != "flv")
        return wrong("--record", "\"" + format + "\" is neither fmp4 nor flv.");
    out.settings.isOn = !format.empty();
    out.settings.format = format == "flv" ? RecordingFormat::Flv : RecordingFormat::Fmp4;
    if (auto read = readNumber(options, "--record-segment", out.settings.segmentSeconds); !read)
        return read;
    if (!validate(out.settings).empty())
        return wrong("--record-segment", "it is not 1 to 600 seconds.");
    return {};
}

Result<void> readTls(const Options& options, MediaNodeOptions& out)
{
    RtmpsOptions rtmps;
    readText(options, "--tls-certificate", rtmps.files.certificate);
    readText(options, "--tls-key", rtmps.files.key);
    if (rtmps.files.certificate.empty() && rtmps.files.key.empty() && !options.contains("--rtmps-port") &&
        !options.contains("--https-port"))
        return {};
    if (rtmps.files.certificate.empty())
        return wrong("--tls-certificate", "it is needed for RTMPS and HTTPS.");
    if (rtmps.files.key.empty())
        return wrong("--tls-key", "it is needed for RTMPS and HTTPS.");
    out.rtmps = rtmps;
    const auto read = readNumber(options, "--rtmps-port", out.rtmps->port);
    return read ? readPort(options, "--https-port", out.httpsPort) : read;
}

Result<void> readSrt(const Options& options, NodeCommandLine& line)
{
    constexpr std::uint32_t shortestMs = 20;
    constexpr std::uint32_t longestMs = 8000;
    srt::Options srt;
    auto latencyMs = static_cast<std::uint32_t>(srt.latency.count());
    readText(options, "--srt-passphrase-file", line.srtPassphraseFile);
    if (auto read = readNumber(options, "--srt-latency", latencyMs); !read)
        return read;
    if (latencyMs < shortestMs || latencyMs > longestMs)
        return wrong("--srt-latency", "it is not 20 to 8000 milliseconds.");
    srt.latency = Duration(latencyMs);
    if (auto read = readNumber(options, "--srt-port", srt.port); !read)
        return read;
    if (options.contains("--srt-port"))
        line.node.srt = srt;
    return {};
}

Result<void> readParentTrust(const Options& options, std::optional<ParentTrustOptions>& out)
{
    ParentTrustOptions trust;
    readText(options, "--tls-authorities", trust.authoritiesFile);
    readText(options, "--tls-parent-name", trust.name);
    if (!trust.authoritiesFile.empty())
        out = std::move(trust);
    else if (!trust.name.empty())
        return wrong("--tls-authorities", "it is needed with --tls-parent-name.");
    return {};
}

Result<void> readAgent(const Options& options, NodeCommandLine& line)
{
    if (!options.contains("--control"))
        return {};
    auto control = parseSocketAddress(options.at("--control"));
    if (!control)
        return wrong("--control", control.error().message);
    NodeAgentOptions agent;
    agent.control = *control;
    readText(options, "--control-keys", agent.keysFile);
    const bool isNear = !control->unixPath.empty() || control->host.starts_with("127.") || control->host == "::1";
    if (!isNear && agent.keysFile.empty())
        return wrong("--control-keys", "it is needed with a --control on another machine.");
    if (line.node.id.isEmpty())
        return wrong("--node-id", "it is needed with --control.");
    if (line.credentialFile.empty())
        return wrong("--credential-file", "it is needed with --control.");
    std::uint32_t orphanSeconds = 60;
    if (auto read = readNumber(options, "--orphan-seconds", orphanSeconds); !read)
        return read;
    agent.orphanTime = std::chrono::seconds(orphanSeconds);
    line.node.agent = std::move(agent);
    return {};
}

}  // namespace

Result<NodeCommandLine> parseNodeCommandLine(const std::vector<std::string>& arguments)
{
    NodeCommandLine line;
    for (const std::string& argument : arguments)
        line.isHelpWanted = line.isHelpWanted || argument == "--help";
    if (line.isHelpWanted)
        return line;
    const auto options = splitOptions(arguments);
    if (!options)
        return tl::unexpected(options.error());
    std::string capabilities = "publish,subscribe";
    std::string level = "info";
    line.node.endpoints.address = "127.0.0.1";
    readText(*options, "--address", line.node.endpoints.address);
    readText(*options, "--capabilities", capabilities);
    readText(*options, "--node-id", line.node.id.value);
    readText(*options, "--credential-file", line.credentialFile);
    readText(*options, "--role", line.role);
    readText(*options, "--data-dir", line.workingFolder);
    readText(*options, "--files", line.node.filesFolder);
    readText(*options, "--log", level);
    line.node.capabilities = capabilitiesOf(capabilities);
    const auto logLevel = logLevelOf(level);
    if (!logLevel)
        return tl::unexpected(logLevel.error());
    line.logLevel = *logLevel;
    for (auto read :
         {readNumber(*options, "--rtmp-port", line.node.endpoints.rtmpPort),
          readNumber(*options, "--http-port", line.node.endpoints.httpPort),
          readMergeWindow(*options, line.node.loops.mergeWindow), readLoops(*options, line.node.loops.count),
          readTls(*options, line.node), readWebrtc(*options, line.node),
          readPort(*options, "--rtsp-port", line.node.rtspPort), readSrt(*options, line),
          readParentTrust(*options, line.node.parentTrust), readHls(*options, line.node.hls),
          readRecording(*options, line.node.recording), readAgent(*options, line)}) {
        if (!read)
            return tl::unexpected(read.error());
    }
    return line;
}

}  // namespace headgate
