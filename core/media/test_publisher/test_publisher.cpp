#include "core/media/test_publisher/test_publisher.h"

#include "core/base/check.h"
#include "core/media/test_publisher/publish_session.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace headgate {

using Steady = std::chrono::steady_clock;

class TestPublisher::Private
{
public:
    Private(TestPublisherOptions options, Callbacks callbacks)
        : m_options(std::move(options)), m_callbacks(std::move(callbacks)), m_thread([this] { run(); })
    {}

    ~Private()
    {
        m_stop = true;
        m_loop.post([] {});
        m_thread.join();
    }

private:
    void run();
    Result<void> publish(const std::string& url);
    void report(const PublishSession& session);
    bool waitUntil(Steady::time_point instant);

    const TestPublisherOptions m_options;
    const Callbacks m_callbacks;
    TestPublisherStatistics m_statistics;
    std::int64_t m_framesAtReport = 0;
    std::int64_t m_bytesAtReport = 0;
    std::int64_t m_bytesBefore = 0;  // sent by earlier sessions
    Steady::time_point m_lastReport;
    EventLoop m_loop;
    std::atomic<bool> m_stop = false;
    std::thread m_thread;  // last: it uses all of the above
};

// Lets the connection have its turns meanwhile, one at least. False if the publisher ends.
bool TestPublisher::Private::waitUntil(Steady::time_point instant)
{
    for (;;) {
        const auto left = std::chrono::ceil<Duration>(instant - Steady::now());
        m_loop.runOnce(std::max(left, Duration(0)));
        if (m_stop)
            return false;
        if (Steady::now() >= instant)
            return true;
    }
}

void TestPublisher::Private::run()
{
    constexpr Duration firstPause{500};
    constexpr Duration longestPause{8000};
    std::vector<std::string> urls{m_options.url};
    if (!m_options.otherUrl.empty())
        urls.push_back(m_options.otherUrl);
    Duration pause = firstPause;
    std::size_t failures = 0;  // one after another
    for (std::size_t turn = 0; !m_stop; ++turn) {
        const std::int64_t framesBefore = m_statistics.framesSent;
        const auto published = publish(urls[turn % urls.size()]);
        if (published || m_stop)
            return;
        if (m_statistics.framesSent > framesBefore) {
            pause = firstPause;
            failures = 0;
        }
        if (m_callbacks.onFailed)
            m_callbacks.onFailed(published.error());
        if (++failures % urls.size() != 0)
            continue;
        waitUntil(Steady::now() + pause);
        pause = std::min(pause * 2, longestPause);
    }
}

Result<void> TestPublisher::Private::publish(const std::string& url)
{
    auto session = PublishSession::open({m_options, m_loop, m_stop}, url);
    if (!session)
        return tl::unexpected(session.error());
    ++m_statistics.connections;
    if (m_callbacks.onStarted)
        m_callbacks.onStarted();

    const Steady::time_point start = Steady::now();
    m_lastReport = start;
    const auto interval = std::chrono::nanoseconds(1'000'000'000 / m_options.framesPerSecond);
    for (std::int64_t frame = 0; waitUntil(start + frame * interval); ++frame) {
        // A late frame is left out instead of being sent late: the picture's clock and the stream's time stay together.
        const std::int64_t due = (Steady::now() - start) / interval;
        m_statistics.framesSkipped += due - frame;
        frame = std::max(frame, due);
        if ((*session)->isBehind()) {
            ++m_statistics.framesSkipped;
            continue;
        }
        const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
        if (auto sent = (*session)->sendFrame(frame, now); !sent) {
            m_bytesBefore += (*session)->bytesSent();
            return sent;
        }
        ++m_statistics.framesSent;
        report(**session);
    }
    return {};
}

void TestPublisher::Private::report(const PublishSession& session)
{
    const Steady::time_point now = Steady::now();
    if (now - m_lastReport < std::chrono::seconds(1))
        return;
    const double seconds = std::chrono::duration<double>(now - m_lastReport).count();
    m_statistics.bytesSent = m_bytesBefore + session.bytesSent();
    m_statistics.framesPerSecond = static_cast<double>(m_statistics.framesSent - m_framesAtReport) / seconds;
    m_statistics.bitsPerSecond = static_cast<double>(m_statistics.bytesSent - m_bytesAtReport) * 8 / seconds;
    m_framesAtReport = m_statistics.framesSent;
    m_bytesAtReport = m_statistics.bytesSent;
    m_lastReport = now;
    if (m_callbacks.onStatistics)
        m_callbacks.onStatistics(m_statistics);
}

TestPublisher::TestPublisher(TestPublisherOptions options, Callbacks callbacks)
{
    HG_CHECK(options.width >= 160 && options.height >= 90 && options.width % 2 == 0 && options.height % 2 == 0);
    HG_CHECK(options.framesPerSecond >= 1 && options.framesPerSecond <= 120);
    HG_CHECK(options.keyFrameInterval.count() * options.framesPerSecond >= 1000);
    m_d = std::make_unique<Private>(std::move(options), std::move(callbacks));
}

TestPublisher::~TestPublisher() = default;

}  // namespace headgate
