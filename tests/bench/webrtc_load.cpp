// WHEP viewers of a node, each with ICE, DTLS, SRTP and feedback of its own; or, with -L, the least that sending to
// them costs: the same amount protected, by libsrtp2 as the prototype did it, or with -O as a node does it, and handed
// to the system for as many sockets, by one thread.
#include "core/media/bench/measured.h"
#include "core/media/net/datagrams.h"
#include "core/media/rtp/arrival_report.h"
#include "core/media/rtp/received_packet.h"
#include "core/media/webrtc/sent_track.h"
#include "tests/bench/options.h"
#include "tests/media/support/whep_viewer.h"
#include "tests/support/lib_srtp.h"

#include <atomic>
#include <cstdio>
#include <thread>

using namespace headgate;
using namespace headgate::bench;
using namespace headgate::webrtc;

namespace {

constexpr const char* usage = R"(Usage: webrtc_load [options] ADDRESS SCOPE/NAME
       webrtc_load -L KBPS [-O 1] [options] ADDRESS
  -h PORT  HTTP port (5080)     -p PORT  UDP port (8189)   -n N  viewers (100)
  -w S     seconds before (3)   -t S     seconds (10)      -P PID  of the node   -c CPU  to run on (-1: any)
)";

struct Viewer
{
    std::unique_ptr<tests::WhepViewer> link;
    ArrivalReport arrivals;
    std::uint32_t ssrc = 0;
    std::uint64_t bytes = 0;
    bool isChecking = false;
    bool isShaking = false;
};

void print(std::size_t viewers, std::size_t good, std::uint64_t bytes, double seconds, double cpu, double waited)
{
    const double gigabits = static_cast<double>(bytes) * 8 / 1e9;
    std::printf("{\"viewers\":%zu,\"good\":%zu,\"gigabitsPerSecond\":%.4f,\"serverCpuPercent\":%.1f,"
                "\"serverCpuPercentPerViewer\":%.4f,\"serverCpuSecondsPerGigabit\":%.4f,\"serverWaitSeconds\":%.2f}\n",
                viewers, good, gigabits / seconds, 100 * cpu / seconds,
                100 * cpu / seconds / static_cast<double>(viewers), gigabits > 0 ? cpu / gigabits : 0, waited);
}

void take(Viewer& viewer, ByteView packet, MonotonicTime now)
{
    viewer.bytes += packet.size();
    const auto received = readRtp(packet, 3);
    if (!received)
        return;
    viewer.ssrc = received->header.ssrc;
    if (received->transportSequence)
        viewer.arrivals.add(*received->transportSequence,
                            std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()));
}

// True once all are connected.
bool proceed(std::vector<Viewer>& viewers, EventLoop& loop, const NodeEndpoints& node, const std::string& stream)
{
    constexpr std::size_t atOnce = 16;
    std::size_t underWay = 0;
    for (Viewer& viewer : viewers) {
        if (viewer.link && viewer.link->isConnected())
            continue;
        if (++underWay > atOnce)
            break;
        if (!viewer.link) {
            viewer.link = std::make_unique<tests::WhepViewer>(loop, node);
            viewer.link->onRtp = [&viewer, &loop](ByteView packet) { take(viewer, packet, loop.now()); };
            viewer.link->call("POST", "/whep/" + stream, "Content-Type: application/sdp\r\n",
                              viewer.link->fullOffer("recvonly"));
        } else if (viewer.link->isAnswered && !std::exchange(viewer.isChecking, true)) {
            viewer.link->check();
        } else if (viewer.link->checksAnswered > 0 && !std::exchange(viewer.isShaking, true)) {
            viewer.link->shakeHands();
        }
    }
    return underWay == 0;
}

int watch(const Options& options)
{
    EventLoop loop;
    NodeEndpoints node;
    node.address = options.words[0];
    node.httpPort = static_cast<std::uint16_t>(options.integer('h'));
    node.webrtcPort = static_cast<std::uint16_t>(options.integer('p'));
    std::vector<Viewer> viewers(static_cast<std::size_t>(options.integer('n')));
    const std::uint64_t patience = nowNs() + 120'000'000'000;
    while (!proceed(viewers, loop, node, options.words[1])) {
        loop.runOnce(Duration(5));
        if (nowNs() > patience) {
            std::fputs("webrtc_load: not all viewers were let in within 120 s\n", stderr);
            return 3;
        }
    }
    // As browsers do: what came ten times a second, and that one is there every five seconds.
    Timer feedback(loop);
    feedback.startRepeating(Duration(100), [&viewers] {
        for (Viewer& viewer : viewers) {
            const Bytes arrivals = viewer.arrivals.take(viewer.ssrc);
            if (!arrivals.empty())
                viewer.link->sendRtcp(arrivals);
        }
    });
    Timer consent(loop);
    consent.startRepeating(Duration(5000), [&viewers] {
        for (Viewer& viewer : viewers)
            viewer.link->check();
    });
    const auto turnFor = [&loop](int seconds) {
        const std::uint64_t end = nowNs() + static_cast<std::uint64_t>(seconds) * 1'000'000'000;
        while (nowNs() < end)
            loop.runOnce(Duration(20));
    };
    turnFor(options.integer('w'));
    for (Viewer& viewer : viewers)
        viewer.bytes = 0;
    const ProcessUse before = useOf(options.integer('P'));
    turnFor(options.integer('t'));
    const ProcessUse after = useOf(options.integer('P'));
    std::uint64_t bytes = 0;
    std::size_t good = 0;
    for (const Viewer& viewer : viewers) {
        bytes += viewer.bytes;
        good += viewer.bytes > 0 ? 1 : 0;
    }
    for (Viewer& viewer : viewers)
        viewer.link->call("DELETE", viewer.link->field("Location"));
    turnFor(2);
    print(viewers.size(), good, bytes, options.integer('t'), after.cpuSeconds - before.cpuSeconds,
          after.waitSeconds - before.waitSeconds);
    return good == viewers.size() ? 0 : 3;
}

// The packets of one H.264 picture of that size, as the node cuts it.
SharedBytes payloadsOf(std::size_t size)
{
    Bytes body{0x27, 1, 0, 0, 0};
    appendU32(body, static_cast<std::uint32_t>(size));
    body.push_back(0x41);
    body.resize(body.size() + size - 1, 7);
    return std::make_shared<const Bytes>(rtpPayloadsOf(MediaFrame(FrameKind::Video, 0, std::move(body))));
}

// Thirty pictures a second for each.
int limit(const Options& options)
{
    constexpr int picturesOfSecond = 30;
    const auto count = static_cast<std::size_t>(options.integer('n'));
    const SharedBytes payloads = payloadsOf(static_cast<std::size_t>(options.number('L') * 125 / picturesOfSecond));
    EventLoop loop;
    DatagramReader reader;
    std::vector<Socket> receivers;
    const bool isOwn = options.integer('O') != 0;
    std::vector<SrtpLink> links;
    std::vector<test::LibSrtp> others;
    std::vector<SentTrack> tracks;
    std::vector<DatagramAddress> addresses;
    for (std::size_t i = 0; i < count; ++i) {
        receivers.push_back(std::move(*bindDatagrams(SocketAddress{options.words[0], 0, {}})));
        const SocketAddress at = localAddress(receivers.back());
        addresses.emplace_back(at.host, at.port);
        if (isOwn)
            links.push_back(std::move(*SrtpLink::make(SrtpKeys{})));
        else
            others.emplace_back(SrtpProfile::AeadAes128Gcm, SrtpKeys::Key{}, test::LibSrtp::Side::Sender);
        tracks.emplace_back(SentNumbers{static_cast<std::uint32_t>(i + 1), 96, videoClockRate}, true);
        loop.watch(receivers.back().fd(), Interest::Read, [&reader, fd = receivers.back().fd()](Readiness) {
            reader.read(fd, [](const DatagramAddress&, std::span<std::uint8_t>) {});
        });
    }
    const auto sender = bindDatagrams(SocketAddress{options.words[0], 0, {}});
    std::uint64_t bytes = 0;
    ProcessUse use;
    std::atomic<bool> isOver = false;
    std::thread thread([&] {
        const std::uint64_t begin = nowNs();
        for (int picture = 0; picture < options.integer('t') * picturesOfSecond; ++picture) {
            const std::uint64_t due = begin + static_cast<std::uint64_t>(picture) * 1'000'000'000 / picturesOfSecond;
            if (const std::uint64_t now = nowNs(); now < due)
                std::this_thread::sleep_for(std::chrono::nanoseconds(due - now));
            for (std::size_t i = 0; i < count; ++i) {
                DatagramBatch batch(sender->fd(), addresses[i]);
                for (std::size_t at = 0; at < payloads->size() && !batch.isFull();) {
                    const std::size_t next = payloadAt(*payloads, at).next;
                    const std::size_t size = tracks[i].write(
                        {payloads, at, static_cast<std::uint32_t>(picture) * 33, next == payloads->size()}, {},
                        batch.room());
                    at = next;
                    const std::size_t whole = isOwn ? links[i].protect(batch.room(), size).value_or(0)
                                                    : others[i].protect(batch.room(), size);
                    batch.commit(whole);
                    bytes += size;
                }
                batch.flush();
            }
        }
        use = ownThreadUse();
        isOver = true;
    });
    while (!isOver)
        loop.runOnce(Duration(10));
    thread.join();
    print(count, count, bytes, options.integer('t'), use.cpuSeconds, use.waitSeconds);
    return 0;
}

}  // namespace

int main(int argc, char** argv)
{
    const Options options(argc, argv,
                          {{'h', "5080"},
                           {'p', "8189"},
                           {'n', "100"},
                           {'w', "3"},
                           {'t', "10"},
                           {'P', "0"},
                           {'c', "-1"},
                           {'L', "0"},
                           {'O', "0"}},
                          usage);
    const bool isLimit = options.number('L') > 0;
    if (options.words.size() != (isLimit ? 1 : 2)) {
        std::fputs(usage, stderr);
        return 2;
    }
    raiseFileLimit();
    pinTo(options.integer('c'));
    return isLimit ? limit(options) : watch(options);
}
