#include "core/plane/node_prober.h"
#include "tests/support/lone_node.h"
#include "tests/support/plane_parts.h"

#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

#include <csignal>
#include <mutex>
#include <vector>

using namespace headgate;
using namespace headgate::test;

// The control plane's own look, at real nodes and at what only seems to be one.
class NodeProberTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aNodeThatRunsAnswersAndOneThatIsStoppedDoesNot()
    {
        LoneNode node;
        QVERIFY2(node.start(), qPrintable(node.log()));
        const std::string address = node.address().toStdString();
        QVERIFY(answers(address, 1935));
        QVERIFY2(!node.log().contains("ended"), qPrintable(node.log()));  // who only looks leaves no line
        ::kill(static_cast<pid_t>(node.pid()), SIGSTOP);
        QVERIFY(!answers(address, 1935));
        ::kill(static_cast<pid_t>(node.pid()), SIGCONT);
        QVERIFY(answers(address, 1935));
        node.terminate();
        QVERIFY(node.waitForEnd(30'000));
        QVERIFY(!answers(address, 1935));
    }

    void whoSaysSomethingElseIsNoNode()
    {
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        connect(&server, &QTcpServer::newConnection, &server, [&server] {
            QTcpSocket* client = server.nextPendingConnection();
            client->write("HTTP/1.1 400 Bad Request\r\n\r\n");
        });
        QVERIFY(!answers("127.0.0.1", server.serverPort()));
    }

    void aNameThatDoesNotExistIsNoNode() { QVERIFY(!answers("no-such-host.invalid", 1935)); }

    void itEndsWhileProbesAreUnderWay()
    {
        QTcpServer silent;
        QVERIFY(silent.listen(QHostAddress::LocalHost));
        auto prober = std::make_unique<NodeProber>([](const NodeProbed&) {});
        for (int i = 0; i < 2 * NodeProber::mostAtOnce; ++i)
            prober->begin(orderFor("127.0.0.1", silent.serverPort()));
        prober.reset();
    }

private:
    static ProbeNode orderFor(const std::string& address, std::uint16_t port)
    {
        ProbeNode order{NodeId("a"), {}};
        order.endpoints.address = address;
        order.endpoints.rtmpPort = port;
        return order;
    }

    static bool answers(const std::string& address, std::uint16_t port)
    {
        std::mutex mutex;
        std::vector<NodeProbed> told;
        NodeProber prober([&](const NodeProbed& probed) {
            const std::lock_guard lock(mutex);
            told.push_back(probed);
        });
        prober.begin(orderFor(address, port));
        const bool isTold = waitFor([&] {
            QCoreApplication::processEvents();
            const std::lock_guard lock(mutex);
            return !told.empty();
        });
        const std::lock_guard lock(mutex);
        return isTold && told.front().node == NodeId("a") && told.front().answers;
    }
};

QTEST_GUILESS_MAIN(NodeProberTest)
#include "node_prober_test.moc"
