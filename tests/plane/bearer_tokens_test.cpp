#include "core/api/bearer_tokens.h"
#include "core/base/digest.h"
#include "tests/plane/forged_tokens.h"

#include <QTest>

using namespace headgate;
using namespace headgate::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr std::string_view type = "at+jwt";
const std::string sharedSecret = "a secret that two programs share";
const TimePoint start = fromEpochMs(1'800'000'000'000);

std::string seedOf(const std::string& name)
{
    return hmacSha256("seed", name);
}

ErrorCode codeOf(const auto& result)
{
    return result ? ErrorCode::Internal : result.error().code;
}

}  // namespace

class BearerTokensTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_account = {"anna", "$argon2id$", start, AccountRole::Operator, {"cup"}};
        m_session = {"s1", start, start, start + 1h, 1, "127.0.0.1"};
        m_account.sessions = {m_session};
        m_signer = std::make_shared<TokenSigner>(seedOf);
        m_tokens = std::make_unique<BearerTokens>(m_signer, TokenLifetimes(), accounts());
    }

    void whatWasSignedOpensAndNothingElse()
    {
        const std::string token = m_signer->sign({{"sub", "anna"}}, type, start);
        QVERIFY(m_signer->open(token, type, start)->claims["sub"] == "anna");
        QVERIFY(partsOf(token).header["alg"] == "EdDSA");
        QVERIFY(!m_signer->open(token, "rt+jwt", start));
        for (std::size_t i = 0; i < token.size(); ++i) {
            std::string changed = token;
            changed[i] = changed[i] == 'x' ? 'y' : 'x';
            QVERIFY(!m_signer->open(changed, type, start));
            QVERIFY(!m_signer->open(token.substr(0, i), type, start));
        }
        QVERIFY(!m_signer->open(token + "=", type, start));
        QVERIFY(!m_signer->open(token + ".", type, start));
        QVERIFY(!m_signer->open(std::string(100'000, 'a'), type, start));
    }

    void keysThatWereRotatedHoldForAnotherPeriod()
    {
        TokenKeys keys;
        TokenSigner signer(seedOf, {}, [&keys] { return keys; });
        const std::string before = signer.sign({{"sub", "anna"}}, type, start);
        keys = {1, start + 1h};
        const std::string after = signer.sign({{"sub", "anna"}}, type, start + 1h);
        QVERIFY(partsOf(before).header["kid"] != partsOf(after).header["kid"]);
        QVERIFY(signer.open(before, type, start + 2h) && signer.open(after, type, start + 2h));
        QVERIFY(!signer.open(before, type, start + 1h + TokenSigner::period));
        QVERIFY(!m_signer->open(after, type, start + 2h));
        // Twice, and what the first ones signed is over.
        keys = {2, start + 3h};
        QVERIFY(!signer.open(before, type, start + 3h) && signer.open(after, type, start + 3h));
    }

    void theKeySaysWhichAlgorithmHolds()
    {
        TokenSigner both(seedOf, sharedSecret);
        const TokenParts good = partsOf(both.sign({{"sub", "anna"}}, type, start));
        for (TokenSigner* signer : {m_signer.get(), &both}) {
            QVERIFY(signer->open(joined(good), type, start));
            QVERIFY(!signer->open(unsignedToken(good), type, start));
            // The id of the key is made from the public one, which everybody may know.
            QVERIFY(!signer->open(hmacToken(good, good.header["kid"].get<std::string>()), type, start));
            QVERIFY(!signer->open(hmacToken(good, sharedSecret), type, start));
            for (const char* id : {"", "shared", "../../etc/passwd", "' OR 1=1 --"}) {
                TokenParts other = good;
                other.header["kid"] = id;
                QVERIFY(!signer->open(joined(other), type, start));
            }
            for (const char* name : {"jwk", "jku", "x5c", "crit"}) {
                TokenParts other = good;
                other.header[name] = json::array({"exp"});
                QVERIFY(!signer->open(joined(other), type, start));
            }
        }
        TokenParts shared = good;
        shared.header["kid"] = "shared";
        QVERIFY(both.open(hmacToken(shared, sharedSecret), type, start));
        QVERIFY(!both.open(hmacToken(shared, ""), type, start));
        QVERIFY(!m_signer->open(hmacToken(shared, sharedSecret), type, start));
        QVERIFY(!m_signer->open(hmacToken(shared, ""), type, start));
    }

    void keysChangeAndHoldOnePeriodLonger()
    {
        const std::string token = m_signer->sign({{"sub", "anna"}}, type, start);
        const std::string later = m_signer->sign({{"sub", "anna"}}, type, start + TokenSigner::period);
        QVERIFY(partsOf(token).header["kid"] != partsOf(later).header["kid"]);
        QVERIFY(m_signer->open(token, type, start + TokenSigner::period));
        QVERIFY(m_signer->open(later, type, start));
        QVERIFY(!m_signer->open(token, type, start + 2 * TokenSigner::period));
        TokenSigner restarted(seedOf);
        QVERIFY(restarted.open(token, type, start + TokenSigner::period));
    }

    void anAccessTokenHoldsUntilItExpiresOrItsSessionEnds()
    {
        const std::string token = m_tokens->access("anna", m_session, 15min, start);
        for (int i = 0; i < 2; ++i) {
            const auto caller = m_tokens->verify(token, start);
            QVERIFY(caller && caller->actor.name == "anna" && caller->session == "s1");
            QVERIFY(caller->role == AccountRole::Operator && caller->isScoped());
        }
        QCOMPARE(codeOf(m_tokens->verify(token, start + 15min)), ErrorCode::Unauthenticated);
        m_account.role = AccountRole::Viewer;
        QCOMPARE(m_tokens->verify(token, start)->role, AccountRole::Viewer);
        m_account.sessions.clear();
        QCOMPARE(codeOf(m_tokens->verify(token, start)), ErrorCode::Unauthenticated);
        QCOMPARE(codeOf(m_tokens->verify("", start)), ErrorCode::Unauthenticated);
    }

    void claimsOfOthersDoNotHold()
    {
        const TokenParts good = partsOf(m_tokens->access("anna", m_session, 15min, start));
        const auto verdict = [&](const json& claims) {
            return codeOf(m_tokens->verify(m_signer->sign(claims, type, start), start));
        };
        QVERIFY(m_tokens->verify(m_signer->sign(good.claims, type, start), start));
        for (const char* name : {"iss", "aud", "sub", "sid", "exp"}) {
            json claims = good.claims;
            claims[name] = "somebody";
            QCOMPARE(verdict(claims), ErrorCode::Unauthenticated);
            claims[name] = 7;
            QCOMPARE(verdict(claims), ErrorCode::Unauthenticated);
            claims.erase(name);
            QCOMPARE(verdict(claims), ErrorCode::Unauthenticated);
        }
        json endless = good.claims;
        endless["exp"] = 9'000'000'000'000'000'000;
        QCOMPARE(verdict(endless), ErrorCode::Unauthenticated);
    }

    void aRefreshTokenIsNoAccessToken()
    {
        const std::string refresh = m_tokens->refresh("anna", m_session, start);
        QCOMPARE(codeOf(m_tokens->verify(refresh, start)), ErrorCode::Unauthenticated);
        const auto claim = m_tokens->openRefresh(refresh, start);
        QVERIFY(claim && claim->account == "anna" && claim->session == "s1" && claim->generation == 1);
        QCOMPARE(codeOf(m_tokens->openRefresh(refresh, start + 1h)), ErrorCode::Unauthenticated);
        const std::string access = m_tokens->access("anna", m_session, 15min, start);
        QCOMPARE(codeOf(m_tokens->openRefresh(access, start)), ErrorCode::Unauthenticated);
    }

    void personalTokensDoNoMoreThanTheirRoleAndTheirUsers()
    {
        const auto put = [&](AccountRole role, TimePoint expiresAt) {
            m_account.tokens = {{"0123456789abcdef", "ci", toHex(sha256("secret")), role, start, expiresAt, {}}};
        };
        const std::string token = "hgp_0123456789abcdef_secret";
        QCOMPARE(codeOf(m_tokens->verify(token, start)), ErrorCode::Unauthenticated);
        put(AccountRole::Viewer, {});
        QCOMPARE(m_tokens->verify(token, start)->role, AccountRole::Viewer);
        QCOMPARE(m_tokens->verify(token, start)->personalToken, std::string("0123456789abcdef"));
        QCOMPARE(m_noted, 1);
        QVERIFY(m_tokens->verify(token, start + 1min));
        QCOMPARE(m_noted, 2);
        put(AccountRole::Admin, start + 1h);
        QCOMPARE(m_tokens->verify(token, start)->role, AccountRole::Operator);
        put(AccountRole::Scheduler, start + 1h);
        QCOMPARE(m_tokens->verify(token, start)->role, AccountRole::Viewer);
        QCOMPARE(codeOf(m_tokens->verify(token, start + 1h)), ErrorCode::Unauthenticated);
        for (const char* wrong : {"hgp_", "hgp_0123456789abcdef", "hgp_0123456789abcdef_",
                                  "hgp_0123456789abcdef_secreT", "hgp__secret", "hgp_0123456789abcdee_secret"})
            QCOMPARE(codeOf(m_tokens->verify(wrong, start)), ErrorCode::Unauthenticated);
    }

private:
    BearerTokens::Accounts accounts()
    {
        m_noted = 0;
        return {[this](const std::string& name) {
                    return name == m_account.name ? std::make_shared<const Account>(m_account) : nullptr;
                },
                [this](const std::string& id) {
                    const bool isHis = !m_account.tokens.empty() && m_account.tokens.front().id == id;
                    return isHis ? std::make_shared<const Account>(m_account) : nullptr;
                },
                [this](const std::string&, const std::string&) { ++m_noted; }};
    }

    Account m_account;
    AccountSession m_session;
    std::shared_ptr<TokenSigner> m_signer;
    std::unique_ptr<BearerTokens> m_tokens;
    int m_noted = 0;
};

QTEST_GUILESS_MAIN(BearerTokensTest)
#include "bearer_tokens_test.moc"
