#include "app/ctl_publish_test.h"

#include "app/ctl_stream_pass.h"
#include "core/media/test_publisher/test_publisher.h"

#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <mutex>
#include <ostream>
#include <thread>
#include <vector>

namespace headgate::ctl {
namespace {

using Clock = std::chrono::steady_clock;

// What the publisher's thread tells ours.
class News
{
public:
    void setStarted()
    {
        const std::lock_guard lock(m_mutex);
        m_hasStarted = true;
        m_failures = 0;
    }
    void setFailure(const Error& error)
    {
        const std::lock_guard lock(m_mutex);
        m_failure = error;
        ++m_failures;
    }
    void setStatistics(const TestPublisherStatistics& statistics)
    {
        const std::lock_guard lock(m_mutex);
        m_statistics = statistics;
        m_isNew = true;
    }

    bool hasStarted() const
    {
        const std::lock_guard lock(m_mutex);
        return m_hasStarted;
    }
    // The last one, if so many came one after another.
    std::optional<Error> failureOf(int attempts) const
    {
        const std::lock_guard lock(m_mutex);
        return m_failures >= attempts ? m_failure : std::nullopt;
    }
    TestPublisherStatistics statistics() const
    {
        const std::lock_guard lock(m_mutex);
        return m_statistics;
    }
    std::optional<TestPublisherStatistics> takeNewStatistics()
    {
        const std::lock_guard lock(m_mutex);
        if (!m_isNew)
            return std::nullopt;
        m_isNew = false;
        return m_statistics;
    }

private:
    mutable std::mutex m_mutex;
    bool m_hasStarted = false;
    bool m_isNew = false;
    int m_failures = 0;
    std::optional<Error> m_failure;
    TestPublisherStatistics m_statistics;
};

// Ctrl+C and termination, taken by asking instead of by a handler. Threads that start later do not get them either.
class EndSignals
{
public:
    EndSignals()
    {
        sigemptyset(&m_signals);
        sigaddset(&m_signals, SIGINT);
        sigaddset(&m_signals, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &m_signals, nullptr);
    }

    // True if one came within `wait`.
    bool cameWithin(std::chrono::milliseconds wait) const
    {
        const timespec time{static_cast<time_t>(wait.count() / 1000), static_cast<long>(wait.count() % 1000) * 1000000};
        return sigtimedwait(&m_signals, nullptr, &time) > 0;
    }

private:
    sigset_t m_signals{};
};

Outcome<std::optional<Clock::time_point>> endOf(const Arguments& arguments)
{
    const auto text = arguments.value("duration");
    if (!text)
        return std::optional<Clock::time_point>();
    int seconds = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
    if (error != std::errc() || end != text->data() + text->size() || seconds < 1)
        return wrongUsage("--duration " + *text + " is not a number of seconds.");
    return Clock::now() + std::chrono::seconds(seconds);
}

// One or two. A session of its own: its threads must not be there before the signals are blocked.
Outcome<std::vector<std::string>> publishUrls(const Desk& desk)
{
    const std::string& word = desk.arguments.words[0];
    if (word.starts_with("rtmp://") || word.starts_with("rtmps://"))
        return std::vector{word};
    auto session = Session::open(desk.arguments, ctl::Authorization::Token);
    if (!session)
        return tl::unexpected(std::move(session.error()));
    const auto targets = askRoute(**session, desk.arguments, RoutePurpose::Publish, word);
    if (!targets)
        return tl::unexpected(targets.error());
    if (targets->empty())
        return tl::unexpected(Failure{ExitStatus::Refused,
                                      {ErrorCode::NotFound,
                                       "No node takes a publisher at present.",
                                       "headgatectl get nodes shows their states.",
                                       {}}});
    std::vector<std::string> urls;
    for (const RouteTarget& target : *targets) {
        if (urls.size() == 2)
            break;
        auto url = withPass(**session, RoutePurpose::Publish, target, word, rtmpUrl(target, word));
        if (!url)
            return tl::unexpected(std::move(url.error()));
        urls.push_back(std::move(*url));
    }
    return urls;
}

class PublishTest
{
public:
    PublishTest(const Desk& desk, std::optional<Clock::time_point> end)
        : m_desk(desk), m_end(end), m_isTerminal(isatty(STDERR_FILENO) != 0)
    {}

    Outcome<void> run(std::vector<std::string> urls)
    {
        m_desk.notes << "Publishing to " << described(urls) << "; Ctrl+C ends it." << std::endl;
        auto news = std::make_shared<News>();
        auto publisher = start(urls, news);
        while (!isOver()) {
            report(*news);
            const auto failure = news->failureOf(static_cast<int>(urls.size()));
            if (!failure)
                continue;
            m_wasTaken = m_wasTaken || news->hasStarted();
            if (!m_wasTaken)
                return tl::unexpected(Failure{ExitStatus::Refused, *failure});
            m_desk.notes << clearLine() << failure->message << " Asking for another place." << std::endl;
            m_frames += news->statistics().framesSent;
            publisher.reset();
            news = std::make_shared<News>();
            if (auto next = publishUrls(m_desk)) {
                urls = std::move(*next);
                m_desk.notes << "Publishing to " << described(urls) << "." << std::endl;
                publisher = start(urls, news);
            } else {
                urls.resize(1);
                news->setFailure(next.error().error);
            }
        }
        publisher.reset();
        m_frames += news->statistics().framesSent;
        m_desk.notes << clearLine() << "Ended after " << m_frames << " frames." << std::endl;
        return {};
    }

private:
    // Without their passes.
    static std::string described(const std::vector<std::string>& urls)
    {
        const auto shown = [](const std::string& url) { return url.substr(0, url.find('?')); };
        return urls.size() < 2 ? shown(urls.front()) : shown(urls.front()) + " (or " + shown(urls.back()) + ")";
    }

    std::unique_ptr<TestPublisher> start(const std::vector<std::string>& urls, const std::shared_ptr<News>& news) const
    {
        TestPublisherOptions options;
        options.url = urls.front();
        options.otherUrl = urls.size() > 1 ? urls.back() : std::string();
        options.authoritiesFile = m_desk.arguments.value("tls-authorities").value_or("");
        return std::make_unique<TestPublisher>(
            options, TestPublisher::Callbacks{[news] { news->setStarted(); },
                                              [news](const Error& error) { news->setFailure(error); },
                                              [news](const TestPublisherStatistics& s) { news->setStatistics(s); }});
    }

    bool isOver() const
    {
        auto wait = std::chrono::milliseconds(1000);
        if (m_end)
            wait = std::min(wait, std::chrono::ceil<std::chrono::milliseconds>(*m_end - Clock::now()));
        return wait.count() <= 0 || m_signals.cameWithin(wait) || (m_end && Clock::now() >= *m_end);
    }

    void report(News& news)
    {
        const auto statistics = news.takeNewStatistics();
        if (!statistics || !m_isTerminal)
            return;
        std::array<char, 160> line{};
        std::snprintf(line.data(), line.size(), "%lld frames, %.1f a second, %.0f kbit/s, %lld skipped",
                      static_cast<long long>(m_frames + statistics->framesSent), statistics->framesPerSecond,
                      statistics->bitsPerSecond / 1000, static_cast<long long>(statistics->framesSkipped));
        m_desk.notes << clearLine() << line.data() << std::flush;
    }

    const char* clearLine() const { return m_isTerminal ? "\r\x1b[K" : ""; }

    const Desk& m_desk;
    std::optional<Clock::time_point> m_end;
    bool m_isTerminal;
    EndSignals m_signals;
    bool m_wasTaken = false;  // some server took the stream
    std::int64_t m_frames = 0;
};

}  // namespace

Outcome<void> runPublishTest(const Desk& desk)
{
    auto urls = publishUrls(desk);
    if (!urls)
        return tl::unexpected(urls.error());
    const auto end = endOf(desk.arguments);
    if (!end)
        return tl::unexpected(end.error());
    return PublishTest(desk, *end).run(std::move(*urls));
}

}  // namespace headgate::ctl
