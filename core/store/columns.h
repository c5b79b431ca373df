#pragma once

#include "core/base/time.h"
#include "core/domain/object_origin.h"
#include "core/store/connection.h"
#include "core/wire/native_codec.h"

#include <QVariant>

#include <string>
#include <string_view>

// Values to columns and back, for the tables.
namespace headgate::rows {

inline QVariant text(std::string_view value)
{
    // An empty std::string_view may have a null pointer, which would be stored as NULL.
    return value.empty() ? QVariant(QStringLiteral(""))
                         : QVariant(QString::fromUtf8(value.data(), static_cast<qsizetype>(value.size())));
}

inline QVariant number(std::uint64_t value)
{
    return QVariant(static_cast<qlonglong>(value));
}

inline QVariant instant(TimePoint at)
{
    return QVariant(static_cast<qlonglong>(toEpochMs(at)));
}

inline std::string textAt(const QSqlQuery& query, int column)
{
    return query.value(column).toString().toStdString();
}

inline std::uint64_t numberAt(const QSqlQuery& query, int column)
{
    return static_cast<std::uint64_t>(query.value(column).toLongLong());
}

inline TimePoint instantAt(const QSqlQuery& query, int column)
{
    return fromEpochMs(query.value(column).toLongLong());
}

// Two columns, "uid, created_by".
inline ObjectOrigin originAt(const QSqlQuery& query, int column)
{
    return {textAt(query, column), textAt(query, column + 1)};
}

Result<QSqlQuery> run(StoreConnection& connection, const char* statement, const QVariantList& values = {});
Result<void> change(StoreConnection& connection, const char* statement, const QVariantList& values);

// A document that does not decode was not written by us in this form: the row is named, nothing is guessed.
tl::unexpected<Error> damagedRow(const std::string& table, const std::string& key, const Error& cause);

template <typename Decode>
auto decode(const std::string& document, Decode fromJson) -> decltype(fromJson(native::Json()))
{
    const Result<native::Json> json = native::parse(document);
    if (!json)
        return tl::unexpected(json.error());
    return fromJson(*json);
}

}  // namespace headgate::rows
