#include "core/media/jobs/remuxer.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <utility>
#include <vector>

namespace headgate {

namespace {

using std::chrono::seconds;

constexpr seconds patience{15};  // between two packets
constexpr seconds hlsPatience{60};
// Where times begin, so that those before the first key frame are not negative.
constexpr std::int64_t beginUs = 1'000'000;

// FFmpeg's options as an owned value.
class Options
{
public:
    ~Options() { av_dict_free(&m_dictionary); }
    Options() = default;
    Options(const Options&) = delete;
    Options& operator=(const Options&) = delete;

    void set(const char* name, const std::string& value) { av_dict_set(&m_dictionary, name, value.c_str(), 0); }
    AVDictionary** get() { return &m_dictionary; }

private:
    AVDictionary* m_dictionary = nullptr;
};

std::string microseconds(seconds time)
{
    return std::to_string(std::chrono::microseconds(time).count());
}

void setSrt(Options& options, const JobOrders& job)
{
    options.set("mode", job.isListening ? "listener" : "caller");
    options.set("latency", std::to_string(std::int64_t{job.latencyMs} * 1000));
    options.set("connect_timeout", std::to_string(job.waitSeconds * 1000));
    options.set("listen_timeout", microseconds(seconds(job.waitSeconds)));
    options.set("timeout", microseconds(patience));
    if (!job.passphrase.empty())
        options.set("passphrase", job.passphrase);
    if (!job.streamId.empty())
        options.set("streamid", job.streamId);
}

void setRtmp(Options& options)
{
    options.set("protocol_whitelist", "rtmp,rtmps,tcp,tls");
    options.set("tcp_nodelay", "1");
    options.set("tls_verify", "1");
}

// What a source may be opened with: never a file or another protocol that its contents name.
const char* setSource(Options& options, const JobOrders& job)
{
    options.set("analyzeduration", microseconds(seconds(3)));
    switch (job.protocol) {
    case JobProtocol::Rtmp:
        setRtmp(options);
        options.set("rtmp_live", "live");
        return "flv";
    case JobProtocol::Rtsp:
        options.set("protocol_whitelist", "rtsp,rtp,udp,tcp");
        options.set("rtsp_transport", job.isOverUdp ? "udp" : "tcp");
        options.set("timeout", microseconds(patience));
        return "rtsp";
    case JobProtocol::Srt:
        options.set("protocol_whitelist", "srt");
        setSrt(options, job);
        return "mpegts";
    case JobProtocol::Hls:
        options.set("protocol_whitelist", "http,https,tcp,tls,crypto");
        options.set("format_whitelist", "hls,mpegts,mov,aac,mp3");
        options.set("tls_verify", "1");
        return "hls";
    case JobProtocol::Files:
        options.set("protocol_whitelist", "file");
        options.set("format_whitelist", "mov,matroska,webm,flv,mpegts,mp3,aac");
        return nullptr;
    case JobProtocol::MpegTs:
        options.set("protocol_whitelist", "udp");
        options.set("overrun_nonfatal", "1");
        options.set("reuse", "1");
        options.set("fifo_size", "50000");
        options.set("timeout", microseconds(seconds(job.waitSeconds)));
        if (!job.interfaceAddress.empty())
            options.set("localaddr", job.interfaceAddress);
        return "mpegts";
    }
    std::abort();
}

bool canCarry(AVCodecID codec, bool isTransportStream)
{
    switch (codec) {
    case AV_CODEC_ID_H264:
    case AV_CODEC_ID_AAC:
    case AV_CODEC_ID_MP3:
        return true;
    case AV_CODEC_ID_HEVC:
    case AV_CODEC_ID_OPUS:
        return isTransportStream;
    default:
        return false;
    }
}

// What of an address must not be told.
std::vector<std::string> secretsOf(const RemuxOrders& orders)
{
    std::vector<std::string> secrets{orders.job.passphrase, orders.job.streamId, orders.hubUrl};
    for (const std::string& url : {orders.job.url, orders.hubUrl}) {
        const auto path = url.find('/', url.find("://") + 3);
        if (path != std::string::npos)
            secrets.push_back(url.substr(url.rfind('/') + 1));
        const auto user = url.find('@');
        if (user != std::string::npos)
            secrets.push_back(url.substr(0, user));
        const auto query = url.find('?');
        if (query != std::string::npos)
            secrets.push_back(url.substr(query + 1));
    }
    std::erase(secrets, std::string());
    return secrets;
}

// The path of a file that is really below the folder, links followed.
std::optional<std::string> pathBelow(const std::string& folder, const std::string& name)
{
    std::error_code error;
    const auto root = std::filesystem::canonical(folder, error);
    const auto path = error ? std::filesystem::path() : std::filesystem::canonical(root / name, error);
    if (error || folder.empty() || !std::filesystem::is_regular_file(path, error))
        return std::nullopt;
    const auto [end, part] = std::ranges::mismatch(root, path);
    return end == root.end() ? std::optional(path.string()) : std::nullopt;
}

}  // namespace

Remuxer::Remuxer(RemuxOrders orders, const std::atomic<bool>& isAskedToEnd)
    : m_orders(std::move(orders)), m_isAskedToEnd(isAskedToEnd), m_endUs(beginUs)
{}

RemuxStatus Remuxer::run()
{
    const JobOrders& job = m_orders.job;
    if (job.protocol != JobProtocol::Files) {
        const End end = copy(isPush() ? m_orders.hubUrl : job.url);
        return end ? *end : finish();
    }
    do {
        const std::int64_t before = m_bytes;
        for (const std::string& name : job.files) {
            const auto path = pathBelow(m_orders.folder, name);
            if (!path)
                return ended(RemuxPhase::Useless, "There is no file " + name + " in the node's folder for files.");
            if (const End end = copy(*path))
                return *end;
        }
        if (m_bytes == before)
            return ended(RemuxPhase::Useless, "The files have nothing to play.");
    } while (job.isLooped && !m_isAskedToEnd);
    return finish();
}

Remuxer::End Remuxer::copy(const std::string& url)
{
    InputPtr input;
    if (End end = openInput(url, input))
        return end;
    if (End end = chooseTracks(*input))
        return end;
    if (!m_output) {
        if (End end = openOutput(*input))
            return end;
    }
    m_phase = RemuxPhase::Live;
    return copyPackets(*input);
}

Remuxer::End Remuxer::openInput(const std::string& url, InputPtr& input)
{
    Options options;
    const char* format = nullptr;
    if (isPush())
        options.set("protocol_whitelist", "http,tcp");
    else
        format = setSource(options, m_orders.job);
    AVFormatContext* context = avformat_alloc_context();
    if (context == nullptr)
        return broken("There is no memory", AVERROR(ENOMEM));
    context->interrupt_callback = interruption();
    allow(seconds(m_orders.job.waitSeconds));
    int error = avformat_open_input(&context, url.c_str(), format != nullptr ? av_find_input_format(format) : nullptr,
                                    options.get());
    if (error < 0) {
        if (m_isAskedToEnd)
            return finish();
        if (isPush() && error == AVERROR_HTTP_NOT_FOUND)
            return ended(RemuxPhase::Over, "The stream is not live.");
        if (m_orders.job.isListening && (error == AVERROR_EXIT || error == AVERROR(ETIMEDOUT)))
            return ended(RemuxPhase::Broken,
                         "Nobody called within " + std::to_string(m_orders.job.waitSeconds) + " s.");
        return broken(isPush() ? "The node does not give the stream" : "The source could not be opened", error);
    }
    input.reset(context);
    allow(seconds(m_orders.job.waitSeconds) + patience);
    error = avformat_find_stream_info(context, nullptr);
    if (error < 0)
        return m_isAskedToEnd ? finish() : broken("The source cannot be understood", error);
    return std::nullopt;
}

Remuxer::End Remuxer::chooseTracks(const AVFormatContext& input)
{
    const std::map<int, Track> before = std::exchange(m_tracks, {});
    const bool isTransportStream = isPush() && m_orders.job.protocol == JobProtocol::Srt;
    for (const auto& [type, isWanted] :
         {std::pair(AVMEDIA_TYPE_VIDEO, m_orders.job.hasVideo), std::pair(AVMEDIA_TYPE_AUDIO, m_orders.job.hasAudio)}) {
        const int index =
            isWanted ? av_find_best_stream(const_cast<AVFormatContext*>(&input), type, -1, -1, nullptr, 0) : -1;
        if (index < 0)
            continue;
        const AVCodecID codec = input.streams[index]->codecpar->codec_id;
        if (!canCarry(codec, isTransportStream))
            return ended(RemuxPhase::Useless, std::string("Its ") +
                                                  (type == AVMEDIA_TYPE_VIDEO ? "video is " : "audio is ") +
                                                  avcodec_get_name(codec) +
                                                  ", which cannot be carried here; without it the job may run: \"" +
                                                  (type == AVMEDIA_TYPE_VIDEO ? "video" : "audio") + "\": false.");
        m_tracks[index] = {static_cast<int>(m_tracks.size()), codec, {}, type == AVMEDIA_TYPE_VIDEO};
    }
    if (m_tracks.empty())
        return ended(RemuxPhase::Broken, "It has no audio and no video of those that are wanted.");
    if (!m_output)
        return std::nullopt;
    // One output has one set of tracks.
    const auto codecsOf = [](const std::map<int, Track>& tracks) {
        std::map<int, AVCodecID> codecs;
        for (const auto& [index, track] : tracks)
            codecs[track.output] = track.codec;
        return codecs;
    };
    if (codecsOf(before) != codecsOf(m_tracks))
        return ended(RemuxPhase::Useless, "The files do not have the same kinds of tracks.");
    for (auto& [index, track] : m_tracks) {
        const auto same =
            std::ranges::find_if(before, [&](const auto& old) { return old.second.output == track.output; });
        track.lastTime = same->second.lastTime;
    }
    return std::nullopt;
}

Remuxer::End Remuxer::openOutput(const AVFormatContext& input)
{
    const JobOrders& job = m_orders.job;
    const bool isSrt = isPush() && job.protocol == JobProtocol::Srt;
    const std::string& url = isPush() ? job.url : m_orders.hubUrl;
    AVFormatContext* context = nullptr;
    int error = avformat_alloc_output_context2(&context, nullptr, isSrt ? "mpegts" : "flv", url.c_str());
    if (error < 0)
        return broken("There is no memory", error);
    m_output.reset(context);
    for (const auto& [index, track] : m_tracks) {
        const AVStream& from = *input.streams[index];
        AVStream* to = avformat_new_stream(context, nullptr);
        if (to == nullptr || avcodec_parameters_copy(to->codecpar, from.codecpar) < 0)
            return broken("There is no memory", AVERROR(ENOMEM));
        to->codecpar->codec_tag = 0;
        to->time_base = from.time_base;
    }
    Options options;
    if (isSrt) {
        options.set("protocol_whitelist", "srt");
        setSrt(options, job);
    } else {
        setRtmp(options);
    }
    if (!isPush()) {
        // FFmpeg would take the application apart from the name elsewhere.
        options.set("rtmp_app", job.stream.scope);
        const auto query = url.find('?');
        options.set("rtmp_playpath", job.stream.name + (query == std::string::npos ? "" : url.substr(query)));
    }
    const AVIOInterruptCB interrupt = interruption();
    allow(seconds(isPush() ? job.waitSeconds : patience.count()));
    error = avio_open2(&context->pb, url.c_str(), AVIO_FLAG_WRITE, &interrupt, options.get());
    Options muxing;
    muxing.set("flvflags", "no_duration_filesize");
    context->flush_packets = 1;
    if (error >= 0)
        error = avformat_write_header(context, muxing.get());
    if (error >= 0)
        return std::nullopt;
    auto end = broken(isPush() ? "The target does not take the stream" : "The node does not take the stream", error);
    static_cast<void>(m_output.release());  // its trailer cannot be written
    return end;
}

Remuxer::End Remuxer::copyPackets(AVFormatContext& input)
{
    const PacketPtr packet(av_packet_alloc());
    m_shiftUs.reset();
    while (!m_isAskedToEnd) {
        allow(m_orders.job.protocol == JobProtocol::Hls && !isPush() ? hlsPatience : patience);
        const int error = av_read_frame(&input, packet.get());
        if (error == AVERROR(EAGAIN))
            continue;
        if (m_isAskedToEnd)
            break;
        if (error == AVERROR_EOF && isPush()) {
            finish();
            return ended(RemuxPhase::Over, "The stream is over.");
        }
        if (error == AVERROR_EOF && isPaced())
            return std::nullopt;
        if (error < 0)
            return error == AVERROR_EOF ? ended(RemuxPhase::Broken, "The source ended.")
                                        : broken("The source broke off", error);
        const auto track = m_tracks.find(packet->stream_index);
        if (track != m_tracks.end()) {
            if (End end = write(*packet, *input.streams[packet->stream_index], track->second))
                return end;
        }
        av_packet_unref(packet.get());
    }
    return finish();
}

Remuxer::End Remuxer::write(AVPacket& packet, const AVStream& stream, Track& track)
{
    if (track.needsKeyFrame && (packet.flags & AV_PKT_FLAG_KEY) == 0)
        return std::nullopt;
    track.needsKeyFrame = false;
    if (!stamp(packet, stream, track))
        return std::nullopt;
    if (isPaced())
        pace(m_lastUs);
    const int size = packet.size;
    allow(patience);
    // Files may have their tracks far apart from each other; what is live must not wait for a track that is silent.
    const bool isFile = !isPush() && m_orders.job.protocol == JobProtocol::Files;
    const int error =
        isFile ? av_interleaved_write_frame(m_output.get(), &packet) : av_write_frame(m_output.get(), &packet);
    if (error < 0 && !m_isAskedToEnd)
        return broken(isPush() ? "The target broke off" : "The node broke off", error);
    m_bytes += size;
    return std::nullopt;
}

// False if the packet has no time.
bool Remuxer::stamp(AVPacket& packet, const AVStream& stream, Track& track)
{
    constexpr std::int64_t mostBackUs = 1'000'000, mostAheadUs = 10'000'000, stepUs = 40'000;
    if (packet.dts == AV_NOPTS_VALUE)
        packet.dts = packet.pts;
    if (packet.dts == AV_NOPTS_VALUE)
        return false;
    if (packet.pts == AV_NOPTS_VALUE)
        packet.pts = packet.dts;
    const std::int64_t time = av_rescale_q(packet.dts, stream.time_base, AV_TIME_BASE_Q);
    // What another track has from before the output's begin, it does not take.
    if (m_shiftUs && m_lastUs < beginUs + mostBackUs && time + *m_shiftUs < beginUs)
        return false;
    if (!m_shiftUs)
        m_shiftUs = m_endUs - time;
    else if (time + *m_shiftUs < m_lastUs - mostBackUs || time + *m_shiftUs > m_lastUs + mostAheadUs)
        m_shiftUs = m_lastUs + stepUs - time;
    m_lastUs = time + *m_shiftUs;

    const AVRational outBase = m_output->streams[track.output]->time_base;
    const std::int64_t delay = av_rescale_q(packet.pts - packet.dts, stream.time_base, outBase);
    packet.duration = av_rescale_q(packet.duration, stream.time_base, outBase);
    packet.dts = av_rescale_q(m_lastUs, AV_TIME_BASE_Q, outBase);
    if (track.lastTime)
        packet.dts = std::max(packet.dts, *track.lastTime + 1);
    packet.pts = packet.dts + std::max<std::int64_t>(delay, 0);
    packet.stream_index = track.output;
    packet.pos = -1;
    track.lastTime = packet.dts;
    m_endUs = std::max(m_endUs, m_lastUs + av_rescale_q(packet.duration, outBase, AV_TIME_BASE_Q));
    return true;
}

// What is not live is sent as if it were.
void Remuxer::pace(std::int64_t timeUs)
{
    using std::chrono::milliseconds;
    constexpr milliseconds slice{50};
    constexpr seconds mostLate{2};
    const auto time = std::chrono::microseconds(timeUs);
    if (!m_start)
        m_start = Clock::now() - time;
    const auto late = Clock::now() - (*m_start + time);
    if (late > mostLate)
        *m_start += std::chrono::duration_cast<Clock::duration>(late);
    while (!m_isAskedToEnd && Clock::now() < *m_start + time)
        std::this_thread::sleep_for(std::min<Clock::duration>(slice, *m_start + time - Clock::now()));
}

RemuxStatus Remuxer::finish()
{
    m_isFinishing = true;
    allow(seconds(2));
    if (m_output) {
        av_write_trailer(m_output.get());
        m_output.reset();
    }
    return ended(RemuxPhase::Done, "All was sent.");
}

RemuxStatus Remuxer::ended(RemuxPhase phase, std::string reason) const
{
    return {phase, m_bytes, std::move(reason)};
}

RemuxStatus Remuxer::broken(const std::string& what, int error) const
{
    return ended(RemuxPhase::Broken, what + ": " + describe(error) + ".");
}

bool Remuxer::isPaced() const
{
    return !isPush() && (m_orders.job.protocol == JobProtocol::Files || m_orders.job.protocol == JobProtocol::Hls);
}

std::string Remuxer::describe(int error) const
{
    if (error == AVERROR(EPIPE))
        return "the other side closed the connection";
    std::string text = describeFfmpegError(error, m_log);
    const auto isIn = [&](const std::string& secret) { return text.find(secret) != std::string::npos; };
    if (text.find("://") != std::string::npos || std::ranges::any_of(secretsOf(m_orders), isIn))
        text = "it was refused";
    return text;
}

void Remuxer::allow(seconds time)
{
    m_deadline = (Clock::now() + time).time_since_epoch().count();
}

AVIOInterruptCB Remuxer::interruption()
{
    return {isInterrupted, this};
}

int Remuxer::isInterrupted(void* self)
{
    const auto& remuxer = *static_cast<const Remuxer*>(self);
    return Clock::now().time_since_epoch().count() > remuxer.m_deadline ||
           (remuxer.m_isAskedToEnd && !remuxer.m_isFinishing);
}

}  // namespace headgate
