#include "tests/support/cluster_fixture.h"
#include "tests/support/stream_record.h"

#include <QElapsedTimer>
#include <QJsonArray>
#include <QTcpSocket>
#include <QTest>
#include <QTimer>
#include <QUrlQuery>

#include <algorithm>
#include <cmath>
#include <csignal>

using namespace headgate::test;

namespace {

// Takes a stream as HTTP-FLV and reads as fast as it is told, in bytes a second; 0 is as fast as it comes.
class Reader
{
public:
    Reader(const QString& address, const QString& path, qint64 bytesPerSecond) : m_bytesPerSecond(bytesPerSecond)
    {
        if (bytesPerSecond > 0) {
            m_socket.setSocketOption(QAbstractSocket::ReceiveBufferSizeSocketOption, 16 * 1024);
            m_socket.setReadBufferSize(4 * 1024);
        }
        m_socket.connectToHost(address, 5080);
        m_socket.waitForConnected(5000);
        m_socket.write("GET /" + path.toUtf8() + ".flv HTTP/1.1\r\nHost: x\r\n\r\n");
        QObject::connect(&m_timer, &QTimer::timeout, &m_socket, [this] { read(); });
        m_timer.start(50);
    }

    QString address() const { return m_socket.localAddress().toString() + ":" + QString::number(m_socket.localPort()); }
    bool isOpen() const { return m_socket.state() == QAbstractSocket::ConnectedState; }
    qint64 received() const { return m_received; }

private:
    void read()
    {
        const QByteArray bytes = m_bytesPerSecond > 0 ? m_socket.read(m_bytesPerSecond / 20) : m_socket.readAll();
        m_received += bytes.size();
    }

    qint64 m_bytesPerSecond;
    qint64 m_received = 0;
    QTcpSocket m_socket;
    QTimer m_timer;
};

QString frameRate(double value)
{
    return QString::number(value, 'f', 1);
}

}  // namespace

// What the page of a stream shows, asked from a real cluster with a real publisher and real viewers.
class WatchedStreamTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void cleanupTestCase();

    void tracksAreThoseThatFfprobeTells();
    void theSlowReaderIsSeenAndTheOthersAreWell();
    void exactlyTheOneNamedIsDisconnected();
    void theThumbnailShowsThePicture();
    void jitterIsKeptOverTime();
    void whatIsNotThereIsSaid();
    void ofANodeThatDoesNotAnswerItsLastReportIsTold();

private:
    QJsonObject details(const QString& node);
    QJsonObject viewerAt(const QString& address);
    QString query(const QString& node = {}) const;

    std::unique_ptr<Cluster> m_cluster;
    std::unique_ptr<Child> m_publisher;
    QString m_edgeAddress;
    QString m_edge;
};

void WatchedStreamTest::initTestCase()
{
    m_cluster = std::make_unique<Cluster>();
    QVERIFY2(m_cluster->start(), m_cluster->report());
    QVERIFY(m_cluster->logIn());
    QVERIFY(m_cluster->createNodeGroup(Cluster::document("aws_node_group.json")));
    QVERIFY2(m_cluster->waitInService("nodegroup-1", 2), m_cluster->report());
    m_publisher = std::make_unique<Child>();
    const QString url = "rtmp://" + m_cluster->nodes("origin").front().address + "/live/show1";
    m_publisher->start("ffmpeg",
                       {"-v",
                        "error",
                        "-re",
                        "-f",
                        "lavfi",
                        "-i",
                        "color=0x20A0E0:size=640x360:rate=25",
                        "-f",
                        "lavfi",
                        "-i",
                        "anoisesrc=sample_rate=44100",
                        "-c:v",
                        "libx264",
                        "-preset",
                        "veryfast",
                        "-x264-params",
                        "nal-hrd=cbr:force-cfr=1",
                        "-b:v",
                        "1200k",
                        "-minrate",
                        "1200k",
                        "-maxrate",
                        "1200k",
                        "-bufsize",
                        "1200k",
                        "-bf",
                        "2",
                        "-g",
                        "50",
                        "-pix_fmt",
                        "yuv420p",
                        "-profile:v",
                        "high",
                        "-c:a",
                        "aac",
                        "-ac",
                        "2",
                        "-b:a",
                        "128k",
                        "-f",
                        "flv",
                        url},
                       m_cluster->path("publisher.log"));
    m_edgeAddress = m_cluster->waitForSubscribeAddress("nodegroup-1", "live/show1");
    QVERIFY2(!m_edgeAddress.isEmpty(), qPrintable(m_publisher->log()));
    for (const ClusterNode& node : m_cluster->nodes("edge")) {
        if (node.address == m_edgeAddress)
            m_edge = node.id;
    }
    QVERIFY(!m_edge.isEmpty());
}

void WatchedStreamTest::cleanup()
{
    if (QTest::currentTestFailed())
        qInfo().noquote() << m_cluster->report();
}

void WatchedStreamTest::cleanupTestCase()
{
    m_publisher.reset();
    m_cluster.reset();
}

QString WatchedStreamTest::query(const QString& node) const
{
    return "nodeGroup=nodegroup-1&stream=live/show1" + (node.isEmpty() ? QString() : "&node=" + node);
}

QJsonObject WatchedStreamTest::details(const QString& node)
{
    return m_cluster->call("GET", "/api/v1/streams/details?" + query(node)).object();
}

QJsonObject WatchedStreamTest::viewerAt(const QString& address)
{
    for (const QJsonValue& viewer : details(m_edge)["viewers"].toArray()) {
        if (viewer["address"] == address)
            return viewer.toObject();
    }
    return {};
}

void WatchedStreamTest::tracksAreThoseThatFfprobeTells()
{
    QJsonObject video;
    QJsonObject audio;
    QVERIFY(waitUntil(
        [&] {
            const QJsonArray tracks = details({})["tracks"].toArray();
            video = tracks.at(0).toObject();
            audio = tracks.at(1).toObject();
            return video["gopFrames"].toInt() > 0 && audio["sampleRate"].toInt() > 0;
        },
        20'000));
    const auto probe =
        runTool("ffprobe", {"-v", "error", "-show_streams", "-of", "json", "rtmp://" + m_edgeAddress + "/live/show1"});
    for (const QJsonValue& stream : QJsonDocument::fromJson(probe.standardOutput).object()["streams"].toArray()) {
        if (stream["codec_type"] == "video") {
            QCOMPARE(stream["codec_name"], QJsonValue("h264"));
            QCOMPARE(video["codec"], QJsonValue("H.264"));
            const QString level = QString::number(stream["level"].toInt() / 10.0, 'f', 1);
            QCOMPARE(video["profile"].toString(), stream["profile"].toString() + " " + level);
            QCOMPARE(video["width"], stream["width"]);
            QCOMPARE(video["height"], stream["height"]);
            QCOMPARE(stream["r_frame_rate"], QJsonValue("25/1"));
            QCOMPARE(video["hasBFrames"].toBool(), stream["has_b_frames"].toInt() > 0);
        } else {
            QCOMPARE(stream["codec_name"], QJsonValue("aac"));
            QCOMPARE(audio["codec"], QJsonValue("AAC"));
            QCOMPARE(audio["profile"], stream["profile"]);
            QCOMPARE(QString::number(audio["sampleRate"].toInt()), stream["sample_rate"].toString());
            QCOMPARE(audio["channels"], stream["channels"]);
        }
    }
    QCOMPARE(frameRate(video["framesPerSecond"].toDouble()), frameRate(25));
    QCOMPARE(frameRate(video["declaredFramesPerSecond"].toDouble()), frameRate(25));
    QCOMPARE(video["gopFrames"].toInt(), 50);
    QCOMPARE(video["gopMs"].toInt(), 2000);
    const QJsonObject known = details({});
    QCOMPARE(known["node"], QJsonValue(m_cluster->stream("live/show1")["origin"]));
    QVERIFY(known["timing"]["jitterMs"].toDouble() >= 0);
    QCOMPARE(known["timing"]["timestampJumps"].toInt(), 0);
    QVERIFY(std::abs(known["timing"]["driftMs"].toDouble()) < 1000);
}

void WatchedStreamTest::theSlowReaderIsSeenAndTheOthersAreWell()
{
    std::vector<std::unique_ptr<Reader>> readers;
    for (int i = 0; i < 3; ++i)
        readers.push_back(std::make_unique<Reader>(m_edgeAddress, "live/show1", 0));
    const auto isSteady = [&](const Reader& reader) {
        const QJsonObject row = viewerAt(reader.address());
        return row["bitsPerSecond"].toInteger() > 800'000 && row["lagMs"].toInt() < 500;
    };
    QVERIFY(waitUntil(
        [&] { return std::ranges::all_of(readers, [&](const auto& reader) { return isSteady(*reader); }); }, 30'000));

    Reader slow(m_edgeAddress, "live/show1", 20'000);
    QJsonObject row;
    int earlierLag = 0;
    // It takes a fraction of the stream and falls behind, further and further.
    QVERIFY2(waitUntil(
                 [&] {
                     row = viewerAt(slow.address());
                     const bool isBehind = row["lagMs"].toInt() > 1500 && row["bitsPerSecond"].toInteger() < 400'000;
                     if (isBehind && earlierLag == 0)
                         earlierLag = row["lagMs"].toInt();
                     return earlierLag > 0 && row["lagMs"].toInt() > earlierLag + 500;
                 },
                 60'000),
             QJsonDocument(row).toJson());
    QVERIFY(row["waitingBytes"].toInteger() + row["kernelBytes"].toInteger() > 0);
    const QJsonArray viewers = details(m_edge)["viewers"].toArray();
    QCOMPARE(viewers.first()["address"].toString(), slow.address());
    // The others went on.
    QVERIFY(waitUntil(
        [&] { return std::ranges::all_of(readers, [&](const auto& reader) { return isSteady(*reader); }); }, 30'000));
}

void WatchedStreamTest::exactlyTheOneNamedIsDisconnected()
{
    const QStringList common{"--server", m_cluster->url(), "--token-file", m_cluster->path("token")};
    const auto control = [&](const QStringList& words) {
        return runTool(Cluster::program("headgatectl"), words + common);
    };
    QVERIFY(control({"login", "--user", "admin", "--password-file", m_cluster->passwordFile()}).exitCode == 0);
    std::vector<std::unique_ptr<Reader>> readers;
    for (int i = 0; i < 3; ++i)
        readers.push_back(std::make_unique<Reader>(m_edgeAddress, "live/show1", 0));
    QVERIFY(waitUntil(
        [&] {
            return std::ranges::all_of(readers,
                                       [&](const auto& reader) { return !viewerAt(reader->address()).isEmpty(); });
        },
        20'000));
    const QString victim = readers[1]->address();
    const QString id = QString::number(viewerAt(victim)["id"].toInteger());
    const auto table = control({"get", "stream", "live/show1"});
    QVERIFY2(table.standardOutput.contains(victim.toUtf8()) && table.standardOutput.contains("High "),
             table.standardOutput + table.standardError);

    const QString target =
        "/api/v1/streams/disconnect?node=" + m_edge + "&stream=live/show1&viewer=" + id + "&dryRun=true";
    const QJsonObject dry = m_cluster->call("POST", target).object();
    QVERIFY(dry["isDryRun"].toBool());
    QCOMPARE(dry["viewersAffected"].toInt(), 1);
    QTest::qWait(500);
    QVERIFY(readers[1]->isOpen());

    const auto done = control({"disconnect", m_edge, "live/show1", id});
    QVERIFY2(done.exitCode == 0, done.standardError);
    QVERIFY(waitUntil([&] { return !readers[1]->isOpen(); }, 10'000));
    QVERIFY(readers[0]->isOpen() && readers[2]->isOpen());
    QVERIFY(waitUntil([&] { return viewerAt(victim).isEmpty(); }, 10'000));
    const qint64 received = readers[0]->received();
    QVERIFY(waitUntil([&] { return readers[0]->received() > received; }, 10'000));

    const QJsonArray audit = m_cluster->call("GET", "/api/v1/audit?limit=50").object()["records"].toArray();
    QJsonObject record;
    int found = 0;
    for (const QJsonValue& each : audit) {
        if (each["verb"] == "viewer.disconnect") {
            record = each.toObject();
            ++found;
        }
    }
    QCOMPARE(found, 1);
    QVERIFY(record["sentence"].toString().contains(victim));
    QCOMPARE(record["object"].toString(), QString("stream/nodegroup-1/live/show1"));
    // Once more it is gone.
    const auto again = control({"disconnect", m_edge, "live/show1", id});
    QVERIFY(again.exitCode == 1 && again.standardError.contains("is not on"));
}

void WatchedStreamTest::theThumbnailShowsThePicture()
{
    const QString target = "/api/v1/streams/thumbnail?" + query() + "&width=160";
    HttpAnswer picture;
    QVERIFY2(waitUntil(
                 [&] {
                     picture = m_cluster->call("GET", target);
                     return picture.status == 200;
                 },
                 20'000),
             picture.body);
    QFile file(m_cluster->path("thumbnail.jpg"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(picture.body);
    file.close();
    const auto size = runTool("ffprobe", {"-v", "error", "-show_entries", "stream=codec_name,width,height", "-of",
                                          "csv=p=0", file.fileName()});
    QCOMPARE(size.standardOutput.trimmed(), QByteArray("mjpeg,160,90"));
    const auto colour = runTool("ffmpeg", {"-v", "error", "-i", file.fileName(), "-vf", "scale=1:1:flags=area", "-f",
                                           "rawvideo", "-pix_fmt", "rgb24", "-"});
    QCOMPARE(colour.standardOutput.size(), 3);
    const auto isNear = [&](int index, int wanted) {
        return std::abs(static_cast<unsigned char>(colour.standardOutput[index]) - wanted) < 16;
    };
    QVERIFY2(isNear(0, 0x20) && isNear(1, 0xA0) && isNear(2, 0xE0), colour.standardOutput.toHex());
    QVERIFY(!picture.etag.isEmpty());
    // Who has the picture is told so, until there is another one.
    QVERIFY(waitUntil(
        [&] {
            const QByteArray tag = m_cluster->call("GET", target).etag;
            const HttpAnswer same = m_cluster->call("GET", target, {}, {{"If-None-Match", tag}});
            return same.status == 304 && same.body.isEmpty();
        },
        20'000));
    // An edge has pictures too, while somebody watches there.
    const Reader viewer(m_edgeAddress, "live/show1", 0);
    const QString ofEdge = "/api/v1/streams/thumbnail?" + query(m_edge);
    QVERIFY(waitUntil([&] { return m_cluster->call("GET", ofEdge).status == 200; }, 20'000));
}

void WatchedStreamTest::jitterIsKeptOverTime()
{
    QVERIFY(waitUntil(
        [&] {
            const QJsonArray all = m_cluster->call("GET", "/api/v1/metrics?scope=stream").object()["series"].toArray();
            const QJsonArray samples = all.first()["samples"].toArray();
            return samples.size() > 3 && std::ranges::any_of(samples, [](const QJsonValue& sample) {
                       return sample["jitterMs"].toDouble() > 0 && sample["bitsInPerSecond"].toInteger() > 0;
                   });
        },
        20'000));
}

void WatchedStreamTest::whatIsNotThereIsSaid()
{
    const HttpAnswer none = m_cluster->call("GET", "/api/v1/streams/details?nodeGroup=nodegroup-1&stream=live/none");
    QCOMPARE(none.status, 404);
    QVERIFY(none.object()["detail"].toString().contains("live/none"));
    QCOMPARE(m_cluster->call("GET", "/api/v1/streams/details?" + query("nosuchnode")).status, 404);
    QCOMPARE(m_cluster->call("GET", "/api/v1/streams/thumbnail?" + query() + "&width=100000").status, 400);
}

void WatchedStreamTest::ofANodeThatDoesNotAnswerItsLastReportIsTold()
{
    const ClusterNode origin = m_cluster->nodes("origin").front();
    QVERIFY(origin.pid > 0);
    const Reader reader(m_edgeAddress, "live/show1", 0);
    const auto isKnown = [&] {
        const QJsonObject stream = m_cluster->stream("live/show1");
        return !stream["hops"].toArray().isEmpty() && stream["ingest"].toObject()["videoCodec"] == "H.264";
    };
    QVERIFY(waitUntil(isKnown, 20'000));
    ::kill(static_cast<pid_t>(origin.pid), SIGSTOP);
    const HttpAnswer silent = m_cluster->call("GET", "/api/v1/streams/details?" + query());
    const auto table =
        runTool(Cluster::program("headgatectl"), {"get", "stream", "live/show1", "--server", m_cluster->url(),
                                                  "--token-file", m_cluster->path("token")});
    ::kill(static_cast<pid_t>(origin.pid), SIGCONT);
    QVERIFY2(silent.status == 200, silent.body);
    const QString note = silent.object()["note"].toString();
    QVERIFY2(note.contains("did not answer") || note.contains("closed its connection"), qPrintable(note));
    QCOMPARE(silent.object()["node"].toString(), origin.id);
    QCOMPARE(silent.object()["report"].toObject()["videoCodec"], QJsonValue("H.264"));
    QVERIFY(silent.object()["tracks"].toArray().isEmpty());
    // The others are told of, with what they say.
    QVERIFY2(table.exitCode == 0, table.standardError);
    QVERIFY2(table.standardOutput.contains(origin.id.toUtf8()) && table.standardOutput.contains(m_edge.toUtf8()) &&
                 table.standardOutput.contains("High "),
             table.standardOutput);
}

QTEST_GUILESS_MAIN(WatchedStreamTest)
#include "watched_stream_test.moc"
