#include "core/api/passwords.h"
#include "core/api/setup_token.h"
#include "core/api/sign_in.h"
#include "core/api/tokens.h"
#include "tests/plane/api_fixture.h"

#include <QTest>

#include <jwt.h>

using namespace headgate;
using namespace headgate::test;

namespace {

constexpr std::chrono::seconds hour{3600};
const TimePoint start = fromEpochMs(1'800'000'000'000);
const std::string key(32, 'k');

const Account admin{"admin", "$argon2id$old", start};

std::optional<Account> onlyAdmin(const std::string& name)
{
    return name == admin.name ? std::optional(admin) : std::nullopt;
}

// The claim that ties a token to the password of `account`.
std::string markIn(const std::string& token)
{
    jwt_t* jwt = nullptr;
    jwt_decode(&jwt, token.c_str(), reinterpret_cast<const unsigned char*>(key.data()), static_cast<int>(key.size()));
    const char* mark = jwt ? jwt_get_grant(jwt, "pwd") : nullptr;
    std::string text = mark ? mark : "";
    jwt_free(jwt);
    return text;
}

struct Claims
{
    jwt_alg_t algorithm = JWT_ALG_HS256;
    std::string key = ::key;
    const char* issuer = "headgate";
    const char* subject = "admin";
    long expiresAt = 1'900'000'000;
    std::string mark = markIn(Tokens(::key, hour, onlyAdmin).issue(admin, start));
};

std::string tokenWith(const Claims& claims)
{
    jwt_t* jwt = nullptr;
    jwt_new(&jwt);
    if (claims.issuer)
        jwt_add_grant(jwt, "iss", claims.issuer);
    if (claims.subject)
        jwt_add_grant(jwt, "sub", claims.subject);
    if (claims.expiresAt)
        jwt_add_grant_int(jwt, "exp", claims.expiresAt);
    if (!claims.mark.empty())
        jwt_add_grant(jwt, "pwd", claims.mark.c_str());
    if (claims.algorithm != JWT_ALG_NONE)
        jwt_set_alg(jwt, claims.algorithm, reinterpret_cast<const unsigned char*>(claims.key.data()),
                    static_cast<int>(claims.key.size()));
    char* text = jwt_encode_str(jwt);
    std::string token = text;
    std::free(text);
    jwt_free(jwt);
    return token;
}

ErrorCode codeOf(const Result<Actor>& actor)
{
    return actor ? ErrorCode::Internal : actor.error().code;
}

}  // namespace

class ApiAuthTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aTokenHoldsUntilItExpires()
    {
        Tokens tokens(key, hour, onlyAdmin);
        const std::string token = tokens.issue(admin, start);
        QVERIFY(tokens.remaining(token, start + std::chrono::minutes(20)) == std::chrono::minutes(40));
        QVERIFY(tokens.remaining("x.y.z", start) == Duration(0));
        for (int i = 0; i < 2; ++i)
            QCOMPARE(tokens.verify(token, start)->name, std::string("admin"));
        QVERIFY(tokens.verify(token, start + hour - Duration(1)));
        for (int i = 0; i < 2; ++i)
            QCOMPARE(codeOf(tokens.verify(token, start + hour)), ErrorCode::Unauthenticated);
    }

    void whatWeDidNotIssueDoesNotHold()
    {
        Tokens tokens(key, hour, onlyAdmin);
        QVERIFY(tokens.verify(tokenWith({}), start));
        const std::string token = tokens.issue(admin, start);
        for (std::size_t i = 0; i < token.size(); ++i) {
            std::string changed = token;
            changed[i] = changed[i] == 'x' ? 'y' : 'x';
            // The last character of the signature carries two bits that mean nothing.
            if (i + 1 < token.size())
                QCOMPARE(codeOf(tokens.verify(changed, start)), ErrorCode::Unauthenticated);
            QCOMPARE(codeOf(tokens.verify(token.substr(0, i), start)), ErrorCode::Unauthenticated);
        }
        const Claims otherKey{JWT_ALG_HS256, std::string(32, 'x')};
        const Claims unsignedOne{JWT_ALG_NONE};
        const Claims otherAlgorithm{JWT_ALG_HS512};
        Claims otherIssuer;
        otherIssuer.issuer = "somebody";
        Claims nameless;
        nameless.subject = nullptr;
        Claims endless;
        endless.expiresAt = 0;
        Claims stranger;
        stranger.subject = "root";
        Claims markless;
        markless.mark.clear();
        Claims foreignMark;
        foreignMark.mark = std::string(32, '0');
        for (const Claims& claims :
             {otherKey, unsignedOne, otherAlgorithm, otherIssuer, nameless, endless, stranger, markless, foreignMark})
            QCOMPARE(codeOf(tokens.verify(tokenWith(claims), start)), ErrorCode::Unauthenticated);
        const auto body = token.substr(0, token.rfind('.'));
        for (const std::string& text : {std::string(), std::string(".."), body + ".", std::string(100'000, 'a')})
            QCOMPARE(codeOf(tokens.verify(text, start)), ErrorCode::Unauthenticated);
    }

    void aNewPasswordEndsTheTokensOfTheOldOne()
    {
        std::optional<Account> present = admin;
        Tokens tokens(key, hour, [&present](const std::string&) { return present; });
        const std::string old = tokens.issue(admin, start);
        QVERIFY(tokens.verify(old, start));
        present->passwordHash = "$argon2id$new";
        // The first had seen the token, the second has not.
        Tokens restarted(key, hour, [&present](const std::string&) { return present; });
        QCOMPARE(codeOf(tokens.verify(old, start)), ErrorCode::Unauthenticated);
        QCOMPARE(codeOf(restarted.verify(old, start)), ErrorCode::Unauthenticated);
        const std::string fresh = tokens.issue(*present, start);
        QVERIFY(tokens.verify(fresh, start) && restarted.verify(fresh, start));
        present.reset();
        QCOMPARE(codeOf(tokens.verify(fresh, start)), ErrorCode::Unauthenticated);
    }

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
        options.tokenLifetime = std::chrono::seconds(4);
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
        QCOMPARE(makeAccount("admin", "too short", start).error().pointer, std::string("/password"));
        QCOMPARE(makeAccount("a:b", "long enough for us", start).error().pointer, std::string("/username"));
        QCOMPARE(makeAccount("", "long enough for us", start).error().pointer, std::string("/username"));
    }

    void guessingGetsSlowerAndSlower()
    {
        Throttle throttle;
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
        throttle.succeed("admin@here");
        QVERIFY(!throttle.begin("admin@here", now));
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
        const Fields basic{{"Authorization", "Basic YWRtaW46Y29ycmVjdCBob3JzZSBiYXR0ZXJ5"}, {"Content-Length", "0"}};
        for (const char* method : {"PUT", "POST"}) {
            const auto body = call(api.port(), method, "/as/v1/auth/login", basic).json();
            QVERIFY(body["token"] == body["accessToken"]);
            QVERIFY(body["tokenType"] == "Bearer");
            QVERIFY(body["expiresIn"] == 3600);
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
        options.tokenLifetime = std::chrono::seconds(-1);
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
