#include "core/media/preview/stream_input.h"

#include <array>

namespace headgate {

namespace {

constexpr std::chrono::seconds silenceLimit{10};

}  // namespace

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
    self->allowWait();
    const AVIOInterruptCB onInterrupt{&StreamInput::interrupt, self.get()};
    AVDictionary* options = nullptr;
    av_dict_set(&options, "rtmp_live", "live", 0);
    av_dict_set(&options, "tcp_nodelay", "1", 0);
    av_dict_set(&options, "seekable", "0", 0);
    av_dict_set(&options, "tls_verify", "1", 0);
    if (!authoritiesFile.empty())
        av_dict_set(&options, "ca_file", authoritiesFile.c_str(), 0);
    AVIOContext* source = nullptr;
    const int error = avio_open2(&source, url.c_str(), AVIO_FLAG_READ, &onInterrupt, &options);
    av_dict_free(&options);
    if (error < 0)
        return tl::unexpected(self->failure(error, "The stream " + url + " cannot be played"));
    self->m_source.reset(source);
    return self;
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

Result<CodedPacket> StreamInput::read()
{
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
