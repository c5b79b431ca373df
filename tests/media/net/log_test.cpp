#include "core/media/net/log.h"

#include <QtCore/QTemporaryFile>
#include <QtTest/QTest>

#include <unistd.h>

#include <cstdio>
#include <functional>
#include <string>

using namespace headgate;

namespace {

// What is written to standard output meanwhile, without times and levels.
QList<QByteArray> linesOf(const std::function<void()>& write)
{
    QTemporaryFile file;
    if (!file.open())
        return {};
    std::fflush(stdout);
    const int output = ::dup(STDOUT_FILENO);
    ::dup2(file.handle(), STDOUT_FILENO);
    write();
    std::fflush(stdout);
    ::dup2(output, STDOUT_FILENO);
    ::close(output);
    file.seek(0);
    QList<QByteArray> lines;
    while (!file.atEnd())
        lines << file.readLine().trimmed().split(' ').mid(2).join(' ');
    return lines;
}

}  // namespace

class LogTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aClientThatAsksAgainAndAgainIsToldOfOnce()
    {
        const Log log;
        const auto lines = linesOf([&] {
            for (int port = 5000; port < 5050; ++port)
                log.refusal("rtmp", "127.0.0.1:" + std::to_string(port), "This node drains.");
            log.refusal("rtmp", "127.0.0.1:6000", "The stream live/b is not live.");
            log.refusal("http", "127.0.0.1:6000", "This node drains.");
            log.refusal("rtmp", "[::1]:6000", "This node drains.");
            log.refusal("rtmp", "[::1]:6001", "This node drains.");
        });
        QCOMPARE(lines, (QList<QByteArray>{"rtmp 127.0.0.1:5000: refused: This node drains.",
                                           "rtmp 127.0.0.1:6000: refused: The stream live/b is not live.",
                                           "http 127.0.0.1:6000: refused: This node drains.",
                                           "rtmp [::1]:6000: refused: This node drains."}));
    }

    void manyClientsAreBoundedAsEver()
    {
        const Log log;
        const auto lines = linesOf([&] {
            for (int i = 0; i < 5000; ++i)
                log.refusal("rtmp", "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250) + ":1", "Full.");
            log.tellLeftOut();
        });
        QCOMPARE(lines.size(), Log::mostClientLines + 1);
        QCOMPARE(lines.back(), QByteArray("4900 more lines about clients in the last second"));
    }
};

QTEST_GUILESS_MAIN(LogTest)
#include "log_test.moc"
