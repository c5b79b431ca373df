#include "tests/support/frame_hashes.h"
#include "tests/support/impaired_udp.h"
#include "tests/support/lone_node.h"
#include "tests/support/srt_caller.h"
#include "tests/support/stream_record.h"

#include <QTest>
#include <QUdpSocket>

#include <srt/access_control.h>

#include <algorithm>
#include <memory>
#include <vector>

using namespace headgate::test;

namespace {

constexpr int publishedSeconds = 14;
constexpr quint16 srtPort = 8890;

quint16 freeUdpPort()
{
    QUdpSocket socket;
    socket.bind(QHostAddress("127.0.0.1"));
    return socket.localPort();
}

QStringList publishTs(const QString& file, const QString& url)
{
    return {"-v", "error", "-re", "-i", file, "-map", "0", "-c", "copy", "-f", "mpegts", url};
}

}  // namespace

// Other people's SRT and MPEG-TS against a real node: what comes out is what went in.
class SrtTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();

    void everyPublisherIsUnderstood_data();
    void everyPublisherIsUnderstood();
    void everyPlayerGetsWhatWasPublished();
    void callersAreRefusedBeforeTheyAreAccepted();
    void passphrasesEncrypt();
    void aLossyPathLosesNothing_data();
    void aLossyPathLosesNothing();
    void aLostPublisherIsWaitedFor();

private:
    QString srt(const QString& streamId, quint16 port = srtPort, const QString& address = {}) const
    {
        return QString("srt://%1:%2?streamid=%3")
            .arg(address.isEmpty() ? m_node.address() : address)
            .arg(port)
            .arg(streamId);
    }
    bool waitForPublisher(const QString& stream) const
    {
        return waitUntil([&] { return m_node.log().contains("publishes " + stream); }, 20'000);
    }

    LoneNode m_node;
    QString m_source;
    Hashes m_sent;
};

void SrtTest::initTestCase()
{
    m_source = m_node.path("source.flv");
    const ToolOutput made =
        runTool("ffmpeg", {"-v",    "error",   "-f",      "lavfi",        "-i",   "testsrc2=s=320x180:r=25",
                           "-f",    "lavfi",   "-i",      "sine=r=44100", "-t",   QString::number(publishedSeconds),
                           "-c:v",  "libx264", "-preset", "ultrafast",    "-g",   "25",
                           "-bf",   "2",       "-b:v",    "300k",         "-c:a", "aac",
                           m_source});
    QVERIFY2(made.exitCode == 0, made.standardError);
    m_sent = hashesOf(m_source);
    QCOMPARE(m_sent.video.size(), publishedSeconds * 25);
    QVERIFY(m_sent.audio.size() > enoughFrames);
    QVERIFY2(m_node.start({"--srt-port", QString::number(srtPort)}), qPrintable(m_node.log()));
}

void SrtTest::cleanup()
{
    if (QTest::currentTestFailed())
        qInfo().noquote() << m_node.log();
}

void SrtTest::everyPublisherIsUnderstood_data()
{
    QTest::addColumn<QString>("program");
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("ffmpeg") << "ffmpeg" << publishTs(m_source, srt("%23!::r=live/ffmpeg,m=publish"));
    QTest::newRow("gstreamer") << "gst-launch-1.0"
                               << QStringList{"-q",
                                              "filesrc",
                                              "location=" + m_source,
                                              "!",
                                              "flvdemux",
                                              "name=in",
                                              "in.video",
                                              "!",
                                              "queue",
                                              "!",
                                              "h264parse",
                                              "config-interval=-1",
                                              "!",
                                              "mpegtsmux",
                                              "name=out",
                                              "!",
                                              "srtsink",
                                              "sync=true",
                                              "wait-for-connection=true",
                                              QString("uri=srt://%1:%2?mode=caller").arg(m_node.address()).arg(srtPort),
                                              "streamid=#!::r=live/gstreamer,m=publish",
                                              "in.audio",
                                              "!",
                                              "queue",
                                              "!",
                                              "aacparse",
                                              "!",
                                              "out."};
    QTest::newRow("srt-live-transmit") << "srt-live-transmit" << QStringList{};
}

void SrtTest::everyPublisherIsUnderstood()
{
    QFETCH(const QString, program);
    QFETCH(QStringList, arguments);
    const QString tag = QTest::currentDataTag();
    Child source;
    if (arguments.isEmpty()) {
        const QString udp = QString("udp://127.0.0.1:%1").arg(freeUdpPort());
        arguments = {"-q", udp, srt("publish/live/" + tag)};
        source.start("ffmpeg", publishTs(m_source, udp + "?pkt_size=1316"), m_node.path("udp.log"));
    }
    Child publisher;
    publisher.start(program, arguments, m_node.path(tag + ".log"));
    QVERIFY2(waitForPublisher("live/" + tag), qPrintable(publisher.log()));
    Child viewer;
    const QString seen = m_node.path(tag + ".flv");
    viewer.start("ffmpeg", {"-v", "error", "-i", m_node.rtmp("live/" + tag), "-c", "copy", "-t", "8", seen},
                 m_node.path(tag + "-viewer.log"));
    QVERIFY2(viewer.waitForEnd(30'000), qPrintable(viewer.log()));
    const QByteArray problem = difference(m_sent, hashesOf(seen));
    QVERIFY2(problem.isEmpty(), problem + viewer.log().toUtf8() + publisher.log().toUtf8());
}

void SrtTest::everyPlayerGetsWhatWasPublished()
{
    struct Player
    {
        const char* name;
        QString program;
        QStringList arguments;
    };
    const auto file = [this](const char* name) { return m_node.path(QString(name) + ".ts"); };
    const QString gstUri = QString("uri=srt://%1:%2?mode=caller").arg(m_node.address()).arg(srtPort);
    const QString http = "http://" + m_node.address() + ":5080/live/show.ts";
    const std::vector<Player> players{
        {"ffmpeg", "ffmpeg", {"-v", "error", "-i", srt("live/show"), "-c", "copy", file("ffmpeg")}},
        {"ffmpeg-http", "ffmpeg", {"-v", "error", "-i", http, "-c", "copy", file("ffmpeg-http")}},
        {"curl", "curl", {"-s", "-N", "-o", file("curl"), http}},
        {"gstreamer",
         "gst-launch-1.0",
         {"-q", "srtsrc", gstUri, "streamid=#!::r=live/show,m=request", "!", "filesink", "buffer-mode=unbuffered",
          "location=" + file("gstreamer")}},
        {"srt-live-transmit",
         "sh",
         {"-c", "exec srt-live-transmit -q '" + srt("play/live/show") + "' file://con > " + file("srt-live-transmit")}},
    };
    Child publisher;
    publisher.start("ffmpeg", publishFileArguments(m_source, m_node.rtmp("live/show")), m_node.path("publisher.log"));
    QVERIFY2(waitForPublisher("live/show"), qPrintable(publisher.log()));
    std::vector<std::unique_ptr<Child>> running;
    for (const Player& player : players) {
        running.push_back(std::make_unique<Child>());
        running.back()->start(player.program, player.arguments, m_node.path(QString(player.name) + ".log"));
    }
    QVERIFY(publisher.waitForEnd((publishedSeconds + 20) * 1000));
    for (std::size_t i = 0; i < players.size(); ++i) {
        Child& player = *running[i];
        if (!player.waitForEnd(5000))
            player.terminate();
        player.waitForEnd(5000);
        const QByteArray problem = difference(m_sent, hashesOf(file(players[i].name)));
        QVERIFY2(problem.isEmpty(), players[i].name + (": " + problem) + player.log().toUtf8());
    }
    QVERIFY2(m_node.log().count("plays live/show") >= 5, qPrintable(m_node.log()));
}

void SrtTest::callersAreRefusedBeforeTheyAreAccepted()
{
    const auto codeOf = [this](const char* streamId) { return SrtCaller().call(m_node.address(), srtPort, streamId); };
    QCOMPARE(codeOf(""), SRT_REJX_BAD_REQUEST);
    QCOMPARE(codeOf("show"), SRT_REJX_BAD_REQUEST);
    QCOMPARE(codeOf("live/none"), SRT_REJX_NOTFOUND);
    QCOMPARE(codeOf("#!::r=live/none,m=bidirectional"), SRT_REJX_BAD_MODE);
    SrtCaller first;
    QCOMPARE(first.call(m_node.address(), srtPort, "publish/live/taken"), 0);
    QVERIFY(waitForPublisher("live/taken"));
    QCOMPARE(codeOf("publish/live/taken"), SRT_REJX_CONFLICT);
    // After 2 s without a picture whoever shows the same may take it, another may not.
    QTest::qWait(2200);
    QCOMPARE(codeOf("publish/live/taken?token=other"), SRT_REJX_FORBIDDEN);
    SrtCaller second;
    QCOMPARE(second.call(m_node.address(), srtPort, "#!::r=live/taken,m=publish"), 0);
    QVERIFY(first.isEnded(5000));
    // It sends nothing that is MPEG-TS.
    second.send(QByteArray(1316, 'x'));
    QVERIFY(second.isEnded(15'000));
    QVERIFY(m_node.log().contains("no MPEG-TS with pictures or sound came"));
}

void SrtTest::passphrasesEncrypt()
{
    LoneNode node;
    QFile file(m_node.path("passphrase"));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("a long passphrase\n") > 0);
    file.close();
    const quint16 rtmp = freePort(), http = freePort(), port = freeUdpPort();
    const QString address = QStringLiteral("127.0.0.1");
    QVERIFY2(
        node.start({"--address", address, "--rtmp-port", QString::number(rtmp), "--http-port", QString::number(http),
                    "--srt-port", QString::number(port), "--srt-passphrase-file", m_node.path("passphrase")}),
        qPrintable(node.log()));
    const auto codeOf = [&](const QByteArray& passphrase) {
        return SrtCaller().call(address, port, "publish/live/secret", passphrase);
    };
    QCOMPARE(codeOf("another passphrase"), static_cast<int>(SRT_REJ_BADSECRET));
    QCOMPARE(codeOf({}), static_cast<int>(SRT_REJ_UNSECURE));
    QVERIFY(waitUntil([&] { return node.log().contains("its passphrase does not hold"); }, 5000));
    Child publisher;
    const QString key = QStringLiteral("&passphrase=a long passphrase");
    publisher.start("ffmpeg", publishTs(m_source, srt("publish/live/secret", port, address) + key),
                    node.path("publisher.log"));
    const QString seen = node.path("seen.ts");
    QVERIFY2(waitUntil([&] { return node.log().contains("publishes live/secret"); }, 20'000),
             qPrintable(publisher.log()));
    const ToolOutput viewer = runTool(
        "ffmpeg", {"-v", "error", "-i", srt("live/secret", port, address) + key, "-c", "copy", "-t", "6", seen});
    QVERIFY2(viewer.exitCode == 0, viewer.standardError);
    const QByteArray problem = difference(m_sent, hashesOf(seen));
    QVERIFY2(problem.isEmpty(), problem);
}

void SrtTest::aLossyPathLosesNothing_data()
{
    QTest::addColumn<bool>("isPublisher");
    QTest::newRow("to the node") << true;
    QTest::newRow("from the node") << false;
}

// 5 % lost, 100 ms there and back, jitter, some overtaken: all of it comes within a latency of a second.
void SrtTest::aLossyPathLosesNothing()
{
    QFETCH(const bool, isPublisher);
    ImpairedUdp path(m_node.address().toStdString(), srtPort, 42);
    Impairment bad;
    bad.lossPercent = 5;
    bad.reorderedPercent = 1;
    bad.delayMs = 50;
    bad.jitterMs = 20;
    path.set(bad, bad);
    const QString stream = isPublisher ? "live/lossyin" : "live/lossyout";
    const auto through = [&](const QString& id) {
        return srt(id, path.port(), "127.0.0.1") + "&latency=1000000&connect_timeout=8000";
    };
    Child publisher;
    publisher.start("ffmpeg",
                    publishTs(m_source, isPublisher ? through("publish/" + stream) : srt("publish/" + stream)),
                    m_node.path("lossy.log"));
    QVERIFY2(waitForPublisher(stream), qPrintable(publisher.log()));
    const QString seen = m_node.path(isPublisher ? "in.ts" : "out.ts");
    const ToolOutput viewer = runTool(
        "ffmpeg", {"-v", "error", "-i", isPublisher ? srt(stream) : through(stream), "-c", "copy", "-t", "8", seen},
        40'000);
    QVERIFY2(viewer.exitCode == 0, viewer.standardError);
    const QByteArray problem = difference(m_sent, hashesOf(seen));
    QVERIFY2(problem.isEmpty(), problem);
    QVERIFY2(path.lost() > 10, qPrintable(QString::number(path.lost())));
    // The node tells of it.
    const QByteArray figures = runTool("curl", {"-s", "http://" + m_node.address() + ":5080/metrics"}).standardOutput;
    const QByteArray name =
        isPublisher ? "\nheadgate_node_srt_packets_lost_total " : "\nheadgate_node_srt_packets_retransmitted_total ";
    QVERIFY2(figures.mid(figures.indexOf(name) + name.size()).split('\n').first().toDouble() > 10, figures);
}

// Its viewers stay until it comes back.
void SrtTest::aLostPublisherIsWaitedFor()
{
    Child publisher;
    publisher.start("ffmpeg", publishTs(m_source, srt("publish/live/lost")), m_node.path("lost.log"));
    QVERIFY(waitForPublisher("live/lost"));
    Child viewer;
    const QString seen = m_node.path("lost.ts");
    viewer.start("ffmpeg", {"-v", "error", "-i", srt("live/lost"), "-c", "copy", seen}, m_node.path("waits.log"));
    QVERIFY(waitUntil([&] { return QFile(seen).size() > 50'000; }, 15'000));
    publisher.kill();
    QVERIFY2(waitUntil([&] { return m_node.log().contains("no longer publishes live/lost"); }, 15'000),
             qPrintable(m_node.log()));
    const qint64 size = QFile(seen).size();
    QTest::qWait(1000);
    QVERIFY(viewer.isRunning());
    Child again;
    again.start("ffmpeg", publishTs(m_source, srt("publish/live/lost")), m_node.path("again.log"));
    QVERIFY2(waitUntil([&] { return QFile(seen).size() > size + 100'000; }, 20'000), qPrintable(viewer.log()));
    // One that ends in order ends the stream.
    QVERIFY(again.waitForEnd((publishedSeconds + 10) * 1000));
    QVERIFY2(viewer.waitForEnd(10'000), qPrintable(m_node.log()));
}

QTEST_GUILESS_MAIN(SrtTest)
#include "srt_test.moc"
