#include "core/api/trusted_proxies.h"
#include "core/plane/ip_address.h"

#include <QtTest/QTest>

using namespace headgate;

class TrustedProxiesTest : public QObject
{
    Q_OBJECT

private:
    static TrustedProxies proxies(const char* list) { return TrustedProxies::parse(list).value(); }

private Q_SLOTS:
    void nobodyIsBelievedByDefault()
    {
        QCOMPARE(TrustedProxies().clientOf("127.0.0.1", "203.0.113.7"), std::string("127.0.0.1"));
        QCOMPARE(proxies("").clientOf("127.0.0.1", "203.0.113.7"), std::string("127.0.0.1"));
        QCOMPARE(proxies("10.0.0.1").clientOf("127.0.0.1", "203.0.113.7"), std::string("127.0.0.1"));
    }

    void theLastWhoIsNoProxyIsTheClient()
    {
        const TrustedProxies trusted = proxies("127.0.0.1, 10.0.0.0/8,fd00::/8,::1");
        QCOMPARE(trusted.clientOf("127.0.0.1", ""), std::string("127.0.0.1"));
        QCOMPARE(trusted.clientOf("127.0.0.1", "203.0.113.7"), std::string("203.0.113.7"));
        QCOMPARE(trusted.clientOf("::1", "2001:db8::7"), std::string("2001:db8::7"));
        // What a client wrote itself stands in front of what the proxies know.
        QCOMPARE(trusted.clientOf("127.0.0.1", "198.51.100.1, 203.0.113.7 ,10.2.3.4, fd00::9"),
                 std::string("203.0.113.7"));
        QCOMPARE(trusted.clientOf("203.0.113.7", "198.51.100.1"), std::string("203.0.113.7"));
        QCOMPARE(trusted.clientOf("127.0.0.1", "10.1.1.1"), std::string("10.1.1.1"));
        // Whoever it is, it is not the proxy itself, whose machine may read the figures and is not counted.
        for (const char* unreadable : {"203.0.113.7, unknown", ",,", "203.0.113.7:4711", "unix:"})
            QCOMPARE(trusted.clientOf("127.0.0.1", unreadable), std::string("0.0.0.0"));
    }

    void networksEndWhereTheySay()
    {
        const TrustedProxies trusted = proxies("192.0.2.128/25,2001:db8:8000::/33,0.0.0.0/0");
        QCOMPARE(trusted.clientOf("192.0.2.200", "2001:db8:8001::1,2001:db8:7fff::1"), std::string("2001:db8:7fff::1"));
        QCOMPARE(proxies("192.0.2.128/25").clientOf("192.0.2.127", "203.0.113.7"), std::string("192.0.2.127"));
        QCOMPARE(proxies("192.0.2.128/25").clientOf("192.0.2.128", "203.0.113.7"), std::string("203.0.113.7"));
        QCOMPARE(proxies("0.0.0.0/0").clientOf("::2", "203.0.113.7"), std::string("::2"));
    }

    void aHouseholdIsOneClient()
    {
        const auto number = [](const char* address) { return clientIn(address).number(); };
        QCOMPARE(number("2001:db8::1"), number("2001:db8::ffff:1"));
        QVERIFY(number("2001:db8::1") != number("2001:db8:0:1::1"));
        QCOMPARE(number("::ffff:203.0.113.7"), number("203.0.113.7"));
        QVERIFY(number("203.0.113.7") != number("203.0.113.8"));
        QVERIFY(number("fe80::1%eth0") != 0);
        for (const char* nobody : {"127.0.0.1", "::1", "", "localhost"})
            QCOMPARE(number(nobody), std::uint64_t(0));
    }

    void whatIsNoNetworkIsNamed()
    {
        for (const char* wrong : {"localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "10.0.0.0/-1", "::/129",
                                  "127.0.0.1,,10.0.0.1", "10.0.0.1 10.0.0.2"}) {
            const auto parsed = TrustedProxies::parse(wrong);
            QVERIFY2(!parsed, wrong);
            QCOMPARE(parsed.error().code, ErrorCode::InvalidArgument);
        }
        QVERIFY(TrustedProxies::parse("127.0.0.1,proxy.local").error().message.find("proxy.local") !=
                std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TrustedProxiesTest)
#include "trusted_proxies_test.moc"
