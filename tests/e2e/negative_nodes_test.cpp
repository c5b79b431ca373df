#include "core/domain/account.h"
#include "core/wire/access_table.h"
#include "tests/plane/forged_tokens.h"
#include "tests/support/cluster_fixture.h"
#include "tests/support/stream_record.h"

#include <QTest>

#include <vector>

using namespace headgate;
using namespace headgate::test;

namespace {

constexpr const char* password = "a rather long password";

// With {name} in place of a name.
constexpr const char* group = R"({
  "name": "{name}", "cloudPlatform": "LOCAL",
  "images": [{"name": "node", "image": "node-0.1"}],
  "roles": [{"name": "edge", "imageName": "node", "parentRoleName": "origin", "capabilities": ["subscribe"]},
            {"name": "origin", "imageName": "node", "capabilities": ["publish"]}],
  "subgroups": [{"name": "here", "cloudProperties": "region=us-east",
                 "rules": [{"roleName": "edge", "min": {nodes}, "max": 1},
                           {"roleName": "origin", "min": {nodes}, "max": 1}]}]})";

struct NamedCall
{
    QByteArray method;
    QString target;
    bool isNative = true;
    Permission permission = Permission::View;
};

QList<QPair<QByteArray, QByteArray>> bearer(const QByteArray& token)
{
    return {{"Authorization", "Bearer " + token}};
}

}  // namespace

// Calls that name a node that runs, a stream that is live or a viewer who watches, refused for each of the reasons
// there are; and nothing happens to any of the three.
class NegativeNodesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();

    void tokensThatDoNotHoldAreRefused();
    void aRoleThatDoesNotSufficeIsRefused();
    void whatRunsInAnotherDeploymentIsNotThere();
    void wrongParametersAndConditionsAreRefused();
    void nothingHasHappened();

private:
    QByteArray tokenOf(const QByteArray& user);
    std::vector<NamedCall> callsFor(const ClusterNode& node);
    QJsonObject details(const QByteArray& token);
    void expect(int status, const NamedCall& call, const QByteArray& token,
                const QList<QPair<QByteArray, QByteArray>>& more = {});

    Cluster m_cluster;
    Child m_publisher, m_player;
    QByteArray m_viewer, m_limited;
    std::vector<ClusterNode> m_nodes;  // as they were
    qint64 m_watcher = 0;              // the viewer's id
    int m_cases = 0;
};

void NegativeNodesTest::initTestCase()
{
    QVERIFY2(m_cluster.start() && m_cluster.logIn(), m_cluster.report());
    for (const char* name : {"mine", "theirs"}) {
        const bool hasNodes = QByteArray(name) == "theirs";
        const QByteArray document = QByteArray(group).replace("{name}", name).replace("{nodes}", hasNodes ? "1" : "0");
        QCOMPARE(m_cluster.call("POST", "/api/v1/node-groups", document).status, 201);
        const QJsonObject deployment{{"name", name}, {"nodeGroups", QJsonArray{name}}};
        QCOMPARE(m_cluster.call("POST", "/api/v1/deployments", QJsonDocument(deployment).toJson()).status, 201);
    }
    for (const auto& [user, role, deployments] :
         {std::tuple("viewer", "viewer", QJsonArray{}), std::tuple("limited", "admin", QJsonArray{"mine"})}) {
        const QJsonObject account{{"name", user}, {"password", password}, {"role", role}, {"deployments", deployments}};
        const HttpAnswer made = m_cluster.call("POST", "/api/v1/users", QJsonDocument(account).toJson());
        QVERIFY2(made.status == 201, made.body);
    }
    m_viewer = tokenOf("viewer");
    m_limited = tokenOf("limited");
    QVERIFY(!m_viewer.isEmpty() && !m_limited.isEmpty());
    QVERIFY2(m_cluster.waitInService("theirs", 2), m_cluster.report());
    m_publisher.start("ffmpeg", publishArguments("rtmp://" + m_cluster.nodes("origin").front().address + "/live/show1"),
                      m_cluster.path("publisher.log"));
    const QString edge = m_cluster.waitForSubscribeAddress("theirs", "live/show1");
    QVERIFY2(!edge.isEmpty(), m_cluster.report());
    m_player.start("ffmpeg", {"-v", "error", "-i", "rtmp://" + edge + "/live/show1", "-c", "copy", "-f", "null", "-"},
                   m_cluster.path("player.log"));
    QVERIFY(waitUntil([this] { return !details(m_cluster.token())["viewers"].toArray().isEmpty(); }, 30'000));
    m_watcher = details(m_cluster.token())["viewers"][0]["id"].toInteger();
    QVERIFY(m_watcher > 0);
    m_nodes = m_cluster.nodes();
    QCOMPARE(m_nodes.size(), std::size_t(2));
}

void NegativeNodesTest::cleanup()
{
    if (QTest::currentTestFailed())
        qInfo().noquote() << m_cluster.report();
}

QByteArray NegativeNodesTest::tokenOf(const QByteArray& user)
{
    const HttpAnswer answer = callHttp("POST", m_cluster.url() + "/api/v1/sessions",
                                       R"({"username":")" + user + R"(","password":")" + password + R"("})",
                                       {{"Content-Type", "application/json"}});
    return answer.object()["accessToken"].toString().toUtf8();
}

QJsonObject NegativeNodesTest::details(const QByteArray& token)
{
    const QString target =
        "/api/v1/streams/details?nodeGroup=theirs&stream=live/show1&node=" + m_cluster.nodes("edge").front().id;
    return callHttp("GET", m_cluster.url() + target, {}, bearer(token)).object();
}

// Of the table those with a node in their path, and those that name it, a stream or a viewer behind it.
std::vector<NamedCall> NegativeNodesTest::callsFor(const ClusterNode& node)
{
    std::vector<NamedCall> calls;
    for (const AccessRow& row : accessTable()) {
        QString path = QString::fromStdString(row.path);
        const bool isNode = path.startsWith("/api/v1/nodes/{id}") || path.contains("{node}");
        const QString stream = "?nodeGroup=theirs&stream=live/show1&node=" + node.id;
        if (path == "/api/v1/streams/disconnect")
            path += "?stream=live/show1&node=" + node.id + "&viewer=" + QString::number(m_watcher);
        else if (path.startsWith("/api/v1/streams/"))
            path += stream;
        else if (path.startsWith("/api/v1/routes/"))
            path += "?nodeGroup=theirs&stream=live/show1";
        else if (path.startsWith("/api/v1/passes/"))
            path += stream;
        else if (!isNode)
            continue;
        path.replace("{id}", node.id).replace("{node}", node.id).replace("{group}", "theirs");
        for (const QString& method : QString::fromStdString(row.methods).split(' '))
            calls.push_back({method.toUtf8(), path, row.dialect == "native", row.rule.permission});
    }
    return calls;
}

void NegativeNodesTest::expect(int status, const NamedCall& call, const QByteArray& token,
                               const QList<QPair<QByteArray, QByteArray>>& more)
{
    ++m_cases;
    const HttpAnswer answer =
        callHttp(call.method, m_cluster.url() + call.target, {}, token.isEmpty() ? more : bearer(token) + more);
    const QJsonObject body = answer.object();
    const bool isWhole = call.isNative ? body["status"].toInt() == status && body["detail"].isString()
                                       : body["error"].isString() && body["errorMessage"].isString();
    if (answer.status != status || !isWhole)
        QFAIL(qPrintable(call.method + " " + call.target + ": " + QString::number(answer.status) + ", not " +
                         QString::number(status) + ": " + answer.body.left(300)));
}

void NegativeNodesTest::tokensThatDoNotHoldAreRefused()
{
    const TokenParts good = partsOf(m_cluster.token().toStdString());
    TokenParts changed = good;
    changed.claims["sub"] = "root";
    const std::vector<std::string> tokens = {"",
                                             "x.y.z",
                                             unsignedToken(good),
                                             hmacToken(good, good.header.value("kid", "")),
                                             joined(changed),
                                             "hgp_0123456789abcdef_" + std::string(64, 'a')};
    for (const ClusterNode& node : m_nodes) {
        const auto calls = callsFor(node);
        QVERIFY2(calls.size() >= 12, QByteArray::number(calls.size()));
        for (const NamedCall& call : calls) {
            for (const std::string& token : tokens)
                expect(401, call, QByteArray::fromStdString(token));
        }
    }
}

void NegativeNodesTest::aRoleThatDoesNotSufficeIsRefused()
{
    int writes = 0;
    for (const ClusterNode& node : m_nodes) {
        for (const NamedCall& call : callsFor(node)) {
            if (isAllowed(AccountRole::Viewer, call.permission))
                continue;
            ++writes;
            expect(403, call, m_viewer);
        }
    }
    QCOMPARE(writes, 2 * 6);
}

// Not even that there is such a thing: what is answered of it is what is answered of one that is not.
void NegativeNodesTest::whatRunsInAnotherDeploymentIsNotThere()
{
    for (const ClusterNode& node : m_nodes) {
        for (const NamedCall& call : callsFor(node)) {
            expect(404, call, m_limited);
            NamedCall unknown = call;
            unknown.target.replace(node.id, "nosuchnode");
            expect(404, unknown, m_limited);
        }
    }
    QVERIFY(callHttp("GET", m_cluster.url() + "/api/v1/nodes", {}, bearer(m_limited))
                .object()["nodes"]
                .toArray()
                .isEmpty());
    QVERIFY(callHttp("GET", m_cluster.url() + "/api/v1/streams", {}, bearer(m_limited))
                .object()["streams"]
                .toArray()
                .isEmpty());
}

void NegativeNodesTest::wrongParametersAndConditionsAreRefused()
{
    const QString viewer = QString::number(m_watcher);
    for (const ClusterNode& node : m_nodes) {
        const QString path = "/api/v1/nodes/" + node.id;
        const QString disconnect = "/api/v1/streams/disconnect?stream=live/show1&node=" + node.id + "&viewer=";
        const QString place = "?nodeGroup=theirs&stream=live/show1&node=" + node.id;
        const std::vector<std::tuple<int, const char*, QString>> calls = {
            {400, "POST", path + "/drain?deadlineSeconds=0"},
            {400, "POST", path + "/drain?deadlineSeconds=NaN"},
            {400, "POST", path + "/drain?deadlineSeconds=1e9"},
            {400, "POST", path + "/stop?mode=gently"},
            {405, "PUT", path + "/drain"},
            {405, "DELETE", path},
            {404, "POST", path + "x/drain"},
            {404, "GET", path + "/drain/x"},
            {400, "POST", disconnect},
            {400, "POST", disconnect + "-1"},
            {400, "POST", disconnect + "99999999999999999999"},
            {404, "POST", disconnect + QString::number(m_watcher + 1'000'000)},
            {400, "POST", "/api/v1/streams/disconnect?node=" + node.id + "&viewer=" + viewer},
            {400, "GET", "/api/v1/streams/details" + place + "&viewerLimit=-1"},
            {400, "GET", "/api/v1/streams/thumbnail" + place + "&width=100000"},
            {404, "GET", "/api/v1/passes/subscribe?nodeGroup=mine&stream=live/show1&node=" + node.id},
            {404, "GET", "/api/v1/passes/publish?nodeGroup=mine&stream=live/show1&node=" + node.id},
            {400, "GET", "/api/v1/passes/subscribe?nodeGroup=theirs&node=" + node.id},
        };
        for (const auto& [status, method, target] : calls)
            expect(status, {method, target}, m_cluster.token());
        for (const char* action : {"/drain", "/undrain", "/stop?mode=cut-sessions"}) {
            expect(412, {"POST", path + action}, m_cluster.token(), {{"If-Match", "\"1\""}});
            expect(400, {"POST", path + action}, m_cluster.token(), {{"If-Match", "x"}});
        }
        const QString scale =
            "/as/v1/admin/nodegroup/%1/" + node.id + "/manualscale?currentState=INSERVICE&desiredState=SOFT_SUNSET";
        expect(404, {"PUT", scale.arg("mine"), false}, m_cluster.token());
        expect(405, {"POST", scale.arg("theirs"), false}, m_cluster.token());
    }
}

void NegativeNodesTest::nothingHasHappened()
{
    qInfo("%d cases", m_cases);
    QVERIFY(m_cases >= 200);
    const std::vector<ClusterNode> now = m_cluster.nodes();
    QCOMPARE(now.size(), m_nodes.size());
    for (const ClusterNode& before : m_nodes) {
        const ClusterNode after = m_cluster.node(before.id);
        QCOMPARE(after.state, before.state);
        QCOMPARE(after.pid, before.pid);
        QVERIFY(!after.isSealed);
    }
    QCOMPARE(details(m_cluster.token())["viewers"][0]["id"].toInteger(), m_watcher);
    QVERIFY(m_publisher.isRunning() && m_player.isRunning());
}

QTEST_GUILESS_MAIN(NegativeNodesTest)
#include "negative_nodes_test.moc"
