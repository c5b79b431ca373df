// headgate-node: one media node.

#include "core/media/agent/media_node.h"

#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <iostream>
#include <map>
#include <optional>
#include <string>

namespace {

using namespace headgate;

constexpr int exitUsage = 2;
constexpr int exitBind = 3;

constexpr const char* usage = R"(Usage: headgate-node [options]

One media node: takes RTMP publishers, serves RTMP and HTTP-FLV viewers.

  --address A             IPv4 or IPv6 address to listen on (127.0.0.1)
  --rtmp-port N           RTMP port (1935)
  --http-port N           HTTP port (5080)
  --capabilities LIST     publish, subscribe, or both with a comma; none for a relay (publish,subscribe)
  --help                  this text
)";

EventLoop* loopToStop = nullptr;

int run(const std::map<std::string, std::string>& options)
{
    const auto option = [&](const char* name, const char* otherwise) {
        const auto found = options.find(name);
        return found == options.end() ? std::string(otherwise) : found->second;
    };
    MediaNodeOptions node;
    node.endpoints.address = option("--address", "127.0.0.1");
    node.endpoints.rtmpPort = static_cast<std::uint16_t>(std::stoi(option("--rtmp-port", "1935")));
    node.endpoints.httpPort = static_cast<std::uint16_t>(std::stoi(option("--http-port", "5080")));
    const std::string capabilities = option("--capabilities", "publish,subscribe");
    node.capabilities.canPublish = capabilities.find("publish") != std::string::npos;
    node.capabilities.canSubscribe = capabilities.find("subscribe") != std::string::npos;
    EventLoop loop;
    Log log;
    auto opened = MediaNode::open(loop, log, node);
    if (!opened) {
        std::cerr << opened.error().message << " " << opened.error().remedy << "\n";
        return exitBind;
    }
    loopToStop = &loop;
    std::signal(SIGTERM, [](int) { loopToStop->stop(); });
    std::signal(SIGINT, [](int) { loopToStop->stop(); });
    log.info("listening");
    loop.run();
    log.info("ended");
    return 0;
}

}  // namespace

int main(int count, char** arguments)
{
    std::map<std::string, std::string> options;
    for (int i = 1; i < count; i += 2) {
        if (i + 1 >= count || std::string(arguments[i]) == "--help") {
            std::cout << usage;
            return std::string(arguments[i]) == "--help" ? 0 : exitUsage;
        }
        options[arguments[i]] = arguments[i + 1];
    }
    return run(options);
}
