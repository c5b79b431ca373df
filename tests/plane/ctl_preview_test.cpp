#include "core/plane/ctl/preview.h"

#include <QtCore/QTemporaryDir>
#include <QtTest/QTest>

#include <fstream>
#include <sstream>

using namespace headgate;

namespace {

const char* const plan = R"({"schedules": [
  {"id": "night", "name": "Night", "scope": {"nodeGroup": "live"}, "effect": {"kind": "active", "min": 2, "max": 8},
   "timing": {"zone": "America/New_York", "start": "2026-01-01T02:30:00", "end": {"at": "05:00"},
              "rule": "FREQ=DAILY"}}]})";

class PreviewRun
{
public:
    PreviewRun(const std::string& text, std::vector<std::string> options)
    {
        const std::string file = m_folder.filePath("plan").toStdString();
        std::ofstream(file) << text;
        std::vector<std::string> words = {
            "preview", "--file", file, "--from", "2026-03-08T00:00:00-05:00", "--to", "2026-03-08T18:00:00Z"};
        for (const std::string& option : options)
            words.push_back(option);
        const auto arguments = ctl::parseArguments(words).value();
        const bool isJson = arguments.value("output") == "json";
        const auto outcome =
            ctl::runPreview({arguments, isJson ? ctl::Format::Json : ctl::Format::Table, m_out, m_out});
        m_text = m_out.str();
        m_error = outcome ? "" : outcome.error().error.message + " " + outcome.error().error.pointer;
    }

    QString text() const { return QString::fromStdString(m_text); }
    QString error() const { return QString::fromStdString(m_error); }

private:
    QTemporaryDir m_folder;
    std::ostringstream m_out;
    std::string m_text, m_error;
};

}  // namespace

class CtlPreviewTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aTableShowsWhatRunsWhenAndWhy()
    {
        const PreviewRun run(plan, {});
        QCOMPARE(run.error(), QString());
        QVERIFY(run.text().contains("times on the wall of America/New_York"));
        QVERIFY2(run.text().contains("2026-03-08T03:00:00-04:00  2026-03-08T05:00:00-04:00"), qPrintable(run.text()));
        QVERIFY(run.text().contains("Night, over live"));
        QVERIFY(run.text().contains("C8  2026-03-08T03:00:00-04:00"));
    }

    void jsonSaysBothTimes()
    {
        const PreviewRun run(plan, {"-o", "json", "--zone", "UTC"});
        QVERIFY2(run.text().contains("\"start\": \"2026-03-08T07:00:00Z\""), qPrintable(run.text()));
        QVERIFY(run.text().contains("\"startLocal\": \"2026-03-08T07:00:00\""));
    }

    void otherDialectsAreTaken()
    {
        const PreviewRun manager(R"({"name": "weekend", "baseNodeGroupName": "live", "cloudPlatform": "LOCAL",
            "schedules": {"w": {"startAt": "0 0 6 ? * SUN *", "durationS": 3600}}})",
                                 {});
        QCOMPARE(manager.error(), QString());
        QVERIFY(manager.text().contains("Node group live"));
        const PreviewRun calendar("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:Cup\nDTSTART:20260308T100000Z\n"
                                  "DURATION:PT2H\nEND:VEVENT\nEND:VCALENDAR\n",
                                  {});
        QCOMPARE(calendar.error(), QString());
        QVERIFY(calendar.text().contains("2026-03-08T10:00:00Z  2026-03-08T12:00:00Z"));
    }

    void whatIsWrongIsNamedWithItsLine()
    {
        const auto broken = [](const char* from, const char* to) {
            return PreviewRun(QByteArray(plan).replace(from, to).toStdString(), {}).error();
        };
        QVERIFY(broken("America/New_York", "America/Atlantis").endsWith("/schedules/0/timing/zone (line 3)"));
        QVERIFY(broken("05:00", "01:00").endsWith("/schedules/0/timing/end (line 3)"));
        QVERIFY(broken("FREQ=DAILY", "FREQ=DALLY").endsWith("/schedules/0/timing/rule (line 4)"));
        QVERIFY(broken("{\"at\"", "{at").contains("line 3"));
        QVERIFY(PreviewRun(std::string(10 << 20, '\n'), {}).error().contains("line 10000001"));
        QVERIFY(PreviewRun(plan, {"--zone", "../../etc/passwd"}).error().contains("no time zone"));
    }
};

QTEST_GUILESS_MAIN(CtlPreviewTest)
#include "ctl_preview_test.moc"
