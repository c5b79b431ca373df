#include "tests/support/lone_node.h"
#include "tests/support/stream_record.h"

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

#include <map>

using namespace headgate::test;

namespace {

QString tools(const QString& name)
{
    return qEnvironmentVariable("HEADGATE_SOURCE_DIR") + "/build/tools/" + name;
}

// Plays a stream in a video element and reports once a second: how far behind its picture is by the playlist's dates,
// how much it played, and how often it waited.
constexpr const char* page = R"(<!doctype html><title>HLS</title><video muted></video><script src="/hls.js"></script>
<script>
const [url, mode] = decodeURIComponent(location.search.slice(1)).split('|');
const say = result => fetch('/report', {method: 'POST', body: JSON.stringify(result)});
const video = document.querySelector('video'), errors = [];
let waits = 0, parts = 0, isSought = false;
const hls = new Hls({lowLatencyMode: mode === 'low'});
hls.on(Hls.Events.ERROR, (_, data) => errors.push(data.details + (data.fatal ? ' (fatal)' : '')));
hls.on(Hls.Events.FRAG_LOADED, (_, data) => { if (data.part) parts++; });
hls.on(Hls.Events.MANIFEST_PARSED, () => video.play());
video.onwaiting = () => { if (video.currentTime > 1) waits++; };
hls.loadSource(url); hls.attachMedia(video);
setInterval(() => {
    const at = hls.playingDate, played = video.played.length ? video.played.end(0) - video.played.start(0) : 0;
    if (mode === 'seek' && played > 2 && !isSought) {
        isSought = true;
        video.currentTime = 10;
    }
    say({at: video.currentTime, length: video.duration, lag: at ? (Date.now() - at.getTime()) / 1000 : -1, played, waits, parts, width: video.videoWidth,
         frames: video.getVideoPlaybackQuality().totalVideoFrames, errors: errors.slice(0, 20)});
}, 1000);
</script>)";

// Serves the page with the player and keeps its newest report.
class PlayerPage
{
public:
    PlayerPage()
    {
        m_server.listen(QHostAddress::LocalHost);
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server,
                         [this] { take(*m_server.nextPendingConnection()); });
        QFile library(tools("hls.min.js"));
        if (library.open(QIODevice::ReadOnly))
            m_library = library.readAll();
    }

    bool hasPlayer() const { return m_library.contains("Hls"); }
    QString url(const QString& stream, const QString& mode) const
    {
        return QStringLiteral("http://127.0.0.1:%1/?%2|%3").arg(m_server.serverPort()).arg(stream, mode);
    }
    const QJsonObject& report() const { return m_report; }

private:
    void take(QTcpSocket& socket)
    {
        QObject::connect(&socket, &QTcpSocket::readyRead, &socket, [this, &socket, request = QByteArray()]() mutable {
            request += socket.readAll();
            const qsizetype head = request.indexOf("\r\n\r\n");
            if (head < 0)
                return;
            const QJsonDocument body = QJsonDocument::fromJson(request.mid(head + 4));
            if (request.startsWith("POST") && body.isNull())
                return;
            if (body.isObject())
                m_report = body.object();
            const QByteArray answer = request.startsWith("GET /hls.js") ? m_library
                                      : request.startsWith("GET /?")    ? QByteArray(page)
                                                                        : QByteArray();
            socket.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/html\r\nContent-Length: " +
                         QByteArray::number(answer.size()) + "\r\n\r\n" + answer);
            socket.disconnectFromHost();
        });
    }

    QTcpServer m_server;
    QByteArray m_library;
    QJsonObject m_report;
};

QStringList browserArguments(const QString& profile, const QString& url)
{
    return {"--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-extensions",
            "--disable-background-networking",
            "--no-proxy-server",
            "--autoplay-policy=no-user-gesture-required",
            "--user-data-dir=" + profile,
            url};
}

// The same of a recording that is over.
constexpr const char* recordingParser = R"(
import sys
sys.path.insert(0, sys.argv[2])
import m3u8
master = m3u8.load(sys.argv[1])
info = master.playlists[0].stream_info
assert master.is_variant and info.bandwidth >= info.average_bandwidth > 0 and info.codecs.startswith("avc1."), master.dumps()
media = m3u8.load(master.playlists[0].absolute_uri)
assert media.is_endlist and media.playlist_type.upper() == "VOD" and media.media_sequence == 0, media.dumps()
assert all(round(each.duration) <= media.target_duration and each.init_section for each in media.segments)
times = [each.program_date_time for each in media.segments]
assert None not in times and times == sorted(times)
length = sum(each.duration for each in media.segments)
assert 13 < length < 15, length
print("fine", len(media.segments), length)
)";

// Reads playlists as others do, and says what is wrong with them.
constexpr const char* parser = R"(
import sys, urllib.request
sys.path.insert(0, sys.argv[2])
import m3u8
master = m3u8.load(sys.argv[1])
assert master.is_variant and len(master.playlists) == 1, master.dumps()
info = master.playlists[0].stream_info
assert info.bandwidth > 0 and info.resolution == (320, 180) and info.codecs.startswith("avc1."), info
media = m3u8.load(master.playlists[0].absolute_uri)
assert media.version >= 9 and media.media_sequence >= 0 and not media.is_endlist
assert media.server_control.can_block_reload == "YES" and media.server_control.part_hold_back >= 3 * media.part_inf.part_target
longest = 0
for segment in media.segments:
    assert round(segment.duration) <= media.target_duration, segment.duration
    assert segment.init_section.uri == "init0.mp4" and segment.program_date_time is not None
    for part in segment.parts:
        assert part.duration <= media.part_inf.part_target, part.duration
    if segment.parts and segment.uri:
        assert abs(sum(part.duration for part in segment.parts) - segment.duration) < 0.002
    if segment.uri:
        body = urllib.request.urlopen(segment.absolute_uri).read()
        assert body[4:8] == b"moof", body[:8]
        if segment.parts:
            whole = b"".join(urllib.request.urlopen(part.absolute_uri).read() for part in segment.parts)
            assert whole == body
times = [s.program_date_time for s in media.segments]
assert times == sorted(times)
print("fine", len(media.segments), media.preload_hint.uri)
)";

}  // namespace

class HlsPlayersTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void framesAreThoseOfTheSource();
    void anotherParserReadsThePlaylists();
    void browserPlays_data();
    void browserPlays();
    void anotherPlayerPlays();
    void aRecordingIsSoughtThroughAnEdge();
};

void HlsPlayersTest::framesAreThoseOfTheSource()
{
    LoneNode node;
    QVERIFY2(node.start({"--hls", "always"}), qPrintable(node.log()));
    const QString source = node.path("source.mp4");
    QVERIFY(makeSource(source, 14));
    const StreamRecord sent = parseRecord(runTool("ffprobe", recordArguments(source)).standardOutput);
    QVERIFY(sent.video.size() == 350 && sent.audio.size() > 500);
    Child publisher;
    publisher.start("ffmpeg", publishFileArguments(source, node.rtmp("live/show")), node.path("publisher.log"));
    QVERIFY2(waitUntil([&] { return node.log().contains("publishes live/show"); }, 20'000),
             qPrintable(publisher.log()));
    QTest::qWait(4000);
    // Up to the end, which the playlist tells.
    QStringList arguments = recordArguments("http://" + node.address() + ":5080/live/show.m3u8");
    const ToolOutput read = runTool("ffprobe", QStringList{"-live_start_index", "0"} + arguments, 60'000);
    const StreamRecord got = parseRecord(read.standardOutput);
    QVERIFY2(got.video.size() >= 200 && got.audio.size() >= 300, read.standardError + node.log().toUtf8());
    const auto hashes = [](const QList<FrameMark>& marks) {
        QList<FrameMark> bare;
        for (const FrameMark& mark : marks)
            bare.append({0, mark.hash});
        return bare;
    };
    QVERIFY2(placeIn(hashes(sent.video), hashes(got.video)) >= 0,
             firstDifference(hashes(sent.video), hashes(got.video)));
    QVERIFY2(placeIn(hashes(sent.audio), hashes(got.audio)) >= 0,
             firstDifference(hashes(sent.audio), hashes(got.audio)));
    QCOMPARE(got.video.last().hash, sent.video.last().hash);
}

void HlsPlayersTest::anotherParserReadsThePlaylists()
{
    LoneNode node;
    QVERIFY2(node.start(), qPrintable(node.log()));
    Child publisher;
    publisher.start("ffmpeg", publishArguments(node.rtmp("live/show")), node.path("publisher.log"));
    QVERIFY2(waitUntil([&] { return node.log().contains("publishes live/show"); }, 20'000),
             qPrintable(publisher.log()));
    Child viewer;
    const QString url = "http://" + node.address() + ":5080/live/show.m3u8";
    viewer.start("ffmpeg", playArguments(url), node.path("viewer.log"));
    QTest::qWait(9000);
    const ToolOutput parsed = runTool("/usr/bin/python3", {"-c", parser, url, tools("python")});
    QVERIFY2(parsed.standardOutput.startsWith("fine"), parsed.standardError + parsed.standardOutput);
}

void HlsPlayersTest::browserPlays_data()
{
    QTest::addColumn<QString>("mode");
    QTest::addColumn<double>("mostLag");
    QTest::newRow("HLS") << "plain" << 12.0;
    QTest::newRow("LL-HLS") << "low" << 3.0;
}

void HlsPlayersTest::browserPlays()
{
    QFETCH(QString, mode);
    QFETCH(double, mostLag);
    const int seconds = qEnvironmentVariableIntValue("HEADGATE_PLAY_SECONDS");
    LoneNode node;
    QVERIFY2(node.start(), qPrintable(node.log()));
    Child publisher;
    publisher.start("ffmpeg", publishArguments(node.rtmp("live/show")), node.path("publisher.log"));
    QVERIFY2(waitUntil([&] { return node.log().contains("publishes live/show"); }, 20'000),
             qPrintable(publisher.log()));
    PlayerPage server;
    QVERIFY2(server.hasPlayer(), "build/tools has no hls.min.js: ./test.sh installs it");
    Child browser;
    browser.start(
        "chromium",
        browserArguments(node.path("profile"), server.url("http://" + node.address() + ":5080/live/show.m3u8", mode)),
        node.path("browser.log"));
    const double wanted = seconds > 0 ? seconds : 12;
    waitUntil([&] { return server.report()["played"].toDouble() > wanted || !browser.isRunning(); },
              static_cast<int>(wanted * 1000) + 40'000);
    browser.terminate();
    browser.waitForEnd(10'000);
    const QByteArray report = QJsonDocument(server.report()).toJson(QJsonDocument::Compact);
    qInfo("%s", report.constData());
    QVERIFY2(server.report()["played"].toDouble() > wanted, report + browser.log().toUtf8() + node.log().toUtf8());
    QVERIFY2(server.report()["width"].toInt() == 320, report);
    QVERIFY2(server.report()["lag"].toDouble() <= mostLag && server.report()["lag"].toDouble() > 0, report);
    QVERIFY2(!report.contains("fatal"), report);
    if (mode == "low")
        QVERIFY2(server.report()["parts"].toInt() > 10, report);
    // At night it never waits.
    if (seconds > 0)
        QVERIFY2(server.report()["waits"].toInt() == 0, report);
}

// mpv without a screen, in each protocol that it speaks.
void HlsPlayersTest::anotherPlayerPlays()
{
    LoneNode node;
    QVERIFY2(node.start({"--rtsp-port", "8554"}), qPrintable(node.log()));
    Child publisher;
    publisher.start("ffmpeg", publishArguments(node.rtmp("live/show")), node.path("publisher.log"));
    QVERIFY2(waitUntil([&] { return node.log().contains("publishes live/show"); }, 20'000),
             qPrintable(publisher.log()));
    const QString http = "http://" + node.address() + ":5080/live/show";
    std::map<QString, Child> players;
    for (const QString& url : {http + ".m3u8", http + ".ts", http + ".flv", node.rtmp("live/show"),
                               "rtsp://" + node.address() + ":8554/live/show"}) {
        // It ends by itself when it has shown so many pictures.
        const QStringList arguments{"--no-config",
                                    "--vo=null",
                                    "--ao=null",
                                    "--frames=75",
                                    "--msg-level=all=info",
                                    "--term-playing-msg=SIZE ${width}x${height} ${video-codec} ${audio-codec-name}"};
        players[url].start("mpv", arguments + QStringList{url},
                           node.path("mpv-" + QString::number(players.size()) + ".log"));
    }
    for (auto& [url, player] : players) {
        QVERIFY2(player.waitForEnd(60'000) && player.exitCode() == 0, qPrintable(url + player.log() + node.log()));
        QVERIFY2(player.log().contains("SIZE 320x180 h264") && player.log().contains(" aac"),
                 qPrintable(url + player.log()));
    }
}

// A recording of one node, by its address at another: the player jumps within it, and counts as one viewer.
void HlsPlayersTest::aRecordingIsSoughtThroughAnEdge()
{
    LoneNode origin;
    const QString source = origin.path("source.mp4"), folder = origin.path("recordings");
    QVERIFY(makeSource(source, 14) && QDir().mkpath(folder));
    const QStringList recording{"--recordings", folder};
    QVERIFY2(origin.start(recording + QStringList{"--record", "fmp4", "--record-segment", "2"}),
             qPrintable(origin.log()));
    const ToolOutput published = runTool("ffmpeg", publishFileArguments(source, origin.rtmp("live/show")), 60'000);
    QVERIFY2(published.exitCode == 0, published.standardError);
    const auto id = [&] { return QDir(folder).entryList(QDir::Dirs | QDir::NoDotAndDotDot).value(0); };
    QVERIFY2(waitUntil(
                 [&] {
                     QFile manifest(folder + "/" + id() + "/manifest.json");
                     return manifest.open(QIODevice::ReadOnly) &&
                            QJsonDocument::fromJson(manifest.readAll()).object()["isComplete"].toBool();
                 },
                 30'000),
             qPrintable(origin.log()));
    origin.terminate();
    QVERIFY(origin.waitForEnd(20'000));

    LoneNode edge;
    QVERIFY2(edge.start(recording + QStringList{"--capabilities", "subscribe"}), qPrintable(edge.log()));
    const QString url = "http://" + edge.address() + ":5080/vod/live/show/" + id() + "/index.m3u8";
    const ToolOutput parsed = runTool("/usr/bin/python3", {"-c", recordingParser, url, tools("python")});
    QVERIFY2(parsed.standardOutput.startsWith("fine"), parsed.standardError + parsed.standardOutput);
    const auto viewers = [&] {
        const QByteArray page = runTool("curl", {"-s", "http://" + edge.address() + ":5080/metrics"}).standardOutput;
        const QByteArray name = "\nheadgate_node_vod_viewers ";
        return page.mid(page.indexOf(name) + name.size()).split('\n').first().toInt();
    };
    // The one who read its playlists; gone when it asks for nothing for a minute.
    const int before = viewers();
    PlayerPage server;
    Child browser;
    browser.start("chromium", browserArguments(edge.path("profile"), server.url(url, "seek")),
                  edge.path("browser.log"));
    QVERIFY2(waitUntil([&] { return server.report()["at"].toDouble() > 11 || !browser.isRunning(); }, 60'000),
             qPrintable(browser.log()));
    QCOMPARE(viewers(), before + 1);
    browser.terminate();
    browser.waitForEnd(10'000);
    const QByteArray report = QJsonDocument(server.report()).toJson(QJsonDocument::Compact);
    QVERIFY2(server.report()["at"].toDouble() > 11 && server.report()["width"].toInt() == 320, report);
    QVERIFY2(std::abs(server.report()["length"].toDouble() - 14) < 1, report);
    QVERIFY2(!report.contains("fatal"), report);
}

QTEST_GUILESS_MAIN(HlsPlayersTest)
#include "hls_players_test.moc"
