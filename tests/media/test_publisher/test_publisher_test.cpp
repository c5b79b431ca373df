#include "core/media/test_publisher/test_publisher.h"
#include "tests/support/media_tools.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <atomic>
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

QTEST_GUILESS_MAIN(TestPublisherTest)
#include "test_publisher_test.moc"
