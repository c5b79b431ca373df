#include "core/plane/client_locator.h"
#include "core/plane/country_places.h"
#include "tests/support/geo_file.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest/QTest>

#include <cstdio>
#include <sstream>

using namespace headgate;
using headgate::testing::GeoFile;

namespace {

const GeoPosition frankfurt{50.11, 8.68};
const GeoPosition tokyo{35.68, 139.69};

}  // namespace

class ClientLocatorTest : public QObject
{
    Q_OBJECT

private:
    std::string path(const char* name) const { return m_folder.filePath(name).toStdString(); }

    void write(const std::string& file, const std::string& bytes)
    {
        QFile out(QString::fromStdString(file));
        QVERIFY(out.open(QIODevice::WriteOnly));
        QCOMPARE(out.write(bytes.data(), static_cast<qint64>(bytes.size())), static_cast<qint64>(bytes.size()));
    }

    static GeoFile someCities()
    {
        GeoFile file;
        file.addCity("81.2.69.0", 24, frankfurt.latitude, frankfurt.longitude);
        file.addCity("2001:db8:7::", 48, tokyo.latitude, tokyo.longitude);
        file.addCountry("89.160.20.0", 23, "SE");
        file.addCountry("89.160.40.0", 23, "??");
        return file;
    }

    QTemporaryDir m_folder;

private Q_SLOTS:
    void addressesAreFoundInTheirNetworks()
    {
        write(path("places.mmdb"), someCities().bytes());
        const auto locator = ClientLocator::open(path("places.mmdb"));
        QVERIFY2(locator.has_value(), locator ? "" : locator.error().message.c_str());
        const auto position = [&](const char* address) { return (*locator)->placeOf(address).position; };
        QVERIFY(position("81.2.69.142") == frankfurt);
        QVERIFY(position("::ffff:81.2.69.1") == frankfurt);
        QVERIFY(position("2001:db8:7:1::5") == tokyo);
        for (const char* unknown : {"81.2.70.1", "2001:db8:8::1", "127.0.0.1", "", "81.2.69.142:80", "nonsense"})
            QVERIFY2(!position(unknown), unknown);
    }

    void aCountryIsWhereItsFirstTimeZoneIs()
    {
        write(path("places.mmdb"), someCities().bytes());
        const auto locator = ClientLocator::open(path("places.mmdb"));
        const auto stockholm = (*locator)->placeOf("89.160.21.3").position;
        QVERIFY(stockholm && std::abs(stockholm->latitude - 59.3) < 0.1 && std::abs(stockholm->longitude - 18) < 0.1);
        QVERIFY(!(*locator)->placeOf("89.160.40.3").position);
    }

    void aListOfTimeZonesIsReadLineByLine()
    {
        std::istringstream lines("# comment\nUS\t+404251-0740023\tAmerica/New_York\nUS\t+340308-1181434\tAmerica/X\n"
                                 "BR\t-2332-04637\tAmerica/Sao_Paulo\nXX\tnonsense\tY\nZ\nYY\t+1-2\tY\n");
        const auto places = readCountryPlaces(lines);
        QCOMPARE(places.size(), 2u);
        QVERIFY(std::abs(places.at("US").latitude - 40.714) < 0.001);
        QVERIFY(std::abs(places.at("US").longitude + 74.006) < 0.001);
        QVERIFY(std::abs(places.at("BR").latitude + 23.533) < 0.001);
    }

    void addressesAreToldApartWithoutADatabase()
    {
        const auto locator = ClientLocator::open({});
        const auto address = [&](const char* text) { return (*locator)->placeOf(text).address; };
        QVERIFY(!(*locator)->placeOf("81.2.69.142").position);
        QVERIFY(address("81.2.69.142") != address("81.2.69.143"));
        QCOMPARE(address("81.2.69.142").network(), address("81.2.69.1").network());
        QVERIFY(address("81.2.69.142").network() != address("81.2.70.142").network());
        QVERIFY(address("2001:db8:7:1::5") == address("2001:db8:7:1:9::6"));
        QVERIFY(address("2001:db8:7:1::5") != address("2001:db8:7:2::5"));
        QCOMPARE(address("2001:db8:7:1::5").network(), address("2001:db8:7:2::5").network());
        for (const char* nobody : {"127.0.0.1", "::1", "", "x"})
            QVERIFY2(!address(nobody).isKnown() && address(nobody).network() == 0, nobody);
    }

    void whatCannotBeReadIsNamed()
    {
        const auto missing = ClientLocator::open(path("none.mmdb"));
        QVERIFY(!missing);
        QCOMPARE(missing.error().code, ErrorCode::NotFound);
        QVERIFY(missing.error().message.find("none.mmdb") != std::string::npos);
        QVERIFY(missing.error().message.find("No such file") != std::string::npos);
        write(path("text.mmdb"), "This is no database.");
        const auto text = ClientLocator::open(path("text.mmdb"));
        QCOMPARE(text.error().code, ErrorCode::InvalidArgument);
        QVERIFY(text.error().message.find("text.mmdb") != std::string::npos);
        QCOMPARE(ClientLocator::open(m_folder.path().toStdString()).error().code, ErrorCode::InvalidArgument);
        std::string half = someCities().bytes();
        half.resize(half.size() / 2);
        write(path("half.mmdb"), half);
        QCOMPARE(ClientLocator::open(path("half.mmdb")).error().code, ErrorCode::InvalidArgument);
    }

    // Overwritten in place, which would end a process that has the file mapped.
    void aFileThatChangesIsReadAgainAndABadOneIsNotTaken()
    {
        write(path("places.mmdb"), someCities().bytes());
        const auto locator = ClientLocator::open(path("places.mmdb"));
        const auto position = [&](const char* address) { return (*locator)->placeOf(address).position; };
        write(path("places.mmdb"), {});
        QTest::qWait(1500);
        QVERIFY(position("81.2.69.142") == frankfurt);
        GeoFile moved;
        moved.addCity("81.2.69.0", 24, tokyo.latitude, tokyo.longitude);
        write(path("new.mmdb"), moved.bytes());
        QCOMPARE(std::rename(path("new.mmdb").c_str(), path("places.mmdb").c_str()), 0);
        QTRY_VERIFY_WITH_TIMEOUT(position("81.2.69.142") == tokyo, 30'000);
    }
};

QTEST_GUILESS_MAIN(ClientLocatorTest)
#include "client_locator_test.moc"
