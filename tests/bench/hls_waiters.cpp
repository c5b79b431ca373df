// Viewers of LL-HLS who wait for each next part: how long it takes until the last of them has the playlist with it.
#include "core/media/bench/measured.h"
#include "core/media/net/connection.h"
#include "tests/bench/options.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace headgate;
using namespace headgate::bench;

namespace {

constexpr const char* usage =
    "Usage: hls_waiters [-n VIEWERS (2000)] [-t SECONDS (6)] [-c CORE] ADDRESS:PORT /live/show.m3u8\n"
    "Prints JSON: how many answers, and how long after the first of a part the others came.\n";

using Instant = std::chrono::steady_clock::time_point;
using Arrivals = std::map<std::string, std::vector<Instant>>;  // of playlists, by the part that was waited for

class WaitingViewer final : private ConnectionOwner
{
public:
    WaitingViewer(EventLoop& loop, const SocketAddress& node, const std::string& path, Arrivals& arrivals)
        : m_arrivals(arrivals),
          m_connection(loop, *connectTo(node), Connection::Origin::Outgoing, *this),
          m_folder(path.substr(0, path.rfind('/') + 1))
    {
        ask(path);
    }
    bool hasFailed() const { return m_hasFailed; }
    bool isAnswered() const { return m_whole > 0; }

    // Reads the answer and asks for the next part. Later than it came, so that the others' are not kept waiting here.
    void goOn()
    {
        const std::string body = m_heard.substr(m_head, m_whole - m_head);
        m_heard.erase(0, m_whole);
        m_whole = 0;
        goOn(body);
    }

private:
    void bytesReceived(ByteView bytes) override
    {
        m_heard += textOf(bytes);
        if (m_whole > 0 || m_hasFailed)
            return;
        const std::size_t end = m_heard.find("\r\n\r\n");
        const std::size_t length = m_heard.find("Content-Length: ");
        if (end == std::string::npos || length > end)
            return;
        const std::size_t whole = end + 4 + static_cast<std::size_t>(std::atoi(m_heard.c_str() + length + 16));
        if (m_heard.size() < whole)
            return;
        m_hasFailed = !m_heard.starts_with("HTTP/1.1 200");
        m_head = end + 4;
        m_whole = m_hasFailed ? 0 : whole;
        if (!m_wish.empty())
            m_arrivals[m_wish].push_back(std::chrono::steady_clock::now());
    }
    void goOn(const std::string& body)
    {
        constexpr std::string_view hint = "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"";
        const std::size_t at = body.find(hint);
        if (at == std::string::npos) {
            const std::size_t line = body.rfind('\n', body.size() - 2) + 1;
            m_media = m_folder + body.substr(line, body.size() - 1 - line);
            return ask(m_media);
        }
        const std::size_t from = at + hint.size();
        const std::size_t dot = body.find('.', from);
        m_wish = "&_HLS_msn=" + body.substr(from, dot - from) +
                 "&_HLS_part=" + body.substr(dot + 1, body.find('.', dot + 1) - dot - 1);
        ask(m_media + m_wish);
    }
    void connectionEnded(std::string_view) override { m_hasFailed = true; }
    void ask(const std::string& target)
    {
        const std::string text = "GET " + target + " HTTP/1.1\r\nHost: node\r\n\r\n";
        const ByteView view = viewOf(text);
        m_connection.send(Bytes(view.begin(), view.end()));
    }

    Arrivals& m_arrivals;
    Connection m_connection;
    std::string m_folder;
    std::string m_media;
    std::string m_wish;
    std::string m_heard;
    std::size_t m_head = 0;
    std::size_t m_whole = 0;  // of the answer that is there; 0: none
    bool m_hasFailed = false;
};

using Viewers = std::vector<std::unique_ptr<WaitingViewer>>;

void turnFor(EventLoop& loop, const Viewers& viewers, double seconds)
{
    constexpr auto pause = std::chrono::milliseconds(60);
    std::optional<Instant> firstAt;
    const Instant end = std::chrono::steady_clock::now() + std::chrono::milliseconds(static_cast<int>(seconds * 1000));
    for (Instant now; (now = std::chrono::steady_clock::now()) < end;) {
        loop.runOnce(Duration(0));  // never asleep: to wake it would be the node's work, answer by answer
        const bool isAnyAnswered =
            firstAt || std::ranges::any_of(viewers, [](const auto& viewer) { return viewer->isAnswered(); });
        if (!firstAt && isAnyAnswered)
            firstAt = now;
        if (!firstAt || now - *firstAt < pause)
            continue;
        firstAt.reset();
        for (const auto& viewer : viewers) {
            if (viewer->isAnswered())
                viewer->goOn();
        }
    }
}

}  // namespace

int main(int argc, char** argv)
{
    const Options options(argc, argv, {{'n', "2000"}, {'t', "6"}, {'c', "-1"}}, usage);
    const auto node = options.words.size() == 2 ? parseSocketAddress(options.words[0])
                                                : headgate::fail(ErrorCode::InvalidArgument, usage);
    if (!node) {
        std::cerr << node.error().message;
        return 2;
    }
    const auto count = static_cast<std::size_t>(options.integer('n'));
    raiseFileLimit();
    pinTo(options.integer('c'));
    EventLoop loop;
    Arrivals arrivals;
    Viewers viewers;
    while (viewers.size() < count) {
        viewers.push_back(std::make_unique<WaitingViewer>(loop, *node, options.words[1], arrivals));
        if (viewers.size() % 50 == 0)
            turnFor(loop, viewers, 0.02);
    }
    turnFor(loop, viewers, 3);
    arrivals.clear();
    turnFor(loop, viewers, options.number('t'));
    std::vector<double> delays;
    for (auto& [wish, times] : arrivals) {
        // The first and the last part may not have been waited for by all.
        if (times.size() != count)
            continue;
        const Instant first = *std::ranges::min_element(times);
        for (const Instant time : times)
            delays.push_back(std::chrono::duration<double, std::milli>(time - first).count());
    }
    const auto failed = std::ranges::count_if(viewers, [](const auto& viewer) { return viewer->hasFailed(); });
    std::ranges::sort(delays);
    const auto at = [&](double share) {
        return delays.empty() ? 0.0 : delays[static_cast<std::size_t>(share * static_cast<double>(delays.size() - 1))];
    };
    std::printf("{\"viewers\":%zu,\"failed\":%td,\"answers\":%zu,\"msP50\":%.2f,\"msP99\":%.2f,\"msMost\":%.2f}\n",
                count, failed, delays.size(), at(0.5), at(0.99), at(1));
    return failed > 0 || delays.empty() ? 1 : 0;
}
