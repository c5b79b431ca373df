#include "core/base/digest.h"
#include "core/media/access/stream_token.h"
#include "core/wire/compact_jws.h"

#include <QTest>

#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>

using namespace headgate;

namespace {

constexpr TimePoint now = fromEpochMs(1'800'000'000'000);

AccessRequest wish(SessionRole role, const std::string& token)
{
    AccessRequest request;
    request.role = role;
    request.path = "live/room/show";
    request.credentials.token = token;
    request.peer = "[::ffff:10.0.0.7]:4711";
    return request;
}

std::string digestToken(const std::string& payload, const std::string& secret = "secret")
{
    return payload + ":" + toHex(sha256(payload + ":" + secret));
}

std::string outcome(const TokenVerdict& verdict)
{
    return verdict ? "user " + verdict->user : verdict.error().message;
}

// A key pair of one algorithm.
struct KeyPair
{
    explicit KeyPair(JwtAlgorithm algorithm, int rsaBits = 2048)
        : key(algorithm == JwtAlgorithm::EdDsa   ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
              : algorithm == JwtAlgorithm::Es256 ? EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")
                                                 : EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t(rsaBits)),
              &EVP_PKEY_free)
    {}

    std::string pem() const
    {
        const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
        PEM_write_bio_PUBKEY(out.get(), key.get());
        char* text = nullptr;
        const long size = BIO_get_mem_data(out.get(), &text);
        return std::string(text, static_cast<std::size_t>(size));
    }

    std::string sign(std::string_view text) const
    {
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
        const bool isEd = EVP_PKEY_is_a(key.get(), "ED25519") == 1;
        EVP_DigestSignInit(context.get(), nullptr, isEd ? nullptr : EVP_sha256(), nullptr, key.get());
        std::size_t size = 512;
        std::string signature(size, '\0');
        EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       reinterpret_cast<const unsigned char*>(text.data()), text.size());
        signature.resize(size);
        return EVP_PKEY_is_a(key.get(), "EC") == 1 ? inARow(signature) : signature;
    }

    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key;

private:
    static std::string inARow(const std::string& der)
    {
        const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
        const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> numbers(
            d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size())), &ECDSA_SIG_free);
        std::string row(64, '\0');
        auto* const place = reinterpret_cast<unsigned char*>(row.data());
        BN_bn2binpad(ECDSA_SIG_get0_r(numbers.get()), place, 32);
        BN_bn2binpad(ECDSA_SIG_get0_s(numbers.get()), place + 32, 32);
        return row;
    }
};

nlohmann::json claims()
{
    return {{"stream", "live/room/show"}, {"role", "viewer"}, {"exp", 1'800'000'100}, {"sub", "ann"}};
}

template <typename Sign>
std::string jwt(const nlohmann::json& header, const nlohmann::json& body, const Sign& sign)
{
    const std::string text = base64UrlEncoded(header.dump()) + "." + base64UrlEncoded(body.dump());
    return text + "." + base64UrlEncoded(sign(text));
}

std::string byHmac(std::string_view text)
{
    return hmacSha256("shared", text);
}

}  // namespace

class StreamTokenTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aDigestTokenHoldsForItsStreamRoleAndTime_data()
    {
        QTest::addColumn<QString>("token");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* name, const std::string& token, const char* expected) {
            QTest::newRow(name) << QString::fromStdString(token) << QString(expected);
        };
        row("seconds", digestToken("show:ann:viewer:k=v:live/room:1800000001"), "user ann");
        row("milliseconds", digestToken("show:ann:viewer:k=v:live/room:1800000000001"), "user ann");
        row("no property", digestToken("show:ann:viewer:live/room:1800000001"), "user ann");
        row("two properties", digestToken("show:ann:viewer:a=1:b=2:live/room:1800000001"), "user ann");
        row("expired", digestToken("show:ann:viewer:k=v:live/room:1800000000"), "The token has expired.");
        row("no time", digestToken("show:ann:viewer:k=v:live/room:soon"), "The token is malformed.");
        row("other role", digestToken("show:ann:streamer:k=v:live/room:1800000001"), "The token is for another role.");
        row("other stream", digestToken("shows:ann:viewer:k=v:live/room:1800000001"),
            "The token is for another stream.");
        row("other scope", digestToken("show:ann:viewer:k=v:live:1800000001"), "The token is for another stream.");
        row("other secret", digestToken("show:ann:viewer:k=v:live/room:1800000001", "guess"),
            "The token was not made with the secret of this group.");
        row("no property where one is expected", digestToken("show:ann:viewer:kv:live/room:1800000001"),
            "The token is malformed.");
        row("few parts", digestToken("show:ann:viewer:1800000001"), "The token is malformed.");
        row("empty", "", "A token is needed here.");
        row("colons", "::::::::", "The token was not made with the secret of this group.");
    }
    void aDigestTokenHoldsForItsStreamRoleAndTime()
    {
        QFETCH(QString, token);
        QFETCH(QString, expected);
        const auto verdict = checkDigestToken(wish(SessionRole::Viewer, token.toStdString()), "secret", now);
        QCOMPARE(QString::fromStdString(outcome(verdict)), expected);
    }

    void withoutASecretNoDigestTokenHolds()
    {
        const std::string payload = "show:ann:viewer:k=v:live/room:1800000001";
        QVERIFY(!checkDigestToken(wish(SessionRole::Viewer, digestToken(payload, "")), "", now));
    }

    void aJsonWebTokenHoldsForItsStreamRoleAndTime_data()
    {
        QTest::addColumn<QString>("token");
        QTest::addColumn<QString>("expected");
        const nlohmann::json header{{"alg", "HS256"}, {"typ", "JWT"}};
        const auto row = [&](const char* name, const nlohmann::json& body, const char* expected) {
            QTest::newRow(name) << QString::fromStdString(jwt(header, body, byHmac)) << QString(expected);
        };
        const auto with = [](const char* name, const nlohmann::json& value) {
            nlohmann::json body = claims();
            body[name] = value;
            return body;
        };
        nlohmann::json eternal = claims();
        eternal.erase("exp");
        row("as it should be", claims(), "user ann");
        row("of this address", with("address", "10.0.0.7"), "user ann");
        row("of another address", with("address", "10.0.0.8"), "The token is for another address.");
        row("expired", with("exp", 1'800'000'000), "The token has expired.");
        row("without an end", eternal, "The token has no expiration.");
        row("with a text as its end", with("exp", "1800000100"), "The token has no expiration.");
        row("from tomorrow on", with("nbf", 1'800'080'000), "The token does not hold yet.");
        row("from a second on", with("nbf", 1'800'000'001), "user ann");
        row("other stream", with("stream", "live/room/shows"), "The token is for another stream.");
        row("a list of streams", with("stream", {"live/room/show"}), "The token is for another stream.");
        row("other role", with("role", "streamer"), "The token is for another role.");
        row("a number as user", with("sub", 7), "The token has a claim that is no text.");
        row("an array", nlohmann::json::array({1}), "The token is malformed.");
        const auto oddHeader = [&](const char* name, const nlohmann::json& odd) {
            QTest::newRow(name) << QString::fromStdString(jwt(odd, claims(), byHmac))
                                << "The token was not signed with the key of this group.";
        };
        oddHeader("no algorithm", {{"typ", "JWT"}});
        oddHeader("none", {{"alg", "none"}});
        oddHeader("lower case", {{"alg", "hs256"}});
        oddHeader("critical", {{"alg", "HS256"}, {"crit", {"b64"}}});
        QTest::newRow("unsigned") << QString::fromStdString(jwt({{"alg", "none"}}, claims(), [](auto) { return ""; }))
                                  << "The token was not signed with the key of this group.";
        QTest::newRow("two parts") << "e30.e30"
                                   << "The token is malformed.";
        QTest::newRow("empty") << ""
                               << "A token is needed here.";
    }
    void aJsonWebTokenHoldsForItsStreamRoleAndTime()
    {
        QFETCH(QString, token);
        QFETCH(QString, expected);
        const JwtCheck check({JwtAlgorithm::Hs256, {}, "shared"});
        const auto verdict = check.check(wish(SessionRole::Viewer, token.toStdString()), now);
        QCOMPARE(QString::fromStdString(outcome(verdict)), expected);
    }

    void eachAlgorithmTakesItsOwnSignaturesOnly()
    {
        const std::pair<JwtAlgorithm, const char*> algorithms[] = {
            {JwtAlgorithm::EdDsa, "EdDSA"}, {JwtAlgorithm::Es256, "ES256"}, {JwtAlgorithm::Rs256, "RS256"}};
        for (const auto& [algorithm, word] : algorithms) {
            const KeyPair pair(algorithm), stranger(algorithm);
            const JwtCheck check({algorithm, pair.pem(), "shared"});
            const auto outcomeOf = [&](const std::string& token) {
                return outcome(check.check(wish(SessionRole::Viewer, token), now));
            };
            const nlohmann::json header{{"alg", word}};
            const std::string good = jwt(header, claims(), [&](auto text) { return pair.sign(text); });
            QCOMPARE(outcomeOf(good), std::string("user ann"));
            const std::string unsignedBy = "The token was not signed with the key of this group.";
            QCOMPARE(outcomeOf(jwt(header, claims(), [&](auto text) { return stranger.sign(text); })), unsignedBy);
            // The public key is no secret, so HMAC with it proves nothing.
            const auto withKey = [&](auto text) { return hmacSha256(pair.pem(), text); };
            QCOMPARE(outcomeOf(jwt({{"alg", "HS256"}}, claims(), withKey)), unsignedBy);
            QCOMPARE(outcomeOf(jwt(header, claims(), byHmac)), unsignedBy);
            QCOMPARE(outcomeOf(good.substr(0, good.rfind('.') + 1)), unsignedBy);
        }
    }

    void aKeyThatDoesNotFitLetsNobodyIn()
    {
        const KeyPair edwards(JwtAlgorithm::EdDsa), small(JwtAlgorithm::Rs256, 1024);
        for (const JwtSettings& settings :
             {JwtSettings{JwtAlgorithm::EdDsa, "no PEM", "shared"}, JwtSettings{JwtAlgorithm::Rs256, edwards.pem(), {}},
              JwtSettings{JwtAlgorithm::Rs256, small.pem(), {}}, JwtSettings{JwtAlgorithm::Hs256, {}, {}}}) {
            const auto verdict = JwtCheck(settings).check(wish(SessionRole::Viewer, "e30.e30.e30"), now);
            QVERIFY(!verdict && verdict.error().code == ErrorCode::Unavailable);
        }
    }
};

QTEST_GUILESS_MAIN(StreamTokenTest)
#include "stream_token_test.moc"
