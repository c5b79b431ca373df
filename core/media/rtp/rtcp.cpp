#include "core/media/rtp/rtcp.h"

#include <algorithm>
#include <chrono>

namespace headgate {

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
    PacketArrivals = 15,
    PictureLoss = 1,  // of payload feedback
    FullIntra = 4,
    ApplicationLayer = 15
};

constexpr std::string_view receiverBitrateName = "REMB";
constexpr std::uint32_t bitrateBits = 18;  // of its mantissa, behind six of the exponent

constexpr std::uint32_t ourSsrc = 1;  // where nothing is sent but feedback

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

void readReceiverBitrate(ByteReader reader, const Use& use)
{
    constexpr std::uint32_t mostExponent = 40;
    RtcpFeedback feedback;
    reader.u32();
    const bool isOne = textOf(reader.take(receiverBitrateName.size())) == receiverBitrateName;
    reader.u8();
    const std::uint32_t value = reader.u24();
    const std::uint32_t exponent = value >> bitrateBits;
    feedback.ssrc = reader.u32();
    feedback.receiverBitrate = std::int64_t{value & ((1u << bitrateBits) - 1)} << std::min(exponent, mostExponent);
    if (isOne && reader.ok())
        use(feedback);
}

void readPacketArrivals(ByteReader reader, const Use& use)
{
    RtcpFeedback feedback;
    feedback.ssrc = reader.u32();
    feedback.arrivals = readArrivals(reader);
    if (!feedback.arrivals.empty())
        use(feedback);
}

}  // namespace

std::uint64_t ntpNow()
{
    constexpr std::uint64_t from1900 = 2'208'988'800;
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    const auto micros =
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(since).count());
    return ((micros / 1'000'000 + from1900) << 32) | ((micros % 1'000'000) << 32) / 1'000'000;
}

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
        } else if (type == TransportFeedback && format == PacketArrivals) {
            readPacketArrivals(body, use);
        } else if (type == PayloadFeedback && format == ApplicationLayer) {
            readReceiverBitrate(body, use);
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

void readSenderReports(ByteView packet, const std::function<void(const SenderReport&)>& use)
{
    ByteReader reader(packet);
    while (reader.remaining() >= 8) {
        const std::uint32_t first = reader.u8();
        const std::uint32_t type = reader.u8();
        ByteReader body(reader.take(reader.u16() * std::size_t{4}));
        if (!reader.ok() || first >> 6 != 2)
            return;
        if (type != SenderReportType)
            continue;
        SenderReport report;
        report.ssrc = body.u32();
        report.ntp = std::uint64_t{body.u32()} << 32;
        report.ntp |= body.u32();
        report.timestamp = body.u32();
        if (body.ok())
            use(report);
    }
}

void appendReceiverReport(Bytes& out, const ReceiverReport& report)
{
    appendHeader(out, 1, ReceiverReportType, 7);
    appendU32(out, ourSsrc);
    appendU32(out, report.ssrc);
    appendU8(out, report.lostOf256);
    appendU24(out, report.lost);
    appendU32(out, report.highest);
    appendU32(out, 0);
    appendU32(out, report.lastSenderReport);
    appendU32(out, report.sinceSenderReport);
}

void appendNack(Bytes& out, std::uint32_t ssrc, const std::vector<std::uint16_t>& missing)
{
    Bytes pairs;
    for (std::size_t i = 0; i < missing.size();) {
        const std::uint16_t first = missing[i++];
        std::uint32_t others = 0;
        for (; i < missing.size(); ++i) {
            const auto distance = static_cast<std::uint16_t>(missing[i] - first);
            if (distance == 0 || distance > 16)
                break;
            others |= 1u << (distance - 1);
        }
        appendU16(pairs, first);
        appendU16(pairs, others);
    }
    appendHeader(out, GenericNack, TransportFeedback, 2 + pairs.size() / 4);
    appendU32(out, ourSsrc);
    appendU32(out, ssrc);
    appendView(out, pairs);
}

void appendPictureLoss(Bytes& out, std::uint32_t ssrc)
{
    appendHeader(out, PictureLoss, PayloadFeedback, 2);
    appendU32(out, ourSsrc);
    appendU32(out, ssrc);
}

void appendReceiverBitrate(Bytes& out, std::uint32_t ssrc, std::int64_t bitsPerSecond)
{
    std::int64_t mantissa = bitsPerSecond;
    std::uint32_t exponent = 0;
    for (; mantissa >> bitrateBits != 0; mantissa >>= 1)
        ++exponent;
    appendHeader(out, ApplicationLayer, PayloadFeedback, 5);
    appendU32(out, ourSsrc);
    appendU32(out, 0);
    appendView(out, viewOf(receiverBitrateName));
    appendU8(out, 1);
    appendU24(out, exponent << bitrateBits | static_cast<std::uint32_t>(mantissa));
    appendU32(out, ssrc);
}

void appendBye(Bytes& out, const std::vector<std::uint32_t>& ssrcs)
{
    appendHeader(out, static_cast<std::uint32_t>(ssrcs.size()), ByeType, ssrcs.size());
    for (const std::uint32_t ssrc : ssrcs)
        appendU32(out, ssrc);
}

}  // namespace headgate
