#include "core/api/http_server.h"
#include "tests/plane/api_client.h"

#include <QTest>

#include <random>

using namespace headgate;
using namespace headgate::test;

namespace {

const std::string usual = requestText("GET", "/as/v1/a?x=1",
                                      {{"Host", "a"},
                                       {"Authorization", "Bearer abc"},
                                       {"Accept", "text/plain"},
                                       {"X-Request-Id", "r"},
                                       {"X-Forwarded-For", "1.2.3.4"}});

// Tells all that it was asked.
http::Answer echo(const http::Request& request)
{
    http::Response response;
    for (const std::string& part :
         {request.path, request.query, request.host, request.origin, request.authorization, request.contentType,
          request.accept, request.ifMatch, request.ifNoneMatch, request.requestId, request.idempotencyKey,
          request.lastEventId, request.preflightMethod, request.body, request.remoteAddress})
        response.body += part + "|";
    response.body += std::to_string(static_cast<int>(request.method)) + (request.isWebSocketUpgrade ? "w" : "");
    return response;
}

std::unique_ptr<http::Server> serveEcho(http::ServerOptions options = {})
{
    http::Service service;
    service.route = echo;
    service.clientOf = [](const std::string&, std::string_view forwardedFor) { return std::string(forwardedFor); };
    service.refuse = [](int status, const std::string& detail, const std::string& path) {
        http::Response response;
        response.status = status;
        response.body = path + detail;
        return response;
    };
    auto server = http::Server::start(std::move(options), std::move(service));
    return server ? std::move(*server) : nullptr;
}

// One connection that sends `first`, hears its answer if there is one, sends `then` and hears all that comes.
std::string talk(std::uint16_t port, const std::string& first, const std::string& then)
{
    RawConnection client(port);
    if (!first.empty()) {
        client.send(first);
        if (client.read().status != 200)
            return "no answer";
    }
    client.send(then + requestText("GET", "/end", {{"Host", "a"}, {"Connection", "close"}}));
    std::string heard;
    for (Answer answer = client.read(); answer.status != 0; answer = client.read())
        heard += std::to_string(answer.status) + " " + answer.field("connection") + " " + answer.body + "\n";
    return heard;
}

// Some bytes of it are others.
std::string spoiled(std::string text, std::mt19937& random)
{
    static const std::string bytes("\r\n \t:?%/GET1aZ\0\x7f\x80", 18);
    for (auto count = random() % 3; count < 3; ++count) {
        const std::size_t at = random() % text.size();
        const char byte = bytes[random() % bytes.size()];
        if (const auto way = random() % 3; way == 0)
            text.insert(at, 1, byte);
        else if (way == 1)
            text.erase(at, 1);
        else
            text[at] = byte;
    }
    return text;
}

}  // namespace

class ApiRepeatedHeaderTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whoAsksAgainIsAnsweredLikeAnyOther()
    {
        const auto server = serveEcho();
        std::mt19937 random(20);
        for (int round = 0; round < 3000; ++round) {
            std::string then = usual;
            if (round % 3 == 1)
                then.replace(4, 12, round % 2 == 0 ? "/b%20c?" : "/longer/than/before?y=" + std::to_string(round));
            else if (round % 3 == 2)
                then = spoiled(usual, random);
            const std::string heard = talk(server->port(), usual, then);
            QCOMPARE(heard, talk(server->port(), {}, then));
            QVERIFY(round % 3 == 2 || heard.starts_with("200 "));
        }
    }

    void aHeaderInABodyIsNoHeader()
    {
        const auto server = serveEcho();
        std::string bearing = requestText("GET", "/bearing", {{"Host", "a"}, {"Authorization", "other"}}, usual);
        QCOMPARE(talk(server->port(), bearing, usual), talk(server->port(), {}, usual));
        bearing.replace(0, 3, "PUT");
        QCOMPARE(talk(server->port(), bearing, usual), talk(server->port(), {}, usual));
    }

    void theLongestHeaderStaysTheLongest()
    {
        http::ServerOptions options;
        options.limits.headerBytes = 300;
        const auto server = serveEcho(options);
        for (const std::size_t length : {100, 400}) {
            std::string then = usual;
            then.insert(5, length, 'l');
            const std::string heard = talk(server->port(), usual, then);
            QVERIFY(heard.starts_with(length == 100 ? "200 " : "431 "));
            QCOMPARE(heard, talk(server->port(), {}, then));
        }
    }
};

QTEST_GUILESS_MAIN(ApiRepeatedHeaderTest)
#include "api_repeated_header_test.moc"
