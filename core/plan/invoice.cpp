#include "core/plan/invoice.h"

#include <cmath>
#include <cstdlib>
#include <tuple>

namespace headgate {

namespace {

constexpr std::int64_t secondsPerHour = 3600;
constexpr std::int64_t bytesPerGigabyte = 1'000'000'000;
constexpr std::int64_t millionthsPerCent = 10'000;

std::int64_t unitOf(InvoiceItem item)
{
    return item == InvoiceItem::NodeTime ? secondsPerHour : bytesPerGigabyte;
}

std::int64_t millionthsOf(double price)
{
    return std::llround(price * 1e6);
}

// quantity * price / unit, half a cent rounded up. Whole units and the rest are taken apart, so that nothing overflows
// below 10^16 bytes or 10^12 seconds at the highest price.
std::int64_t centsOf(std::int64_t quantity, std::int64_t unit, std::int64_t price)
{
    const std::int64_t whole = quantity / unit, rest = quantity % unit;
    const std::int64_t cents = price / millionthsPerCent, millionths = price % millionthsPerCent;
    const std::int64_t sum = whole * cents + whole * millionths / millionthsPerCent + cents * rest / unit;
    // What these divisions left, in millionths of a unit's share.
    const std::int64_t left =
        whole * millionths % millionthsPerCent * unit + cents * rest % unit * millionthsPerCent + millionths * rest;
    const std::int64_t cent = millionthsPerCent * unit;
    return sum + left / cent + (2 * (left % cent) >= cent ? 1 : 0);
}

std::string decimals(std::int64_t value, std::int64_t scale, std::size_t least)
{
    std::string fraction = std::to_string(scale + std::abs(value) % scale).substr(1);
    while (fraction.size() > least && fraction.back() == '0')
        fraction.pop_back();
    return (value < 0 ? "-" : "") + std::to_string(std::abs(value) / scale) + (fraction.empty() ? "" : "." + fraction);
}

std::string csvField(const std::string& text)
{
    if (text.find_first_of(",\"\r\n") == std::string::npos)
        return text;
    std::string quoted = "\"";
    for (const char c : text)
        quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

void price(InvoiceLine& line, const InvoicePrices* prices)
{
    if (!prices || prices->book.currency.empty())
        return;
    if (line.item == InvoiceItem::NodeTime) {
        const auto hourly = prices->book.hourly.find(line.role);
        if (hourly == prices->book.hourly.end())
            return;
        line.priceMillionths = millionthsOf(hourly->second);
    } else {
        line.priceMillionths = millionthsOf(prices->perGigabyte);
    }
    line.currency = prices->book.currency;
    line.cents = centsOf(line.quantity, unitOf(line.item), line.priceMillionths);
}

}  // namespace

Invoice makeInvoice(const UsageReport& report, UsageQuery period, const std::map<std::string, InvoicePrices>& prices)
{
    std::map<std::tuple<std::string, InvoiceItem, std::string>, std::int64_t> quantities;
    for (const UsageRow& row : report.rows) {
        quantities[{row.deployment, InvoiceItem::NodeTime, row.role}] += row.nodeSeconds;
        quantities[{row.deployment, InvoiceItem::Delivery, {}}] += row.bytesDelivered;
    }
    Invoice invoice{period.from, period.to, {}, {}};
    for (const auto& [key, quantity] : quantities) {
        const auto& [deployment, item, role] = key;
        InvoiceLine line{deployment, item, role, quantity, 0, {}, 0};
        const auto book = prices.find(deployment);
        price(line, book == prices.end() ? nullptr : &book->second);
        if (!line.currency.empty())
            invoice.cents[line.currency] += line.cents;
        invoice.lines.push_back(std::move(line));
    }
    return invoice;
}

std::string centsText(std::int64_t cents)
{
    return decimals(cents, 100, 2);
}

std::string quantityText(const InvoiceLine& line)
{
    const std::int64_t unit = unitOf(line.item);
    const std::int64_t rest = line.quantity % unit;
    return decimals(line.quantity / unit * 1000 + (2 * rest * 1000 + unit) / (2 * unit), 1000, 0);
}

std::string priceText(std::int64_t millionths)
{
    return decimals(millionths, 1'000'000, 2);
}

std::string invoiceCsv(const Invoice& invoice)
{
    const std::string period = dayText(invoice.from) + " to " + dayText(invoice.to);
    std::string csv = "period,deployment,item,role,quantity,unit,price,currency,amount\r\n";
    for (const InvoiceLine& line : invoice.lines) {
        const bool isTime = line.item == InvoiceItem::NodeTime;
        const bool isPriced = !line.currency.empty();
        csv += period + "," + csvField(line.deployment) + "," + (isTime ? "node hours" : "delivery") + "," +
               csvField(line.role) + "," + quantityText(line) + "," + (isTime ? "h" : "GB") + "," +
               (isPriced ? priceText(line.priceMillionths) : "") + "," + line.currency + "," +
               (isPriced ? centsText(line.cents) : "") + "\r\n";
    }
    for (const auto& [currency, cents] : invoice.cents)
        csv += period + ",,total,,,,," + currency + "," + centsText(cents) + "\r\n";
    return csv;
}

}  // namespace headgate
