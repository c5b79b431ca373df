#include "core/plane/ctl/objects.h"
#include "core/plane/ctl/yaml.h"
#include "core/wire/native_codec.h"
#include "tests/plane/ctl_fixture.h"

#include <QDir>

using namespace headgate;
using nlohmann::json;
using test::Run;

// describe, edit, diff, watch and directories.
class CtlObjectsTest : public test::CtlFixture
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        QVERIFY(start());
        signIn();
        apply(test::sampleGroup("live", 0, 0));
    }
    void cleanup()
    {
        for (const char* name : {"VISUAL", "EDITOR"})
            qunsetenv(name);
    }

    void describesWhatIsThereAndWhatWasDone()
    {
        const Run shown = ctl({"describe", "node-group", "live"});
        QVERIFY2(shown.status == 0, qPrintable(shown.err));
        QVERIFY2(shown.out.contains("group:\n") && shown.out.contains("  name: live\n"), qPrintable(shown.out));
        QVERIFY2(shown.out.contains("Latest changes") && shown.out.contains("was created"), qPrintable(shown.out));
        const json found = json::parse(ctl({"describe", "node-group", "live", "-o", "json"}).out.toStdString());
        QVERIFY(found["object"]["group"]["name"] == "live");
        QCOMPARE(found["changes"].size(), std::size_t(1));
        QCOMPARE(ctl({"describe", "node-group", "none"}).status, 1);
        QCOMPARE(ctl({"describe", "nonsense", "x"}).status, 2);
    }

    void editsInTheEditor()
    {
        qputenv("EDITOR", "sed -i 's/A group of a test./Edited./'");
        const Run shown = ctl({"edit", "node-group", "live", "--dry-run"});
        QVERIFY2(shown.out.contains("would be changed") && shown.out.contains("~ /description"), qPrintable(shown.err));
        const Run done = ctl({"edit", "node-group", "live"});
        QVERIFY2(done.status == 0, qPrintable(done.err));
        QCOMPARE(description(), std::string("Edited."));
        QVERIFY(ctl({"edit", "node-group", "live"}).err.contains("stays as it is"));
        qputenv("EDITOR", "sed -i 's/live/other/'");
        const Run refused = ctl({"edit", "node-group", "live"});
        QCOMPARE(refused.status, 1);
        QVERIFY2(refused.err.contains("/name"), qPrintable(refused.err));
        qputenv("VISUAL", "false");
        const Run failed = ctl({"edit", "node-group", "live"});
        QCOMPARE(failed.status, 2);
        QVERIFY2(failed.err.contains("false failed"), qPrintable(failed.err));
        QCOMPARE(ctl({"edit", "node", "x"}).status, 2);
    }

    void anEditIsMadeOnTopOfWhatSomebodyElseDid()
    {
        write("other.json", R"({"maxSubscribers":77})");
        // The editor of the first attempt lets somebody else be quicker.
        write("editor.sh",
              "set -e\nif [ ! -e " + path("once").toStdString() + " ]; then touch " + path("once").toStdString() +
                  "; curl -sf -X PATCH -H 'Authorization: Bearer " + m_fixture->token() +
                  "' -H 'Content-Type: application/merge-patch+json' --data @" + path("other.json").toStdString() +
                  " http://127.0.0.1:" + std::to_string(m_fixture->port()) +
                  "/api/v1/node-groups/live > /dev/null; fi\nsed -i 's/A group of a test./Edited./' \"$1\"\n");
        qputenv("EDITOR", QByteArray("sh ") + path("editor.sh").toUtf8());
        const Run done = ctl({"edit", "node-group", "live"});
        QVERIFY2(done.status == 0, qPrintable(done.err));
        QVERIFY2(done.err.contains("Somebody changed it meanwhile"), qPrintable(done.err));
        QCOMPARE(description(), std::string("Edited."));
        const json group = m_fixture->as("GET", "/api/v1/node-groups/live").json()["group"];
        QCOMPARE(group["maxSubscribers"].get<int>(), 77);
    }

    void tellsDifferencesByItsStatus()
    {
        write("live.json", native::write(native::toJson(test::sampleGroup("live", 0, 0))));
        QCOMPARE(ctl({"diff", "-f", path("live.json")}).status, 0);
        NodeGroup other = test::sampleGroup("live", 0, 0);
        other.description = "Other.";
        write("live.json", native::write(native::toJson(other)));
        const Run differs = ctl({"diff", "-f", path("live.json")});
        QCOMPARE(differs.status, 5);
        QVERIFY2(differs.out.contains("~ /description"), qPrintable(differs.out));
        QCOMPARE(description(), std::string("A group of a test."));
        QCOMPARE(ctl({"diff"}).status, 2);
    }

    void appliesADirectory()
    {
        QVERIFY(QDir(path(".")).mkdir("all"));
        write("all/1-plan.json",
              R"({"overlays":[{"id":"o","scope":{"nodeGroup":"second"},"from":"2099-06-01T18:00:00Z",)"
              R"("to":"2099-06-01T20:00:00Z","op":{"kind":"floor","nodes":0}}]})");
        write("all/2-group.json", native::write(native::toJson(test::sampleGroup("second", 0, 0))));
        write("all/3-region.json", R"({"name":"home","title":"Home","latitude":52.5,"longitude":13.4})");
        write("all/notes.txt", "no document");
        const Run differs = ctl({"diff", "-f", path("all")});
        QVERIFY2(differs.status == 5, qPrintable(differs.err));
        const Run done = ctl({"apply", "-f", path("all")});
        QVERIFY2(done.status == 0, qPrintable(done.err));
        QVERIFY2(done.err.contains("would be created") && done.out.contains("is created"), qPrintable(done.err));
        QCOMPARE(m_fixture->as("GET", "/api/v1/overlays/o").status, 200);
        QCOMPARE(m_fixture->as("GET", "/api/v1/regions/home").status, 200);
        QCOMPARE(ctl({"diff", "-f", path("all")}).status, 0);
        write("all/4-region.json", R"({"name":"away","title":"Away","latitude":1,"longitude":2})");
        write("all/5-wrong.json", R"({"name":"wrong","title":"Wrong","latitude":1000,"longitude":2})");
        QVERIFY(ctl({"apply", "-f", path("all")}).status != 0);
        QCOMPARE(m_fixture->as("GET", "/api/v1/regions/away").status, 404);
    }

    void watchesWhatChanges()
    {
        QProcess watching;
        startCtl(watching, {"watch", "node-group", "--count", "1", "--for", "60s", "-o", "json"});
        QTest::qWait(500);
        for (int i = 0; watching.state() != QProcess::NotRunning && i < 100; ++i) {
            const std::string patch = json{{"description", "Change " + std::to_string(i)}}.dump();
            QCOMPARE(m_fixture->as("PATCH", "/api/v1/node-groups/live", patch).status, 200);
            watching.waitForFinished(300);
        }
        QCOMPARE(watching.exitCode(), 0);
        const json line = json::parse(watching.readAllStandardOutput().toStdString());
        QVERIFY(line["kind"] == "node-group" && line["name"] == "live" && line["change"] == "put");
        QCOMPARE(ctl({"watch", "--for", "1s"}).status, 0);
        QCOMPARE(ctl({"watch", "nonsense"}).status, 2);
        write("token", "not.a.token\n");
        QCOMPARE(ctl({"watch", "--for", "10s"}).status, 4);
    }

    void watchesThePlan()
    {
        const auto limitOf = [](int nodes) {
            return json{{"name", "quota"}, {"scope", {{"nodeGroup", "live"}}}, {"nodes", nodes}}.dump();
        };
        QCOMPARE(m_fixture->as("POST", "/api/v1/limits", limitOf(100)).status, 201);
        QProcess watching;
        startCtl(watching, {"watch", "limit", "--count", "1", "--for", "60s", "-o", "json"});
        for (int i = 0; watching.state() != QProcess::NotRunning && i < 100; ++i) {
            QCOMPARE(m_fixture->as("PUT", "/api/v1/limits/quota", limitOf(200 + i)).status, 200);
            watching.waitForFinished(300);
        }
        QCOMPARE(watching.exitCode(), 0);
        const json line = json::parse(watching.readAllStandardOutput().toStdString());
        QVERIFY(line["kind"] == "limit" && line["name"] == "quota" && line["change"] == "put");
        QVERIFY(line["item"]["item"]["nodes"] >= 200);

        QProcess ending;
        startCtl(ending, {"watch", "limit", "--count", "2", "--for", "60s"});
        for (int i = 0; ending.state() != QProcess::NotRunning && i < 100; ++i) {
            m_fixture->as("DELETE", "/api/v1/limits/quota");
            ending.waitForFinished(300);
            m_fixture->as("POST", "/api/v1/limits", limitOf(100 + i));
            ending.waitForFinished(300);
        }
        QCOMPARE(ending.exitCode(), 0);
        const QByteArray lines = ending.readAllStandardOutput();
        QVERIFY2(lines.contains("limit  quota  "), lines.constData());
    }

    void deletesNodeImages()
    {
        QCOMPARE(m_fixture->as("PUT", "/api/v1/node-images/old", R"({"description":"x"})").status, 200);
        QCOMPARE(ctl({"delete", "node-image", "old", "--yes"}).status, 0);
        QCOMPARE(m_fixture->as("GET", "/api/v1/node-images/old").status, 404);
    }

    void listsAsYaml()
    {
        const Run listed = ctl({"get", "node-groups", "-o", "yaml"});
        QVERIFY2(listed.out.contains("nodeGroups:\n  - activity: "), qPrintable(listed.out));
        QVERIFY(listed.out.contains("total: 1\n"));
        QCOMPARE(ctl({"get", "nodes", "-o", "xml"}).status, 2);
    }

    void yamlReadsBackAsTheSame()
    {
        const json document{{"plain", "a word or two"},
                            {"number", "12"},
                            {"yes", "no"},
                            {"empty", ""},
                            {"colon", "a: b"},
                            {"lines", "one\ntwo\t\"three\" \\"},
                            {"umlaut", "gr\u00fcn \U0001f3a5"},
                            {"", nullptr},
                            {"lists", {json::array(), json::object(), {1, {2, "x"}}, {{"a", 1}, {"b", {{"c", true}}}}}},
                            {"dash", "-"},
                            {"fraction", 0.25}};
        QProcess python;
        python.start("/usr/bin/python3",
                     {"-c", "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)"});
        python.write(QByteArray::fromStdString(ctl::yamlText(document)));
        python.closeWriteChannel();
        QVERIFY(python.waitForFinished());
        const std::string read = python.readAllStandardOutput().toStdString();
        QVERIFY2(json::parse(read, nullptr, false) == document, (ctl::yamlText(document) + read).c_str());
    }

    void theMergePatchOfTwoDocumentsLeadsFromOneToTheOther()
    {
        const json before{{"a", 1}, {"b", {{"c", 2}, {"d", 3}}}, {"e", {1, 2}}};
        const json after{{"a", 1}, {"b", {{"c", 4}}}, {"e", {2}}, {"f", "new"}};
        const json patch = ctl::mergePatchBetween(before, after);
        QVERIFY(patch == (json{{"b", {{"c", 4}, {"d", nullptr}}}, {"e", {2}}, {"f", "new"}}));
        json made = before;
        made.merge_patch(patch);
        QVERIFY(made == after);
        QVERIFY(ctl::mergePatchBetween(after, after).empty());
    }

private:
    void apply(const NodeGroup& group)
    {
        QVERIFY(test::submitAndWait(m_fixture->host(), test::requestOf(CreateNodeGroup{group})).has_value());
    }

    std::string description() const
    {
        return m_fixture->host().snapshot()->findNodeGroup(NodeGroupName("live"))->group.description;
    }
};

QTEST_GUILESS_MAIN(CtlObjectsTest)
#include "ctl_objects_test.moc"
