#include "core/media/bench/measured.h"
#include "tests/soak/crowd.h"
#include "tests/soak/process_samples.h"
#include "tests/support/cluster_fixture.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <random>

using namespace headgate;
using namespace headgate::test;
using soak::Crowd;
using soak::ProcessSamples;

namespace {

constexpr std::size_t viewers = 300;
constexpr std::size_t shows = 12;
constexpr int origins = 2;
constexpr int edges = 3;
constexpr double warmUpSeconds = 60;
constexpr double longestSilenceSeconds = 10;
constexpr double recoverySeconds = 20;  // after a kill

// What the fitted lines may rise over the whole run.
constexpr double mostGrowthKiB = 16 * 1024;
constexpr double mostDescriptorGrowth = 8;

double secondsOfRun()
{
    const double wanted = qEnvironmentVariable("HEADGATE_SOAK_SECONDS").toDouble();
    return wanted > 0 ? wanted : 1800;
}

QByteArray nodeGroup()
{
    QJsonObject group = QJsonDocument::fromJson(Cluster::document("aws_node_group.json")).object();
    QJsonObject subgroups = group["groups"].toObject();
    QJsonObject region = subgroups["us-east-1"].toObject();
    QJsonObject rules = region["rulesByRole"].toObject();
    for (const auto& [role, count] : {std::pair("origin", origins), std::pair("edge", edges)}) {
        QJsonObject rule = rules[QLatin1String(role)].toObject();
        rule["min"] = QString::number(count);
        rules[QLatin1String(role)] = rule;
    }
    region["rulesByRole"] = rules;
    subgroups["us-east-1"] = region;
    group["groups"] = subgroups;
    return QJsonDocument(group).toJson();
}

}  // namespace

// Viewers that stay, publishers that come and go, nodes that are killed: nobody starves and nothing grows.
// HEADGATE_SOAK_SECONDS says how long; half an hour without it.
class SoakTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void nothingGrowsAndNobodyStarves();

private:
    double now() const { return static_cast<double>(bench::nowNs() - m_beginNs) / 1e9; }
    void everySecond(Crowd& crowd);
    void moveShows(Crowd& crowd);
    void askControlPlane();
    void sample();
    void killOne();
    void say(const Crowd& crowd);
    void checkFlat(const QByteArray& name, const ProcessSamples& samples);
    void checkIdle();

    Cluster m_cluster;
    std::mt19937 m_random{20261121};
    std::uint64_t m_beginNs = 0;
    std::uint64_t m_lastKillNs = 0;
    double m_nextKill = warmUpSeconds / 2;
    double m_nextSample = 0;
    std::vector<double> m_showChanges;
    std::vector<bool> m_isShown;
    QStringList m_spared;  // one node of each role that is left alone, to see it for the whole run
    std::map<QString, ProcessSamples> m_samples;
    std::map<QString, int> m_descriptorsAtRest;
    std::vector<double> m_answerMs;
    int m_kills = 0;
    int m_starved = 0;
    int m_unanswered = 0;
};

void SoakTest::initTestCase()
{
    bench::raiseFileLimit();
    QVERIFY2(m_cluster.start(), m_cluster.report());
    QVERIFY(m_cluster.logIn());
    QVERIFY(m_cluster.createNodeGroup(nodeGroup()));
    QVERIFY2(m_cluster.waitInService("nodegroup-1", origins + edges), m_cluster.report());
    m_spared = {m_cluster.nodes("origin").front().id, m_cluster.nodes("edge").front().id};
    for (const ClusterNode& node : m_cluster.nodes())
        m_descriptorsAtRest[node.id] = soak::openDescriptors(node.pid);
}

// A show is on for 30 to 120 s, then off for 5 to 45 s: shorter and longer than a stream waits for its publisher.
void SoakTest::moveShows(Crowd& crowd)
{
    for (std::size_t i = 0; i < crowd.showCount(); ++i) {
        if (now() < m_showChanges[i])
            continue;
        m_isShown[i] = !m_isShown[i];
        crowd.setWanted(i, m_isShown[i]);
        std::uniform_real_distribution<double> pause(m_isShown[i] ? 30 : 5, m_isShown[i] ? 120 : 45);
        m_showChanges[i] = now() + pause(m_random);
    }
}

void SoakTest::askControlPlane()
{
    const std::uint64_t asked = bench::nowNs();
    const bool isAnswered = m_cluster.call("GET", "/as/v1/admin/healthz").status == 200;
    m_answerMs.push_back(static_cast<double>(bench::nowNs() - asked) / 1e6);
    m_unanswered += isAnswered ? 0 : 1;
}

void SoakTest::sample()
{
    const auto take = [this](const QString& name, qint64 pid) {
        const double resident = soak::residentKiB(pid);
        if (resident <= 0)
            return;
        m_samples[name].residentKiB.add(now(), resident);
        m_samples[name].descriptors.add(now(), soak::openDescriptors(pid));
    };
    take("headgated", m_cluster.daemon().pid());
    for (const ClusterNode& node : m_cluster.nodes()) {
        if (m_spared.contains(node.id))
            take(node.role + " " + node.id, node.pid);
    }
}

void SoakTest::killOne()
{
    const QString role = m_kills % 2 == 0 ? "edge" : "origin";
    for (const ClusterNode& node : m_cluster.nodes(role)) {
        if (m_spared.contains(node.id) || node.state != "INSERVICE")
            continue;
        killProcess(node.pid);
        m_lastKillNs = bench::nowNs();
        ++m_kills;
        return;
    }
}

void SoakTest::say(const Crowd& crowd)
{
    QString text = QStringLiteral("%1 s: %2 of %3 stream, %4 MB, %5 joins, %6 kills, %7 starved;")
                       .arg(now(), 0, 'f', 0)
                       .arg(crowd.streamingCount())
                       .arg(viewers)
                       .arg(crowd.bytes() / 1'000'000)
                       .arg(crowd.joins())
                       .arg(m_kills)
                       .arg(m_starved);
    for (const auto& [name, samples] : m_samples)
        text += QStringLiteral(" %1 %2 MiB %3 fd;")
                    .arg(name)
                    .arg(samples.residentKiB.last() / 1024, 0, 'f', 1)
                    .arg(samples.descriptors.last());
    qInfo().noquote() << text;
}

void SoakTest::everySecond(Crowd& crowd)
{
    moveShows(crowd);
    askControlPlane();
    const auto quiet = static_cast<std::uint64_t>(recoverySeconds * 1e9);
    const int starved = crowd.newlyStarved(std::max(m_lastKillNs + quiet, m_beginNs + quiet),
                                           static_cast<std::uint64_t>(longestSilenceSeconds * 1e9));
    if (starved > 0)
        qInfo() << starved << "viewers starve at" << now() << "s";
    m_starved += starved;
    if (now() >= m_nextKill) {
        killOne();
        m_nextKill = now() + 60;
    }
    if (now() >= m_nextSample) {
        sample();
        m_nextSample = now() + 5;
        if (static_cast<int>(now()) % 60 < 5)
            say(crowd);
    }
}

void SoakTest::checkFlat(const QByteArray& name, const ProcessSamples& samples)
{
    qInfo().noquote() << name << "RSS" << samples.residentKiB.first() / 1024 << "->"
                      << samples.residentKiB.last() / 1024 << "MiB, most" << samples.residentKiB.most() / 1024
                      << ", fitted growth" << samples.residentKiB.growth() / 1024 << "MiB; descriptors"
                      << samples.descriptors.first() << "->" << samples.descriptors.last() << ", most"
                      << samples.descriptors.most() << ", fitted growth" << samples.descriptors.growth();
    QVERIFY2(samples.residentKiB.count() > 0, name);
    QVERIFY2(samples.residentKiB.growth() <= mostGrowthKiB, name);
}

// When everybody has left, a node holds what it held before the first came.
void SoakTest::checkIdle()
{
    for (const ClusterNode& node : m_cluster.nodes()) {
        if (!m_spared.contains(node.id))
            continue;
        const int before = m_descriptorsAtRest[node.id];
        const bool isBack = waitUntil([&] { return soak::openDescriptors(node.pid) <= before + 2; }, 60'000);
        qInfo().noquote() << node.role << "at rest:" << before << "descriptors before,"
                          << soak::openDescriptors(node.pid) << "after";
        QVERIFY2(isBack, qPrintable(node.id));
    }
}

void SoakTest::nothingGrowsAndNobodyStarves()
{
    const double length = secondsOfRun();
    const auto ask = [this](const char* what, const std::string& show) {
        const HttpAnswer answer = m_cluster.call("GET", QStringLiteral("/as/v1/streams/stream/nodegroup-1/%1/%2")
                                                            .arg(QLatin1String(what), QString::fromStdString(show)));
        return answer.status == 200 ? answer.array().first()["serverAddress"].toString().toStdString() : std::string();
    };
    Crowd crowd({[&](const std::string& show) { return ask("publish", show); },
                 [&](const std::string& show) { return ask("subscribe", show); }},
                shows, viewers);
    m_showChanges.assign(shows, 0);
    m_isShown.assign(shows, false);
    m_beginNs = bench::nowNs();
    for (double nextSecond = 0; now() < length;) {
        crowd.turn(10);
        if (now() < nextSecond)
            continue;
        nextSecond = std::floor(now()) + 1;
        everySecond(crowd);
    }
    say(crowd);
    crowd.leave();

    std::ranges::sort(m_answerMs);
    qInfo() << "control plane:" << m_answerMs.size() << "questions," << m_unanswered << "unanswered, median"
            << m_answerMs[m_answerMs.size() / 2] << "ms, worst" << m_answerMs.back() << "ms";
    QCOMPARE(m_starved, 0);
    QCOMPARE(m_unanswered, 0);
    QVERIFY(m_kills > 0);
    for (auto& [name, samples] : m_samples) {
        samples.residentKiB.forgetBefore(std::min(warmUpSeconds, length / 3));
        samples.descriptors.forgetBefore(std::min(warmUpSeconds, length / 3));
        checkFlat(name.toUtf8(), samples);
    }
    QVERIFY(m_samples["headgated"].descriptors.growth() <= mostDescriptorGrowth);
    checkIdle();
}

QTEST_GUILESS_MAIN(SoakTest)
#include "soak_test.moc"
