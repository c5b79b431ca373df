#include "core/media/hub/stream_meter.h"
#include "tests/media/support/frames.h"

#include <QTest>

#include <cmath>

using namespace headgate;
using namespace headgate::tests;

namespace {

constexpr MonotonicTime begin{};

SharedFrame picture(std::uint32_t timestampMs, bool isKeyFrame, std::uint8_t compositionOffsetMs = 0)
{
    return makeFrame(FrameKind::Video, timestampMs,
                     {static_cast<std::uint8_t>(isKeyFrame ? 0x17 : 0x27), 1, 0, 0, compositionOffsetMs, 0, 0, 0});
}

const StreamTrack& only(const std::vector<StreamTrack>& tracks, TrackKind kind)
{
    return *std::ranges::find(tracks, kind, &StreamTrack::kind);
}

}  // namespace

class StreamMeterTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tracksAreToldWithTheirRates()
    {
        StreamMeter meter(begin);
        meter.add(*videoHeader(), begin);
        meter.add(*audioHeader(), begin);
        for (std::uint32_t t = 0; t < 4000; t += 40) {
            meter.add(*(t % 1000 == 0 ? keyFrame(t, 995) : interFrame(t, 495)), begin + Duration(t));
            meter.add(*audioFrame(t), begin + Duration(t));
        }
        const auto tracks = meter.tracks(begin + Duration(3960));
        QCOMPARE(tracks.size(), std::size_t{2});
        const StreamTrack& video = tracks[0];
        QVERIFY(video.kind == TrackKind::Video && video.codec == "H.264" && video.profile == "High 3.0");
        QVERIFY(video.width == 640 && video.height == 360 && video.gopFrames == 25 && video.gopMs == 1000);
        QCOMPARE(video.framesPerSecond, 25.0);
        QVERIFY(!video.hasBFrames);
        // 51 frames in the window, two or three of them of 1,000 bytes and the others of 500.
        QVERIFY2(std::abs(video.bitsPerSecond - 106'000) < 4000, qPrintable(QString::number(video.bitsPerSecond)));
        const StreamTrack& audio = tracks[1];
        QVERIFY(audio.codec == "AAC" && audio.profile == "LC" && audio.sampleRate == 48'000 && audio.channels == 2);
        QVERIFY2(std::abs(audio.bitsPerSecond - 12'240) < 500, qPrintable(QString::number(audio.bitsPerSecond)));
    }

    void pictureFromBeforeAnEarlierOneIsABFrame()
    {
        StreamMeter meter(begin);
        // Decoded I P B B, shown I B B P.
        meter.add(*picture(0, true, 40), begin);
        meter.add(*picture(40, false, 120), begin);
        QVERIFY(!only(meter.tracks(begin), TrackKind::Video).hasBFrames);
        meter.add(*picture(80, false, 0), begin);
        QVERIFY(only(meter.tracks(begin), TrackKind::Video).hasBFrames);
        // Two groups of pictures without: it is forgotten.
        for (const std::uint32_t t : {160u, 240u, 320u})
            meter.add(*picture(t, true, 40), begin);
        QVERIFY(!only(meter.tracks(begin), TrackKind::Video).hasBFrames);
    }

    void jitterIsThatOfTheRfc()
    {
        StreamMeter meter(begin);
        double expected = 0;
        for (int i = 0; i < 200; ++i) {
            // Every second frame comes 10 ms late: each step of the clock is 10 ms off, one way or the other.
            meter.add(*interFrame(static_cast<std::uint32_t>(i * 40)), begin + Duration(i * 40 + i % 2 * 10));
            if (i > 0)
                expected += (10 - expected) / 16;
        }
        QVERIFY2(std::abs(meter.timing().jitterMs - expected) < 1e-9,
                 qPrintable(QString::number(meter.timing().jitterMs)));
        QVERIFY(meter.timing().jitterMs > 9.9);
        QCOMPARE(meter.timing().timestampJumps, std::uint64_t{0});
    }

    void audioAheadOfVideoIsDrift()
    {
        StreamMeter meter(begin);
        for (int i = 0; i < 1000; ++i) {
            const MonotonicTime now = begin + Duration(i * 40);
            meter.add(*interFrame(static_cast<std::uint32_t>(i * 40)), now);
            // Audio gains 1 ms in 10 frames until it is 50 ms ahead.
            meter.add(*audioFrame(static_cast<std::uint32_t>(i * 40 + std::min(i / 10, 50))), now);
        }
        QVERIFY2(std::abs(meter.timing().driftMs - 50) < 1, qPrintable(QString::number(meter.timing().driftMs)));
    }

    void jumpsAreCountedAndPausesAreNot()
    {
        StreamMeter meter(begin);
        const auto add = [&](std::int64_t timestampMs, int arrivalMs) {
            meter.add(*interFrame(static_cast<std::uint32_t>(timestampMs)), begin + Duration(arrivalMs));
        };
        add(0xFFFFFFF0, 0);
        add(0x100000018, 40);           // the wrap-around is none
        add(0x100000018 + 5000, 5040);  // neither is a pause of the publisher
        QCOMPARE(meter.timing().timestampJumps, std::uint64_t{0});
        add(0x100000018 + 8000, 5080);
        QCOMPARE(meter.timing().timestampJumps, std::uint64_t{1});
        add(0, 5120);
        QCOMPARE(meter.timing().timestampJumps, std::uint64_t{2});
        QVERIFY(meter.timing().jitterMs < 5);
    }

    void tracksOfOneBodyAreToldApart()
    {
        StreamMeter meter(begin);
        const auto unite = [](std::initializer_list<Bytes> parts) {
            Bytes whole;
            for (const Bytes& part : parts)
                appendView(whole, part);
            return whole;
        };
        // Enhanced RTMP v2: two tracks of many codecs, HEVC of the first and AV1 of the other; each is FourCC, number,
        // 24 bits of size.
        meter.add(*makeFrame(FrameKind::Video, 0,
                             unite({{0x96, 0x20, 'h', 'v', 'c', '1', 0, 0, 0, 2, 1, 1},
                                    {'a', 'v', '0', '1', 1, 0, 0, 4, 0x81, 0x20, 0, 0}})),
                  begin);
        // The same of audio, of one codec: AAC LC with 48 kHz stereo, and with 44.1 kHz mono.
        meter.add(
            *makeFrame(FrameKind::Audio, 0,
                       unite({{0x95, 0x10, 'm', 'p', '4', 'a'}, {0, 0, 0, 2, 0x11, 0x90}, {3, 0, 0, 2, 0x12, 0x08}})),
            begin);
        for (std::uint32_t t = 0; t < 4000; t += 40) {
            Bytes first{'h', 'v', 'c', '1', 0, 0, 1, 3, 0, 0, 0};  // with a composition offset of its own
            Bytes second{'a', 'v', '0', '1', 1, 0, 2, 0};
            first.resize(first.size() + 256);
            second.resize(second.size() + 512);
            const std::uint8_t head = t % 1000 == 0 ? 0x96 : 0xA6;
            meter.add(*makeFrame(FrameKind::Video, t, unite({{head, 0x21}, first, second})), begin + Duration(t));
        }
        const auto tracks = meter.tracks(begin + Duration(3960));
        QCOMPARE(tracks.size(), std::size_t{4});
        QVERIFY(tracks[0].kind == TrackKind::Video && tracks[0].number == 0 && tracks[0].codec == "HEVC");
        QVERIFY(tracks[1].kind == TrackKind::Video && tracks[1].number == 1 && tracks[1].codec == "AV1");
        QCOMPARE(tracks[1].profile, std::string("High 2.0"));
        for (const StreamTrack& video : {tracks[0], tracks[1]}) {
            QVERIFY(video.gopFrames == 25 && video.gopMs == 1000);
            QCOMPARE(video.framesPerSecond, 25.0);
        }
        // 51 frames in the window of 2 s.
        QCOMPARE(tracks[0].bitsPerSecond, std::int64_t{51 * (2 + 11 + 256) * 4});
        QCOMPARE(tracks[1].bitsPerSecond, std::int64_t{51 * (8 + 512) * 4});
        QCOMPARE(meter.bitsPerSecond(begin + Duration(3960)), tracks[0].bitsPerSecond + tracks[1].bitsPerSecond);
        QVERIFY(tracks[2].number == 0 && tracks[2].sampleRate == 48'000 && tracks[2].channels == 2);
        QVERIFY(tracks[3].number == 3 && tracks[3].sampleRate == 44'100 && tracks[3].channels == 1);
    }

    void tracksWithBodiesOfTheirOwnHaveTheirKeyFrames()
    {
        StreamMeter meter(begin);
        for (std::uint32_t t = 0; t < 3000; t += 100) {
            const std::uint8_t head = t % 500 == 0 ? 0x96 : 0xA6;
            const SharedFrame second = makeFrame(FrameKind::Video, t, {head, 0x01, 'v', 'p', '0', '9', 1, 1, 2, 3});
            QVERIFY(!second->isKeyFrame());  // none to begin a stream with
            meter.add(*second, begin + Duration(t));
        }
        const auto tracks = meter.tracks(begin + Duration(3000));
        QCOMPARE(tracks.size(), std::size_t{1});
        QVERIFY(tracks[0].number == 1 && tracks[0].gopFrames == 5 && tracks[0].gopMs == 500);
    }

    void manyTracksAreBounded()
    {
        StreamMeter meter(begin);
        for (std::uint8_t number = 0; number < 200; ++number)
            meter.add(*makeFrame(FrameKind::Video, 0, {0x96, 0x00, 'a', 'v', '0', '1', number, 0}), begin);
        QCOMPARE(meter.tracks(begin).size(), StreamMeter::mostTracks);
        Bytes body{0x96, 0x10, 'a', 'v', '0', '1'};
        for (std::uint8_t number = 0; number < 200; ++number)
            appendView(body, Bytes{number, 0, 0, 0});
        std::size_t told = 0;
        forEachVideoTrack(body, [&told](const BodyDescription& track) { QCOMPARE(std::size_t{track.track}, told++); });
        QCOMPARE(told, mostTracksOfBody);
        for (const Bytes& whole : {body, Bytes{0x96}}) {  // all of it counts, also what is not described
            StreamMeter other(begin);
            other.add(*makeFrame(FrameKind::Video, 0, whole), begin);
            QCOMPARE(other.bitsPerSecond(begin), static_cast<std::int64_t>(whole.size()) * 8 * 2);
        }
    }

    void metadataFillsWhatHeadersDoNotTell()
    {
        StreamMeter meter(begin);
        meter.add(*metadata(), begin);
        meter.add(*makeFrame(FrameKind::Video, 0, {0x12, 1, 2, 3}), begin);
        StreamReport report;
        meter.describe(report, begin);
        QVERIFY(report.videoCodec == "H.263" && report.width == 640 && report.height == 360);
        QCOMPARE(only(meter.tracks(begin), TrackKind::Video).width, 640);
    }
};

QTEST_GUILESS_MAIN(StreamMeterTest)
#include "stream_meter_test.moc"
