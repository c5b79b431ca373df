#include "core/media/rtp/picture_assembler.h"
#include "core/media/rtp/received_packet.h"
#include "core/media/rtp/received_track.h"
#include "core/media/webrtc/arrival_report.h"
#include "tests/media/support/frames.h"

#include <QTest>

using namespace headgate;
using namespace headgate::tests;
using namespace headgate::webrtc;

namespace {

constexpr MonotonicTime start{Duration(1000)};

RtpHeader numbered(std::uint16_t sequence, std::uint32_t timestamp = 0)
{
    return {false, 96, sequence, timestamp, 7};
}

std::vector<int> firstBytes(ReorderBuffer& buffer, MonotonicTime now)
{
    std::vector<int> bytes;
    while (const auto packet = buffer.next(now))
        bytes.push_back(packet->payload[0] + (packet->followsGap ? 100 : 0));
    return bytes;
}

}  // namespace

class ReceivedMediaTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void packetsComeInOrderAlsoOverTheWrapAround()
    {
        ReorderBuffer buffer;
        for (const int sequence : {65'534, 0, 65'535, 0, 1})
            buffer.add(numbered(static_cast<std::uint16_t>(sequence)), Bytes{static_cast<std::uint8_t>(sequence + 3)},
                       start);
        QCOMPARE(firstBytes(buffer, start), (std::vector<int>{1, 2, 3, 4}));
        QCOMPARE(buffer.received(), std::uint64_t(4));
        QCOMPARE(buffer.expected(), std::uint64_t(4));
    }

    void missingOnesAreAskedForAndThenGivenUp()
    {
        ReorderBuffer buffer;
        for (const int sequence : {10, 12, 14})
            buffer.add(numbered(static_cast<std::uint16_t>(sequence)), Bytes{static_cast<std::uint8_t>(sequence)},
                       start);
        QCOMPARE(firstBytes(buffer, start), (std::vector<int>{10}));
        QCOMPARE(buffer.missing(start), (std::vector<std::uint16_t>{11, 13}));
        QVERIFY(buffer.missing(start + Duration(39)).empty());
        buffer.add(numbered(11), Bytes{11}, start + Duration(40));
        QCOMPARE(buffer.missing(start + Duration(40)), (std::vector<std::uint16_t>{13}));
        QCOMPARE(firstBytes(buffer, start + Duration(40)), (std::vector<int>{11, 12}));
        QVERIFY(firstBytes(buffer, start + Duration(299)).empty());
        QCOMPARE(firstBytes(buffer, start + Duration(300)), (std::vector<int>{114}));
        QVERIFY(buffer.missing(start + Duration(400)).empty());
    }

    // What is packetized is put together again, and a lost packet costs the pictures up to the next key frame.
    void picturesArePutTogether()
    {
        const auto send = [](PictureAssembler& assembler, const SharedFrame& header, const SharedFrame& frame,
                             std::uint32_t timestamp, int lost) {
            std::vector<PictureAssembler::Picture> pictures;
            Bytes payloads = header ? rtpPayloadsOf(*header) : Bytes();
            appendView(payloads, rtpPayloadsOf(*frame));
            int index = 0;
            for (std::size_t at = 0; at < payloads.size(); ++index) {
                const PayloadAt piece = payloadAt(payloads, at);
                at = piece.next;
                if (index == lost)
                    continue;
                auto picture = assembler.add({timestamp, at == payloads.size(), lost >= 0 && index == lost + 1,
                                              Bytes(piece.payload.begin(), piece.payload.end())});
                if (picture)
                    pictures.push_back(std::move(*picture));
            }
            return pictures;
        };
        const auto unit = [](std::uint8_t type, std::uint8_t tag) {
            Bytes body{static_cast<std::uint8_t>(type == 0x65 ? 0x17 : 0x27), 1, 0, 0, 0};
            appendU32(body, 4000);
            body.push_back(type);
            body.resize(body.size() + 3999, tag);
            return makeFrame(FrameKind::Video, 0, body);
        };
        PictureAssembler assembler;
        QVERIFY(send(assembler, nullptr, unit(0x41, 1), 1, -1).empty());  // before any key frame
        auto first = send(assembler, videoHeader(), unit(0x65, 2), 2, -1);
        QCOMPARE(first.size(), std::size_t(1));
        QVERIFY(first[0].body == unit(0x65, 2)->body());
        // As the encoder's, but for what comes behind the sets in high profile.
        QVERIFY(std::equal(first[0].header.begin(), first[0].header.end(), videoHeader()->body().begin()));
        const auto second = send(assembler, nullptr, unit(0x41, 3), 3, -1);
        QVERIFY(second.size() == 1 && second[0].header.empty() && second[0].body == unit(0x41, 3)->body());
        QVERIFY(send(assembler, nullptr, unit(0x41, 4), 4, 1).empty());
        QVERIFY(assembler.needsKeyFrame());
        QVERIFY(send(assembler, nullptr, unit(0x41, 5), 5, -1).empty());
        QCOMPARE(send(assembler, videoHeader(), unit(0x65, 6), 6, -1).size(), std::size_t(1));
    }

    void extensionsAndPaddingAreTakenOff()
    {
        Bytes packet{0xB0, 0xE0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 7, 0xBE, 0xDE, 0, 2};
        appendView(packet, Bytes{0x10, 5, 0x31, 0x12, 0x34, 0, 0, 0, 'a', 'b', 0, 0, 3});
        const auto received = readRtp(packet, 3);
        QVERIFY(received && received->transportSequence == 0x1234 && received->header.isMarked);
        QCOMPARE(std::string(textOf(received->payload)), std::string("ab"));
        for (std::size_t size = 0; size < 24; ++size)
            QVERIFY(!readRtp(ByteView(packet).first(size), 3));
    }

    void arrivalsAreToldAsTheDraftHasIt()
    {
        using std::chrono::microseconds;
        ArrivalReport arrivals;
        arrivals.add(100, microseconds(64'000 + 250));
        arrivals.add(101, microseconds(64'000 + 1250));
        arrivals.add(103, microseconds(64'000 + 101'250));
        const Bytes expected{0xAF, 205, 0, 6, 0, 0, 0,    1,    0, 0, 0,    7,    0, 100,
                             0,    4,   0, 0, 1, 0, 0xD4, 0x80, 1, 4, 0x01, 0x90, 0, 2};
        QCOMPARE(arrivals.take(7), expected);
        QVERIFY(arrivals.take(7).empty());
        arrivals.add(102, microseconds(300'000));  // it was told as lost
        QVERIFY(arrivals.take(7).empty());
    }

    void soundMovesToTheTimeOfThePictures()
    {
        ReceivedTrack video(videoClockRate);
        ReceivedTrack audio(audioClockRate);
        video.add(numbered(1, 90'000), Bytes{1}, start, Duration(0));
        audio.add({false, 111, 1, 48'000, 8}, Bytes{1}, start, Duration(200));
        QCOMPARE(video.mediaMs(90'000 + 900), 10u);
        QCOMPARE(audio.mediaMs(48'000 + 480), 210u);
        // Both were sampled at one instant, so they are at one time.
        const std::uint64_t instant = std::uint64_t{5} << 32;
        video.takeReport({7, instant, 90'000, 0, 0}, start);
        audio.takeReport({8, instant, 48'000, 0, 0}, start);
        audio.alignWith(video);
        QCOMPARE(audio.mediaMs(48'000 + 480), 10u);
        QCOMPARE(audio.makeReport(start).lastSenderReport, 5u << 16);
    }
};

QTEST_GUILESS_MAIN(ReceivedMediaTest)
#include "received_media_test.moc"
