#include "core/base/time.h"

#include <QByteArray>
#include <QElapsedTimer>
#include <QProcess>
#include <QRegularExpression>
#include <QStringList>
#include <QTcpSocket>
#include <QTest>

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <iterator>
#include <memory>
#include <set>
#include <vector>

namespace {

QString nodeProgram()
{
    return qEnvironmentVariable("HEADGATE_BIN_DIR") + "/headgate-node";
}

// A loopback address of this process's own, so that tests can run side by side.
QString ownAddress()
{
    const int number = static_cast<int>(::getpid());
    return QString("127.83.%1.%2").arg(number / 250 % 250 + 1).arg(number % 250 + 1);
}

struct Ended
{
    int code = -1;
    QString output;
    QString errors;
};

Ended runToEnd(const QString& program, const QStringList& arguments, int longestMs = 40'000)
{
    QProcess process;
    process.start(program, arguments);
    if (!process.waitForFinished(longestMs)) {
        process.kill();
        process.waitForFinished();
        return {};
    }
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
}

// The program with free ports, ended with the object.
class RunningNode
{
public:
    explicit RunningNode(const QStringList& more = {})
    {
        m_process.setProcessChannelMode(QProcess::MergedChannels);
        m_process.start(nodeProgram(),
                        QStringList{"--address", ownAddress(), "--rtmp-port", "0", "--http-port", "0"} + more);
        const QRegularExpression ports("rtmp [^ ]+:(\\d+), http [^ ]+:(\\d+)");
        QElapsedTimer timer;
        timer.start();
        while (rtmpPort.isEmpty() && timer.elapsed() < 10'000 && m_process.waitForReadyRead(1000)) {
            m_output += m_process.readAll();
            const auto match = ports.match(m_output);
            rtmpPort = match.captured(1);
            httpPort = match.captured(2);
        }
    }
    ~RunningNode() { stop(); }

    int stop()
    {
        if (m_process.state() == QProcess::NotRunning)
            return m_process.exitCode();
        m_process.terminate();
        if (!m_process.waitForFinished(10'000)) {
            m_process.kill();
            m_process.waitForFinished();
            return -1;
        }
        m_output += m_process.readAll();
        return m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -1;
    }
    const QString& output() const { return m_output; }
    bool says(const QString& text)
    {
        while (!m_output.contains(text) && m_process.waitForReadyRead(20'000))
            m_output += m_process.readAll();
        return m_output.contains(text);
    }
    pid_t pid() const { return static_cast<pid_t>(m_process.processId()); }
    bool isHealthy() const
    {
        QTcpSocket client;
        client.connectToHost(ownAddress(), httpPort.toUShort());
        client.waitForConnected(20'000);
        client.write("GET /health HTTP/1.1\r\n\r\n");
        return client.waitForReadyRead(20'000) && client.readAll().startsWith("HTTP/1.1 200 ");
    }
    QString rtmp(const QString& path) const { return "rtmp://" + ownAddress() + ":" + rtmpPort + "/" + path; }
    QString http(const QString& path) const { return "http://" + ownAddress() + ":" + httpPort + "/" + path; }

    QString rtmpPort;
    QString httpPort;

private:
    QProcess m_process;
    QString m_output;
};

std::unique_ptr<QProcess> publish(const QString& url, int seconds)
{
    auto process = std::make_unique<QProcess>();
    process->start("ffmpeg", QStringList{"-v",
                                         "error",
                                         "-re",
                                         "-f",
                                         "lavfi",
                                         "-i",
                                         "testsrc2=s=320x180:r=25",
                                         "-f",
                                         "lavfi",
                                         "-i",
                                         "sine=440:r=48000",
                                         "-t",
                                         QString::number(seconds),
                                         "-c:v",
                                         "libx264",
                                         "-preset",
                                         "ultrafast",
                                         "-bf",
                                         "2",
                                         "-g",
                                         "25",
                                         "-pix_fmt",
                                         "yuv420p",
                                         "-c:a",
                                         "aac",
                                         "-f",
                                         "flv",
                                         url});
    process->waitForStarted();
    return process;
}

// "type|dts" of the first packets of a stream, asked until the stream is there.
QStringList packetsOf(const QString& url, int count)
{
    QElapsedTimer timer;
    timer.start();
    do {
        const Ended probe =
            runToEnd("ffprobe", {"-v", "error", "-show_entries", "packet=codec_type,dts", "-of", "csv=p=0:s=|",
                                 "-read_intervals", "%+#" + QString::number(count), url});
        const QStringList lines = probe.output.split('\n', Qt::SkipEmptyParts);
        if (probe.code == 0 && lines.size() >= count)
            return lines;
        QTest::qWait(200);
    } while (timer.elapsed() < 60'000);
    return {};
}

bool areMonotone(const QStringList& packets, const QString& type)
{
    qint64 last = -1;
    int count = 0;
    for (const QString& line : packets) {
        const QStringList fields = line.split('|');
        if (fields.value(0) != type)
            continue;
        const qint64 dts = fields.value(1).toLongLong();
        if (dts < last)
            return false;
        last = dts;
        ++count;
    }
    return count > 5;
}

}  // namespace

class NodeProgramTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void ffmpegPublishesAndFfprobePlays()
    {
        RunningNode node;
        QVERIFY2(!node.rtmpPort.isEmpty(), qPrintable(node.output()));
        const auto publisher = publish(node.rtmp("live/room1/show1?key=x"), 300);
        for (const QString& url : {node.rtmp("live/room1/show1"), node.http("live/room1/show1.flv")}) {
            const QStringList packets = packetsOf(url, 100);
            QVERIFY2(!packets.isEmpty(), qPrintable(url + node.output()));
            QVERIFY2(areMonotone(packets, "video") && areMonotone(packets, "audio"), qPrintable(packets.join(' ')));
            const Ended codecs =
                runToEnd("ffprobe", {"-v", "error", "-show_entries", "stream=codec_name,width", "-of", "csv=p=0", url});
            QVERIFY2(codecs.output.contains("h264,320") && codecs.output.contains("aac"), qPrintable(codecs.output));
        }
        const Ended second = runToEnd("ffmpeg", {"-v", "error", "-f", "lavfi", "-i", "testsrc2=s=64x36", "-t", "1",
                                                 "-f", "flv", node.rtmp("live/room1/show1")});
        QVERIFY(second.code != 0);
        QVERIFY2(second.errors.contains("already live"), qPrintable(second.errors));
        publisher->terminate();
        publisher->waitForFinished();
        QCOMPARE(node.stop(), 0);
    }

    void severalPublishersAreKeptApart()
    {
        RunningNode node;
        std::vector<std::unique_ptr<QProcess>> publishers;
        for (int i = 0; i < 3; ++i)
            publishers.push_back(publish(node.rtmp(QString("live/show%1").arg(i)), 300));
        for (int i = 0; i < 3; ++i)
            QVERIFY(!packetsOf(node.http(QString("live/show%1.flv").arg(i)), 40).isEmpty());
        for (const auto& publisher : publishers) {
            publisher->terminate();
            publisher->waitForFinished();
        }
    }

    void connectionsWaitWhileThereAreNoDescriptors()
    {
        RunningNode node;
        QVERIFY(node.isHealthy());
        const std::filesystem::directory_iterator open("/proc/" + std::to_string(node.pid()) + "/fd");
        rlimit before{};
        QCOMPARE(::prlimit(node.pid(), RLIMIT_NOFILE, nullptr, &before), 0);
        rlimit tight = before;
        tight.rlim_cur = static_cast<rlim_t>(std::distance(begin(open), end(open))) + 5;
        QCOMPARE(::prlimit(node.pid(), RLIMIT_NOFILE, &tight, nullptr), 0);
        std::vector<std::unique_ptr<QTcpSocket>> clients;
        for (int i = 0; i < 20; ++i) {
            clients.push_back(std::make_unique<QTcpSocket>());
            clients.back()->connectToHost(ownAddress(), (i % 2 == 0 ? node.rtmpPort : node.httpPort).toUShort());
            QVERIFY(clients.back()->waitForConnected(10'000));
        }
        QVERIFY(node.says("new connections have to wait: Too many open files; raise the limit"));
        QTest::qWait(500);
        QCOMPARE(::prlimit(node.pid(), RLIMIT_NOFILE, &before, nullptr), 0);
        QVERIFY(node.isHealthy());
        QCOMPARE(node.stop(), 0);
        QCOMPARE(node.output().count("new connections have to wait"), 1);
    }

    void anAddressThatIsTakenIsSaid()
    {
        RunningNode node;
        const Ended second =
            runToEnd(nodeProgram(), {"--address", ownAddress(), "--rtmp-port", node.rtmpPort, "--http-port", "0"});
        QCOMPARE(second.code, 3);
        QVERIFY2(second.errors.contains("Address already in use"), qPrintable(second.errors));
    }

    void aWrongOptionIsSaid()
    {
        const Ended ended = runToEnd(nodeProgram(), {"--rtmp-prot", "1935"});
        QCOMPARE(ended.code, 2);
        QVERIFY(ended.errors.contains("--rtmp-prot"));
        QCOMPARE(runToEnd(nodeProgram(), {"--control", "unix:/nowhere", "--node-id", "n"}).code, 2);
        for (const char* const window : {"1001", "-1", "soon", ""})
            QVERIFY(runToEnd(nodeProgram(), {"--merge-window", window}).errors.contains("--merge-window"));
        for (const QStringList& wrong : QList<QStringList>{
                 {"--hls", "never"}, {"--hls-window", "5"}, {"--hls-segment", "499"}, {"--hls-memory", "much"}})
            QVERIFY(runToEnd(nodeProgram(), wrong).errors.contains(wrong[0]));
        const Ended unnamed = runToEnd(nodeProgram(), {"--tls-authorities", "/nowhere/authorities.pem"});
        QCOMPARE(unnamed.code, 2);
        QVERIFY(unnamed.errors.contains("/nowhere/authorities.pem cannot be read"));
        QVERIFY(runToEnd(nodeProgram(), {"--tls-parent-name", "node"}).errors.contains("--tls-authorities"));
        QVERIFY(runToEnd(nodeProgram(), {"--help"}).output.contains("--control"));
    }

    void theCredentialIsNotLogged()
    {
        RunningNode node;
        const Ended ffprobe = runToEnd("ffprobe", {"-v", "error", node.rtmp("live/none?secret=hidden-word")});
        QVERIFY(ffprobe.code != 0);
        QCOMPARE(node.stop(), 0);
        QVERIFY(node.output().contains("not live"));
        QVERIFY(!node.output().contains("hidden-word"));
    }
};

QTEST_GUILESS_MAIN(NodeProgramTest)
#include "node_program_test.moc"
