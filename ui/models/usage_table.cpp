#include "ui/models/usage_table.h"

#include "ui/format.h"
#include "ui/models/cells.h"

#include <QCoreApplication>
#include <QLocale>
#include <QStringList>

namespace headgate::rows {

namespace {

constexpr double secondsPerHour = 3600;
constexpr double bytesPerGigabyte = 1e9;

QString words(const char* source)
{
    return QCoreApplication::translate("rows", source);
}

// A plain decimal number with separators between thousands.
QString grouped(const std::string& number)
{
    const auto point = number.find('.');
    const QString whole =
        QLocale(QLocale::English).toString(static_cast<qlonglong>(std::stoll(number.substr(0, point))));
    return point == std::string::npos ? whole : whole + format::text(number.substr(point));
}

Cell sumCell(const QString& shown, std::int64_t value)
{
    return figure(shown, static_cast<qlonglong>(value));
}

}  // namespace

QString hours(std::int64_t nodeSeconds)
{
    return grouped(quantityText({{}, InvoiceItem::NodeTime, {}, nodeSeconds, 0, {}, 0}));
}

QString gigabytes(std::int64_t bytes)
{
    return grouped(quantityText({{}, InvoiceItem::Delivery, {}, bytes, 0, {}, 0}));
}

QString deploymentOf(const std::string& name)
{
    return name.empty() ? words("in no deployment") : format::text(name);
}

QString amount(std::int64_t cents, const std::string& currency)
{
    return format::text(currency) + QLatin1Char(' ') + grouped(centsText(cents));
}

QString itemWords(const InvoiceLine& line)
{
    return line.item == InvoiceItem::NodeTime ? words("Node hours, %1").arg(format::text(line.role))
                                              : words("Delivered to viewers");
}

std::vector<TableColumn> usageColumns()
{
    return {{words("Day (UTC)"), 110},
            {words("Deployment"), 160, ColumnAlign::Left, true},
            {words("Role"), 90},
            {words("Instance type"), 110, ColumnAlign::Left, false, 1},
            {words("Node hours"), 100, ColumnAlign::Right},
            {words("GB delivered"), 110, ColumnAlign::Right},
            {words("GB out"), 90, ColumnAlign::Right, false, 1},
            {words("GB in"), 90, ColumnAlign::Right, false, 2}};
}

std::vector<TableRow> usage(const UsageReport& report)
{
    std::vector<TableRow> rows;
    for (auto it = report.rows.rbegin(); it != report.rows.rend(); ++it) {
        TableRow row;
        const QString day = format::text(dayText(it->day));
        row.key =
            QStringList{day, format::text(it->deployment), format::text(it->role), format::text(it->instanceType)}.join(
                QLatin1Char('\n'));
        row.cells = {plain(day, TextTone::Primary),
                     plain(deploymentOf(it->deployment)),
                     plain(format::text(it->role)),
                     plain(it->instanceType.empty() ? format::unknown() : format::text(it->instanceType)),
                     sumCell(hours(it->nodeSeconds), it->nodeSeconds),
                     sumCell(gigabytes(it->bytesDelivered), it->bytesDelivered),
                     sumCell(gigabytes(it->bytesOut), it->bytesOut),
                     sumCell(gigabytes(it->bytesIn), it->bytesIn)};
        row.facets = {QStringLiteral("deployment:") + deploymentOf(it->deployment),
                      QStringLiteral("role:") + format::text(it->role)};
        rows.push_back(std::move(row));
    }
    return rows;
}

std::map<std::string, UsageDays> usageByDeployment(const UsageReport& report)
{
    std::map<std::string, UsageDays> sums;
    for (const UsageRow& row : report.rows) {
        sums[row.deployment].hours[row.day] += static_cast<double>(row.nodeSeconds) / secondsPerHour;
        sums[row.deployment].gigabytes[row.day] += static_cast<double>(row.bytesDelivered) / bytesPerGigabyte;
    }
    return sums;
}

std::map<std::string, InvoicePrices> pricesOf(const Snapshot& snapshot, double perGigabyte)
{
    std::map<std::string, InvoicePrices> prices;
    for (const DeploymentStatus& status : snapshot.deployments) {
        const PriceBook& book = status.stored.deployment.prices;
        prices[status.stored.deployment.name] = {book, book.perGigabyte > 0 ? book.perGigabyte : perGigabyte};
    }
    return prices;
}

}  // namespace headgate::rows
