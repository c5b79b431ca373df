#include "core/base/random.h"
#include "core/media/preview/flv_demuxer.h"

#include <QTest>

#include <vector>

using namespace headgate;
using std::chrono::milliseconds;

namespace {

struct Tag
{
    TagType type;
    std::uint32_t timestampMs;
    Bytes body;
};

Bytes flvOf(const std::vector<Tag>& tags)
{
    Bytes flv;
    appendFlvFileHeader(flv);
    for (const Tag& tag : tags)
        appendFlvTag(flv, tag.type, tag.timestampMs, tag.body);
    return flv;
}

std::vector<CodedPacket> packetsOf(const std::vector<Tag>& tags)
{
    FlvDemuxer demuxer;
    std::vector<CodedPacket> packets;
    if (!demuxer.append(flvOf(tags)))
        return {};
    while (auto packet = demuxer.next())
        packets.push_back(std::move(*packet));
    return packets;
}

}  // namespace

class FlvDemuxerTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void classicBodiesBecomePackets()
    {
        const auto packets = packetsOf({{TagType::Script, 0, {2, 0, 1, 'x'}},
                                        {TagType::Video, 0, {0x17, 0, 0, 0, 0, 1, 0x64}},
                                        {TagType::Audio, 0, {0xAF, 0, 0x11, 0x90}},
                                        {TagType::Video, 40, {0x17, 1, 0, 0, 80, 7, 8}},
                                        {TagType::Audio, 43, {0xAF, 1, 5}},
                                        {TagType::Audio, 44, {0x2F, 0xFF, 0xFB}},
                                        {TagType::Video, 80, {0x17, 2, 0, 0, 0}}});
        QCOMPARE(packets.size(), std::size_t{5});
        QVERIFY(packets[0].codec == "H.264" && packets[0].isConfiguration && !packets[0].isKeyFrame);
        QVERIFY(packets[0].bytes == (Bytes{1, 0x64}));
        QVERIFY(packets[1].codec == "AAC" && packets[1].isConfiguration);
        QVERIFY(packets[1].kind == CodedPacket::Kind::Audio);
        QVERIFY(packets[2].isKeyFrame && !packets[2].isConfiguration);
        QCOMPARE(packets[2].decodingTime, milliseconds(40));
        QCOMPARE(packets[2].presentationTime, milliseconds(120));
        QVERIFY(packets[2].bytes == (Bytes{7, 8}));
        QVERIFY(packets[3].bytes == Bytes{5});
        QVERIFY(packets[4].codec == "MP3" && packets[4].bytes == (Bytes{0xFF, 0xFB}));
    }

    void enhancedBodiesBecomePackets()
    {
        const auto packets = packetsOf({{TagType::Video, 0, {0x90, 'a', 'v', '0', '1', 0x81, 4}},
                                        {TagType::Audio, 0, {0x90, 'O', 'p', 'u', 's', 'O', 'p'}},
                                        {TagType::Video, 0, {0x94, 'a', 'v', '0', '1', 2}},
                                        {TagType::Video, 10, {0x91, 'a', 'v', '0', '1', 0x12, 0}},
                                        {TagType::Video, 20, {0xA1, 'h', 'v', 'c', '1', 0, 0, 40, 6}},
                                        {TagType::Video, 30, {0xA3, 'h', 'v', 'c', '1', 7}},
                                        {TagType::Audio, 30, {0x94, 'O', 'p', 'u', 's', 1, 2}},
                                        {TagType::Audio, 30, {0x91, 'O', 'p', 'u', 's', 8}}});
        QCOMPARE(packets.size(), std::size_t{6});
        QVERIFY(packets[0].codec == "AV1" && packets[0].isConfiguration);
        QVERIFY(packets[1].codec == "Opus" && packets[1].isConfiguration);
        QVERIFY(packets[2].isKeyFrame && packets[2].bytes == (Bytes{0x12, 0}));
        QCOMPARE(packets[3].presentationTime - packets[3].decodingTime, milliseconds(40));
        QVERIFY(packets[3].bytes == Bytes{6});
        QVERIFY(packets[4].bytes == Bytes{7});
        QVERIFY(packets[5].kind == CodedPacket::Kind::Audio && packets[5].bytes == Bytes{8});
    }

    void onlyTheFirstOfSeveralTracksIsPlayed()
    {
        const auto packets =
            packetsOf({{TagType::Video, 0, {0x96, 0x01, 'v', 'p', '0', '9', 0, 5}},
                       {TagType::Video, 0, {0x96, 0x01, 'v', 'p', '0', '9', 1, 6}},
                       {TagType::Video, 9, {0x96, 0x11, 'v', 'p', '0', '9', 1, 0, 0, 1, 7, 0, 0, 0, 2, 8, 9}}});
        QCOMPARE(packets.size(), std::size_t{2});
        QVERIFY(packets[0].bytes == Bytes{5});
        QVERIFY(packets[1].bytes == (Bytes{8, 9}));
    }

    void timesGoOnWhereTheClockWrapsAround()
    {
        const auto frame = [](std::uint32_t timestampMs) {
            return Tag{TagType::Video, timestampMs, {0x27, 1, 0, 0, 0, 1}};
        };
        const auto packets = packetsOf({frame(0xFFFFFFD8), frame(0xFFFFFFF0), frame(8), frame(0xFFFFFFFE), frame(40)});
        QCOMPARE(packets.size(), std::size_t{5});
        const milliseconds first = packets[0].decodingTime;
        QCOMPARE(packets[1].decodingTime - first, milliseconds(24));
        QCOMPARE(packets[2].decodingTime - first, milliseconds(48));
        QCOMPARE(packets[3].decodingTime - first, milliseconds(38));
        QCOMPARE(packets[4].decodingTime - first, milliseconds(80));
    }

    void bytesMayComeInAnyPieces()
    {
        const Bytes flv = flvOf({{TagType::Video, 0, {0x17, 0, 0, 0, 0, 1}},
                                 {TagType::Video, 40, {0x17, 1, 0, 0, 0, 2}},
                                 {TagType::Audio, 41, {0xAF, 1, 5}}});
        FlvDemuxer demuxer;
        int packets = 0;
        for (const std::uint8_t byte : flv) {
            QVERIFY(demuxer.append(ByteView(&byte, 1)).has_value());
            while (demuxer.next())
                ++packets;
        }
        QCOMPARE(packets, 3);
    }

    void brokenTagsNeverCrash()
    {
        Random random(5);
        for (int i = 0; i < 2'000; ++i) {
            std::vector<Tag> tags;
            for (int tag = 0; tag < 4; ++tag) {
                Bytes body(random.below(24));
                for (std::uint8_t& byte : body)
                    byte = static_cast<std::uint8_t>(random.below(256));
                tags.push_back({tag % 2 == 0 ? TagType::Video : TagType::Audio, 0, body});
            }
            for (const CodedPacket& packet : packetsOf(tags))
                QVERIFY(!packet.bytes.empty());
        }
    }

    void whatIsNoFlvIsRefused()
    {
        FlvDemuxer demuxer;
        QVERIFY(!demuxer.append(viewOf("<html>not found</html>")).has_value());
    }
};

QTEST_GUILESS_MAIN(FlvDemuxerTest)
#include "flv_demuxer_test.moc"
