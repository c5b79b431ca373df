#include "ui/models/snippets.h"

#include "ui/format.h"
#include "ui/models/quoting.h"
#include "ui/models/stream_urls.h"

#include <QCoreApplication>
#include <QStringList>
#include <QUrl>

namespace headgate::snippets {

namespace {

struct SnippetWords
{
    Q_DECLARE_TR_FUNCTIONS(headgate::SnippetWords)
};

using format::text;
using quoting::javaScript;
using quoting::shellWord;

// The lines of one shell command.
QString command(const QStringList& lines)
{
    return lines.join(QStringLiteral(" \\\n  "));
}

QString rtmpOf(const Target& target)
{
    return rtmpUrl(target.node, target.stream);
}

QString flvOf(const Target& target)
{
    return flvUrl(target.node, target.stream);
}

std::vector<Snippet> ffmpegPublish(const Target& target)
{
    const QString url = shellWord(rtmpOf(target));
    return {
        {SnippetWords::tr("A moving picture with a tone"),
         SnippetWords::tr("A key frame every second and no B-frames keep the delay short."),
         command({"ffmpeg -re -f lavfi -i testsrc2=size=1280x720:rate=30",
                  "-re -f lavfi -i sine=frequency=440:sample_rate=48000",
                  "-c:v libx264 -preset veryfast -tune zerolatency -pix_fmt yuv420p",
                  "-b:v 2500k -maxrate 2500k -bufsize 2500k -g 30", "-c:a aac -b:a 128k -f flv " + url})},
        {SnippetWords::tr("A file, over and over"),
         SnippetWords::tr("As it is, for H.264 with AAC. For other codecs take the options above instead of -c copy."),
         "ffmpeg -re -stream_loop -1 -i input.mp4 -c copy -f flv " + url}};
}

std::vector<Snippet> ffmpegWatch(const Target& target)
{
    const QString url = shellWord(flvOf(target));
    return {{SnippetWords::tr("Play"), SnippetWords::tr("Without a reserve of its own, so that the delay is short."),
             "ffplay -fflags nobuffer -flags low_delay " + url},
            {SnippetWords::tr("See what it is made of"),
             {},
             command({"ffprobe -v error -of compact " + url,
                      "-show_entries stream=codec_name,profile,width,height,r_frame_rate,sample_rate"})},
            {SnippetWords::tr("Record 60 seconds"), {}, "ffmpeg -i " + url + " -t 60 -c copy recording.mkv"}};
}

// Server and key are what librtmp puts together again with a slash.
std::vector<Snippet> obsPublish(const Target& target)
{
    const QString key = text(target.stream.name);
    QString server = rtmpOf(target);
    server.chop(key.size() + 1);
    return {
        {SnippetWords::tr("Server"), SnippetWords::tr("Settings, Stream: choose the service “Custom...”."), server},
        {SnippetWords::tr("Stream key"), {}, key},
        {SnippetWords::tr("Both as a file"),
         SnippetWords::tr("service.json in the folder of an OBS profile, ~/.config/obs-studio/basic/profiles/NAME. In "
                          "Settings, Output set the keyframe interval to 1 s and the tune to zerolatency."),
         QStringLiteral("{\n  \"type\": \"rtmp_custom\",\n  \"settings\": {\n    \"server\": %1,\n    \"key\": %2,\n"
                        "    \"use_auth\": false\n  }\n}")
             .arg(quoting::json(server), quoting::json(key))}};
}

std::vector<Snippet> gstreamerPublish(const Target& target)
{
    return {{SnippetWords::tr("A moving picture with a tone"),
             SnippetWords::tr("rtmp2sink is in the “bad” plug-ins, x264enc in the “ugly” ones."),
             command({"gst-launch-1.0 -e flvmux name=mux streamable=true",
                      "! rtmp2sink location=" + shellWord(rtmpOf(target)), "videotestsrc is-live=true pattern=ball",
                      "! video/x-raw,width=1280,height=720,framerate=30/1",
                      "! x264enc bitrate=2500 tune=zerolatency speed-preset=veryfast key-int-max=30",
                      "! h264parse ! queue ! mux.", "audiotestsrc is-live=true ! audio/x-raw,rate=48000,channels=2",
                      "! avenc_aac bitrate=128000 ! aacparse ! queue ! mux."})}};
}

QString gstreamerPlay(const QString& source)
{
    return command({"gst-launch-1.0 " + source, "! flvdemux name=demux",
                    "demux.video ! queue ! decodebin ! videoconvert ! autovideosink",
                    "demux.audio ! queue ! decodebin ! audioconvert ! audioresample ! autoaudiosink"});
}

std::vector<Snippet> gstreamerWatch(const Target& target)
{
    return {{SnippetWords::tr("Play over HTTP-FLV"), SnippetWords::tr("For a stream with picture and sound."),
             gstreamerPlay("souphttpsrc is-live=true location=" + shellWord(flvOf(target)))},
            {SnippetWords::tr("Play over RTMP"), {}, gstreamerPlay("rtmp2src location=" + shellWord(rtmpOf(target)))}};
}

std::vector<Snippet> players(const Target& target)
{
    const QString url = shellWord(flvOf(target));
    return {{QStringLiteral("VLC"),
             SnippetWords::tr("With 300 ms of reserve. In its window: Media, Open network stream."),
             "vlc --network-caching=300 " + url},
            {QStringLiteral("mpv"), {}, "mpv --profile=low-latency " + url}};
}

QString webPage(const Target& target, const QString& url)
{
    const QString page = QStringLiteral(R"(<!doctype html>
<meta charset="utf-8">
<title>%1</title>
<video id="player" controls autoplay muted></video>
<script src="https://cdn.jsdelivr.net/npm/mpegts.js@1.8.2/dist/mpegts.js"></script>
<script>
  const player = mpegts.createPlayer(
    { type: 'flv', isLive: true, url: %2 },
    { liveSync: true });
  player.attachMediaElement(document.getElementById('player'));
  player.load();
  player.play();
</script>)");
    return page.arg(quoting::html(text(target.stream.path())), javaScript(url));
}

std::vector<Snippet> browser(const Target& target)
{
    return {{SnippetWords::tr("A page that plays HTTP-FLV"),
             SnippetWords::tr("With the player mpegts.js. Browsers start a picture by itself only if it is muted."),
             webPage(target, flvOf(target))},
            {SnippetWords::tr("The same over a WebSocket"),
             SnippetWords::tr("A browser opens at most six HTTP connections to one host; WebSockets do not count."),
             webPage(target, webSocketFlvUrl(target.node, target.stream))}};
}

QString loginUrl(const Target& target)
{
    return target.apiUrl + "/as/v1/auth/login";
}

// The call that answers {serverAddress, scope, name, port, protocol}.
QString locateUrl(const Target& target)
{
    const QString act = target.purpose == RoutePurpose::Publish ? "publish" : "subscribe";
    QString url =
        QStringLiteral("%1/as/v1/streams/%2/%3?nodeGroup=%4")
            .arg(target.apiUrl, text(target.stream.path()), act, quoting::urlPart(text(target.nodeGroup.value)));
    if (!target.region.empty())
        url += "&region=" + quoting::urlPart(text(target.region));
    return url;
}

bool hasColons(const Target& target)
{
    return target.node.address.find(':') != std::string::npos;
}

Snippet curlLogin(const Target& target)
{
    const QString user =
        target.apiUser.isEmpty() ? QStringLiteral("\"$HEADGATE_USER\":") : shellWord(target.apiUser + QLatin1Char(':'));
    const QString note =
        target.apiUser.isEmpty()
            ? SnippetWords::tr(
                  "Put user name and password into HEADGATE_USER and HEADGATE_PASSWORD first. jq reads the answer.")
            : SnippetWords::tr("Put the password of %1 into HEADGATE_PASSWORD first. jq reads the answer.")
                  .arg(target.apiUser);
    return {SnippetWords::tr("Sign in (curl)"), note,
            QStringLiteral("HEADGATE_TOKEN=$(curl -fsS -X PUT -u %1\"$HEADGATE_PASSWORD\" \\\n  %2 | jq -r .token)")
                .arg(user, shellWord(loginUrl(target)))};
}

Snippet curlLocate(const Target& target)
{
    const QString host =
        hasColons(target) ? QStringLiteral("[\\(.serverAddress)]") : QStringLiteral("\\(.serverAddress)");
    const bool isPublish = target.purpose == RoutePurpose::Publish;
    return {isPublish ? SnippetWords::tr("Choose an origin (curl)") : SnippetWords::tr("Choose an edge (curl)"),
            isPublish ? SnippetWords::tr("Answers the address to publish to. Ask anew each time: nodes come and go.")
                      : SnippetWords::tr("Answers the address to watch. 404 while the stream is not on air."),
            QStringLiteral("curl -fsS -H \"Authorization: Bearer $HEADGATE_TOKEN\" \\\n  %1 \\\n  | jq -r "
                           "'\"rtmp://%2:\\(.port)/\\(.scope)/\\(.name)\"'")
                .arg(shellWord(locateUrl(target)), host)};
}

Snippet javaScriptLocate(const Target& target)
{
    const bool isPublish = target.purpose == RoutePurpose::Publish;
    const QString user =
        target.apiUser.isEmpty() ? QStringLiteral("process.env.HEADGATE_USER") : javaScript(target.apiUser);
    const QString host =
        hasColons(target) ? QStringLiteral("[${place.serverAddress}]") : QStringLiteral("${place.serverAddress}");
    const QString script = QStringLiteral(R"(const call = async (url, options) => {
  const answer = await fetch(url, options);
  if (!answer.ok) throw new Error((await answer.json()).error);
  return answer.json();
};
const session = await call(%1, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify({ username: %2, password: process.env.HEADGATE_PASSWORD }),
});
const place = await call(
  %3,
  { headers: { Authorization: `Bearer ${session.token}` } });
console.log(`rtmp://%4:${place.port}/${place.scope}/${place.name}`);)");
    return {
        isPublish ? SnippetWords::tr("Sign in and choose an origin (JavaScript)")
                  : SnippetWords::tr("Sign in and choose an edge (JavaScript)"),
        SnippetWords::tr("For Node.js 18 or newer, as a file with the ending .mjs. In a page ask the user instead of "
                         "reading process.env."),
        script.arg(javaScript(loginUrl(target)), user, javaScript(locateUrl(target)), host)};
}

std::vector<Snippet> streamManager(const Target& target)
{
    if (target.apiUrl.isEmpty())
        return {};
    return {curlLogin(target), curlLocate(target), javaScriptLocate(target)};
}

std::vector<Snippet> headgatectl(const Target& target)
{
    if (target.apiUrl.isEmpty())
        return {};
    const QString server = " --server " + shellWord(target.apiUrl);
    const QString user = target.apiUser.isEmpty() ? QString() : " --user " + shellWord(target.apiUser);
    const QString what =
        shellWord(text(target.stream.path())) + " --node-group " + shellWord(text(target.nodeGroup.value));
    const QString where = target.region.empty() ? QString() : " --subgroups " + shellWord(text(target.region));
    std::vector<Snippet> all{{SnippetWords::tr("Sign in"),
                              SnippetWords::tr("It asks for the password and keeps the token."),
                              "headgatectl login" + server + user}};
    if (target.purpose == RoutePurpose::Publish) {
        all.push_back({SnippetWords::tr("Choose an origin"), {}, "headgatectl route publish " + what + where + server});
        all.push_back({SnippetWords::tr("Publish a test picture"), SnippetWords::tr("Until Ctrl+C."),
                       "headgatectl publish-test " + what + server});
    } else {
        all.push_back({SnippetWords::tr("Choose an edge"), {}, "headgatectl route subscribe " + what + where + server});
    }
    return all;
}

}  // namespace

std::vector<Tool> toolsFor(RoutePurpose purpose)
{
    if (purpose == RoutePurpose::Publish)
        return {Tool::Ffmpeg, Tool::Obs, Tool::GStreamer, Tool::StreamManager, Tool::Headgatectl};
    return {Tool::Ffmpeg, Tool::Players, Tool::GStreamer, Tool::Browser, Tool::StreamManager, Tool::Headgatectl};
}

QString toolName(Tool tool)
{
    switch (tool) {
    case Tool::Ffmpeg:
        return QStringLiteral("FFmpeg");
    case Tool::Obs:
        return QStringLiteral("OBS Studio");
    case Tool::GStreamer:
        return QStringLiteral("GStreamer");
    case Tool::Players:
        return SnippetWords::tr("VLC and mpv");
    case Tool::Browser:
        return SnippetWords::tr("Browser");
    case Tool::StreamManager:
        return SnippetWords::tr("Stream Manager API");
    case Tool::Headgatectl:
        return QStringLiteral("headgatectl");
    }
    return {};
}

std::vector<Address> addresses(const Target& target)
{
    std::vector<Address> all{{QStringLiteral("RTMP"), rtmpOf(target)}};
    if (target.node.rtmpsPort != 0)
        all.push_back({QStringLiteral("RTMPS"), rtmpsUrl(target.node, target.stream)});
    if (target.purpose == RoutePurpose::Subscribe) {
        all.push_back({QStringLiteral("HTTP-FLV"), flvOf(target)});
        all.push_back({QStringLiteral("WebSocket-FLV"), webSocketFlvUrl(target.node, target.stream)});
        all.push_back({QStringLiteral("HLS"), hlsUrl(target.node, target.stream)});
    }
    if (target.node.srtPort != 0)
        all.push_back({QStringLiteral("SRT"), srtUrl(target.node, target.stream, target.purpose)});
    if (target.node.rtspPort != 0)
        all.push_back({QStringLiteral("RTSP"), rtspUrl(target.node, target.stream)});
    if (target.node.webrtcPort != 0)
        all.push_back({target.purpose == RoutePurpose::Publish ? QStringLiteral("WHIP") : QStringLiteral("WHEP"),
                       webrtcUrl(target.node, target.stream, target.purpose)});
    if (const QString page = testPageUrl(target); !page.isEmpty())
        all.push_back({SnippetWords::tr("Test page"), page});
    return all;
}

QString testPageUrl(const Target& target)
{
    if (target.apiUrl.isEmpty() || target.node.webrtcPort == 0)
        return {};
    const auto escaped = [](const std::string& name) {
        return QString::fromLatin1(QUrl::toPercentEncoding(text(name), "/"));
    };
    return target.apiUrl + "/test/?stream=" + escaped(target.stream.path()) +
           "&nodeGroup=" + escaped(target.nodeGroup.value);
}

std::vector<Snippet> snippetsFor(Tool tool, const Target& target)
{
    const bool isPublish = target.purpose == RoutePurpose::Publish;
    switch (tool) {
    case Tool::Ffmpeg:
        return isPublish ? ffmpegPublish(target) : ffmpegWatch(target);
    case Tool::Obs:
        return isPublish ? obsPublish(target) : std::vector<Snippet>();
    case Tool::GStreamer:
        return isPublish ? gstreamerPublish(target) : gstreamerWatch(target);
    case Tool::Players:
        return isPublish ? std::vector<Snippet>() : players(target);
    case Tool::Browser:
        return isPublish ? std::vector<Snippet>() : browser(target);
    case Tool::StreamManager:
        return streamManager(target);
    case Tool::Headgatectl:
        return headgatectl(target);
    }
    return {};
}

}  // namespace headgate::snippets
