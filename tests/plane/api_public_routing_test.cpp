#include "core/wire/native_codec.h"
#include "tests/plane/api_fixture.h"
#include "tests/plane/dialect_documents.h"
#include "tests/support/groups.h"

#include <QTest>

using namespace headgate;
using namespace headgate::test;

namespace {

const std::string streams = "/as/v1/streams/stream/eu-live";

Fields from(const std::string& address)
{
    return {{"X-Forwarded-For", address}};
}

ApiOptions fewCalls()
{
    ApiOptions options;
    options.trustedProxies = TrustedProxies::parse("127.0.0.1").value();
    options.callRates.perAddress = {1, 3};
    options.callRates.perSession = {1, 5};
    return options;
}

bool tellsItsLimit(const Answer& answer, const std::string& whose)
{
    return answer.status == 429 && std::stoi("0" + answer.field("retry-after")) >= 1 &&
           answer.field("ratelimit-policy") == "\"" + whose + "\";q=1;w=1" &&
           answer.field("ratelimit").starts_with("\"" + whose + "\";r=0;t=");
}

}  // namespace

// What the dialect answers without a token, and how often anything is answered.
class ApiPublicRoutingTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_api = std::make_unique<ApiFixture>(fewCalls());
        QVERIFY(m_api->isUp() && m_api->addAccount("admin") && m_api->signIn());
        NodeGroup group = testing::makeGroup();
        group.name = NodeGroupName("eu-live");
        for (Subgroup& subgroup : group.subgroups) {
            for (ScaleRule& rule : subgroup.rules)
                rule.min = 0;
        }
        m_group = native::toJson(group);
        QCOMPARE(m_api->as("POST", "/api/v1/node-groups", m_group.dump()).status, 201);
    }
    void cleanup() { m_api.reset(); }

    void theGroupSaysWhetherATokenIsNeeded()
    {
        QCOMPARE(get(streams).status, 200);
        set("off");
        for (const char* rest : {"", "/stream/live/a", "/live/a", "/publish/live/a", "/subscribe/live/a"}) {
            QVERIFY(isError(get(streams + rest), 401));
            QVERIFY(m_api->as("GET", streams + rest).status != 401);
        }
        set("on");
        QCOMPARE(get(streams).status, 200);
    }

    void aTokenThatDoesNotHoldIsRefusedAllTheSame()
    {
        QVERIFY(isError(call(m_api->port(), "GET", streams, {{"Authorization", "Bearer none"}}), 401));
    }

    void anAddressMayCallSoOften()
    {
        for (int i = 0; i < 3; ++i)
            QCOMPARE(get(streams, from("203.0.113.7")).status, 200);
        const Answer refused = get(streams, from("203.0.113.7"));
        QVERIFY(isError(refused, 429) && tellsItsLimit(refused, "address"));
        QCOMPARE(get(streams, from("203.0.113.8")).status, 200);
        // Open calls and tokens that do not hold count as well, in both dialects.
        QVERIFY(tellsItsLimit(get("/as/v1/admin/healthz", from("203.0.113.7")), "address"));
        QVERIFY(tellsItsLimit(get("/api/v1/health", from("203.0.113.7")), "address"));
        Fields guessed = from("203.0.113.7");
        guessed.emplace_back("Authorization", "Bearer guessed");
        QVERIFY(tellsItsLimit(get("/api/v1/nodes", guessed), "address"));
        QCOMPARE(m_api->as("GET", "/api/v1/nodes", {}, from("203.0.113.7")).status, 200);
    }

    void aHouseholdIsOneAddress()
    {
        for (int i = 0; i < 3; ++i)
            QCOMPARE(get(streams, from("2001:db8::" + std::to_string(i + 1))).status, 200);
        QVERIFY(tellsItsLimit(get(streams, from("2001:db8::ffff:1")), "address"));
        QCOMPARE(get(streams, from("2001:db8:0:1::1")).status, 200);
    }

    void aSessionMayCallSoOften()
    {
        for (int i = 0; i < 5; ++i)
            QCOMPARE(m_api->as("GET", "/api/v1/nodes", {}, from("203.0.113." + std::to_string(i))).status, 200);
        const Answer refused = m_api->as("GET", "/api/v1/nodes", {}, from("203.0.113.99"));
        QCOMPARE(refused.field("content-type"), std::string("application/problem+json"));
        QVERIFY(tellsItsLimit(refused, "session"));
        QVERIFY(isError(m_api->as("GET", streams, {}, from("203.0.113.99")), 429));
        QVERIFY(m_api->signIn());
        QCOMPARE(m_api->as("GET", "/api/v1/nodes", {}, from("203.0.113.99")).status, 200);
    }

    // Of each address so many, whatever others hold; of trusted proxies and of this machine as many as they like.
    void anAddressHoldsSoManyConnections()
    {
        ApiOptions options;
        options.limits.connectionsPerAddress = 2;
        options.trustedProxies = TrustedProxies::parse("127.0.0.7").value();
        const ApiFixture api(options);
        std::vector<std::unique_ptr<RawConnection>> open;
        const auto statusFrom = [&](const char* address) {
            open.push_back(std::make_unique<RawConnection>(api.port(), address));
            open.back()->send(requestText("GET", "/api/v1/health"));
            return open.back()->read().status;
        };
        for (const char* address : {"127.0.0.5", "127.0.0.6"}) {
            QCOMPARE(statusFrom(address), 200);
            QCOMPARE(statusFrom(address), 200);
            QCOMPARE(statusFrom(address), 429);
        }
        RawConnection more(api.port(), "127.0.0.5");
        const Answer refused = more.read();
        QCOMPARE(refused.status, 429);
        QVERIFY(more.isClosedByPeer());
        QVERIFY(refused.field("retry-after") == "1" && refused.field("content-type") == "application/problem+json");
        for (int i = 0; i < 5; ++i) {
            QCOMPARE(statusFrom("127.0.0.1"), 200);
            QCOMPARE(statusFrom("127.0.0.7"), 200);
        }
        // Whoever closes one may open one.
        open.erase(open.begin());
        QVERIFY(becomesTrue([&] { return statusFrom("127.0.0.5") == 200; }));
    }

    void aUserReadsEventsSoOftenAtATime()
    {
        ApiOptions options;
        options.limits.feedsPerUser = 2;
        options.trustedProxies = TrustedProxies::parse("127.0.0.1").value();
        ApiFixture api(options);
        std::vector<std::unique_ptr<RawConnection>> open;
        const auto statusOf = [&](Fields fields, const Fields& form) {
            fields.emplace_back("Authorization", "Bearer " + api.token());
            fields.insert(fields.end(), form.begin(), form.end());
            open.push_back(std::make_unique<RawConnection>(api.port()));
            open.back()->send(requestText("GET", "/api/v1/events", fields));
            return open.back()->read(RawConnection::Body::None).status;
        };
        const Fields asEvents{{"Accept", "text/event-stream"}};
        QVERIFY(api.addAccount("anna") && api.addAccount("bert") && api.signIn("anna"));
        QCOMPARE(statusOf(from("203.0.113.1"), webSocketFields()), 101);
        QCOMPARE(statusOf(from("203.0.113.2"), asEvents), 200);
        QCOMPARE(statusOf(from("203.0.113.3"), webSocketFields()), 429);
        QCOMPARE(statusOf(from("203.0.113.4"), asEvents), 429);
        QCOMPARE(statusOf({}, webSocketFields()), 101);  // from this machine
        QVERIFY(api.signIn("bert"));
        QCOMPARE(statusOf(from("203.0.113.1"), asEvents), 200);
        QVERIFY(api.signIn("anna"));
        open.erase(open.begin());
        QVERIFY(becomesTrue([&] { return statusOf(from("203.0.113.1"), webSocketFields()) == 101; }));
    }

    void whoIsOnThisMachineMayCallAsOftenAsHeLikes()
    {
        for (int i = 0; i < 20; ++i) {
            QCOMPARE(get(streams).status, 200);
            QCOMPARE(m_api->as("GET", "/api/v1/nodes").status, 200);
        }
    }

private:
    Answer get(const std::string& target, const Fields& fields = {})
    {
        return call(m_api->port(), "GET", target, fields);
    }

    void set(const char* routing)
    {
        m_group["publicRouting"] = routing;
        QCOMPARE(m_api->as("PUT", "/api/v1/node-groups/eu-live", m_group.dump()).status, 200);
    }

    std::unique_ptr<ApiFixture> m_api;
    nlohmann::json m_group;
};

QTEST_GUILESS_MAIN(ApiPublicRoutingTest)
#include "api_public_routing_test.moc"
