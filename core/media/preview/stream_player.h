#pragma once

#include "core/base/result.h"
#include "core/domain/latency_history.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace headgate {

// One picture to show: 32 bits a pixel as 0xffRRGGBB in the machine's byte order, lines without gaps.
struct PlayerFrame
{
    int width = 0;
    int height = 0;
    std::chrono::microseconds timestamp{0};  // of the stream
    PictureStamps stamps;
    std::vector<std::uint32_t> pixels;
};

struct StreamPlayerStatistics
{
    std::string videoFormat;  // "1280x720 H.264"; empty before the first picture or without video
    std::string audioFormat;  // "AAC 48 kHz stereo"
    double framesPerSecond = 0;
    double bitsPerSecond = 0;
    int delayBehindLiveMs = -1;  // from the newest picture received to the one shown; -1 = nothing shown
    int bufferedMs = 0;          // decoded pictures that wait for their instant
    int droppedFrames = 0;       // since start(), not counting the cached ones that only led up to the live picture
    std::string soundProblem;    // why there is no sound although it is wanted and the stream has some
};

// Plays one stream from HTTP-FLV or RTMP, enhanced codecs included, HLS, SRT or RTSP: decodes, keeps picture and sound
// to one clock with a small buffer, connects again after errors with growing pauses (0.5 s to 5 s) until stopped. After
// a stall it goes on where it stopped, 5 % faster until it is live again; what is more than 2 s behind is left out.
// Muted at first; while muted, sound is neither decoded nor is a device open. All functions belong to one thread;
// callbacks come on the player's threads.
class StreamPlayer
{
public:
    struct Callbacks
    {
        std::function<void(std::shared_ptr<const PlayerFrame>)> onFrame;
        std::function<void(const StreamPlayerStatistics&)> onStatistics;  // each second
        std::function<void(const Error&)> onFailed;                       // each time the stream could not be had
    };
    struct Options
    {
        int maxWidth = 1280;  // pictures are scaled down to fit, never up
        int maxHeight = 720;
        std::chrono::milliseconds buffer{150};
        std::string authoritiesFile = {};  // in PEM, whom https:// and rtmps:// trust beside those of the system
    };

    StreamPlayer(Options options, Callbacks callbacks);
    ~StreamPlayer();  // stops
    StreamPlayer(const StreamPlayer&) = delete;
    StreamPlayer& operator=(const StreamPlayer&) = delete;

    // Stops what was playing before.
    void start(const std::string& url);

    // No callback comes after it. Takes at most the network's polling step, about 0.1 s.
    void stop();

    void setMuted(bool muted);
    void setVolume(double volume);  // 0 to 1

private:
    class Session;
    const Options m_options;
    const Callbacks m_callbacks;
    bool m_isMuted = true;
    double m_volume = 1;
    std::unique_ptr<Session> m_session;
};

}  // namespace headgate
