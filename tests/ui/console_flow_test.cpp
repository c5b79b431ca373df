#include "app/composition.h"
#include "ui/dialogs/recovery_dialog.h"
#include "ui/dialogs/test_stream_dialog.h"
#include "ui/dialogs/typed_confirmation.h"
#include "ui/pages/break_menu.h"
#include "ui/pages/first_run_page.h"
#include "ui/pages/metrics_page.h"
#include "ui/pages/nodes_page.h"
#include "ui/pages/stream_inspector.h"
#include "ui/pages/streams_page.h"
#include "ui/widgets/metric_chart.h"
#include "ui/widgets/preview_player.h"

#include <QApplication>
#include <QCheckBox>
#include <QCryptographicHash>
#include <QFile>
#include <QProcess>
#include <QPushButton>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

using namespace headgate;

namespace {

// Loopback addresses that no other run uses.
QString networkOfThisRun()
{
    const qint64 pid = QCoreApplication::applicationPid();
    return QStringLiteral("127.%1.0.0/16").arg(130 + pid % 100);
}

QByteArray hashOf(const QImage& picture)
{
    const QImage plain = picture.convertToFormat(QImage::Format_RGB32);
    return QCryptographicHash::hash(
        QByteArray(reinterpret_cast<const char*>(plain.constBits()), static_cast<int>(plain.sizeInBytes())),
        QCryptographicHash::Sha1);
}

QPushButton* visibleButton(const QWidget& root, const QString& text)
{
    const QList<QPushButton*> buttons = root.findChildren<QPushButton*>();
    for (QPushButton* button : buttons)
        if (button->isVisible() && button->text() == text)
            return button;
    return nullptr;
}

void click(QWidget* widget)
{
    QVERIFY(widget != nullptr);
    QTest::mouseClick(widget, Qt::LeftButton);
}

}  // namespace

// The way of a newcomer, with real nodes and media: local cluster, test stream, preview, charts.
class ConsoleFlowTest : public QObject
{
    Q_OBJECT

private:
    Page* page(const QString& id) const
    {
        for (Page* each : m_console->window().pages())
            if (each->identity().id == id)
                return each;
        return nullptr;
    }

    QTemporaryDir m_folder;
    std::unique_ptr<Console> m_console;

private Q_SLOTS:
    void initTestCase()
    {
        ConsoleOptions options;
        options.dataDir = m_folder.filePath("data");
        options.settingsFile = m_folder.filePath("console.ini");
        options.localNetwork = networkOfThisRun();
        m_console = std::make_unique<Console>(*qApp, options);
        m_console->window().resize(1440, 900);
        m_console->open();
        QVERIFY(QTest::qWaitForWindowExposed(&m_console->window()));
    }

    void cleanupTestCase()
    {
        if (!m_console || !m_console->cluster())
            return;
        m_console->testStreams().setControlPlane(nullptr);
        QCOMPARE(m_console->cluster()->host().stopAllNodes(std::chrono::seconds(20)), 0);
        m_console.reset();
    }

    void firstRunStartsALocalCluster()
    {
        auto* firstRun = m_console->window().findChild<FirstRunPage*>();
        QVERIFY(firstRun != nullptr);
        auto* testStream = firstRun->findChild<QCheckBox*>("testStream");
        QVERIFY(testStream != nullptr);
        testStream->setChecked(false);
        bool isUp = false;
        connect(firstRun, &FirstRunPage::finished, this, [&isUp] { isUp = true; });
        click(firstRun->findChild<QPushButton*>("go"));
        QTRY_VERIFY_WITH_TIMEOUT(isUp, 60'000);
        QVERIFY(m_console->cluster() != nullptr);
        QCOMPARE(m_console->window().currentPage()->identity().id, QString("overview"));
        QCOMPARE(m_console->window().currentPage()->state(), PageState::Normal);
    }

    void testStreamIsStartedByItsButton()
    {
        QVERIFY(m_console->cluster() != nullptr);
        m_console->window().goTo("streams");
        Page* streams = page("streams");
        QTRY_COMPARE_WITH_TIMEOUT(streams->state(), PageState::Empty, 10'000);
        click(visibleButton(*streams, "Start test stream"));
        auto* dialog = m_console->window().findChild<TestStreamDialog*>();
        QVERIFY(dialog != nullptr);
        click(dialog->findChild<QPushButton*>("start"));
        QTRY_COMPARE_WITH_TIMEOUT(streams->state(), PageState::Normal, 30'000);
        QCOMPARE(m_console->testStreams().entries().size(), std::size_t(1));
    }

    void previewShowsAMovingPicture()
    {
        auto* streams = qobject_cast<StreamsPage*>(page("streams"));
        QVERIFY(streams != nullptr);
        PreviewPlayer& player = streams->inspector().player();
        QTRY_VERIFY_WITH_TIMEOUT(player.frameCount() > 0, 30'000);
        QSet<QByteArray> pictures;
        QTRY_VERIFY_WITH_TIMEOUT((pictures.insert(hashOf(player.frame())), pictures.size() >= 5), 30'000);
        QCOMPARE(player.phase(), PreviewPlayer::Phase::Playing);
        // The preview is a viewer like any other, served by an edge.
        QTRY_VERIFY_WITH_TIMEOUT(m_console->cluster()->host().snapshot()->totals.viewers >= 1, 15'000);
        QVERIFY(player.url().startsWith("http://127."));
        // Drawn, sent and shown on this machine.
        QTRY_COMPARE_WITH_TIMEOUT(player.glassToGlass().state(), LatencyState::Measured, 30'000);
        const Duration latency = player.glassToGlass().figures().now;
        QVERIFY(latency > Duration::zero() && latency < std::chrono::seconds(60));
    }

    void chartsGainPoints()
    {
        m_console->window().goTo("metrics");
        auto* metrics = qobject_cast<MetricsPage*>(page("metrics"));
        QVERIFY(metrics != nullptr);
        QTRY_COMPARE_WITH_TIMEOUT(metrics->state(), PageState::Normal, 10'000);
        QTRY_VERIFY_WITH_TIMEOUT(metrics->charts()[0]->pointCount() > 0, 10'000);
        const int before = metrics->charts()[0]->pointCount();
        QTRY_VERIFY_WITH_TIMEOUT(metrics->charts()[0]->pointCount() >= before + 3, 20'000);
    }

    // A real process is killed, and the dialog tells when another one serves.
    void anEdgeIsKilledOnPurposeAndTheRecoveryIsTold()
    {
        auto* nodes = qobject_cast<NodesPage*>(page("nodes"));
        QVERIFY(nodes != nullptr);
        m_console->window().goTo("nodes");
        QTRY_COMPARE_WITH_TIMEOUT(nodes->state(), PageState::Normal, 10'000);
        const SnapshotPtr before = m_console->cluster()->host().snapshot();
        const auto edge = std::ranges::find(before->nodes, std::string("edge"),
                                            [](const NodeStatus& status) { return status.node.pool.role; });
        QVERIFY(edge != before->nodes.end());
        nodes->reveal(QString::fromStdString(edge->node.id.value));
        nodes->breakMenu().breakNode(NodeHarm::Kill);
        auto* question = nodes->findChild<TypedConfirmation*>();
        QVERIFY(question != nullptr);
        click(question->findChild<QPushButton*>("act"));
        const auto* recovery = nodes->findChild<RecoveryDialog*>();
        QVERIFY(recovery != nullptr);
        QTRY_VERIFY_WITH_TIMEOUT(recovery->times().isWhole(), 60'000);
        qInfo("noticed after %lld ms, replaced after %lld ms, viewers back after %lld ms",
              static_cast<long long>(recovery->times().noticed->count()),
              static_cast<long long>(recovery->times().replaced->count()),
              static_cast<long long>(recovery->times().viewersBack->count()));
        QVERIFY(recovery->times().noticed <= recovery->times().replaced);
        QVERIFY(!m_console->cluster()->host().snapshot()->findNode(edge->node.id) ||
                m_console->cluster()->host().snapshot()->findNode(edge->node.id)->node.health == NodeHealth::Dead);
    }

    void theCommandLineGetsAnAccountOnce()
    {
        const QString command = QString::fromStdString(m_console->cluster()->setupCommand());
        QVERIFY(command.startsWith("headgatectl --server http://127.0.0.1:"));
        const QTemporaryDir folder;
        QFile password(folder.filePath("password"));
        QVERIFY(password.open(QIODevice::WriteOnly));
        password.write("a long enough password");
        password.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
        password.close();
        QStringList arguments = command.split(' ').mid(1);
        arguments << "--password-file" << password.fileName() << "--token-file" << folder.filePath("token");
        QProcess program;
        program.start(QCoreApplication::applicationDirPath() + "/headgatectl", arguments);
        QTRY_COMPARE_WITH_TIMEOUT(program.state(), QProcess::NotRunning, 30'000);
        QVERIFY2(program.exitCode() == 0, program.readAllStandardError().constData());
        QVERIFY(QFile::exists(folder.filePath("token")));
        QVERIFY(m_console->cluster()->setupCommand().empty());
    }
};

QTEST_MAIN(ConsoleFlowTest)
#include "console_flow_test.moc"
