#pragma once

#include "tests/support/cluster_fixture.h"

#include <QCoreApplication>
#include <QTemporaryDir>

namespace headgate::test {

// A real headgate-node without a control plane, on a loopback address of its own with the usual ports.
class LoneNode
{
public:
    LoneNode()
    {
        const qint64 pid = QCoreApplication::applicationPid();
        m_address = QStringLiteral("127.%1.%2.1").arg(200 + pid / 256 % 50).arg(pid % 256);
    }

    bool start(const QStringList& more = {})
    {
        m_process.start(Cluster::program("headgate-node"), QStringList{"--address", m_address} + more,
                        path("node.log"));
        return waitUntil([this] { return !m_process.isRunning() || log().contains("listens"); }, 20'000) &&
               m_process.isRunning();
    }

    bool isRunning() const { return m_process.isRunning(); }
    void terminate() { m_process.terminate(); }
    bool waitForEnd(int timeoutMs) { return m_process.waitForEnd(timeoutMs); }
    int exitCode() const { return m_process.exitCode(); }
    qint64 pid() const { return m_process.pid(); }
    QString address() const { return m_address; }
    QString log() const { return m_process.log(); }
    QString path(const QString& name) const { return m_dir.filePath(name); }
    QString rtmp(const QString& stream) const { return "rtmp://" + m_address + "/" + stream; }
    QString http(const QString& stream) const { return "http://" + m_address + ":5080/" + stream + ".flv"; }
    QString whep(const QString& stream) const { return "http://" + m_address + ":5080/whep/" + stream; }

private:
    QTemporaryDir m_dir;
    QString m_address;
    Child m_process;
};

}  // namespace headgate::test
