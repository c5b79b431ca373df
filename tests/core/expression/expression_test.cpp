#include "core/base/random.h"
#include "core/expression/evaluation.h"
#include "core/expression/metric_names.h"

#include <QtTest/QTest>

#include <array>

using namespace headgate;

namespace {

constexpr auto scale = ExpressionKind::Scale;
constexpr auto capacity = ExpressionKind::Capacity;
constexpr auto shuffle = ExpressionKind::Shuffle;

MetricTable oneNode(const std::map<std::string, double>& values)
{
    MetricTable metrics;
    for (const auto& [name, value] : values)
        metrics[name].add(value);
    return metrics;
}

// Three nodes with 10, 20 and 60 viewers.
MetricTable threeNodes()
{
    MetricTable metrics;
    for (const double viewers : {10, 20, 60})
        metrics["connections.subscriber"].add(viewers);
    return metrics;
}

// Random texts of the language, with needless blanks and parentheses.
class RandomText
{
public:
    RandomText(std::uint64_t seed, ExpressionKind kind) : m_random(seed), m_kind(kind) {}

    std::string root() { return m_kind == scale ? condition(4) : number(5); }

private:
    template <typename... Texts>
    std::string oneOf(Texts... texts)
    {
        const std::array<std::string, sizeof...(texts)> all{texts...};
        return all[m_random.below(all.size())];
    }

    std::string blank() { return oneOf("", "", " ", "\t"); }
    std::string wrapped(const std::string& text) { return "(" + blank() + text + blank() + ")"; }

    std::string condition(int depth)
    {
        if (depth == 0 || m_random.below(3) == 0)
            return number(depth) + blank() + oneOf("<", ">") + blank() + number(depth);
        if (m_random.below(4) == 0)
            return "!" + wrapped(condition(depth - 1));
        const std::string joined = condition(depth - 1) + blank() + oneOf("&&", "||") + blank() + condition(depth - 1);
        return m_random.below(2) == 0 ? joined : wrapped(joined);
    }

    std::string number(int depth)
    {
        if (depth == 0 || m_random.below(4) == 0)
            return leaf();
        if (m_random.below(6) == 0)
            return "-" + blank() + wrapped(number(depth - 1));
        if (m_kind != scale && m_random.below(6) == 0)
            return oneOf("min", "max") + wrapped(number(depth - 1) + "," + blank() + number(depth - 1));
        const std::string joined =
            number(depth - 1) + blank() + oneOf("+", "-", "*", "/") + blank() + number(depth - 1);
        return m_random.below(2) == 0 ? joined : wrapped(joined);
    }

    std::string leaf()
    {
        if (m_random.below(2) == 0)
            return oneOf("0", "20", "0.75", ".5", "1e3", "2.5e-7", "123456789012");
        const std::string name = m_kind == shuffle ? "nodeCount" : oneOf("cpu.process.load", "connections.client");
        return m_kind == scale ? oneOf("avg", "count", "min", "max", "sum") + blank() + wrapped(name) : name;
    }

    Random m_random;
    ExpressionKind m_kind;
};

}  // namespace

Q_DECLARE_METATYPE(MetricTable)

class ExpressionTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void numbersComeOutAsStreamManagerSays_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<MetricTable>("metrics");
        QTest::addColumn<double>("value");
        QTest::addColumn<int>("whole");
        const MetricTable node = oneNode({{"cpu.system.load", 0.43},
                                          {"cpu.process.load", 0.0586},
                                          {"memory.system.committedvirtual", 2479390720},
                                          {"disk.freeswap", 11859357696}});
        const auto row = [&](const char* text, double value, int whole) {
            QTest::newRow(text) << QString(text) << node << value << whole;
        };
        row("2.12", 2.12, 2);
        row("(5-3.14159)*2", (5 - 3.14159) * 2, 3);
        row("cpu.system.load*10", 0.43 * 10, 4);
        row("cpu.system.load*10+cpu.process.load*20", 0.43 * 10 + 0.0586 * 20, 5);
        row("cpu.system.load*10+cpu.process.load*20+27.93*(memory.system.committedvirtual/(1024*1024*1024)"
            "+disk.freeswap/(20*1024*1024*1024))",
            0.43 * 10 + 0.0586 * 20 + 27.93 * (2479390720. / 1073741824 + 11859357696. / (20 * 1073741824.)), 85);
        row("20 + 5", 25, 25);
        row("-7/2", -3.5, -3);
        row("2 - 3 - 4", -5, -5);
        row("8/4/2", 1, 1);
        row("2 + 3 * 4", 14, 14);
        row("- -3", 3, 3);
        row("max(cpu.system.load, 1) * min(3, 2)", 2, 2);
        row("1e12", 1e12, 2147483647);
        row("-1e12", -1e12, -2147483647 - 1);
    }

    void numbersComeOutAsStreamManagerSays()
    {
        QFETCH(QString, text);
        QFETCH(MetricTable, metrics);
        QFETCH(double, value);
        QFETCH(int, whole);
        const auto expression = Expression::parse(text.toStdString(), capacity);
        QVERIFY2(expression.has_value(), expression ? "" : expression.error().message.c_str());
        const auto result = valueOf(*expression, metrics);
        QVERIFY(result.has_value());
        QCOMPARE(*result, value);
        QCOMPARE(truncated(*result), whole);
    }

    void shufflesAreOfSoManyNodes()
    {
        const auto shuffled = [](const char* text, double nodes) {
            return truncated(
                valueOf(Expression::parse(text, shuffle).value(), oneNode({{"nodeCount", nodes}})).value());
        };
        QCOMPARE(shuffled("nodeCount*0.1", 30), 3);
        QCOMPARE(shuffled("min(nodeCount*0.1, 5)", 30), 3);
        QCOMPARE(shuffled("min(nodeCount*0.1, 5)", 100), 5);
        QCOMPARE(shuffled("max(nodeCount*0.1, 2)", 10), 2);
    }

    void conditionsAreOverAllNodes_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("holds");
        const auto row = [](const char* text, bool holds) { QTest::newRow(text) << QString(text) << holds; };
        row("avg(connections.subscriber) > 29", true);
        row("avg(connections.subscriber) > 30", false);
        row("avg(connections.subscriber) < 30", false);
        row("(avg(connections.subscriber) < 200 - 60)", true);
        row("sum(connections.subscriber) > 89", true);
        row("min(connections.subscriber) < 11 && max(connections.subscriber) > 59", true);
        row("count(connections.subscriber) > 3", false);
        row("!(count(connections.subscriber) > 3)", true);
        row("1 > 2 || 2 > 1 && 1 > 2", false);
        row("(1 > 2 || 2 > 1) && 1 < 2", true);
        row("!(1 > 2) && !!(2 > 1)", true);
    }

    void conditionsAreOverAllNodes()
    {
        QFETCH(QString, text);
        QFETCH(bool, holds);
        const auto expression = Expression::parse(text.toStdString(), scale);
        QVERIFY2(expression.has_value(), expression ? "" : expression.error().message.c_str());
        QCOMPARE(valueOf(*expression, threeNodes()).value() != 0, holds);
    }

    void whatCannotBeReadIsToldWithItsColumn_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("message");
        const auto row = [](ExpressionKind kind, const char* text, const char* message) {
            QTest::newRow(text[0] ? text : "empty") << static_cast<int>(kind) << QString(text) << QString(message);
        };
        row(scale, "", "Column 1: a number, a name or \"(\" is expected, and the expression ends.");
        row(scale, "avg(connections.publisher)", "Column 1: a condition is expected, and here begins a number.");
        row(capacity, "1 > 2", "Column 1: a number is expected, and here begins a condition.");
        row(scale, "avg(connections.publisher) >",
            "Column 29: a number, a name or \"(\" is expected, and the expression ends.");
        row(scale, "avg(connections.publisher) > )",
            "Column 30: a number, a name or \"(\" is expected, and there is \")\".");
        row(scale, "avg(connections.publisher) >= 15", "Column 28: there are no comparisons with \"=\".");
        row(scale, "avg(connections.publisher) == 15", "Column 28: there are no comparisons with \"=\".");
        row(scale, "1 < 2 < 3", "Column 7: comparisons cannot be chained.");
        row(scale, "1 < 2 & 2 < 3", "Column 7: \"&\" stands alone.");
        row(scale, "1 < (2 > 1)", "Column 6: a number is expected, and here begins a condition.");
        row(scale, "1 < 2 && 3", "Column 10: a condition is expected, and here begins a number.");
        row(scale, "!5 > 3", "Column 2: a condition is expected, and here begins a number.");
        row(scale, "connections.publisher > 15",
            "Column 1: the metric connections.publisher has a figure for each node.");
        row(scale, "avg(5) > 3", "Column 5: the name of a metric is expected, and there is \"5\".");
        row(scale, "avg(connections.publisher > 15", "Column 27: \")\" is expected, and there is \">\".");
        row(scale, "median(connections.publisher) > 1", "Column 1: there is no function median here.");
        row(scale, "avg > 1", "Column 5: \"(\" is expected after avg, and there is \">\".");
        row(capacity, "avg(connections.publisher)", "Column 1: there is no function avg here.");
        row(capacity, "min(1)", "Column 6: \",\" is expected, and there is \")\".");
        row(capacity, "(1 + 2", "Column 7: \")\" is expected, and the expression ends.");
        row(capacity, "1 2", "Column 3: an operator is expected, and there is \"2\".");
        row(capacity, "1 + $", "Column 5: \"$\" has no meaning in an expression.");
        row(capacity, "1.2.3", "Column 1: this is no number.");
        row(capacity, "1e999", "Column 1: this number is out of range.");
        row(shuffle, "connections.client", "Column 1: nodeCount is expected, and there is \"connections.client\".");
    }

    void whatCannotBeReadIsToldWithItsColumn()
    {
        QFETCH(int, kind);
        QFETCH(QString, text);
        QFETCH(QString, message);
        const auto expression = Expression::parse(text.toStdString(), static_cast<ExpressionKind>(kind));
        QVERIFY(!expression.has_value());
        QCOMPARE(QString::fromStdString(expression.error().message), message);
        QVERIFY(expression.error().code == ErrorCode::InvalidArgument);
    }

    void lengthDepthAndPartsHaveLimits()
    {
        const auto message = [](const std::string& text) {
            const auto expression = Expression::parse(text, capacity);
            return expression ? std::string() : expression.error().message;
        };
        const auto nested = [](int depth) { return std::string(depth, '(') + "1" + std::string(depth, ')'); };
        const auto joined = [](int parts) {
            std::string text = "1";
            for (int i = 1; i < parts; ++i)
                text += "+1";
            return text;
        };
        QCOMPARE(message(std::string(4095, ' ') + "1"), std::string());
        QCOMPARE(message(std::string(4096, ' ') + "1"),
                 std::string("Column 4097: the expression goes on; 4096 characters are the most."));
        QCOMPARE(message(nested(63)), std::string());
        QCOMPARE(message(nested(64)), std::string("Column 65: the expression is nested deeper than 64."));
        QCOMPARE(message(std::string(70, '-') + "1"),
                 std::string("Column 65: the expression is nested deeper than 64."));
        QCOMPARE(message(joined(256)), std::string());
        QVERIFY(message(joined(257)).ends_with("the expression has more than 512 parts."));
    }

    void metricsThatNobodyKnowsAreToldWithWhatWasMeant()
    {
        const auto check = [](const char* text, ExpressionKind kind) {
            const auto sound = checkMetrics(Expression::parse(text, kind).value());
            return sound ? std::string() : sound.error().message + " " + sound.error().remedy;
        };
        QCOMPARE(check("avg(connections.subscriber) > 1", scale), std::string());
        QCOMPARE(check("network.egress10 + network.ingress3", capacity), std::string());
        QCOMPARE(check("nodeCount", shuffle), std::string());
        QCOMPARE(check("1 < avg(connections.subscribers)", scale),
                 std::string("Column 9: there is no metric connections.subscribers. "
                             "Did you mean connections.subscriber?"));
        QCOMPARE(check("2 * nodeCount", capacity), std::string("Column 5: there is no metric nodeCount. "));
        QVERIFY(!isMetricName("network.egressx"));
        QVERIFY(!isMetricName("network.egress100"));
        QVERIFY(isMetricName("cpu.loadavg.15min"));
    }

    void whatHasNoValueIsNoDecision_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("message");
        const auto row = [](const char* text, const char* message) {
            QTest::newRow(text) << QString(text) << QString(message);
        };
        row("1 / 0 > 1", "Something is divided by zero.");
        row("avg(cpu.system.load) > 0.5", "There is no figure of cpu.system.load.");
        row("sum(cpu.system.load) > 0.5", "There is no figure of cpu.system.load.");
        row("avg(connections.client) > 0.5", "There is no figure of connections.client.");
        row("1e300 * 1e300 > 1", "A product is no finite number.");
        row("1e308 + 1e308 > 1", "A sum is no finite number.");
        row("1 > 2 || 1 / 0 > 1", "Something is divided by zero.");
        row("sum(connections.client) > 1", "");
        row("count(connections.client) > 1", "");
        row("1 > 2 && 1 / 0 > 1", "");
        row("2 > 1 || 1 / 0 > 1", "");
    }

    void whatHasNoValueIsNoDecision()
    {
        QFETCH(QString, text);
        QFETCH(QString, message);
        MetricTable metrics = threeNodes();
        metrics["connections.client"];  // of no node
        const auto value = valueOf(Expression::parse(text.toStdString(), scale).value(), metrics);
        QCOMPARE(value ? QString() : QString::fromStdString(value.error().message), message);
    }

    void everyEvaluationIsShownWithItsValues_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("shown");
        const auto row = [](const char* text, const char* shown) {
            QTest::newRow(text) << QString(text) << QString(shown);
        };
        row("avg(connections.subscriber) > 0.8*2000", "avg(connections.subscriber) 30 > 0.8 * 2,000 -> false");
        row("(sum(connections.subscriber)/7>12.5)", "sum(connections.subscriber) 90 / 7 > 12.5 -> true");
        row("max(network.egress) > 1 && avg(cpu.system.load) < 0.5",
            "max(network.egress) 1,234,567.891 > 1 && avg(cpu.system.load) ? < 0.5 -> nothing: "
            "There is no figure of cpu.system.load.");
        row("-(1 - 2) < 0.0001 || !(1 > 2)", "-(1 - 2) < 1e-04 || !(1 > 2) -> true");
    }

    void everyEvaluationIsShownWithItsValues()
    {
        QFETCH(QString, text);
        QFETCH(QString, shown);
        MetricTable metrics = threeNodes();
        metrics["network.egress"].add(1234567.8912);
        QCOMPARE(QString::fromStdString(explain(Expression::parse(text.toStdString(), scale).value(), metrics)), shown);
    }

    void whatIsWrittenReadsAsTheSame()
    {
        const MetricTable metrics =
            oneNode({{"cpu.process.load", 0.25}, {"connections.client", 17}, {"nodeCount", 12}});
        int different = 0;
        for (const ExpressionKind kind : {scale, capacity, shuffle}) {
            for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
                const std::string text = RandomText(seed, kind).root();
                const auto expression = Expression::parse(text, kind);
                if (!expression) {  // random ones may be too long
                    QVERIFY2(expression.error().message.ends_with("more than 512 parts."), text.c_str());
                    continue;
                }
                const auto again = Expression::parse(expression->text(), kind);
                QVERIFY2(again && *again == *expression, text.c_str());
                QCOMPARE(again->text(), expression->text());
                QVERIFY(valueOf(*again, metrics) == valueOf(*expression, metrics));
                different += expression->text() != text ? 1 : 0;
            }
        }
        QVERIFY(different > 4000);
    }
};

QTEST_APPLESS_MAIN(ExpressionTest)
#include "expression_test.moc"
