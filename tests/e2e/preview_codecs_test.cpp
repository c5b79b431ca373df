#include "tests/support/lone_node.h"
#include "tests/support/player_record.h"

#include <QTest>

using namespace headgate;
using namespace headgate::test;

namespace {

constexpr int enoughFrames = 40;

QString newerFfmpeg()
{
    return qEnvironmentVariable("HEADGATE_NEWER_FFMPEG");
}

QStringList hevc()
{
    return {"-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=25:bframes=2"};
}

}  // namespace

// The console's player with codecs that only enhanced RTMP carries, published by an FFmpeg that knows it.
class PreviewCodecsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void codecIsShown_data();
    void codecIsShown();
    void firstOfSeveralTracksIsShown();
    void anotherSizeIsShownWithoutReconnecting();
    void unknownSoundLeavesThePicture();
    void browsersWayIsPlayedToo_data();
    void browsersWayIsPlayedToo();
    void refusalOfTheBrowsersWayIsTold();

private:
    void publish(Child& publisher, const QString& size, const QStringList& output);

    LoneNode m_node;
};

void PreviewCodecsTest::initTestCase()
{
    QVERIFY2(QFile::exists(newerFfmpeg()),
             qPrintable("There is no FFmpeg at " + newerFfmpeg() + "; ./test.sh installs it."));
    QVERIFY2(m_node.start({"--webrtc-port", "8189"}), qPrintable(m_node.log()));
}

void PreviewCodecsTest::cleanup()
{
    if (QTest::currentTestFailed())
        qInfo().noquote() << m_node.log();
}

// A moving picture and a tone in real time; `output` are encoders, muxer options and the address.
void PreviewCodecsTest::publish(Child& publisher, const QString& size, const QStringList& output)
{
    publisher.start(newerFfmpeg(),
                    QStringList{"-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=r=25:s=" + size, "-re", "-f",
                                "lavfi", "-i", "sine=r=48000", "-t", "60"} +
                        output,
                    m_node.path("publisher.log"));
    QVERIFY(publisher.isRunning());
}

void PreviewCodecsTest::codecIsShown_data()
{
    QTest::addColumn<QStringList>("encoders");
    QTest::addColumn<QString>("videoFormat");
    QTest::addColumn<QString>("audioFormat");
    QTest::newRow("hevc-aac") << hevc() + QStringList{"-c:a", "aac"} << "320x180 HEVC"
                              << "AAC 48 kHz mono";
    QTest::newRow("av1-opus") << QStringList{"-c:v", "libsvtav1",      "-preset",       "12",   "-g",
                                             "25",   "-svtav1-params", "pred-struct=1", "-c:a", "libopus"}
                              << "320x180 AV1"
                              << "Opus 48 kHz mono";
    QTest::newRow("vp9-mp3") << QStringList{"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used",
                                            "8",    "-g",         "25",        "-c:a",     "libmp3lame"}
                             << "320x180 VP9"
                             << "MP3 48 kHz mono";
    QTest::newRow("h264-flac") << QStringList{"-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", "flac"}
                               << "320x180 H.264"
                               << "FLAC 48 kHz mono";
}

void PreviewCodecsTest::codecIsShown()
{
    QFETCH(const QStringList, encoders);
    QFETCH(const QString, videoFormat);
    QFETCH(const QString, audioFormat);
    const QString name = QStringLiteral("live/") + QTest::currentDataTag();
    Child publisher;
    publish(publisher, "320x180", encoders + QStringList{"-f", "flv", m_node.rtmp(name)});
    for (const QString& url : {m_node.http(name) + "?audio=opus", m_node.rtmp(name) + "?audio=opus"}) {
        PlayerRecord seen;
        StreamPlayer player({}, seen.callbacks());
        player.start(url.toStdString());
        QVERIFY2(
            waitUntil([&] { return seen.frames() >= enoughFrames; }, 40'000),
            qPrintable(url + ": " + QString::number(seen.frames()) + " frames, " + seen.error() + publisher.log()));
        QVERIFY(waitUntil([&] { return seen.audioFormat() == audioFormat; }, 10'000));
        QCOMPARE(seen.videoFormat(), videoFormat);
    }
}

void PreviewCodecsTest::firstOfSeveralTracksIsShown()
{
    Child publisher;
    publish(publisher, "320x180",
            {"-filter_complex", "[0:v]split[a][b];[b]scale=160:90[c]", "-map", "[a]", "-map", "[c]", "-map", "1:a",
             "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", "aac", "-f", "flv",
             m_node.rtmp("live/tracks")});
    PlayerRecord seen;
    StreamPlayer player({}, seen.callbacks());
    player.start(m_node.http("live/tracks").toStdString());
    QVERIFY2(waitUntil([&] { return seen.frames() >= enoughFrames; }, 40'000),
             qPrintable(seen.error() + publisher.log()));
    QCOMPARE(seen.lastFrame().width, 320);
}

void PreviewCodecsTest::anotherSizeIsShownWithoutReconnecting()
{
    const QStringList output = hevc() + QStringList{"-c:a", "aac", "-f", "flv", m_node.rtmp("live/size")};
    Child first;
    publish(first, "320x180", output);
    PlayerRecord seen;
    StreamPlayer player({}, seen.callbacks());
    player.start(m_node.rtmp("live/size").toStdString());
    QVERIFY2(waitUntil([&] { return seen.videoFormat() == "320x180 HEVC"; }, 40'000),
             qPrintable(seen.error() + first.log()));
    const QString errorBefore = seen.error();
    first.kill();
    Child second;
    publish(second, "480x270", output);
    QVERIFY2(waitUntil([&] { return seen.lastFrame().width == 480; }, 40'000), qPrintable(seen.error() + second.log()));
    QVERIFY(waitUntil([&] { return seen.videoFormat() == "480x270 HEVC"; }, 10'000));
    QCOMPARE(seen.error(), errorBefore);
}

void PreviewCodecsTest::unknownSoundLeavesThePicture()
{
    Child publisher;
    publish(publisher, "320x180",
            {"-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", "pcm_alaw", "-ar", "8000", "-f", "flv",
             m_node.rtmp("live/alaw")});
    PlayerRecord seen;
    StreamPlayer player({}, seen.callbacks());
    player.start(m_node.http("live/alaw").toStdString());
    QVERIFY2(waitUntil([&] { return seen.frames() >= enoughFrames; }, 40'000),
             qPrintable(seen.error() + publisher.log()));
    QVERIFY(waitUntil([&] { return !seen.soundProblem().isEmpty(); }, 10'000));
    QVERIFY2(seen.soundProblem().contains("G.711"), qPrintable(seen.soundProblem()));
}

void PreviewCodecsTest::browsersWayIsPlayedToo_data()
{
    QTest::addColumn<QStringList>("encoders");
    QTest::addColumn<QString>("videoFormat");
    QTest::newRow("h264-aac") << QStringList{"-c:v",        "libx264", "-preset", "ultrafast", "-tune",
                                             "zerolatency", "-g",      "25",      "-c:a",      "aac"}
                              << "320x180 H.264";
    QTest::newRow("vp9-opus") << QStringList{"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used",
                                             "8",    "-g",         "25",        "-c:a",     "libopus"}
                              << "320x180 VP9";
    QTest::newRow("av1-opus") << QStringList{"-c:v", "libsvtav1",      "-preset",       "12",   "-g",
                                             "25",   "-svtav1-params", "pred-struct=1", "-c:a", "libopus"}
                              << "320x180 AV1";
}

// AAC comes as Opus.
void PreviewCodecsTest::browsersWayIsPlayedToo()
{
    QFETCH(const QStringList, encoders);
    QFETCH(const QString, videoFormat);
    const QString name = QStringLiteral("live/browser-") + QTest::currentDataTag();
    Child publisher;
    publish(publisher, "320x180", encoders + QStringList{"-f", "flv", m_node.rtmp(name)});
    PlayerRecord seen;
    StreamPlayer player({}, seen.callbacks());
    player.start(m_node.whep(name).toStdString());
    QVERIFY2(waitUntil([&] { return seen.frames() >= enoughFrames; }, 40'000),
             qPrintable(seen.error() + publisher.log()));
    QVERIFY(waitUntil([&] { return seen.audioFormat() == "Opus 48 kHz stereo"; }, 10'000));
    QCOMPARE(seen.videoFormat(), videoFormat);
    player.stop();
    QVERIFY2(waitUntil([&] { return m_node.log().contains("ended: left"); }, 10'000), qPrintable(m_node.log()));
}

void PreviewCodecsTest::refusalOfTheBrowsersWayIsTold()
{
    PlayerRecord nothing;
    StreamPlayer early({}, nothing.callbacks());
    early.start(m_node.whep("live/nobody").toStdString());
    QVERIFY(waitUntil([&] { return nothing.error().contains("not live"); }, 20'000));
    early.stop();
    Child publisher;
    publish(publisher, "320x180", hevc() + QStringList{"-c:a", "aac", "-f", "flv", m_node.rtmp("live/hevc-only")});
    PlayerRecord seen;
    StreamPlayer player({}, seen.callbacks());
    player.start(m_node.whep("live/hevc-only").toStdString());
    QVERIFY2(waitUntil([&] { return seen.error().contains("HEVC"); }, 40'000), qPrintable(seen.error()));
}

QTEST_GUILESS_MAIN(PreviewCodecsTest)
#include "preview_codecs_test.moc"
