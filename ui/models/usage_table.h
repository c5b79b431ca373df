#pragma once

#include "core/domain/snapshot.h"
#include "core/plan/invoice.h"
#include "ui/models/cell.h"

#include <QByteArray>
#include <QString>

#include <map>
#include <string>
#include <vector>

// Usage and invoices as rows, words and pages.
namespace headgate::rows {

QString hours(std::int64_t nodeSeconds);  // "1,234.5"
QString gigabytes(std::int64_t bytes);
QString deploymentOf(const std::string& name);                    // "in no deployment" if there is none
QString amount(std::int64_t cents, const std::string& currency);  // "EUR 1,234.50"
QString itemWords(const InvoiceLine& line);                       // "Node hours, edge"

std::vector<TableColumn> usageColumns();
// A row for each day, deployment and role, the newest day first.
std::vector<TableRow> usage(const UsageReport& report);

// Of a deployment a day's sums, for charts.
struct UsageDays
{
    std::map<UsageDay, double> hours;
    std::map<UsageDay, double> gigabytes;
};
std::map<std::string, UsageDays> usageByDeployment(const UsageReport& report);

std::map<std::string, InvoicePrices> pricesOf(const Snapshot& snapshot, double perGigabyte);

// The invoice as A4 pages.
QByteArray invoicePdf(const Invoice& invoice, const QString& cluster);

}  // namespace headgate::rows
