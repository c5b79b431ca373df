#include "tests/support/impaired_udp.h"
#include "tests/support/lone_node.h"
#include "tests/support/stream_record.h"
#include "tests/support/whep_page.h"

#include <QTest>

using namespace headgate::test;

class WhepBrowserTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void browserSeesAndHearsAnRtmpPublisher();
    void browserGoesOnOverABadNetwork();
};

void WhepBrowserTest::browserSeesAndHearsAnRtmpPublisher()
{
    LoneNode node;
    QVERIFY2(node.start({"--webrtc-port", "8189", "--loops", "2"}), qPrintable(node.log()));
    Child publisher;
    publisher.start("ffmpeg", publishArguments(node.rtmp("live/show")), node.path("publisher.log"));
    QVERIFY2(waitUntil([&] { return node.log().contains("publishes live/show"); }, 20'000),
             qPrintable(publisher.log()));
    QTest::qWait(2000);
    const QJsonObject seen =
        watchInChromium("http://" + node.address() + ":5080/whep/live/show", node.path("chromium"));
    const QByteArray report = QJsonDocument(seen).toJson(QJsonDocument::Compact);
    qInfo().noquote() << report;
    QVERIFY2(!seen.isEmpty() && !seen.contains("error"), qPrintable(report + node.log()));
    const double rate = seen["pictures"].toDouble() / seen["seconds"].toDouble();
    QVERIFY2(seen["firstMs"].toInt() > 0 && seen["firstMs"].toInt() <= 1000, report);
    QVERIFY2(rate > 25 * 0.95 && rate < 25 * 1.05, report);
    QCOMPARE(seen["freezes"].toInt(), 0);
    QCOMPARE(seen["width"].toInt(), 320);
    QVERIFY2(seen["energy"].toDouble() > 0.01, report);
    QVERIFY2(seen["concealed"].toDouble() < 0.05 * seen["samples"].toDouble(), report);
    QCOMPARE(seen["deleted"].toInt(), 200);
    QVERIFY(waitUntil([&] { return node.log().contains("ended: left"); }, 5000));
}

// 5 % are lost both ways, and packets take 70 to 130 ms and overtake each other.
void WhepBrowserTest::browserGoesOnOverABadNetwork()
{
    LoneNode node;
    QVERIFY2(node.start({"--webrtc-port", "8189"}), qPrintable(node.log()));
    Child publisher;
    publisher.start("ffmpeg", publishArguments(node.rtmp("live/show")), node.path("publisher.log"));
    QVERIFY2(waitUntil([&] { return node.log().contains("publishes live/show"); }, 20'000),
             qPrintable(publisher.log()));
    ImpairedUdp network(node.address().toStdString(), 8189, 17);
    constexpr Impairment lossy{.lossPercent = 5, .reorderedPercent = 3, .delayMs = 70, .jitterMs = 60};
    network.set(lossy, lossy);
    QTest::qWait(2000);
    const QJsonObject seen = watchInChromium(
        "http://" + node.address() + ":5080/whep/live/show#" + QString::number(network.port()), node.path("chromium"));
    const QByteArray report = QJsonDocument(seen).toJson(QJsonDocument::Compact);
    qInfo().noquote() << report << network.lost() << "of" << network.passed() + network.lost() << "packets lost";
    QVERIFY2(!seen.isEmpty() && !seen.contains("error"), qPrintable(report + node.log()));
    QVERIFY(network.lost() > 20);
    const double rate = seen["pictures"].toDouble() / seen["seconds"].toDouble();
    QVERIFY2(rate > 25 * 0.8, report);
    QVERIFY2(seen["energy"].toDouble() > 0.01, report);
}

QTEST_GUILESS_MAIN(WhepBrowserTest)
#include "whep_browser_test.moc"
