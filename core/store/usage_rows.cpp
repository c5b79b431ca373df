#include "core/store/usage_rows.h"

#include "core/store/columns.h"

#include <utility>

namespace headgate::rows {

namespace {

QVariant amount(std::int64_t value)
{
    return QVariant(static_cast<qlonglong>(value));
}

std::int64_t amountAt(const QSqlQuery& query, int column)
{
    return query.value(column).toLongLong();
}

}  // namespace

Result<TimePoint> readUsageUntil(StoreConnection& connection)
{
    auto query = run(connection, "SELECT usage_until FROM control_plane");
    if (!query)
        return tl::unexpected(query.error());
    return query->next() ? instantAt(*query, 0) : TimePoint();
}

Result<void> addUsage(StoreConnection& connection, const UsageIncrement& increment)
{
    for (const UsageRow& row : increment.rows) {
        auto added =
            change(connection,
                   "INSERT INTO usage (day, deployment, role, instance_type, node_seconds, bytes_in, "
                   "bytes_out, bytes_delivered) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (day, deployment, "
                   "role, instance_type) DO UPDATE SET node_seconds = node_seconds + excluded.node_seconds, "
                   "bytes_in = bytes_in + excluded.bytes_in, bytes_out = bytes_out + excluded.bytes_out, "
                   "bytes_delivered = bytes_delivered + excluded.bytes_delivered",
                   {text(dayText(row.day)), text(row.deployment), text(row.role), text(row.instanceType),
                    amount(row.nodeSeconds), amount(row.bytesIn), amount(row.bytesOut), amount(row.bytesDelivered)});
        if (!added)
            return added;
    }
    return change(connection, "UPDATE control_plane SET usage_until = ?", {instant(increment.until)});
}

Result<UsageReport> readUsage(StoreConnection& connection, const UsageQuery& wanted)
{
    auto until = readUsageUntil(connection);
    auto query = run(connection,
                     "SELECT day, deployment, role, instance_type, node_seconds, bytes_in, bytes_out, bytes_delivered "
                     "FROM usage WHERE day BETWEEN ? AND ? ORDER BY day, deployment, role, instance_type",
                     {text(dayText(wanted.from)), text(dayText(wanted.to))});
    if (!until || !query)
        return tl::unexpected(until ? query.error() : until.error());
    UsageReport report{{}, *until};
    while (query->next()) {
        const auto day = dayFromText(textAt(*query, 0));
        if (!day)
            return damagedRow("usage", textAt(*query, 0), {ErrorCode::Internal, "It is no day.", {}, {}});
        report.rows.push_back({*day, textAt(*query, 1), textAt(*query, 2), textAt(*query, 3), amountAt(*query, 4),
                               amountAt(*query, 5), amountAt(*query, 6), amountAt(*query, 7)});
    }
    return report;
}

}  // namespace headgate::rows
