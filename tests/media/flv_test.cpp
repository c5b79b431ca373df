#include "core/base/random.h"
#include "core/media/flv/flv_tag.h"
#include "core/media/flv/tag_body.h"
#include "tests/media/support/frames.h"

#include <QTest>

using namespace headgate;
using namespace headgate::tests;

namespace {

// The record of an HEVC stream of 640x360, main profile, in the enhanced form (sequence start, "hvc1").
Bytes hevcHeader()
{
    Bytes body{0x90, 'h', 'v', 'c', '1'};
    Bytes record{0x01, 0x01, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 0x3F, 0xF0, 0, 0xFC, 0xFD, 0xF8, 0xF8, 0, 0, 0x0F, 1};
    const Bytes parameterSet{0x42, 0x01, 0x01, 0x01, 0x60, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00,
                             0x00, 0x03, 0x00, 0x3F, 0xA0, 0x05, 0x02, 0x01, 0x69, 0x65, 0x95, 0x9A, 0x49, 0x32,
                             0xBC, 0x05, 0xA0, 0x20, 0x00, 0x00, 0x03, 0x00, 0x20, 0x00, 0x00, 0x03, 0x03, 0x21};
    appendU8(record, 33);
    appendU16(record, 1);
    appendU16(record, static_cast<std::uint32_t>(parameterSet.size()));
    appendView(record, parameterSet);
    appendView(body, record);
    return body;
}

}  // namespace

class FlvTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tagsComeBackAsTheyWent()
    {
        Random random(3);
        Bytes bytes;
        std::vector<FlvTag> sent;
        appendFlvFileHeader(bytes);
        for (int i = 0; i < 200; ++i) {
            const TagType types[] = {TagType::Audio, TagType::Video, TagType::Script};
            sent.push_back(FlvTag{types[random.below(3)], static_cast<std::uint32_t>(random.next()),
                                  Bytes(random.below(700), static_cast<std::uint8_t>(i))});
            appendFlvTag(bytes, sent.back().type, sent.back().timestampMs, sent.back().body);
        }
        FlvReader reader;
        std::vector<FlvTag> received;
        ByteView left = bytes;
        while (!left.empty()) {
            const std::size_t size = std::min<std::size_t>(left.size(), 1 + random.below(400));
            QVERIFY(reader.append(left.first(size)).has_value());
            left = left.subspan(size);
            while (auto tag = reader.next())
                received.push_back(std::move(*tag));
        }
        QVERIFY(received == sent);
    }

    void whatIsNoFlvIsRefused()
    {
        FlvReader reader;
        QVERIFY(!reader.append(viewOf("HTTP/1.1 200 OK")).has_value());
    }

    void classicBodiesAreDescribed()
    {
        QVERIFY(keyFrame(0)->isKeyFrame());
        QVERIFY(!keyFrame(0)->isSequenceHeader());
        QVERIFY(!interFrame(0)->isKeyFrame());
        QVERIFY(videoHeader()->isSequenceHeader());
        QVERIFY(!videoHeader()->isKeyFrame());
        QVERIFY(audioHeader()->isSequenceHeader());
        QVERIFY(!audioFrame(0)->isSequenceHeader());
        QVERIFY(metadata()->isMetadata());
        QCOMPARE(describeVideoBody(Bytes{0x27, 1, 0xFF, 0xFF, 0xD8}).compositionOffsetMs, -40);
        QVERIFY(describeAudioBody(audioHeader()->body()).codec == "AAC");
        QCOMPARE(samplingRateOf(audioHeader()->body()), 48'000);
    }

    void enhancedBodiesAreDescribed()
    {
        const BodyDescription header = describeVideoBody(hevcHeader());
        QVERIFY(header.isSequenceHeader);
        QVERIFY(header.codec == "HEVC");
        const BodyDescription key = describeVideoBody(Bytes{0x91, 'h', 'v', 'c', '1', 0, 0, 40, 1});
        QVERIFY(key.isKeyFrame);
        QCOMPARE(key.compositionOffsetMs, 40);
        QVERIFY(describeVideoBody(Bytes{0x93, 'a', 'v', '0', '1', 1}).codec == "AV1");
        QVERIFY(describeAudioBody(Bytes{0x90, 'O', 'p', 'u', 's'}).isSequenceHeader);
    }

    void pictureSizesAreRead()
    {
        QVERIFY((pictureSizeOf(videoHeader()->body()) == PictureSize{640, 360}));
        QVERIFY((pictureSizeOf(hevcHeader()) == PictureSize{640, 360}));
    }

    void brokenBodiesNeverCrash()
    {
        Random random(11);
        for (int i = 0; i < 20'000; ++i) {
            Bytes body = i % 2 == 0 ? videoHeader()->body() : hevcHeader();
            for (std::uint64_t flips = random.below(8) + 1; flips > 0; --flips)
                body[random.below(body.size())] ^= static_cast<std::uint8_t>(1u << random.below(8));
            body.resize(random.below(body.size() + 1));
            const PictureSize size = pictureSizeOf(body);
            QVERIFY(size.width >= 0 && size.width <= 65'536 && size.height >= 0 && size.height <= 65'536);
            describeAudioBody(body);
        }
    }
};

QTEST_GUILESS_MAIN(FlvTest)
#include "flv_test.moc"
