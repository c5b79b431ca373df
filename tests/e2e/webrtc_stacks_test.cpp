#include "tests/support/lone_node.h"
#include "tests/support/stream_record.h"

#include <QTest>

using namespace headgate::test;

// WebRTC as others make it, at both ends: aiortc, and GStreamer's webrtcbin with libnice.
class WebrtcStacksTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void othersWatchAndPublish_data();
    void othersWatchAndPublish();

private:
    QString node(const QString& rest) const { return "http://" + m_node.address() + ":5080/" + rest; }

    LoneNode m_node;
    Child m_publisher;
};

void WebrtcStacksTest::initTestCase()
{
    // aiortc and what it needs stand beside the tests' other tools.
    qputenv("PYTHONPATH", QFile::encodeName(qEnvironmentVariable("HEADGATE_SOURCE_DIR") + "/build/tools/python"));
    QVERIFY2(m_node.start({"--webrtc-port", "8189", "--loops", "2"}), qPrintable(m_node.log()));
    m_publisher.start("ffmpeg", publishArguments(m_node.rtmp("live/show")), m_node.path("publisher.log"));
    QVERIFY2(waitUntil([&] { return m_node.log().contains("publishes live/show"); }, 20'000),
             qPrintable(m_publisher.log()));
}

void WebrtcStacksTest::cleanup()
{
    if (QTest::currentTestFailed())
        qInfo().noquote() << m_node.log();
}

void WebrtcStacksTest::othersWatchAndPublish_data()
{
    QTest::addColumn<QString>("program");
    QTest::newRow("aiortc") << "aiortc_peer.py";
    QTest::newRow("webrtcbin") << "webrtcbin_peer.py";
}

void WebrtcStacksTest::othersWatchAndPublish()
{
    QFETCH(QString, program);
    const QString script = qEnvironmentVariable("HEADGATE_SOURCE_DIR") + "/tests/support/" + program;
    const auto seenBy = [&](const QString& url, int seconds) {
        const ToolOutput output = runTool("/usr/bin/python3", {script, "watch", url, QString::number(seconds)}, 60'000);
        QJsonObject seen = QJsonDocument::fromJson(output.standardOutput).object();
        seen["said"] = QString(output.standardOutput + output.standardError);
        return seen;
    };
    const auto problemOf = [](const QJsonObject& seen) {
        const bool isGood = seen["pictures"].toInt() >= 40 && seen["sounds"].toInt() >= 60 && seen["width"] == 320;
        return isGood ? QByteArray() : seen["said"].toString().toUtf8();
    };
    // What FFmpeg publishes by RTMP.
    const QJsonObject shown = seenBy(node("whep/live/show"), 6);
    QVERIFY2(problemOf(shown).isEmpty(), problemOf(shown));

    const QString name = "live/" + QString(QTest::currentDataTag());
    Child publisher;
    publisher.start("/usr/bin/python3", {script, "publish", node("whip/" + name), "40"}, m_node.path(program + ".log"));
    QVERIFY2(waitUntil([&] { return m_node.log().contains("publishes " + name); }, 30'000),
             qPrintable(publisher.log()));
    QTest::qWait(2000);
    const QJsonObject own = seenBy(node("whep/" + name), 6);
    QVERIFY2(problemOf(own).isEmpty(), problemOf(own) + publisher.log().toUtf8());
    // And FFmpeg plays it by RTMP.
    const ToolOutput played = runTool(
        "ffmpeg", {"-v", "error", "-i", m_node.rtmp(name), "-t", "3", "-map", "0:v", "-map", "0:a", "-f", "null", "-"});
    QVERIFY2(played.exitCode == 0 && played.standardError.isEmpty(), played.standardError);
    publisher.terminate();
    publisher.waitForEnd(10'000);
}

QTEST_GUILESS_MAIN(WebrtcStacksTest)
#include "webrtc_stacks_test.moc"
