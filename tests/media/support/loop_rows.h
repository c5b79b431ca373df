#pragma once

#include "core/media/hub/loop_group.h"

#include <QTest>

namespace headgate::tests {

// Every test of a program is run once with each number of loops. With several, nobody is spared the way to another.
inline void addLoopRows()
{
    QTest::addColumn<int>("loops");
    QTest::newRow("one loop") << 1;
    QTest::newRow("three loops") << 3;
}

inline LoopOptions loopsOfRow()
{
    QFETCH_GLOBAL(int, loops);
    LoopOptions options;
    options.count = loops;
    options.mergeWindow = Duration::zero();
    options.mostAhead = 0;
    return options;
}

}  // namespace headgate::tests
