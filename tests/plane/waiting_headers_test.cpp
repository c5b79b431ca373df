#include "core/api/api_context.h"

#include <QtTest/QTest>

using namespace headgate;
using namespace std::chrono_literals;

class WaitingHeadersTest : public QObject
{
    Q_OBJECT

private:
    static std::string header(const http::Response& response, const std::string& name)
    {
        for (const auto& [key, value] : response.headers) {
            if (key == name)
                return value;
        }
        return "none";
    }

private Q_SLOTS:
    void bothDialectsSayWhenToComeBackAndWithWhat()
    {
        const Error full{ErrorCode::ResourceExhausted, "All places are taken.", "Try again later.", {}};
        const RouteRefusal refusal{full, WaitingPlace{"7-00000000000000ff", 3, 1200ms}};
        for (const bool isNative : {true, false}) {
            const http::Response plain = isNative ? nativeFailure(full, RequestId("r")) : streamManagerFailure(full);
            const http::Response waiting = withWaiting(plain, refusal);
            QCOMPARE(waiting.status, 503);
            QCOMPARE(waiting.body, plain.body);
            QCOMPARE(header(waiting, "Retry-After"), std::string("2"));
            QCOMPARE(header(waiting, "Headgate-Ticket"), std::string("7-00000000000000ff"));
            QCOMPARE(header(waiting, "Headgate-Ahead"), std::string("3"));
            QCOMPARE(header(withWaiting(plain, {full, {}}), "Retry-After"), std::string("none"));
            QCOMPARE(header(withWaiting(plain, {full, WaitingPlace{}}), "Headgate-Ticket"), std::string("none"));
        }
    }
};

QTEST_GUILESS_MAIN(WaitingHeadersTest)
#include "waiting_headers_test.moc"
