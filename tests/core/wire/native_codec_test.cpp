#include "core/wire/native_codec.h"
#include "tests/support/random_domain.h"

#include <QtTest/QTest>

#include <string>

using namespace headgate;
using headgate::testing::RandomDomain;

namespace {

constexpr std::uint64_t seeds = 100;

template <typename T, typename Decode>
void comesBack(const T& value, Decode decode)
{
    const std::string text = native::write(native::toJson(value));
    const auto json = native::parse(text);
    QVERIFY2(json.has_value(), text.c_str());
    const Result<T> back = decode(*json);
    QVERIFY2(back.has_value(), back ? "" : (back.error().pointer + ": " + back.error().message).c_str());
    QVERIFY2(*back == value, text.c_str());
}

std::string pointerOfFailure(const std::string& text)
{
    const auto json = native::parse(text);
    if (!json)
        return "no JSON: " + json.error().message;
    const auto group = native::nodeGroupFromJson(*json);
    return group ? "accepted" : group.error().pointer;
}

const std::string smallGroup =
    R"({"name":"g","cloudPlatform":"LOCAL","images":[{"name":"i"}],"roles":[{"name":"origin","imageName":"i"}],)"
    R"("subgroups":[{"name":"s","rules":[{"roleName":"origin","min":1,"max":2}]}]})";

std::string with(std::string text, const std::string& what, const std::string& replacement)
{
    return text.replace(text.find(what), what.size(), replacement);
}

}  // namespace

class NativeCodecTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyDocumentComesBackAsItWas()
    {
        for (std::uint64_t seed = 1; seed <= seeds && !QTest::currentTestFailed(); ++seed) {
            RandomDomain domain(seed);
            comesBack(domain.nodeGroup(), native::nodeGroupFromJson);
            comesBack(domain.node(), native::nodeFromJson);
            comesBack(domain.streamReport(), native::streamReportFromJson);
            comesBack(domain.auditRecord(7), native::auditRecordFromJson);
            comesBack(domain.commandOutcome(), native::commandOutcomeFromJson);
            comesBack(domain.metricSeries(), native::metricSeriesFromJson);
            comesBack(domain.streamDetails(), native::streamDetailsFromJson);
            comesBack(domain.routeTarget(), native::routeTargetFromJson);
            comesBack(domain.nodeImageRecord(), native::nodeImageRecordFromJson);
            comesBack(domain.measurement(), native::measurementFromJson);
            comesBack(domain.mediaSettings(), native::mediaSettingsFromJson);
            comesBack(domain.snapshot(), native::snapshotFromJson);
        }
    }

    void aChangeTurnsTheOlderSnapshotIntoTheNewer()
    {
        for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
            RandomDomain domain(seed);
            const Snapshot a = domain.snapshot();
            const Snapshot b = seed % 5 == 0 ? domain.snapshot() : domain.successor(a);
            const std::string text = native::write(native::changeBetween(a, b));
            const auto applied = native::applyChange(a, *native::parse(text));
            QVERIFY2(applied.has_value(), applied ? "" : applied.error().message.c_str());
            QVERIFY2(*applied == b, text.c_str());
        }
    }

    void aChangeOfNothingCarriesNoObjects()
    {
        const Snapshot a = RandomDomain(3).snapshot();
        const native::Json change = native::changeBetween(a, a);
        for (const char* list : {"nodeGroups", "nodes", "streams", "nodeImages"}) {
            QVERIFY(change[list]["put"].empty());
            QVERIFY(change[list]["removed"].empty());
        }
        QVERIFY(change["recentAudit"]["added"].empty());
    }

    void aChangeThatDoesNotFollowIsAConflict()
    {
        RandomDomain domain(4);
        const Snapshot a = domain.snapshot();
        const Snapshot b = domain.successor(a);
        const Snapshot c = domain.successor(b);
        const auto applied = native::applyChange(a, native::changeBetween(b, c));
        QVERIFY(!applied);
        QCOMPARE(applied.error().code, ErrorCode::Conflict);
    }

    void listsOfADocumentAreSorted()
    {
        const auto group = native::nodeGroupFromJson(*native::parse(
            R"({"name":"g","cloudPlatform":"LOCAL","images":[{"name":"b"},{"name":"a"}],)"
            R"("roles":[{"name":"o","imageName":"a"},{"name":"e","imageName":"b"}],"subgroups":[{"name":"z"},)"
            R"({"name":"s","rules":[{"roleName":"o","min":0,"max":1},{"roleName":"e","min":0,"max":1}]}]})"));
        QVERIFY(group.has_value());
        QCOMPARE(group->images[0].name, std::string("a"));
        QCOMPARE(group->roles[0].name, std::string("e"));
        QCOMPARE(group->subgroups[0].name, std::string("z"));
        QCOMPARE(group->subgroups[1].rules[0].roleName, std::string("e"));
    }

    void pointersLeadIntoTheDocumentAsItWasSent()
    {
        const native::Json document =
            *native::parse(R"({"roles":[{"name":"origin"},{"name":"edge"}],"subgroups":[{"name":"z","rules":)"
                           R"([{"roleName":"r"},{"roleName":"o"},{"roleName":"e"}]},{"name":"a"}]})");
        QCOMPARE(native::pointerInDocument(document, "/roles/0/imageName"), std::string("/roles/1/imageName"));
        QCOMPARE(native::pointerInDocument(document, "/subgroups/0/rules/0/min"),
                 std::string("/subgroups/0/rules/2/min"));
        QCOMPARE(native::pointerInDocument(document, "/subgroups/1/name"), std::string("/subgroups/1/name"));
        for (const char* same : {"", "/name", "/roles", "/roles/7/x", "/images/0/tags/a~1b"})
            QCOMPARE(native::pointerInDocument(document, same), std::string(same));
    }

    void mistakesArePointedAt_data()
    {
        QTest::addColumn<QString>("what");
        QTest::addColumn<QString>("replacement");
        QTest::addColumn<QString>("pointer");
        QTest::newRow("nothing wrong") << "LOCAL"
                                       << "LOCAL"
                                       << "accepted";
        QTest::newRow("unknown member") << R"("min":1)"
                                        << R"("min":1,"mni":2)"
                                        << "/subgroups/0/rules/0/mni";
        QTest::newRow("wrong type") << R"("min":1)"
                                    << R"("min":"1")"
                                    << "/subgroups/0/rules/0/min";
        QTest::newRow("negative") << R"("min":1)"
                                  << R"("min":-1)"
                                  << "/subgroups/0/rules/0/min";
        QTest::newRow("fraction") << R"("min":1)"
                                  << R"("min":1.5)"
                                  << "/subgroups/0/rules/0/min";
        QTest::newRow("too large") << R"("max":2)"
                                   << R"("max":2147483648)"
                                   << "/subgroups/0/rules/0/max";
        QTest::newRow("missing") << R"("min":1,)"
                                 << ""
                                 << "/subgroups/0/rules/0/min";
        QTest::newRow("no array") << R"([{"name":"i"}])"
                                  << "{}"
                                  << "/images";
        QTest::newRow("no object") << R"([{"name":"i"}])"
                                   << "[7]"
                                   << "/images/0";
        QTest::newRow("unknown word") << R"("imageName":"i")"
                                      << R"("imageName":"i","lifecycle":"AUTO")"
                                      << "/roles/0/lifecycle";
        QTest::newRow("escaped") << R"({"name":"i"})"
                                 << R"({"name":"i","tags":{"a/b~c":1}})"
                                 << "/images/0/tags/a~1b~0c";
        QTest::newRow("extensions") << "LOCAL\""
                                    << "LOCAL\",\"extensions\":[]"
                                    << "/extensions";
    }

    void mistakesArePointedAt()
    {
        QFETCH(QString, what);
        QFETCH(QString, replacement);
        QFETCH(QString, pointer);
        const std::string text = with(smallGroup, what.toStdString(), replacement.toStdString());
        QCOMPARE(QString::fromStdString(pointerOfFailure(text)), pointer);
    }

    void malformedTextIsRefusedWithItsPlace_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("complaint");
        QTest::newRow("empty") << QByteArray() << QByteArray("line 1, column 1");
        QTest::newRow("cut") << QByteArray("{\n  \"a\": [1,\n") << QByteArray("line 3");
        QTest::newRow("two documents") << QByteArray("{} {}") << QByteArray("line 1, column 4");
        QTest::newRow("duplicate") << QByteArray("{\"a\":1,\n \"a\":2}") << QByteArray("line 2, column 4");
        QTest::newRow("deep") << QByteArray(65, '[') + QByteArray(65, ']') << QByteArray("64 deep");
        QTest::newRow("very deep") << QByteArray(100'000, '[') << QByteArray("64 deep");
        QTest::newRow("bad UTF-8") << QByteArray("\"\xff\"") << QByteArray("UTF-8");
        QTest::newRow("too large number") << QByteArray("1e999") << QByteArray("number overflow");
        QTest::newRow("comment") << QByteArray("{} // x") << QByteArray("line 1");
    }

    void malformedTextIsRefusedWithItsPlace()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, complaint);
        const auto json = native::parse(text.toStdString());
        QVERIFY(!json);
        QCOMPARE(json.error().code, ErrorCode::InvalidArgument);
        const auto message = QByteArray::fromStdString(json.error().message);
        QVERIFY2(message.contains(complaint), message.constData());
    }

    void sixtyFourLevelsAreTaken() { QVERIFY(native::parse(std::string(64, '[') + std::string(64, ']')).has_value()); }

    void bytesThatAreNoUtf8DoNotStopTheWriter()
    {
        AuditRecord record;
        record.sentence = "a\xff"
                          "b";
        QVERIFY(native::parse(native::write(native::toJson(record))).has_value());
    }

    void instantsAreReadWithAndWithoutFraction()
    {
        QCOMPARE(toEpochMs(*native::instantFromText("1970-01-01T00:00:01Z")), 1000);
        QCOMPARE(toEpochMs(*native::instantFromText("1970-01-01T00:00:01.5Z")), 1500);
        QCOMPARE(toEpochMs(*native::instantFromText("2027-06-26T18:42:18.250999Z")), 1814035338250);
        for (const char* wrong : {"", "2027-06-26", "2027-02-30T00:00:00Z", "2027-06-26T24:00:00Z",
                                  "2027-06-26T18:42:18", "2027-06-26T18:42:18.Z", "2027-06-26T18:42:18+02:00"})
            QVERIFY2(!native::instantFromText(wrong), wrong);
    }

    void problemsKeepTheError()
    {
        const Error error{ErrorCode::VersionMismatch, "It is version 8 now.", "Read it again.", "/name"};
        const native::Json json = native::problem(error, 412, RequestId("r1"));
        QCOMPARE(json["type"].get<std::string>(), std::string("https://headgate.dev/problems/version-mismatch"));
        QCOMPARE(json["requestId"].get<std::string>(), std::string("r1"));
        QVERIFY(native::errorFromProblem(json, 412) == error);
    }

    void aForeignErrorBodyIsUnderstoodByItsStatus()
    {
        QCOMPARE(native::errorFromProblem(native::Json("<html>"), 502).code, ErrorCode::Unavailable);
        QCOMPARE(native::errorFromProblem(native::Json(), 404).code, ErrorCode::NotFound);
        QVERIFY(!native::errorFromProblem(native::Json::array(), 500).message.empty());
    }
};

QTEST_GUILESS_MAIN(NativeCodecTest)
#include "native_codec_test.moc"
