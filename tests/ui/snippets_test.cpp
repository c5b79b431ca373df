#include "tests/support/sample_snapshot.h"
#include "ui/models/node_wish.h"
#include "ui/models/quoting.h"
#include "ui/models/snippets.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTest>

using namespace headgate;
using snippets::Snippet;
using snippets::Target;
using snippets::Tool;

namespace {

struct ShellOutput
{
    QString said;
    QString complained;
};

ShellOutput bash(const QStringList& arguments)
{
    QProcess process;
    process.start("bash", arguments);
    process.waitForFinished();
    return {QString::fromUtf8(process.readAllStandardOutput()), QString::fromUtf8(process.readAllStandardError())};
}

}  // namespace

class SnippetsTest : public QObject
{
    Q_OBJECT

private:
    static Target target(RoutePurpose purpose)
    {
        Target target;
        target.purpose = purpose;
        target.nodeGroup = NodeGroupName("eu-live");
        target.stream = {"live/room1", "show1"};
        target.node.address = "127.77.0.2";
        target.apiUrl = "http://127.0.0.1:5080";
        target.apiUser = "ops";
        return target;
    }

    static QString everything(const Target& target)
    {
        QString all;
        for (const Tool tool : snippets::toolsFor(target.purpose))
            for (const Snippet& snippet : snippets::snippetsFor(tool, target))
                all += snippet.code + '\n';
        return all;
    }

    static void addHardTexts()
    {
        QTest::addColumn<QString>("text");
        for (const char* text : {"plain", "", "two words", "it's", "$(reboot)", "`reboot`", "a\"b\\c", "line\nline",
                                 "!x", "~", "-rf", "</script><script>", "a&b;c|d", "*?[]{}", "\xc3\xbc\xe2\x80\xa8"})
            QTest::newRow(text) << QString::fromUtf8(text);
    }

private Q_SLOTS:
    void shellTakesAWordAsItWas_data() { addHardTexts(); }

    void shellTakesAWordAsItWas()
    {
        QFETCH(QString, text);
        const ShellOutput output = bash({"-c", "printf '%s' " + quoting::shellWord(text)});
        QCOMPARE(output.said, text);
        QCOMPARE(output.complained, QString());
    }

    void scriptTakesATextAsItWas_data() { addHardTexts(); }

    // Of JavaScript's string literals JSON has all but the kind of quotes and \'.
    void scriptTakesATextAsItWas()
    {
        QFETCH(QString, text);
        QString literal = quoting::javaScript(text);
        QVERIFY(!literal.contains('<') && !literal.contains('\n') && !literal.contains(QChar(0x2028)));
        literal = literal.mid(1, literal.size() - 2).replace("\\'", "'").replace('"', "\\\"");
        QCOMPARE(QJsonDocument::fromJson("[\"" + literal.toUtf8() + "\"]").array()[0].toString(), text);
        QCOMPARE(QJsonDocument::fromJson('[' + quoting::json(text).toUtf8() + ']').array()[0].toString(), text);
    }

    void obsPutsServerAndKeyTogetherAgain()
    {
        Target publish = target(RoutePurpose::Publish);
        publish.node.rtmpPort = 19351;
        const std::vector<Snippet> all = snippets::snippetsFor(Tool::Obs, publish);
        QCOMPARE(all[0].code, QString("rtmp://127.77.0.2:19351/live/room1"));
        QCOMPARE(all[1].code, QString("show1"));
        const QJsonObject settings = QJsonDocument::fromJson(all[2].code.toUtf8()).object()["settings"].toObject();
        QCOMPARE(settings["server"].toString() + '/' + settings["key"].toString(), snippets::addresses(publish)[0].url);
    }

    void everyShellSnippetIsOneThatTheShellUnderstands_data()
    {
        QTest::addColumn<QString>("address");
        QTest::addColumn<QString>("user");
        QTest::addRow("usual") << "127.77.0.2"
                               << "ops";
        QTest::addRow("ipv6") << "fd00::2"
                              << "o'brien $(reboot) <b>";
        QTest::addRow("nobody signed in") << "127.77.0.2"
                                          << "";
    }

    void everyShellSnippetIsOneThatTheShellUnderstands()
    {
        QFETCH(QString, address);
        QFETCH(QString, user);
        for (const RoutePurpose purpose : {RoutePurpose::Publish, RoutePurpose::Subscribe}) {
            Target hard = target(purpose);
            hard.node.address = address.toStdString();
            hard.apiUser = user;
            for (const Tool tool :
                 {Tool::Ffmpeg, Tool::GStreamer, Tool::Players, Tool::StreamManager, Tool::Headgatectl})
                for (const Snippet& snippet : snippets::snippetsFor(tool, hard))
                    if (!snippet.code.startsWith("const "))
                        QCOMPARE(bash({"-n", "-c", snippet.code}).complained, QString());
        }
    }

    void sixthVersionOfTheInternetHasBrackets()
    {
        Target watch = target(RoutePurpose::Subscribe);
        watch.node.address = "fd00::2";
        QCOMPARE(snippets::addresses(watch)[1].url, QString("http://[fd00::2]:5080/live/room1/show1.flv"));
        QCOMPARE(snippets::addresses(watch)[2].url, QString("ws://[fd00::2]:5080/live/room1/show1.flv"));
        QCOMPARE(snippets::addresses(watch)[3].url, QString("http://[fd00::2]:5080/live/room1/show1.m3u8"));
        QCOMPARE(snippets::addresses(watch).size(), std::size_t(4));
        watch.node.srtPort = 8890;
        watch.node.rtspPort = 8554;
        watch.node.webrtcPort = 8189;
        QCOMPARE(snippets::addresses(watch)[4].url, QString("srt://[fd00::2]:8890?streamid=live/room1/show1"));
        QCOMPARE(snippets::addresses(watch)[5].url, QString("rtsp://[fd00::2]:8554/live/room1/show1"));
        QCOMPARE(snippets::addresses(watch)[6].url, QString("http://[fd00::2]:5080/whep/live/room1/show1"));
        watch.apiUrl = "https://media.example:5443";
        watch.nodeGroup.value = "eu & us";
        QCOMPARE(snippets::addresses(watch)[7].url,
                 QString("https://media.example:5443/test/?stream=live/room1/show1&nodeGroup=eu%20%26%20us"));
        Target publish = target(RoutePurpose::Publish);
        publish.node.srtPort = 8890;
        publish.node.webrtcPort = 8189;
        QVERIFY(snippets::addresses(publish)[1].url.endsWith(":8890?streamid=publish/live/room1/show1"));
        QVERIFY(snippets::addresses(publish)[2].url.endsWith("/whip/live/room1/show1"));
        QVERIFY(everything(watch).contains("rtmp://[\\(.serverAddress)]:"));
        QVERIFY(everything(watch).contains("rtmp://[${place.serverAddress}]:"));
    }

    void callsNameHostGroupRegionAndUser()
    {
        Target watch = target(RoutePurpose::Subscribe);
        watch.nodeGroup = NodeGroupName("eu live&more");
        watch.region = "eu-central-1";
        const QString all = everything(watch);
        QVERIFY(all.contains("http://127.0.0.1:5080/as/v1/streams/live/room1/show1/subscribe?nodeGroup=eu%20live%26more"
                             "&region=eu-central-1"));
        QVERIFY(all.contains("-u ops:\"$HEADGATE_PASSWORD\""));
        QVERIFY(all.contains("username: 'ops', password: process.env.HEADGATE_PASSWORD"));
    }

    void withoutAnApiThereIsNothingToCall()
    {
        Target watch = target(RoutePurpose::Subscribe);
        watch.apiUrl.clear();
        QVERIFY(snippets::snippetsFor(Tool::StreamManager, watch).empty());
        QVERIFY(snippets::snippetsFor(Tool::Headgatectl, watch).empty());
        QVERIFY(!everything(watch).contains("/as/v1"));
    }

    void nodeStaysWhileItServes()
    {
        const SnapshotPtr snapshot = test::sampleCluster().build();
        const NodeGroupName group("eu-live");
        const auto at = [&](NodeWish wish, const char* present) {
            const NodeStatus* node = nodeFor(*snapshot, group, RoutePurpose::Subscribe, wish, NodeId(present));
            return node ? node->node.id.value : std::string();
        };
        QCOMPARE(at({}, ""), std::string("dEdgeLon01"));            // the fewest viewers; dEdgeLon02 only starts
        QCOMPARE(at({}, "bEdgeFra01"), std::string("bEdgeFra01"));  // as before
        QCOMPARE(at({"eu-central-1", {}}, ""), std::string("cEdgeFra02"));
        QCOMPARE(at({{}, NodeId("bEdgeFra01")}, "cEdgeFra02"), std::string("bEdgeFra01"));
        QCOMPARE(at({"us-east-1", {}}, ""), std::string());  // of the other group
        const std::vector<NodeWishChoice> wishes = nodeWishes(*snapshot, group, RoutePurpose::Publish);
        QCOMPARE(wishes.size(), std::size_t(3));
        QCOMPARE(wishes[2].name, QString("aOriginFra, Frankfurt"));
    }
};

QTEST_GUILESS_MAIN(SnippetsTest)
#include "snippets_test.moc"
