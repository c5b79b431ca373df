// Many publishers, each with a stream of its own and, if wanted, a viewer who looks for what is missing or late.
#include "core/media/bench/measured.h"
#include "core/media/bench/paced_publisher.h"
#include "tests/bench/options.h"

#include <sys/epoll.h>

#include <array>
#include <cstdio>
#include <deque>
#include <map>

using namespace headgate;
using namespace headgate::bench;

namespace {

constexpr const char* usage = R"(Usage: publish_load [options] rtmp://ADDRESS[:PORT]/APP/NAME
  -n N     publishers (1); more than one publish NAME-0, NAME-1...
  -k KBPS  bit rate of each (1510)       -r R   of which so many start in a second (100)
  -v 0|1   a viewer for each stream (0)  -t S   seconds after the last start (10)
  -l MS    later than this is late (1000)
  -P PID   the server's process          -c CPU to run on (-1: any)
One line of JSON. Ends with 0 if all published to the end and no message was lost or late, 3 if not.
)";

struct Stream
{
    explicit Stream(const std::vector<StreamMessage>& period) : publisher(period) {}

    PacedPublisher publisher;
    LoadClient viewer;
    bool hasViewer = false;
    std::uint64_t expected = 0;  // the number that the viewer waits for; 0 before its first message
    std::uint64_t seen = 0;
    std::uint64_t lost = 0;
    std::uint64_t late = 0;
};

class Load
{
public:
    Load(const Options& options, const StreamUrl& url)
        : m_options(options), m_url(url), m_epoll(::epoll_create1(0)), m_period(testStream(options.number('k')))
    {
        for (int i = 0; i < options.integer('n'); ++i)
            m_streams.emplace_back(m_period);
    }

    void run();
    bool report();

private:
    StreamUrl urlOf(std::size_t index) const;
    void turn();
    void see(Stream& stream, const SeenMessage& message);

    const Options& m_options;
    StreamUrl m_url;
    int m_epoll;
    std::vector<StreamMessage> m_period;
    std::deque<Stream> m_streams;
    std::vector<std::uint64_t> m_latencies;
    ProcessUse m_server, m_own;
    std::uint64_t m_beginNs = 0;
};

StreamUrl Load::urlOf(std::size_t index) const
{
    StreamUrl url = m_url;
    if (m_streams.size() > 1)
        url.name += "-" + std::to_string(index);
    return url;
}

void Load::see(Stream& stream, const SeenMessage& message)
{
    ByteReader reader(message.head);
    reader.take(stampOffset);
    if ((message.type != 8 && message.type != 9) || reader.u32() != stampMark)
        return;
    const std::uint64_t number = static_cast<std::uint64_t>(reader.u32()) << 32 | reader.u32();
    const std::uint64_t sentNs = static_cast<std::uint64_t>(reader.u32()) << 32 | reader.u32();
    // What a viewer gets at first is cached and may have gaps of its own; the count begins with what is new.
    const bool isCached = sentNs < stream.viewer.startedNs();
    if (!reader.ok() || isCached)
        return;
    if (stream.expected != 0 && number > stream.expected)
        stream.lost += number - stream.expected;
    stream.expected = number + 1;
    ++stream.seen;
    const std::uint64_t latency = nowNs() - sentNs;
    stream.late += latency > static_cast<std::uint64_t>(m_options.number('l') * 1e6) ? 1 : 0;
    m_latencies.push_back(latency);
}

void Load::turn()
{
    static std::array<epoll_event, 512> events;
    const int count = ::epoll_wait(m_epoll, events.data(), static_cast<int>(events.size()), 1);
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        Stream& stream = m_streams[event.data.u64 / 2];
        const bool isViewer = event.data.u64 % 2 == 1;
        LoadClient& client = isViewer ? stream.viewer : stream.publisher.client();
        client.handleEvent(event.events, m_epoll, event.data.u64,
                           [this, &stream, isViewer](const SeenMessage& message) {
                               if (isViewer)
                                   see(stream, message);
                           });
    }
    const std::uint64_t now = nowNs();
    for (std::size_t i = 0; i < m_streams.size(); ++i) {
        Stream& stream = m_streams[i];
        stream.publisher.sendDue(now);
        if (stream.publisher.sent() > 0 && !stream.hasViewer && m_options.integer('v') != 0) {
            stream.hasViewer = true;
            stream.viewer.start(urlOf(i), LoadClient::Role::View, m_epoll, 2 * i + 1);
        }
    }
}

void Load::run()
{
    const std::uint64_t begin = nowNs();
    for (std::size_t i = 0; i < m_streams.size(); ++i) {
        const auto due = begin + static_cast<std::uint64_t>(static_cast<double>(i) * 1e9 / m_options.number('r'));
        while (nowNs() < due)
            turn();
        m_streams[i].publisher.client().start(urlOf(i), LoadClient::Role::Publish, m_epoll, 2 * i);
    }
    m_beginNs = nowNs();
    m_server = useOf(m_options.integer('P'));
    m_own = ownUse();
    const auto end = m_beginNs + static_cast<std::uint64_t>(m_options.number('t') * 1e9);
    while (nowNs() < end)
        turn();
}

bool Load::report()
{
    const double seconds = static_cast<double>(nowNs() - m_beginNs) / 1e9;
    std::uint64_t publishing = 0, sent = 0, behind = 0, seen = 0, lost = 0, late = 0;
    std::map<std::string, int> failures;
    for (const Stream& stream : m_streams) {
        const bool isViewed = !stream.hasViewer || stream.viewer.state() == LoadClient::State::Streaming;
        const bool isGood = stream.publisher.client().state() == LoadClient::State::Streaming && isViewed;
        publishing += isGood ? 1 : 0;
        if (!isGood)
            ++failures[stream.publisher.client().failure() + stream.viewer.failure()];
        sent += stream.publisher.sent();
        behind += stream.publisher.behind();
        seen += stream.seen;
        lost += stream.lost;
        late += stream.late;
    }
    const ProcessUse server = useOf(m_options.integer('P'));
    std::printf(
        "{\"publishers\":%zu,\"good\":%llu,\"seconds\":%.2f,\"messagesSent\":%llu,\"messagesSeen\":%llu,\"lost\":%llu,"
        "\"late\":%llu,\"behind\":%llu,\"latencyMsP50\":%.2f,\"latencyMsP99\":%.2f,\"latencyMsMax\":%.2f,"
        "\"serverCpuPercent\":%.1f,\"serverRssKiB\":%.0f,\"loadCpuPercent\":%.1f}\n",
        m_streams.size(), static_cast<unsigned long long>(publishing), seconds, static_cast<unsigned long long>(sent),
        static_cast<unsigned long long>(seen), static_cast<unsigned long long>(lost),
        static_cast<unsigned long long>(late), static_cast<unsigned long long>(behind), percentileMs(m_latencies, 0.5),
        percentileMs(m_latencies, 0.99), percentileMs(m_latencies, 1),
        100 * (server.cpuSeconds - m_server.cpuSeconds) / seconds, server.rssKiB,
        100 * (ownUse().cpuSeconds - m_own.cpuSeconds) / seconds);
    for (const auto& [why, times] : failures)
        std::fprintf(stderr, "publish_load: %d streams: %s\n", times, why.c_str());
    return publishing == m_streams.size() && lost == 0 && late == 0 && (m_options.integer('v') == 0 || seen > 0);
}

}  // namespace

int main(int argc, char** argv)
{
    const Options options(
        argc, argv,
        {{'n', "1"}, {'k', "1510"}, {'r', "100"}, {'v', "0"}, {'t', "10"}, {'l', "1000"}, {'P', "0"}, {'c', "-1"}},
        usage);
    const auto url = options.words.size() == 1 ? parseStreamUrl(options.words[0])
                                               : headgate::fail(ErrorCode::InvalidArgument, usage);
    if (!url || url->isHttp || options.integer('n') < 1) {
        std::cerr << (url ? usage : url.error().message) << '\n';
        return 2;
    }
    raiseFileLimit();
    pinTo(options.integer('c'));
    Load load(options, *url);
    load.run();
    return load.report() ? 0 : 3;
}
