// Viewers of LL-HLS who wait for each next part: how long it takes until the last of them has the playlist with it.
#include "core/media/bench/measured.h"
#include "core/media/net/socket.h"
#include "tests/bench/arrival.h"
#include "tests/bench/options.h"

#include <fcntl.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace headgate;
using namespace headgate::bench;

namespace {

constexpr const char* usage =
    "Usage: hls_waiters [-n VIEWERS (2000)] [-t SECONDS (6)] [-c CORE] ADDRESS:PORT /live/show.m3u8\n"
    "Prints JSON: how many answers, and how long after the first of a part the others were there. It counts when the\n"
    "last byte of an answer came to its socket, as the kernel tells; the program sleeps while they come, and reads "
    "later.\n";

constexpr int patienceMs = 15'000;

using Clock = std::chrono::steady_clock;
using Arrivals = std::map<std::string, std::vector<std::int64_t>>;  // of playlists, by the part that was waited for

bool isReadable(const Socket& socket, int withinMs)
{
    pollfd waiting{socket.fd(), POLLIN, 0};
    return ::poll(&waiting, 1, withinMs) > 0;
}

class WaitingViewer
{
public:
    WaitingViewer(const SocketAddress& node, const std::string& path)
        : m_socket(std::move(*connectTo(node))), m_folder(path.substr(0, path.rfind('/') + 1))
    {
        ::fcntl(m_socket.fd(), F_SETFL, 0);  // waits
        m_hasFailed = !tellArrivals(m_socket.fd());
        ask(path);
        const std::string playlist = read().body;
        const std::size_t line = playlist.rfind('\n', playlist.size() - 2) + 1;
        m_media = m_folder + playlist.substr(line, playlist.find('\n', line) - line);
        ask(m_media);
        askForNext(read().body);
    }
    bool hasFailed() const { return m_hasFailed; }
    bool isAnswered(int withinMs) const { return !m_hasFailed && isReadable(m_socket, withinMs); }

    // Reads the answer and asks for the next part.
    void goOn(Arrivals& arrivals)
    {
        const Answer answer = read();
        arrivals[m_wish].push_back(answer.arrivedAtNs);
        askForNext(answer.body);
    }

private:
    struct Answer
    {
        std::string body;
        std::int64_t arrivedAtNs = 0;
    };

    Answer read()
    {
        static std::vector<char> buffer(256 * 1024);
        std::string heard;
        Answer answer;
        for (std::size_t whole = 0; !m_hasFailed && (whole == 0 || heard.size() < whole);) {
            const Arrival arrival = isReadable(m_socket, patienceMs) ? receive(m_socket.fd(), buffer, 0) : Arrival{};
            heard.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(arrival.size, 0)));
            answer.arrivedAtNs = arrival.ns;
            m_hasFailed = arrival.size <= 0 || arrival.ns == 0 || !heard.starts_with("HTTP/1.1 200");
            const std::size_t end = heard.find("\r\n\r\n");
            const std::size_t length = heard.find("Content-Length: ");
            if (length >= end || end == std::string::npos)
                continue;
            whole = end + 4 + static_cast<std::size_t>(std::atoi(heard.c_str() + length + 16));
            if (heard.size() >= whole)
                answer.body = heard.substr(end + 4, whole - end - 4);
        }
        return answer;
    }
    void askForNext(const std::string& playlist)
    {
        constexpr std::string_view hint = "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"";
        const std::size_t at = playlist.find(hint);
        m_hasFailed = m_hasFailed || at == std::string::npos;
        if (m_hasFailed)
            return;
        const std::size_t from = at + hint.size();
        const std::size_t dot = playlist.find('.', from);
        m_wish = "&_HLS_msn=" + playlist.substr(from, dot - from) +
                 "&_HLS_part=" + playlist.substr(dot + 1, playlist.find('.', dot + 1) - dot - 1);
        ask(m_media + m_wish);
    }
    void ask(const std::string& target)
    {
        const std::string text = "GET " + target + " HTTP/1.1\r\nHost: node\r\n\r\n";
        const ssize_t sent = ::send(m_socket.fd(), text.data(), text.size(), MSG_NOSIGNAL);
        m_hasFailed = m_hasFailed || sent != static_cast<ssize_t>(text.size());
    }

    Socket m_socket;
    std::string m_folder;
    std::string m_media;
    std::string m_wish;
    bool m_hasFailed = false;
};

using Viewers = std::vector<std::unique_ptr<WaitingViewer>>;

void goOn(const Viewers& viewers, Arrivals& arrivals)
{
    for (const auto& viewer : viewers) {
        if (viewer->isAnswered(0))
            viewer->goOn(arrivals);
    }
}

void watchFor(const Viewers& viewers, Arrivals& arrivals, double seconds)
{
    constexpr auto pause = std::chrono::milliseconds(60);
    const auto end = Clock::now() + std::chrono::milliseconds(static_cast<int>(seconds * 1000));
    while (Clock::now() < end && viewers.front()->isAnswered(patienceMs)) {
        std::this_thread::sleep_for(pause);
        goOn(viewers, arrivals);
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
    Arrivals arrivals;
    Viewers viewers;
    while (viewers.size() < count) {
        viewers.push_back(std::make_unique<WaitingViewer>(*node, options.words[1]));
        if (viewers.size() % 50 == 0)
            goOn(viewers, arrivals);
    }
    watchFor(viewers, arrivals, 3);
    arrivals.clear();
    watchFor(viewers, arrivals, options.number('t'));
    std::vector<double> delays;
    for (auto& [wish, times] : arrivals) {
        // The first and the last part may not have been waited for by all.
        if (times.size() != count)
            continue;
        const std::int64_t first = *std::ranges::min_element(times);
        for (const std::int64_t time : times)
            delays.push_back(static_cast<double>(time - first) / 1e6);
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
