#include "tests/support/cluster_fixture.h"
#include "ui/models/test_streams.h"
#include "ui/pages/dev_resources_page.h"
#include "ui/shell/settings.h"
#include "ui/widgets/code_block.h"
#include "ui/widgets/segmented.h"

#include <QComboBox>
#include <QFile>
#include <QTabBar>
#include <QTest>

using namespace headgate;

// What the page for developers shows is run as it stands there, against a real cluster.
class ShownSnippetsTest : public QObject
{
    Q_OBJECT

private:
    void look(RoutePurpose purpose, const QString& stream)
    {
        m_page->findChild<Segmented*>("purpose")->setCurrentIndex(purpose == RoutePurpose::Publish ? 0 : 1);
        m_page->findChild<QComboBox*>("stream")->setEditText(stream);
    }

    // Empty if the page shows nothing of that title.
    QString shown(const QString& tool, const QString& title) const
    {
        auto* tools = m_page->findChild<QTabBar*>("tools");
        for (int i = 0; i < tools->count(); ++i)
            if (tools->tabText(i) == tool)
                tools->setCurrentIndex(i);
        const QList<CodeBlock*> blocks = m_page->findChildren<CodeBlock*>();
        for (const CodeBlock* block : blocks)
            if (block->isVisible() && block->title() == title)
                return block->code();
        return {};
    }

    int viewers(const QString& stream) { return m_cluster.stream(stream)["viewers"].toInt(); }
    QString address(const QString& stream)
    {
        return "rtmp://" + m_cluster.subscribeAddress("nodegroup-1", stream) + ":1935/" + stream;
    }

    // The text plays the stream: it becomes one of its viewers and takes it for a while.
    void plays(const QString& code, const QString& stream)
    {
        QVERIFY(!code.isEmpty());
        QVERIFY(test::waitUntil([&] { return viewers(stream) == 0; }, 30'000));  // the one before has left
        test::Child player;
        player.start("bash", {"-c", code}, m_cluster.path("player.log"));
        QVERIFY2(test::waitUntil([&] { return viewers(stream) == 1; }, 30'000), qPrintable(code + player.log()));
        QTest::qWait(2000);
        QVERIFY2(player.isRunning(), qPrintable(code + player.log()));
    }

    test::Cluster m_cluster;
    QTemporaryDir m_folder;
    std::unique_ptr<Settings> m_settings;
    MediaServices m_media;
    std::unique_ptr<TestStreams> m_testStreams;
    std::unique_ptr<PageContext> m_context;
    std::unique_ptr<ControlPlane> m_plane;
    std::unique_ptr<DevResourcesPage> m_page;

private Q_SLOTS:
    void initTestCase();
    void publishWithFfmpegAndWatch();
    void publishWithGStreamer();
    void callsAnswerTheSame();
    void cleanupTestCase();
};

void ShownSnippetsTest::initTestCase()
{
    QVERIFY2(m_cluster.start(), m_cluster.report());
    QVERIFY(m_cluster.logIn());
    QVERIFY(m_cluster.createNodeGroup(test::Cluster::document("aws_node_group.json")));
    QVERIFY2(m_cluster.waitInService("nodegroup-1", 2), m_cluster.report());
    m_settings = std::make_unique<Settings>(m_folder.filePath("settings.ini"));
    m_testStreams = std::make_unique<TestStreams>(m_media);
    m_context = std::make_unique<PageContext>(
        PageContext{*m_settings, m_media, [](const ToastMessage&) {}, m_cluster.url(), "admin"});
    m_plane = makeRemoteControlPlane({m_cluster.url().toStdString(), m_cluster.token().toStdString()});
    m_page = std::make_unique<DevResourcesPage>(*m_context, *m_testStreams);
    m_page->show();
    m_page->setControlPlane(m_plane.get());
    QVERIFY(test::waitUntil([this] { return m_page->state() == PageState::Normal; }, 10'000));

    const QByteArray programs = QFileInfo(test::Cluster::program("headgatectl")).absolutePath().toUtf8();
    qputenv("PATH", programs + ':' + qgetenv("PATH"));
    qputenv("HEADGATE_PASSWORD", m_cluster.adminPassword().toUtf8());
    qputenv("HEADGATE_TOKEN_FILE", m_cluster.path("token").toUtf8());
    qputenv("SDL_VIDEODRIVER", "dummy");
    qputenv("SDL_AUDIODRIVER", "dummy");
    qputenv("GST_PLUGIN_FEATURE_RANK", "fakevideosink:MAX,fakeaudiosink:MAX");  // there is no screen
}

void ShownSnippetsTest::publishWithFfmpegAndWatch()
{
    const QString stream = "live/room1/show1";
    look(RoutePurpose::Publish, stream);
    QTRY_VERIFY(!shown("FFmpeg", "A moving picture with a tone").isEmpty());
    test::Child publisher;
    publisher.start("bash", {"-c", shown("FFmpeg", "A moving picture with a tone")}, m_cluster.path("ffmpeg.log"));
    QVERIFY2(!m_cluster.waitForSubscribeAddress("nodegroup-1", stream).isEmpty(), qPrintable(publisher.log()));

    look(RoutePurpose::Subscribe, stream);
    const test::ToolOutput seen = test::runTool("bash", {"-c", shown("FFmpeg", "See what it is made of")});
    QVERIFY2(seen.standardOutput.contains("codec_name=h264") && seen.standardOutput.contains("codec_name=aac"),
             seen.standardOutput + seen.standardError);
    plays(shown("FFmpeg", "Play"), stream);
    plays(shown("GStreamer", "Play over HTTP-FLV"), stream);
    plays(shown("GStreamer", "Play over RTMP"), stream);
}

void ShownSnippetsTest::publishWithGStreamer()
{
    const QString stream = "live/gst/show2";
    look(RoutePurpose::Publish, stream);
    test::Child publisher;
    publisher.start("bash", {"-c", shown("GStreamer", "A moving picture with a tone")}, m_cluster.path("gst.log"));
    QVERIFY2(!m_cluster.waitForSubscribeAddress("nodegroup-1", stream).isEmpty(), qPrintable(publisher.log()));
    look(RoutePurpose::Subscribe, stream);
    plays(shown("FFmpeg", "Play"), stream);
}

void ShownSnippetsTest::callsAnswerTheSame()
{
    const QString stream = "live/show3";
    look(RoutePurpose::Publish, stream);
    const test::ToolOutput origin =
        test::runTool("bash", {"-c", shown("Stream Manager API", "Sign in (curl)") + '\n' +
                                         shown("Stream Manager API", "Choose an origin (curl)")});
    const QString publishUrl = QString::fromUtf8(origin.standardOutput).trimmed();
    QCOMPARE(publishUrl, "rtmp://" + m_cluster.publishAddress("nodegroup-1", stream) + ":1935/" + stream);

    test::runTool("headgatectl", {"login", "--server", m_cluster.url(), "--user", "admin", "--password-file",
                                  m_cluster.passwordFile()});
    test::Child publisher;
    publisher.start("bash", {"-c", shown("headgatectl", "Publish a test picture")}, m_cluster.path("ctl.log"));
    QVERIFY2(!m_cluster.waitForSubscribeAddress("nodegroup-1", stream).isEmpty(), qPrintable(publisher.log()));

    look(RoutePurpose::Subscribe, stream);
    const test::ToolOutput edge =
        test::runTool("bash", {"-c", shown("Stream Manager API", "Sign in (curl)") + '\n' +
                                         shown("Stream Manager API", "Choose an edge (curl)")});
    QCOMPARE(QString::fromUtf8(edge.standardOutput).trimmed(), address(stream));
    QFile script(m_cluster.path("route.mjs"));
    QVERIFY(script.open(QIODevice::WriteOnly));
    script.write(shown("Stream Manager API", "Sign in and choose an edge (JavaScript)").toUtf8());
    script.close();
    const test::ToolOutput node = test::runTool("node", {script.fileName()});
    QCOMPARE(QString::fromUtf8(node.standardOutput).trimmed(), address(stream));
    const test::ToolOutput ctl = test::runTool("bash", {"-c", shown("headgatectl", "Choose an edge")});
    QVERIFY2(ctl.exitCode == 0, ctl.standardError);
}

void ShownSnippetsTest::cleanupTestCase()
{
    m_page.reset();
    m_plane.reset();
}

QTEST_MAIN(ShownSnippetsTest)
#include "shown_snippets_test.moc"
