#include "core/plane/round_trip_survey.h"

#include <QtTest/QTest>

#include <set>
#include <string>

using namespace headgate;

class RoundTripSurveyTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void eachNodeWithViewersHasItsTurn()
    {
        Snapshot snapshot;
        for (const char* name : {"a", "b"}) {
            StreamStatus stream;
            stream.nodeGroup = NodeGroupName("g");
            stream.ingest.key = {"live", name};
            stream.hops = {{NodeId("e1"), {}, 5, 0}, {NodeId("e2"), {}, 0, 0}, {NodeId("e3"), {}, 1, 0}};
            snapshot.streams.push_back(stream);
        }
        RoundTripSurvey survey;
        std::multiset<std::string> asked;
        for (int i = 0; i < 4; ++i) {
            const auto queries = survey.next(snapshot, 3);
            QCOMPARE(queries.size(), 3u);
            for (const StreamQuery& query : queries)
                asked.insert(query.stream.name + query.node.value);
        }
        for (const char* each : {"ae1", "ae3", "be1", "be3"})
            QCOMPARE(asked.count(each), 3u);
        QCOMPARE(survey.next(snapshot, 10).size(), 4u);
        QVERIFY(survey.next({}, 10).empty());
    }

    void viewersOfOneNetworkCountTogether()
    {
        StreamDetails details;
        const auto add = [&](const char* address, double ms, ViewerKind kind = ViewerKind::Viewer) {
            StreamViewer viewer;
            viewer.kind = kind;
            viewer.address = address;
            viewer.roundTripMs = ms;
            details.viewers.push_back(viewer);
        };
        add("203.0.113.7:4711", 10);
        add("203.0.113.99:1", 20);
        add("[2001:db8:7:1::5]:80", 7.5);
        add("[2001:db8:7:2::5]:80", 8.5);
        add("127.0.0.1:5", 1);
        add("203.0.113.8:4711", 500, ViewerKind::Child);
        add("nonsense", 1);
        add("", 1);
        const auto trips = roundTripsOf(details);
        QCOMPARE(trips.size(), 2u);
        QCOMPARE(trips[0].microseconds, 15'000);
        QCOMPARE(trips[1].microseconds, 8'000);
        QVERIFY(trips[0].network != trips[1].network);
    }
};

QTEST_GUILESS_MAIN(RoundTripSurveyTest)
#include "round_trip_survey_test.moc"
