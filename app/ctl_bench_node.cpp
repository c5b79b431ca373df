#include "app/ctl_bench_node.h"

#include "core/base/check.h"
#include "core/media/bench/node_bench.h"
#include "core/plane/ctl/answer.h"
#include "core/plane/ctl/table.h"
#include "core/wire/native_codec.h"

#include <QCoreApplication>

#include <unistd.h>

#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <ostream>

namespace headgate::ctl {
namespace {

using bench::BenchLimit;
using bench::BenchStep;
using bench::NodeBenchResult;

std::atomic<bool> isInterrupted = false;

Outcome<int> numberOf(const Arguments& arguments, const std::string& option, int standard, int lowest, int highest)
{
    const auto text = arguments.value(option);
    if (!text)
        return standard;
    int number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc() || end != text->data() + text->size() || number < lowest || number > highest)
        return wrongUsage("--" + option + " " + *text + " is not a number from " + std::to_string(lowest) + " to " +
                          std::to_string(highest) + ".");
    return number;
}

Outcome<MergeWindowSetting> mergeWindowOf(const Arguments& arguments)
{
    if (arguments.value("merge-window").value_or("auto") == "auto")
        return MergeWindowSetting();
    const auto milliseconds = numberOf(arguments, "merge-window", 0, 0, MergeWindowSetting::longestMs);
    if (!milliseconds)
        return tl::unexpected(milliseconds.error());
    return MergeWindowSetting{*milliseconds};
}

std::string fixed(double value, int decimals)
{
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
    return text.data();
}

std::string textOf(BenchLimit limit)
{
    switch (limit) {
    case BenchLimit::Node:
        return "The node was the limit.";
    case BenchLimit::Client:
        return "The load was the limit, not the node: it may carry more than was found.";
    case BenchLimit::Machine:
        return "Something else kept the processors busy: this is no figure of the node. Measure on a quiet machine.";
    case BenchLimit::Files:
        return "The number of open files was the limit (ulimit -n): the node may carry more than was found.";
    case BenchLimit::Time:
        return "The time was over before the limit was found: the node may carry more. Give it more --seconds.";
    }
    unreachable();
}

const char* wordOf(BenchLimit limit)
{
    switch (limit) {
    case BenchLimit::Node:
        return "node";
    case BenchLimit::Client:
        return "client";
    case BenchLimit::Machine:
        return "machine";
    case BenchLimit::Files:
        return "files";
    case BenchLimit::Time:
        return "time";
    }
    unreachable();
}

nlohmann::json jsonOf(const NodeBenchResult& result)
{
    nlohmann::json steps = nlohmann::json::array();
    for (const BenchStep& step : result.steps)
        steps.push_back({{"viewers", step.viewers},
                         {"nodePercent", step.nodePercent},
                         {"clientPercent", step.clientPercent},
                         {"bitsPerSecond", step.bitsPerSecond},
                         {"cpuSecondsPerGbit", step.cpuSecondsPerGbit},
                         {"waitPercent", step.waitPercent},
                         {"stalls", step.stalls},
                         {"missing", step.missing},
                         {"isCarried", step.isCarried}});
    return {{"measurement", native::toJson(result.measurement)},
            {"limitedBy", wordOf(result.limit)},
            {"steps", std::move(steps)}};
}

std::string tableOf(const NodeBenchResult& result)
{
    TextTable table({"VIEWERS", "NODE", "LOAD", "GBIT/S", "CPU-S/GBIT", "WAIT", "STALLS", "MISSING", "CARRIED"});
    for (const BenchStep& step : result.steps)
        table.addRow({std::to_string(step.viewers), fixed(step.nodePercent, 1) + "%",
                      fixed(step.clientPercent, 1) + "%", fixed(step.bitsPerSecond / 1e9, 3),
                      fixed(step.cpuSecondsPerGbit, 3), fixed(step.waitPercent, 0) + "%", std::to_string(step.stalls),
                      std::to_string(step.missing), step.isCarried ? "yes" : "no"});
    const CapacityMeasurement& found = result.measurement;
    const auto& window = found.mergeWindow.milliseconds;
    return table.text() + "\nOne core carries " + std::to_string(found.viewersPerCore) + " viewers at " +
           std::to_string(found.streamBitsPerSecond / 1000) + " kbit/s, merge window " +
           (window ? std::to_string(*window) + " ms" : "auto") + ". " + textOf(result.limit) + "\n" + found.machine +
           ", " + std::to_string(found.cores) + (found.cores == 1 ? " core" : " cores") + "\n";
}

// The image that was named, or the only one that groups use.
Outcome<std::string> imageToSaveWith(Session& session, const Arguments& arguments)
{
    if (const auto named = arguments.value("image"))
        return *named;
    const auto body = session.get(native::callTo(native::Route::ListNodeImages));
    if (!body)
        return tl::unexpected(body.error());
    std::vector<std::string> used;
    for (const auto& image : body->value("nodeImages", nlohmann::json::array())) {
        if (!image.value("uses", nlohmann::json::array()).empty())
            used.push_back(image.value(nlohmann::json::json_pointer("/image/name"), ""));
    }
    if (used.size() == 1)
        return used.front();
    return wrongUsage(used.empty() ? "No node group names a node image." : "Node groups name several node images.",
                      "Name the one that was measured with --image.");
}

class Measuring
{
public:
    explicit Measuring(const Desk& desk) : m_desk(desk), m_isTerminal(isatty(STDERR_FILENO) != 0) {}

    Outcome<NodeBenchResult> run(const bench::NodeBenchOptions& options)
    {
        std::signal(SIGINT, [](int) { isInterrupted = true; });
        std::signal(SIGTERM, [](int) { isInterrupted = true; });
        auto result = bench::benchNode(
            options, [this](const bench::NodeBenchProgress& progress) { show(progress); }, isInterrupted);
        m_desk.notes << clearLine() << std::flush;
        if (!result)
            return tl::unexpected(Failure{ExitStatus::Refused, std::move(result.error())});
        result->measurement.measuredAt = std::chrono::floor<Duration>(std::chrono::system_clock::now());
        return std::move(*result);
    }

private:
    void show(const bench::NodeBenchProgress& progress)
    {
        if (!m_isTerminal)
            return;
        m_desk.notes << clearLine() << static_cast<int>(progress.share * 100) << " % of the time, " << progress.viewers
                     << " viewers" << std::flush;
    }

    const char* clearLine() const { return m_isTerminal ? "\r\x1b[K" : ""; }

    const Desk& m_desk;
    bool m_isTerminal;
};

Outcome<bench::NodeBenchOptions> optionsOf(const Arguments& arguments)
{
    const auto seconds = numberOf(arguments, "seconds", 30, 10, 600);
    if (!seconds)
        return tl::unexpected(seconds.error());
    const auto bitrate = numberOf(arguments, "bitrate", 1510, 100, 100'000);
    if (!bitrate)
        return tl::unexpected(bitrate.error());
    const auto window = mergeWindowOf(arguments);
    if (!window)
        return tl::unexpected(window.error());
    bench::NodeBenchOptions options;
    options.nodeProgram = arguments.value("node-program")
                              .value_or(QCoreApplication::applicationDirPath().toStdString() + "/headgate-node");
    options.kilobitsPerSecond = *bitrate;
    options.mergeWindow = *window;
    options.longest = std::chrono::seconds(*seconds);
    return options;
}

}  // namespace

Outcome<void> runBenchNode(const Desk& desk)
{
    const auto options = optionsOf(desk.arguments);
    if (!options)
        return tl::unexpected(options.error());
    // Whether it can be saved is known before half a minute is spent.
    std::unique_ptr<Session> session;
    std::string image;
    if (desk.arguments.has("save")) {
        auto opened = Session::open(desk.arguments, ctl::Authorization::Token);
        if (!opened)
            return tl::unexpected(std::move(opened.error()));
        session = std::move(*opened);
        auto found = imageToSaveWith(*session, desk.arguments);
        if (!found)
            return tl::unexpected(std::move(found.error()));
        image = std::move(*found);
    }
    auto result = Measuring(desk).run(*options);
    if (!result)
        return tl::unexpected(std::move(result.error()));
    print(desk, jsonOf(*result), tableOf(*result));
    desk.out << std::flush;
    if (!session)
        return {};
    if (result->limit == bench::BenchLimit::Machine)
        return tl::unexpected(
            Failure{ExitStatus::Refused, Error{ErrorCode::Unavailable,
                                               "Nothing was saved: other work kept the processors busy.",
                                               "Measure again on a quiet machine.",
                                               {}}});
    const auto outcome = session->submit(AddMeasurement{image, result->measurement}, Execution::Commit);
    if (!outcome)
        return tl::unexpected(outcome.error());
    desk.notes << "Saved with the node image " << image << ", version " << outcome->version << ".\n";
    return {};
}

}  // namespace headgate::ctl
