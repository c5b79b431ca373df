#include "core/media/agent/media_node.h"
#include "tests/media/support/frames.h"
#include "tests/media/support/loop_rows.h"
#include "tests/media/support/loop_wait.h"
#include "tests/media/support/relay_cluster.h"
#include "tests/media/support/rtmp_clients.h"

#include <QTest>

#include <algorithm>

using namespace headgate;
using namespace headgate::tests;

namespace {

struct Answer
{
    std::string head;
    std::string body;

    int status() const { return head.size() > 12 ? std::stoi(head.substr(9, 3)) : 0; }
    std::string field(const std::string& name) const
    {
        const std::size_t at = head.find("\r\n" + name + ": ");
        if (at == std::string::npos)
            return {};
        const std::size_t from = at + name.size() + 4;
        return head.substr(from, head.find("\r\n", from) - from);
    }
    bool has(const std::string& text) const { return body.find(text) != std::string::npos; }
    std::size_t count(const std::string& text) const
    {
        std::size_t found = 0;
        for (std::size_t at = body.find(text); at != std::string::npos; at = body.find(text, at + 1))
            ++found;
        return found;
    }
};

// A connection that stays, and on which one thing is asked after the other.
class Player final : private ConnectionOwner
{
public:
    Player(EventLoop& loop, const NodeEndpoints& node)
        : m_loop(loop),
          m_connection(loop, *connectTo(SocketAddress{"127.0.0.1", node.httpPort, {}}), Connection::Origin::Outgoing,
                       *this)
    {}

    void say(const std::string& path, const std::string& fields = {}, const std::string& method = "GET")
    {
        m_isHead = method == "HEAD";
        const std::string request = method + " " + path + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
        const ByteView view = viewOf(request);
        m_connection.send(Bytes(view.begin(), view.end()));
    }
    bool isAnswered() { return m_answer.has_value() || take(); }
    Answer answer()
    {
        waitFor(
            m_loop, [this] { return isAnswered() || hasEnded; }, Duration(30'000));
        return std::exchange(m_answer, std::nullopt).value_or(Answer{});
    }
    Answer get(const std::string& path, const std::string& fields = {}, const std::string& method = "GET")
    {
        say(path, fields, method);
        return answer();
    }

    bool hasEnded = false;

private:
    void bytesReceived(ByteView bytes) override { m_heard += textOf(bytes); }
    void connectionEnded(std::string_view) override { hasEnded = true; }
    bool take()
    {
        const std::size_t end = m_heard.find("\r\n\r\n");
        if (end == std::string::npos)
            return false;
        Answer answer{m_heard.substr(0, end + 2), {}};
        const std::string length = answer.field("Content-Length");
        const std::size_t size = m_isHead || length.empty() ? 0 : std::stoul(length);
        if (m_heard.size() < end + 4 + size)
            return false;
        answer.body = m_heard.substr(end + 4, size);
        m_heard.erase(0, end + 4 + size);
        m_answer = std::move(answer);
        return true;
    }

    EventLoop& m_loop;
    std::string m_heard;
    bool m_isHead = false;
    std::optional<Answer> m_answer;
    Connection m_connection;
};

std::string lastLine(const std::string& text)
{
    const std::size_t end = text.find_last_not_of('\n');
    return text.substr(text.rfind('\n', end) + 1, end - text.rfind('\n', end));
}

struct Studio
{
    explicit Studio(hls::Options hls = {}, NodeCapabilities capabilities = {true, true}, std::size_t mostSessions = 50)
    {
        MediaNodeOptions options;
        options.endpoints = NodeEndpoints{"127.0.0.1", 0, 0};
        options.capabilities = capabilities;
        options.mostSessions = mostSessions;
        options.loops = loopsOfRow();
        options.hls = hls;
        node = std::move(*MediaNode::open(loop, log, options, [](std::string_view) {}));
    }
    bool wait(const std::function<bool()>& condition) { return waitFor(loop, condition); }
    void publish()
    {
        publisher = std::make_unique<RtmpPublisher>(loop, node->endpoints(), "live", "show");
        QVERIFY(wait([this] { return publisher->isPublishing(); }));
        for (const SharedFrame& frame : {metadata(), videoHeader(), audioHeader()})
            publisher->send(frame);
    }
    // 25 frames a second with sound, a key frame each second.
    void sendFrames(int count)
    {
        for (int i = 0; i < count; ++i, ++sent) {
            const auto time = static_cast<std::uint32_t>(sent * 40);
            publisher->send(sent % 25 == 0 ? keyFrame(time) : interFrame(time));
            publisher->send(audioFrame(time + 7));
        }
        awaitFrame(static_cast<std::uint32_t>(sent - 1) * 40);
    }
    void awaitFrame(std::uint32_t timestampMs)
    {
        QVERIFY(wait([&] {
            const Stream* const stream = node->hub().find({"live", "show"});
            const auto frames = stream ? stream->cache().forJoiner() : std::vector<SharedFrame>();
            return !frames.empty() && frames.back()->timestampMs() >= timestampMs;
        }));
    }
    // The path of the media playlist, of a viewer who is let in for it.
    std::string letIn(Player& player)
    {
        const Answer multivariant = player.get("/live/show.m3u8");
        return multivariant.status() == 200 ? "/live/" + lastLine(multivariant.body) : multivariant.head;
    }
    int viewers() { return node->hub().subscriberCount(Subscriber::Kind::Viewer); }

    EventLoop loop;
    Log log{LogLevel::Error};
    std::unique_ptr<MediaNode> node;
    std::unique_ptr<RtmpPublisher> publisher;
    int sent = 0;
};

std::string folderOf(const std::string& playlist)
{
    return playlist.substr(0, playlist.rfind('/') + 1);
}

std::size_t numberAfter(const std::string& text, const std::string& word)
{
    const std::size_t at = text.find(word);
    return at == std::string::npos ? SIZE_MAX : std::stoul(text.substr(at + word.size()));
}

}  // namespace

class HlsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { addLoopRows(); }

    void aViewerIsLetInAndCountedOnce()
    {
        Studio studio;
        studio.publish();
        studio.sendFrames(80);
        Player player(studio.loop, studio.node->endpoints());
        player.say("/live/show.m3u8");
        QVERIFY(studio.wait([&] { return studio.viewers() == 1; }));
        studio.sendFrames(40);
        const Answer multivariant = player.answer();
        QCOMPARE(multivariant.status(), 200);
        QCOMPARE(multivariant.field("Cache-Control"), std::string("no-store"));
        QVERIFY(multivariant.has("CODECS=\"avc1.64001E,mp4a.40.2\""));
        QVERIFY(multivariant.has("RESOLUTION=640x360"));
        const std::string media = "/live/" + lastLine(multivariant.body);
        const Answer playlist = player.get(media);
        QCOMPARE(playlist.status(), 200);
        QCOMPARE(playlist.field("Content-Type"), std::string("application/vnd.apple.mpegurl"));
        QCOMPARE(playlist.field("Access-Control-Allow-Origin"), std::string("*"));
        QVERIFY(playlist.has("#EXT-X-TARGETDURATION:2\n"));
        QVERIFY(playlist.has("#EXT-X-MAP:URI=\"init0.mp4\"\n#EXT-X-PROGRAM-DATE-TIME:"));
        QVERIFY(playlist.has("#EXTINF:1.000,\n0.m4s\n"));
        QVERIFY(playlist.has("#EXT-X-PART:DURATION=0.320,URI=\"0.0.m4s\",INDEPENDENT=YES\n"));
        QCOMPARE(player.get(folderOf(media) + "init0.mp4").body.substr(4, 8), std::string("ftypiso6"));
        QCOMPARE(studio.viewers(), 1);
        std::vector<StreamViewer> seen;
        studio.node->loops().home().forEach([&](Session& session) {
            if (const auto viewer = session.viewing({"live", "show"}))
                seen.push_back(*viewer);
        });
        QCOMPARE(seen.size(), std::size_t{1});
        QCOMPARE(seen[0].protocol, std::string("hls"));
        QVERIFY(seen[0].address.starts_with("127.0.0.1:") && seen[0].id > 0);
        // Who does not know a session gets no playlist; who knows the folder gets its segments.
        Player stranger(studio.loop, studio.node->endpoints());
        QCOMPARE(stranger.get(media.substr(0, media.find('?'))).status(), 403);
        QVERIFY(studio.wait([&] { return stranger.hasEnded; }));
        // It asks for nothing any more.
        QVERIFY(waitFor(
            studio.loop, [&] { return studio.viewers() == 0; }, Duration(14'000)));
        QCOMPARE(player.get(media).status(), 403);
    }

    void partsMakeTheSegmentAndNothingChanges()
    {
        Studio studio;
        studio.publish();
        studio.sendFrames(70);
        Player player(studio.loop, studio.node->endpoints());
        player.say("/live/show.m3u8");
        studio.sendFrames(40);
        const std::string media = "/live/" + lastLine(player.answer().body);
        const std::string folder = folderOf(media);
        const Answer segment = player.get(folder + "0.m4s");
        QCOMPARE(segment.status(), 200);
        QVERIFY(segment.field("Cache-Control").find("immutable") != std::string::npos);
        std::string parts;
        for (int i = 0; i < 4; ++i)
            parts += player.get(folder + "0." + std::to_string(i) + ".m4s").body;
        QVERIFY(parts == segment.body);
        QCOMPARE(segment.count("moof"), std::size_t{4});
        // All that was sent is in it, as it was: the key frame's payload and the first sound.
        const SharedFrame key = keyFrame(2000);
        QVERIFY(segment.has(std::string(textOf(ByteView(key->body()).subspan(5)))));
        const SharedFrame sound = audioFrame(2007);
        QVERIFY(segment.has(std::string(textOf(ByteView(sound->body()).subspan(2)))));
        // Caches and seekers are served.
        const Answer part = player.get(folder + "0.m4s", "Range: bytes=4-11\r\n");
        QCOMPARE(part.status(), 206);
        QCOMPARE(part.body, segment.body.substr(4, 8));
        QCOMPARE(part.field("Content-Range"), "bytes 4-11/" + std::to_string(segment.body.size()));
        const std::size_t middle = parts.find("moof", 100) - 4;
        const std::string across = "Range: bytes=" + std::to_string(middle - 3) + "-" + std::to_string(middle + 3);
        QCOMPARE(player.get(folder + "0.m4s", across + "\r\n").body, segment.body.substr(middle - 3, 7));
        const Answer known = player.get(folder + "0.m4s", "If-None-Match: " + segment.field("ETag") + "\r\n");
        QCOMPARE(known.status(), 304);
        QVERIFY(known.body.empty() && !known.field("ETag").empty());
        const Answer head = player.get(folder + "0.m4s", {}, "HEAD");
        QCOMPARE(head.field("Content-Length"), std::to_string(segment.body.size()));
        QCOMPARE(player.get(folder + "init0.mp4").status(), 200);
        QCOMPARE(player.get(folder + "99.m4s").status(), 404);
    }

    void whoWaitsIsAnsweredWhenThePartIsThere()
    {
        Studio studio;
        studio.publish();
        studio.sendFrames(70);
        Player player(studio.loop, studio.node->endpoints());
        player.say("/live/show.m3u8");
        studio.sendFrames(40);
        const std::string media = "/live/" + lastLine(player.answer().body);
        const std::string hint = "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"";
        const Answer first = player.get(media);
        const std::size_t segment = numberAfter(first.body, hint);
        const std::size_t part = numberAfter(first.body, hint + std::to_string(segment) + ".");
        const std::string number = std::to_string(segment);
        const std::string wish = media + "&_HLS_msn=" + number + "&_HLS_part=" + std::to_string(part);
        Player another(studio.loop, studio.node->endpoints());
        player.say(wish);
        another.say(folderOf(media) + number + "." + std::to_string(part) + ".m4s");
        turnFor(studio.loop, Duration(100));
        QVERIFY(!player.isAnswered() && !another.isAnswered());
        studio.sendFrames(9);
        const Answer reloaded = player.answer();
        QCOMPARE(reloaded.status(), 200);
        QVERIFY(reloaded.field("Cache-Control").find("max-age=6") != std::string::npos);
        QVERIFY(reloaded.has("URI=\"" + number + "." + std::to_string(part) + ".m4s\""));
        QVERIFY(another.answer().has("moof"));
        // By the segment alone; and what is there already does not wait.
        player.say(media + "&_HLS_msn=" + number);
        studio.sendFrames(60);
        QVERIFY(player.answer().has("\n" + number + ".m4s\n"));
        QCOMPARE(player.get(wish).status(), 200);
        // Too far ahead, or nonsense.
        Player wrong(studio.loop, studio.node->endpoints());
        QCOMPARE(wrong.get(media + "&_HLS_msn=" + std::to_string(segment + 20)).status(), 400);
        Player worse(studio.loop, studio.node->endpoints());
        QCOMPARE(worse.get(media + "&_HLS_part=1").status(), 400);
        Player early(studio.loop, studio.node->endpoints());
        QCOMPARE(early.get(folderOf(media) + std::to_string(segment + 20) + ".0.m4s").status(), 404);
    }

    // So many that other loops send to some of them.
    void manyWhoWaitAreAnsweredAlike()
    {
        constexpr std::size_t count = 150;
        Studio studio({}, {true, true}, 1000);
        studio.publish();
        studio.sendFrames(110);
        std::vector<std::unique_ptr<Player>> players;
        players.push_back(std::make_unique<Player>(studio.loop, studio.node->endpoints()));
        players.front()->say("/live/show.m3u8");
        studio.sendFrames(40);
        std::string media = "/live/" + lastLine(players.front()->answer().body);
        while (players.size() < count) {
            players.push_back(std::make_unique<Player>(studio.loop, studio.node->endpoints()));
            media = studio.letIn(*players.back());
        }
        QCOMPARE(studio.viewers(), static_cast<int>(count));
        for (int round = 0; round < 5; ++round) {
            const Answer now = players.back()->get(media);
            const std::size_t segment = numberAfter(now.body, "PRELOAD-HINT:TYPE=PART,URI=\"");
            for (const auto& player : players)
                player->say(media + "&_HLS_msn=" + std::to_string(segment));
            turnFor(studio.loop, Duration(20));
            QVERIFY(std::ranges::none_of(players, [](const auto& player) { return player->isAnswered(); }));
            players.erase(players.begin() + 10);  // leaves while it waits
            studio.sendFrames(60);
            const std::string body = players.front()->answer().body;
            QVERIFY(body.find("\n" + std::to_string(segment) + ".m4s\n") != std::string::npos);
            for (std::size_t i = 1; i < players.size(); ++i)
                QCOMPARE(players[i]->answer().body, body);
        }
    }

    void nothingNewEndsTheWait()
    {
        Studio studio;
        studio.publish();
        studio.sendFrames(70);
        Player player(studio.loop, studio.node->endpoints());
        player.say("/live/show.m3u8");
        studio.sendFrames(40);
        const std::string media = "/live/" + lastLine(player.answer().body);
        const Answer now = player.get(media);
        const std::string next = std::to_string(numberAfter(now.body, "PRELOAD-HINT:TYPE=PART,URI=\""));
        const Answer late = player.get(media + "&_HLS_msn=" + next);
        QCOMPARE(late.status(), 503);
        QVERIFY(studio.wait([&] { return player.hasEnded; }));
    }

    void playlistsSlideAndTellTheDifference()
    {
        hls::Options options;
        options.packaging.window = Duration(20'000);
        Studio studio(options);
        studio.publish();
        studio.sendFrames(70);
        Player player(studio.loop, studio.node->endpoints());
        player.say("/live/show.m3u8");
        studio.sendFrames(40);
        const std::string media = "/live/" + lastLine(player.answer().body);
        studio.sendFrames(25 * 60);
        const Answer whole = player.get(media);
        const std::size_t first = numberAfter(whole.body, "#EXT-X-MEDIA-SEQUENCE:");
        QVERIFY(first > 10);
        const std::size_t listed = whole.count("#EXTINF:");
        QVERIFY2(listed >= 10 && listed <= 11, whole.body.c_str());
        const Answer delta = player.get(media + "&_HLS_skip=YES");
        const std::size_t skipped = numberAfter(delta.body, "#EXT-X-SKIP:SKIPPED-SEGMENTS=");
        QVERIFY2(skipped >= 4 && skipped + delta.count("#EXTINF:") == listed, delta.body.c_str());
        QVERIFY(whole.body.ends_with(delta.body.substr(delta.body.find("#EXT-X-PROGRAM-DATE-TIME"))));
        QVERIFY(delta.field("ETag") != whole.field("ETag"));
        // What left the playlist is there as long as one that has it may be in use, and then is gone.
        const std::string folder = folderOf(media);
        QCOMPARE(player.get(folder + std::to_string(first - 1) + ".m4s").status(), 200);
        QCOMPARE(player.get(folder + "0.m4s").status(), 404);
    }

    void memoryIsBounded()
    {
        hls::Options options;
        options.packaging.window = Duration(3'600'000);
        options.mostBytes = 16 * 1024 * 1024;
        Studio studio(options);
        studio.publish();
        Player player(studio.loop, studio.node->endpoints());
        player.say("/live/show.m3u8");
        for (int i = 0; i < 120; ++i) {
            const auto time = static_cast<std::uint32_t>(i * 1000);
            studio.publisher->send(keyFrame(time, 500'000));
            studio.publisher->send(interFrame(time + 500, 500'000));
        }
        studio.awaitFrame(119'500);
        const std::string media = "/live/" + lastLine(player.answer().body);
        const Answer playlist = player.get(media);
        QVERIFY2(playlist.count("#EXTINF:") <= 16 && playlist.count("#EXTINF:") >= 3, playlist.body.c_str());
    }

    void anotherPublisherAndItsFormatAreTold()
    {
        Studio studio;
        studio.publish();
        studio.sendFrames(70);
        Player player(studio.loop, studio.node->endpoints());
        player.say("/live/show.m3u8");
        studio.sendFrames(40);
        const std::string media = "/live/" + lastLine(player.answer().body);
        studio.publisher->close();
        turnFor(studio.loop, Duration(100));
        studio.publish();
        studio.publisher->send(makeFrame(FrameKind::Audio, 0, {0xAF, 0x00, 0x12, 0x10}));  // AAC LC, 44.1 kHz
        studio.sent = 0;
        studio.sendFrames(60);
        const Answer playlist = player.get(media);
        QVERIFY2(playlist.has("#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"init1.mp4\"\n"), playlist.body.c_str());
        QVERIFY(playlist.has("#EXT-X-DISCONTINUITY-SEQUENCE:0\n"));
        QVERIFY(player.get(folderOf(media) + "init1.mp4").body != player.get(folderOf(media) + "init0.mp4").body);
    }

    void theEndIsTold()
    {
        Studio studio;
        studio.publish();
        studio.sendFrames(70);
        Player player(studio.loop, studio.node->endpoints());
        player.say("/live/show.m3u8");
        studio.sendFrames(40);
        const std::string media = "/live/" + lastLine(player.answer().body);
        const Answer now = player.get(media);
        player.say(media + "&_HLS_msn=" + std::to_string(numberAfter(now.body, "PRELOAD-HINT:TYPE=PART,URI=\"")));
        turnFor(studio.loop, Duration(50));
        studio.publisher->finish();
        const Answer end = player.answer();
        QCOMPARE(end.status(), 200);
        QVERIFY2(end.body.ends_with("#EXT-X-ENDLIST\n"), end.body.c_str());
        QVERIFY(!end.has("#EXT-X-PART:") && !end.has("PRELOAD"));
        QCOMPARE(studio.viewers(), 0);
        Player late(studio.loop, studio.node->endpoints());
        QCOMPARE(late.get("/live/show.m3u8").status(), 404);
    }

    void limitsAndDrainHold()
    {
        Studio studio;
        studio.publish();
        studio.sendFrames(110);
        studio.node->gate().setMostViewers(1);
        Player first(studio.loop, studio.node->endpoints());
        first.say("/live/show.m3u8");
        studio.sendFrames(40);
        const std::string media = "/live/" + lastLine(first.answer().body);
        Player second(studio.loop, studio.node->endpoints());
        const Answer full = second.get("/live/show.m3u8");
        QCOMPARE(full.status(), 503);
        QVERIFY(!full.field("Retry-After").empty());
        QCOMPARE(studio.viewers(), 1);
        studio.node->gate().setMostViewers({});
        studio.node->gate().setPolicy(node_protocol::SessionPolicy::Drain);
        Player third(studio.loop, studio.node->endpoints());
        QCOMPARE(third.get("/live/show.m3u8").status(), 503);
        QCOMPARE(first.get(media).status(), 200);
        studio.node->loops().forEachHost([](SessionHost& host) {
            host.forEach([](Session& session) {
                if (session.isViewer())
                    session.disconnect("the node drains");
            });
        });
        QCOMPARE(first.get(media).status(), 403);
    }

    void severalRequestsAtOnceAreAnsweredInTurn()
    {
        Studio studio;
        studio.publish();
        studio.sendFrames(110);
        Player player(studio.loop, studio.node->endpoints());
        player.say("/live/show.m3u8");
        studio.sendFrames(40);
        const std::string media = "/live/" + lastLine(player.answer().body);
        player.say(media);
        player.say(folderOf(media) + "init0.mp4");
        player.say(folderOf(media) + "0.m4s");
        QVERIFY(player.answer().has("#EXTM3U"));
        QVERIFY(player.answer().has("ftyp"));
        QVERIFY(player.answer().has("moof"));
        // What has a body is the last one: what follows might be no request.
        QCOMPARE(player.get(media, "Content-Length: 3\r\n").status(), 200);
        QVERIFY(studio.wait([&] { return player.hasEnded; }));
    }

    void anEdgePullsForItsFirstViewer()
    {
        RelayCluster cluster(loopsOfRow());
        RelayCluster::assign(*cluster.edge, RelayCluster::parent(*cluster.origin, "origin"));
        QVERIFY(cluster.startPublisher());
        Player player(cluster.loop, cluster.edge->endpoints());
        player.say("/live/show.m3u8");
        for (int i = 0; i < 40; ++i) {
            cluster.sendFrames(5);
            turnFor(cluster.loop, Duration(20));
        }
        const Answer multivariant = player.answer();
        QVERIFY2(multivariant.status() == 200, multivariant.body.c_str());
        QVERIFY(player.get("/live/" + lastLine(multivariant.body)).has("0.m4s"));
        QCOMPARE(cluster.edge->hub().subscriberCount(Subscriber::Kind::Viewer), 1);
        QCOMPARE(cluster.origin->hub().subscriberCount(Subscriber::Kind::Child), 1);
    }

    void aStreamThatIsNotThereIsNotWaitedFor()
    {
        Studio studio;
        for (const char* path : {"/live/none.m3u8", "/live/show/0123456789abcdef0123456789abcdef/media.m3u8?session=x",
                                 "/live/show/0123456789abcdef0123456789abcdef/1.m4s"}) {
            Player player(studio.loop, studio.node->endpoints());
            QCOMPARE(player.get(path).status(), 404);
        }
        Player player(studio.loop, studio.node->endpoints());
        QCOMPARE(player.get("/none.m3u8").status(), 400);
        QVERIFY(studio.wait([&] { return studio.node->loops().sessionCount() == 0; }));
    }
};

QTEST_GUILESS_MAIN(HlsTest)
#include "hls_test.moc"
