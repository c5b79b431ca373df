#include "tests/support/cluster_fixture.h"

#include <QRegularExpression>
#include <QTest>

using namespace headgate::test;

// The page for people, in a real browser.
class ApiBrowserTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void thePageListsEveryCall();
};

void ApiBrowserTest::thePageListsEveryCall()
{
    Cluster cluster;
    QVERIFY2(cluster.start(), cluster.report());
    qsizetype count = 0;
    for (const char* service : {"auth", "admin", "streams", "autoscale"}) {
        const QString docs = QStringLiteral("/as/v1/%1/v3/api-docs").arg(QLatin1String(service));
        const QJsonObject paths = cluster.call("GET", docs).object()["paths"].toObject();
        for (const QJsonValue methods : paths)
            count += methods.toObject().size();
    }
    const auto page = runTool(
        "chromium", {"--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions",
                     "--disable-background-networking", "--no-proxy-server", "--virtual-time-budget=10000",
                     "--user-data-dir=" + cluster.path("profile"), "--dump-dom", cluster.url() + "/swagger-ui.html"});
    const QString text = QString::fromUtf8(page.standardOutput);
    QVERIFY2(text.contains(QStringLiteral("data-count=\"%1\"").arg(count)), qPrintable(text + page.standardError));
    QVERIFY(text.contains("/as/v1/admin/nodegroup/{nodeGroup}/{subGroup}/{role}/manualscale"));
    QCOMPARE(text.count("<details>"), count);
}

QTEST_GUILESS_MAIN(ApiBrowserTest)
#include "api_browser_test.moc"
