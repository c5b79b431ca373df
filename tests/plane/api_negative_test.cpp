#include "core/api/sign_in.h"
#include "core/api/token_signer.h"
#include "core/base/digest.h"
#include "core/wire/access_table.h"
#include "core/wire/account_document.h"
#include "core/wire/native_codec.h"
#include "tests/plane/api_fixture.h"
#include "tests/plane/forged_tokens.h"
#include "tests/support/groups.h"

#include <QTest>

#include <algorithm>
#include <array>
#include <map>

using namespace headgate;
using namespace headgate::test;
using nlohmann::json;

namespace {

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

std::string filled(std::string path, const std::string& with)
{
    for (auto open = path.find('{'); open != std::string::npos; open = path.find('{'))
        path.replace(open, path.find('}') + 1 - open, with);
    if (const auto rest = path.find("**"); rest != std::string::npos)
        path.replace(rest, 2, with + "/x");
    return path;
}

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

bool isNativeProblem(const Answer& answer)
{
    const json body = answer.json();
    return answer.field("content-type") == "application/problem+json" && body["status"] == answer.status &&
           body["detail"].is_string() && body["requestId"].is_string();
}

bool isDialectError(const Answer& answer)
{
    const json body = answer.json();
    return body["error"].is_string() && body["errorMessage"].is_string() && body["message"].is_string() &&
           body["status"] == answer.status;
}

// Routes that read a document out of the body.
bool takesDocument(const native::RouteRow& row)
{
    using enum native::Route;
    constexpr std::array plain = {DrainNode,        UndrainNode,    StopNode,          DisconnectViewer,
                                  StartDeployment,  StopDeployment, RestartDeployment, ImportPlan,
                                  RotateTokenKeys,  DisableUser,    EnableUser,        DistributeProvision,
                                  WithdrawProvision};
    const bool isWrite =
        row.method == native::Method::Post || row.method == native::Method::Put || row.method == native::Method::Patch;
    return isWrite && std::ranges::find(plain, row.route) == plain.end();
}

}  // namespace

// What must be refused, made from the table of calls: every one of them with whatever is wrong about tokens, roles,
// bodies and conditions, and the exact status that it is answered with.
class ApiNegativeTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_api = std::make_unique<ApiFixture>();
        QVERIFY(m_api->isUp() && m_api->addAccount("admin") && m_api->signIn());
        m_admin = m_api->token();
        for (const char* name : {"mine", "theirs"}) {
            QCOMPARE(m_api->as("POST", "/api/v1/node-groups", native::write(native::toJson(emptyGroup(name)))).status,
                     201);
            const json deployment{{"name", name}, {"nodeGroups", {name}}};
            QCOMPARE(m_api->as("POST", "/api/v1/deployments", deployment.dump()).status, 201);
        }
        for (const char* name : {"mine", "theirs"}) {
            for (const auto& [kind, document] : itemsOf(name)) {
                const Answer made = m_api->as("POST", "/api/v1/" + kind, document.dump());
                QVERIFY2(made.status == 201, made.body.c_str());
            }
        }
        for (const char* name : {"mine", "theirs"})
            QCOMPARE(m_api->as("POST", "/api/v1/provisions", provisionOf(name).dump()).status, 201);
        for (const char* path : {"regions", "node-images"}) {
            const std::string target = std::string("/api/v1/") + path + "/mine";
            const auto bodies = bodiesFor("mine");
            const Answer made = m_api->as("PUT", target, bodies.at("PUT /api/v1/" + std::string(path) + "/{name}"));
            QVERIFY2(made.status < 300, made.body.c_str());
        }
        QVERIFY(m_api->addAccount("viewer", AccountRole::Viewer) && m_api->signIn("viewer"));
        m_viewer = m_api->token();
        QVERIFY(m_api->addAccount("limited", AccountRole::Admin, {"mine"}) && m_api->signIn("limited"));
        m_limited = m_api->token();
    }

    void cleanupTestCase()
    {
        qInfo("%d cases", m_cases);
        QVERIFY(m_cases >= 2000);
        m_api.reset();
    }

    void tokensThatDoNotHoldAreRefusedEverywhere()
    {
        const auto tokens = badTokens();
        for (const AccessRow& row : accessTable()) {
            if (row.rule.exposure == Exposure::Public || row.path.ends_with("metrics"))
                continue;
            for (const std::string& method : methodsOf(row.methods)) {
                for (const auto& [what, header] : tokens) {
                    Fields fields;
                    if (!header.empty())
                        fields.emplace_back("Authorization", header);
                    expect(401, row.dialect == "native", method, filled(row.path, "mine"), fields, {}, what);
                }
            }
        }
    }

    void rolesThatDoNotSufficeAreRefusedEverywhere()
    {
        for (const AccessRow& row : accessTable()) {
            if (row.rule.exposure == Exposure::Public || row.path.ends_with("metrics"))
                continue;
            for (const std::string& method : methodsOf(row.methods)) {
                const bool isNative = row.dialect == "native";
                if (!isAllowed(AccountRole::Viewer, row.rule.permission))
                    expect(403, isNative, method, filled(row.path, "mine"), bearer(m_viewer), {}, "role too low");
                if (row.rule.reach == Reach::Everything)
                    expect(403, isNative, method, filled(row.path, "mine"), bearer(m_limited), {}, "limited");
            }
        }
    }

    // Every call that can name something of another deployment, by what the table says.
    void whatBelongsToAnotherDeploymentIsNotThere()
    {
        const auto bodies = bodiesFor("theirs");
        for (const AccessRow& row : accessTable()) {
            const bool isOwn = row.rule.permission == Permission::Own || row.rule.permission == Permission::Open;
            if (row.rule.reach == Reach::Everything || isOwn || !namesSomething(row))
                continue;
            for (const std::string& method : methodsOf(row.methods)) {
                const bool isNative = row.dialect == "native";
                Fields fields = bearer(m_limited);
                const auto body = bodies.find(method + " " + row.path);
                const bool isWrite = method == "PUT" || (method == "POST" && !row.path.ends_with("}"));
                expect(404, isNative, method, filled(row.path, idOf(row.path, "theirs")), fields,
                       body != bodies.end() && isWrite ? body->second : "", "of another deployment");
            }
        }
        // A patch that is wrong tells no more than one that is right.
        for (const char* kind : {"node-groups", "deployments", "limits", "schedules", "overlays", "configurations"}) {
            for (const char* body : {"{}", "{", "[]", R"({"surprise":1})", R"({"name":NaN})"})
                expect(404, true, "PATCH", std::string("/api/v1/") + kind + "/" + idOf(kind, "theirs"),
                       bearer(m_limited), body, "a wrong patch of another deployment");
        }
        const json limit{{"name", "new"}, {"scope", {{"nodeGroup", "theirs"}}}, {"nodes", 3}};
        expect(404, true, "POST", "/api/v1/limits", bearer(m_limited), limit.dump(), "for another deployment");
        for (const char* call :
             {"streams/details?nodeGroup=theirs&stream=live/a", "streams/thumbnail?nodeGroup=theirs&stream=live/a",
              "routes/publish?nodeGroup=theirs&stream=live/a", "routes/subscribe?nodeGroup=theirs&stream=live/a"})
            expect(404, true, "GET", std::string("/api/v1/") + call, bearer(m_limited), {}, "of another deployment");
    }

    void documentsThatAreWrongAreRefused()
    {
        std::string deep(100'000, '[');
        const std::vector<std::pair<const char*, std::string>> bodies = {
            {"no JSON", "{"},
            {"no object", "[]"},
            {"a text", "\"text\""},
            {"a number", "7"},
            {"null", "null"},
            {"duplicate key", R"({"name":"mine","name":"mine"})"},
            {"NaN", R"({"name":NaN})"},
            {"infinity", R"({"nodes":Infinity})"},
            {"too large a number", R"({"nodes":1e999})"},
            {"deep", deep},
            {"deep objects",
             [] {
                 std::string text;
                 for (int i = 0; i < 5000; ++i)
                     text += R"({"a":)";
                 return text;
             }()},
            {"extra member", R"({"surprise":1})"},
            {"no UTF-8", "{\"name\":\"\xff\"}"},
            {"a comment", "{/**/}"},
            {"trailing", "{} {}"},
        };
        for (const native::RouteRow& row : native::routeTable()) {
            if (!takesDocument(row) || row.method == native::Method::Patch)
                continue;
            for (const auto& [what, body] : bodies) {
                Fields fields = bearer(m_admin);
                fields.emplace_back("Content-Type", "application/json");
                expect(400, true, std::string(native::toWord(row.method)), filled(std::string(row.path), "mine"),
                       fields, body, what);
            }
        }
    }

    void bodiesThatAreTooLargeOrOfAnotherTypeAreRefused()
    {
        const std::string large(11 << 20, ' ');
        for (const native::RouteRow& row : native::routeTable()) {
            if (!takesDocument(row))
                continue;
            const std::string method(native::toWord(row.method));
            const std::string path = filled(std::string(row.path), "mine");
            // The length alone is refused, before anything is sent.
            expect(413, true, method, path,
                   Fields{{"Authorization", "Bearer " + m_admin}, {"Content-Length", std::to_string(large.size())}}, {},
                   "too large");
            Fields fields = bearer(m_admin);
            fields.emplace_back("Content-Type", "text/plain");
            expect(415, true, method, path, fields, "{}", "another type");
            fields = bearer(m_admin);
            fields.emplace_back("Accept", "image/png");
            expect(406, true, method, path, fields, "{}", "another answer");
        }
    }

    // Every write of one object that is there.
    void staleVersionsAreRefused()
    {
        const auto bodies = bodiesFor("mine");
        int routes = 0;
        for (const native::RouteRow& row : native::routeTable()) {
            using enum native::Route;
            const std::string method(native::toWord(row.method));
            const auto body = bodies.find(method + " " + std::string(row.path));
            const bool isWhole =
                row.route == DeleteNodeGroup || row.route == DeletePlanItem || row.route == DeleteDeployment ||
                row.route == DeleteUser || row.route == DeleteRegion || row.route == DeleteNodeImage ||
                row.route == StopDeployment || row.route == StartDeployment || row.route == RestartDeployment ||
                row.route == DisableUser || row.route == EnableUser || row.route == DeleteProvision ||
                row.route == DistributeProvision || row.route == WithdrawProvision;
            if (!isWhole && body == bodies.end())
                continue;
            ++routes;
            const std::string path = filled(std::string(row.path),
                                            row.path.starts_with("/api/v1/users") ? "viewer" : idOf(row.path, "mine"));
            for (const auto& [tag, status] :
                 {std::pair("\"999999\"", 412), std::pair("W/\"1\"", 412), std::pair("1", 400), std::pair("\"x\"", 400),
                  std::pair("\"1\", \"2\"", 400)}) {
                Fields fields = bearer(m_admin);
                fields.emplace_back("If-Match", tag);
                expect(status, true, method, path, fields, isWhole ? "" : body->second, tag);
            }
        }
        QVERIFY2(routes >= 30, std::to_string(routes).c_str());
    }

    // The dialect takes what it does not know, and the last of two members; the rest it refuses as well.
    void documentsOfTheDialectThatAreWrongAreRefused()
    {
        const std::vector<std::pair<const char*, std::string>> bodies = {
            {"nothing", ""},
            {"no JSON", "{"},
            {"a text", "\"text\""},
            {"a number", "7"},
            {"null", "null"},
            {"NaN", R"({"name":NaN})"},
            {"infinity", R"({"name":Infinity})"},
            {"deep", std::string(100'000, '[')},
            {"no UTF-8", "{\"name\":\"\xff\"}"},
            {"a comment", "{/**/}"},
            {"trailing", "{} {}"},
        };
        for (const auto& [method, path] : dialectDocuments()) {
            for (const auto& [what, body] : bodies)
                expect(400, false, method, path, bearer(m_admin), body, what);
            expect(413, false, method, path,
                   Fields{{"Authorization", "Bearer " + m_admin}, {"Content-Length", std::to_string(11 << 20)}}, {},
                   "too large");
        }
    }

    void methodsAndPathsThatAreNotThereAreRefused()
    {
        for (const native::RouteRow& row : native::routeTable()) {
            const std::string path = filled(std::string(row.path), "mine");
            expect(405, true, "TRACE", path, bearer(m_admin), {}, "another method");
            expect(404, true, "GET", path + "/x/y/z", bearer(m_admin), {}, "another path");
        }
        for (const char* path : {"/as/v1/nothing", "/as/v2/streams", "/as/v1/admin/nothing"})
            expect(404, false, "GET", path, bearer(m_admin), {}, "another path");
    }

private:
    static Fields bearer(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }

    // What is wrong, and the whole header.
    std::vector<std::pair<const char*, std::string>> badTokens() const
    {
        TokenSigner ours([this](const std::string& name) { return m_api->host().derivedKey(name); });
        TokenSigner others([](const std::string& name) { return sha256(name); });
        const TimePoint now = systemNow();
        const TokenParts good = partsOf(m_admin);
        const auto with = [&](const char* name, const json& value) {
            json claims = good.claims;
            claims[name] = value;
            return "Bearer " + ours.sign(claims, "at+jwt", now);
        };
        TokenParts otherKey = good;
        otherKey.header["kid"] = "AAAAAAAAAAAAAAAA";
        TokenParts changed = good;
        changed.claims["sub"] = "root";
        std::string cut = m_admin;
        cut.pop_back();
        return {{"no token", ""},
                {"an empty one", "Bearer "},
                {"no JWT", "Bearer x.y.z"},
                {"basic", "Basic YWRtaW46YWRtaW4="},
                {"another scheme", "Token " + m_admin},
                {"expired", with("exp", 1'700'000'000)},
                {"expiry as text", with("exp", "2100-01-01")},
                {"another issuer", with("iss", "somebody")},
                {"another audience", with("aud", "somebody")},
                {"a session that ended", with("sid", std::string(32, '0'))},
                {"another type", "Bearer " + ours.sign(good.claims, "rt+jwt", now)},
                {"no type", "Bearer " + ours.sign(good.claims, "JWT", now)},
                {"alg none", "Bearer " + unsignedToken(good)},
                {"HS256 with the key's id", "Bearer " + hmacToken(good, good.header["kid"].get<std::string>())},
                {"HS256 with nothing", "Bearer " + hmacToken(good, "")},
                {"a key that is not there", "Bearer " + joined(otherKey)},
                {"a key of others", "Bearer " + others.sign(good.claims, "at+jwt", now)},
                {"changed claims", "Bearer " + joined(changed)},
                {"cut off", "Bearer " + cut},
                {"twice", "Bearer " + m_admin + " " + m_admin},
                {"a personal token that is not there", "Bearer hgp_0123456789abcdef_" + std::string(64, 'a')}};
    }

    static bool namesSomething(const AccessRow& row)
    {
        return row.path.find("{group}") != std::string::npos || row.path.find("{name}") != std::string::npos ||
               row.path.find("{id}") != std::string::npos || row.path.find("{key}") != std::string::npos;
    }

    // Schedules and overlays may not have the same id, configurations not that of a group.
    static std::string idOf(std::string_view path, const std::string& name)
    {
        for (const char* kind : {"overlays", "configurations"}) {
            if (path.find(kind) != std::string_view::npos)
                return name + "-2";
        }
        return path.starts_with("/api/v1/provisions") ? name + "%2Flive%2Fp" : name;
    }

    static json provisionOf(const std::string& name)
    {
        return {{"nodeGroup", name},
                {"provision", {{"provisionGuid", "live/p"}, {"streams", {{{"streamGuid", "live/p"}}}}}}};
    }

    static std::vector<std::pair<std::string, std::string>> dialectDocuments()
    {
        return {{"POST", "/as/v1/admin/nodegroup"},
                {"PUT", "/as/v1/admin/nodegroup"},
                {"POST", "/as/v1/streams/provision/mine"},
                {"PUT", "/as/v1/streams/provision/mine"}};
    }

    // What each write of an object of this name takes, by method and path of the table.
    std::map<std::string, std::string> bodiesFor(const std::string& name) const
    {
        std::map<std::string, std::string> bodies;
        const auto put = [&](const std::string& path, const json& document) {
            bodies["PUT " + path] = document.dump();
            bodies["PATCH " + path] = "{}";
        };
        put("/api/v1/node-groups/{name}", json::parse(native::write(native::toJson(emptyGroup(name)))));
        put("/api/v1/deployments/{name}", {{"name", name}, {"nodeGroups", {name}}});
        for (const auto& [kind, document] : itemsOf(name))
            put("/api/v1/" + kind + "/{id}", document);
        put("/api/v1/regions/{name}", {{"name", name}, {"title", name}, {"latitude", 1.0}, {"longitude", 1.0}});
        put("/api/v1/node-images/{name}", {{"name", name}});
        put("/api/v1/provisions/{key}", provisionOf(name));
        bodies["PUT /api/v1/users/{name}"] = R"({"role":"operator"})";
        bodies["PUT /api/v1/users/{name}/password"] = R"({"password":"a long enough one"})";
        return bodies;
    }

    // One of each kind of the plan that is for the group of this name.
    static std::vector<std::pair<std::string, json>> itemsOf(const std::string& name)
    {
        const json timing{{"zone", "Europe/Berlin"},
                          {"start", "2027-01-04T18:00:00"},
                          {"end", {{"at", "22:00"}}},
                          {"rule", "FREQ=DAILY"}};
        const json opening{{"name", "n"}, {"timing", {{"cron", "0 0 20 * * ?"}, {"durationS", 3600}}}};
        const json night = json::parse(native::write(native::toJson(emptyGroup(idOf("configurations", name)))));
        return {{"exclusion-sets", {{"name", name}, {"events", json::array()}}},
                {"configurations", {{"base", name}, {"configuration", night}, {"openings", json::array({opening})}}},
                {"limits", {{"name", name}, {"scope", {{"nodeGroup", name}}}, {"nodes", 3}}},
                {"schedules",
                 {{"id", name},
                  {"name", "Evenings"},
                  {"scope", {{"nodeGroup", name}}},
                  {"timing", timing},
                  {"effect", {{"kind", "active"}, {"min", 0}, {"max", 0}}}}},
                {"overlays",
                 {{"id", idOf("overlays", name)},
                  {"scope", {{"nodeGroup", name}, {"role", "edge"}}},
                  {"from", "2099-06-01T18:00:00+02:00"},
                  {"to", "2099-06-01T20:00:00+02:00"},
                  {"op", {{"kind", "floor"}, {"nodes", 0}}}}}};
    }

    void expect(int status, bool isNative, const std::string& method, const std::string& path, const Fields& fields,
                const std::string& body, const char* what)
    {
        ++m_cases;
        const Answer answer = call(m_api->port(), method, path, fields, body);
        const bool isWhole = isNative ? isNativeProblem(answer) : isDialectError(answer);
        if (answer.status != status || !isWhole)
            QFAIL(qPrintable(QString::fromStdString(method + " " + path + ", " + what + ": " +
                                                    std::to_string(answer.status) + " " + answer.body.substr(0, 300))));
    }

    std::unique_ptr<ApiFixture> m_api;
    std::string m_admin;
    std::string m_viewer;
    std::string m_limited;
    int m_cases = 0;
};

QTEST_GUILESS_MAIN(ApiNegativeTest)
#include "api_negative_test.moc"
