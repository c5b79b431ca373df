#include "tests/support/cluster_fixture.h"

#include <QCoreApplication>
#include <QFile>
#include <QTest>

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

using namespace headgate::test;

namespace {

const QString server = QStringLiteral("https://10.77.0.1:5443");

constexpr const char* group = R"({
  "name": "phones", "cloudPlatform": "LOCAL",
  "images": [{"name": "node", "image": "node-0.1"}],
  "roles": [{"name": "origin", "imageName": "node", "capabilities": ["publish", "subscribe"]}],
  "subgroups": [{"name": "here", "cloudProperties": "region=us-east", "rules": [{"roleName": "origin", "min": 1, "max": 1}]}],
  "access": {"kind": "digest-token", "digestSecret": "whisper"}})";

// A network of its own for the server, with one more for the phone at the other end of a cable.
bool enterOwnNetwork()
{
    const uid_t user = ::getuid();
    const gid_t userGroup = ::getgid();
    if (::unshare(CLONE_NEWNET) == 0)
        return true;
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        return false;
    const auto write = [](const char* file, const std::string& text) {
        const int fd = ::open(file, O_WRONLY | O_CLOEXEC);
        const bool isWritten = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
        ::close(fd);
        return isWritten;
    };
    return write("/proc/self/setgroups", "deny") && write("/proc/self/uid_map", "0 " + std::to_string(user) + " 1") &&
           write("/proc/self/gid_map", "0 " + std::to_string(userGroup) + " 1");
}

QString clicking(const QString& what)
{
    return QStringLiteral("document.querySelector('%1').click()").arg(what);
}

QString stateOf(const QString& panel)
{
    return QStringLiteral("document.querySelector('#%1 .state')").arg(panel);
}

// Of the figure, as it is shown.
QString figureOf(const QString& panel, const QString& name)
{
    return QStringLiteral(
               "([...document.querySelectorAll('#%1 dt')].find(each => each.textContent === '%2')?.nextSibling."
               "textContent ?? '')")
        .arg(panel, name);
}

}  // namespace

// The page at /test/ of a real control plane, in a real browser on another machine, as far as the network tells.
class TestPageTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase() { m_server.terminate(), m_server.waitForEnd(20'000); }
    void partsOfThePageKeepToItsPolicy();
    void refusalsAreExplained();
    void phonePublishesAndWatches_data();
    void phonePublishesAndWatches();

private:
    QJsonObject drive(const QJsonArray& orders, const QJsonObject& looks = {});
    QByteArray curl(const QStringList& arguments);
    QString report() const { return m_server.log().right(4000); }

    QTemporaryDir m_dir{QStringLiteral("/tmp/hg-page-XXXXXX")};
    Child m_server, m_phone;
    QByteArray m_token;
    QString m_key;  // of the authority, as Chromium takes it
};

void TestPageTest::initTestCase()
{
    m_phone.start("unshare", {"--net", "sleep", "400"}, m_dir.filePath("phone.log"));
    const QString phone = QString::number(m_phone.pid());
    // Once unshare has become sleep, the phone has its network.
    QVERIFY(waitUntil(
        [&] {
            QFile name("/proc/" + phone + "/comm");
            return name.open(QIODevice::ReadOnly) && name.readAll() == "sleep\n";
        },
        10'000));
    const ToolOutput cable = runTool(
        "sh",
        {"-ec", "ip link set lo up; ip link add here type veth peer name there; ip addr add 10.77.0.1/24 dev here; "
                "ip link set here up; ip link set there netns " +
                    phone + "; nsenter --net=/proc/" + phone +
                    "/ns/net sh -ec 'ip link set lo up; ip addr add 10.77.0.2/24 dev there; ip link set there up'"});
    QVERIFY2(cable.exitCode == 0, cable.standardError);
    QFile password(m_dir.filePath("password"));
    QVERIFY(password.open(QIODevice::WriteOnly) && password.write("a rather long password\n") > 0);
    password.close();
    password.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner);
    m_server.start(Cluster::program("headgated"),
                   {"--data-dir", m_dir.filePath("data"), "--listen", "10.77.0.1:5443", "--tls", "--node-address",
                    "10.77.0.1", "--admin-password-file", password.fileName(), "--stop-nodes"},
                   m_dir.filePath("server.log"));
    QVERIFY2(waitUntil([this] { return curl({server + "/api/v1/health"}).contains("ok"); }, 30'000),
             qPrintable(report()));
    m_token =
        QJsonDocument::fromJson(curl({"-X", "PUT", "-u", "admin:a rather long password", server + "/as/v1/auth/login"}))
            .object()["token"]
            .toString()
            .toUtf8();
    const QString bearer = "Authorization: Bearer " + m_token;
    curl({"-H", bearer, "-H", "Content-Type: application/json", "-d", group, server + "/api/v1/node-groups"});
    QVERIFY2(waitUntil(
                 [&] {
                     return curl({"-H", bearer, server + "/api/v1/nodes"}).contains("INSERVICE");
                 },
                 60'000),
             curl({"-H", bearer, server + "/api/v1/nodes"}) + report().toUtf8());
    const ToolOutput key = runTool(
        "sh", {"-c", "openssl x509 -pubkey -noout -in " + m_dir.filePath("data/authority.pem") +
                         " | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | openssl base64"});
    m_key = key.standardOutput.trimmed();
}

QByteArray TestPageTest::curl(const QStringList& arguments)
{
    return runTool("curl",
                   QStringList{"-sS", "--max-time", "15", "--cacert", m_dir.filePath("data/authority.pem")} + arguments)
        .standardOutput;
}

// In the phone's network; pictures go to HEADGATE_SHOTS.
QJsonObject TestPageTest::drive(const QJsonArray& orders, const QJsonObject& looks)
{
    QJsonObject wish = looks;
    wish["arguments"] = QJsonArray{"--headless=new",
                                   "--no-sandbox",
                                   "--disable-gpu",
                                   "--no-first-run",
                                   "--disable-extensions",
                                   "--disable-background-networking",
                                   "--no-proxy-server",
                                   "--autoplay-policy=no-user-gesture-required",
                                   "--use-fake-device-for-media-stream",
                                   "--use-fake-ui-for-media-stream",
                                   "--ignore-certificate-errors-spki-list=" + m_key,
                                   "--user-data-dir=" + m_dir.filePath("profile")};
    wish["url"] = server + "/test/?stream=live/phone&nodeGroup=phones";
    wish["orders"] = orders;
    const QString phone = "/proc/" + QString::number(m_phone.pid()) + "/ns/net";
    const QString driver = qEnvironmentVariable("HEADGATE_SOURCE_DIR") + "/tests/support/drive_page.js";
    const ToolOutput ran = runTool(
        "nsenter",
        {"--net=" + phone, "timeout", "100", "node", driver, QJsonDocument(wish).toJson(QJsonDocument::Compact)},
        110'000);
    const QJsonObject said = QJsonDocument::fromJson(ran.standardOutput).object();
    return said.isEmpty() ? QJsonObject{{"error", QString(ran.standardError.right(2000))}} : said;
}

void TestPageTest::partsOfThePageKeepToItsPolicy()
{
    const QByteArray page = curl({"-i", server + "/test/"});
    QVERIFY2(page.contains("Content-Security-Policy: default-src 'none'") && page.contains("script-src 'self';"), page);
    QVERIFY(!page.contains("unsafe-inline") && !page.contains("style=") && !page.contains("onclick"));
    for (const char* part : {"/test/page.js", "/test/page.css"})
        QVERIFY2(curl({"-i", server + part}).contains("X-Content-Type-Options: nosniff"), part);
}

void TestPageTest::refusalsAreExplained()
{
    const QString notice = "document.querySelector('#watch .notice:not([hidden])')?.textContent";
    const QJsonObject seen = drive({QJsonObject{{"run", clicking("#watch button")}}, QJsonObject{{"until", notice}},
                                    QJsonObject{{"run", stateOf("watch") + ".textContent"}}});
    QVERIFY2(seen["given"][1].toString().contains("sign in") && seen["given"][1].toString().contains("(401)"),
             QJsonDocument(seen).toJson());
    QCOMPARE(seen["given"][2].toString(), QString("Failed"));
}

void TestPageTest::phonePublishesAndWatches_data()
{
    QTest::addColumn<QString>("source");
    QTest::addColumn<QJsonObject>("looks");
    QTest::newRow("camera") << "camera" << QJsonObject{{"width", 390}, {"height", 844}, {"dark", true}};
    QTest::newRow("pattern") << "pattern" << QJsonObject{{"width", 1240}, {"height", 900}, {"dark", false}};
}

void TestPageTest::phonePublishesAndWatches()
{
    QFETCH(QString, source);
    QFETCH(QJsonObject, looks);
    const auto until = [](const QString& expression) { return QJsonObject{{"until", expression}}; };
    const QString frames = "parseInt(" + figureOf("%1", "Frames") + ") >= 15";
    QJsonArray orders{
        QJsonObject{{"run", "settings.elements.user.value = 'admin'; "
                            "settings.elements.password.value = 'a rather long password'; signInButton.onclick()"}},
        until("document.getElementById('who').textContent === 'Signed in as admin'"),
        QJsonObject{{"run", "document.querySelector('[name=source]').value = '" + source + "'; " +
                                clicking("#publish button")}},
        until(stateOf("publish") + ".dataset.kind === 'air'"),
        until(frames.arg("publish")),
        QJsonObject{{"run", clicking("#watch button")}},
        until(stateOf("watch") + ".textContent.startsWith('Playing')"),
        until(frames.arg("watch") + " && parseInt(" + figureOf("watch", "Bit rate") + ") > 50"),
        QJsonObject{{"run", figureOf("watch", "Way")}},
        QJsonObject{{"run", figureOf("watch", "Round trip")}},
        QJsonObject{{"run", "document.documentElement.scrollWidth <= innerWidth"}},
    };
    const QString shots = qEnvironmentVariable("HEADGATE_SHOTS");
    if (!shots.isEmpty())
        orders.append(QJsonObject{{"shot", shots + "/test_page_" + source + ".png"}});
    const qsizetype stop = orders.size();
    orders.append(QJsonObject{{"run", clicking("#watch button") + ", " + clicking("#publish button")}});
    orders.append(until(stateOf("publish") + ".textContent === 'Off'"));
    const QJsonObject seen = drive(orders, looks);
    const QByteArray text = QJsonDocument(seen).toJson(QJsonDocument::Compact);
    qInfo().noquote() << text;
    QVERIFY2(seen["given"].toArray().size() == stop + 2, text + report().toUtf8());
    const QString way = seen["given"][8].toString();
    QVERIFY2(way.contains("10.77.0.1:") && way.contains("over udp"), text);
    QVERIFY2(seen["given"][9].toString().endsWith(" ms") && !seen["given"][9].toString().startsWith("–"), text);
    QVERIFY2(seen["given"][10].toBool(), "the page is wider than the screen");
    // What was stopped is gone at the node.
    QVERIFY(waitUntil(
        [&] {
            return QJsonDocument::fromJson(curl({"-H", "Authorization: Bearer " + m_token, server + "/api/v1/streams"}))
                .object()["streams"]
                .toArray()
                .isEmpty();
        },
        60'000));
}

int main(int argc, char** argv)
{
    if (!enterOwnNetwork()) {
        std::perror("This test wants a network namespace of its own, as root or where users may make them");
        return EXIT_FAILURE;
    }
    QCoreApplication app(argc, argv);
    TestPageTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "test_page_test.moc"
