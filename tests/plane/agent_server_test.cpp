#include "core/plane/agent_address.h"
#include "core/plane/agent_server.h"
#include "core/plane/key_file.h"
#include "tests/support/plane_parts.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest/QTest>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

using namespace headgate;
using namespace headgate::test;

namespace {

// A node's end of the connection, byte by byte.
class RawNode
{
public:
    explicit RawNode(const std::string& path)
    {
        sockaddr_un address = {};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
        m_isConnected = ::connect(m_descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }
    ~RawNode() { ::close(m_descriptor); }
    RawNode(const RawNode&) = delete;
    RawNode& operator=(const RawNode&) = delete;

    bool isConnected() const { return m_isConnected; }

    bool sendBytes(const std::string& bytes)
    {
        return ::send(m_descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
    }

    bool send(const node_protocol::FromNode& message)
    {
        return sendBytes(node_protocol::frame(node_protocol::encode(message)));
    }

    // The next message; none if the connection ends, or 20 s pass, before it is there.
    std::optional<node_protocol::ToNode> receive()
    {
        for (;;) {
            if (const auto message = m_reader.next()) {
                auto decoded = node_protocol::decodeToNode(*message);
                return decoded ? std::optional(std::move(*decoded)) : std::nullopt;
            }
            if (!readOnce())
                return std::nullopt;
        }
    }

    template <typename Message>
    std::optional<Message> receiveOnly()
    {
        const auto message = receive();
        return message && std::holds_alternative<Message>(*message) ? std::optional(std::get<Message>(*message))
                                                                    : std::nullopt;
    }

    // True if the other side ends the connection within 20 s.
    bool isClosed()
    {
        while (readOnce())
            continue;
        return m_isEnded;
    }

private:
    bool readOnce()
    {
        pollfd question = {m_descriptor, POLLIN, 0};
        if (::poll(&question, 1, 20'000) != 1)
            return false;
        std::array<char, 65536> bytes;
        const ssize_t got = ::recv(m_descriptor, bytes.data(), bytes.size(), 0);
        m_isEnded = got <= 0;
        return got > 0 && m_reader.append(std::string_view(bytes.data(), static_cast<std::size_t>(got))).has_value();
    }

    int m_descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool m_isConnected = false;
    bool m_isEnded = false;
    node_protocol::FrameReader m_reader;
};

node_protocol::Hello helloOf(const std::string& id, std::uint64_t incarnation = 1)
{
    node_protocol::Hello hello;
    hello.node = NodeId(id);
    hello.credential = "credential of " + id;
    hello.incarnation = incarnation;
    hello.processId = 1234;
    hello.softwareVersion = "0.1";
    hello.endpoints = {"127.0.0.9", 1935, 5080};
    return hello;
}

node_protocol::Heartbeat heartbeatOf(std::uint64_t sequence)
{
    node_protocol::Heartbeat heartbeat;
    heartbeat.sequence = sequence;
    heartbeat.load.subscribers = 3;
    return heartbeat;
}

}  // namespace

class AgentServerTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void aKnownNodeIsWelcomedAndHeard();
    void ordersReachTheNode();
    void questionsAreAnsweredOrGivenUp();
    void aWrongCredentialIsRefused();
    void anotherProtocolVersionIsRefused();
    void aHeartbeatBeforeTheHelloIsRefused();
    void wordsThatAreNoMessageAreIgnoredOnceKnown();
    void wordsThatAreNoMessageAreRefusedBeforeTheHello();
    void anAnnouncedGiantEndsTheConnection();
    void muchTalkBeforeTheHelloEndsTheConnection();
    void messagesMayComeInSinglesBytes();
    void silenceEndsTheConnection();
    void aNewerIncarnationTakesOver();
    void anOlderIncarnationIsRefused();
    void aSecondHelloIsRefused();
    void whoDoesNotReadIsDisconnected();
    void manyStrangersDoNotDisturb();
    void ordersToNobodyAreDropped();
    void theSocketIsClosedToOthers();
    void aLongDataDirectoryGetsAShortSocket();
    void theKeyFileIsMadeOnceAndGuarded();

private:
    std::vector<Observation> observations() const;
    template <typename Kind>
    int count() const;

    std::unique_ptr<QTemporaryDir> m_dir;
    std::string m_path;
    mutable std::mutex m_mutex;
    std::vector<Observation> m_observations;
    NodeTraffic m_traffic;
    std::unique_ptr<AgentServer> m_server;
};

void AgentServerTest::init()
{
    m_dir = std::make_unique<QTemporaryDir>();
    m_path = m_dir->filePath(QStringLiteral("agent.sock")).toStdString();
    m_observations.clear();
    AgentServerOptions options;
    options.socketPath = m_path;
    options.credentialOf = [](const NodeId& node) { return "credential of " + node.value; };
    options.pullTokenOf = [](const NodeId& node) { return "token of " + node.value; };
    options.traffic = &m_traffic;
    options.onObservation = [this](Observation observation) {
        const std::lock_guard lock(m_mutex);
        m_observations.push_back(std::move(observation));
    };
    auto server = AgentServer::listen(std::move(options));
    QVERIFY(server);
    m_server = std::move(*server);
}

void AgentServerTest::cleanup()
{
    m_server.reset();
}

std::vector<Observation> AgentServerTest::observations() const
{
    const std::lock_guard lock(m_mutex);
    return m_observations;
}

template <typename Kind>
int AgentServerTest::count() const
{
    int found = 0;
    for (const Observation& observation : observations())
        found += std::holds_alternative<Kind>(observation) ? 1 : 0;
    return found;
}

void AgentServerTest::aKnownNodeIsWelcomedAndHeard()
{
    {
        RawNode node(m_path);
        QVERIFY(node.isConnected());
        QVERIFY(node.send(helloOf("a")));
        const auto welcome = node.receiveOnly<node_protocol::Welcome>();
        QVERIFY(welcome);
        QCOMPARE(welcome->pullToken, std::string("token of a"));
        const std::uint64_t before = m_traffic.heartbeats, bytes = m_traffic.bytes;
        QVERIFY(node.send(heartbeatOf(1)));
        QVERIFY(waitFor([&] { return count<NodeHeartbeat>() == 1; }));
        QVERIFY(m_traffic.heartbeats == before + 1 && m_traffic.bytes > bytes && m_traffic.connected == 1);
    }
    QVERIFY(waitFor([&] { return count<NodeDisconnected>() == 1; }));
    const auto seen = observations();
    QCOMPARE(seen.size(), std::size_t{3});
    QCOMPARE(std::get<NodeConnected>(seen[0]).hello, helloOf("a"));
    QCOMPARE(std::get<NodeHeartbeat>(seen[1]).node, NodeId("a"));
    QCOMPARE(std::get<NodeHeartbeat>(seen[1]).heartbeat, heartbeatOf(1));
    QCOMPARE(std::get<NodeDisconnected>(seen[2]).node, NodeId("a"));
}

void AgentServerTest::ordersReachTheNode()
{
    RawNode node(m_path);
    node.send(helloOf("a"));
    QVERIFY(node.receiveOnly<node_protocol::Welcome>());
    m_server->send(NodeId("a"), node_protocol::SetPolicy{node_protocol::SessionPolicy::Drain});
    m_server->send(NodeId("a"), node_protocol::Stop{"Enough."});
    QCOMPARE(node.receiveOnly<node_protocol::SetPolicy>()->policy, node_protocol::SessionPolicy::Drain);
    QCOMPARE(node.receiveOnly<node_protocol::Stop>()->reason, std::string("Enough."));
}

void AgentServerTest::questionsAreAnsweredOrGivenUp()
{
    std::vector<Result<node_protocol::FromNode>> answers;
    const auto ask = [&](const char* node) {
        m_server->ask({NodeId(node), node_protocol::AskStream{0, {"live", "show"}, 0, 10, 0},
                       [&](Result<node_protocol::FromNode> answer) {
                           const std::lock_guard lock(m_mutex);
                           answers.push_back(std::move(answer));
                       }});
    };
    const auto answerCount = [&] {
        const std::lock_guard lock(m_mutex);
        return answers.size();
    };
    ask("nobody");
    QTRY_COMPARE(answerCount(), std::size_t{1});
    QCOMPARE(answers[0].error().code, ErrorCode::Unavailable);
    auto node = std::make_unique<RawNode>(m_path);
    node->send(helloOf("a"));
    QVERIFY(node->receiveOnly<node_protocol::Welcome>());
    ask("a");
    const auto question = node->receiveOnly<node_protocol::AskStream>();
    QVERIFY(question && question->question > 0 && question->stream.name == "show");
    node->send(node_protocol::StreamAnswer{question->question, fail(ErrorCode::NotFound, "None.")});
    QTRY_COMPARE(answerCount(), std::size_t{2});
    QCOMPARE(std::get<node_protocol::StreamAnswer>(*answers[1]).details.error().code, ErrorCode::NotFound);
    // One that is not answered ends with the connection, or after a while.
    ask("a");
    QVERIFY(node->receiveOnly<node_protocol::AskStream>());
    node.reset();
    QTRY_COMPARE(answerCount(), std::size_t{3});
    QCOMPARE(answers[2].error().code, ErrorCode::Unavailable);
    node = std::make_unique<RawNode>(m_path);
    node->send(helloOf("a", 2));
    QVERIFY(node->receiveOnly<node_protocol::Welcome>());
    ask("a");
    QTRY_COMPARE_WITH_TIMEOUT(answerCount(), std::size_t{4}, 20'000);
    QVERIFY(answers[3].error().message.find("did not answer") != std::string::npos);
    ask("a");
    m_server.reset();
    QCOMPARE(answers.size(), std::size_t{5});
}

void AgentServerTest::aWrongCredentialIsRefused()
{
    for (const std::string credential : {"", "credential of b", "credential of a "}) {
        RawNode node(m_path);
        node_protocol::Hello hello = helloOf("a");
        hello.credential = credential;
        node.send(hello);
        QVERIFY(node.receiveOnly<node_protocol::Refused>());
        QVERIFY(node.isClosed());
    }
    QVERIFY(observations().empty());
}

void AgentServerTest::anotherProtocolVersionIsRefused()
{
    RawNode node(m_path);
    node_protocol::Hello hello = helloOf("a");
    hello.protocolVersion = node_protocol::version + 1;
    node.send(hello);
    const auto refused = node.receiveOnly<node_protocol::Refused>();
    QVERIFY(refused);
    QVERIFY(refused->reason.find("version") != std::string::npos);
    QVERIFY(node.isClosed());
}

void AgentServerTest::aHeartbeatBeforeTheHelloIsRefused()
{
    RawNode node(m_path);
    node.send(heartbeatOf(1));
    QVERIFY(node.receiveOnly<node_protocol::Refused>());
    QVERIFY(node.isClosed());
    QVERIFY(observations().empty());
}

void AgentServerTest::wordsThatAreNoMessageAreIgnoredOnceKnown()
{
    RawNode node(m_path);
    node.send(helloOf("a"));
    QVERIFY(node.receiveOnly<node_protocol::Welcome>());
    for (const std::string words :
         {"", "{", "[]", "{\"type\":\"song\"}", "\xff\xfe", "{\"type\":\"heartbeat\",\"load\":7}"})
        node.sendBytes(node_protocol::frame(words));
    node.send(heartbeatOf(2));
    QVERIFY(waitFor([&] { return count<NodeHeartbeat>() == 1; }));
    QCOMPARE(count<NodeDisconnected>(), 0);
}

void AgentServerTest::wordsThatAreNoMessageAreRefusedBeforeTheHello()
{
    for (const std::string words : {"", "{", "{\"type\":\"song\"}", "GET / HTTP/1.1"}) {
        RawNode node(m_path);
        node.sendBytes(node_protocol::frame(words));
        QVERIFY(node.receiveOnly<node_protocol::Refused>());
        QVERIFY(node.isClosed());
    }
}

void AgentServerTest::anAnnouncedGiantEndsTheConnection()
{
    RawNode stranger(m_path);
    stranger.sendBytes("\x7f\xff\xff\xff{");
    QVERIFY(stranger.isClosed());
    RawNode node(m_path);
    node.send(helloOf("a"));
    QVERIFY(node.receiveOnly<node_protocol::Welcome>());
    node.sendBytes("\x7f\xff\xff\xff{");
    QVERIFY(node.isClosed());
    QVERIFY(waitFor([&] { return count<NodeDisconnected>() == 1; }));
}

void AgentServerTest::muchTalkBeforeTheHelloEndsTheConnection()
{
    RawNode stranger(m_path);
    std::string announced = node_protocol::frame(std::string(1'000'000, ' '));
    stranger.sendBytes(announced.substr(0, 200'000));
    QVERIFY(stranger.isClosed());
}

void AgentServerTest::messagesMayComeInSinglesBytes()
{
    RawNode node(m_path);
    for (const char byte : node_protocol::frame(node_protocol::encode(node_protocol::FromNode(helloOf("a")))))
        QVERIFY(node.sendBytes(std::string(1, byte)));
    QVERIFY(node.receiveOnly<node_protocol::Welcome>());
}

void AgentServerTest::silenceEndsTheConnection()
{
    RawNode silent(m_path);
    RawNode node(m_path);
    node.send(helloOf("a"));
    QVERIFY(node.receiveOnly<node_protocol::Welcome>());
    QVERIFY(silent.receiveOnly<node_protocol::Refused>());
    QVERIFY(silent.isClosed());
    QCOMPARE(count<NodeDisconnected>(), 0);
}

void AgentServerTest::aNewerIncarnationTakesOver()
{
    RawNode first(m_path);
    first.send(helloOf("a", 7));
    QVERIFY(first.receiveOnly<node_protocol::Welcome>());
    RawNode second(m_path);
    second.send(helloOf("a", 8));
    QVERIFY(second.receiveOnly<node_protocol::Welcome>());
    QVERIFY(first.isClosed());
    // The same process again, after its connection broke without anybody noticing.
    RawNode third(m_path);
    third.send(helloOf("a", 8));
    QVERIFY(third.receiveOnly<node_protocol::Welcome>());
    QVERIFY(second.isClosed());
    m_server->send(NodeId("a"), node_protocol::Stop{"x"});
    QVERIFY(third.receiveOnly<node_protocol::Stop>());
    const auto seen = observations();
    QCOMPARE(seen.size(), std::size_t{5});
    QVERIFY(std::holds_alternative<NodeConnected>(seen[0]));
    QVERIFY(std::holds_alternative<NodeDisconnected>(seen[1]));
    QCOMPARE(std::get<NodeConnected>(seen[2]).hello.incarnation, std::uint64_t{8});
    QVERIFY(std::holds_alternative<NodeDisconnected>(seen[3]));
}

void AgentServerTest::anOlderIncarnationIsRefused()
{
    RawNode first(m_path);
    first.send(helloOf("a", 7));
    QVERIFY(first.receiveOnly<node_protocol::Welcome>());
    RawNode older(m_path);
    older.send(helloOf("a", 6));
    QVERIFY(older.receiveOnly<node_protocol::Refused>());
    QVERIFY(older.isClosed());
    m_server->send(NodeId("a"), node_protocol::Stop{"x"});
    QVERIFY(first.receiveOnly<node_protocol::Stop>());
    QCOMPARE(count<NodeDisconnected>(), 0);
}

void AgentServerTest::aSecondHelloIsRefused()
{
    RawNode node(m_path);
    node.send(helloOf("a"));
    QVERIFY(node.receiveOnly<node_protocol::Welcome>());
    node.send(helloOf("b"));
    QVERIFY(node.receiveOnly<node_protocol::Refused>());
    QVERIFY(node.isClosed());
    QVERIFY(waitFor([&] { return count<NodeDisconnected>() == 1; }));
    QCOMPARE(count<NodeConnected>(), 1);
}

void AgentServerTest::whoDoesNotReadIsDisconnected()
{
    RawNode sleeper(m_path);
    sleeper.send(helloOf("sleeper"));
    QVERIFY(waitFor([&] { return count<NodeConnected>() == 1; }));
    RawNode node(m_path);
    node.send(helloOf("a"));
    QVERIFY(node.receiveOnly<node_protocol::Welcome>());
    const node_protocol::Stop large{std::string(100'000, 'x')};
    for (int i = 0; i < 100; ++i)
        m_server->send(NodeId("sleeper"), large);
    QVERIFY(waitFor([&] { return count<NodeDisconnected>() == 1; }));
    m_server->send(NodeId("a"), node_protocol::Stop{"x"});
    QVERIFY(node.receiveOnly<node_protocol::Stop>());
}

void AgentServerTest::manyStrangersDoNotDisturb()
{
    RawNode node(m_path);
    node.send(helloOf("a"));
    QVERIFY(node.receiveOnly<node_protocol::Welcome>());
    std::vector<std::unique_ptr<RawNode>> strangers;
    for (int i = 0; i < 300; ++i) {
        strangers.push_back(std::make_unique<RawNode>(m_path));
        strangers.back()->sendBytes(std::string(static_cast<std::size_t>(i), static_cast<char>(i)));
    }
    // A flood from one that is known, faster than anybody could want.
    for (std::uint64_t i = 1; i <= 2000; ++i)
        QVERIFY(node.send(heartbeatOf(i)));
    QVERIFY(waitFor([&] {
        const auto seen = observations();
        const auto* last = seen.empty() ? nullptr : std::get_if<NodeHeartbeat>(&seen.back());
        return last != nullptr && last->heartbeat.sequence == 2000;
    }));
    QCOMPARE(count<NodeConnected>(), 1);
}

void AgentServerTest::ordersToNobodyAreDropped()
{
    m_server->send(NodeId("nobody"), node_protocol::Stop{"x"});
    RawNode node(m_path);
    node.send(helloOf("nobody"));
    QVERIFY(node.receiveOnly<node_protocol::Welcome>());
    m_server->send(NodeId("nobody"), node_protocol::SetPolicy{});
    QVERIFY(node.receiveOnly<node_protocol::SetPolicy>());
}

void AgentServerTest::theSocketIsClosedToOthers()
{
    struct stat facts = {};
    QCOMPARE(::stat(m_path.c_str(), &facts), 0);
    QCOMPARE(facts.st_mode & 0777u, 0600u);
}

void AgentServerTest::aLongDataDirectoryGetsAShortSocket()
{
    QCOMPARE(agentSocketPath("/var/lib/headgate").value(), std::string("/var/lib/headgate/agent.sock"));
    const std::string longFolder = m_dir->path().toStdString() + "/" + std::string(100, 'x');
    const auto path = agentSocketPath(longFolder);
    QVERIFY(path);
    QVERIFY(path->size() < sizeof(sockaddr_un::sun_path));
    QCOMPARE(agentSocketPath(longFolder).value(), *path);
    QVERIFY(agentSocketPath(longFolder + "y").value() != *path);
    struct stat facts = {};
    const std::string folder = path->substr(0, path->rfind('/'));
    QCOMPARE(::stat(folder.c_str(), &facts), 0);
    QCOMPARE(facts.st_mode & 0777u, 0700u);
    // Someone else's directory of that name is not trusted.
    QCOMPARE(::chmod(folder.c_str(), 0755), 0);
    QVERIFY(!agentSocketPath(longFolder));
    ::rmdir(folder.c_str());
    const std::string other = agentSocketPath(longFolder + "y").value();
    ::rmdir(other.substr(0, other.rfind('/')).c_str());
}

void AgentServerTest::theKeyFileIsMadeOnceAndGuarded()
{
    const std::string file = m_dir->filePath(QStringLiteral("key")).toStdString();
    const auto key = KeyFile::open(file);
    QVERIFY(key);
    QCOMPARE(key->derive("a").size(), std::size_t{32});
    QVERIFY(key->derive("a") != key->derive("b"));
    QCOMPARE(KeyFile::open(file)->derive("a"), key->derive("a"));
    struct stat facts = {};
    QCOMPARE(::stat(file.c_str(), &facts), 0);
    QCOMPARE(facts.st_mode & 0777u, 0600u);
    QCOMPARE(facts.st_size, off_t{32});
    QCOMPARE(::chmod(file.c_str(), 0640), 0);
    QCOMPARE(KeyFile::open(file).error().code, ErrorCode::Conflict);
    QCOMPARE(::chmod(file.c_str(), 0600), 0);
    QVERIFY(QFile::resize(QString::fromStdString(file), 31));
    QCOMPARE(KeyFile::open(file).error().code, ErrorCode::Conflict);
    QVERIFY(!KeyFile::open("/nowhere/key"));
}

QTEST_GUILESS_MAIN(AgentServerTest)
#include "agent_server_test.moc"
