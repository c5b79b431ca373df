#include "core/plane/ctl/sim.h"

#include <QTemporaryDir>
#include <QTest>

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <sstream>

using namespace headgate;

// headgatectl sim, without a program around it.
class CtlSimTest : public QObject
{
    Q_OBJECT

private:
    struct Told
    {
        std::string out;
        std::string notes;
        ctl::Outcome<void> outcome;
    };

    static std::string scenario(const std::string& name)
    {
        return std::string(std::getenv("HEADGATE_SOURCE_DIR")) + "/resources/scenarios/" + name + ".json";
    }

    static Told run(std::vector<std::string> words)
    {
        words.insert(words.begin(), "sim");
        const auto arguments = ctl::parseArguments(words);
        if (!arguments)
            qFatal("%s", arguments.error().message.c_str());
        std::ostringstream out, notes;
        auto outcome = ctl::runSim({*arguments, ctl::Format::Table, out, notes});
        return {out.str(), notes.str(), std::move(outcome)};
    }

private Q_SLOTS:
    void oneRunIsToldAsJson()
    {
        const Told told = run({"--scenario", scenario("s8_local_processes"), "--seed", "5", "--json"});
        QVERIFY(told.outcome.has_value());
        const auto json = nlohmann::json::parse(told.out);
        QCOMPARE(json["seed"].get<int>(), 5);
        QCOMPARE(json["policies"][0]["policy"].get<std::string>(), std::string("headgate"));
        QVERIFY(json["policies"][0]["wall_s"].get<double>() > 0);
        const Told again = run({"--scenario", scenario("s8_local_processes"), "--seed", "5", "--json"});
        QVERIFY(nlohmann::json::parse(again.out)["traceHash"] == json["traceHash"]);
    }

    void whatHappenedIsWrittenLineByLine()
    {
        const QTemporaryDir folder;
        const std::string path = folder.filePath("trace.txt").toStdString();
        QVERIFY(run({"-f", scenario("s8_local_processes"), "--trace", path}).outcome.has_value());
        std::ifstream file(path);
        std::string first;
        std::getline(file, first);
        QCOMPARE(first, std::string("2027-06-26T17:45:00.000Z engine starts"));
    }

    void theTableIsMarkdown()
    {
        const Told told = run({"--table", "--seeds", "2", scenario("s8_local_processes"), scenario("s3_announced")});
        QVERIFY(told.out.starts_with("| scenario | policy | overload_s |"));
        QVERIFY(told.out.find("\n| S8 ") != std::string::npos);
        QVERIFY(told.out.find("\n| S3 ") != std::string::npos);
        QVERIFY(told.out.find("| optimum |") != std::string::npos);
    }

    void howManyRunAtOnceChangesNothing()
    {
        const std::vector<std::string> words = {"--table", "--seeds", "5", scenario("s8_local_processes")};
        const auto runWith = [&](const std::string& jobs) {
            auto all = words;
            all.insert(all.end(), {"--jobs", jobs});
            return run(all).out;
        };
        QCOMPARE(runWith("3"), runWith("1"));
        QCOMPARE(runWith("64"), runWith("1"));
    }

    void theSwarmTellsHowManyRan()
    {
        const Told told = run({"--swarm", "3", scenario("s8_local_processes")});
        QVERIFY2(told.outcome.has_value(), told.notes.c_str());
        QCOMPARE(told.out, std::string("S8: 3 seeds with drawn faults, 0 of them broke something\n"));
    }

    void theSwarmTellsWhatItHasTriedOut()
    {
        const Told told = run({"--swarm", "2", "--coverage", scenario("s8_local_processes")});
        QVERIFY2(told.outcome.has_value(), told.notes.c_str());
        QVERIFY2(told.out.find("| node.request |") != std::string::npos, told.out.c_str());
        QVERIFY2(told.out.find(" of these happened together") != std::string::npos, told.out.c_str());
        QVERIFY(!run({"--coverage", scenario("s8_local_processes")}).outcome);
    }

    void whatIsWrongIsNamed()
    {
        QVERIFY(!run({}).outcome);
        QVERIFY(!run({"--scenario", "nowhere.json"}).outcome);
        QCOMPARE(run({"-f", scenario("s3_announced"), "--seed", "x"}).outcome.error().error.message,
                 std::string("--seed x is no number above 0."));
        QVERIFY(!run({"-f", scenario("s3_announced"), "--seeds", "2", "--trace", "x"}).outcome);
        const QTemporaryDir folder;
        const std::string path = folder.filePath("bad.json").toStdString();
        std::ofstream(path) << R"({"name": "x"})";
        QCOMPARE(run({"-f", path}).outcome.error().error.pointer, std::string("/start"));
    }
};

QTEST_GUILESS_MAIN(CtlSimTest)
#include "ctl_sim_test.moc"
