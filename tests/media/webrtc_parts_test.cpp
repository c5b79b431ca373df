#include "core/media/rtp/received_packet.h"
#include "core/media/rtp/rtcp.h"
#include "core/media/rtp/rtp.h"
#include "core/media/webrtc/ice_links.h"
#include "core/media/webrtc/playable.h"
#include "core/media/webrtc/send_estimate.h"
#include "core/media/webrtc/sent_track.h"
#include "core/media/webrtc/srtp.h"
#include "core/media/webrtc/stun.h"
#include "tests/media/support/frames.h"
#include "tests/support/lib_srtp.h"

#include <QTest>

using namespace headgate;
using namespace headgate::tests;
using namespace headgate::webrtc;

namespace {

Bytes fromHex(const char* text)
{
    const QByteArray bytes = QByteArray::fromHex(text);
    return {bytes.begin(), bytes.end()};
}

// RFC 5769, 2.1 and 2.2.
constexpr const char* rfcPassword = "VOkJxbRl1RmTxUk/WvJxBt";
constexpr const char* rfcRequest =
    "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9"
    "b151263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf";

constexpr const char* offerHead = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
                                  "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdefghijklmn\r\n"
                                  "a=fingerprint:sha-256 "
                                  "AB:CD:EF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:"
                                  "99:aa:bb:cc\r\na=setup:actpass\r\n";
constexpr const char* videoSection = "m=video 9 UDP/TLS/RTP/SAVPF 96 100 102 104\r\na=mid:v\r\na=recvonly\r\n"
                                     "a=rtpmap:96 VP8/90000\r\na=rtpmap:100 H264/90000\r\na=fmtp:100 "
                                     "packetization-mode=0;profile-level-id=42e01f\r\na=rtpmap:102 H264/90000\r\n"
                                     "a=fmtp:102 packetization-mode=1;profile-level-id=42e01f\r\n"
                                     "a=rtpmap:104 H264/90000\r\na=fmtp:104 packetization-mode=1; "
                                     "profile-level-id=64001f\r\n";

}  // namespace

class WebrtcPartsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void checksAreReadAsTheRfcHasThem()
    {
        Bytes bytes = fromHex(rfcRequest);
        const auto request = readStunRequest(bytes);
        QVERIFY(request);
        QCOMPARE(std::string(request->username), std::string("evtj:h6vY"));
        QVERIFY(!request->isNominating);
        QVERIFY(isIntact(bytes, *request, rfcPassword));
        QVERIFY(!isIntact(bytes, *request, "another"));
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            Bytes changed = bytes;
            changed[i] ^= 1;
            QVERIFY2(!readStunRequest(changed), "a changed byte breaks the fingerprint");
            QVERIFY(!readStunRequest(ByteView(bytes).first(i)));
        }
    }

    void answersToChecksTellTheAddressMasked()
    {
        const auto request = readStunRequest(fromHex(rfcRequest));
        Bytes expected = fromHex("0101002c2112a442b7e7a701bc34d686fa87dfae0020000800 01a147e112a643");
        const Bytes answer = stunResponse(*request, DatagramAddress("192.0.2.1", 32853), rfcPassword);
        QCOMPARE(answer.size(), std::size_t(20 + 12 + 24 + 8));
        QVERIFY(std::equal(expected.begin(), expected.end(), answer.begin()));
        const Bytes longer =
            stunResponse(*request, DatagramAddress("2001:db8:1234:5678:11:2233:4455:6677", 32853), rfcPassword);
        // RFC 5769, 2.3.
        QVERIFY(textOf(longer).find(textOf(fromHex("0002a1470113a9faa5d3f179bc25f4b5bed2b9d9"))) !=
                std::string_view::npos);
    }

    void answersToChecksAreNoLargerThanThese()
    {
        StunCheck check{{1, 2, 3}, IceCredentials::random().ufrag + ":abcd", 7};
        const Bytes request = stunRequest(check, "password");
        const auto read = readStunRequest(request);
        QVERIFY(read);
        for (const char* const from : {"192.0.2.1", "2001:db8::1"})
            QVERIFY(stunResponse(*read, DatagramAddress(from, 9), "password").size() <= request.size());
    }

    void checksOfOursAreReadAndTheirAnswersKnown()
    {
        StunCheck check{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, "theirs:mine", 0x0123456789ABCDEF};
        const Bytes bytes = stunRequest(check, "secret");
        const auto request = readStunRequest(bytes);
        QVERIFY(request);
        QCOMPARE(std::string(request->username), check.username);
        QVERIFY(request->isNominating);
        QVERIFY(isIntact(bytes, *request, "secret"));
        const Bytes answer = stunResponse(*request, DatagramAddress("192.0.2.1", 32853), "secret");
        QVERIFY(isAnswerTo(check, answer, "secret"));
        QVERIFY(!isAnswerTo(check, answer, "another"));
        for (std::size_t i = 0; i < answer.size(); ++i)
            QVERIFY(!isAnswerTo(check, ByteView(answer).first(i), "secret") || i > answer.size() - 8);
        check.transaction[0] = 9;
        QVERIFY(!isAnswerTo(check, answer, "secret"));
    }

    void candidatesOfAnAnswerAreRead()
    {
        const std::vector<SocketAddress> expected = {{"192.0.2.7", 8189, {}}, {"2001:db8::7", 8190, {}}};
        QVERIFY(readCandidates("v=0\r\na=candidate:1 1 UDP 2130706431 192.0.2.7 8189 typ host\r\n"
                               "a=candidate:2 1 tcp 1518280447 192.0.2.7 8189 typ host tcptype passive\r\n"
                               "a=candidate:3 2 udp 2130706430 192.0.2.7 8191 typ host\r\n"
                               "a=candidate:4 1 udp 2130706175 2001:db8::7 8190 typ host\r\n"
                               "m=video\r\na=candidate:1 1 udp 2130706431 192.0.2.7 8189 typ host\r\n"
                               "a=candidate:5 1 udp 1 192.0.2.8 99999 typ host\r\na=candidate:6\r\n") == expected);
    }

    void offersAreAnsweredWithWhatTheStreamHas()
    {
        const auto offer = readDescription(std::string(offerHead) + videoSection +
                                           "m=audio 9 UDP/TLS/RTP/SAVPF 0 111\r\na=mid:a\r\na=recvonly\r\n"
                                           "a=rtpmap:111 opus/48000/2\r\nm=application 9 UDP/DTLS/SCTP "
                                           "webrtc-datachannel\r\na=mid:d\r\n");
        QVERIFY(offer);
        QCOMPARE(offer->media.size(), std::size_t(3));
        const auto answers = answerViewer(*offer, {true, true, "64001e"});
        QVERIFY(answers);
        QCOMPARE((*answers)[0].codec->payloadType, 104);
        QCOMPARE((*answers)[1].codec->payloadType, 111);
        QVERIFY((*answers)[2].codec == nullptr);
        QCOMPARE((*answerViewer(*offer, {true, true, "4d001e"}))[0].codec->payloadType, 102);
        const std::string sdp = writeAnswer(
            *offer, *answers, {{"u", "p"}, offer->fingerprint, {{"192.0.2.7", 8189, {}}, {"2001:db8::7", 8189, {}}}});
        QVERIFY(sdp.find("a=group:BUNDLE v a\r\n") != std::string::npos);
        QVERIFY(sdp.find("m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n") != std::string::npos);
        QVERIFY(sdp.find("a=candidate:1 1 udp 2130706431 192.0.2.7 8189 typ host\r\n") != std::string::npos);
        QVERIFY(sdp.find("a=candidate:3 1 udp 2130706175 2001:db8::7 8189 typ host\r\n") != std::string::npos);
        QVERIFY(sdp.find("a=sendonly\r\n") != std::string::npos);
        const auto again = readDescription(sdp);
        QVERIFY(again);
        QVERIFY(again->fingerprint == offer->fingerprint);
        QCOMPARE(again->setup, std::string("passive"));
        QVERIFY(!answerViewer(*offer, {false, false, {}}));
    }

    // Port 0 refuses a section but where it says that it has the port of the others (RFC 8843, 6).
    void sectionsOfABundleAloneAreTaken()
    {
        const std::string audio =
            "m=audio 0 UDP/TLS/RTP/SAVPF 111\r\na=mid:a\r\na=recvonly\r\na=rtpmap:111 opus/48000/2\r\n";
        const auto refused = readDescription(std::string(offerHead) + videoSection + audio);
        const auto taken = readDescription(std::string(offerHead) + videoSection + audio + "a=bundle-only\r\n");
        QVERIFY(refused && taken);
        QVERIFY((*answerViewer(*refused, {true, true, "64001e"}))[1].codec == nullptr);
        QVERIFY((*answerViewer(*taken, {true, true, "64001e"}))[1].codec != nullptr);
    }

    void malformedDescriptionsAreRefused()
    {
        QVERIFY(readDescription(std::string(offerHead) + videoSection));
        for (const char* missing : {"v=0", "a=ice-ufrag:abcd", "a=ice-pwd:", "a=fingerprint:", "m=video"}) {
            const std::string text = QByteArray(offerHead).append(videoSection).toStdString();
            const std::size_t at = text.find(missing);
            const std::string rest = text.substr(at + std::string(missing).size());
            QVERIFY2(!readDescription(text.substr(0, at) + "x=" + rest), missing);
        }
        QVERIFY(!readDescription(std::string(offerHead) + std::string(70'000, 'a')));
        std::string many = offerHead;
        for (int i = 0; i < 20; ++i)
            many += videoSection;
        QVERIFY(!readDescription(many));
    }

    void parameterSetsGoInOnePacketAndPicturesInEqualPieces()
    {
        const Bytes sets = rtpPayloadsOf(*videoHeader());
        const ByteView aggregate = payloadAt(sets, 0).payload;
        QCOMPARE(int(aggregate[0]), 0x60 | 24);
        QCOMPARE(int(aggregate[2]), 0x1A);
        QCOMPARE(aggregate.size(), std::size_t(1 + 2 + 26 + 2 + 6));
        Bytes body{0x17, 1, 0, 0, 0};
        appendU32(body, 2);  // a delimiter, which is left out
        appendView(body, Bytes{0x09, 0xF0});
        appendU32(body, 4000);
        body.push_back(0x65);
        body.resize(body.size() + 3999, 7);
        const Bytes pieces = rtpPayloadsOf(*makeFrame(FrameKind::Video, 0, body));
        std::size_t at = 0;
        std::vector<std::size_t> sizes;
        while (at < pieces.size()) {
            const PayloadAt piece = payloadAt(pieces, at);
            QCOMPARE(int(piece.payload[0]), 0x60 | 28);
            QCOMPARE(int(piece.payload[1]), 5 | (sizes.empty() ? 0x80 : 0) | (piece.next == pieces.size() ? 0x40 : 0));
            sizes.push_back(piece.payload.size());
            at = piece.next;
        }
        QCOMPARE(sizes, (std::vector<std::size_t>{1002, 1002, 1002, 1001}));
        // What is about buffers of other receivers is left out, and what is about anything else is not.
        const auto withUnit = [](const Bytes& unit) {
            Bytes picture{0x27, 1, 0, 0, 0};
            for (const Bytes& each : {unit, Bytes{0x41, 1, 2, 3}}) {
                appendU32(picture, static_cast<std::uint32_t>(each.size()));
                appendView(picture, each);
            }
            const Bytes payloads = rtpPayloadsOf(*makeFrame(FrameKind::Video, 0, picture));
            return payloadAt(payloads, 0).next == payloads.size() ? 1 : 2;
        };
        QCOMPARE(withUnit({6, 1, 1, 0x24, 0x80}), 1);
        QCOMPARE(withUnit({6, 0, 6, 1, 0, 0, 3, 0, 2, 9, 1, 1, 0x24, 0x80}), 1);
        QCOMPARE(withUnit({6, 1, 1, 0x24, 4, 2, 0xB5, 0, 0x80}), 2);
        QCOMPARE(withUnit({6, 0xFF, 1, 1, 0x24, 0x80}), 2);
        QCOMPARE(withUnit({6, 1, 9, 0x24, 0x80}), 2);
        // One that says to be longer than it is.
        body.resize(body.size() - 1);
        QVERIFY(rtpPayloadsOf(*makeFrame(FrameKind::Video, 0, body)).empty());
    }

    void feedbackIsRead()
    {
        Bytes packet{0x81, 201, 0, 7, 0, 0, 0, 9, 0, 0, 0, 5, 64, 0, 0, 1,
                     0,    0,   0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,  0, 2, 0};
        appendView(packet, Bytes{0x81, 205, 0, 3, 0, 0, 0, 9, 0, 0, 0, 5, 0xFF, 0xFF, 0, 1});
        appendView(packet, Bytes{0x81, 206, 0, 2, 0, 0, 0, 9, 0, 0, 0, 5});
        std::vector<RtcpFeedback> all;
        readRtcp(packet, [&all](const RtcpFeedback& feedback) { all.push_back(feedback); });
        QCOMPARE(all.size(), std::size_t(3));
        QCOMPARE(int(all[0].lostOf256), 64);
        QCOMPARE(all[0].lastSenderReport, 0x10000u);
        QCOMPARE(all[0].sinceSenderReport, 0x200u);
        QCOMPARE(all[1].missing, (std::vector<std::uint16_t>{0xFFFF, 0}));
        QVERIFY(all[2].wantsKeyFrame && all[2].ssrc == 5);
    }

    void keptPacketsAreTheSameAgain()
    {
        SentTrack track({7, 96, videoClockRate}, true);
        auto payloads = std::make_shared<const Bytes>(Bytes{0, 3, 1, 2, 3});
        std::array<std::uint8_t, 100> first{};
        std::array<std::uint8_t, 100> again{};
        const MonotonicTime now{Duration(1000)};
        const std::size_t size = track.write({payloads, 0, 40, true}, now, first);
        QCOMPARE(size, std::size_t(15));
        const auto sequence = static_cast<std::uint16_t>(first[2] << 8 | first[3]);
        QCOMPARE(track.writeAgain(sequence, now + Duration(5), again), std::size_t(0));
        QCOMPARE(track.writeAgain(sequence, now + Duration(10), again), size);
        QVERIFY(first == again);
        QCOMPARE(track.writeAgain(static_cast<std::uint16_t>(sequence + 1), now + Duration(10), again), std::size_t(0));
        for (std::size_t i = 0; i < SentTrack::mostKept; ++i)
            track.write({payloads, 0, 80, false}, now, again);
        QCOMPARE(track.writeAgain(sequence, now + Duration(99), again), std::size_t(0));
    }

    void repairAndFeedbackAreAnsweredAsTheyAreOffered()
    {
        const auto offer = readDescription(
            std::string(offerHead) +
            "m=video 9 UDP/TLS/RTP/SAVPF 100 101 102\r\na=mid:v\r\na=sendrecv\r\n"
            "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
            "a=rtpmap:100 VP8/90000\r\na=rtcp-fb:100 nack\r\na=rtcp-fb:* transport-cc\r\na=rtcp-fb:100 goog-remb\r\n"
            "a=rtpmap:101 rtx/90000\r\na=fmtp:101 apt=102\r\na=rtpmap:102 H264/90000\r\na=rtcp-fb:102 nack pli\r\n"
            "a=fmtp:102 packetization-mode=1;profile-level-id=42e01f\r\n");
        QVERIFY(offer);
        const MediaAnswer h264 = answerViewer(*offer, {true, false, "42e01f"})->front();
        QCOMPARE(h264.feedback, (std::vector<std::string>{"nack pli", "transport-cc"}));
        QVERIFY(h264.repair != nullptr && h264.repair->payloadType == 101 && h264.repairSsrc != 0);
        QCOMPARE(h264.transportSequenceId, 3);
        const std::string sdp = writeAnswer(*offer, {h264}, {{"u", "p"}, offer->fingerprint, {}});
        QVERIFY(sdp.find("m=video 9 UDP/TLS/RTP/SAVPF 102 101\r\n") != std::string::npos);
        QVERIFY(sdp.find("a=rtpmap:101 rtx/90000\r\na=fmtp:101 apt=102\r\n") != std::string::npos);
        QVERIFY(sdp.find("a=ssrc-group:FID " + std::to_string(h264.ssrc) + " " + std::to_string(h264.repairSsrc)) !=
                std::string::npos);
        const MediaAnswer vp8 = answerViewer(*offer, {true, false, "0", "vp8"})->front();
        QVERIFY(vp8.codec->payloadType == 100 && vp8.repair == nullptr);
        // What is sent again as it was has no number of its own in the transport.
        QCOMPARE(vp8.transportSequenceId, 0);
        QCOMPARE(vp8.feedback, (std::vector<std::string>{"nack", "goog-remb"}));
        QVERIFY(!answerViewer(*offer, {true, false, "0", "vp9"}));
        // What RTMP and HLS carry too is preferred of publishers.
        QCOMPARE(answerPublisher(*offer)->front().codec->payloadType, 102);
        auto withoutH264 = *offer;
        withoutH264.media[0].codecs.pop_back();
        withoutH264.media[0].transportSequenceId = 0;
        const MediaAnswer published = answerPublisher(withoutH264)->front();
        QCOMPARE(published.codec->payloadType, 100);
        QCOMPARE(published.feedback, (std::vector<std::string>{"nack", "goog-remb"}));
    }

    // libsrtp2 reads what we protect, and the other way round: over the wrap-around of numbers, with extensions and
    // lists of sources, late packets, and two SSRCs by turns.
    void packetsAreProtectedAsOthersDo_data()
    {
        QTest::addColumn<int>("profile");
        QTest::newRow("AES-GCM") << int(SrtpProfile::AeadAes128Gcm);
        QTest::newRow("AES-CM with HMAC-SHA1") << int(SrtpProfile::Aes128CmSha1_80);
    }

    void packetsAreProtectedAsOthersDo()
    {
        QFETCH(int, profile);
        SrtpKeys keys{SrtpProfile(profile), {}, {}};
        for (std::size_t i = 0; i < keys.local.size(); ++i) {
            keys.local[i] = static_cast<std::uint8_t>(i * 7 + 1);
            keys.remote[i] = static_cast<std::uint8_t>(i * 11 + 3);
        }
        auto ours = SrtpLink::make(keys);
        QVERIFY(ours);
        test::LibSrtp reader(keys.profile, keys.local, test::LibSrtp::Side::Receiver);
        test::LibSrtp writer(keys.profile, keys.remote, test::LibSrtp::Side::Sender);
        const auto packet = [](int number) {
            Bytes bytes{0x80, 96, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
            bytes.resize(12, static_cast<std::uint8_t>(number % 2));
            if (number % 3 == 0) {
                bytes[0] |= 1;  // one source
                bytes.resize(16, 9);
            }
            if (number % 5 == 0) {
                bytes[0] |= 0x10;
                appendView(bytes, Bytes{0xBE, 0xDE, 0, 1, 0x31, 1, 2, 0});
            }
            bytes.resize(bytes.size() + static_cast<std::size_t>(number % 1200), static_cast<std::uint8_t>(number));
            return bytes;
        };
        const auto withRoom = [](Bytes bytes) {
            bytes.resize(bytes.size() + mostSrtpTrailer);
            return bytes;
        };
        for (int number = 65'000; number < 65'536 + 600; ++number) {
            // Each seventh comes behind the next one of its SSRC.
            const int sequence = number % 7 == 0 ? number + 2 : number % 7 == 2 ? number - 2 : number;
            const Bytes plain = packet(sequence & 0xFFFF);
            Bytes sent = withRoom(plain);
            const auto size = ours->protect(sent, plain.size());
            QVERIFY(size && *size > plain.size());
            sent.resize(*size);
            Bytes received = sent;
            QCOMPARE(reader.unprotect(received), plain.size());
            QVERIFY(std::equal(plain.begin(), plain.end(), received.begin()));
            Bytes theirs = withRoom(plain);
            theirs.resize(writer.protect(theirs, plain.size()));
            QCOMPARE(theirs.size(), sent.size());
            Bytes forged = theirs;
            forged[forged.size() - 1 - static_cast<std::size_t>(sequence) % 10] ^= 1;
            QVERIFY(!ours->unprotect(forged));
            const Bytes again = theirs;
            const auto read = ours->unprotect(theirs);
            QVERIFY(read && std::ranges::equal(*read, plain));
            Bytes repeated = again;
            QVERIFY2(!ours->unprotect(repeated), "what was there before is not taken again");
            if (number % 50 != 0)
                continue;
            Bytes report{0x80, 201, 0, 1, 0, 0, 0, 9};
            report.resize(8 + static_cast<std::size_t>(number % 100) * 4, 5);
            Bytes sentReport = withRoom(report);
            sentReport.resize(ours->protectRtcp(sentReport, report.size()).value_or(0));
            QCOMPARE(reader.unprotectRtcp(sentReport), report.size());
            QVERIFY(std::equal(report.begin(), report.end(), sentReport.begin()));
            Bytes theirReport = withRoom(report);
            theirReport.resize(writer.protectRtcp(theirReport, report.size()));
            Bytes repeatedReport = theirReport;
            const auto readReport = ours->unprotectRtcp(theirReport);
            QVERIFY(readReport && std::ranges::equal(*readReport, report));
            QVERIFY(!ours->unprotectRtcp(repeatedReport));
        }
        // What is sent again under its own number is the same bytes.
        Bytes first = withRoom(packet(600));
        Bytes second = first;
        const std::size_t size = first.size() - mostSrtpTrailer;
        QVERIFY(ours->protect(first, size) && ours->protect(second, size));
        QVERIFY(first == second);
        // Too short, or with a header that is longer than the packet.
        for (Bytes bad : {Bytes(), Bytes(11, 0x80), Bytes(40, 0x8F), Bytes(40, 0x9F)}) {
            QVERIFY(!ours->unprotect(bad));
            QVERIFY(!ours->unprotectRtcp(bad));
        }
        // As late as the window reaches, and later.
        auto late = SrtpLink::make({keys.profile, keys.remote, keys.local});
        auto into = SrtpLink::make(keys);
        std::vector<Bytes> all;
        for (int number = 1; number <= int(SrtpLink::window) + 1; ++number) {
            Bytes each{0x80, 96, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
            each.resize(20 + mostSrtpTrailer);
            each.resize(late->protect(each, 20).value_or(0));
            all.push_back(std::move(each));
        }
        QVERIFY(into->unprotect(all.back()));
        QVERIFY(!into->unprotect(all[0]));
        QVERIFY(into->unprotect(all[1]));
        QVERIFY(!into->unprotect(all[1]));
    }

    void repairHasNumbersOfItsOwn()
    {
        SentTrack track({7, 96, videoClockRate, 3, 9, 97}, true);
        auto payloads = std::make_shared<const Bytes>(Bytes{0, 3, 1, 2, 3});
        std::array<std::uint8_t, 100> first{};
        std::array<std::uint8_t, 100> again{};
        const MonotonicTime now{Duration(1000)};
        QCOMPARE(track.write({payloads, 0, 40, true}, now, first), std::size_t(12 + 8 + 3));
        SentTrack::stamp(first, 0x1234);
        QCOMPARE(int(first[17]) << 8 | first[18], 0x1234);
        const auto sequence = static_cast<std::uint16_t>(first[2] << 8 | first[3]);
        QCOMPARE(track.writeAgain(sequence, now + Duration(10), again), std::size_t(12 + 8 + 2 + 3));
        QCOMPARE(int(again[1]), 0x80 | 97);
        QCOMPARE(int(again[11]), 9);
        QCOMPARE(int(again[20]) << 8 | again[21], int(sequence));
        QCOMPARE(int(again[22]), 1);
        QVERIFY(std::equal(first.begin() + 4, first.begin() + 8, again.begin() + 4));
    }

    // 280 ms at least, 10 s at most, beside the number; nothing of it before it is needed.
    void viewersAreAskedToHoldPictures()
    {
        const auto offer = readDescription(
            std::string(offerHead) +
            "m=video 9 UDP/TLS/RTP/SAVPF 101 102\r\na=mid:v\r\na=recvonly\r\n"
            "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n"
            "a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay\r\n"
            "a=rtpmap:101 rtx/90000\r\na=fmtp:101 apt=102\r\na=rtpmap:102 H264/90000\r\na=rtcp-fb:102 transport-cc\r\n"
            "a=fmtp:102 packetization-mode=1;profile-level-id=42e01f\r\n");
        QVERIFY(offer);
        const MediaAnswer answer = answerViewer(*offer, {true, false, "42e01f"})->front();
        QCOMPARE(answer.playoutDelayId, 5);
        const std::string sdp = writeAnswer(*offer, {answer}, {{"u", "p"}, offer->fingerprint, {}});
        QVERIFY(sdp.find("a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/playout-delay\r\n") !=
                std::string::npos);
        SentTrack track({7, 96, videoClockRate, 3, 9, 97, 5}, true);
        auto payloads = std::make_shared<const Bytes>(Bytes{0, 3, 1, 2, 3});
        std::array<std::uint8_t, 100> packet{};
        track.setLeastDelay(Duration(0));
        QCOMPARE(track.write({payloads, 0, 0, true}, {}, packet), std::size_t(12 + 8 + 3));
        track.setLeastDelay(Duration(287));
        QCOMPARE(track.write({payloads, 0, 40, true}, {}, packet), std::size_t(12 + 12 + 3));
        SentTrack::stamp(packet, 0x1234);
        const Bytes extension(packet.begin() + 12, packet.begin() + 24);
        QCOMPARE(extension, (Bytes{0xBE, 0xDE, 0, 2, 0x31, 0x12, 0x34, 0x52, 0x01, 0xC3, 0xE8, 0}));
        track.setLeastDelay(Duration(0));
        QCOMPARE(track.write({payloads, 0, 80, true}, {}, packet), std::size_t(12 + 12 + 3));
        QVERIFY(packet[20] == 0 && packet[21] == 0x03);
        const auto read = readRtp(packet, 3);
        QVERIFY(read && read->transportSequence);
    }

    void networksAreToldOf()
    {
        Bytes packet{0x8F, 205, 0, 6, 0, 0, 0, 9, 0, 0, 0, 5, 0xFF, 0xFE, 0, 11, 0, 0, 2, 7};
        // A run of three that came, and the others in a vector of one bit.
        appendView(packet, Bytes{0x20, 3, 0x90, 0x00, 4, 8, 0, 12});
        packet[3] = static_cast<std::uint8_t>(packet.size() / 4 - 1);
        std::vector<RtcpFeedback> all;
        const auto read = [&all](ByteView bytes) {
            all.clear();
            readRtcp(bytes, [&all](const RtcpFeedback& feedback) { all.push_back(feedback); });
        };
        read(packet);
        QCOMPARE(all.size(), std::size_t(1));
        const auto& arrivals = all[0].arrivals;
        QCOMPARE(arrivals.size(), std::size_t(11));
        QVERIFY(arrivals[0].sequence == 0xFFFE && arrivals[2].sequence == 0);
        QCOMPARE(*arrivals[0].atUs, 2 * 64'000 + 1000);
        QCOMPARE(*arrivals[2].atUs, 2 * 64'000 + 3000);
        QVERIFY(!arrivals[3].atUs);
        QCOMPARE(*arrivals[4].atUs, 2 * 64'000 + 6000);
        for (std::size_t size = 12; size < packet.size(); size += 4) {
            Bytes cut(packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size));
            cut[3] = static_cast<std::uint8_t>(size / 4 - 1);
            read(cut);
            QVERIFY(all.empty());
        }
        Bytes bitrate;
        appendReceiverBitrate(bitrate, 5, 3'000'000);
        read(bitrate);
        QVERIFY(all.size() == 1 && all[0].ssrc == 5);
        QVERIFY(*all[0].receiverBitrate > 2'990'000 && *all[0].receiverBitrate <= 3'000'000);
    }

    // Ten seconds of a stream over a line that carries so much; what it may be sent at the end.
    // The credential as coturn's turnadmin and openssl dgst make it.
    void iceServersAreToldWithCredentialsOfTheirTime()
    {
        const TimePoint now{Duration(1'700'000'000'900)};
        const std::vector<IceServer> servers = {
            {"stun:s.example", IceCredential::None, {}, {}},
            {"turn:t.example:3478?transport=udp", IceCredential::Static, "re\"lay", "hu\\sh\r\nX-Evil: 1"},
            {"turns:t.example> \r\nX-Evil: 1", IceCredential::Rest, {}, "north"}};
        QCOMPARE(iceLinks(servers, "show", now),
                 std::string("Link: <stun:s.example>; rel=\"ice-server\"\r\n"
                             "Link: <turn:t.example:3478?transport=udp>; rel=\"ice-server\"; username=\"re\\\"lay\"; "
                             "credential=\"hu\\\\shX-Evil: 1\"; credential-type=\"password\"\r\n"
                             "Link: <turns:t.exampleX-Evil:1>; rel=\"ice-server\"; username=\"1700043200:show\"; "
                             "credential=\"h1jvZ5/LVKwGKKlR8XLbwSgN6lg=\"; credential-type=\"password\"\r\n"));
    }

    void networksAreMeasured_data()
    {
        QTest::addColumn<int>("sentKbit");
        QTest::addColumn<int>("lineKbit");
        QTest::addColumn<int>("lossPercent");
        QTest::addColumn<bool>("isLimited");
        QTest::newRow("enough") << 2000 << 20'000 << 0 << false;
        QTest::newRow("lossy") << 2000 << 20'000 << 5 << false;
        QTest::newRow("half") << 2000 << 1000 << 0 << true;
        QTest::newRow("half and lossy") << 2000 << 1000 << 5 << true;
    }

    void networksAreMeasured()
    {
        QFETCH(int, sentKbit);
        QFETCH(int, lineKbit);
        QFETCH(int, lossPercent);
        QFETCH(bool, isLimited);
        constexpr std::int64_t packetBytes = 1200;
        constexpr std::int64_t mostQueueUs = 300'000;
        SendEstimate estimate;
        std::vector<PacketArrival> arrivals;
        std::int64_t lineFree = 0;
        std::int64_t least = INT64_MAX;
        const MonotonicTime start{Duration(1'000'000)};
        std::uint32_t draw = 1;
        for (std::int64_t us = 0; us < 10'000'000;) {
            const MonotonicTime now = start + std::chrono::microseconds(us);
            const auto limit = estimate.limit(now);
            const std::int64_t rate = std::min(sentKbit * 1000L, limit.value_or(INT64_MAX));
            PacketArrival arrival{estimate.packetSent(packetBytes, now)};
            draw = draw * 1'103'515'245 + 12'345;
            const std::int64_t begins = std::max(us, lineFree);
            if (static_cast<int>(draw >> 16) % 100 >= lossPercent && begins - us < mostQueueUs) {
                lineFree = begins + packetBytes * 8000 / lineKbit;
                // Up to 20 ms of jitter, and a clock of its own.
                arrival.atUs = 77'000'000 + lineFree + (draw >> 8) % 20'000;
            }
            arrivals.push_back(arrival);
            if (arrivals.size() == 20)
                estimate.packetsArrived(std::exchange(arrivals, {}), now + std::chrono::milliseconds(50));
            us += packetBytes * 8'000'000 / rate;
            if (us > 3'000'000 && limit)
                least = std::min(least, *limit);
            if (us > 3'000'000 && isLimited)
                QVERIFY(limit && *limit < lineKbit * 1500L);
        }
        if (isLimited)
            QVERIFY2(least > lineKbit * 500L, QByteArray::number(qlonglong(least)));
        else
            QVERIFY(!estimate.limit(start + std::chrono::seconds(10)));
        estimate.receiverLimits(500'000, start);
        QVERIFY(*estimate.limit(start) <= 500'000);
        estimate.restart(start);
        QVERIFY(!estimate.limit(start));
    }
};

QTEST_GUILESS_MAIN(WebrtcPartsTest)
#include "webrtc_parts_test.moc"
