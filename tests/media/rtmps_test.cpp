#include "core/media/agent/media_node.h"
#include "core/media/preview/stream_player.h"
#include "core/media/test_publisher/test_publisher.h"
#include "tests/media/support/certificate.h"
#include "tests/media/support/frames.h"
#include "tests/media/support/loop_wait.h"
#include "tests/media/support/rtmp_clients.h"

#include <QProcess>
#include <QTest>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>

using namespace headgate;
using namespace headgate::tests;
using namespace std::chrono_literals;

namespace {

class PlainClient final : public ConnectionOwner
{
public:
    PlainClient(EventLoop& loop, std::uint16_t port)
        : connection(loop, *connectTo(SocketAddress{"127.0.0.1", port, {}}), Connection::Origin::Outgoing, *this)
    {}

    bool hasEnded = false;
    Connection connection;

private:
    void bytesReceived(ByteView) override {}
    void connectionEnded(std::string_view) override { hasEnded = true; }
};

struct Fixture
{
    Fixture()
    {
        MediaNodeOptions options;
        options.endpoints = NodeEndpoints{"127.0.0.1", 0, 0};
        options.capabilities = NodeCapabilities{true, true};
        options.loops = LoopOptions{2, Duration::zero(), 0};
        options.rtmps = RtmpsOptions{0, certificate.files};
        options.httpsPort = 0;
        node = std::move(*MediaNode::open(loop, log, options, [](std::string_view) {}));
        secure = node->endpoints();
        secure.rtmpPort = node->rtmpsAddress()->port;
    }
    bool wait(const std::function<bool()>& condition) { return waitFor(loop, condition, Duration(30'000)); }
    bool publish()
    {
        publisher = std::make_unique<RtmpPublisher>(loop, secure, "live", "show", trusting(certificate, "localhost"));
        return wait([this] { return publisher->isPublishing(); });
    }
    std::unique_ptr<RtmpViewer> play(std::unique_ptr<TlsStream> tls)
    {
        return std::make_unique<RtmpViewer>(loop, secure, rtmp::PullRequest{"test", "live", "show", {}, {}},
                                            std::move(tls));
    }
    QString url() const { return "rtmps://127.0.0.1:" + QString::number(secure.rtmpPort) + "/live/show"; }

    Certificate certificate;
    EventLoop loop;
    Log log{LogLevel::Error};
    std::unique_ptr<MediaNode> node;
    NodeEndpoints secure;
    std::unique_ptr<RtmpPublisher> publisher;
};

}  // namespace

class RtmpsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void framesPassUnchanged()
    {
        Fixture fixture;
        QVERIFY(fixture.publish());
        std::vector<SharedFrame> sent{videoHeader(), keyFrame(0, 3'000'000)};
        for (std::uint32_t i = 1; i < 50; ++i)
            sent.push_back(interFrame(i * 40, i * 1500));
        fixture.publisher->send(sent[0]);
        fixture.publisher->send(sent[1]);
        const auto secure = fixture.play(trusting(fixture.certificate));
        RtmpViewer plain(fixture.loop, fixture.node->endpoints(), "live", "show");
        QVERIFY(fixture.wait([&] { return secure->frames.size() >= 2 && plain.frames.size() >= 2; }));
        for (std::size_t i = 2; i < sent.size(); ++i)
            fixture.publisher->send(sent[i]);
        for (RtmpViewer* const viewer : {secure.get(), &plain}) {
            QVERIFY(fixture.wait([&] { return viewer->frames.size() == sent.size(); }));
            for (std::size_t i = 0; i < sent.size(); ++i)
                QVERIFY(viewer->frames[i]->body() == sent[i]->body());
        }
        fixture.publisher->finish();
        QVERIFY(fixture.wait([&] { return secure->end == rtmp::PullEnd::Unpublished; }));
    }

    void whatHttpServesHttpsDoesToo()
    {
        Fixture fixture;
        QVERIFY(fixture.publish());
        fixture.publisher->send(videoHeader());
        std::uint32_t sent = 0;
        Timer publishing(fixture.loop);
        publishing.startRepeating(Duration(100), [&] { fixture.publisher->send(keyFrame(sent++ * 500, 200'000)); });
        const auto get = [&](const QByteArray& path, const QString& authority) {
            QProcess curl;
            const QString base = "https://localhost:" + QString::number(fixture.node->httpsAddress()->port);
            curl.start("curl", {"-sSf", "-m", "20", "--cacert", authority, "--connect-to",
                                "localhost::127.0.0.1:", base + path});
            fixture.wait([&] {
                QCoreApplication::processEvents();
                return curl.state() == QProcess::NotRunning;
            });
            return curl.readAllStandardOutput();
        };
        const QString trusted = QString::fromStdString(fixture.certificate.files.certificate);
        QCOMPARE(get("/health", trusted), QByteArray("ok\n"));
        const QByteArray media = get("/live/show.m3u8", trusted).trimmed().split('\n').last();
        const QByteArray playlist = get("/live/" + media + "&_HLS_msn=2", trusted);
        QVERIFY2(playlist.contains("\n1.m4s\n"), playlist);
        // More than one write of TLS takes.
        QVERIFY(get("/live/" + media.left(media.indexOf("/media")) + "/1.m4s", trusted).size() > 200'000);
        const Certificate other;
        QCOMPARE(get("/health", QString::fromStdString(other.files.certificate)), QByteArray());
    }

    void whoIsNotTrustedIsNotSpokenTo()
    {
        Fixture fixture;
        const Certificate other;
        const auto stranger = fixture.play(trusting(other));
        const auto misled = fixture.play(trusting(fixture.certificate, "other.example"));
        QVERIFY(fixture.wait([&] { return stranger->end && misled->end; }));
        QVERIFY2(stranger->reason.starts_with("TLS: the certificate is not trusted: self-signed"),
                 stranger->reason.c_str());
        QVERIFY2(misled->reason.find("hostname mismatch") != std::string::npos, misled->reason.c_str());
        QVERIFY(fixture.publish());
    }

    void aPlayerIsSentToWhereItMayGoOnOverTls()
    {
        Fixture fixture;
        QVERIFY(fixture.publish());
        fixture.publisher->send(keyFrame(0));
        const Amf0::Object able{{{"capsEx", 1.0}}};
        EnhancedPlayer secure(fixture.loop, fixture.secure, able, trusting(fixture.certificate));
        EnhancedPlayer plain(fixture.loop, fixture.node->endpoints(), able);
        const auto isPlaying = [](const EnhancedPlayer& player) {
            return std::count(player.codes.begin(), player.codes.end(), "NetStream.Play.Start") > 0;
        };
        QVERIFY(fixture.wait([&] { return isPlaying(secure) && isPlaying(plain); }));
        node_protocol::SetPolicy wish{node_protocol::SessionPolicy::Drain};
        wish.alternates = {{"127.0.0.8", 19350}};  // it has no certificate
        fixture.node->drain().obey(wish);
        QVERIFY(fixture.wait([&] { return plain.reconnectUrl == "rtmp://127.0.0.8:19350/live"; }));
        turnFor(fixture.loop, Duration(1500));
        QVERIFY(secure.reconnectUrl.empty());
        wish.policy = node_protocol::SessionPolicy::Serve;
        fixture.node->drain().obey(wish);
        wish.policy = node_protocol::SessionPolicy::Drain;
        wish.alternates.push_back({"127.0.0.9", 19350, 19360});
        fixture.node->drain().obey(wish);
        QVERIFY(fixture.wait([&] { return secure.reconnectUrl == "rtmps://127.0.0.9:19360/live"; }));
    }

    void whatIsNoTlsIsEnded()
    {
        Fixture fixture;
        PlainClient client(fixture.loop, fixture.secure.rtmpPort);
        const ByteView request = viewOf("GET / HTTP/1.1\r\n\r\n");
        client.connection.send(Bytes(request.begin(), request.end()));
        QVERIFY(fixture.wait([&] { return client.hasEnded; }));
        QVERIFY(fixture.publish());
    }

    void aHandshakeThatTakesTooLongIsEnded()
    {
        Fixture fixture;
        PlainClient silent(fixture.loop, fixture.secure.rtmpPort);
        PlainClient slow(fixture.loop, fixture.secure.rtmpPort);
        slow.connection.send(Bytes{0x16, 0x03});
        QVERIFY(fixture.wait([&] { return silent.hasEnded && slow.hasEnded; }));
        QCOMPARE(fixture.node->loops().sessionCount(), std::size_t{0});
    }

    void aNewCertificateIsUsedWithoutARestart()
    {
        Fixture fixture;
        QVERIFY(fixture.publish());
        fixture.publisher->send(keyFrame(0));
        QTest::qWait(20);  // a younger time of the file
        fixture.certificate.make();
        QVERIFY(fixture.wait([&] {
            const auto viewer = fixture.play(trusting(fixture.certificate));
            return fixture.wait([&] { return !viewer->frames.empty() || viewer->end; }) && !viewer->frames.empty();
        }));
        QVERIFY(!fixture.publisher->hasEnded());
    }

    void eachFilesChangeIsSeen()
    {
        const Certificate certificate;
        const auto setAge = [](const std::string& file, std::chrono::minutes age) {
            std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() - age);
        };
        setAge(certificate.files.key, 10min);
        auto loaded = TlsCertificate::load(certificate.files);
        QVERIFY(loaded.has_value());
        QCOMPARE(loaded->refresh().value(), false);
        // A key that is copied with its time may be younger than the one before, and older than the certificate; or
        // older than both.
        for (const auto age : {5min, 60min}) {
            setAge(certificate.files.key, age);
            QCOMPARE(loaded->refresh().value(), true);
            QCOMPARE(loaded->refresh().value(), false);
        }
        setAge(certificate.files.certificate, 120min);
        QCOMPARE(loaded->refresh().value(), true);
    }

    void filesThatCannotBeUsedAreNamed()
    {
        const Certificate one;
        const Certificate other;
        const auto missing = TlsContext::forServer("/nowhere/certificate.pem", one.files.key);
        QVERIFY(missing.error().message.find("/nowhere/certificate.pem cannot be read") != std::string::npos);
        const auto mismatched = TlsContext::forServer(one.files.certificate, other.files.key);
        QVERIFY(mismatched.error().message.find(other.files.key) != std::string::npos);
        QVERIFY2(mismatched.error().message.find("mismatch") != std::string::npos, mismatched.error().message.c_str());
        const auto swapped = TlsContext::forServer(one.files.key, one.files.certificate);
        QVERIFY(swapped.error().message.find(one.files.key) != std::string::npos);
        QVERIFY(!TlsContext::forClient(one.files.key).has_value());
    }

    void theTestPublisherTrustsWhomItShould()
    {
        Fixture fixture;
        std::atomic<int> started = 0;
        std::atomic<int> failed = 0;
        TestPublisherOptions options;
        options.url = fixture.url().toStdString();
        options.width = 320;
        options.height = 180;
        const TestPublisher::Callbacks callbacks{[&](auto&&...) { ++started; }, [&](auto&&...) { ++failed; }, {}};
        {
            TestPublisher publisher(options, callbacks);
            QVERIFY(fixture.wait([&] { return failed > 0; }));
        }
        QCOMPARE(started.load(), 0);
        options.authoritiesFile = fixture.certificate.files.certificate;
        TestPublisher publisher(options, callbacks);
        QVERIFY(fixture.wait([&] { return started > 0; }));
    }

    void thePlayerTrustsWhomItShould()
    {
        Fixture fixture;
        TestPublisherOptions options;
        options.url = fixture.url().toStdString();
        options.width = 320;
        options.height = 180;
        options.authoritiesFile = fixture.certificate.files.certificate;
        TestPublisher publisher(options, {});
        QVERIFY(fixture.wait([&] { return fixture.node->hub().find({"live", "show"}) != nullptr; }));
        std::atomic<int> pictures = 0;
        std::atomic<int> failed = 0;
        const StreamPlayer::Callbacks callbacks{[&](auto&&...) { ++pictures; }, {}, [&](auto&&...) { ++failed; }};
        {
            StreamPlayer player({}, callbacks);
            player.start(options.url);
            QVERIFY(fixture.wait([&] { return failed > 1; }));
        }
        QCOMPARE(pictures.load(), 0);
        StreamPlayer::Options trustful;
        trustful.authoritiesFile = options.authoritiesFile;
        StreamPlayer player(trustful, callbacks);
        player.start(options.url);
        QVERIFY(fixture.wait([&] { return pictures > 0; }));
    }

    void ffmpegPublishesAndPlays()
    {
        Fixture fixture;
        QProcess encoder;
        encoder.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        encoder.start("ffmpeg",
                      {"-v", "error",    "-re",     "-f",      "lavfi",   "-i",         "testsrc2=s=320x180:r=25",
                       "-t", "60",       "-c:v",    "libx264", "-preset", "ultrafast",  "-g",
                       "25", "-pix_fmt", "yuv420p", "-f",      "flv",     fixture.url()});
        QVERIFY(encoder.waitForStarted());
        const auto ended = [&](QProcess& process) { return fixture.wait([&] { return process.waitForFinished(1); }); };
        QVERIFY(fixture.wait([&] {
            Stream* const stream = fixture.node->hub().find({"live", "show"});
            return stream != nullptr && stream->cache().hasKeyFrame();
        }));
        QProcess player;
        player.start("ffprobe", {"-v", "error", "-show_entries", "packet=dts", "-of", "csv=p=0", "-read_intervals",
                                 "%+#20", fixture.url()});
        QVERIFY(ended(player));
        QCOMPARE(player.exitCode(), 0);
        QVERIFY(player.readAllStandardOutput().count('\n') >= 20);
        encoder.terminate();
        QVERIFY(ended(encoder));
    }
};

QTEST_GUILESS_MAIN(RtmpsTest)
#include "rtmps_test.moc"
