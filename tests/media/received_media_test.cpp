#include "core/media/flv/tag_body.h"
#include "core/media/rtp/arrival_report.h"
#include "core/media/rtp/open_codecs.h"
#include "core/media/rtp/picture_assembler.h"
#include "core/media/rtp/received_packet.h"
#include "core/media/rtp/received_track.h"
#include "tests/media/support/frames.h"

#include <QTest>

using namespace headgate;
using namespace headgate::tests;

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
        ReorderBuffer buffer(ReorderBuffer::Repair::Asked);
        for (const int sequence : {65'534, 0, 65'535, 0, 1})
            buffer.add(numbered(static_cast<std::uint16_t>(sequence)), Bytes{static_cast<std::uint8_t>(sequence + 3)},
                       start);
        QCOMPARE(firstBytes(buffer, start), (std::vector<int>{1, 2, 3, 4}));
        QCOMPARE(buffer.received(), std::uint64_t(4));
        QCOMPARE(buffer.expected(), std::uint64_t(4));
    }

    void missingOnesAreAskedForAndThenGivenUp()
    {
        ReorderBuffer buffer(ReorderBuffer::Repair::Asked);
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

    void whatIsNotAskedForIsNotWaitedForLong()
    {
        ReorderBuffer buffer(ReorderBuffer::Repair::None);
        for (const int sequence : {10, 12})
            buffer.add(numbered(static_cast<std::uint16_t>(sequence)), Bytes{static_cast<std::uint8_t>(sequence)},
                       start);
        QCOMPARE(firstBytes(buffer, start + Duration(59)), (std::vector<int>{10}));
        QCOMPARE(firstBytes(buffer, start + Duration(60)), (std::vector<int>{112}));
    }

    void whereAnswersTakeLongOneWaitsLonger()
    {
        ReorderBuffer buffer(ReorderBuffer::Repair::Asked);
        for (const int sequence : {10, 12, 14})
            buffer.add(numbered(static_cast<std::uint16_t>(sequence)), Bytes{static_cast<std::uint8_t>(sequence)},
                       start);
        QCOMPARE(buffer.missing(start).size(), std::size_t(2));
        buffer.add(numbered(11), Bytes{11}, start + Duration(200));
        QVERIFY(buffer.missing(start + Duration(199)).empty());
        QCOMPARE(buffer.missing(start + Duration(200)), (std::vector<std::uint16_t>{13}));
        QCOMPARE(firstBytes(buffer, start + Duration(839)), (std::vector<int>{10, 11, 12}));
        QCOMPARE(firstBytes(buffer, start + Duration(840)), (std::vector<int>{114}));
    }

    // A wish that got lost does not make the next ones wait.
    void answersAreOfTheWishesThatTheyFollow()
    {
        ReorderBuffer buffer(ReorderBuffer::Repair::Asked);
        std::uint16_t sequence = 10;
        buffer.add(numbered(sequence), Bytes{0}, start);
        MonotonicTime now = start;
        // One is missing, is asked for at those times, and comes; then the next one is, and how long it takes to be
        // asked for again is told.
        const auto periodAfter = [&](std::vector<int> wishes, int answer) {
            const auto asks = [&](Duration at) { return !buffer.missing(now + at).empty(); };
            buffer.add(numbered(static_cast<std::uint16_t>(sequence + 2)), Bytes{0}, now);
            bool wereMade = true;
            for (const int at : wishes)
                wereMade = asks(Duration(at)) && wereMade;
            buffer.add(numbered(static_cast<std::uint16_t>(sequence + 1)), Bytes{0}, now + Duration(answer));
            now += Duration(answer);
            sequence = static_cast<std::uint16_t>(sequence + 4);
            buffer.add(numbered(sequence), Bytes{0}, now);
            int period = wereMade && asks(Duration(0)) ? 1 : -1000;
            while (!asks(Duration(period)))
                ++period;
            buffer.add(numbered(static_cast<std::uint16_t>(sequence - 1)), Bytes{0}, now + Duration(2 * period));
            now += Duration(2 * period);
            (void)firstBytes(buffer, now);
            return period;
        };
        QCOMPARE(periodAfter({0, 40, 80}, 100), 100);  // of the first, before anything is known
        QCOMPARE(periodAfter({0, 100}, 200), 100);     // the first got lost
        QCOMPARE(periodAfter({0, 100}, 130), 130);     // it did not, and takes longer now
        QCOMPARE(periodAfter({0}, 20), 127);           // it was not lost, but overtaken
    }

    void picturesOfOtherCodecsArePutTogether_data()
    {
        QTest::addColumn<QByteArray>("fourCc");
        QTest::addColumn<QByteArray>("key");
        QTest::addColumn<QByteArray>("other");
        QTest::addColumn<QByteArray>("record");
        const QByteArray much(3000, 'p');
        QTest::newRow("VP8") << QByteArray("vp08") << QByteArray("\x10") + much << QByteArray("\x11") + much
                             << QByteArray::fromHex("0000820202020000");
        QTest::newRow("VP9") << QByteArray("vp09") << QByteArray("\x82") + much << QByteArray("\x86") + much
                             << QByteArray::fromHex("0000820202020000");
        // A sequence header and a frame with an extension; a frame alone. 3000 is B8 17, 3001 is B9 17.
        const QByteArray sequence = QByteArray::fromHex("0a0600000024cf7f");
        QTest::newRow("AV1") << QByteArray("av01") << sequence + QByteArray::fromHex("3608b917") + "q" + much
                             << QByteArray::fromHex("32b817") + much << QByteArray::fromHex("81040c00") + sequence;
    }

    void picturesOfOtherCodecsArePutTogether()
    {
        QFETCH(QByteArray, fourCc);
        QFETCH(QByteArray, key);
        QFETCH(QByteArray, other);
        QFETCH(QByteArray, record);
        const auto body = [&fourCc](int first, const QByteArray& content) {
            const QByteArray bytes = QByteArray(1, static_cast<char>(first)) + fourCc + content;
            return Bytes(bytes.begin(), bytes.end());
        };
        const OpenCodec* const codec = openCodecOf(describeVideoBody(body(0x91, key)).codec);
        QVERIFY(codec != nullptr);
        OpenPictureAssembler assembler(*codec);
        std::uint32_t timestamp = 0;
        const auto send = [&](const Bytes& frame, int lost) {
            std::vector<PictureAssembler::Picture> pictures;
            const Bytes payloads = rtpPayloadsOf(*makeFrame(FrameKind::Video, 0, frame));
            int index = 0;
            ++timestamp;
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
        QVERIFY(send(body(0xA1, other), -1).empty());
        const auto first = send(body(0x91, key), -1);
        QCOMPARE(first.size(), std::size_t(1));
        QVERIFY(first[0].body == body(0x91, key));
        QCOMPARE(QByteArray(reinterpret_cast<const char*>(first[0].header.data()), int(first[0].header.size())).toHex(),
                 (QByteArray("\x90") + fourCc + record).toHex());
        const auto second = send(body(0xA1, other), -1);
        QVERIFY(second.size() == 1 && second[0].header.empty() && second[0].body == body(0xA1, other));
        for (const int lost : {0, 1}) {
            QVERIFY(send(body(0xA1, other), lost).empty());
            QVERIFY(assembler.needsKeyFrame());
            QVERIFY(send(body(0xA1, other), -1).empty());
            QCOMPARE(send(body(0x91, key), -1).size(), std::size_t(1));
        }
    }

    // As libvpx packs them in browsers, with numbers of pictures and layers.
    void descriptorsOfBrowsersAreTakenOff()
    {
        OpenPictureAssembler vp8(*openCodecOf("vp8"));
        const auto key = vp8.add({1, true, false, Bytes{0x90, 0xF0, 0x80, 0x01, 0x05, 0x20, 0x10, 'a'}});
        QVERIFY(key && key->body == (Bytes{0x91, 'v', 'p', '0', '8', 0x10, 'a'}));
        OpenPictureAssembler vp9(*openCodecOf("vp9"));
        // Number, layers, and a structure with one size and one group.
        QVERIFY(!vp9.add(
            {1, false, false, Bytes{0xAA, 0x80, 0x01, 0x00, 0x05, 0x18, 1, 64, 0, 36, 1, 0x04, 1, 0x82, 'a'}}));
        const auto picture = vp9.add({1, true, false, Bytes{0xA4, 0x80, 0x01, 0x00, 0x05, 'b'}});
        QVERIFY(picture && picture->body == (Bytes{0x91, 'v', 'p', '0', '9', 0x82, 'a', 'b'}));
        OpenPictureAssembler av1(*openCodecOf("av1"));
        // Two elements, the second of which goes on in the next packet.
        QVERIFY(!av1.add({1, false, false, Bytes{0x68, 0x05, 0x08, 0, 0, 0, 0x20, 0x30, 'a'}}));
        const auto unit = av1.add({1, true, false, Bytes{0x90, 'b'}});
        QVERIFY(unit && unit->body == (Bytes{0x91, 'a', 'v', '0', '1', 0x0A, 4, 0, 0, 0, 0x20, 0x32, 2, 'a', 'b'}));
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
        // It was told as lost; what follows it is told once more.
        arrivals.add(102, microseconds(300'000));
        arrivals.add(102, microseconds(310'000));
        const Bytes late = arrivals.take(7);
        ByteReader reader(late);
        reader.take(12);
        const auto told = readArrivals(reader);
        QCOMPARE(told.size(), std::size_t(2));
        QCOMPARE(told[0].sequence, std::uint16_t(102));
        QCOMPARE(told[0].atUs.value_or(0), std::int64_t(300'000));
        QCOMPARE(told[1].atUs.value_or(0), std::int64_t(64'000 + 101'250));
        QVERIFY(arrivals.take(7).empty());
    }

    void soundMovesToTheTimeOfThePictures()
    {
        ReceivedTrack video(videoClockRate, ReorderBuffer::Repair::Asked);
        ReceivedTrack audio(audioClockRate, ReorderBuffer::Repair::None);
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
