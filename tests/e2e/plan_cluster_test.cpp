#include "tests/support/cluster_fixture.h"
#include "tests/support/stream_record.h"

#include <QDateTime>
#include <QTest>

#include <algorithm>

using namespace headgate::test;

// What a plan says happens on a real cluster, with windows of seconds.
class PlanClusterTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void nodesAreInServiceWhenAnOverlayBeginsAndLeaveWhenItEnds();
    void groupRunsInItsScheduleOnly();
    void boundaryThatPassedWithoutAControlPlaneIsCaughtUp();
    void publisherOfAGroupThatTurnsInactiveIsNotCut();

private:
    static constexpr auto group = "nodegroup-1";

    QJsonObject status()
    {
        for (const QJsonValue& each : m_cluster->snapshot()["nodeGroups"].toArray()) {
            if (each["group"]["name"] == QLatin1String(group))
                return each.toObject();
        }
        return {};
    }
    int ready(const QString& role)
    {
        const auto nodes = m_cluster->nodes(role);
        return static_cast<int>(std::ranges::count_if(
            nodes, [](const ClusterNode& node) { return node.state == "INSERVICE" && node.health == "healthy"; }));
    }
    QByteArray overlay(const QString& id, const QString& role, const QDateTime& from, const QDateTime& to,
                       const QJsonObject& op);
    HttpAnswer post(const QString& kind, const QByteArray& document)
    {
        return m_cluster->call("POST", "/api/v1/" + kind, document);
    }
    bool isInAudit(const QString& text)
    {
        return m_cluster->call("GET", "/api/v1/audit?limit=100").body.contains(text.toUtf8());
    }

    std::unique_ptr<Cluster> m_cluster;
};

namespace {

QString rfc3339(const QDateTime& at)
{
    return at.toUTC().toString(Qt::ISODate);
}

QDateTime inSeconds(int seconds)
{
    return QDateTime::fromSecsSinceEpoch(QDateTime::currentSecsSinceEpoch() + seconds, Qt::UTC);
}

void waitFor(const QDateTime& at)
{
    QTest::qWait(static_cast<int>(std::max<qint64>(QDateTime::currentDateTimeUtc().msecsTo(at), 0)));
}

QByteArray text(const QJsonObject& json)
{
    return QJsonDocument(json).toJson(QJsonDocument::Compact);
}

}  // namespace

QByteArray PlanClusterTest::overlay(const QString& id, const QString& role, const QDateTime& from, const QDateTime& to,
                                    const QJsonObject& op)
{
    QJsonObject scope{{"nodeGroup", group}};
    if (!role.isEmpty())
        scope["role"] = role;
    return text({{"id", id}, {"scope", scope}, {"from", rfc3339(from)}, {"to", rfc3339(to)}, {"op", op}});
}

void PlanClusterTest::init()
{
    m_cluster = std::make_unique<Cluster>();
    QVERIFY2(m_cluster->start(), m_cluster->report());
    QVERIFY(m_cluster->logIn());
    QVERIFY(m_cluster->createNodeGroup(Cluster::document("aws_node_group.json")));
    QVERIFY2(m_cluster->waitInService(group, 2), m_cluster->report());
}

void PlanClusterTest::cleanup()
{
    if (QTest::currentTestFailed())
        qInfo().noquote() << m_cluster->report() << status();
    m_cluster.reset();
}

void PlanClusterTest::nodesAreInServiceWhenAnOverlayBeginsAndLeaveWhenItEnds()
{
    const QDateTime from = inSeconds(25), to = from.addSecs(12);
    const HttpAnswer made = post("overlays", overlay("cup-final", "edge", from, to, {{"kind", "floor"}, {"nodes", 3}}));
    QVERIFY2(made.status == 201, made.body);
    QCOMPARE(ready("edge"), 1);
    waitFor(from);
    QCOMPARE(ready("edge"), 3);
    QCOMPARE(ready("origin"), 1);
    waitFor(to);
    QVERIFY(waitUntil([&] { return ready("edge") == 1 && m_cluster->nodes("edge").size() == 1; }, 30'000));
    QVERIFY(isInAudit("cup-final"));
}

void PlanClusterTest::groupRunsInItsScheduleOnly()
{
    const QDateTime from = inSeconds(30);
    const QJsonObject timing{
        {"zone", "UTC"}, {"start", from.toString("yyyy-MM-ddTHH:mm:ss")}, {"end", QJsonObject{{"durationS", 15}}}};
    const HttpAnswer made = post("schedules", text({{"id", "show"},
                                                    {"scope", QJsonObject{{"nodeGroup", group}}},
                                                    {"timing", timing},
                                                    {"effect", QJsonObject{{"kind", "active"}}}}));
    QVERIFY2(made.status == 201, made.body);
    QVERIFY(waitUntil([&] { return m_cluster->nodes().empty(); }, 15'000));
    QCOMPARE(status()["activity"].toString(), "inactive");
    waitFor(from);
    QCOMPARE(ready("origin"), 1);
    QCOMPARE(ready("edge"), 1);
    QVERIFY(waitUntil([&] { return status()["activity"].toString() == "active"; }, 5'000));
    waitFor(from.addSecs(15));
    QVERIFY(waitUntil([&] { return m_cluster->nodes().empty(); }, 30'000));
}

void PlanClusterTest::boundaryThatPassedWithoutAControlPlaneIsCaughtUp()
{
    const QDateTime from = inSeconds(15);
    const HttpAnswer made =
        post("overlays", overlay("late-show", "edge", from, from.addSecs(600), {{"kind", "floor"}, {"nodes", 2}}));
    QVERIFY2(made.status == 201, made.body);
    m_cluster->killControlPlane();
    waitFor(from.addSecs(3));
    QVERIFY2(m_cluster->startAgain(), m_cluster->report());
    QVERIFY(waitUntil([&] { return ready("edge") == 2; }, 30'000));
    QVERIFY(waitUntil([&] { return isInAudit("late-show") && isInAudit("late"); }, 5'000));
}

void PlanClusterTest::publisherOfAGroupThatTurnsInactiveIsNotCut()
{
    const ClusterNode origin = m_cluster->nodes("origin").front();
    Child publisher;
    publisher.start("ffmpeg", publishArguments("rtmp://" + origin.address + "/live/show1"),
                    m_cluster->path("publisher.log"));
    QVERIFY(waitUntil([&] { return !m_cluster->stream("live/show1").isEmpty(); }, 20'000));
    const QDateTime from = inSeconds(3);
    const HttpAnswer made =
        post("overlays", overlay("dark", {}, from, from.addSecs(600), {{"kind", "deactivate"}, {"isHard", false}}));
    QVERIFY2(made.status == 201, made.body);
    QVERIFY(waitUntil([&] { return status()["activity"].toString() == "deactivating"; }, 20'000));
    QVERIFY(waitUntil([&] { return m_cluster->nodes("edge").empty(); }, 20'000));
    QTest::qWait(5'000);
    QVERIFY2(publisher.isRunning(), qPrintable(publisher.log()));
    QVERIFY(isAlive(origin.pid));
    QVERIFY(!m_cluster->stream("live/show1").isEmpty());
    const QByteArray waitsFor = QJsonDocument(status()["waitsFor"].toArray()).toJson();
    QVERIFY2(waitsFor.contains("1 publisher"), waitsFor);

    publisher.kill();
    QVERIFY(waitUntil([&] { return m_cluster->nodes().empty() && !isAlive(origin.pid); }, 60'000));
    QCOMPARE(status()["activity"].toString(), "inactive");
}

QTEST_GUILESS_MAIN(PlanClusterTest)
#include "plan_cluster_test.moc"
