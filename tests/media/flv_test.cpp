#include "core/base/random.h"
#include "core/media/flv/flv_tag.h"
#include "core/media/flv/tag_body.h"
#include "core/media/flv/track_format.h"
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
        QCOMPARE(formatOfAudio(audioHeader()->body()).sampleRate, 48'000);
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

    void everyPacketTypeIsDescribed()
    {
        const auto video = [](Bytes body) { return describeVideoBody(body); };
        // Without composition time; the end; colours; AV1 in MPEG-2 TS form; a command has no codec.
        QVERIFY(video({0x93, 'h', 'v', 'c', '1', 7}).isKeyFrame);
        QCOMPARE(video({0x93, 'h', 'v', 'c', '1', 7}).headerSize, std::size_t{5});
        QVERIFY(!video({0x92, 'h', 'v', 'c', '1'}).isKeyFrame);
        QVERIFY(!video({0x92, 'h', 'v', 'c', '1'}).isCodedFrame);
        QVERIFY(video({0x94, 'h', 'v', 'c', '1', 2}).isVideoMetadata);
        QVERIFY(!video({0x94, 'h', 'v', 'c', '1', 2}).isKeyFrame);
        QVERIFY(video({0x95, 'a', 'v', '0', '1', 1}).isSequenceHeader);
        QVERIFY(video({0xD1, 0}).codec.empty());
        QVERIFY(video({0x91, 'a', 'v', 'c', '1', 0xFF, 0xFF, 0xD8}).compositionOffsetMs == -40);
        QVERIFY(video({0xA1, 'v', 'p', '0', '9', 1}).codec == "VP9");
        QVERIFY(!video({0xA1, 'v', 'p', '0', '9', 1}).isKeyFrame);
        const std::pair<const char*, const char*> codecs[] = {
            {"mp4a", "AAC"}, {"Opus", "Opus"}, {".mp3", "MP3"}, {"fLaC", "FLAC"}};
        for (const auto& [code, name] : codecs) {
            Bytes body{0x91};
            appendView(body, viewOf(code));
            QCOMPARE(describeAudioBody(body).codec, std::string_view(name));
            QVERIFY(!describeAudioBody(body).isSequenceHeader);
            QCOMPARE(describeAudioBody(body).headerSize, std::size_t{5});
        }
    }

    void extensionsAreTakenBeforeTheType()
    {
        const Bytes offset{0x97, 2, 0x01, 0x86, 0xA0, 0x01, 'h', 'v', 'c', '1', 0, 0, 40, 9};
        const BodyDescription key = describeVideoBody(offset);
        QVERIFY(key.isKeyFrame);
        QCOMPARE(key.nanosecondOffset, 100'000u);
        QCOMPARE(key.compositionOffsetMs, 40);
        QCOMPARE(key.headerSize, std::size_t{13});
        Bytes large{0x97, 0xFF, 0x01, 0x00};  // of 257 bytes, of an unknown kind
        large.resize(large.size() + 257);
        appendView(large, Bytes{0xF3, 'a', 'v', '0', '1'});
        QVERIFY(describeVideoBody(large).isKeyFrame);
        QVERIFY(describeVideoBody(large).codec == "AV1");
        const Bytes sound{0x97, 2, 0, 0, 1, 0x00, 'O', 'p', 'u', 's'};
        QVERIFY(describeAudioBody(sound).isSequenceHeader);
        QVERIFY(describeVideoBody(Bytes{0x97, 200, 1, 2}).codec.empty());
    }

    void tracksAreTold()
    {
        const BodyDescription first = describeVideoBody(Bytes{0x96, 0x01, 'h', 'v', 'c', '1', 0, 0, 0, 40});
        QVERIFY(first.isMultitrack && first.isKeyFrame);
        QCOMPARE(first.compositionOffsetMs, 40);
        const BodyDescription second = describeVideoBody(Bytes{0x96, 0x01, 'a', 'v', 'c', '1', 1, 0, 0, 0});
        QCOMPARE(int(second.track), 1);
        QVERIFY(second.isKeyFrame);
        const BodyDescription many = describeVideoBody(Bytes{0x96, 0x20, 'a', 'v', '0', '1', 0, 0, 0, 1, 9});
        QVERIFY(many.isSequenceHeader);
        QCOMPARE(many.headerSize, std::size_t{10});
        QCOMPARE(many.payloadSize, std::size_t{1});
        const Bytes secondFirst{0x96, 0x21, 'a', 'v', 'c', '1', 1, 0, 0, 4, 0,  0, 0, 7,
                                'h',  'v',  'c', '1', 0,   0,   0, 5, 0, 0, 40, 8, 9};
        const BodyDescription chosen = describeVideoBody(secondFirst);
        QVERIFY(chosen.codec == "HEVC" && chosen.isKeyFrame && chosen.isCodedFrame);
        QCOMPARE(int(chosen.track), 0);
        QCOMPARE(chosen.compositionOffsetMs, 40);
        QCOMPARE(chosen.headerSize, std::size_t{25});
        QCOMPARE(chosen.payloadSize, std::size_t{2});
        const BodyDescription sound = describeAudioBody(Bytes{0x95, 0x00, 'O', 'p', 'u', 's', 3});
        QVERIFY(sound.isSequenceHeader && sound.isMultitrack);
        QCOMPARE(int(sound.track), 3);
    }

    void truncatedEnhancedBodiesAreOrdinaryFrames()
    {
        const Bytes whole{0x97, 2, 0x01, 0x86, 0xA0, 0x06, 0x11, 'h', 'v', 'c', '1', 0, 0, 0, 9, 0, 0, 40};
        QVERIFY(describeVideoBody(whole).isKeyFrame);
        for (std::size_t size = 0; size < whole.size(); ++size) {
            QVERIFY(!describeVideoBody(ByteView(whole).first(size)).isKeyFrame);
            QVERIFY(describeVideoBody(ByteView(whole).first(size)).codec.empty());
        }
        Random random(13);
        for (int i = 0; i < 20'000; ++i) {
            Bytes broken = whole;
            for (std::uint64_t flips = random.below(6) + 1; flips > 0; --flips)
                broken[random.below(broken.size())] ^= static_cast<std::uint8_t>(1u << random.below(8));
            broken.resize(random.below(broken.size() + 1));
            for (const BodyDescription& any : {describeVideoBody(broken), describeAudioBody(broken)})
                QVERIFY(any.headerSize + any.payloadSize <= broken.size());
        }
    }

    void pictureSizesAreRead()
    {
        QVERIFY((formatOfVideoHeader(videoHeader()->body()).size == PictureSize{640, 360}));
        QVERIFY((formatOfVideoHeader(hevcHeader()).size == PictureSize{640, 360}));
        QVERIFY((pictureSizeOfMetadata(metadata()->body()) == PictureSize{640, 360}));
        QVERIFY((pictureSizeOfMetadata(viewOf(std::string_view("\0\x05width\0\x40", 9))) == PictureSize{}));
    }

    void brokenBodiesNeverCrash()
    {
        Random random(11);
        for (int i = 0; i < 20'000; ++i) {
            Bytes body = i % 2 == 0 ? videoHeader()->body() : hevcHeader();
            for (std::uint64_t flips = random.below(8) + 1; flips > 0; --flips)
                body[random.below(body.size())] ^= static_cast<std::uint8_t>(1u << random.below(8));
            body.resize(random.below(body.size() + 1));
            const PictureSize size = formatOfVideoHeader(body).size;
            QVERIFY(size.width >= 0 && size.width <= 65'536 && size.height >= 0 && size.height <= 65'536);
            describeAudioBody(body);
        }
    }
};

QTEST_GUILESS_MAIN(FlvTest)
#include "flv_test.moc"
