#include "core/base/random.h"
#include "core/media/flv/track_format.h"
#include "core/media/hub/stream.h"
#include "core/media/ts/frame_maker.h"
#include "core/media/ts/shared_muxer.h"
#include "tests/media/support/frames.h"

#include <QTest>

using namespace headgate;
using namespace headgate::tests;
using namespace headgate::ts;

namespace {

Bytes sizedUnit(const Bytes& unit)
{
    Bytes out;
    appendU32(out, static_cast<std::uint32_t>(unit.size()));
    appendView(out, unit);
    return out;
}

// A picture of one unit whose bytes never look like a start code.
SharedFrame picture(std::uint32_t timestampMs, bool isKeyFrame, std::size_t size, std::uint32_t offsetMs = 0)
{
    Bytes body{static_cast<std::uint8_t>(isKeyFrame ? 0x17 : 0x27), 1};
    appendU24(body, offsetMs);
    Bytes unit(size, static_cast<std::uint8_t>(timestampMs % 200 + 4));
    unit[0] = isKeyFrame ? 0x65 : 0x41;
    appendView(body, sizedUnit(unit));
    return makeFrame(FrameKind::Video, timestampMs, std::move(body));
}

std::vector<SharedFrame> framesOf(ByteView bytes, std::size_t pieceSize = SIZE_MAX)
{
    std::vector<SharedFrame> frames;
    FrameMaker maker([&](const SharedFrame& frame) { frames.push_back(frame); });
    while (!bytes.empty()) {
        const ByteView piece = bytes.first(std::min(pieceSize, bytes.size()));
        maker.append(piece);
        bytes = bytes.subspan(piece.size());
    }
    return frames;
}

std::vector<SharedFrame> ofKind(const std::vector<SharedFrame>& all, FrameKind kind)
{
    std::vector<SharedFrame> frames;
    for (const SharedFrame& frame : all) {
        if (frame->kind() == kind && !frame->isEssential())
            frames.push_back(frame);
    }
    return frames;
}

SharedFrame firstHeader(const std::vector<SharedFrame>& all, FrameKind kind)
{
    for (const SharedFrame& frame : all) {
        if (frame->kind() == kind && frame->isSequenceHeader())
            return frame;
    }
    return nullptr;
}

// Two seconds with B-frames and sound.
std::vector<SharedFrame> sample(std::uint32_t startMs = 0)
{
    std::vector<SharedFrame> frames{videoHeader(), audioHeader()};
    Random random(7);
    for (std::uint32_t i = 0; i < 50; ++i) {
        const auto size = static_cast<std::size_t>(20 + random.below(i % 25 == 0 ? 60'000 : 3000));
        frames.push_back(picture(startMs + i * 40, i % 25 == 0, size, i % 3 * 40));
        frames.push_back(audioFrame(startMs + i * 40 + 1));
    }
    return frames;
}

Bytes written(const std::vector<SharedFrame>& frames)
{
    Muxer muxer;
    Bytes out;
    for (const SharedFrame& frame : frames)
        appendView(out, muxer.add(*frame));
    // So that the last picture, of unknown length, ends.
    appendView(out, muxer.add(*picture(frames.back()->timestampMs() + 40, false, 100)));
    return out;
}

void compare(const std::vector<SharedFrame>& sent, const std::vector<SharedFrame>& seen)
{
    QCOMPARE(seen.size(), sent.size());
    for (std::size_t i = 0; i < sent.size(); ++i) {
        QVERIFY(seen[i]->body() == sent[i]->body());
        QCOMPARE(seen[i]->timestampMs() - seen[0]->timestampMs(), sent[i]->timestampMs() - sent[0]->timestampMs());
    }
}

}  // namespace

// MPEG-TS as it is written and read here; that others read and write the same is shown in tests/e2e/srt_test.cpp.
class TransportStreamTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatIsWrittenIsReadAsItWas_data()
    {
        QTest::addColumn<quint32>("start");
        QTest::addColumn<int>("piece");
        QTest::newRow("at once") << 0u << (1 << 30);
        QTest::newRow("message by message") << 0u << 1316;
        QTest::newRow("odd pieces") << 0u << 17;
        QTest::newRow("over the end of 32 bits") << 0xFFFF'FC00u << 1316;
        QTest::newRow("over the end of 33 bits of ticks") << 95'443'000u << 1316;
    }
    void whatIsWrittenIsReadAsItWas()
    {
        QFETCH(const quint32, start);
        QFETCH(const int, piece);
        const auto sent = sample(start);
        const Bytes bytes = written(sent);
        QCOMPARE(bytes.size() % packetSize, std::size_t{0});
        const auto seen = framesOf(bytes, static_cast<std::size_t>(piece));
        compare(ofKind(sent, FrameKind::Video), ofKind(seen, FrameKind::Video));
        compare(ofKind(sent, FrameKind::Audio), ofKind(seen, FrameKind::Audio));
        QVERIFY(seen.front()->isMetadata());
        QVERIFY(firstHeader(seen, FrameKind::Video)->body() == videoHeader()->body());
        QVERIFY(firstHeader(seen, FrameKind::Audio)->body() == audioHeader()->body());
    }

    void countersAndClockAreInOrder()
    {
        const Bytes bytes = written(sample());
        std::map<int, int> counters;
        std::uint64_t clock = 0;
        int clocks = 0;
        for (std::size_t at = 0; at < bytes.size(); at += packetSize) {
            QCOMPARE(bytes[at], syncByte);
            const int pid = (bytes[at + 1] & 0x1F) << 8 | bytes[at + 2];
            const int counter = bytes[at + 3] & 0x0F;
            if (counters.contains(pid))
                QCOMPARE(counter, (counters[pid] + 1) & 0x0F);
            counters[pid] = counter;
            if ((bytes[at + 3] & 0x20) == 0 || bytes[at + 4] < 7 || (bytes[at + 5] & 0x10) == 0)
                continue;
            std::uint64_t base = 0;
            for (std::size_t i = 0; i < 4; ++i)
                base = base << 8 | bytes[at + 6 + i];
            base = base << 1 | bytes[at + 10] >> 7;
            QVERIFY(base >= clock);
            clock = base;
            ++clocks;
        }
        QCOMPARE(counters.size(), std::size_t{4});
        QVERIFY(clocks >= 50);
    }

    // A lost packet costs the picture or the sound that it was of, no more.
    void whatLostAPacketIsLeftOut()
    {
        const auto sent = sample();
        const Bytes whole = written(sent);
        const std::size_t count =
            ofKind(framesOf(whole), FrameKind::Video).size() + ofKind(framesOf(whole), FrameKind::Audio).size();
        // Without the first key frame nothing is known of the pictures up to the next.
        for (std::size_t lost = 60'000 / packetSize + 20; lost < whole.size() / packetSize - 2; lost += 13) {
            Bytes bytes = whole;
            const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(lost * packetSize);
            bytes.erase(begin, begin + packetSize);
            const auto seen = framesOf(bytes);
            const std::size_t left = ofKind(seen, FrameKind::Video).size() + ofKind(seen, FrameKind::Audio).size();
            QVERIFY2(left >= count - 2 && left <= count, qPrintable(QString::number(left)));
            for (const SharedFrame& frame : ofKind(seen, FrameKind::Video))
                QVERIFY(std::ranges::any_of(sent,
                                            [&](const SharedFrame& other) { return other->body() == frame->body(); }));
        }
    }

    void garbageBetweenPacketsIsSkipped()
    {
        const auto sent = sample();
        Bytes bytes{1, 2, 3, 0x47};
        appendView(bytes, written(sent));
        compare(ofKind(sent, FrameKind::Audio), ofKind(framesOf(bytes), FrameKind::Audio));
    }

    void hevcKeepsItsConfiguration()
    {
        // Main profile, 320x180, as x265 writes it.
        const auto unit = [](const char* text) {
            const QByteArray bytes = QByteArray::fromHex(text);
            return Bytes(bytes.begin(), bytes.end());
        };
        const Bytes video = unit("40010c01ffff01600000030090000003000003003c959409");
        const Bytes sequence =
            unit("42010101600000030090000003000003003ca00a080c1f3e595952930bc05a020000030002000003003210");
        const Bytes pictures = unit("4401c073c189");
        Bytes annexB;
        for (const Bytes& each : {video, sequence, pictures, Bytes{0x26, 0x01, 0xAF, 0x33}}) {
            appendStartCode(annexB);
            appendView(annexB, each);
        }
        ParameterSets sets(Codec::Hevc);
        forEachNalUnit(annexB, [&](ByteView nal) {
            if (const NalRole role = roleOf(Codec::Hevc, nal); isParameterSet(role))
                sets.take(role, nal);
        });
        const auto record = sets.record();
        QVERIFY(record);
        Bytes header;
        appendU8(header, 0x90);
        appendView(header, viewOf("hvc1"));
        appendView(header, *record);
        QCOMPARE(formatOfVideoHeader(header).profile, std::string("Main 2.0"));
        Bytes body;
        appendU8(body, 0x91);
        appendView(body, viewOf("hvc1"));
        appendU24(body, 0);
        appendView(body, sizedUnit(Bytes{0x26, 0x01, 0xAF, 0x33}));
        const SharedFrame frame = makeFrame(FrameKind::Video, 0, body);
        Muxer muxer;
        muxer.add(*makeFrame(FrameKind::Video, 0, header));
        Bytes bytes = muxer.add(*frame);
        appendView(bytes, muxer.add(*frame));
        const auto seen = framesOf(bytes);
        QVERIFY(firstHeader(seen, FrameKind::Video)->body() == header);
        QVERIFY(ofKind(seen, FrameKind::Video)[0]->body() == body);
        QVERIFY(ofKind(seen, FrameKind::Video)[0]->isKeyFrame());
    }

    void opusPacketsOfAnySizeAreKept()
    {
        Bytes header;
        appendU8(header, 0x90);
        appendView(header, viewOf("Opus"));
        appendView(header, viewOf("OpusHead"));
        appendView(header, Bytes{1, 2, 0, 0, 0x80, 0xBB, 0, 0, 0, 0, 0});
        std::vector<SharedFrame> sent{makeFrame(FrameKind::Audio, 0, header)};
        for (const std::uint32_t size : {3u, 254u, 255u, 256u, 700u}) {
            Bytes body;
            appendU8(body, 0x91);
            appendView(body, viewOf("Opus"));
            body.resize(body.size() + size, 0xFC);
            sent.push_back(makeFrame(FrameKind::Audio, size, body));
        }
        Muxer muxer;
        Bytes bytes;
        for (const SharedFrame& frame : sent)
            appendView(bytes, muxer.add(*frame));
        const auto seen = framesOf(bytes);
        compare(ofKind(sent, FrameKind::Audio), ofKind(seen, FrameKind::Audio));
        QVERIFY(firstHeader(seen, FrameKind::Audio)->body() == header);
    }

    // All viewers of a loop get the same bytes, joiners those of the cached group of pictures too.
    void framesAreWrittenOnceForAll()
    {
        Stream stream({"live", "show"}, {}, MonotonicTime());
        const auto first = stream.shared<SharedMuxer>();
        QCOMPARE(stream.shared<SharedMuxer>(), first);
        std::vector<std::pair<SharedFrame, SharedBytes>> kept;
        for (const SharedFrame& frame : sample()) {
            if (frame->isKeyFrame())
                kept.clear();
            kept.emplace_back(frame, first->packetsOf(frame));
        }
        for (const auto& [frame, bytes] : kept)
            QCOMPARE(first->packetsOf(frame), bytes);
        QVERIFY(kept.front().second && !first->packetsOf(videoHeader()));
    }
};

QTEST_GUILESS_MAIN(TransportStreamTest)
#include "transport_stream_test.moc"
