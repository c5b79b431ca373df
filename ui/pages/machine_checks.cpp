#include "ui/pages/machine_checks.h"

#include "ui/format.h"

#include <QCoreApplication>
#include <QFile>
#include <QHostAddress>
#include <QTcpServer>
#include <QThread>

#include <algorithm>

namespace headgate {

namespace {

// Fan-out without merging costs about 0.22 core-seconds per Gbit; a third of a core is left for everything else.
constexpr std::int64_t viewersPerCore = 500;
constexpr std::int64_t bytesPerViewer = 512 * 1024;
constexpr quint16 rtmpPort = 1935;
constexpr quint16 httpPort = 5080;

struct CheckWords
{
    Q_DECLARE_TR_FUNCTIONS(headgate::CheckWords)
};

std::int64_t freeMemory()
{
    QFile file(QStringLiteral("/proc/meminfo"));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    const QList<QByteArray> lines = file.readAll().split('\n');
    for (const QByteArray& line : lines)
        if (line.startsWith("MemAvailable:"))
            return line.mid(13).trimmed().split(' ').front().toLongLong() * 1024;
    return 0;
}

// The first address that a node would get.
QHostAddress firstAddress(const QString& network)
{
    const auto [address, prefix] = QHostAddress::parseSubnet(network);
    return prefix < 0 ? QHostAddress(QHostAddress::LocalHost) : QHostAddress(address.toIPv4Address() + 1);
}

bool canListen(const QHostAddress& address, quint16 port)
{
    QTcpServer server;
    return server.listen(address, port);
}

MachineCheck capacityCheck(const MachineFacts& facts)
{
    const QString cores = CheckWords::tr("%n core(s)", nullptr, facts.cores);
    if (facts.freeMemoryBytes == 0)
        return {Status::Ok, cores, CheckWords::tr("The free memory is not known"), {}};
    const std::int64_t byMemory = facts.freeMemoryBytes / 2 / bytesPerViewer;
    const std::int64_t viewers = std::min(byMemory, facts.cores * viewersPerCore);
    MachineCheck check;
    check.title = CheckWords::tr("%1, %2 free").arg(cores, format::bytes(facts.freeMemoryBytes));
    check.meaning = CheckWords::tr("Room for about %1 viewers at 3 Mbit/s").arg(format::count(viewers));
    check.status = byMemory < viewersPerCore / 5 ? Status::Warning : Status::Ok;
    if (check.status == Status::Warning)
        check.remedy = CheckWords::tr("Close other programs to free memory.");
    return check;
}

MachineCheck networkCheck(const MachineFacts& facts)
{
    if (facts.hasLoopback && facts.hasFreePorts)
        return {Status::Ok,
                CheckWords::tr("Ports 1935 and 5080 are free"),
                CheckWords::tr("Each node gets an address of its own, reachable from this machine only"),
                {}};
    if (facts.hasLoopback)
        return {Status::Warning, CheckWords::tr("Port 1935 or 5080 is taken on %1").arg(facts.loopbackAddress),
                CheckWords::tr("Nodes of an earlier run may still serve; they are found again"),
                CheckWords::tr("Or end the program that holds them.")};
    return {Status::Warning,
            CheckWords::tr("Address %1 cannot be used").arg(facts.loopbackAddress),
            CheckWords::tr("All nodes share 127.0.0.1 and get a port each"),
            {}};
}

MachineCheck mediaCheck(const MachineFacts& facts)
{
    if (!facts.ffmpegVersion.isEmpty())
        return {Status::Ok, facts.ffmpegVersion, CheckWords::tr("Preview and test stream work"), {}};
    return {Status::Warning, CheckWords::tr("FFmpeg is not there"),
            CheckWords::tr("The cluster runs, without preview and test stream"),
            CheckWords::tr("Install the FFmpeg libraries and start again.")};
}

MachineCheck keychainCheck(const MachineFacts& facts)
{
    if (!facts.isKeychainKnown)
        return {Status::Pending, CheckWords::tr("Keychain"), CheckWords::tr("is being asked"), {}};
    switch (facts.keychain.state) {
    case SecretStoreState::Available:
        return {Status::Ok, CheckWords::tr("Keychain is open"), CheckWords::tr("Passwords can be kept there"), {}};
    case SecretStoreState::Locked:
        return {Status::Warning, CheckWords::tr("Keychain is locked"),
                CheckWords::tr("Passwords last until Headgate closes"), CheckWords::tr("Unlock it, then check again.")};
    case SecretStoreState::Unavailable:
        return {Status::Warning, CheckWords::tr("No keychain on this machine"),
                CheckWords::tr("Passwords last until Headgate closes"), CheckWords::tr("A local cluster needs none.")};
    }
    return {};
}

}  // namespace

MachineFacts examineMachine(const QString& localNetwork, const QString& ffmpegVersion)
{
    MachineFacts facts;
    facts.cores = QThread::idealThreadCount();
    facts.freeMemoryBytes = freeMemory();
    const QHostAddress address = firstAddress(localNetwork);
    facts.loopbackAddress = address.toString();
    facts.hasLoopback = canListen(address, 0);
    facts.hasFreePorts = facts.hasLoopback && canListen(address, rtmpPort) && canListen(address, httpPort);
    facts.ffmpegVersion = ffmpegVersion;
    return facts;
}

std::vector<MachineCheck> machineChecks(const MachineFacts& facts)
{
    return {capacityCheck(facts), networkCheck(facts), mediaCheck(facts), keychainCheck(facts)};
}

}  // namespace headgate
