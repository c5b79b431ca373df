#include "core/base/random.h"
#include "tests/support/groups.h"
#include "tests/support/scripted_world.h"

#include <QtTest/QTest>

#include <algorithm>
#include <cstdio>

using namespace headgate;
using namespace headgate::testing;
using namespace std::chrono_literals;

namespace {

constexpr int drainsPerWorld = 1'000;
constexpr std::uint64_t mostOrigins = 8;

int drainsWanted()
{
    const int wanted = qEnvironmentVariableIntValue("HEADGATE_SCALE_INS");
    return wanted > 0 ? wanted : 5'000;
}

// A pool of origins that grows and shrinks all the time while publishers come, by addresses of a while ago, and go.
class RestlessPool
{
public:
    explicit RestlessPool(std::uint64_t seed) : m_random(seed) { resize(mostOrigins); }

    void act()
    {
        m_known = m_world.find("origin");
        resize(1 + m_random.below(mostOrigins));
        trouble();
        for (int moment = 0; moment < 2; ++moment) {
            for (std::uint64_t i = m_random.below(3); i > 0; --i)
                arrive();
            for (std::uint64_t i = m_random.below(3); i > 0; --i)
                depart();
            m_world.elapse(std::chrono::milliseconds(m_random.below(2'000)));
        }
        count();
    }

    std::int64_t drains() const { return m_drains; }
    std::int64_t ended() const { return m_ended; }
    std::int64_t refused() const { return m_refused; }
    const std::set<NodeId>& cut() const { return m_world.terminatedWhilePublishing; }

private:
    void resize(std::uint64_t origins)
    {
        GroupShape shape;
        shape.edges = 0;
        NodeGroup group = makeGroup(shape);
        ScaleRule& rule = group.subgroups.front().rules[1];
        rule.min = rule.max = static_cast<int>(origins);
        const bool isNew = m_world.storedGroups.empty();
        const auto done = isNew ? m_world.submit(CreateNodeGroup{group}) : m_world.submit(ReplaceNodeGroup{group});
        if (!done)
            qFatal("%s", done.error().message.c_str());
    }

    // To an address from before the last change: the node may drain by now, or be sealed or gone.
    void arrive()
    {
        if (m_known.empty())
            return;
        const auto node = m_world.nodes.find(m_known[m_random.below(m_known.size())]);
        if (node == m_world.nodes.end() || node->second.isSealed ||
            node->second.policy == node_protocol::SessionPolicy::Seal) {
            ++m_refused;
            return;
        }
        m_world.publish(node->first, "live/show" + std::to_string(++m_streams));
    }

    void depart()
    {
        std::vector<WorldNode*> publishing;
        for (auto& [id, node] : m_world.nodes) {
            if (!node.published.empty())
                publishing.push_back(&node);
        }
        if (publishing.empty())
            return;
        auto& streams = publishing[m_random.below(publishing.size())]->published;
        streams.erase(std::next(streams.begin(), static_cast<std::ptrdiff_t>(m_random.below(streams.size()))));
    }

    // Reports are missing for a while; the control plane starts again.
    void trouble()
    {
        for (auto& [id, node] : m_world.nodes)
            node.isSilent = m_random.below(100) == 0;
        if (m_random.below(200) == 0)
            m_world.restartEngine(std::chrono::milliseconds(m_random.below(3'000)));
    }

    void count()
    {
        m_drains += m_world.auditCount("node.drain");
        m_ended += m_world.auditCount("node.sealed");
        m_world.audit.clear();
        m_world.launches.clear();
        m_world.terminated.clear();
    }

    ScriptedWorld m_world;
    Random m_random;
    std::vector<NodeId> m_known;
    std::int64_t m_drains = 0, m_ended = 0, m_refused = 0;
    int m_streams = 0;
};

}  // namespace

// Origins that scale in never cut a publisher. At night over a million decisions.
class OriginScaleInTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void nobodyWhoPublishesIsCut()
    {
        std::int64_t drains = 0, ended = 0, refused = 0;
        for (std::uint64_t seed = 1; drains < drainsWanted(); ++seed) {
            RestlessPool pool(seed);
            while (pool.drains() < drainsPerWorld) {
                pool.act();
                QVERIFY2(pool.cut().empty(), qPrintable(QString("seed %1: node %2 ended while it published")
                                                            .arg(seed)
                                                            .arg(pool.cut().begin()->value.c_str())));
            }
            drains += pool.drains();
            ended += pool.ended();
            refused += pool.refused();
        }
        std::printf("%lld decisions to scale in, %lld origins ended, %lld publishers refused by sealed ones\n",
                    static_cast<long long>(drains), static_cast<long long>(ended), static_cast<long long>(refused));
        QVERIFY(ended > drains / 10);
        QVERIFY(refused > 0);
    }
};

QTEST_GUILESS_MAIN(OriginScaleInTest)
#include "origin_scale_in_test.moc"
