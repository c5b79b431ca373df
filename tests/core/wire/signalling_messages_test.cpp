#include "core/wire/native_codec.h"
#include "core/wire/signalling_messages.h"

#include <QTest>

using namespace headgate;
using namespace headgate::stream_manager;
using Kind = SignallingMessage::Kind;

Q_DECLARE_METATYPE(headgate::stream_manager::SignallingMessage)

// What older clients say over a WebSocket.
class SignallingMessagesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void messagesOfClientsAreRead_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<SignallingMessage>("message");
        const auto row = [](const char* text, SignallingMessage message) {
            QTest::newRow(text) << QByteArray(text) << message;
        };
        row(R"({"isAvailable":"publisher1","type":"webrtc","bundle":true})", {Kind::IsAvailable, "publisher1"});
        row(R"({"requestOffer":"s","requestId":"r","transport":"udp","datachannel":true})", {Kind::RequestOffer, "s"});
        row(R"({"handleOffer":"live/s","data":{"sdp":{"type":"offer","sdp":"v=0"}}})",
            {Kind::HandleOffer, "live/s", "v=0"});
        row(R"({"handleAnswer":"s","data":{"sdp":{"sdp":"v=0"}}})", {Kind::HandleAnswer, "s", "v=0"});
        row(R"({"handleCandidate":"s","data":{"candidate":{"candidate":"candidate:1 1","sdpMid":"0","sdpMLineIndex":0}}})",
            {Kind::HandleCandidate, "s", {}, "a=mid:0\r\na=candidate:1 1\r\n"});
        row(R"({"handleCandidate":"s","data":{"candidate":{"candidate":"candidate:1 1","sdpMid":null}}})",
            {Kind::HandleCandidate, "s", {}, "a=candidate:1 1\r\n"});
        for (const char* last : {R"({"type":"candidate","candidate":""})", R"({})", R"(null)", R"({"candidate":null})"})
            QTest::newRow(last) << QByteArray(R"({"handleCandidate":"s","data":{"candidate":)") + last + "}}"
                                << SignallingMessage{Kind::HandleCandidate, "s", {}, "a=end-of-candidates\r\n"};
        row(R"({"publish":"s","mode":"live"})", {Kind::Begin, "s"});
        row(R"({"subscribe":"s","requestId":"r"})", {Kind::Begin, "s"});
        row(R"({"unpublish":"s"})", {Kind::End, "s"});
        row(R"({"unsubscribe":"s"})", {Kind::End, "s"});
    }
    void messagesOfClientsAreRead()
    {
        QFETCH(const QByteArray, text);
        QFETCH(const SignallingMessage, message);
        const auto read = signallingMessageIn(text.toStdString());
        QVERIFY2(read && *read == message, read ? "another message" : read.error().message.c_str());
    }

    void anythingElseIsRefused_data()
    {
        QTest::addColumn<QByteArray>("text");
        for (
            const char* text :
            {"", "{", "[]", "\"isAvailable\"", "{}", R"({"isAvailable":1})", R"({"isAvailable":""})", R"({"ping":"s"})",
             R"({"handleOffer":"s"})", R"({"handleOffer":"s","data":{"sdp":"v=0"}})",
             R"({"handleOffer":"s","data":{"sdp":{"sdp":""}}})",
             R"({"handleOffer":"s","data":{"sdp":{"type":"answer","sdp":"v=0"}}})",
             R"({"handleAnswer":"s","data":{"sdp":{"type":1,"sdp":"v=0"}}})", R"({"handleCandidate":"s","data":{}})",
             R"({"handleCandidate":"s","data":{"candidate":"candidate:1"}})",
             R"({"handleCandidate":"s","data":{"candidate":{"candidate":1}}})",
             R"({"handleCandidate":"s","data":{"candidate":{"candidate":"ice-ufrag:1"}}})",
             R"({"handleCandidate":"s","data":{"candidate":{"candidate":"candidate:1\na=ice-ufrag:x"}}})",
             R"({"handleCandidate":"s","data":{"candidate":{"candidate":"candidate:1","sdpMid":"0\r\na=ice-ufrag:x"}}})"})
            QTest::newRow(text) << QByteArray(text);
    }
    void anythingElseIsRefused()
    {
        QFETCH(const QByteArray, text);
        const auto read = signallingMessageIn(text.toStdString());
        QVERIFY(!read && read.error().code == ErrorCode::InvalidArgument && !read.error().message.empty());
    }

    void whatIsSaidIsJson()
    {
        QCOMPARE(availableMessage(true), std::string(R"({"isAvailable":true})"));
        QCOMPARE(descriptionMessage("offer", "v=0\r\n"),
                 std::string(R"({"data":{"sdp":{"sdp":"v=0\r\n","type":"offer"}}})"));
        QCOMPARE(statusMessage("a.b", "why"),
                 std::string(R"({"data":{"code":"a.b","message":"why","type":"status"}})"));
        QCOMPARE(errorMessage(Error{ErrorCode::NotFound, "Not \xff here.", "Go.", {}}, 404),
                 std::string(R"({"data":{"message":"Not )"
                             "\xef\xbf\xbd"
                             R"( here. Go.","status":404,"type":"error"}})"));
        QCOMPARE(unpublishedMessage(), std::string(R"({"data":{"status":"NetStream.Play.UnpublishNotify"}})"));
        QCOMPARE(native::parse(metadataMessage())->value("type", ""), std::string("metadata"));
    }
};

QTEST_APPLESS_MAIN(SignallingMessagesTest)
#include "signalling_messages_test.moc"
