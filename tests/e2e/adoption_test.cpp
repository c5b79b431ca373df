#include "tests/support/outage.h"

#include <QTest>

using namespace headgate::test;

class AdoptionTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void killedControlPlaneAdoptsItsNodesWithoutALostFrame();
};

void AdoptionTest::killedControlPlaneAdoptsItsNodesWithoutALostFrame()
{
    Outage outage(3);
    const QByteArray problem = outage.run();
    QVERIFY2(problem.isEmpty(), problem);
}

QTEST_GUILESS_MAIN(AdoptionTest)
#include "adoption_test.moc"
