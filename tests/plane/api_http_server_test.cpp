#include "core/api/http_server.h"
#include "tests/plane/api_client.h"

#include <QTest>

#include <atomic>
#include <mutex>
#include <thread>

using namespace headgate;
using namespace headgate::test;

namespace {

// Counts up; tells how many texts it was asked for.
class CountingFeed : public http::Feed
{
public:
    CountingFeed(std::shared_ptr<std::atomic<int>> wanted, std::size_t size) : m_wanted(std::move(wanted)), m_size(size)
    {}

    std::shared_ptr<const http::FeedItem> next() override
    {
        const int newest = m_wanted->load();
        if (m_sent == newest)
            return nullptr;
        m_sent = newest;
        return std::make_shared<http::FeedItem>(
            http::FeedItem{"p" + std::to_string(newest), std::to_string(newest) + std::string(m_size, ' ')});
    }

private:
    std::shared_ptr<std::atomic<int>> m_wanted;
    std::size_t m_size;
    int m_sent = 0;
};

// Echoes paths; "/later" answers when told to, "/feed" tells events.
class EchoSite
{
public:
    http::Answer route(const http::Request& request)
    {
        if (request.path == "/later")
            return http::Deferred{[this](http::Reply reply) {
                const std::lock_guard lock(m_mutex);
                m_replies.push_back(std::move(reply));
            }};
        if (request.path == "/feed") {
            http::Upgrade upgrade;
            upgrade.open = [this](http::Wake wake) {
                const std::lock_guard lock(m_mutex);
                m_wake = std::move(wake);
                return std::make_unique<CountingFeed>(newest, feedSize);
            };
            if (!request.isWebSocketUpgrade)
                upgrade.form = http::Upgrade::Form::EventStream;
            upgrade.head.headers.emplace_back("X-Request-Id", request.requestId);
            return upgrade;
        }
        http::Response response;
        response.body = request.path + "|" + request.query + "|" + std::to_string(request.body.size());
        return response;
    }

    std::vector<http::Reply> takeReplies()
    {
        const std::lock_guard lock(m_mutex);
        return std::exchange(m_replies, {});
    }

    bool wake()
    {
        const std::lock_guard lock(m_mutex);
        if (m_wake)
            m_wake();
        return static_cast<bool>(m_wake);
    }

    std::shared_ptr<std::atomic<int>> newest = std::make_shared<std::atomic<int>>(0);
    std::size_t feedSize = 0;

private:
    std::mutex m_mutex;
    std::vector<http::Reply> m_replies;
    http::Wake m_wake;
};

http::Response textResponse(const std::string& body)
{
    http::Response response;
    response.body = body;
    return response;
}

std::unique_ptr<http::Server> serve(EchoSite& site, http::ServerOptions options = {},
                                    std::function<std::uint64_t(const http::Request&)> bodyLimit = {})
{
    http::Service service;
    service.bodyLimit = std::move(bodyLimit);
    service.route = [&site](const http::Request& request) { return site.route(request); };
    service.refuse = [](int status, const std::string& detail, const std::string&) {
        http::Response response = textResponse(detail);
        response.status = status;
        return response;
    };
    auto server = http::Server::start(std::move(options), std::move(service));
    return server ? std::move(*server) : nullptr;
}

}  // namespace

class ApiHttpServerTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void requestsOnOneConnectionAreAnsweredInOrder()
    {
        EchoSite site;
        const auto server = serve(site);
        RawConnection client(server->port());
        client.send(requestText("GET", "/a?x=1") + requestText("POST", "/b", {}, "four") + requestText("GET", "/c"));
        QCOMPARE(client.read().body, std::string("/a|x=1|0"));
        QCOMPARE(client.read().body, std::string("/b||4"));
        QCOMPARE(client.read().body, std::string("/c||0"));
        client.send(requestText("GET", "/d"));
        QCOMPARE(client.read().body, std::string("/d||0"));
    }

    void aLateAnswerKeepsItsPlaceInThePipeline()
    {
        EchoSite site;
        const auto server = serve(site);
        RawConnection client(server->port());
        client.send(requestText("GET", "/a") + requestText("GET", "/later") + requestText("GET", "/c"));
        QCOMPARE(client.read().body, std::string("/a||0"));
        std::vector<http::Reply> replies;
        QVERIFY(becomesTrue([&] { return !(replies = site.takeReplies()).empty(); }));
        std::thread([&replies] {
            replies.front()(textResponse("late"));
            replies.front()(textResponse("a second answer counts for nothing"));
        }).join();
        QCOMPARE(client.read().body, std::string("late"));
        QCOMPARE(client.read().body, std::string("/c||0"));
    }

    void anAnswerMayComeAfterConnectionAndServerHaveGone()
    {
        EchoSite site;
        auto server = serve(site);
        std::vector<http::Reply> replies;
        {
            RawConnection client(server->port());
            client.send(requestText("GET", "/later"));
            QVERIFY(becomesTrue([&] { return !(replies = site.takeReplies()).empty(); }));
        }
        replies.front()(textResponse("nobody hears this"));
        RawConnection client(server->port());
        client.send(requestText("GET", "/later"));
        QVERIFY(becomesTrue([&] { return !(replies = site.takeReplies()).empty(); }));
        server.reset();
        replies.front()(textResponse("nor this"));
    }

    void headIsAnsweredWithoutBody()
    {
        EchoSite site;
        const auto server = serve(site);
        RawConnection client(server->port());
        client.send(requestText("HEAD", "/abc"));
        const Answer answer = client.read(RawConnection::Body::None);
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.field("content-length"), std::string("7"));
        client.send(requestText("GET", "/next"));
        QCOMPARE(client.read().body, std::string("/next||0"));
    }

    void requestsInPiecesAndChunksAreTakenWhole()
    {
        EchoSite site;
        const auto server = serve(site);
        RawConnection client(server->port());
        for (const char c : std::string("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"))
            client.send(std::string_view(&c, 1));
        QCOMPARE(client.read().body, std::string("/slow||0"));
        client.send("POST /chunks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n5\r\ndefgh\r\n");
        client.send("0\r\n\r\n");
        QCOMPARE(client.read().body, std::string("/chunks||8"));
    }

    void expectationOfContinueIsMet()
    {
        EchoSite site;
        const auto server = serve(site);
        RawConnection client(server->port());
        client.send("PUT /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
        QCOMPARE(client.read().status, 100);
        client.send("body");
        QCOMPARE(client.read().body, std::string("/x||4"));
    }

    void malformedRequestsAreRefusedAndTheConnectionEnds_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("status");
        const auto row = [](const char* name, const char* text, int status) {
            QTest::newRow(name) << QByteArray(text) << status;
        };
        row("no HTTP", "hello\r\n\r\n", 400);
        row("no host", "GET / HTTP/1.1\r\n\r\n", 400);
        row("two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400);
        row("two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400);
        row("length and chunks",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
        row("unknown coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\nGET /x HTTP/1.1\r\n", 400);
        row("unknown coding and length",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc", 400);
        row("chunks not last", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", 400);
        row("negative length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400);
        row("space before colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400);
        row("control character", "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", 400);
        row("relative target", "GET x HTTP/1.1\r\nHost: a\r\n\r\n", 400);
        row("other version", "GET / HTTP/7.0\r\nHost: a\r\n\r\n", 505);
        row("bad chunk", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400);
        row("body too long", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\nabc", 413);
    }
    void malformedRequestsAreRefusedAndTheConnectionEnds()
    {
        QFETCH(QByteArray, text);
        QFETCH(int, status);
        EchoSite site;
        const auto server = serve(site);
        RawConnection client(server->port());
        client.send(text.toStdString());
        const Answer answer = client.read();
        QCOMPARE(answer.status, status);
        QCOMPARE(answer.field("connection"), std::string("close"));
        QVERIFY(client.isClosedByPeer());
    }

    void whatIsTooLongIsRefused()
    {
        EchoSite site;
        const auto server = serve(site);
        RawConnection header(server->port());
        header.send(requestText("GET", "/", {{"X-Long", std::string(17 * 1024, 'a')}}));
        QCOMPARE(header.read().status, 431);
        RawConnection line(server->port());
        line.send("GET /" + std::string(20 * 1024, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n");
        QCOMPARE(line.read().status, 431);
        RawConnection body(server->port());
        body.send(requestText("POST", "/", {}, std::string(1024 * 1024, 'x')));
        QCOMPARE(body.read().body, std::string("/||1048576"));
        RawConnection chunks(server->port());
        chunks.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n" +
                    std::string(0x100001, 'x') + "\r\n0\r\n\r\n");
        QCOMPARE(chunks.read().status, 413);
    }

    void whoMaySendMoreIsAskedBeforeTheBodyIsRead()
    {
        EchoSite site;
        std::atomic<int> asked = 0;
        const auto server = serve(site, {}, [&asked](const http::Request& header) {
            ++asked;
            return std::uint64_t(header.path == "/long" ? 2'000'000 : 1'000'000);
        });
        const std::string chunked = " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1e8480\r\n" +
                                    std::string(2'000'000, 'x') + "\r\n0\r\n\r\n";
        QCOMPARE(call(server->port(), "POST", "/short", {}, "four").body, std::string("/short||4"));
        QCOMPARE(asked.load(), 0);
        const std::string body(2'000'000, 'x');
        QCOMPARE(call(server->port(), "POST", "/long", {}, body).body, std::string("/long||2000000"));
        RawConnection chunks(server->port());
        chunks.send("POST /long" + chunked + "POST /other" + chunked);
        QCOMPARE(chunks.read().body, std::string("/long||2000000"));
        QCOMPARE(chunks.read().status, 413);
        RawConnection waiting(server->port());
        waiting.send("PUT /long HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2000001\r\n\r\n");
        const Answer refused = waiting.read();
        QCOMPARE(refused.status, 413);
        QCOMPARE(refused.body, std::string("The request body is larger than 2000000 bytes."));
        QCOMPARE(asked.load(), 4);
    }

    void whoIsTooSlowIsTurnedAway()
    {
        EchoSite site;
        http::ServerOptions options;
        options.limits.headerTimeout = std::chrono::milliseconds(200);
        options.limits.idleTimeout = std::chrono::milliseconds(300);
        options.limits.bodyTimeout = std::chrono::milliseconds(300);
        const auto server = serve(site, options);
        RawConnection half(server->port());
        half.send("GET / HTTP/1.1\r\nHo");
        QCOMPARE(half.read().status, 408);
        QVERIFY(half.isClosedByPeer());
        RawConnection halfBody(server->port());
        halfBody.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
        QCOMPARE(halfBody.read().status, 408);
        RawConnection silent(server->port());
        QVERIFY(silent.isClosedByPeer());
        RawConnection idle(server->port());
        idle.send(requestText("GET", "/"));
        QCOMPARE(idle.read().status, 200);
        QVERIFY(idle.isClosedByPeer());
    }

    void tooManyConnectionsAreTurnedAway()
    {
        EchoSite site;
        http::ServerOptions options;
        options.limits.connections = 2;
        const auto server = serve(site, options);
        std::vector<std::unique_ptr<RawConnection>> clients;
        for (int i = 0; i < 2; ++i) {
            clients.push_back(std::make_unique<RawConnection>(server->port()));
            clients.back()->send(requestText("GET", "/"));
            QCOMPARE(clients.back()->read().status, 200);
        }
        RawConnection third(server->port());
        QCOMPARE(third.read().status, 503);
        clients.pop_back();
        QVERIFY(becomesTrue([&] { return call(server->port(), "GET", "/").status == 200; }));
    }

    void aWebSocketReaderGetsTheNewestTextOnly()
    {
        EchoSite site;
        *site.newest = 1;
        site.feedSize = 4 * 1024 * 1024;
        const auto server = serve(site);
        RawConnection client(server->port());
        client.send(requestText("GET", "/feed", webSocketFields()));
        const Answer opened = client.read();
        QCOMPARE(opened.status, 101);
        QCOMPARE(opened.field("sec-websocket-accept"), std::string("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        QVERIFY(becomesTrue([&] { return site.wake(); }));
        for (int i = 2; i <= 500; ++i) {
            *site.newest = i;
            site.wake();
        }
        int texts = 0;
        for (int last = 0; last != 500; ++texts)
            last = std::atoi(client.readFrame().substr(0, 8).c_str());
        QVERIFY2(texts < 100, qPrintable(QString::number(texts)));
        *site.newest = 501;
        site.wake();
        QCOMPARE(std::atoi(client.readFrame().substr(0, 8).c_str()), 501);
    }

    void eventStreamsTellPositionAndText()
    {
        EchoSite site;
        const auto server = serve(site);
        RawConnection reader(server->port());
        reader.send(requestText("GET", "/feed", {{"X-Request-Id", "r1"}}));
        const Answer opened = reader.read();
        QCOMPARE(opened.status, 200);
        QCOMPARE(opened.field("content-type"), std::string("text/event-stream"));
        QCOMPARE(opened.field("x-request-id"), std::string("r1"));
        QCOMPARE(opened.field("cache-control"), std::string("no-store"));
        QVERIFY(becomesTrue([&] { return site.wake(); }));
        for (const int i : {1, 2}) {
            *site.newest = i;
            site.wake();
            const std::string number = std::to_string(i);
            QCOMPARE(reader.readUntil("\n\n"), "id: p" + number + "\ndata: " + number);
        }
    }

    // The server neither waits for a reader who does not read nor keeps more than one item for him.
    void anEventStreamThatIsNotReadIsClosed()
    {
        EchoSite site;
        site.feedSize = 32 << 20;
        http::ServerOptions options;
        options.limits.headerTimeout = std::chrono::milliseconds(200);
        options.limits.writeTimeout = std::chrono::milliseconds(200);
        options.limits.feeds = 1;
        const auto server = serve(site, options);
        RawConnection reader(server->port());
        reader.send(requestText("GET", "/feed"));
        QCOMPARE(reader.read().status, 200);
        QVERIFY(becomesTrue([&] { return site.wake(); }));
        *site.newest = 1;
        site.wake();
        QVERIFY(becomesTrue([&] { return call(server->port(), "GET", "/feed").status == 200; }));
    }

    void aWebSocketThatIsNotReadOrDoesNotAnswerIsClosed()
    {
        EchoSite site;
        http::ServerOptions options;
        options.limits.feeds = 1;
        options.limits.writeTimeout = std::chrono::milliseconds(300);
        const auto server = serve(site, options);
        const std::string upgrade = requestText("GET", "/feed", webSocketFields());
        RawConnection silent(server->port());
        silent.send(upgrade);
        QCOMPARE(silent.read().status, 101);
        QVERIFY(silent.readFrame().empty());
        *site.newest = 1;
        site.feedSize = 64 * 1024 * 1024;
        const auto isLetIn = [&](RawConnection& reader) {
            reader.send(upgrade);
            return reader.read().status == 101;
        };
        RawConnection slow(server->port());
        QVERIFY(isLetIn(slow));
        QVERIFY(becomesTrue([&] {
            RawConnection next(server->port());
            return isLetIn(next);
        }));
    }

    void aWebSocketReaderMaySayLittle()
    {
        EchoSite site;
        const auto server = serve(site);
        RawConnection client(server->port());
        client.send(requestText("GET", "/feed", webSocketFields()));
        QCOMPARE(client.read().status, 101);
        client.send(std::string("\x81\x85\0\0\0\0hello", 11));
        *site.newest = 1;
        QVERIFY(becomesTrue([&] { return site.wake(); }));
        QCOMPARE(client.readFrame(), std::string("1"));
        client.send(std::string("\x81\xfe\x13\x88\0\0\0\0", 8) + std::string(5000, 'x'));
        QVERIFY(client.readFrame().empty());
    }

    void tooManyWebSocketsAreTurnedAway()
    {
        EchoSite site;
        http::ServerOptions options;
        options.limits.feeds = 1;
        const auto server = serve(site, options);
        auto first = std::make_unique<RawConnection>(server->port());
        first->send(requestText("GET", "/feed", webSocketFields()));
        QCOMPARE(first->read().status, 101);
        QCOMPARE(call(server->port(), "GET", "/feed", webSocketFields()).status, 503);
        first.reset();
        QVERIFY(becomesTrue([&] { return call(server->port(), "GET", "/feed", webSocketFields()).status == 101; }));
    }

    void thePortInUseIsNamedAndAFreeOneIsFound()
    {
        EchoSite site;
        const auto server = serve(site);
        http::ServerOptions options;
        options.port = server->port();
        const auto second = http::Server::start(options, {});
        QVERIFY(!second);
        QCOMPARE(second.error().code, ErrorCode::Unavailable);
        QVERIFY(second.error().message.find(std::to_string(options.port)) != std::string::npos);
        options.address = "not an address";
        QCOMPARE(http::Server::start(options, {}).error().code, ErrorCode::InvalidArgument);
    }

    void severalThreadsServeTogether()
    {
        EchoSite site;
        http::ServerOptions options;
        options.threads = 3;
        const auto server = serve(site, options);
        std::atomic<int> right = 0;
        std::vector<std::thread> clients;
        for (int i = 0; i < 8; ++i) {
            clients.emplace_back([&right, port = server->port()] {
                RawConnection client(port);
                for (int n = 0; n < 200; ++n) {
                    client.send(requestText("GET", "/n"));
                    right += client.read().status == 200 ? 1 : 0;
                }
            });
        }
        for (std::thread& client : clients)
            client.join();
        QCOMPARE(right.load(), 1600);
    }
};

QTEST_GUILESS_MAIN(ApiHttpServerTest)
#include "api_http_server_test.moc"
