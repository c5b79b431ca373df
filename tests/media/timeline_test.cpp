#include "core/media/hub/timeline.h"
#include "tests/media/support/frames.h"

#include <QTest>

using namespace headgate;
using namespace headgate::tests;

namespace {

const MonotonicTime begin{std::chrono::hours(1)};

}  // namespace

class TimelineTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void oneSourceKeepsItsTime()
    {
        Timeline timeline;
        for (const std::uint32_t time : {7000u, 7040u, 100u, 4'294'967'290u, 5u}) {
            const SharedFrame frame = keyFrame(time);
            QVERIFY(timeline.place(frame, begin) == frame);
        }
    }

    void anotherSourceGoesOnWithWhatPassed()
    {
        Timeline timeline;
        timeline.place(keyFrame(10'000), begin);
        timeline.place(audioFrame(10'020), begin);
        timeline.startSource();
        const MonotonicTime later = begin + Duration(1500);
        QCOMPARE(timeline.place(videoHeader(), later)->timestampMs(), 10'020u);
        QCOMPARE(timeline.place(keyFrame(90'000), later)->timestampMs(), 11'520u);
        QCOMPARE(timeline.place(audioFrame(89'980), later)->timestampMs(), 11'520u);  // not before the picture
        QCOMPARE(timeline.place(interFrame(90'040), later)->timestampMs(), 11'560u);
        QVERIFY(timeline.place(keyFrame(90'080), later)->isKeyFrame());
    }

    void aThirdSourceGoesOnAfterTheSecond()
    {
        Timeline timeline;
        timeline.place(keyFrame(1000), begin);
        timeline.startSource();
        QCOMPARE(timeline.place(keyFrame(0), begin)->timestampMs(), 1001u);
        timeline.startSource();
        QCOMPARE(timeline.place(keyFrame(500), begin + Duration(9))->timestampMs(), 1010u);
    }

    void theNumberWrapsAround()
    {
        Timeline timeline;
        timeline.place(keyFrame(4'294'967'290u), begin);
        timeline.startSource();
        QCOMPARE(timeline.place(keyFrame(0), begin + Duration(10))->timestampMs(), 4u);
        QCOMPARE(timeline.place(interFrame(40), begin + Duration(50))->timestampMs(), 44u);
    }

    void aFirstSourceIsNoOther()
    {
        Timeline timeline;
        timeline.startSource();
        QCOMPARE(timeline.place(keyFrame(123), begin)->timestampMs(), 123u);
    }
};

QTEST_GUILESS_MAIN(TimelineTest)
#include "timeline_test.moc"
