#include "tests/support/cluster_fixture.h"
#include "tests/support/stream_record.h"

#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QTcpSocket>
#include <QTest>
#include <QThread>

#include <memory>
#include <vector>

using namespace headgate::test;

namespace {

constexpr const char* smallGroup = R"({
  "name": "small", "cloudPlatform": "LOCAL",
  "images": [{"name": "node", "image": "node-0.1"}],
  "roles": [{"name": "edge", "imageName": "node", "parentRoleName": "origin", "capabilities": ["subscribe"]},
            {"name": "origin", "imageName": "node", "capabilities": ["publish"]}],
  "subgroups": [{"name": "here", "cloudProperties": "region=us-east",
                 "rules": [{"roleName": "edge", "min": 1, "max": 1}, {"roleName": "origin", "min": 1, "max": 1}]}]})";

struct Asked
{
    int status = 0;
    QByteArray ticket;
    int ahead = -1;
    int retryAfter = 0;
    QByteArray body;
};

}  // namespace

// A group whose only edge is full: who asks waits in line, who comes without asking is refused by the node, and whoever
// watches goes on.
class FullGroupTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void whoFindsNoPlaceWaitsInLine();
    void theNodeRefusesWhoDoesNotAsk();
    void theCommandLineWaits();

private:
    std::unique_ptr<QTcpSocket> watch();
    Asked ask(const QString& target, const QByteArray& ticket = {});
    void fill();

    static constexpr const char* standard = "/as/v1/streams/stream/small/subscribe/live/show1";
    static constexpr const char* native = "/api/v1/routes/subscribe?nodeGroup=small&stream=live/show1";

    Cluster m_cluster;
    Child m_publisher;
    QString m_edge;
    int m_places = 0;
    std::vector<std::unique_ptr<QTcpSocket>> m_viewers;
};

void FullGroupTest::initTestCase()
{
    QVERIFY2(m_cluster.start(), m_cluster.report());
    QVERIFY(m_cluster.logIn());
    QCOMPARE(m_cluster.call("POST", "/api/v1/node-groups", smallGroup).status, 201);
    QVERIFY2(m_cluster.waitInService("small", 2), m_cluster.report());
    // As measured, a core of this machine carries two viewers.
    const HttpAnswer measured = m_cluster.call("POST", "/api/v1/node-images/node-0.1/measurements", R"({
        "measuredAt": "2026-01-01T00:00:00Z", "machine": "test", "cores": 1, "viewersPerCore": 2,
        "bitsOutPerSecond": 1000000000, "streamBitsPerSecond": 1000000})");
    QVERIFY2(measured.status == 200, measured.body);
    QVERIFY(makeSource(m_cluster.path("source.flv"), 240));
    const QString origin = m_cluster.publishAddress("small", "live/show1");
    m_publisher.start("ffmpeg", publishFileArguments(m_cluster.path("source.flv"), "rtmp://" + origin + "/live/show1"),
                      m_cluster.path("publisher.log"));
    m_edge = m_cluster.waitForSubscribeAddress("small", "live/show1");
    QVERIFY(!m_edge.isEmpty());
    for (const QJsonValue node : m_cluster.snapshot()["nodes"].toArray()) {
        if (node["node"]["endpoints"]["address"].toString() == m_edge)
            m_places = node["limits"]["viewers"].toInt();
    }
    QVERIFY(m_places >= 2 && m_places <= 2 * QThread::idealThreadCount());
}

void FullGroupTest::cleanup()
{
    if (QTest::currentTestFailed())
        qInfo().noquote() << m_cluster.report();
}

// Comes without asking.
std::unique_ptr<QTcpSocket> FullGroupTest::watch()
{
    auto viewer = std::make_unique<QTcpSocket>();
    viewer->connectToHost(m_edge, 5080);
    viewer->write("GET /live/show1.flv HTTP/1.1\r\nHost: edge\r\n\r\n");
    waitUntil([&] { return viewer->bytesAvailable() > 200 || viewer->state() == QAbstractSocket::UnconnectedState; },
              20'000);
    return viewer;
}

Asked FullGroupTest::ask(const QString& target, const QByteArray& ticket)
{
    QString url = m_cluster.url() + target;
    if (!ticket.isEmpty())
        url += (url.contains('?') ? "&ticket=" : "?ticket=") + QString::fromLatin1(ticket);
    QNetworkAccessManager network;
    QNetworkRequest request{QUrl(url)};
    if (target.startsWith("/api/"))
        request.setRawHeader("Authorization", "Bearer " + m_cluster.token());
    const std::unique_ptr<QNetworkReply> reply(network.get(request));
    waitUntil([&] { return reply->isFinished(); }, 10'000);
    Asked asked;
    asked.status = reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    asked.ticket = reply->rawHeader("Headgate-Ticket");
    asked.ahead = reply->hasRawHeader("Headgate-Ahead") ? reply->rawHeader("Headgate-Ahead").toInt() : -1;
    asked.retryAfter = reply->rawHeader("Retry-After").toInt();
    asked.body = reply->readAll();
    return asked;
}

void FullGroupTest::fill()
{
    while (static_cast<int>(m_viewers.size()) < m_places) {
        m_viewers.push_back(watch());
        QVERIFY(m_viewers.back()->peek(20).startsWith("HTTP/1.1 200"));
    }
    // What was promised to those who only asked has to pass, and what is there to be reported.
    QVERIFY(waitUntil([&] { return m_cluster.stream("live/show1")["viewers"].toInt() == m_places; }, 20'000));
    QVERIFY(waitUntil([&] { return ask(standard).status == 503; }, 20'000));
}

void FullGroupTest::whoFindsNoPlaceWaitsInLine()
{
    fill();
    const Asked first = ask(standard);
    const Asked second = ask(native);
    for (const Asked& asked : {first, second}) {
        QCOMPARE(asked.status, 503);
        QVERIFY(asked.retryAfter >= 1 && asked.retryAfter <= 30);
        QVERIFY(!asked.ticket.isEmpty());
        QVERIFY2(asked.body.contains("in the line"), asked.body);
    }
    QVERIFY(first.ticket != second.ticket);
    QVERIFY(second.ahead > first.ahead);
    QCOMPARE(ask(standard, first.ticket).ticket, first.ticket);

    // One place becomes free, for the first. Those who filled the line before lose their places after 30 s.
    m_viewers.pop_back();
    bool hasPassed = false;
    QVERIFY(waitUntil(
        [&] {
            hasPassed = hasPassed || ask(standard, second.ticket).status == 200;
            return ask(standard, first.ticket).status == 200;
        },
        60'000));
    QVERIFY(!hasPassed);
    QCOMPARE(ask(standard, second.ticket).status, 503);
}

void FullGroupTest::theNodeRefusesWhoDoesNotAsk()
{
    fill();
    const std::unique_ptr<QTcpSocket> refused = watch();
    const QByteArray answer = refused->readAll();
    QVERIFY2(answer.startsWith("HTTP/1.1 503"), answer);
    QVERIFY2(answer.contains("Retry-After: "), answer);
    QVERIFY2(answer.contains("This node is full"), answer);
    const ToolOutput rtmp = runTool("ffprobe", {"-v", "error", "rtmp://" + m_edge + "/live/show1"}, 20'000);
    QVERIFY2(rtmp.exitCode != 0, rtmp.standardError);
    // Those who watch do not notice.
    for (const auto& viewer : m_viewers) {
        viewer->readAll();
        QVERIFY(waitUntil([&] { return viewer->bytesAvailable() > 1000; }, 10'000));
    }
}

void FullGroupTest::theCommandLineWaits()
{
    fill();
    QFile token(m_cluster.path("token"));
    QVERIFY(token.open(QIODevice::WriteOnly));
    token.write(m_cluster.token() + "\n");
    token.close();
    Child waiting;
    waiting.start(
        Cluster::program("headgatectl"),
        {"--server", m_cluster.url(), "--token-file", token.fileName(), "route", "subscribe", "live/show1", "--wait"},
        m_cluster.path("route.log"));
    QVERIFY2(waitUntil([&] { return waiting.log().contains("in the line"); }, 20'000), qPrintable(waiting.log()));
    QVERIFY(waiting.isRunning());
    m_viewers.pop_back();
    QVERIFY2(waiting.waitForEnd(90'000), qPrintable(waiting.log()));
    QCOMPARE(waiting.exitCode(), 0);
    QVERIFY2(waiting.log().contains("rtmp://" + m_edge), qPrintable(waiting.log()));
}

QTEST_GUILESS_MAIN(FullGroupTest)
#include "full_group_test.moc"
