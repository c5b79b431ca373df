#include "tests/support/groups.h"
#include "tests/support/scripted_world.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

class DisconnectViewerTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aViewerIsDisconnectedIfItsNodeKnowsIt()
    {
        ScriptedWorld world;
        QVERIFY(world.submit(CreateNodeGroup{makeGroup()}).has_value());
        world.elapse(3s);
        const NodeId edge = world.find("edge").front();
        CommandRequest request{DisconnectViewer{edge, {"live", "show1"}, 17, {}}, Actor{"anna"}, {}, {}, {}};
        const auto unknown = world.engine().prepare(request, world.now());
        QVERIFY(!unknown.has_value());
        QCOMPARE(unknown.error().code, ErrorCode::NotFound);
        auto& wish = std::get<DisconnectViewer>(request.command);
        wish.found.id = 17;
        wish.found.protocol = "rtmp";
        wish.found.address = "10.0.0.7:4711";
        const auto step = world.engine().prepare(request, world.now());
        QVERIFY(step.has_value());
        QCOMPARE(step->outcome.viewersAffected, 1);
        QCOMPARE(step->step.effects.size(), std::size_t{1});
        const auto& effect = std::get<SendToNode>(step->step.effects.front());
        QCOMPARE(effect.node, edge);
        QVERIFY((std::get<node_protocol::EndSession>(effect.message) ==
                 node_protocol::EndSession{17, "disconnected by anna"}));
        const AuditRecord& audit = step->step.transaction.audit.front();
        QVERIFY(audit.verb == "viewer.disconnect" && audit.object == "stream/eu-live/live/show1");
        QVERIFY(audit.actor == "anna" && audit.sentence.starts_with("Viewer 10.0.0.7:4711 (rtmp) of the stream"));
        wish.found.kind = ViewerKind::Child;
        request.execution = Execution::DryRun;
        const auto dry = world.engine().prepare(request, world.now());
        QVERIFY(dry->outcome.isDryRun && dry->step.effects.empty() && dry->step.transaction.isEmpty());
        QCOMPARE(dry->outcome.viewersAffected, 0);
        wish.node = NodeId("none");
        QCOMPARE(world.engine().prepare(request, world.now()).error().code, ErrorCode::NotFound);
    }
};

QTEST_GUILESS_MAIN(DisconnectViewerTest)
#include "disconnect_viewer_test.moc"
