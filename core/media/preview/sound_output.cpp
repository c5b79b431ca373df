#include "core/media/preview/sound_output.h"

#include "core/media/ffmpeg/log_capture.h"

#include <cmath>
#include <filesystem>

extern "C" {
#include <libavdevice/avdevice.h>
}

namespace headgate {

namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds deviceBuffer{80};
constexpr std::chrono::milliseconds tooLate{120};
constexpr std::chrono::seconds retryPause{5};
constexpr std::size_t longestQueue = 200;  // frames, about 4 s of AAC

}  // namespace

SoundOutput::SoundOutput() : m_thread([this] { run(); })
{}

SoundOutput::~SoundOutput()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isStopping = true;
    }
    m_wake.notify_all();
    m_thread.join();
}

void SoundOutput::setMuted(bool muted)
{
    {
        const std::lock_guard lock(m_mutex);
        m_isMuted = muted;
        m_chunks.clear();
        m_problem.clear();
    }
    m_wake.notify_all();
}

void SoundOutput::play(FramePtr frame, Instant due, double speed)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_isMuted)
            return;
        if (m_chunks.size() >= longestQueue)
            m_chunks.pop_front();
        m_chunks.push_back({std::move(frame), due, speed});
    }
    m_wake.notify_all();
}

std::string SoundOutput::problem() const
{
    const std::lock_guard lock(m_mutex);
    return m_problem;
}

void SoundOutput::setProblem(std::string problem)
{
    const std::lock_guard lock(m_mutex);
    if (!m_isMuted)
        m_problem = std::move(problem);
}

void SoundOutput::run()
{
    avdevice_register_all();
    std::unique_lock lock(m_mutex);
    while (!m_isStopping) {
        if (m_isMuted && m_device) {
            lock.unlock();
            m_device.reset();
            lock.lock();
            continue;
        }
        if (m_chunks.empty()) {
            m_wake.wait(lock);
            continue;
        }
        const Instant start = m_chunks.front().due - deviceBuffer;
        if (Steady::now() < start) {
            m_wake.wait_until(lock, start);
            continue;
        }
        const Chunk chunk = std::move(m_chunks.front());
        m_chunks.pop_front();
        lock.unlock();
        if (Steady::now() < chunk.due + tooLate && (m_device || openDevice()))
            write(chunk);
        lock.lock();
    }
}

bool SoundOutput::openDevice()
{
    if (Steady::now() < m_nextAttempt)
        return false;
    m_nextAttempt = Steady::now() + retryPause;
    std::string whyPulse;
    std::string whyAlsa;
    m_device = tryDevice("pulse", "Headgate preview", whyPulse);
    // ALSA prints to standard error when there is nothing to open.
    if (!m_device && !std::filesystem::exists("/proc/asound/pcm"))
        whyAlsa = "this machine has no sound card";
    else if (!m_device)
        m_device = tryDevice("alsa", "default", whyAlsa);
    if (m_device) {
        setProblem({});
        return true;
    }
    setProblem("No sound device could be opened (PulseAudio: " + whyPulse + "; ALSA: " + whyAlsa + ").");
    return false;
}

OutputPtr SoundOutput::tryDevice(const char* format, const char* device, std::string& why) const
{
    const FfmpegLogCapture log;
    const AVOutputFormat* output = av_guess_format(format, nullptr, nullptr);
    AVFormatContext* context = nullptr;
    if (!output || avformat_alloc_output_context2(&context, output, nullptr, device) < 0) {
        why = "not part of this FFmpeg";
        return nullptr;
    }
    OutputPtr opened(context);
    AVStream* stream = avformat_new_stream(context, nullptr);
    stream->codecpar->codec_type = AVMEDIA_TYPE_AUDIO;
    stream->codecpar->codec_id = AV_NE(AV_CODEC_ID_PCM_S16BE, AV_CODEC_ID_PCM_S16LE);
    stream->codecpar->format = AV_SAMPLE_FMT_S16;
    stream->codecpar->sample_rate = SoundConverter::sampleRate;
    stream->codecpar->ch_layout = AV_CHANNEL_LAYOUT_STEREO;
    stream->time_base = {1, SoundConverter::sampleRate};
    AVDictionary* options = nullptr;
    if (output->name == std::string("pulse")) {
        av_dict_set(&options, "name", "Headgate", 0);
        av_dict_set_int(&options, "buffer_duration", deviceBuffer.count(), 0);
    }
    const int error = avformat_write_header(context, &options);
    av_dict_free(&options);
    if (error >= 0)
        return opened;
    why = error == AVERROR_EXTERNAL ? "no server answers" : describeFfmpegError(error, log);
    return nullptr;
}

void SoundOutput::write(const Chunk& chunk)
{
    const std::span<std::int16_t> samples = m_converter.convert(*chunk.frame, chunk.speed);
    if (samples.empty())
        return;
    const double volume = m_volume;
    for (std::int16_t& sample : samples)
        sample = static_cast<std::int16_t>(std::lround(sample * volume));

    const FfmpegLogCapture log;
    const PacketPtr packet(av_packet_alloc());
    packet->data = reinterpret_cast<std::uint8_t*>(samples.data());
    packet->size = static_cast<int>(samples.size_bytes());
    packet->duration = static_cast<std::int64_t>(samples.size()) / SoundConverter::channels;
    if (const int error = av_write_frame(m_device.get(), packet.get()); error < 0) {
        setProblem("The sound device stopped working (" + describeFfmpegError(error, log) + ").");
        m_device.reset();
    }
}

}  // namespace headgate
