#include "tests/plane/api_fixture.h"
#include "tests/plane/forged_tokens.h"

#include <QTest>

using namespace headgate;
using namespace headgate::test;
using nlohmann::json;

class ApiSessionsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_api = std::make_unique<ApiFixture>();
        QVERIFY(m_api->isUp() && m_api->addAccount("anna", AccountRole::Operator));
    }
    void cleanup() { m_api.reset(); }

    void aSessionIsRenewedAndItsTokenHoldsForMinutes()
    {
        const json first = signIn();
        QVERIFY(first["expiresIn"].get<int>() <= 15 * 60);
        QCOMPARE(statusWith(first["accessToken"]), 200);
        const json second = renew(first["refreshToken"]).json();
        QVERIFY(second["refreshToken"] != first["refreshToken"]);
        QCOMPARE(statusWith(second["accessToken"]), 200);
        QCOMPARE(statusWith(first["accessToken"]), 200);
        QCOMPARE(statusWith(second["refreshToken"]), 401);
        QCOMPARE(renew(second["accessToken"]).status, 401);
        QCOMPARE(renew("x.y.z").status, 401);
    }

    void aRefreshTokenThatIsUsedAgainEndsTheWholeSession()
    {
        const json first = signIn();
        const json other = signIn();
        const json second = renew(first["refreshToken"]).json();
        QCOMPARE(renew(first["refreshToken"]).status, 401);
        QCOMPARE(renew(second["refreshToken"]).status, 401);
        QCOMPARE(statusWith(first["accessToken"]), 401);
        QCOMPARE(statusWith(second["accessToken"]), 401);
        QCOMPARE(statusWith(other["accessToken"]), 200);
        QVERIFY(m_api->addAccount("admin") && m_api->signIn());
        QVERIFY(m_api->as("GET", "/api/v1/audit").body.find("was used twice") != std::string::npos);
    }

    void sessionsAreListedAndEnded()
    {
        const json first = signIn();
        const json second = signIn();
        const json list = get(second["accessToken"], "/api/v1/sessions").json()["sessions"];
        QCOMPARE(list.size(), std::size_t(2));
        QVERIFY(list[0]["isThis"] == false && list[1]["isThis"] == true);
        QVERIFY(!list[0].contains("generation"));
        const std::string id = list[0]["id"];
        QCOMPARE(remove(second["accessToken"], "/api/v1/sessions/" + id), 200);
        QCOMPARE(remove(second["accessToken"], "/api/v1/sessions/" + id), 404);
        QCOMPARE(statusWith(first["accessToken"]), 401);
        QCOMPARE(remove(second["accessToken"], "/api/v1/sessions/current"), 200);
        QCOMPARE(statusWith(second["accessToken"]), 401);
    }

    void signInsAndRefusalsAreInTheAuditTrail()
    {
        QVERIFY(m_api->addAccount("admin") && m_api->signIn());
        const std::string wrong = json{{"username", "anna"}, {"password", "a wrong one"}}.dump();
        QCOMPARE(call(m_api->port(), "POST", "/api/v1/sessions", {}, wrong).status, 401);
        const std::string unknown = json{{"username", "mallory\n"}, {"password", "a wrong one"}}.dump();
        QCOMPARE(call(m_api->port(), "POST", "/as/v1/auth/login", {}, unknown).status, 401);
        QVERIFY(signIn().is_object());
        for (const char* sentence :
             {"User admin signed in from 127.0.0.1.", "User anna signed in from 127.0.0.1.",
              "A sign-in as anna from 127.0.0.1 was refused.", "A sign-in as mallory? from 127.0.0.1 was refused."})
            QVERIFY2(
                becomesTrue([&] { return m_api->as("GET", "/api/v1/audit").body.find(sentence) != std::string::npos; }),
                sentence);
    }

    void manyRefusalsAreToldOfTogether()
    {
        QVERIFY(m_api->addAccount("admin") && m_api->signIn());
        for (int i = 0; i < 30; ++i) {
            const json wrong{{"username", "user" + std::to_string(i)}, {"password", "a wrong one"}};
            QCOMPARE(call(m_api->port(), "POST", "/api/v1/sessions", {}, wrong.dump()).status, 401);
        }
        const auto records = [&] {
            return m_api->as("GET", "/api/v1/audit?text=sign-in-refused&limit=100").json()["records"].size();
        };
        QVERIFY(becomesTrue([&] { return records() >= 20; }));
    }

    void keysAreRotatedWhileSessionsGoOn()
    {
        const json first = signIn();
        QCOMPARE(call(m_api->port(), "POST", "/api/v1/token-keys/rotate",
                      {{"Authorization", "Bearer " + first["accessToken"].get<std::string>()}})
                     .status,
                 403);
        QVERIFY(m_api->addAccount("admin") && m_api->signIn());
        const std::string keyBefore = keyOf(m_api->token());
        QCOMPARE(m_api->as("POST", "/api/v1/token-keys/rotate?dryRun=true").status, 200);
        QCOMPARE(keyOf(signIn()["accessToken"]), keyBefore);
        QCOMPARE(m_api->as("POST", "/api/v1/token-keys/rotate").status, 200);
        QCOMPARE(statusWith(first["accessToken"]), 200);
        const json second = renew(first["refreshToken"]).json();
        QVERIFY(keyOf(second["accessToken"]) != keyBefore);
        m_api->restart();
        for (const json& token : {first["accessToken"], second["accessToken"]})
            QCOMPARE(statusWith(token), 200);
        QVERIFY(m_api->as("GET", "/api/v1/audit?text=token-keys").body.find("new keys") != std::string::npos);
    }

    void whoIsSignedOutHearsNothingMore()
    {
        const std::string access = signIn()["accessToken"];
        RawConnection reader(m_api->port());
        reader.send(requestText("GET", "/api/v1/events", webSocketFields({{"Authorization", "Bearer " + access}})));
        QCOMPARE(reader.read(RawConnection::Body::None).status, 101);
        QVERIFY(!reader.readFrame().empty());
        QCOMPARE(remove(access, "/api/v1/sessions/current"), 200);
        QCOMPARE(statusWith(access), 401);
        // There is one a second as long as it goes on.
        int frames = 0;
        while (!reader.readFrame().empty())
            ++frames;
        QVERIFY2(frames <= 5, std::to_string(frames).c_str());
    }

    void sessionsSurviveARestartOfTheServer()
    {
        const json first = signIn();
        m_api->restart();
        QCOMPARE(statusWith(first["accessToken"]), 200);
        const json second = renew(first["refreshToken"]).json();
        QCOMPARE(statusWith(second["accessToken"]), 200);
    }

    void personalTokensAreMadeUsedAndRevoked()
    {
        const std::string access = signIn()["accessToken"];
        QCOMPARE(make(access, {{"name", "ci"}, {"role", "admin"}}).status, 403);
        QCOMPARE(make(access, {{"name", ""}, {"role", "viewer"}}).status, 400);
        const Answer made = make(access, {{"name", "ci"}, {"role", "viewer"}});
        QCOMPARE(made.status, 201);
        const std::string secret = made.json()["secret"];
        const std::string id = made.json()["id"];
        QCOMPARE(statusWith(secret), 200);
        QCOMPARE(call(m_api->port(), "POST", "/api/v1/nodes/x/drain", {{"Authorization", "Bearer " + secret}}).status,
                 403);
        QCOMPARE(statusWith(secret + "x"), 401);
        const auto listed = [&] { return get(access, "/api/v1/tokens").json()["tokens"].at(0); };
        QVERIFY(!listed().contains("secret") && !listed().contains("digest"));
        QVERIFY(becomesTrue([&] { return listed()["lastUsedAt"].is_string(); }));
        QCOMPARE(remove(access, "/api/v1/tokens/" + id), 200);
        QCOMPARE(statusWith(secret), 401);
        QCOMPARE(remove(access, "/api/v1/tokens/" + id), 404);
    }

    void whoHasTheSharedSecretMayIssueTokens()
    {
        const std::string secret = "a secret that two programs share";
        ApiOptions options;
        options.sharedSecret = secret;
        ApiFixture api(options);
        QVERIFY(api.isUp() && api.addAccount("anna") && api.signIn("anna"));
        TokenParts parts = partsOf(api.token());
        parts.header["kid"] = "shared";
        parts.claims["sid"] = "";
        const auto status = [](ApiFixture& to, const std::string& token) {
            return call(to.port(), "GET", "/api/v1/nodes", {{"Authorization", "Bearer " + token}}).status;
        };
        QCOMPARE(status(api, hmacToken(parts, secret)), 200);
        QCOMPARE(status(api, hmacToken(parts, "another")), 401);
        QCOMPARE(status(*m_api, hmacToken(parts, secret)), 401);
        parts.claims["sub"] = "nobody";
        QCOMPARE(status(api, hmacToken(parts, secret)), 401);
    }

private:
    json signIn()
    {
        const json wish{{"username", "anna"}, {"password", ApiFixture::password()}};
        const Answer answer = call(m_api->port(), "POST", "/api/v1/sessions", {}, wish.dump());
        return answer.status == 201 ? answer.json() : json();
    }

    Answer renew(const std::string& token)
    {
        return call(m_api->port(), "POST", "/api/v1/sessions/renew", {}, json{{"refreshToken", token}}.dump());
    }

    Answer make(const std::string& access, const json& wish)
    {
        return call(m_api->port(), "POST", "/api/v1/tokens", {{"Authorization", "Bearer " + access}}, wish.dump());
    }

    Answer get(const std::string& token, const std::string& path)
    {
        return call(m_api->port(), "GET", path, {{"Authorization", "Bearer " + token}});
    }

    int remove(const std::string& token, const std::string& path)
    {
        return call(m_api->port(), "DELETE", path, {{"Authorization", "Bearer " + token}}).status;
    }

    static std::string keyOf(const std::string& token) { return partsOf(token).header["kid"]; }

    int statusWith(const std::string& token) { return get(token, "/api/v1/nodes").status; }

    std::unique_ptr<ApiFixture> m_api;
};

QTEST_GUILESS_MAIN(ApiSessionsTest)
#include "api_sessions_test.moc"
