#include "core/wire/stream_manager_metrics.h"

#include <QtTest/QTest>

using namespace headgate;
using Json = nlohmann::json;

namespace {

Json evaluated(const char* text, ExpressionKind kind)
{
    const auto evaluation = stream_manager::evaluationFromJson(Json::parse(text), kind);
    if (!evaluation)
        return {{"error", evaluation.error().message}, {"at", evaluation.error().pointer}};
    const auto result = stream_manager::resultOf(*evaluation);
    return result ? *result : Json{{"error", result.error().message}};
}

}  // namespace

class StreamManagerMetricsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void metricsAreATree()
    {
        NodeLoad load{50, 0, 1, 3, 2, 4'000'000, 8'000'500};
        load.cores = 2;
        const Json expected = Json::parse(R"([
            {"name":"connections","children":[{"name":"client","value":4},{"name":"clusterchildren","value":2},
              {"name":"publisher","value":1},{"name":"subscriber","value":3}]},
            {"name":"cpu","children":[{"name":"process","children":[{"name":"load","value":0.25}]},
              {"name":"processors","value":2}]},
            {"name":"network","children":[{"name":"egress","value":8000.5},{"name":"ingress","value":4000}]}])");
        QCOMPARE(stream_manager::metricsToJson(load).dump(), expected.dump());
    }

    void whatIsWrittenCanBeEvaluated()
    {
        NodeLoad load{50, 0, 1, 3, 2, 4'000'000, 8'000'500};
        const Json body{{"expression", "cpu.process.load + connections.client * 10"},
                        {"metrics", stream_manager::metricsToJson(load)}};
        const auto evaluation = stream_manager::evaluationFromJson(body, ExpressionKind::Capacity);
        QVERIFY(evaluation.has_value());
        QCOMPARE(stream_manager::resultOf(*evaluation).value().dump(),
                 Json::parse(R"({"doubleResult":40.5,"integerResult":40,
                     "shown":"cpu.process.load 0.5 + connections.client 4 * 10 -> 40.5"})")
                     .dump());
    }

    void metricsOfAPoolAreFigures()
    {
        const Json result = evaluated(R"({"expression":"avg(cpu.system.load) > 0.4 && max(any) < 3","metrics":{
            "cpu":{"name":"cpu","children":{"system":{"name":"system","children":{
              "load":{"name":"load","sum":1.5,"min":0.1,"max":0.9,"count":3,"children":null}}}}},
            "any":{"sum":2,"min":2,"max":2,"count":1}}})",
                                      ExpressionKind::Scale);
        QCOMPARE(result.dump(),
                 Json::parse(R"({"result":true,"shown":"avg(cpu.system.load) 0.5 > 0.4 && max(any) 2 < 3 -> true"})")
                     .dump());
    }

    void whatIsWrongIsNamed_data()
    {
        QTest::addColumn<bool>("isScale");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("answer");
        const auto row = [](const char* name, bool isScale, const char* body, const char* answer) {
            QTest::newRow(name) << isScale << QByteArray(body) << QByteArray(answer);
        };
        row("no object", true, "[]",
            R"({"at":"/expression","error":"An object with an expression and metrics is expected."})");
        row("no expression", true, R"({"metrics":{}})",
            R"({"at":"/expression","error":"An object with an expression and metrics is expected."})");
        row("a number", true, R"({"expression":"1","metrics":{}})",
            R"({"at":"/expression","error":"Column 1: a condition is expected, and here begins a number."})");
        row("no metrics", false, R"({"expression":"1"})",
            R"({"at":"/metrics","error":"A list of metrics is expected."})");
        row("no name", false, R"({"expression":"1","metrics":[{"value":1}]})",
            R"({"at":"/metrics/0","error":"A metric with a name is expected."})");
        row("a text", false, R"({"expression":"1","metrics":[{"name":"a","value":"1"}]})",
            R"({"at":"/metrics/0/value","error":"A number is expected."})");
        row("twice", false, R"({"expression":"1","metrics":[{"name":"a","value":1},{"name":"a","value":2}]})",
            R"({"at":"/metrics/1","error":"There are two metrics a."})");
        row("half a figure", true, R"({"expression":"1 < 2","metrics":{"a":{"count":1,"sum":1,"min":1}}})",
            R"({"at":"/metrics/a/max","error":"A number is expected."})");
        row("a broken count", true, R"({"expression":"1 < 2","metrics":{"a/b":{"count":-1,"sum":1,"min":1,"max":1}}})",
            R"({"at":"/metrics/a~1b/count","error":"A whole number of nodes is expected."})");
        row("nothing told", true, R"({"expression":"sum(a) < 2","metrics":{}})",
            R"({"error":"The expression has no value. There is no figure of a."})");
    }

    void whatIsWrongIsNamed()
    {
        QFETCH(bool, isScale);
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, answer);
        const Json result = evaluated(body.constData(), isScale ? ExpressionKind::Scale : ExpressionKind::Capacity);
        QCOMPARE(QByteArray::fromStdString(result.dump()), answer);
    }

    void depthAndNumberHaveLimits()
    {
        std::string deep = R"([{"name":"z","value":1}])";
        for (int i = 0; i < 8; ++i)
            deep = R"([{"name":"a","children":)" + deep + "}]";
        const std::string tooDeep = R"({"expression":"1","metrics":)" + deep + "}";
        QVERIFY(evaluated(tooDeep.c_str(), ExpressionKind::Capacity)["error"] == "Metrics are nested deeper than 8.");
        Json many = Json::array();
        for (int i = 0; i < 1001; ++i)
            many.push_back({{"name", "m" + std::to_string(i)}, {"value", i}});
        const Json tooMany{{"expression", "1"}, {"metrics", many}};
        QVERIFY(evaluated(tooMany.dump().c_str(), ExpressionKind::Capacity)["at"] == "/metrics/1000");
    }
};

QTEST_APPLESS_MAIN(StreamManagerMetricsTest)
#include "stream_manager_metrics_test.moc"
