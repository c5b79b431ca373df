#include "core/media/preview/stream_input.h"

#include "core/media/webrtc/whep_client.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <thread>

namespace headgate {

namespace {

constexpr std::chrono::seconds silenceLimit{10};

bool isFile(std::string_view url, std::string_view ending)
{
    return url.substr(0, url.find('?')).ends_with(ending);
}

}  // namespace

StreamInput::StreamInput(std::string url, const std::atomic<bool>& stop) : m_url(std::move(url)), m_stop(stop)
{}

StreamInput::~StreamInput() = default;

int StreamInput::interrupt(void* self)
{
    const auto& input = *static_cast<StreamInput*>(self);
    return input.m_stop || std::chrono::steady_clock::now() > input.m_deadline ? 1 : 0;
}

void StreamInput::allowWait()
{
    m_deadline = std::chrono::steady_clock::now() + silenceLimit;
    m_log.clear();
}

Error StreamInput::failure(int error, const std::string& what) const
{
    const std::string again = "It is tried again by itself.";
    if (error == AVERROR_HTTP_NOT_FOUND)
        return {ErrorCode::NotFound, what + ": the node does not have it.", "Check that it is on air. " + again, {}};
    if (error == AVERROR_EOF)
        return {ErrorCode::Unavailable, what + ": the node ended it.", "Check that it is on air. " + again, {}};
    if (error == AVERROR_EXIT)
        return {ErrorCode::Unavailable, what + ": nothing came for 10 s.", "Check the publisher. " + again, {}};
    return {ErrorCode::Unavailable,
            what + ": " + describeFfmpegError(error, m_log) + ".",
            "Check that the node runs and can be reached from here. " + again,
            {}};
}

Result<std::unique_ptr<StreamInput>> StreamInput::open(const std::string& url, const std::string& authoritiesFile,
                                                       const std::atomic<bool>& stop)
{
    std::unique_ptr<StreamInput> self(new StreamInput(url, stop));
    if (webrtc::isWhepUrl(url)) {
        auto client = webrtc::WhepClient::open(url, {authoritiesFile, [&stop] { return stop.load(); }});
        if (!client)
            return tl::unexpected(std::move(client.error()));
        self->m_whep = std::move(*client);
        return self;
    }
    self->allowWait();
    self->m_isPaced = isFile(url, ".m3u8");
    AVDictionary* options = nullptr;
    av_dict_set(&options, "rtmp_live", "live", 0);
    av_dict_set(&options, "tcp_nodelay", "1", 0);
    av_dict_set(&options, "seekable", "0", 0);
    av_dict_set(&options, "tls_verify", "1", 0);
    if (!authoritiesFile.empty())
        av_dict_set(&options, "ca_file", authoritiesFile.c_str(), 0);
    const bool isContainer =
        self->m_isPaced || isFile(url, ".ts") || url.starts_with("srt://") || url.starts_with("rtsp://");
    if (auto opened = isContainer ? self->openContainer(options) : self->openSource(options); !opened)
        return tl::unexpected(std::move(opened.error()));
    return self;
}

Result<void> StreamInput::openSource(AVDictionary* options)
{
    const AVIOInterruptCB onInterrupt{&StreamInput::interrupt, this};
    AVIOContext* source = nullptr;
    const int error = avio_open2(&source, m_url.c_str(), AVIO_FLAG_READ, &onInterrupt, &options);
    av_dict_free(&options);
    if (error < 0)
        return tl::unexpected(failure(error, "The stream " + m_url + " cannot be played"));
    m_source.reset(source);
    return {};
}

Result<void> StreamInput::openContainer(AVDictionary* options)
{
    const std::string what = "The stream " + m_url + " cannot be played";
    av_dict_set(&options, "rtsp_transport", "tcp", 0);
    // A playlist names other addresses: none of them may be a file of this machine.
    if (m_isPaced)
        av_dict_set(&options, "protocol_whitelist", "http,https,tcp,tls", 0);
    AVFormatContext* container = avformat_alloc_context();
    container->interrupt_callback = {&StreamInput::interrupt, this};
    container->max_analyze_duration = AV_TIME_BASE;
    container->flags |= AVFMT_FLAG_NOBUFFER;
    int error = avformat_open_input(&container, m_url.c_str(), nullptr, &options);
    av_dict_free(&options);
    if (error < 0)
        return tl::unexpected(failure(error, what));
    m_container.reset(container);
    allowWait();
    if (error = avformat_find_stream_info(container, nullptr); error < 0)
        return tl::unexpected(failure(error, what));
    m_videoTrack = av_find_best_stream(container, AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
    m_audioTrack = av_find_best_stream(container, AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0);
    takeTrack(m_videoTrack);
    takeTrack(m_audioTrack);
    return {};
}

// What its decoder is made with.
void StreamInput::takeTrack(int index)
{
    if (index < 0)
        return;
    const AVCodecParameters& parameters = *m_container->streams[index]->codecpar;
    if (parameters.extradata_size <= 0)
        return;
    CodedPacket& packet = m_ready.emplace_back();
    packet.kind = index == m_videoTrack ? CodedPacket::Kind::Video : CodedPacket::Kind::Audio;
    packet.codec = codecNameOf(parameters);
    packet.isConfiguration = true;
    packet.bytes.assign(parameters.extradata, parameters.extradata + parameters.extradata_size);
}

Result<CodedPacket> StreamInput::readContainer()
{
    while (m_ready.empty()) {
        allowWait();
        av_packet_unref(m_packet.get());
        if (const int error = av_read_frame(m_container.get(), m_packet.get()); error < 0) {
            if (error == AVERROR_EOF && m_container->duration > 0)
                return fail(ErrorCode::Unavailable, "The recording is over.", "It begins again by itself.");
            return tl::unexpected(failure(error, "The stream " + m_url + " broke off"));
        }
        const AVPacket& read = *m_packet;
        const std::int64_t decodingTime = read.dts == AV_NOPTS_VALUE ? read.pts : read.dts;
        if ((read.stream_index != m_videoTrack && read.stream_index != m_audioTrack) || read.size <= 0 ||
            decodingTime == AV_NOPTS_VALUE)
            continue;
        const AVStream& track = *m_container->streams[read.stream_index];
        const auto inMilliseconds = [&](std::int64_t time) {
            return std::chrono::milliseconds(av_rescale_q(time, track.time_base, {1, 1000}));
        };
        CodedPacket& packet = m_ready.emplace_back();
        packet.kind = read.stream_index == m_videoTrack ? CodedPacket::Kind::Video : CodedPacket::Kind::Audio;
        packet.codec = codecNameOf(*track.codecpar);
        packet.isKeyFrame = packet.kind == CodedPacket::Kind::Video && (read.flags & AV_PKT_FLAG_KEY) != 0;
        packet.decodingTime = inMilliseconds(decodingTime);
        packet.presentationTime = inMilliseconds(read.pts == AV_NOPTS_VALUE ? decodingTime : read.pts);
        packet.bytes.assign(read.data, read.data + read.size);
    }
    CodedPacket packet = std::move(m_ready.front());
    m_ready.pop_front();
    if (m_isPaced && !packet.isConfiguration)
        waitUntilDue(packet);
    return packet;
}

// Segments come in one piece, faster than they are played.
void StreamInput::waitUntilDue(const CodedPacket& packet)
{
    constexpr std::chrono::milliseconds step{20};
    constexpr std::chrono::seconds longestJump{10};
    const auto now = Clock::now();
    const auto ahead = m_paceTime ? packet.decodingTime - *m_paceTime : std::chrono::milliseconds(0);
    const auto due = m_paceInstant + ahead;
    // After a stall or a jump of its times the stream goes on from there.
    if (!m_paceTime || due + longestJump / 10 < now || due > now + longestJump) {
        m_paceTime = packet.decodingTime;
        m_paceInstant = now;
        return;
    }
    while (!m_stop && Clock::now() < due)
        std::this_thread::sleep_for(std::min<Clock::duration>(step, due - Clock::now()));
}

Result<void> StreamInput::receive()
{
    std::array<std::uint8_t, 32 * 1024> bytes;
    const int count = avio_read_partial(m_source.get(), bytes.data(), static_cast<int>(bytes.size()));
    if (count <= 0)
        return tl::unexpected(failure(count == 0 ? AVERROR_EOF : count, "The stream " + m_url + " broke off"));
    if (auto taken = m_demuxer.append(ByteView(bytes).first(static_cast<std::size_t>(count))); !taken)
        return fail(ErrorCode::InvalidArgument, "What comes from " + m_url + " is no stream: " + taken.error().message,
                    "Use the address of an FLV or RTMP stream.");
    return {};
}

Result<CodedPacket> StreamInput::readWhep()
{
    for (;;) {
        const auto frame = m_whep->next();
        if (!frame)
            return tl::unexpected(frame.error());
        if (auto packet = m_packets.take(tagTypeOf((*frame)->kind()), (*frame)->timestampMs(), (*frame)->body()))
            return std::move(*packet);
    }
}

Result<CodedPacket> StreamInput::read()
{
    if (m_whep)
        return readWhep();
    if (m_container)
        return readContainer();
    allowWait();
    for (;;) {
        if (auto packet = m_demuxer.next())
            return std::move(*packet);
        if (auto received = receive(); !received)
            return tl::unexpected(received.error());
    }
}

Result<void> StreamInput::decode(const CodedPacket& packet, const PacketDecoder::FrameUse& onFrame)
{
    if (packet.kind == CodedPacket::Kind::Video)
        return m_video.take(packet, onFrame);
    if (auto taken = m_audio.take(packet, onFrame); !taken)
        m_soundProblem = taken.error().message;
    return {};
}

}  // namespace headgate
