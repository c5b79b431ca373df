#include "tests/plane/ctl_fixture.h"
#include "tests/plane/dialect_documents.h"

#include <QtTest/QTest>

using namespace headgate;
using test::Run;

// Lists with filters, and the completion of the command line, with the built program.
class CtlListsTest : public test::CtlFixture
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        QVERIFY(start());
        signIn();
    }

    void listsAreFilteredSortedAndCut()
    {
        const Run all = ctl({"get", "regions", "-o", "json"});
        QCOMPARE(all.status, 0);
        const auto regions = nlohmann::json::parse(all.out.toStdString())["regions"];
        QVERIFY(regions.size() >= 10);
        const Run two = ctl({"get", "regions", "--sort", "-name", "--limit", "2"});
        QCOMPARE(two.status, 0);
        QCOMPARE(two.out.count('\n'), 3);
        const auto last = QString::fromStdString(regions.back()["region"]["name"].get<std::string>());
        QVERIFY(two.out.split('\n')[1].startsWith(last));
        QCOMPARE(two.err, QStringLiteral("2 of %1 are shown.\n").arg(regions.size()));
        const Run one = ctl({"get", "regions", "name=" + last});
        QVERIFY(one.status == 0 && one.err.isEmpty());
        QCOMPARE(one.out, ctl({"get", "region", last}).out);
        QCOMPARE(ctl({"get", "nodes", "role=edge", "state=INSERVICE"}).status, 0);
        QCOMPARE(ctl({"get", "streams", "live/none"}).status, 1);
    }

    void wrongFiltersAreNamed()
    {
        const Run unknown = ctl({"get", "nodes", "colour=red"});
        QCOMPARE(unknown.status, 1);
        QVERIFY(unknown.err.contains("colour") && unknown.err.contains("health"));
        const Run several = ctl({"get", "nodes", "n1", "n2"});
        QCOMPARE(several.status, 2);
        QVERIFY(several.err.contains("FIELD=VALUE"));
        QCOMPARE(ctl({"get", "nodes", "--limit", "0"}).status, 1);
        QCOMPARE(ctl({"get", "audit", "a", "b"}).status, 2);
    }

    void jobsAreListedDescribedStartedAndStopped()
    {
        QCOMPARE(m_fixture->as("POST", "/as/v1/admin/nodegroup", test::emptyDocument("main").dump()).status, 200);
        const auto stream = [](const char* guid, const char* type, const char* target) {
            const nlohmann::json properties{{"type", type}, {"rtmpUri", target}};
            return nlohmann::json{{"streamGuid", guid}, {"camParams", {{"properties", properties}}}};
        };
        const nlohmann::json streams{stream("live/door", "rtmp", "rtmp://h/a/sesame"),
                                     stream("live/gate", "rtmp-push", "rtmp://h/a/b")};
        const nlohmann::json provision{{"provisionGuid", "live/door"}, {"streams", streams}};
        write("jobs.json", nlohmann::json{{"nodeGroup", "main"}, {"provision", provision}}.dump());
        QCOMPARE(ctl({"apply", "-f", path("jobs.json")}).status, 0);
        QVERIFY(test::becomesTrue([&] { return ctl({"get", "jobs"}).out.count('\n') == 3; }));
        const Run stopped = ctl({"get", "jobs", "state=ended", "kind=push", "-o", "json"});
        const auto jobs = nlohmann::json::parse(stopped.out.toStdString())["jobs"];
        QVERIFY(jobs.size() == 1 && jobs[0]["report"]["id"] == "live/door#2" && jobs[0]["nodeGroup"] == "main");
        QVERIFY(ctl({"get", "jobs", "stream=live/gate", "-o", "yaml"}).out.contains("id: \"live/door#2\""));
        QCOMPARE(ctl({"get", "job", "live/door"}).out.count('\n'), 2);
        QCOMPARE(ctl({"get", "job", "live/none"}).status, 1);
        QCOMPARE(ctl({"get", "jobs", "colour=red"}).status, 1);

        const Run dry = ctl({"start", "job", "main/live/door#2", "--dry-run"});
        QVERIFY(dry.status == 0 && dry.out.contains("would be started"));
        QVERIFY(ctl({"get", "jobs", "state=waiting"}).out.count('\n') == 1);
        QCOMPARE(ctl({"start", "job", "main/live/door", "--if-match", "7"}).status, 1);
        const Run started = ctl({"start", "job", "main/live/door#2"});
        QVERIFY2(started.status == 0 && started.out.contains("is being started"), qPrintable(started.err));
        QVERIFY(test::becomesTrue([&] { return ctl({"get", "jobs", "state=waiting"}).out.count('\n') == 3; }));
        const Run told = ctl({"describe", "job", "main/live/door"});
        QVERIFY2(told.out.contains("state: waiting") && told.out.contains("goes to the nodes"), qPrintable(told.out));
        QVERIFY(!told.out.contains("sesame"));
        QCOMPARE(ctl({"stop", "provision", "main/live/door"}).status, 0);
        QVERIFY(test::becomesTrue([&] { return ctl({"get", "jobs", "state=ended"}).out.count('\n') == 3; }));
        for (const char* verb : {"start", "stop"}) {
            QCOMPARE(ctl({verb, "job", "main/live/none"}).status, 1);
            QCOMPARE(ctl({verb, "job", "nameless"}).status, 2);
            QCOMPARE(ctl({verb, "stream", "main/live/door"}).status, 2);
        }
        QCOMPARE(ctl({"describe", "job", "main/live/none"}).status, 1);
        QCOMPARE(ctl({"restart", "job", "main/live/door"}).status, 2);
    }

    void bashCompletes_data()
    {
        QTest::addColumn<QStringList>("line");  // the last is the word that is being written
        QTest::addColumn<QString>("wanted");
        QTest::newRow("command") << QStringList{"dr"} << "drain";
        QTest::newRow("after an option with a value") << QStringList{"--server", "get", "dr"} << "drain";
        QTest::newRow("what") << QStringList{"get", "no"} << "node-groups nodes node-images";
        QTest::newRow("choices of the words") << QStringList{"route", ""} << "publish subscribe";
        QTest::newRow("option") << QStringList{"get", "nodes", "--so"} << "--sort";
        QTest::newRow("common option") << QStringList{"stop", "--ou"} << "--output";
        QTest::newRow("no value is guessed") << QStringList{"get", "nodes", "--sort", ""} << "";
        QTest::newRow("file") << QStringList{"apply", "--file", "/etc/host"} << "/etc/hosts";
        QTest::newRow("jobs") << QStringList{"get", "jo"} << "jobs";
        QTest::newRow("what stops") << QStringList{"stop", ""} << "deployment job provision";
        QTest::newRow("shell") << QStringList{"completion", "z"} << "zsh";
    }

    void bashCompletes()
    {
        QFETCH(QStringList, line);
        QFETCH(QString, wanted);
        const Run script = ctl({"completion", "bash"});
        QCOMPARE(script.status, 0);
        write("complete.bash", script.out.toStdString());
        QStringList arguments{"-c",
                              "source \"$1\"; shift; COMP_WORDS=(headgatectl \"$@\"); COMP_CWORD=$#; "
                              "_headgatectl; for word in \"${COMPREPLY[@]}\"; do [[ $word == /etc/hosts.* || "
                              "$word == /etc/hostname ]] || echo \"$word\"; done",
                              "bash", path("complete.bash")};
        QProcess bash;
        bash.start("bash", arguments + line);
        QVERIFY(bash.waitForFinished());
        QCOMPARE(bash.readAllStandardError(), QByteArray());
        QStringList found = QString(bash.readAllStandardOutput()).split('\n', Qt::SkipEmptyParts);
        found.removeAll("/etc/host.conf");
        QCOMPARE(found.join(' '), wanted);
    }

    void zshTakesItsScript()
    {
        const Run script = ctl({"completion", "zsh"});
        QCOMPARE(script.status, 0);
        write("_headgatectl", script.out.toStdString());
        QProcess zsh;
        zsh.start("zsh", {"-f", "-c",
                          "autoload -U compinit; compinit -D -u; source \"$1\"; echo $_comps[headgatectl]; "
                          "whence -w _headgatectl",
                          "zsh", path("_headgatectl")});
        QVERIFY(zsh.waitForFinished());
        QCOMPARE(zsh.readAllStandardError(), QByteArray());
        QCOMPARE(zsh.readAllStandardOutput(), QByteArray("_headgatectl\n_headgatectl: function\n"));
        QCOMPARE(ctl({"completion", "fish"}).status, 2);
    }
};

QTEST_GUILESS_MAIN(CtlListsTest)
#include "ctl_lists_test.moc"
