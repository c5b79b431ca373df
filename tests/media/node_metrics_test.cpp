#include "core/media/http/metrics_page.h"

#include <QProcess>
#include <QRegularExpression>
#include <QTcpSocket>
#include <QTest>

#include <nlohmann/json.hpp>
#include <unistd.h>

using namespace headgate;
using nlohmann::json;

namespace {

// What Prometheus' own parser finds on the page.
json readByPrometheus(const QByteArray& page)
{
    QProcess python;
    python.start("/usr/bin/python3", {qEnvironmentVariable("HEADGATE_SOURCE_DIR") + "/tests/plane/read_metrics.py"});
    python.write(page);
    python.closeWriteChannel();
    python.waitForFinished();
    return json::parse(python.readAllStandardOutput().toStdString(), nullptr, false);
}

double valueOf(const json& page, const std::string& name)
{
    for (const json& sample : page["samples"]) {
        if (sample["name"] == name)
            return sample["value"].get<double>();
    }
    return -1;
}

}  // namespace

class NodeMetricsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        const int number = static_cast<int>(::getpid());
        m_address = QString("127.85.%1.%2").arg(number / 250 % 250 + 1).arg(number % 250 + 1);
        m_node.setProcessChannelMode(QProcess::MergedChannels);
        m_node.start(qEnvironmentVariable("HEADGATE_BIN_DIR") + "/headgate-node",
                     {"--address", m_address, "--rtmp-port", "0", "--http-port", "0"});
        const QRegularExpression ports("rtmp [^ ]+:(\\d+), http [^ ]+:(\\d+)");
        m_httpPort = 0;
        QByteArray output;
        while (m_httpPort == 0 && m_node.waitForReadyRead(20'000)) {
            output += m_node.readAll();
            const auto match = ports.match(output);
            m_rtmpPort = match.captured(1).toUShort();
            m_httpPort = match.captured(2).toUShort();
        }
        QVERIFY2(m_httpPort != 0, output.constData());
    }
    void cleanup()
    {
        m_node.terminate();
        QVERIFY(m_node.waitForFinished(20'000));
    }

    void prometheusReadsThePage()
    {
        const QByteArray answer = get("/metrics");
        QVERIFY(answer.startsWith("HTTP/1.1 200 "));
        QVERIFY(answer.contains("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
        const json page = readByPrometheus(answer.mid(answer.indexOf("\r\n\r\n") + 4));
        QCOMPARE(page["samples"].size(), std::size_t(40));
        QVERIFY(page["types"]["headgate_node_viewers"] == "gauge");
        QVERIFY(page["types"]["headgate_node_transmit_bytes"] == "counter");
        QVERIFY(page["types"]["process_cpu_seconds"] == "counter");
        QCOMPARE(valueOf(page, "headgate_node_viewers"), 0.0);
        QVERIFY(valueOf(page, "headgate_node_sessions") >= 1);
        QVERIFY(valueOf(page, "process_resident_memory_bytes") > 1e6);
        QVERIFY(valueOf(page, "process_start_time_seconds") > 1.7e9);
        QVERIFY(valueOf(page, "process_open_fds") < valueOf(page, "process_max_fds"));
    }

    void whatHappensIsCounted()
    {
        QProcess publisher;
        const QString url = QString("rtmp://%1:%2/live/show1").arg(m_address).arg(m_rtmpPort);
        publisher.start("ffmpeg", QString("-v error -re -f lavfi -i testsrc2=s=160x90:r=25 -t 60 -c:v libx264 -preset "
                                          "ultrafast -g 25 -pix_fmt yuv420p -f flv %1")
                                      .arg(url)
                                      .split(' '));
        QTRY_COMPARE_WITH_TIMEOUT(figure("headgate_node_publishers"), 1.0, 30'000);
        QCOMPARE(figure("headgate_node_streams"), 1.0);
        QTcpSocket viewer;
        viewer.connectToHost(m_address, m_httpPort);
        viewer.write("GET /live/show1.flv HTTP/1.1\r\n\r\n");
        QTRY_COMPARE_WITH_TIMEOUT(figure("headgate_node_viewers"), 1.0, 30'000);
        const double sent = figure("headgate_node_transmit_bytes_total");
        QTRY_VERIFY_WITH_TIMEOUT(figure("headgate_node_transmit_bytes_total") > sent + 10'000, 30'000);
        QTRY_VERIFY_WITH_TIMEOUT(figure("headgate_node_receive_bytes_total") > 10'000, 30'000);
        publisher.kill();
        publisher.waitForFinished();
    }

    void onlyThisMachineAndTheControlPlaneAreTold()
    {
        EventLoop loop;
        LoopGroup loops(loop, {});
        Hub hub;
        SessionGate gate(hub, {});
        const Log log(LogLevel::Error);
        const AccessControl access(loops, log, {});
        const MetricsPage alone({loops, hub, gate, access}, {});
        for (const char* host : {"127.0.0.1", "127.77.3.4", "::1", "::ffff:127.0.0.1"})
            QVERIFY2(alone.isFor(host), host);
        for (const char* host : {"", "10.0.0.7", "1270.0.0.1", "::2", "::ffff:10.0.0.7", "2001:db8::127.0.0.1"})
            QVERIFY2(!alone.isFor(host), host);
        const MetricsPage led({loops, hub, gate, access}, "10.0.0.7");
        QVERIFY(led.isFor("10.0.0.7") && led.isFor("::ffff:10.0.0.7") && led.isFor("127.0.0.1"));
        QVERIFY(!led.isFor("10.0.0.8") && !led.isFor(""));
    }

private:
    QByteArray get(const QByteArray& path)
    {
        QTcpSocket client;
        client.connectToHost(m_address, m_httpPort);
        client.write("GET " + path + " HTTP/1.1\r\n\r\n");
        client.waitForDisconnected(20'000);
        return client.readAll();
    }

    // Of one line of the page, -1 if there is none.
    double figure(const QByteArray& name)
    {
        for (const QByteArray& line : get("/metrics").split('\n')) {
            if (line.startsWith(name + " "))
                return line.mid(name.size() + 1).toDouble();
        }
        return -1;
    }

    QProcess m_node;
    QString m_address;
    std::uint16_t m_rtmpPort = 0;
    std::uint16_t m_httpPort = 0;
};

QTEST_GUILESS_MAIN(NodeMetricsTest)
#include "node_metrics_test.moc"
