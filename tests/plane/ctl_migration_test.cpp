#include "tests/plane/ctl_fixture.h"
#include "tests/plane/dialect_documents.h"

using namespace headgate;
using namespace headgate::test;

// What a running Stream Manager has goes to this control plane.
class CtlMigrationTest : public CtlFixture
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        QVERIFY(start());
        signIn();
        m_source = std::make_unique<ApiFixture>();
        QVERIFY(m_source->isUp() && m_source->addAccount("admin") && m_source->signIn());
        write("password", ApiFixture::password() + "\n");
    }
    void cleanup() { m_source.reset(); }

    void groupsOverlaysAndProvisionsAreCopied()
    {
        json overlay = emptyDocument("eu-weekend");
        overlay["baseNodeGroupName"] = "eu-live";
        overlay["schedules"]["sat"] = {{"name", "sat"}, {"startAt", "0 0 0 ? * SAT *"}, {"durationS", 86400}};
        for (const json& document : {emptyDocument("eu-live"), emptyDocument("us-live"), overlay})
            QCOMPARE(m_source->as("POST", "/as/v1/admin/nodegroup", document.dump()).status, 200);
        const json provision = {{"provisionGuid", "live/test"},
                                {"credentials", {{"username", "u"}, {"password", "open sesame"}}},
                                {"streams", {{{"streamGuid", "live/test_1"}}}}};
        QCOMPARE(m_source->as("POST", provisions, json::array({provision}).dump()).status, 201);

        const Run shown = import({"--dry-run"});
        QVERIFY2(shown.status == 0, qPrintable(shown.err));
        for (const char* line : {"+ nodeGroups/eu-live", "+ nodeGroups/us-live", "+ provisions/eu-live/live/test",
                                 "configurations/eu-weekend", "would be imported"})
            QVERIFY2(shown.out.contains(line), qPrintable(shown.out));
        QVERIFY(m_fixture->as("GET", "/as/v1/admin/nodegroup").json().empty());

        const Run done = import();
        QVERIFY2(done.status == 0, qPrintable(done.err));
        QVERIFY(done.err.contains("the source hides secrets of provision live/test"));
        for (const char* line : {"would be imported", "+ nodeGroups/eu-live", "+ provisions/eu-live/live/test"})
            QVERIFY2(done.err.contains(line), qPrintable(done.err));
        for (const char* name : {"eu-live", "us-live", "eu-weekend"}) {
            const std::string path = std::string("/as/v1/admin/nodegroup/") + name;
            QVERIFY2(m_fixture->as("GET", path).json() == m_source->as("GET", path).json(), name);
        }
        json copied = m_fixture->as("GET", provisions + "/live/test").json();
        QVERIFY(copied["credentials"] == json({{"username", "u"}, {"password", ""}}));

        copied["credentials"]["password"] = "another";
        QCOMPARE(m_fixture->as("PUT", provisions, copied.dump()).status, 200);
        const Run again = import();
        QVERIFY2(again.status == 0 && !again.out.contains("provisions/"), qPrintable(again.out + again.err));
        QVERIFY(m_fixture->as("GET", provisions + "/live/test").json()["credentials"]["password"] == "********");
    }

    void whatCannotBeReadIsToldAndChangesNothing()
    {
        QCOMPARE(import().status, 1);
        write("password", "wrong\n");
        const Run refused = import();
        QVERIFY2(refused.status == 4 && refused.err.contains("answered 401"), qPrintable(refused.err));
        const QStringList nowhere{"import", "--from-stream-manager", "http://127.0.0.1:1", "--password-file",
                                  path("password")};
        QCOMPARE(ctl(nowhere).status, 3);
        QCOMPARE(ctl({"import", "--from-stream-manager", "ftp://x", "--password-file", path("password")}).status, 2);
        QCOMPARE(ctl({"import", "--from-stream-manager", "127.0.0.1:1", "-f", path("password")}).status, 2);
        QVERIFY(m_fixture->as("GET", "/as/v1/admin/nodegroup").json().empty());
    }

private:
    Run import(const QStringList& more = {})
    {
        const QString source = "http://127.0.0.1:" + QString::number(m_source->port());
        return ctl(QStringList{"import", "--from-stream-manager", source, "--user", "admin", "--password-file",
                               path("password")} +
                   more);
    }

    const std::string provisions = "/as/v1/streams/provision/eu-live";
    std::unique_ptr<ApiFixture> m_source;
};

QTEST_GUILESS_MAIN(CtlMigrationTest)
#include "ctl_migration_test.moc"
