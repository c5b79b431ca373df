#pragma once

#include "core/base/result.h"
#include "core/base/time.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace headgate {

struct TestPublisherOptions
{
    std::string url;              // rtmp:// or rtmps://host[:port]/scope/name
    std::string otherUrl;         // where else the stream may be published; may be empty
    std::string authoritiesFile;  // in PEM, whom rtmps:// trusts beside those of the system; may be empty
    int width = 1280;
    int height = 720;
    int framesPerSecond = 30;
    int bitsPerSecond = 1'500'000;  // of the picture, at most
    Duration keyFrameInterval{2000};
    std::string title;  // empty: scope and name out of the URL
};

struct TestPublisherStatistics
{
    std::int64_t framesSent = 0;
    std::int64_t framesSkipped = 0;  // not drawn, because the machine or the network did not keep up
    std::int64_t bytesSent = 0;      // over all connections
    double framesPerSecond = 0;      // over the last second
    double bitsPerSecond = 0;
    int connections = 0;  // how often publishing began
};

// Publishes a moving test picture with a clock (H.264, no B frames) and a tone each second (AAC, 48 kHz, stereo) over
// RTMP or RTMPS until destroyed. A server of RTMPS must prove its name. Each picture tells its time to programs, too:
// PictureStamp in it and an SEI stamp beside it. A server that gives no sign of life for 2 s is left. A broken
// connection is followed by one to the other address at once; those that failed are tried again after 0.5 s, 1 s, 2 s
// ... at most 8 s. Callbacks come on its own thread and must not destroy it.
class TestPublisher
{
public:
    struct Callbacks
    {
        std::function<void()> onStarted;             // each time the server has taken the stream
        std::function<void(const Error&)> onFailed;  // each time it could not or could no longer be sent
        std::function<void(const TestPublisherStatistics&)> onStatistics;  // each second while publishing
    };

    TestPublisher(TestPublisherOptions options, Callbacks callbacks);

    // Ends within a frame's time, also while connecting. No callback comes after it.
    ~TestPublisher();
    TestPublisher(const TestPublisher&) = delete;
    TestPublisher& operator=(const TestPublisher&) = delete;

private:
    class Private;
    std::unique_ptr<Private> m_d;
};

}  // namespace headgate
