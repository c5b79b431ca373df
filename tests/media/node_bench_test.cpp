#include "core/media/bench/node_bench.h"

#include <QTest>

using namespace headgate;
using namespace headgate::bench;

class NodeBenchTest : public QObject
{
    Q_OBJECT

private:
    static NodeBenchOptions options()
    {
        NodeBenchOptions options;
        options.nodeProgram = qEnvironmentVariable("HEADGATE_BIN_DIR").toStdString() + "/headgate-node";
        options.kilobitsPerSecond = 100;
        options.longest = Duration(20'000);
        return options;
    }

private Q_SLOTS:
    // How many it carries is the machine's business; that the figures fit together is not.
    void itMeasuresARealNode()
    {
        const std::atomic<bool> isCancelled = false;
        double share = 0;
        bool isOrdered = true;
        const auto result = benchNode(
            options(),
            [&](const NodeBenchProgress& progress) {
                isOrdered = isOrdered && progress.share >= share;
                share = progress.share;
            },
            isCancelled);
        QVERIFY2(result.has_value() || result.error().code == ErrorCode::Unavailable, "");
        QVERIFY(isOrdered);
        if (!result) {
            QVERIFY(!result.error().remedy.empty());
            return;
        }
        int carried = 0;
        for (const BenchStep& step : result->steps)
            carried = step.isCarried ? std::max(carried, step.viewers) : carried;
        QCOMPARE(result->measurement.viewersPerCore, carried);
        QCOMPARE(result->measurement.streamBitsPerSecond, std::int64_t(100'000));
        QVERIFY(result->measurement.bitsOutPerSecond > 0 && !result->measurement.machine.empty());
        QVERIFY(validate(result->measurement).empty());
    }

    void itEndsWhenItIsCancelled()
    {
        std::atomic<bool> isCancelled = false;
        const auto result = benchNode(
            options(), [&](const NodeBenchProgress& progress) { isCancelled = progress.viewers > 0; }, isCancelled);
        QVERIFY(!result.has_value());
        QCOMPARE(result.error().message, std::string("The measurement was cancelled."));
    }

    void aProgramThatIsNotThereIsNamed()
    {
        NodeBenchOptions wrong = options();
        wrong.nodeProgram = "/nonexistent/headgate-node";
        const std::atomic<bool> isCancelled = false;
        const auto result = benchNode(
            wrong, [](const NodeBenchProgress&) {}, isCancelled);
        QCOMPARE(result.error().code, ErrorCode::Unavailable);
        QVERIFY(result.error().message.find("/nonexistent/headgate-node") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(NodeBenchTest)
#include "node_bench_test.moc"
