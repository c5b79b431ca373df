#include "tests/support/cluster_fixture.h"
#include "tests/support/stream_record.h"

#include <QTest>

#include <algorithm>
#include <array>

using namespace headgate::test;

namespace {

constexpr int sourceSeconds = 40;
constexpr int watchedSeconds = 12;

// A moving picture and a tone.
bool makeSourceBy(const QStringList& encode, const QString& file)
{
    return runTool("ffmpeg",
                   QStringList{"-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25", "-f", "lavfi", "-i",
                               "sine=r=44100", "-t", QString::number(sourceSeconds)} +
                       encode + QStringList{file},
                   120'000)
               .exitCode == 0;
}

const QStringList picture{"-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-b:v", "300k"};
const QStringList sound{"-c:a", "aac", "-b:a", "64k"};

// Ffmpeg's clock ends at 2^31 ms: three seconds before that.
const QStringList nearTheEnd{"-output_ts_offset", "2147480.6"};

QByteArrayList hashesOf(const QList<FrameMark>& frames)
{
    QByteArrayList hashes;
    for (const FrameMark& frame : frames)
        hashes.append(frame.hash);
    return hashes;
}

// All of the source's frames from the first one seen on, and their times at the source's distances.
QByteArray problemOf(const QList<FrameMark>& sent, const QList<FrameMark>& seen)
{
    constexpr qint64 rounding = 2;
    const QByteArrayList hashes = hashesOf(sent);
    const qsizetype start = seen.isEmpty() ? -1 : hashes.indexOf(seen.first().hash);
    if (start < 0)
        return "the first frame is not of the source";
    for (qsizetype i = 0; i < seen.size(); ++i) {
        if (start + i >= hashes.size() || hashes[start + i] != seen[i].hash)
            return "frame " + QByteArray::number(i) + " is missing or repeated";
        if (i > 0 && seen[i].time < seen[i - 1].time)
            return "the time runs backwards at " + QByteArray::number(seen[i].time);
        const qint64 distance = seen[i].time - seen.first().time;
        if (std::abs(distance - (sent[start + i].time - sent[start].time)) > rounding)
            return "frame " + QByteArray::number(i) + " is at " + QByteArray::number(seen[i].time);
    }
    return {};
}

}  // namespace

// What encoders make of time, through origin and edge.
class TimestampsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase();

    void everyFrameComesAtItsTime_data();
    void everyFrameComesAtItsTime();

private:
    std::unique_ptr<Cluster> m_cluster;
};

void TimestampsTest::initTestCase()
{
    m_cluster = std::make_unique<Cluster>();
    QVERIFY2(m_cluster->start(), m_cluster->report());
    QVERIFY(m_cluster->logIn());
    QVERIFY(m_cluster->createNodeGroup(Cluster::document("aws_node_group.json")));
    QVERIFY2(m_cluster->waitInService("nodegroup-1", 2), m_cluster->report());
}

void TimestampsTest::cleanupTestCase()
{
    m_cluster.reset();
}

void TimestampsTest::everyFrameComesAtItsTime_data()
{
    QTest::addColumn<QStringList>("encode");
    QTest::addColumn<QStringList>("publish");
    const QStringList changing{"-vf", "select='not(mod(floor(n/25)\\,2))+not(mod(n\\,5))'", "-vsync", "vfr"};
    QTest::newRow("pictures-ahead-of-their-time") << picture + QStringList{"-bf", "2"} + sound << QStringList();
    QTest::newRow("changing-frame-rate") << picture + QStringList{"-bf", "2"} + changing + sound << QStringList();
    QTest::newRow("no-sound") << picture + QStringList{"-an"} << QStringList();
    QTest::newRow("no-picture") << QStringList{"-vn"} + sound << QStringList();
    QTest::newRow("clock-that-ends") << picture + sound << nearTheEnd;
}

void TimestampsTest::everyFrameComesAtItsTime()
{
    QFETCH(QStringList, encode);
    QFETCH(QStringList, publish);
    const QString name = QString::fromLatin1(QTest::currentDataTag());
    const QString source = m_cluster->path(name + ".flv");
    const QString path = "live/" + name;
    QVERIFY(makeSourceBy(encode, source));
    const StreamRecord sent = parseRecord(runTool("ffprobe", recordArguments(source)).standardOutput);
    const QString origin = m_cluster->publishAddress("nodegroup-1", path);
    QStringList arguments = publishFileArguments(source, "rtmp://" + origin + "/" + path);
    for (const QString& word : publish)
        arguments.insert(arguments.size() - 3, word);
    Child publisher;
    publisher.start("ffmpeg", arguments, m_cluster->path(name + ".log"));
    const QString edge = m_cluster->waitForSubscribeAddress("nodegroup-1", path);
    QVERIFY2(!edge.isEmpty(), qPrintable(publisher.log()));
    std::array<Child, 2> viewers;
    viewers[0].start("ffprobe", recordArguments("rtmp://" + edge + "/" + path), m_cluster->path(name + ".rtmp"));
    viewers[1].start("ffprobe", recordArguments("http://" + edge + ":5080/" + path + ".flv"),
                     m_cluster->path(name + ".http"));
    QTest::qWait(watchedSeconds * 1000);
    for (Child& viewer : viewers) {
        viewer.kill();
        const StreamRecord seen = parseRecord(viewer.log().toUtf8());
        QCOMPARE(seen.video.isEmpty(), sent.video.isEmpty());
        QCOMPARE(seen.audio.isEmpty(), sent.audio.isEmpty());
        for (const auto& [all, part] : {std::pair(sent.video, seen.video), std::pair(sent.audio, seen.audio)}) {
            if (all.isEmpty())
                continue;
            const QByteArray problem = problemOf(all, part);
            QVERIFY2(problem.isEmpty(), problem);
            QVERIFY(part.last().time - part.first().time > watchedSeconds * 1000 / 3);
        }
    }
}

QTEST_GUILESS_MAIN(TimestampsTest)
#include "timestamps_test.moc"
