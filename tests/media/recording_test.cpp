// Recordings of real publishers by a real node, read by FFmpeg.

#include "core/media/recording/joined_file.h"
#include "core/storage/recording_folder.h"
#include "tests/support/frame_hashes.h"

#include <QDir>
#include <QProcessEnvironment>
#include <QRandomGenerator>

#include <csignal>

namespace headgate {
namespace {

using namespace test;

QString program(const QString& name)
{
    return QProcessEnvironment::systemEnvironment().value("HEADGATE_BIN_DIR") + "/" + name;
}

// A node that stands alone, with a folder of recordings.
class RecordingNode
{
public:
    // `host` is the last byte of its loopback address.
    RecordingNode(QString folder, int host) : m_folder(std::move(folder))
    {
        const qint64 pid = QCoreApplication::applicationPid();
        m_address = QStringLiteral("127.%1.%2.%3").arg(150 + pid / 256 % 50).arg(pid % 256).arg(host);
    }

    bool start(const QStringList& more)
    {
        m_process.start(program("headgate-node"), QStringList{"--address", m_address, "--recordings", m_folder} + more,
                        m_logs.filePath("log"));
        return waitUntil([this] { return !m_process.isRunning() || m_process.log().contains("listens"); }, 30'000) &&
               m_process.isRunning();
    }

    QString rtmp(const QString& stream) const { return "rtmp://" + m_address + "/" + stream; }
    QString http(const QString& path) const { return "http://" + m_address + ":5080" + path; }
    QString log() const { return m_process.log(); }
    void kill() { m_process.kill(); }
    qint64 pid() const { return m_process.pid(); }

private:
    QString m_folder;
    QString m_address;
    QTemporaryDir m_logs;
    Child m_process;
};

std::vector<RecordingManifest> manifestsIn(const QString& folder)
{
    std::vector<RecordingManifest> manifests;
    for (const std::string& id : recording_folder::list(folder.toStdString())) {
        if (auto manifest = recording_folder::readManifest(folder.toStdString(), id))
            manifests.push_back(std::move(*manifest));
    }
    return manifests;
}

QString fileOf(const QString& folder, const RecordingManifest& manifest, const RecordedSegment& segment)
{
    return folder + "/" + QString::fromStdString(manifest.id + "/" + segment.file);
}

// All of it can be decoded without a complaint.
QByteArray complaintsAbout(const QString& file, const QStringList& before = {})
{
    const ToolOutput output =
        runTool("ffmpeg", QStringList{"-v", "error"} + before + QStringList{"-i", file, "-f", "null", "-"});
    return output.exitCode == 0 ? output.standardError
                                : "exit " + QByteArray::number(output.exitCode) + ": " + output.standardError;
}

}  // namespace

class RecordingTest : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_dir;
    QString m_source;  // 8 s, a key frame each second

    QStringList publishing(const QString& to) const
    {
        return {"-v", "error", "-re", "-i", m_source, "-c", "copy", "-f", "flv", to};
    }

    static QByteArray tagIn(const QByteArray& fields)
    {
        const qsizetype at = fields.indexOf("ETag: ") + 6;
        return fields.mid(at, fields.indexOf("\r\n", at) - at);
    }

    // Of a download, also across the files that it is made of; and what broke off is gone on with.
    void anyPartIsThatOfTheWhole(const RecordingManifest& manifest, const QString& whole, const QString& url,
                                 const QByteArray& tag)
    {
        QFile file(whole);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray bytes = file.readAll();
        std::vector<qsizetype> places{0, 1, bytes.size() / 2, bytes.size() - 10};
        qsizetype end = 0;
        for (const auto& stretch : recording::JoinedFile::stretchesOf(manifest)) {
            end += static_cast<qsizetype>(stretch.bytes);
            for (const qsizetype place : {end - 300, end - 1, end, end + 200})
                places.push_back(std::min(place, bytes.size() - 1));
        }
        QCOMPARE(end, bytes.size());
        for (const qsizetype place : places) {
            const QString range = QString("%1-%2").arg(place).arg(place + 2999);
            const ToolOutput part = runTool("curl", {"-sSf", "-r", range, url});
            QVERIFY2(part.exitCode == 0 && part.standardOutput == bytes.mid(place, 3000), range.toUtf8());
        }
        const QString broken = whole + ".broken";
        QFile begun(broken);
        QVERIFY(begun.open(QIODevice::WriteOnly) && begun.write(bytes.left(bytes.size() / 2 + 7)) > 0);
        begun.close();
        const ToolOutput rest = runTool("curl", {"-sSf", "-C", "-", "-o", broken, url});
        QVERIFY2(rest.exitCode == 0, rest.standardError);
        QVERIFY(begun.open(QIODevice::ReadOnly) && begun.readAll() == bytes);

        const auto status = [&](const QStringList& fields) {
            QStringList arguments{"-s", "-o", whole + ".part", "-w", "%{http_code} %{size_download}", url};
            for (const QString& field : fields)
                arguments << "-H" << field;
            return runTool("curl", arguments).standardOutput;
        };
        const QByteArray all = " " + QByteArray::number(bytes.size());
        QCOMPARE(status({"Range: bytes=5-", "If-Range: " + tag}), "206 " + QByteArray::number(bytes.size() - 5));
        QCOMPARE(status({"Range: bytes=-7"}), QByteArray("206 7"));
        QCOMPARE(status({"Range: bytes=5-", "If-Range: \"another\""}), "200" + all);
        QCOMPARE(status({"Range: bytes=1-2,5-6"}), "200" + all);
        QCOMPARE(status({"If-None-Match: " + tag}), QByteArray("304 0"));
        QCOMPARE(status({"Range: bytes=" + QString::number(bytes.size()) + "-"}), QByteArray("416 0"));
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_source = m_dir.filePath("source.flv");
        const ToolOutput made =
            runTool("ffmpeg", {"-v",      "error",    "-f",   "lavfi",    "-i",    "testsrc2=size=320x180:rate=30",
                               "-f",      "lavfi",    "-i",   "sine=440", "-t",    "8",
                               "-c:v",    "libx264",  "-g",   "30",       "-bf",   "0",
                               "-preset", "veryfast", "-c:a", "aac",      m_source});
        QVERIFY2(made.exitCode == 0, made.standardError);
    }

    void whatIsPublishedIsKeptAndPlayed_data()
    {
        QTest::addColumn<QString>("format");
        QTest::newRow("fMP4") << "fmp4";
        QTest::newRow("FLV") << "flv";
    }

    void whatIsPublishedIsKeptAndPlayed()
    {
        QFETCH(QString, format);
        const QString folder = m_dir.filePath("kept-" + format);
        RecordingNode node(folder, 1);
        QVERIFY(node.start({"--record", format, "--record-segment", "2"}));
        const ToolOutput published = runTool("ffmpeg", publishing(node.rtmp("live/show1")), 60'000);
        QVERIFY2(published.exitCode == 0, published.standardError);
        QVERIFY2(waitUntil(
                     [&] {
                         const auto all = manifestsIn(folder);
                         return all.size() == 1 && all.front().isComplete;
                     },
                     30'000),
                 qPrintable(node.log()));

        const RecordingManifest manifest = manifestsIn(folder).front();
        QCOMPARE(manifest.stream.path(), std::string("live/show1"));
        QCOMPARE(manifest.note, std::string());
        QCOMPARE(manifest.segments.size(), std::size_t{4});
        QVERIFY2(std::abs(manifest.length().count() - 8000) < 100, std::to_string(manifest.length().count()).c_str());
        for (const QString& kind : {QStringLiteral("v"), QStringLiteral("a")}) {
            QByteArrayList kept;
            for (const RecordedSegment& segment : manifest.segments)
                kept += packetHashes(fileOf(folder, manifest, segment), kind);
            // A recording begins with a key frame, and sound may come before that.
            const QByteArrayList sent = packetHashes(m_source, kind);
            QVERIFY2(kept.size() >= sent.size() - (kind == "a" ? 2 : 0), QByteArray::number(kept.size()));
            QCOMPARE(kept, sent.last(kept.size()));
        }
        for (const RecordedSegment& segment : manifest.segments) {
            const QString file = fileOf(folder, manifest, segment);
            QCOMPARE(QFileInfo(file).size(), qint64{segment.bytes});
            QCOMPARE(complaintsAbout(file), QByteArray());
        }
        QVERIFY(QFileInfo(folder + "/" + QString::fromStdString(manifest.id) + "/thumbnail.jpg").size() > 1000);

        // Another node plays it, from the beginning and from the middle.
        RecordingNode edge(folder, 2);
        QVERIFY(edge.start({"--capabilities", "subscribe"}));
        const QString place = "/vod/live/show1/" + QString::fromStdString(manifest.id) + "/index.m3u8";
        const QByteArrayList wanted = packetHashes(m_source, "v");
        QCOMPARE(packetHashes(edge.http(place), "v"), wanted);
        // FFmpeg 5.1 does not find its way in any HLS of fMP4, its own included.
        const QByteArrayList later =
            packetHashes(edge.http(place), "v", {"-ss", "4"}, qEnvironmentVariable("HEADGATE_NEWER_FFMPEG"));
        QVERIFY2(later.size() < wanted.size() && later.size() >= wanted.size() / 2, QByteArray::number(later.size()));
        QCOMPARE(later, wanted.last(later.size()));
        QCOMPARE(complaintsAbout(edge.http(place)), QByteArray());
        // As one file, from the beginning of which time counts.
        const QString ending = format == "flv" ? "flv" : "mp4";
        const QString download = QString(place).replace("index.m3u8", "download." + ending);
        const QString whole = m_dir.filePath("whole." + ending), heads = m_dir.filePath("heads");
        const ToolOutput taken = runTool("curl", {"-sSf", "-D", heads, "-o", whole, edge.http(download)});
        QVERIFY2(taken.exitCode == 0, taken.standardError);
        for (const QString& kind : {QStringLiteral("v"), QStringLiteral("a")}) {
            QByteArrayList parts;
            for (const RecordedSegment& segment : manifest.segments)
                parts += packetHashes(fileOf(folder, manifest, segment), kind);
            QCOMPARE(packetHashes(whole, kind), parts);
        }
        QCOMPARE(complaintsAbout(whole), QByteArray());
        const ToolOutput times = runTool("ffprobe", {"-v", "error", "-show_entries", "format=start_time",
                                                     "-show_entries", "packet=dts_time", "-of", "csv=p=0", whole});
        QCOMPARE(times.standardError, QByteArray());
        const QList<QByteArray> lines = times.standardOutput.trimmed().split('\n');
        QVERIFY2(std::abs(lines.last().toDouble()) < 0.1, lines.last());
        QVERIFY2(std::abs(lines[lines.size() - 2].toDouble() - 8) < 0.2, lines[lines.size() - 2]);
        QFile head(heads);
        QVERIFY(head.open(QIODevice::ReadOnly));
        const QByteArray fields = head.readAll();
        QVERIFY2(fields.contains("Content-Length: " + QByteArray::number(QFileInfo(whole).size()) + "\r\n"), fields);
        QVERIFY2(fields.contains("Content-Disposition: attachment; filename=\"" +
                                 QByteArray::fromStdString(manifest.id) + "." + ending.toUtf8() + "\"\r\n"),
                 fields);
        const ToolOutput asked = runTool("curl", {"-sSfI", edge.http(download)});
        QVERIFY2(asked.exitCode == 0 && asked.standardOutput.contains("Content-Disposition") &&
                     asked.standardOutput.contains("Accept-Ranges: bytes"),
                 asked.standardOutput);
        anyPartIsThatOfTheWhole(manifest, whole, edge.http(download), tagIn(fields));

        for (const QString& wrong :
             {"/vod/live/other/" + QString::fromStdString(manifest.id) + "/index.m3u8",
              QString(place).replace("index.m3u8", format == "flv" ? "download.mp4" : "download.flv"),
              QStringLiteral("/vod/live/show1/none/download.mp4"), QStringLiteral("/vod/live/show1/none/index.m3u8"),
              QStringLiteral("/vod/live/show1/../../etc/index.m3u8"),
              "/vod/live/show1/" + QString::fromStdString(manifest.id) + "/play/x/0.m4s"}) {
            const ToolOutput refused =
                runTool("curl", {"-s", "--path-as-is", "-o", "/dev/null", "-w", "%{http_code}", edge.http(wrong)});
            QVERIFY2(refused.standardOutput.startsWith("4"), refused.standardOutput + " " + wrong.toUtf8());
        }
    }

    // A disk that takes no more ends the recording with its reason and nothing else; when there is room, another goes
    // on.
    void aFullDiskEndsTheRecordingAlone()
    {
        const QString folder = m_dir.filePath("full");
        RecordingNode node(folder, 5);
        QVERIFY(node.start({"--record", "fmp4", "--record-segment", "600"}));
        QProcess publisher;
        publisher.start("ffmpeg", QStringList{"-stream_loop", "-1"} + publishing(node.rtmp("live/full")));
        const auto bytesNow = [&] {
            qint64 bytes = 0;
            const QStringList folders = QDir(folder).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
            for (const QString& id : folders)
                bytes = std::max(bytes, QFileInfo(folder + "/" + id + "/000000.mp4").size());
            return bytes;
        };
        QVERIFY(waitUntil([&] { return bytesNow() > 50'000; }, 30'000));
        const auto mostBytes = [&](const QString& limit) {
            const QString pid = QString::number(node.pid());
            return runTool("prlimit", {"--pid", pid, "--fsize=" + limit}).exitCode == 0;
        };
        // The kernel takes the first bytes of what is too much, and refuses the rest.
        QVERIFY(mostBytes(QString::number(bytesNow() + 10'000) + ":unlimited"));
        QVERIFY2(waitUntil([&] { return node.log().contains("cannot be written"); }, 30'000), qPrintable(node.log()));
        QVERIFY2(node.log().contains("Make room on the disk"), qPrintable(node.log()));
        QVERIFY(mostBytes("unlimited:unlimited"));
        QCOMPARE(complaintsAbout(node.http("/live/full.flv"), {"-t", "1"}), QByteArray());
        QVERIFY2(waitUntil([&] { return manifestsIn(folder).size() == 2; }, 60'000), qPrintable(node.log()));
        publisher.kill();
        publisher.waitForFinished(30'000);
        QVERIFY2(waitUntil(
                     [&] {
                         const auto all = manifestsIn(folder);
                         return std::ranges::all_of(all, &RecordingManifest::isComplete);
                     },
                     60'000),
                 qPrintable(node.log()));
        for (const RecordingManifest& manifest : manifestsIn(folder)) {
            for (const RecordedSegment& segment : manifest.segments) {
                const QString file = fileOf(folder, manifest, segment);
                QCOMPARE(QFileInfo(file).size(), qint64{segment.bytes});
                QCOMPARE(complaintsAbout(file), QByteArray());
            }
        }
    }

    // Whenever a node is killed, what it had said is there, all files can be played, and the next node tidies up.
    void killedAtAnyInstantNothingIsLost()
    {
        const int kills =
            qEnvironmentVariableIntValue("HEADGATE_KILLS") > 0 ? qEnvironmentVariableIntValue("HEADGATE_KILLS") : 10;
        const QString folder = m_dir.filePath("killed");
        const quint32 seed = QRandomGenerator::global()->generate();
        qInfo("seed %u", seed);
        QRandomGenerator random(seed);
        for (int i = 0; i < kills; ++i) {
            RecordingNode node(folder, 3);
            QVERIFY(node.start({"--record", i % 2 == 0 ? "fmp4" : "flv", "--record-segment", "1"}));
            QProcess publisher;
            publisher.start("ffmpeg", publishing(node.rtmp("live/killed")));
            const std::size_t before = recording_folder::list(folder.toStdString()).size();
            QVERIFY(waitUntil([&] { return recording_folder::list(folder.toStdString()).size() > before; }, 30'000));
            QTest::qWait(static_cast<int>(random.bounded(4000)));
            ::kill(static_cast<pid_t>(node.pid()), SIGKILL);
            node.kill();
            publisher.waitForFinished(30'000);

            const std::string id = recording_folder::list(folder.toStdString()).front();
            const auto said = recording_folder::readManifest(folder.toStdString(), id);
            QVERIFY(said.has_value());
            QVERIFY(!said->isComplete);
            RecordingNode next(folder, 4);
            QVERIFY(next.start({}));
            std::optional<RecordingManifest> after;
            QVERIFY2(waitUntil(
                         [&] {
                             auto read = recording_folder::readManifest(folder.toStdString(), id);
                             if (read && read->isComplete)
                                 after = std::move(*read);
                             return after.has_value();
                         },
                         30'000),
                     qPrintable(next.log()));
            QVERIFY(after->segments.size() >= said->segments.size());
            for (std::size_t k = 0; k < said->segments.size(); ++k)
                QVERIFY(after->segments[k] == said->segments[k]);
            for (const RecordedSegment& segment : after->segments) {
                const QString file = fileOf(folder, *after, segment);
                QCOMPARE(QFileInfo(file).size(), qint64{segment.bytes});
                QCOMPARE(complaintsAbout(file), QByteArray());
            }
            // They go when the manifest is safe.
            const QDir kept(folder + "/" + QString::fromStdString(id));
            QVERIFY2(waitUntil([&kept] { return kept.entryList({"*.journal"}).isEmpty(); }, 30'000),
                     qPrintable(kept.entryList({"*.journal"}).join(" ")));
        }
    }
};

}  // namespace headgate

QTEST_GUILESS_MAIN(headgate::RecordingTest)
#include "recording_test.moc"
