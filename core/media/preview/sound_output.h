#pragma once

#include "core/media/preview/sound_converter.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

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

    // `frame` is to be heard at `due`, at that speed. Dropped while muted.
    void play(FramePtr frame, Instant due, double speed);

    // Why nothing is heard although it should be; empty if all is well.
    std::string problem() const;

private:
    struct Chunk
    {
        FramePtr frame;
        Instant due;
        double speed = 1;
    };
    void run();
    bool openDevice();
    OutputPtr tryDevice(const char* format, const char* device, std::string& why) const;
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
    SoundConverter m_converter;
    Instant m_nextAttempt;
    std::thread m_thread;  // last: it uses all of the above
};

}  // namespace headgate
