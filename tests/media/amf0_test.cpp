#include "core/base/random.h"
#include "core/media/rtmp/amf0.h"

#include <QTest>

using namespace headgate;

namespace {

Amf0 sample()
{
    return Amf0::Object{{{"number", 1.5},
                         {"truth", true},
                         {"text", "words"},
                         {"none", Amf0::Null{}},
                         {"list", Amf0::StrictArray{{Amf0(1.0), Amf0("two"), Amf0(Amf0::Date{1e12})}}},
                         {"inner", Amf0::EcmaArray{{{"width", 640.0}, {"undefined", Amf0()}}}},
                         {"long", std::string(70'000, 'x')}}};
}

Bytes encoded(const Amf0& value)
{
    Bytes out;
    value.appendTo(out);
    return out;
}

}  // namespace

class Amf0Test : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyKindComesBackAsItWent()
    {
        Bytes bytes = encoded(sample());
        Amf0("second").appendTo(bytes);
        const auto values = Amf0::parseAll(bytes);
        QVERIFY(values.has_value());
        QCOMPARE(values->size(), std::size_t{2});
        QVERIFY((*values)[0] == sample());
        QVERIFY((*values)[0]["inner"]["width"].number() == 640.0);
        QVERIFY((*values)[1].text() == "second");
        QVERIFY(!(*values)[0]["missing"].text().has_value());
    }

    void aNumberIsWrittenAsTheSpecificationShows()
    {
        const Bytes expected{0x00, 0x3F, 0xF0, 0, 0, 0, 0, 0, 0};
        QVERIFY(encoded(1.0) == expected);
    }

    void whatIsTooDeepIsRefused()
    {
        Amf0 nested = 1.0;
        for (int i = 0; i < 17; ++i)
            nested = Amf0::Object{{{"a", nested}}};
        QVERIFY(!Amf0::parseAll(encoded(nested)).has_value());
    }

    void whatIsTooMuchIsRefused()
    {
        Bytes bytes;
        for (int i = 0; i < 5000; ++i)
            Amf0(Amf0::Object{{{"a", Amf0::Null{}}}}).appendTo(bytes);
        const auto many = Amf0::parseAll(bytes);
        QVERIFY(!many.has_value());
        const Bytes announced{0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x05};
        QVERIFY(!Amf0::parseAll(announced).has_value());
    }

    void everyTruncationIsRefusedOrReadWhole()
    {
        const Bytes bytes = encoded(Amf0::Object{{{"a", 1.0}, {"b", "text"}, {"c", Amf0::Object{{{"d", true}}}}}});
        for (std::size_t size = 1; size < bytes.size(); ++size)
            QVERIFY(!Amf0::parseAll(ByteView(bytes).first(size)).has_value());
    }

    void flippedBitsNeverCrash()
    {
        Random random(7);
        const Bytes bytes = encoded(Amf0::Object{{{"a", 1.0}, {"b", Amf0::StrictArray{{Amf0("x"), Amf0(2.0)}}}}});
        int refused = 0;
        for (int i = 0; i < 20'000; ++i) {
            Bytes broken = bytes;
            for (std::uint64_t flips = random.below(4) + 1; flips > 0; --flips)
                broken[random.below(broken.size())] ^= static_cast<std::uint8_t>(1u << random.below(8));
            refused += Amf0::parseAll(broken).has_value() ? 0 : 1;
        }
        QVERIFY(refused > 0);
    }
};

QTEST_GUILESS_MAIN(Amf0Test)
#include "amf0_test.moc"
