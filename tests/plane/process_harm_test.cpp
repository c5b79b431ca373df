#include "core/provider/process_harm.h"

#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QTest>
#include <QThread>

#include <sys/wait.h>
#include <unistd.h>

using namespace headgate;
using std::chrono::milliseconds;

namespace {

// The third field of /proc/<pid>/stat (proc(5)): 'S' sleeping, 'T' stopped, 0 gone.
char stateOf(const ProcessIdentity& process)
{
    QFile file(QStringLiteral("/proc/%1/stat").arg(process.pid));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    const QByteArray text = file.readAll();
    return text[text.lastIndexOf(')') + 2];
}

QElapsedTimer started()
{
    QElapsedTimer timer;
    timer.start();
    return timer;
}

}  // namespace

// With real processes.
class ProcessHarmTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_process.start(QStringLiteral("sleep"), {QStringLiteral("60")});
        QVERIFY(m_process.waitForStarted());
        m_victim = *identify(static_cast<pid_t>(m_process.processId()));
        QTRY_COMPARE(stateOf(m_victim), 'S');
    }
    void cleanup()
    {
        m_process.kill();
        QTRY_COMPARE(m_process.state(), QProcess::NotRunning);
    }

    void whatIsKilledIsGone()
    {
        QVERIFY(harmProcess(m_victim, NodeHarm::Kill, {}));
        QTRY_COMPARE(m_process.state(), QProcess::NotRunning);
        const auto again = harmProcess(m_victim, NodeHarm::Kill, {});
        QVERIFY(!again);
        QCOMPARE(again.error().code, ErrorCode::NotFound);
    }

    void whatIsFrozenGoesOn()
    {
        QVERIFY(harmProcess(m_victim, NodeHarm::Freeze, milliseconds(500)));
        QTRY_COMPARE(stateOf(m_victim), 'T');
        QTRY_COMPARE(stateOf(m_victim), 'S');
        QCOMPARE(m_process.state(), QProcess::Running);
    }

    void whatIsSlowStopsAndGoesOnAgainAndAgain()
    {
        QVERIFY(harmProcess(m_victim, NodeHarm::Slow, milliseconds(1500)));
        int turns = 0;
        char last = 'S';
        for (QElapsedTimer since = started(); turns < 3 && since.elapsed() < 20'000; QThread::msleep(1)) {
            const char state = stateOf(m_victim);
            turns += last == 'T' && state == 'S' ? 1 : 0;
            last = state;
        }
        QCOMPARE(turns, 3);
        QTest::qWait(1700);
        QCOMPARE(stateOf(m_victim), 'S');
    }

    // Somebody lets it go, whatever becomes of the one who froze it.
    void itGoesOnWithoutWhoFrozeIt()
    {
        const pid_t harmer = ::fork();
        if (harmer == 0) {
            const bool isHarmed = harmProcess(m_victim, NodeHarm::Freeze, milliseconds(700)).has_value();
            ::_exit(isHarmed ? 0 : 1);
        }
        int status = -1;
        QCOMPARE(::waitpid(harmer, &status, 0), harmer);
        QCOMPARE(status, 0);
        QTRY_COMPARE(stateOf(m_victim), 'T');
        QTRY_COMPARE(stateOf(m_victim), 'S');
    }

private:
    QProcess m_process;
    ProcessIdentity m_victim;
};

QTEST_GUILESS_MAIN(ProcessHarmTest)
#include "process_harm_test.moc"
