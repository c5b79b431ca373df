#include "core/store/connection.h"
#include "core/store/data_directory.h"
#include "core/store/schema.h"
#include "core/store/store.h"
#include "core/wire/native_codec.h"
#include "core/wire/plan_codec.h"
#include "tests/support/plane_parts.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QtTest/QTest>

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <map>
#include <memory>
#include <string>

using namespace headgate;
using namespace headgate::test;

namespace {

StoredNodeGroup storedGroup(const std::string& name, std::uint64_t version)
{
    return {sampleGroup(name, 1, 2),        version, fromEpochMs(1'800'000'000'123),
            fromEpochMs(1'800'000'001'456), "admin", {"uid of " + name, "anna"}};
}

Node sampleNode(const std::string& id)
{
    Node node;
    node.id = NodeId(id);
    node.pool = {NodeGroupName("g"), "here", "edge"};
    node.region = "here";
    node.imageName = "node";
    node.state = NodeState::InService;
    node.health = NodeHealth::Suspect;
    node.stateSince = fromEpochMs(1'800'000'002'789);
    node.createdAt = fromEpochMs(1'800'000'000'001);
    node.reason = "The pool wants one more.";
    node.failure = "It \"fell\" silent.";
    node.endpoints = {"127.0.0.9", 1935, 5080};
    node.providerReference = "123:456789";
    return node;
}

AuditRecord sampleRecord(const std::string& sentence, std::uint64_t revision)
{
    AuditRecord record;
    record.at = fromEpochMs(1'800'000'003'000);
    record.actor = "admin";
    record.verb = "node-group.create";
    record.object = "node-group/g";
    record.severity = Severity::Warning;
    record.sentence = sentence;
    record.after = R"({"name":"g"})";
    record.requestId = RequestId("r");
    record.revision = revision;
    return record;
}

Transaction sampleTransaction(std::uint64_t revision)
{
    Transaction transaction;
    transaction.revision = revision;
    transaction.putNodeGroups = {storedGroup("g", revision)};
    transaction.putNodes = {sampleNode("node" + std::to_string(revision))};
    transaction.audit = {sampleRecord("Change " + std::to_string(revision) + ".", revision)};
    return transaction;
}

QByteArray contentOf(const std::string& file)
{
    QFile in(QString::fromStdString(file));
    return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
}

// Commits one revision after another and tells each one that was acknowledged.
int commitForEver(const std::string& file)
{
    auto store = Store::open(file);
    if (!store)
        return 1;
    std::uint64_t revision = (*store)->load()->revision;
    for (;;) {
        if (!(*store)->commit(sampleTransaction(++revision)))
            return 1;
        std::printf("%llu\n", static_cast<unsigned long long>(revision));
        std::fflush(stdout);
    }
}

// Makes this process unable to write files beyond `bytes`, as a full disk would.
class FileSizeLimit
{
public:
    explicit FileSizeLimit(rlim_t bytes)
    {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit limit = {bytes, m_before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() { ::setrlimit(RLIMIT_FSIZE, &m_before); }

private:
    rlimit m_before = {};
};

}  // namespace

class StoreTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    void anEmptyStoreHoldsNothing();
    void whatIsCommittedIsLoaded();
    void plansRegionsAndDeploymentsAreLoaded();
    void aLaterRowReplacesAnEarlierOne();
    void removedRowsAreGone();
    void auditNumbersHaveNoGaps();
    void auditIsSearchedByPartOfItsText();
    void auditCannotBeChanged();
    void everyAcknowledgedCommitSurvivesAKill();
    void aFullDiskIsToldAndLosesNothing();
    void objectsOfBeforeGetAnOrigin();
    void aNewerSchemaIsRefusedAndLeftAlone();
    void aFileThatIsNoDatabaseIsNamed();
    void aDamagedRowIsNamed();
    void aLockedStoreIsToldAsSuch();
    void theFileIsClosedToOthers();
    void theDirectoryIsClaimedOnce();
    void aDirectoryThatEverybodyUsesIsLeftAlone();

private:
    std::unique_ptr<Store> open() const;

    std::unique_ptr<QTemporaryDir> m_dir;
    std::string m_file;
};

void StoreTest::init()
{
    m_dir = std::make_unique<QTemporaryDir>();
    m_file = m_dir->filePath(QStringLiteral("store.sqlite")).toStdString();
}

std::unique_ptr<Store> StoreTest::open() const
{
    auto store = Store::open(m_file);
    if (!store)
        qWarning("%s", store.error().message.c_str());
    return store ? std::move(*store) : nullptr;
}

void StoreTest::anEmptyStoreHoldsNothing()
{
    const auto state = open()->load();
    QVERIFY(state);
    QCOMPARE(state->revision, std::uint64_t{0});
    QCOMPARE(state->auditSequence, std::int64_t{0});
    QVERIFY(state->nodeGroups.empty() && state->nodes.empty() && state->accounts.empty());
    QVERIFY(state->recentAudit.empty());
}

void StoreTest::plansRegionsAndDeploymentsAreLoaded()
{
    const auto document = native::planDocumentFromJson(*native::parse(R"({
        "schedules": [{"id": "weekdays", "scope": {"nodeGroup": "live"}, "effect": {"kind": "active", "min": 2},
            "timing": {"zone": "Europe/Berlin", "start": "2027-01-04T08:00:00", "end": {"durationS": 3600},
                       "rule": "FREQ=WEEKLY;BYDAY=MO,TU"}}],
        "overlays": [{"id": "final", "scope": {"nodeGroup": "live", "role": "edge"}, "from": "2027-06-26T18:00:00Z",
            "to": "2027-06-26T21:00:00Z", "priority": 200, "op": {"kind": "floor", "nodes": 6}}],
        "exclusions": [{"name": "holidays", "events": []}],
        "limits": [{"name": "quota", "scope": {"nodeGroup": "live"}, "nodes": 9}]})"));
    QVERIFY2(document.has_value(), document ? "" : document.error().message.c_str());
    Transaction transaction;
    transaction.revision = 4;
    for (const PlanItem& item : itemsOf(*document))
        transaction.putPlanItems.push_back({item, 2, fromEpochMs(5), fromEpochMs(6), "admin"});
    ConfigurationOverlay night;
    night.configuration = sampleTransaction(1).putNodeGroups.front().group;
    night.configuration.name = NodeGroupName("night");
    night.base = NodeGroupName("live");
    night.openings = {{"nightly", {"UTC", *CronExpression::parse("0 0 22 * * ? *"), seconds(3600)}}};
    transaction.putPlanItems.push_back({night, 1, fromEpochMs(5), fromEpochMs(6), "admin"});
    transaction.planFollowedUntil = fromEpochMs(99);
    transaction.defaultRegion = "home";
    transaction.putRegions = {{{"home", "At home", -12.5, 7.25}, 3, fromEpochMs(5), fromEpochMs(6), "admin"}};
    Deployment deployment{"cup", "", {NodeGroupName("live")}, {{"home", 2, 20'000}}, {"EUR", {{"edge", 0.25}}}};
    transaction.putDeployments = {
        {deployment, DeploymentPower::Stopped, fromEpochMs(8), 3, fromEpochMs(5), fromEpochMs(6), "admin"}};
    QVERIFY(open()->commit(transaction));
    auto state = open()->load();
    QVERIFY2(state.has_value(), state ? "" : state.error().message.c_str());
    const auto byKey = [](const StoredPlanItem& a, const StoredPlanItem& b) { return keyOf(a.item) < keyOf(b.item); };
    std::ranges::sort(state->planItems, byKey);
    QCOMPARE(state->planItems, transaction.putPlanItems);
    QCOMPARE(state->planRevision, std::uint64_t{4});
    QCOMPARE(state->planFollowedUntil, transaction.planFollowedUntil);
    QCOMPARE(state->defaultRegion, std::string("home"));
    QCOMPARE(state->regions, transaction.putRegions);
    QCOMPARE(state->deployments, transaction.putDeployments);

    Transaction removal;
    removal.revision = 5;
    for (const StoredPlanItem& stored : transaction.putPlanItems)
        removal.removedPlanItems.push_back(keyOf(stored.item));
    removal.removedRegions = {"home"};
    removal.removedDeployments = {"cup"};
    QVERIFY(open()->commit(removal));
    state = open()->load();
    QVERIFY(state->planItems.empty() && state->regions.empty() && state->deployments.empty());
    QCOMPARE(state->planRevision, std::uint64_t{5});
}

void StoreTest::whatIsCommittedIsLoaded()
{
    Transaction transaction = sampleTransaction(7);
    transaction.putAccounts = {{"admin", "$argon2id$v=19$hash", fromEpochMs(5)}};
    CapacityMeasurement measurement;
    measurement.viewersPerCore = 2500;
    transaction.putNodeImages = {
        {{"node-0.1", "as delivered", {measurement}}, 3, fromEpochMs(5), fromEpochMs(6), "admin"}};
    const std::string document = R"({"provisionGuid":"live/test","streams":[{"streamGuid":"live/test_1"}]})";
    const Provision provision{"live/test", {{"live", "test_1"}}, {"PUBLISH"}, document};
    transaction.putProvisions = {
        {NodeGroupName("g"), provision, 3, fromEpochMs(5), fromEpochMs(6), "admin", {}},
        {NodeGroupName("h"), provision, 4, fromEpochMs(5), fromEpochMs(6), "admin", fromEpochMs(7)}};
    QVERIFY(open()->commit(transaction));
    const auto state = open()->load();
    QVERIFY2(state.has_value(), state ? "" : state.error().message.c_str());
    QCOMPARE(state->revision, std::uint64_t{7});
    QCOMPARE(state->provisions, transaction.putProvisions);
    Transaction removal;
    removal.removedProvisions = {{NodeGroupName("g"), "live/test"}};
    QVERIFY(open()->commit(removal));
    QCOMPARE(open()->load()->provisions.size(), std::size_t{1});
    QCOMPARE(state->nodeGroups, transaction.putNodeGroups);
    QCOMPARE(state->nodes, transaction.putNodes);
    QCOMPARE(state->nodeImages, transaction.putNodeImages);
    QCOMPARE(state->accounts, transaction.putAccounts);
    AuditRecord expected = transaction.audit.front();
    expected.sequence = 1;
    QCOMPARE(state->recentAudit, std::vector{expected});
    QCOMPARE(state->auditSequence, std::int64_t{1});
}

void StoreTest::aLaterRowReplacesAnEarlierOne()
{
    const auto store = open();
    QVERIFY(store->commit(sampleTransaction(1)));
    Transaction second = sampleTransaction(2);
    second.putNodes = {sampleNode("node1")};
    second.putNodes.front().state = NodeState::SoftSunset;
    QVERIFY(store->commit(second));
    const auto state = store->load();
    QCOMPARE(state->nodeGroups, second.putNodeGroups);
    QCOMPARE(state->nodes, second.putNodes);
}

void StoreTest::removedRowsAreGone()
{
    const auto store = open();
    QVERIFY(store->commit(sampleTransaction(1)));
    Transaction removal;
    removal.revision = 2;
    removal.removedNodeGroups = {NodeGroupName("g"), NodeGroupName("never was")};
    removal.removedNodes = {NodeId("node1")};
    QVERIFY(store->commit(removal));
    const auto state = store->load();
    QVERIFY(state->nodeGroups.empty() && state->nodes.empty());
    QCOMPARE(state->revision, std::uint64_t{2});
}

void StoreTest::auditNumbersHaveNoGaps()
{
    auto store = open();
    for (std::uint64_t i = 1; i <= 60; ++i) {
        Transaction transaction;
        transaction.revision = i;
        transaction.audit = {sampleRecord("One.", i), sampleRecord("Two.", i)};
        QVERIFY(store->commit(transaction));
        if (i % 20 == 0)
            store = open();
    }
    const auto records = Store::readAudit(m_file, {0, 1000, {}});
    QVERIFY(records);
    QCOMPARE(records->size(), std::size_t{120});
    for (std::size_t i = 0; i < records->size(); ++i)
        QCOMPARE(records->at(i).sequence, static_cast<std::int64_t>(120 - i));
    const auto state = store->load();
    QCOMPARE(state->recentAudit.size(), std::size_t{50});
    QCOMPARE(state->recentAudit.front().sequence, std::int64_t{120});
}

void StoreTest::auditIsSearchedByPartOfItsText()
{
    Transaction transaction;
    transaction.audit = {sampleRecord("Load is at 100% now.", 1), sampleRecord("Load is at 1000 now.", 1),
                         sampleRecord("A_B was made.", 1)};
    transaction.audit[1].actor = "engine";
    QVERIFY(open()->commit(transaction));
    const auto count = [this](const std::string& text) { return Store::readAudit(m_file, {0, 100, text})->size(); };
    QCOMPARE(count(""), std::size_t{3});
    QCOMPARE(count("load"), std::size_t{2});
    QCOMPARE(count("100%"), std::size_t{1});
    QCOMPARE(count("a_b"), std::size_t{1});
    QCOMPARE(count("_"), std::size_t{1});
    QCOMPARE(count("ENGINE"), std::size_t{1});
    QCOMPARE(count("node-group/"), std::size_t{3});
    QCOMPARE(count("'; DROP TABLE audit; --"), std::size_t{0});
    QCOMPARE(Store::readAudit(m_file, {3, 1, "load"})->front().sequence, std::int64_t{2});
}

void StoreTest::auditCannotBeChanged()
{
    QVERIFY(open()->commit(sampleTransaction(1)));
    const auto connection = StoreConnection::open(m_file, StoreConnection::Access::ReadWrite);
    QVERIFY(!(*connection)->run(QStringLiteral("UPDATE audit SET sentence = 'Nothing happened.'")));
    QVERIFY(!(*connection)->run(QStringLiteral("DELETE FROM audit")));
    QCOMPARE(Store::readAudit(m_file, {})->size(), std::size_t{1});
}

void StoreTest::everyAcknowledgedCommitSurvivesAKill()
{
    std::uint64_t acknowledged = 0;
    for (const int lines : {1, 7, 20, 33}) {
        QProcess writer;
        writer.start(QCoreApplication::applicationFilePath(),
                     {QStringLiteral("--commit-for-ever"), QString::fromStdString(m_file)});
        int seen = 0;
        while (seen < lines && writer.waitForReadyRead(30'000))
            for (; seen < lines && writer.canReadLine(); ++seen)
                acknowledged = writer.readLine().trimmed().toULongLong();
        writer.kill();
        QVERIFY(writer.waitForFinished());
        while (writer.canReadLine())
            acknowledged = writer.readLine().trimmed().toULongLong();
        QCOMPARE(writer.exitStatus(), QProcess::CrashExit);

        const auto state = open()->load();
        QVERIFY2(state.has_value(), state ? "" : state.error().message.c_str());
        // The last one may have been stored without anybody having been told.
        QVERIFY(state->revision == acknowledged || state->revision == acknowledged + 1);
        QCOMPARE(state->nodes.size(), static_cast<std::size_t>(state->revision));
        QCOMPARE(state->auditSequence, static_cast<std::int64_t>(state->revision));
        QCOMPARE(state->nodeGroups.front().version, state->revision);
    }
}

void StoreTest::aFullDiskIsToldAndLosesNothing()
{
    const auto store = open();
    QVERIFY(store->commit(sampleTransaction(1)));
    std::uint64_t stored = 1;
    Error error;
    {
        const FileSizeLimit limit(400'000);
        for (std::uint64_t i = 2; i < 1000; ++i) {
            Transaction transaction = sampleTransaction(i);
            transaction.audit.front().after = std::string(20'000, 'x');
            if (auto committed = store->commit(transaction); !committed) {
                error = committed.error();
                break;
            }
            stored = i;
        }
    }
    QCOMPARE(error.code, ErrorCode::Unavailable);
    QVERIFY(error.message.find(m_file) != std::string::npos);
    QVERIFY(!error.remedy.empty());
    const auto state = store->load();
    QVERIFY(state);
    QCOMPARE(state->revision, stored);
    QCOMPARE(state->nodes.size(), static_cast<std::size_t>(stored));
    QVERIFY(store->commit(sampleTransaction(stored + 1)));
    QCOMPARE(open()->load()->auditSequence, static_cast<std::int64_t>(stored + 1));
}

// A file as it was before objects had ids: who made them is taken from the audit trail.
void StoreTest::objectsOfBeforeGetAnOrigin()
{
    {
        const auto connection = StoreConnection::open(m_file, StoreConnection::Access::ReadWrite);
        const auto run = [&](const QString& statement) {
            QVERIFY2((*connection)->run(statement), qPrintable(statement));
        };
        run("CREATE TABLE schema_version (version INTEGER PRIMARY KEY)");
        for (const QString& name : QDir(":/migrations").entryList({"*.sql"}, QDir::Files, QDir::Name)) {
            if (name.left(3).toInt() > 12)
                continue;
            QFile file(":/migrations/" + name);
            QVERIFY(file.open(QIODevice::ReadOnly));
            QString text = QString::fromUtf8(file.readAll());
            text.remove(QRegularExpression("^--.*$", QRegularExpression::MultilineOption));
            for (const QString& part : text.split(QRegularExpression(";\\s*\\n\\s*\\n"), Qt::SkipEmptyParts)) {
                if (!part.trimmed().isEmpty())
                    run(part.trimmed());
            }
            run("INSERT INTO schema_version (version) VALUES (" + QString::number(name.left(3).toInt()) + ")");
        }
        const QString document = QString::fromStdString(native::write(native::toJson(sampleGroup("%1", 1, 2))));
        for (const auto& [name, version] : {std::pair("told", 7), std::pair("fresh", 1), std::pair("old", 7)})
            run(QString("INSERT INTO node_group VALUES ('%1', %2, 1, 2, 'carl', '%3')")
                    .arg(name)
                    .arg(version)
                    .arg(QString(document).arg(name)));
        run("INSERT INTO audit (sequence, at, actor, verb, object, severity, sentence, before, after, request_id, "
            "revision) VALUES (1, 1, 'anna', 'node-group.create', 'node-group/told', 'info', '', '', '', '', 1)");
        run("INSERT INTO usage VALUES ('2027-06-26', 'cup', 'edge', 10, 20, 30, 40)");
    }
    const auto state = open()->load();
    QVERIFY2(state, state ? "" : state.error().message.c_str());
    std::map<std::string, ObjectOrigin> origins;
    for (const StoredNodeGroup& stored : state->nodeGroups)
        origins[stored.group.name.value] = stored.origin;
    QCOMPARE(origins["told"].createdBy, std::string("anna"));
    QCOMPARE(origins["fresh"].createdBy, std::string("carl"));
    QCOMPARE(origins["old"].createdBy, std::string());
    QVERIFY(origins["told"].uid.size() == 20 && origins["told"].uid != origins["old"].uid);
    const UsageDay day = *dayFromText("2027-06-26");
    const auto usage = Store::readUsage(m_file, {day, day});
    QVERIFY(usage && usage->rows.size() == 1);
    QVERIFY((usage->rows.front() == UsageRow{day, "cup", "edge", "", 10, 20, 30, 40}));
}

void StoreTest::aNewerSchemaIsRefusedAndLeftAlone()
{
    QVERIFY(open()->commit(sampleTransaction(1)));
    {
        const auto connection = StoreConnection::open(m_file, StoreConnection::Access::ReadWrite);
        QVERIFY((*connection)->run(QStringLiteral("INSERT INTO schema_version (version) VALUES (999)")));
    }
    const QByteArray before = contentOf(m_file);
    const auto refused = Store::open(m_file);
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, ErrorCode::Unsupported);
    QVERIFY(refused.error().message.find("999") != std::string::npos);
    QVERIFY(refused.error().message.find(std::to_string(knownSchemaVersion())) != std::string::npos);
    QCOMPARE(contentOf(m_file), before);
}

void StoreTest::aFileThatIsNoDatabaseIsNamed()
{
    QFile file(QString::fromStdString(m_file));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray(8192, 'x'));
    file.close();
    const auto refused = Store::open(m_file);
    QVERIFY(!refused);
    QVERIFY(refused.error().message.find(m_file) != std::string::npos);
    QVERIFY(refused.error().message.find("not a SQLite database") != std::string::npos);
    QCOMPARE(contentOf(m_file), QByteArray(8192, 'x'));
}

void StoreTest::aDamagedRowIsNamed()
{
    QVERIFY(open()->commit(sampleTransaction(1)));
    {
        const auto connection = StoreConnection::open(m_file, StoreConnection::Access::ReadWrite);
        QVERIFY((*connection)->run(QStringLiteral("UPDATE node SET document = '{\"id\":7}'")));
    }
    const auto state = open()->load();
    QVERIFY(!state);
    QVERIFY(state.error().message.find("node1") != std::string::npos);
}

void StoreTest::aLockedStoreIsToldAsSuch()
{
    const auto store = open();
    const auto other = StoreConnection::open(m_file, StoreConnection::Access::ReadWrite);
    QVERIFY((*other)->begin());
    const auto committed = store->commit(sampleTransaction(1));
    QVERIFY(!committed);
    QCOMPARE(committed.error().code, ErrorCode::Unavailable);
    QVERIFY(committed.error().message.find("locked") != std::string::npos);
    (*other)->rollBack();
    QVERIFY(store->commit(sampleTransaction(1)));
}

void StoreTest::theFileIsClosedToOthers()
{
    const auto store = open();
    QVERIFY(store->commit(sampleTransaction(1)));
    for (const std::string suffix : {"", "-wal", "-shm"}) {
        struct stat facts = {};
        QCOMPARE(::stat((m_file + suffix).c_str(), &facts), 0);
        QCOMPARE(facts.st_mode & 0777u, 0600u);
    }
}

// As root one may chmod anything: a mistyped --data-dir /tmp would close /tmp for everybody.
void StoreTest::aDirectoryThatEverybodyUsesIsLeftAlone()
{
    const std::string path = m_dir->filePath(QStringLiteral("everybody")).toStdString();
    for (const mode_t mode : {01777u, 0777u}) {
        ::mkdir(path.c_str(), 0700);
        QCOMPARE(::chmod(path.c_str(), mode), 0);
        const auto claimed = DataDirectory::claim(path);
        QVERIFY(!claimed);
        QVERIFY(claimed.error().message.find("every user") != std::string::npos);
        struct stat facts = {};
        QCOMPARE(::stat(path.c_str(), &facts), 0);
        QCOMPARE(facts.st_mode & 07777u, mode);
    }
    // Nobody else's either, also behind a link of ours.
    const std::string link = m_dir->filePath(QStringLiteral("link")).toStdString();
    QCOMPARE(::symlink(::geteuid() == 0 ? path.c_str() : "/", link.c_str()), 0);
    if (::geteuid() == 0) {
        QCOMPARE(::chmod(path.c_str(), 0700), 0);
        QCOMPARE(::chown(path.c_str(), 65534, 65534), 0);
    }
    const auto foreign = DataDirectory::claim(link);
    QVERIFY(!foreign);
    QVERIFY(foreign.error().message.find("another user") != std::string::npos);
}

void StoreTest::theDirectoryIsClaimedOnce()
{
    const std::string path = m_dir->filePath(QStringLiteral("a/b/data")).toStdString();
    {
        const auto first = DataDirectory::claim(path);
        QVERIFY(first);
        struct stat facts = {};
        QCOMPARE(::stat(path.c_str(), &facts), 0);
        QCOMPARE(facts.st_mode & 0777u, 0700u);
        const auto second = DataDirectory::claim(path + "/../data");
        QVERIFY(!second);
        QVERIFY(second.error().message.find(std::to_string(::getpid())) != std::string::npos);
    }
    QVERIFY(DataDirectory::claim(path));
    QVERIFY(!DataDirectory::claim("/proc/nothing/here"));
}

int main(int argc, char** argv)
{
    const QCoreApplication application(argc, argv);
    if (argc == 3 && std::string(argv[1]) == "--commit-for-ever")
        return commitForEver(argv[2]);
    StoreTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "store_test.moc"
