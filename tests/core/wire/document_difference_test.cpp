#include "core/wire/native_codec.h"
#include "tests/support/random_domain.h"

#include <QtTest/QTest>

using namespace headgate;

namespace {

std::string differences(const char* before, const char* after)
{
    std::string text;
    for (const FieldChange& change : native::difference(*native::parse(before), *native::parse(after)))
        text += change.pointer + ": " + change.before + " -> " + change.after + "; ";
    return text;
}

}  // namespace

class DocumentDifferenceTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fieldsThatDifferAreListed_data()
    {
        QTest::addColumn<QString>("before");
        QTest::addColumn<QString>("after");
        QTest::addColumn<QString>("expected");
        QTest::newRow("equal") << R"({"a":1})"
                               << R"({"a":1})"
                               << "";
        QTest::newRow("value") << R"({"a":1})"
                               << R"({"a":2})"
                               << "/a: 1 -> 2; ";
        QTest::newRow("type") << R"({"a":1})"
                              << R"({"a":{"b":1}})"
                              << R"(/a: 1 -> {"b":1}; )";
        QTest::newRow("gone and new") << R"({"a":1})"
                                      << R"({"b/c":null})"
                                      << "/a: 1 -> ; /b~1c:  -> null; ";
        QTest::newRow("plain array") << R"({"a":[1,2]})"
                                     << R"({"a":[1]})"
                                     << "/a: [1,2] -> [1]; ";
        QTest::newRow("named elements") << R"([{"name":"x","v":1},{"name":"y","v":1}])"
                                        << R"([{"name":"w","v":0},{"name":"x","v":2}])"
                                        << R"(/1/v: 1 -> 2; /1: {"name":"y","v":1} -> ; /0:  -> {"name":"w","v":0}; )";
        QTest::newRow("elements by roleName") << R"([{"roleName":"x","v":1}])"
                                              << R"([{"roleName":"x","v":2}])"
                                              << "/0/v: 1 -> 2; ";
        QTest::newRow("first element") << "[]"
                                       << R"([{"name":"x"}])"
                                       << R"(/0:  -> {"name":"x"}; )";
        QTest::newRow("last element") << R"([{"name":"x"}])"
                                      << "[]"
                                      << R"(/0: {"name":"x"} -> ; )";
        QTest::newRow("order") << R"([{"name":"x"},{"name":"y"}])"
                               << R"([{"name":"y"},{"name":"x"}])"
                               << R"(: ["x","y"] -> ["y","x"]; )";
        QTest::newRow("same name twice") << R"([{"name":"x"}])"
                                         << R"([{"name":"x"},{"name":"x"}])"
                                         << R"(: [{"name":"x"}] -> [{"name":"x"},{"name":"x"}]; )";
    }

    void fieldsThatDifferAreListed()
    {
        QFETCH(QString, before);
        QFETCH(QString, after);
        QFETCH(QString, expected);
        QCOMPARE(QString::fromStdString(differences(before.toUtf8().constData(), after.toUtf8().constData())),
                 expected);
    }

    void differentGroupsDifferAndEqualOnesDoNot()
    {
        for (std::uint64_t seed = 1; seed <= 100; ++seed) {
            testing::RandomDomain domain(seed);
            const native::Json a = native::toJson(domain.nodeGroup());
            const native::Json b = native::toJson(domain.nodeGroup());
            QVERIFY(native::difference(a, a).empty());
            QCOMPARE(native::difference(a, b).empty(), a == b);
        }
    }
};

QTEST_GUILESS_MAIN(DocumentDifferenceTest)
#include "document_difference_test.moc"
