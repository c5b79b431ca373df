#include "core/plane/ctl/usage.h"

#include "core/plan/invoice.h"
#include "core/plane/ctl/answer.h"
#include "core/plane/ctl/table.h"
#include "core/wire/native_codec.h"
#include "core/wire/usage_document.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <ostream>

namespace headgate::ctl {
namespace {

using native::Route;
using nlohmann::json;

// This month up to today, unless the command line says otherwise.
Outcome<UsageQuery> periodOf(const Arguments& arguments)
{
    const UsageDay today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    const std::chrono::year_month_day date(today);
    UsageQuery period{UsageDay(date.year() / date.month() / 1), today};
    for (const auto& [option, day] : {std::pair("from", &period.from), std::pair("to", &period.to)}) {
        const auto text = arguments.value(option);
        const auto parsed = text ? dayFromText(*text) : std::optional(*day);
        if (!parsed)
            return wrongUsage("--" + std::string(option) + " " + *text + " is no day.", "Write it like 2027-06-26.");
        *day = *parsed;
    }
    return period;
}

// Out of the snapshot, which has all deployments that one may see.
Outcome<std::map<std::string, InvoicePrices>> pricesOf(Session& session, std::optional<double> perGigabyte)
{
    const auto body = session.get(native::callTo(Route::ReadSnapshot));
    if (!body)
        return tl::unexpected(body.error());
    const auto snapshot = native::snapshotFromJson(*body);
    if (!snapshot)
        return tl::unexpected(Failure{ExitStatus::Refused, snapshot.error()});
    std::map<std::string, InvoicePrices> prices;
    for (const DeploymentStatus& status : snapshot->deployments) {
        const PriceBook& book = status.stored.deployment.prices;
        prices[status.stored.deployment.name] = {book, perGigabyte.value_or(book.perGigabyte)};
    }
    return prices;
}

// In place of what the deployments say.
Outcome<std::optional<double>> perGigabyteOf(const Arguments& arguments)
{
    const auto text = arguments.value("per-gigabyte");
    if (!text)
        return std::optional<double>();
    double price = 0;
    const char* const end = text->data() + text->size();
    const auto parsed = std::from_chars(text->data(), end, price);
    const bool isPrice =
        parsed.ec == std::errc() && parsed.ptr == end && std::isfinite(price) && price >= 0 && price <= 1e6;
    if (isPrice)
        return std::optional(price);
    return wrongUsage("--per-gigabyte " + *text + " is no price.", "Write it like 0.035.");
}

std::string gigabytesText(std::int64_t bytes)
{
    return quantityText({{}, InvoiceItem::Delivery, {}, bytes, 0, {}, 0});
}

}  // namespace

Outcome<void> runUsage(Session& session, const Desk& desk)
{
    const auto period = periodOf(desk.arguments);
    if (!period)
        return tl::unexpected(period.error());
    const auto body = session.get(native::callFor(*period));
    const auto report = body ? native::usageReportFromJson(*body) : Result<UsageReport>();
    if (!body || !report)
        return tl::unexpected(body ? Failure{ExitStatus::Refused, report.error()} : body.error());
    if (desk.arguments.has("invoice")) {
        const auto perGigabyte = perGigabyteOf(desk.arguments);
        if (!perGigabyte)
            return tl::unexpected(perGigabyte.error());
        const auto prices = pricesOf(session, *perGigabyte);
        if (!prices)
            return tl::unexpected(prices.error());
        desk.out << invoiceCsv(makeInvoice(*report, *period, *prices));
        return {};
    }
    TextTable table({"DAY", "DEPLOYMENT", "ROLE", "INSTANCE TYPE", "NODE HOURS", "GB IN", "GB OUT", "GB DELIVERED"});
    for (const UsageRow& row : report->rows) {
        table.addRow({dayText(row.day), row.deployment.empty() ? "(none)" : row.deployment, row.role, row.instanceType,
                      quantityText({{}, InvoiceItem::NodeTime, {}, row.nodeSeconds, 0, {}, 0}),
                      gigabytesText(row.bytesIn), gigabytesText(row.bytesOut), gigabytesText(row.bytesDelivered)});
    }
    print(desk, *body, table.text());
    return {};
}

}  // namespace headgate::ctl
