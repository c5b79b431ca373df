#include "core/api/setup_token.h"
#include "core/store/connection.h"
#include "core/wire/native_codec.h"
#include "tests/plane/ctl_fixture.h"
#include "tests/support/plane_parts.h"

#include <QFile>
#include <QFileInfo>
#include <QTcpServer>
#include <QtTest/QTest>

using namespace headgate;
using test::Run;

// The built program against a real server.
class CtlProgramTest : public test::CtlFixture
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        ApiOptions options;
        options.setupTokenDigest = setupTokenDigest("the-setup-token");
        QVERIFY(start(options));
        write("password", "correct horse battery\n");
    }

    void setsUpAndKeepsTheTokenToItself()
    {
        const Run wrong = ctl({"setup", "--setup-token", "nonsense", "-u", "admin", "-p", path("password")});
        QCOMPARE(wrong.status, 1);
        QVERIFY(!QFileInfo::exists(path("token")));
        const Run done = ctl({"setup", "--setup-token", "the-setup-token", "-u", "admin", "-p", path("password")});
        QVERIFY2(done.status == 0, qPrintable(done.err));
        const auto others =
            QFileDevice::ReadGroup | QFileDevice::ReadOther | QFileDevice::WriteGroup | QFileDevice::WriteOther;
        QVERIFY(!(QFile::permissions(path("token")) & others));
        QCOMPARE(ctl({"get", "nodes"}).status, 0);
    }

    void signsIn()
    {
        QVERIFY(m_fixture->addAccount("admin"));
        write("wrong", "no horse at all\n");
        const Run refused = ctl({"login", "-u", "admin", "-p", path("wrong")});
        QCOMPARE(refused.status, 4);
        QVERIFY(refused.err.contains("user name and password"));
        const Run done = ctl({"login", "-u", "admin", "-p", path("password")});
        QVERIFY2(done.status == 0, qPrintable(done.err));
        QVERIFY(!done.err.contains("horse"));
        QCOMPARE(ctl({"get", "streams"}).status, 0);
    }

    void tellsApartWhyItCouldNot()
    {
        QCOMPARE(ctl({"get", "nodes"}).status, 4);
        write("token", "not.a.token\n");
        const Run notSignedIn = ctl({"get", "nodes"});
        QCOMPARE(notSignedIn.status, 4);
        QVERIFY(notSignedIn.err.contains("headgatectl login"));
        QTcpServer nobody;
        QVERIFY(nobody.listen(QHostAddress::LocalHost));
        const QString address = "http://127.0.0.1:" + QString::number(nobody.serverPort());
        nobody.close();
        QCOMPARE(ctl({"--server", address, "get", "nodes"}).status, 3);
        QCOMPARE(ctl({"--server", "ftp://x", "get", "nodes"}).status, 2);
        QCOMPARE(ctl({"get", "nonsense"}).status, 2);
        QCOMPARE(ctl({"frob"}).status, 2);
        QCOMPARE(ctl({}).status, 2);
        QCOMPARE(ctl({"--help"}).status, 0);
        signIn();
        QCOMPARE(ctl({"get", "node-groups", "missing"}).status, 1);
    }

    void appliesNativeAndStreamManagerDocuments()
    {
        signIn();
        write("native.json", native::write(native::toJson(test::sampleGroup("native", 0, 0))));
        const Run preview = ctl({"apply", "-f", path("native.json"), "--dry-run"});
        QVERIFY2(preview.status == 0, qPrintable(preview.err));
        QVERIFY(preview.out.contains("would be created"));
        QVERIFY(m_fixture->host().snapshot()->nodeGroups.empty());
        QVERIFY(ctl({"apply", "-f", path("native.json")}).out.contains("created, version 1"));
        QVERIFY(ctl({"apply", "-f", path("native.json")}).out.contains("like that already"));
        write("sm.json", R"({"name":"sm","cloudPlatform":"AWS","images":{"i":{"image":"x"}},)"
                         R"("roles":{"origin":{"imageName":"i","capabilities":["PUBLISH"]}},)"
                         R"("groups":{"s":{"rulesByRole":{"origin":{"min":"0","max":"2"}}}}})");
        const Run applied = ctl({"apply", "-f", path("sm.json")});
        QVERIFY2(applied.status == 0, qPrintable(applied.err));
        QVERIFY(m_fixture->host().snapshot()->findNodeGroup(NodeGroupName("sm")));
        write("broken.json", "{\"name\":");
        const Run broken = ctl({"apply", "-f", path("broken.json")});
        QCOMPARE(broken.status, 2);
        QVERIFY(broken.err.contains("line 1"));
    }

    void whatItExportsItApplies()
    {
        signIn();
        test::submitAndWait(m_fixture->host(), test::requestOf(CreateNodeGroup{test::sampleGroup("a", 0, 0)}));
        test::submitAndWait(m_fixture->host(), test::requestOf(CreateNodeGroup{test::sampleGroup("b", 0, 0)}));
        const Run all = ctl({"export"});
        QCOMPARE(all.status, 0);
        const NodeGroup before = m_fixture->host().snapshot()->findNodeGroup(NodeGroupName("a"))->group;
        for (const char* name : {"a", "b"})
            QCOMPARE(ctl({"delete", "node-group", name, "--yes"}).status, 0);
        QVERIFY(m_fixture->host().snapshot()->nodeGroups.empty());
        write("all.json", all.out.toStdString());
        QCOMPARE(ctl({"apply", "-f", path("all.json")}).status, 0);
        QVERIFY(m_fixture->host().snapshot()->findNodeGroup(NodeGroupName("a"))->group == before);
        const Run one = ctl({"export", "node-group", "a"});
        QVERIFY(*native::nodeGroupFromJson(*native::parse(one.out.toStdString())) == before);
    }

    // As somebody would who can write the file, while the server runs.
    void anAuditTrailThatWasTouchedIsFound_data()
    {
        QTest::addColumn<QString>("statement");
        QTest::addColumn<QString>("row");  // the first that does not fit
        QTest::newRow("changed") << "UPDATE audit SET actor = 'nobody' WHERE sequence = 2"
                                 << "Row 2 ";
        QTest::newRow("removed") << "DELETE FROM audit WHERE sequence = 2"
                                 << "Row 2 ";
        QTest::newRow("reordered") << "UPDATE audit SET sequence = CASE sequence WHEN 2 THEN 9003 ELSE 9002 END WHERE "
                                      "sequence IN (2, 3); UPDATE audit SET sequence = sequence - 9000 WHERE sequence "
                                      "> 9000"
                                   << "Row 2 ";
        QTest::newRow("appended")
            << "INSERT INTO audit SELECT (SELECT MAX(sequence) FROM audit) + 1, at, actor, verb, object, severity, "
               "sentence, before, after, request_id, revision, chain FROM audit WHERE sequence = 2"
            << "";
    }
    void anAuditTrailThatWasTouchedIsFound()
    {
        QFETCH(QString, statement);
        QFETCH(QString, row);
        signIn();
        for (const char* name : {"a", "b", "c"})
            test::submitAndWait(m_fixture->host(), test::requestOf(CreateNodeGroup{test::sampleGroup(name, 0, 0)}));
        const Run whole = ctl({"audit", "verify"});
        QVERIFY2(whole.status == 0 && whole.out.contains("as they were written"), qPrintable(whole.out + whole.err));
        auto store = StoreConnection::open(m_fixture->host().options().dataDir + "/headgate.sqlite",
                                           StoreConnection::Access::ReadWrite);
        QVERIFY(store);
        for (const char* trigger : {"audit_is_not_changed", "audit_is_not_shortened"})
            QVERIFY((*store)->run(QStringLiteral("DROP TRIGGER %1").arg(trigger)));
        for (const QString& each : statement.split(QStringLiteral("; ")))
            QVERIFY2((*store)->run(each), qPrintable(each));
        const Run touched = ctl({"audit", "verify"});
        QVERIFY2(touched.status == 1 && touched.err.contains(row), qPrintable(touched.out + touched.err));
    }

    void aVersionThatIsNotInForceIsRefused()
    {
        signIn();
        NodeGroup group = test::sampleGroup("a", 0, 0);
        test::submitAndWait(m_fixture->host(), test::requestOf(CreateNodeGroup{group}));
        group.description = "Changed.";
        write("a.json", native::write(native::toJson(group)));
        QCOMPARE(ctl({"apply", "-f", path("a.json"), "--if-match", "7"}).status, 1);
        const Run done = ctl({"apply", "-f", path("a.json"), "--if-match", "1"});
        QVERIFY2(done.status == 0, qPrintable(done.err));
        QVERIFY(done.out.contains("~ /description"));
    }

    void deletesOnlyWhenAskedOrSure()
    {
        signIn();
        test::submitAndWait(m_fixture->host(), test::requestOf(CreateNodeGroup{test::sampleGroup("a", 0, 0)}));
        const Run unsure = ctl({"delete", "node-group", "a"});
        QCOMPARE(unsure.status, 2);
        QVERIFY(unsure.err.contains("--yes"));
        QCOMPARE(ctl({"delete", "node-group", "a", "--dry-run"}).status, 0);
        QVERIFY(m_fixture->host().snapshot()->findNodeGroup(NodeGroupName("a")));
        QCOMPARE(ctl({"delete", "node-group", "a", "-y"}).status, 0);
        QVERIFY(!m_fixture->host().snapshot()->findNodeGroup(NodeGroupName("a")));
        QCOMPARE(ctl({"delete", "node-group", "a", "-y"}).status, 1);
    }

    void listsAsTableAndAsJson()
    {
        signIn();
        test::submitAndWait(m_fixture->host(), test::requestOf(CreateNodeGroup{test::sampleGroup("a", 0, 0)}));
        const Run table = ctl({"get", "node-groups"});
        QVERIFY(table.out.startsWith("NAME"));
        QVERIFY(table.out.contains("\na "));
        const auto json = native::parse(ctl({"get", "node-groups", "-o", "json"}).out.toStdString());
        QVERIFY(json.has_value());
        QCOMPARE((*json)["nodeGroups"].size(), std::size_t(1));
        QVERIFY(ctl({"get", "audit", "node-group.create"}).out.contains("Node group a"));
        QCOMPARE(ctl({"route", "publish", "live/show1"}).status, 1);
        QCOMPARE(ctl({"drain", "missing"}).status, 1);
    }
};

QTEST_GUILESS_MAIN(CtlProgramTest)
#include "ctl_program_test.moc"
