#include "ui/format.h"

#include <QTest>

using namespace headgate;

namespace {

const TimePoint saturdayEvening = fromEpochMs(1'814'035'338'000);  // 2027-06-26T18:42:18Z

}  // namespace

class FormatTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void thousandsAreGrouped()
    {
        QCOMPARE(format::count(184230), QString("184,230"));
        QCOMPARE(format::count(0), QString("0"));
        QCOMPARE(format::signedCount(3120), QString("+3,120"));
        QCOMPARE(format::compactCount(61200), QString("61.2k"));
        QCOMPARE(format::compactCount(950), QString("950"));
        QCOMPARE(format::ofCount(44, 48), QString("44 of 48"));
    }

    void ratesHaveAtMostThreeSignificantDigits()
    {
        QCOMPARE(format::rate(6'200'000).joined(), QString("6.2 Mbit/s"));
        QCOMPARE(format::rate(608'000'000'000).joined(), QString("608 Gbit/s"));
        QCOMPARE(format::rate(64'000).joined(), QString("64.0 kbit/s"));
        QCOMPARE(format::rate(0).joined(), QString("0 Mbit/s"));
        QCOMPARE(format::megabits(14'200'000), QString("14.2"));
    }

    void durationsUseTheLargestTwoUnits()
    {
        using namespace std::chrono;
        QCOMPARE(format::duration(seconds(48)), QString("48 s"));
        QCOMPARE(format::duration(minutes(41)), QString("41 min"));
        QCOMPARE(format::duration(minutes(64)), QString("1 h 04 min"));
        QCOMPARE(format::duration(hours(76)), QString("3 d 4 h"));
        QCOMPARE(format::duration(seconds(-1)), format::unknown());
        QCOMPARE(format::ageOf(milliseconds(400)), QString("0.4 s"));
        QCOMPARE(format::milliseconds(1900), QString("1.9 s"));
    }

    void everyTimeNamesItsZone()
    {
        const QTimeZone berlin("Europe/Berlin");
        QCOMPARE(format::clock(saturdayEvening, berlin), QString("20:42 CEST"));
        QCOMPARE(format::clockSeconds(saturdayEvening, QTimeZone("America/New_York")), QString("14:42:18 EDT"));
        QCOMPARE(format::clockSeconds(saturdayEvening, QTimeZone::utc()), QString("18:42:18 UTC"));
        QCOMPARE(format::dateClock(saturdayEvening, berlin), QString("Sat 26 Jun 2027 20:42:18 CEST"));
    }

    void healthCoversTheLifecycle()
    {
        Node node;
        node.state = NodeState::InService;
        QCOMPARE(format::nodeState(node).word, QString("Ready"));
        node.health = NodeHealth::Suspect;
        QCOMPARE(format::nodeState(node).word, QString("Suspect"));
        QCOMPARE(format::nodeState(node).status, Status::Warning);
        node.health = NodeHealth::Healthy;
        node.state = NodeState::HardSunset;
        QCOMPARE(format::nodeState(node).word, QString("Sealed"));
        node.state = NodeState::Creating;
        QCOMPARE(format::nodeState(node).status, Status::Pending);
    }

    void everyErrorSaysWhatToDo()
    {
        for (int code = 0; code <= static_cast<int>(ErrorCode::Internal); ++code) {
            const format::ErrorWords said = format::error({static_cast<ErrorCode>(code), "It failed.", {}, {}});
            QVERIFY(!said.title.isEmpty());
            QVERIFY(said.nextStep.endsWith('.'));
            QVERIFY(!said.title.contains('!'));
        }
        QCOMPARE(format::errorLine({ErrorCode::Conflict, "It has a publisher.", "End the stream first.", {}}),
                 QString("It has a publisher. End the stream first."));
    }

    void unknownFiguresAreADash()
    {
        StreamReport report;
        QCOMPARE(format::ingestFormat(report), QString("no signal"));
        report.height = 1080;
        report.framesPerSecond = 49.98;
        report.videoCodec = "H.264";
        QCOMPARE(format::ingestFormat(report), QString("1080p50 H.264"));
        QCOMPARE(format::framesPerSecond(29.97), QString("29.97"));
        QCOMPARE(format::framesPerSecond(0), format::unknown());
    }
};

QTEST_GUILESS_MAIN(FormatTest)
#include "format_test.moc"
