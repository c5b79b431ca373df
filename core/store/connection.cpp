#include "core/store/connection.h"

#include <atomic>

namespace headgate {

namespace {

constexpr int busyTimeoutMs = 1000;  // the engine thread waits so long

// Qt knows connections by name only.
QString unusedName()
{
    static std::atomic<std::uint64_t> count = 0;
    return QStringLiteral("headgate-%1").arg(++count);
}

// Primary result codes of sqlite.org/rescode.html; the higher bits refine them.
enum SqliteCode
{
    sqliteBusy = 5,
    sqliteLocked = 6,
    sqliteReadOnly = 8,
    sqliteIoError = 10,
    sqliteCorrupt = 11,
    sqliteFull = 13,
    sqliteCannotOpen = 14,
    sqliteNotADatabase = 26
};

}  // namespace

Result<std::unique_ptr<StoreConnection>> StoreConnection::open(const std::string& file, Access access)
{
    std::unique_ptr<StoreConnection> connection(new StoreConnection(file, unusedName()));
    QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), connection->m_name);
    if (!database.isValid())
        return fail(ErrorCode::Unsupported, "Qt's SQLite driver is not installed.",
                    "Install it (on Debian the package libqt6sql6-sqlite).");
    database.setDatabaseName(QString::fromStdString(file));
    QString connectOptions = QStringLiteral("QSQLITE_BUSY_TIMEOUT=%1").arg(busyTimeoutMs);
    if (access == Access::ReadOnly)
        connectOptions += QStringLiteral(";QSQLITE_OPEN_READONLY");
    database.setConnectOptions(connectOptions);
    if (!database.open())
        return tl::unexpected(connection->describe(database.lastError()));
    return connection;
}

StoreConnection::~StoreConnection()
{
    QSqlDatabase::removeDatabase(m_name);
}

Result<void> StoreConnection::run(const QString& statement)
{
    QSqlQuery query(database());
    if (!query.exec(statement))
        return tl::unexpected(describe(query.lastError()));
    return {};
}

Result<QSqlQuery> StoreConnection::prepare(const QString& statement)
{
    QSqlQuery query(database());
    query.setForwardOnly(true);
    if (!query.prepare(statement))
        return tl::unexpected(describe(query.lastError()));
    return query;
}

Result<void> StoreConnection::execute(QSqlQuery& query)
{
    if (!query.exec())
        return tl::unexpected(describe(query.lastError()));
    return {};
}

void StoreConnection::rollBack()
{
    QSqlQuery query(database());
    query.exec(QStringLiteral("ROLLBACK"));
}

Error StoreConnection::describe(const QSqlError& error) const
{
    const int code = error.nativeErrorCode().toInt() & 0xff;
    const std::string cause = error.databaseText().toStdString();
    const auto unavailable = [&](const std::string& what, const std::string& remedy) {
        return Error{ErrorCode::Unavailable, m_file + " " + what + " (" + cause + ").", remedy, {}};
    };
    switch (code) {
    case sqliteBusy:
    case sqliteLocked:
        return unavailable("is locked by another program", "End the program that has it open.");
    case sqliteReadOnly:
        return unavailable("may not be written", "Check the owner and the mode of the file and of its directory.");
    case sqliteFull:
        return unavailable("cannot grow: the disk is full", "Make room on the disk.");
    case sqliteIoError:
        return unavailable("cannot be read or written", "Check the free space, the quota and the health of the disk.");
    case sqliteCannotOpen:
        return unavailable("cannot be opened", "Check that the directory exists and that you may write to it.");
    case sqliteCorrupt:
        return {ErrorCode::Internal,
                m_file + " is damaged (" + cause + ").",
                "Put a backup of the file in its place; keep the damaged one.",
                {}};
    case sqliteNotADatabase:
        return {ErrorCode::Internal,
                m_file + " is not a SQLite database (" + cause + ").",
                "Move it away, or choose another data directory.",
                {}};
    default:
        return {ErrorCode::Internal,
                m_file + " refused a statement (" + cause + ").",
                "Report this with the version of the program.",
                {}};
    }
}

}  // namespace headgate
