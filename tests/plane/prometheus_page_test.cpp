#include "core/api/prometheus_page.h"
#include "tests/plane/api_fixture.h"

#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QTest>

using namespace headgate;
using namespace headgate::test;
using nlohmann::json;

namespace {

const PoolKey pool{NodeGroupName("eu-live"), "eu \"west\"\\1\n", "edge"};

NodeStatus edge(const std::string& id, NodeHealth health, int viewers)
{
    NodeStatus status;
    status.node.id = NodeId(id);
    status.node.pool = pool;
    status.node.region = "frankfurt";
    status.node.state = NodeState::InService;
    status.node.health = health;
    status.load.subscribers = viewers;
    status.load.bitsOutPerSecond = 8'000;
    status.load.cpuPercent = 150;
    status.lastHeard = fromEpochMs(1'800'000'000'250);
    return status;
}

Snapshot cluster()
{
    Snapshot snapshot;
    NodeGroupStatus group;
    group.group.name = pool.nodeGroup;
    PoolStatus status;
    status.key = pool;
    status.region = "frankfurt";
    status.wanted = 3;
    status.leadTime = Duration(1500);
    group.pools.push_back(status);
    snapshot.nodeGroups.push_back(group);
    snapshot.nodes = {edge("a", NodeHealth::Healthy, 7), edge("b", NodeHealth::Suspect, 5)};
    StreamStatus stream;
    stream.nodeGroup = pool.nodeGroup;
    stream.viewers = 12;
    snapshot.streams.push_back(stream);
    return snapshot;
}

// What Prometheus' own parser finds on the page.
json readByPrometheus(const std::string& page)
{
    QProcess python;
    python.start("/usr/bin/python3", {qEnvironmentVariable("HEADGATE_SOURCE_DIR") + "/tests/plane/read_metrics.py"});
    python.write(QByteArray::fromStdString(page));
    python.closeWriteChannel();
    python.waitForFinished();
    return json::parse(python.readAllStandardOutput().toStdString(), nullptr, false);
}

double valueOf(const json& page, const std::string& name, const std::string& label = {}, const std::string& value = {})
{
    for (const json& sample : page["samples"]) {
        if (sample["name"] == name && (label.empty() || sample["labels"].value(label, "") == value))
            return sample["value"].get<double>();
    }
    return -1;
}

}  // namespace

class PrometheusPageTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void prometheusReadsWhatNodesAndPoolsDo()
    {
        ControlPlaneFigures figures;
        figures.answersByStatus = {{200, 41}, {503, 2}};
        figures.startedAt = fromEpochMs(1'700'000'000'000);
        NodeTraffic traffic;
        traffic.connected = 2;
        traffic.heartbeats = 7;
        figures.nodes = &traffic;
        const json page = readByPrometheus(prometheusPage(cluster(), figures));
        QVERIFY(page.is_object());
        QCOMPARE(valueOf(page, "headgate_node_viewers", "node", "a"), 7.0);
        QCOMPARE(valueOf(page, "headgate_node_viewers", "node", "b"), 5.0);
        QCOMPARE(valueOf(page, "headgate_node_viewers", "subgroup", pool.subgroup), 7.0);
        QCOMPARE(valueOf(page, "headgate_node_transmit_bytes_per_second", "node", "a"), 1000.0);
        QCOMPARE(valueOf(page, "headgate_node_cpu_cores", "node", "a"), 1.5);
        QCOMPARE(valueOf(page, "headgate_node_last_heard_timestamp_seconds", "node", "a"), 1'800'000'000.25);
        QCOMPARE(valueOf(page, "headgate_nodes", "health", "healthy"), 1.0);
        QCOMPARE(valueOf(page, "headgate_nodes", "health", "suspect"), 1.0);
        QCOMPARE(valueOf(page, "headgate_pool_wanted_nodes", "role", "edge"), 3.0);
        QCOMPARE(valueOf(page, "headgate_pool_lead_time_seconds"), 1.5);
        QCOMPARE(valueOf(page, "headgate_streams", "node_group", "eu-live"), 1.0);
        QCOMPARE(valueOf(page, "headgate_stream_viewers", "node_group", "eu-live"), 12.0);
        QCOMPARE(valueOf(page, "headgate_http_requests_total", "code", "503"), 2.0);
        QCOMPARE(valueOf(page, "headgate_node_connections"), 2.0);
        QCOMPARE(valueOf(page, "headgate_node_heartbeats_total"), 7.0);
        QCOMPARE(valueOf(page, "process_start_time_seconds"), 1'700'000'000.0);
        QCOMPARE(page["types"]["headgate_http_requests"].get<std::string>(), std::string("counter"));
        QCOMPARE(page["types"]["headgate_node_viewers"].get<std::string>(), std::string("gauge"));
    }

    void scrapersOfThisMachineNeedNoToken()
    {
        ApiFixture api;
        QVERIFY(api.isUp());
        const Answer first = call(api.port(), "GET", "/metrics");
        QCOMPARE(first.status, 200);
        QCOMPARE(first.field("content-type"), std::string("text/plain; version=0.0.4; charset=utf-8"));
        QCOMPARE(call(api.port(), "POST", "/metrics").status, 405);
        QCOMPARE(call(api.port(), "GET", "/nowhere").status, 404);
        const json page = readByPrometheus(call(api.port(), "GET", "/streams/metrics").body);
        QCOMPARE(valueOf(page, "headgate_http_requests_total", "code", "200"), 1.0);
        QCOMPARE(valueOf(page, "headgate_http_requests_total", "code", "405"), 1.0);
        QCOMPARE(valueOf(page, "headgate_http_requests_total", "code", "404"), 1.0);
        QVERIFY(valueOf(page, "process_resident_memory_bytes") > 1e6);
        QVERIFY(valueOf(page, "process_open_fds") > 3);
        QCOMPARE(valueOf(page, "headgate_store_failing"), 0.0);
        QCOMPARE(valueOf(page, "headgate_node_heartbeats_total"), 0.0);
    }

    void theDashboardAsksForWhatThereIs()
    {
        QFile file(qEnvironmentVariable("HEADGATE_SOURCE_DIR") + "/packaging/grafana/headgate.json");
        QVERIFY(file.open(QIODevice::ReadOnly));
        const json dashboard = json::parse(file.readAll().toStdString());
        const json page = readByPrometheus(prometheusPage(cluster(), {{}, {}, {{200, 1}}}));
        int asked = 0;
        for (const json& panel : dashboard["panels"]) {
            for (const json& target : panel.value("targets", json::array())) {
                const QRegularExpression names(QStringLiteral("\\b(headgate|process)_[a-z_]+"));
                auto match = names.globalMatch(QString::fromStdString(target["expr"].get<std::string>()));
                while (match.hasNext()) {
                    const std::string name = match.next().captured().toStdString();
                    QVERIFY2(valueOf(page, name) >= 0, name.c_str());
                    ++asked;
                }
            }
        }
        QVERIFY(asked >= 15);
    }
};

QTEST_MAIN(PrometheusPageTest)
#include "prometheus_page_test.moc"
