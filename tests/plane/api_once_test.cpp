#include "core/base/digest.h"
#include "core/wire/native_codec.h"
#include "tests/plane/api_fixture.h"
#include "tests/support/plane_parts.h"

#include <QFile>
#include <QtTest/QTest>

using namespace headgate;
using namespace headgate::test;
using nlohmann::json;

namespace {

json group(const std::string& name)
{
    return native::toJson(sampleGroup(name, 0, 0));
}

Fields once(const std::string& key)
{
    return {{"Idempotency-Key", key}};
}

}  // namespace

// Writes under an idempotency key, and patches.
class ApiOnceTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_api = std::make_unique<ApiFixture>();
        QVERIFY(m_api->isUp() && m_api->addAccount("admin") && m_api->signIn());
    }
    void cleanup() { m_api.reset(); }

    void theSameRequestGetsTheFirstAnswer()
    {
        const Answer first = m_api->as("POST", "/api/v1/node-groups", group("a").dump(), once("k1"));
        QCOMPARE(first.status, 201);
        QCOMPARE(m_api->as("PATCH", "/api/v1/node-groups/a", R"({"description":"later"})").status, 200);
        const Answer again = m_api->as("POST", "/api/v1/node-groups", group("a").dump(), once("k1"));
        QCOMPARE(again.status, 201);
        QCOMPARE(again.body, first.body);
        QCOMPARE(again.field("location"), first.field("location"));
        QCOMPARE(again.field("etag"), std::string("\"1\""));
        QVERIFY(m_api->as("GET", "/api/v1/node-groups/a").json()["group"]["description"] == "later");
        const Answer deleted = m_api->as("DELETE", "/api/v1/node-groups/a", {}, once("k2"));
        QCOMPARE(deleted.status, 200);
        QCOMPARE(m_api->as("DELETE", "/api/v1/node-groups/a", {}, once("k2")).body, deleted.body);
        QCOMPARE(m_api->as("DELETE", "/api/v1/node-groups/a", {}, once("k3")).status, 404);
    }

    void whatTheServerNamedKeepsItsName()
    {
        QCOMPARE(m_api->as("POST", "/api/v1/node-groups", group("a").dump()).status, 201);
        const std::string overlay =
            R"({"scope":{"nodeGroup":"a"},"from":"2099-06-01T18:00:00Z","to":"2099-06-01T20:00:00Z",)"
            R"("op":{"kind":"floor","nodes":0}})";
        const Answer first = m_api->as("POST", "/api/v1/overlays", overlay, once("k"));
        QCOMPARE(first.status, 201);
        QCOMPARE(m_api->as("POST", "/api/v1/overlays", overlay, once("k")).field("location"), first.field("location"));
        QVERIFY(m_api->as("GET", "/api/v1/overlays").json()["total"] == 1);
    }

    void anotherRequestIsRefused()
    {
        QCOMPARE(m_api->as("POST", "/api/v1/node-groups", group("a").dump(), once("k")).status, 201);
        const std::vector<Answer> others = {
            m_api->as("POST", "/api/v1/node-groups", group("b").dump(), once("k")),
            m_api->as("PUT", "/api/v1/node-groups/a", group("a").dump(), once("k")),
            m_api->as("DELETE", "/api/v1/node-groups/a", {}, once("k")),
        };
        for (const Answer& other : others) {
            QCOMPARE(other.status, 422);
            QCOMPARE(other.field("content-type"), std::string("application/problem+json"));
        }
        QVERIFY(m_api->as("GET", "/api/v1/node-groups").json()["total"] == 1);
    }

    void theKeyBelongsToTheAccount()
    {
        QCOMPARE(m_api->as("POST", "/api/v1/node-groups", group("a").dump(), once("k")).status, 201);
        QVERIFY(m_api->addAccount("second") && m_api->signIn("second"));
        QCOMPARE(m_api->as("POST", "/api/v1/node-groups", group("b").dump(), once("k")).status, 201);
    }

    void whatDidNothingIsNotKept()
    {
        const Answer shown = m_api->as("POST", "/api/v1/node-groups?dryRun=true", group("a").dump(), once("k"));
        QCOMPARE(shown.status, 200);
        QCOMPARE(m_api->as("DELETE", "/api/v1/node-groups/a", {}, once("k")).status, 404);
        QCOMPARE(m_api->as("POST", "/api/v1/node-groups", group("a").dump(), once("k")).status, 201);
    }

    // As one does whose answer was lost: the version has changed by then, or there is nothing to patch any more.
    void aPatchOfAnEarlierVersionGetsTheFirstAnswer()
    {
        QCOMPARE(m_api->as("POST", "/api/v1/node-groups", group("a").dump()).status, 201);
        const json user{{"name", "u"}, {"password", ApiFixture::password()}, {"role", "viewer"}};
        QCOMPARE(m_api->as("POST", "/api/v1/users", user.dump()).status, 201);
        for (const auto& [target, patch] : {std::pair("/api/v1/node-groups/a", R"({"description":"new"})"),
                                            std::pair("/api/v1/users/u", R"({"role":"operator"})")}) {
            Fields fields = once(target);
            fields.emplace_back("If-Match", m_api->as("GET", target).field("etag"));
            const Answer first = m_api->as("PATCH", target, patch, fields);
            QCOMPARE(first.status, 200);
            const auto isAgain = [&] {
                const Answer again = m_api->as("PATCH", target, patch, fields);
                return again.status == 200 && again.body == first.body && again.field("etag") == first.field("etag");
            };
            QVERIFY(isAgain());
            QCOMPARE(m_api->as("PATCH", target, "{}", fields).status, 412);
            QCOMPARE(m_api->as("DELETE", target).status, 200);
            QVERIFY(isAgain());
            QCOMPARE(m_api->as("PATCH", target, "{}", fields).status, 404);
        }
    }

    void usersAreMadeOnce()
    {
        json wish{{"name", "carl"}, {"password", ApiFixture::password()}, {"role", "viewer"}};
        const Answer first = m_api->as("POST", "/api/v1/users", wish.dump(), once("k"));
        QCOMPARE(first.status, 201);
        const Answer again = m_api->as("POST", "/api/v1/users", wish.dump(), once("k"));
        QVERIFY2(again.status == 201 && again.body == first.body, again.body.c_str());
        QCOMPARE(again.field("location"), first.field("location"));
        wish["password"] = "another password";
        QCOMPARE(m_api->as("POST", "/api/v1/users", wish.dump(), once("k")).status, 422);
        QVERIFY(m_api->signIn("carl"));
    }

    // Their secret is told once, so it is not told again; but no second token is made.
    void tokensAreMadeAndRevokedOnce()
    {
        const std::string wish = R"({"name":"ci","role":"viewer"})";
        const auto tokens = [this] { return m_api->as("GET", "/api/v1/tokens").json()["tokens"]; };
        const Answer shown = m_api->as("POST", "/api/v1/tokens?dryRun=true", wish, once("k"));
        QVERIFY2(shown.status == 200 && shown.json()["isDryRun"] == true, shown.body.c_str());
        QVERIFY(tokens().empty());
        const Answer first = m_api->as("POST", "/api/v1/tokens", wish, once("k"));
        QCOMPARE(first.status, 201);
        const std::string secret = first.json()["secret"];
        QCOMPARE(call(m_api->port(), "GET", "/api/v1/profile", {{"Authorization", "Bearer " + secret}}).status, 200);
        const Answer again = m_api->as("POST", "/api/v1/tokens", wish, once("k"));
        QCOMPARE(again.status, 409);
        QVERIFY2(again.body.find("told once") != std::string::npos && again.body.find("hgp_") == std::string::npos,
                 again.body.c_str());
        QCOMPARE(m_api->as("POST", "/api/v1/tokens", R"({"name":"cd","role":"viewer"})", once("k")).status, 422);
        QVERIFY(tokens().size() == 1);
        QCOMPARE(m_api->as("POST", "/api/v1/tokens", wish, once("l")).status, 201);
        QVERIFY(tokens().size() == 2);

        const std::string target = "/api/v1/tokens/" + first.json()["id"].get<std::string>();
        QCOMPARE(m_api->as("DELETE", target + "?dryRun=true").status, 200);
        QVERIFY(tokens().size() == 2);
        const Answer revoked = m_api->as("DELETE", target, {}, once("m"));
        QCOMPARE(revoked.status, 200);
        QCOMPARE(m_api->as("DELETE", target, {}, once("m")).body, revoked.body);
        QCOMPARE(m_api->as("DELETE", target, {}, once("n")).status, 404);
        QCOMPARE(m_api->as("DELETE", "/api/v1/sessions/none", {}, once("m")).status, 422);
        QCOMPARE(m_api->as("POST", "/api/v1/tokens", wish, once("two words")).status, 400);
        // Neither the first call's outcome nor its row has the secret.
        QFile store(QString::fromStdString(m_api->host().options().dataDir + "/headgate.sqlite"));
        QFile log(store.fileName() + "-wal");
        for (QFile* file : {&store, &log}) {
            QVERIFY(file->open(QIODevice::ReadOnly));
            QVERIFY(!file->readAll().contains(secret.substr(secret.rfind('_') + 1).c_str()));
        }
    }

    // The store keeps what tells requests apart; it must not tell what is in them.
    void whatIsKeptOfARequestTellsNothing()
    {
        const std::string body = group("a").dump();
        QCOMPARE(m_api->as("POST", "/api/v1/node-groups", body, once("k")).status, 201);
        std::promise<std::string> kept;
        CommandRequest request;
        request.command = DeleteNodeGroup{NodeGroupName("a")};
        request.actor = Actor{"admin"};
        m_api->host().submitOnce(std::move(request), {"admin", "k", ""}, [&kept](const Result<KeptOutcome>& outcome) {
            kept.set_value(outcome ? outcome->fingerprint : "none");
        });
        const std::string fingerprint = kept.get_future().get();
        QCOMPARE(fingerprint.size(), std::size_t(64));
        QVERIFY(fingerprint != toHex(sha256("POST /api/v1/node-groups?\n" + body)));
    }

    void keysAreShortVisibleText()
    {
        for (const std::string& key : {std::string(129, 'x'), std::string("two words"), std::string("gr\xc3\xbcn")}) {
            const Answer answer = m_api->as("POST", "/api/v1/node-groups", group("a").dump(), once(key));
            QCOMPARE(answer.status, 400);
            QVERIFY(answer.json()["detail"].get<std::string>().starts_with("Idempotency-Key"));
        }
        QCOMPARE(m_api->as("POST", "/api/v1/node-groups", group("a").dump(), once(std::string(128, 'x'))).status, 201);
    }

    void everyKindOfObjectIsPatched_data()
    {
        QTest::addColumn<QString>("make");  // method, path and body that make it; empty path: it is there
        QTest::addColumn<QString>("body");
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("patch");
        QTest::addColumn<QString>("member");  // pointer and value in what is read afterwards
        QTest::addColumn<QString>("value");
        const QString overlay = R"({"id":"o","scope":{"nodeGroup":"a"},"from":"2099-06-01T18:00:00Z",)"
                                R"("to":"2099-06-01T20:00:00Z","op":{"kind":"floor","nodes":0},"reason":"cup"})";
        const QString schedule = R"({"id":"s","scope":{"nodeGroup":"a"},)"
                                 R"("timing":{"zone":"UTC","start":"2027-01-01T18:00:00","end":{"at":"20:00"}},)"
                                 R"("effect":{"kind":"active","min":0,"max":1}})";
        QTest::newRow("node group") << ""
                                    << ""
                                    << "node-groups/a"
                                    << R"({"description":"new"})"
                                    << "/group/description"
                                    << "\"new\"";
        QTest::newRow("node image") << "PUT node-images/i"
                                    << R"({"name":"i","description":"old"})"
                                    << "node-images/i"
                                    << R"({"description":"new"})"
                                    << "/image/description"
                                    << "\"new\"";
        QTest::newRow("region") << "PUT regions/home"
                                << R"({"name":"home","title":"H","latitude":1,"longitude":2})"
                                << "regions/home"
                                << R"({"title":"new"})"
                                << "/region/title"
                                << "\"new\"";
        QTest::newRow("deployment") << "POST deployments"
                                    << R"({"name":"d"})"
                                    << "deployments/d"
                                    << R"({"description":"new"})"
                                    << "/deployment/description"
                                    << "\"new\"";
        QTest::newRow("user") << "POST users"
                              << R"({"name":"u","password":"correct horse battery","role":"viewer"})"
                              << "users/u"
                              << R"({"role":"operator"})"
                              << "/role"
                              << "\"operator\"";
        QTest::newRow("overlay") << "POST overlays" << overlay << "overlays/o"
                                 << R"({"reason":"final","priority":7})"
                                 << "/item/reason"
                                 << "\"final\"";
        QTest::newRow("schedule") << "POST schedules" << schedule << "schedules/s"
                                  << R"({"name":"new"})"
                                  << "/item/name"
                                  << "\"new\"";
        QTest::newRow("exclusion set") << "POST exclusion-sets"
                                       << R"({"name":"e"})"
                                       << "exclusion-sets/e"
                                       << R"({"events":[]})"
                                       << "/item/events"
                                       << "[]";
        QTest::newRow("limit") << "POST limits"
                               << R"({"name":"l","scope":{"nodeGroup":"a"},"nodes":3})"
                               << "limits/l"
                               << R"({"nodes":4})"
                               << "/item/nodes"
                               << "4";
    }
    void everyKindOfObjectIsPatched()
    {
        QFETCH(QString, make);
        QFETCH(QString, body);
        QFETCH(QString, path);
        QFETCH(QString, patch);
        QFETCH(QString, member);
        QFETCH(QString, value);
        QCOMPARE(m_api->as("POST", "/api/v1/node-groups", group("a").dump()).status, 201);
        if (!make.isEmpty()) {
            const Answer made = m_api->as(make.section(' ', 0, 0).toStdString(),
                                          "/api/v1/" + make.section(' ', 1).toStdString(), body.toStdString());
            QVERIFY2(made.status < 300, made.body.c_str());
        }
        const std::string target = "/api/v1/" + path.toStdString();
        const Answer before = m_api->as("GET", target);
        const Fields ifMatch{{"If-Match", before.field("etag")}, {"Content-Type", "application/merge-patch+json"}};
        const Answer shown = m_api->as("PATCH", target + "?dryRun=true", patch.toStdString(), ifMatch);
        QVERIFY2(shown.status == 200, shown.body.c_str());
        QCOMPARE(m_api->as("GET", target).body, before.body);
        const Answer patched = m_api->as("PATCH", target, patch.toStdString(), ifMatch);
        QVERIFY2(patched.status == 200, patched.body.c_str());
        QVERIFY(patched.json()["changes"] == shown.json()["changes"]);
        const Answer after = m_api->as("GET", target);
        QCOMPARE(after.field("etag"), patched.field("etag"));
        QVERIFY2(after.json()[json::json_pointer(member.toStdString())] == json::parse(value.toStdString()),
                 after.body.c_str());
        QCOMPARE(m_api->as("PATCH", target, patch.toStdString(), ifMatch).status, 412);
    }

    void aPatchIsChecked()
    {
        QCOMPARE(m_api->as("POST", "/api/v1/node-groups", group("a").dump()).status, 201);
        const std::string target = "/api/v1/node-groups/a";
        QCOMPARE(m_api->as("PATCH", "/api/v1/node-groups/b", "{}").status, 404);
        QCOMPARE(m_api->as("PATCH", target, "[]").status, 400);
        QVERIFY(m_api->as("PATCH", target, R"({"name":"b"})").json()["pointer"] == "/name");
        QVERIFY(m_api->as("PATCH", target, R"({"bogus":1})").json()["pointer"] == "/bogus");
        QCOMPARE(m_api->as("PATCH", target, R"({"roles":null})").status, 400);
        QCOMPARE(m_api->as("PATCH", target, R"({"description":null})").status, 200);
        QCOMPARE(m_api->as("PATCH", target, R"({"description":"x"})", {{"If-Match", "\"1\""}}).status, 412);
        QCOMPARE(m_api->as("PATCH", "/api/v1/nodes/x", "{}").field("allow"), std::string("GET"));
        QCOMPARE(m_api->as("PATCH", "/api/v1/users/nobody", "{").status, 404);
        QCOMPARE(m_api->as("PATCH", "/api/v1/users/admin", "[]").status, 400);
        QVERIFY(m_api->as("PATCH", "/api/v1/users/admin", R"({"name":"b"})").json()["pointer"] == "/name");
        QCOMPARE(m_api->as("PATCH", "/api/v1/users/admin", R"({"role":"viewer"})").status, 409);
        QCOMPARE(m_api->as("PATCH", "/api/v1/users/admin", R"({"role":"admin"})", {{"If-Match", "\"999\""}}).status,
                 412);
    }

private:
    std::unique_ptr<ApiFixture> m_api;
};

QTEST_GUILESS_MAIN(ApiOnceTest)
#include "api_once_test.moc"
