#include "core/base/random.h"
#include "core/media/flv/open_codecs.h"
#include "core/media/flv/track_format.h"
#include "tests/media/support/frames.h"

#include <QByteArray>
#include <QTest>

using namespace headgate;
using namespace headgate::tests;

namespace {

Bytes hex(const char* text)
{
    const QByteArray bytes = QByteArray::fromHex(text);
    return Bytes(bytes.begin(), bytes.end());
}

// An enhanced sequence header: the FourCC and the record.
Bytes enhanced(const char* fourCc, const Bytes& record, std::uint32_t first = 0x90)
{
    Bytes body;
    appendU8(body, first);
    appendView(body, viewOf(fourCc));
    appendView(body, record);
    return body;
}

TrackFormat aac(const char* configuration)
{
    Bytes body{0xAF, 0};
    appendView(body, hex(configuration));
    return formatOfAudio(body);
}

}  // namespace

// Records as encoders wrote them; what they mean is what ffprobe says of the same files.
class TrackFormatTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void h264ProfilesAreNamedWithTheirLevel()
    {
        QVERIFY((formatOfVideoHeader(videoHeader()->body()) == TrackFormat{"High 3.0", {640, 360}, 0, 0}));
        const auto profileOf = [](const char* start) {
            Bytes body{0x17, 0, 0, 0, 0};
            appendView(body, hex(start));
            return formatOfVideoHeader(body).profile;
        };
        QCOMPARE(profileOf("0142c01f"), std::string("Constrained Baseline 3.1"));
        QCOMPARE(profileOf("0142000b"), std::string("Baseline 1.1"));
        QCOMPARE(profileOf("014d100b"), std::string("Main 1b"));
        QCOMPARE(profileOf("01f40034"), std::string("High 4:4:4 Predictive 5.2"));
        QCOMPARE(profileOf("01070028"), std::string("Profile 7 4.0"));
        QCOMPARE(profileOf("0142"), std::string());
    }

    void hevcProfilesAreNamedWithTheirTier()
    {
        const Bytes record = hex("0102200000009000000000003cf000fcfdfafa00000f00");
        QCOMPARE(formatOfVideoHeader(enhanced("hvc1", record)).profile, std::string("Main 10 2.0"));
        Bytes high = record;
        high[1] = 0x21;
        high[12] = 123;
        QCOMPARE(formatOfVideoHeader(enhanced("hvc1", high)).profile, std::string("Main 4.1 High tier"));
    }

    void av1TellsItsSizeInRecordAndKeyFrame()
    {
        const Bytes record = hex("812000000a0d200000043cf6ccdaf92021a004");
        QVERIFY((formatOfVideoHeader(enhanced("av01", record)) == TrackFormat{"High 2.0", {318, 180}, 0, 0}));
        // Without the header in the record the key frame has it, behind a temporal delimiter.
        QVERIFY((formatOfVideoHeader(enhanced("av01", hex("81200000"))) == TrackFormat{"High 2.0", {}, 0, 0}));
        const Bytes keyFrameBody = enhanced("av01", hex("12000a0d200000043cf6ccdaf92021a004"), 0x91);
        QVERIFY((sizeOfKeyFrame(keyFrameBody) == PictureSize{318, 180}));
    }

    void vp9TellsItsSizeInTheKeyFrame()
    {
        for (const char* record : {"01000000010b870202000000", "010b870202020000"})
            QCOMPARE(formatOfVideoHeader(enhanced("vp09", hex(record))).profile, std::string("Profile 1 1.1"));
        const Bytes frame = hex("a2498342e013d00b3610");
        QVERIFY((sizeOfKeyFrame(enhanced("vp09", frame, 0x91)) == PictureSize{318, 180}));
        QVERIFY(sizeOfKeyFrame(enhanced("vp09", frame, 0xA1)) == PictureSize{});  // no key frame
        QVERIFY(sizeOfVp9Frame(hex("a2498342e013d0")) == PictureSize{});
    }

    void audioTellsRateAndChannels()
    {
        QVERIFY((aac("1190") == TrackFormat{"LC", {}, 48'000, 2}));
        QVERIFY((aac("1208") == TrackFormat{"LC", {}, 44'100, 1}));
        QVERIFY((aac("2b920800") == TrackFormat{"HE-AAC", {}, 44'100, 2}));
        QVERIFY(aac("11") == TrackFormat{});
        Bytes opus = enhanced("Opus", {}, 0x90);
        appendView(opus, viewOf("OpusHead"));
        appendView(opus, hex("0102380180bb0000000000"));
        QVERIFY((formatOfAudio(opus) == TrackFormat{"", {}, 48'000, 2}));
        QVERIFY((formatOfAudio(Bytes{0x2F, 0xFF, 0xFB, 0x90, 0xC4}) == TrackFormat{"", {}, 44'100, 1}));
        QVERIFY((formatOfAudio(Bytes{0x2F, 0xFF, 0xF3, 0x84, 0x04}) == TrackFormat{"", {}, 24'000, 2}));
        QVERIFY((formatOfAudio(Bytes{0xB2, 1, 2}) == TrackFormat{"", {}, 5512, 1}));
        QVERIFY(formatOfAudio(audioFrame(0)->body()) == TrackFormat{});
    }

    void damagedHeadersNeverBreakTheReader()
    {
        Random random(3);
        const std::vector<Bytes> bodies{videoHeader()->body(),
                                        audioHeader()->body(),
                                        enhanced("av01", hex("812000000a0d200000043cf6ccdaf92021a004")),
                                        enhanced("av01", hex("12000a0d200000043cf6ccdaf92021a004"), 0x91),
                                        enhanced("vp09", hex("a2498342e013d00b3610"), 0x91),
                                        enhanced("hvc1", hex("0102200000009000000000003cf000fcfdfafa00000f00"))};
        for (int round = 0; round < 20'000; ++round) {
            Bytes body = bodies[random.below(bodies.size())];
            for (std::uint64_t damage = random.below(4); damage > 0; --damage)
                body[random.below(body.size())] = static_cast<std::uint8_t>(random.below(256));
            body.resize(random.below(body.size() + 1));
            for (const PictureSize& size : {formatOfVideoHeader(body).size, sizeOfKeyFrame(body)})
                QVERIFY(size.width >= 0 && size.width <= 65'536 && size.height >= 0 && size.height <= 65'536);
            QVERIFY(formatOfAudio(body).channels >= 0);
        }
    }
};

QTEST_GUILESS_MAIN(TrackFormatTest)
#include "track_format_test.moc"
