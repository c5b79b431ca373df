#include "core/plane/control_plane.h"
#include "core/wire/native_codec.h"
#include "tests/support/random_domain.h"

#include <QTcpServer>
#include <QTcpSocket>
#include <QWebSocket>
#include <QWebSocketServer>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include <memory>
#include <optional>

using namespace headgate;

namespace {

constexpr int patienceMs = 20'000;

// The other end of the wire, one canned answer at a time. What a real server does is the matter of the contract test.
class ServerDouble : public QObject
{
public:
    ServerDouble() : m_webSockets(QStringLiteral("double"), QWebSocketServer::NonSecureMode)
    {
        connect(&m_listener, &QTcpServer::newConnection, this, &ServerDouble::accept);
        connect(&m_webSockets, &QWebSocketServer::newConnection, this, &ServerDouble::acceptReader);
        listen();
    }

    void listen()
    {
        if (!m_listener.listen(QHostAddress::LocalHost, m_port))
            qFatal("no port to listen on");
        m_port = m_listener.serverPort();
    }

    std::string url() const { return "http://127.0.0.1:" + std::to_string(m_port); }
    void refuseConnections() { m_listener.close(); }
    void closeReaders()
    {
        for (QWebSocket* reader : m_webSockets.findChildren<QWebSocket*>())
            reader->abort();
        m_reader = nullptr;
    }

    void send(const nlohmann::json& event)
    {
        if (m_reader)
            m_reader->sendTextMessage(QString::fromStdString(native::write(event)));
    }
    void sendSnapshot(const Snapshot& snapshot)
    {
        send({{"type", "snapshot"}, {"snapshot", native::toJson(snapshot)}});
    }
    void sendChange(const Snapshot& before, const Snapshot& after)
    {
        send({{"type", "change"}, {"change", native::changeBetween(before, after)}});
    }

    std::optional<Snapshot> greeting;  // sent to each new reader
    bool isSignedIn = true;
    bool isSilent = false;  // plain requests are never answered
    int status = 200;
    QByteArray body = "{}";
    int readers = 0;
    QByteArray lastRequest;  // plain ones

private:
    void accept()
    {
        while (QTcpSocket* socket = m_listener.nextPendingConnection())
            connect(socket, &QTcpSocket::readyRead, this, [this, socket] { serve(socket); });
    }

    void serve(QTcpSocket* socket)
    {
        const QByteArray request = socket->peek(1 << 20);
        const auto headEnd = request.indexOf("\r\n\r\n");
        if (headEnd < 0)
            return;
        const auto lengthAt = request.toLower().indexOf("content-length:");
        const auto length = lengthAt < 0 ? 0 : request.mid(lengthAt + 15, 12).split('\r').first().trimmed().toInt();
        if (request.size() < headEnd + 4 + length)
            return;
        socket->disconnect(this);
        if (request.startsWith("GET /api/v1/events") && isSignedIn && request.contains("Bearer letmein"))
            return m_webSockets.handleConnection(socket);
        lastRequest = socket->readAll();
        if (isSilent)
            return;
        const QByteArray answer = isSignedIn ? body : R"({"status":401,"detail":"The token does not hold."})";
        socket->write("HTTP/1.1 " + QByteArray::number(isSignedIn ? status : 401) + " Word\r\nContent-Length: " +
                      QByteArray::number(answer.size()) + "\r\nConnection: close\r\n\r\n" + answer);
        socket->disconnectFromHost();
    }

    void acceptReader()
    {
        m_reader = m_webSockets.nextPendingConnection();
        m_reader->setParent(&m_webSockets);
        ++readers;
        if (greeting)
            sendSnapshot(*greeting);
    }

    QTcpServer m_listener;
    QWebSocketServer m_webSockets;
    quint16 m_port = 0;
    QWebSocket* m_reader = nullptr;
};

std::unique_ptr<ControlPlane> connectTo(const ServerDouble& server)
{
    return makeRemoteControlPlane({server.url(), {"letmein"}});
}

bool hasState(const ControlPlane& plane, LinkState state)
{
    return QTest::qWaitFor([&] { return plane.link().state == state; }, patienceMs);
}

bool shows(const ControlPlane& plane, const Snapshot& snapshot)
{
    return QTest::qWaitFor([&] { return plane.snapshot() && *plane.snapshot() == snapshot; }, patienceMs);
}

}  // namespace

class RemoteControlPlaneTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void showsTheFirstSnapshotAndEveryChange()
    {
        testing::RandomDomain domain(1);
        ServerDouble server;
        Snapshot snapshot = domain.snapshot();
        server.greeting = snapshot;
        const auto plane = connectTo(server);
        QCOMPARE(plane->link().state, LinkState::Connecting);
        QVERIFY(!plane->snapshot());
        QVERIFY(shows(*plane, snapshot));
        QCOMPARE(plane->link().state, LinkState::Connected);
        for (int i = 0; i < 5; ++i) {
            const Snapshot next = domain.successor(snapshot);
            server.sendChange(snapshot, next);
            QVERIFY(shows(*plane, next));
            snapshot = next;
        }
        QCOMPARE(server.readers, 1);
    }

    void aGapIsHealedWithoutLosingTheLink()
    {
        testing::RandomDomain domain(2);
        ServerDouble server;
        const Snapshot first = domain.snapshot();
        const Snapshot missed = domain.successor(first);
        const Snapshot last = domain.successor(missed);
        server.greeting = first;
        const auto plane = connectTo(server);
        QVERIFY(shows(*plane, first));
        QSignalSpy linkChanges(plane.get(), &ControlPlane::linkChanged);
        server.greeting = last;
        server.sendChange(missed, last);
        QVERIFY(shows(*plane, last));
        QCOMPARE(server.readers, 2);
        QCOMPARE(linkChanges.size(), 0);
    }

    void gapsWithoutEndDoNotHammerTheServer()
    {
        testing::RandomDomain domain(3);
        ServerDouble server;
        const Snapshot first = domain.snapshot();
        const Snapshot missed = domain.successor(first);
        server.greeting = first;
        const auto plane = connectTo(server);
        QVERIFY(shows(*plane, first));
        server.sendChange(missed, domain.successor(missed));
        QVERIFY(QTest::qWaitFor([&] { return server.readers == 2; }, patienceMs));
        server.sendChange(missed, domain.successor(missed));
        QVERIFY(hasState(*plane, LinkState::Lost));
        QVERIFY(hasState(*plane, LinkState::Connected));
        QCOMPARE(server.readers, 3);
    }

    void comesBackWhenTheServerDoes()
    {
        testing::RandomDomain domain(4);
        ServerDouble server;
        const Snapshot first = domain.snapshot();
        server.greeting = first;
        const auto plane = connectTo(server);
        QVERIFY(shows(*plane, first));
        server.refuseConnections();
        server.closeReaders();
        QVERIFY(hasState(*plane, LinkState::Lost));
        QCOMPARE(plane->link().error.code, ErrorCode::Unavailable);
        QVERIFY(*plane->snapshot() == first);
        const Snapshot later = domain.successor(first);
        server.greeting = later;
        server.listen();
        QVERIFY(hasState(*plane, LinkState::Connected));
        QVERIFY(shows(*plane, later));
    }

    void aServerThatIsNotThereIsToldAtOnce()
    {
        ServerDouble server;
        server.refuseConnections();
        const auto plane = connectTo(server);
        QVERIFY(hasState(*plane, LinkState::Lost));
        QVERIFY(QString::fromStdString(plane->link().error.message).contains("refused"));
        server.greeting = testing::RandomDomain(5).snapshot();
        server.listen();
        plane->reconnect();
        QVERIFY(hasState(*plane, LinkState::Connected));
    }

    void silenceIsALostLink()
    {
        ServerDouble server;
        server.greeting = testing::RandomDomain(6).snapshot();
        const auto plane = connectTo(server);
        QVERIFY(hasState(*plane, LinkState::Connected));
        QVERIFY(hasState(*plane, LinkState::Lost));
        QVERIFY(hasState(*plane, LinkState::Connected));
    }

    void badCredentialsSignOutAndStopTrying()
    {
        ServerDouble server;
        server.isSignedIn = false;
        const auto plane = connectTo(server);
        QVERIFY(hasState(*plane, LinkState::SignedOut));
        QCOMPARE(plane->link().error.code, ErrorCode::Unauthenticated);
        server.lastRequest.clear();
        QTest::qWait(1500);  // longer than the first pause between attempts
        QVERIFY(server.lastRequest.isEmpty());
        server.isSignedIn = true;
        server.greeting = testing::RandomDomain(7).snapshot();
        plane->reconnect();
        QVERIFY(hasState(*plane, LinkState::Connected));
    }

    void aTokenThatRunsOutSignsOut()
    {
        ServerDouble server;
        server.greeting = testing::RandomDomain(8).snapshot();
        const auto plane = connectTo(server);
        QVERIFY(hasState(*plane, LinkState::Connected));
        server.isSignedIn = false;
        int answers = 0;
        plane->readAudit({}, [&](auto result) {
            ++answers;
            QCOMPARE(result.error().code, ErrorCode::Unauthenticated);
        });
        QVERIFY(hasState(*plane, LinkState::SignedOut));
        QVERIFY(QTest::qWaitFor([&] { return answers == 1; }, patienceMs));
    }

    void malformedEventsAreNoSnapshots()
    {
        testing::RandomDomain domain(9);
        ServerDouble server;
        const Snapshot first = domain.snapshot();
        server.greeting = first;
        const auto plane = connectTo(server);
        QVERIFY(shows(*plane, first));
        server.send({{"type", "snapshot"}, {"snapshot", {{"sequence", "x"}}}});
        QVERIFY(hasState(*plane, LinkState::Lost));
        QCOMPARE(plane->link().error.code, ErrorCode::Internal);
        QVERIFY(*plane->snapshot() == first);
    }

    void commandsCarryVersionAndRequestId()
    {
        ServerDouble server;
        const CommandOutcome outcome = testing::RandomDomain(10).commandOutcome();
        server.body = QByteArray::fromStdString(native::write(native::toJson(outcome)));
        const auto plane = connectTo(server);
        std::optional<Result<CommandOutcome>> answer;
        plane->submit({DeleteNodeGroup{NodeGroupName("g")}, {}, RequestId("request-1"), 7, Execution::Commit},
                      [&](auto result) { answer = std::move(result); });
        QVERIFY(QTest::qWaitFor([&] { return answer.has_value(); }, patienceMs));
        QVERIFY(answer->has_value() && **answer == outcome);
        QVERIFY(server.lastRequest.startsWith("DELETE /api/v1/node-groups/g HTTP/1.1"));
        QVERIFY(server.lastRequest.contains("If-Match: \"7\"\r\n"));
        QVERIFY(server.lastRequest.contains("X-Request-Id: request-1\r\n"));
    }

    void problemsBecomeErrors()
    {
        ServerDouble server;
        const Error error{ErrorCode::VersionMismatch, "It is version 8 now.", "Read it again.", "/name"};
        server.status = 412;
        server.body = QByteArray::fromStdString(native::write(native::problem(error, 412, {})));
        const auto plane = connectTo(server);
        std::optional<Result<CommandOutcome>> answer;
        plane->submit({DrainNode{NodeId("n")}, {}, {}, {}, Execution::DryRun},
                      [&](auto result) { answer = std::move(result); });
        QVERIFY(QTest::qWaitFor([&] { return answer.has_value(); }, patienceMs));
        QVERIFY(!answer->has_value() && answer->error() == error);
    }

    void everyQuestionIsAnsweredOnceEvenWhenThePlaneGoesAway()
    {
        ServerDouble server;
        server.isSilent = true;
        auto plane = connectTo(server);
        int answers = 0;
        const auto count = [&](const auto& result) {
            ++answers;
            QCOMPARE(result.error().code, ErrorCode::Unavailable);
        };
        plane->submit({DrainNode{NodeId("n")}, {}, {}, {}, {}}, count);
        plane->route({RoutePurpose::Publish, NodeGroupName("g"), {"live", "a"}, {}, {}, 1}, count);
        plane->readAudit({}, count);
        plane->readMetrics({}, count);
        QVERIFY(QTest::qWaitFor([&] { return !server.lastRequest.isEmpty(); }, patienceMs));
        QCOMPARE(answers, 0);
        plane.reset();
        QCOMPARE(answers, 4);
    }

    void anAddressThatIsNoneIsRefused()
    {
        for (const char* url :
             {"", "http://", "ftp://127.0.0.1", "http://user:pw@127.0.0.1", "http://127.0.0.1/path"}) {
            const auto plane = makeRemoteControlPlane({url, {"t"}});
            QVERIFY2(plane->link().state == LinkState::Lost, url);
            QCOMPARE(plane->link().error.code, ErrorCode::InvalidArgument);
        }
    }

    void signingInGivesTheTokens()
    {
        ServerDouble server;
        server.body =
            R"({"token":"abc","accessToken":"abc","refreshToken":"def","tokenType":"Bearer","expiresIn":900})";
        std::optional<Result<SessionCredentials>> answer;
        signIn(this, {server.url()}, "admin", "secret", [&](auto result) { answer = std::move(result); });
        QVERIFY(QTest::qWaitFor([&] { return answer.has_value(); }, patienceMs));
        QVERIFY(answer->has_value());
        QVERIFY((**answer == SessionCredentials{"abc", "def", std::chrono::seconds(900)}));
        QVERIFY(server.lastRequest.startsWith("POST /api/v1/sessions"));
        QVERIFY(server.lastRequest.contains(R"({"password":"secret","username":"admin"})"));
    }

    void signingInWithAWrongPasswordIsRefused()
    {
        ServerDouble server;
        server.isSignedIn = false;
        std::optional<Result<SessionCredentials>> answer;
        signIn(this, {server.url()}, "admin", "wrong", [&](auto result) { answer = std::move(result); });
        QVERIFY(QTest::qWaitFor([&] { return answer.has_value(); }, patienceMs));
        QCOMPARE(answer->error().code, ErrorCode::Unauthenticated);
    }

    void signingInIsAnsweredWhenItsContextGoes()
    {
        ServerDouble server;
        server.isSilent = true;
        auto context = std::make_unique<QObject>();
        int answers = 0;
        signIn(context.get(), {server.url()}, "admin", "secret", [&](const auto&) { ++answers; });
        context.reset();
        QCOMPARE(answers, 1);
    }
};

QTEST_GUILESS_MAIN(RemoteControlPlaneTest)
#include "remote_control_plane_test.moc"
