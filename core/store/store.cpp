#include "core/store/store.h"

#include "core/store/account_rows.h"
#include "core/store/audit_chain.h"
#include "core/store/connection.h"
#include "core/store/outcome_rows.h"
#include "core/store/plan_rows.h"
#include "core/store/rows.h"
#include "core/store/schema.h"
#include "core/store/usage_rows.h"

#include <QString>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <functional>
#include <utility>

namespace headgate {

namespace {

constexpr int recentAuditRecords = 50;

// SQLite would make the file as the umask says; its -wal and -shm files take over the mode of the main file.
Result<void> makePrivateFile(const std::string& file)
{
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return fail(ErrorCode::Unavailable, file + " cannot be opened: " + std::strerror(errno) + ".",
                    "Check that the directory exists and that you may write to it.");
    ::close(descriptor);
    return {};
}

// % and _ are wildcards of LIKE.
QString likePatternFor(const std::string& part)
{
    QString pattern = QString::fromStdString(part);
    pattern.replace(QLatin1Char('\\'), QStringLiteral("\\\\"));
    pattern.replace(QLatin1Char('%'), QStringLiteral("\\%"));
    pattern.replace(QLatin1Char('_'), QStringLiteral("\\_"));
    return QLatin1Char('%') + pattern + QLatin1Char('%');
}

template <typename Values, typename Write>
Result<void> writeEach(StoreConnection& connection, const Values& values, Write write)
{
    for (const auto& value : values) {
        if (auto written = write(connection, value); !written)
            return written;
    }
    return {};
}

// Into `target`, or the error out of `source`.
template <typename Value>
Result<void> take(Value& target, Result<Value> source)
{
    if (!source)
        return tl::unexpected(source.error());
    target = std::move(*source);
    return {};
}

}  // namespace

class Store::Private
{
public:
    Private(std::unique_ptr<StoreConnection> opened, std::string key)
        : connection(std::move(opened)), auditKey(std::move(key))
    {}

    // A transaction around `write`.
    Result<void> inOneGo(const std::function<Result<void>()>& write);
    Result<void> write(const Transaction& transaction);
    Result<void> writePlan(const Transaction& transaction);

    std::unique_ptr<StoreConnection> connection;
    std::string auditKey;
};

Store::Store(std::unique_ptr<Private> d) : m_d(std::move(d))
{}

Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::string& file, std::string auditKey)
{
    if (auto made = makePrivateFile(file); !made)
        return tl::unexpected(made.error());
    auto connection = StoreConnection::open(file, StoreConnection::Access::ReadWrite);
    if (!connection)
        return tl::unexpected(connection.error());
    // The version is looked at before anything that could change the file, the journal mode included.
    if (auto migrated = migrate(**connection, file); !migrated)
        return tl::unexpected(migrated.error());
    for (const char* pragma : {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON"}) {
        if (auto ran = (*connection)->run(QString::fromLatin1(pragma)); !ran)
            return tl::unexpected(ran.error());
    }
    return std::unique_ptr<Store>(new Store(std::make_unique<Private>(std::move(*connection), std::move(auditKey))));
}

Result<std::int64_t> Store::lastAuditSequence()
{
    return rows::readLastAuditSequence(*m_d->connection);
}

Result<EngineState> Store::load()
{
    StoreConnection& connection = *m_d->connection;
    EngineState state;
    rows::ControlPlaneRow own;
    auto loaded =
        take(state.revision, rows::readRevision(connection))
            .and_then([&] { return take(state.auditSequence, rows::readLastAuditSequence(connection)); })
            .and_then([&] { return take(state.nodeGroups, rows::readNodeGroups(connection)); })
            .and_then([&] { return take(state.nodes, rows::readNodes(connection)); })
            .and_then([&] { return take(state.nodeImages, rows::readNodeImages(connection)); })
            .and_then([&] { return take(state.accounts, rows::readAccounts(connection)); })
            .and_then([&] { return take(own, rows::readControlPlane(connection)); })
            .and_then([&] { return take(state.planItems, rows::readPlanItems(connection)); })
            .and_then([&] { return take(state.regions, rows::readRegions(connection)); })
            .and_then([&] { return take(state.deployments, rows::readDeployments(connection)); })
            .and_then([&] { return take(state.provisions, rows::readProvisions(connection)); })
            .and_then([&] {
                return take(state.recentAudit, rows::readAudit(connection, 0, recentAuditRecords, QStringLiteral("%")));
            });
    if (!loaded)
        return tl::unexpected(loaded.error());
    state.planRevision = own.planRevision;
    state.planFollowedUntil = own.planFollowedUntil;
    state.defaultRegion = std::move(own.defaultRegion);
    state.tokenKeys = own.tokenKeys;
    return state;
}

Result<void> Store::commit(const Transaction& transaction, const std::optional<OutcomeToKeep>& kept)
{
    const auto keep = [&] {
        return kept ? rows::keepOutcome(*m_d->connection, kept->key, kept->outcome, kept->at) : Result<void>();
    };
    return m_d->inOneGo([&] { return m_d->write(transaction).and_then(keep); });
}

Result<TimePoint> Store::usageUntil()
{
    return rows::readUsageUntil(*m_d->connection);
}

Result<void> Store::addUsage(const UsageIncrement& increment)
{
    return m_d->inOneGo([&] { return rows::addUsage(*m_d->connection, increment); });
}

Result<std::optional<KeptOutcome>> Store::findOutcome(const OnceKey& key, TimePoint now)
{
    return rows::readOutcome(*m_d->connection, key, now);
}

Result<void> Store::Private::inOneGo(const std::function<Result<void>()>& write)
{
    if (auto begun = connection->begin(); !begun)
        return begun;
    auto written = write().and_then([&] { return connection->commit(); });
    if (!written)
        connection->rollBack();
    return written;
}

Result<void> Store::Private::write(const Transaction& transaction)
{
    StoreConnection& c = *connection;
    return writeEach(c, transaction.removedNodes, rows::removeNode)
        .and_then([&] { return writeEach(c, transaction.removedNodeGroups, rows::removeNodeGroup); })
        .and_then([&] { return writeEach(c, transaction.putNodeGroups, rows::putNodeGroup); })
        .and_then([&] { return writeEach(c, transaction.putNodes, rows::putNode); })
        .and_then([&] { return writeEach(c, transaction.removedNodeImages, rows::removeNodeImage); })
        .and_then([&] { return writeEach(c, transaction.putNodeImages, rows::putNodeImage); })
        .and_then([&] { return writeEach(c, transaction.removedAccounts, rows::removeAccount); })
        .and_then([&] { return writeEach(c, transaction.putAccounts, rows::putAccount); })
        .and_then([&] { return writePlan(transaction); })
        .and_then([&] { return writeEach(c, transaction.removedProvisions, rows::removeProvision); })
        .and_then([&] { return writeEach(c, transaction.putProvisions, rows::putProvision); })
        .and_then([&] { return audit_chain::append(c, auditKey, transaction.audit); })
        .and_then([&] { return rows::writeRevision(c, transaction.revision); });
}

Result<void> Store::Private::writePlan(const Transaction& transaction)
{
    StoreConnection& c = *connection;
    auto written = writeEach(c, transaction.removedPlanItems, rows::removePlanItem)
                       .and_then([&] { return writeEach(c, transaction.putPlanItems, rows::putPlanItem); })
                       .and_then([&] { return writeEach(c, transaction.removedRegions, rows::removeRegion); })
                       .and_then([&] { return writeEach(c, transaction.putRegions, rows::putRegion); })
                       .and_then([&] { return writeEach(c, transaction.removedDeployments, rows::removeDeployment); })
                       .and_then([&] { return writeEach(c, transaction.putDeployments, rows::putDeployment); });
    if (written && transaction.changesPlan())
        written = rows::writePlanRevision(c, transaction.revision);
    if (written && transaction.planFollowedUntil)
        written = rows::writePlanFollowedUntil(c, *transaction.planFollowedUntil);
    if (written && transaction.defaultRegion)
        written = rows::writeDefaultRegion(c, *transaction.defaultRegion);
    if (written && transaction.tokenKeys)
        written = rows::writeTokenKeys(c, *transaction.tokenKeys);
    return written;
}

Result<std::vector<AuditRecord>> Store::readAudit(const std::string& file, const AuditQuery& query)
{
    auto connection = StoreConnection::open(file, StoreConnection::Access::ReadOnly);
    if (!connection)
        return tl::unexpected(connection.error());
    return rows::readAudit(**connection, query.beforeSequence, query.limit, likePatternFor(query.text));
}

Result<UsageReport> Store::readUsage(const std::string& file, const UsageQuery& query)
{
    auto connection = StoreConnection::open(file, StoreConnection::Access::ReadOnly);
    if (!connection)
        return tl::unexpected(connection.error());
    return rows::readUsage(**connection, query);
}

Result<AuditVerdict> Store::verifyAudit(const std::string& file, const std::string& auditKey)
{
    auto connection = StoreConnection::open(file, StoreConnection::Access::ReadOnly);
    if (!connection)
        return tl::unexpected(connection.error());
    return audit_chain::verify(**connection, auditKey);
}

}  // namespace headgate
