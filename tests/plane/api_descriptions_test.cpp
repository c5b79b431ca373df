#include "core/wire/stream_manager_operations.h"
#include "tests/plane/api_fixture.h"
#include "tests/plane/dialect_documents.h"

#include <QTest>

#include <regex>

using namespace headgate;
using namespace headgate::test;

// What the server says of its Stream Manager calls is what it does.
class ApiDescriptionsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_api = std::make_unique<ApiFixture>();
        QVERIFY(m_api->isUp() && m_api->addAccount("admin") && m_api->signIn());
    }
    void cleanupTestCase() { m_api.reset(); }

    void fourServicesDescribeThemselvesWithoutAToken()
    {
        std::size_t count = 0;
        for (const char* service : {"auth", "admin", "streams", "autoscale"}) {
            const Answer answer = call(m_api->port(), "GET", path(service));
            QCOMPARE(answer.status, 200);
            QCOMPARE(answer.field("content-type"), std::string("application/json"));
            const json document = answer.json();
            QVERIFY(document["openapi"] == "3.0.1" && document["info"]["title"].is_string());
            for (const json& methods : document["paths"])
                count += methods.size();
            checkReferences(document, document);
        }
        QCOMPARE(count, stream_manager::operations().size());
        QVERIFY(isError(call(m_api->port(), "GET", path("conference")), 404));
        QVERIFY(isError(call(m_api->port(), "POST", path("admin")), 405));
    }

    void everyDescribedCallIsThereAndAsksForWhatItSays()
    {
        for (const stream_manager::Operation& operation : stream_manager::operations()) {
            const std::string target =
                std::regex_replace(std::string(operation.path), std::regex("\\{\\w+\\}"), "some");
            std::string method(operation.method);
            std::ranges::transform(method, method.begin(), [](unsigned char c) { return std::toupper(c); });
            const std::string what = method + " " + target;
            const Answer open = call(m_api->port(), method, target);
            const bool wantsToken = operation.sign == stream_manager::Sign::Token;
            if (!operation.path.starts_with("/as/v1/auth"))
                QVERIFY2((open.status == 401) == wantsToken, (what + std::to_string(open.status)).c_str());
            const Answer signedIn = m_api->as(method, target);
            QVERIFY2(signedIn.status != 405 && signedIn.status != 501, what.c_str());
            QVERIFY2(signedIn.body.find("There is nothing at") == std::string::npos, what.c_str());
        }
    }

    void thePageLoadsNothingFromElsewhere()
    {
        for (const char* place : {"/swagger-ui.html", "/swagger-ui/index.html"}) {
            const Answer page = call(m_api->port(), "GET", place);
            QCOMPARE(page.status, 200);
            QVERIFY(page.field("content-type").starts_with("text/html"));
            QVERIFY(page.field("content-security-policy").starts_with("default-src 'none'"));
            for (const char* word : {"http://", "https://", "src=", "@import", "url("})
                QVERIFY2(page.body.find(word) == std::string::npos, word);
        }
        QCOMPARE(call(m_api->port(), "HEAD", "/swagger-ui.html").status, 200);
        QCOMPARE(call(m_api->port(), "POST", "/swagger-ui.html").status, 404);
    }

private:
    static std::string path(const std::string& service) { return "/as/v1/" + service + "/v3/api-docs"; }

    static void checkReferences(const json& part, const json& document)
    {
        for (const auto& [name, value] : part.items()) {
            if (value.is_structured())
                checkReferences(value, document);
            else if (name == "$ref")
                QVERIFY2(document.contains(json::json_pointer(value.get<std::string>().substr(1))),
                         value.dump().c_str());
        }
    }

    std::unique_ptr<ApiFixture> m_api;
};

QTEST_GUILESS_MAIN(ApiDescriptionsTest)
#include "api_descriptions_test.moc"
