#include "tests/support/lone_node.h"
#include "tests/support/stream_record.h"

#include <QTest>

#include <algorithm>
#include <memory>
#include <vector>

using namespace headgate::test;

namespace {

constexpr int publishedSeconds = 14;
constexpr qsizetype enoughPackets = 100;

QByteArrayList hashesOf(const QList<FrameMark>& frames)
{
    QByteArrayList hashes;
    for (const FrameMark& frame : frames)
        hashes.append(frame.hash);
    return hashes;
}

// What was seen stands in what was sent, whole and in order. Programs have clocks of their own, so the times may differ
// and must only grow.
QByteArray difference(const QList<FrameMark>& sent, QList<FrameMark> seen)
{
    if (seen.size() < enoughPackets)
        return "only " + QByteArray::number(seen.size()) + " packets were seen";
    const auto turned = std::ranges::is_sorted_until(seen, {}, &FrameMark::time);
    if (turned != seen.end())
        return "the time falls from " + QByteArray::number(std::prev(turned)->time) + " to " +
               QByteArray::number(turned->time);
    seen.removeLast();  // of a reader that was ended, it may be torn
    const QByteArrayList all = hashesOf(sent);
    const QByteArrayList part = hashesOf(seen);
    const qsizetype start = all.indexOf(part.first());
    if (start < 0)
        return "the first packet is not of the source";
    for (qsizetype i = 0; i < part.size(); ++i) {
        if (start + i >= all.size() || all[start + i] != part[i])
            return "packet " + QByteArray::number(i) + " is not the one that was sent";
    }
    return {};
}

StreamRecord recordOf(const QString& file)
{
    return parseRecord(runTool("ffprobe", recordArguments(file)).standardOutput);
}

struct Player
{
    const char* name;
    QString program;
    QStringList arguments;
    QString file;           // what it writes
    bool isRecord = false;  // of ffprobe's lines, else FLV
};

}  // namespace

// Publishers and players of other people, each against a real node: what comes out is what went in.
class InteropTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();

    void everyPlayerGetsWhatWasPublished();
    void everyPublisherIsUnderstood_data();
    void everyPublisherIsUnderstood();

private:
    QList<Player> players() const;
    void startPublishing(Child& publisher, const QString& stream);

    LoneNode m_node;
    QString m_source;
    StreamRecord m_sent;
};

void InteropTest::initTestCase()
{
    m_source = m_node.path("source.flv");
    // With B-frames, whose times of showing run ahead of those of decoding.
    const ToolOutput made =
        runTool("ffmpeg", {"-v",    "error",   "-f",      "lavfi",        "-i",   "testsrc2=s=320x180:r=25",
                           "-f",    "lavfi",   "-i",      "sine=r=44100", "-t",   QString::number(publishedSeconds),
                           "-c:v",  "libx264", "-preset", "ultrafast",    "-g",   "25",
                           "-bf",   "2",       "-b:v",    "300k",         "-c:a", "aac",
                           m_source});
    QVERIFY2(made.exitCode == 0, made.standardError);
    m_sent = recordOf(m_source);
    QVERIFY(m_sent.video.size() == publishedSeconds * 25);
    QVERIFY2(m_node.start(), qPrintable(m_node.log()));
}

void InteropTest::cleanup()
{
    if (QTest::currentTestFailed())
        qInfo().noquote() << m_node.log();
}

void InteropTest::startPublishing(Child& publisher, const QString& stream)
{
    publisher.start("ffmpeg", publishFileArguments(m_source, m_node.rtmp(stream)), m_node.path("publisher.log"));
    QVERIFY2(waitUntil([&] { return m_node.log().contains("publishes " + stream); }, 20'000),
             qPrintable(publisher.log()));
}

QList<Player> InteropTest::players() const
{
    const QString rtmp = m_node.rtmp("live/show");
    const QString http = m_node.http("live/show");
    const auto file = [this](const char* name) { return m_node.path(QLatin1String(name)); };
    return {
        {"ffmpeg, RTMP", "ffprobe", recordArguments(rtmp), file("ffmpeg-rtmp.txt"), true},
        {"ffmpeg, HTTP-FLV", "ffprobe", recordArguments(http), file("ffmpeg-http.txt"), true},
        {"rtmpdump", "rtmpdump", {"-q", "-v", "-r", rtmp, "-o", file("rtmpdump.flv")}, file("rtmpdump.flv")},
        {"GStreamer, rtmp2src",
         "gst-launch-1.0",
         {"-q", "rtmp2src", "location=" + rtmp, "!", "filesink", "buffer-mode=unbuffered",
          "location=" + file("gst.flv")},
         file("gst.flv")},
        {"GStreamer, souphttpsrc",
         "gst-launch-1.0",
         {"-q", "souphttpsrc", "location=" + http, "!", "filesink", "buffer-mode=unbuffered",
          "location=" + file("soup.flv")},
         file("soup.flv")},
        {"curl", "curl", {"-s", "-N", "-o", file("curl.flv"), http}, file("curl.flv")},
    };
}

void InteropTest::everyPlayerGetsWhatWasPublished()
{
    Child publisher;
    startPublishing(publisher, "live/show");
    const QList<Player> all = players();
    std::vector<std::unique_ptr<Child>> running;
    for (const Player& player : all) {
        running.push_back(std::make_unique<Child>());
        running.back()->start(player.program, player.arguments, player.isRecord ? player.file : player.file + ".log");
    }
    // Each has had time enough when the publisher is done.
    QVERIFY(publisher.waitForEnd((publishedSeconds + 20) * 1000));
    for (qsizetype i = 0; i < all.size(); ++i) {
        Child& player = *running[static_cast<std::size_t>(i)];
        if (!player.waitForEnd(5000))
            player.terminate();
        player.waitForEnd(5000);
        QFile text(all[i].file);
        QVERIFY2(text.open(QIODevice::ReadOnly), qPrintable(QLatin1String(all[i].name) + ": " + player.log()));
        const StreamRecord seen = all[i].isRecord ? parseRecord(text.readAll()) : recordOf(all[i].file);
        const QByteArray video = difference(m_sent.video, seen.video);
        const QByteArray audio = difference(m_sent.audio, seen.audio);
        QVERIFY2(video.isEmpty() && audio.isEmpty(),
                 all[i].name + QByteArray(": video: ") + video + "; audio: " + audio + "; " + player.log().toUtf8());
    }
}

void InteropTest::everyPublisherIsUnderstood_data()
{
    QTest::addColumn<QString>("program");
    QTest::addColumn<QStringList>("arguments");
    const auto url = [this](const char* stream) { return m_node.rtmp(QLatin1String(stream)); };
    QTest::newRow("ffmpeg") << "ffmpeg" << publishFileArguments(m_source, url("live/ffmpeg"));
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
                                              "!",
                                              "flvmux",
                                              "streamable=true",
                                              "name=out",
                                              "!",
                                              "rtmp2sink",
                                              "sync=true",
                                              "location=" + url("live/gstreamer"),
                                              "in.audio",
                                              "!",
                                              "queue",
                                              "!",
                                              "aacparse",
                                              "!",
                                              "out."};
}

void InteropTest::everyPublisherIsUnderstood()
{
    QFETCH(const QString, program);
    QFETCH(const QStringList, arguments);
    const QString stream = QStringLiteral("live/") + QTest::currentDataTag();
    Child publisher;
    publisher.start(program, arguments, m_node.path(QString(QTest::currentDataTag()) + ".log"));
    QVERIFY2(waitUntil([&] { return m_node.log().contains("publishes " + stream); }, 20'000),
             qPrintable(publisher.log()));
    Child viewer;
    viewer.start("ffprobe", recordArguments(m_node.rtmp(stream)),
                 m_node.path(QString(QTest::currentDataTag()) + ".txt"));
    const auto packets = [&viewer](const char* kind) { return viewer.log().count(QLatin1String(kind)); };
    QVERIFY2(
        waitUntil([&] { return packets("packet|video") > enoughPackets && packets("packet|audio") > enoughPackets; },
                  20'000),
        qPrintable(viewer.log() + publisher.log()));
    viewer.kill();
    const StreamRecord seen = parseRecord(viewer.log().toUtf8());
    const QByteArray video = difference(m_sent.video, seen.video);
    const QByteArray audio = difference(m_sent.audio, seen.audio);
    QVERIFY2(video.isEmpty() && audio.isEmpty(), "video: " + video + "; audio: " + audio);
}

QTEST_GUILESS_MAIN(InteropTest)
#include "interop_test.moc"
