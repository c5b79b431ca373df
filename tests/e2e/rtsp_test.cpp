#include "tests/support/frame_hashes.h"
#include "tests/support/impaired_rtsp.h"
#include "tests/support/lone_node.h"
#include "tests/support/raw_client.h"
#include "tests/support/stream_record.h"

#include <QNetworkDatagram>
#include <QTest>
#include <QUdpSocket>

#include <memory>
#include <vector>

using namespace headgate::test;

namespace {

constexpr int publishedSeconds = 14;
constexpr quint16 rtspPort = 8554;

QStringList publishRtsp(const QString& file, const QString& url, const QString& transport)
{
    return {"-v",   "error",           "-re",     "-i", file, "-map", "0", "-c", "copy", "-f",
            "rtsp", "-rtsp_transport", transport, url};
}

// Pictures and sound each as they come, in a file of their own: FILE.h264 and FILE.aac.
QStringList playRtsp(const QString& url, const QString& transport, const QString& file)
{
    return {"-v",         "error", "-y",   "-rtsp_transport", transport, "-i",  url,  "-map",
            "0:v",        "-c",    "copy", file + ".h264",    "-map",    "0:a", "-c", "copy",
            file + ".aac"};
}

Hashes hashesOfBoth(const QString& file)
{
    return {hashesOf(file + ".h264", "v"), hashesOf(file + ".aac", "a")};
}

}  // namespace

// Other people's RTSP against a real node: what comes out is what went in, B-frames included.
class RtspTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();

    void everyPublisherIsUnderstood_data();
    void everyPublisherIsUnderstood();
    void everyPlayerGetsWhatWasPublished();
    void lossyPathsLeaveCleanPictures();
    void otherCodecsGoThrough();
    void requestsThatMakeNoSenseAreRefused_data();
    void requestsThatMakeNoSenseAreRefused();
    void nothingGoesToAnybodyElse();
    void viewersPauseAndGoOn();
    void hostileBytesHarmNobody();

private:
    QString rtsp(const QString& stream) const
    {
        return QString("rtsp://%1:%2/%3").arg(m_node.address()).arg(rtspPort).arg(stream);
    }
    void checkCleanPictures(const QString& seen);
    void checkMostPictures(const QString& seen);
    bool waitForPublisher(const QString& stream) const
    {
        return waitUntil([&] { return m_node.log().contains("publishes " + stream); }, 30'000);
    }
    // The answer to one request after another, as a connection of its own gets them.
    QByteArray answer(const QByteArray& requests) const
    {
        RawClient client(m_node.address(), rtspPort);
        client.say(std::string_view(requests.data(), static_cast<std::size_t>(requests.size())));
        return client.hear(1, 15'000);
    }
    // DESCRIBE and SETUP of its pictures; the session's name.
    QByteArray prepare(RawClient& client, const QString& stream, const QByteArray& transport,
                       QByteArray& answers) const;

    LoneNode m_node;
    QString m_source;
    Hashes m_sent;
};

void RtspTest::initTestCase()
{
    m_source = m_node.path("source.flv");
    const ToolOutput made =
        runTool("ffmpeg", {"-v",    "error",   "-f",      "lavfi",        "-i",   "testsrc2=s=320x180:r=25",
                           "-f",    "lavfi",   "-i",      "sine=r=44100", "-t",   QString::number(publishedSeconds),
                           "-c:v",  "libx264", "-preset", "superfast",    "-g",   "25",
                           "-bf",   "2",       "-b:v",    "300k",         "-c:a", "aac",
                           m_source},
                120'000);
    QVERIFY2(made.exitCode == 0, made.standardError);
    m_sent = hashesOf(m_source);
    QCOMPARE(m_sent.video.size(), publishedSeconds * 25);
    QVERIFY2(m_node.start({"--rtsp-port", QString::number(rtspPort)}), qPrintable(m_node.log()));
}

void RtspTest::cleanup()
{
    if (QTest::currentTestFailed())
        qInfo().noquote() << m_node.log();
}

void RtspTest::everyPublisherIsUnderstood_data()
{
    QTest::addColumn<QString>("program");
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("tcp") << "ffmpeg" << publishRtsp(m_source, rtsp("live/tcp"), "tcp");
    QTest::newRow("udp") << "ffmpeg" << publishRtsp(m_source, rtsp("live/udp"), "udp");
    QTest::newRow("gstreamer") << "gst-launch-1.0"
                               << QStringList{"-q",
                                              "filesrc",
                                              "location=" + m_source,
                                              "!",
                                              "flvdemux",
                                              "name=in",
                                              "rtspclientsink",
                                              "name=out",
                                              "protocols=tcp",
                                              "location=" + rtsp("live/gstreamer"),
                                              "in.video",
                                              "!",
                                              "queue",
                                              "!",
                                              "h264parse",
                                              "!",
                                              "out.sink_0",
                                              "in.audio",
                                              "!",
                                              "queue",
                                              "!",
                                              "aacparse",
                                              "!",
                                              "out.sink_1"};
}

void RtspTest::everyPublisherIsUnderstood()
{
    QFETCH(const QString, program);
    QFETCH(const QStringList, arguments);
    const QString tag = QTest::currentDataTag();
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
    // Decoded in order, and shown in time: RTP tells only when.
    const ToolOutput times = runTool(
        "ffprobe", {"-v", "error", "-select_streams", "v", "-show_entries", "packet=dts,pts", "-of", "csv=p=0", seen});
    QList<qint64> shown;
    qint64 last = -1;
    for (const QByteArray& line : times.standardOutput.trimmed().split('\n')) {
        const QByteArrayList fields = line.split(',');
        shown.append(fields.value(0).toLongLong());
        const qint64 decoded = fields.value(1).toLongLong();
        QVERIFY2(decoded > last && decoded <= shown.last(), line);
        last = decoded;
    }
    std::sort(shown.begin(), shown.end());
    // Of the last ones some are missing that were to be shown before.
    for (qsizetype i = 1; i < shown.size() - 4; ++i)
        QVERIFY2(std::abs(shown[i] - shown[i - 1] - 40) <= 1, qPrintable(QString::number(i)));
}

void RtspTest::everyPlayerGetsWhatWasPublished()
{
    struct Player
    {
        const char* name;
        QString program;
        QStringList arguments;
    };
    const auto file = [this](const char* name) { return m_node.path(name); };
    const auto gstreamer = [&](const char* name) {
        return QStringList{"-q",
                           "rtspsrc",
                           "name=in",
                           "protocols=" + QString(name).section('-', 1),
                           "location=" + rtsp("live/show"),
                           "in.",
                           "!",
                           "application/x-rtp,media=video",
                           "!",
                           "rtph264depay",
                           "!",
                           "video/x-h264,stream-format=byte-stream,alignment=au",
                           "!",
                           "filesink",
                           "buffer-mode=unbuffered",
                           "location=" + file(name) + ".h264",
                           "in.",
                           "!",
                           "application/x-rtp,media=audio",
                           "!",
                           "rtpmp4gdepay",
                           "!",
                           "aacparse",
                           "!",
                           "audio/mpeg,stream-format=adts",
                           "!",
                           "filesink",
                           "buffer-mode=unbuffered",
                           "location=" + file(name) + ".aac"};
    };
    const std::vector<Player> players{
        {"ffmpeg-tcp", "ffmpeg", playRtsp(rtsp("live/show"), "tcp", file("ffmpeg-tcp"))},
        {"ffmpeg-udp", "ffmpeg", playRtsp(rtsp("live/show"), "udp", file("ffmpeg-udp"))},
        {"gstreamer-tcp", "gst-launch-1.0", gstreamer("gstreamer-tcp")},
        {"gstreamer-udp", "gst-launch-1.0", gstreamer("gstreamer-udp")},
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
        // The end of the stream is theirs.
        if (!player.waitForEnd(15'000))
            player.terminate();
        player.waitForEnd(5000);
        const QByteArray problem = difference(m_sent, hashesOfBoth(file(players[i].name)));
        QVERIFY2(problem.isEmpty(), players[i].name + (": " + problem) + player.log().toUtf8());
    }
    QVERIFY2(m_node.log().count("plays live/show") >= 4, qPrintable(m_node.log()));
}

// 2 % lost and as many overtaken, on the way to the node of one stream and to the viewer of another.
void RtspTest::lossyPathsLeaveCleanPictures()
{
    ImpairedRtsp in(m_node.address(), rtspPort, 11), out(m_node.address(), rtspPort, 12);
    Impairment bad;
    bad.lossPercent = bad.reorderedPercent = 2;
    bad.jitterMs = 10;
    in.set(bad, {});
    out.set({}, bad);
    Child lossyPublisher, publisher, viewer, lossyViewer;
    lossyPublisher.start("ffmpeg", publishRtsp(m_source, in.url("live/lossy"), "udp"), m_node.path("lossy.log"));
    publisher.start("ffmpeg", publishFileArguments(m_source, m_node.rtmp("live/away")), m_node.path("away.log"));
    QVERIFY2(waitForPublisher("live/lossy"), qPrintable(lossyPublisher.log()));
    QVERIFY2(waitForPublisher("live/away"), qPrintable(publisher.log()));
    const QString seen = m_node.path("lossy.flv"), seenAway = m_node.path("away");
    viewer.start("ffmpeg", {"-v", "error", "-i", m_node.rtmp("live/lossy"), "-c", "copy", seen},
                 m_node.path("lossy-viewer.log"));
    lossyViewer.start("ffmpeg", playRtsp(out.url("live/away"), "udp", seenAway), m_node.path("away-viewer.log"));
    const auto isOver = [&] {
        return !publisher.isRunning() && !lossyPublisher.isRunning() && !viewer.isRunning() && !lossyViewer.isRunning();
    };
    QVERIFY2(waitUntil(isOver, (publishedSeconds + 60) * 1000), qPrintable(m_node.log()));
    QVERIFY2(in.lost() > 5 && out.lost() > 5, qPrintable(QString("%1 %2").arg(in.lost()).arg(out.lost())));
    checkCleanPictures(seen);
    checkMostPictures(seenAway);
}

// What came to the node are whole pictures, each of which can be decoded, and all the sound that came.
void RtspTest::checkCleanPictures(const QString& seen)
{
    const Hashes got = hashesOf(seen);
    const QByteArrayList flags = runTool("ffprobe", {"-v", "error", "-select_streams", "v", "-show_entries",
                                                     "packet=flags", "-of", "csv=p=0", m_source})
                                     .standardOutput.trimmed()
                                     .split('\n');
    QCOMPARE(flags.size(), m_sent.video.size());
    int gaps = 0;
    qsizetype last = m_sent.video.indexOf(got.video.value(0)) - 1;
    for (const QByteArray& hash : got.video) {
        const qsizetype place = m_sent.video.indexOf(hash, last + 1);
        QVERIFY2(place > last, "a picture is not one that was sent");
        const bool isGap = place != last + 1;
        QVERIFY2(!isGap || flags[place].startsWith('K'), flags[place]);
        gaps += isGap ? 1 : 0;
        last = place;
    }
    qInfo("%d gaps, %lld of %lld pictures and %lld of %lld pieces of sound came", gaps,
          static_cast<long long>(got.video.size()), static_cast<long long>(m_sent.video.size()),
          static_cast<long long>(got.audio.size()), static_cast<long long>(m_sent.audio.size()));
    QVERIFY(gaps > 0 && got.video.size() > enoughFrames);
    const ToolOutput decoded = runTool("ffmpeg", {"-v", "error", "-i", seen, "-map", "0:v", "-f", "null", "-"});
    QCOMPARE(decoded.standardError, QByteArray());
    last = -1;
    for (const QByteArray& hash : got.audio) {
        const qsizetype place = m_sent.audio.indexOf(hash, last + 1);
        QVERIFY2(place > last, "a piece of sound is not one that was sent");
        last = place;
    }
    QVERIFY2(got.audio.size() > (last - m_sent.audio.indexOf(got.audio.value(0))) * 8 / 10,
             QByteArray::number(got.audio.size()));
}

// What is lost behind the node is the viewer's to mend; it goes on to the end.
void RtspTest::checkMostPictures(const QString& seen)
{
    const Hashes got = hashesOfBoth(seen);
    const auto whole = std::count_if(got.video.begin(), got.video.end(),
                                     [&](const QByteArray& hash) { return m_sent.video.contains(hash); });
    QVERIFY2(whole > m_sent.video.size() / 2, QByteArray::number(static_cast<qlonglong>(whole)));
    QVERIFY2(m_sent.video.indexOf(got.video.last()) > m_sent.video.size() * 8 / 10 ||
                 m_sent.audio.indexOf(got.audio.value(got.audio.size() - 2)) > m_sent.audio.size() * 8 / 10,
             "it did not go on to the end");
    QVERIFY2(got.audio.size() > m_sent.audio.size() / 2, QByteArray::number(got.audio.size()));
}

void RtspTest::otherCodecsGoThrough()
{
    const QString source = m_node.path("other.mkv");
    const ToolOutput made = runTool(
        "ffmpeg", {"-v",   "error",   "-f",      "lavfi",        "-i",           "testsrc2=s=320x180:r=25",
                   "-f",   "lavfi",   "-i",      "sine=r=48000", "-t",           QString::number(publishedSeconds),
                   "-c:v", "libx265", "-preset", "ultrafast",    "-x265-params", "keyint=25:bframes=2:log-level=none",
                   "-c:a", "libopus", source},
        120'000);
    QVERIFY2(made.exitCode == 0, made.standardError);
    Child publisher;
    publisher.start("ffmpeg", publishRtsp(source, rtsp("live/other"), "tcp"), m_node.path("other.log"));
    QVERIFY2(waitForPublisher("live/other"), qPrintable(publisher.log()));
    const auto decoded = [](const QStringList& input) {
        const ToolOutput read =
            runTool("ffmpeg",
                    QStringList{"-v", "error"} + input +
                        QStringList{"-map", "0:v", "-fps_mode", "passthrough", "-f", "framehash", "-hash", "md5", "-"},
                    40'000);
        QByteArrayList hashes;
        for (const QByteArray& line : read.standardOutput.split('\n')) {
            if (!line.isEmpty() && !line.startsWith('#'))
                hashes.append(line.split(',').value(5).trimmed());
        }
        return hashes;
    };
    const QStringList seen{"-rtsp_transport", "tcp", "-i", rtsp("live/other"), "-t", "6"};
    const QByteArray problem = difference(decoded({"-i", source}), decoded(seen));
    QVERIFY2(problem.isEmpty(), problem + publisher.log().toUtf8());
    const ToolOutput codecs = runTool("ffprobe", {"-v", "error", "-rtsp_transport", "tcp", "-show_entries",
                                                  "stream=codec_name", "-of", "csv=p=0", rtsp("live/other")});
    QVERIFY2(codecs.standardOutput.contains("hevc") && codecs.standardOutput.contains("opus"), codecs.standardOutput);
}

void RtspTest::requestsThatMakeNoSenseAreRefused_data()
{
    QTest::addColumn<QByteArray>("request");
    QTest::addColumn<int>("status");
    const auto row = [this](const char* name, const QByteArray& method, const QByteArray& rest, int status) {
        QTest::newRow(name) << QByteArray(method + " " + rtsp("live/none").toUtf8() + " RTSP/1.0\r\nCSeq: 7\r\n" + rest)
                            << status;
    };
    const auto announce = [](const QByteArray& sdp) {
        return "Content-Type: application/sdp\r\nContent-Length: " + QByteArray::number(sdp.size()) + "\r\n\r\n" + sdp;
    };
    row("no such stream", "DESCRIBE", "\r\n", 404);
    row("set up before it is described", "SETUP", "Transport: RTP/AVP;unicast;client_port=9000-9001\r\n\r\n", 455);
    row("nothing to play", "PLAY", "\r\n", 455);
    row("nothing to pause", "PAUSE", "\r\n", 455);
    row("nothing to record", "RECORD", "\r\n", 455);
    row("another's session", "PLAY", "Session: 12345\r\n\r\n", 454);
    row("no method", "SHOUT", "\r\n", 501);
    row("an extension", "OPTIONS", "Require: com.example.magic\r\n\r\n", 551);
    row("no media", "ANNOUNCE", announce("v=0\r\n"), 400);
    row("an unknown encoding", "ANNOUNCE", announce("v=0\r\nm=audio 0 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"), 415);
    row("two pictures", "ANNOUNCE",
        announce("v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 "
                 "H264/90000\r\n"),
        415);
    row("a body without end", "ANNOUNCE", "Content-Length: 99999999999999999999\r\n\r\n", 413);
    row("no length", "ANNOUNCE", "Content-Length: -1\r\n\r\n", 400);
    QTest::newRow("another version") << QByteArray("OPTIONS * RTSP/2.0\r\nCSeq: 7\r\n\r\n") << 505;
    QTest::newRow("HTTP") << QByteArray("GET / HTTP/1.1\r\nHost: node\r\n\r\n") << 400;
    QTest::newRow("a head without end") << QByteArray("OPTIONS * RTSP/1.0\r\nX: " + QByteArray(20'000, 'x')) << 413;
    QTest::newRow("no URL of RTSP") << QByteArray("DESCRIBE http://node/live/show RTSP/1.0\r\nCSeq: 7\r\n\r\n") << 400;
    QTest::newRow("OPTIONS") << QByteArray("OPTIONS * RTSP/1.0\r\nCSeq: 7\r\n\r\n") << 200;
}

void RtspTest::requestsThatMakeNoSenseAreRefused()
{
    QFETCH(const QByteArray, request);
    QFETCH(const int, status);
    const QByteArray heard = answer(request);
    QVERIFY2(heard.startsWith("RTSP/1.0 " + QByteArray::number(status) + " "), heard);
    if (request.contains("CSeq") && status != 400 && status != 413)
        QVERIFY2(heard.contains("\r\nCSeq: 7\r\n"), heard);
}

QByteArray RtspTest::prepare(RawClient& client, const QString& stream, const QByteArray& transport,
                             QByteArray& answers) const
{
    const QByteArray url = rtsp(stream).toUtf8();
    const auto ask = [&](const QByteArray& request, const QByteArray& end) {
        client.say(std::string_view(request.data(), static_cast<std::size_t>(request.size())));
        const qsizetype before = answers.size();
        (void)waitUntil([&] { return (answers = client.hear(answers.size() + 1, 100)).indexOf(end, before) > 0; },
                        15'000);
    };
    ask("DESCRIBE " + url + " RTSP/1.0\r\nCSeq: 1\r\n\r\n", "trackID=1\r\n");
    ask("SETUP " + url + "/trackID=0 RTSP/1.0\r\nCSeq: 2\r\nTransport: " + transport + "\r\n\r\n", "CSeq: 2\r\n");
    const qsizetype at = answers.indexOf("Session: ");
    return at < 0 ? QByteArray() : answers.mid(at + 9, answers.indexOf(';', at) - at - 9);
}

// What a transport says of destinations does not count.
void RtspTest::nothingGoesToAnybodyElse()
{
    Child publisher;
    publisher.start("ffmpeg", publishFileArguments(m_source, m_node.rtmp("live/udp1")), m_node.path("udp1.log"));
    QVERIFY(waitForPublisher("live/udp1"));
    QUdpSocket mine, other;
    QVERIFY(mine.bind(QHostAddress("127.0.0.1")) && other.bind(QHostAddress("127.0.0.9"), mine.localPort()));
    RawClient client(m_node.address(), rtspPort);
    QByteArray answers;
    const QByteArray ports = QByteArray::number(mine.localPort()) + "-" + QByteArray::number(mine.localPort() + 1);
    const QByteArray session =
        prepare(client, "live/udp1", "RTP/AVP;unicast;destination=127.0.0.9;client_port=" + ports, answers);
    QVERIFY2(!session.isEmpty() && answers.contains("client_port=" + ports + ";server_port="), answers);
    const QByteArray play =
        "PLAY " + rtsp("live/udp1").toUtf8() + " RTSP/1.0\r\nCSeq: 3\r\nSession: " + session + "\r\n\r\n";
    client.say(std::string_view(play.data(), static_cast<std::size_t>(play.size())));
    QVERIFY(waitUntil([&] { return mine.hasPendingDatagrams(); }, 15'000));
    QVERIFY(!other.hasPendingDatagrams());
    // With the connection the packets end.
    client = RawClient(m_node.address(), rtspPort);
    QVERIFY(waitUntil([&] { return m_node.log().contains("ended: closed by the other side"); }, 10'000));
    QTest::qWait(300);
    while (mine.hasPendingDatagrams())
        mine.receiveDatagram();
    QTest::qWait(500);
    QVERIFY(!mine.hasPendingDatagrams());
}

void RtspTest::viewersPauseAndGoOn()
{
    Child publisher;
    publisher.start("ffmpeg", publishFileArguments(m_source, m_node.rtmp("live/pause")), m_node.path("pause.log"));
    QVERIFY(waitForPublisher("live/pause"));
    RawClient client(m_node.address(), rtspPort);
    QByteArray heard;
    const QByteArray session = prepare(client, "live/pause", "RTP/AVP/TCP;unicast;interleaved=4-5", heard);
    QVERIFY2(heard.contains("interleaved=4-5"), heard);
    const auto ask = [&](const QByteArray& method, const QByteArray& number) {
        const QByteArray request = method + " " + rtsp("live/pause").toUtf8() + " RTSP/1.0\r\nCSeq: " + number +
                                   "\r\nSession: " + session + "\r\n\r\n";
        client.say(std::string_view(request.data(), static_cast<std::size_t>(request.size())));
        return waitUntil([&] { return (heard = client.hear(heard.size() + 1, 50)).contains("CSeq: " + number); },
                         15'000);
    };
    const auto hears = [&] {
        const qsizetype before = heard.size();
        return waitUntil([&] { return (heard = client.hear(heard.size() + 1, 50)).size() > before + 5000; }, 10'000);
    };
    QVERIFY(ask("PLAY", "3") && hears());
    QVERIFY(ask("PAUSE", "4"));
    QTest::qWait(500);
    heard = client.hear(heard.size() + 1, 100);
    const qsizetype paused = heard.size();
    QTest::qWait(1000);
    QCOMPARE((heard = client.hear(heard.size() + 1, 100)).size(), paused);
    QVERIFY(ask("GET_PARAMETER", "5"));
    QVERIFY(ask("PLAY", "6") && hears());
    QVERIFY(ask("TEARDOWN", "7"));
    QVERIFY(client.isClosedWithin(5000));
}

void RtspTest::hostileBytesHarmNobody()
{
    Child publisher;
    publisher.start("ffmpeg", publishRtsp(m_source, rtsp("live/calm"), "tcp"), m_node.path("calm.log"));
    QVERIFY(waitForPublisher("live/calm"));
    Child viewer;
    const QString seen = m_node.path("calm-seen");
    viewer.start("ffmpeg", playRtsp(rtsp("live/calm"), "tcp", seen), m_node.path("calm-viewer.log"));
    QVERIFY(waitUntil([&] { return QFile(seen + ".h264").size() > 50'000; }, 20'000));
    quint32 random = 7;
    for (int i = 0; i < 50; ++i) {
        RawClient client(m_node.address(), rtspPort);
        const QByteArray url = rtsp("live/evil").toUtf8();
        const QByteArray sdp = "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:t=0\r\n";
        QByteArray bytes = "ANNOUNCE " + url +
                           " RTSP/1.0\r\nCSeq: 1\r\nContent-Length: " + QByteArray::number(sdp.size()) + "\r\n\r\n" +
                           sdp + "SETUP " + url +
                           "/t=0 RTSP/1.0\r\nCSeq: 2\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\nRECORD " + url +
                           " RTSP/1.0\r\nCSeq: 3\r\n\r\n";
        for (int packet = 0; packet < 100; ++packet) {
            QByteArray content(packet * 7 % 90, '\0');
            for (char& c : content)
                c = static_cast<char>((random = random * 1'664'525 + 1'013'904'223) >> 24);
            if (content.size() > 13)
                content.replace(0, 13,
                                QByteArray("\x80\xe0\x00\x00\x00\x00\x00\x00\x00\x00\x00\x07", 12) + content[13]);
            bytes += '$' + QByteArray(1, '\0') + '\0' + static_cast<char>(content.size()) + content;
        }
        bytes.remove(static_cast<qsizetype>(random % 200) + 20, i % 3);
        client.say(std::string_view(bytes.data(), static_cast<std::size_t>(bytes.size())));
        client.hear(1, 200);
    }
    QVERIFY(publisher.waitForEnd((publishedSeconds + 20) * 1000));
    QVERIFY(viewer.waitForEnd(15'000));
    const QByteArray problem = difference(m_sent, hashesOfBoth(seen));
    QVERIFY2(problem.isEmpty(), problem);
    QVERIFY(m_node.isRunning());
}

QTEST_GUILESS_MAIN(RtspTest)
#include "rtsp_test.moc"
