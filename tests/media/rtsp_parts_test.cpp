#include "core/media/rtp/decode_times.h"
#include "core/media/rtp/rtp.h"
#include "core/media/rtsp/description.h"
#include "core/media/rtsp/digest.h"
#include "core/media/rtsp/message.h"
#include "core/media/rtsp/received_media.h"
#include "core/media/rtsp/transport.h"
#include "tests/media/support/frames.h"

#include <QCryptographicHash>
#include <QTest>

using namespace headgate;
using namespace headgate::rtsp;
using namespace headgate::tests;

namespace {

constexpr MonotonicTime start{Duration(1000)};

// Independent of what is tested.
class Client
{
public:
    Client(const char* algorithm, QByteArray password) : m_algorithm(algorithm), m_password(std::move(password)) {}

    void take(const std::string& challenge)
    {
        const QByteArray lines = QByteArray::fromStdString(challenge);
        const qsizetype line = lines.indexOf(QByteArray("algorithm=") + m_algorithm);
        const qsizetype at = lines.indexOf("nonce=\"", line) + 7;
        m_nonce = lines.mid(at, lines.indexOf('"', at) - at);
    }

    std::string prove(const QByteArray& method, const QByteArray& url, int count) const
    {
        const QByteArray number = QByteArray::number(count, 16).rightJustified(8, '0');
        const QByteArray between = count == 0 ? m_nonce : m_nonce + ":" + number + ":abc:auth";
        const QByteArray response =
            hash(hash("ann:headgate:" + m_password) + ":" + between + ":" + hash(method + ":" + url));
        QByteArray text = "Digest username=\"ann\", realm=\"headgate\", nonce=\"" + m_nonce + "\", uri=\"" + url +
                          "\", algorithm=" + m_algorithm + ", response=\"" + response + "\"";
        if (count > 0)
            text += ", qop=auth, nc=" + number + ", cnonce=\"abc\"";
        return text.toStdString();
    }

private:
    QByteArray hash(const QByteArray& text) const
    {
        const auto algorithm = m_algorithm == "MD5" ? QCryptographicHash::Md5 : QCryptographicHash::Sha256;
        return QCryptographicHash::hash(text, algorithm).toHex();
    }

    QByteArray m_algorithm, m_password, m_nonce;
};

std::vector<std::uint32_t> decodeTimes(DecodeTimes& times, const std::vector<std::uint32_t>& shown)
{
    std::vector<std::uint32_t> decoded;
    for (const std::uint32_t at : shown)
        decoded.push_back(times.next(at));
    return decoded;
}

// Through RTP and back, every packet in a datagram of its own.
std::vector<SharedFrame> throughRtp(const TrackDescription& track, const std::vector<SharedFrame>& frames)
{
    std::vector<SharedFrame> received;
    ReceivedMedia media(track, [&received](const SharedFrame& frame) { received.push_back(frame); });
    std::uint16_t sequence = 65'530;
    for (const SharedFrame& frame : frames) {
        const Bytes payloads = rtpPayloadsOf(*frame);
        for (std::size_t at = 0; at < payloads.size();) {
            const PayloadAt piece = payloadAt(payloads, at);
            at = piece.next;
            const auto showAt = frame->timestampMs() + static_cast<std::uint32_t>(frame->compositionOffsetMs());
            const auto timestamp =
                static_cast<std::uint32_t>(std::uint64_t{showAt} * static_cast<std::uint64_t>(track.clockRate) / 1000);
            const bool isMarked = at == payloads.size() && !frame->isSequenceHeader();
            Bytes packet(rtpHeaderSize);
            writeRtpHeader(packet, {isMarked, static_cast<std::uint8_t>(track.payloadType), sequence++, timestamp, 7});
            appendView(packet, piece.payload);
            media.takeRtp(packet, start, Duration(1000));
        }
    }
    return received;
}

SharedFrame picture(const Bytes& head, std::uint32_t at, std::uint8_t type, std::size_t size)
{
    Bytes body = head;
    appendU32(body, static_cast<std::uint32_t>(size));
    body.push_back(type);
    body.push_back(1);
    body.resize(body.size() + size - 2, static_cast<std::uint8_t>(at));
    return makeFrame(FrameKind::Video, at, std::move(body));
}

}  // namespace

class RtspPartsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void messagesComeInPieces()
    {
        const std::string all = "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n\r\n"
                                "ANNOUNCE rtsp://host/live RTSP/1.0\r\nCSEQ: 2\r\nContent-Length: 3\r\n\r\nv=0" +
                                std::string("$\x02\0\x03xyz", 7) + "PLAY rtsp://host/live RTSP/2.0\r\n\r\n";
        MessageReader reader;
        std::vector<std::string> seen;
        for (const char c : all) {
            reader.append(viewOf(std::string_view(&c, 1)));
            for (auto state = reader.next(); state != MessageReader::State::NeedsMore; state = reader.next()) {
                if (state == MessageReader::State::HasPacket) {
                    seen.push_back(std::to_string(reader.channel()) + std::string(textOf(reader.packet())));
                } else {
                    QVERIFY(state == MessageReader::State::HasRequest);
                    seen.push_back(reader.request().method + reader.request().body);
                }
            }
        }
        QCOMPARE(seen.size(), std::size_t(4));
        QCOMPARE(seen[1], std::string("ANNOUNCEv=0"));
        QCOMPARE(seen[2], std::string("2xyz"));
        QVERIFY(!reader.request().isVersion1);
        const auto target = parseTarget("rtsp://u:p@host:8554/live/a%20b/?token=x");
        QVERIFY(target == (Target{"rtsp://host:8554", "live/a b", "token=x"}));
        QVERIFY(!parseTarget("http://host/live") && !parseTarget("rtsp:///live") && !parseTarget("live"));
    }

    void proofsHoldOnceAndForATime()
    {
        using Verdict = Digest::Verdict;
        const Login login{"ann", "open sesame"};
        const QByteArray url = "rtsp://host/live/show";
        const auto check = [&](Digest& digest, const std::string& proof, MonotonicTime now, const char* method) {
            return digest.check(proof, method, url.toStdString(), login, now);
        };
        for (const char* const algorithm : {"MD5", "SHA-256"}) {
            Digest digest;
            Client client(algorithm, "open sesame");
            QVERIFY(check(digest, "", start, "DESCRIBE") == Verdict::Missing);
            client.take(digest.challenge(Verdict::Missing, start));
            QVERIFY(check(digest, client.prove("DESCRIBE", url, 1), start, "DESCRIBE") == Verdict::Holds);
            QVERIFY(check(digest, client.prove("DESCRIBE", url, 1), start, "DESCRIBE") == Verdict::Stale);
            QVERIFY(check(digest, client.prove("DESCRIBE", url, 2), start, "PLAY") == Verdict::Wrong);
            QVERIFY(check(digest, client.prove("PLAY", "rtsp://host/live/other", 2), start, "PLAY") == Verdict::Wrong);
            QVERIFY(check(digest, client.prove("PLAY", url, 3), start + Duration(300'001), "PLAY") == Verdict::Stale);
            QVERIFY(check(digest, client.prove("PLAY", url, 4), start, "PLAY") == Verdict::Holds);
            Client wrong(algorithm, "open says me");
            wrong.take(digest.challenge(Verdict::Stale, start));
            QVERIFY(check(digest, wrong.prove("PLAY", url, 1), start, "PLAY") == Verdict::Wrong);
            QVERIFY(check(digest, client.prove("PLAY", url, 5), start, "PLAY") == Verdict::Stale);  // of another nonce
            // As RFC 2069 has it, without a counter.
            client.take(digest.challenge(Verdict::Missing, start));
            QVERIFY(check(digest, client.prove("PLAY", url, 0), start, "PLAY") == Verdict::Holds);
        }
        Digest digest;
        QVERIFY(digest.challenge(Verdict::Stale, start).find("stale=true") != std::string::npos);
        QVERIFY(readBasic("Basic YW5uOnA6dw==") == (Login{"ann", "p:w"}));
        QVERIFY(!readBasic("Basic !") && !readBasic("Bearer YW5uOnA6dw=="));
    }

    void transportsAreChosen()
    {
        QVERIFY(chooseTransport("RTP/AVP/TCP;unicast;interleaved=2-3") == (TransportWish{true, std::pair(2, 3)}));
        QVERIFY(chooseTransport("rtp/avp/tcp") == (TransportWish{true, std::nullopt}));
        QVERIFY(chooseTransport("RTP/AVP;unicast;client_port=5000") == (TransportWish{false, std::pair(5000, 5001)}));
        QVERIFY(chooseTransport("RTP/SAVP;unicast, RTP/AVP;multicast;client_port=1-2,RTP/AVP/UDP;client_port=6-7") ==
                (TransportWish{false, std::pair(6, 7)}));
        for (const char* const wrong :
             {"", "RTP/AVP;unicast", "RTP/AVP;client_port=0-1", "RTP/AVP;client_port=70000-70001",
              "RTP/AVP/TCP;interleaved=300-301", "RTP/AVP/TCP;interleaved=3-3", "RTP/AVP;client_port=5-x"})
            QVERIFY2(!chooseTransport(wrong), wrong);
        auto pair = UdpPair::open("127.0.0.1", "127.0.0.1", {40'000, 40'001});
        QVERIFY(pair && (*pair)->port() % 2 == 0);
    }

    void whatIsDescribedCanBeAnnounced()
    {
        GopCache cache;
        cache.add(videoHeader());
        cache.add(audioHeader());
        auto tracks = playableTracks(cache);
        QCOMPARE(tracks.size(), std::size_t(2));
        const std::string sdp = describe(tracks, "rtsp://host/live/show", "live/show");
        QVERIFY(sdp.find(
                    "profile-level-id=64001E;sprop-parameter-sets=Z2QAHqzZQKAv+XARAAADAAEAAAMAMg8WLZY=,aOvjyyLA\r\n") !=
                std::string::npos);
        QVERIFY(sdp.find("a=rtpmap:97 mpeg4-generic/48000/2\r\n") != std::string::npos);
        const auto read = readAnnounced(sdp);
        QVERIFY(read && *read == tracks);
        QCOMPARE((*read)[1].control, std::string("rtsp://host/live/show/trackID=1"));
    }

    void picturesAreDecodedInOrder()
    {
        DecodeTimes known;
        known.setDepth(2);
        const std::vector<std::uint32_t> shown{1000, 1160, 1080, 1040, 1120, 1320, 1240, 1200, 1280};
        QCOMPARE(decodeTimes(known, shown),
                 (std::vector<std::uint32_t>{934, 967, 1000, 1040, 1080, 1120, 1160, 1200, 1240}));
        DecodeTimes unknown;
        const auto found = decodeTimes(unknown, shown);
        for (std::size_t i = 1; i < found.size(); ++i)
            QVERIFY(found[i] > found[i - 1]);
        QCOMPARE(found.back(), 1240u);
        // Over the end of 32 bits, and where a clock jumps.
        DecodeTimes simple;
        QCOMPARE(decodeTimes(simple, {0xFFFFFFF0, 0x18, 0x40, 100'000, 5}),
                 (std::vector<std::uint32_t>{0xFFFFFFF0, 0x18, 0x40, 100'000, 5}));
    }

    void framesComeThroughRtpAsTheyWere()
    {
        TrackDescription avc;
        const Bytes key{0x17, 1, 0, 0, 0}, inter{0x27, 1, 0, 0, 80};
        const auto pictures =
            throughRtp(avc, {videoHeader(), picture(key, 0, 0x65, 9000), picture(inter, 40, 0x41, 5)});
        QCOMPARE(pictures.size(), std::size_t(3));
        // All but the time between decoding and showing, for which the sets leave room.
        const Bytes sent = picture(key, 0, 0x65, 9000)->body();
        const Bytes& came = pictures[1]->body();
        QVERIFY(pictures[1]->isKeyFrame() && std::equal(came.begin() + 5, came.end(), sent.begin() + 5, sent.end()));
        QCOMPARE(pictures[1]->compositionOffsetMs(), 66);
        QCOMPARE(pictures[2]->timestampMs() + static_cast<std::uint32_t>(pictures[2]->compositionOffsetMs()), 1120u);

        TrackDescription aac;
        aac.codec = ts::Codec::Aac;
        aac.clockRate = 48'000;
        aac.configuration = {0x11, 0x90};
        Bytes large{0xAF, 1};
        large.resize(4000, 9);
        const auto sound = throughRtp(aac, {audioFrame(0), makeFrame(FrameKind::Audio, 20, large), audioFrame(40)});
        QCOMPARE(sound.size(), std::size_t(4));
        QVERIFY(sound[0]->body() == audioHeader()->body());
        QVERIFY(sound[1]->body() == audioFrame(0)->body() && sound[2]->body() == large);
        QCOMPARE(sound[3]->timestampMs(), 1040u);

        // Sets that are told in SDP alone.
        TrackDescription told;
        told.sets = {Bytes{0x67, 0x42, 0, 0x1E, 0xAC}, Bytes{0x68, 0xCE, 0x3C}};
        const auto begun = throughRtp(told, {picture(key, 0, 0x65, 100)});
        QVERIFY(begun.size() == 2 && begun[0]->isSequenceHeader() && begun[1]->timestampMs() == 1000);
    }
};

QTEST_GUILESS_MAIN(RtspPartsTest)
#include "rtsp_parts_test.moc"
