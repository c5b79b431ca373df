#include "core/wire/native_codec.h"
#include "tests/plane/api_client.h"
#include "tests/support/plane_parts.h"

#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <set>

using namespace headgate::test;

namespace {

QString program()
{
    return qEnvironmentVariable("HEADGATE_BIN_DIR", QCoreApplication::applicationDirPath() + "/../bin") + "/headgated";
}

}  // namespace

// headgated as an operator starts it.
class ApiServerProgramTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void theFirstStartShowsHowToMakeAnAccount()
    {
        const QTemporaryDir directory;
        QProcess server;
        QVERIFY(start(server, directory, {}));
        QVERIFY(waitFor("Content-Type: application/json"));
        const QString token = QRegularExpression("\n    ([0-9a-f]{32})\n").match(m_output).captured(1);
        QVERIFY(!token.isEmpty());
        const nlohmann::json wish{
            {"token", token.toStdString()}, {"username", "admin"}, {"password", "correct horse battery"}};
        QCOMPARE(call(m_port, "POST", "/api/v1/setup", {}, wish.dump()).status, 201);
        QCOMPARE(stop(server), 0);
        QVERIFY(start(server, directory, {}));
        QCOMPARE(stop(server), 0);
        QVERIFY(!m_output.contains("setup token"));
    }

    void thePasswordFileMakesTheAdminAndIsKeptFromOthers()
    {
        const QTemporaryDir directory;
        const QString path = directory.filePath("password");
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("correct horse battery\n") > 0);
        file.close();
        QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ReadGroup));
        QProcess server;
        QVERIFY(!start(server, directory, {"--admin-password-file", path}));
        QCOMPARE(server.exitCode(), 1);
        QVERIFY2(m_output.contains("chmod 600 " + path), qPrintable(m_output));
        QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner));
        for (int i = 0; i < 2; ++i) {
            QVERIFY(start(server, directory, {"--admin-password-file", path, "--token-minutes", "1"}));
            const Answer answer = call(m_port, "POST", "/as/v1/auth/login", {},
                                       R"({"username":"admin","password":"correct horse battery"})");
            QCOMPARE(answer.status, 200);
            QVERIFY(answer.json()["expiresIn"] == 60);
            QCOMPARE(stop(server), 0);
            QVERIFY(!m_output.contains("correct horse"));
        }
    }

    void addressesHaveTheLimitsThatWereAskedFor()
    {
        const QTemporaryDir directory;
        QProcess server;
        QVERIFY(start(server, directory, {"--connections-per-address", "1", "--rate-per-address", "1"}));
        RawConnection only(m_port, "127.0.0.5");
        const auto ask = [](RawConnection& client) {
            client.send(requestText("GET", "/api/v1/health"));
            return client.read();
        };
        for (int i = 0; i < 4; ++i)
            QCOMPARE(ask(only).status, 200);
        Answer refused;
        QVERIFY(becomesTrue([&] { return (refused = ask(only)).status == 429; }));
        QCOMPARE(refused.field("ratelimit-policy"), std::string("\"address\";q=1;w=1"));
        RawConnection second(m_port, "127.0.0.5");
        QVERIFY(second.read().body.find("Too many connections of this address") != std::string::npos);
        QCOMPARE(call(m_port, "GET", "/api/v1/health").status, 200);
        QCOMPARE(stop(server), 0);
    }

    void aPlanThatWasAcknowledgedOutlivesAKill()
    {
        const QTemporaryDir directory;
        QFile file(directory.filePath("password"));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("correct horse battery\n") > 0);
        file.close();
        QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::WriteOwner));
        std::set<std::string> acknowledged;
        std::size_t attempts = 0;
        for (int round = 0; round < 3; ++round) {
            QProcess server;
            QVERIFY2(start(server, directory, {"--admin-password-file", file.fileName()}), qPrintable(m_output));
            const Fields fields{{"Authorization", "Bearer " + token()}};
            if (round == 0) {
                const auto group = headgate::native::toJson(sampleGroup("live", 0, 0));
                QCOMPARE(call(m_port, "POST", "/api/v1/node-groups", fields, group.dump()).status, 201);
            }
            const auto here = idsOf(call(m_port, "GET", "/api/v1/overlays", fields).json());
            QVERIFY(std::ranges::includes(here, acknowledged));
            QVERIFY(here.size() <= attempts);
            for (int i = 0; i < 5; ++i) {
                const Answer made = call(m_port, "POST", "/api/v1/overlays", fields, overlayText(++attempts));
                QVERIFY2(made.status == 201, made.body.c_str());
                acknowledged.insert("o" + std::to_string(attempts));
            }
            // One more is under way when it ends.
            RawConnection last(m_port);
            last.send(requestText("POST", "/api/v1/overlays", fields, overlayText(++attempts)));
            ::kill(static_cast<pid_t>(server.processId()), SIGKILL);
            QVERIFY(server.waitForFinished(20'000));
        }
        QProcess server;
        QVERIFY(start(server, directory, {}));
        const Fields fields{{"Authorization", "Bearer " + token()}};
        const auto here = idsOf(call(m_port, "GET", "/api/v1/overlays", fields).json());
        QVERIFY(std::ranges::includes(here, acknowledged));
        const Answer plan = call(m_port, "GET", "/api/v1/plan", fields);
        QCOMPARE(plan.json()["items"].size(), here.size());
        QCOMPARE(stop(server), 0);
    }

    void clientsThatTrustItsAuthorityTalkOverHttps()
    {
        const QTemporaryDir directory;
        QProcess server;
        QVERIFY2(start(server, directory, {"--tls", "--host-name", "media.example"}), qPrintable(m_output));
        const QString authority = directory.filePath("data/authority.pem");
        QVERIFY2(m_output.contains(authority), qPrintable(m_output));
        QVERIFY(waitFor("--cacert " + authority));
        const QString port = QString::number(m_port);
        const QString health = "https://127.0.0.1:" + port + "/api/v1/health";
        QCOMPARE(curl({"--cacert", authority, health}), QString("200"));
        QCOMPARE(curl({"--cacert", authority, "--resolve", "media.example:" + port + ":127.0.0.1",
                       "https://media.example:" + port + "/api/v1/health"}),
                 QString("200"));
        QCOMPARE(curl({health}), QString("failed 60"));  // CURLE_PEER_FAILED_VERIFICATION
        QCOMPARE(curl({"--cacert", authority, "--resolve", "other.example:" + port + ":127.0.0.1",
                       "https://other.example:" + port + "/api/v1/health"}),
                 QString("failed 60"));
        QCOMPARE(curl({"http://127.0.0.1:" + port + "/api/v1/health"}), QString("400"));
        QCOMPARE(stop(server), 0);
        // Who trusted it goes on doing so.
        QVERIFY(start(server, directory, {"--tls"}));
        QCOMPARE(curl({"--cacert", authority, "https://localhost:" + QString::number(m_port) + "/api/v1/health"}),
                 QString("200"));
        QCOMPARE(stop(server), 0);
    }

    void otherMachinesAreLetInOverHttpsOrIfThatIsSaid()
    {
        const QTemporaryDir directory;
        QProcess server;
        QVERIFY2(start(server, directory, {"--tls", "--listen", "0.0.0.0:0"}), qPrintable(m_output));
        QCOMPARE(curl({"--cacert", directory.filePath("data/authority.pem"),
                       "https://127.0.0.1:" + QString::number(m_port) + "/api/v1/health"}),
                 QString("200"));
        QCOMPARE(stop(server), 0);
        QVERIFY2(start(server, directory, {"--plain-http", "--listen", "0.0.0.0:0"}), qPrintable(m_output));
        QCOMPARE(call(m_port, "GET", "/api/v1/health").status, 200);
        QCOMPARE(call(m_port, "GET", "/api/v1/health", {{"Host", "rebound.example"}}).status, 421);
        QCOMPARE(stop(server), 0);
    }

    void aCertificateOfOnesOwnIsReadAgain()
    {
        const QTemporaryDir directory;
        const QString certificate = directory.filePath("c.pem"), key = directory.filePath("k.pem");
        const QStringList wish{"req",
                               "-x509",
                               "-newkey",
                               "ec",
                               "-pkeyopt",
                               "ec_paramgen_curve:P-256",
                               "-nodes",
                               "-subj",
                               "/CN=x",
                               "-addext",
                               "subjectAltName=IP:127.0.0.1",
                               "-days",
                               "2",
                               "-out",
                               certificate,
                               "-keyout",
                               key};
        QCOMPARE(QProcess::execute("openssl", wish), 0);
        QProcess server;
        QVERIFY2(start(server, directory, {"--certificate", certificate, "--key", key}), qPrintable(m_output));
        const QString health = "https://127.0.0.1:" + QString::number(m_port) + "/api/v1/health";
        QCOMPARE(curl({"--cacert", certificate, health}), QString("200"));
        QCOMPARE(QProcess::execute("openssl", wish), 0);
        QVERIFY(becomesTrue([&] { return curl({"--cacert", certificate, health}) == "200"; }));
        QCOMPARE(stop(server), 0);
    }

    void wrongWishesAreExplained_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("words");
        QTest::newRow("no directory") << QStringList{} << 2 << "--data-dir is missing";
        QTest::newRow("unknown option") << QStringList{"--data-dir", "D", "--bogus", "1"} << 2 << "--bogus";
        QTest::newRow("no value") << QStringList{"--data-dir"} << 2 << "needs a value";
        QTest::newRow("no port") << QStringList{"--data-dir", "D", "--listen", "127.0.0.1"} << 2 << "ADDRESS:PORT";
        QTest::newRow("platform") << QStringList{"--data-dir", "D", "--platform-map", "AWS"} << 2 << "FROM=TO";
        QTest::newRow("beyond loopback") << QStringList{"--data-dir", "D", "--listen", "0.0.0.0:0"} << 2 << "--tls";
        QTest::newRow("TLS twice") << QStringList{"--data-dir", "D", "--tls", "--certificate", "F", "--key", "F"} << 2
                                   << "one of them";
        QTest::newRow("no key") << QStringList{"--data-dir", "D", "--certificate", "F"} << 2 << "Give both";
        QTest::newRow("TLS or not") << QStringList{"--data-dir", "D", "--tls", "--plain-http"} << 2 << "Leave it out";
        QTest::newRow("certificate") << QStringList{"--data-dir", "D", "--certificate", "/nonexistent", "--key", "F"}
                                     << 1 << "/nonexistent";
        QTest::newRow("nodes' port") << QStringList{"--data-dir", "D", "--node-listen", "127.0.0.1:0"} << 2
                                     << "other than 0";
        for (const char* limit : {"--connections-per-address", "--rate-per-address", "--rate-per-session"}) {
            for (const char* number : {"-1", "many", "100001", "1x"})
                QTest::addRow("%s %s", limit, number)
                    << QStringList{"--data-dir", "D", limit, number} << 2 << QString(limit) + " takes a number";
        }
        QTest::newRow("token minutes") << QStringList{"--data-dir", "D", "--token-minutes", "0"} << 2 << "1 to 1440";
        QTest::newRow("host name") << QStringList{"--data-dir", "D", "--tls", "--host-name", "a b"} << 2 << "a b";
        QTest::newRow("password file") << QStringList{"--data-dir", "D", "--admin-password-file", "/nonexistent"} << 1
                                       << "no file";
        QTest::newRow("help") << QStringList{"--help"} << 0 << "Usage: headgated";
        QTest::newRow("version") << QStringList{"--version"} << 0 << "headgated";
    }
    void wrongWishesAreExplained()
    {
        QFETCH(QStringList, arguments);
        QFETCH(int, status);
        QFETCH(QString, words);
        const QTemporaryDir directory;
        arguments.replaceInStrings(QRegularExpression("^D$"), directory.filePath("data"));
        QProcess server;
        server.setProcessChannelMode(QProcess::MergedChannels);
        server.start(program(), arguments);
        QVERIFY(server.waitForFinished());
        QCOMPARE(server.exitCode(), status);
        const QString output = server.readAll();
        QVERIFY2(output.contains(words), qPrintable(output));
    }

private:
    std::string token() const
    {
        const Answer answer =
            call(m_port, "POST", "/as/v1/auth/login", {}, R"({"username":"admin","password":"correct horse battery"})");
        return answer.json().value("token", "");
    }

    static std::string overlayText(std::size_t number)
    {
        return nlohmann::json{{"id", "o" + std::to_string(number)},
                              {"scope", {{"nodeGroup", "live"}}},
                              {"from", "2099-06-01T18:00:00Z"},
                              {"to", "2099-06-01T20:00:00Z"},
                              {"op", {{"kind", "floor"}, {"nodes", 0}}}}
            .dump();
    }

    static std::set<std::string> idsOf(const nlohmann::json& answer)
    {
        std::set<std::string> ids;
        for (const auto& each : answer["overlays"])
            ids.insert(each["item"]["id"].get<std::string>());
        return ids;
    }

    // False if it ended instead of listening.
    bool start(QProcess& server, const QTemporaryDir& directory, const QStringList& more)
    {
        m_server = &server;
        m_output.clear();
        server.setProcessChannelMode(QProcess::MergedChannels);
        server.start(program(), QStringList{"--data-dir", directory.filePath("data"), "--listen", "127.0.0.1:0",
                                            "--local-network", QString("127.%1.0.0/16").arg(128 + ::getpid() % 100)} +
                                    more);
        if (!waitFor("listens on")) {
            server.waitForFinished();
            return false;
        }
        const auto match =
            QRegularExpression("listens on https?://(?:127\\.0\\.0\\.1|localhost):(\\d+)").match(m_output);
        m_port = static_cast<std::uint16_t>(match.captured(1).toInt());
        return m_port != 0;
    }

    // The status, or "failed" and how curl ended.
    static QString curl(const QStringList& arguments)
    {
        QProcess client;
        client.start("curl", QStringList{"-s", "-o", "/dev/null", "-w", "%{http_code}", "-m", "20"} + arguments);
        if (!client.waitForFinished() || client.exitCode() != 0)
            return "failed " + QString::number(client.exitCode());
        return client.readAllStandardOutput();
    }

    bool waitFor(const QString& words)
    {
        while (!m_output.contains(words) || !m_output.endsWith('\n')) {
            const bool hasMore = m_server->waitForReadyRead(10'000);
            m_output += m_server->readAll();
            if (!hasMore)
                return m_output.contains(words);
        }
        return true;
    }

    int stop(QProcess& server)
    {
        ::kill(static_cast<pid_t>(server.processId()), SIGTERM);
        if (!server.waitForFinished(20'000))
            return -1;
        m_output += server.readAll();
        return server.exitStatus() == QProcess::NormalExit ? server.exitCode() : -2;
    }

    QProcess* m_server = nullptr;
    QString m_output;
    std::uint16_t m_port = 0;
};

QTEST_GUILESS_MAIN(ApiServerProgramTest)
#include "api_server_program_test.moc"
