#include "app/node_measurement.h"

#include "core/media/bench/node_bench.h"

#include <QCoreApplication>

#include <atomic>
#include <chrono>
#include <thread>

namespace headgate {

namespace {

class BenchRun final : public NodeMeasurement
{
public:
    BenchRun() : m_program(QCoreApplication::applicationDirPath().toStdString() + "/headgate-node")
    {
        m_thread = std::thread([this] { run(); });
    }
    ~BenchRun() override
    {
        m_isCancelled = true;
        m_thread.join();
    }

private:
    void run()
    {
        bench::NodeBenchOptions options;
        options.nodeProgram = m_program;
        auto result = bench::benchNode(
            options,
            [this](const bench::NodeBenchProgress& progress) {
                post([this, share = progress.share, viewers = progress.viewers] { Q_EMIT progressed(share, viewers); });
            },
            m_isCancelled);
        if (!result)
            return post([this, error = result.error()] { Q_EMIT failed(error); });
        if (result->limit == bench::BenchLimit::Machine)
            return post([this] {
                Q_EMIT failed(Error{ErrorCode::Unavailable,
                                    "Other work kept the processors busy, so nothing was measured.",
                                    "Measure again on a quiet machine.",
                                    {}});
            });
        CapacityMeasurement& found = result->measurement;
        found.measuredAt = std::chrono::floor<Duration>(std::chrono::system_clock::now());
        post([this, found, isLowerBound = result->limit != bench::BenchLimit::Node] {
            Q_EMIT finished(found, isLowerBound);
        });
    }

    // Events that are still on their way when this object goes are dropped by Qt.
    template <typename Action>
    void post(Action action)
    {
        QMetaObject::invokeMethod(this, std::move(action), Qt::QueuedConnection);
    }

    std::string m_program;
    std::atomic<bool> m_isCancelled = false;
    std::thread m_thread;
};

}  // namespace

std::unique_ptr<NodeMeasurement> measureNode()
{
    return std::make_unique<BenchRun>();
}

}  // namespace headgate
