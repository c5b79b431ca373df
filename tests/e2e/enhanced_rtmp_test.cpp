#include "tests/support/lone_node.h"

#include <QTest>

#include <array>

using namespace headgate::test;

namespace {

QString newerFfmpeg()
{
    return qEnvironmentVariable("HEADGATE_NEWER_FFMPEG");
}

// Packets of a file or stream as ffmpeg's framemd5 prints them.
struct Packets
{
    QByteArrayList codecs;               // by number of track
    std::array<QList<qint64>, 2> times;  // of decoding
    std::array<QByteArrayList, 2> hashes;
};

// Lines as "0,  0,  40,  40,  5843, 0123..."; the last one may be torn.
Packets parsePackets(const QByteArray& text)
{
    Packets packets;
    for (const QByteArray& line : text.split('\n')) {
        if (line.startsWith("#codec_id"))
            packets.codecs.append(line.mid(line.indexOf(": ") + 2).trimmed());
        const QByteArrayList fields = line.split(',');
        const int track = fields[0].toInt();
        if (line.startsWith('#') || fields.size() != 6 || fields[5].trimmed().size() != 32 || track > 1)
            continue;
        packets.times[static_cast<std::size_t>(track)].append(fields[1].toLongLong());
        packets.hashes[static_cast<std::size_t>(track)].append(fields[5].trimmed());
    }
    return packets;
}

QStringList packetArguments(const QString& input)
{
    return {"-v", "error", "-i", input, "-map", "0", "-c", "copy", "-flush_packets", "1", "-f", "framemd5", "-"};
}

QByteArray difference(const Packets& sent, const Packets& seen)
{
    if (seen.codecs != sent.codecs)
        return "the codecs are " + seen.codecs.join(" and ");
    for (const std::size_t track : {0u, 1u}) {
        if (!std::ranges::is_sorted(seen.times[track]))
            return "the times of track " + QByteArray::number(int(track)) + " do not grow";
        const QByteArrayList& all = sent.hashes[track];
        const QByteArrayList& part = seen.hashes[track];
        const qsizetype start = part.isEmpty() ? -1 : all.indexOf(part.first());
        if (start < 0 || all.mid(start, part.size()) != part)
            return "the packets of track " + QByteArray::number(int(track)) + " are not those that were sent";
    }
    return {};
}

}  // namespace

// Codecs that only enhanced RTMP carries, published and played by an FFmpeg that knows it.
class EnhancedRtmpTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void codecArrivesWhole_data();
    void codecArrivesWhole();

private:
    LoneNode m_node;
};

void EnhancedRtmpTest::initTestCase()
{
    QVERIFY2(QFile::exists(newerFfmpeg()),
             qPrintable("There is no FFmpeg at " + newerFfmpeg() + "; ./test.sh installs it."));
    QVERIFY2(m_node.start(), qPrintable(m_node.log()));
}

void EnhancedRtmpTest::cleanup()
{
    if (QTest::currentTestFailed())
        qInfo().noquote() << m_node.log();
}

void EnhancedRtmpTest::codecArrivesWhole_data()
{
    QTest::addColumn<QStringList>("encoders");
    QTest::addColumn<QByteArrayList>("codecs");
    QTest::newRow("hevc") << QStringList{"-c:v",      "libx265",      "-preset",
                                         "ultrafast", "-x265-params", "log-level=none:keyint=25",
                                         "-c:a",      "aac"}
                          << QByteArrayList{"hevc", "aac"};
    QTest::newRow("av1") << QStringList{"-c:v", "libsvtav1",      "-preset",       "12",   "-g",
                                        "25",   "-svtav1-params", "pred-struct=1", "-c:a", "libopus"}
                         << QByteArrayList{"av1", "opus"};
    QTest::newRow("vp9") << QStringList{"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used",
                                        "8",    "-g",         "25",        "-c:a",     "libmp3lame"}
                         << QByteArrayList{"vp9", "mp3"};
}

void EnhancedRtmpTest::codecArrivesWhole()
{
    QFETCH(const QStringList, encoders);
    QFETCH(const QByteArrayList, codecs);
    const QString name = QTest::currentDataTag();
    const QString source = m_node.path(name + ".flv");
    const ToolOutput made =
        runTool(newerFfmpeg(), QStringList{"-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25", "-f", "lavfi",
                                           "-i", "sine=r=48000", "-t", "12"} +
                                   encoders + QStringList{source});
    QVERIFY2(made.exitCode == 0, made.standardError);
    const Packets sent = parsePackets(runTool(newerFfmpeg(), packetArguments(source)).standardOutput);
    QCOMPARE(sent.codecs, codecs);

    Child publisher;
    publisher.start(
        newerFfmpeg(),
        {"-v", "error", "-re", "-i", source, "-map", "0", "-c", "copy", "-f", "flv", m_node.rtmp("live/" + name)},
        m_node.path("publisher.log"));
    QVERIFY2(waitUntil([&] { return m_node.log().contains("publishes live/" + name); }, 20'000),
             qPrintable(publisher.log()));
    // They know Opus, and have to say so.
    std::array<Child, 2> viewers;
    viewers[0].start(newerFfmpeg(), packetArguments(m_node.rtmp("live/" + name) + "?audio=opus"),
                     m_node.path(name + "-rtmp.txt"));
    viewers[1].start(newerFfmpeg(), packetArguments(m_node.http("live/" + name) + "?audio=opus"),
                     m_node.path(name + "-http.txt"));
    for (Child& viewer : viewers) {
        constexpr qsizetype enoughVideo = 100;
        const bool isPlaying =
            waitUntil([&] { return parsePackets(viewer.log().toUtf8()).hashes[0].size() >= enoughVideo; }, 20'000);
        QVERIFY2(isPlaying, qPrintable(viewer.log() + publisher.log()));
        viewer.kill();
        const QByteArray wrong = difference(sent, parsePackets(viewer.log().toUtf8()));
        QVERIFY2(wrong.isEmpty(), wrong);
    }
}

QTEST_GUILESS_MAIN(EnhancedRtmpTest)
#include "enhanced_rtmp_test.moc"
