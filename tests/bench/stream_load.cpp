// Many viewers of one stream in one process: how soon they see a key frame, what they get, and what it costs the
// server.
#include "core/media/bench/load_client.h"
#include "core/media/bench/measured.h"
#include "core/media/bench/test_stream.h"
#include "core/media/flv/tag_body.h"
#include "tests/bench/options.h"

#include <sys/epoll.h>

#include <array>
#include <cstdio>
#include <deque>
#include <map>

using namespace headgate;
using namespace headgate::bench;

namespace {

constexpr const char* usage =
    R"(Usage: stream_load [options] rtmp://ADDRESS[:PORT]/APP/NAME | http://ADDRESS[:PORT]/PATH.flv
  -n N   viewers (50)                    -r N   of which so many join in a second (200)
  -w S   seconds to settle (3)           -t S   seconds to measure (10)
  -s MS  silence that is a stall (1000)  -z N   viewers that stop reading after their first key frame (0)
  -P PID the server's process            -c CPU to run on (-1: any)
One line of JSON. Ends with 0 if every viewer got a key frame and stayed, 3 if not.
)";

struct Viewer
{
    LoadClient client;
    std::uint64_t firstKeyNs = 0;
    std::uint64_t measuredBytes = 0;
    std::uint64_t lastNs = 0;
    bool isAsleep = false;
};

class Load
{
public:
    Load(const Options& options, const StreamUrl& url)
        : m_options(options),
          m_url(url),
          m_epoll(::epoll_create1(0)),
          m_viewers(static_cast<std::size_t>(options.integer('n')))
    {}

    void joinAll();
    void runUntil(std::uint64_t endNs);
    void beginMeasuring();
    void report(double seconds);
    bool isGood() const { return m_good == m_viewers.size(); }

private:
    void turn(int waitMs);
    void see(Viewer& viewer, const SeenMessage& message);
    void noteGap(Viewer& viewer, std::uint64_t now);
    void countStates();

    const Options& m_options;
    StreamUrl m_url;
    int m_epoll;
    std::deque<Viewer> m_viewers;
    bool m_isMeasuring = false;
    ProcessUse m_serverAtRest, m_server, m_own;
    double m_tcpAtRest = 0;
    std::uint64_t m_messages = 0, m_stalls = 0, m_longestGapNs = 0, m_startNs = 0;
    std::vector<std::uint64_t> m_latencies, m_keyNs;
    std::size_t m_good = 0;
    std::map<std::string, int> m_failures;
};

void Load::noteGap(Viewer& viewer, std::uint64_t now)
{
    const std::uint64_t since = std::max(viewer.lastNs, m_startNs);
    viewer.lastNs = now;
    if (!m_isMeasuring || viewer.isAsleep || now <= since)
        return;
    m_longestGapNs = std::max(m_longestGapNs, now - since);
    m_stalls += now - since >= static_cast<std::uint64_t>(m_options.number('s') * 1e6) ? 1 : 0;
}

void Load::see(Viewer& viewer, const SeenMessage& message)
{
    if (message.type != 8 && message.type != 9)
        return;
    ++m_messages;
    if (message.type == 9 && viewer.firstKeyNs == 0) {
        const BodyDescription body = describeVideoBody(message.head);
        if (body.isKeyFrame && !body.isSequenceHeader)
            viewer.firstKeyNs = nowNs();
    }
    ByteReader reader(message.head);
    reader.take(stampOffset);
    if (!m_isMeasuring || reader.u32() != stampMark)
        return;
    reader.take(8);
    const std::uint64_t sentNs = static_cast<std::uint64_t>(reader.u32()) << 32 | reader.u32();
    if (reader.ok())
        m_latencies.push_back(nowNs() - sentNs);
}

void Load::turn(int waitMs)
{
    static std::array<epoll_event, 512> events;
    const int count = ::epoll_wait(m_epoll, events.data(), static_cast<int>(events.size()), waitMs);
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        Viewer& viewer = m_viewers[event.data.u64];
        if (viewer.isAsleep)
            continue;
        viewer.client.handleEvent(event.events, m_epoll, event.data.u64,
                                  [this, &viewer](const SeenMessage& message) { see(viewer, message); });
        noteGap(viewer, nowNs());
        if (viewer.firstKeyNs != 0 && event.data.u64 < static_cast<std::uint64_t>(m_options.integer('z'))) {
            viewer.isAsleep = true;
            viewer.client.stopReading(m_epoll);
        }
    }
}

void Load::joinAll()
{
    m_serverAtRest = useOf(m_options.integer('P'));
    m_tcpAtRest = kernelTcpKiB();
    const std::uint64_t begin = nowNs();
    for (std::size_t i = 0; i < m_viewers.size(); ++i) {
        const auto due = begin + static_cast<std::uint64_t>(static_cast<double>(i) * 1e9 / m_options.number('r'));
        while (nowNs() < due)
            turn(1);
        m_viewers[i].client.start(m_url, LoadClient::Role::View, m_epoll, i);
    }
}

void Load::runUntil(std::uint64_t endNs)
{
    while (nowNs() < endNs)
        turn(20);
}

void Load::beginMeasuring()
{
    m_isMeasuring = true;
    m_startNs = nowNs();
    m_messages = 0;
    m_server = useOf(m_options.integer('P'));
    m_own = ownUse();
    for (Viewer& viewer : m_viewers)
        viewer.measuredBytes = viewer.client.bytes();
}

void Load::countStates()
{
    for (Viewer& viewer : m_viewers) {
        noteGap(viewer, nowNs());
        if (viewer.firstKeyNs != 0)
            m_keyNs.push_back(viewer.firstKeyNs - viewer.client.startedNs());
        if (viewer.firstKeyNs != 0 && viewer.client.state() == LoadClient::State::Streaming)
            ++m_good;
        else
            ++m_failures[viewer.client.failure().empty() ? "no key frame" : viewer.client.failure()];
    }
}

void Load::report(double seconds)
{
    const ProcessUse server = useOf(m_options.integer('P'));
    const double own = ownUse().cpuSeconds - m_own.cpuSeconds;
    const double tcp = kernelTcpKiB() - m_tcpAtRest;
    countStates();
    std::uint64_t bytes = 0;
    for (const Viewer& viewer : m_viewers)
        bytes += viewer.client.bytes() - viewer.measuredBytes;
    const double gigabits = static_cast<double>(bytes) * 8 / 1e9;
    const double cpu = server.cpuSeconds - m_server.cpuSeconds;
    const auto count = static_cast<double>(m_viewers.size());
    std::printf("{\"viewers\":%zu,\"good\":%zu,\"seconds\":%.2f,\"gbitPerSec\":%.4f,\"messagesPerSec\":%.0f,"
                "\"serverCpuPercent\":%.2f,\"serverCpuSecPerGbit\":%.4f,\"serverRssKiB\":%.0f,\"rssKiBPerViewer\":%.1f,"
                "\"tcpKiBPerViewer\":%.1f,\"loadCpuPercent\":%.1f,",
                m_viewers.size(), m_good, seconds, gigabits / seconds, static_cast<double>(m_messages) / seconds,
                100 * cpu / seconds, gigabits > 0 ? cpu / gigabits : 0, server.rssKiB,
                (server.rssKiB - m_serverAtRest.rssKiB) / count, tcp / count, 100 * own / seconds);
    std::printf("\"keyMsP50\":%.2f,\"keyMsP99\":%.2f,\"latencyMsP50\":%.2f,\"latencyMsP99\":%.2f,\"stalls\":%llu,"
                "\"longestGapMs\":%.0f}\n",
                percentileMs(m_keyNs, 0.5), percentileMs(m_keyNs, 0.99), percentileMs(m_latencies, 0.5),
                percentileMs(m_latencies, 0.99), static_cast<unsigned long long>(m_stalls),
                static_cast<double>(m_longestGapNs) / 1e6);
    for (const auto& [why, times] : m_failures)
        std::fprintf(stderr, "stream_load: %d viewers: %s\n", times, why.c_str());
}

}  // namespace

int main(int argc, char** argv)
{
    const Options options(
        argc, argv,
        {{'n', "50"}, {'r', "200"}, {'w', "3"}, {'t', "10"}, {'s', "1000"}, {'z', "0"}, {'P', "0"}, {'c', "-1"}},
        usage);
    const auto url = options.words.size() == 1 ? parseStreamUrl(options.words[0])
                                               : headgate::fail(ErrorCode::InvalidArgument, usage);
    if (!url || options.integer('n') < 1) {
        std::cerr << (url ? usage : url.error().message) << '\n';
        return 2;
    }
    raiseFileLimit();
    pinTo(options.integer('c'));
    Load load(options, *url);
    load.joinAll();
    load.runUntil(nowNs() + static_cast<std::uint64_t>(options.number('w') * 1e9));
    load.beginMeasuring();
    const std::uint64_t begin = nowNs();
    load.runUntil(begin + static_cast<std::uint64_t>(options.number('t') * 1e9));
    load.report(static_cast<double>(nowNs() - begin) / 1e9);
    return load.isGood() ? 0 : 3;
}
