#include "core/engine/routing_log.h"
#include "core/wire/decision_document.h"

#include <QTest>

using namespace headgate;

namespace {

const TimePoint start = fromEpochMs(1'800'000'000'000);

RouteRequest request(const char* name = "show1")
{
    RouteRequest request;
    request.nodeGroup = NodeGroupName("live");
    request.stream = {"live", name};
    return request;
}

RouteAnswer answer(const char* node)
{
    RouteTarget target;
    target.node = NodeId(node);
    target.pool = {NodeGroupName("live"), "eu-central-1", "edge"};
    return std::vector<RouteTarget>{target};
}

RouteExplanation told()
{
    const PoolKey pool{NodeGroupName("live"), "eu-central-1", "edge"};
    RouteExplanation told;
    told.outcome = "Node e1 is the first choice.";
    told.steps = {"1. eu-central-1: 12 = 12 ms away + 0 for its load of 3.0 %; 3 nodes.", "The less loaded is given."};
    told.options = {{NodeId("e1"), pool, "eu-central-1", 1, "4 viewers"},
                    {NodeId("e2"), pool, "eu-central-1", 2, "9 viewers"},
                    {NodeId("e3"), pool, "eu-central-1", 0, "is draining or ending"}};
    return told;
}

}  // namespace

// What is kept of the routings, and how much of it.
class RoutingLogTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aRoutingIsKeptWithItsReason()
    {
        RoutingLog log;
        QVERIFY(log.wantsNext(start));
        log.keep(request(), answer("e2"), told(), start);
        const auto page = log.read({});
        QCOMPARE(page.size(), std::size_t{1});
        const AuditRecord& record = page.front();
        QCOMPARE(record.sentence, std::string("A viewer of live/show1 in live was given e2, edge in eu-central-1."));
        QCOMPARE(record.verb, std::string("route.subscribe"));
        QCOMPARE(record.object, std::string("stream/live/live/show1"));
        const auto decision = native::decisionIn(record.after);
        QVERIFY(decision.has_value());
        QCOMPARE(decision->rule, std::string("The less loaded is given."));
        QCOMPARE(decision->values.back(), (DecisionFact{"e2 (eu-central-1)", "place 2: 9 viewers"}));
        QCOMPARE(decision->rejected,
                 (std::vector<DecisionFact>{{"e1 (eu-central-1)", "place 1: 4 viewers"},
                                            {"e3 (eu-central-1)", "not possible: is draining or ending"}}));
    }

    void aRefusalIsAWarning()
    {
        RoutingLog log;
        RouteRequest wish = request();
        wish.purpose = RoutePurpose::Publish;
        const RouteAnswer refused = tl::unexpected(
            RouteRefusal{Error{ErrorCode::ResourceExhausted, "Every origin is full.", {}, {}}, std::nullopt});
        log.keep(wish, refused, told(), start);
        const AuditRecord record = log.read({}).front();
        QVERIFY(record.severity == Severity::Warning);
        QCOMPARE(record.verb, std::string("route.publish"));
        QCOMPARE(record.sentence, std::string("A publisher of live/show1 in live was refused: Every origin is full."));
        QCOMPARE(native::decisionIn(record.after)->rejected.size(), std::size_t{3});
    }

    // A crowd of ten thousand leaves the burst and one a second, and says how many went by.
    void aCrowdIsSampled()
    {
        RoutingLog log;
        int kept = 0;
        for (int i = 0; i < 10'000; ++i) {
            const TimePoint now = start + Duration(i);
            if (!log.wantsNext(now))
                continue;
            log.keep(request(), answer("e1"), told(), now);
            ++kept;
        }
        QCOMPARE(kept, RoutingLog::burst + 9);
        const std::string last = log.read({}).front().sentence;
        QVERIFY2(last.find("999 routings before it were not kept.") != std::string::npos, last.c_str());
    }

    void aClockThatIsSetDoesNotStopIt()
    {
        RoutingLog log;
        for (int i = 0; i < 100; ++i)
            log.wantsNext(start);
        QVERIFY(!log.wantsNext(start));
        const TimePoint before = start - std::chrono::hours(5);
        QVERIFY(!log.wantsNext(before));
        QVERIFY(log.wantsNext(before + RoutingLog::interval));
    }

    void theOldestGo()
    {
        RoutingLog log;
        for (std::size_t i = 0; i < RoutingLog::mostKept + 5; ++i)
            log.keep(request(), answer("e1"), told(), start);
        AuditQuery all;
        all.limit = 2'000;
        const auto page = log.read(all);
        QCOMPARE(page.size(), RoutingLog::mostKept);
        QCOMPARE(page.back().sequence, std::int64_t{6});
    }

    void itIsReadLikeTheTrail()
    {
        RoutingLog log;
        for (const char* name : {"show1", "show2", "show1"})
            log.keep(request(name), answer("e1"), told(), start);
        AuditQuery query;
        query.text = "SHOW1";
        QCOMPARE(log.read(query).size(), std::size_t{2});
        query.limit = 1;
        QCOMPARE(log.read(query).front().sequence, std::int64_t{3});
        query.beforeSequence = 3;
        QCOMPARE(log.read(query).front().sequence, std::int64_t{1});
    }
};

QTEST_GUILESS_MAIN(RoutingLogTest)
#include "routing_log_test.moc"
