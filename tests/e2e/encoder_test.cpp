#include "tests/support/cluster_fixture.h"
#include "tests/support/stream_record.h"

#include <QTest>

#include <librtmp/amf.h>
#include <librtmp/log.h>
#include <librtmp/rtmp.h>

#include <atomic>
#include <thread>

using namespace headgate::test;

namespace {

// Publishes an FLV file the way OBS Studio does: through librtmp, with its greeting, chunk size and calls.
class Encoder
{
public:
    explicit Encoder(QString url) : m_url(url.toUtf8()), m_rtmp(RTMP_Alloc())
    {
        RTMP_LogSetLevel(RTMP_LOGCRIT);
        RTMP_Init(m_rtmp);
    }
    ~Encoder()
    {
        RTMP_Close(m_rtmp);
        RTMP_Free(m_rtmp);
    }
    Encoder(const Encoder&) = delete;
    Encoder& operator=(const Encoder&) = delete;

    bool connect()
    {
        if (!RTMP_SetupURL(m_rtmp, m_url.data()))
            return false;
        static char version[] = "FMLE/3.0 (compatible; FMSc/1.0)";
        m_rtmp->Link.flashVer = {version, sizeof(version) - 1};
        m_rtmp->m_bSendCounter = 1;
        RTMP_EnableWrite(m_rtmp);
        return RTMP_Connect(m_rtmp, nullptr) && announceChunkSize(4096) && RTMP_ConnectStream(m_rtmp, 0);
    }

    // Sends tag by tag at the tags' times until `stop`; false if the connection broke.
    bool send(const QByteArray& flv, const std::atomic<bool>& stop)
    {
        QElapsedTimer timer;
        timer.start();
        const auto byte = [&flv](qsizetype at) { return static_cast<quint8>(flv[at]); };
        for (qsizetype at = 13; at + 11 <= flv.size() && !stop;) {
            const int size = byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3);
            const int time = byte(at + 4) << 16 | byte(at + 5) << 8 | byte(at + 6);
            while (timer.elapsed() < time && !stop)
                std::this_thread::sleep_for(std::chrono::milliseconds(5));
            if (RTMP_Write(m_rtmp, flv.constData() + at, size + 15) <= 0)
                return false;
            at += size + 15;
        }
        return true;
    }

private:
    bool announceChunkSize(int size)
    {
        char buffer[RTMP_MAX_HEADER_SIZE + 4] = {};
        RTMPPacket packet{};
        packet.m_nChannel = 2;
        packet.m_headerType = RTMP_PACKET_SIZE_LARGE;
        packet.m_packetType = RTMP_PACKET_TYPE_CHUNK_SIZE;
        packet.m_nBodySize = 4;
        packet.m_body = buffer + RTMP_MAX_HEADER_SIZE;
        AMF_EncodeInt32(packet.m_body, packet.m_body + 4, size);
        const bool isSent = RTMP_SendPacket(m_rtmp, &packet, 0);
        m_rtmp->m_outChunkSize = size;
        return isSent;
    }

    QByteArray m_url;
    RTMP* m_rtmp;
};

}  // namespace

class EncoderTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void streamOfAnObsLikeEncoderArrivesWhole();
};

void EncoderTest::streamOfAnObsLikeEncoderArrivesWhole()
{
    Cluster cluster;
    QVERIFY2(cluster.start(), cluster.report());
    QVERIFY(cluster.logIn());
    QVERIFY(cluster.createNodeGroup(Cluster::document("aws_node_group.json")));
    QVERIFY2(cluster.waitInService("nodegroup-1", 2), cluster.report());
    QVERIFY(makeSource(cluster.path("source.flv"), 30));
    QFile source(cluster.path("source.flv"));
    QVERIFY(source.open(QIODevice::ReadOnly));
    const QByteArray flv = source.readAll();

    std::atomic<bool> stop = false;
    std::atomic<bool> isConnected = false;
    const QString url = "rtmp://" + cluster.publishAddress("nodegroup-1", "live/show1") + "/live/show1";
    std::thread publisher([&] {
        Encoder encoder(url);
        isConnected = encoder.connect();
        if (isConnected)
            encoder.send(flv, stop);
    });
    const QString edge = cluster.waitForSubscribeAddress("nodegroup-1", "live/show1");
    Child viewer;
    if (!edge.isEmpty())
        viewer.start("ffprobe", recordArguments("rtmp://" + edge + "/live/show1"), cluster.path("viewer.txt"));
    const bool isPlaying =
        !edge.isEmpty() && waitUntil([&] { return viewer.log().count("packet|video") > 150; }, 25'000);
    viewer.kill();
    stop = true;
    publisher.join();
    QVERIFY(isConnected);
    QVERIFY2(isPlaying, cluster.report());

    const auto sent = parseRecord(runTool("ffprobe", recordArguments(cluster.path("source.flv"))).standardOutput);
    const StreamRecord seen = parseRecord(viewer.log().toUtf8());
    QVERIFY2(placeIn(sent.video, seen.video) >= 0, firstDifference(sent.video, seen.video));
    QVERIFY2(placeIn(sent.audio, seen.audio) >= 0, firstDifference(sent.audio, seen.audio));
}

QTEST_GUILESS_MAIN(EncoderTest)
#include "encoder_test.moc"
