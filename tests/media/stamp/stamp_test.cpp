#include "core/base/random.h"
#include "core/media/ffmpeg/owners.h"
#include "core/media/preview/frame_scaler.h"
#include "core/media/stamp/picture_stamp.h"
#include "core/media/stamp/sei_stamp.h"
#include "core/media/test_publisher/test_picture.h"

#include <QTest>

#include <vector>

using namespace headgate;

namespace {

constexpr TimePoint start = fromEpochMs(1'795'234'567'890);
constexpr int frames = 20;
constexpr Duration step{33};

struct Coding
{
    int width;
    int height;
    int bitsPerSecond;
};

FramePtr emptyPicture(const Coding& coding)
{
    FramePtr frame(av_frame_alloc());
    frame->format = AV_PIX_FMT_YUV420P;
    frame->width = coding.width;
    frame->height = coding.height;
    av_frame_get_buffer(frame.get(), 0);
    return frame;
}

// The test picture through an H.264 encoder and decoder.
class CodedPictures
{
public:
    explicit CodedPictures(const Coding& coding)
        : m_coding(coding), m_picture({coding.width, coding.height, "live/show1", "Test picture"})
    {
        const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
        m_encoder.reset(avcodec_alloc_context3(codec));
        m_encoder->width = coding.width;
        m_encoder->height = coding.height;
        m_encoder->pix_fmt = AV_PIX_FMT_YUV420P;
        m_encoder->time_base = {1, 30};
        m_encoder->bit_rate = m_encoder->rc_max_rate = m_encoder->rc_buffer_size = coding.bitsPerSecond;
        m_encoder->colorspace = AVCOL_SPC_BT709;
        av_opt_set(m_encoder->priv_data, "preset", "superfast", 0);
        av_opt_set(m_encoder->priv_data, "tune", "zerolatency", 0);
        avcodec_open2(m_encoder.get(), codec, nullptr);
        m_decoder.reset(avcodec_alloc_context3(avcodec_find_decoder(AV_CODEC_ID_H264)));
        avcodec_open2(m_decoder.get(), m_decoder->codec, nullptr);
    }

    FramePtr next()
    {
        const FramePtr drawn = emptyPicture(m_coding);
        m_picture.paint({drawn->data[0], drawn->data[1], drawn->data[2], drawn->linesize[0], drawn->linesize[1],
                         drawn->linesize[2], m_coding.width, m_coding.height},
                        start + m_count * step, m_count);
        drawn->pts = m_count++;
        avcodec_send_frame(m_encoder.get(), drawn.get());
        const PacketPtr packet(av_packet_alloc());
        avcodec_receive_packet(m_encoder.get(), packet.get());
        avcodec_send_packet(m_decoder.get(), packet.get());
        FramePtr seen(av_frame_alloc());
        avcodec_receive_frame(m_decoder.get(), seen.get());
        return seen;
    }

private:
    const Coding m_coding;
    TestPicture m_picture;
    int m_count = 0;
    CodecContextPtr m_encoder;
    CodecContextPtr m_decoder;
};

std::vector<std::uint32_t> stampedPicture(int width, int height, std::uint64_t bits)
{
    std::vector<std::uint32_t> pixels(static_cast<std::size_t>(width * height), 0xFF404040);
    for (int i = 0; i < PictureStamp::cells; ++i) {
        const PictureStamp::Cell cell = PictureStamp::cell(i, width, height);
        for (int y = cell.top; y < cell.top + cell.height; ++y)
            for (int x = cell.left; x < cell.left + cell.width; ++x)
                pixels[static_cast<std::size_t>(y * width + x)] = (bits >> (63 - i) & 1) != 0 ? 0xFFFFFFFF : 0xFF000000;
    }
    return pixels;
}

}  // namespace

class StampTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { av_log_set_level(AV_LOG_WARNING); }

    void bitsTellTheirTime()
    {
        for (const std::int64_t ms : {std::int64_t{0}, toEpochMs(start), (std::int64_t{1} << 42) - 1})
            QVERIFY(PictureStamp::timeOf(PictureStamp::bitsOf(fromEpochMs(ms))) == fromEpochMs(ms));
    }

    void everyWrongBitIsFound()
    {
        const std::uint64_t bits = PictureStamp::bitsOf(start);
        for (int i = 0; i < 64; ++i) {
            QVERIFY(!PictureStamp::timeOf(bits ^ std::uint64_t{1} << i));
            for (int j = i + 1; j < 64; ++j)
                QVERIFY(!PictureStamp::timeOf(bits ^ std::uint64_t{1} << i ^ std::uint64_t{1} << j));
        }
    }

    void codingAndScalingLeaveItReadable_data()
    {
        QTest::addColumn<int>("width");
        QTest::addColumn<int>("height");
        QTest::addColumn<int>("bitsPerSecond");
        QTest::newRow("1080p") << 1920 << 1080 << 3'000'000;
        QTest::newRow("720p") << 1280 << 720 << 1'500'000;
        QTest::newRow("720p, poor") << 1280 << 720 << 250'000;
        QTest::newRow("360p") << 640 << 360 << 400'000;
        QTest::newRow("360p, poor") << 640 << 360 << 120'000;
        QTest::newRow("180p") << 320 << 180 << 150'000;
        QTest::newRow("upright") << 360 << 640 << 400'000;
        QTest::newRow("four by three") << 640 << 480 << 400'000;
    }

    void codingAndScalingLeaveItReadable()
    {
        QFETCH(int, width);
        QFETCH(int, height);
        QFETCH(int, bitsPerSecond);
        CodedPictures pictures({width, height, bitsPerSecond});
        FrameScaler whole(width, height);
        FrameScaler half(width / 2, height / 2);
        for (int i = 0; i < frames; ++i) {
            const FramePtr seen = pictures.next();
            QCOMPARE(seen->width, width);
            for (FrameScaler* scaler : {&whole, &half}) {
                const auto shown = scaler->scale(*seen, {});
                const auto time = PictureStamp::read(shown->pixels, shown->width, shown->height);
                QVERIFY2(time == start + i * step, qPrintable(QString("picture %1, %2 wide").arg(i).arg(shown->width)));
            }
        }
    }

    void corruptedStampIsNoTime()
    {
        constexpr int width = 640;
        constexpr int height = 360;
        const std::uint64_t bits = PictureStamp::bitsOf(start);
        QVERIFY(PictureStamp::read(stampedPicture(width, height, bits), width, height) == start);
        Random random(7);
        for (int i = 0; i < 200; ++i) {
            auto pixels = stampedPicture(width, height, bits);
            // A smear over some cells, as of lost macroblocks: another grey, or the opposite.
            const PictureStamp::Cell cell =
                PictureStamp::cell(static_cast<int>(random.below(PictureStamp::cells)), width, height);
            const bool isGrey = random.below(2) == 0;
            for (int y = cell.top; y < cell.top + cell.height; ++y)
                for (int x = cell.left; x < cell.left + cell.width; ++x) {
                    std::uint32_t& pixel = pixels[static_cast<std::size_t>(y * width + x)];
                    pixel = isGrey ? 0xFF808080 : ~pixel | 0xFF000000;
                }
            QVERIFY(!PictureStamp::read(pixels, width, height));
        }
    }

    void otherPicturesHaveNoStamp()
    {
        Random random(11);
        constexpr int width = 320;
        constexpr int height = 180;
        std::vector<std::uint32_t> pixels(width * height);
        for (int i = 0; i < 20; ++i) {
            for (std::uint32_t& pixel : pixels)
                pixel = 0xFF000000 | static_cast<std::uint32_t>(random.below(1u << 24));
            QVERIFY(!PictureStamp::read(pixels, width, height));
            QVERIFY(!PictureStamp::read(stampedPicture(width, height, random.below(~std::uint64_t{0})), width, height));
        }
        for (const std::uint32_t grey : {0xFF000000u, 0xFF808080u, 0xFFFFFFFFu}) {
            pixels.assign(pixels.size(), grey);
            QVERIFY(!PictureStamp::read(pixels, width, height));
        }
        // Too small to read anything.
        for (const int size : {1, 2, 16, 32})
            QVERIFY(!PictureStamp::read(stampedPicture(size, size, PictureStamp::bitsOf(start)), size, size));
    }

    void seiStampTellsItsTime()
    {
        Bytes stamp = makeSeiStamp(start);
        QCOMPARE(stamp.size(), std::size_t{24});
        QVERIFY(timeOfSeiStamp(stamp) == start);
        stamp.push_back(9);
        QVERIFY(timeOfSeiStamp(stamp) == start);
        for (std::size_t size = 0; size < 24; ++size)
            QVERIFY(!timeOfSeiStamp(ByteView(stamp).first(size)));
        for (std::size_t i = 0; i < 18; ++i) {
            Bytes other = stamp;
            other[i] ^= 0x80;
            QVERIFY(!timeOfSeiStamp(other));
        }
    }
};

QTEST_GUILESS_MAIN(StampTest)
#include "stamp_test.moc"
