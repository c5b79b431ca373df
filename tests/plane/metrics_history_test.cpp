#include "core/plane/metrics_history.h"

#include <QtTest/QTest>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

using namespace headgate;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

namespace {

const TimePoint start = fromEpochMs(1'800'000'000'000);

Snapshot snapshotAt(TimePoint at, int viewers)
{
    Snapshot snapshot;
    snapshot.takenAt = at;
    NodeGroupStatus group;
    group.group.name = NodeGroupName("g");
    PoolStatus empty;
    empty.key = {NodeGroupName("g"), "here", "origin"};
    group.pools = {empty};
    snapshot.nodeGroups = {group};
    for (const char* id : {"a", "b"}) {
        NodeStatus status;
        status.node.id = NodeId(id);
        status.node.pool = {NodeGroupName("g"), "here", "edge"};
        status.node.state = *id == 'a' ? NodeState::InService : NodeState::SoftSunset;
        status.load.subscribers = viewers;
        status.load.cpuPercent = 12.5;
        status.load.bitsOutPerSecond = 1000 * viewers;
        snapshot.nodes.push_back(status);
    }
    StreamStatus stream;
    stream.nodeGroup = NodeGroupName("g");
    stream.ingest.key = {"live/room", "show"};
    stream.ingest.bitsPerSecond = 3000;
    stream.viewers = viewers;
    snapshot.streams = {stream};
    snapshot.totals.viewers = 2 * viewers;
    return snapshot;
}

MetricQuery queryOf(MetricScope scope, TimePoint from, TimePoint to)
{
    MetricQuery query;
    query.scope = scope;
    query.from = from;
    query.to = to;
    query.maxSamples = 5000;
    return query;
}

}  // namespace

class MetricsHistoryTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyScopeHasItsSeries();
    void oneSampleASecondIsKept();
    void secondsAreKeptForHalfAnHour();
    void olderTimesComeInStepsOfTenSeconds();
    void aSeriesWithoutFiguresIsForgottenAfterADay();
    void thinningKeepsTheExtremesInTheirOrder();
    void aStreamHasItsJitter();
    void aPoolCountsItsNodesInService();
    void thinningLeavesGapsOpen();
    void thinningKeepsToTheLimit();
};

void MetricsHistoryTest::aPoolCountsItsNodesInService()
{
    MetricsHistory history;
    history.record(snapshotAt(start, 10));
    const auto pools = history.read(queryOf(MetricScope::Pool, start, start));
    QCOMPARE(pools.size(), std::size_t{2});
    QCOMPARE(pools[0].key.name, std::string("g/here/edge"));
    QCOMPARE(pools[0].samples.front().nodes, 1);
    QCOMPARE(pools[0].samples.front().viewers, 20);
    QCOMPARE(pools[1].key.name, std::string("g/here/origin"));
    QCOMPARE(pools[1].samples.front().nodes, 0);
    QCOMPARE(history.read(queryOf(MetricScope::NodeGroup, start, start)).front().samples.front().nodes, 1);
    QCOMPARE(history.read(queryOf(MetricScope::Cluster, start, start)).front().samples.front().nodes, 1);
}

void MetricsHistoryTest::everyScopeHasItsSeries()
{
    MetricsHistory history;
    history.record(snapshotAt(start, 10));
    const auto one = [&](MetricScope scope) { return history.read(queryOf(scope, start, start)); };
    QCOMPARE(one(MetricScope::Cluster).size(), std::size_t{1});
    QCOMPARE(one(MetricScope::Cluster).front().samples.front().viewers, 20);
    QCOMPARE(one(MetricScope::Cluster).front().samples.front().cpuPercent, 25.0);
    QCOMPARE(one(MetricScope::NodeGroup).front().key.name, std::string("g"));
    QCOMPARE(one(MetricScope::NodeGroup).front().samples.front().viewers, 20);
    QCOMPARE(one(MetricScope::Node).size(), std::size_t{2});
    QCOMPARE(one(MetricScope::Node).back().key.name, std::string("b"));
    QCOMPARE(one(MetricScope::Node).back().samples.front().bitsOutPerSecond, std::int64_t{10'000});
    QCOMPARE(one(MetricScope::Stream).front().key.name, std::string("g/live/room/show"));
    QCOMPARE(one(MetricScope::Stream).front().samples.front().bitsOutPerSecond, std::int64_t{30'000});
}

void MetricsHistoryTest::oneSampleASecondIsKept()
{
    MetricsHistory history;
    for (int i = 0; i < 40; ++i)
        history.record(snapshotAt(start + 250ms * i, i));
    const auto series = history.read(queryOf(MetricScope::Cluster, start, start + 1h));
    QCOMPARE(series.front().samples.size(), std::size_t{10});
    QCOMPARE(series.front().samples[3].at, start + 3s);
    QCOMPARE(series.front().samples[3].viewers, 24);
    const auto part = history.read(queryOf(MetricScope::Cluster, start + 2s, start + 4s));
    QCOMPARE(part.front().samples.size(), std::size_t{3});
}

void MetricsHistoryTest::secondsAreKeptForHalfAnHour()
{
    MetricsHistory history;
    for (int i = 0; i < 2000; ++i)
        history.record(snapshotAt(start + 1s * i, i));
    const TimePoint last = start + 1999s;
    const auto series = history.read(queryOf(MetricScope::Cluster, last - 30min, last));
    QCOMPARE(series.front().samples.size(), std::size_t{1800});
    QCOMPARE(series.front().samples.back().at, last);
    QCOMPARE(series.front().samples.front().at, last - 1799s);
}

void MetricsHistoryTest::olderTimesComeInStepsOfTenSeconds()
{
    MetricsHistory history;
    for (int i = 0; i < 3605; ++i)
        history.record(snapshotAt(start + 1s * i, i));
    const auto series = history.read(queryOf(MetricScope::Node, start, start + 2h));
    const std::vector<MetricSample>& samples = series.front().samples;
    // 360 whole steps and the one that is not over.
    QCOMPARE(samples.size(), std::size_t{361});
    QCOMPARE(samples[1].at, start + 10s);
    QCOMPARE(samples[1].viewers, 14);  // the mean of 10 to 19
    QCOMPARE(samples.back().viewers, 3602);
}

void MetricsHistoryTest::aSeriesWithoutFiguresIsForgottenAfterADay()
{
    MetricsHistory history;
    history.record(snapshotAt(start, 1));
    Snapshot without = snapshotAt(start + 23h, 1);
    without.streams.clear();
    history.record(without);
    const MetricQuery all = queryOf(MetricScope::Stream, start - 1h, start + 48h);
    QCOMPARE(history.read(all).size(), std::size_t{1});
    // The list is gone through at every full minute.
    without.takenAt = std::chrono::ceil<std::chrono::minutes>(start + 24h + 1min);
    history.record(without);
    QCOMPARE(history.read(all).size(), std::size_t{0});
}

void MetricsHistoryTest::thinningKeepsTheExtremesInTheirOrder()
{
    std::vector<MetricSample> samples;
    for (int i = 0; i < 1000; ++i)
        samples.push_back({start + 1s * i, 100, 5, 5, 1.0});
    samples[400].viewers = 900;
    samples[410].viewers = 3;
    samples[405].bitsInPerSecond = 0;
    samples[415].bitsInPerSecond = 70;
    const auto thinned = thin(samples, 20);
    const auto peak = std::ranges::find_if(thinned, [](const MetricSample& sample) { return sample.viewers == 900; });
    QVERIFY(peak != thinned.end());
    QCOMPARE((peak + 1)->viewers, 3);
    QCOMPARE(peak->bitsInPerSecond, std::int64_t{0});
    QCOMPARE((peak + 1)->bitsInPerSecond, std::int64_t{70});
    QCOMPARE(thinned.front().at, start);
    QCOMPARE(thinned.back().at, start + 999s);
    QVERIFY(std::ranges::is_sorted(thinned, {}, &MetricSample::at));
}

void MetricsHistoryTest::aStreamHasItsJitter()
{
    MetricsHistory history;
    for (int i = 0; i < 20; ++i) {
        Snapshot snapshot = snapshotAt(start + 1s * i, 1);
        for (StreamStatus& stream : snapshot.streams)
            stream.ingest.jitterMs = i;
        history.record(snapshot);
    }
    const auto seconds = history.read(queryOf(MetricScope::Stream, start, start + 20s));
    QVERIFY(!seconds.empty());
    QCOMPARE(seconds.front().samples.back().jitterMs, 19.0);
    QCOMPARE(thin(seconds.front().samples, 2).back().jitterMs, 19.0);
    QCOMPARE(history.read(queryOf(MetricScope::Cluster, start, start + 20s)).front().samples.back().jitterMs, 0.0);
}

void MetricsHistoryTest::thinningLeavesGapsOpen()
{
    std::vector<MetricSample> samples;
    for (int i = 0; i < 100; ++i)
        samples.push_back({start + 1s * i, 1, 0, 0, 0});
    for (int i = 900; i < 1000; ++i)
        samples.push_back({start + 1s * i, 1, 0, 0, 0});
    for (const MetricSample& sample : thin(samples, 100))
        QVERIFY(sample.at < start + 100s || sample.at >= start + 900s);
}

void MetricsHistoryTest::thinningKeepsToTheLimit()
{
    std::vector<MetricSample> samples;
    for (int i = 0; i < 777; ++i)
        samples.push_back({start + 1s * (i * i % 5000 + i * 7), i, 0, 0, 0});
    std::ranges::sort(samples, {}, &MetricSample::at);
    for (const int limit : {2, 3, 10, 600, 776, 777, 5000}) {
        const auto thinned = thin(samples, limit);
        QVERIFY(static_cast<int>(thinned.size()) <= limit);
        QVERIFY(!thinned.empty());
    }
    QCOMPARE(thin(samples, 777), samples);
    QVERIFY(thin({}, 10).empty());
}

QTEST_GUILESS_MAIN(MetricsHistoryTest)
#include "metrics_history_test.moc"
