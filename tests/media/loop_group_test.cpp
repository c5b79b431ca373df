#include "core/media/agent/media_node.h"
#include "tests/media/support/frames.h"
#include "tests/media/support/loop_wait.h"
#include "tests/media/support/rtmp_clients.h"

#include <QTest>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>

using namespace headgate;
using namespace headgate::tests;

namespace {

const StreamKey key{"live", "show"};

// Keeps all bytes that an HTTP server sends.
class HttpViewer final : public ConnectionOwner
{
public:
    HttpViewer(EventLoop& loop, const NodeEndpoints& at, std::string_view fields)
        : connection(loop, *connectTo(SocketAddress{at.address, at.httpPort, {}}), Connection::Origin::Outgoing, *this)
    {
        const std::string request = "GET /live/show.flv HTTP/1.1\r\nHost: x\r\n" + std::string(fields) + "\r\n";
        const ByteView view = viewOf(request);
        connection.send(Bytes(view.begin(), view.end()));
    }

    std::string heard;
    bool hasEnded = false;
    Connection connection;

private:
    void bytesReceived(ByteView bytes) override { heard += textOf(bytes); }
    void connectionEnded(std::string_view) override { hasEnded = true; }
};

// Says what it is told on one message stream and keeps the codes of the answers.
class Talker final : public rtmp::LinkOwner
{
public:
    Talker(EventLoop& loop, const NodeEndpoints& at)
        : link(loop, *connectTo(SocketAddress{at.address, at.rtmpPort, {}}), rtmp::Link::Side::Client, *this)
    {}
    void say(const char* name, std::vector<Amf0> arguments)
    {
        link.send(rtmp::commandChunkStream, rtmp::makeCommand({name, 3, std::move(arguments)}, 0));
    }
    bool hasHeard(std::string_view code, std::ptrdiff_t times = 1) const
    {
        return std::count(codes.begin(), codes.end(), code) >= times;
    }

    std::vector<std::string> codes;
    int videoMessages = 0;
    bool hasEnded = false;
    rtmp::Link link;

private:
    void linkReady() override
    {
        link.sendWindow();
        say("connect", {Amf0::Object{{{"app", "live"}}}});
    }
    void messageReceived(rtmp::Message message) override
    {
        videoMessages += message.type == rtmp::MessageType::Video ? 1 : 0;
        if (message.type != rtmp::MessageType::CommandAmf0)
            return;
        const auto command = rtmp::parseCommand(message);
        if (command)
            codes.push_back(command->argument(1)["code"].text().value_or(""));
    }
    void linkEnded(std::string_view) override { hasEnded = true; }
};

struct Fixture
{
    explicit Fixture(int loops, int mostAhead = 0)
    {
        MediaNodeOptions options;
        options.endpoints = NodeEndpoints{"127.0.0.1", 0, 0};
        options.capabilities = NodeCapabilities{true, true};
        options.loops = LoopOptions{loops, Duration::zero(), mostAhead};
        node = std::move(*MediaNode::open(loop, log, options, [](std::string_view) {}));
    }
    bool wait(const std::function<bool()>& condition) { return waitFor(loop, condition); }
    bool publish()
    {
        publisher = std::make_unique<RtmpPublisher>(loop, node->endpoints(), "live", "show");
        return wait([this] { return publisher->isPublishing(); });
    }
    int viewers() { return node->hub().subscriberCount(Subscriber::Kind::Viewer); }
    // How many sessions each loop has.
    std::vector<std::size_t> spread()
    {
        auto sizes = std::make_shared<std::vector<std::size_t>>();
        node->loops().forEachHost([sizes, this](SessionHost& host) {
            node->loops().atHome([sizes, size = host.size()](LoopGroup&) { sizes->push_back(size); });
        });
        wait([&] { return static_cast<int>(sizes->size()) == node->loops().count(); });
        std::sort(sizes->begin(), sizes->end());
        return *sizes;
    }
    std::unique_ptr<HttpViewer> watch(std::string_view fields = {})
    {
        return std::make_unique<HttpViewer>(loop, node->endpoints(), fields);
    }
    std::unique_ptr<RtmpViewer> play() { return std::make_unique<RtmpViewer>(loop, node->endpoints(), "live", "show"); }

    EventLoop loop;
    Log log{LogLevel::Error};
    std::unique_ptr<MediaNode> node;
    std::unique_ptr<RtmpPublisher> publisher;
};

constexpr std::string_view upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

void sendFrames(RtmpPublisher& publisher, int from, int to)
{
    for (int i = from; i < to; ++i) {
        const auto time = static_cast<std::uint32_t>(i * 40);
        publisher.send(i % 10 == 0 ? keyFrame(time, 3000) : interFrame(time, 900));
        publisher.send(audioFrame(time + 7));
    }
}

std::string bodyOf(const std::string& heard)
{
    const std::size_t head = heard.find("\r\n\r\n");
    return head == std::string::npos ? std::string() : heard.substr(head);
}

// Everything that three of each protocol get of a stream of 65 frames, which they join at the 15th.
std::multiset<std::string> everythingHeard(int loops)
{
    Fixture fixture(loops);
    std::multiset<std::string> all;
    if (!fixture.publish())
        return all;
    for (const SharedFrame& frame : {metadata(), videoHeader(), audioHeader()})
        fixture.publisher->send(frame);
    sendFrames(*fixture.publisher, 0, 15);
    Stream* const stream = fixture.node->hub().find(key);
    fixture.wait([&] { return stream->cache().forJoiner().size() == 3 + 2 * 5; });
    std::vector<std::unique_ptr<HttpViewer>> http;
    std::vector<std::unique_ptr<RtmpViewer>> rtmp;
    for (int i = 0; i < 3; ++i) {
        http.push_back(fixture.watch());
        http.push_back(fixture.watch(upgrade));
        rtmp.push_back(fixture.play());
    }
    fixture.wait([&] { return fixture.viewers() == 9; });
    sendFrames(*fixture.publisher, 15, 65);
    fixture.publisher->finish();
    fixture.wait([&] {
        return std::all_of(http.begin(), http.end(), [](const auto& viewer) { return viewer->hasEnded; }) &&
               std::all_of(rtmp.begin(), rtmp.end(), [](const auto& viewer) { return viewer->end.has_value(); });
    });
    for (const auto& viewer : http)
        all.insert(bodyOf(viewer->heard));
    for (const auto& viewer : rtmp) {
        std::string frames;
        for (const SharedFrame& frame : viewer->frames)
            frames += textOf(rtmp::encodeFrame(*frame));
        all.insert(frames);
    }
    return all;
}

}  // namespace

class LoopGroupTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void severalLoopsSendWhatOneSends()
    {
        const auto one = everythingHeard(1);
        QCOMPARE(one.size(), std::size_t{9});
        QCOMPARE(std::set<std::string>(one.begin(), one.end()).size(), std::size_t{3});
        QVERIFY(std::all_of(one.begin(), one.end(), [](const auto& text) { return text.size() > 50'000; }));
        QVERIFY(everythingHeard(3) == one);
    }

    void viewersArePackedFirstAndSpreadThen()
    {
        Fixture packing(3, 8);
        Fixture spreading(3, 0);
        std::vector<std::unique_ptr<RtmpViewer>> viewers;
        for (Fixture* fixture : {&packing, &spreading}) {
            QVERIFY(fixture->publish());
            fixture->publisher->send(keyFrame(0));
            for (int i = 0; i < 6; ++i) {
                viewers.push_back(fixture->play());
                QVERIFY(fixture->wait([&] { return !viewers.back()->frames.empty(); }));
            }
            QCOMPARE(fixture->viewers(), 6);
        }
        QVERIFY((packing.spread() == std::vector<std::size_t>{0, 0, 7}));
        QVERIFY((spreading.spread() == std::vector<std::size_t>{2, 2, 3}));
        for (int i = 0; i < 24; ++i) {
            viewers.push_back(packing.play());
            QVERIFY(packing.wait([&] { return !viewers.back()->frames.empty(); }));
        }
        QVERIFY(packing.spread().front() >= 6);
    }

    void whoStopsPlayingMayPlayAgain()
    {
        Fixture fixture(2);
        QVERIFY(fixture.publish());
        fixture.publisher->send(keyFrame(0));
        Talker talker(fixture.loop, fixture.node->endpoints());
        QVERIFY(fixture.wait([&] { return talker.hasHeard("NetConnection.Connect.Success"); }));
        talker.say("play", {Amf0::Null{}, "show"});
        QVERIFY(fixture.wait([&] { return talker.videoMessages == 1; }));
        QVERIFY((fixture.spread() == std::vector<std::size_t>{1, 1}));
        talker.say("closeStream", {Amf0::Null{}});
        QVERIFY(fixture.wait([&] { return fixture.viewers() == 0; }));
        // It may be on its way still.
        QVERIFY(fixture.wait([&] { return fixture.spread() == std::vector<std::size_t>{0, 2}; }));
        talker.say("play", {Amf0::Null{}, "show"});
        QVERIFY(fixture.wait([&] { return talker.videoMessages == 2; }));
        // All at once: what comes while the session moves is not lost.
        for (int i = 0; i < 5; ++i) {
            talker.say("closeStream", {Amf0::Null{}});
            talker.say("play", {Amf0::Null{}, "show"});
        }
        QVERIFY(fixture.wait([&] { return talker.hasHeard("NetStream.Play.Start", 7); }));
        QVERIFY(fixture.wait([&] { return talker.videoMessages == 7 && fixture.viewers() == 1; }));
        talker.say("closeStream", {Amf0::Null{}});
        talker.say("publish", {Amf0::Null{}, "other", "live"});
        QVERIFY(fixture.wait([&] { return talker.hasHeard("NetStream.Publish.Start"); }));
        QVERIFY(fixture.node->hub().find({"live", "other"}) != nullptr);
        QCOMPARE(fixture.viewers(), 0);
    }

    void aSecondPlayIsOutOfOrderOnEveryLoop()
    {
        Fixture fixture(2);
        QVERIFY(fixture.publish());
        fixture.publisher->send(keyFrame(0));
        Talker talker(fixture.loop, fixture.node->endpoints());
        QVERIFY(fixture.wait([&] { return talker.hasHeard("NetConnection.Connect.Success"); }));
        talker.say("play", {Amf0::Null{}, "show"});
        talker.say("play", {Amf0::Null{}, "show"});
        QVERIFY(fixture.wait([&] { return talker.hasEnded; }));
        QVERIFY(fixture.wait([&] { return fixture.viewers() == 0; }));
        QVERIFY((fixture.spread() == std::vector<std::size_t>{0, 1}));
    }

    void anotherPublisherGoesOnForAllLoops()
    {
        Fixture fixture(3);
        QVERIFY(fixture.publish());
        fixture.publisher->send(keyFrame(0));
        std::vector<std::unique_ptr<RtmpViewer>> viewers;
        for (int i = 0; i < 6; ++i)
            viewers.push_back(fixture.play());
        const auto allHave = [&](std::size_t count) {
            return fixture.wait([&] {
                return std::all_of(viewers.begin(), viewers.end(),
                                   [&](const auto& v) { return v->timestamps(FrameKind::Video).size() == count; });
            });
        };
        QVERIFY(allHave(1));
        fixture.publisher->close();
        QVERIFY(fixture.wait([&] { return fixture.node->hub().find(key)->abandonedAt().has_value(); }));
        QVERIFY(fixture.publish());
        fixture.publisher->send(interFrame(0));  // of no use to anybody
        fixture.publisher->send(keyFrame(40));
        fixture.publisher->send(interFrame(80));
        QVERIFY(allHave(3));
        // Who joins a loop now begins with the new publisher's key frame.
        for (int i = 0; i < 3; ++i) {
            const auto late = fixture.play();
            QVERIFY(fixture.wait([&] { return late->timestamps(FrameKind::Video).size() == 2; }));
        }
        fixture.publisher->finish();
        QVERIFY(fixture.wait([&] {
            return std::all_of(viewers.begin(), viewers.end(),
                               [](const auto& v) { return v->end == rtmp::PullEnd::Unpublished; });
        }));
        QVERIFY(fixture.node->hub().streams().empty());
    }

    void aStreamThatEndsTakesItsPlaceWithIt()
    {
        Fixture fixture(3);
        for (int round = 0; round < 5; ++round) {
            QVERIFY(fixture.publish());
            fixture.publisher->send(keyFrame(0));
            std::vector<std::unique_ptr<RtmpViewer>> viewers;
            for (int i = 0; i < 4; ++i)
                viewers.push_back(fixture.play());
            QVERIFY(fixture.wait([&] { return !viewers.front()->frames.empty(); }));
            fixture.publisher->finish();
            QVERIFY(fixture.wait([&] {
                return std::all_of(viewers.begin(), viewers.end(), [](const auto& v) { return v->end.has_value(); });
            }));
        }
        fixture.publisher.reset();
        QVERIFY(fixture.wait([&] { return fixture.node->loops().sessionCount() == 0; }));
    }

    void everySessionCanBeReached()
    {
        Fixture fixture(3);
        QVERIFY(fixture.publish());
        fixture.publisher->send(keyFrame(0));
        std::vector<std::unique_ptr<RtmpViewer>> viewers;
        for (int i = 0; i < 5; ++i)
            viewers.push_back(fixture.play());
        QVERIFY(fixture.wait([&] {
            return std::all_of(viewers.begin(), viewers.end(), [](const auto& v) { return !v->frames.empty(); });
        }));
        std::set<Session::Id> ids;
        int answers = 0;
        fixture.node->loops().forEachHost([&](SessionHost& host) {
            std::vector<Session::Id> here;
            host.forEach([&](Session& session) { here.push_back(session.id()); });
            fixture.node->loops().atHome([&, here](LoopGroup&) {
                ids.insert(here.begin(), here.end());
                ++answers;
            });
        });
        QVERIFY(fixture.wait([&] { return answers == 3; }));
        QCOMPARE(ids.size(), std::size_t{6});
        fixture.node->loops().forEachHost([last = *ids.rbegin()](SessionHost& host) {
            if (Session* const session = host.find(last))
                session->disconnect("told to");
        });
        QVERIFY(fixture.wait([&] { return fixture.viewers() == 4; }));
        QCOMPARE(std::count_if(viewers.begin(), viewers.end(), [](const auto& v) { return v->end.has_value(); }),
                 std::ptrdiff_t{1});
    }

    void aLoopThatGetsNoProcessorIsSentABoundedAmount()
    {
        constexpr std::size_t frameBytes = 1024 * 1024;
        constexpr std::size_t bound = 64;  // of these frames
        EventLoop main;
        Stream stream(key, {}, main.now());
        std::mutex processor;
        FanOutLoop other(main, Duration::zero());
        std::unique_lock taken(processor);
        const FanOutLoop::FeedId feed = other.enter(stream, Subscriber::Kind::Viewer);
        other.send([&processor] { const std::lock_guard wait(processor); });
        std::vector<std::weak_ptr<const MediaFrame>> sent;
        const auto push = [&](const SharedFrame& frame) {
            sent.push_back(frame);
            stream.push(frame, main.now());
            main.runOnce(Duration(0));
        };
        const auto alive = [&] {
            return static_cast<std::size_t>(
                std::ranges::count_if(sent, [](const auto& frame) { return !frame.expired(); }));
        };
        // Each begins a new group of pictures, so that the cache has but the last one.
        for (std::uint32_t i = 0; i < 2 * bound; ++i)
            push(keyFrame(i * 40, frameBytes));
        QVERIFY2(alive() >= bound && alive() <= bound + 3, qPrintable(QString::number(alive())));
        const std::size_t before = alive();
        push(audioFrame(9000));
        push(interFrame(9040));
        push(videoHeader());  // what everything after it needs is never left out
        taken.unlock();
        QVERIFY(waitFor(main, [&] { return alive() <= 5; }));
        QVERIFY(before > 5);
        // In order, and what follows the gap begins with a key frame.
        push(interFrame(9080));
        push(keyFrame(9120));
        push(interFrame(9160));
        std::atomic<bool> isDone = false;
        std::vector<std::uint32_t> kept;
        other.send([&] {
            for (const auto& frame : sent) {
                if (const auto there = frame.lock())
                    kept.push_back(there->timestampMs());
            }
            isDone = true;
        });
        QVERIFY(waitFor(main, [&] { return isDone.load(); }));
        QVERIFY((kept == std::vector<std::uint32_t>{0, 9120, 9160}));
        other.leave(feed, Subscriber::Kind::Viewer);
    }

    void aRefusedClientIsNotObeyedOnAnyLoop()
    {
        Fixture fixture(2);
        QVERIFY(fixture.publish());
        fixture.publisher->send(keyFrame(0));
        Talker talker(fixture.loop, fixture.node->endpoints());
        QVERIFY(fixture.wait([&] { return talker.hasHeard("NetConnection.Connect.Success"); }));
        // All at once: what follows the first play is kept while the session moves there, and back again.
        const std::uint64_t before = fixture.node->hub().revision();
        talker.say("play", {Amf0::Null{}, "show"});
        talker.say("closeStream", {Amf0::Null{}});
        talker.say("play", {Amf0::Null{}, "none"});
        talker.say("publish", {Amf0::Null{}, "other", "live"});
        QVERIFY(fixture.wait([&] { return talker.hasEnded; }));
        QVERIFY(talker.hasHeard("NetStream.Play.StreamNotFound"));
        QVERIFY(!talker.hasHeard("NetStream.Publish.Start"));
        QCOMPARE(fixture.node->hub().revision(), before);
        QVERIFY(fixture.wait([&] { return fixture.node->loops().sessionCount() == 1; }));
    }

    void aNodeEndsInTheMiddleOfTraffic()
    {
        for (int round = 0; round < 10; ++round) {
            Fixture fixture(3);
            QVERIFY(fixture.publish());
            std::vector<std::unique_ptr<RtmpViewer>> players;
            std::vector<std::unique_ptr<HttpViewer>> watchers;
            for (int i = 0; i < 8; ++i) {
                sendFrames(*fixture.publisher, 10 * i, 10 * i + 10);
                players.push_back(fixture.play());
                watchers.push_back(fixture.watch());
                for (int turn = 0; turn < round; ++turn)
                    fixture.loop.runOnce(Duration(1));
            }
            fixture.node.reset();
            QVERIFY(fixture.wait([&] {
                return std::all_of(players.begin(), players.end(), [](const auto& v) { return v->end.has_value(); });
            }));
        }
    }
};

QTEST_GUILESS_MAIN(LoopGroupTest)
#include "loop_group_test.moc"
