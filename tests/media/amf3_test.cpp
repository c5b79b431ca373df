#include "core/base/random.h"
#include "core/media/rtmp/amf3.h"
#include "core/media/rtmp/command.h"

#include <QTest>

using namespace headgate;

namespace {

Result<std::vector<Amf0>> parse(Bytes amf3)
{
    amf3.insert(amf3.begin(), 0x11);
    return Amf0::parseAll(amf3);
}

Amf0 parseOne(const Bytes& amf3)
{
    const auto values = parse(amf3);
    return values && values->size() == 1 ? values->front() : Amf0("malformed");
}

// A dynamic object without a class: {app: "live", same: "live", n: -1, list: [1, true], again: "app"}.
const Bytes sampleObject{0x0A, 0x0B, 0x01, 0x07, 'a',  'p',  'p',  0x06, 0x09, 'l',  'i',  'v',  'e',  0x09, 's', 'a',
                         'm',  'e',  0x06, 0x02, 0x03, 'n',  0x04, 0xFF, 0xFF, 0xFF, 0xFF, 0x09, 'l',  'i',  's', 't',
                         0x09, 0x05, 0x01, 0x04, 0x01, 0x03, 0x0B, 'a',  'g',  'a',  'i',  'n',  0x06, 0x00, 0x01};

}  // namespace

class Amf3Test : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void simpleValuesAreRead()
    {
        QVERIFY(parseOne({0x00}) == Amf0());
        QVERIFY(parseOne({0x01}) == Amf0(Amf0::Null{}));
        QVERIFY(parseOne({0x02}) == Amf0(false));
        QVERIFY(parseOne({0x03}) == Amf0(true));
        QVERIFY(parseOne({0x04, 0x7F}) == Amf0(127.0));
        QVERIFY(parseOne({0x04, 0x81, 0x00}) == Amf0(128.0));
        QVERIFY(parseOne({0x04, 0xC0, 0x80, 0x80, 0x00}) == Amf0(-268'435'456.0));
        QVERIFY(parseOne({0x05, 0x3F, 0xF0, 0, 0, 0, 0, 0, 0}) == Amf0(1.0));
        QVERIFY(parseOne({0x06, 0x07, 'a', 'b', 'c'}) == Amf0("abc"));
        QVERIFY(parseOne({0x0C, 0x05, 'x', 'y'}) == Amf0("xy"));
        QVERIFY(parseOne({0x08, 0x01, 0x3F, 0xF0, 0, 0, 0, 0, 0, 0}) == Amf0(Amf0::Date{1.0}));
        QVERIFY(parseOne({0x0D, 0x03, 0x00, 0xFF, 0xFF, 0xFF, 0xFE}) == Amf0(Amf0::StrictArray{{Amf0(-2.0)}}));
        QVERIFY(parseOne({0x11, 0x03, 0x00, 0x04, 0x01, 0x03}) == Amf0());
    }

    void objectsAndReferencesAreRead()
    {
        const Amf0 expected = Amf0::Object{{{"app", "live"},
                                            {"same", "live"},
                                            {"n", -1.0},
                                            {"list", Amf0::StrictArray{{Amf0(1.0), Amf0(true)}}},
                                            {"again", "app"}}};
        QVERIFY(parseOne(sampleObject) == expected);
        // Two objects of a class with one sealed member; the second takes the traits of the first.
        const Bytes two{0x09, 0x05, 0x01, 0x0A, 0x13, 0x03, 'C', 0x03, 'm', 0x04, 0x05, 0x0A, 0x01, 0x04, 0x06};
        const Amf0 pair = Amf0::StrictArray{{Amf0(Amf0::Object{{{"m", 5.0}}}), Amf0(Amf0::Object{{{"m", 6.0}}})}};
        QVERIFY(parseOne(two) == pair);
        const Bytes named{0x09, 0x01, 0x03, 'k', 0x04, 0x02, 0x01};
        QVERIFY(parseOne(named) == Amf0(Amf0::EcmaArray{{{"k", 2.0}}}));
    }

    void commandsMayHoldBoth()
    {
        using namespace rtmp;
        Message message{MessageType::CommandAmf3, 0, 0, {0}};
        Amf0("connect").appendTo(message.payload);
        Amf0(1.0).appendTo(message.payload);
        message.payload.push_back(0x11);
        appendView(message.payload, sampleObject);
        const auto command = parseCommand(message);
        QVERIFY(command.has_value());
        QVERIFY(command->name == "connect");
        QVERIFY(command->argument(0)["app"].text() == "live");
        message.payload.erase(message.payload.begin());  // as some send it
        QVERIFY(parseCommand(message).has_value());
        QVERIFY(!parseCommand(Message{MessageType::CommandAmf3, 0, 0, {0}}).has_value());
        QVERIFY(!parseCommand(Message{MessageType::CommandAmf3, 0, 0, {}}).has_value());
    }

    void whatIsBrokenOrTooMuchIsRefused()
    {
        for (std::size_t size = 0; size < sampleObject.size(); ++size)
            QVERIFY(!parse(Bytes(sampleObject.begin(), sampleObject.begin() + static_cast<std::ptrdiff_t>(size))));
        QVERIFY(!parse({0x06, 0x02}).has_value());                                // no such string
        QVERIFY(!parse({0x0A, 0x07, 0x03, 'C'}).has_value());                     // reads itself
        QVERIFY(!parse({0x0A, 0x05}).has_value());                                // no such traits
        QVERIFY(!parse({0x12}).has_value());                                      // no such marker
        QVERIFY(!parse({0x09, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x01}).has_value());  // more than there is
        QVERIFY(!parse({0x0A, 0xFF, 0xFF, 0xFF, 0xFB, 0x01}).has_value());
        Bytes deep;
        for (int i = 0; i < 20; ++i)
            appendView(deep, Bytes{0x09, 0x03, 0x01});
        deep.push_back(0x01);
        QVERIFY(!parse(deep).has_value());
        Bytes many{0x09, 0xC0, 0x01, 0x01};  // 4096 values in an array
        many.resize(many.size() + 8192, 0x01);
        QVERIFY(!parse(many).has_value());
    }

    void aSmallMessageCannotGrow()
    {
        // A string of 1000 bytes, then repeated a thousand times.
        Bytes bytes{0x09, 0x8F, 0x53, 0x01, 0x06, 0x8F, 0x51};
        bytes.resize(bytes.size() + 1000, 'a');
        for (int i = 0; i < 1000; ++i)
            appendView(bytes, Bytes{0x06, 0x00});
        QVERIFY(!parse(bytes).has_value());
    }

    void flippedBitsNeverCrash()
    {
        Random random(5);
        int refused = 0;
        for (int i = 0; i < 20'000; ++i) {
            Bytes broken = sampleObject;
            for (std::uint64_t flips = random.below(4) + 1; flips > 0; --flips)
                broken[random.below(broken.size())] ^= static_cast<std::uint8_t>(1u << random.below(8));
            refused += parse(broken).has_value() ? 0 : 1;
        }
        QVERIFY(refused > 0);
    }
};

QTEST_GUILESS_MAIN(Amf3Test)
#include "amf3_test.moc"
