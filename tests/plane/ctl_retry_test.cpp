#include "core/wire/native_codec.h"
#include "tests/plane/ctl_fixture.h"

#include <atomic>
#include <thread>

using namespace headgate;
using test::Run;

namespace {

// Passes requests on to a server, and closes the first connections without an answer.
class CuttingProxy
{
public:
    CuttingProxy(std::uint16_t target, int cuts) : m_target(target), m_cuts(cuts)
    {
        m_listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        ::bind(m_listener, reinterpret_cast<sockaddr*>(&address), size);
        ::listen(m_listener, 8);
        ::getsockname(m_listener, reinterpret_cast<sockaddr*>(&address), &size);
        m_port = ntohs(address.sin_port);
        m_thread = std::thread([this] { run(); });
    }
    ~CuttingProxy()
    {
        ::shutdown(m_listener, SHUT_RDWR);
        m_thread.join();
        ::close(m_listener);
    }

    QString address() const { return QString("http://127.0.0.1:%1").arg(m_port); }
    int requests() const { return m_requests; }

private:
    void run()
    {
        for (int client = 0; (client = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC)) >= 0; ::close(client))
            serve(client);
    }

    void serve(int client)
    {
        std::string request;
        char bytes[65536];
        for (std::size_t wanted = std::string::npos; request.size() < wanted;) {
            const ssize_t count = ::recv(client, bytes, sizeof bytes, 0);
            if (count <= 0)
                return;
            request.append(bytes, static_cast<std::size_t>(count));
            const auto end = request.find("\r\n\r\n");
            const auto length = request.find("Content-Length: ");
            if (end != std::string::npos)
                wanted = end + 4 + (length < end ? std::stoul(request.substr(length + 16)) : 0);
        }
        ++m_requests;
        test::RawConnection server(m_target);
        server.send(request);
        const test::Answer answer = server.read();
        if (m_cuts-- > 0)
            return;
        const std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " X\r\nContent-Type: application/json" +
                                 "\r\nConnection: close\r\nContent-Length: " + std::to_string(answer.body.size()) +
                                 "\r\n\r\n" + answer.body;
        ::send(client, text.data(), text.size(), MSG_NOSIGNAL);
    }

    int m_listener = -1;
    std::uint16_t m_port = 0;
    const std::uint16_t m_target;
    int m_cuts;
    std::atomic<int> m_requests = 0;
    std::thread m_thread;
};

}  // namespace

// headgatectl where answers get lost on the way.
class CtlRetryTest : public test::CtlFixture
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        QVERIFY(start());
        signIn();
        const json group = native::toJson(test::sampleGroup("live", 0, 0));
        QCOMPARE(m_fixture->as("POST", "/api/v1/node-groups", group.dump()).status, 201);
    }

    void aChangeIsAskedForAgainAndMadeOnce()
    {
        const CuttingProxy proxy(m_fixture->port(), 2);
        const Run scaled = ctl({"--server", proxy.address(), "scale", "live", "--min", "0", "--for", "1h"});
        QVERIFY2(scaled.status == 0, qPrintable(scaled.err));
        QCOMPARE(proxy.requests(), 3);
        QCOMPARE(m_fixture->as("GET", "/api/v1/overlays").json()["total"].get<int>(), 1);
    }

    void itGivesUpInTheEnd()
    {
        const CuttingProxy proxy(m_fixture->port(), 100);
        const Run scaled = ctl({"--server", proxy.address(), "scale", "live", "--min", "0", "--for", "1h"});
        QCOMPARE(scaled.status, 3);
        QVERIFY2(scaled.err.contains("It is not known whether the change was made."), qPrintable(scaled.err));
        QCOMPARE(m_fixture->as("GET", "/api/v1/overlays").json()["total"].get<int>(), 1);
    }

private:
    using json = nlohmann::json;
};

QTEST_GUILESS_MAIN(CtlRetryTest)
#include "ctl_retry_test.moc"
