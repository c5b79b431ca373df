#pragma once

#include "core/domain/deployment.h"
#include "core/domain/usage.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace headgate {

enum class InvoiceItem
{
    NodeTime,  // of one role; quantity in seconds, price of an hour
    Delivery   // to viewers; quantity in bytes, price of 10^9
};

struct InvoiceLine
{
    std::string deployment;
    InvoiceItem item = InvoiceItem::NodeTime;
    std::string role;  // of node time
    std::int64_t quantity = 0;
    std::int64_t priceMillionths = 0;  // of the currency
    std::string currency;              // "": the deployment has no price for it
    std::int64_t cents = 0;            // hundredths of the currency, half a cent is rounded up

    bool operator==(const InvoiceLine&) const = default;
};

// Of one deployment.
struct InvoicePrices
{
    PriceBook book;
    double perGigabyte = 0;  // of 10^9 bytes to viewers, in the book's currency
};

// What usage costs, in integers: the totals are the sums of the lines as they are shown.
struct Invoice
{
    UsageDay from;
    UsageDay to;
    std::vector<InvoiceLine> lines;             // by deployment, node time by role first
    std::map<std::string, std::int64_t> cents;  // by currency

    bool operator==(const Invoice&) const = default;
};

// `prices` by deployment. What has no price is a line without a currency and counts nothing.
Invoice makeInvoice(const UsageReport& report, UsageQuery period, const std::map<std::string, InvoicePrices>& prices);

// "12.05"; "-" stands before what is negative.
std::string centsText(std::int64_t cents);

// "1234.5": hours or gigabytes with at most three decimals, half of the last one rounded up; "0.35": as many as the
// price has, two at least.
std::string quantityText(const InvoiceLine& line);
std::string priceText(std::int64_t millionths);

// RFC 4180 with a heading: period,deployment,item,role,quantity,unit,price,currency,amount; then a line for each total.
std::string invoiceCsv(const Invoice& invoice);

}  // namespace headgate
