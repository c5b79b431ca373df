#pragma once

#include "core/base/result.h"

#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QString>

#include <memory>
#include <string>

namespace headgate {

// One open SQLite connection. Stays on the thread that opened it; closed and forgotten by Qt when it goes away.
class StoreConnection
{
public:
    enum class Access
    {
        ReadWrite,
        ReadOnly
    };

    static Result<std::unique_ptr<StoreConnection>> open(const std::string& file, Access access);
    ~StoreConnection();
    StoreConnection(const StoreConnection&) = delete;
    StoreConnection& operator=(const StoreConnection&) = delete;

    // A statement without parameters.
    Result<void> run(const QString& statement);

    // Compiles `statement` for binding; the query must not outlive this object.
    Result<QSqlQuery> prepare(const QString& statement);
    Result<void> execute(QSqlQuery& query);

    Result<void> begin() { return run(QStringLiteral("BEGIN IMMEDIATE")); }
    Result<void> commit() { return run(QStringLiteral("COMMIT")); }

    // Ends the open transaction, if any. SQLite has ended it by itself after some failures.
    void rollBack();

    // The cause in words of the person who runs the program, and what can be done.
    Error describe(const QSqlError& error) const;

private:
    StoreConnection(std::string file, QString name) : m_file(std::move(file)), m_name(std::move(name)) {}
    QSqlDatabase database() const { return QSqlDatabase::database(m_name, false); }

    std::string m_file;
    QString m_name;
};

}  // namespace headgate
