#include "core/media/preview/packet_decoder.h"

#include <QTest>

#include <vector>

using namespace headgate;

namespace {

// One coded picture of that size, and the configuration before it.
std::vector<CodedPacket> picture(int width, int height)
{
    const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
    const CodecContextPtr encoder(avcodec_alloc_context3(codec));
    encoder->width = width;
    encoder->height = height;
    encoder->pix_fmt = AV_PIX_FMT_YUV420P;
    encoder->time_base = {1, 25};
    encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    av_opt_set(encoder->priv_data, "tune", "zerolatency", 0);
    avcodec_open2(encoder.get(), codec, nullptr);
    const FramePtr frame(av_frame_alloc());
    frame->format = AV_PIX_FMT_YUV420P;
    frame->width = width;
    frame->height = height;
    av_frame_get_buffer(frame.get(), 0);
    for (int plane = 0; plane < 3; ++plane)
        std::fill_n(frame->data[plane], frame->linesize[plane] * (plane == 0 ? height : height / 2), std::uint8_t{90});
    frame->pts = 0;
    avcodec_send_frame(encoder.get(), frame.get());
    const PacketPtr packet(av_packet_alloc());
    avcodec_receive_packet(encoder.get(), packet.get());

    CodedPacket configuration;
    configuration.codec = "H.264";
    configuration.isConfiguration = true;
    configuration.bytes.assign(encoder->extradata, encoder->extradata + encoder->extradata_size);
    CodedPacket coded;
    coded.codec = "H.264";
    coded.isKeyFrame = true;
    coded.bytes.assign(packet->data, packet->data + packet->size);
    return {configuration, coded};
}

CodedPacket packetOf(CodedPacket::Kind kind, std::string_view codec)
{
    CodedPacket packet;
    packet.kind = kind;
    packet.codec = codec;
    packet.bytes = {1, 2, 3, 4};
    return packet;
}

}  // namespace

class PacketDecoderTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { av_log_set_level(AV_LOG_QUIET); }

    void newConfigurationStartsANewDecoder()
    {
        PacketDecoder decoder;
        std::vector<int> widths;
        const auto keep = [&](FramePtr frame, std::chrono::microseconds) { widths.push_back(frame->width); };
        QCOMPARE(decoder.videoFormat(), std::string());
        for (const auto& packets : {picture(320, 180), picture(320, 180), picture(640, 360)})
            for (const CodedPacket& packet : packets)
                QVERIFY(decoder.take(packet, keep).has_value());
        QCOMPARE(widths, (std::vector<int>{320, 320, 640}));
        QCOMPARE(decoder.videoFormat(), std::string("640x360 H.264"));
    }

    void pictureWaitsForItsConfiguration()
    {
        PacketDecoder decoder;
        int frames = 0;
        const auto count = [&](FramePtr, std::chrono::microseconds) { ++frames; };
        const auto packets = picture(320, 180);
        QVERIFY(decoder.take(packets[1], count).has_value());
        QCOMPARE(frames, 0);
        QVERIFY(decoder.take(packets[0], count).has_value());
        QVERIFY(decoder.take(packets[1], count).has_value());
        QCOMPARE(frames, 1);
    }

    void brokenPacketsAreSkipped()
    {
        PacketDecoder decoder;
        int frames = 0;
        const auto count = [&](FramePtr, std::chrono::microseconds) { ++frames; };
        const auto packets = picture(320, 180);
        QVERIFY(decoder.take(packets[0], count).has_value());
        QVERIFY(decoder.take(packetOf(CodedPacket::Kind::Video, "H.264"), count).has_value());
        QVERIFY(decoder.take(packetOf(CodedPacket::Kind::Video, {}), count).has_value());
        QVERIFY(decoder.take(packets[1], count).has_value());
        QCOMPARE(frames, 1);
    }

    void whatCannotBeDecodedIsNamed()
    {
        const auto use = [](FramePtr, std::chrono::microseconds) {};
        const std::pair<CodedPacket, const char*> cases[] = {
            {packetOf(CodedPacket::Kind::Video, "VVC"), "picture is VVC"},
            {packetOf(CodedPacket::Kind::Video, {}), "picture is of an unknown codec"},
            {packetOf(CodedPacket::Kind::Audio, "Speex"), "sound is Speex"}};
        for (const auto& [packet, words] : cases) {
            PacketDecoder decoder;
            const auto taken = decoder.take(packet, use);
            QVERIFY(!taken.has_value());
            QCOMPARE(taken.error().code, ErrorCode::Unsupported);
            QVERIFY2(taken.error().message.find(words) != std::string::npos, taken.error().message.c_str());
        }
    }
};

QTEST_GUILESS_MAIN(PacketDecoderTest)
#include "packet_decoder_test.moc"
