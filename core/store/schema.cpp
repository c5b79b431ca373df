#include "core/store/schema.h"

#include "core/base/check.h"

#include <QDir>
#include <QFile>
#include <QRegularExpression>
#include <QSqlQuery>
#include <QVariant>

#include <optional>

namespace headgate {

namespace {

QStringList migrationFiles()
{
    return QDir(QStringLiteral(":/migrations")).entryList({QStringLiteral("*.sql")}, QDir::Files, QDir::Name);
}

int versionOf(const QString& fileName)
{
    return fileName.left(3).toInt();
}

Result<int> storedVersion(StoreConnection& connection)
{
    auto table = connection.prepare(QStringLiteral("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'"));
    if (!table)
        return tl::unexpected(table.error());
    if (auto ran = connection.execute(*table); !ran)
        return tl::unexpected(ran.error());
    if (!table->next())
        return 0;
    auto version = connection.prepare(QStringLiteral("SELECT max(version) FROM schema_version"));
    if (!version)
        return tl::unexpected(version.error());
    if (auto ran = connection.execute(*version); !ran)
        return tl::unexpected(ran.error());
    return version->next() ? version->value(0).toInt() : 0;
}

QStringList statementsOf(const QString& fileName)
{
    QFile file(QStringLiteral(":/migrations/") + fileName);
    HG_CHECK(file.open(QIODevice::ReadOnly));
    QString text = QString::fromUtf8(file.readAll());
    text.remove(QRegularExpression(QStringLiteral("^--.*$"), QRegularExpression::MultilineOption));
    QStringList statements;
    for (const QString& part : text.split(QRegularExpression(QStringLiteral(";\\s*\\n\\s*\\n")), Qt::SkipEmptyParts)) {
        if (!part.trimmed().isEmpty())
            statements += part.trimmed();
    }
    return statements;
}

Result<void> runAll(StoreConnection& connection, const QStringList& statements)
{
    for (const QString& statement : statements) {
        if (auto ran = connection.run(statement); !ran)
            return ran;
    }
    return {};
}

Result<void> apply(StoreConnection& connection, const QString& fileName)
{
    QStringList statements = statementsOf(fileName);
    statements.prepend(QStringLiteral("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY)"));
    statements += QStringLiteral("INSERT INTO schema_version (version) VALUES (%1)").arg(versionOf(fileName));
    statements.prepend(QStringLiteral("BEGIN IMMEDIATE"));
    statements += QStringLiteral("COMMIT");
    auto applied = runAll(connection, statements);
    if (!applied)
        connection.rollBack();
    return applied;
}

}  // namespace

int knownSchemaVersion()
{
    const QStringList files = migrationFiles();
    HG_CHECK(!files.isEmpty());
    return versionOf(files.last());
}

Result<void> migrate(StoreConnection& connection, const std::string& file)
{
    const Result<int> stored = storedVersion(connection);
    if (!stored)
        return tl::unexpected(stored.error());
    if (*stored > knownSchemaVersion())
        return fail(ErrorCode::Unsupported,
                    file + " has schema version " + std::to_string(*stored) +
                        "; this version of Headgate knows up to " + std::to_string(knownSchemaVersion()) + ".",
                    "Start a newer version of Headgate, or choose another data directory.");
    for (const QString& fileName : migrationFiles()) {
        if (versionOf(fileName) <= *stored)
            continue;
        if (auto applied = apply(connection, fileName); !applied)
            return applied;
    }
    return {};
}

}  // namespace headgate
