#include "core/base/random.h"
#include "core/base/result.h"
#include "core/base/time.h"

#include <QtTest/QTest>

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

using namespace headgate;

class BaseTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void equalSeedsGiveEqualNumbers()
    {
        Random a(42);
        Random b(42);
        Random c(43);
        const std::uint64_t first = a.next();
        QCOMPARE(first, b.next());
        QVERIFY(first != c.next());
        // SplitMix64's published first output for seed 0.
        QCOMPARE(Random(0).next(), std::uint64_t(0xE220A8397B1DCDAFull));
    }

    void numbersStayBelowTheirBoundAndReachAllValues()
    {
        Random random(7);
        std::array<int, 6> seen{};
        for (int i = 0; i < 600; ++i)
            ++seen.at(random.below(6));
        for (const int count : seen)
            QVERIFY(count > 60);
        QCOMPARE(random.below(1), std::uint64_t(0));
    }

    void idsAreAlphanumericAndDoNotRepeatSoon()
    {
        Random random(1);
        std::set<std::string> ids;
        for (int i = 0; i < 1000; ++i) {
            const std::string id = random.alphanumeric(10);
            QCOMPARE(id.size(), std::size_t(10));
            QVERIFY(std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isalnum(c) != 0; }));
            ids.insert(id);
        }
        QCOMPARE(ids.size(), std::size_t(1000));
    }

    void instantsAreWrittenInUtcWithMilliseconds()
    {
        QCOMPARE(toRfc3339(fromEpochMs(0)), std::string("1970-01-01T00:00:00.000Z"));
        QCOMPARE(toRfc3339(fromEpochMs(1'814'121'738'250)), std::string("2027-06-27T18:42:18.250Z"));
        QCOMPARE(toRfc3339(fromEpochMs(951'782'400'001)), std::string("2000-02-29T00:00:00.001Z"));
        QCOMPARE(toRfc3339(fromEpochMs(-1)), std::string("1969-12-31T23:59:59.999Z"));
        QCOMPARE(toEpochMs(fromEpochMs(1'814'121'738'250)), std::int64_t(1'814'121'738'250));
    }

    void eachErrorCodeHasItsOwnWord()
    {
        std::set<std::string_view> words;
        for (int code = 0; code <= static_cast<int>(ErrorCode::Internal); ++code)
            words.insert(toWord(static_cast<ErrorCode>(code)));
        QCOMPARE(words.size(), static_cast<std::size_t>(ErrorCode::Internal) + 1);
        QVERIFY(words.contains("already-exists"));
    }

    void aFailureCarriesAllItsParts()
    {
        const Result<int> failed = fail(ErrorCode::NotFound, "It is not there.", "Look elsewhere.", "/name");
        QVERIFY(!failed);
        QVERIFY((failed.error() == Error{ErrorCode::NotFound, "It is not there.", "Look elsewhere.", "/name"}));
    }
};

QTEST_GUILESS_MAIN(BaseTest)
#include "base_test.moc"
