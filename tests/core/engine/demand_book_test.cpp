#include "core/engine/demand_book.h"
#include "tests/support/groups.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

namespace {

const TimePoint start = fromEpochMs(1'800'000'000'000);
const NodeGroupName live("eu-live");
const PoolKey west{live, "eu-west-1", "edge"};
const PoolKey east{live, "us-east-1", "edge"};
const PoolKey origin{live, "eu-west-1", "origin"};

// Edges and origins in two places.
NodeGroupStatus twoPlaces()
{
    NodeGroupStatus group;
    group.group = makeGroup({.leaves = {"eu-west-1", "us-east-1"}});
    for (const Pool& pool : poolsOf(group.group)) {
        PoolStatus status;
        status.key = pool.key;
        status.region = pool.region;
        status.wanted = 2;
        status.max = 10;
        group.pools.push_back(status);
    }
    return group;
}

RouteRequest ask(RoutePurpose purpose = RoutePurpose::Subscribe, std::vector<std::string> preferred = {})
{
    RouteRequest request;
    request.purpose = purpose;
    request.nodeGroup = live;
    request.stream = {"live", "show1"};
    request.preferredSubgroups = std::move(preferred);
    return request;
}

int viewersWaiting(DemandBook& book, const PoolKey& pool, TimePoint now)
{
    return book.take(now)[pool].waitingViewers;
}

}  // namespace

class DemandBookTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whoIsTurnedAwayWaitsUntilHeIsToAskAgain()
    {
        DemandBook book;
        book.turnAway(twoPlaces(), ask(RoutePurpose::Subscribe, {"eu-west-1"}), &origin, {3, start, start + 4s});
        QCOMPARE(viewersWaiting(book, west, start), 3);
        QCOMPARE(viewersWaiting(book, west, start + 3s), 3);
        QCOMPARE(viewersWaiting(book, west, start + 4s), 0);
        QVERIFY(book.take(start + 5s).empty());
    }

    void whoAsksAgainInTimeIsNotCountedTwice()
    {
        DemandBook book;
        for (int second = 0; second < 20; second += 4) {
            const TimePoint now = start + std::chrono::seconds(second);
            book.turnAway(twoPlaces(), ask(RoutePurpose::Subscribe, {"eu-west-1"}), &origin, {1, now, now + 4s});
            QCOMPARE(viewersWaiting(book, west, now), 1);
        }
    }

    void whoComesIsToldOnce()
    {
        DemandBook book;
        for (int i = 0; i < 3; ++i)
            book.admit(west, 1);
        book.admit(origin, 0);
        auto told = book.take(start);
        QCOMPARE(told[west].joined, 3);
        QCOMPARE(told[west].waitingViewers, 0);
        QCOMPARE(told[origin].joined, 0);  // of publishers it is not asked
        QVERIFY(book.take(start + 1s).empty());
    }

    void publishersWaitBesideViewers()
    {
        DemandBook book;
        book.turnAway(twoPlaces(), ask(RoutePurpose::Publish, {"eu-west-1"}), nullptr, {1, start, start + 4s});
        auto told = book.take(start);
        QCOMPARE(told[origin].waitingPublishers, 1);
        QCOMPARE(told[origin].waitingViewers, 0);
        // Nobody serves viewers of a stream without an origin.
        book.turnAway(twoPlaces(), ask(), nullptr, {1, start + 10s, start + 14s});
        told = book.take(start + 10s);
        QCOMPARE(told[west].waitingViewers + told[east].waitingViewers, 0);
    }

    void poolsThatFitAlikeShareThem()
    {
        DemandBook book;
        for (int i = 0; i < 10; ++i)
            book.turnAway(twoPlaces(), ask(), &origin, {1, start, start + 4s});
        auto told = book.take(start);
        QCOMPARE(told[west].waitingViewers, 5);
        QCOMPARE(told[east].waitingViewers, 5);
    }

    void aPoolThatMayGrowTakesThem()
    {
        NodeGroupStatus group = twoPlaces();
        for (PoolStatus& pool : group.pools)
            pool.wanted = pool.key == west ? pool.max : pool.wanted;
        DemandBook book;
        for (int i = 0; i < 4; ++i)
            book.turnAway(group, ask(), &origin, {1, start, start + 4s});
        QCOMPARE(viewersWaiting(book, east, start), 4);
        // Whoever wants to be near waits for that place all the same.
        book.turnAway(group, ask(RoutePurpose::Subscribe, {"eu-west-1"}), &origin, {1, start, start + 4s});
        QCOMPARE(viewersWaiting(book, west, start), 1);
    }

    void aClockThatIsSetBackForgetsThem()
    {
        DemandBook book;
        book.turnAway(twoPlaces(), ask(RoutePurpose::Subscribe, {"eu-west-1"}), &origin, {1, start, start + 4s});
        QCOMPARE(viewersWaiting(book, west, start - 1h), 0);
    }
};

QTEST_APPLESS_MAIN(DemandBookTest)
#include "demand_book_test.moc"
