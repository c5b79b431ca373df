#include "core/base/check.h"
#include "core/media/net/datagrams.h"
#include "core/media/rtp/open_codecs.h"
#include "core/media/rtp/picture_assembler.h"
#include "core/media/rtp/received_packet.h"
#include "core/media/rtp/rtcp.h"
#include "core/media/rtp/rtp.h"
#include "core/media/webrtc/dtls.h"
#include "core/media/webrtc/playable.h"
#include "core/media/webrtc/send_estimate.h"
#include "core/media/webrtc/stun.h"
#include "tests/fuzz/fuzz_input.h"

using namespace headgate;
using namespace headgate::webrtc;

namespace {

void readCheck(ByteView bytes)
{
    const auto request = readStunRequest(bytes);
    if (!request)
        return;
    isIntact(bytes, *request, "password");
    const Bytes answer = stunResponse(*request, DatagramAddress("192.0.2.1", 9), "password");
    HG_CHECK(!readStunRequest(answer));
}

void readFeedback(ByteView bytes)
{
    std::size_t missing = 0;
    SendEstimate estimate;
    MonotonicTime now{};
    for (int i = 0; i < 256; ++i)
        estimate.packetSent(1200, now += Duration(1));
    readRtcp(bytes, [&](const RtcpFeedback& feedback) {
        missing += feedback.missing.size();
        HG_CHECK(feedback.arrivals.size() <= mostArrivals);
        estimate.packetsArrived(feedback.arrivals, now += SendEstimate::period);
        if (feedback.receiverBitrate)
            estimate.receiverLimits(*feedback.receiverBitrate, now);
        HG_CHECK(!estimate.limit(now) || *estimate.limit(now) >= SendEstimate::leastBits);
    });
    HG_CHECK(missing <= mostMissing);
}

// What is understood can be answered, and what is answered is understood.
void readOffer(std::string_view text)
{
    (void)readFragment(text);
    const auto offer = readDescription(text);
    if (!offer)
        return;
    if (const auto received = answerPublisher(*offer)) {
        const auto again = readDescription(writeAnswer(*offer, *received, {{"u", "p"}, offer->fingerprint}));
        HG_CHECK(again && again->media.size() == offer->media.size());
    }
    for (const char* const codec : {"vp8", "vp9", "av1"})
        (void)answerViewer(*offer, {true, true, "0", codec});
    const auto answers = answerViewer(*offer, {true, true, "42e01f"});
    if (!answers)
        return;
    const std::string sdp = writeAnswer(*offer, *answers, {{"u", "p"}, offer->fingerprint, {{"192.0.2.1", 8189, {}}}});
    const auto again = readDescription(sdp);
    HG_CHECK(again && again->media.size() == offer->media.size());
}

// Packets of a publisher, each behind its size: pictures have lengths that fill them.
template <typename Assembler>
void assemble(fuzz::FuzzInput input, Assembler assembler)
{
    ReorderBuffer buffer(ReorderBuffer::Repair::Asked);
    MonotonicTime now{};
    while (!input.isEmpty()) {
        const auto packet = readRtp(input.piece(input.byte()), 3, {10, 11});
        if (!packet)
            continue;
        buffer.add(packet->header, packet->payload, now += Duration(20));
        HG_CHECK(buffer.missing(now).size() <= 256);
        while (const auto next = buffer.next(now)) {
            const auto picture = assembler.add(*next);
            HG_CHECK(!picture || picture->body.size() > 5);
        }
    }
}

// The payloads fill what was made of the frame, and no packet becomes too large.
void packetize(ByteView bytes, FrameKind kind)
{
    const MediaFrame frame(kind, 0, Bytes(bytes.begin(), bytes.end()));
    const Bytes payloads = rtpPayloadsOf(frame);
    for (std::size_t at = 0; at < payloads.size();) {
        const PayloadAt payload = payloadAt(payloads, at);
        HG_CHECK(payload.next <= payloads.size() && payload.payload.size() <= largestPayload);
        at = payload.next;
    }
}

// Datagrams before the keys are there, as they come after a checked address, each behind its size in eight bytes.
void shakeHands(fuzz::FuzzInput input)
{
    static const auto identity = DtlsIdentity::make();
    HG_CHECK(identity);
    std::size_t sent = 0;
    DtlsEndpoint endpoint(*identity, identity->fingerprint(), [&sent](ByteView datagram) {
        HG_CHECK(!datagram.empty() && datagram.size() <= DatagramBatch::largest);
        ++sent;
    });
    constexpr int mostDatagrams = 64;
    for (int i = 0; i < mostDatagrams && !input.isEmpty(); ++i) {
        const ByteView datagram = input.piece(std::size_t{input.byte()} * 8);
        if (endpoint.receive(datagram) == DtlsEndpoint::State::Ended)
            break;
        HG_CHECK(endpoint.state() != DtlsEndpoint::State::Connected);
        if (endpoint.retransmitsIn() == Duration(0))
            endpoint.retransmit();
    }
    endpoint.close();
    HG_CHECK(sent <= mostDatagrams * 16);
}

// Nobody can make up a packet without the keys.
void unprotect(fuzz::FuzzInput input)
{
    const auto profile = input.byte() % 2 == 0 ? SrtpProfile::AeadAes128Gcm : SrtpProfile::Aes128CmSha1_80;
    auto link = SrtpLink::make({profile, {1}, {2}});
    HG_CHECK(link);
    while (!input.isEmpty()) {
        const auto piece = input.piece(input.byte());
        Bytes rtp(piece.begin(), piece.end());
        Bytes rtcp = rtp;
        HG_CHECK(!link->unprotect(rtp) && !link->unprotectRtcp(rtcp));
    }
}

}  // namespace

// The first byte chooses what the others are.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    fuzz::FuzzInput input(bytes, size);
    switch (input.byte() % 11) {
    case 0:
        readCheck(input.rest());
        break;
    case 1:
        readFeedback(input.rest());
        break;
    case 2:
        readOffer(input.text());
        break;
    case 5:
        assemble(input, PictureAssembler());
        break;
    case 6:
        assemble(input, OpenPictureAssembler(*openCodecOf("VP8")));
        break;
    case 7:
        assemble(input, OpenPictureAssembler(*openCodecOf("VP9")));
        break;
    case 8:
        assemble(input, OpenPictureAssembler(*openCodecOf("AV1")));
        break;
    case 9:
        shakeHands(input);
        break;
    case 10:
        unprotect(input);
        break;
    case 3:
        packetize(input.rest(), FrameKind::Video);
        break;
    default:
        packetize(input.rest(), FrameKind::Audio);
        break;
    }
    return 0;
}
