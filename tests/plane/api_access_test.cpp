#include "core/wire/access_table.h"
#include "core/wire/account_document.h"
#include "core/wire/native_codec.h"
#include "tests/plane/api_fixture.h"
#include "tests/support/groups.h"

#include <QTest>

#include <array>

using namespace headgate;
using namespace headgate::test;
using nlohmann::json;

namespace {

constexpr std::array roles = {AccountRole::Viewer, AccountRole::Operator, AccountRole::Scheduler, AccountRole::Admin};

NodeGroup emptyGroup(const std::string& name)
{
    NodeGroup group = testing::makeGroup();
    group.name = NodeGroupName(name);
    for (Subgroup& subgroup : group.subgroups) {
        for (ScaleRule& rule : subgroup.rules)
            rule.min = 0;
    }
    return group;
}

// A path of the table with something that is not there in every place.
std::string somePath(std::string path)
{
    for (auto open = path.find('{'); open != std::string::npos; open = path.find('{'))
        path.replace(open, path.find('}') + 1 - open, "nowhere");
    if (const auto rest = path.find("**"); rest != std::string::npos)
        path.replace(rest, 2, "nowhere/x");
    return path;
}

std::vector<std::string> methodsOf(const std::string& words)
{
    std::vector<std::string> methods;
    for (std::size_t begin = 0; begin < words.size();) {
        const auto end = std::min(words.find(' ', begin), words.size());
        methods.push_back(words.substr(begin, end - begin));
        begin = end + 1;
    }
    return methods;
}

}  // namespace

// Each row of the table with each role, over HTTP.
class ApiAccessTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_api = std::make_unique<ApiFixture>();
        QVERIFY(m_api->isUp() && m_api->addAccount("admin") && m_api->signIn());
        for (const char* name : {"mine", "theirs"}) {
            QCOMPARE(m_api->as("POST", "/api/v1/node-groups", native::write(native::toJson(emptyGroup(name)))).status,
                     201);
            const json deployment{{"name", std::string(name) + "-shop"}, {"nodeGroups", {name}}};
            QCOMPARE(m_api->as("POST", "/api/v1/deployments", deployment.dump()).status, 201);
        }
        for (const AccountRole role : roles) {
            const std::string name(native::toWord(role));
            QVERIFY(m_api->addAccount("any-" + name, role) && m_api->addAccount("one-" + name, role, {"mine-shop"}));
            for (const std::string& user : {"any-" + name, "one-" + name}) {
                QVERIFY(m_api->signIn(user));
                m_tokens[user] = m_api->token();
            }
        }
    }
    void cleanupTestCase() { m_api.reset(); }

    void withoutATokenOnlyWhatIsPublicAnswers()
    {
        for (const AccessRow& row : accessTable()) {
            for (const std::string& method : methodsOf(row.methods)) {
                const int status = call(m_api->port(), method, somePath(row.path)).status;
                const bool isPublic =
                    row.rule.exposure == Exposure::Public || row.path.ends_with("metrics") || method == "OPTIONS";
                // A login without a name is 401 as well.
                if (row.path != "/as/v1/auth/login")
                    QVERIFY2((status == 401) == (row.path.starts_with("/api/v1/metrics") || !isPublic),
                             (method + " " + row.path + " " + std::to_string(status)).c_str());
            }
        }
    }

    void eachRoleGetsWhatTheTableSays()
    {
        int asked = 0;
        for (const AccessRow& row : accessTable()) {
            if (row.rule.exposure == Exposure::Public || row.dialect != "native")
                continue;
            for (const AccountRole role : roles) {
                const std::string name(native::toWord(role));
                const bool isAny = isAllowed(role, row.rule.permission);
                const bool isOne = isAny && row.rule.reach == Reach::Deployments;
                QVERIFY2(isRefused(row, "any-" + name) != isAny, (row.path + " " + name).c_str());
                QVERIFY2(isRefused(row, "one-" + name) != isOne, (row.path + " limited " + name).c_str());
                asked += 2;
            }
        }
        QVERIFY(asked > 500);
    }

    void theOtherDialectGoesByTheSameTable()
    {
        for (const AccessRow& row : accessTable()) {
            if (row.rule.exposure == Exposure::Public || row.dialect == "native" || row.path.ends_with("metrics"))
                continue;
            for (const AccountRole role : roles) {
                const std::string name(native::toWord(role));
                const bool isAny = isAllowed(role, row.rule.permission);
                const bool isOne = isAny && row.rule.reach == Reach::Deployments;
                QVERIFY2(isRefused(row, "any-" + name) != isAny, (row.path + " " + name).c_str());
                QVERIFY2(isRefused(row, "one-" + name) != isOne, (row.path + " limited " + name).c_str());
            }
        }
    }

    void whoIsLimitedSeesNothingElse()
    {
        m_user = "one-admin";
        QVERIFY(as("GET", "/api/v1/node-groups").json()["total"] == 1);
        QVERIFY(as("GET", "/api/v1/deployments").json()["total"] == 1);
        QCOMPARE(as("GET", "/api/v1/node-groups/mine").status, 200);
        QCOMPARE(as("GET", "/api/v1/node-groups/theirs").status, 404);
        QCOMPARE(as("GET", "/api/v1/deployments/theirs-shop").status, 404);
        QVERIFY(as("GET", "/as/v1/admin/nodegroup").json() == json::array({"mine"}));
        QCOMPARE(as("GET", "/as/v1/admin/nodegroup/theirs").status, 404);
        QVERIFY(as("GET", "/api/v1/snapshot").body.find("theirs") == std::string::npos);
        QCOMPARE(as("GET", "/api/v1/routes/publish?nodeGroup=theirs&stream=live/a").status, 404);
    }

    void whatTheLimitedSeeIsWorkedOutOnce()
    {
        ScopedSnapshots scoped;
        const Caller all{Actor{"a"}, AccountRole::Viewer}, one{Actor{"b"}, AccountRole::Viewer, {"mine-shop"}},
            other{Actor{"c"}, AccountRole::Viewer, {"theirs-shop"}};
        const SnapshotPtr now = m_api->host().snapshot(), later = std::make_shared<const Snapshot>(*now);
        QVERIFY(scoped.of(all, now) == now);
        const SnapshotPtr seen = scoped.of(one, now);
        QVERIFY(*seen == *seenBy(one, now));
        QVERIFY(scoped.of(other, now)->findNodeGroup(NodeGroupName("theirs")) &&
                !seen->findNodeGroup(NodeGroupName("theirs")));
        QVERIFY(scoped.of(one, now) == seen);
        QVERIFY(scoped.of(one, later) != seen && *scoped.of(one, later) == *seen);
    }

    void whoIsLimitedChangesNothingElse()
    {
        m_user = "one-admin";
        const auto document = [](const char* name) { return native::write(native::toJson(emptyGroup(name))); };
        QCOMPARE(as("PUT", "/api/v1/node-groups/theirs", document("theirs")).status, 404);
        QCOMPARE(as("PUT", "/api/v1/node-groups/mine", document("mine")).status, 200);
        m_user = "any-admin";
        const std::string theirs = as("GET", "/as/v1/admin/nodegroup/theirs").body;
        QCOMPARE(as("PUT", "/as/v1/admin/nodegroup", theirs).status, 200);
        m_user = "one-admin";
        QCOMPARE(as("PUT", "/as/v1/admin/nodegroup", theirs).status, 404);
        QCOMPARE(as("DELETE", "/api/v1/node-groups/theirs").status, 404);
        QCOMPARE(as("DELETE", "/as/v1/admin/nodegroup/theirs").status, 404);
        QCOMPARE(as("POST", "/api/v1/deployments/theirs-shop/stop").status, 404);
        QCOMPARE(as("POST", "/api/v1/deployments/mine-shop/stop?dryRun=true").status, 200);
        const json grab{{"name", "mine-shop"}, {"nodeGroups", {"mine", "theirs"}}};
        QCOMPARE(as("PUT", "/api/v1/deployments/mine-shop", grab.dump()).status, 404);
        const auto limit = [](const char* group) {
            return json{{"name", group}, {"scope", {{"nodeGroup", group}}}, {"nodes", 3}}.dump();
        };
        QCOMPARE(as("POST", "/api/v1/limits", limit("theirs")).status, 404);
        QCOMPARE(as("POST", "/api/v1/limits", limit("mine")).status, 201);
        QVERIFY(as("GET", "/api/v1/limits").json()["total"] == 1);
        m_user = "any-admin";
        QCOMPARE(as("POST", "/api/v1/limits", limit("theirs")).status, 201);
        m_user = "one-admin";
        QVERIFY(as("GET", "/api/v1/limits").json()["total"] == 1);
        QCOMPARE(as("GET", "/api/v1/limits/theirs").status, 404);
        QCOMPARE(as("DELETE", "/api/v1/limits/theirs").status, 404);
        QVERIFY(as("GET", "/api/v1/plan").body.find("theirs") == std::string::npos);
    }

    void eventsOfWhoIsLimitedTellNothingElse()
    {
        RawConnection reader(m_api->port());
        reader.send(requestText("GET", "/api/v1/events",
                                webSocketFields({{"Authorization", "Bearer " + m_tokens.at("one-viewer")}})));
        QCOMPARE(reader.read(RawConnection::Body::None).status, 101);
        QVERIFY(reader.readFrame().find("theirs") == std::string::npos);
        m_user = "any-admin";
        for (const char* group : {"theirs", "mine"}) {
            const std::string path = std::string("/api/v1/node-groups/") + group;
            json document = as("GET", path).json()["group"];
            document["description"] = "changed";
            QCOMPARE(as("PUT", path, document.dump()).status, 200);
        }
        for (std::string frame = reader.readFrame(); frame.find("changed") == std::string::npos;
             frame = reader.readFrame())
            QVERIFY(!frame.empty() && frame.find("theirs") == std::string::npos);
    }

    void eventsEndWhereTheLimitsChange()
    {
        m_user = "any-admin";
        QVERIFY(m_api->addAccount("erna", AccountRole::Viewer) && m_api->signIn("erna"));
        RawConnection reader(m_api->port());
        reader.send(
            requestText("GET", "/api/v1/events", webSocketFields({{"Authorization", "Bearer " + m_api->token()}})));
        QCOMPARE(reader.read(RawConnection::Body::None).status, 101);
        QVERIFY(reader.readFrame().find("theirs") != std::string::npos);
        QCOMPARE(as("PUT", "/api/v1/users/erna", R"({"role":"viewer","deployments":["mine-shop"]})").status, 200);
        // Snapshots go on for ever; the stream of texts ends.
        while (!reader.readFrame().empty())
            continue;
        QCOMPARE(call(m_api->port(), "GET", "/api/v1/nodes", {{"Authorization", "Bearer " + m_api->token()}}).status,
                 200);
    }

    void usersAreMadeChangedAndDeleted()
    {
        m_user = "any-admin";
        json wish{{"name", "carl"}, {"password", ApiFixture::password()}, {"role", "operator"}};
        const Answer made = as("POST", "/api/v1/users", wish.dump());
        QCOMPARE(made.status, 201);
        QCOMPARE(made.field("location"), std::string("/api/v1/users/carl"));
        QCOMPARE(as("POST", "/api/v1/users", wish.dump()).status, 409);
        const Answer read = as("GET", "/api/v1/users/carl");
        QVERIFY(read.json()["role"] == json("operator"));
        QVERIFY(read.body.find("argon2") == std::string::npos);
        QVERIFY(m_api->signIn("carl"));
        m_tokens["carl"] = m_api->token();
        m_user = "carl";
        QCOMPARE(as("GET", "/api/v1/users").status, 403);
        QVERIFY(as("GET", "/api/v1/profile").json()["name"] == json("carl"));
        m_user = "any-admin";
        const std::string rights = R"({"role":"admin"})";
        QCOMPARE(put("/api/v1/users/carl", rights, "\"0\"").status, 412);
        QCOMPARE(put("/api/v1/users/carl", rights, read.field("etag")).status, 200);
        m_user = "carl";
        QCOMPARE(as("GET", "/api/v1/users").status, 200);
        QVERIFY(as("GET", "/api/v1/users?role=admin&sort=-name").json()["total"] >= 3);
        m_user = "any-admin";
        QCOMPARE(as("DELETE", "/api/v1/users/carl").status, 200);
        m_user = "carl";
        QCOMPARE(as("GET", "/api/v1/profile").status, 401);
    }

    void whoIsDisabledIsOutUntilEnabledAgain()
    {
        m_user = "any-admin";
        const json wish{{"name", "dora"}, {"password", ApiFixture::password()}, {"role", "operator"}};
        QCOMPARE(as("POST", "/api/v1/users", wish.dump()).status, 201);
        QVERIFY(m_api->signIn("dora"));
        m_tokens["dora"] = m_api->token();
        m_user = "dora";
        const json token = as("POST", "/api/v1/tokens", R"({"name":"robot","role":"viewer"})").json();
        m_tokens["robot"] = token["secret"];
        m_user = "robot";
        QCOMPARE(as("GET", "/api/v1/nodes").status, 200);
        m_user = "dora";
        QCOMPARE(as("POST", "/api/v1/users/dora/disable").status, 403);
        m_user = "any-admin";
        QCOMPARE(as("POST", "/api/v1/users/dora/disable").status, 200);
        QCOMPARE(as("POST", "/api/v1/users/dora/disable").status, 409);
        QVERIFY(as("GET", "/api/v1/users/dora").json()["state"] == "disabled");
        QVERIFY(as("GET", "/api/v1/users?state=disabled").json()["total"] == 1);
        for (const char* user : {"dora", "robot"}) {
            m_user = user;
            QCOMPARE(as("GET", "/api/v1/nodes").status, 401);
        }
        QVERIFY(!m_api->signIn("dora"));
        m_user = "any-admin";
        QCOMPARE(as("POST", "/api/v1/users/dora/enable").status, 200);
        m_user = "dora";
        QCOMPARE(as("GET", "/api/v1/nodes").status, 401);
        m_user = "robot";
        QCOMPARE(as("GET", "/api/v1/nodes").status, 200);
        QVERIFY(m_api->signIn("dora"));
    }

    void onesOwnPasswordTakesTheOldOne()
    {
        m_user = "any-viewer";
        const std::string path = "/api/v1/profile/password";
        const auto wish = [](const std::string& old, const std::string& fresh) {
            return json{{"oldPassword", old}, {"password", fresh}}.dump();
        };
        const Answer wrong = as("PUT", path, wish("not it", "another long password"));
        QCOMPARE(wrong.status, 403);
        QVERIFY(wrong.json()["pointer"] == json("/oldPassword"));
        QVERIFY(as("PUT", path, wish(ApiFixture::password(), "short")).json()["pointer"] == json("/password"));
        QCOMPARE(as("PUT", path, wish(ApiFixture::password(), "another long password")).status, 200);
        QVERIFY(!m_api->signIn("any-viewer"));
    }

private:
    // 403; whatever else a call that names nothing leads to.
    bool isRefused(const AccessRow& row, const std::string& user)
    {
        m_user = user;
        bool isRefused = false;
        for (const std::string& method : methodsOf(row.methods)) {
            const int status = as(method, somePath(row.path)).status;
            if (status == 401 || status == 500)
                qFatal("%s %s: %d", method.c_str(), row.path.c_str(), status);
            isRefused = isRefused || status == 403;
        }
        return isRefused;
    }

    Answer as(const std::string& method, const std::string& target, const std::string& body = {})
    {
        return call(m_api->port(), method, target, {{"Authorization", "Bearer " + m_tokens.at(m_user)}}, body);
    }
    Answer put(const std::string& target, const std::string& body, const std::string& version)
    {
        return call(m_api->port(), "PUT", target,
                    {{"Authorization", "Bearer " + m_tokens.at(m_user)}, {"If-Match", version}}, body);
    }

    std::unique_ptr<ApiFixture> m_api;
    std::map<std::string, std::string> m_tokens;
    std::string m_user;
};

QTEST_GUILESS_MAIN(ApiAccessTest)
#include "api_access_test.moc"
