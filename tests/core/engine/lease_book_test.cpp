#include "core/engine/lease_book.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace std::chrono_literals;

class LeaseBookTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void promisesOfNodesThatHaveGoneAreForgotten()
    {
        LeaseBook<int> book;
        TimePoint now = fromEpochMs(1'800'000'000'000);
        for (int node = 0; node < 10'000; ++node, now += 1s) {
            book.issue(node, 0, now);
            QCOMPARE(book.outstanding(node, 0, now), 1);
            QVERIFY(book.size() <= 31);
        }
    }

    void aPromiseOutlivesTheLookAtTheOthers()
    {
        LeaseBook<int> book;
        const TimePoint start = fromEpochMs(1'800'000'000'000);
        book.issue(1, 0, start);
        book.issue(2, 0, start + 14s);
        book.issue(3, 0, start + 20s);
        QCOMPARE(book.outstanding(1, 0, start + 20s), 0);
        QCOMPARE(book.outstanding(2, 0, start + 20s), 1);
        QCOMPARE(book.outstanding(2, 0, start + 29s), 0);
    }

    void onlyYoungPromisesMayBeAskedFor()
    {
        LeaseBook<int> book;
        const TimePoint start = fromEpochMs(1'800'000'000'000);
        book.issue(1, 0, start);
        book.issue(1, 0, start + 5s);
        QCOMPARE(book.outstanding(1, 0, start + 6s, 4000ms), 1);
        QCOMPARE(book.outstanding(1, 0, start + 6s), 2);
        QCOMPARE(book.outstanding(1, 0, start + 9s, 4000ms), 0);
        // Not to be asked for is not to be forgotten.
        QCOMPARE(book.outstanding(1, 0, start + 9s), 2);
    }
};

QTEST_GUILESS_MAIN(LeaseBookTest)
#include "lease_book_test.moc"
