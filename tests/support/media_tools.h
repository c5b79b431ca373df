#pragma once

#include <QElapsedTimer>
#include <QFile>
#include <QHostAddress>
#include <QProcess>
#include <QString>
#include <QStringList>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>

namespace headgate::test {

// A port that nobody listened on a moment ago.
inline quint16 freePort(const QString& address = QStringLiteral("127.0.0.1"))
{
    QTcpServer server;
    server.listen(QHostAddress(address));
    return server.serverPort();
}

// A child process whose output goes to a file, ended with the object.
class Child
{
public:
    Child() = default;
    ~Child() { kill(); }

    void start(const QString& program, const QStringList& arguments, const QString& logFile)
    {
        m_log = logFile;
        m_process.setProcessChannelMode(QProcess::MergedChannels);
        m_process.setStandardOutputFile(logFile, QIODevice::Append);
        m_process.start(program, arguments);
        m_process.waitForStarted();
    }

    bool isRunning() const { return m_process.state() != QProcess::NotRunning; }
    qint64 pid() const { return m_process.processId(); }
    int exitCode() const { return m_process.exitCode(); }
    bool waitForEnd(int timeoutMs) { return m_process.waitForFinished(timeoutMs) || !isRunning(); }
    void terminate() { m_process.terminate(); }
    void write(const QByteArray& bytes)
    {
        m_process.write(bytes);
        m_process.waitForBytesWritten(1000);
    }

    void kill()
    {
        if (!isRunning())
            return;
        m_process.kill();
        m_process.waitForFinished(5000);
    }

    QString log() const
    {
        QFile file(m_log);
        return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
    }

private:
    QProcess m_process;
    QString m_log;
};

struct ToolOutput
{
    int exitCode = -1;
    QByteArray standardOutput;
    QByteArray standardError;
};

// Runs a program to its end; exit code -2 if it had to be killed.
inline ToolOutput runTool(const QString& program, const QStringList& arguments, int timeoutMs = 30'000)
{
    QProcess process;
    process.start(program, arguments);
    const bool isDone = process.waitForFinished(timeoutMs);
    if (!isDone) {
        process.kill();
        process.waitForFinished(5000);
    }
    return {isDone ? process.exitCode() : -2, process.readAllStandardOutput(), process.readAllStandardError()};
}

// Evaluates `condition` until it holds or the deadline is over, handling events in between.
template <typename Condition>
bool waitUntil(Condition condition, int timeoutMs)
{
    QElapsedTimer timer;
    timer.start();
    while (!condition()) {
        if (timer.elapsed() > timeoutMs)
            return false;
        QTest::qWait(50);
    }
    return true;
}

}  // namespace headgate::test
