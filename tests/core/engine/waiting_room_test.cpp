#include "core/engine/waiting_room.h"
#include "tests/support/groups.h"
#include "tests/support/router.h"

#include <QtTest/QTest>

#include <set>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

namespace {

const TimePoint start = fromEpochMs(1'800'000'000'000);

// One edge for so many viewers, one origin, live/show1.
Snapshot worldFor(int viewers)
{
    Snapshot snapshot;
    NodeGroupStatus group;
    group.group = makeGroup();
    for (const auto& [id, role] : {std::pair("e1", "edge"), std::pair("o1", "origin")}) {
        NodeStatus status;
        status.node.id = NodeId(id);
        status.node.pool = PoolKey{group.group.name, "eu-west-1", role};
        status.node.state = NodeState::InService;
        status.limits.viewers = viewers;
        snapshot.nodes.push_back(status);
    }
    StreamStatus stream;
    stream.nodeGroup = group.group.name;
    stream.origin = NodeId("o1");
    stream.ingest.key = {"live", "show1"};
    snapshot.streams = {stream};
    snapshot.nodeGroups = {group};
    return snapshot;
}

RouteRequest subscribe()
{
    RouteRequest request;
    request.nodeGroup = NodeGroupName("eu-live");
    request.stream = {"live", "show1"};
    return request;
}

}  // namespace

class WaitingRoomTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void placesGoToThoseWhoAskedFirst()
    {
        Router router;
        Snapshot snapshot = worldFor(1);
        QVERIFY(router.ask(snapshot, subscribe(), start).has_value());
        const auto first = router.ask(snapshot, subscribe(), start);
        const auto second = router.ask(snapshot, subscribe(), start);
        QCOMPARE(first.error().error.code, ErrorCode::ResourceExhausted);
        QCOMPARE(first.error().waiting->ahead, 0);
        QCOMPARE(second.error().waiting->ahead, 1);
        const std::string tickets[] = {first.error().waiting->ticket, second.error().waiting->ticket};
        QVERIFY(!tickets[0].empty() && tickets[0] != tickets[1]);

        snapshot.nodes[0].limits.viewers = 2;
        // Neither the second nor somebody new nor a made-up ticket goes before the first.
        const auto again = router.ask(snapshot, subscribe(), start + 1s, {{tickets[1]}, {}});
        QCOMPARE(again.error().waiting->ticket, tickets[1]);
        QVERIFY(!router.ask(snapshot, subscribe(), start + 1s));
        QVERIFY(!router.ask(snapshot, subscribe(), start + 1s, {{"1-0000000000000000"}, {}}));
        QVERIFY(!router.ask(snapshot, subscribe(), start + 1s, {{"what"}, {}}));
        QVERIFY(router.ask(snapshot, subscribe(), start + 2s, {{tickets[0]}, {}}).has_value());
        snapshot.nodes[0].limits.viewers = 3;
        QVERIFY(router.ask(snapshot, subscribe(), start + 3s, {{tickets[1]}, {}}).has_value());
    }

    void asManyMayGoAsThereArePlaces()
    {
        Router router;
        Snapshot snapshot = worldFor(0);
        std::vector<std::string> tickets;
        for (int i = 0; i < 10; ++i)
            tickets.push_back(router.ask(snapshot, subscribe(), start).error().waiting->ticket);
        snapshot.nodes[0].limits.viewers = 5;
        QVERIFY(!router.ask(snapshot, subscribe(), start + 1s, {{tickets[5]}, {}}));
        for (const std::size_t i : {4u, 0u, 2u, 3u, 1u})
            QVERIFY(router.ask(snapshot, subscribe(), start + 1s, {{tickets[i]}, {}}).has_value());
        QVERIFY(!router.ask(snapshot, subscribe(), start + 1s, {{tickets[5]}, {}}));
    }

    void whoDoesNotComeBackLosesThePlace()
    {
        Router router;
        Snapshot snapshot = worldFor(0);
        QVERIFY(!router.ask(snapshot, subscribe(), start));
        const auto second = router.ask(snapshot, subscribe(), start + 10s);
        snapshot.nodes[0].limits.viewers = 1;
        const std::string ticket = second.error().waiting->ticket;
        QVERIFY(!router.ask(snapshot, subscribe(), start + 29s, {{ticket}, {}}));
        QVERIFY(router.ask(snapshot, subscribe(), start + 30s, {{ticket}, {}}).has_value());
    }

    void theTimeToComeBackIsDrawnAndWithinTheLease()
    {
        WaitingRoom room;
        Random random(1);
        std::set<Duration> drawn;
        for (int i = 0; i < 1000; ++i) {
            const WaitingPlace place = room.wait({}, {}, random, start);
            QVERIFY(place.retryAfter >= 500ms && place.retryAfter < WaitingRoom::lease);
            QVERIFY(i > 0 || place.retryAfter <= 1500ms);
            drawn.insert(place.retryAfter);
        }
        QVERIFY(drawn.size() > 500);
        // The faster the line moves, the sooner.
        for (int i = 0; i < 1000; ++i)
            room.seat({}, start);
        QVERIFY(room.wait({}, {}, random, start).retryAfter <= 15s);
    }

    void theRoomHasAnEnd()
    {
        WaitingRoom room;
        Random random(1);
        std::string first;
        for (std::size_t i = 0; i < WaitingRoom::mostTickets; ++i)
            first = std::max(first, room.wait({}, {}, random, start).ticket);
        const WaitingPlace outside = room.wait({}, {}, random, start);
        QVERIFY(outside.ticket.empty());
        QVERIFY(outside.retryAfter >= 9s);
        QVERIFY(!room.wait({first}, {}, random, start).ticket.empty());
        QVERIFY(room.mayTry({}, 1, start + WaitingRoom::lease));
        QVERIFY(room.isEmpty());
    }

    void oneAddressDoesNotFillTheRoom()
    {
        WaitingRoom room;
        Random random(1);
        const ClientAddress one = ClientAddress::of({0x20, 0x01, 0x0d, 0xb8});
        const ClientAddress other = ClientAddress::of({0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 1});
        std::string ticket;
        for (int i = 0; i < WaitingRoom::mostOfAddress; ++i) {
            ticket = room.wait({}, one, random, start).ticket;
            QVERIFY(!ticket.empty());
        }
        QVERIFY(room.wait({}, one, random, start).ticket.empty());
        QCOMPARE(room.wait({ticket}, one, random, start).ticket, ticket);
        QVERIFY(!room.wait({}, other, random, start).ticket.empty());
        // Who is seated or does not come back leaves the place to others of the address.
        room.seat(ticket, start);
        QVERIFY(!room.wait({}, one, random, start).ticket.empty());
        QVERIFY(room.wait({}, one, random, start).ticket.empty());
        QVERIFY(room.mayTry({}, 1, start + WaitingRoom::lease));
        QVERIFY(!room.wait({}, one, random, start + WaitingRoom::lease).ticket.empty());
    }

    void theLimitOfTheGroupHasALineToo()
    {
        Router router;
        Snapshot snapshot = worldFor(100);
        snapshot.nodeGroups[0].group.maxSubscribers = 1;
        QVERIFY(router.ask(snapshot, subscribe(), start).has_value());
        const auto refused = router.ask(snapshot, subscribe(), start);
        QVERIFY(refused.error().waiting.has_value());
        snapshot.nodeGroups[0].group.maxSubscribers = 2;
        QVERIFY(!router.ask(snapshot, subscribe(), start));
        QVERIFY(router.ask(snapshot, subscribe(), start, {{refused.error().waiting->ticket}, {}}).has_value());
    }

    void publishersAndUnknownStreamsDoNotWait()
    {
        Router router;
        Snapshot snapshot = worldFor(0);
        QVERIFY(!router.ask(snapshot, subscribe(), start));
        RouteRequest request = subscribe();
        request.stream.name = "other";
        const auto unknown = router.ask(snapshot, request, start);
        QCOMPARE(unknown.error().error.code, ErrorCode::NotFound);
        QVERIFY(!unknown.error().waiting);
        request.purpose = RoutePurpose::Publish;
        snapshot.nodeGroups[0].group.maxPublishers = 0;
        const auto publisher = router.ask(snapshot, request, start);
        QCOMPARE(publisher.error().error.code, ErrorCode::ResourceExhausted);
        QVERIFY(!publisher.error().waiting);
    }
};

QTEST_GUILESS_MAIN(WaitingRoomTest)
#include "waiting_room_test.moc"
