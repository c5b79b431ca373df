#include "core/base/check.h"
#include "core/media/net/datagrams.h"
#include "core/media/rtp/open_codecs.h"
#include "core/media/rtp/picture_assembler.h"
#include "core/media/rtp/received_packet.h"
#include "core/media/rtp/rtcp.h"
#include "core/media/rtp/rtp.h"
#include "core/media/webrtc/media_receiver.h"
#include "core/media/webrtc/playable.h"
#include "core/media/webrtc/secure_link.h"
#include "core/media/webrtc/sent_track.h"
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

// Packets and reports of a publisher of three layers, each behind its size: what comes of them are pictures of one.
void receiveLayers(fuzz::FuzzInput input)
{
    const SdpCodec codec{96, "vp8", 90'000, {}, {}};
    const SdpCodec repair{97, "rtx", 90'000, {}, {}};
    MediaAnswer answer;
    answer.codec = &codec;
    answer.repair = &repair;
    answer.transportSequenceId = 3;
    answer.ridExtensions = {10, 11};
    answer.rids = {"h", "m", "l"};
    MediaReceiver receiver({[](const SharedFrame& frame) { HG_CHECK(frame->isLayer() || frame->track() == 0); },
                            [](const Bytes& packet) { HG_CHECK(packet.size() % 4 == 0); }},
                           Duration(2000));
    receiver.expect(answer, true);
    MonotonicTime now{};
    receiver.start(now);
    while (!input.isEmpty()) {
        const bool isReport = input.byte() % 8 == 0;
        const ByteView packet = input.piece(input.byte());
        now += Duration(40);
        if (isReport)
            receiver.rtcpReceived(packet, now);
        else
            receiver.rtpReceived(packet, now);
        receiver.look(now);
    }
    receiver.report(now);
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

// What a node tells a client: where it is, and that it got a check.
void readTold(fuzz::FuzzInput input)
{
    const ByteView all = input.rest();
    HG_CHECK(readCandidates(textOf(all)).size() <= mostCandidates);
    HG_CHECK(!isAnswerTo({{1, 2, 3}, "theirs:ours", 7}, all, "password"));
}

// Packets of a peer, each behind its size, RTP, RTX and RTCP as they come: frames of them, and what is told back.
void receive(fuzz::FuzzInput input)
{
    static const SdpCodec video{102, "h264", videoClockRate, {}};
    static const SdpCodec repair{103, "rtx", videoClockRate, {}};
    static const SdpCodec sound{111, "opus", audioClockRate, {}};
    MediaReceiver receiver({[](const SharedFrame& frame) { HG_CHECK(frame->body().size() > 1); },
                            [](const Bytes& packet) { HG_CHECK(packet.size() <= DatagramBatch::largest); }},
                           Duration(2000));
    MediaAnswer pictures;
    pictures.codec = &video;
    pictures.feedback = {"goog-remb"};
    pictures.transportSequenceId = 3;
    pictures.repair = &repair;
    receiver.expect(pictures, true);
    MediaAnswer voices;
    voices.codec = &sound;
    receiver.expect(voices, false);
    MonotonicTime now{};
    receiver.start(now);
    while (!input.isEmpty()) {
        const ByteView packet = input.piece(input.byte());
        if (packet.size() > 1 && packet[1] >= 192 && packet[1] < 224)
            receiver.rtcpReceived(packet, now);
        else
            receiver.rtpReceived(packet, now);
        receiver.look(now += MediaReceiver::lookPeriod);
    }
    receiver.report(now);
}

// Wishes for what was sent, in feedback.
void sendAgain(ByteView bytes)
{
    SentTrack track({7, 102, videoClockRate, 3, 8, 103, 4}, true);
    MonotonicTime now{};
    std::array<std::uint8_t, DatagramBatch::largest> room{};
    Bytes picture{0x27, 1, 0, 0, 0, 0, 0, 0x0F, 0xA0};
    picture.resize(picture.size() + 4000, 0x41);
    const auto payloads =
        std::make_shared<const Bytes>(rtpPayloadsOf(MediaFrame(FrameKind::Video, 0, std::move(picture))));
    for (int i = 0; i < 8; ++i) {
        for (std::size_t at = 0; at < payloads->size(); at = payloadAt(*payloads, at).next)
            track.write({payloads, at, 0, payloadAt(*payloads, at).next == payloads->size()}, now, room);
        track.setLeastDelay(Duration(i * 10));
    }
    readRtcp(bytes, [&](const RtcpFeedback& feedback) {
        for (const std::uint16_t sequence : feedback.missing)
            HG_CHECK(track.writeAgain(sequence, now += Duration(1), room) <= room.size() - mostSrtpTrailer);
    });
    std::array<int, 2> again{};
    for (int i = 0; i < SentTrack::mostResends + 2; ++i) {
        now += SentTrack::resendPause;
        for (const std::uint16_t sequence : track.sentAfter({}, 4))
            again[track.writeAgain(sequence, now, room) > 0 ? 1 : 0] += 1;
    }
    HG_CHECK(again[1] <= SentTrack::mostResends * 4);
}

// One side of a handshake, and what it said.
struct Side final : SecureLinkOwner
{
    Side(const DtlsIdentity& own, const DtlsIdentity& other, DtlsRole role)
        : link(loop, own, other.fingerprint(), *this, role)
    {}
    void sendDatagram(ByteView datagram) override { said.emplace_back(datagram.begin(), datagram.end()); }
    void keysAgreed() override { isConnected = true; }
    void rtpReceived(ByteView) override { HG_CHECK(false); }  // nobody sends any
    void rtcpReceived(ByteView packet) override { heard.emplace_back(packet.begin(), packet.end()); }
    void linkEnded(std::string_view) override {}

    inline static EventLoop loop;
    std::vector<Bytes> said;
    std::vector<Bytes> heard;
    bool isConnected = false;
    SecureLink link;
};

// Two sides, and between them somebody who drops, repeats and changes datagrams, and adds some of his own: whatever he
// does, nobody takes for the other's what is not, and who has agreed on keys has the same.
void handOver(fuzz::FuzzInput input)
{
    static const auto first = DtlsIdentity::make();
    static const auto second = DtlsIdentity::make();
    HG_CHECK(first && second);
    const bool isUndisturbed = input.isEmpty();
    Side server(*first, *second, DtlsRole::Server);
    Side client(*second, *first, DtlsRole::Client);
    client.link.begin();
    constexpr int mostRounds = 32;
    for (int round = 0; round < mostRounds && !(server.said.empty() && client.said.empty()); ++round) {
        for (const auto& [from, to] : {std::pair{&client, &server}, std::pair{&server, &client}}) {
            for (Bytes& datagram : std::exchange(from->said, {})) {
                const std::uint8_t what = input.byte();
                if (what % 8 == 1)
                    continue;
                if (what % 8 == 2)
                    datagram[input.byte() % datagram.size()] ^= static_cast<std::uint8_t>(1 + what / 8);
                if (what % 8 == 3) {
                    const ByteView added = input.piece(std::size_t{input.byte()});
                    Bytes copy(added.begin(), added.end());
                    to->link.receive(copy);
                }
                if (what % 8 == 4) {
                    Bytes copy = datagram;
                    to->link.receive(copy);
                }
                to->link.receive(datagram);
            }
        }
    }
    HG_CHECK(server.heard.empty() && client.heard.empty());
    HG_CHECK(!isUndisturbed || (server.isConnected && client.isConnected));
    if (!server.isConnected || !client.isConnected)
        return;
    server.said.clear();
    Bytes report;
    appendPictureLoss(report, 7);
    server.link.sendRtcp(report);
    HG_CHECK(server.said.size() == 1);
    client.link.receive(server.said.front());
    HG_CHECK(client.heard.size() == 1 && client.heard.front() == report);
}

}  // namespace

// The first byte chooses what the others are.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size)
{
    fuzz::FuzzInput input(bytes, size);
    switch (input.byte() % 16) {
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
    case 15:
        receiveLayers(input);
        break;
    case 10:
        unprotect(input);
        break;
    case 11:
        readTold(input);
        break;
    case 12:
        receive(input);
        break;
    case 13:
        sendAgain(input.rest());
        break;
    case 14:
        handOver(input);
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
