#include "tests/support/outage.h"

#include <QTest>

using namespace headgate::test;

class LongOutageTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void threeMinutesWithoutControlPlaneLoseNoFrame();
};

void LongOutageTest::threeMinutesWithoutControlPlaneLoseNoFrame()
{
    Outage outage(180);
    const QByteArray problem = outage.run();
    QVERIFY2(problem.isEmpty(), problem);
}

QTEST_GUILESS_MAIN(LongOutageTest)
#include "long_outage_test.moc"
