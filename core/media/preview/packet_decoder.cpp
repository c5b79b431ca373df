#include "core/media/preview/packet_decoder.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace headgate {

namespace {

struct KnownCodec
{
    std::string_view name;  // as the FLV parsers say it
    AVCodecID id;
    bool needsConfiguration;  // nothing can be decoded before it came
};

constexpr std::array knownCodecs{
    KnownCodec{"H.264", AV_CODEC_ID_H264, true},      KnownCodec{"HEVC", AV_CODEC_ID_HEVC, true},
    KnownCodec{"AV1", AV_CODEC_ID_AV1, false},        KnownCodec{"VP9", AV_CODEC_ID_VP9, false},
    KnownCodec{"VP8", AV_CODEC_ID_VP8, false},        KnownCodec{"H.263", AV_CODEC_ID_FLV1, false},
    KnownCodec{"AAC", AV_CODEC_ID_AAC, true},         KnownCodec{"MP3", AV_CODEC_ID_MP3, false},
    KnownCodec{"Opus", AV_CODEC_ID_OPUS, false},      KnownCodec{"FLAC", AV_CODEC_ID_FLAC, true},
    KnownCodec{"AAC (ADTS)", AV_CODEC_ID_AAC, false}, KnownCodec{"AC-3", AV_CODEC_ID_AC3, false},
    KnownCodec{"E-AC-3", AV_CODEC_ID_EAC3, false}};

const KnownCodec* findCodec(std::string_view name)
{
    const auto* const found = std::ranges::find(knownCodecs, name, &KnownCodec::name);
    return found == knownCodecs.end() ? nullptr : found;
}

Error unsupported(const CodedPacket& packet, std::string_view remark)
{
    const std::string what = packet.kind == CodedPacket::Kind::Video ? "picture" : "sound";
    const std::string codec = packet.codec.empty() ? "of an unknown codec" : std::string(packet.codec);
    return {ErrorCode::Unsupported,
            "The stream's " + what + " is " + codec + std::string(remark) + ", which cannot be decoded here.",
            "Publish H.264, HEVC, AV1 or VP9, and AAC, Opus or MP3.",
            {}};
}

}  // namespace

std::string_view codecNameOf(const AVCodecParameters& parameters)
{
    // Without a configuration of its own each frame has a header that tells it, as in MPEG-TS.
    const bool isAdts = parameters.codec_id == AV_CODEC_ID_AAC && parameters.extradata_size == 0;
    const auto* const found = std::ranges::find_if(knownCodecs, [&](const KnownCodec& known) {
        return known.id == parameters.codec_id && !(isAdts && known.needsConfiguration);
    });
    return found == knownCodecs.end() ? std::string_view() : found->name;
}

Result<void> PacketDecoder::take(const CodedPacket& packet, const FrameUse& onFrame)
{
    const bool isBroken = packet.codec.empty() && m_context;
    const bool isOther = packet.codec != m_codec && !isBroken;
    if (isOther || (packet.isConfiguration && packet.bytes != m_configuration)) {
        finish(onFrame);
        m_codec = packet.codec;
        m_configuration = packet.isConfiguration ? packet.bytes : Bytes();
        if (auto opened = open(packet); !opened)
            return opened;
    }
    if (packet.isConfiguration || isBroken || !m_context)
        return {};
    av_packet_unref(m_packet.get());
    if (av_new_packet(m_packet.get(), static_cast<int>(packet.bytes.size())) < 0)
        return {};
    std::ranges::copy(packet.bytes, m_packet->data);
    m_packet->dts = packet.decodingTime.count();
    m_packet->pts = packet.presentationTime.count();
    m_packet->flags = packet.isKeyFrame ? AV_PKT_FLAG_KEY : 0;
    if (avcodec_send_packet(m_context.get(), m_packet.get()) >= 0)
        receive(onFrame);
    return {};
}

Result<void> PacketDecoder::open(const CodedPacket& packet)
{
    const KnownCodec* known = findCodec(packet.codec);
    const AVCodec* codec = known ? avcodec_find_decoder(known->id) : nullptr;
    if (!codec)
        return tl::unexpected(unsupported(packet, {}));
    if (known->needsConfiguration && m_configuration.empty())
        return {};
    CodecContextPtr context(avcodec_alloc_context3(codec));
    context->pkt_timebase = {1, 1000};
    context->thread_count = 1;  // more would hold pictures back
    if (known->id == AV_CODEC_ID_AV1)
        context->flags |= AV_CODEC_FLAG_LOW_DELAY;  // dav1d would hold pictures back even so
    if (known->id == AV_CODEC_ID_OPUS) {
        context->sample_rate = 48'000;  // stands where no configuration tells more
        av_channel_layout_default(&context->ch_layout, 2);
    }
    if (!m_configuration.empty()) {
        const std::size_t size = m_configuration.size();
        context->extradata = static_cast<std::uint8_t*>(av_mallocz(size + AV_INPUT_BUFFER_PADDING_SIZE));
        context->extradata_size = static_cast<int>(size);
        std::ranges::copy(m_configuration, context->extradata);
    }
    if (avcodec_open2(context.get(), codec, nullptr) < 0)
        return tl::unexpected(unsupported(packet, " with an unknown configuration"));
    m_context = std::move(context);
    return {};
}

void PacketDecoder::receive(const FrameUse& onFrame)
{
    for (;;) {
        FramePtr frame(av_frame_alloc());
        if (avcodec_receive_frame(m_context.get(), frame.get()) < 0)
            return;
        const std::chrono::milliseconds time(frame->best_effort_timestamp);
        onFrame(std::move(frame), time);
    }
}

void PacketDecoder::finish(const FrameUse& onFrame)
{
    if (!m_context)
        return;
    avcodec_send_packet(m_context.get(), nullptr);
    receive(onFrame);
    m_context.reset();
}

std::string PacketDecoder::videoFormat() const
{
    if (!knowsFormat())
        return {};
    return std::to_string(m_context->width) + "x" + std::to_string(m_context->height) + " " + m_codec.value_or("");
}

std::string PacketDecoder::audioFormat() const
{
    if (!knowsFormat())
        return {};
    std::array<char, 64> layout{};
    av_channel_layout_describe(&m_context->ch_layout, layout.data(), layout.size());
    std::array<char, 128> text{};
    std::snprintf(text.data(), text.size(), "%s %g kHz %s", m_codec.value_or("").c_str(),
                  m_context->sample_rate / 1000.0, layout.data());
    return text.data();
}

}  // namespace headgate
