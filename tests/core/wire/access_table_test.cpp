#include "core/wire/access_table.h"

#include <QFile>
#include <QtTest/QTest>

#include <algorithm>
#include <array>

using namespace headgate;

namespace {

constexpr std::array roles = {AccountRole::Viewer, AccountRole::Operator, AccountRole::Scheduler, AccountRole::Admin};

}  // namespace

class AccessTableTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    // HEADGATE_WRITE_PAGES=1 writes the page instead.
    void thePageSaysWhatTheTableSays()
    {
        QFile file(qEnvironmentVariable("HEADGATE_SOURCE_DIR", ".") + "/docs/access.md");
        const QByteArray page = QByteArray::fromStdString(accessPage());
        if (qEnvironmentVariableIsSet("HEADGATE_WRITE_PAGES")) {
            QVERIFY(file.open(QIODevice::WriteOnly));
            QCOMPARE(file.write(page), page.size());
            return;
        }
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), page);
    }

    void anAdminMayAllThatAnybodyMay()
    {
        for (int i = 0; i <= static_cast<int>(Permission::Administer); ++i) {
            const auto permission = static_cast<Permission>(i);
            QVERIFY(isAllowed(AccountRole::Admin, permission));
            for (const AccountRole role : roles)
                QVERIFY(isAllowed(role, permission) || !isAllowed(AccountRole::Viewer, permission));
        }
        QVERIFY(!isAllowed(AccountRole::Viewer, Permission::Operate));
        QVERIFY(!isAllowed(AccountRole::Operator, Permission::Plan));
        QVERIFY(isAllowed(AccountRole::Operator, Permission::Adjust));
        QVERIFY(!isAllowed(AccountRole::Scheduler, Permission::Operate));
        QVERIFY(!isAllowed(AccountRole::Operator, Permission::Configure));
    }

    void viewersChangeNothing()
    {
        for (const AccessRow& row : accessTable()) {
            const bool isRead = row.methods == "GET" || row.rule.permission == Permission::Own ||
                                row.rule.permission == Permission::Open || row.rule.exposure == Exposure::Public ||
                                row.path == "/api/v1/preview" || row.path.find("/evaluate/") != std::string::npos;
            QVERIFY2(isRead || !isAllowed(AccountRole::Viewer, row.rule.permission), row.path.c_str());
        }
    }

    void whatIsNotInTheTableIsNoCall()
    {
        for (const char* path : {"/as/v1/admin", "/as/v1/admin/secrets", "/as/v2/streams", "/as/v1//streams/stream",
                                 "/as/v1/auth/login/x", "/metrics/x", "", "/", "/as/v1/admin/nodegroup/a/b/pause/c"}) {
            const DialectMatch match = matchDialect("PUT", path);
            QVERIFY2(!match.rule, path);
        }
        QCOMPARE(matchDialect("PUT", "/nowhere").allowedMethods, std::string());
        QCOMPARE(matchDialect("DELETE", "/as/v1/auth/login").allowedMethods, std::string("PUT, POST"));
        QCOMPARE(matchDialect("TRACE", "/as/v1/admin/nodegroup").allowedMethods, std::string("GET, POST, PUT"));
    }

    void theFirstRowThatFitsCounts()
    {
        QCOMPARE(matchDialect("GET", "/as/v1/streams/stream/g/live/a").rule->exposure, Exposure::Public);
        QCOMPARE(matchDialect("GET", "/as/v1/streams/live/a/publish").rule->exposure, Exposure::Private);
        QCOMPARE(matchDialect("HEAD", "/as/v1/proxy/forward/").rule->exposure, Exposure::Public);
        QCOMPARE(matchDialect("PUT", "/as/v1/admin/nodegroup/g/pause").rule->permission, Permission::Operate);
        QCOMPARE(matchDialect("DELETE", "/as/v1/admin/nodegroup/g").rule->permission, Permission::Configure);
    }
};

QTEST_GUILESS_MAIN(AccessTableTest)
#include "access_table_test.moc"
