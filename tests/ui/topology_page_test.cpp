#include "tests/support/console_app.h"
#include "tests/support/one_page.h"
#include "tests/support/relayed_cluster.h"
#include "ui/models/topology_rows.h"
#include "ui/pages/headroom.h"
#include "ui/pages/topology_page.h"
#include "ui/widgets/topology_view.h"

#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QSignalSpy>

#include <algorithm>

using namespace headgate;
using test::relayedCluster;

namespace {

constexpr std::int64_t rate = 2'500'000;
const TopologyStream firstShow{NodeGroupName("arena"), {"live", "show100"}};

std::size_t indexOf(const Topology& topology, const QString& key)
{
    const auto found = std::ranges::find(topology.boxes, key, &TopologyBox::key);
    return static_cast<std::size_t>(found - topology.boxes.begin());
}

const TopologyLink* linkOf(const Topology& topology, const QString& from, const QString& to)
{
    const auto found = std::ranges::find_if(topology.links, [&](const TopologyLink& link) {
        return topology.boxes[link.from].key == from && topology.boxes[link.to].key == to;
    });
    return found == topology.links.end() ? nullptr : &*found;
}

std::vector<NodeId> ids(std::initializer_list<const char*> names)
{
    return {names.begin(), names.end()};
}

// The hop of an edge that gets almost nothing.
SnapshotPtr starvedCluster()
{
    Snapshot snapshot = *relayedCluster();
    for (StreamHop& hop : snapshot.streams.front().hops)
        if (hop.node == NodeId("EdgeeeB002"))
            hop.bitsPerSecond = rate / 10;
    return std::make_shared<const Snapshot>(std::move(snapshot));
}

}  // namespace

// The way of the picture: out of a snapshot, as a picture, as a table, and what a loss would do.
class TopologyPageTest : public QObject, private test::OnePage<TopologyPage>
{
    Q_OBJECT

private:
    void press(int key) { QTest::keyClick(&m_page->view(), static_cast<Qt::Key>(key)); }

private Q_SLOTS:
    void init() { open({1232, 826}, relayedCluster()); }
    void cleanup() { close(); }

    void rolesBecomeColumnsAndLinksTheSumOfTheirStreams()
    {
        const Topology topology = topologyOf(*relayedCluster());
        QCOMPARE(topology.boxes.size(), std::size_t(1 + 1 + 3 + 9));
        QVERIFY(topology.boxes.front().tier == TopologyTier::Publishers);
        QCOMPARE(topology.boxes.front().streams, 2);
        QVERIFY(topology.find("OriginA001")->tier == TopologyTier::Origins);
        QVERIFY(topology.find("RelayyB001")->tier == TopologyTier::Relays);
        QVERIFY(topology.find("EdgeeeC003")->tier == TopologyTier::Edges);
        QCOMPARE(topology.find("EdgeeeC003")->viewers, 40);
        QCOMPARE(linkOf(topology, "publishers:OriginA001", "OriginA001")->bitsPerSecond, 2 * rate);
        QCOMPARE(linkOf(topology, "OriginA001", "RelayyA001")->bitsPerSecond, 2 * rate);
        QCOMPARE(linkOf(topology, "RelayyA001", "RelayyC001")->streams, 2);
        QVERIFY(!linkOf(topology, "OriginA001", "EdgeeeA001"));
        // Three edges and two relays, two streams each.
        QCOMPARE(topology.find("RelayyA001")->bitsOutPerSecond, 5 * 2 * rate);
    }

    void oneStreamIsATreeOfThoseWhoCarryIt()
    {
        Snapshot snapshot = *relayedCluster();
        std::erase_if(snapshot.streams.front().hops,
                      [](const StreamHop& hop) { return hop.node == NodeId("EdgeeeC003"); });
        const Topology topology = topologyOf(snapshot, firstShow);
        QVERIFY(!topology.find("EdgeeeC003"));
        QCOMPARE(topology.find("EdgeeeC002")->viewers, 20);
        QCOMPARE(linkOf(topology, "RelayyC001", "EdgeeeC002")->bitsPerSecond, rate);
        QCOMPARE(topology.boxes.front().title, QString("127.0.0.1:40112"));
    }

    void aHopWithoutAParentHangsOnTheOrigin()
    {
        Snapshot snapshot = *relayedCluster();
        for (StreamHop& hop : snapshot.streams.front().hops)
            if (hop.node == NodeId("EdgeeeB001"))
                hop.parent = {};
        QVERIFY(linkOf(topologyOf(snapshot, firstShow), "OriginA001", "EdgeeeB001"));
    }

    void whatLacksHalfItsBitsIsStarved()
    {
        const Topology topology = topologyOf(*starvedCluster());
        QCOMPARE(linkOf(topology, "RelayyB001", "EdgeeeB002")->starved, 1);
        QCOMPARE(linkOf(topology, "RelayyB001", "EdgeeeB001")->starved, 0);
        QCOMPARE(sourcesOf(topology, indexOf(topology, "EdgeeeB002")).join(' '), QString("RelayyB001 2.8 (starved)"));
        const std::vector<TableRow> table = rows::topology(topology);
        QVERIFY(table[indexOf(topology, "EdgeeeB002")].cells[3].tone == TextTone::Warning);
    }

    void aboveTwoHundredNodesRegionsFold()
    {
        const SnapshotPtr large = relayedCluster({{"eu-central-1", "eu-west-2"}, 120, 2});
        const Topology topology = topologyOf(*large);
        QVERIFY(topology.isFolded);
        QCOMPARE(topology.boxes.size(), std::size_t(1 + 1 + 2 + 2));
        const TopologyBox* edges = topology.find("region:3:eu-west-2");
        QCOMPARE(edges->nodes.size(), std::size_t(120));
        QCOMPARE(edges->viewers, 120 * 40);
        QCOMPARE(edges->streams, 2);
        QCOMPARE(linkOf(topology, "region:2:eu-west-2", "region:3:eu-west-2")->bitsPerSecond, 120 * 2 * rate);
    }

    void aLostEdgeMovesItsViewersAsFarAsThereAreSeats()
    {
        Snapshot snapshot = *relayedCluster();
        const BlastRadius loss = blastRadius(snapshot, ids({"EdgeeeA001"}));
        QVERIFY(loss.effect == LossEffect::Moves);
        QCOMPARE(loss.viewers, 40);
        QCOMPARE(loss.refused, 0);
        QCOMPARE(loss.fedNodes, 0);
        for (NodeStatus& status : snapshot.nodes)
            status.limits.viewers = 41;
        // Eight others have one seat each.
        QCOMPARE(blastRadius(snapshot, ids({"EdgeeeA001"})).refused, 40 - 8);
    }

    void aLostRelayIsMadeUpForByAnotherOne()
    {
        const BlastRadius loss = blastRadius(*relayedCluster(), ids({"RelayyA001"}));
        QVERIFY(loss.effect == LossEffect::Moves && loss.canFeed);
        QCOMPARE(loss.viewers, 0);
        QCOMPARE(loss.fedNodes, 2 + 9);
        QCOMPARE(loss.fedViewers, 2 * 9 * 20);
        const BlastRadius all = blastRadius(*relayedCluster(), ids({"RelayyA001", "RelayyB001", "RelayyC001"}));
        QVERIFY(all.effect == LossEffect::Cuts && !all.canFeed);
    }

    void theOnlyOriginTakesItsStreamsWithIt()
    {
        const BlastRadius loss = blastRadius(*relayedCluster(), ids({"OriginA001"}));
        QVERIFY(loss.effect == LossEffect::Cuts);
        QCOMPARE(loss.streams, 2);
        QCOMPARE(loss.publishers, 2);
        QCOMPARE(loss.fedViewers, 2 * 9 * 20);
    }

    void theTableHasTheSameContent()
    {
        const Topology& shown = m_page->view().topology();
        QCOMPARE(rows().size(), shown.boxes.size());
        QCOMPARE(row("RelayyB001").cells[1].text, QString("Relay"));
        QCOMPARE(row("RelayyB001").cells[3].text, QString("RelayyA001 5.0"));
        QCOMPARE(row("RelayyB001").cells[5].text, QString("15.0"));
        click("copyTopology");
        const QStringList lines = QGuiApplication::clipboard()->text().split('\n');
        QCOMPARE(lines.size(), qsizetype(shown.boxes.size()) + 2);
        QVERIFY(lines[3].startsWith("RelayyA001\tFrankfurt\tRelay\tReady\tOriginA001 5.0\t5.0\t25.0\t2\t0"));
    }

    void pictureAndTableSelectTogether()
    {
        m_page->reveal("EdgeeeB001");
        QCOMPARE(m_page->view().selectedKey(), QString("EdgeeeB001"));
        press(Qt::Key_Left);
        QVERIFY(m_page->view().selectedKey().startsWith("Relayy"));
        press(Qt::Key_Left);
        QCOMPARE(m_page->view().selectedKey(), QString("OriginA001"));
        press(Qt::Key_Right);
        press(Qt::Key_End);
        QCOMPARE(m_page->view().selectedKey(), QString("RelayyB001"));
        QSignalSpy opened(m_page.get(), &Page::goToRequested);
        press(Qt::Key_Return);
        QCOMPARE(opened.size(), 1);
        QCOMPARE(opened.front().at(1).toString(), QString("RelayyB001"));
        const QPointF edge = m_page->view().rectOf("EdgeeeA002").center();
        QTest::mouseClick(m_page->view().viewport(), Qt::LeftButton, {}, edge.toPoint());
        QCOMPARE(m_page->view().selectedKey(), QString("EdgeeeA002"));
        QVERIFY(m_page->closeInspector());
        QVERIFY(m_page->view().selectedKey().isEmpty());
    }

    void aStreamIsChosenAndLeft()
    {
        auto* streams = m_page->findChild<QComboBox*>("topologyStream");
        QCOMPARE(streams->count(), 3);
        m_page->reveal("stream:arena/live/show100");
        QCOMPARE(streams->currentText(), QString("arena/live/show100"));
        QCOMPARE(row("EdgeeeA001").cells[7].text, QString("20"));
        QVERIFY(m_page->closeInspector());
        QVERIFY(!m_page->stream());
        QCOMPARE(row("EdgeeeA001").cells[7].text, QString("40"));
        m_page->reveal("stream:arena/live/show100");
        Snapshot ended = *m_stage->plane.snapshot();
        ended.streams.erase(ended.streams.begin());
        m_stage->plane.show(std::make_shared<const Snapshot>(std::move(ended)));
        QVERIFY(!m_page->stream());
        QCOMPARE(m_stage->toasts.size(), std::size_t(1));
    }

    void picturesInBothThemes()
    {
        const test::ConsoleApp app;
        for (const bool isDark : {false, true}) {
            const_cast<Theme&>(app.theme).setChoice(isDark ? ThemeChoice::Dark : ThemeChoice::Light);
            const auto keep = [&](const QString& name) {
                QTest::qWait(50);
                test::keepPicture(*m_page, QStringLiteral("topology-%1-%2").arg(name, isDark ? "dark" : "light"));
            };
            m_stage->plane.show(starvedCluster());
            keep("all");
            m_page->reveal("stream:arena/live/show100");
            m_page->reveal("RelayyB001");
            keep("stream");
            m_page->closeInspector();
            m_page->closeInspector();
            m_stage->plane.show(relayedCluster({{"eu-central-1", "eu-west-2", "us-east-1", "ap-southeast-1"}, 80, 5}));
            m_page->reveal("region:3:us-east-1");
            keep("folded");
            m_page->closeInspector();
            QVERIFY(!m_page->grab().isNull());
        }
    }
};

QTEST_MAIN(TopologyPageTest)
#include "topology_page_test.moc"
