#include "core/plane/zone_files.h"
#include "core/provider/whole_file.h"

#include <QTemporaryDir>
#include <QTest>

using namespace headgate;

class WholeFileTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isReadToItsEndOrNotAtAll()
    {
        const QTemporaryDir folder;
        const std::string file = folder.filePath("file").toStdString();
        const std::string text = std::string(100'000, 'x') + '\0' + "end";
        std::ofstream(file, std::ios::binary) << text;
        QVERIFY(readWholeFile(file) == text);
        std::ofstream(file, std::ios::trunc).close();
        QVERIFY(readWholeFile(file) == std::string());
        QVERIFY(!readWholeFile(file + ".none"));
        QVERIFY(!readWholeFile(folder.path().toStdString()));
        QVERIFY(!readWholeFile("/proc/self/mem"));  // opens, and fails at the first byte
    }

    // It is a directory of the database.
    void aContinentIsNoTimeZone()
    {
        const auto zone = loadZoneFile("Europe");
        QVERIFY(!zone && zone.error().code == ErrorCode::NotFound);
        QVERIFY(loadZoneFile("Europe/Berlin").has_value());
    }
};

QTEST_APPLESS_MAIN(WholeFileTest)
#include "whole_file_test.moc"
