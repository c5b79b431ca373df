#include "core/base/random.h"
#include "core/media/http/request.h"

#include <QTest>

using namespace headgate;
using namespace headgate::http_flv;
using State = RequestReader::State;

namespace {

State stateOf(std::string_view text)
{
    RequestReader reader;
    return reader.append(viewOf(text));
}

}  // namespace

class HttpRequestTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aRequestIsReadHoweverItIsCut()
    {
        constexpr std::string_view text = "GET /live/a%20b.flv?token=1%32 HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n";
        for (std::size_t cut = 1; cut < text.size(); ++cut) {
            RequestReader reader;
            QCOMPARE(reader.append(viewOf(text.substr(0, cut))), State::NeedsMore);
            QCOMPARE(reader.append(viewOf(text.substr(cut))), State::Complete);
            QCOMPARE(reader.request().method, std::string("GET"));
            QCOMPARE(reader.request().path, std::string("/live/a b.flv"));
            QCOMPARE(reader.request().query, std::string("token=1%32"));
            QVERIFY(reader.request().isHttp11);
        }
    }

    void whatIsMalformedIsRefused()
    {
        for (const std::string_view text :
             {"GET\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", "GET live HTTP/1.1\r\n\r\n",
              "G(T / HTTP/1.1\r\n\r\n", "GET /%zz HTTP/1.1\r\n\r\n", "GET /%4 HTTP/1.1\r\n\r\n",
              "GET /%00 HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n", "GET /\x01 HTTP/1.1\r\n\r\n",
              "GET / HTTP/1.1\r\n folded: x\r\n\r\n", "\r\n\r\n"})
            QVERIFY2(stateOf(text) == State::Malformed, std::string(text).c_str());
    }

    void aHeadWithoutEndIsTooLarge()
    {
        RequestReader reader;
        const std::string piece(1000, 'a');
        State state = reader.append(viewOf("GET /"));
        for (int i = 0; i < 20 && state == State::NeedsMore; ++i)
            state = reader.append(viewOf(piece));
        QCOMPARE(state, State::TooLarge);
    }

    void requestsComeOneAfterTheOther()
    {
        const std::string first = "GET /a HTTP/1.1\r\nIf-None-Match: \"x\"\r\n\r\n";
        const std::string second = "GET /b HTTP/1.1\r\nRange: bytes=1-\r\nConnection: close\r\n\r\n";
        RequestReader reader;
        QCOMPARE(reader.append(viewOf(first + second.substr(0, 9))), State::Complete);
        QCOMPARE(reader.request().ifNoneMatch, std::string("\"x\""));
        QVERIFY(!reader.request().isLast);
        QCOMPARE(reader.append(viewOf(second.substr(9, 3))), State::Complete);
        QCOMPARE(reader.request().path, std::string("/a"));
        QCOMPARE(reader.next(), State::NeedsMore);
        QCOMPARE(reader.append(viewOf(second.substr(12))), State::Complete);
        QCOMPARE(reader.request().path, std::string("/b"));
        QCOMPARE(reader.request().range, std::string("bytes=1-"));
        QVERIFY(reader.request().isLast && reader.request().ifNoneMatch.empty());
        QCOMPARE(reader.append(viewOf(std::string(17'000, 'x'))), State::TooLarge);
    }

    void brokenBytesNeverCrash()
    {
        constexpr std::string_view text = "GET /live/show.flv?a=b HTTP/1.1\r\nHost: x\r\n\r\n";
        Random random(5);
        for (int i = 0; i < 20'000; ++i) {
            std::string broken(text);
            for (std::uint64_t flips = random.below(5) + 1; flips > 0; --flips)
                broken[random.below(broken.size())] ^= static_cast<char>(1 << random.below(8));
            RequestReader reader;
            const std::size_t cut = random.below(broken.size());
            if (reader.append(viewOf(std::string_view(broken).substr(0, cut))) == State::NeedsMore)
                reader.append(viewOf(std::string_view(broken).substr(cut)));
        }
    }
};

QTEST_GUILESS_MAIN(HttpRequestTest)
#include "http_request_test.moc"
