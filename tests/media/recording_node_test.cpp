// Recordings of a whole node in this process: who is told of them, disks that are too slow, downloads out of a store.

#include "core/media/agent/media_node.h"
#include "core/media/flv/flv_tag.h"
#include "core/media/recording/joined_file.h"
#include "core/storage/recording_folder.h"
#include "core/storage/stored_recordings.h"
#include "tests/media/support/frames.h"
#include "tests/media/support/http_service.h"
#include "tests/media/support/loop_wait.h"
#include "tests/media/support/store_server.h"
#include "tests/support/frame_hashes.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

namespace {

// While it is set, what is written to media files takes until it is not.
std::atomic<bool> isDiskStuck = false;

bool isMedia(int descriptor)
{
    char target[512];
    const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
    const ssize_t size = ::readlink(link.c_str(), target, sizeof target);
    return size > 4 && std::string_view(target, static_cast<std::size_t>(size)).ends_with(".mp4");
}

}  // namespace

// In place of the library's.
extern "C" ssize_t write(int descriptor, const void* bytes, size_t size)
{
    while (isDiskStuck && isMedia(descriptor))
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return ::syscall(SYS_write, descriptor, bytes, size);
}

namespace headgate {
namespace {

using namespace tests;
using test::StoreServer;

std::string program(const char* name)
{
    return qEnvironmentVariable("HEADGATE_BIN_DIR").toStdString() + "/" + name;
}

struct Fixture
{
    explicit Fixture(const QString& folder, RecordingFormat format = RecordingFormat::Fmp4) : service(loop)
    {
        MediaNodeOptions options;
        options.endpoints = NodeEndpoints{"127.0.0.1", 0, 0};
        options.id = NodeId("node000001");
        options.capabilities = {true, true};
        options.srt = srt::Options{};
        options.srt->port = 0;
        options.rtspPort = 0;
        options.thumbnailProgram = program("headgate-thumbnail");
        options.recording.folder = folder.toStdString();
        options.recording.settings.isOn = true;
        options.recording.settings.format = format;
        options.recording.settings.segmentSeconds = 1;
        recording = options.recording.settings;
        node = std::move(*MediaNode::open(loop, log, options, [](std::string_view) {}));
        access.webhooks.url = service.url("/hook");
        access.webhooks.muted = {WebhookCategory::Connect, WebhookCategory::Subscribe};
        node->access().apply(access);
    }

    bool wait(const std::function<bool()>& condition) { return waitFor(loop, condition, Duration(30'000)); }

    // Runs a program to its end while the node goes on.
    test::ToolOutput run(const QString& name, const QStringList& arguments)
    {
        QProcess process;
        process.start(name, arguments);
        const bool isOver = waitFor(
            loop,
            [&] {
                QCoreApplication::processEvents();
                return process.state() == QProcess::NotRunning;
            },
            Duration(60'000));
        if (!isOver)
            process.kill();
        process.waitForFinished();
        return {isOver ? process.exitCode() : -2, process.readAllStandardOutput(), process.readAllStandardError()};
    }

    QString url(const std::string& protocol)
    {
        const NodeEndpoints at = node->endpoints();
        if (protocol == "rtmp")
            return QStringLiteral("rtmp://127.0.0.1:%1/live/show").arg(at.rtmpPort);
        if (protocol == "rtsp")
            return QStringLiteral("rtsp://127.0.0.1:%1/live/show").arg(at.rtspPort);
        return QStringLiteral("srt://127.0.0.1:%1?streamid=publish/live/show").arg(at.srtPort);
    }

    // 3 s of `source`, at the pace of its clock.
    void publish(const QString& source, const std::string& protocol = "rtmp")
    {
        const char* const format = protocol == "rtmp" ? "flv" : protocol == "rtsp" ? "rtsp" : "mpegts";
        QStringList arguments{"-v", "error", "-re", "-i", source, "-c", "copy"};
        if (protocol == "srt")
            arguments << "-bsf:v"
                      << "h264_mp4toannexb";
        if (protocol == "rtsp")
            arguments << "-rtsp_transport"
                      << "tcp";
        const test::ToolOutput published = run("ffmpeg", arguments << "-f" << format << url(protocol));
        if (published.exitCode != 0)
            qWarning("%s", published.standardError.constData());
    }

    void applyRecording()
    {
        node->recording().apply(recording);
        node->vod().apply(recording);
    }

    bool hasHeard(const char* event) const { return std::ranges::count(service.events(), event) > 0; }
    nlohmann::json heard(const char* event) const
    {
        for (const HttpService::Call& call : service.calls) {
            if (call.json().value("event", "") == event)
                return call.json();
        }
        return {};
    }

    EventLoop loop;
    Log log{LogLevel::Error};
    HttpService service;
    AccessSettings access;
    RecordingSettings recording;
    std::unique_ptr<MediaNode> node;
};

class Nobody final : public Publisher
{
    void replaced() override {}
};

}  // namespace

class RecordingNodeTest : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_dir;
    QString m_source;  // 3 s, a key frame each second

private Q_SLOTS:
    void initTestCase()
    {
        m_source = m_dir.filePath("source.flv");
        const test::ToolOutput made = test::runTool(
            "ffmpeg",
            QString("-v error -f lavfi -i testsrc2=size=320x180:rate=30 -f lavfi -i sine=440 -t 3 -c:v libx264 -g 30 "
                    "-bf 0 -preset veryfast -pix_fmt yuv420p -c:a aac %1")
                .arg(m_source)
                .split(' '));
        QVERIFY2(made.exitCode == 0, made.standardError);
    }

    void whoeverListensIsToldWhateverTheProtocol_data()
    {
        QTest::addColumn<QString>("protocol");
        for (const char* protocol : {"rtmp", "rtsp", "srt"})
            QTest::newRow(protocol) << protocol;
    }

    void whoeverListensIsToldWhateverTheProtocol()
    {
        QFETCH(QString, protocol);
        Fixture fixture(m_dir.filePath("told-" + protocol));
        fixture.publish(m_source, protocol.toStdString());
        QVERIFY(fixture.wait([&] { return fixture.hasHeard("video-saved"); }));
        const std::vector<std::string> events = fixture.service.events();
        const auto place = [&](const char* event) { return std::ranges::find(events, event) - events.begin(); };
        QCOMPARE(events.size(), std::size_t{5});
        QVERIFY(place("stream-published") < place("video-started"));
        QVERIFY(place("video-started") < place("thumb-created"));
        QVERIFY(place("thumb-created") < place("video-saved"));
        const auto ids = recording_folder::list(m_dir.filePath("told-" + protocol).toStdString());
        QCOMPARE(ids.size(), std::size_t{1});
        for (const char* event : {"video-started", "thumb-created", "video-saved"}) {
            const nlohmann::json body = fixture.heard(event);
            QCOMPARE(body.value("guid", ""), std::string("live/show"));
            QCOMPARE(body.value("recording", ""), ids.front());
            QCOMPARE(body.value("clusterNodeType", ""), std::string("TYPE_OFF"));
            QVERIFY(!body.contains("bucket") && !body.contains("error"));
        }
        QCOMPARE(fixture.heard("video-saved").value("status", ""), std::string("success"));
    }

    void mutedRecordingsAreNotTold()
    {
        Fixture fixture(m_dir.filePath("muted"));
        fixture.access.webhooks.muted.insert(WebhookCategory::Media);
        fixture.node->access().apply(fixture.access);
        fixture.publish(m_source);
        const std::string folder = m_dir.filePath("muted").toStdString();
        QVERIFY(fixture.wait([&] {
            const auto ids = recording_folder::list(folder);
            const auto manifest =
                ids.empty() ? tl::unexpected(Error{}) : recording_folder::readManifest(folder, ids[0]);
            return manifest && manifest->isComplete && fixture.service.calls.size() == 2;
        }));
        turnFor(fixture.loop, Duration(200));
        QVERIFY((fixture.service.events() == std::vector<std::string>{"stream-published", "stream-unpublished"}));
    }

    // Who is told to end still says that what was recorded is safe.
    void aNodeThatEndsTellsOfItsRecordings()
    {
        Fixture fixture(m_dir.filePath("ended"));
        Nobody nobody;
        Stream* const stream =
            *fixture.node->gate().admitPublisher({"live/show", {}, "test"}, nobody, fixture.loop.now());
        stream->push(videoHeader(), fixture.loop.now());
        stream->push(keyFrame(0), fixture.loop.now());
        QVERIFY(fixture.wait([&] { return fixture.node->recording().figures().recordings == 1; }));
        for (std::uint32_t i = 1; i < 4; ++i)
            stream->push(keyFrame(i * 1000), fixture.loop.now());
        QVERIFY(fixture.wait([&] { return fixture.hasHeard("video-started"); }));
        bool isDone = false;
        fixture.node->gate().dismissPublisher(*stream, SessionGate::Departure::Finished, fixture.loop.now());
        fixture.node->farewell().begin([&] { isDone = true; }, Duration(30'000));
        QVERIFY(fixture.wait([&] { return isDone; }));
        QVERIFY(fixture.hasHeard("video-saved"));
    }

    // A disk that stands still costs the recording a part of the stream, with a note, and nobody else anything.
    void aDiskThatIsTooSlowMakesAGap()
    {
        const std::string folder = m_dir.filePath("slow").toStdString();
        Fixture fixture(m_dir.filePath("slow"));
        Nobody nobody;
        Stream* const stream =
            *fixture.node->gate().admitPublisher({"live/show", {}, "test"}, nobody, fixture.loop.now());
        stream->push(videoHeader(), fixture.loop.now());
        constexpr std::size_t frameBytes = 1'000'000;
        std::uint32_t pushed = 0;
        const auto push = [&](int seconds) {
            for (int i = 0; i < 2 * seconds; ++i, ++pushed) {
                stream->push(pushed % 2 == 0 ? keyFrame(pushed * 500, frameBytes)
                                             : interFrame(pushed * 500, frameBytes),
                             fixture.loop.now());
                fixture.loop.runOnce(Duration(0));
            }
        };
        push(1);
        QVERIFY(fixture.wait([&] { return fixture.node->recording().figures().recordings == 1; }));
        push(4);
        QVERIFY(fixture.wait([&] { return fixture.hasHeard("video-started"); }));
        isDiskStuck = true;
        push(100);
        // The stream went on, and what waits is bounded.
        QCOMPARE(stream->cache().forJoiner().back()->timestampMs(), (pushed - 1) * 500);
        const auto page = [&] {
            const NodeEndpoints at = fixture.node->endpoints();
            return fixture.run("curl", {"-sS", QStringLiteral("http://127.0.0.1:%1/metrics").arg(at.httpPort)})
                .standardOutput;
        };
        const auto figure = [](const QByteArray& text, const QByteArray& name) {
            const auto at = text.indexOf("\n" + name + " ");
            return at < 0 ? -1.0 : text.mid(at + name.size() + 2, 30).split('\n').front().toDouble();
        };
        const double waiting = figure(page(), "headgate_node_recording_waiting_bytes");
        QVERIFY2(waiting > 50e6 && waiting < 70e6, QByteArray::number(waiting));
        isDiskStuck = false;
        QVERIFY(fixture.wait([&] { return figure(page(), "headgate_node_recording_waiting_bytes") == 0; }));
        push(4);
        fixture.node->gate().dismissPublisher(*stream, SessionGate::Departure::Finished, fixture.loop.now());
        QVERIFY(fixture.wait([&] { return fixture.hasHeard("video-saved"); }));
        const auto manifest = recording_folder::readManifest(folder, recording_folder::list(folder).at(0));
        QVERIFY(manifest && manifest->isComplete);
        QVERIFY2(manifest->note.find("too slow") != std::string::npos, manifest->note.c_str());
        QVERIFY(std::ranges::count(manifest->segments, true, &RecordedSegment::isDiscontinuity) == 1);
        for (const RecordedSegment& segment : manifest->segments)
            QCOMPARE(std::filesystem::file_size(folder + "/" + manifest->id + "/" + segment.file),
                     static_cast<std::uintmax_t>(segment.bytes));
        const double length = static_cast<double>(manifest->length().count());
        QVERIFY2(length > 8000 && length < 80'000, QByteArray::number(length));
        QCOMPARE(figure(page(), "headgate_node_recordings_saved_total"), 1.0);
    }

    // No MP4 has two formats: what changes within is as many files, each of them whole.
    void aChangeOfFormatMakesSeveralFiles()
    {
        const QString larger = m_dir.filePath("larger.flv");
        const test::ToolOutput made = test::runTool(
            "ffmpeg", QString("-v error -f lavfi -i testsrc2=size=640x360:rate=30 -f lavfi -i sine=440 -t 3 -c:v "
                              "libx264 -g 30 -bf 0 -preset veryfast -pix_fmt yuv420p -c:a aac %1")
                          .arg(larger)
                          .split(' '));
        QVERIFY2(made.exitCode == 0, made.standardError);
        Fixture fixture(m_dir.filePath("changed"));
        Nobody nobody;
        Stream* const stream =
            *fixture.node->gate().admitPublisher({"live/show", {}, "test"}, nobody, fixture.loop.now());
        const QStringList sources{m_source, larger, m_source};
        std::uint32_t begin = 0;
        for (const QString& source : sources) {
            QFile file(source);
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QByteArray bytes = file.readAll();
            FlvReader reader;
            QVERIFY(reader.append(viewOf(std::string_view(bytes.data(), static_cast<std::size_t>(bytes.size())))));
            while (auto tag = reader.next()) {
                if (tag->type == TagType::Script)
                    continue;
                const FrameKind kind = tag->type == TagType::Video ? FrameKind::Video : FrameKind::Audio;
                stream->push(makeFrame(kind, begin + tag->timestampMs, std::move(tag->body)), fixture.loop.now());
                // It begins with what is there.
                if (fixture.node->recording().figures().recordings == 0 && stream->cache().hasVideo())
                    QVERIFY(fixture.wait([&] { return fixture.node->recording().figures().recordings == 1; }));
            }
            begin += 3000;
        }
        fixture.node->gate().dismissPublisher(*stream, SessionGate::Departure::Finished, fixture.loop.now());
        QVERIFY(fixture.wait([&] { return fixture.hasHeard("video-saved"); }));

        const std::string id = recording_folder::list(m_dir.filePath("changed").toStdString()).at(0);
        const QString address = QStringLiteral("http://127.0.0.1:%1/vod/live/show/%2/download.mp4")
                                    .arg(fixture.node->endpoints().httpPort)
                                    .arg(QString::fromStdString(id));
        const test::ToolOutput whole = fixture.run("curl", {"-si", address});
        QVERIFY2(whole.standardOutput.startsWith("HTTP/1.1 406 ") &&
                     whole.standardOutput.contains("\r\nHeadgate-Parts: 3\r\n") &&
                     whole.standardOutput.contains("?part=1 to ?part=3"),
                 whole.standardOutput);
        for (int part = 1; part <= sources.size(); ++part) {
            const QString file = m_dir.filePath(QString("part%1.mp4").arg(part));
            const test::ToolOutput taken =
                fixture.run("curl", {"-sSf", "-o", file, address + QString("?part=%1").arg(part)});
            QVERIFY2(taken.exitCode == 0, taken.standardError);
            const QByteArrayList kept = test::packetHashes(file, "v");
            const QByteArrayList sent = test::packetHashes(sources[part - 1], "v");
            QVERIFY2(kept.size() >= sent.size() - 1, QByteArray::number(kept.size()));
            QCOMPARE(kept, sent.last(kept.size()));
        }
        for (const char* wrong : {"?part=4", "?part=0", "?part=x"}) {
            const test::ToolOutput refused =
                fixture.run("curl", {"-s", "-o", "/dev/null", "-w", "%{http_code}", address + wrong});
            QCOMPARE(refused.standardOutput, QByteArray("404"));
        }
    }

    // What a store has is told, played and downloaded as what is on a disk, and whoever does so is seen.
    void whatIsInAStoreIsToldAndDownloaded_data()
    {
        QTest::addColumn<QString>("ending");
        QTest::newRow("fMP4") << "mp4";
        QTest::newRow("FLV") << "flv";
    }

    void whatIsInAStoreIsToldAndDownloaded()
    {
        QFETCH(QString, ending);
        StoreServer server;
        QVERIFY2(server.start(m_dir.filePath("store-" + ending + ".log")), "The store does not start.");
        Fixture fixture(m_dir.filePath("stored-" + ending),
                        ending == "flv" ? RecordingFormat::Flv : RecordingFormat::Fmp4);
        // Nobody takes it with another secret, which is told once.
        fixture.recording.store = server.settings();
        fixture.recording.store->secretKey += "x";
        fixture.applyRecording();
        fixture.publish(m_source);
        QVERIFY(fixture.wait([&] { return fixture.hasHeard("video-saved"); }));
        const nlohmann::json failed = fixture.heard("video-saved");
        QCOMPARE(failed.value("status", ""), std::string("failure"));
        QVERIFY(failed.value("error", "").find("signature") != std::string::npos);
        const std::string id = failed["recordings"][0];
        fixture.service.calls.clear();
        fixture.recording.store = server.settings();
        fixture.applyRecording();
        QVERIFY(fixture.wait([&] { return fixture.hasHeard("video-saved"); }));
        const nlohmann::json saved = fixture.heard("video-saved");
        QCOMPARE(saved.value("status", ""), std::string("success"));
        QCOMPARE(saved.value("recording", ""), id);
        QCOMPARE(saved.value("bucket", ""), std::string(test::bucket));
        QCOMPARE(saved.value("objectKey", ""), "folder/" + id + "/manifest.json");
        QVERIFY(S3Client(*fixture.recording.store).head(saved["objectKey"]).has_value());
        QVERIFY(fixture.wait(
            [&] { return recording_folder::list(m_dir.filePath("stored-" + ending).toStdString()).empty(); }));

        const QString file = m_dir.filePath("downloaded." + ending);
        const QString address = QStringLiteral("http://127.0.0.1:%1/vod/live/show/%2/download.%3")
                                    .arg(fixture.node->endpoints().httpPort)
                                    .arg(QString::fromStdString(id), ending);
        const test::ToolOutput taken = fixture.run("curl", {"-sSf", "-o", file, address});
        QVERIFY2(taken.exitCode == 0, taken.standardError);
        QFile whole(file);
        QVERIFY(whole.open(QIODevice::ReadOnly));
        const test::ToolOutput end = fixture.run("curl", {"-sSf", "-r", "-20000", address});
        QVERIFY(end.standardOutput.size() == 20'000 && whole.readAll().endsWith(end.standardOutput));
        for (const char* kind : {"v", "a"}) {
            const QByteArrayList kept = test::packetHashes(file, kind);
            const QByteArrayList sent = test::packetHashes(m_source, kind);
            QVERIFY(kept.size() + 3 >= sent.size());
            QCOMPARE(kept, sent.last(kept.size()));
        }
    }
};

}  // namespace headgate

QTEST_GUILESS_MAIN(headgate::RecordingNodeTest)
#include "recording_node_test.moc"
