#include "tests/plane/ctl_fixture.h"
#include "tests/plane/dialect_documents.h"

#include <poll.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

using namespace headgate;
using namespace headgate::test;

namespace {

std::string replyOf(const std::string& body, const std::string& head = "200 OK")
{
    return "HTTP/1.1 " + head +
           "\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

// Sends to whoever comes what a test made up, on a thread of its own; without an end if the text has no length.
class HostileServer
{
public:
    using Script = std::function<std::string(const std::string& target)>;

    explicit HostileServer(Script script)
        : m_script(std::move(script)), m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        sockaddr plain{};
        std::memcpy(&plain, &address, sizeof plain);
        socklen_t size = sizeof address;
        if (::bind(m_socket, &plain, size) != 0 || ::listen(m_socket, 16) != 0 ||
            ::getsockname(m_socket, &plain, &size) != 0)
            qFatal("no hostile server");
        std::memcpy(&address, &plain, sizeof address);
        m_port = ntohs(address.sin_port);
        m_thread = std::thread([this] { run(); });
    }
    ~HostileServer()
    {
        m_isStopping = true;
        m_thread.join();
        ::close(m_socket);
    }

    std::string url() const { return "http://127.0.0.1:" + std::to_string(m_port); }

    std::string targets()
    {
        const std::lock_guard lock(m_mutex);
        return m_targets;
    }

private:
    void run()
    {
        pollfd waiting{m_socket, POLLIN, 0};
        while (!m_isStopping) {
            if (::poll(&waiting, 1, 50) == 1)
                serve(::accept4(m_socket, nullptr, nullptr, SOCK_CLOEXEC));
        }
    }

    void serve(int client)
    {
        const timeval patience{30, 0};
        ::setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        std::string request;
        char bytes[4096];
        for (ssize_t got = 1; got > 0 && request.find("\r\n\r\n") == std::string::npos;) {
            got = ::recv(client, bytes, sizeof bytes, 0);
            request.append(bytes, static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        }
        const auto from = request.find(' ');
        const std::string target = request.substr(from + 1, request.find(' ', from + 1) - from - 1);
        {
            const std::lock_guard lock(m_mutex);
            m_targets += target + "\n";
        }
        std::string text = m_script(target);
        bool isOpen = send(client, text);
        if (text.find("Content-Length") == std::string::npos)
            text.assign(1 << 16, ' ');
        else
            isOpen = false;
        while (isOpen && !m_isStopping)
            isOpen = send(client, text);
        ::close(client);
    }

    static bool send(int client, std::string_view text)
    {
        while (!text.empty()) {
            const ssize_t sent = ::send(client, text.data(), text.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return false;
            text.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    Script m_script;
    int m_socket;
    std::uint16_t m_port = 0;
    std::mutex m_mutex;
    std::string m_targets;
    std::atomic<bool> m_isStopping = false;
    std::thread m_thread;
};

}  // namespace

// What a running Stream Manager has goes to this control plane.
class CtlMigrationTest : public CtlFixture
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        QVERIFY(start());
        signIn();
        m_source = std::make_unique<ApiFixture>();
        QVERIFY(m_source->isUp() && m_source->addAccount("admin") && m_source->signIn());
        write("password", ApiFixture::password() + "\n");
    }
    void cleanup() { m_source.reset(); }

    void groupsOverlaysAndProvisionsAreCopied()
    {
        json overlay = emptyDocument("eu-weekend");
        overlay["baseNodeGroupName"] = "eu-live";
        overlay["schedules"]["sat"] = {{"name", "sat"}, {"startAt", "0 0 0 ? * SAT *"}, {"durationS", 86400}};
        for (const json& document : {emptyDocument("eu-live"), emptyDocument("us-live"), overlay})
            QCOMPARE(m_source->as("POST", "/as/v1/admin/nodegroup", document.dump()).status, 200);
        const json provision = {{"provisionGuid", "live/test"},
                                {"credentials", {{"username", "u"}, {"password", "open sesame"}}},
                                {"streams", {{{"streamGuid", "live/test_1"}}}}};
        QCOMPARE(m_source->as("POST", provisions, json::array({provision}).dump()).status, 201);

        const Run shown = import({"--dry-run"});
        QVERIFY2(shown.status == 0, qPrintable(shown.err));
        for (const char* line : {"+ nodeGroups/eu-live", "+ nodeGroups/us-live", "+ provisions/eu-live/live/test",
                                 "configurations/eu-weekend", "would be imported"})
            QVERIFY2(shown.out.contains(line), qPrintable(shown.out));
        QVERIFY(m_fixture->as("GET", "/as/v1/admin/nodegroup").json().empty());

        const Run done = import();
        QVERIFY2(done.status == 0, qPrintable(done.err));
        QVERIFY(done.err.contains("the source hides secrets of provision live/test"));
        for (const char* line : {"would be imported", "+ nodeGroups/eu-live", "+ provisions/eu-live/live/test"})
            QVERIFY2(done.err.contains(line), qPrintable(done.err));
        for (const char* name : {"eu-live", "us-live", "eu-weekend"}) {
            const std::string path = std::string("/as/v1/admin/nodegroup/") + name;
            QVERIFY2(m_fixture->as("GET", path).json() == m_source->as("GET", path).json(), name);
        }
        json copied = m_fixture->as("GET", provisions + "/live/test").json();
        QVERIFY(copied["credentials"] == json({{"username", "u"}, {"password", ""}}));

        copied["credentials"]["password"] = "another";
        QCOMPARE(m_fixture->as("PUT", provisions, copied.dump()).status, 200);
        const Run again = import();
        QVERIFY2(again.status == 0 && !again.out.contains("provisions/"), qPrintable(again.out + again.err));
        QVERIFY(m_fixture->as("GET", provisions + "/live/test").json()["credentials"]["password"] == "********");
    }

    void whatCannotBeReadIsToldAndChangesNothing()
    {
        QCOMPARE(import().status, 1);
        write("password", "wrong\n");
        const Run refused = import();
        QVERIFY2(refused.status == 4 && refused.err.contains("answered 401"), qPrintable(refused.err));
        const QStringList nowhere{"import", "--from-stream-manager", "http://127.0.0.1:1", "--password-file",
                                  path("password")};
        QCOMPARE(ctl(nowhere).status, 3);
        QCOMPARE(ctl({"import", "--from-stream-manager", "ftp://x", "--password-file", path("password")}).status, 2);
        QCOMPARE(ctl({"import", "--from-stream-manager", "127.0.0.1:1", "-f", path("password")}).status, 2);
        QVERIFY(m_fixture->as("GET", "/as/v1/admin/nodegroup").json().empty());
    }

    void aHostileSourceIsRefused()
    {
        struct Case
        {
            std::string name;
            std::string at;  // beginning of the calls that are answered so; the others go well
            std::string answer;
            QString told = {};
        };
        const std::string login = "/as/v1/auth/login";
        const std::string names = "/as/v1/admin/nodegroup?";  // only the list, as each call is looked at with a "?"
        const std::string document = "/as/v1/admin/nodegroup/eu-live";
        const std::string provision = "/as/v1/streams/provision";
        const std::string endless = "HTTP/1.1 200 OK\r\n\r\n[";
        json many = json::array();
        for (int i = 0; i < 1'001; ++i)
            many.push_back("g" + std::to_string(i));
        std::vector<Case> cases = {
            {"no JSON", login, replyOf("<html>"), "something else than JSON"},
            {"no token", login, replyOf(R"({"token":7})"), "gave no token"},
            {"redirect", login, replyOf("", "302 Found\r\nLocation: /elsewhere"), "answered 302"},
            {"endless", login, endless, "more than 64 MiB"},
            {"endless names", names, endless, "more than 64 MiB"},
            {"deep", names, replyOf(std::string(100'000, '[')), "something else than JSON"},
            {"names that are none", names, replyOf(R"([7,{"a":1},null,[[]]])"), "has no node groups"},
            {"a number of names", names, replyOf("7"), "has no node groups"},
            {"many names", names, replyOf(many.dump()), "more than 1000"},
            {"document that is none", document, replyOf("[]")},
            {"wrong type", document, replyOf(R"({"name":["x"],"description":{}})")},
            {"redirected document", document, replyOf("", "307 Gone\r\nLocation: /elsewhere"), "answered 307"},
            {"provisions that are none", provision, replyOf("[1]")},
            {"endless provisions", provision, endless, "more than 64 MiB"}};
        for (const char* number : {"1e400", "1e300", "99999999999999999999999", "-99999999999", "0.5", "\"x\""}) {
            std::string text = emptyDocument("eu-live").dump();
            const auto at = text.find("\"min\":") + 6;
            text.replace(at, text.find_first_of(",}", at) - at, number);
            cases.push_back({number, document, replyOf(text)});
        }
        for (const Case& each : cases) {
            HostileServer hostile([&each](const std::string& target) {
                if ((target + "?").starts_with(each.at))
                    return each.answer;
                if (target.find("/auth/login") != std::string::npos)
                    return replyOf(R"({"token":"t"})");
                if (target.find("/nodegroup/eu-live") != std::string::npos)
                    return replyOf(emptyDocument("eu-live").dump());
                return replyOf(target == "/as/v1/admin/nodegroup" ? R"(["eu-live"])" : "[]");
            });
            const Run done = importFrom(QString::fromStdString(hostile.url()));
            const std::string said =
                each.name + ": " + std::to_string(done.status) + (done.out + done.err).toStdString();
            QVERIFY2(done.status == 1 && done.err.contains(each.told) && said.size() < 2'000, said.c_str());
            QVERIFY2(hostile.targets().find("elsewhere") == std::string::npos, each.name.c_str());
        }
        QVERIFY(m_fixture->as("GET", "/as/v1/admin/nodegroup").json().empty());
    }

private:
    Run import(const QStringList& more = {})
    {
        return importFrom("http://127.0.0.1:" + QString::number(m_source->port()), more);
    }

    Run importFrom(const QString& source, const QStringList& more = {})
    {
        return ctl(QStringList{"import", "--from-stream-manager", source, "--user", "admin", "--password-file",
                               path("password")} +
                   more);
    }

    const std::string provisions = "/as/v1/streams/provision/eu-live";
    std::unique_ptr<ApiFixture> m_source;
};

QTEST_GUILESS_MAIN(CtlMigrationTest)
#include "ctl_migration_test.moc"
