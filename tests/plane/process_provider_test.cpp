#include "core/provider/node_addresses.h"
#include "core/provider/node_program.h"
#include "core/provider/process_identity.h"
#include "core/provider/process_provider.h"
#include "core/provider/process_watcher.h"
#include "core/provider/spawn.h"
#include "tests/support/plane_parts.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest/QTest>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <map>
#include <mutex>
#include <string>

using namespace headgate;
using namespace headgate::test;

namespace {

// What a provider told of the end of nodes.
class Ends
{
public:
    void add(const NodeGone& gone)
    {
        const std::lock_guard lock(m_mutex);
        m_ends.push_back(gone);
    }

    std::string howOf(const std::string& id) const
    {
        const std::lock_guard lock(m_mutex);
        const auto found = std::ranges::find_if(m_ends, [&](const NodeGone& gone) { return gone.node.value == id; });
        return found == m_ends.end() ? std::string() : found->how;
    }

    int count() const
    {
        const std::lock_guard lock(m_mutex);
        return static_cast<int>(m_ends.size());
    }

private:
    mutable std::mutex m_mutex;
    std::vector<NodeGone> m_ends;
};

ProcessProviderOptions optionsFor(const std::string& dataDir, const std::string& network, Ends& ends)
{
    ProcessProviderOptions options;
    options.dataDir = dataDir;
    options.nodeProgram = builtProgram("headgate-node");
    options.controlAddress = "unix:" + dataDir + "/agent.sock";
    options.localNetwork = network;
    options.credentialOf = [](const NodeId& node) { return "secret of " + node.value; };
    options.onGone = [&ends](const NodeGone& gone) { ends.add(gone); };
    return options;
}

LaunchNode launchOf(const std::string& id)
{
    LaunchNode launch;
    launch.node.id = NodeId(id);
    launch.role = sampleGroup("g", 1, 1).roles.back();
    return launch;
}

pid_t pidOf(const ProviderStarted& started)
{
    return ProcessIdentity::fromReference(started.providerReference)->pid;
}

std::string linkOf(const std::string& path)
{
    return QFile::symLinkTarget(QString::fromStdString(path)).toStdString();
}

// Starts two nodes, tells their references and then waits to be killed.
int startNodesAndWait(const std::string& dataDir, const std::string& network)
{
    Ends ends;
    auto provider = ProcessProvider::make(optionsFor(dataDir, network, ends));
    for (const char* id : {"first", "second"}) {
        const auto started = (*provider)->start(launchOf(id));
        if (!started)
            return 1;
        std::printf("%s\n", started->providerReference.c_str());
    }
    std::fflush(stdout);
    for (;;)
        ::pause();
}

// A socket that listens on an address for as long as it lives.
class Listener
{
public:
    Listener(const std::string& address, std::uint16_t port)
    {
        sockaddr_in at = {};
        at.sin_family = AF_INET;
        at.sin_port = htons(port);
        ::inet_pton(AF_INET, address.c_str(), &at.sin_addr);
        m_isListening = ::bind(m_descriptor, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 &&
                        ::listen(m_descriptor, 1) == 0;
    }
    ~Listener() { ::close(m_descriptor); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    bool isListening() const { return m_isListening; }

private:
    int m_descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool m_isListening = false;
};

bool canConnect(const std::string& address, std::uint16_t port)
{
    sockaddr_in at = {};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    ::inet_pton(AF_INET, address.c_str(), &at.sin_addr);
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool isConnected = ::connect(descriptor, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
    ::close(descriptor);
    return isConnected;
}

bool waitUntilItListens(const ProviderStarted& started)
{
    const NodeEndpoints& at = started.endpoints;
    return waitFor([&] { return canConnect(at.address, at.rtmpPort) && canConnect(at.address, at.httpPort); });
}

}  // namespace

// Real processes of headgate-node. There is no control plane for them to talk to.
class ProcessProviderTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void aNodeRunsOnItsOwnAddress();
    void aNodeIsCutOffFromItsStarter();
    void aSecondStartAnswersWithTheFirst();
    void theEndOfANodeIsToldWithItsReason();
    void aNodeEndsWhenAsked();
    void aNodeThatDoesNotListenIsKilled();
    void aNodeThatDoesNotRunIsGoneAtOnce();
    void nodesOutliveTheirStarterAndAreAdopted();
    void unknownNodesAreEndedAtAdoption();
    void aReusedProcessNumberIsNotTheSameProcess();
    void aMissingProgramIsAnError();
    void addressesInUseAreSkipped();
    void nodesShareAnAddressWithPortsOfTheirOwn();
    void networksThatCannotBeAreRefused();
    void theNodeProgramIsFound();

private:
    std::unique_ptr<ProcessProvider> make();

    std::unique_ptr<QTemporaryDir> m_dir;
    std::string m_dataDir;
    std::unique_ptr<Ends> m_ends;
    std::unique_ptr<ProcessProvider> m_provider;
};

void ProcessProviderTest::init()
{
    m_dir = std::make_unique<QTemporaryDir>();
    m_dataDir = m_dir->path().toStdString();
    m_ends = std::make_unique<Ends>();
    m_provider = make();
}

void ProcessProviderTest::cleanup()
{
    if (!m_provider)
        m_provider = make();
    m_provider->adopt({});
    m_provider->terminateAll(Duration(2000));
    QVERIFY(waitFor([this] { return m_provider->runningCount() == 0; }));
    m_provider.reset();
}

std::unique_ptr<ProcessProvider> ProcessProviderTest::make()
{
    auto provider = ProcessProvider::make(optionsFor(m_dataDir, ownNetwork(), *m_ends));
    return provider ? std::move(*provider) : nullptr;
}

void ProcessProviderTest::aNodeRunsOnItsOwnAddress()
{
    const auto first = m_provider->start(launchOf("first"));
    QVERIFY2(first.has_value(), first ? "" : first.error().message.c_str());
    const auto second = m_provider->start(launchOf("second"));
    QVERIFY(second);
    QVERIFY(first->endpoints.address != second->endpoints.address);
    QCOMPARE(first->endpoints.rtmpPort, std::uint16_t{1935});
    QCOMPARE(first->endpoints.httpPort, std::uint16_t{5080});
    QVERIFY(isRunning(*ProcessIdentity::fromReference(first->providerReference)));
    QCOMPARE(m_provider->runningCount(), 2);
    // It listens: the address cannot be had any more.
    QVERIFY(waitUntilItListens(*first));
}

void ProcessProviderTest::aNodeIsCutOffFromItsStarter()
{
    // Without FD_CLOEXEC, as a careless library would open it.
    const int careless = ::open("/dev/zero", O_RDONLY);
    const auto started = m_provider->start(launchOf("first"));
    QVERIFY(started);
    // For some microseconds after execve(2) the kernel shows no command line.
    QVERIFY(waitUntilItListens(*started));
    const pid_t pid = pidOf(*started);
    const std::string proc = "/proc/" + std::to_string(pid);
    QCOMPARE(::getsid(pid), pid);
    QCOMPARE(linkOf(proc + "/fd/0"), std::string("/dev/null"));
    QCOMPARE(linkOf(proc + "/fd/1"), m_dataDir + "/nodes/first/node.log");
    QCOMPARE(linkOf(proc + "/fd/2"), m_dataDir + "/nodes/first/node.log");
    QCOMPARE(linkOf(proc + "/cwd"), std::string("/"));
    for (const QFileInfo& entry : QDir(QString::fromStdString(proc + "/fd"))
                                      .entryInfoList(QDir::NoDotAndDotDot | QDir::AllEntries | QDir::System))
        QVERIFY(entry.symLinkTarget() != QStringLiteral("/dev/zero"));
    ::close(careless);

    struct stat facts = {};
    const std::string credentialFile = m_dataDir + "/nodes/first/credential";
    QCOMPARE(::stat(credentialFile.c_str(), &facts), 0);
    QCOMPARE(facts.st_mode & 0777u, 0600u);
    QFile commandLine(QString::fromStdString(proc + "/cmdline"));
    QVERIFY(commandLine.open(QIODevice::ReadOnly));
    const QByteArray words = commandLine.readAll();
    QVERIFY(words.contains("first"));
    QVERIFY(!words.contains("secret of"));
}

void ProcessProviderTest::aSecondStartAnswersWithTheFirst()
{
    const auto first = m_provider->start(launchOf("first"));
    const auto again = m_provider->start(launchOf("first"));
    QVERIFY(first && again);
    QCOMPARE(again->providerReference, first->providerReference);
    QCOMPARE(again->endpoints, first->endpoints);
    QCOMPARE(m_provider->runningCount(), 1);
}

void ProcessProviderTest::theEndOfANodeIsToldWithItsReason()
{
    const auto started = m_provider->start(launchOf("first"));
    QVERIFY(started);
    ::kill(pidOf(*started), SIGKILL);
    QVERIFY(waitFor([&] { return m_ends->count() == 1; }));
    QCOMPARE(m_ends->howOf("first"), std::string("was killed by signal 9"));
    // Nothing of it is left on the list of processes.
    QVERIFY(::kill(pidOf(*started), 0) != 0);
}

void ProcessProviderTest::aNodeEndsWhenAsked()
{
    const auto started = m_provider->start(launchOf("first"));
    QVERIFY(started);
    QVERIFY(waitUntilItListens(*started));
    m_provider->terminate({NodeId("first"), started->providerReference});
    m_provider->terminate({NodeId("first"), started->providerReference});
    QVERIFY(waitFor([&] { return m_ends->count() == 1; }));
    QCOMPARE(m_ends->howOf("first"), std::string("exited with status 0"));
}

void ProcessProviderTest::aNodeThatDoesNotListenIsKilled()
{
    const auto started = m_provider->start(launchOf("first"));
    QVERIFY(started);
    QVERIFY(waitUntilItListens(*started));
    ::kill(pidOf(*started), SIGSTOP);
    m_provider->terminate({NodeId("first"), started->providerReference});
    QVERIFY(waitFor([&] { return m_ends->count() == 1; }));
    QCOMPARE(m_ends->howOf("first"), std::string("was killed by signal 9"));
}

void ProcessProviderTest::aNodeThatDoesNotRunIsGoneAtOnce()
{
    m_provider->terminate({NodeId("nobody"), "1:1"});
    QCOMPARE(m_ends->count(), 1);
}

void ProcessProviderTest::nodesOutliveTheirStarterAndAreAdopted()
{
    m_provider.reset();
    QProcess starter;
    starter.start(
        QCoreApplication::applicationFilePath(),
        {QStringLiteral("--start-nodes"), QString::fromStdString(m_dataDir), QString::fromStdString(ownNetwork())});
    QStringList references;
    while (references.size() < 2 && starter.waitForReadyRead(30'000)) {
        while (starter.canReadLine())
            references += QString::fromUtf8(starter.readLine()).trimmed();
    }
    QCOMPARE(references.size(), 2);
    starter.kill();
    QVERIFY(starter.waitForFinished());

    Node first;
    first.id = NodeId("first");
    Node second;
    second.id = NodeId("second");
    m_provider = make();
    const auto adopted = m_provider->adopt({first, second});
    QCOMPARE(adopted.size(), std::size_t{2});
    std::map<std::string, ProviderStarted> byId;
    for (const ProviderStarted& started : adopted)
        byId[started.node.value] = started;
    QCOMPARE(byId["first"].providerReference, references[0].toStdString());
    QCOMPARE(byId["second"].providerReference, references[1].toStdString());
    QVERIFY(byId["first"].endpoints.address != byId["second"].endpoints.address);
    QCOMPARE(byId["first"].endpoints.rtmpPort, std::uint16_t{1935});

    ::kill(pidOf(byId["first"]), SIGKILL);
    QVERIFY(waitFor([&] { return m_ends->count() == 1; }));
    QVERIFY(!m_ends->howOf("first").empty());
    // A third one does not get the address of the adopted one.
    const auto third = m_provider->start(launchOf("third"));
    QVERIFY(third);
    QVERIFY(third->endpoints.address != byId["second"].endpoints.address);
}

void ProcessProviderTest::unknownNodesAreEndedAtAdoption()
{
    const auto known = m_provider->start(launchOf("known"));
    const auto unknown = m_provider->start(launchOf("unknown"));
    QVERIFY(known && unknown);
    QVERIFY(waitUntilItListens(*known) && waitUntilItListens(*unknown));
    m_provider = make();
    Node node;
    node.id = NodeId("known");
    const auto adopted = m_provider->adopt({node});
    QCOMPARE(adopted.size(), std::size_t{1});
    QVERIFY(waitFor([&] { return !m_ends->howOf("unknown").empty(); }));
    QVERIFY(isRunning(*ProcessIdentity::fromReference(known->providerReference)));
}

void ProcessProviderTest::aReusedProcessNumberIsNotTheSameProcess()
{
    const auto started = m_provider->start(launchOf("first"));
    QVERIFY(started);
    ProcessIdentity other = *ProcessIdentity::fromReference(started->providerReference);
    --other.startTime;
    QVERIFY(!isRunning(other));
    QCOMPARE(openProcessDescriptor(other), -1);
    Ends ends;
    ProcessWatcher watcher([&ends](const NodeId& node, const std::string& how) { ends.add({node, how}); });
    watcher.watch(NodeId("other"), other);
    watcher.terminate(NodeId("other"), Duration(0));
    QVERIFY(waitFor([&] { return ends.count() == 1; }));
    QVERIFY(isRunning(*ProcessIdentity::fromReference(started->providerReference)));
    QVERIFY(!ProcessIdentity::fromReference("12"));
    QVERIFY(!ProcessIdentity::fromReference("-1:5"));
    QVERIFY(!ProcessIdentity::fromReference("12:x"));
}

void ProcessProviderTest::aMissingProgramIsAnError()
{
    ProcessProviderOptions options = optionsFor(m_dataDir, ownNetwork(), *m_ends);
    options.nodeProgram = "/nowhere/headgate-node";
    auto provider = ProcessProvider::make(options);
    QVERIFY(provider);
    const auto started = (*provider)->start(launchOf("first"));
    QVERIFY(!started);
    QVERIFY(started.error().message.find("/nowhere/headgate-node") != std::string::npos);
    QCOMPARE(m_ends->count(), 0);
}

void ProcessProviderTest::addressesInUseAreSkipped()
{
    const auto addresses = NodeAddresses::make(ownNetwork(), "");
    QVERIFY(addresses);
    const auto first = addresses->choose({});
    QVERIFY(first);
    QVERIFY(first->address.ends_with(".1"));
    const Listener stranger(first->address, 5080);
    QVERIFY(stranger.isListening());
    const auto second = addresses->choose({});
    QVERIFY(second);
    QVERIFY(second->address.ends_with(".2"));
    const auto third = addresses->choose({*second});
    QVERIFY(third);
    QVERIFY(third->address.ends_with(".3"));
    const auto full =
        NodeAddresses::make("127.0.0.0/30", "")->choose({{"127.0.0.1", 1935, 5080}, {"127.0.0.2", 1935, 5080}});
    QVERIFY(!full);
    QCOMPARE(full.error().code, ErrorCode::ResourceExhausted);
}

void ProcessProviderTest::nodesShareAnAddressWithPortsOfTheirOwn()
{
    const auto addresses = NodeAddresses::make("127.77.0.0/16", "127.0.0.1");
    QVERIFY(addresses);
    const auto first = addresses->choose({});
    QVERIFY(first);
    const auto second = addresses->choose({*first});
    QVERIFY(second);
    QCOMPARE(first->address, std::string("127.0.0.1"));
    QVERIFY(first->rtmpPort >= 20000);
    QCOMPARE(first->httpPort, first->rtmpPort + 1);
    QCOMPARE(first->rtmpsPort, std::uint16_t{0});
    QCOMPARE(first->srtPort, first->rtmpPort + 3);
    QCOMPARE(first->rtspPort, first->rtmpPort + 4);
    QVERIFY(second->rtmpPort > first->httpPort);
    const auto secure = NodeAddresses::make("127.77.0.0/16", "127.0.0.1", Rtmps::Yes)->choose({*first});
    QVERIFY(secure);
    QCOMPARE(secure->rtmpsPort, secure->rtmpPort + 2);
    QVERIFY(secure->rtmpPort > first->httpPort);
    const auto elsewhere = NodeAddresses::make("127.77.0.0/16", "192.0.2.7")->choose({});
    QVERIFY(!elsewhere);
    QCOMPARE(elsewhere.error().code, ErrorCode::Unavailable);
}

void ProcessProviderTest::networksThatCannotBeAreRefused()
{
    for (const std::string network :
         {"", "127.77.0.0", "127.77.0.0/", "127.77.0.0/31", "127.77.0.0/x", "10.0.0.0/8", "x/16"})
        QVERIFY2(!NodeAddresses::make(network, ""), network.c_str());
    QVERIFY(!NodeAddresses::make("127.77.0.0/16", "localhost"));
    QVERIFY(NodeAddresses::make("127.0.0.0/8", "::1"));
}

void ProcessProviderTest::theNodeProgramIsFound()
{
    qputenv("HEADGATE_NODE_PROGRAM", "/bin/sh");
    QCOMPARE(findNodeProgram().value(), std::string("/bin/sh"));
    qputenv("HEADGATE_NODE_PROGRAM", "/nowhere/at/all");
    QVERIFY(!findNodeProgram());
    qunsetenv("HEADGATE_NODE_PROGRAM");
    const QByteArray path = qgetenv("PATH");
    qputenv("PATH", QByteArray("/nowhere:") + QByteArray::fromStdString(builtProgram("")));
    QVERIFY(findNodeProgram());
    qputenv("PATH", "/nowhere");
    QVERIFY(!findNodeProgram());
    qputenv("PATH", path);
}

int main(int argc, char** argv)
{
    const QCoreApplication application(argc, argv);
    if (argc == 4 && std::string(argv[1]) == "--start-nodes")
        return startNodesAndWait(argv[2], argv[3]);
    ProcessProviderTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "process_provider_test.moc"
