#include "tests/support/lone_node.h"
#include "tests/support/stream_record.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTest>

using namespace headgate::test;

namespace {

// Takes the stream over both transports that a browser has, cuts it into FLV tags and reports what it saw once it has
// enough: counts, whether each tag's size stands behind it, and whether times grow for each kind.
constexpr const char* page = R"(<!doctype html><title>FLV</title><script>
const enough = 100;
class Flv {
    constructor() { this.rest = new Uint8Array(0); this.skip = 13; this.seen = {8: 0, 9: 0, 18: 0}; this.last = {}; this.wrong = ''; }
    append(bytes) {
        const all = new Uint8Array(this.rest.length + bytes.length);
        all.set(this.rest); all.set(bytes, this.rest.length);
        const view = new DataView(all.buffer);
        let at = 0;
        if (this.skip && all.length >= this.skip) {
            if (String.fromCharCode(all[0], all[1], all[2]) !== 'FLV') this.wrong = 'no FLV header';
            at = this.skip; this.skip = 0;
        }
        while (!this.skip && all.length - at >= 11) {
            const type = all[at], size = view.getUint32(at) & 0xFFFFFF;
            const time = (view.getUint32(at + 4) >>> 8) + all[at + 7] * 0x1000000;
            if (all.length - at < size + 15) break;
            if (view.getUint32(at + 11 + size) !== size + 11) this.wrong = 'size of a tag';
            if (type !== 18 && time < (this.last[type] ?? 0)) this.wrong = 'time of a tag';
            if (!(type in this.seen)) this.wrong = 'tag of type ' + type;
            this.seen[type]++; this.last[type] = time;
            at += size + 15;
        }
        this.rest = all.subarray(at);
    }
    done() { return this.wrong !== '' || (this.seen[8] >= enough && this.seen[9] >= enough); }
    report() { return {audio: this.seen[8], video: this.seen[9], wrong: this.wrong}; }
}
async function byFetch(url) {
    const flv = new Flv(), abort = new AbortController();
    const reader = (await fetch(url, {signal: abort.signal})).body.getReader();
    while (!flv.done()) {
        const {done, value} = await reader.read();
        if (done) break;
        flv.append(value);
    }
    abort.abort();
    return flv.report();
}
function byWebSocket(url) {
    return new Promise(resolve => {
        const flv = new Flv(), socket = new WebSocket(url.replace('http:', 'ws:'));
        socket.binaryType = 'arraybuffer';
        socket.onmessage = event => { flv.append(new Uint8Array(event.data)); if (flv.done()) socket.close(); };
        socket.onclose = event => resolve({...flv.report(), code: event.code});
    });
}
const say = result => fetch('/report', {method: 'POST', body: JSON.stringify(result)});
const url = decodeURIComponent(location.search.slice(1));
Promise.all([byFetch(url), byWebSocket(url)]).then(
    ([http, webSocket]) => say({http, webSocket}), error => say({error: String(error)}));
</script>)";

// Serves the page and takes its report.
class PageServer
{
public:
    PageServer()
    {
        m_server.listen(QHostAddress::LocalHost);
        QObject::connect(&m_server, &QTcpServer::newConnection, &m_server,
                         [this] { take(*m_server.nextPendingConnection()); });
    }

    QString url(const QString& stream) const
    {
        return QStringLiteral("http://127.0.0.1:%1/?%2").arg(m_server.serverPort()).arg(stream);
    }
    const QJsonObject& report() const { return m_report; }

private:
    void take(QTcpSocket& socket)
    {
        QObject::connect(&socket, &QTcpSocket::readyRead, &socket, [this, &socket, request = QByteArray()]() mutable {
            request += socket.readAll();
            const qsizetype head = request.indexOf("\r\n\r\n");
            if (head < 0)
                return;
            const QJsonDocument body = QJsonDocument::fromJson(request.mid(head + 4));
            if (request.startsWith("POST") && body.isNull())
                return;
            if (body.isObject())
                m_report = body.object();
            const QByteArray answer = request.startsWith("GET / HTTP") || request.startsWith("GET /?") ? page : "";
            socket.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/html\r\nContent-Length: " +
                         QByteArray::number(answer.size()) + "\r\n\r\n" + answer);
            socket.disconnectFromHost();
        });
    }

    QTcpServer m_server;
    QJsonObject m_report;
};

}  // namespace

class BrowserTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void pageReadsTheStreamOverBothTransports();
};

void BrowserTest::pageReadsTheStreamOverBothTransports()
{
    LoneNode node;
    QVERIFY2(node.start(), qPrintable(node.log()));
    Child publisher;
    publisher.start("ffmpeg", publishArguments(node.rtmp("live/show")), node.path("publisher.log"));
    QVERIFY2(waitUntil([&] { return node.log().contains("publishes live/show"); }, 20'000),
             qPrintable(publisher.log()));
    PageServer server;
    Child browser;
    browser.start("chromium",
                  {"--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions",
                   "--disable-background-networking", "--no-proxy-server", "--user-data-dir=" + node.path("profile"),
                   server.url(node.http("live/show"))},
                  node.path("browser.log"));
    const bool isReported = waitUntil([&] { return !server.report().isEmpty() || !browser.isRunning(); }, 60'000);
    browser.terminate();
    browser.waitForEnd(10'000);
    const QByteArray report = QJsonDocument(server.report()).toJson(QJsonDocument::Compact);
    QVERIFY2(isReported && !server.report().isEmpty(), qPrintable(browser.log() + node.log()));
    QVERIFY2(!server.report().contains("error"), report);
    for (const char* transport : {"http", "webSocket"}) {
        const QJsonObject seen = server.report()[QLatin1String(transport)].toObject();
        QVERIFY2(seen["wrong"].toString().isEmpty() && seen["video"].toInt() >= 100 && seen["audio"].toInt() >= 100,
                 report);
    }
}

QTEST_GUILESS_MAIN(BrowserTest)
#include "browser_test.moc"
