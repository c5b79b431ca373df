#include "app/ctl_probe.h"

#include "app/ctl_stream_pass.h"
#include "core/media/preview/stream_player.h"
#include "core/plane/ctl/answer.h"
#include "core/plane/ctl/table.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <mutex>
#include <optional>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

namespace headgate::ctl {
namespace {

constexpr std::chrono::seconds firstPictureLimit{15};

TimePoint wallTime()
{
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

struct Findings
{
    LatencyHistory glassToGlass;  // to the instant at which a screen would get the picture
    LatencyHistory toDecoder;
    StreamPlayerStatistics latest;
    double bitsPerSecond = 0;  // sums over `reports`
    double framesPerSecond = 0;
    int reports = 0;
    std::int64_t pictures = 0;
    std::optional<Error> error;

    double average(double sum) const { return reports > 0 ? sum / reports : 0; }
};

// What the player's threads tell ours.
class Probe
{
public:
    StreamPlayer::Callbacks callbacks()
    {
        return {.onFrame = [this](const std::shared_ptr<const PlayerFrame>& frame) { take(*frame); },
                .onStatistics = [this](const StreamPlayerStatistics& statistics) { take(statistics); },
                .onFailed =
                    [this](const Error& error) {
                        const std::lock_guard lock(m_mutex);
                        m_findings.error = error;
                        m_news.notify_all();
                    }};
    }

    // The player's reason if there was none.
    Result<void> waitForFirstPicture()
    {
        std::unique_lock lock(m_mutex);
        m_news.wait_for(lock, firstPictureLimit, [this] { return m_findings.pictures > 0 || m_findings.error; });
        if (m_findings.pictures > 0)
            return {};
        if (m_findings.error)
            return tl::unexpected(*m_findings.error);
        return fail(ErrorCode::Unavailable, "No picture came within 15 s.", "Check that the stream has one.");
    }

    Findings findings() const
    {
        const std::lock_guard lock(m_mutex);
        return m_findings;
    }

private:
    void take(const PlayerFrame& frame)
    {
        const TimePoint now = wallTime();
        const PictureStamps& stamps = frame.stamps;
        const std::lock_guard lock(m_mutex);
        ++m_findings.pictures;
        m_news.notify_all();
        if (!stamps.isLive)
            return;
        m_findings.glassToGlass.add(now, stamps.drawnAt ? std::optional(now - *stamps.drawnAt) : std::nullopt);
        m_findings.toDecoder.add(now, stamps.transport);
    }

    void take(const StreamPlayerStatistics& statistics)
    {
        const std::lock_guard lock(m_mutex);
        m_findings.latest = statistics;
        m_findings.bitsPerSecond += statistics.bitsPerSecond;
        m_findings.framesPerSecond += statistics.framesPerSecond;
        ++m_findings.reports;
    }

    mutable std::mutex m_mutex;
    std::condition_variable m_news;
    Findings m_findings;
};

Outcome<std::chrono::seconds> lengthOf(const Arguments& arguments)
{
    constexpr int longest = 300;
    const std::string text = arguments.value("seconds").value_or("10");
    int seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error != std::errc() || end != text.data() + text.size() || seconds < 1 || seconds > longest)
        return wrongUsage("--seconds " + text + " is not a number from 1 to 300.");
    return std::chrono::seconds(seconds);
}

// The address itself, or that of a stream at an edge which the control plane names.
Outcome<std::string> urlOf(const Arguments& arguments)
{
    const std::string& word = arguments.words[0];
    constexpr std::array schemes{"http://", "https://", "rtmp://", "rtmps://", "srt://", "rtsp://"};
    if (std::ranges::any_of(schemes, [&](const char* scheme) { return word.starts_with(scheme); }))
        return word;
    if (!StreamKey::parse(word))
        return wrongUsage("\"" + word + "\" is neither a stream nor an address of one.",
                          "A stream is scope/name; an address begins with http, https, rtmp, rtmps, srt or rtsp.");
    auto session = Session::open(arguments, Authorization::Token);
    if (!session)
        return tl::unexpected(std::move(session.error()));
    const auto targets = askRoute(**session, arguments, RoutePurpose::Subscribe, word);
    if (!targets)
        return tl::unexpected(targets.error());
    if (targets->empty())
        return tl::unexpected(Failure{ExitStatus::Refused,
                                      {ErrorCode::NotFound,
                                       "No node takes a viewer at present.",
                                       "headgatectl get nodes shows their states.",
                                       {}}});
    return withPass(**session, RoutePurpose::Subscribe, targets->front(), word, rtmpUrl(targets->front(), word));
}

std::string stateWord(LatencyState state)
{
    switch (state) {
    case LatencyState::Unknown:
        return "unknown";
    case LatencyState::NoStamp:
        return "no stamp";
    case LatencyState::Measured:
        return "measured";
    case LatencyState::ClocksDiffer:
        return "clocks differ";
    }
    return "unknown";
}

bool hasFigures(const LatencyHistory& history)
{
    return history.state() == LatencyState::Measured;
}

nlohmann::json latencyJson(const LatencyHistory& history)
{
    nlohmann::json result{{"state", stateWord(history.state())}};
    if (!hasFigures(history))
        return result;
    const LatencyFigures figures = history.figures();
    result["nowMs"] = figures.now.count();
    result["minMs"] = figures.least.count();
    result["medianMs"] = figures.median.count();
    result["p95Ms"] = figures.p95.count();
    result["maxMs"] = figures.most.count();
    result["pictures"] = figures.pictures;
    return result;
}

nlohmann::json asJson(const std::string& url, const Findings& found)
{
    return {{"url", url.substr(0, url.find("?token="))},
            {"video", found.latest.videoFormat},
            {"audio", found.latest.audioFormat},
            {"bitsPerSecond", static_cast<std::int64_t>(found.average(found.bitsPerSecond))},
            {"framesPerSecond", found.average(found.framesPerSecond)},
            {"delayBehindLiveMs", found.latest.delayBehindLiveMs},
            {"bufferedMs", found.latest.bufferedMs},
            {"pictures", found.pictures},
            {"dropped", found.latest.droppedFrames},
            {"glassToGlass", latencyJson(found.glassToGlass)},
            {"toDecoder", latencyJson(found.toDecoder)}};
}

std::vector<std::string> latencyRow(const std::string& name, const LatencyHistory& history)
{
    std::vector<std::string> row{name, stateWord(history.state()), "-", "-", "-", "-", "-", "0"};
    if (!hasFigures(history))
        return row;
    const LatencyFigures figures = history.figures();
    const std::array values{figures.now, figures.least, figures.median, figures.p95, figures.most};
    for (std::size_t i = 0; i < values.size(); ++i)
        row[i + 2] = std::to_string(values[i].count());
    row.back() = std::to_string(figures.pictures);
    return row;
}

std::string asTable(const Findings& found)
{
    const auto orDash = [](const std::string& text) { return text.empty() ? std::string("-") : text; };
    std::array<char, 32> rate{};
    std::snprintf(rate.data(), rate.size(), "%.1f", found.average(found.framesPerSecond));
    TextTable stream({"PICTURE", "SOUND", "KBIT/S", "PICTURES/S", "BEHIND MS", "BUFFER MS", "DROPPED"});
    stream.addRow({orDash(found.latest.videoFormat), orDash(found.latest.audioFormat),
                   std::to_string(std::lround(found.average(found.bitsPerSecond) / 1000)), rate.data(),
                   std::to_string(found.latest.delayBehindLiveMs), std::to_string(found.latest.bufferedMs),
                   std::to_string(found.latest.droppedFrames)});
    TextTable latency({"LATENCY IN MS", "STATE", "NOW", "MIN", "MEDIAN", "P95", "MAX", "PICTURES"});
    latency.addRow(latencyRow("glass to glass", found.glassToGlass));
    latency.addRow(latencyRow("to the decoder", found.toDecoder));
    return stream.text() + "\n" + latency.text();
}

}  // namespace

Outcome<void> runProbe(const Desk& desk)
{
    const auto url = urlOf(desk.arguments);
    if (!url)
        return tl::unexpected(url.error());
    const auto length = lengthOf(desk.arguments);
    if (!length)
        return tl::unexpected(length.error());
    Probe probe;
    {
        StreamPlayer::Options options;
        options.authoritiesFile = desk.arguments.value("tls-authorities").value_or("");
        StreamPlayer player(options, probe.callbacks());
        player.start(*url);
        if (auto seen = probe.waitForFirstPicture(); !seen)
            return tl::unexpected(Failure{ExitStatus::NotReachable, seen.error()});
        std::this_thread::sleep_for(*length);
    }
    const Findings found = probe.findings();
    print(desk, asJson(*url, found), asTable(found));
    return {};
}

}  // namespace headgate::ctl
