#include "core/media/agent/media_node.h"
#include "core/storage/recording_folder.h"
#include "tests/media/support/fake_control_plane.h"
#include "tests/media/support/frames.h"
#include "tests/media/support/loop_rows.h"
#include "tests/media/support/loop_wait.h"
#include "tests/media/support/rtmp_clients.h"

#include <QTemporaryDir>
#include <QTest>

#include <sys/socket.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

using namespace headgate;
using namespace headgate::tests;

namespace {

const StreamKey show{"live", "show"};

struct Fixture
{
    explicit Fixture(const std::string& recordings = {}) : control(loop, 0)
    {
        MediaNodeOptions options;
        options.endpoints = NodeEndpoints{"127.0.0.1", 0, 0};
        options.id = NodeId("node000001");
        options.capabilities = NodeCapabilities{true, true};
        options.loops = loopsOfRow();
        options.recording.folder = recordings;
        options.agent = NodeAgentOptions{control.address(), "proof", Duration(60'000)};
        node = std::move(*MediaNode::open(loop, log, options, [](std::string_view) {}));
    }

    bool wait(const std::function<bool()>& condition) { return waitFor(loop, condition); }

    bool begin()
    {
        if (!wait([this] { return control.isConnected() && !control.hellos.empty(); }))
            return false;
        control.send(node_protocol::Welcome{1, "token"});
        control.send(node_protocol::SetAccess{});
        if (!wait([this] { return control.heartbeats.size() > 1; }))
            return false;
        publisher = std::make_unique<RtmpPublisher>(loop, node->endpoints(), "live", "show");
        if (!wait([this] { return publisher->isPublishing(); }))
            return false;
        publisher->send(videoHeader());
        publisher->send(keyFrame(0));
        return true;
    }

    // A frame each 40 ms of media, as fast as this is called.
    void push(std::size_t bytes)
    {
        m_timestampMs += 40;
        publisher->send(m_timestampMs % 1000 == 0 ? keyFrame(m_timestampMs, bytes) : interFrame(m_timestampMs, bytes));
    }

    Result<StreamDetails> ask(node_protocol::AskStream question)
    {
        question.question = ++m_questions;
        control.streamAnswers.clear();
        control.send(question);
        if (!wait([this] { return !control.streamAnswers.empty(); }))
            return fail(ErrorCode::Internal, "no answer");
        return control.streamAnswers.front().question == m_questions ? control.streamAnswers.front().details
                                                                     : fail(ErrorCode::Internal, "another answer");
    }
    StreamDetails details() { return ask({0, show, 0, 1000, 0}).value_or(StreamDetails{}); }

    EventLoop loop;
    Log log{LogLevel::Error};
    FakeControlPlane control;
    std::unique_ptr<MediaNode> node;
    std::unique_ptr<RtmpPublisher> publisher;

private:
    std::uint32_t m_timestampMs = 0;
    std::uint64_t m_questions = 0;
};

std::unique_ptr<RtmpViewer> viewerOf(Fixture& fixture)
{
    return std::make_unique<RtmpViewer>(fixture.loop, fixture.node->endpoints(), "live", "show");
}

// Asks for the stream and never reads.
Socket sleeper(const NodeEndpoints& server)
{
    Socket socket = std::move(*connectTo(SocketAddress{server.address, server.httpPort, {}}));
    const int receiveBuffer = 4096;
    ::setsockopt(socket.fd(), SOL_SOCKET, SO_RCVBUF, &receiveBuffer, sizeof receiveBuffer);
    const std::string_view request = "GET /live/show.flv HTTP/1.1\r\nHost: x\r\n\r\n";
    while (::send(socket.fd(), request.data(), request.size(), MSG_NOSIGNAL) < 0 && errno == EAGAIN)
        ;
    return socket;
}

}  // namespace

class StreamAnswersTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data() { addLoopRows(); }

    void viewersOfRecordingsAreToldAndEnded()
    {
        QTemporaryDir folder;
        RecordingManifest manifest;
        manifest.stream = {"live", "over"};
        manifest.startedAt = fromEpochMs(1'795'000'000'000);
        manifest.id = recordingIdOf(manifest.stream, 1, NodeId("n"), manifest.startedAt, 1);
        manifest.isComplete = true;
        manifest.segments = {{"000000.mp4", Duration(2000), 1000, 100, manifest.startedAt, false, {}}};
        std::filesystem::create_directory(folder.path().toStdString() + "/" + manifest.id);
        QVERIFY(recording_folder::writeManifest(folder.path().toStdString(), manifest).has_value());
        Fixture fixture(folder.path().toStdString());
        QVERIFY(fixture.begin());
        QCOMPARE(fixture.ask({0, manifest.stream, 0, 1000, 0}).error().code, ErrorCode::NotFound);
        const Socket viewer = std::move(*connectTo(SocketAddress{"127.0.0.1", fixture.node->endpoints().httpPort, {}}));
        const std::string request = "GET /vod/live/over/" + manifest.id + "/index.m3u8 HTTP/1.1\r\nHost: x\r\n\r\n";
        QVERIFY(fixture.wait([&] { return ::send(viewer.fd(), request.data(), request.size(), MSG_NOSIGNAL) > 0; }));
        QVERIFY(fixture.wait([&] { return fixture.node->vod().viewerCount() == 1; }));
        const auto details = fixture.ask({0, manifest.stream, 0, 1000, 0});
        QVERIFY(details.has_value());
        QVERIFY(details->report.key == manifest.stream);
        QCOMPARE(details->viewerCount, 1);
        QCOMPARE(details->viewers.front().protocol, std::string("vod"));
        QVERIFY(details->viewers.front().address.starts_with("127.0.0.1:"));
        QCOMPARE(details->viewers.front().bitsPerSecond, std::int64_t{0});
        // What it takes counts.
        std::ofstream(folder.path().toStdString() + "/" + manifest.id + "/000000.mp4") << std::string(1000, 'x');
        std::string heard;
        const auto hears = [&](const char* end) {
            return fixture.wait([&] {
                char bytes[4096];
                const ssize_t count = ::recv(viewer.fd(), bytes, sizeof bytes, MSG_DONTWAIT);
                heard.append(bytes, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
                return heard.find(end) != std::string::npos;
            });
        };
        QVERIFY(hears("/media.m3u8"));
        const std::size_t play = heard.find("play/");
        const std::string segment = "GET /vod/live/over/" + manifest.id + "/" +
                                    heard.substr(play, heard.find("/media.m3u8") - play) +
                                    "/0.m4s HTTP/1.1\r\nHost: x\r\n\r\n";
        QVERIFY(::send(viewer.fd(), segment.data(), segment.size(), MSG_NOSIGNAL) > 0);
        QVERIFY(hears("xxxx"));
        const auto later = fixture.ask({0, manifest.stream, 0, 1000, 0});
        QVERIFY(later.has_value() && later->viewers.front().bitsPerSecond > 0);
        fixture.control.send(node_protocol::EndSession{details->viewers.front().id, "enough"});
        QVERIFY(fixture.wait([&] { return fixture.node->vod().viewerCount() == 0; }));
        QCOMPARE(fixture.ask({0, manifest.stream, 0, 1000, 0}).error().code, ErrorCode::NotFound);
    }

    void everyLoopTellsItsViewers()
    {
        Fixture fixture;
        QVERIFY(fixture.begin());
        std::vector<std::unique_ptr<RtmpViewer>> viewers;
        for (int i = 0; i < 9; ++i)
            viewers.push_back(viewerOf(fixture));
        QVERIFY(fixture.wait([&] { return fixture.details().viewers.size() == viewers.size(); }));
        const StreamDetails details = fixture.details();
        QCOMPARE(details.viewerCount, 9);
        QVERIFY(details.report.key == show && details.report.viewers == 9);
        QVERIFY(details.tracks.size() == 1 && details.tracks[0].profile == "High 3.0");
        std::set<std::uint64_t> ids;
        for (const StreamViewer& viewer : details.viewers) {
            ids.insert(viewer.id);
            QVERIFY(viewer.kind == ViewerKind::Viewer && viewer.protocol == "rtmp");
            QVERIFY(viewer.address.starts_with("127.0.0.1:") && toEpochMs(viewer.connectedAt) > 0);
        }
        QCOMPARE(ids.size(), std::size_t{9});
        QVERIFY(!ids.contains(0));
    }

    void viewersAreToldPageByPage()
    {
        Fixture fixture;
        QVERIFY(fixture.begin());
        std::vector<std::unique_ptr<RtmpViewer>> viewers;
        for (int i = 0; i < 5; ++i)
            viewers.push_back(viewerOf(fixture));
        QVERIFY(fixture.wait([&] { return fixture.details().viewers.size() == viewers.size(); }));
        std::set<std::uint64_t> seen;
        for (const int offset : {0, 2, 4, 6}) {
            const auto page = fixture.ask({0, show, offset, 2, 0});
            QVERIFY(page.has_value());
            QCOMPARE(page->viewerCount, 5);
            for (const StreamViewer& viewer : page->viewers)
                QVERIFY(seen.insert(viewer.id).second);
        }
        QCOMPARE(seen.size(), std::size_t{5});
        QVERIFY(fixture.ask({0, show, 0, 0, 0})->viewers.empty());
        const auto one = fixture.ask({0, show, 0, 10, *seen.rbegin()});
        QVERIFY(one->viewers.size() == 1 && one->viewers[0].id == *seen.rbegin());
        QVERIFY(fixture.ask({0, show, 0, 10, 1'000'000})->viewers.empty());
    }

    void whoDoesNotReadFallsBehindAndTheOthersDoNot()
    {
        Fixture fixture;
        QVERIFY(fixture.begin());
        const auto reader = viewerOf(fixture);
        QVERIFY(fixture.wait([&] { return fixture.details().viewers.size() == 1; }));
        const std::uint64_t readerId = fixture.details().viewers[0].id;
        const Socket asleep = sleeper(fixture.node->endpoints());
        QVERIFY(fixture.wait([&] { return fixture.details().viewers.size() == 2; }));
        StreamDetails details;
        // The sleeper's row climbs to the top and shows what waits for it, in the node and in the kernel.
        QVERIFY(fixture.wait([&] {
            fixture.push(50'000);
            details = fixture.details();
            const StreamViewer& first = details.viewers.front();
            return first.protocol == "http-flv" && first.lagMs > 500 && first.waitingBytes > 0 && first.kernelBytes > 0;
        }));
        const StreamViewer& second = details.viewers.back();
        QVERIFY(second.id == readerId && second.waitingBytes < details.viewers.front().waitingBytes);
        // It is moved on to a key frame in the end, and only it.
        QVERIFY(fixture.wait([&] {
            fixture.push(200'000);
            details = fixture.details();
            return details.timing.skips > 0;
        }));
        const auto of = [&](std::uint64_t id) { return std::ranges::find(details.viewers, id, &StreamViewer::id); };
        QCOMPARE(of(readerId)->skips, std::uint64_t{0});
        QCOMPARE(details.viewers.front().skips, details.timing.skips);
        QVERIFY(details.timing.framesSkipped > 0);
    }

    void exactlyTheOneNamedIsDisconnected()
    {
        Fixture fixture;
        QVERIFY(fixture.begin());
        std::vector<std::unique_ptr<RtmpViewer>> viewers;
        for (int i = 0; i < 6; ++i)
            viewers.push_back(viewerOf(fixture));
        QVERIFY(fixture.wait([&] { return fixture.details().viewers.size() == viewers.size(); }));
        for (std::size_t left = viewers.size(); left > 0; --left) {
            const StreamViewer victim = fixture.details().viewers.back();
            fixture.control.send(node_protocol::EndSession{victim.id, "disconnected by a test"});
            QVERIFY(fixture.wait([&] { return fixture.details().viewers.size() == left - 1; }));
            const auto ended = [](const auto& viewer) { return viewer->end.has_value(); };
            QVERIFY(fixture.wait(
                [&] { return std::ranges::count_if(viewers, ended) == static_cast<int>(viewers.size() - left + 1); }));
            const auto now = fixture.details().viewers;
            QVERIFY(std::ranges::find(now, victim.id, &StreamViewer::id) == now.end());
        }
        fixture.control.send(node_protocol::EndSession{1'000'000, "nobody"});
        QVERIFY(fixture.details().report.isPublishedHere);
    }

    void aStreamThatIsNotThereIsNotFound()
    {
        Fixture fixture;
        QVERIFY(fixture.begin());
        QCOMPARE(fixture.ask({0, {"live", "none"}, 0, 10, 0}).error().code, ErrorCode::NotFound);
        fixture.control.send(node_protocol::AskThumbnail{7, {"live", "none"}, 320, {}});
        fixture.control.send(node_protocol::AskThumbnail{8, show, 320, {}});
        QVERIFY(fixture.wait([&] { return fixture.control.thumbnailAnswers.size() == 2; }));
        QCOMPARE(fixture.control.thumbnailAnswers[0].picture.error().code, ErrorCode::NotFound);
        // This node was given no program that makes them.
        QCOMPARE(fixture.control.thumbnailAnswers[1].picture.error().code, ErrorCode::Unsupported);
    }
};

QTEST_GUILESS_MAIN(StreamAnswersTest)
#include "stream_answers_test.moc"
