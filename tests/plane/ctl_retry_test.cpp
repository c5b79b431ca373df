#include "core/plane/ctl/file_download.h"
#include "core/wire/native_codec.h"
#include "tests/plane/ctl_fixture.h"
#include "tests/support/web_service.h"

#include <QDir>

#include <atomic>
#include <sstream>
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

    // A node that breaks off after each 100,000 bytes; the run before got a part of it, too.
    void brokenDownloadsGoOn()
    {
        QByteArray body(350'000, '\0');
        for (qsizetype i = 0; i < body.size(); ++i)
            body[i] = static_cast<char>(i * 7 % 251);
        test::WebService node;
        QVERIFY(node.start());
        QByteArray tag = "\"first\"";
        int answers = 1;  // before it is away
        node.answer = [&](const test::WebService::Call& call) -> QByteArray {
            if (!call.head.startsWith("HEAD ") && answers-- <= 0)
                return "HTTP/1.1 503 Away\r\nConnection: close\r\n\r\n";
            if (call.path == "/several")
                return "HTTP/1.1 406 Several\r\nHeadgate-Parts: 2\r\nContent-Length: 0\r\n\r\n";
            const bool isSame = call.header("If-Range") == tag;
            const QByteArray range = isSame ? call.header("Range") : QByteArray();
            const qsizetype from = range.isEmpty() ? 0 : range.mid(6).chopped(1).toLongLong();
            const QByteArray head = (range.isEmpty() ? "HTTP/1.1 200 OK" : "HTTP/1.1 206 Part") +
                                    QByteArray("\r\nConnection: close\r\nETag: ") + tag +
                                    "\r\nContent-Length: " + QByteArray::number(body.size() - from) + "\r\n\r\n";
            return head + body.mid(from, 100'000);
        };
        const auto fetched = [&](const QString& place, const QString& to) {
            ctl::FileDownload download;
            download.url = [&](int part) {
                const QString url = node.url(place);
                return ctl::Outcome<std::string>((part > 0 ? url + QString::number(part) : url).toStdString());
            };
            download.path = path(to).toStdString();
            download.pause = std::chrono::milliseconds(1);
            std::ostringstream out, notes;
            const auto done = ctl::fetch(download, out, notes);
            return done ? out.str() : done.error().error.message;
        };
        const auto contentOf = [&](const QString& name) {
            QFile file(path(name));
            return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
        };
        // What began stays for the next run.
        QVERIFY(QString::fromStdString(fetched("/show", "show.mp4")).contains("broke off"));
        answers = 100;
        node.calls.clear();
        QCOMPARE(fetched("/show", "show.mp4"), path("show.mp4").toStdString() + "\n");
        QCOMPARE(contentOf("show.mp4"), body);
        QCOMPARE(std::count_if(node.calls.begin(), node.calls.end(),
                               [](const auto& call) { return call.header("Range").startsWith("bytes="); }),
                 3);
        // Something else under the same name is fetched as a whole.
        tag = "\"second\"";
        body.chop(1000);
        QCOMPARE(fetched("/show", "show.mp4"), path("show.mp4").toStdString() + "\n");
        QCOMPARE(contentOf("show.mp4"), body);
        QVERIFY(QString::fromStdString(fetched("/show", "nowhere/show.mp4")).contains("cannot be written"));
        fetched("/several", "several.mp4");
        QVERIFY(contentOf("several-part1.mp4") == body && contentOf("several-part2.mp4") == body);
        QVERIFY(!QFile::exists(path("several.mp4")));
        QVERIFY(QDir(m_directory->path()).entryList({"*.part"}).isEmpty());
    }

private:
    using json = nlohmann::json;
};

QTEST_GUILESS_MAIN(CtlRetryTest)
#include "ctl_retry_test.moc"
