#pragma once

#include "core/media/bench/paced_publisher.h"
#include "core/media/net/socket.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace headgate::bench {

struct CrowdFigures
{
    std::uint64_t bytes = 0;
    int stalls = 0;   // silences of a second and more
    int missing = 0;  // viewers who are not served
};

// A publisher of the test stream and a number of viewers of it, on the calling thread. Each `goOn` is asked several
// times a second; when it says no, what was begun ends at once, with false.
class ViewerCrowd
{
public:
    using GoOn = std::function<bool()>;

    ViewerCrowd(StreamUrl url, int kilobitsPerSecond);

    // Lets viewers join, or sends the youngest away.
    bool setSize(std::size_t viewers, const GoOn& goOn);
    bool runFor(std::uint64_t nanoseconds, const GoOn& goOn);

    // From now on bytes and stalls are counted.
    void beginMeasuring();
    CrowdFigures figures();

    // Why a viewer or the publisher failed, empty if none did.
    std::string failure() const;

private:
    struct Viewer
    {
        LoadClient client;
        std::uint64_t bytesBefore = 0;
    };

    bool startPublishing(const GoOn& goOn);
    void turn();
    void noteGap(std::uint64_t since, std::uint64_t now);

    StreamUrl m_url;
    Socket m_epoll;
    std::vector<StreamMessage> m_period;
    PacedPublisher m_publisher;
    std::vector<std::unique_ptr<Viewer>> m_viewers;
    std::uint64_t m_measuredSince = 0;  // 0: not
    int m_stalls = 0;
};

}  // namespace headgate::bench
