#include "core/media/test_publisher/publish_address.h"
#include "core/media/test_publisher/test_publisher.h"
#include "tests/support/media_tools.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <atomic>
#include <csignal>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

using namespace headgate;
using namespace headgate::test;

// The receiving side is ffmpeg as an RTMP server for one publisher.
class TestPublisherTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void publishesH264AndAacWithRegularKeyFrames();
    void publishesAgainAfterTheServerCameBack();
    void saysWhyItCannotPublish();
    void endsQuicklyWhileNothingAnswers();
    void movesWhenTheServerGivesNoSignOfLife();
    void readsAddresses_data();
    void readsAddresses();

private:
    void startReceiver(Child& receiver, const QString& file) const;
    std::string url() const { return QStringLiteral("rtmp://127.0.0.1:%1/live/show").arg(m_port).toStdString(); }

    QTemporaryDir m_dir;
    quint16 m_port = 0;
};

void TestPublisherTest::init()
{
    m_port = freePort();
}

void TestPublisherTest::startReceiver(Child& receiver, const QString& file) const
{
    receiver.start(QStringLiteral("ffmpeg"),
                   {"-v", "error", "-y", "-listen", "1", "-i", QString::fromStdString(url()), "-c", "copy", file},
                   m_dir.filePath("receiver.log"));
}

void TestPublisherTest::publishesH264AndAacWithRegularKeyFrames()
{
    const QString file = m_dir.filePath("seen.flv");
    Child receiver;
    startReceiver(receiver, file);
    std::atomic<std::int64_t> framesSent = 0;
    {
        TestPublisherOptions options;
        options.url = url();
        options.width = 640;
        options.height = 360;
        options.keyFrameInterval = Duration(1000);
        TestPublisher publisher(options, {.onStarted = {}, .onFailed = {}, .onStatistics = [&](const auto& statistics) {
                                              framesSent = statistics.framesSent;
                                          }});
        QVERIFY2(waitUntil([&] { return framesSent >= 90; }, 30'000), qPrintable(receiver.log()));
    }
    QVERIFY(receiver.waitForEnd(10'000));

    const auto probe = runTool("ffprobe", {"-v", "error", "-show_streams", "-show_packets", "-of", "json", file});
    const QJsonObject seen = QJsonDocument::fromJson(probe.standardOutput).object();
    const QJsonArray streams = seen["streams"].toArray();
    QCOMPARE(streams.size(), 2);
    QCOMPARE(streams[0]["codec_name"].toString(), "h264");
    QCOMPARE(streams[0]["width"].toInt(), 640);
    QCOMPARE(streams[0]["has_b_frames"].toInt(), 0);
    QCOMPARE(streams[1]["codec_name"].toString(), "aac");
    QCOMPARE(streams[1]["sample_rate"].toString(), "48000");
    QCOMPARE(streams[1]["channels"].toInt(), 2);

    std::vector<double> keyFrames;
    std::map<int, double> lastTime;
    for (const QJsonValue value : seen["packets"].toArray()) {
        const QJsonObject packet = value.toObject();
        const int stream = packet["stream_index"].toInt();
        const double time = packet["dts_time"].toString().toDouble();
        QVERIFY(!lastTime.contains(stream) || time > lastTime[stream]);
        lastTime[stream] = time;
        if (stream == 0 && packet["flags"].toString().startsWith('K'))
            keyFrames.push_back(time);
    }
    QVERIFY(keyFrames.size() >= 3);
    // A busy machine skips pictures, so key frames are at least, not exactly, a second apart.
    for (std::size_t i = 1; i < keyFrames.size(); ++i)
        QVERIFY2(keyFrames[i] - keyFrames[i - 1] > 0.9, qPrintable(QString::number(keyFrames[i])));
}

void TestPublisherTest::publishesAgainAfterTheServerCameBack()
{
    std::atomic<int> starts = 0;
    std::atomic<int> failures = 0;
    Child first;
    startReceiver(first, m_dir.filePath("first.flv"));
    TestPublisherOptions options;
    options.url = url();
    options.width = 320;
    options.height = 180;
    TestPublisher publisher(
        options, {.onStarted = [&] { ++starts; }, .onFailed = [&](const Error&) { ++failures; }, .onStatistics = {}});
    QVERIFY2(waitUntil([&] { return starts == 1; }, 20'000), qPrintable(first.log()));
    const int failuresBefore = failures;
    first.kill();
    QVERIFY(waitUntil([&] { return failures > failuresBefore; }, 20'000));
    Child second;
    startReceiver(second, m_dir.filePath("second.flv"));
    QVERIFY2(waitUntil([&] { return starts == 2; }, 30'000), qPrintable(second.log()));
}

void TestPublisherTest::saysWhyItCannotPublish()
{
    std::mutex mutex;
    std::optional<Error> error;
    TestPublisherOptions options;
    options.url = QStringLiteral("rtmp://user:secret@127.0.0.1:%1/live/show?token=secret").arg(m_port).toStdString();
    TestPublisher publisher(options, {.onStarted = {},
                                      .onFailed =
                                          [&](const Error& failure) {
                                              const std::lock_guard lock(mutex);
                                              error = failure;
                                          },
                                      .onStatistics = {}});
    QVERIFY(waitUntil(
        [&] {
            const std::lock_guard lock(mutex);
            return error.has_value();
        },
        20'000));
    const std::lock_guard lock(mutex);
    QCOMPARE(error->code, ErrorCode::Unavailable);
    const QString message = QString::fromStdString(error->message);
    QVERIFY2(message.contains("Connection refused"), qPrintable(message));
    QVERIFY2(message.contains(QStringLiteral("rtmp://127.0.0.1:%1/live/show").arg(m_port)), qPrintable(message));
    QVERIFY2(!message.contains("secret"), qPrintable(message));
    QVERIFY(!error->remedy.empty());
}

void TestPublisherTest::endsQuicklyWhileNothingAnswers()
{
    // Accepts connections into its backlog and never says a word.
    QTcpServer silent;
    QVERIFY(silent.listen(QHostAddress::LocalHost));
    TestPublisherOptions options;
    options.url = QStringLiteral("rtmp://127.0.0.1:%1/live/show").arg(silent.serverPort()).toStdString();
    auto publisher = std::make_unique<TestPublisher>(options, TestPublisher::Callbacks{});
    QVERIFY(silent.waitForNewConnection(10'000));
    QElapsedTimer timer;
    timer.start();
    publisher.reset();
    QVERIFY2(timer.elapsed() < 5000, qPrintable(QString::number(timer.elapsed())));
}

// A server that is stopped keeps its connection, and its system goes on taking what is sent.
void TestPublisherTest::movesWhenTheServerGivesNoSignOfLife()
{
    Child first;
    startReceiver(first, m_dir.filePath("frozen.flv"));
    TestPublisherOptions options;
    options.url = url();
    m_port = freePort();
    options.otherUrl = url();
    options.width = 320;
    options.height = 180;
    Child second;
    startReceiver(second, m_dir.filePath("other.flv"));
    std::atomic<int> starts = 0;
    std::mutex mutex;
    std::string reason;
    TestPublisher publisher(options, {.onStarted = [&] { ++starts; },
                                      .onFailed =
                                          [&](const Error& error) {
                                              const std::lock_guard lock(mutex);
                                              reason = error.message;
                                          },
                                      .onStatistics = {}});
    QVERIFY2(waitUntil([&] { return starts == 1; }, 20'000), qPrintable(first.log()));
    QTest::qWait(1'500);  // it has answered pings
    ::kill(static_cast<pid_t>(first.pid()), SIGSTOP);
    const bool isMoved = waitUntil([&] { return starts == 2; }, 20'000);
    ::kill(static_cast<pid_t>(first.pid()), SIGCONT);
    QVERIFY(isMoved);
    const std::lock_guard lock(mutex);
    QVERIFY2(reason.find("no sign of life for 2 s") != std::string::npos, reason.c_str());
}

void TestPublisherTest::readsAddresses_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("seen");  // server, application and name; empty if refused
    QTest::newRow("plain") << "rtmp://example.org/live/show"
                           << "rtmp://example.org:1935 live show";
    QTest::newRow("port") << "rtmp://10.0.0.1:1936/live/show"
                          << "rtmp://10.0.0.1:1936 live show";
    QTest::newRow("secure") << "rtmps://example.org/live/show"
                            << "rtmps://example.org:443 live show";
    QTest::newRow("IPv6") << "rtmp://[::1]:5000/live/show"
                          << "rtmp://[::1]:5000 live show";
    QTest::newRow("query") << "rtmp://a@b/live/show?key=x/y"
                           << "rtmp://b:1935 live show?key=x/y";
    QTest::newRow("deep scope") << "rtmp://b/live/deep/show"
                                << "rtmp://b:1935 live/deep show";
    QTest::newRow("other scheme") << "http://b/live/show"
                                  << "";
    QTest::newRow("no stream") << "rtmp://b/live"
                               << "";
    QTest::newRow("empty stream") << "rtmp://b/live/"
                                  << "";
    QTest::newRow("no host") << "rtmp:///live/show"
                             << "";
    QTest::newRow("port of letters") << "rtmp://b:x/live/show"
                                     << "";
    QTest::newRow("open bracket") << "rtmp://[::1/live/show"
                                  << "";
}

void TestPublisherTest::readsAddresses()
{
    QFETCH(QString, url);
    QFETCH(QString, seen);
    const auto address = parsePublishAddress(url.toStdString());
    const std::string told =
        address ? address->server() + " " + address->application + " " + address->name : std::string();
    QCOMPARE(QString::fromStdString(told), seen);
}

QTEST_GUILESS_MAIN(TestPublisherTest)
#include "test_publisher_test.moc"
