#include "core/api/forwarder.h"
#include "core/api/http_server.h"
#include "tests/plane/api_client.h"

#include <QTest>

#include <future>
#include <mutex>

using namespace headgate;
using namespace headgate::test;
using std::chrono::milliseconds;

namespace {

// Says what it was asked; "/late" answers nothing, "/long" a megabyte.
class NodeDouble
{
public:
    NodeDouble()
    {
        http::Service service;
        service.route = [this](const http::Request& request) { return route(request); };
        service.refuse = [](int status, const std::string&, const std::string&) {
            return http::Response{status, {}, {}, {}};
        };
        m_server = std::move(*http::Server::start({}, std::move(service)));
    }

    ForwardTarget at(const std::string& path) const { return {"127.0.0.1", m_server->port(), path}; }

private:
    http::Answer route(const http::Request& request)
    {
        if (request.path == "/late")
            return http::Deferred{[this](http::Reply reply) {
                const std::lock_guard lock(m_mutex);
                m_waiting.push_back(std::move(reply));
            }};
        http::Response response;
        response.status = request.path == "/missing" ? 404 : 201;
        response.contentType = "text/plain";
        response.headers = {{"ETag", "\"7\""}, {"X-Private", "kept"}};
        response.body = request.path == "/long" ? std::string(1 << 20, 'x')
                                                : request.path + "?" + request.query + " " + request.body + " " +
                                                      request.contentType + " " + request.authorization;
        return response;
    }

    std::mutex m_mutex;
    std::vector<http::Reply> m_waiting;
    std::unique_ptr<http::Server> m_server;
};

http::Request request(http::Method method = http::Method::Get, const std::string& body = {})
{
    http::Request asked;
    asked.method = method;
    asked.contentType = "text/x";
    asked.authorization = "Bearer secret";
    asked.body = body;
    return asked;
}

class Asked
{
public:
    Asked(Forwarder& forwarder, ForwardTarget target, const http::Request& request = ::request())
    {
        forwarder.forward(
            std::move(target), request,
            [](int status, std::string detail) {
                return http::Response{status, "text/plain", std::move(detail), {}};
            },
            [answer = m_answer](http::Response response) { answer->set_value(std::move(response)); });
    }

    http::Response answer() { return m_answer->get_future().get(); }

private:
    std::shared_ptr<std::promise<http::Response>> m_answer = std::make_shared<std::promise<http::Response>>();
};

}  // namespace

class ApiForwarderTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void requestsGoThereAndAnswersComeBack()
    {
        const NodeDouble node;
        Forwarder forwarder;
        const http::Response posted =
            Asked(forwarder, node.at("/a%20b?c=d%26"), request(http::Method::Post, "text")).answer();
        QCOMPARE(posted.status, 201);
        QCOMPARE(posted.contentType, std::string("text/plain"));
        QCOMPARE(posted.body, std::string("/a%20b?c=d%26 text text/x "));  // without our caller's token
        QVERIFY(posted.headers ==
                (std::vector<std::pair<std::string, std::string>>{{"Cache-Control", "no-store"}, {"ETag", "\"7\""}}));
        QCOMPARE(Asked(forwarder, node.at("/missing")).answer().status, 404);
        const http::Response head = Asked(forwarder, node.at("/x"), request(http::Method::Head)).answer();
        QVERIFY(head.status == 201 && head.body.empty());
    }

    void whoDoesNotAnswerIsNamed()
    {
        Forwarder forwarder;
        ForwardTarget nobody;
        {
            const NodeDouble gone;
            nobody = gone.at("/");
        }
        const http::Response refused = Asked(forwarder, nobody).answer();
        QCOMPARE(refused.status, 502);
        QVERIFY(refused.body.find("127.0.0.1 port " + std::to_string(nobody.port)) != std::string::npos);
        QCOMPARE(Asked(forwarder, {"node.example", 80, "/"}).answer().status, 502);
    }

    void longAndLateAnswersEnd()
    {
        const NodeDouble node;
        Forwarder forwarder({milliseconds(300), 100'000, 64});
        QCOMPARE(Asked(forwarder, node.at("/long")).answer().status, 502);
        QCOMPARE(Asked(forwarder, node.at("/late")).answer().status, 504);
        QCOMPARE(Asked(forwarder, node.at("/x")).answer().status, 201);
    }

    void noMoreWaitThanAllowedAndNobodyWaitsForever()
    {
        const NodeDouble node;
        auto forwarder = std::make_unique<Forwarder>(ForwardLimits{milliseconds(60'000), 100'000, 1});
        Asked first(*forwarder, node.at("/late"));
        QCOMPARE(Asked(*forwarder, node.at("/x")).answer().status, 503);
        forwarder.reset();
        QCOMPARE(first.answer().status, 503);
    }

    void nobodyTakesAllPlaces()
    {
        const NodeDouble node;
        Forwarder forwarder({milliseconds(60'000), 100'000, 8});
        const auto from = [](const char* address) {
            http::Request asked = request();
            asked.remoteAddress = address;
            return asked;
        };
        const Asked first(forwarder, node.at("/late"), from("2001:db8::1"));
        const Asked second(forwarder, node.at("/late"), from("2001:db8::2"));
        QCOMPARE(Asked(forwarder, node.at("/x"), from("2001:db8::3")).answer().status, 503);
        QCOMPARE(Asked(forwarder, node.at("/x"), from("203.0.113.7")).answer().status, 201);
        // Behind this machine's own address are many.
        for (int i = 0; i < 5; ++i)
            const Asked late(forwarder, node.at("/late"), from("127.0.0.1"));
        QCOMPARE(Asked(forwarder, node.at("/x"), from("127.0.0.1")).answer().status, 201);
    }
};

QTEST_GUILESS_MAIN(ApiForwarderTest)
#include "api_forwarder_test.moc"
