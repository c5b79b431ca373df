#include "core/media/net/merge_window.h"

#include <QTest>

using namespace headgate;
using namespace std::chrono_literals;

namespace {

// So many looks of a loop that is busy for that part of the time.
void run(MergeWindow& window, int busyPercent, int looks)
{
    for (int i = 0; i < looks * 25; ++i)
        window.turned(busyPercent * 100us, (100 - busyPercent) * 100us);
}

}  // namespace

class MergeWindowTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aFixedWindowStays()
    {
        MergeWindow window(Duration(40));
        run(window, 100, 50);
        QCOMPARE(window.current(), Duration(40));
        run(window, 0, 50);
        QCOMPARE(window.current(), Duration(40));
    }

    void theAutomaticOneIsNothingWhileIdleAndGrowsToItsBound()
    {
        MergeWindow window(std::nullopt);
        run(window, 50, 20);
        QCOMPARE(window.current(), Duration(0));
        run(window, 60, 1);
        QCOMPARE(window.current(), Duration(20));
        run(window, 95, 3);
        QCOMPARE(window.current(), Duration(80));
        run(window, 95, 20);
        QCOMPARE(window.current(), MergeWindow::longestAutomatic);
    }

    void itShrinksSlowlyAndOnlyWhenReallyQuiet()
    {
        MergeWindow window(std::nullopt);
        run(window, 100, 5);
        run(window, 30, 40);
        QCOMPARE(window.current(), Duration(100));
        run(window, 25, 3);
        QCOMPARE(window.current(), Duration(100));
        run(window, 25, 1);
        QCOMPARE(window.current(), Duration(90));
        run(window, 25, 3);
        run(window, 40, 1);  // the quiet must last
        run(window, 25, 3);
        QCOMPARE(window.current(), Duration(90));
        run(window, 0, 40);
        QCOMPARE(window.current(), Duration(0));
    }

    // What a real node does: the merged cost is a fraction of the unmerged. It must come to rest.
    void itComesToRest()
    {
        for (int unmergedPercent = 5; unmergedPercent <= 200; unmergedPercent += 5) {
            MergeWindow window(std::nullopt);
            const auto busy = [&] {
                const auto sends = 1000 / std::max<Duration::rep>(window.current().count(), 14);
                return std::min(100, static_cast<int>(unmergedPercent * sends / 73));
            };
            for (int i = 0; i < 100; ++i)
                run(window, busy(), 1);
            const Duration rest = window.current();
            for (int i = 0; i < 40; ++i) {
                run(window, busy(), 1);
                QCOMPARE(window.current(), rest);
            }
        }
    }
};

QTEST_GUILESS_MAIN(MergeWindowTest)
#include "merge_window_test.moc"
