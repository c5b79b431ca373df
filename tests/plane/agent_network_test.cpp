#include "core/plane/agent_server.h"
#include "core/plane/local_authority.h"
#include "tests/plane/tls_client.h"
#include "tests/support/plane_parts.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <mutex>
#include <vector>

using namespace headgate;
using namespace headgate::test;

namespace {

TimePoint now()
{
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

}  // namespace

// Real nodes that come over the network, with what they may show.
class AgentNetworkTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_authority = authorityIn(*m_folder);
        m_connected.clear();
        m_told.clear();
        AgentServerOptions options;
        options.socketPath = m_folder->filePath("agent.sock").toStdString();
        options.credentialOf = [](const NodeId& node) { return "credential of " + node.value; };
        options.pullTokenOf = [](const NodeId&) { return std::string("token"); };
        options.onObservation = [this](const Observation& observation) {
            const std::lock_guard lock(m_mutex);
            if (const auto* heartbeat = std::get_if<NodeHeartbeat>(&observation))
                m_connected.push_back(heartbeat->node.value);
        };
        auto tls = ServerTls::issuedBy(m_authority, {"127.0.0.1"}, TlsClients::Certified, now());
        options.network = AgentNetwork{"127.0.0.1", 0, *tls, [](const NodeId&) {},
                                       [this](const std::string& line) {
                                           const std::lock_guard lock(m_mutex);
                                           m_told.push_back(line);
                                       }};
        auto server = AgentServer::listen(std::move(options));
        QVERIFY2(server.has_value(), server ? "" : server.error().message.c_str());
        m_server = std::move(*server);
    }

    void cleanup()
    {
        m_node.kill();
        m_node.waitForFinished();
        m_server.reset();
    }

    void itsOwnCertificateLetsANodeIn()
    {
        start("a", "credential of a", keysOf(*m_authority, "a", now()));
        QVERIFY(waitFor([this] { return isConnected("a"); }));
        QVERIFY(told("").empty());
        QVERIFY(m_server->networkPort() != 0);
    }

    void whoMayNotComeInIsToldAndSoIsTheOperator_data()
    {
        QTest::addColumn<QString>("keys");
        QTest::addColumn<QString>("credential");
        QTest::addColumn<QString>("operatorHears");
        QTest::addColumn<QString>("nodeHears");
        QTest::newRow("none") << "none"
                              << "credential of a"
                              << "has to show its certificate"
                              << "has to show its certificate";
        QTest::newRow("another node's") << "b"
                                        << "credential of a"
                                        << "is that of node b"
                                        << "is that of node b";
        QTest::newRow("expired") << "expired"
                                 << "credential of a"
                                 << "certificate has expired"
                                 << "certificate expired";
        QTest::newRow("of another authority") << "foreign"
                                              << "credential of a"
                                              << "certificate does not hold"
                                              << "connection lost";
        QTest::newRow("a server's") << "server"
                                    << "credential of a"
                                    << "certificate does not hold"
                                    << "connection lost";
        QTest::newRow("wrong credential") << "a"
                                          << "guessed"
                                          << "credential does not hold"
                                          << "credential does not hold";
        QTest::newRow("who trusts another authority") << "distrusting"
                                                      << "credential of a"
                                                      << "unknown ca"
                                                      << "certificate is not trusted";
        QTest::newRow("no TLS") << ""
                                << "credential of a"
                                << "handshake failed"
                                << "connection lost";
    }
    void whoMayNotComeInIsToldAndSoIsTheOperator()
    {
        QFETCH(QString, keys);
        QFETCH(QString, credential);
        QFETCH(QString, operatorHears);
        QFETCH(QString, nodeHears);
        start("a", credential.toStdString(), keysNamed(keys));
        QVERIFY2(waitFor([&] { return !told(operatorHears.toStdString()).empty(); }),
                 (told("") + " / " + m_node.readAll().toStdString()).c_str());
        QVERIFY(told(operatorHears.toStdString()).find("127.0.0.1") != std::string::npos);
        QString log;
        QVERIFY2(waitFor([&] {
                     m_node.waitForReadyRead(50);
                     log += m_node.readAll();
                     return log.contains(nodeHears);
                 }),
                 qPrintable(log));
        QVERIFY(!isConnected("a"));
    }

    void oldVersionsAndWeakCiphersAreRefused()
    {
        TlsWish wish{m_authority->certificateFile()};
        for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
            wish.newestVersion = version;
            QCOMPARE(TlsClient(m_server->networkPort(), wish).failure(), std::string("tlsv1 alert protocol version"));
        }
        wish.newestVersion = TLS1_2_VERSION;
        wish.ciphers = "ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:AES128-GCM-SHA256:@SECLEVEL=0";
        QCOMPARE(TlsClient(m_server->networkPort(), wish).failure(), std::string("sslv3 alert handshake failure"));
    }

    // Whoever opens many connections and says nothing keeps out himself alone.
    void strangersOfOneAddressHaveAShare()
    {
        std::vector<std::unique_ptr<RawConnection>> strangers;
        for (int i = 0; i < 200; ++i)
            strangers.push_back(std::make_unique<RawConnection>(m_server->networkPort(), "127.0.0.5"));
        RawConnection more(m_server->networkPort(), "127.0.0.5");
        QVERIFY(more.isClosedByPeer());
        QVERIFY(strangers.back()->isSilent());  // else both were ended because they said nothing
        const RawConnection other(m_server->networkPort(), "127.0.0.6");
        RawConnection again(m_server->networkPort(), "127.0.0.5");
        QVERIFY(again.isClosedByPeer());
        QVERIFY(other.isSilent());  // although it came before
        start("a", "credential of a", keysOf(*m_authority, "a", now()));
        QVERIFY(waitFor([this] { return isConnected("a"); }));
    }

    void aCertificateThatIsReplacedIsShownAtTheNextConnection()
    {
        start("a", "credential of a", keysOf(*m_authority, "a", now() - std::chrono::days(3)));
        QVERIFY(waitFor([&] { return !told("expired").empty(); }));
        put("control.pem", keysOf(*m_authority, "a", now()));
        QVERIFY(waitFor([this] { return isConnected("a"); }));
    }

private:
    static std::shared_ptr<const LocalAuthority> authorityIn(const QTemporaryDir& folder)
    {
        return LocalAuthority::open(folder.path().toStdString(), std::string(32, 'k'), now()).value();
    }

    static std::string keysOf(const LocalAuthority& authority, const std::string& node, TimePoint at)
    {
        return authority.issueForNode(NodeId(node), at);
    }

    std::string keysNamed(const QString& name) const
    {
        const QTemporaryDir other;
        const auto stranger = authorityIn(other);
        const std::string ours = toPem(m_authority->certificate());
        if (name == "none")
            return ours;
        if (name == "expired")
            return keysOf(*m_authority, "a", now() - std::chrono::days(3));
        if (name == "foreign")
            return keysOf(*stranger, "a", now()) + ours;
        if (name == "distrusting")
            return keysOf(*stranger, "a", now());
        if (name == "server") {
            const auto own = m_authority->issueForServer({"127.0.0.1"}, now());
            return toPem(own->key) + toPem(own->certificate) + ours;
        }
        return name.isEmpty() ? std::string() : keysOf(*m_authority, name.toStdString(), now());
    }

    void put(const QString& name, const std::string& text) const
    {
        QFile file(m_folder->filePath(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray::fromStdString(text));
    }

    void start(const QString& id, const std::string& credential, const std::string& keys)
    {
        put("credential", credential);
        put("control.pem", keys);
        m_node.setProcessChannelMode(QProcess::MergedChannels);
        QStringList arguments{"--node-id",         id,
                              "--credential-file", m_folder->filePath("credential"),
                              "--control",         "127.0.0.1:" + QString::number(m_server->networkPort()),
                              "--rtmp-port",       "0",
                              "--http-port",       "0"};
        if (!keys.empty())
            arguments += {"--control-keys", m_folder->filePath("control.pem")};
        m_node.start(QString::fromStdString(builtProgram("headgate-node")), arguments);
        QVERIFY(m_node.waitForStarted());
    }

    bool isConnected(const std::string& node) const
    {
        const std::lock_guard lock(m_mutex);
        return std::ranges::find(m_connected, node) != m_connected.end();
    }

    // The first line with these words; empty if there is none.
    std::string told(const std::string& words) const
    {
        const std::lock_guard lock(m_mutex);
        for (const std::string& line : m_told) {
            if (line.find(words) != std::string::npos)
                return line;
        }
        return {};
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::shared_ptr<const LocalAuthority> m_authority;
    mutable std::mutex m_mutex;
    std::vector<std::string> m_connected;
    std::vector<std::string> m_told;
    std::unique_ptr<AgentServer> m_server;
    QProcess m_node;
};

QTEST_GUILESS_MAIN(AgentNetworkTest)
#include "agent_network_test.moc"
