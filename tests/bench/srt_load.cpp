// Many SRT viewers of one stream in one process: what they get, and what it costs the server. libsrt does the work in
// threads of its own, so this is for some hundreds.
#include "core/media/bench/measured.h"
#include "core/media/srt/library.h"
#include "tests/bench/options.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <srt/srt.h>

#include <array>
#include <cstdio>

using namespace headgate;
using namespace headgate::bench;

namespace {

constexpr const char* usage = R"(Usage: srt_load [options] ADDRESS STREAMID
  -p PORT  UDP port (8890)           -n N   viewers (100)
  -w S     seconds to settle (3)     -t S   seconds to measure (10)
  -P PID   the server's process      -c CPU to run on (-1: any)
One line of JSON. Ends with 0 if every viewer got something to the end, 3 if not.
)";

struct Viewer
{
    srt::SrtSocket socket;
    std::uint64_t bytes = 0;
};

bool call(Viewer& viewer, const srt::SharedLibrary& library, const Options& options)
{
    viewer.socket = srt::SrtSocket(library, ::srt_create_socket());
    const std::string& streamId = options.words[1];
    ::srt_setsockflag(viewer.socket.id(), SRTO_STREAMID, streamId.data(), static_cast<int>(streamId.size()));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(options.integer('p')));
    ::inet_pton(AF_INET, options.words[0].c_str(), &to.sin_addr);
    const int no = 0;
    return ::srt_connect(viewer.socket.id(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 &&
           ::srt_setsockflag(viewer.socket.id(), SRTO_RCVSYN, &no, sizeof no) == 0;
}

std::uint64_t takeAll(Viewer& viewer)
{
    std::array<char, SRT_LIVE_MAX_PLSIZE> message;
    std::uint64_t bytes = 0;
    for (int size = 0;
         (size = ::srt_recvmsg(viewer.socket.id(), message.data(), static_cast<int>(message.size()))) > 0;)
        bytes += static_cast<std::uint64_t>(size);
    return bytes;
}

}  // namespace

int main(int argc, char** argv)
{
    const Options options(argc, argv, {{'p', "8890"}, {'n', "100"}, {'w', "3"}, {'t', "10"}, {'P', "0"}, {'c', "-1"}},
                          usage);
    if (options.words.size() != 2) {
        std::fputs(usage, stderr);
        return 2;
    }
    pinTo(options.integer('c'));
    const auto library = std::make_shared<const srt::Library>();
    std::vector<Viewer> viewers(static_cast<std::size_t>(options.integer('n')));
    const int epoll = ::srt_epoll_create();
    for (Viewer& viewer : viewers) {
        if (!call(viewer, library, options)) {
            std::fprintf(stderr, "srt_load: not let in: %s\n",
                         ::srt_rejectreason_str(::srt_getrejectreason(viewer.socket.id())));
            return 3;
        }
        const int in = SRT_EPOLL_IN | SRT_EPOLL_ERR;
        ::srt_epoll_add_usock(epoll, viewer.socket.id(), &in);
    }
    constexpr std::uint64_t second = 1'000'000'000;
    const std::uint64_t begin = nowNs() + static_cast<std::uint64_t>(options.integer('w')) * second;
    const std::uint64_t end = begin + static_cast<std::uint64_t>(options.integer('t')) * second;
    std::vector<SRT_EPOLL_EVENT> events(viewers.size());
    ProcessUse atRest;
    bool isMeasuring = false;
    while (nowNs() < end) {
        ::srt_epoll_uwait(epoll, events.data(), static_cast<int>(events.size()), 100);
        if (!isMeasuring && nowNs() >= begin) {
            isMeasuring = true;
            atRest = useOf(options.integer('P'));
            for (Viewer& viewer : viewers)
                viewer.bytes = 0;
        }
        for (Viewer& viewer : viewers)
            viewer.bytes += takeAll(viewer);
    }
    const ProcessUse use = useOf(options.integer('P'));
    std::uint64_t bytes = 0;
    std::size_t good = 0;
    int lost = 0;
    for (const Viewer& viewer : viewers) {
        bytes += viewer.bytes;
        good += viewer.bytes > 0 && !srt::isBroken(viewer.socket.id()) ? 1 : 0;
        lost += srt::figuresOf(viewer.socket.id()).pktRcvDropTotal;
    }
    const double gigabits = static_cast<double>(bytes) * 8 / 1e9;
    const double cpu = use.cpuSeconds - atRest.cpuSeconds;
    std::printf("{\"viewers\":%zu,\"good\":%zu,\"droppedPackets\":%d,\"gigabitsPerSecond\":%.4f,"
                "\"serverCpuPercent\":%.1f,\"serverCpuSecondsPerGigabit\":%.4f,\"serverWaitSeconds\":%.2f}\n",
                viewers.size(), good, lost, gigabits / options.integer('t'), 100 * cpu / options.integer('t'),
                gigabits > 0 ? cpu / gigabits : 0, use.waitSeconds - atRest.waitSeconds);
    ::srt_epoll_release(epoll);
    return good == viewers.size() ? 0 : 3;
}
