#include "core/media/hls/playlist.h"
#include "tests/media/support/frames.h"

#include <QTest>

#include <cmath>

using namespace headgate;
using namespace headgate::tests;
using namespace headgate::hls;

namespace {

// Keeps what a segmenter makes, and hands it on to a shelf.
class Record final : public SegmentSink
{
public:
    struct Piece
    {
        SegmentStart start;
        std::vector<Part> parts;
        int durationMs = 0;
        bool hasEnded = false;
    };

    std::vector<Piece> pieces;
    Shelf shelf{Duration(3'600'000), "tag"};

    bool keepsTo(const Pace& pace) const
    {
        for (const Piece& piece : pieces) {
            if (std::lround(piece.durationMs / 1000.0) > pace.targetSeconds)
                return false;
            for (const Part& part : piece.parts) {
                if (part.durationMs > pace.partMs || part.durationMs <= 0)
                    return false;
            }
        }
        return true;
    }

private:
    void segmentBegan(const SegmentStart& start) override
    {
        pieces.push_back({start, {}, 0, false});
        shelf.segmentBegan(start);
    }
    void partMade(Part part) override
    {
        pieces.back().durationMs += part.durationMs;
        pieces.back().parts.push_back(part);
        shelf.partMade(std::move(part));
    }
    void segmentEnded() override
    {
        pieces.back().hasEnded = true;
        shelf.segmentEnded();
    }
};

struct Bench
{
    explicit Bench(int keyFrameIntervalMs = 0, int segmentMs = 2000) : pace(paceFor(segmentMs, keyFrameIntervalMs)) {}

    void push(const SharedFrame& frame) { segmenter.push(frame, start + Duration(frame->timestampMs())); }
    // Pictures every 40 ms from one time to another, with a key frame every so often, and sound.
    void push(std::uint32_t from, std::uint32_t to, std::uint32_t keyFrames)
    {
        for (std::uint32_t time = from; time < to; time += 40) {
            push(time % keyFrames == 0 ? keyFrame(time) : interFrame(time));
            push(audioFrame(time + 7));
            push(audioFrame(time + 27));
        }
    }
    void pushHeaders()
    {
        push(videoHeader());
        push(audioHeader());
    }

    TimePoint start = fromEpochMs(1'800'000'000'000);
    Pace pace;
    Record record;
    Segmenter segmenter{pace, record};
};

std::uint64_t bigEndian(const Bytes& bytes, std::size_t at, std::size_t size)
{
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
        value = value << 8 | bytes[at + i];
    return value;
}

// The times at which the fragment's tracks begin, in their ticks.
std::vector<std::uint64_t> beginningsOf(const Bytes& fragment)
{
    std::vector<std::uint64_t> times;
    const std::string_view text = textOf(fragment);
    for (std::size_t at = text.find("tfdt"); at != std::string_view::npos; at = text.find("tfdt", at + 1))
        times.push_back(bigEndian(fragment, at + 8, 8));
    return times;
}

}  // namespace

class SegmenterTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void segmentsEndAtKeyFramesAndPartsFillThem()
    {
        Bench bench(1000);
        QCOMPARE(bench.pace.targetSeconds, 2);
        bench.pushHeaders();
        bench.push(0, 20'040, 1000);
        const auto& pieces = bench.record.pieces;
        QVERIFY(bench.record.keepsTo(bench.pace));
        // Three of one second, then of two.
        QCOMPARE(pieces[0].durationMs, 1000);
        QCOMPARE(pieces[3].durationMs, 2000);
        for (const Record::Piece& piece : pieces) {
            QVERIFY(piece.parts.front().isIndependent);
            // All but the last of a segment have at least 85 % of the target (RFC 8216bis, 4.4.4.9).
            for (std::size_t i = 0; i + 1 < piece.parts.size(); ++i)
                QVERIFY(piece.parts[i].durationMs >= bench.pace.partMs * 85 / 100);
        }
        QCOMPARE(toEpochMs(pieces[3].start.at) - toEpochMs(bench.start), std::int64_t{3000});
        QCOMPARE(beginningsOf(*pieces[3].parts[0].bytes)[0], std::uint64_t{3000 * 90});
    }

    void aGroupOfPicturesThatIsTooLongIsCut()
    {
        Bench known(10'000);
        QCOMPARE(known.pace.targetSeconds, 10);
        Bench unknown;
        QCOMPARE(unknown.pace.targetSeconds, 4);
        unknown.pushHeaders();
        unknown.push(0, 30'000, 10'000);
        QVERIFY(unknown.record.pieces.size() >= 6);
        QVERIFY(unknown.record.keepsTo(unknown.pace));
        QVERIFY(!unknown.record.pieces[1].parts.front().isIndependent);
    }

    void soundAloneIsCutByItsOwnTime()
    {
        Bench bench;
        bench.push(audioHeader());
        for (std::uint32_t i = 0; i < 600; ++i)
            bench.push(audioFrame(i * 64 / 3));
        QVERIFY(bench.record.keepsTo(bench.pace));
        QVERIFY(bench.record.pieces.size() >= 6);
        // To the sample, although times came in milliseconds.
        std::uint64_t expected = 0;
        for (const Record::Piece& piece : bench.record.pieces) {
            for (const Part& part : piece.parts) {
                QCOMPARE(beginningsOf(*part.bytes)[0], expected);
                const std::size_t run = textOf(*part.bytes).find("trun");
                expected += 1024 * bigEndian(*part.bytes, run + 8, 4);
            }
        }
    }

    void soundGoesOnWithoutPictures()
    {
        Bench bench(1000);
        bench.pushHeaders();
        bench.push(0, 2000, 1000);
        const std::size_t before = bench.record.pieces.size();
        for (std::uint32_t time = 2000; time < 12'000; time += 21)
            bench.push(audioFrame(time));
        QVERIFY(bench.record.pieces.size() >= before + 3);
        QVERIFY(bench.record.keepsTo(bench.pace));
    }

    void aGapOrAnotherFormatIsADiscontinuity()
    {
        Bench bench(1000);
        bench.pushHeaders();
        bench.push(0, 5000, 1000);
        bench.push(20'000, 25'000, 1000);
        bench.push(audioHeader());  // the same again says nothing
        bench.push(25'000, 26'000, 1000);
        bench.push(makeFrame(FrameKind::Audio, 26'000, {0xAF, 0x00, 0x12, 0x10}));
        bench.push(26'000, 30'000, 1000);
        int breaks = 0;
        for (const Record::Piece& piece : bench.record.pieces)
            breaks += piece.start.isDiscontinuity ? 1 : 0;
        QCOMPARE(breaks, 2);
        QVERIFY(bench.record.keepsTo(bench.pace));
        QVERIFY(bench.record.pieces.front().start.init != bench.record.pieces.back().start.init);
        const std::string text = mediaPlaylistOf(bench.record.shelf, bench.pace, Extent::Whole, false);
        QVERIFY(text.find("#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"init1.mp4\"\n") != std::string::npos);
    }

    void timesWrapAround()
    {
        Bench bench(1000);
        bench.pushHeaders();
        const std::uint32_t base = 0U - 3000U;
        for (std::uint32_t i = 0; i < 250; ++i)
            bench.push(i % 25 == 0 ? keyFrame(base + i * 40) : interFrame(base + i * 40));
        std::uint64_t last = 0;
        for (const Record::Piece& piece : bench.record.pieces) {
            QVERIFY(!piece.start.isDiscontinuity);
            for (const Part& part : piece.parts) {
                QVERIFY(beginningsOf(*part.bytes)[0] > last);
                last = beginningsOf(*part.bytes)[0];
            }
        }
    }

    void aStandingClockKeepsNothing()
    {
        Bench bench(1000);
        bench.pushHeaders();
        bench.push(0, 2000, 1000);
        std::weak_ptr<const MediaFrame> early;
        for (int i = 0; i < 60; ++i) {
            const SharedFrame frame = interFrame(2000, 1'000'000);
            if (i == 0)
                early = frame;
            bench.push(frame);
        }
        QVERIFY(early.expired());
        bench.push(3000, 8000, 1000);
        QVERIFY(bench.record.pieces.size() > 3);
    }

    void whatCannotBePackagedIsLeftOut()
    {
        Bench bench;
        bench.push(makeFrame(FrameKind::Video, 0, {0x22, 1, 2, 3}));  // H.263
        QVERIFY(bench.segmenter.hasNothingToPackage());
        QVERIFY(!fmp4::videoSetupOf(Bytes{0x17, 0, 0, 0, 0}));
        QVERIFY(!fmp4::audioSetupOf(Bytes{0xAF, 0, 0x17}));
        QVERIFY(!fmp4::audioSetupOf(Bytes{}));
        QCOMPARE(fmp4::videoSetupOf(videoHeader()->body())->codec, std::string("avc1.64001E"));
        QCOMPARE(fmp4::opusTicksOf(Bytes{0x78}), 960u);
        QCOMPARE(fmp4::opusTicksOf(Bytes{0x7B, 0x3F}), 0u);
    }
};

QTEST_GUILESS_MAIN(SegmenterTest)
#include "segmenter_test.moc"
