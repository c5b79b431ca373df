#include "core/api/http_server.h"
#include "tests/plane/tls_client.h"

#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <csignal>
#include <mutex>

using namespace headgate;
using namespace headgate::test;

namespace {

const std::string get = requestText("GET", "/a");

// One event, then nothing.
class OneEvent : public http::Feed
{
public:
    std::shared_ptr<const http::FeedItem> next() override
    {
        if (std::exchange(m_isTold, true))
            return nullptr;
        return std::make_shared<http::FeedItem>(http::FeedItem{"p1", std::string(40'000, 'e')});
    }

private:
    bool m_isTold = false;
};

http::Answer answerTo(const http::Request& request)
{
    if (request.path != "/feed")
        return http::Response{200, "text/plain", request.path + "|" + std::to_string(request.body.size()), {}};
    http::Upgrade upgrade;
    upgrade.open = [](const http::Wake&) { return std::make_unique<OneEvent>(); };
    if (!request.isWebSocketUpgrade)
        upgrade.form = http::Upgrade::Form::EventStream;
    return upgrade;
}

}  // namespace

class ApiTlsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { std::signal(SIGPIPE, SIG_IGN); }

    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_authority = LocalAuthority::open(m_folder->path().toStdString(), std::string(32, 'k'), now()).value();
        m_trust = TlsWish{m_authority->certificateFile()};
        m_time = now();
        m_tls = ServerTls::issuedBy(m_authority, {"127.0.0.1", "localhost"}, TlsClients::Anyone, now()).value();
        start({});
    }

    void cleanup() { m_server.reset(); }

    void requestsAreAnsweredOverEitherVersion()
    {
        for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
            m_trust.newestVersion = version;
            TlsClient client(m_server->port(), m_trust);
            QVERIFY2(client.isOpen(), client.failure().c_str());
            client.send(get + requestText("POST", "/b", {}, std::string(100'000, 'x')) + get);
            QVERIFY(client.readThrough("/a|0").starts_with("HTTP/1.1 200 OK"));
            QVERIFY(client.readThrough("/b|100000").starts_with("HTTP/1.1 200 OK"));
            QVERIFY(client.readThrough("/a|0").starts_with("HTTP/1.1 200 OK"));
        }
    }

    void theEndIsSaidProperly()
    {
        TlsClient client(m_server->port(), m_trust);
        client.send(requestText("GET", "/a", {{"Connection", "close"}}));
        QVERIFY(!client.readThrough("/a|0").empty());
        QVERIFY(client.isEndedByPeer());
    }

    void whoTrustsAnotherAuthorityOrMeansAnotherHostTurnsAway()
    {
        QTemporaryDir other;
        const auto stranger = LocalAuthority::open(other.path().toStdString(), std::string(32, 'k'), now());
        const TlsClient distrusting(m_server->port(), TlsWish{(*stranger)->certificateFile()});
        QVERIFY(!distrusting.isOpen());
        QCOMPARE(distrusting.failure(), std::string("self-signed certificate in certificate chain"));
        m_trust.host = "media.example";
        QCOMPARE(TlsClient(m_server->port(), m_trust).failure(), std::string("hostname mismatch"));
        m_trust.host = "127.0.0.2";
        QCOMPARE(TlsClient(m_server->port(), m_trust).failure(), std::string("IP address mismatch"));
        m_trust.host = "localhost";
        QVERIFY(TlsClient(m_server->port(), m_trust).isOpen());
    }

    void anExpiredCertificateIsNoticed()
    {
        const TimePoint longAgo = now() - std::chrono::days(120);
        m_tls = ServerTls::issuedBy(m_authority, {"127.0.0.1"}, TlsClients::Anyone, longAgo).value();
        m_time = longAgo;
        start({});
        QCOMPARE(TlsClient(m_server->port(), m_trust).failure(), std::string("certificate has expired"));
    }

    void oldVersionsAreRefused()
    {
        for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
            m_trust.newestVersion = version;
            const TlsClient client(m_server->port(), m_trust);
            QVERIFY(!client.isOpen());
            QCOMPARE(client.failure(), std::string("tlsv1 alert protocol version"));
        }
    }

    // No forward secrecy, no authenticated encryption, no encryption, nobody authenticated.
    void weakCiphersAreRefused()
    {
        m_trust.newestVersion = TLS1_2_VERSION;
        for (const char* weak : {"AES128-GCM-SHA256", "AES128-SHA", "ECDHE-RSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA",
                                 "ECDHE-ECDSA-AES256-SHA384", "DHE-RSA-AES128-GCM-SHA256", "eNULL", "aNULL"}) {
            m_trust.ciphers = std::string(weak) + ":@SECLEVEL=0";
            const TlsClient client(m_server->port(), m_trust);
            QVERIFY2(!client.isOpen(), weak);
            QCOMPARE(client.failure(), std::string("sslv3 alert handshake failure"));
        }
        m_trust.ciphers = "ECDHE+AESGCM";
        QVERIFY(TlsClient(m_server->port(), m_trust).isOpen());
    }

    void aSessionIsResumed()
    {
        for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
            m_trust.newestVersion = version;
            m_trust.session.reset();
            TlsClient first(m_server->port(), m_trust);
            first.send(get);
            QVERIFY(!first.readThrough("/a|0").empty());  // the ticket came before it
            QVERIFY(!first.isResumed());
            m_trust.session = first.session();
            TlsClient second(m_server->port(), m_trust);
            QVERIFY(second.isResumed());
            second.send(get);
            QVERIFY(!second.readThrough("/a|0").empty());
        }
    }

    void newConnectionsGetTheNewCertificate()
    {
        const TimePoint before61Days = now() - std::chrono::days(61);
        m_tls = ServerTls::issuedBy(m_authority, {"127.0.0.1"}, TlsClients::Anyone, before61Days).value();
        m_time = before61Days;
        TlsClient before(m_server->port(), m_trust);
        QVERIFY(before.isOpen());
        m_time = now();
        TlsClient after(m_server->port(), m_trust);
        QVERIFY(after.isOpen());
        QVERIFY(fingerprintOf(after.certificate()) != fingerprintOf(before.certificate()));
        for (TlsClient* client : {&before, &after}) {
            client->send(get);
            QVERIFY(!client->readThrough("/a|0").empty());
        }
    }

    void plainHttpIsToldWhatToDo()
    {
        for (const char* method : {"GET", "POST", "PUT", "HEAD"}) {
            RawConnection client(m_server->port());
            client.send(requestText(method, "/a"));
            const Answer answer = client.read();
            QCOMPARE(answer.status, 400);
            QVERIFY2(answer.body.find("https://") != std::string::npos, answer.body.c_str());
            QVERIFY(client.isClosedByPeer());
        }
    }

    void whatIsNoHandshakeEndsTheConnection()
    {
        for (const std::string& bytes : {std::string("SSH-2.0-x\r\n"), std::string(3000, '\0'),
                                         std::string("\x16\x03\x01\xff\xff") + std::string(70'000, 'x')}) {
            RawConnection client(m_server->port());
            client.send(bytes);
            QVERIFY(client.readUntil("no such words").empty());  // an alert at most, then the end
        }
        QVERIFY(TlsClient(m_server->port(), m_trust).isOpen());
    }

    void aSlowHandshakeIsDropped()
    {
        http::Limits limits;
        limits.handshakeTimeout = std::chrono::milliseconds(100);
        limits.headerTimeout = std::chrono::milliseconds(400);
        start(limits);
        RawConnection silent(m_server->port());
        QVERIFY(silent.isClosedByPeer());
        RawConnection slow(m_server->port());
        slow.send(std::string("\x16\x03\x01\x02\x00\x01", 6));
        QVERIFY(slow.isClosedByPeer());
        // After the handshake there is the time of a request.
        TlsClient quick(m_server->port(), m_trust);
        quick.send("GET /a HTTP/1.1\r\n");
        QVERIFY(quick.readThrough("not come in whole in time").starts_with("HTTP/1.1 408 "));
    }

    void moreConnectionsThanAreAllowedAreClosed()
    {
        http::Limits limits;
        limits.connections = 1;
        start(limits);
        TlsClient first(m_server->port(), m_trust);
        QVERIFY(first.isOpen());
        QVERIFY(!TlsClient(m_server->port(), m_trust).isOpen());
        first.send(get);
        QVERIFY(!first.readThrough("/a|0").empty());
    }

    void eventsComeOverBothForms()
    {
        TlsClient socket(m_server->port(), m_trust);
        socket.send(requestText("GET", "/feed", webSocketFields()));
        QVERIFY(socket.readThrough("\r\n\r\n").starts_with("HTTP/1.1 101 "));
        QVERIFY(socket.readThrough(std::string(40'000, 'e')).size() >= 40'000);
        TlsClient stream(m_server->port(), m_trust);
        stream.send(requestText("GET", "/feed"));
        QVERIFY(stream.readThrough("id: p1\ndata: ").find("text/event-stream") != std::string::npos);
        QCOMPARE(stream.readThrough("\n\n").size(), 40'002u);
    }

    void theServerEndsWhileConnectionsAreOpen()
    {
        const TlsClient idle(m_server->port(), m_trust);
        RawConnection halfway(m_server->port());
        halfway.send(std::string("\x16\x03\x01\x02\x00\x01", 6));
        TlsClient socket(m_server->port(), m_trust);
        socket.send(requestText("GET", "/feed", webSocketFields()));
        QVERIFY(socket.readThrough("\r\n\r\n").starts_with("HTTP/1.1 101 "));
        m_server.reset();
        QVERIFY(halfway.isClosedByPeer());
    }

private:
    static TimePoint now() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

    void start(const http::Limits& limits)
    {
        http::ServerOptions options;
        options.limits = limits;
        http::Service service;
        service.route = answerTo;
        service.tlsContext = [this] { return m_tls->context(m_time); };
        service.refuse = [](int status, const std::string& detail, const std::string&) {
            return http::Response{status, "text/plain", detail, {}};
        };
        m_server.reset();
        m_server = http::Server::start(std::move(options), std::move(service)).value();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::shared_ptr<const LocalAuthority> m_authority;
    std::shared_ptr<ServerTls> m_tls;
    std::atomic<TimePoint> m_time;
    TlsWish m_trust;
    std::unique_ptr<http::Server> m_server;
};

QTEST_GUILESS_MAIN(ApiTlsTest)
#include "api_tls_test.moc"
