#include "core/base/random.h"
#include "core/media/flv/flv_tag.h"
#include "core/media/http/web_socket.h"

#include <QTest>

using namespace headgate;
using namespace headgate::http_flv;

namespace {

// A frame as a client sends it.
Bytes clientFrame(std::uint32_t first, std::string_view payload)
{
    const Bytes mask{0x37, 0xFA, 0x21, 0x3D};
    Bytes frame;
    appendU8(frame, first);
    if (payload.size() < 126) {
        appendU8(frame, 0x80 | static_cast<std::uint32_t>(payload.size()));
    } else {
        appendU8(frame, 0x80 | 126);
        appendU16(frame, static_cast<std::uint32_t>(payload.size()));
    }
    appendView(frame, mask);
    for (std::size_t i = 0; i < payload.size(); ++i)
        appendU8(frame, static_cast<std::uint32_t>(static_cast<std::uint8_t>(payload[i]) ^ mask[i % 4]));
    return frame;
}

struct Reading
{
    Result<void> add(ByteView bytes)
    {
        return reader.append(bytes, [this](Opcode opcode, const Bytes& payload) {
            heard.emplace_back(opcode, std::string(textOf(payload)));
            return true;
        });
    }
    WebSocketReader reader;
    std::vector<std::pair<Opcode, std::string>> heard;
};

ErrorCode refusalOf(const Bytes& bytes)
{
    Reading reading;
    const auto read = reading.add(bytes);
    return read ? ErrorCode::Internal : read.error().code;
}

}  // namespace

class WebSocketTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theKeyIsAnsweredAsTheStandardShows()
    {
        QCOMPARE(webSocketAccept("dGhlIHNhbXBsZSBub25jZQ=="), std::string("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        QVERIFY(isWebSocketKey("dGhlIHNhbXBsZSBub25jZQ=="));
        for (const char* wrong : {"", "short==", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ\r\n=="})
            QVERIFY(!isWebSocketKey(wrong));
    }

    void headersHaveThreeLengths()
    {
        const auto header = [](std::size_t size) {
            Bytes out;
            appendWebSocketHeader(out, Opcode::Binary, size);
            return out;
        };
        QVERIFY(header(125) == (Bytes{0x82, 125}));
        QVERIFY(header(126) == (Bytes{0x82, 126, 0, 126}));
        QVERIFY(header(65'535) == (Bytes{0x82, 126, 0xFF, 0xFF}));
        QVERIFY(header(65'536) == (Bytes{0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0}));
        QVERIFY(closeFrame(CloseCode::ProtocolError) == (Bytes{0x88, 2, 0x03, 0xEA}));
    }

    void controlFramesAreHeardInAnyParts()
    {
        Bytes bytes = clientFrame(0x89, "Hello");
        appendView(bytes, clientFrame(0x82, std::string(60'000, 'x')));  // of no interest
        appendView(bytes, clientFrame(0x01, "begin"));
        appendView(bytes, clientFrame(0x8A, ""));
        appendView(bytes, clientFrame(0x80, "end"));
        appendView(bytes, clientFrame(0x88, "\x03\xE8"));
        const std::vector<std::pair<Opcode, std::string>> expected{
            {Opcode::Ping, "Hello"}, {Opcode::Pong, ""}, {Opcode::Close, "\x03\xE8"}};
        Random random(1);
        for (int i = 0; i < 20; ++i) {
            Reading reading;
            ByteView left = bytes;
            while (!left.empty()) {
                const std::size_t size = std::min<std::size_t>(left.size(), 1 + random.below(3000));
                QVERIFY(reading.add(left.first(size)).has_value());
                left = left.subspan(size);
            }
            QVERIFY(reading.heard == expected);
        }
    }

    void whatBreaksTheProtocolIsRefused()
    {
        QVERIFY(refusalOf({0x89, 0x01, 'x'}) == ErrorCode::InvalidArgument);         // no mask
        QVERIFY(refusalOf({0xC9, 0x80, 0, 0, 0, 0}) == ErrorCode::InvalidArgument);  // reserved bit
        QVERIFY(refusalOf({0x83, 0x80, 0, 0, 0, 0}) == ErrorCode::InvalidArgument);  // unknown
        QVERIFY(refusalOf({0x09, 0x80, 0, 0, 0, 0}) == ErrorCode::InvalidArgument);  // ping in parts
        QVERIFY(refusalOf({0x89, 0xFE, 0, 126}) == ErrorCode::InvalidArgument);      // long ping
        QVERIFY(refusalOf({0x82, 0xFF, 0, 0, 0, 0, 0, 1, 0, 1}) == ErrorCode::ResourceExhausted);
        QVERIFY(refusalOf({0x82, 0xFF, 0, 0, 0, 1, 0, 0, 0, 0}) == ErrorCode::ResourceExhausted);
    }

    void flippedBitsNeverCrash()
    {
        Random random(2);
        const Bytes whole = clientFrame(0x89, "Hello");
        int refused = 0;
        for (int i = 0; i < 20'000; ++i) {
            Bytes broken = whole;
            for (std::uint64_t flips = random.below(4) + 1; flips > 0; --flips)
                broken[random.below(broken.size())] ^= static_cast<std::uint8_t>(1u << random.below(8));
            Reading reading;
            refused += reading.add(broken).has_value() ? 0 : 1;
        }
        QVERIFY(refused > 0);
    }
};

QTEST_GUILESS_MAIN(WebSocketTest)
#include "web_socket_test.moc"
