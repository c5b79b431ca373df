#include "core/media/webrtc/rtcp.h"

namespace headgate::webrtc {

namespace {

enum PacketType : std::uint32_t
{
    SenderReportType = 200,
    ReceiverReportType = 201,
    DescriptionType = 202,
    ByeType = 203,
    TransportFeedback = 205,
    PayloadFeedback = 206
};

enum Format : std::uint32_t
{
    GenericNack = 1,  // of transport feedback
    PictureLoss = 1,  // of payload feedback
    FullIntra = 4
};

void appendHeader(Bytes& out, std::uint32_t count, PacketType type, std::size_t words)
{
    appendU8(out, 0x80 | count);
    appendU8(out, type);
    appendU16(out, static_cast<std::uint32_t>(words));
}

using Use = std::function<void(const RtcpFeedback&)>;

void readReports(ByteReader reader, std::uint32_t count, const Use& use)
{
    for (std::uint32_t i = 0; i < count; ++i) {
        RtcpFeedback feedback;
        feedback.hasReport = true;
        feedback.ssrc = reader.u32();
        feedback.lostOf256 = static_cast<std::uint8_t>(reader.u8());
        reader.take(11);
        feedback.lastSenderReport = reader.u32();
        feedback.sinceSenderReport = reader.u32();
        if (!reader.ok())
            return;
        use(feedback);
    }
}

void readNack(ByteReader reader, std::size_t& left, const Use& use)
{
    RtcpFeedback feedback;
    feedback.ssrc = reader.u32();
    while (reader.remaining() >= 4) {
        const std::uint32_t first = reader.u16();
        const std::uint32_t others = reader.u16();
        for (std::uint32_t i = 0; i <= 16 && left > 0; ++i) {
            if (i > 0 && (others >> (i - 1) & 1) == 0)
                continue;
            feedback.missing.push_back(static_cast<std::uint16_t>(first + i));
            --left;
        }
    }
    if (!feedback.missing.empty())
        use(feedback);
}

void readFullIntra(ByteReader reader, const Use& use)
{
    reader.u32();
    while (reader.remaining() >= 8) {
        RtcpFeedback feedback;
        feedback.wantsKeyFrame = true;
        feedback.ssrc = reader.u32();
        reader.u32();
        use(feedback);
    }
}

}  // namespace

void readRtcp(ByteView packet, const Use& use)
{
    std::size_t left = mostMissing;
    ByteReader reader(packet);
    while (reader.remaining() >= 8) {
        const std::uint32_t first = reader.u8();
        const std::uint32_t type = reader.u8();
        ByteReader body(reader.take(reader.u16() * std::size_t{4}));
        if (!reader.ok() || first >> 6 != 2)
            return;
        const std::uint32_t format = first & 0x1F;
        body.u32();  // who sends
        if (type == SenderReportType) {
            body.take(20);
            readReports(body, format, use);
        } else if (type == ReceiverReportType) {
            readReports(body, format, use);
        } else if (type == TransportFeedback && format == GenericNack) {
            readNack(body, left, use);
        } else if (type == PayloadFeedback && format == PictureLoss) {
            RtcpFeedback feedback;
            feedback.wantsKeyFrame = true;
            feedback.ssrc = body.u32();
            if (body.ok())
                use(feedback);
        } else if (type == PayloadFeedback && format == FullIntra) {
            readFullIntra(body, use);
        }
    }
}

void appendSenderReport(Bytes& out, const SenderReport& report)
{
    appendHeader(out, 0, SenderReportType, 6);
    appendU32(out, report.ssrc);
    appendU32(out, static_cast<std::uint32_t>(report.ntp >> 32));
    appendU32(out, static_cast<std::uint32_t>(report.ntp));
    appendU32(out, report.timestamp);
    appendU32(out, report.packets);
    appendU32(out, report.bytes);
    // One item and its end, up to a whole word.
    constexpr std::string_view name = "headgate";
    appendHeader(out, 1, DescriptionType, 4);
    appendU32(out, report.ssrc);
    appendU8(out, 1);
    appendU8(out, static_cast<std::uint32_t>(name.size()));
    appendView(out, viewOf(name));
    appendU16(out, 0);
}

void appendBye(Bytes& out, const std::vector<std::uint32_t>& ssrcs)
{
    appendHeader(out, static_cast<std::uint32_t>(ssrcs.size()), ByeType, ssrcs.size());
    for (const std::uint32_t ssrc : ssrcs)
        appendU32(out, ssrc);
}

}  // namespace headgate::webrtc
