#pragma once

#include "core/media/ffmpeg/owners.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace headgate {

// Plays decoded sound at its instants through PulseAudio, else ALSA, on a thread of its own. Opens the device with the
// first frame after unmuting and lets go of it when muted.
class SoundOutput
{
public:
    using Instant = std::chrono::steady_clock::time_point;

    SoundOutput();
    ~SoundOutput();
    SoundOutput(const SoundOutput&) = delete;
    SoundOutput& operator=(const SoundOutput&) = delete;

    void setMuted(bool muted);
    bool isMuted() const { return m_isMuted; }
    void setVolume(double volume) { m_volume = volume; }

    // `frame` is to be heard at `due`. Dropped while muted.
    void play(FramePtr frame, Instant due);

    // Why nothing is heard although it should be; empty if all is well.
    std::string problem() const;

private:
    struct Chunk
    {
        FramePtr frame;
        Instant due;
    };
    void run();
    bool openDevice();
    OutputPtr tryDevice(const char* format, const char* device, std::string& why) const;
    bool prepareResampler(AVFrame& frame);
    void write(const Chunk& chunk);
    void setProblem(std::string problem);

    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<Chunk> m_chunks;
    std::string m_problem;
    bool m_isStopping = false;
    std::atomic<bool> m_isMuted = true;
    std::atomic<double> m_volume = 1;

    // Of the thread alone.
    OutputPtr m_device;
    ResamplerPtr m_resampler;
    int m_resamplerRate = 0;
    int m_resamplerFormat = -1;
    int m_resamplerChannels = 0;
    Instant m_nextAttempt;
    std::vector<std::int16_t> m_samples;
    std::thread m_thread;  // last: it uses all of the above
};

}  // namespace headgate
