#include "core/domain/stream.h"

#include <QtTest/QTest>

using namespace headgate;

class StreamKeyTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aPathIsScopeAndName_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("scope");
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("plain") << QByteArray("live/show1") << QByteArray("live") << QByteArray("show1");
        QTest::newRow("scope of several")
            << QByteArray("live/room1/show1") << QByteArray("live/room1") << QByteArray("show1");
        QTest::newRow("all characters") << QByteArray("a.b_c~d-e/0.Z") << QByteArray("a.b_c~d-e") << QByteArray("0.Z");
        QTest::newRow("dots inside") << QByteArray("live/...") << QByteArray("live") << QByteArray("...");
        QTest::newRow("eight parts") << QByteArray("a/b/c/d/e/f/g/h") << QByteArray("a/b/c/d/e/f/g") << QByteArray("h");
        QTest::newRow("longest part") << "live/" + QByteArray(128, 'x') << QByteArray("live") << QByteArray(128, 'x');
    }

    void aPathIsScopeAndName()
    {
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, scope);
        QFETCH(QByteArray, name);
        const auto key = StreamKey::parse(path.toStdString());
        QVERIFY(key.has_value());
        QCOMPARE(QByteArray::fromStdString(key->scope), scope);
        QCOMPARE(QByteArray::fromStdString(key->name), name);
        QCOMPARE(QByteArray::fromStdString(key->path()), path);
    }

    void whatIsNoStreamIsRefused_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("no scope") << QByteArray("show1");
        QTest::newRow("leading slash") << QByteArray("/live/show1");
        QTest::newRow("trailing slash") << QByteArray("live/show1/");
        QTest::newRow("double slash") << QByteArray("live//show1");
        QTest::newRow("only a slash") << QByteArray("/");
        QTest::newRow("dot") << QByteArray("live/.");
        QTest::newRow("up") << QByteArray("../show1");
        QTest::newRow("up inside") << QByteArray("live/../show1");
        QTest::newRow("space") << QByteArray("live/show 1");
        QTest::newRow("percent") << QByteArray("live/show%31");
        QTest::newRow("query") << QByteArray("live/show1?a=b");
        QTest::newRow("line end") << QByteArray("live/show1\n");
        QTest::newRow("zero byte") << QByteArray("live/sh\0w", 8);
        QTest::newRow("not ASCII") << QByteArray("live/sh\xc3\xb6w");
        QTest::newRow("part too long") << "live/" + QByteArray(129, 'x');
        QTest::newRow("nine parts") << QByteArray("a/b/c/d/e/f/g/h/i");
    }

    void whatIsNoStreamIsRefused()
    {
        QFETCH(QByteArray, path);
        const auto key = StreamKey::parse(path.toStdString());
        QVERIFY(!key.has_value());
        QCOMPARE(key.error().code, ErrorCode::InvalidArgument);
        QVERIFY(!key.error().message.empty());
    }

    void aVeryLongPathDoesNotFillTheMessage()
    {
        const auto key = StreamKey::parse(std::string(1'000'000, 'x'));
        QVERIFY(!key.has_value());
        QVERIFY(key.error().message.size() < 400);
    }
};

QTEST_GUILESS_MAIN(StreamKeyTest)
#include "stream_key_test.moc"
