#include "core/media/bench/node_bench.h"

#include "core/media/bench/measured.h"
#include "core/media/bench/node_process.h"
#include "core/media/bench/viewer_crowd.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include <algorithm>
#include <fstream>
#include <optional>

namespace headgate::bench {

namespace {

constexpr int firstViewers = 200;
constexpr double fullPercent = 80;        // what is left is for joiners and the unforeseen
constexpr double clientFullPercent = 90;  // above it the client may be what is slow
constexpr double busyPercent = 25;
constexpr std::uint64_t settleNs = 1'000'000'000;
constexpr std::uint64_t measureNs = 2'000'000'000;

std::vector<int> usableCpus()
{
    cpu_set_t set;
    CPU_ZERO(&set);
    ::sched_getaffinity(0, sizeof set, &set);
    std::vector<int> cpus;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (CPU_ISSET(static_cast<std::size_t>(cpu), &set))
            cpus.push_back(cpu);
    }
    return cpus;
}

// Puts the calling thread back where it was allowed to run.
class PinnedThread
{
public:
    PinnedThread() { ::sched_getaffinity(0, sizeof m_before, &m_before); }
    ~PinnedThread() { ::sched_setaffinity(0, sizeof m_before, &m_before); }
    PinnedThread(const PinnedThread&) = delete;
    PinnedThread& operator=(const PinnedThread&) = delete;

private:
    cpu_set_t m_before{};
};

int mostViewers()
{
    constexpr rlim_t others = 200;
    constexpr rlim_t most = 60'000;
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    return static_cast<int>(std::min(files.rlim_cur - std::min(others, files.rlim_cur), most));
}

class NodeBench
{
public:
    NodeBench(const NodeBenchOptions& options, const std::function<void(const NodeBenchProgress&)>& onProgress,
              const std::atomic<bool>& isCancelled)
        : m_options(options), m_onProgress(onProgress), m_isCancelled(isCancelled)
    {}

    Result<NodeBenchResult> run()
    {
        raiseFileLimit();
        const std::vector<int> cpus = usableCpus();
        const PinnedThread pinned;
        m_hasOwnCore = cpus.size() > 1;
        pinTo(cpus.front());  // the node inherits it
        const auto& window = m_options.mergeWindow.milliseconds;
        auto node = NodeProcess::start(m_options.nodeProgram,
                                       {"--loops", "1", "--merge-window", window ? std::to_string(*window) : "auto"});
        if (!node)
            return tl::unexpected(node.error());
        pinTo(cpus.back());
        m_beginNs = nowNs();
        m_endNs = m_beginNs + static_cast<std::uint64_t>(m_options.longest.count()) * 1'000'000;
        ViewerCrowd crowd(StreamUrl{false, node->rtmp(), "/live/bench", "live", "bench"}, m_options.kilobitsPerSecond);
        search(crowd, node->pid());
        if (m_isCancelled)
            return fail(ErrorCode::Unavailable, "The measurement was cancelled.");
        if (!m_best)
            return fail(ErrorCode::Unavailable,
                        "No number of viewers could be served without stalls: " +
                            (crowd.failure().empty() ? "the machine is busy" : crowd.failure()) + ".",
                        "Try again on a quieter machine, or with more --seconds.");
        describe(cpus.size());
        return std::move(m_result);
    }

private:
    // Ever more viewers until one step is too much, then between the largest that was carried and that one.
    void search(ViewerCrowd& crowd, int nodePid)
    {
        const int most = mostViewers();
        int next = std::min(firstViewers, most);
        std::optional<int> tooMuch;
        m_result.limit = BenchLimit::Time;
        while (const auto step = take(crowd, nodePid, next)) {
            if (isClientFull(*step)) {
                m_result.limit = BenchLimit::Client;
                return;
            }
            if (!step->isCarried && step->waitPercent > busyPercent) {
                m_result.limit = BenchLimit::Machine;
                return;
            }
            if (step->isCarried)
                m_best = m_result.steps.size() - 1;
            else
                tooMuch = step->viewers;
            const int carried = m_best ? m_result.steps[*m_best].viewers : 0;
            if (tooMuch && *tooMuch - carried <= std::max(1, carried / 10)) {
                m_result.limit = BenchLimit::Node;
                return;
            }
            if (carried == most) {
                m_result.limit = BenchLimit::Files;
                return;
            }
            next = std::min(most, tooMuch ? carried + (*tooMuch - carried) / 2 : moreThan(*step));
        }
        // What is between two neighbouring steps is not worth more time.
        if (tooMuch && m_best)
            m_result.limit = BenchLimit::Node;
    }

    // Where the core would be full if each viewer cost the same, but not too far away.
    static int moreThan(const BenchStep& step)
    {
        const double full = step.viewers * fullPercent / std::max(step.nodePercent, 1.0);
        return static_cast<int>(std::clamp(full, step.viewers * 1.25, step.viewers * 3.0));
    }

    bool isClientFull(const BenchStep& step) const
    {
        return (m_hasOwnCore ? step.clientPercent : step.clientPercent + step.nodePercent) > clientFullPercent;
    }

    // None if the time does not suffice, or nobody wants to know any more.
    std::optional<BenchStep> take(ViewerCrowd& crowd, int nodePid, int viewers)
    {
        const auto goOn = [&] {
            tell(viewers, nullptr);
            return !m_isCancelled && nowNs() < m_endNs;
        };
        if (!crowd.setSize(static_cast<std::size_t>(viewers), goOn) || !crowd.runFor(settleNs, goOn))
            return std::nullopt;
        crowd.beginMeasuring();
        const ProcessUse node = useOf(nodePid);
        const ProcessUse own = ownThreadUse();
        const std::uint64_t begin = nowNs();
        if (!crowd.runFor(measureNs, goOn))
            return std::nullopt;
        const double seconds = static_cast<double>(nowNs() - begin) / 1e9;
        const ProcessUse nodeAfter = useOf(nodePid);
        const ProcessUse ownAfter = ownThreadUse();
        const double cpu = nodeAfter.cpuSeconds - node.cpuSeconds;
        const CrowdFigures seen = crowd.figures();
        BenchStep step;
        step.viewers = viewers;
        step.nodePercent = 100 * cpu / seconds;
        step.clientPercent = 100 * (ownAfter.cpuSeconds - own.cpuSeconds) / seconds;
        step.waitPercent =
            100 * (nodeAfter.waitSeconds - node.waitSeconds + ownAfter.waitSeconds - own.waitSeconds) / seconds;
        step.bitsPerSecond = static_cast<double>(seen.bytes) * 8 / seconds;
        step.cpuSecondsPerGbit = seen.bytes > 0 ? cpu / (static_cast<double>(seen.bytes) * 8 / 1e9) : 0;
        step.stalls = seen.stalls;
        step.missing = seen.missing;
        step.isCarried = step.nodePercent <= fullPercent && step.stalls == 0 && step.missing == 0;
        m_result.steps.push_back(step);
        tell(viewers, &step);
        return step;
    }

    void tell(int viewers, const BenchStep* done)
    {
        const auto passed = static_cast<double>(nowNs() - m_beginNs);
        m_onProgress({std::min(1.0, passed / static_cast<double>(m_endNs - m_beginNs)), viewers, done});
    }

    void describe(std::size_t cores)
    {
        const BenchStep& step = m_result.steps[*m_best];
        CapacityMeasurement& measurement = m_result.measurement;
        measurement.streamBitsPerSecond = std::int64_t(m_options.kilobitsPerSecond) * 1000;
        measurement.mergeWindow = m_options.mergeWindow;
        measurement.viewersPerCore = step.viewers;
        measurement.bitsOutPerSecond = static_cast<std::int64_t>(step.bitsPerSecond);
        measurement.cpuSecondsPerGbit = step.cpuSecondsPerGbit;
        measurement.cores = static_cast<int>(cores);
        measurement.machine = machineText();
        measurement.toolVersion = HEADGATE_VERSION;
    }

    const NodeBenchOptions& m_options;
    const std::function<void(const NodeBenchProgress&)>& m_onProgress;
    const std::atomic<bool>& m_isCancelled;
    bool m_hasOwnCore = false;
    std::uint64_t m_beginNs = 0;
    std::uint64_t m_endNs = 0;
    std::optional<std::size_t> m_best;  // the largest step that was carried
    NodeBenchResult m_result;
};

}  // namespace

Result<NodeBenchResult> benchNode(const NodeBenchOptions& options,
                                  const std::function<void(const NodeBenchProgress&)>& onProgress,
                                  const std::atomic<bool>& isCancelled)
{
    return NodeBench(options, onProgress, isCancelled).run();
}

std::string machineText()
{
    std::string processor = "unknown processor";
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        const std::size_t colon = line.find(": ");
        if (line.starts_with("model name") && colon != std::string::npos) {
            processor = line.substr(colon + 2);
            break;
        }
    }
    utsname system{};
    ::uname(&system);
    return processor + ", " + system.sysname + " " + system.release;
}

}  // namespace headgate::bench
