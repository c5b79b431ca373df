#include "core/media/net/event_loop.h"
#include "tests/media/support/loop_wait.h"

#include <QTest>

#include <thread>
#include <vector>

using namespace headgate;
using namespace headgate::tests;

namespace {

constexpr int producers = 4;
constexpr int callsEach = 20'000;

// Who pushed what, in the order in which it was called.
struct Record
{
    std::vector<int> last = std::vector<int>(producers, -1);
    int calls = 0;
    bool isInOrder = true;

    void add(int producer, int call)
    {
        auto& before = last[static_cast<std::size_t>(producer)];
        isInOrder = isInOrder && call == before + 1;
        before = call;
        ++calls;
    }
};

}  // namespace

class CallQueueTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatIsPushedMeanwhileIsCalledNextTime()
    {
        CallQueue queue;
        std::vector<int> called;
        QVERIFY(queue.push([&] {
            called.push_back(1);
            queue.push([&] { called.push_back(3); });
        }));
        QVERIFY(!queue.push([&] { called.push_back(2); }));
        queue.callAll();
        QVERIFY((called == std::vector<int>{1, 2}));
        QVERIFY(!queue.isEmpty());
        queue.callAll();
        QVERIFY((called == std::vector<int>{1, 2, 3}));
        QVERIFY(queue.isEmpty());
    }

    void whatIsLeftIsReleasedWithoutACall()
    {
        auto held = std::make_shared<int>(0);
        {
            CallQueue queue;
            for (int i = 0; i < 3; ++i)
                queue.push([held] { ++*held; });
        }
        QCOMPARE(held.use_count(), 1L);
        QCOMPARE(*held, 0);
    }

    // The loop sleeps for minutes if one of the calls does not wake it.
    void aLoopLosesNoCallOfManyThreads()
    {
        EventLoop loop;
        Record record;
        std::thread consumer([&] { loop.run(); });
        std::vector<std::thread> threads;
        for (int producer = 0; producer < producers; ++producer) {
            threads.emplace_back([&loop, &record, producer] {
                for (int call = 0; call < callsEach; ++call) {
                    loop.post([&record, producer, call] { record.add(producer, call); });
                    if (call % 1000 == 0)
                        std::this_thread::sleep_for(Duration(1));  // lets the loop fall asleep
                }
            });
        }
        for (std::thread& thread : threads)
            thread.join();
        loop.post([&loop] { loop.stop(); });
        consumer.join();
        QCOMPARE(record.calls, producers * callsEach);
        QVERIFY(record.isInOrder);
    }

    void aSleepingLoopIsWokenByEachOfManySingleCalls()
    {
        EventLoop loop;
        EventLoop other;
        int rounds = 0;
        std::thread thread([&] { other.run(); });
        std::function<void()> bounce = [&] {
            ++rounds;
            other.post([&] { loop.post(bounce); });
        };
        bounce();
        QVERIFY(waitFor(loop, [&] { return rounds == 2000; }));
        other.post([&] { other.stop(); });
        thread.join();
    }
};

QTEST_GUILESS_MAIN(CallQueueTest)
#include "call_queue_test.moc"
