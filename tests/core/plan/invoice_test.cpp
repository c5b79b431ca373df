#include "core/plan/invoice.h"

#include <QtTest/QTest>

using namespace headgate;

namespace {

const UsageDay first = std::chrono::year(2027) / 6 / 1;
const UsageQuery june{first, first + std::chrono::days(29)};

UsageRow row(int day, const std::string& deployment, const std::string& role, std::int64_t seconds, std::int64_t bytes)
{
    return {first + std::chrono::days(day), deployment, role, {}, seconds, 0, bytes, bytes};
}

std::int64_t centsOfOne(std::int64_t seconds, double price)
{
    const InvoicePrices book{{"EUR", {{"edge", price}}}, 0};
    return makeInvoice({{row(0, "d", "edge", seconds, 0)}, {}}, june, {{"d", book}}).cents.at("EUR");
}

}  // namespace

class InvoiceTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void daysAddUpToALine()
    {
        const InvoicePrices book{{"EUR", {{"edge", 0.40}, {"origin", 1.25}}}, 0.02};
        const Invoice invoice =
            makeInvoice({{row(0, "shop", "edge", 3600, 1'000'000'000), row(1, "shop", "edge", 7200, 0),
                          row(1, "shop", "origin", 1800, 2'500'000'000)},
                         {}},
                        june, {{"shop", book}});
        QCOMPARE(invoice.lines.size(), std::size_t(3));
        QCOMPARE(invoice.lines[0].cents, std::int64_t(120));
        QCOMPARE(quantityText(invoice.lines[0]), std::string("3"));
        QCOMPARE(invoice.lines[1].cents, std::int64_t(63));  // 62.5
        QCOMPARE(quantityText(invoice.lines[1]), std::string("0.5"));
        QVERIFY(invoice.lines[2].item == InvoiceItem::Delivery);
        QCOMPARE(quantityText(invoice.lines[2]), std::string("3.5"));
        QCOMPARE(invoice.lines[2].cents, std::int64_t(7));
        QCOMPARE(invoice.cents.at("EUR"), std::int64_t(190));
    }

    void halfACentIsRoundedUpAndLessIsNot()
    {
        QCOMPARE(centsOfOne(1800, 0.01), std::int64_t(1));  // 0.5
        QCOMPARE(centsOfOne(1799, 0.01), std::int64_t(0));
        QCOMPARE(centsOfOne(3 * 1800, 0.01), std::int64_t(2));  // 1.5
        QCOMPARE(centsOfOne(5 * 1800, 0.01), std::int64_t(3));  // 2.5: not to the even one
        QCOMPARE(centsOfOne(0, 5), std::int64_t(0));
    }

    void nothingOverflows()
    {
        QCOMPARE(centsOfOne(1'000'000'000LL * 3600, 1e6), std::int64_t(100'000'000'000'000'000));
        const InvoicePrices book{{"EUR", {}}, 0.035};
        const Invoice invoice = makeInvoice({{row(0, "d", "edge", 0, 9'999'999'999'999'999)}, {}}, june, {{"d", book}});
        QCOMPARE(invoice.cents.at("EUR"), std::int64_t(35'000'000));
    }

    // Against a sum of products in one piece, where that fits.
    void manyFiguresAreRight()
    {
        std::uint64_t state = 1;
        const auto next = [&state](std::uint64_t below) {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL;
            return static_cast<std::int64_t>((state >> 20) % below);
        };
        for (int i = 0; i < 20'000; ++i) {
            const std::int64_t seconds = next(100'000'000), millionths = next(10'000'000);
            const std::int64_t exact = (2 * seconds * millionths + 36'000'000) / 72'000'000;
            QCOMPARE(centsOfOne(seconds, static_cast<double>(millionths) / 1e6), exact);
        }
    }

    void totalsAreTheSumsOfWhatIsShown()
    {
        std::vector<UsageRow> rows;
        std::map<std::string, InvoicePrices> prices;
        for (int i = 0; i < 50; ++i) {
            const std::string name = "d" + std::to_string(i);
            rows.push_back(row(i % 30, name, "edge", 1801 + i * 977, 333'333'333LL * i));
            prices[name] = {{i % 2 == 0 ? "EUR" : "USD", {{"edge", 0.013}}}, 0.0071};
        }
        const Invoice invoice = makeInvoice({rows, {}}, june, prices);
        std::map<std::string, std::int64_t> sums;
        for (const InvoiceLine& line : invoice.lines)
            sums[line.currency] += line.cents;
        QVERIFY(sums == invoice.cents);
        QCOMPARE(sums.size(), std::size_t(2));
    }

    void whatHasNoPriceCountsNothing()
    {
        const InvoicePrices book{{"EUR", {{"edge", 1}}}, 0};
        const Invoice invoice =
            makeInvoice({{row(0, "", "edge", 3600, 0), row(0, "d", "relay", 3600, 0)}, {}}, june, {{"d", book}});
        QCOMPARE(invoice.lines.size(), std::size_t(4));
        QVERIFY(invoice.lines[0].currency.empty() && invoice.lines[1].currency.empty());
        QVERIFY(invoice.lines[2].role == "relay" && invoice.lines[2].currency.empty());
        QCOMPARE(invoice.cents.at("EUR"), std::int64_t(0));
    }

    void csvIsReadableByOthers()
    {
        const InvoicePrices book{{"EUR", {{"edge", 0.4}}}, 0.02};
        const Invoice invoice =
            makeInvoice({{row(0, "a, \"b\"", "edge", 5400, 1'500'000'000)}, {}}, june, {{"a, \"b\"", book}});
        QCOMPARE(invoiceCsv(invoice),
                 std::string("period,deployment,item,role,quantity,unit,price,currency,amount\r\n"
                             "2027-06-01 to 2027-06-30,\"a, \"\"b\"\"\",node hours,edge,1.5,h,0.40,EUR,0.60\r\n"
                             "2027-06-01 to 2027-06-30,\"a, \"\"b\"\"\",delivery,,1.5,GB,0.02,EUR,0.03\r\n"
                             "2027-06-01 to 2027-06-30,,total,,,,,EUR,0.63\r\n"));
    }
};

QTEST_APPLESS_MAIN(InvoiceTest)
#include "invoice_test.moc"
