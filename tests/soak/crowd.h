#pragma once

#include "core/media/bench/load_client.h"
#include "core/media/bench/test_stream.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

namespace headgate::soak {

// One name that is published for a while, left for a while, and published again.
struct Show
{
    std::string name;
    bench::LoadClient publisher;
    bool isWanted = false;
    std::uint64_t sent = 0;
    std::uint64_t firstNs = 0;  // when its first message left; 0 while it is not published
};

struct Watcher
{
    std::size_t show = 0;
    bool isHttp = false;
    bench::LoadClient client;
    std::uint64_t retryNs = 0;  // not before
    std::uint64_t starvedNs = 0;
    int starts = 0;
};

// Publishers and viewers of one process, driven by turn(). The addresses come from whoever knows them; an empty one
// says that there is none now.
class Crowd
{
public:
    struct Router
    {
        std::function<std::string(const std::string& show)> publish;
        std::function<std::string(const std::string& show)> subscribe;
    };

    Crowd(Router router, std::size_t shows, std::size_t watchers);
    ~Crowd();
    Crowd(const Crowd&) = delete;
    Crowd& operator=(const Crowd&) = delete;

    void turn(int waitMs);
    void setWanted(std::size_t show, bool isWanted);
    void leave();  // everybody, for good

    // Viewers of a show that has been published since `sinceNs` or longer, who got nothing for `mostNs` all the same.
    // Each is counted once until it gets something again.
    int newlyStarved(std::uint64_t sinceNs, std::uint64_t mostNs);

    std::size_t showCount() const { return m_shows.size(); }
    std::size_t streamingCount() const;
    std::uint64_t bytes() const { return m_bytes; }
    int joins() const { return m_joins; }

private:
    void handleEvents(int waitMs);
    void publishDue(std::size_t index, std::uint64_t now);
    void send(Show& show, const bench::StreamMessage& shape, std::uint64_t dueNs);
    void joinDue(std::size_t index, std::uint64_t now);

    Router m_router;
    int m_epoll;
    std::vector<bench::StreamMessage> m_messages;
    std::deque<Show> m_shows;
    std::deque<Watcher> m_watchers;
    std::size_t m_nextWatcher = 0;
    std::uint64_t m_bytes = 0;
    int m_joins = 0;
    bool m_isLeaving = false;
};

}  // namespace headgate::soak
