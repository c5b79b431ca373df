#include "core/api/setup_token.h"
#include "core/api/sign_in.h"
#include "core/plane/passwords.h"
#include "tests/plane/api_fixture.h"

#include <QTest>

#include <fstream>

using namespace headgate;
using namespace headgate::test;

namespace {

const TimePoint start = fromEpochMs(1'800'000'000'000);

// Most memory that this process ever had.
long mostMebibytes()
{
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:"))
            return std::stol(line.substr(6)) / 1024;
    }
    return 0;
}

}  // namespace

class ApiAuthTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aNewPasswordEndsSessionsOverHttp()
    {
        ApiFixture api;
        QVERIFY(api.isUp() && api.addAccount("admin") && api.signIn());
        QCOMPARE(api.as("GET", "/api/v1/nodes").status, 200);
        // Hashed anew with a salt of its own: to the server it is another password.
        QVERIFY(api.addAccount("admin"));
        QCOMPARE(api.as("GET", "/api/v1/nodes").status, 401);
        QCOMPARE(api.as("GET", "/as/v1/nodegroups").status, 401);
        QVERIFY(api.signIn());
        QCOMPARE(api.as("GET", "/api/v1/nodes").status, 200);
    }

    void anEventStreamEndsWithItsToken()
    {
        ApiOptions options;
        options.tokenLifetimes.dialect = std::chrono::seconds(4);
        options.limits.headerTimeout = std::chrono::milliseconds(200);
        ApiFixture api(options);
        QVERIFY(api.isUp() && api.addAccount("admin") && api.signIn());
        RawConnection reader(api.port());
        reader.send(
            requestText("GET", "/api/v1/events", webSocketFields({{"Authorization", "Bearer " + api.token()}})));
        QCOMPARE(reader.read(RawConnection::Body::None).status, 101);
        QVERIFY(!reader.readFrame().empty());
        // Snapshots go on for ever; the stream of texts ends.
        while (!reader.readFrame().empty())
            continue;
        QCOMPARE(api.as("GET", "/api/v1/nodes").status, 401);
    }

    void passwordsAreHashedWithArgon2id()
    {
        const auto hash = hashPassword("correct horse battery");
        QVERIFY(hash);
        QVERIFY(hash->starts_with("$argon2id$v=19$m=65536,t=3,p=1$"));
        QVERIFY(*hash != *hashPassword("correct horse battery"));
        QVERIFY(isPasswordOf("correct horse battery", *hash));
        QVERIFY(!isPasswordOf("correct horse batterz", *hash));
        QVERIFY(!isPasswordOf("", hashOfNothing()));
        QCOMPARE(makeAccount("admin", "too short", AccountRole::Admin).error().pointer, std::string("/password"));
        QCOMPARE(makeAccount("a:b", "long enough for us", AccountRole::Admin).error().pointer,
                 std::string("/username"));
        QCOMPARE(makeAccount("", "long enough for us", AccountRole::Admin).error().pointer, std::string("/username"));
    }

    // Each takes 64 MiB: two are worked out at a time, 32 wait, and the others are turned away.
    void soManyPasswordsAreHashedAtATime()
    {
        ApiOptions options;
        options.trustedProxies = TrustedProxies::parse("127.0.0.1").value();
        const ApiFixture api(options);
        QVERIFY(hashPassword("what one takes"));
        const long before = mostMebibytes();
        std::vector<std::unique_ptr<RawConnection>> clients;
        for (int i = 0; i < 100; ++i) {
            const std::string number = std::to_string(i);
            clients.push_back(std::make_unique<RawConnection>(api.port()));
            clients.back()->send(requestText("POST", "/api/v1/sessions", {{"X-Forwarded-For", "203.0.113." + number}},
                                             R"({"username":"u)" + number + R"(","password":"correct horse"})"));
        }
        std::map<int, int> answers;
        for (const auto& client : clients)
            ++answers[client->read().status];
        QCOMPARE(answers[401] + answers[429], 100);
        QVERIFY2(answers[401] >= 32 && answers[429] > 0, std::to_string(answers[401]).c_str());
        const long more = mostMebibytes() - before;
        QVERIFY2(before > 64 && more < 3 * 64, std::to_string(more).c_str());
    }

    void guessingGetsSlowerAndSlower()
    {
        Throttle throttle(5);
        for (int i = 0; i < 6; ++i)
            QVERIFY(!throttle.begin("admin@here", start));
        QCOMPARE(throttle.begin("admin@here", start)->count(), 1);
        QVERIFY(!throttle.begin("admin@there", start));
        TimePoint now = start;
        std::chrono::seconds longest{0};
        for (int i = 0; i < 12; ++i) {
            const auto wait = throttle.begin("admin@here", now);
            now += wait.value_or(std::chrono::seconds(0));
            longest = std::max(longest, wait.value_or(std::chrono::seconds(0)));
        }
        QCOMPARE(longest.count(), 32);
        throttle.forget("admin@here");
        QVERIFY(!throttle.begin("admin@here", now));
        throttle.forgive("nobody");
    }

    void whoRestsBeginsAnew()
    {
        Throttle throttle(2);
        for (int i = 0; i < 3; ++i)
            QVERIFY(!throttle.begin("a", start));
        QVERIFY(throttle.begin("a", start));
        for (int i = 0; i < 3; ++i)
            QVERIFY(!throttle.begin("a", start + std::chrono::minutes(16)));
        for (int i = 0; i < 100; ++i) {
            QVERIFY(!throttle.begin("b", start));
            throttle.forgive("b");
        }
    }

    void guessingFromManyAddressesOrAtManyAccountsGetsSlowerToo()
    {
        SignInLimits limits;
        const auto at = [](int number) { return "10.0.0." + std::to_string(number); };
        limits.succeed({"admin", "", "home"});
        int refused = 0;
        for (int i = 0; i < 200; ++i)
            refused += limits.begin({"admin", "", at(i)}, start) ? 1 : 0;
        QVERIFY(refused >= 90);
        QVERIFY(!limits.begin({"admin", "", "home"}, start));
        QVERIFY(limits.begin({"admin", "", "elsewhere"}, start));
        refused = 0;
        for (int i = 0; i < 200; ++i)
            refused += limits.begin({"user" + std::to_string(i), "", "one"}, start) ? 1 : 0;
        QVERIFY(refused >= 140);
    }

    void madeUpNamesMakeNobodyForgotten()
    {
        Throttle throttle(5);
        for (int i = 0; i < 7; ++i)
            throttle.begin("admin", start);
        for (int i = 0; i < 20'000; ++i)
            throttle.begin("name" + std::to_string(i), start);
        QVERIFY(throttle.begin("admin", start));
    }

    void aHouseholdGuessesAsOneAddress()
    {
        SignInLimits limits;
        int refused = 0;
        for (int i = 0; i < 200; ++i)
            refused += limits.begin({"u" + std::to_string(i), "", "2001:db8::" + std::to_string(i + 1)}, start) ? 1 : 0;
        QVERIFY(refused >= 140);
        QVERIFY(!limits.begin({"u1", "", "2001:db8:0:1::1"}, start));
    }

    void aPersonalTokenMakesNoOthers()
    {
        ApiFixture api;
        QVERIFY(api.isUp() && api.addAccount("admin") && api.signIn());
        const std::string wish = R"({"name":"robot","role":"viewer"})";
        const nlohmann::json made = api.as("POST", "/api/v1/tokens", wish).json();
        const Fields robot{{"Authorization", "Bearer " + made["secret"].get<std::string>()}};
        QCOMPARE(call(api.port(), "GET", "/api/v1/tokens", robot).status, 200);
        QCOMPARE(call(api.port(), "POST", "/api/v1/tokens", robot, wish).status, 403);
        QVERIFY(api.as("GET", "/api/v1/tokens").json()["tokens"].size() == 1);
    }

    void theSetupTokenWorksOnce()
    {
        const std::string token = newSetupToken();
        QCOMPARE(token.size(), std::size_t(32));
        SetupToken setup(setupTokenDigest(token));
        for (int i = 0; i < 5; ++i)
            QCOMPARE(setup.take("wrong", start).error().code, ErrorCode::Unauthenticated);
        QCOMPARE(setup.take(token, start).error().code, ErrorCode::ResourceExhausted);
        const TimePoint later = start + std::chrono::minutes(1);
        QVERIFY(setup.take(token, later));
        QCOMPARE(setup.take(token, later).error().code, ErrorCode::NotFound);
        setup.giveBack();
        QVERIFY(setup.take(token, later));
        QCOMPARE(SetupToken("").take("", later).error().code, ErrorCode::NotFound);
    }

    void theFirstAccountIsMadeOverHttpOnce()
    {
        const std::string token = newSetupToken();
        ApiOptions options;
        options.setupTokenDigest = setupTokenDigest(token);
        ApiFixture api(options);
        QVERIFY(api.isUp());
        QVERIFY(call(api.port(), "GET", "/api/v1/health").json()["hasAccounts"] == false);
        nlohmann::json wish{{"token", "wrong"}, {"username", "admin"}, {"password", ApiFixture::password()}};
        const auto setUp = [&] { return call(api.port(), "POST", "/api/v1/setup", {}, wish.dump()); };
        QCOMPARE(setUp().status, 401);
        wish["token"] = token;
        wish["password"] = "short";
        QVERIFY(setUp().json()["pointer"] == "/password");
        wish["password"] = ApiFixture::password();
        const Answer made = setUp();
        QCOMPARE(made.status, 201);
        QCOMPARE(setUp().status, 404);
        const std::string bearer = "Bearer " + made.json()["token"].get<std::string>();
        QCOMPARE(call(api.port(), "GET", "/api/v1/snapshot", {{"Authorization", bearer}}).status, 200);
        QVERIFY(api.signIn());
        const std::string trail = api.as("GET", "/api/v1/audit").body;
        QVERIFY(trail.find("argon2") == std::string::npos);
        QVERIFY(trail.find(ApiFixture::password()) == std::string::npos);
    }

    void bothFormsOfSigningInAnswerTheUnion()
    {
        ApiFixture api;
        QVERIFY(api.isUp() && api.addAccount("admin"));
        for (const auto& [method, scheme] : {std::pair("PUT", "Basic"), std::pair("POST", "basic")}) {
            const Fields basic{{"Authorization", std::string(scheme) + " YWRtaW46Y29ycmVjdCBob3JzZSBiYXR0ZXJ5"},
                               {"Content-Length", "0"}};
            const auto body = call(api.port(), method, "/as/v1/auth/login", basic).json();
            QVERIFY(body["token"] == body["accessToken"]);
            QVERIFY(body["tokenType"] == "Bearer");
            QVERIFY(body["expiresIn"] == 3600 && !body.contains("refreshToken"));
            QVERIFY(!body.contains("errorMessage"));
        }
        QVERIFY(api.signIn());
        const auto refused = [&](const std::string& body, const Fields& fields = {}) {
            const Answer answer = call(api.port(), "POST", "/as/v1/auth/login", fields, body);
            return answer.status == 401 && answer.json()["errorMessage"].is_string();
        };
        QVERIFY(refused(R"({"username":"admin","password":"correct horse batterz"})"));
        QVERIFY(refused(R"({"username":"nobody","password":"correct horse battery"})"));
        QVERIFY(refused(R"({"username":"admin"})"));
        QVERIFY(refused(R"({"username":)"));
        QVERIFY(refused("", {{"Authorization", "Basic ####"}}));
        QVERIFY(refused("", {{"Authorization", "Basic YWRtaW4="}}));
    }

    void aRefusalDoesNotTellWhoIsThere()
    {
        ApiFixture api;
        QVERIFY(api.isUp() && api.addAccount("admin"));
        for (const char* path : {"/api/v1/sessions", "/as/v1/auth/login"}) {
            std::vector<nlohmann::json> said;
            for (const char* name : {"admin", "nobody"}) {
                const nlohmann::json wish{{"username", name}, {"password", "correct horse batterz"}};
                const Answer answer = call(api.port(), "POST", path, {}, wish.dump());
                QCOMPARE(answer.status, 401);
                said.push_back(answer.json());
                said.back().erase("requestId");
            }
            QVERIFY2(said[0] == said[1], said[0].dump().c_str());
        }
    }

    void tooManyWrongPasswordsAreTurnedAwayWithAWait()
    {
        ApiFixture api;
        QVERIFY(api.isUp() && api.addAccount("admin"));
        Answer answer;
        for (int i = 0; i < 7; ++i)
            answer = call(api.port(), "POST", "/as/v1/auth/login", {}, R"({"username":"admin","password":"no"})");
        QCOMPARE(answer.status, 429);
        QVERIFY(std::stoi(answer.field("retry-after")) >= 1);
        QVERIFY(api.addAccount("other") && api.signIn("other"));
    }

    void callsNeedATokenThatHolds()
    {
        ApiOptions options;
        options.tokenLifetimes.dialect = std::chrono::seconds(-1);
        ApiFixture api(options);
        QVERIFY(api.isUp() && api.addAccount("admin") && api.signIn());
        for (const char* path : {"/api/v1/snapshot", "/as/v1/admin/nodegroup", "/as/v1/streams", "/as/v1/nodegroups",
                                 "/as/v1/streams/live/a/publish"}) {
            const Answer none = call(api.port(), "GET", path);
            QCOMPARE(none.status, 401);
            QCOMPARE(none.field("www-authenticate"), std::string("Bearer"));
            QCOMPARE(api.as("GET", path).status, 401);
            QCOMPARE(call(api.port(), "GET", path, {{"Authorization", "Bearer x.y.z"}}).status, 401);
        }
        QCOMPARE(call(api.port(), "GET", "/api/v1/events", webSocketFields()).status, 401);
    }
};

QTEST_GUILESS_MAIN(ApiAuthTest)
#include "api_auth_test.moc"
